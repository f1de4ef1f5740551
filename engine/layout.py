"""Where the numbers of a market lie in memory.

Machine code is given the address of a block of whole numbers. Its first word takes the
number of an error; then come three words a table, its address and its two lengths. A table
of one history is an array of records. Of histories side by side each column is an array of
its own, whose addresses follow: so a loop over rows reads what lies together, a history a
lane, and the figures of a column that is the same in all histories lie there once.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import NamedTuple

import numpy as np

Kind = np.dtype[np.void]

WORDS = 3  # a table
KINDS = {"f8": "float", "i8": "int", "i4": "int"}
MEMORY = {"f8": "double", "i8": "i64", "i4": "i32"}


def word(number: int, part: int = 0) -> int:
    """Word of the block for a table, by its number: its address (0) and its lengths (1, 2)."""
    return 1 + WORDS * number + part


class Place(NamedTuple):
    """Where a column lies."""

    word: int  # of the block: the address of what it lies in
    stride: int  # bytes from row to row
    offset: int  # bytes to its first number
    kind: str  # float or int
    memory: str  # LLVM's type of one number
    wide: bool  # whether each history has its own


class Layout:
    """Places of all columns.

    Parameters
    ----------
    tables : mapping
        NumPy type of each table, in order: records, or plain numbers.
    varies : container of str
        Columns (``table.column``, or the name of a plain table) of which each history has
        its own; only where several lie side by side.
    lanes : int
        Histories side by side.

    Attributes
    ----------
    columns : dict
        `Place` by table and column; a plain table has one column without a name.
    words : int
        Length of the block.
    """

    def __init__(
        self, tables: Mapping[str, Kind], varies: Container[str] = (), lanes: int = 1
    ) -> None:
        self.tables = dict(tables)
        self.lanes = lanes
        self.words = word(len(tables))
        self.columns: dict[str, dict[str, Place]] = {}
        for number, (table, kind) in enumerate(tables.items()):
            fields = kind.fields or {"": (kind, 0)}
            self.columns[table] = {}
            for column, (of, offset, *_) in fields.items():
                wide = lanes > 1 and (f"{table}.{column}" if column else table) in varies
                size = of.itemsize * (lanes if wide else 1)
                own = (self.words, size, 0) if lanes > 1 else (
                    word(number), kind.itemsize, offset)  # fmt: skip
                self.columns[table][column] = Place(
                    *own, KINDS[of.str[1:]], MEMORY[of.str[1:]], wide
                )
                self.words += lanes > 1

    def length(self, table: str, axis: int = 0) -> int:
        """Word that says how long a table is."""
        return word(list(self.tables).index(table), 1 + axis)
