"""Small markets whose every agent and edge is known, and how tests compare histories."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import networkx as nx

from model import Market, Scenario
from model.graph import read_graph
from model.run import Run
from world.calendar import month_label
from world.files.read import read_world
from world.kinds import INSTITUTIONS
from world.tables import Tables

LAB = {
    "kind": "frontier_lab", "alive": 1, "capability": 28.8, "efficiency": 2.85,
    "researchers": 1000.0, "cash": 5e9, "brand": 1.0, "revenue": 4e9, "run_kind": "none",
}  # fmt: skip
FOLLOWER = {**LAB, "kind": "imitator", "capability": 28.0, "cash": 1e9, "revenue": 1e8,
            "researchers": 150.0, "brand": 0.5}  # fmt: skip
UNBORN = {"kind": "imitator", "alive": 0, "open_weights": 0}
FUND = {"kind": "venture_fund", "cash": 5e10, "allowance": 2e10}

# Nothing happens by chance or by policy but what a test turns on.
QUIET = Scenario().with_(
    cash_uncertainty=0, hiring_speed=0, run_noise=0, release_month=-1, entry_rate=0,
    public_reaction=0, discount_noise=0, start_doubt=0,
)  # fmt: skip


def empty_market(market_size: float = 1e10) -> nx.MultiDiGraph:
    """Customers, the institutions and one government that all can sell to; nobody else."""
    graph = nx.MultiDiGraph(name="small", start="2025-01", market_size=market_size)
    for kind in ("customers", *INSTITUTIONS):
        graph.add_node(kind, kind=kind, name=kind)
    graph.nodes["supplier"].update(cash=0.0, capacity=1e12)
    graph.add_node("Land", kind="government", name="Land", gdp=1e13, market_share=1.0,
                   public_research=0.0, court_reach=1.0)  # fmt: skip
    return graph


def add_developer(graph: nx.MultiDiGraph, name: str, **figures: Any) -> None:
    """Add a developer under Land that buys compute and, unless it has no revenue, sells."""
    data = {**LAB, **figures, "name": name}
    graph.add_node(name, **data)
    graph.add_edge("Land", name, kind="located", weight=1.0)
    graph.add_edge(name, "supplier", kind="buys", weight=1.0)
    if data.get("revenue", 0.0) > 0.0 or not data["alive"]:
        graph.add_edge(name, "Land", kind="sells", weight=1.0)


def add_customers(
    graph: nx.MultiDiGraph, name: str, lives: Mapping[str, float], served: Mapping[str, float]
) -> None:
    """Make customers of this name who are so much of governments' demand and whom developers suit."""
    graph.add_node(name, kind="customers", name=name)
    for government, part in lives.items():
        graph.add_edge(name, government, kind="lives", weight=part)
    for developer, fit in served.items():
        graph.add_edge(developer, name, kind="serves", weight=fit)


def add_investor(graph: nx.MultiDiGraph, name: str, watches: Iterable[str], **figures: Any) -> None:
    """Add an investor that watches these developers."""
    graph.add_node(name, **{**FUND, **figures, "name": name})
    for developer in watches:
        graph.add_edge(name, developer, kind="watches", weight=1.0)


def small_market(labs: int = 1, cash: float = 5e9, revenue: float = 4e9) -> nx.MultiDiGraph:
    """Identical labs, no investors, one government, nobody else."""
    graph = empty_market()
    for k in range(labs):
        add_developer(graph, f"Lab {k}", cash=cash, revenue=revenue)
    return graph


def village() -> nx.MultiDiGraph:
    """One of each: every kind of agent and every kind of edge, small enough to follow.

    Two labs, an imitator that observes them, a public lab, an empty slot; a
    fund and a cloud that watch all and listen to each other; a second
    government that Land controls exports to; customers of two kinds, of whom
    firms prefer Lab B; a hostile actor.
    """
    graph = empty_market()
    graph.nodes["Land"].update(market_share=0.7, public_research=1e9, court_reach=0.8)
    graph.add_node("Far", kind="government", name="Far", gdp=5e12, market_share=0.3,
                   public_research=5e8, court_reach=0.2)  # fmt: skip
    graph.add_edge("Land", "Far", kind="controls", weight=0.5)
    add_developer(graph, "Lab A")
    add_developer(graph, "Lab B", capability=28.6, revenue=2e9, cash=3e9)
    add_developer(graph, "Copy", **FOLLOWER)
    add_developer(graph, "Seed", **UNBORN)
    add_developer(graph, "Public", kind="public_lab", capability=27.0, cash=0.0, revenue=0.0,
                  researchers=200.0)  # fmt: skip
    graph.remove_edge("Land", "Copy")
    graph.add_edge("Far", "Copy", kind="located", weight=1.0)
    for seller in ("Lab A", "Lab B", "Copy"):
        graph.add_edge(seller, "Far", kind="sells", weight=0.5)
    add_customers(graph, "customers", {"Land": 0.6, "Far": 0.8},
                  {"Lab A": 1.0, "Lab B": 0.6, "Copy": 1.0, "Seed": 1.0})  # fmt: skip
    add_customers(graph, "Firms", {"Land": 0.4, "Far": 0.2},
                  {"Lab A": 0.6, "Lab B": 1.0, "Copy": 0.8, "Seed": 0.8})  # fmt: skip
    developers = ["Lab A", "Lab B", "Copy", "Seed"]
    add_investor(graph, "Fund", developers)
    add_investor(graph, "Cloud", developers, kind="cloud", cash=3e10, allowance=1e10)
    graph.add_edge("Fund", "Lab A", kind="stake", share=0.2, paid=1e9)
    graph.add_edge("Cloud", "Lab A", kind="stake", share=0.3, paid=5e9)
    graph.add_edge("Fund", "Cloud", kind="syndicate", weight=1.0)
    graph.add_edge("Cloud", "Fund", kind="syndicate", weight=1.0)
    for follower in developers:
        for leader in ("Lab A", "Lab B", "Copy"):
            if follower != leader:
                graph.add_edge(follower, leader, kind="observes", weight=1.0)
    graph.add_node("Rogue", kind="hostile_actor", name="Rogue", income=1e5, capability=26.0,
                   cash=1e9)  # fmt: skip
    for developer in developers:
        graph.add_edge("Rogue", developer, kind="targets", weight=1.0)
    graph.graph["market_size"] = sum(d.get("revenue", 0.0) for d in graph.nodes.values())
    return graph


def add_cast(graph: nx.MultiDiGraph) -> nx.MultiDiGraph:
    """Add the kinds of investors that the village lacks, each watching both labs."""
    for kind in ("crossover_fund", "sovereign_fund", "chip_maker", "corporate"):
        add_investor(graph, kind.replace("_", " "), ["Lab A", "Lab B"], kind=kind, cash=1e10,
                     allowance=2e9)  # fmt: skip
    return graph


def without(graph: nx.MultiDiGraph, tail: str, head: str, kind: str) -> nx.MultiDiGraph:
    """Copy of a graph without one edge; fails if there is none."""
    cut = graph.copy()
    keys = [k for k, data in graph[tail][head].items() if data["kind"] == kind]
    assert len(keys) == 1, (tail, head, kind)
    cut.remove_edge(tail, head, keys[0])
    return cut


def run(scenario: Scenario, graph: nx.MultiDiGraph | None, seed: int = 1, months: int = 36) -> Market:
    """A live market after some months."""
    market = Market(scenario, seed=seed, graph=graph)
    return market.run_until(month_label(market.roster.start, months - 1))


def compiled(
    scenario: Scenario, seed: int, months: int, graph: nx.MultiDiGraph | None = None
) -> tuple[Tables, Any]:
    """State and indicators of one history of the compiled engine."""
    world = graph if graph is not None else read_world(scenario.world)
    template, _ = read_graph(world, scenario.parameters)
    return simulate(template, seed, months)


def simulate(start: Tables, seed: int, months: int) -> tuple[Tables, Any]:
    """The same from tables at the start."""
    run = Run(start, seed)
    indicators = run.run(months)
    return run.tables, indicators


def opening(scenario: Scenario, graph: nx.MultiDiGraph, seed: int = 1) -> tuple[Tables, Any]:
    """State before the first month, and who is who."""
    template, roster = read_graph(graph, scenario.parameters)
    return Run(template, seed).tables, roster


def differing(a: Tables, b: Tables) -> list[str]:
    """Names of the tables that differ in any bit, with the columns that do."""
    found = []
    for (name, one), (_, other) in zip(a, b, strict=True):
        if one.tobytes() == other.tobytes():
            continue
        columns = [c for c in one.dtype.names or () if one[c].tobytes() != other[c].tobytes()]
        found.append(f"{name}: {', '.join(columns)}" if columns else name)
    return found
