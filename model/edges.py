"""Edges of a market graph as tables, with the indices by which rules look along them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from itertools import product
from typing import Any

import networkx as nx
import numpy as np

from model.rulebook import STANDARD, Rulebook
from model.said import Rows, figure_of, name_of
from world.errors import InputError
from world.kinds import EdgeTable
from world.tables import Array, table

Edges = dict[tuple[int, int], dict[str, float]]  # what an edge says, by rows of tail and head


def edge_tables(
    graph: nx.MultiDiGraph, found: Mapping[str, Rows], rulebook: Rulebook
) -> tuple[dict[str, Array], Array]:
    """Tables of edges with their indices; and the row of each developer's government."""
    said = _edges_said(graph, found, rulebook)
    _serve_everybody(said, found, rulebook)
    _refuse_crowded(said["lives"], found["governments"])
    located = np.zeros(len(found["developers"]))
    for g, j in said["located"]:
        located[j] = g
    out: dict[str, Array] = {}
    for name, declared in rulebook.edge_tables.items():
        seen_from = 1 if declared.seen_from == "head" else 0
        place = rulebook.end_of(name, declared.seen_from)
        if declared.single:
            _one_each(said[name], name, found[place], seen_from)
        out |= _edge_table(said[name], name, declared, seen_from, found, rulebook)
    _refuse_oversold(out["ties"], found["developers"])
    return out, located


def _edges_said(
    graph: nx.MultiDiGraph, found: Mapping[str, Rows], rulebook: Rulebook
) -> dict[str, Edges]:
    """What the graph's edges say, by table."""
    place = {
        node: (name, row) for name, rows in found.items() for row, (node, _) in enumerate(rows)
    }
    said: dict[str, Edges] = {name: {} for name in rulebook.edge_tables}
    for tail, head, data in graph.edges(data=True):
        kind = rulebook.edges.get(data.get("kind", ""))
        if kind is None:
            raise InputError(
                f"{_named(graph, tail, head)}: kind {data.get('kind')!r} is unknown; allowed are "
                f"{', '.join(rulebook.edges)}."
            )
        if place[tail][0] != kind.tail or place[head][0] != kind.head:
            raise InputError(
                f"{_named(graph, tail, head)}: {data['kind']!r} goes from {kind.tail} to {kind.head}, "
                f"not from {place[tail][0]} to {place[head][0]}."
            )
        entry = said[kind.table].setdefault((place[tail][1], place[head][1]), {})
        figures = {**USUAL, **data}
        for figure in kind.figures:
            value = figures.get(figure)
            if type(value) is not float or not math.isfinite(value):  # seldom: then it is looked at
                value = figure_of(figures, _named(graph, tail, head, ""), figure, "edge")
                if math.isnan(value):
                    raise InputError(f"{_named(graph, tail, head)}: {figure} must be a "
                                     "finite number, not None.")  # fmt: skip
            entry[figure] = value
        if "weight" in kind.figures:
            if not 0.0 <= entry["weight"] <= 1.0:
                raise InputError(
                    f"{_named(graph, tail, head)}: weight {entry['weight']:g} must be from 0 to 1."
                )
            entry["cut"] = float(entry["weight"] == 0.0)  # no rule brings an absent edge to life
    return said


USUAL = {"weight": 1.0, "paid": 0.0}  # figures of edges that may be left out


def _serve_everybody(said: dict[str, Edges], found: Mapping[str, Rows], rulebook: Rulebook) -> None:
    """Where a graph does not say who serves whom, or where customers live: all alike."""
    count = len(found["customers"])
    sellers = [
        j for j, (_, data) in enumerate(found["developers"])
        if rulebook.traits["developers"][data["kind"]]["sells"]
    ]  # fmt: skip
    if not said["serves"]:
        for j, s in product(sellers, range(count)):
            said["serves"][j, s] = {"weight": 1.0}
    if not said["lives"]:
        for s, g in product(range(count), range(len(found["governments"]))):
            said["lives"][s, g] = {"weight": 1.0 / count}


def _named(graph: nx.MultiDiGraph, tail: Any, head: Any, what: str = "graph edge ") -> str:
    """The two ends of an edge, for a message."""
    return f"{what}{name_of(tail, graph.nodes[tail])!r} to {name_of(head, graph.nodes[head])!r}"


def _edge_table(
    said: Edges,
    name: str,
    declared: EdgeTable,
    seen_from: int,
    found: Mapping[str, Rows],
    rulebook: Rulebook,
) -> dict[str, Array]:
    """A table of edges sorted by who looks along them, with the index of that end (and the other)."""
    keys = sorted(said, key=lambda key: (key[seen_from], key[1 - seen_from]))
    edges = table(declared.columns, len(keys))
    edges["source"], edges["target"] = np.array(keys, dtype=np.int64).reshape(-1, 2).T
    for column in declared.columns[2:]:
        edges[column.name] = [said[key].get(column.name, 0.0) for key in keys]
    ends = ("source", "target")
    places = [rulebook.end_of(name, end) for end in ("tail", "head")]
    out = {name: edges}
    if not declared.single:
        owners = edges[ends[seen_from]]
        out[declared.starts or f"{name}_of"] = _starts(owners, len(found[places[seen_from]]))
    if declared.back:
        other = ends[1 - seen_from]
        order = np.lexsort((edges[ends[seen_from]], edges[other]))
        out[declared.back] = order.astype(np.int64)
        out[f"{declared.back}_of"] = _starts(edges[other], len(found[places[1 - seen_from]]))
    return out


def _one_each(said: Edges, name: str, rows: Rows, seen_from: int) -> None:
    """Every agent has one edge of this kind; a missing one is an edge of weight zero."""
    counts = Counter(key[seen_from] for key in said)
    for row, (node, data) in enumerate(rows):
        count = counts[row]
        if count > 1:
            raise InputError(
                f"graph node {name_of(node, data)!r}: {count} {name!r} edges; one is allowed."
            )
        if count == 0:
            said[(0, row) if seen_from == 1 else (row, 0)] = {"weight": 0.0, "cut": 1.0}


def _starts(owners: Array, count: int) -> Array:
    starts = np.zeros(count + 1, dtype=np.int64)
    starts[1:] = np.cumsum(np.bincount(owners, minlength=count)[:count])
    return starts


def _refuse_crowded(lives: Edges, governments: Rows) -> None:
    """Customers' parts of a government's demand are no more than all of it."""
    for g, (node, data) in enumerate(governments):
        part = math.fsum(edge["weight"] for (_, home), edge in lives.items() if home == g)
        if part > 1.0 + 1e-9:
            raise InputError(
                f"graph node {name_of(node, data)!r}: the parts of its demand along 'lives' add up to "
                f"{part:g}; allowed is up to 1."
            )


def _refuse_oversold(ties: Array, developers: Rows) -> None:
    shares = np.bincount(ties["target"], weights=ties["share"], minlength=len(developers))
    if len(shares) and shares.max() > 1.0 + 1e-9:
        name = name_of(*developers[int(shares.argmax())])
        raise InputError(f"graph: stakes in {name!r} add up to {shares.max():.3f}, more than 1.")


def paying_edges(edges: Mapping[str, Array], rulebook: Rulebook) -> int:
    """Edges along which money can pass more than once a month: ties, and those of extensions."""
    paying = set(rulebook.edge_tables) - set(STANDARD.edge_tables) | {"ties"}
    return sum(len(edges[name]) for name in paying)
