"""The compiled engine: a rulebook's month as one function of the market's tables."""

from __future__ import annotations

from functools import cache
from typing import Any

from model.observe import observe
from model.rulebook import Rulebook
from model.schedule import Phase
from world.compiled import loop
from world.state import Column
from world.tables import Tables


def source_of(name: str, rows_of: Any, sentences: tuple[Phase, ...]) -> str:
    """Write the loops over rows that perform some phases, as Python source of ``name(market)``."""
    lines = [f"def {name}(market):"]
    for phase in sentences:
        if phase.who not in rows_of:
            lines.append(f"    {phase.name}(market, 0)")
            continue
        lines += [
            f"    for turn in range(len(market.{phase.who})):",
            "        row = " + ("market.rotation[turn]" if phase.drawn else "turn"),
            f"        if market.{phase.who}[row].alive == 1:",
            f"            {phase.name}(market, row)",
        ]
    return "\n".join(lines) + "\n"


def clearing(name: str, columns: dict[str, tuple[Column, ...]]) -> str:
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


class Engine:
    """What both engines call: the pieces of a history, compiled from a rulebook.

    Attributes
    ----------
    open_history, clear_month, run_month : compiled
        ``(market)``: the opening's rules; the columns that live a month; the month's rules.
    observe : compiled
        ``(market, indicators, t)``: fill row `t` of the indicators.
    run_history : compiled
        ``(market, months, draws, indicators)``: run months of one history, `draws` being
        a tuple of uniform numbers of shape (months, slots, rows), one a table that is
        drawn monthly; `indicators` has one row a month.
    """

    def __init__(self, rulebook: Rulebook) -> None:
        rules = {phase.name: phase.rule for phase in (*rulebook.opening, *rulebook.month)}
        self.open_history = self._compiled(
            source_of("open_history", rulebook.tables, rulebook.opening), rules
        )
        self.clear_month = self._compiled(clearing("clear_month", rulebook.columns), {})
        self.run_month = self._compiled(
            source_of("run_month", rulebook.tables, rulebook.month), rules
        )
        self.observe = self._compiled(
            observation("observe_all", len(rulebook.observers)),
            {"observe": observe, **{f"observer_{k}": o for k, o in enumerate(rulebook.observers)}},
        )
        self.run_history = self._compiled(
            history("run_history", rulebook.drawn_monthly),
            {"clear_month": self.clear_month, "run_month": self.run_month, "observe": self.observe},
        )

    def _compiled(self, source: str, names: dict[str, Any]) -> Any:
        """Compile the one function of a source text."""
        name = source.partition("(")[0].removeprefix("def ")
        known = dict(names) | {"__name__": __name__}
        # Under this file's name, so that the compiled code is kept like any other.
        exec(compile(source, __file__, "exec"), known)
        return loop(known[name])


def observation(name: str, observers: int) -> str:
    """Write what fills one row of the indicators, by the standard and by extensions."""
    lines = [f"def {name}(market, indicators, t):", "    observe(market, indicators, t)"]
    lines += [f"    observer_{k}(market, indicators[t])" for k in range(observers)]
    return "\n".join(lines) + "\n"


def history(name: str, drawn: tuple[str, ...]) -> str:
    """Write the loop over months."""
    lines = [f"def {name}(market, months, draws, indicators):", "    for month in range(months):"]
    lines += [f"        market.{table}[:] = draws[{k}][month]" for k, table in enumerate(drawn)]
    lines += [
        "        clear_month(market)",
        "        run_month(market)",
        "        observe(market, indicators, month)",
        "        market.industry.month += 1",
    ]
    return "\n".join(lines) + "\n"


@cache
def engine_of(rulebook: Rulebook) -> Engine:
    """Return the engine of a rulebook; compiled once a process, on first use."""
    return Engine(rulebook)


def settle(tables: Tables, rulebook: Rulebook) -> None:
    """Give columns opened by ``X, then column`` what the opening's rules made of that column."""
    for place, declared in rulebook.columns.items():
        for column in declared:
            _, _, then = column.opening.partition(", then ")
            if then:
                rows = getattr(tables, place)
                rows[column.name] = rows[then]
