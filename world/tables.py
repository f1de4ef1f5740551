"""The tables of one market: arrays of records, one for each kind of agent and edge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from world.errors import InputError
from world.state import Column

Array = np.ndarray[Any, np.dtype[Any]]

# Edges are many and read every month: four bytes less each is memory traffic saved.
TYPES = {"float": np.float64, "int": np.int64, "index": np.int32}

SINGLE = ("parameters", "industry", "luck")
"""Tables of one row: to a rule `market.industry` is that row."""


def record_type(declared: tuple[Column, ...]) -> np.dtype[Any]:
    """Return the NumPy record type of declared columns.

    Raises
    ------
    InputError
        A name that NumPy's records have themselves: in plain Python a row would answer with that.
    """
    for column in declared:
        if hasattr(np.record, column.name):
            raise InputError(
                f"column {column.name!r}: NumPy's records have a {column.name!r} of their own; "
                "another name is needed."
            )
    return np.dtype([(c.name, TYPES[c.type]) for c in declared])


def table(declared: tuple[Column, ...], rows: int) -> Array:
    """Return a table of zeros."""
    return np.zeros(rows, dtype=record_type(declared))


class Tables:
    """All state of one market by name, e.g. ``tables.developers["capability"]``.

    `world.state` declares the columns, `world.kinds` the edges. Besides tables of
    agents and edges there are the indices of edges (``observes_of``, ``holdings``),
    balances by account [USD], this month's entries, the journal, the order drawn for
    this month (``rotation``), the key of all chance (``luck``), numbers put in its place
    (``dealt``, by purpose and row; NaN where chance decides), and the indicators observed.
    """

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        self.__dict__.update(arrays)

    def __getattr__(self, name: str) -> Array:
        raise AttributeError(f"a market has no table {name!r}")

    def __iter__(self) -> Iterator[tuple[str, Array]]:
        return iter(self.__dict__.items())

    def copy(self) -> Tables:
        """Return an independent copy."""
        # NumPy copies records field by field; as plain bytes it is five times faster.
        return Tables({
            name: a.view(np.uint8).copy().view(a.dtype) if a.dtype.names else a.copy()
            for name, a in self
        })  # fmt: skip

