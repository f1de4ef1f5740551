"""Histories side by side: one seed a lane, the same rules in wide machine code.

What differs between histories of one start, or of starts under different parameters, lies side
by side in memory, so that one instruction of the processor moves several of them on. Their
figures are those of `model.run.Run`, to the bit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.machine import numbers_at_once
from model.engine import UNKEPT, WideEngine, engine_of
from model.rulebook import STANDARD, Rulebook
from model.run import Run
from world.compiled import PLAIN_PYTHON
from world.noise import key
from world.tables import Array, Tables

LANES = 2 * numbers_at_once()
"""Histories side by side: two instructions, of which one does not wait for the other."""

BATCH = 4 * LANES  # histories that are classified at once
LINE = 64  # bytes
WORTH = 5000
"""Histories from which it is worth a quarter of a minute to make the wide machine code first."""


class Histories:
    """Many histories of one market, by the fastest way there is.

    Parameters
    ----------
    start : Tables
        State before the opening; copied, never changed.
    months : int
        Longest history.
    count : int
        How many there will be: few are not worth to make wide machine code for.
    rulebook : Rulebook
    several : bool
        Whether they will have starts of their own: `start` under other parameters.
    """

    def __init__(
        self, start: Tables, months: int, count: int, rulebook: Rulebook = STANDARD,
        several: bool = False,
    ) -> None:  # fmt: skip
        self._months = months
        wide = engine_of(rulebook, start).side_by_side(LANES, several)
        together = not PLAIN_PYTHON and count >= LANES and (count >= WORTH or wide.is_kept)
        self._lanes = Lanes(start, months, rulebook, wide) if together else None
        self._run = Run(start, rulebook=rulebook)

    def run(
        self, seeds: Sequence[int], found: Array | None = None,
        starts: Sequence[Tables] | None = None,
    ) -> Array:  # fmt: skip
        """Run a history a seed and return their indicators.

        Parameters
        ----------
        seeds : sequence of int
        found : record array, optional
            What to fill instead of a new one.
        starts : sequence of Tables, optional
            One a seed, where histories have starts of their own.

        Returns
        -------
        record array, shape (seeds, months)
        """
        if found is None:
            found = np.empty((len(seeds), self._months), dtype=self._run.rulebook.indicator_type)
        done = 0
        while self._lanes and len(seeds) - done > LANES // 3:  # few take less one by one
            group = slice(done, done + LANES)
            mine = starts[group] if starts else None
            self._lanes.run(seeds[group], self._months, found[group], mine)
            done += len(seeds[group])
        for k in range(done, len(seeds)):
            run = Run(starts[k], rulebook=self._run.rulebook) if starts else self._run
            run.open(seeds[k]).run(self._months, found[k])
        return found


class Lanes:
    """`LANES` histories of one market.

    Parameters
    ----------
    start : Tables
        State before the opening; copied, never changed.
    months : int
        Longest history.
    rulebook : Rulebook
    engine : WideEngine, optional
        Another than the usual one.

    Attributes
    ----------
    columns : dict
        Arrays by table and column, of shape (rows, lanes), or (rows,) where all are the same.
    """

    def __init__(
        self, start: Tables, months: int, rulebook: Rulebook = STANDARD,
        engine: WideEngine | None = None,
    ) -> None:  # fmt: skip
        self.rulebook = rulebook
        self._engine = engine or engine_of(rulebook, start).side_by_side(LANES)
        self._own = [tuple(name.partition(".")[::2]) for name in sorted(self._engine.own)]
        self._settled = [
            (place, column.name, column.opening.partition(", then ")[2])
            for place, declared in rulebook.columns.items()
            for column in declared
            if ", then " in column.opening
        ]
        layout = self._engine.places
        self.block = np.zeros(layout.words, dtype=np.int64)
        self.columns: dict[str, dict[str, Array]] = {}
        self._first: list[tuple[Array, Array]] = []
        for table, kept in start:
            array = np.asarray(kept)
            shape = (months,) if table == "indicators" else array.shape
            for axis, length in enumerate(shape):
                self.block[layout.length(table, axis)] = length
            self.columns[table] = {}
            for column, place in layout.columns[table].items():
                first = array[column] if column else array
                mine = _aligned((max(1, math.prod(shape)), LANES if place.wide else 1), first.dtype)
                self.columns[table][column] = mine[:, 0] if not place.wide else mine
                self.block[place.word] = mine.ctypes.data
                if table != "indicators" and table not in UNKEPT:
                    mine[: first.size] = first.reshape(-1, 1)
                    if place.wide:
                        self._first.append((mine, mine.copy()))

    @property
    def address(self) -> int:
        """Of the block, as machine code is given it."""
        return int(self.block.ctypes.data)

    @property
    def error(self) -> int:
        """Number of the error that a rule raised; 0 for none."""
        found = int(self.block[0])
        self.block[0] = 0
        return found

    def run(
        self, seeds: Sequence[int], months: int, found: Array | None = None,
        starts: Sequence[Tables] | None = None,
    ) -> Array:  # fmt: skip
        """Run a history a seed (at most `LANES`) and return their indicators.

        Parameters
        ----------
        seeds : sequence of int
        months : int
        found : record array, optional
            What to fill instead of a new one.
        starts : sequence of Tables, optional
            One a seed; they differ in what the engine says is their `own`.

        Returns
        -------
        record array, shape (seeds, months)
        """
        for mine, first in self._first:
            np.copyto(mine, first)
        self.columns["industry"]["month"][0] = 0
        who = [min(lane, len(seeds) - 1) for lane in range(LANES)]  # what is left over repeats
        if starts:
            self._lay([starts[k] for k in who])
        for lane, k in enumerate(who):
            low, high = key(seeds[k])
            self.columns["luck"]["low"][0, lane] = low
            self.columns["luck"]["high"][0, lane] = high
        self._engine.open_history(self)
        for table, column, then in self._settled:
            self.columns[table][column][:] = self.columns[table][then]
        self._engine.run_history(self, months)
        if found is None:
            found = np.empty((len(seeds), months), dtype=self.rulebook.indicator_type)
        for column, figures in self.columns["indicators"].items():
            found[column] = figures[:months, : len(seeds)].T if figures.ndim == 2 else figures[:months]
        return found


    def _lay(self, starts: Sequence[Tables]) -> None:
        """Give each history what it has of its own at its start."""
        for table, column in self._own:
            arrays = [np.asarray(getattr(start, table)) for start in starts]
            each = [array[column] if column else array for array in arrays]
            self.columns[table][column][:] = np.stack(each, axis=1)


def _aligned(shape: tuple[int, ...], kind: Any) -> Array:
    """Zeros that begin where a line of the processor's cache does."""
    size = math.prod(shape) * np.dtype(kind).itemsize
    whole = np.zeros(size + LINE, dtype=np.uint8)
    begin = -whole.ctypes.data % LINE
    found: Array = whole[begin : begin + size].view(kind).reshape(shape)
    return found
