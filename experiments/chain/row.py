"""A figure of a case, and what it must be."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from experiments.analysis.statistics import RESAMPLES, bootstrap

Reading = Callable[[Any], float]  # of samples by seed
STEP = 2.0  # standard errors that a step in the wrong direction may measure
NO_TARGET = "reported"


class Target(NamedTuple):
    """Bounds that a figure must keep, both included."""

    least: float = -math.inf
    most: float = math.inf
    words: str = ""  # instead of the bounds, where these are no round numbers

    def holds(self, value: float) -> bool:
        """Whether a value keeps the bounds."""
        return bool(self.least <= value <= self.most)

    def beyond(self, value: float) -> float:
        """How far a value lies outside, in units of the nearer bound (of 1 where that is less)."""
        if math.isnan(value):
            return math.inf
        bound = self.least if value < self.least else self.most
        return 0.0 if self.holds(value) else abs(value - bound) / max(1.0, abs(bound))

    def __str__(self) -> str:
        if self.words:
            return self.words
        if self.least == self.most:
            return f"{self.most:g}"
        if self.least == -math.inf:
            return f"at most {self.most:g}"
        if self.most == math.inf:
            return f"at least {self.least:g}"
        return f"{self.least:g} to {self.most:g}"


@dataclass(frozen=True)
class Row:
    """One figure of a case, and what it must be."""

    case: str
    figure: str
    value: float
    target: Target | None = None  # None: it is reported, without a target
    interval: Callable[[], tuple[float, float]] | None = None  # reckoned where it is asked for

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without one."""
        return self.target.holds(self.value) if self.target else None

    @property
    def name(self) -> str:
        """Case and figure."""
        return f"{self.case}: {self.figure}"

    def plain(self) -> dict[str, Any]:
        """The row for JSON, which knows no number that is none."""
        low, high = self.interval() if self.interval else (self.value, self.value)
        said = {"case": self.case, "figure": self.figure, "value": self.value, "low": low,
                "high": high, "target": str(self.target or NO_TARGET), "met": self.met}  # fmt: skip
        return {key: None if value != value else value for key, value in said.items()}


def middle(samples: Any) -> float:
    """Median of one sample by seed."""
    return float(np.median(samples))


def mean(samples: Any) -> float:
    """Share of seeds."""
    return float(np.mean(samples))


def ratio(samples: Any) -> float:
    """Ratio of the medians of two samples, paired by seed."""
    above, below = np.median(samples, axis=0)
    return float(above / below)


def change(samples: Any) -> float:
    """Difference of the medians of two samples, paired by seed."""
    now, before = np.median(samples, axis=0)
    return float(now - before)


def pair(first: Any, second: Any) -> Any:
    """Two samples of the same seeds."""
    return np.column_stack([first, second])


def estimated(case: str, figure: str, samples: Any, read: Reading = middle,
              target: Target | None = None) -> Row:  # fmt: skip
    """A row that is read off samples by seed, with its bootstrap interval."""
    return Row(case, figure, read(np.asarray(samples, dtype=float)), target,
               lambda: bootstrap(samples, read)[1:])  # fmt: skip


def steps(case: str, figure: str, samples: list[Any], wrong: int, read: Any = np.median) -> Row:
    """The largest step between neighbours in the wrong direction (1 up, -1 down), in its errors."""
    worst = 0.0
    for first, second in itertools.pairwise(samples):
        both = np.column_stack([second, first]).astype(float)
        step = wrong * float(np.subtract(*read(both, axis=0)))
        if step > 0.0:
            draws = np.random.default_rng(0).integers(0, len(both), (RESAMPLES, len(both)))
            error = float(np.std(np.subtract(*read(both[draws], axis=1).T)))
            worst = max(worst, step / error if error > 0.0 else np.inf)
    word = "up" if wrong > 0 else "down"
    return Row(case, f"{figure}, largest step {word} [standard errors]", worst, Target(most=STEP))


def shown(value: float) -> str:
    """A figure in a table: three digits, `-` where it cannot be asked."""
    return "-" if np.isnan(value) else f"{value:.4g}" if 1.0 <= abs(value) < 1e4 else f"{value:.3g}"
