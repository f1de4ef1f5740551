"""What a sweep keeps of a history: indicators at dates, sums over a year, figures over time.

A summary is written as an indicator's name and, after a colon, a form:

    revenue              its value at each date
    capital_raised:sum12 the sum over the 12 months to each date; in a history's first year over
                         those it has, and named so: capital_raised:sum6@2025-06
    gap:max              over the whole history: min, max, mean
    gap:q95              over the whole history: a quantile, 00 to 100 per cent
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from model.observe import INDICATORS
from world.calendar import month_number
from world.errors import InputError
from world.faults import meant

NAMES = tuple(column.name for column in INDICATORS if column.type == "float")
PLACES = {column.name: k for k, column in enumerate(INDICATORS)}
DEFAULT = (
    "frontier_capability",
    "gap",
    "frontier_efficiency",
    "revenue",
    "leader_margin",
    "equity",
    "supplier_value",
    "hazard",
    "consumer_surplus",
    "capital_raised:sum12",
    "research_spending:sum12",
    "public_spending:sum12",
    "incidents:sum12",
)
AT_DATES = ("", "sum12")
OVER_TIME: dict[str, Callable[..., Any]] = {"min": np.min, "max": np.max, "mean": np.mean}


class Summaries:
    """Reads the chosen summaries off the indicators of a history.

    Parameters
    ----------
    indicators : sequence of str, or "all"
        Summaries as described in this module; "all" is every indicator at the dates.
    dates : sequence of str
        Months such as ``"2030-12"``.
    start : str
        First month of the history.
    months : int
        Its length.

    Attributes
    ----------
    columns : list of str
        ``revenue@2030-12`` for figures at a date, ``gap:max`` for figures over time.

    Raises
    ------
    InputError
        An unknown indicator or form, a date outside the history, a summary named twice.
    """

    def __init__(
        self, indicators: Sequence[str] | str, dates: Sequence[str], start: str, months: int
    ) -> None:
        if isinstance(indicators, str):
            indicators = [indicators]
        self.chosen = list(NAMES) if list(indicators) == ["all"] else list(indicators)
        self.dates = list(dates)
        rows = [_row(date, start, months) for date in self.dates]
        self.columns: list[str] = []
        cells: dict[str, list[tuple[int, int, int]]] = {}  # by form: column, row, indicator
        for text in self.chosen:
            name, form = _parsed(text)
            at_dates = form in AT_DATES
            names = [_label(text, form, *at) for at in zip(self.dates, rows, strict=True)]
            names = names if at_dates else [text]
            for label, row in zip(names, rows if at_dates else [0], strict=True):
                if label in self.columns:
                    raise InputError(f"summaries: {label!r} is asked for twice.")
                cells.setdefault(form, []).append((len(self.columns), row, PLACES[name]))
                self.columns.append(label)
        self._cells = {form: np.array(found).T for form, found in cells.items()}

    def read(self, indicators: Any) -> Any:
        """Return the figures of histories, in the order of `columns`.

        Parameters
        ----------
        indicators : record array, shape (histories, months)

        Returns
        -------
        ndarray of float64, shape (histories, columns)
        """
        # Every column is 8 bytes wide; the whole numbers among them are not in NAMES.
        values = indicators.view(np.float64).reshape(*indicators.shape, -1)
        kept = np.empty((len(values), len(self.columns)))
        for form, (columns, rows, places) in self._cells.items():
            if form == "":
                kept[:, columns] = values[:, rows, places]
            elif form == "sum12":
                for column, row, place in zip(columns, rows, places, strict=True):
                    kept[:, column] = values[:, max(0, row - 11) : row + 1, place].sum(axis=1)
            elif form in OVER_TIME:
                kept[:, columns] = OVER_TIME[form](values[:, :, places], axis=1)
            else:
                share = int(form[1:]) / 100.0
                kept[:, columns] = np.quantile(values[:, :, places], share, axis=1)
        return kept


def _row(date: str, start: str, months: int) -> int:
    row = month_number(date, "dates") - month_number(start)
    if not 0 <= row < months:
        raise InputError(f"dates: {date!r} is outside the histories, which begin in {start} and "
                         f"have {months} months.")  # fmt: skip
    return row


def _label(text: str, form: str, date: str, row: int) -> str:
    """Column of a summary at a date; a sum is named for the months that it is over."""
    name = text if form != "sum12" else f"{text.removesuffix('12')}{min(12, row + 1)}"
    return f"{name}@{date}"


def _parsed(text: str) -> tuple[str, str]:
    name, colon, form = str(text).partition(":")
    if name not in NAMES:
        raise InputError(
            f"summaries: indicator {name!r} is unknown{meant(name, NAMES)}; "
            "model/observe.py declares all."
        )
    quantile = re.fullmatch(r"q\d\d|q100", form)
    if colon and not (form == "sum12" or form in OVER_TIME or quantile):
        raise InputError(
            f"summaries: {text!r}: form {form!r} is unknown; "
            "allowed are sum12, min, max, mean and quantiles q00 to q100."
        )
    return name, form
