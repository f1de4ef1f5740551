"""Settle the baseline on the train-window facts, before any scenario is looked at.

    python -m experiments.analysis.calibrate --tries 2000

draws parameter sets (Latin hypercube over the listed ranges), runs the first
three years of the baseline with each, and ranks them by their distance from
the rows of `moments.yaml` whose window is `train`: the distance of the median
from the fact in units of the tolerance, squared and added up. Rows of the
validate window are shown beside and count for nothing. It also says how many of
the sets meet each row, and which rows no set of the searched ranges meets together.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from experiments.analysis.moments import MOMENTS, YEARS, facts
from model import Ensemble, Scenario

# Parameters settled, and the part of their range searched: values that sources allow.
SEARCHED: dict[str, tuple[float, float]] = {
    "frontier_allocation": (0.3, 1.0),
    "ticket": (0.1, 0.55),
    "capital_response": (0.6, 1.1),
    "growth_horizon": (3.0, 6.0),
    "growth_learning": (0.0, 2.7),
    "kept_share": (0.2, 0.5),
    "prior_hazard": (0.5, 1.2),
    "hurdle": (0.7, 1.2),
    "customer_cost": (0.0, 0.8),
    "price_premium": (0.5, 1.0),
    "brand_margin": (0.05, 0.3),
    "exploration": (1.5, 5.0),
    "run_length": (3.0, 4.0),
    "rival_erosion": (0.05, 0.25),
    "leap_cost": (0.2, 2.0),
    "imitation_lag": (4.0, 6.5),
    "imitation_cost_share": (0.07, 0.15),
    "complement_value": (0.2, 0.35),
    "efficiency_pace": (0.45, 0.6),
    "hiring_speed": (0.04, 0.07),
    "labour_share": (0.23, 0.32),
    "market_slope": (0.42, 0.52),
    "public_frontier_share": (0.04, 0.08),
}


def designs(tries: int, seed: int) -> Iterator[dict[str, float]]:
    """Latin hypercube over the searched ranges."""
    rng = np.random.default_rng(seed)
    columns = {
        name: low + (high - low) * (rng.permutation(tries) + rng.random(tries)) / tries
        for name, (low, high) in SEARCHED.items()
    }
    for k in range(tries):
        yield {name: float(column[k]) for name, column in columns.items()}


def misfit(medians: dict[str, float], rows: list[dict[str, Any]]) -> float:
    """Distance of the medians from the train rows, in squared tolerances."""
    total = 0.0
    for row in rows:
        if row["window"] == "train":
            width = 0.5 * (row["high"] - row["low"])
            total += ((medians[row["name"]] - row["fact"]) / width) ** 2
    return total


def search(tries: int, members: int = 8, seed: int = 1, show: bool = True) -> pd.DataFrame:
    """Run the search; best first."""
    base = Scenario.load("baseline")
    rows = facts()
    found = []
    for k, design in enumerate(designs(tries, seed)):
        runs = Ensemble(base.with_(**design), range(members), f"{2024 + YEARS}-12").run()
        medians = {name: float(np.median(f(runs.values))) for name, f in MOMENTS.items()}
        found.append({"misfit": misfit(medians, rows), **design, **medians})
        if show and sys.stderr.isatty():
            print(f"\r{k + 1}/{tries}", end="", file=sys.stderr)
    return pd.DataFrame(found).sort_values("misfit", ignore_index=True)


def rows_met(found: pd.DataFrame) -> pd.DataFrame:
    """Which rows each parameter set meets: one column a row of facts, bool."""
    return pd.DataFrame(
        {row["name"]: found[row["name"]].between(row["low"], row["high"]) for row in facts()}
    )


def never_together(met: pd.DataFrame) -> list[tuple[str, str]]:
    """Pairs of rows that some sets meet, but none both."""
    possible = met.columns[met.any()]
    return [
        (a, b)
        for k, a in enumerate(possible)
        for b in possible[k + 1 :]
        if not (met[a] & met[b]).any()
    ]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=500)
    parser.add_argument("--members", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    best = search(given.tries, given.members, given.seed)
    print(best.head(10).T.to_string(float_format=lambda x: f"{x:.4g}"))
    met = rows_met(best)
    print("\nShare of the sets that meet each row:")
    print(met.mean().sort_values().to_string(float_format=lambda x: f"{x:.0%}"))
    print(f"One set meets at most {met.sum(axis=1).max()} of {met.shape[1]} rows.")
    for a, b in never_together(met):
        print(f"No set meets both {a} and {b}.")


if __name__ == "__main__":
    main()
