"""The market graph as its reader gets it: a picture that cannot be changed by mistake."""

from __future__ import annotations

from typing import Any, NoReturn

import networkx as nx


class Fixed(dict[Any, Any]):
    """What is said of a node or an edge; its copy is a plain dictionary."""

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise nx.NetworkXError(
            "this graph is a picture of the market: `Market.intervene` changes the market, and "
            "`graph.copy()` is yours to change."
        )

    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = _refuse
    setdefault = update = _refuse  # type: ignore[assignment]

    def __reduce__(self) -> Any:
        return dict, (dict(self),)


def fixed(graph: nx.MultiDiGraph) -> nx.MultiDiGraph:
    """Return the graph with its nodes, edges and what is said of them made unchangeable."""
    for node, content in graph._node.items():
        graph._node[node] = Fixed(content)
    for heads in graph._adj.values():  # which shares its edges with `graph._pred`
        for edges in heads.values():
            for key, content in edges.items():
                edges[key] = Fixed(content)
    graph.graph = Fixed(graph.graph)
    return nx.freeze(graph)
