"""Moments before regimes: the baseline against the facts, row by row.

The facts, their tolerances and what was fitted on them stand in `moments.yaml`;
each row's figure is read from the indicators of the baseline's first three
years. Rows that fail stay in the table as failures.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.analysis.statistics import BAND
from model import Ensemble, Scenario
from world.yaml_file import read_yaml

YEARS = 3  # years of the 2025 world compared


def _yearly_growth(path: Any, first: int, last: int) -> Any:
    """OOM a year between two months of log10 paths."""
    return 12.0 * (path[:, last] - path[:, first]) / (last - first)


def _log10(values: Any) -> Any:
    return np.log10(np.maximum(values, 1.0))


def _run_cost_growth(v: Any) -> Any:
    dearest = np.maximum.accumulate(v["run_cost"], axis=1)
    return _yearly_growth(_log10(dearest), 5, 12 * YEARS - 1)


def _compute_growth(v: Any) -> Any:
    return _yearly_growth(v["largest_compute"], 0, 12 * YEARS - 1)


def _price_range(v: Any) -> Any:
    return v["frontier_price"].max(axis=1) / v["frontier_price"].min(axis=1)


def _final_run_share(v: Any) -> Any:
    compute = v["compute_share"] * v["research_spending"]
    return v["final_run_spending"].sum(axis=1) / compute.sum(axis=1)


MOMENTS: dict[str, Callable[[Any], Any]] = {
    "implied_lag": lambda v: v["imitation_lag"][:, 12:].mean(axis=1),
    "leader_margin": lambda v: v["leader_margin"].mean(axis=1),
    "training_compute_growth": _compute_growth,
    "run_cost_growth": _run_cost_growth,
    "run_cost": lambda v: v["run_cost"][:, :12].max(axis=1),
    "efficiency_growth": lambda v: _yearly_growth(v["frontier_efficiency"], 0, 12 * YEARS - 1),
    "catch_up": lambda v: -_yearly_growth(v["fixed_compute"], 0, 12 * YEARS - 1),
    "revenue_growth": lambda v: np.sqrt(v["revenue"][:, 23] / v["revenue"][:, 0]) ** (24 / 23),
    "capital_raised": lambda v: v["capital_raised"][:, :12].sum(axis=1),
    "value_to_revenue": lambda v: v["value_to_revenue"][:, :12].mean(axis=1),
    "fixed_price_fall": lambda v: -_yearly_growth(np.log10(v["fixed_price"]), 0, 12 * YEARS - 1),
    "frontier_price_range": _price_range,
    "compute_share": lambda v: v["compute_share"].mean(axis=1),
    "final_run_share": _final_run_share,
    "public_share": lambda v: v["public_spending"].sum(axis=1) / v["research_spending"].sum(axis=1),
}


def facts() -> list[dict[str, Any]]:
    """The rows of `moments.yaml`."""
    path = Path(__file__).with_name("moments.yaml")
    rows: list[dict[str, Any]] = read_yaml(path, "facts")
    return rows


def compare_with_facts(
    scenario: Scenario | None = None, members: int = 50, seed: int = 0, workers: int = 1
) -> pd.DataFrame:
    """Compare a scenario's first years with the facts.

    Returns
    -------
    pandas.DataFrame
        One row a moment: the model's median and 5-95 % band over seeds, the
        fact with its tolerance, the verdict, what was fitted, the source.
    """
    runs = Ensemble(
        scenario or Scenario.load("baseline"),
        range(seed, seed + members),
        until=f"{2025 + YEARS - 1}-12",
        workers=workers,
    ).run()
    rows = []
    for fact in facts():
        found = MOMENTS[fact["name"]](runs.values)
        low, median, high = np.quantile(found, BAND)
        rows.append({
            "moment": fact["name"],
            "unit": fact["unit"],
            "model": median,
            "model_5": low,
            "model_95": high,
            "fact": fact["fact"],
            "low": fact["low"],
            "high": fact["high"],
            "verdict": "ok" if fact["low"] <= median <= fact["high"] else "FAILS",
            "window": fact["window"],
            "fitted": fact["fitted"],
            "source": fact["source"],
        })
    return pd.DataFrame(rows)
