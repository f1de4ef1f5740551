"""Designs: the points of parameter space that a sweep visits."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.sweeps.room import require_room
from world.errors import InputError
from world.faults import Faults, meant, shown
from world.parameters import BY_NAME, Parameter

CELL = 200  # bytes of a value while a design is made


class Design:
    """Values of the varied parameters, one row a design point.

    Every value is checked against the declared parameter. Parameters that the
    design does not name keep the scenario's values.

    Parameters
    ----------
    points : pandas.DataFrame
        One row a point, one column a parameter. A point may be there twice, as in a sample.

    Attributes
    ----------
    points : pandas.DataFrame
        Rows are points 0, 1, ...; columns the varied parameters (float64).

    Raises
    ------
    InputError
        All faults at once: unknown parameters, values that are no number or out of range,
        parameters named twice, no point.
    """

    def __init__(self, points: pd.DataFrame) -> None:
        if not isinstance(points, pd.DataFrame):
            raise InputError(f"design: {shown(points)} is no table of pandas; see also Design.of.")
        faults = Faults()
        self.points = _read(points, faults, "design", "design point {}")
        faults.refuse_any()

    def __len__(self) -> int:
        return len(self.points)

    @classmethod
    def grid(cls, **values: float | Iterable[float]) -> Design:
        """Full factorial: every combination; the last parameter varies fastest.

        A single number holds its parameter fixed.
        """
        axes = {name: _listed(given) for name, given in values.items()}
        faults = Faults("design")
        for name, axis in axes.items():
            if not axis:
                faults.add("", f"{shown(name)} needs at least one value.")
            for value in _repeated(axis):
                faults.add("", f"{shown(name)} has the value {shown(value)} twice.")
        faults.refuse_any()
        _require_room(math.prod(map(len, axes.values())), len(axes))
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
        """Points as a table: one row a point, one column a parameter (`point` is ignored).

        Raises
        ------
        InputError
            As of `Design`, and a point that is there twice.
        """
        if not isinstance(frame, pd.DataFrame):
            return cls(frame)
        points = frame.drop(columns="point", errors="ignore")
        faults = Faults()
        found = _read(points, faults, "design", "design point {}")
        _no_point_twice(found, faults, "design point {}", 0)
        faults.refuse_any()
        return cls(found)

    @classmethod
    def file(cls, path: str | Path) -> Design:
        """Points from a CSV file: one column a parameter, named in the first line.

        Raises
        ------
        InputError
            As of `frame`, each with its line; a file that is no such table.
        """
        table = _csv(Path(path))
        header, rows = table.iloc[0].tolist(), table.iloc[1:]
        faults = Faults(str(path))
        if len(header) == 1 and ";" in header[0]:
            raise InputError(f"{path}: columns are separated by semicolons; write commas, and "
                             "decimal points.")  # fmt: skip
        for k, name in enumerate(header):
            if not name.strip():
                empty = (rows.iloc[:, k].str.strip() == "").all()
                more = " and is empty; delete it" if empty else ""
                faults.add("", f"column {k + 1} has no name{more}.")
        named = [k for k, name in enumerate(header) if name.strip() and name.strip() != "point"]
        points = rows.iloc[:, named].map(_number)
        points.columns = [header[k].strip() for k in named]
        found = _read(points, faults, "", "line {}", 2)
        _no_point_twice(found, faults, "line {}", 2)
        faults.refuse_any()
        return cls(found)

    def crossed(self, other: Design) -> Design:
        """Every point of this design with every point of the other (varies fastest)."""
        return Design(self.points.merge(other.points, how="cross"))

    @classmethod
    def _sampled(cls, points: int, ranges: Mapping[str, Any], sample: Any) -> Design:
        _require_room(points, len(ranges))
        varied = {n: _range(n, given) for n, given in ranges.items() if not np.isscalar(given)}
        unit = sample(len(varied)) if varied else np.empty((points, 0))
        columns: dict[str, Any] = {}
        for name, given in ranges.items():
            if name not in varied:
                columns[name] = [given] * points
                continue
            low, high, log = varied[name]
            share = unit[:, list(varied).index(name)]
            whole = name in BY_NAME and BY_NAME[name].whole
            if whole and not log:
                column = np.floor(low + share * (high - low + 1.0))  # each as often as the others
            elif log:
                column = np.exp(math.log(low) + share * (math.log(high) - math.log(low)))
            else:
                column = low + share * (high - low)
            column = np.rint(column) if whole else column
            columns[name] = np.clip(column, low, high)  # rounding may step over an end
        return cls(pd.DataFrame(columns, index=range(points)))


def _read(
    points: pd.DataFrame, faults: Faults, place: str, row: str, first: int = 0
) -> pd.DataFrame:
    """The points as numbers, faults noted; `row` says where a row is, numbered from `first`."""
    columns: dict[str, Any] = {}
    for k, given in enumerate(points.columns):
        name = str(given).removeprefix("lever_")
        if name not in BY_NAME:
            faults.add(place, f"parameter {shown(given)} is unknown{meant(name, BY_NAME)}; "
                              "`moat parameters` lists all.")  # fmt: skip
        elif name in columns:
            faults.add(place, f"parameter {name!r} is given twice.")
        else:
            values = points.iloc[:, k].to_numpy()
            columns[name] = _checked(BY_NAME[name], values, faults, row, first)
    if len(points) == 0:
        faults.add(place, "at least one point is needed.")
    return pd.DataFrame(columns, index=pd.RangeIndex(len(points), name="point"))


def _checked(parameter: Parameter, values: Any, faults: Faults, row: str, first: int) -> Any:
    """Values of a parameter as float64; NaN where there was a fault."""
    if values.dtype.kind in "iuf":
        wrong = ~((values >= parameter.low) & (values <= parameter.high))
        if parameter.whole:
            wrong |= values != np.rint(values)
        if not wrong.any():
            return values.astype(float)
    checked = np.full(len(values), math.nan)
    for k, value in enumerate(values):
        try:
            number = value.item() if isinstance(value, np.generic) else value
            checked[k] = parameter.check(number, row.format(k + first))
            if parameter.whole and checked[k] != round(checked[k]):
                faults.add(row.format(k + first), f"{parameter.name} = {checked[k]:g} is no whole "
                                                  "number.")  # fmt: skip
        except InputError as error:
            faults.add("", str(error))
    return checked


def _no_point_twice(points: pd.DataFrame, faults: Faults, row: str, first: int) -> None:
    if faults:  # what is unknown may be what differs
        return
    seen: dict[tuple[float, ...], int] = {}
    for k, point in enumerate(points.itertuples(index=False, name=None)):
        if point in seen:
            faults.add(row.format(k + first), f"is the same as {row.format(seen[point] + first)}; "
                                              "a point needs to be there once.")  # fmt: skip
        seen.setdefault(point, k)


def _csv(path: Path) -> pd.DataFrame:
    """The cells of a CSV file as text, the first line included."""
    try:
        table = pd.read_csv(path, header=None, dtype=str, keep_default_na=False, encoding="utf-8-sig",
                            skipinitialspace=True, skip_blank_lines=False)  # fmt: skip
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}).") from None
    except ValueError as error:  # pandas' errors are such
        if isinstance(error, pd.errors.EmptyDataError):
            raise InputError(f"{path}: is empty; the first line names parameters.") from None
        why = " ".join(str(error).split())[:100]
        raise InputError(f"{path}: is not a table in CSV ({why}).") from None
    while len(table) > 1 and (table.iloc[-1] == "").all():  # empty lines at the end
        table = table.iloc[:-1]
    return table


def _number(cell: str) -> Any:
    """A cell as a number if it is one."""
    try:
        return float(cell)
    except ValueError:
        return cell


def _require_room(points: int, parameters: int) -> None:
    memory = float(points) * (parameters + 1) * CELL
    require_room(f"design: {points:,} points", "ask for fewer.", memory)


def _listed(given: Any) -> list[Any]:
    try:
        return [given] if isinstance(given, str) else list(given)
    except TypeError:
        return [given]


def _repeated(axis: Sequence[Any]) -> list[Any]:
    """Values that stand in a list more than once."""
    return [value for k, value in enumerate(axis) if value in axis[:k]]


def _range(name: str, given: Any) -> tuple[float, float, bool]:
    how = f'design: {name} must be a number, (low, high) or (low, high, "log").'
    try:
        bounds = list(given)
    except TypeError:
        raise InputError(how) from None
    log = len(bounds) == 3 and isinstance(bounds[2], str) and bounds[2] == "log"
    if isinstance(given, str) or (len(bounds) != 2 and not log):
        raise InputError(how)
    if name in BY_NAME:
        for bound in bounds[:2]:
            number = bound.item() if isinstance(bound, np.generic) else bound
            BY_NAME[name].check(number, "design")
    low, high = float(bounds[0]), float(bounds[1])
    if not low < high:
        raise InputError(f"design: {name} goes from {low:g} to {high:g}; write the lower end first.")
    if log and low <= 0.0:
        raise InputError(f"design: {name} starts at {low:g}; a logarithmic range must be positive.")
    return low, high, log


def _whole(points: Any, place: str) -> None:
    if isinstance(points, bool) or not isinstance(points, (int, np.integer)) or points < 1:
        raise InputError(f"design: {place} needs a whole number of points, not {points!r}.")
