"""An extension: what an economist's own module adds to the market, and whether it can."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from agents import MarketAgent
from model.classes import ignored
from model.observe import indicators
from world.compiled import PARTS
from world.errors import InputError
from world.faults import Faults
from world.kinds import INSTITUTIONS, EdgeKind, EdgeTable, Traits
from world.opening import check_openings

if TYPE_CHECKING:
    from model.rulebook import Rulebook


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


NEEDED = ("alive", "account")  # columns without which nobody acts or is paid
ENDS = ("source", "target")


def check(extension: Extension, book: Rulebook) -> None:
    """Refuse an extension whose declarations cannot stand beside those of a rulebook.

    Raises
    ------
    InputError
        What is wrong, where, and what is allowed.
    """
    places = {**book.tables, **dict.fromkeys(INSTITUTIONS, ())}
    new = dict.fromkeys((*extension.cast, *extension.edges, *extension.edge_tables))
    for kind, cls in extension.cast.items():
        if not getattr(cls, "table", ""):
            raise InputError(f"extension: {kind!r}: its class must name its `table`.")
        if cls.columns is not book.tables.get(cls.table):
            new[cls.table] = None
            places[cls.table] = cls.columns
            _check_table(kind, cls, extension.traits.get(kind, {}))
    for name in new:
        if name in {*book.cast, *book.edges, *book.edge_tables, *book.tables, *INSTITUTIONS}:
            raise InputError(f"extension: the name {name!r} is taken.")
    tables = {**book.edge_tables, **extension.edge_tables}
    for name, table in extension.edge_tables.items():
        if table.seen_from not in ("tail", "head"):
            raise InputError(
                f"extension: edges {name!r} are seen from {table.seen_from!r}; allowed are tail "
                "and head."
            )
    for name, edge in extension.edges.items():
        _check_edge(name, edge, tables, places)
    _check_indicators(extension, book)


def check_all_act(cast: Mapping[str, type[MarketAgent]], book: Rulebook) -> None:
    """Refuse rules of new kinds that no month performs, and methods that are no rule."""
    faults = Faults("extension")
    for cls in cast.values():
        for name, fault in ignored(cls, MarketAgent, list(cls.rules)):
            faults.add(f"{cls.__name__}.{name}", fault)
    faults.refuse_any()
    performed = {phase.name for phase in (*book.month, *book.opening)}
    for kind, cls in cast.items():
        for rule in cls.rules.values():
            if rule.__name__ not in performed:
                raise InputError(
                    f"extension: rule {rule.__name__!r} of {kind!r} stands in no sentence of the "
                    "month, so it would never be performed."
                )


def _check_table(kind: str, cls: type[MarketAgent], traits: Traits) -> None:
    names = [column.name for column in cls.columns]
    for needed in NEEDED:
        if needed not in names:
            raise InputError(
                f"extension: {kind!r}: its columns need {needed!r}; see `world.state`."
            )
    check_openings(cls.table, cls.columns, traits)


def _check_edge(
    name: str, edge: EdgeKind, tables: Mapping[str, EdgeTable], places: Mapping[str, Any]
) -> None:
    if edge.table not in tables:
        raise InputError(
            f"extension: edge {name!r}: there is no table {edge.table!r} of edges; there are "
            f"{', '.join(tables)}."
        )
    for end in (edge.tail, edge.head):
        if end not in places:
            raise InputError(
                f"extension: edge {name!r}: there are no {end!r} to stand at its end; there are "
                f"{', '.join(places)}."
            )
    columns = [column.name for column in tables[edge.table].columns if column.name not in ENDS]
    for figure in edge.figures:
        if figure not in columns:
            raise InputError(
                f"extension: edge {name!r}: table {edge.table!r} has no column {figure!r}; it has "
                f"{', '.join(columns)}."
            )


def _check_indicators(extension: Extension, book: Rulebook) -> None:
    new = indicators(extension.indicators)
    for column in new:
        if column.name in {known.name for known in book.indicators}:
            raise InputError(f"extension: indicator {column.name!r} is taken.")
    observe: Callable[[Any, Any], None] | None = extension.observe
    if bool(new) != (observe is not None):
        raise InputError(
            "extension: indicators and `observe`, which fills them, are given together or not at all."
        )
    if observe is not None:
        if observe not in PARTS:
            raise InputError(f"extension: {observe.__name__!r} needs `@part` before its `def`.")
        taken = list(inspect.signature(observe).parameters)
        if len(taken) != 2:
            raise InputError(
                f"extension: {observe.__name__!r} must take (market, row), not "
                f"({', '.join(taken)})."
            )
