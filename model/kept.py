"""The state of a history, kept so that a month that fails can be undone."""

from __future__ import annotations

import numpy as np

from world.tables import Tables

ANEW = ("entries",)  # written from the beginning every month


class Kept:
    """A copy of some tables that can be made again and put back.

    Parameters
    ----------
    tables : Tables
        Changed in place by `put_back`, so that whoever holds them sees it.
    """

    def __init__(self, tables: Tables) -> None:
        # NumPy copies records field by field; as plain bytes it is five times faster.
        here = [a.view(np.uint8) for name, a in tables if name not in ANEW and a.size]
        self._pairs = [(array, array.copy()) for array in here]

    def keep(self) -> None:
        """Copy the tables as they stand."""
        for array, copy in self._pairs:
            np.copyto(copy, array)

    def put_back(self) -> None:
        """Give the tables what they held when they were kept."""
        for array, copy in self._pairs:
            np.copyto(array, copy)
