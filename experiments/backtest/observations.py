"""What was observed after an origin: the rows of a CSV file, each checked at one door.

A row says which figure was observed and what a naive forecast said of it:

    group         for sums by subject
    indicator     an indicator of the model, or ``a/b``: the quotient of two, month by month
    form          at (the month `last`), mean, sum or max (over `first` to `last`),
                  change or ratio (from `first` to a later `last`)
    first, last   months, or dates in them; for change and ratio of what is no flow `first` may
                  be the month before the origin, which is the opening; for `at` it may be empty
    value         what was observed
    scale         log10 or linear: where everything is reckoned
    error         standard deviation of the observation, in the scale
    naive         the naive forecast
    naive_spread  its standard deviation, in the scale

In the scale log10 figures count as at least a floor: a million USD for money, a tenth for counts,
a millionth for the rest; what was observed must lie above it. Figures are written in plain digits,
such as 1200, 0.05 or 1.2e9.

Other columns are kept as they are. A column `seen` says whether rules or priors were chosen by
the row (yes), while it was in sight (in sight), or without it (no).
"""

from __future__ import annotations

import csv
import difflib
import io
import math
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from experiments.sweeps.summaries import NAMES
from model.observe import INDICATORS
from world.calendar import month_label, month_number
from world.errors import InputError
from world.faults import Faults, meant, shown

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
FARTHEST = 30.0  # decades, of an error in log10
LEAST_ERROR = 1e-12  # of an observation that has one, in the scale
UNITS = {column.name: column.unit for column in INDICATORS}
FLOWS = {column.name for column in INDICATORS
         if column.unit.endswith("/month") or "this month" in column.meaning} | {"compute_share"}
"""Figures of a month: the opening, before the first month, has none."""
MONEY, COUNT, OTHER = 1e6, 0.1, 1e-6  # floors in log10: USD, counts, the rest
MADE = ("origin", "observed", "low", "median", "high", "inside", "crps", "crps_model", "crps_naive",
        "scaled", "scaled_model", "scaled_naive", "won", "rank", "members", "histories")  # fmt: skip
"""Columns that a score writes beside those of the file."""


class Line(NamedTuple):
    """A line of a CSV file: where it stands, and its cells by column."""

    place: str
    cells: dict[str, str]

    def one_of(self, column: str, allowed: Sequence[str]) -> str:
        """Text of a cell; `InputError` unless it is one of the allowed."""
        text = self.cells[column]
        if text not in allowed:
            raise InputError(
                f"{self.place}: {column} {shown(text)} is unknown{meant(text, allowed)}; "
                f"allowed are {', '.join(allowed)}."
            )
        return text

    def number(self, column: str) -> float:
        """Figure of a cell; `InputError` unless it is a finite number."""
        text = self.cells[column]
        try:
            value = float(text if text.isascii() and "_" not in text else "no")
        except ValueError:
            raise InputError(
                f"{self.place}: {column} {shown(text)} is not a number; write it like 1200 or 1.2e9."
            ) from None
        if not math.isfinite(value):
            raise InputError(f"{self.place}: {column} {shown(text)} must be a finite number.")
        return value

    def month(self, column: str) -> str:
        """Month of a cell that holds a month or a date; `InputError` if it holds neither."""
        text, place = self.cells[column], f"{self.place}, {column}"
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
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

    @property
    def floor(self) -> float:
        """What figures count as at least, in log10: it depends on nothing that was observed."""
        units = [UNITS[name] for name in self.indicator.split("/")]
        money = [unit.startswith("USD") for unit in units]
        if self.form == "ratio" or money[1:] == [True]:
            return OTHER
        if money[0]:
            return MONEY
        return COUNT if units == ["count"] else OTHER

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
        All that is wrong in the file, each fault with its line.
    """
    month_number(origin, "origin")
    lines = read_lines(path, COLUMNS)
    made = [name for name in lines[0].cells if name in MADE]
    if made:
        raise InputError(
            f"{path}: the score makes columns of these names itself: {', '.join(made)}; rename them."
        )
    return all_of(path, lambda line: _observation(line, origin), lines)


def all_of(path: Path, read: Callable[[Any], Any], lines: Iterable[Any]) -> list[Any]:
    """What is read of the lines of a file; all of their faults in one answer, which names it once."""
    found = []
    faults = Faults()
    for line in lines:
        try:
            found.append(read(line))
        except InputError as fault:
            faults.add("", str(fault).removeprefix(f"{path}, " if len(faults) else ""))
    faults.refuse_any()
    return found


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
    (_, head), *rows = _cells(path)
    names = [name.strip() for name in head]
    filled = max((k for _, row in rows for k, cell in enumerate(row, 1) if cell.strip()), default=0)
    while len(names) > filled and not names[-1]:
        names.pop()  # a spreadsheet's empty columns
    _refuse_head(path, names, list(columns))
    if not rows:
        raise InputError(f"{path}: holds no row below its head.")
    return all_of(path, lambda at: _line(path, names, *at), rows)


def _line(path: Path, names: list[str], number: int, row: list[str]) -> Line:
    place = f"{path}, line {number}"
    while len(row) > len(names) and not row[-1].strip():
        row.pop()
    if len(row) != len(names):
        raise InputError(f"{place}: has {len(row)} cells, and the head has {len(names)}.")
    return Line(place, dict(zip(names, (" ".join(cell.split()) for cell in row), strict=True)))


def _refuse_head(path: Path, names: list[str], needed: list[str]) -> None:
    """Refuse a head that lacks a column, has one twice or one without a name."""
    faults = Faults(str(path))
    missing = [name for name in needed if name not in names]
    if missing:
        first, *others = (
            f"{name!r}{meant(name, [n for n in names if n not in needed])}" for name in missing
        )
        others_too = f", and so are {', '.join(others)}" if others else ""
        faults.add("", f"the column {first} is missing{others_too}; "
                       f"{_separated(names)}needed are {', '.join(needed)}.")  # fmt: skip
    for name in dict.fromkeys(names):
        if not name:
            faults.add("", f"column {names.index(name) + 1} has no name.")
        elif names.count(name) > 1:
            faults.add("", f"the column {name!r} is there twice.")
    faults.refuse_any()


def _separated(names: list[str]) -> str:
    """What else than a comma stands between the names."""
    text = ",".join(names)
    if text.lower().startswith("sep="):
        return "remove the line 'sep='; "
    for sign, called in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        if text.count(sign) > len(names):
            return f"cells are separated by {called} here, and must be by commas; "
    return ""


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
    if 0.0 < error < LEAST_ERROR:
        raise InputError(f"{line.place}: error = {error:g} must be 0 or at least {LEAST_ERROR:g}.")
    if spread <= 0.0:
        raise InputError(f"{line.place}: naive_spread = {spread:g} must be above 0.")
    more = {name: cell for name, cell in line.cells.items() if name not in COLUMNS}
    row = Observation(line.place, line.cells["group"], indicator, form, first, last, value, scale,
                      error, naive, spread, more)  # fmt: skip
    if scale == "log10":
        for name, figure in (("value", value), ("naive", naive)):
            if figure <= 0.0:
                raise InputError(f"{line.place}: {name} = {figure:g} must be above 0 in scale log10.")
            if figure < row.floor:
                raise InputError(f"{line.place}: {name} = {figure:g} must be at least {row.floor:g} in "
                                 "scale log10: what is less counts as that.")  # fmt: skip
        for name, figure in (("error", error), ("naive_spread", spread)):
            if figure > FARTHEST:
                raise InputError(f"{line.place}: {name} = {figure:g} must be at most {FARTHEST:g} "
                                 "decades in scale log10.")  # fmt: skip
    if "seen" in line.cells:
        line.one_of("seen", SEEN)
    return row


def _indicator(line: Line) -> str:
    """Name of an indicator, or of the quotient of two."""
    names = [name.strip() for name in line.cells["indicator"].split("/")]
    if len(names) > 2:
        raise InputError(
            f"{line.place}: {shown(line.cells['indicator'])} must be one or a quotient of two."
        )
    for name in names:
        if name not in NAMES:
            near = difflib.get_close_matches(name[:60], NAMES, n=5, cutoff=0.4)
            raise InputError(
                f"{line.place}: indicator {shown(name)} is unknown{meant(name, NAMES)}"
                + (f"; near are {', '.join(near)}." if near else f"; known are {', '.join(NAMES)}.")
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
    if form in FROM_OPENING:
        if first == last:
            raise InputError(f"{line.place}: a {form} needs two months, and first and last are {last}.")
        flows = [name for name in _indicator(line).split("/") if name in FLOWS]
        if first < month_label(origin, 0) and flows:
            nothing = "divides by zero" if form == "ratio" else "lacks its first figure"
            raise InputError(
                f"{line.place}: {form} of {flows[0]} {nothing}: it is a figure of a month, and the "
                f"opening {first} has none; begin in {month_label(origin, 0)} or later."
            )
    return first, last


def _inside(line: Line, column: str, month: str, origin: str, least: int) -> None:
    """Refuse a month outside the histories from the origin on."""
    if not least <= month_number(month) - month_number(origin) < LONGEST:
        raise InputError(
            f"{line.place}: {column} {month} is outside {month_label(origin, least)} to "
            f"{month_label(origin, LONGEST - 1)}."
        )
