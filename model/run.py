"""One compiled history: opened from a start, run month by month, changed on its way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from model.engine import engine_of
from model.month import settle
from model.rulebook import STANDARD, Rulebook
from world.bound import Bound, bind
from world.noise import key
from world.tables import Array, Tables

Act = Callable[[Tables, Bound], None]


def empty_indicators(months: int, rulebook: Rulebook = STANDARD) -> Array:
    """Record array for the indicators of a history, one row a month."""
    return np.zeros(months, dtype=rulebook.indicator_type)


class Run:
    """One history in the compiled engine.

    Parameters
    ----------
    start : Tables
        State before the opening, e.g. of `read_graph`; copied, never changed.
    seed : int, optional
        Opens a history at once.
    rulebook : Rulebook

    Attributes
    ----------
    tables : Tables
    market : Bound
        The same as rules receive it.

    Examples
    --------
    >>> run = Run(start, seed=7)
    >>> run.run(12)
    >>> run.act(lambda tables, market: ...).run(180)
    """

    def __init__(self, start: Tables, seed: int | None = None, rulebook: Rulebook = STANDARD) -> None:
        self.rulebook = rulebook
        self.tables = start.copy()
        self.market = bind(self.tables)
        self._engine = engine_of(rulebook, self.tables)
        # What lies beyond the counts of entries and events is never read.
        self._pairs = [
            (mine.view(np.uint8), theirs.view(np.uint8))
            for (name, mine), (_, theirs) in zip(self.tables, start, strict=True)
            if name not in ("entries", "events") and mine.size
        ]
        if seed is not None:
            self.open(seed)

    def open(self, seed: int) -> Run:
        """Begin a history: back to the start, character and values drawn from the seed."""
        for mine, theirs in self._pairs:
            np.copyto(mine, theirs)
        self.tables.luck[0] = key(seed)
        self._engine.open_history(self.market)
        settle(self.tables, self.rulebook)
        return self

    def begin_month(self) -> Run:
        """Clear the columns that live a month, for who lets rules act by hand."""
        self._engine.clear_month(self.market)
        return self

    def perform(self, rule: Any, row: int = 0) -> Run:
        """Let one row act by a rule of the month or the opening."""
        self._engine.perform(rule, self.market, row)
        return self

    def act(self, act: Act) -> Run:
        """Change the history by hand: ``act(tables, market)``, before the next month."""
        act(self.tables, self.market)
        return self

    def run(self, months: int, indicators: Array | None = None) -> Array:
        """Run months and return their indicators.

        Parameters
        ----------
        months : int
        indicators : record array, optional
            Rows to fill, one a month; else new ones.
        """
        if indicators is None:
            indicators = empty_indicators(months, self.rulebook)
        self.market.put("indicators", indicators)
        self._engine.run_history(self.market, months)
        return indicators
