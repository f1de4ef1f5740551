"""What was observed after an origin: the rows of a CSV file, each checked at one door.

A row says which figure was observed and what a naive forecast said of it:

    group         for sums by subject
    indicator     an indicator of the model, or ``a/b``: the quotient of two, month by month
    form          at (the month `last`), mean, sum or max (over `first` to `last`),
                  change or ratio (from `first` to `last`)
    first, last   months, or dates in them; for change and ratio `first` may be the month
                  before the origin, which is the opening; for `at` it may be empty
    value         what was observed
    scale         log10 or linear: where everything is reckoned
    error         standard deviation of the observation, in the scale
    naive         the naive forecast
    naive_spread  its standard deviation, in the scale

Other columns are kept as they are. A column `seen` says whether rules or priors were chosen by
the row (yes), while it was in sight (in sight), or without it (no).
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from experiments.sweeps.summaries import NAMES
from model.scenario import meant
from world.calendar import month_label, month_number
from world.errors import InputError

FOLDER = Path(__file__).with_name("observed")
COLUMNS = ("group", "indicator", "form", "first", "last", "value", "scale", "error", "naive",
           "naive_spread")  # fmt: skip
FORMS: dict[str, Callable[[Any], Any]] = {
    "at": lambda window: window[:, -1],
    "mean": lambda window: window.mean(axis=1),
    "sum": lambda window: window.sum(axis=1),
    "max": lambda window: window.max(axis=1),
    "change": lambda window: window[:, -1] - window[:, 0],
    "ratio": lambda window: window[:, -1] / window[:, 0],
}
"""Figures, shape (members,), of an indicator from `first` to `last`, shape (members, months)."""
FROM_OPENING = ("change", "ratio")
SCALES = ("log10", "linear")
SEEN = ("yes", "in sight", "no")
LONGEST = 1200  # months, of any history


class Line(NamedTuple):
    """A line of a CSV file: where it stands, and its cells by column."""

    place: str
    cells: dict[str, str]

    def one_of(self, column: str, allowed: Sequence[str]) -> str:
        """Text of a cell; `InputError` unless it is one of the allowed."""
        text = self.cells[column]
        if text not in allowed:
            raise InputError(
                f"{self.place}: {column} {text!r} is unknown{meant(text, allowed)}; "
                f"allowed are {', '.join(allowed)}."
            )
        return text

    def number(self, column: str) -> float:
        """Figure of a cell; `InputError` unless it is a finite number."""
        text = self.cells[column]
        try:
            value = float(text)
        except ValueError:
            raise InputError(f"{self.place}: {column} {text!r} is not a number.") from None
        if not math.isfinite(value):
            raise InputError(f"{self.place}: {column} {text!r} must be a finite number.")
        return value

    def month(self, column: str) -> str:
        """Month of a cell that holds a month or a date; `InputError` if it holds neither."""
        text, place = self.cells[column], f"{self.place}, {column}"
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            try:
                text = date.fromisoformat(text).isoformat()[:7]
            except ValueError:
                raise InputError(f"{place}: {text!r} is not a date.") from None
        month_number(text, place)
        return month_label(text, 0)


class Observation(NamedTuple):
    """A figure that was observed, and the naive forecast of it: one row of the file."""

    place: str
    group: str
    indicator: str
    form: str
    first: str
    last: str
    value: float
    scale: str
    error: float
    naive: float
    naive_spread: float
    more: dict[str, str]

    def columns(self) -> dict[str, Any]:
        """All columns of the file, by name."""
        return {name: getattr(self, name) for name in COLUMNS} | self.more


def read_observations(path: Path, origin: str) -> list[Observation]:
    """Read the observations after an origin.

    Parameters
    ----------
    path : Path
    origin : str
        First month of the forecast, e.g. ``"2023-01"``.

    Returns
    -------
    list of Observation
        At least one.

    Raises
    ------
    InputError
        Anything wrong in the file, in one sentence with its line.
    """
    month_number(origin, "origin")
    return [_observation(line, origin) for line in read_lines(path, COLUMNS)]


def shipped() -> list[str]:
    """Origins whose observations come with Moat."""
    return sorted(path.stem for path in FOLDER.glob("*.csv"))


def shipped_file(origin: str) -> Path:
    """File of an origin's observations; `InputError` if none comes with Moat."""
    month_number(origin, "origin")
    if origin not in shipped():
        allowed = ", ".join(shipped()) or "none"
        raise InputError(
            f"origin {origin}: no observations come with Moat; it has those of: {allowed}; "
            "name others by --observations."
        )
    return FOLDER / f"{origin}.csv"


# --- the door ------------------------------------------------------------------------------


def read_lines(path: Path, columns: Iterable[str]) -> list[Line]:
    """Read a CSV file with a head and at least one line.

    Raises
    ------
    InputError
        It cannot be read, is no text or no CSV, is empty, lacks a column, has one twice, or a
        line has not as many cells as the head.
    """
    head, *rows = _cells(path)
    names = [name.strip() for _, row in [head] for name in row]
    for name in columns:
        if name not in names:
            raise InputError(
                f"{path}: the column {name!r} is missing; needed are {', '.join(columns)}."
            )
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"{path}: the column {name!r} is there twice.")
    if not rows:
        raise InputError(f"{path}: holds no row below its head.")
    lines = []
    for number, row in rows:
        if len(row) != len(names):
            raise InputError(
                f"{path}, line {number}: has {len(row)} cells, and the head has {len(names)}."
            )
        cells = dict(zip(names, (" ".join(cell.split()) for cell in row), strict=True))
        lines.append(Line(f"{path}, line {number}", cells))
    return lines


def _cells(path: Path) -> list[tuple[int, list[str]]]:
    """Lines that are not blank: number in the file, cells."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: is not a text in UTF-8.") from None
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        found = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise InputError(
            f"{path}, line {reader.line_num}: is not a table in CSV ({error})."
        ) from None
    if not found:
        raise InputError(f"{path}: is empty.")
    return found


def _observation(line: Line, origin: str) -> Observation:
    """Check a line and return what it says."""
    form = line.one_of("form", tuple(FORMS))
    scale = line.one_of("scale", SCALES)
    indicator = _indicator(line)
    first, last = _months(line, form, origin)
    value, error, naive, spread = map(line.number, ("value", "error", "naive", "naive_spread"))
    if not line.cells["group"]:
        raise InputError(f"{line.place}: group must not be empty.")
    if error < 0.0:
        raise InputError(f"{line.place}: error = {error:g} must be at least 0.")
    if spread <= 0.0:
        raise InputError(f"{line.place}: naive_spread = {spread:g} must be above 0.")
    for name, figure in (("value", value), ("naive", naive)):
        if scale == "log10" and figure <= 0.0:
            raise InputError(f"{line.place}: {name} = {figure:g} must be above 0 in scale log10.")
    if "seen" in line.cells:
        line.one_of("seen", SEEN)
    more = {name: cell for name, cell in line.cells.items() if name not in COLUMNS}
    return Observation(line.place, line.cells["group"], indicator, form, first, last, value, scale,
                       error, naive, spread, more)  # fmt: skip


def _indicator(line: Line) -> str:
    """Name of an indicator, or of the quotient of two."""
    names = [name.strip() for name in line.cells["indicator"].split("/")]
    if len(names) > 2:
        raise InputError(
            f"{line.place}: indicator {line.cells['indicator']!r} must be one or a quotient of two."
        )
    for name in names:
        if name not in NAMES:
            raise InputError(
                f"{line.place}: indicator {name!r} is unknown{meant(name, NAMES)}; "
                "model/observe.py declares all."
            )
    return "/".join(names)


def _months(line: Line, form: str, origin: str) -> tuple[str, str]:
    """First and last month of a row; the first may be empty for `at`."""
    last = line.month("last")
    if form == "at" and not line.cells["first"]:
        _inside(line, "last", last, origin, 0)
        return "", last
    first = line.month("first")
    _inside(line, "first", first, origin, -1 if form in FROM_OPENING else 0)
    _inside(line, "last", last, origin, 0)
    if first > last:
        raise InputError(f"{line.place}: first {first} lies after last {last}.")
    return first, last


def _inside(line: Line, column: str, month: str, origin: str, least: int) -> None:
    """Refuse a month outside the histories from the origin on."""
    if not least <= month_number(month) - month_number(origin) < LONGEST:
        raise InputError(
            f"{line.place}: {column} {month} is outside {month_label(origin, least)} to "
            f"{month_label(origin, LONGEST - 1)}."
        )
