"""The main job: readings of one shock compared over ensembles of histories."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from experiments.analysis.event_study import event_study
from experiments.analysis.identity import described, identity
from experiments.analysis.statistics import BAND
from model import Ensemble, Market, Scenario
from model.ensemble import Runs
from model.regimes import over_24_months, private_money
from world.faults import Faults, shown
from world.files.read import read_world

YEARS = (0, 2, 5, 10, 15)  # whose ends the table shows, after that of the start


@dataclass(frozen=True)
class Comparison:
    """Everything the main job found for one scenario."""

    scenario: Scenario
    runs: Runs
    twin: Runs  # the same seeds where nobody can copy (`NOBODY_COPIES`)
    member: int  # the median history
    market: Market  # the same, replayed as live Mesa objects
    same: bool  # whether the replay equals the compiled member to the bit
    shock: pd.DataFrame  # per cent against the twin without the release
    described: dict[str, Any]  # scenario and world by name and content


def _yearly_sum(monthly: Any) -> Any:
    """Sum over the last 12 months of paths (members, months); NaN before there are so many."""
    total = np.cumsum(monthly, axis=1, dtype=float)
    total[:, 12:] = total[:, 12:] - total[:, :-12]
    total[:, :11] = np.nan
    return total


def _over_36_months(part: Any, whole: Any) -> Any:
    sums = [np.cumsum(paths, axis=1) for paths in (part, whole)]
    for k, paths in enumerate(sums):
        sums[k] = np.concatenate([paths[:, :36], paths[:, 36:] - paths[:, :-36]], axis=1)
    return sums[0] / np.maximum(sums[1], 1.0)


NOBODY_COPIES = {
    "imitation_cost_share": 1.0, "imitation_lag": 24.0, "copy_shortfall": 0.8, "spillover": 0.0,
}  # fmt: skip
"""Parameters of the twin market in which nothing is gained by copying."""

# What the table and the pictures show: name, unit, how it is read off the indicators.
ROWS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "frontier capability": ("OOM", lambda v: v["frontier_capability"]),
    "gap to followers": ("OOM", lambda v: v["gap"]),
    "capital raised": ("USD/year", lambda v: _yearly_sum(v["capital_raised"])),
    "private money": ("USD/year", lambda v: _yearly_sum(private_money(v))),
    "revenue": ("USD/year", lambda v: v["revenue"]),
    "leaders' gross margin": ("share", lambda v: v["leader_margin"]),
    "developers' value": ("USD", lambda v: v["equity"]),
    "believed imitation hazard": ("1/year", lambda v: v["hazard"]),
    "public share of research": (
        "share",
        lambda v: _over_36_months(v["public_spending"], v["research_spending"]),
    ),
    "incidents": ("1/year", lambda v: _yearly_sum(v["incidents"])),
}

# What is read off a history and what it is measured against, for the table alone.
MEASURED: dict[str, tuple[str, Callable[[Comparison], Any]]] = {
    "private money of 24 months over that of the two years before": (
        "ratio", lambda c: _private(c.runs) / max(1.0, c.runs.roster.before[""].private)
    ),
    "private money of 24 months over the twin's without copying": (
        "ratio", lambda c: _private(c.runs) / np.maximum(1.0, _private(c.twin))
    ),
    "frontier less the twin's without copying": (
        "OOM",
        lambda c: c.runs.values["frontier_capability"] - c.twin.values["frontier_capability"],
    ),
}  # fmt: skip


def _private(runs: Runs) -> Any:
    """Private money of 24 months, the first of which reach before the start."""
    return over_24_months(private_money(runs.values), runs.roster.before[""].private)


def compare(
    scenarios: Sequence[Scenario],
    members: int = 200,
    until: str = "2040-12",
    seed: int = 0,
    workers: int = 1,
    progress: Callable[[str, int], None] | None = None,
) -> list[Comparison]:
    """Run the ensembles, replay each median history in Mesa, pair the shock with its twin.

    `progress` is told the scenario and its histories done, of two a member: its own and the twin's.

    Raises
    ------
    InputError
        Two scenarios of one name; a month that is not in the history of one.
    """
    check_names(scenarios)
    found = []
    for scenario in scenarios:
        world = read_world(scenario.world)

        def told(done: int, name: str = scenario.name) -> None:
            if progress:
                progress(name, done)

        def told_twin(done: int, name: str = scenario.name) -> None:
            told(members + done, name)

        seeds = range(seed, seed + members)
        runs = Ensemble(scenario, seeds, until, workers=workers).run(told)
        without = scenario.with_(**NOBODY_COPIES)
        twin = Ensemble(without, seeds, until, workers=workers).run(told_twin)
        member = runs.median_member()
        market = Market.replay(runs, member)
        same = np.array_equal(np.asarray(market.indicators()), runs.values[member])
        shock = event_study(scenario, runs, world, workers)
        known = described(scenario, world)
        found.append(Comparison(scenario, runs, twin, member, market, same, shock, known))
    return found


def check_names(scenarios: Sequence[Scenario]) -> None:
    """`InputError` if there is no scenario, or if two could not be told apart in a table."""
    counts = Counter(scenario.name for scenario in scenarios)
    faults = Faults("compare")
    if not counts:
        faults.add("scenarios", "at least one is needed.")
    for name, count in counts.items():
        if count > 1:
            faults.add("scenarios", f"{count} are named {shown(name)}; names must differ.")
    faults.refuse_any()


def of(found: Sequence[Comparison]) -> dict[str, Any]:
    """What the result is of (`identity`); every frame of this module carries it in its `attrs`."""
    runs = found[0].runs
    known = {c.scenario.name: c.described for c in found}
    return identity(known, runs.seeds, runs.until, runs.ensemble.criteria)


def _labelled(frame: pd.DataFrame, found: Sequence[Comparison]) -> pd.DataFrame:
    frame.attrs = of(found)
    return frame


def dates_of(runs: Runs) -> list[str]:
    """Months that the table shows: ends of some years, and the last."""
    first = int(runs.roster.start[:4])
    ends = [date for year in YEARS if (date := f"{first + year}-12") in runs.dates()]
    return list(dict.fromkeys([*ends, runs.dates()[-1]]))


def table(found: Sequence[Comparison], dates: Sequence[str] = ()) -> pd.DataFrame:
    """Medians and 5-95 % bands by scenario, row and date (by default `dates_of` each).

    A row has no dates at which its year is not over yet.
    """
    rows = []
    for comparison in found:
        labels = comparison.runs.dates()
        shown = [(name, unit, read(comparison.runs.values)) for name, (unit, read) in ROWS.items()]
        shown += [(name, unit, read(comparison)) for name, (unit, read) in MEASURED.items()]
        for name, unit, paths in shown:
            for date in dates or dates_of(comparison.runs):
                if date in labels:
                    band = np.quantile(paths[:, labels.index(date)], BAND)
                    if not np.isnan(band).any():
                        rows.append([comparison.scenario.name, name, unit, date, *band])
    columns = ["scenario", "indicator", "unit", "date", "low", "median", "high"]
    return _labelled(pd.DataFrame(rows, columns=columns), found)


def regime_shares(found: Sequence[Comparison]) -> pd.DataFrame:
    """Share of histories in each regime: rows scenarios, columns regimes."""
    return _labelled(pd.DataFrame({c.scenario.name: c.runs.shares() for c in found}).T, found)


def collapses(found: Sequence[Comparison]) -> pd.DataFrame:
    """Share of histories whose funding collapsed, whichever label comes first; rows scenarios.

    `strict` and `lenient` are its range over the thresholds around those of the criteria, and
    over the ends of what is known of the money before (`model.regimes.aside`).
    """
    rows = {c.scenario.name: collapse_range(c.runs) for c in found}
    columns = ["collapsed", "strict", "lenient"]
    return _labelled(pd.DataFrame.from_dict(rows, "index", columns=columns), found)


def collapse_range(runs: Runs) -> tuple[float, float, float]:
    """Share of collapses in an ensemble, by the criteria, the strict and the lenient reading."""
    found = runs.regimes()
    names = ("collapsed", "collapsed_strict", "collapsed_lenient")
    mine, strict, lenient = (float(found[name].mean()) for name in names)
    return mine, strict, lenient
