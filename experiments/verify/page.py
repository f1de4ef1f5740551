"""How results of `moat verify` are shown: a table for the terminal, a page for the documentation."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.verify.registry import CHECKS, Row

COMMAND = "moat verify --out docs/verify.md"
SIGNS = {"equal": "", "above": "> ", "below": "< "}
HEAD = ("case", "expected", "obtained", "tolerance", "verdict")


def texts(row: Row) -> tuple[str, str, str, str, str]:
    """A row as text: case, expected, obtained, tolerance, verdict."""
    return (
        row.case,
        f"{SIGNS[row.relation]}{row.expected:.6g}",
        f"{row.obtained:.6g}",
        f"{row.tolerance:.2g}" if row.tolerance else "none",
        "met" if row.met else "NOT MET",
    )


def summary(results: dict[str, list[Row]]) -> str:
    """One sentence: how many expectations are met."""
    rows = [row for found in results.values() for row in found]
    return f"{sum(row.met for row in rows)} of {len(rows)} expectations met."


def terminal_table(name: str, rows: Sequence[Row]) -> str:
    """One check for the terminal: claim, aligned rows, source."""
    check = CHECKS[name]
    cells = [HEAD, *(texts(row) for row in rows)]
    widths = [max(len(line[k]) for line in cells) for k in range(len(HEAD))]
    lines = [f"{name}: {check.claim}"]
    for line, note in zip(cells, ["", *(row.note for row in rows)], strict=True):
        text = "  ".join(
            cell.ljust(w) if k in (0, 4) else cell.rjust(w)
            for k, (cell, w) in enumerate(zip(line, widths, strict=True))
        )
        lines.append(f"  {text}  {note}".rstrip())
    return "\n".join([*lines, f"  Source: {check.source}"])


def declaration(name: str) -> list[str]:
    """What a check declares, in Markdown; the same whatever it returns."""
    check = CHECKS[name]
    equation = "\n".join(f"    {line}" if line else "" for line in check.equation.splitlines())
    return [
        f"## {name}", check.claim, equation, f"Configured: {check.configured}",
        f"Tolerance: {check.tolerance}", f"Source: {check.source}",
    ]  # fmt: skip


def markdown_page(results: dict[str, list[Row]], rules: str) -> str:
    """The page of results.

    Parameters
    ----------
    results : dict
        Rows by check.
    rules : str
        Version of the rules that returned them.
    """
    parts = [
        "# Moat against models whose answer is known",
        f"Written by `{COMMAND}`; rules {rules}. {summary(results)}",
        "`moat verify` configures Moat's own laws, rules and markets into each model below and "
        "compares. Expectations with a sign (`>`, `<`) must hold by more than the tolerance. A row "
        "that is not met is a finding about the model; it stays. `moat verify NAME` runs one check.",
    ]
    for name, rows in results.items():
        noted = any(row.note for row in rows)
        head = [*HEAD, "figures behind"] if noted else [*HEAD]
        table = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
        for row in rows:
            cells = [*texts(row), row.note] if noted else [*texts(row)]
            table.append("| " + " | ".join(cells) + " |")
        parts += [*declaration(name), "\n".join(table)]
    return "\n\n".join(parts) + "\n"
