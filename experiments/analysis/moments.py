"""Moments before regimes: the baseline against the facts, row by row.

The facts and their tolerances stand in `moments.yaml`; each row's figure is read from the
indicators of the baseline's first three years, or is what one law makes of observed figures.
Rows that fail stay in the table as failures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.analysis.event_study import TWIN
from experiments.analysis.statistics import BAND
from model import Ensemble, Scenario
from world.calendar import month_label, months_until
from world.laws.demand import adopted_market, potential_market
from world.yaml_file import read_yaml

YEARS = 3  # years of the 2025 world compared
FED_FROM = "2023-01"  # where the law of adoption begins, with
SALES_THEN = 1.286e8  # USD a year of all developers (Epoch AI, prospectuses)


def _yearly_growth(path: Any, first: int, last: int) -> Any:
    """OOM a year between two months of log10 paths."""
    return 12.0 * (path[:, last] - path[:, first]) / (last - first)


def _log10(values: Any) -> Any:
    return np.log10(np.maximum(values, 1.0))


def _year(monthly: Any, number: int) -> Any:
    """Sum over a year of monthly figures."""
    return monthly[:, 12 * number : 12 * (number + 1)].sum(axis=1)


def _run_cost_growth(v: Any) -> Any:
    dearest = np.maximum.accumulate(v["run_cost"], axis=1)
    return _yearly_growth(_log10(dearest), 5, 12 * YEARS - 1)


def _compute_growth(v: Any) -> Any:
    return _yearly_growth(v["largest_compute"], 0, 12 * YEARS - 1)


def _compute_spending(v: Any) -> Any:
    """Research compute and what serves customers [USD a month]."""
    return v["compute_share"] * v["research_spending"] + (1.0 - v["gross_margin"]) * v["revenue"] / 12.0


def _compute_spending_growth(v: Any) -> Any:
    spent = _compute_spending(v)
    return _year(spent, 1) / _year(spent, 0)


def _final_run_share(v: Any) -> Any:
    compute = v["compute_share"] * v["research_spending"]
    return v["final_run_spending"].sum(axis=1) / compute.sum(axis=1)


def _parent_share(v: Any) -> Any:
    raised = v["capital_raised"][:, :24].sum(axis=1)
    return v["parent_capital"][:, :24].sum(axis=1) / np.maximum(raised, 1.0)


MOMENTS: dict[str, Callable[[Any], Any]] = {
    "implied_lag": lambda v: v["imitation_lag"][:, 12:].mean(axis=1),
    "gap": lambda v: v["gap"].mean(axis=1),
    "leader_margin": lambda v: v["leader_margin"].mean(axis=1),
    "training_compute_growth": _compute_growth,
    "run_cost_growth": _run_cost_growth,
    "compute_spending_growth": _compute_spending_growth,
    "incidents_growth": lambda v: _year(v["incidents"], 1) / np.maximum(_year(v["incidents"], 0), 1.0),
    "compute_premium": lambda v: v["compute_premium"].mean(axis=1),
    "run_cost": lambda v: v["run_cost"][:, :12].max(axis=1),
    "efficiency_growth": lambda v: _yearly_growth(v["frontier_efficiency"], 0, 12 * YEARS - 1),
    "catch_up": lambda v: -_yearly_growth(v["fixed_compute"], 0, 12 * YEARS - 1),
    "revenue_growth": lambda v: np.sqrt(v["revenue"][:, 23] / v["revenue"][:, 0]) ** (24 / 23),
    "capital_raised": lambda v: _year(v["outside_equity"], 0),
    "parent_share": _parent_share,
    "research_over_sales": lambda v: 12.0 * _year(v["research_spending"], 0) / _year(v["revenue"], 0),
    "final_run_share": _final_run_share,
    "concentration": lambda v: v["concentration"].mean(axis=1),
}
"""Figures read off the indicators of the first years."""

AT_THE_START: dict[str, Callable[[Any], Any]] = {
    "value_to_revenue": lambda v: v["value_to_revenue"][:, 0],
    "supplier_value": lambda v: v["supplier_value"][:, 0],
}
"""Values that were paid before January 2025: off the first month, without the cheap release."""


def sales_fed(parameters: Mapping[str, float], until: str) -> float:
    """Sales of a month by the law of adoption, fed the frontier that was observed [USD/year]."""
    names = ("market_base", "market_slope", "market_saturation")
    base, slope, saturation = (parameters[name] for name in names)
    observed = {row["month"]: row["capability"] for row in _read("observed_frontier.yaml")}
    size, frontier = SALES_THEN, 0.0
    for month in range(months_until(FED_FROM, until) - 1):
        frontier = observed.get(month_label(FED_FROM, month), frontier)
        size = adopted_market(
            size, potential_market(frontier, base, slope, saturation),
            parameters["adoption_innovation"], parameters["adoption_imitation"],
        )  # fmt: skip
    return float(size)


OF_LAWS: dict[str, Callable[[Mapping[str, float]], float]] = {
    "sales_fed_to_2024": lambda parameters: sales_fed(parameters, "2024-01"),
    "sales_fed_to_2025": lambda parameters: sales_fed(parameters, "2025-01"),
}
"""Figures that a law of the model alone gives, under the scenario's parameters."""


def figures(scenario: Scenario, seeds: Sequence[int], workers: int = 1) -> dict[str, Any]:
    """All moments of a scenario by name: one figure a seed, or one figure."""
    until = f"{2025 + YEARS - 1}-12"
    values = Ensemble(scenario, seeds, until, workers=workers).run().values
    before = Ensemble(scenario.with_(release_month=TWIN), seeds, "2025-01").run().values
    return {
        **{name: np.asarray(read(values)) for name, read in MOMENTS.items()},
        **{name: np.asarray(read(before)) for name, read in AT_THE_START.items()},
        **{name: np.asarray([read(scenario.parameters)]) for name, read in OF_LAWS.items()},
    }


@cache
def _read(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = read_yaml(Path(__file__).with_name(name), "facts")
    return rows


def facts() -> list[dict[str, Any]]:
    """The rows of `moments.yaml`."""
    return _read("moments.yaml")


def compare_with_facts(
    scenario: Scenario | None = None, members: int = 50, seed: int = 0, workers: int = 1
) -> pd.DataFrame:
    """Compare a scenario's first years with the facts.

    Returns
    -------
    pandas.DataFrame
        One row a moment: the model's median and 5-95 % band over seeds, the
        fact with its tolerance, the verdict, the window, the source. Where a
        history has no such figure the verdict says in how many, and no band is given.
    """
    scenario = scenario or Scenario.load("baseline")
    found = figures(scenario, range(seed, seed + members), workers)
    rows = []
    for fact in facts():
        low, median, high = np.quantile(found[fact["name"]], BAND)
        missing = int((~np.isfinite(found[fact["name"]])).sum())
        if missing:
            low = median = high = np.nan
        verdict = "ok" if fact["low"] <= median <= fact["high"] else "FAILS"
        rows.append({
            "moment": fact["name"],
            "unit": fact["unit"],
            "model": median,
            "model_5": low,
            "model_95": high,
            "fact": fact["fact"],
            "low": fact["low"],
            "high": fact["high"],
            "verdict": f"{missing} of {members} missing" if missing else verdict,
            "window": fact["window"],
            "source": fact["source"],
        })
    return pd.DataFrame(rows)
