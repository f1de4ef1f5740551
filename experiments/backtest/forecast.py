"""The forecast from an origin: what was believed then, run forward by the model.

Each member is one history: parameters drawn from the prior, a start drawn by the model's own
opening rules, and luck, both from the member's seed. Nothing after the origin is known to it
but what the priors and the rules were chosen by.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from experiments.backtest.prior import draw
from model.engine import engine_of
from model.graph import Start, start_of
from model.rulebook import STANDARD
from model.run import Run, empty_indicators
from model.scenario import Scenario
from world.calendar import month_number, months_until
from world.errors import InputError
from world.files.read import shipped_worlds
from world.noise import checked_seed
from world.tables import Array


class Forecast(NamedTuple):
    """Histories from an origin.

    Attributes
    ----------
    values : record array, shape (members, months + 1)
        Indicators: of the opening at 0, before the first month, and of the k-th month at k.
    start : str
        Label of the first month.
    """

    values: Array
    start: str

    def window(self, indicator: str, first: str, last: str) -> Any:
        """Return an indicator, or the quotient of two, over months.

        Parameters
        ----------
        indicator : str
        first, last : str
            Months; the month before the first is the opening. An empty `first` is the first.

        Returns
        -------
        ndarray, shape (members, months)
            Not finite where a divisor is zero.
        """
        start = month_number(self.start) - 1
        months = slice(month_number(first or self.start) - start, month_number(last) - start + 1)
        over, _, under = indicator.partition("/")
        values = self.values[:, months]
        with np.errstate(divide="ignore", invalid="ignore"):
            return values[over] / values[under] if under else values[over]


def forecast(
    scenario: Scenario,
    origin: str,
    until: str,
    members: int = 400,
    seed: int = 0,
    workers: int = 1,
    progress: Callable[[int], None] | None = None,
    fixed: Collection[str] = (),
    world: str | Path | None = None,
) -> Forecast:
    """Run the forecast from an origin.

    Parameters
    ----------
    scenario : Scenario
        Parameters; what it changes, the prior leaves alone.
    origin : str
        First month, e.g. ``"2023-01"``; a world of this name begins there.
    until : str
        Last month.
    members : int
    seed : int
        Of the first member, and of the draw of the prior.
    workers : int
        Threads; the result does not depend on it.
    progress : callable, optional
        Is told the number of members finished.
    fixed : collection of str
        Further parameters that the prior leaves alone.
    world : str or Path, optional
        World that begins at the origin, by name or file (default: `world_of` the scenario).

    Returns
    -------
    Forecast

    Raises
    ------
    InputError
        No world begins at the origin, a bad last month or seed, or a bad prior.
    """
    first = checked_seed(seed)
    place = world or world_of(scenario, origin)
    read = start_at(origin, place)
    months = months_until(origin, until)
    kept = {*scenario.changed_parameters(), *fixed}
    drawn = [{name: value for name, value in values.items() if name not in kept}
             for values in draw(origin, members, first)]  # fmt: skip
    scenario = replace(scenario, world=str(place))
    found = np.empty((members, months + 1), dtype=STANDARD.indicator_type)

    def one(member: int) -> int:
        parameters = dict(scenario.parameters) | drawn[member]
        found[member] = history(read, parameters, first + member, months)
        return member + 1

    _spread(one, members, workers, progress)
    return Forecast(found, origin)


def world_of(scenario: Scenario, origin: str) -> str:
    """World of a backtest: the scenario's own, if it names another than the usual one."""
    return origin if scenario.world == Scenario().world else scenario.world


def start_at(origin: str, world: str | Path | None = None) -> Start:
    """Read the world in which a forecast begins.

    Parameters
    ----------
    origin : str
        Its first month.
    world : str or Path, optional
        Name or file (default: the shipped world of the origin).

    Raises
    ------
    InputError
        There is none, or it begins in another month.
    """
    month_number(origin, "origin")
    if world in (None, origin) and origin not in shipped_worlds():
        raise InputError(
            f"origin {origin}: no world begins there; allowed are {', '.join(shipped_worlds())}, "
            "or a world file by --world."
        )
    found = start_of(world or origin)
    if found.roster.start != origin:
        raise InputError(
            f"world {str(world)!r} begins in {found.roster.start}, and the forecast in {origin}: "
            "give the world of that month by --world, or a scenario that names none."
        )
    return found


def history(read: Start, parameters: dict[str, float], seed: int, months: int) -> Array:
    """Run one history and return its indicators, the opening's first, shape (months + 1,)."""
    run = Run(read.under(parameters), seed)
    rows = empty_indicators(months + 1)
    run.market.put("indicators", rows)
    engine_of(STANDARD, run.tables).observe_month(run.market, 0)
    run.run(months, rows[1:])
    return rows


def _spread(
    one: Callable[[int], int], members: int, workers: int, progress: Callable[[int], None] | None
) -> None:
    """Do one member after the other, by so many threads."""
    tell = progress or (lambda done: None)
    tell(one(0))  # compiles, once, before threads start
    with ThreadPoolExecutor(max(1, workers)) as pool:
        for done in pool.map(one, range(1, members)):
            tell(done)
