"""A rulebook: who there can be, what is kept of them, what happens in a month, what is observed.

`STANDARD` is Moat's own. An economist adds a kind of agent with an `Extension`,
in one module of their own; both engines run `STANDARD.extended(extension)` as they
run the standard.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from agents import KINDS, MarketAgent
from model.extension import Extension, check, check_all_act
from model.observe import INDICATORS, indicators, observe
from model.reads import parameters_read
from model.schedule import OPENING, SCHEDULE, Phase, actors, phases
from world import state
from world.errors import InputError
from world.kinds import EDGE_KINDS, EDGE_TABLES, INSTITUTIONS, TRAITS, EdgeKind, EdgeTable, Traits
from world.parameters import BY_NAME
from world.state import Column
from world.tables import record_type


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

    @cached_property
    def columns(self) -> dict[str, tuple[Column, ...]]:
        """Columns of all tables that are recorded every month."""
        return {**self.tables, "industry": state.INDUSTRY}

    @cached_property
    def indicator_type(self) -> Any:
        """Record type of a month's indicators."""
        return record_type(self.indicators)

    @cached_property
    def opening_only(self) -> frozenset[str]:
        """Parameters that act as a history opens and never again: no lever in a running one."""
        monthly = [*(phase.rule for phase in self.month), observe, *self.observers]
        return frozenset(BY_NAME) - parameters_read(monthly) | {"release_month"}  # the world's past

    def extended(self, extension: Extension) -> Rulebook:
        """Return this rulebook with what a module adds.

        Raises
        ------
        InputError
            A declaration that contradicts another, or names what is not there.
        """
        check(extension, self)
        tables = {
            cls.table: cls.columns
            for cls in extension.cast.values()
            if cls.columns is not self.tables.get(cls.table)
        }
        cast = {**self.cast, **extension.cast}
        traits = {name: dict(kinds) for name, kinds in self.traits.items()}
        for kind, cls in extension.cast.items():
            traits.setdefault(cls.table, {})[kind] = dict(extension.traits.get(kind, {}))
        extended = replace(
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
        check_all_act(extension.cast, extended)
        return extended


def _inserted(
    month: tuple[Phase, ...], text: str, cast: dict[str, type[MarketAgent]]
) -> tuple[Phase, ...]:
    """Put sentences of the form ``banner | who | rule | after RULE`` into a month."""
    found = list(month)
    for line in filter(None, (line.strip() for line in text.splitlines())):
        sentence, _, place = (part.strip() for part in line.rpartition("|"))
        names = [known.name for known in found]
        before = place.removeprefix("after ")
        if not place.startswith("after ") or before not in names:
            raise InputError(
                f"extension: {line!r} must end with `after` and a rule of the month, such as "
                f"`after {names[0]}`; {place!r} is none."
            )
        (phase,) = phases(sentence, cast)
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
