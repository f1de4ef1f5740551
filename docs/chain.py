"""The chain's rows as README and docs/chain.md show them, from `docs/chain.json`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from experiments.chain.row import NO_TARGET, shown

KEPT = Path(__file__).with_suffix(".json")
README = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- chain: `make docs` -->\n", "<!-- /chain -->"
MET = {True: "met", False: "NOT MET", None: ""}


def kept() -> list[dict[str, Any]]:
    """The rows as `python -m experiments.chain --json` printed them."""
    found: list[dict[str, Any]] = json.loads(KEPT.read_text(encoding="utf-8"))
    return found


def rows(judged: bool) -> list[tuple[str, ...]]:
    """Case, figure, value with its interval, target, verdict; only those with a target if asked."""
    return [
        (row["case"], row["figure"], figure(row), row["target"], MET[row["met"]])
        for row in kept()
        if not judged or row["target"] != NO_TARGET
    ]


def figure(row: dict[str, Any]) -> str:
    """A value with its interval."""
    figures = (row[key] for key in ("value", "low", "high"))
    value, low, high = (shown(float("nan") if x is None else x) for x in figures)
    return value if value == low == high else f"{value} [{low}, {high}]"


def readme(table: str) -> str:
    """README with the table in its place."""
    text = README.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    return f"{before}{BEGIN}{table}\n{END}{rest.split(END)[1]}"
