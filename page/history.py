"""One history on the page: a market, the levers moved in it, and what a look back needs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from model import STANDARD, InputError, Market, Scenario
from model.scenario import shipped
from page.limits import MOST_AGENTS, most_months
from world.faults import meant, shown
from world.files.read import ALIASES, read_world, shipped_worlds
from world.files.shapes import SHAPES
from world.kinds import EDGE_KINDS

OFFERED_WORLDS = (
    *ALIASES,
    *(name for name in shipped_worlds() if name not in ALIASES.values()),
    *(f"synthetic {shape}" for shape in SHAPES),
)

# Reading a world takes longer than a year of its market; a graph is only ever read.
world = lru_cache(maxsize=8)(read_world)


@lru_cache(maxsize=1)
def shipped_scenarios() -> dict[str, Scenario]:
    """The scenarios that come with Moat, by name."""
    return {name: Scenario.load(name) for name in shipped()}


def offered_world(name: Any) -> str:
    """Check that the page offers a world: it opens no file by name, and none that is too large."""
    text = name if isinstance(name, str) else ""
    sized = re.fullmatch(r"(synthetic \w+) ([0-9]{1,9})", text)
    if (sized[1] if sized else text) not in (*OFFERED_WORLDS, *shipped_worlds()):
        raise InputError(
            f"world: {shown(name)} is not offered on the page{meant(name, OFFERED_WORLDS)}; "
            f"allowed are {', '.join(OFFERED_WORLDS)}, the last with a number of agents."
        )
    if sized and not 20 <= int(sized[2]) <= MOST_AGENTS:
        raise InputError(
            f"world: {sized[2]} agents are not offered on the page; "
            f"allowed are from 20 to {MOST_AGENTS}."
        )
    return text


def history_start(scenario: Scenario) -> str:
    """First month of a scenario's world."""
    return str(world(scenario.world).graph.get("start", "2025-01"))


class Move(NamedTuple):
    """A lever moved while the market runs: at the start of which month, to which value."""

    month: int
    name: str
    value: float


class Told(NamedTuple):
    """One event of the story."""

    month: int
    event: str
    actor: str
    other: str
    sentence: str


class History:
    """A market and everything about its past that the page can show.

    Parameters
    ----------
    scenario : Scenario
    seed : int
    moves : sequence of Move
        Levers to be moved when their months come.

    Attributes
    ----------
    events : list of Told
        The whole story so far; the market itself keeps only the latest events.
    """

    def __init__(self, scenario: Scenario, seed: int, moves: Sequence[Move] = ()) -> None:
        self.market = Market(scenario, seed, graph=world(scenario.world))
        self.moves = list(moves)
        self.events: list[Told] = []
        self._opening = self._edges_now({})
        self._opening_tables = {
            place: np.array(getattr(self.market.tables, place)) for place in STANDARD.columns
        }
        self._edges: list[dict[str, Any]] = []

    @property
    def months(self) -> int:
        """Months run."""
        return self.market.month

    @property
    def names(self) -> list[str]:
        """Names of all agents that are or may come to be in the market."""
        return [name for names in self.market.roster.names.values() for name in names]

    @property
    def most_months(self) -> int:
        """Months that the page runs it for."""
        return most_months(len(self.names))

    def step(self) -> None:
        """Move the levers that are due, run one month, keep its edges and events."""
        for move in self.moves:
            if move.month == self.months:
                self.market.intervene("lever", name=move.name, value=move.value)
        told = int(self.market.tables.industry["told"][0])
        month = self.months
        self.market.step()
        self._edges.append(self._edges_now(self._edges[-1] if self._edges else self._opening))
        for row in self.market.story(since=told).itertuples():
            self.events.append(Told(month, row.event, row.actor, row.other, row.sentence))

    def run(self, months: int) -> History:
        """Run until that many months have been run."""
        while self.months < months:
            self.step()
        return self

    def move(self, name: str, value: float) -> None:
        """Move a lever at the start of the next month."""
        again = [m for m in self.moves if (m.month, m.name) != (self.months, name)]
        self.moves = [*again, Move(self.months, name, value)]

    def table_at(self, place: str, month: int) -> Any:
        """A table of agents at a month's end; -1 is the opening."""
        return self._opening_tables[place] if month < 0 else self.market.table_at(place, month)

    def edges_at(self, month: int) -> dict[str, Any]:
        """Weights of all edges by kind at a month's end; -1 is the opening."""
        return self._opening if month < 0 else self._edges[month]

    def _edges_now(self, before: dict[str, Any]) -> dict[str, Any]:
        now = {}
        for kind, edge in EDGE_KINDS.items():
            table = getattr(self.market.tables, edge.table)
            weights = np.array(table["share" if kind == "stake" else "weight"])
            # Most kinds never change: one array serves all their months.
            same = kind in before and np.array_equal(before[kind], weights)
            now[kind] = before[kind] if same else weights
        return now
