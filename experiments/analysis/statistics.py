"""Statistics of studies: intervals by bootstrap, and where a share crosses a level."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from model.regimes import FAILED

RESAMPLES = 500
LEVEL = 0.9  # of all intervals
BAND = (0.05, 0.5, 0.95)  # quantiles over histories: a band with its median


class Interval(NamedTuple):
    """An estimate and its 90 % bootstrap interval."""

    value: float
    low: float
    high: float

    @property
    def sign(self) -> int:
        """1 or -1 if the interval lies on one side of zero, else 0."""
        return int(self.low > 0.0) - int(self.high < 0.0)

    def said(self, form: str = "{:.3g}", unit: str = "") -> str:
        """Write ``-4.1 % [-5.0, -3.3]``."""
        value, low, high = (form.format(number) for number in self)
        return f"{value}{unit} [{low}, {high}]"


def bootstrap(
    values: Any, statistic: Callable[[Any], float] = np.median, seed: int = 0
) -> Interval:
    """Estimate a statistic over the first axis of `values` (seeds), which is resampled.

    Values that are not numbers are left out before; the interval is NaN if none is left.
    """
    values = np.asarray(values, dtype=float)
    values = values[[bool(np.isfinite(value).all()) for value in values]]
    if len(values) == 0:
        return Interval(np.nan, np.nan, np.nan)
    rng = np.random.default_rng(seed)
    found = [
        statistic(values[rng.integers(len(values), size=len(values))]) for _ in range(RESAMPLES)
    ]
    low, high = np.quantile(found, [(1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0])
    return Interval(float(statistic(values)), float(low), float(high))


def crossing(x: Sequence[float], y: Any, level: float = 0.5) -> float:
    """First x at which y passes the level, linear between points; NaN if it never does."""
    above = np.asarray(y, dtype=float) >= level
    for k in range(1, len(above)):
        if above[k] != above[k - 1]:
            part = (level - y[k - 1]) / (y[k] - y[k - 1])
            return float(x[k - 1] + part * (x[k] - x[k - 1]))
    return float("nan")


def crossing_interval(x: Sequence[float], outcomes: Any, level: float = 0.5) -> Interval:
    """Where the share of outcomes crosses a level, with seeds resampled.

    Parameters
    ----------
    x : sequence of float, shape (points,)
    outcomes : ndarray of bool, shape (points, seeds)
        The same seeds at every point. The interval leaves out resamples
        without a crossing.
    """
    outcomes = np.asarray(outcomes, dtype=float)
    rng = np.random.default_rng(0)
    seeds = outcomes.shape[1]
    found = []
    for _ in range(RESAMPLES):
        shares = outcomes[:, rng.integers(seeds, size=seeds)].mean(axis=1)
        found.append(crossing(x, shares, level))
    value = crossing(x, outcomes.mean(axis=1), level)
    if np.isnan(value) or np.isnan(found).all():
        return Interval(value, np.nan, np.nan)
    low, high = np.nanquantile(found, [(1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0])
    return Interval(value, float(low), float(high))


def by_seed(frame: pd.DataFrame, index: str | list[str], column: str) -> pd.DataFrame:
    """Table of one outcome: rows by the varied parameters, columns seeds."""
    return frame.pivot(index=index, columns="seed", values=column)


def failed(frame: pd.DataFrame) -> pd.Series:
    """Whether progress failed: slowdown or funding collapse."""
    return frame["regime"].isin(FAILED)


def falls(path: Any, depth: float = 0.4) -> int:
    """Number of busts of a path: falls by `depth` from a peak, each ended by a rise out of it.

    A bust ends when the path has risen from its trough by the same ratio.
    """
    count, peak, trough, falling = 0, 0.0, 0.0, False
    for value in path:
        if falling:
            trough = min(trough, value)
            if value >= trough / (1.0 - depth):
                falling, peak = False, value
        else:
            peak = max(peak, value)
            if peak > 0.0 and value <= (1.0 - depth) * peak:
                falling, trough = True, value
                count += 1
    return count
