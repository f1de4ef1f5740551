"""The main job: readings of one shock compared over ensembles of histories."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from experiments.analysis.event_study import event_study
from experiments.analysis.statistics import BAND
from model import Ensemble, Market, Scenario
from model.ensemble import Runs
from world.files.read import read_world

DATES = ("2025-12", "2027-12", "2030-12", "2035-12", "2040-12")


@dataclass(frozen=True)
class Comparison:
    """Everything the main job found for one scenario."""

    scenario: Scenario
    runs: Runs
    member: int  # the median history
    market: Market  # the same, replayed as live Mesa objects
    same: bool  # whether the replay equals the compiled member to the bit
    shock: pd.DataFrame  # per cent against the twin without the release


def _yearly_sum(monthly: Any) -> Any:
    """Sum over the last 12 months of paths (members, months)."""
    total = np.cumsum(monthly, axis=1)
    total[:, 12:] = total[:, 12:] - total[:, :-12]
    return total


def _over_36_months(part: Any, whole: Any) -> Any:
    sums = [np.cumsum(paths, axis=1) for paths in (part, whole)]
    for k, paths in enumerate(sums):
        sums[k] = np.concatenate([paths[:, :36], paths[:, 36:] - paths[:, :-36]], axis=1)
    return sums[0] / np.maximum(sums[1], 1.0)


# What the table and the pictures show: name, unit, how it is read off the indicators.
ROWS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "frontier capability": ("OOM", lambda v: v["frontier_capability"]),
    "gap to followers": ("OOM", lambda v: v["gap"]),
    "capital raised": ("USD/year", lambda v: _yearly_sum(v["capital_raised"])),
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


def compare(
    scenarios: Sequence[Scenario],
    members: int = 200,
    until: str = "2040-12",
    seed: int = 0,
    workers: int = 1,
    progress: Callable[[str, int], None] | None = None,
) -> list[Comparison]:
    """Run the ensembles, replay each median history in Mesa, pair the shock with its twin."""
    found = []
    for scenario in scenarios:
        world = read_world(scenario.world)

        def told(done: int, name: str = scenario.name) -> None:
            if progress:
                progress(name, done)

        seeds = range(seed, seed + members)
        runs = Ensemble(scenario, seeds, until, workers=workers).run(told)
        member = runs.median_member()
        market = Market.replay(runs, member)
        same = np.array_equal(np.asarray(market.indicators()), runs.values[member])
        shock = event_study(scenario, runs, world, workers)
        found.append(Comparison(scenario, runs, member, market, same, shock))
    return found


def table(found: Sequence[Comparison], dates: Sequence[str] = DATES) -> pd.DataFrame:
    """Medians and 5-95 % bands by scenario, row and date."""
    rows = []
    for comparison in found:
        labels = comparison.runs.dates()
        for name, (unit, read) in ROWS.items():
            paths = read(comparison.runs.values)
            for date in dates:
                if date in labels:
                    low, median, high = np.quantile(paths[:, labels.index(date)], BAND)
                    rows.append([comparison.scenario.name, name, unit, date, low, median, high])
    return pd.DataFrame(
        rows, columns=["scenario", "indicator", "unit", "date", "low", "median", "high"]
    )


def regime_shares(found: Sequence[Comparison]) -> pd.DataFrame:
    """Share of histories in each regime: rows scenarios, columns regimes."""
    return pd.DataFrame({c.scenario.name: c.runs.shares() for c in found}).T
