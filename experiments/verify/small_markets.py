"""Small markets and limiting parameters: Moat with all that a known model lacks switched off."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import networkx as nx
import numpy as np

from model.graph import read_graph
from model.run import Run
from model.scenario import Scenario
from model.schedule import SCHEDULE
from world.tables import Array

# What no limiting case has: luck, doubt, entry, the shock of 2025, public money,
# knowledge that spills over, protection, research that AI does, staff that moves.
OFF = {
    "run_noise": 0.0, "cash_uncertainty": 0.0, "belief_spread": 0.0, "hurdle_spread": 0.0,
    "hurdle": 1.0, "entry_rate": 0.0, "release_month": -1.0, "public_reaction": 0.0,
    "spillover": 0.0, "ip_floor": 0.0, "ip_lobbying": 0.0, "full_automation": 1e3,
    "induced_innovation": 0.0, "frontier_scale": 0.0, "hiring_speed": 0.0, "forgetting": 0.0,
    "kept_share": 0.0, "brand_speed": 0.0, "brand_margin": 0.0, "market_slope": 0.0,
    "safety_reaction": 0.0, "customer_cost": 0.0, "discount_noise": 0.0, "start_doubt": 0.0,
}  # fmt: skip
MARKET = 1e10  # USD a year
PLENTY = 1e15  # USD, capacity or cash that never binds
EVERYBODY = {"customers": 1.0}  # one kind of customers, with all of the demand
SELLING = tuple(phase for phase in SCHEDULE if phase.banner == "sell")


def limiting(**values: float) -> Scenario:
    """Return a scenario with `OFF` and these values.

    Declared ranges are not enforced: a limiting case lies at or beyond their end.

    Raises
    ------
    InputError
        A parameter that is not declared.
    """
    return Scenario.limiting("limiting case", {**OFF, **values})


def empty_market(
    size: float = MARKET, customers: Mapping[str, float] = EVERYBODY
) -> nx.MultiDiGraph:
    """Customers by kind and part of demand, the institutions, one government without a budget."""
    graph = nx.MultiDiGraph(name="small", start="2025-01", market_size=size)
    for kind in ("limited_partners", "workers", "economy"):
        graph.add_node(kind, kind=kind, name=kind)
    graph.add_node("supplier", kind="supplier", name="supplier", cash=0.0, capacity=PLENTY)
    graph.add_node("Land", kind="government", name="Land", gdp=1e13, market_share=1.0,
                   public_research=0.0, court_reach=1.0)  # fmt: skip
    for name, part in customers.items():
        graph.add_node(name, kind="customers", name=name)
        graph.add_edge(name, "Land", kind="lives", weight=part)
    return graph


def add_developer(
    graph: nx.MultiDiGraph,
    name: str,
    compute: bool = False,
    fits: Mapping[str, float] | None = None,
    **columns: Any,
) -> None:
    """Add a developer that sells in the one country; without compute it starts no runs.

    `fits` says which customers it serves, and how well; if no developer says so, all serve all.
    """
    usual = {
        "kind": "frontier_lab", "name": name, "alive": 1, "capability": 28.8, "efficiency": 2.85,
        "researchers": 1000.0, "cash": PLENTY, "brand": 1.0, "revenue": MARKET, "run_kind": "none",
    }  # fmt: skip
    graph.add_node(name, **{**usual, **columns})
    graph.add_edge("Land", name, kind="located", weight=1.0)
    graph.add_edge(name, "Land", kind="sells", weight=1.0)
    for customers, fit in (fits or {}).items():
        graph.add_edge(name, customers, kind="serves", weight=fit)
    if compute:
        graph.add_edge(name, "supplier", kind="buys", weight=1.0)


def add_fund(graph: nx.MultiDiGraph, name: str, watches: tuple[str, ...] = ()) -> None:
    """Add a venture fund with plenty of money that watches these developers closely."""
    graph.add_node(name, kind="venture_fund", name=name, cash=1e12, allowance=0.0)
    for developer in watches:
        graph.add_edge(name, developer, kind="watches", weight=1.0)


def open_market(scenario: Scenario, graph: nx.MultiDiGraph, seed: int = 0) -> Run:
    """Open a history before its first month."""
    return Run(read_graph(graph, scenario.parameters)[0], seed)


def sell(run: Run, months: int) -> Run:
    """Let all developers and customers act by the month's rules of selling, month after month."""
    for _ in range(months):
        run.begin_month()
        for phase in SELLING:
            for row in range(len(getattr(run.tables, phase.who))):
                run.perform(phase.rule, row)
    return run


def payments(run: Run, flow: int) -> Array:
    """The latest month's payments of a kind, as the ledger has them."""
    entries = run.tables.entries[: run.tables.industry["payments"][0]]
    return np.asarray(entries[entries["flow"] == flow])


def history_without_luck(scenario: Scenario, graph: nx.MultiDiGraph, months: int) -> Any:
    """Indicators of a history, every uniform draw at one half."""
    run = open_market(scenario, graph)
    run.tables.dealt[:] = 0.5
    return run.run(months)


def threshold(
    holds: Callable[[float], bool], low: float, high: float, halvings: int = 60
) -> float:
    """Bisect for the value above which `holds` is false (it must hold at `low`).

    Returns nan when it does not hold at `low` or holds at `high`: no expectation is then met.
    """
    if not holds(low) or holds(high):
        return float("nan")
    for _ in range(halvings):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if holds(middle) else (low, middle)
    return 0.5 * (low + high)
