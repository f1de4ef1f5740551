"""Statistics of studies: intervals by bootstrap, and where a share crosses a level.

Figures that are missing or infinite are never left out without a word: they are refused with
their count, or counted in the result.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from model.regimes import FAILED, REGIMES
from world.errors import InputError
from world.faults import meant

RESAMPLES = 500
LEVEL = 0.9  # of all intervals
BAND = (0.05, 0.5, 0.95)  # quantiles over histories: a band with its median


class _Ends(NamedTuple):
    value: float
    low: float
    high: float


class Interval(_Ends):
    """An estimate and its 90 % bootstrap interval: value, low and high.

    Attributes
    ----------
    note : str
        What was left out, such as ``"3 of 40 missing"``; empty if nothing was.
    """

    note = ""

    @property
    def sign(self) -> int:
        """1 or -1 if the interval lies on one side of zero, else 0."""
        return int(self.low > 0.0) - int(self.high < 0.0)

    def noted(self, note: str) -> Interval:
        """The same with a note."""
        found = Interval(*self)
        found.note = note
        return found

    def said(self, form: str = "{:.3g}", unit: str = "") -> str:
        """Write ``-4.1 % [-5.0, -3.3]``, and behind it what was left out."""
        value, low, high = (form.format(number) for number in self)
        return f"{value}{unit} [{low}, {high}]" + (f" ({self.note})" if self.note else "")


def numbers(values: Any, what: str) -> Any:
    """Values as an array of float64; `InputError` with their count if some are no finite numbers."""
    try:
        found = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise InputError(f"{what}: must be numbers, in rows of one length.") from None
    wrong = int((~np.isfinite(found)).sum())
    if wrong:
        raise InputError(
            f"{what}: {wrong} of {found.size} figures are missing or infinite; "
            "make them again, or leave out what they belong to and say so."
        )
    return found


def bootstrap(
    values: Any, statistic: Callable[[Any], float] = np.median, seed: int = 0
) -> Interval:
    """Estimate a statistic over the first axis of `values` (seeds), which is resampled.

    Rows with a missing or infinite figure are left out before, and counted in the interval's
    note; all of it is NaN if none is left.
    """
    values = np.asarray(values, dtype=float)
    known = values[[bool(np.isfinite(value).all()) for value in values]]
    missing = len(values) - len(known)
    note = f"{missing} of {len(values)} missing" if missing else ""
    if len(known) == 0:
        return Interval(np.nan, np.nan, np.nan).noted(note or "no figure")
    rng = np.random.default_rng(seed)
    found = [statistic(known[rng.integers(len(known), size=len(known))]) for _ in range(RESAMPLES)]
    low, high = np.quantile(found, [(1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0])
    return Interval(float(statistic(known)), float(low), float(high)).noted(note)


def crossing(x: Any, y: Any, level: float = 0.5) -> float:
    """First x at which y passes the level, linear between points; NaN if it never does.

    Raises
    ------
    InputError
        Figures that are missing or infinite, or not as many in `y` as in `x`.
    """
    x, y = numbers(x, "crossing, x"), numbers(y, "crossing, y")
    if x.shape != y.shape or x.ndim != 1:
        raise InputError(f"crossing: x has the shape {x.shape} and y {y.shape}; both are one list.")
    return _crossing(x, y, level)


def _crossing(x: Any, y: Any, level: float) -> float:
    above = y >= level
    for k in range(1, len(above)):
        if above[k] != above[k - 1]:
            part = (level - y[k - 1]) / (y[k] - y[k - 1])
            return float(x[k - 1] + part * (x[k] - x[k - 1]))
    return float("nan")


def crossing_interval(x: Any, outcomes: Any, level: float = 0.5) -> Interval:
    """Where the share of outcomes crosses a level, with seeds resampled.

    Parameters
    ----------
    x : sequence of float, shape (points,)
    outcomes : ndarray of bool, shape (points, seeds)
        The same seeds at every point. The interval leaves out resamples
        without a crossing, and notes how many.

    Raises
    ------
    InputError
        Outcomes that are missing or infinite, or of another shape.
    """
    x, outcomes = numbers(x, "crossing, x"), numbers(outcomes, "crossing, outcomes")
    if outcomes.ndim != 2 or outcomes.shape[1] == 0 or x.shape != outcomes.shape[:1]:
        raise InputError(
            f"crossing: x has the shape {x.shape} and the outcomes {outcomes.shape}; "
            "allowed are (points,) and (points, seeds)."
        )
    value = _crossing(x, outcomes.mean(axis=1), level)
    rng = np.random.default_rng(0)
    seeds = outcomes.shape[1]
    found = np.array([
        _crossing(x, outcomes[:, rng.integers(seeds, size=seeds)].mean(axis=1), level)
        for _ in range(RESAMPLES)
    ])
    never = int(np.isnan(found).sum())
    if np.isnan(value) or never == RESAMPLES:
        return Interval(value, np.nan, np.nan).noted("never crossed")
    low, high = np.nanquantile(found, [(1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0])
    note = f"{never} of {RESAMPLES} resamples never cross" if never else ""
    return Interval(value, float(low), float(high)).noted(note)


def by_seed(frame: pd.DataFrame, index: str | list[str], column: str) -> pd.DataFrame:
    """Table of one outcome: rows by the varied parameters, columns seeds.

    Raises
    ------
    InputError
        An unknown column, a history twice, or histories that are missing, with their count.
    """
    axes = [index] if isinstance(index, str) else list(index)
    for name in (*axes, "seed", column):
        if name not in frame:
            raise InputError(f"by_seed: column {name!r} is unknown{meant(name, map(str, frame))}.")
    twice = int(frame.duplicated([*axes, "seed"]).sum())
    if twice:
        raise InputError(f"by_seed: {twice} of {len(frame)} histories are there twice.")
    table = frame.pivot(index=index, columns="seed", values=column)
    if table.size > len(frame):
        raise InputError(f"by_seed: {table.size - len(frame)} of {table.size} histories are missing.")
    return table


def failed(frame: pd.DataFrame) -> pd.Series:
    """Whether progress failed: slowdown or funding collapse; `InputError` if a regime is missing."""
    missing = int((~frame["regime"].isin(REGIMES)).sum())
    if missing:
        raise InputError(f"regime: {missing} of {len(frame)} histories have none.")
    return frame["regime"].isin(FAILED)


def falls(path: Any, depth: float = 0.4) -> int:
    """Number of busts of a path: falls by `depth` from a peak, each ended by a rise out of it.

    A bust ends when the path has risen from its trough by the same ratio.
    """
    count, peak, trough, falling = 0, 0.0, 0.0, False
    for value in numbers(path, "falls"):
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
