"""Edges of a market graph: what they say, checked, as tables with the indices by which rules look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

import networkx as nx
import numpy as np

from model.contract import EDGE_DEFAULTS, Contract
from model.figures import check_known, checked_figures, first_of, grouped, hint
from model.rulebook import STANDARD, Rulebook
from model.said import Rows, name_of
from world.faults import Faults, shown
from world.kinds import EdgeTable
from world.tables import Array, table

ROUNDING = 1e-9  # by which shares may add up to more than all
PLAIN_OF_EDGES = ("kind", "weight")  # a stake may say a weight too, as `Market.graph` does


class Edges(NamedTuple):
    """Edges of one kind or table: rows of tails and heads, and figures, each of shape (edges,)."""

    tail: Array
    head: Array
    figures: dict[str, Array]

    def ends(self, seen_from: str) -> tuple[Array, Array]:
        """Who looks along them, and at whom."""
        return (self.head, self.tail) if seen_from == "head" else (self.tail, self.head)


# --- what edges say ---------------------------------------------------------------------------


def edges_said(
    graph: nx.MultiDiGraph,
    found: Mapping[str, Rows],
    contract: Contract,
    rulebook: Rulebook,
    faults: Faults,
) -> dict[str, Edges]:
    """Check what the graph's edges say, and return it by kind."""
    rows = {place: {node: row for row, (node, _) in enumerate(nodes)} for place, nodes in found.items()}
    by_kind: dict[str, list[Any]] = {kind: [] for kind in rulebook.edges}
    odd = []
    for edge in graph.edges(data=True):
        kind = edge[2].get("kind")
        if isinstance(kind, str) and kind in by_kind:
            by_kind[kind].append(edge)
        else:
            odd.append(edge)
    for kind, edges in grouped(odd, lambda edge: shown(edge[2].get("kind"))):
        what = f"kind {kind} is unknown" if "kind" in edges[0][2] else "kind is missing"
        faults.add(
            _these(graph, edges),
            f"{what}{hint(kind, by_kind, faults)}; allowed are {', '.join(by_kind)}.",
        )
    said = {kind: _said(graph, kind, edges, rows, contract, rulebook, faults)
            for kind, edges in by_kind.items()}  # fmt: skip
    _refuse_several(said, found, rulebook, faults)
    _refuse_more_than_all(said, found, faults)
    return said


def _said(
    graph: nx.MultiDiGraph,
    kind: str,
    edges: list[Any],
    rows: Mapping[str, Mapping[Any, int]],
    contract: Contract,
    rulebook: Rulebook,
    faults: Faults,
) -> Edges:
    """Check the edges of one kind."""
    declared = rulebook.edges[kind]
    tails, heads = rows[declared.tail], rows[declared.head]
    fits = [edge[0] in tails and edge[1] in heads for edge in edges]
    if not all(fits):
        _refuse_ends(graph, kind, [e for e, fit in zip(edges, fits, strict=True) if not fit], rows,
                     rulebook, faults)  # fmt: skip
        edges = [edge for edge, fit in zip(edges, fits, strict=True) if fit]
    tail = np.array([tails[edge[0]] for edge in edges], dtype=np.int64)
    head = np.array([heads[edge[1]] for edge in edges], dtype=np.int64)
    if declared.tail == declared.head:
        _refuse_these(graph, edges, tail == head, f"{kind!r} joins an agent with itself; "
                      "allowed are two agents", faults)  # fmt: skip
    _, first, count = np.unique(tail * (len(heads) + 1) + head, return_index=True, return_counts=True)
    again = np.zeros(len(edges), dtype=bool)
    again[first[count > 1]] = True
    _refuse_these(graph, edges, again, f"{kind!r} stands there more than once; allowed is one", faults)
    places, data = _Places(graph, edges), [edge[2] for edge in edges]
    check_known(places, data, (*PLAIN_OF_EDGES, *declared.figures), faults)
    figures = checked_figures(places, data, contract.edges[kind], np.ones(len(edges), bool), faults)
    for name, values in figures.items():
        figures[name] = np.where(np.isnan(values), EDGE_DEFAULTS.get(name, 0.0), values)
    if "weight" in figures:  # no rule brings an absent edge to life
        figures["cut"] = (figures["weight"] == 0.0).astype(float)
    return Edges(tail, head, figures)


class _Places(Sequence[str]):
    """Edges named by their ends, each when it is asked for."""

    def __init__(self, graph: nx.MultiDiGraph, edges: list[Any]) -> None:
        self._graph = graph
        self._edges = edges

    def __getitem__(self, row: Any) -> str:  # type: ignore[override]
        tail, head, _ = self._edges[row]
        return f"edge {self._name(tail)} to {self._name(head)}"

    def __len__(self) -> int:
        return len(self._edges)

    def _name(self, node: Any) -> str:
        return shown(name_of(node, self._graph.nodes[node]))


def _these(graph: nx.MultiDiGraph, edges: list[Any]) -> str:
    """The first of some edges, and how many more there are."""
    return first_of(_Places(graph, edges), range(len(edges)))


def _refuse_these(
    graph: nx.MultiDiGraph, edges: list[Any], bad: Array, fault: str, faults: Faults
) -> None:
    if bad.any():
        faults.add(first_of(_Places(graph, edges), np.flatnonzero(bad)), f"{fault}.")


def _refuse_ends(
    graph: nx.MultiDiGraph,
    kind: str,
    edges: list[Any],
    rows: Mapping[str, Mapping[Any, int]],
    rulebook: Rulebook,
    faults: Faults,
) -> None:
    """Note edges between agents that their kind cannot join."""
    def place_of(node: Any) -> str:
        return next((place for place, members in rows.items() if node in members), "")

    declared = rulebook.edges[kind]
    for (tail, head), found in grouped(edges, lambda edge: (place_of(edge[0]), place_of(edge[1]))):
        if tail and head:
            faults.add(
                _these(graph, found),
                f"{kind!r} goes from {declared.tail} to {declared.head}, not from {tail} to {head}.",
            )


def _refuse_several(
    said: Mapping[str, Edges], found: Mapping[str, Rows], rulebook: Rulebook, faults: Faults
) -> None:
    """An agent has one edge of kinds that are kept as single."""
    for kind, edge in rulebook.edges.items():
        declared = rulebook.edge_tables[edge.table]
        if declared.single:
            rows = found[rulebook.end_of(edge.table, declared.seen_from)]
            owner, _ = said[kind].ends(declared.seen_from)
            counts = np.bincount(owner, minlength=len(rows))
            for row in np.flatnonzero(counts > 1):
                faults.add(f"node {shown(name_of(*rows[row]))}",
                           f"{counts[row]} {kind!r} edges; one is allowed.")  # fmt: skip


def _refuse_more_than_all(
    said: Mapping[str, Edges], found: Mapping[str, Rows], faults: Faults
) -> None:
    """Customers are no more than all of a demand, owners hold no more than all shares."""
    sums = (
        ("lives", "weight", "governments", "the parts of its demand along 'lives' add up to"),
        ("stake", "share", "developers", "the stakes in it add up to"),
    )
    for kind, figure, place, what in sums:
        edges, rows = said[kind], found[place]
        total = np.bincount(edges.head, weights=edges.figures[figure], minlength=len(rows))
        for row in np.flatnonzero(total > 1.0 + ROUNDING):
            faults.add(
                f"node {shown(name_of(*rows[row]))}", f"{what} {total[row]:.4g}; allowed is up to 1."
            )


# --- tables -----------------------------------------------------------------------------------


def edge_tables(
    said: Mapping[str, Edges], found: Mapping[str, Rows], rulebook: Rulebook
) -> tuple[dict[str, Array], Array]:
    """Tables of edges with their indices; and the row of each developer's government."""
    said = {**said, **_serving_everybody(said, found, rulebook)}
    located = np.zeros(len(found["developers"]))
    located[said["located"].head] = said["located"].tail
    out: dict[str, Array] = {}
    for name, declared in rulebook.edge_tables.items():
        edges = _joined(name, declared, said, found, rulebook)
        if declared.single:
            count = len(found[rulebook.end_of(name, declared.seen_from)])
            edges = _one_each(edges, declared.seen_from, count)
        out |= _edge_table(edges, name, declared, found, rulebook)
    return out, located


def _serving_everybody(
    said: Mapping[str, Edges], found: Mapping[str, Rows], rulebook: Rulebook
) -> dict[str, Edges]:
    """Where a graph does not say who serves whom, or where customers live: all alike."""
    count = len(found["customers"])
    sellers = [
        j for j, (_, data) in enumerate(found["developers"])
        if rulebook.traits["developers"][data["kind"]]["sells"]
    ]  # fmt: skip
    out = {}
    if not len(said["serves"].tail):
        out["serves"] = _alike(sellers, range(count), 1.0)
    if not len(said["lives"].tail):
        out["lives"] = _alike(range(count), range(len(found["governments"])), 1.0 / max(1, count))
    return out


def _alike(tails: Any, heads: Any, weight: float) -> Edges:
    tail, head = np.array(list(product(tails, heads)), dtype=np.int64).reshape(-1, 2).T
    return Edges(tail, head, {"weight": np.full(len(tail), weight)})


def _joined(
    name: str,
    declared: EdgeTable,
    said: Mapping[str, Edges],
    found: Mapping[str, Rows],
    rulebook: Rulebook,
) -> Edges:
    """Edges of all kinds of one table: kinds that join the same two agents share a row."""
    kinds = [said[kind] for kind, edge in rulebook.edges.items() if edge.table == name]
    heads = len(found[rulebook.end_of(name, "head")]) + 1
    codes = [edges.tail * heads + edges.head for edges in kinds]
    pairs = np.unique(np.concatenate(codes))
    columns = [column.name for column in declared.columns[2:]]
    figures = {column: np.zeros(len(pairs)) for column in columns}
    for code, edges in zip(codes, kinds, strict=True):
        rows = np.searchsorted(pairs, code)
        for column in edges.figures.keys() & figures.keys():
            figures[column][rows] = edges.figures[column]
    return Edges(pairs // heads, pairs % heads, figures)


def _one_each(edges: Edges, seen_from: str, count: int) -> Edges:
    """Every agent has one edge of this kind; a missing one is an edge of weight zero."""
    owner, other = edges.ends(seen_from)
    lacking = np.setdiff1d(np.arange(count), owner)
    owner, other = np.append(owner, lacking), np.append(other, np.zeros_like(lacking))
    figures = {column: np.append(values, np.full(len(lacking), float(column == "cut")))
               for column, values in edges.figures.items()}  # fmt: skip
    tail, head = (other, owner) if seen_from == "head" else (owner, other)
    return Edges(tail, head, figures)


def _edge_table(
    edges: Edges,
    name: str,
    declared: EdgeTable,
    found: Mapping[str, Rows],
    rulebook: Rulebook,
) -> dict[str, Array]:
    """A table of edges sorted by who looks along them, with the index of that end (and the other)."""
    owner, other = edges.ends(declared.seen_from)
    order = np.lexsort((other, owner))
    rows = table(declared.columns, len(order))
    rows["source"], rows["target"] = edges.tail[order], edges.head[order]
    for column, values in edges.figures.items():
        rows[column] = values[order]
    tails, heads = (len(found[rulebook.end_of(name, end)]) for end in ("tail", "head"))
    owners, others = (heads, tails) if declared.seen_from == "head" else (tails, heads)
    out = {name: rows}
    if not declared.single:
        out[declared.starts or f"{name}_of"] = _starts(owner, owners)
    if declared.back:
        back = np.lexsort((owner[order], other[order]))
        out[declared.back] = back.astype(np.int64)
        out[f"{declared.back}_of"] = _starts(other, others)
    return out


def _starts(owners: Array, count: int) -> Array:
    starts = np.zeros(count + 1, dtype=np.int64)
    starts[1:] = np.cumsum(np.bincount(owners, minlength=count)[:count])
    return starts


def paying_edges(edges: Mapping[str, Array], rulebook: Rulebook) -> int:
    """Edges along which money can pass more than once a month: ties, and those of extensions."""
    paying = set(rulebook.edge_tables) - set(STANDARD.edge_tables) | {"ties"}
    return sum(len(edges[name]) for name in paying)
