"""The month as a Python text: loops over rows that perform a rulebook's sentences in their order."""

from __future__ import annotations

import linecache
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any

from model.observe import observe
from model.rulebook import Rulebook
from model.schedule import Phase
from world.state import Column
from world.tables import Tables


def sentence(phase: Phase, rows_of: Any) -> str:
    """Write the loop over those who act in a phase, as Python source of ``all_RULE(market)``."""
    lines = [f"def all_{phase.name}(market):"]
    if phase.who not in rows_of:
        return f"{lines[0]}\n    {phase.name}(market, 0)\n"
    lines += [
        f"    for turn in range(len(market.{phase.who})):",
        "        row = " + ("market.rotation[turn]" if phase.drawn else "turn"),
        f"        if market.{phase.who}[row].alive == 1:",
        f"            {phase.name}(market, row)",
    ]
    return "\n".join(lines) + "\n"


def source_of(name: str, sentences: Iterable[Phase]) -> str:
    """Write what performs some phases in turn, as Python source of ``name(market)``."""
    return "\n".join([f"def {name}(market):", *(f"    all_{p.name}(market)" for p in sentences)]) + "\n"


def clearing(name: str, columns: Mapping[str, tuple[Column, ...]]) -> str:
    """Write what sets all columns that live a month back to their opening."""
    lines = [f"def {name}(market):"]
    for place, declared in columns.items():
        short_lived = [c for c in declared if c.lives == "month"]
        if not short_lived:
            continue
        if place == "industry":
            lines += [f"    market.industry.{c.name} = {_zero(c)}" for c in short_lived]
            continue
        lines += [f"    for k in range(len(market.{place})):", f"        row = market.{place}[k]"]
        lines += [f"        row.{c.name} = {_zero(c)}" for c in short_lived]
    return "\n".join(lines) + "\n"


def _zero(column: Column) -> str:
    """Opening of a column that lives a month, as a number of the column's type."""
    value = float(column.opening or 0)
    return repr(value if column.type == "float" else int(value))


def observation(name: str, observers: int) -> str:
    """Write what fills row `t` of the indicators, by the standard and by extensions."""
    lines = [f"def {name}(market, t):", "    row = market.indicators[t]", "    observe(market, row)"]
    lines += [f"    observer_{k}(market, row)" for k in range(observers)]
    return "\n".join(lines) + "\n"


HISTORY = """
def run_history(market, months):
    for t in range(months):
        clear_month(market)
        run_month(market)
        observe_month(market, t)
        market.industry.month += 1
"""


def functions_of(rulebook: Rulebook) -> dict[str, Any]:
    """Return the pieces of a history as plain Python functions, by name.

    ``open_history(market)`` performs the opening's rules, ``clear_month(market)`` sets back
    the columns that live a month, ``run_month(market)`` performs the month's rules,
    ``observe_month(market, t)`` fills row `t` of the indicators, and
    ``run_history(market, months)`` is all these, month after month; ``all_RULE(market)``
    is one sentence.
    """
    phases = {phase.name: phase for phase in (*rulebook.opening, *rulebook.month)}
    known: dict[str, Any] = {name: phase.rule for name, phase in phases.items()}
    known |= {f"observer_{k}": observer for k, observer in enumerate(rulebook.observers)}
    known |= {"observe": observe, "__name__": __name__}
    texts = {f"all_{name}": sentence(phase, rulebook.tables) for name, phase in phases.items()} | {
        "open_history": source_of("open_history", rulebook.opening),
        "clear_month": clearing("clear_month", rulebook.columns),
        "run_month": source_of("run_month", rulebook.month),
        "observe_month": observation("observe_month", len(rulebook.observers)),
        "run_history": HISTORY,
    }
    return {name: _function(name, text, known) for name, text in texts.items()}


def _function(name: str, text: str, known: dict[str, Any]) -> Any:
    """Execute a text and return the function it defines, whose source can be asked for."""
    file = f"<{name} {blake2b(text.encode(), digest_size=8).hexdigest()}>"
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    exec(compile(text, file, "exec"), known)
    return known[name]


def settle(tables: Tables, rulebook: Rulebook) -> None:
    """Give columns opened by ``X, then column`` what the opening's rules made of that column."""
    for place, declared in rulebook.columns.items():
        for column in declared:
            _, _, then = column.opening.partition(", then ")
            if then:
                rows = getattr(tables, place)
                rows[column.name] = rows[then]
