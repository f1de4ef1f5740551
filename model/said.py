"""What a market graph says: its nodes by table, and the figures that they give."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import networkx as nx
import numpy as np

from model.rulebook import Rulebook
from world.errors import InputError
from world.kinds import INSTITUTIONS
from world.state import RUN_KINDS
from world.tables import Array

Rows = list[tuple[Any, dict[str, Any]]]  # nodes with what they say, in the order of their rows

WORDS = {"run_kind": RUN_KINDS}  # figures that a graph gives as a word


def name_of(node: Any, data: Mapping[str, Any]) -> str:
    """Name of an agent: what its node says, or the node itself."""
    return str(data.get("name", node))


def figure_of(data: Mapping[str, Any], name: str, key: str, place: str = "node") -> float:
    """A figure that a node (or an edge) gives; NaN if it gives none."""
    value = data.get(key)
    if key in WORDS and isinstance(value, str):
        if value not in WORDS[key]:
            raise InputError(
                f"graph node {name!r}: {key} {value!r} is unknown; allowed are "
                f"{', '.join(WORDS[key])}."
            )
        return float(WORDS[key].index(value))
    if value is None:
        return math.nan
    if isinstance(value, (bool, np.bool_)):
        value = float(value)
    if not isinstance(value, (int, float, np.integer, np.floating)) or not math.isfinite(value):
        raise InputError(f"graph {place} {name!r}: {key} must be a finite number, not {value!r}.")
    return float(value)


def nodes_by_table(graph: nx.MultiDiGraph, rulebook: Rulebook) -> dict[str, Rows]:
    """Nodes by table, in the order of their rows."""
    found: dict[str, Rows] = {place: [] for place in (*rulebook.tables, *INSTITUTIONS)}
    for node, data in graph.nodes(data=True):
        place = rulebook.table_of(data.get("kind", ""))
        if not place:
            raise InputError(
                f"graph node {node!r}: kind {data.get('kind', '')!r} is unknown; allowed are "
                f"{', '.join(rulebook.kinds)}."
            )
        found[place].append((node, data))
    for institution in INSTITUTIONS:
        if len(found[institution]) != 1:
            raise InputError(
                f"graph: exactly one node of kind {institution!r} is needed, "
                f"found {len(found[institution])}."
            )
    for needed in ("developers", "customers", "governments"):
        if not found[needed]:
            raise InputError(f"graph: at least one of {needed} is needed, found none.")
    order = list(rulebook.kinds)
    for place in rulebook.tables:
        # By name, so that the order in which nodes were added changes nothing; those
        # of a kind are neighbours, and places for entrants come last.
        found[place].sort(
            key=lambda item: (
                1 - int(item[1].get("alive", 1)), order.index(item[1]["kind"]), name_of(*item)
            )
        )  # fmt: skip
    return found


class Figures:
    """What the nodes of one table say, figure by figure: NaN where one says nothing.

    A place for an agent yet to come says nothing but that.
    """

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def __getattr__(self, name: str) -> Array:
        figures = np.array([
            figure_of(data, name_of(node, data), name)
            if name == "alive" or data.get("alive", 1) else math.nan
            for node, data in self._rows
        ])  # fmt: skip
        self.__dict__[name] = figures  # asked for again under each set of parameters
        return figures


class MarketFigures:
    """What the graph says of itself: NaN where it says nothing."""

    def __init__(self, said: Mapping[str, Any]) -> None:
        self._said = said

    def __getattr__(self, name: str) -> float:
        return figure_of(self._said, "graph", name)
