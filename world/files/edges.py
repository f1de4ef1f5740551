"""Derive a world's edges from its figures and rounds, by the rules that its file sets."""

from __future__ import annotations

import math
from itertools import permutations
from typing import TYPE_CHECKING, Any

import networkx as nx

from world.calendar import months_until
from world.files.cap_table import replay_rounds, syndicate_pairs
from world.files.market_graph import INSTITUTION_NAMES, add_agents, add_institutions, connect

if TYPE_CHECKING:
    from collections.abc import Callable

    from world.files.sections import World

FUND_KINDS = ("venture_fund", "crossover_fund", "sovereign_fund")


def derive_graph(world: World) -> nx.MultiDiGraph:
    """Build the market graph: the file's agents and the edges that its rules imply."""
    graph = nx.MultiDiGraph(
        name=world.name,
        start=world.start,
        market_size=math.fsum(d["revenue"] for d in world.developers),
        **world.market,
    )
    if world.cheap_release_by is not None:
        graph.graph["cheap_release_by"] = world.cheap_release_by
        if world.cheap_release is not None:
            graph.graph["cheap_release_after"] = months_until(world.start, world.cheap_release) - 1
    add_agents(graph, world.governments)
    add_agents(graph, world.customers)
    add_agents(graph, world.developers + world.slots)
    add_agents(graph, world.investors)
    add_agents(graph, world.hostile_actors)
    add_institutions(graph, world.supplier)
    for derive in DERIVATIONS:
        derive(graph, world)
    return graph


def derive_stakes(graph: nx.MultiDiGraph, world: World) -> None:
    """Owners, and that they follow what they own."""
    rules = world.rules
    tables = replay_rounds(world.rounds, rules["valuation_growth"], rules["first_round_multiple"])
    for developer in world.developers:
        name = developer["name"]
        for investor, stake in sorted(tables.get(name, {}).items()):
            connect(graph, "watches", investor, name, weight=rules["watches_own"])
            connect(graph, "stake", investor, name, share=stake.share, paid=stake.paid)


def derive_watches(graph: nx.MultiDiGraph, world: World) -> None:
    """Investors follow the developers of their bloc; a parent follows only its own.

    A public laboratory sells no equity, so nobody follows it.
    """
    parents = {
        tail for tail, _, data in graph.edges(data=True) if data.get("share", 0.0) > 1.0 - 1e-9
    }
    for investor in world.investors:
        weight = world.rules["watches"][investor["kind"]]
        if investor["name"] in parents or weight == 0.0:
            continue
        for developer in world.developers:
            if (
                developer["kind"] != "public_lab"
                and same_bloc(world, investor, developer)
                and not graph.has_edge(investor["name"], developer["name"], "watches")
            ):
                connect(graph, "watches", investor["name"], developer["name"], weight=weight)


def derive_entrant_watches(graph: nx.MultiDiGraph, world: World) -> None:
    """One fund in so many hears of each entrant, turn by turn."""
    every = world.rules["entrant_watchers_every"]
    for number, slot in enumerate(world.slots):
        funds = [
            i for i in world.investors if i["kind"] in FUND_KINDS and same_bloc(world, i, slot)
        ]
        for fund in funds[number % every :: every] or funds[:1]:
            weight = world.rules["watches_entrants"]
            connect(graph, "watches", fund["name"], slot["name"], weight=weight)


def same_bloc(world: World, one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two agents belong to the same bloc of governments."""
    return world.blocs[one["jurisdiction"]] == world.blocs[other["jurisdiction"]]


def derive_syndicates(graph: nx.MultiDiGraph, world: World) -> None:
    """Investors who joined a round listen to each other."""
    for one, other in syndicate_pairs(world.rounds):
        connect(graph, "syndicate", one, other, weight=world.rules["syndicate"])


def derive_observation(graph: nx.MultiDiGraph, world: World) -> None:
    """Every developer can query every other one."""
    names = [d["name"] for d in world.developers + world.slots]
    for one, other in permutations(names, 2):
        connect(graph, "observes", one, other, weight=world.rules["observes"])


def derive_places(graph: nx.MultiDiGraph, world: World) -> None:
    """Where developers live, buy compute and sell; public laboratories do not sell."""
    rules = world.rules
    for developer in world.developers + world.slots:
        name, home = developer["name"], developer["jurisdiction"]
        connect(graph, "located", home, name, weight=1.0)
        connect(graph, "buys", name, INSTITUTION_NAMES["supplier"], weight=rules["buys"])
        if developer["kind"] == "public_lab":
            continue
        for market in (g["name"] for g in world.governments):
            weight = rules["sells_across"].get((world.blocs[home], market), rules["sells"])
            connect(graph, "sells", name, market, weight=weight)


def derive_customers(graph: nx.MultiDiGraph, world: World) -> None:
    """Where customers live, and how well each developer's products suit them."""
    for customers, homes in world.lives.items():
        for government, part in homes.items():
            connect(graph, "lives", customers, government, weight=part)
    for developer in world.developers + world.slots:
        if developer["kind"] == "public_lab":
            continue
        for customers in world.lives:
            fit = world.serves.get(developer["name"], {}).get(customers, world.rules["serves"])
            connect(graph, "serves", developer["name"], customers, weight=fit)


def derive_targets(graph: nx.MultiDiGraph, world: World) -> None:
    """Hostile actors can turn on every developer."""
    for hostile in world.hostile_actors:
        for developer in world.developers + world.slots:
            weight = world.rules["targets"]
            connect(graph, "targets", hostile["name"], developer["name"], weight=weight)


def derive_controls(graph: nx.MultiDiGraph, world: World) -> None:
    """Export controls between governments."""
    for tail, head, weight in world.controls:
        connect(graph, "controls", tail, head, weight=weight)


DERIVATIONS: tuple[Callable[[nx.MultiDiGraph, World], None], ...] = (
    derive_stakes,
    derive_watches,
    derive_entrant_watches,
    derive_syndicates,
    derive_observation,
    derive_places,
    derive_customers,
    derive_targets,
    derive_controls,
)
