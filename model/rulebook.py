"""A rulebook: who there can be, what is kept of them, what happens in a month, what is observed.

`STANDARD` is Moat's own. An economist adds a kind of agent with an `Extension`,
in one module of their own; both engines run `STANDARD.extended(extension)` as they
run the standard.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

from agents import KINDS, MarketAgent
from model.observe import INDICATORS, indicators
from model.schedule import OPENING, SCHEDULE, Phase, actors, phases
from world import state
from world.kinds import EDGE_KINDS, EDGE_TABLES, INSTITUTIONS, TRAITS, EdgeKind, EdgeTable, Traits
from world.state import Column
from world.tables import record_type


class Extension(NamedTuple):
    """What a module adds to the market; everything but the cast may be left out.

    Attributes
    ----------
    cast : mapping
        Classes of agents by kind; those of one `table` share its `columns`. A subclass of one
        of Moat's adds a kind to its table.
    traits : mapping
        What distinguishes the kinds, as in `world.kinds`; needed for columns opened by ``trait``.
    edge_tables, edges : mapping
        How edges are kept, and their kinds.
    month : str
        Sentences as in `model.schedule`, each with its place: ``banner | who | rule | after RULE``.
    indicators : str
        ``name | type | unit | meaning`` a line.
    observe : callable, optional
        ``observe(market, row)``: a compiled part that fills them.
    """

    cast: Mapping[str, type[MarketAgent]]
    traits: Mapping[str, Traits] = {}
    edge_tables: Mapping[str, EdgeTable] = {}
    edges: Mapping[str, EdgeKind] = {}
    month: str = ""
    indicators: str = ""
    observe: Callable[[Any, Any], None] | None = None


@dataclass(frozen=True, eq=False)
class Rulebook:
    """All declarations that both engines run by.

    Attributes
    ----------
    tables : mapping
        Columns of each table of agents.
    traits : mapping
        Kinds by table, and what distinguishes them.
    edge_tables, edges, cast : mapping
    month, opening : tuple of Phase
    indicators : tuple of Column
    observers : tuple
        Compiled parts ``observer(market, row)`` of extensions.
    draws : mapping
        Tables of uniform numbers: whose rows they are for, and their named slots.
    """

    tables: Mapping[str, tuple[Column, ...]]
    traits: Mapping[str, Mapping[str, Traits]]
    edge_tables: Mapping[str, EdgeTable]
    edges: Mapping[str, EdgeKind]
    cast: Mapping[str, type[MarketAgent]]
    month: tuple[Phase, ...]
    opening: tuple[Phase, ...]
    indicators: tuple[Column, ...]
    observers: tuple[Any, ...] = ()
    draws: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=lambda: state.DRAWS)

    @property
    def kinds(self) -> list[str]:
        """Every kind of node that a graph may hold."""
        return [*(kind for kinds in self.traits.values() for kind in kinds), *INSTITUTIONS]

    def table_of(self, kind: str) -> str:
        """Table in which a kind has its rows; an institution is its own; empty if unknown."""
        if kind in INSTITUTIONS:
            return kind
        return next((place for place, kinds in self.traits.items() if kind in kinds), "")

    def end_of(self, table: str, end: str) -> str:
        """Whose rows stand at an end (``tail`` or ``head``) of the edges of a table."""
        kind = next(kind for kind in self.edges.values() if kind.table == table)
        return kind.tail if end == "tail" else kind.head

    @property
    def drawn_monthly(self) -> tuple[str, ...]:
        """Tables of uniform numbers that are drawn every month; the others only at the opening."""
        return state.DRAWN_MONTHLY

    @cached_property
    def columns(self) -> dict[str, tuple[Column, ...]]:
        """Columns of all tables that are recorded every month."""
        return {**self.tables, "industry": state.INDUSTRY}

    @cached_property
    def indicator_type(self) -> Any:
        """Record type of a month's indicators."""
        return record_type(self.indicators)

    def extended(self, extension: Extension) -> Rulebook:
        """Return this rulebook with what a module adds.

        Raises
        ------
        ValueError
            A name that is taken, or a sentence of the month that names nobody.
        """
        tables = {
            cls.table: cls.columns
            for cls in extension.cast.values()
            if cls.columns is not self.tables.get(cls.table)
        }
        for name in (*extension.cast, *extension.edges, *extension.edge_tables, *tables):
            if name in {*self.cast, *self.edges, *self.edge_tables, *self.tables, *INSTITUTIONS}:
                raise ValueError(f"extension: {name!r} is taken.")
        cast = {**self.cast, **extension.cast}
        traits = {name: dict(kinds) for name, kinds in self.traits.items()}
        for kind, cls in extension.cast.items():
            traits.setdefault(cls.table, {})[kind] = dict(extension.traits.get(kind, {}))
        return replace(
            self,
            tables={**self.tables, **tables},
            traits=traits,
            edge_tables={**self.edge_tables, **extension.edge_tables},
            edges={**self.edges, **extension.edges},
            cast=cast,
            month=_inserted(self.month, extension.month, actors(cast.items())),
            indicators=(*self.indicators, *indicators(extension.indicators)),
            observers=(*self.observers, *filter(None, [extension.observe])),
        )


def _inserted(
    month: tuple[Phase, ...], text: str, cast: dict[str, type[MarketAgent]]
) -> tuple[Phase, ...]:
    """Put sentences of the form ``banner | who | rule | after RULE`` into a month."""
    found = list(month)
    for line in filter(None, (line.strip() for line in text.splitlines())):
        *sentence, place = (part.strip() for part in line.split("|"))
        (phase,) = phases(" | ".join(sentence), cast)
        names = [known.name for known in found]
        before = place.removeprefix("after ")
        if before not in names:
            raise ValueError(f"extension: {line!r}: the month has no rule {before!r}.")
        found.insert(names.index(before) + 1, phase)
    return tuple(found)


STANDARD = Rulebook(
    tables=state.AGENTS,
    traits=TRAITS,
    edge_tables=EDGE_TABLES,
    edges=EDGE_KINDS,
    cast=KINDS,
    month=SCHEDULE,
    opening=OPENING,
    indicators=INDICATORS,
)
