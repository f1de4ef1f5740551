"""Random worlds of a seeded generator: graphs, parameters, levers and interventions at random.

    case = random_case(7)
    market = case.played()
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import networkx as nx
import numpy as np

from model import InputError, Market, Scenario
from model.graph import read_graph
from model.run import Run, empty_indicators
from tests.markets import add_customers, empty_market
from world.files.shapes import SHAPES
from world.files.synthetic import synthetic_world
from world.kinds import DEVELOPER_KINDS, INVESTOR_KINDS
from world.parameters import PARAMETERS
from world.tables import Tables

Draws = np.random.Generator
SAMPLED = tuple(p for p in PARAMETERS if p.low < p.high)
LONG = 0.04  # share of cases that run for years
SYNTHETIC = 0.15  # share of cases whose world is one of `synthetic_world`
WIDE = 0.2  # share of small worlds with figures from the whole of their declared ranges


class Act(NamedTuple):
    """Something done by hand before a month."""

    month: int
    action: str
    arguments: dict[str, Any]


class Case(NamedTuple):
    """A random world, its parameters, and what is done to it in so many months."""

    seed: int
    graph: nx.MultiDiGraph
    scenario: Scenario
    months: int
    acts: list[Act]

    def market(self) -> Market:
        """The market before its first month."""
        return Market(self.scenario, seed=self.seed, graph=self.graph)

    def driven(
        self, months: int, intervene: Callable[..., Any], step: Callable[[], Any]
    ) -> list[str]:
        """Do in each month what is to be done, and step; return the sentences of what was refused."""
        refused = []
        for month in range(months):
            for act in self.acts:
                if act.month == month:
                    try:
                        intervene(act.action, **act.arguments)
                    except InputError as error:  # its agent has left, say
                        refused.append(str(error))
            step()
        return refused

    def played(self) -> Market:
        """The market after all months."""
        market = self.market()
        self.driven(self.months, market.intervene, market.step)
        return market

    def live(self, months: int) -> list[bytes | str]:
        """So many months as Mesa objects: indicators, tables, and what was refused."""
        market = self.market()
        refused = self.driven(months, market.intervene, market.step)
        return [*_bytes(market.tables, market.indicators()), *refused]

    def compiled(self, months: int) -> list[bytes | str]:
        """The same in the compiled engine."""
        start, roster = read_graph(self.graph, self.scenario.parameters)
        run, rows = Run(start, self.seed, roster=roster), empty_indicators(months)
        left = iter(range(months))

        def step() -> None:
            month = next(left)
            run.run(1, rows[month : month + 1])

        refused = self.driven(months, run.intervene, step)
        return [*_bytes(run.tables, rows), *refused]


def _bytes(tables: Tables, rows: Any) -> list[bytes]:
    return [np.asarray(rows).tobytes(), *(array.tobytes() for _, array in tables)]


def random_case(seed: int, months: int = 0) -> Case:
    """Return the case of a seed; `months` instead of its own number of them."""
    draws = np.random.default_rng([seed, 14])
    graph = _synthetic(draws) if draws.random() < SYNTHETIC else _small(draws)
    scenario = Scenario().with_(**random_parameters(draws))
    own = int(draws.integers(49, 201) if draws.random() < LONG else draws.integers(8, 49))
    months = months or own
    when = draws.choice(months, min(months, int(draws.integers(0, 6))), replace=False)  # one a month
    acts = [_act(draws, graph, int(month)) for month in when]
    return Case(seed, graph, scenario, months, acts)


def random_parameters(draws: Draws) -> dict[str, float]:
    """Some parameters at their default, some at either end, the others anywhere in their range."""
    return {p.name: _value(draws, p) for p in SAMPLED if draws.random() < 0.7}


def _value(draws: Draws, parameter: Any) -> float:
    end = draws.random()
    if end < 0.1:
        return parameter.low
    if end < 0.2:
        return parameter.high
    value = draws.uniform(parameter.low, parameter.high)
    return float(np.floor(value)) if parameter.unit == "month" else float(value)


class _Figures:
    """Figures of a world: plausible ones, or any that the declared ranges allow."""

    def __init__(self, draws: Draws) -> None:
        self.draws = draws
        self.wide = draws.random() < WIDE

    def size(self, low: float, high: float, most: float = 15.0, nothing: float = 0.15) -> float:
        """Nothing, now and then; else a figure between powers of ten, or up to 10**`most`."""
        if self.draws.random() < nothing:
            return 0.0
        low, high = (0.0, most) if self.wide else (low, high)
        return float(10.0 ** self.draws.uniform(low, high))

    def level(self, low: float, high: float, widest: tuple[float, float]) -> float:
        """A figure in OOM between these, or within the widest range."""
        return float(self.draws.uniform(*(widest if self.wide else (low, high))))


def _synthetic(draws: Draws) -> nx.MultiDiGraph:
    few = [int(draws.integers(0, 5)) for _ in range(5)]
    return synthetic_world(
        1 + few[0], *few[1:4], int(draws.integers(1, 5)), few[4], int(draws.integers(0, 4)),
        graph=str(draws.choice(list(SHAPES))), seed=int(draws.integers(1000)),
    )  # fmt: skip


def _small(draws: Draws) -> nx.MultiDiGraph:
    """A few of each kind, figures over orders of magnitude, ties by chance."""
    figures = _Figures(draws)
    graph = empty_market(figures.size(0, 12))
    graph.remove_node("Land")
    graph.remove_node("customers")
    graph.nodes["supplier"].update(cash=figures.size(3, 11), capacity=max(1.0, figures.size(0, 13)))
    if draws.random() < 0.5:
        graph.graph["other_demand"] = figures.size(0, 12)
    lands = [f"Land {k}" for k in range(draws.integers(1, 4))]
    demand = draws.dirichlet(np.ones(len(lands)))
    for land, share in zip(lands, demand, strict=True):
        graph.add_node(
            land, kind="government", name=land, gdp=figures.size(8, 13.5), market_share=float(share),
            public_research=figures.size(3, 11), court_reach=float(draws.random()),
            ip_strength=float(draws.random()),
        )  # fmt: skip
    developers = [f"Lab {k}" for k in range(draws.integers(1, 7))]
    for name in developers:
        _add_developer(figures, graph, name, lands)
    crowds = [f"Crowd {k}" for k in range(draws.integers(1, 4))]
    parts = draws.dirichlet(np.ones(len(crowds)), size=len(lands)) * draws.choice([0.0, 0.6, 1.0])
    sellers = [d for d in developers if graph.nodes[d]["kind"] != "public_lab"]
    for k, crowd in enumerate(crowds):
        fits = {name: float(draws.random()) for name in sellers if draws.random() < 0.8}
        add_customers(graph, crowd, {
            land: float(part) for land, part in zip(lands, parts[:, k], strict=True) if part > 0.0
        }, fits)  # fmt: skip
    investors = [f"Fund {k}" for k in range(draws.integers(0, 5))]
    for name in investors:
        graph.add_node(name, kind=str(draws.choice(INVESTOR_KINDS)), name=name,
                       cash=figures.size(3, 12), allowance=figures.size(3, 12))  # fmt: skip
        for developer in sellers:
            if draws.random() < 0.6:
                graph.add_edge(name, developer, kind="watches", weight=float(draws.random()))
    for developer in sellers:
        if graph.nodes[developer]["alive"] and investors:
            left = draws.dirichlet(np.ones(len(investors) + 1)) * draws.choice([0.3, 1.0])
            for name, share in zip(investors, left[:-1], strict=True):
                if draws.random() < 0.5:
                    graph.add_edge(name, developer, kind="stake", share=float(share),
                                   paid=figures.size(3, 10))  # fmt: skip
    hostiles = [f"Rogue {k}" for k in range(draws.integers(0, 3))]
    for name in hostiles:
        graph.add_node(name, kind="hostile_actor", name=name, income=figures.size(2, 8, 12),
                       capability=figures.level(20, 30, (0, 60)), cash=figures.size(3, 10))  # fmt: skip
    for kind, tails, heads in (
        ("observes", developers, developers), ("syndicate", investors, investors),
        ("targets", hostiles, developers), ("controls", lands, lands),
    ):  # fmt: skip
        for tail in tails:
            for head in heads:
                if tail != head and draws.random() < 0.5:
                    graph.add_edge(tail, head, kind=kind, weight=float(draws.random()))
    return graph


def _add_developer(figures: _Figures, graph: nx.MultiDiGraph, name: str, lands: list[str]) -> None:
    """Add a developer, alive or a place for an entrant, with a run under way or without."""
    draws = figures.draws
    kind = str(draws.choice(["frontier_lab", "imitator", "public_lab"], p=[0.5, 0.4, 0.1]))
    alive = int(name == "Lab 0" or draws.random() < 0.8)
    data: dict[str, Any] = {"kind": kind, "name": name, "alive": alive, "run_kind": "none",
                            "open_weights": int(draws.random() < 0.3) * alive}  # fmt: skip
    if alive:
        data |= {
            "capability": figures.level(22, 30, (0, 60)), "efficiency": figures.level(0, 4, (-5, 20)),
            "researchers": figures.size(0, 4, 7), "cash": figures.size(0, 11),
            "brand": 10.0 ** figures.level(-3, 2, (-6, 6)),
            "revenue": figures.size(0, 11) if kind != "public_lab" else 0.0,
            "clever": int(draws.random() < 0.3), "copied": int(draws.random() < 0.3),
        }  # fmt: skip
        if draws.random() < 0.4:
            data |= {
                "run_kind": str(draws.choice(["lead", "follow"])),
                "run_target": min(60.0, data["capability"] + figures.level(0.05, 1.0, (0.01, 20))),
                "run_cost": figures.size(0, 10, nothing=0.0),
                "run_months_left": int(draws.integers(1, 13)),
            }
    graph.add_node(name, **data)
    graph.add_edge(str(draws.choice(lands)), name, kind="located", weight=float(draws.random()))
    if draws.random() < 0.9:
        graph.add_edge(name, "supplier", kind="buys", weight=float(draws.random()))
    if kind != "public_lab":
        for land in lands:
            if draws.random() < 0.8:
                graph.add_edge(name, land, kind="sells", weight=float(draws.random()))


def _act(draws: Draws, graph: nx.MultiDiGraph, month: int) -> Act:
    """Something done by hand in a month; it may turn out to be impossible then."""
    by_kind = nx.get_node_attributes(graph, "kind")
    developers = [node for node, kind in by_kind.items() if kind in DEVELOPER_KINDS]
    action = str(draws.choice(["lever", "cut", "merge", "bail out", "release"]))
    if action == "lever":
        parameter = SAMPLED[int(draws.integers(len(SAMPLED)))]
        return Act(month, action, {"name": parameter.name, "value": _value(draws, parameter)})
    if action == "cut":
        edges = list(graph.edges(data="kind"))
        tail, head, kind = edges[int(draws.integers(len(edges)))]
        names = [graph.nodes[node].get("name", node) for node in (tail, head)]
        return Act(month, action, {"source": names[0], "target": names[1], "kind": kind})
    names = [graph.nodes[node].get("name", node) for node in draws.permutation(developers)]
    target = {"target": str(names[0])}
    if action == "merge":
        return Act(month, action, target | {"source": str(names[-1])})
    if action == "bail out":
        return Act(month, action, target | {"amount": float(10.0 ** draws.uniform(0, 12))})
    return Act(month, action, target)
