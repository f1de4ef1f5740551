"""The table of facts: what was the case, when, how well it is known, and by whom."""

from __future__ import annotations

import csv
import datetime
import math
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from world.errors import InputError
from world.files.check import BASES

FOLDER = Path(__file__).parent
FRESH = datetime.timedelta(days=365)  # a state told as long ago is no longer known
GRADES = {
    "A": "primary, or a well-kept data set",
    "B": "press with a named source",
    "C": "a weak page, a guess or a rule",
    "R": "recalled, not looked up",
}
KNOWN = {
    "then": "public at its date",
    "later": "public before February 2025",
    "hindsight": "published later, or set with later knowledge",
}


class Fact(NamedTuple):
    """A figure at a date. `low` and `high` are its 5-95 % interval; NaN where none is stated.

    Of a tie between two agents the entity is ``investor -> developer``.
    """

    entity: str
    quantity: str
    date: datetime.date
    value: float  # NaN: known to be, not how much
    low: float
    high: float
    unit: str
    basis: str  # observed, estimate or construct, as in a world file
    grade: str  # of `GRADES`
    source: str
    known: str  # of `KNOWN`


@lru_cache(maxsize=1)
def facts() -> tuple[Fact, ...]:
    """All facts, in the order of their files and lines."""
    return tuple(fact for path in sorted(FOLDER.glob("*.csv")) for fact in read_facts(path))


def read_facts(path: Path) -> Iterator[Fact]:
    """Read one file of the table.

    Raises
    ------
    InputError
        A line that is no fact: which, and what is wrong with it.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        if tuple(rows.fieldnames or ()) != Fact._fields:
            raise InputError(f"{path.name}: the columns must be {', '.join(Fact._fields)}.")
        for number, row in enumerate(rows, start=2):
            yield _fact(row, f"{path.name}, line {number}")


def _fact(row: dict[str, str], place: str) -> Fact:
    try:
        date = datetime.date.fromisoformat(row["date"])
        value, low, high = (float(row[key] or math.nan) for key in ("value", "low", "high"))
    except (ValueError, TypeError):
        raise InputError(f"{place}: a date or a figure cannot be read.") from None
    for key, allowed in (("basis", BASES), ("grade", GRADES), ("known", KNOWN)):
        if row[key] not in allowed:
            raise InputError(
                f"{place}: {key} {row[key]!r} is unknown; allowed are {', '.join(allowed)}."
            )
    if not row["source"].strip():
        raise InputError(f"{place}: the source is missing.")
    if math.isfinite(low) != math.isfinite(high) or low > value or value > high:
        raise InputError(f"{place}: low and high must hold the value between them.")
    return Fact(row["entity"], row["quantity"], date, value, low, high, row["unit"], row["basis"],
                row["grade"], row["source"], row["known"])  # fmt: skip


class Known:
    """What is known at a date: of each figure the latest that is not dated after it.

    Parameters
    ----------
    start : datetime.date
    table : iterable of Fact
    """

    def __init__(self, start: datetime.date, table: Iterable[Fact]) -> None:
        self.start = start
        self.dated = [fact for fact in table if fact.date <= start]
        self._latest: dict[tuple[str, str], Fact] = {}
        for fact in self.dated:
            kept = self._latest.get((fact.entity, fact.quantity))
            if kept is None or kept.date <= fact.date:
                self._latest[fact.entity, fact.quantity] = fact

    def get(self, entity: str, quantity: str) -> Fact | None:
        """The latest figure told within the year; None if there is none."""
        fact = self._latest.get((entity, quantity))
        return fact if fact and self.start - fact.date < FRESH else None

    def last(self, entity: str, quantity: str) -> Fact | None:
        """The latest figure, however old."""
        return self._latest.get((entity, quantity))
