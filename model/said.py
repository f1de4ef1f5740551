"""What a market graph says: its nodes by table, and the figures that they give, checked."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

import networkx as nx
import numpy as np

from model.contract import ABOUT, PLAIN, UNUSED, Contract
from model.figures import check_known, checked_figures, first_of, grouped, hint, is_note, is_number
from model.rulebook import Rulebook
from world.calendar import month_number
from world.errors import InputError
from world.faults import Faults, meant, shown
from world.kinds import INSTITUTIONS
from world.ledger import accounts_of
from world.tables import Array

Rows = list[tuple[Any, dict[str, Any]]]  # nodes with what they say, in the order of their rows

NEEDED = ("developers", "customers", "governments")  # at least one of each
MARKET_ROUNDING = 1e-6  # by which shares of the market may add up to more than all, as in a world file


# --- the graph --------------------------------------------------------------------------------


def refuse_other_types(graph: Any) -> None:
    """Refuse what is no `networkx.MultiDiGraph`."""
    if not isinstance(graph, nx.MultiDiGraph):
        raise InputError(
            f"graph: a {type(graph).__name__} is not accepted; allowed is a networkx.MultiDiGraph, "
            "which alone keeps edges of several kinds between two agents, each with its direction."
        )


def own_copy(graph: nx.MultiDiGraph) -> nx.MultiDiGraph:
    """Return a copy of a user's graph, to be read later: changes of theirs do not reach it.

    Notes of the user (names that begin with ``_``), Mesa agents and the type of NumPy's
    numbers stay behind: the copy holds what can move a figure.

    Raises
    ------
    InputError
        If it is no `networkx.MultiDiGraph`.
    """
    refuse_other_types(graph)
    copy = nx.MultiDiGraph(**_own(graph.graph))
    copy.add_nodes_from((node, _own(data)) for node, data in graph.nodes(data=True))
    copy.add_edges_from(
        (tail, head, key, _own(data)) for tail, head, key, data in graph.edges(keys=True, data=True)
    )
    return copy


def _own(data: Mapping[Any, Any]) -> dict[Any, Any]:
    return {
        key: value.item() if isinstance(value, np.generic) else value
        for key, value in data.items()
        if key != "agent" and not is_note(key)
    }


# --- nodes ------------------------------------------------------------------------------------


def name_of(node: Any, data: Mapping[str, Any]) -> str:
    """Name of an agent: what its node says, or the node itself."""
    return str(data.get("name", node))


def nodes_by_table(graph: nx.MultiDiGraph, rulebook: Rulebook, faults: Faults) -> dict[str, Rows]:
    """Nodes by table, in the order of their rows."""
    places = {kind: rulebook.table_of(kind) for kind in rulebook.kinds}
    found: dict[str, Rows] = {place: [] for place in (*rulebook.tables, *INSTITUTIONS)}
    odd: Rows = []
    for node, data in graph.nodes(data=True):
        kind = data.get("kind")
        place = places.get(kind) if isinstance(kind, str) else None
        if place is None:
            odd.append((node, data))
        else:
            found[place].append((node, data))
    for kind, nodes in grouped(odd, lambda item: shown(item[1].get("kind"))):
        what = f"kind {kind} is unknown" if "kind" in nodes[0][1] else "kind is missing"
        near = hint(kind, places, faults)
        faults.add(_these(nodes), f"{what}{near}; allowed are {', '.join(places)}.")
    for place, rows in found.items():
        if place in INSTITUTIONS and len(rows) != 1:
            faults.add("", f"exactly one node of kind {place!r} is needed, found {len(rows)}.")
        if place in NEEDED and not rows:
            faults.add("", f"at least one of {place} is needed, found none.")
    _check_names(graph, found, faults)
    order = {kind: number for number, kind in enumerate(rulebook.kinds)}
    for place in rulebook.tables:
        # By name, so that the order in which nodes were added changes nothing; those
        # of a kind are neighbours, and places for entrants come last.
        found[place].sort(
            key=lambda item: (not _lives(item[1]), order[item[1]["kind"]], name_of(*item))
        )
    return found


def _lives(data: Mapping[str, Any]) -> bool:
    """Whether a node is in the market, and no place for an agent yet to come."""
    alive = data.get("alive", 1)
    return not (is_number(alive) and alive == 0)


def _check_names(graph: nx.MultiDiGraph, found: Mapping[str, Rows], faults: Faults) -> None:
    """Names are texts, and differ: from each other and from the names of accounts."""
    odd: Rows = []
    taken: list[str] = []
    accounts: set[str] = set()
    for place, rows in found.items():
        suffixes = [account.suffix for account in accounts_of(place) if account.suffix]
        for node, data in rows:
            name = data.get("name", str(node) if isinstance(node, int) else node)
            if not isinstance(name, str) or not name.strip():
                odd.append((node, data))
                continue
            taken += {name, place} if place in INSTITUTIONS else [name]
            accounts |= {f"{name}: {suffix}" for suffix in suffixes}
    for node, data in odd[:1]:
        said = shown(data.get("name", node))
        faults.add(_these(odd), f"name {said} must be a text.")
    for name, count in Counter(taken).items():
        if count > 1:
            faults.add("", f"{count} agents are named {shown(name)}; every name is allowed once.")
    for name in accounts.intersection(taken):
        faults.add("", f"an agent is named {shown(name)} like another's account; allowed is another "
                   "name.")  # fmt: skip
    if not odd:
        ids = Counter(map(str, graph))  # a hash of the graph tells nodes apart by these
        for node in [node for node, count in ids.items() if count > 1]:
            faults.add("", f"{ids[node]} nodes are written {shown(node)}; allowed is one.")


def _these(nodes: Rows) -> str:
    """The first of some nodes, and how many more there are."""
    return first_of([f"node {shown(name_of(*nodes[0]))}"], [0] * len(nodes))


# --- figures ----------------------------------------------------------------------------------


class Figures:
    """What the nodes of one table say, figure by figure: NaN where one says nothing.

    A place for an agent yet to come says nothing but that.
    """

    def __init__(self, said: Mapping[str, Array], rows: int) -> None:
        self._said = said
        self._rows = rows

    def __getattr__(self, name: str) -> Array:
        if name.startswith("_"):  # while it is copied
            raise AttributeError(name)
        return self._said.get(name, np.full(self._rows, math.nan))


class MarketFigures:
    """What one node, or the graph itself, says: NaN where it says nothing."""

    def __init__(self, said: Mapping[str, Array]) -> None:
        self._said = said

    def __getattr__(self, name: str) -> float:
        if name.startswith("_"):
            raise AttributeError(name)
        return float(self._said[name][0]) if name in self._said else math.nan


def figures_said(
    place: str, rows: Rows, contract: Contract, faults: Faults
) -> dict[str, Array]:
    """Check what the nodes of one table say, and return it by figure: NaN where one says nothing."""
    declared = contract.nodes[place]
    places = [f"node {shown(name_of(*item))}" for item in rows]
    data = [said for _, said in rows]
    check_known(places, data, (*PLAIN, *declared, *UNUSED.get(place, ())), faults)
    living = np.array([_lives(said) for said in data], dtype=bool)
    return checked_figures(places, data, declared, living, faults)


def market_figures(graph: nx.MultiDiGraph, contract: Contract, faults: Faults) -> dict[str, Array]:
    """Check what the graph says of itself, and return its figures by name, as a column of one."""
    said = graph.graph
    check_known([""], [said], (*ABOUT, *contract.graph), faults)
    try:
        month_number(said["start"])
        if not isinstance(said["start"], str):
            raise InputError("")
    except KeyError:
        faults.add("", "start is missing; needed is the first month, such as '2025-01'.")
    except InputError:
        faults.add("", f"start {shown(said['start'])} must be a month such as '2025-01'.")
    return checked_figures([""], [said], contract.graph, np.ones(1, dtype=bool), faults)


def refuse_contradictions(
    graph: nx.MultiDiGraph,
    found: Mapping[str, Rows],
    figures: Mapping[str, Mapping[str, Array]],
    faults: Faults,
) -> None:
    """Note figures that are in their ranges and contradict each other."""
    developers = figures["developers"]
    runs = np.nan_to_num(developers["run_kind"]) != 0.0
    for row in np.flatnonzero(runs & (developers["run_target"] <= developers["capability"])):
        target, capability = developers["run_target"][row], developers["capability"][row]
        faults.add(
            _these(found["developers"][row : row + 1]),
            f"run_target {target:g} contradicts capability {capability:g}; allowed is a target "
            "above it [OOM].",
        )
    total = np.nansum(figures["governments"]["market_share"])
    if total > 1.0 + MARKET_ROUNDING:
        faults.add("", f"the governments' market_share add up to {total:.4g}; allowed is up to 1.")
    release_by = graph.graph.get("cheap_release_by")
    names = [name_of(*item) for item in found["developers"]]
    if "cheap_release_by" in graph.graph and release_by not in names:
        near = meant(release_by, names)
        faults.add("", f"cheap_release_by {shown(release_by)} is no developer{near}; allowed is the "
                   "name of one.")  # fmt: skip
