"""Nodes and edges of a market graph, for a world read from a file and for a generated one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from world.kinds import INSTITUTIONS

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    import networkx as nx

INSTITUTION_NAMES = {
    "supplier": "Compute supplier",
    "limited_partners": "Limited partners",
    "workers": "Workers",
    "economy": "Rest of the economy",
}


def add_agents(graph: nx.MultiDiGraph, agents: Iterable[dict[str, Any]]) -> None:
    """Add agents as nodes, named by their names."""
    for agent in agents:
        graph.add_node(agent["name"], **agent)


def add_institutions(graph: nx.MultiDiGraph, supplier: dict[str, float]) -> None:
    """Add one node of each kind of institution."""
    for kind in INSTITUTIONS:
        columns = supplier if kind == "supplier" else {}
        graph.add_node(INSTITUTION_NAMES[kind], kind=kind, name=INSTITUTION_NAMES[kind], **columns)


def connect(
    graph: nx.MultiDiGraph, kind: str, tail: Hashable, head: Hashable, **data: float
) -> None:
    """Add an edge; one of each kind between two agents."""
    graph.add_edge(tail, head, key=kind, kind=kind, **data)
