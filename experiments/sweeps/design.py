"""Designs: the points of parameter space that a sweep visits."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from model.scenario import meant
from world.errors import InputError
from world.parameters import BY_NAME


class Design:
    """Values of the varied parameters, one row a design point.

    Every value is checked against the declared parameter. Parameters that the
    design does not name keep the scenario's values.

    Attributes
    ----------
    points : pandas.DataFrame
        Rows are points 0, 1, ...; columns the varied parameters (float64).

    Raises
    ------
    InputError
        An unknown parameter, a value that is no number or out of range, no point.
    """

    def __init__(self, points: pd.DataFrame) -> None:
        columns = {}
        for given in points.columns:
            name = str(given).removeprefix("lever_")
            if name not in BY_NAME:
                raise InputError(
                    f"design: parameter {str(given)!r} is unknown{meant(name, BY_NAME)}; "
                    "`moat parameters` lists all."
                )
            if name in columns:
                raise InputError(f"design: parameter {name!r} is given twice.")
            columns[name] = _checked(name, points[given].to_numpy())
        if len(points) == 0:
            raise InputError("design: at least one point is needed.")
        self.points = pd.DataFrame(columns, index=pd.RangeIndex(len(points), name="point"))

    def __len__(self) -> int:
        return len(self.points)

    @classmethod
    def grid(cls, **values: float | Iterable[float]) -> Design:
        """Full factorial: every combination; the last parameter varies fastest.

        A single number holds its parameter fixed.
        """
        axes = {name: _listed(given) for name, given in values.items()}
        for name, axis in axes.items():
            if not axis:
                raise InputError(f"design: {name} needs at least one value.")
        return cls.of([dict(zip(axes, p, strict=True)) for p in itertools.product(*axes.values())])

    @classmethod
    def latin_hypercube(cls, points: int, seed: int = 0, **ranges: Any) -> Design:
        """Latin hypercube: each range is cut into as many slices as points, each used once.

        Parameters
        ----------
        points : int
        seed : int
        **ranges
            ``name=(low, high)`` uniform, ``name=(low, high, "log")`` uniform in
            the logarithm, ``name=value`` fixed.
        """
        from scipy.stats import qmc

        _whole(points, "latin_hypercube")

        def sample(dimensions: int) -> Any:
            return qmc.LatinHypercube(dimensions, rng=np.random.default_rng(seed)).random(points)

        return cls._sampled(points, ranges, sample)

    @classmethod
    def sobol(cls, points: int, seed: int = 0, **ranges: Any) -> Design:
        """Scrambled Sobol' sequence; ranges as in `latin_hypercube`.

        The size must be a power of two (Owen 2020: other sizes lose the balance).
        With the same seed, a larger design begins with the smaller one's points.
        """
        from scipy.stats import qmc

        _whole(points, "sobol")
        power = max(0, points - 1).bit_length()
        if points != 2**power:
            raise InputError(
                f"design: {points} points are no power of two; use {2 ** (power - 1)} or {2**power}."
            )

        def sample(dimensions: int) -> Any:
            engine = qmc.Sobol(dimensions, scramble=True, rng=np.random.default_rng(seed))
            return engine.random_base2(power)

        return cls._sampled(points, ranges, sample)

    @classmethod
    def of(cls, points: Sequence[Mapping[str, float]]) -> Design:
        """Points as a list of dictionaries that name the same parameters."""
        names = list(points[0]) if points else []
        for k, point in enumerate(points):
            if set(point) != set(names):
                odd = sorted(set(point) ^ set(names))[0]
                raise InputError(
                    f"design point {k}: {odd!r} is in some points and not in others; "
                    "every point must name the same parameters."
                )
        columns = {name: [point[name] for point in points] for name in names}
        return cls(pd.DataFrame(columns, index=range(len(points))))

    @classmethod
    def frame(cls, frame: pd.DataFrame) -> Design:
        """Points as a table: one row a point, one column a parameter (`point` is ignored)."""
        return cls(frame.drop(columns="point", errors="ignore"))

    def crossed(self, other: Design) -> Design:
        """Every point of this design with every point of the other (varies fastest)."""
        return Design(self.points.merge(other.points, how="cross"))

    @classmethod
    def _sampled(cls, points: int, ranges: Mapping[str, Any], sample: Any) -> Design:
        varied = {n: _range(n, given) for n, given in ranges.items() if not np.isscalar(given)}
        unit = sample(len(varied)) if varied else np.empty((points, 0))
        columns: dict[str, Any] = {}
        for name, given in ranges.items():
            if name not in varied:
                columns[name] = [given] * points
                continue
            low, high, log = varied[name]
            share = unit[:, list(varied).index(name)]
            if log:
                column = np.exp(math.log(low) + share * (math.log(high) - math.log(low)))
            else:
                column = low + share * (high - low)
            columns[name] = np.clip(column, low, high)  # rounding may step over an end
        return cls(pd.DataFrame(columns, index=range(points)))


def _checked(name: str, values: Any) -> Any:
    parameter = BY_NAME[name]
    if values.dtype.kind in "iuf":
        wrong = np.flatnonzero(~((values >= parameter.low) & (values <= parameter.high)))
    else:
        wrong = np.arange(len(values))
    for point in wrong:
        value = values[point]
        parameter.check(value.item() if isinstance(value, np.generic) else value,
                        f"design point {point}")  # fmt: skip
    return values.astype(float)


def _listed(given: Any) -> list[Any]:
    return [given] if np.isscalar(given) else list(given)


def _range(name: str, given: Any) -> tuple[float, float, bool]:
    bounds = list(given)
    log = len(bounds) == 3 and bounds[2] == "log"
    if len(bounds) != 2 and not log:
        raise InputError(f'design: {name} must be a number, (low, high) or (low, high, "log").')
    if name in BY_NAME:
        for bound in bounds[:2]:
            BY_NAME[name].check(bound, "design")
    low, high = float(bounds[0]), float(bounds[1])
    if not low < high:
        raise InputError(f"design: {name} goes from {low:g} to {high:g}; write the lower end first.")
    if log and low <= 0.0:
        raise InputError(f"design: {name} starts at {low:g}; a logarithmic range must be positive.")
    return low, high, log


def _whole(points: Any, place: str) -> None:
    if isinstance(points, bool) or not isinstance(points, (int, np.integer)) or points < 1:
        raise InputError(f"design: {place} needs a whole number of points, not {points!r}.")
