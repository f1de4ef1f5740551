"""One compiled history: opened from a start, run month by month, changed on its way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from model.engine import engine_of
from model.graph import Roster
from model.interventions import Intervention, Standing, carry_out, checked
from model.kept import Kept
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
    roster : Roster, optional
        Who is who, for `intervene`.

    Attributes
    ----------
    tables : Tables
    market : Bound
        The same as rules receive it.
    interventions : list of Intervention
        What was done by hand.

    Examples
    --------
    >>> run = Run(start, seed=7)
    >>> run.run(12)
    >>> run.act(lambda tables, market: ...).run(180)
    """

    def __init__(
        self, start: Tables, seed: int | None = None, rulebook: Rulebook = STANDARD,
        roster: Roster | None = None,
    ) -> None:  # fmt: skip
        self.rulebook = rulebook
        self.roster = roster
        self.interventions: list[Intervention] = []
        self._queue: list[Intervention] = []
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
        self.interventions, self._queue = [], []
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
        """Look at the history or change it, unchecked and untold: ``act(tables, market)``, now."""
        act(self.tables, self.market)
        return self

    def intervene(self, action: str, **arguments: Any) -> Run:
        """Change the history by hand in the next month, as `Market.intervene` does.

        Raises
        ------
        InputError
            As there; and an agent's name, of a history that was not given its `roster`.
        """
        self._queue.append(checked(self._standing(), action, arguments, self._queue))
        return self

    def _standing(self) -> Standing:
        return Standing(self.tables, self.market, self.roster, self.rulebook)

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
        first = 1 if self._queue and months else 0
        if first:
            self.market.put("indicators", indicators[:first])
            self._change_month()
        self.market.put("indicators", indicators[first:])
        self._engine.run_history(self.market, months - first)
        return indicators

    def _change_month(self) -> None:
        """Run one month and do in it what waits, all or nothing; in an error the run is as before."""
        kept, queue = Kept(self.tables), self._queue
        self._queue = []
        try:
            self._engine.clear_month(self.market)
            for phase in self.rulebook.month:
                if queue and phase.banner != "open":
                    self.interventions += carry_out(self._standing(), queue)
                    queue = []
                self._engine.perform_all(phase.name, self.market)
            self._engine.observe_month(self.market, 0)
        except BaseException:
            kept.put_back()
            raise
        self.tables.industry["month"][0] += 1
