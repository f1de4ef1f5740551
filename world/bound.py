"""A market as rules receive it: rows by name in plain Python, one address in machine code.

Machine code is given the address of a small block that holds where each table lies
and how long it is. The Python object keeps the arrays alive, and answers as the
tables do when a rule is called by hand.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.layout import word
from world.tables import SINGLE, Array, Tables


class Bound:
    """The tables of one market as rules receive them.

    Parameters
    ----------
    tables : Tables
        All contiguous; `market.developers[j].capability` reads and writes them in place,
        and a table of one row answers as that row.

    Attributes
    ----------
    address : int
        Of the block.
    """

    def __init__(self, tables: Tables) -> None:
        self._arrays = {name: np.asarray(array) for name, array in tables}
        self._block = np.zeros(word(len(self._arrays)), dtype=np.int64)
        for name in self._arrays:
            self._enter(name)
        self.address = int(self._block.ctypes.data)

    def _enter(self, name: str) -> None:
        array = self._arrays[name]
        if not array.flags.c_contiguous:
            raise ValueError(f"table {name} is not contiguous")
        at = word(list(self._arrays).index(name))
        self._block[at] = array.ctypes.data
        self._block[at + 1 : at + 1 + array.ndim] = array.shape

    def put(self, name: str, array: Array) -> None:
        """Put another array in the place of a table."""
        self._arrays[name] = np.asarray(array)
        self.__dict__.pop(name, None)
        self._enter(name)

    @property
    def error(self) -> int:
        """Number of the error that a rule raised in machine code; 0 for none."""
        found = int(self._block[0])
        self._block[0] = 0
        return found

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self._arrays:
            raise AttributeError(f"a market has no table {name!r}")
        array = self._arrays[name]
        rows = array.view(np.recarray) if array.dtype.names else array
        self.__dict__[name] = found = rows[0] if name in SINGLE else rows
        return found


def bind(tables: Tables) -> Bound:
    """Return what rules are called with."""
    return Bound(tables)
