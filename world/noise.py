"""Randomness: one root seed a history, one generator a table.

Each table of agents has its own stream of uniform numbers, in blocks of fixed
shape with named slots. Rules read slots and never draw, so the order of agents,
observers, engines and policies cannot shift the noise.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from world.errors import InputError
from world.state import DRAWN_MONTHLY, DRAWS
from world.tables import Array, Tables


def checked_seed(seed: Any) -> int:
    """Return a root seed as an integer; `InputError` unless it is a whole number from 0."""
    whole = isinstance(seed, (int, np.integer)) and not isinstance(seed, bool)
    if not whole or seed < 0:
        raise InputError(f"seed {seed!r} must be a whole number from 0.")
    return int(seed)


class Noise:
    """The streams of one history.

    Parameters
    ----------
    seed : int
        Root seed.
    tables : Tables
        Whose shapes the blocks have.
    names : iterable of str
        Tables of uniform numbers, each with a stream of its own; more of them leave
        the streams of those before as they are.
    """

    def __init__(self, seed: int, tables: Tables, names: Iterable[str] = DRAWS) -> None:
        names = list(names)
        children = np.random.SeedSequence(seed).spawn(len(names))
        self._streams = {
            name: np.random.Generator(np.random.PCG64(child))
            for name, child in zip(names, children, strict=True)
        }
        self._shapes = {name: getattr(tables, name).shape for name in names}

    def fill(self, tables: Tables, names: Iterable[str] = DRAWN_MONTHLY) -> None:
        """Draw the next block of each named table in place."""
        for name in names:
            self._streams[name].random(out=getattr(tables, name))

    def blocks(self, months: int, names: Iterable[str] = DRAWN_MONTHLY) -> tuple[Array, ...]:
        """Draw many months at once; the same numbers as `fill` month by month."""
        return tuple(self._streams[name].random((months, *self._shapes[name])) for name in names)
