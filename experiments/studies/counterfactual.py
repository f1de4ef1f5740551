"""Histories that are changed on their way, and worlds with other ties, on the same noise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import networkx as nx
import numpy as np

from agents.exit import developer_exits
from model import STANDARD
from model.interventions import check_lever
from model.run import Act, Run, empty_indicators
from world.kinds import ECONOMY
from world.ledger import ACCOUNTS_PER_DEVELOPER, RESIDUAL, pay
from world.tables import Tables

SWAPS = 10  # attempts an edge


class Levers(dict[str, float]):
    """Parameters and where they are moved to by hand."""


def play(
    start: Tables, seed: int, months: int, acts: Mapping[int, Act | Levers | tuple[Act, Levers]]
) -> tuple[Tables, Any]:
    """Run one compiled history with acts just before months, and levers moved in them.

    Levers are moved as `Market.intervene` moves them: once the month is open, and told.

    Returns
    -------
    Tables, record array
        State at the end, and the indicators of all months.
    """
    run = Run(start, seed)
    indicators = empty_indicators(months)
    stops = sorted({0, *acts, months})
    for first, last in zip(stops, stops[1:], strict=False):
        act = acts.get(first, ())
        for one in act if isinstance(act, tuple) else (act,):
            if isinstance(one, Levers):
                for name, value in one.items():
                    run.intervene("lever", name=name, value=value)
            else:
                run.act(one)
        run.run(last - first, indicators[first:last])
    return run.tables, indicators


def lever(**values: float) -> Levers:
    """Parameters to be moved by hand; `InputError` for one that cannot be, or not there."""
    return Levers({name: check_lever(STANDARD, name, value) for name, value in values.items()})


def failure(row: int) -> Act:
    """An act that lets a developer lose all its money and leave by the rule of exit."""

    def act(tables: Tables, market: Any) -> None:
        developer = tables.developers[row]
        for account in range(developer["account"], developer["account"] + ACCOUNTS_PER_DEVELOPER):
            pay(market, RESIDUAL, account, ECONOMY, tables.balance[account])
        developer_exits(market, row)

    return act


def rewired(world: nx.MultiDiGraph, seed: int = 0) -> nx.MultiDiGraph:
    """The same agents with ties of investors drawn anew, everyone's number of ties kept.

    Pairs of ties swap their tails (Maslov and Sneppen 2002). A stake moves with
    the tie along which its owner watches; shares in a developer add up as before.
    """
    graph = world.copy()
    rng = np.random.default_rng(seed)
    follows = {
        (u, v) for u, v, d in graph.edges(data=True) if d["kind"] in ("watches", "stake")
    }
    listens = {(u, v) for u, v, d in graph.edges(data=True) if d["kind"] == "syndicate"}
    _swap(graph, sorted(follows), ("watches", "stake"), rng, both_ways=False)
    pairs = sorted({(u, v) for u, v in listens if u < v and (v, u) in listens})
    _swap(graph, pairs, ("syndicate",), rng, both_ways=True)
    return graph


def _swap(
    graph: nx.MultiDiGraph,
    ties: list[tuple[Any, Any]],
    kinds: tuple[str, ...],
    rng: np.random.Generator,
    both_ways: bool,
) -> None:
    content = {tie: _taken(graph, *tie, kinds) for tie in ties}
    back = {tie: _taken(graph, tie[1], tie[0], kinds) for tie in ties} if both_ways else {}
    now, present = list(ties), set(ties)
    for _ in range(SWAPS * len(ties)):
        a, b = (int(k) for k in rng.integers(len(ties), size=2))
        (u, v), (x, y) = now[a], now[b]
        new = [(x, v), (u, y)]  # what a developer's owners hold stays with it
        taken = any(t in present or (both_ways and t[::-1] in present) for t in new)
        if a == b or taken or u == y or x == v:
            continue
        present -= {now[a], now[b]}
        present |= set(new)
        now[a], now[b] = new
    for old, (u, v) in zip(ties, now, strict=True):
        for data in content[old]:
            graph.add_edge(u, v, key=data["kind"], **data)
        for data in back.get(old, []):
            graph.add_edge(v, u, key=data["kind"], **data)


def _taken(graph: nx.MultiDiGraph, u: Any, v: Any, kinds: tuple[str, ...]) -> list[dict[str, Any]]:
    """Take the edges of these kinds out of the graph and return what they hold."""
    found = [(key, d) for key, d in (graph.get_edge_data(u, v) or {}).items() if d["kind"] in kinds]
    graph.remove_edges_from([(u, v, key) for key, _ in found])
    return [data for _, data in found]
