"""What must not matter: onlookers, pauses, order of input, names, units, idle agents."""

from __future__ import annotations

import pickle
import random
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from model import Market, Scenario
from model.graph import read_graph
from model.scenario import shipped
from tests.markets import (
    LAB,
    QUIET,
    add_cast,
    add_developer,
    compiled,
    differing,
    empty_market,
    run,
    simulate,
    village,
)
from world.files.read import read_world
from world.kinds import INVESTOR_KINDS
from world.parameters import PARAMETERS
from world.state import ACCIDENT, DRAWS, TURN

EVENTFUL = Scenario().with_(entry_rate=3.0)
EQUAL = QUIET.with_(belief_spread=0, hurdle_spread=0)  # nobody's character is drawn
ROW_NUMBERS = ("account", "plan_source", "government", "heard_from")


# --- onlookers and pauses ----------------------------------------------------------------


@pytest.mark.parametrize("name", shipped())
def test_an_observer_changes_nothing(name: str) -> None:
    scenario = Scenario.load(name)
    alone, watched = (Market(scenario, seed=8) for _ in range(2))
    for _ in range(8):
        alone.step()
        watched.step()
        watched.frame()
        watched.agent_frame("developers")
        watched.story()
        watched.regime()
        watched.indicators()
        watched.datacollector.get_agent_vars_dataframe()
        watched.ledger.matrix(len(watched.ledger) - 1)
        watched.ledger.audit(len(watched.ledger) - 1)
        looked = [(agent.cash, *agent.neighbours) for agent in watched.agents]
        assert len(looked) == watched.graph.number_of_nodes()
        assert max(map(len, looked)) > 10
    assert differing(alone.tables, watched.tables) == []


@pytest.mark.parametrize("name", shipped())
def test_a_run_in_parts_equals_the_whole(name: str) -> None:
    scenario = Scenario.load(name)
    whole = Market(scenario, seed=4).run_until("2040-12")
    parts = Market(scenario, seed=4).run_until("2031-08")
    assert parts.month == 80
    parts.run_until("2040-12")
    assert differing(whole.tables, parts.tables) == []
    assert whole.frame().equals(parts.frame())


@pytest.mark.parametrize("months", [40, 80])
def test_a_shorter_compiled_run_is_the_beginning_of_a_longer(months: int) -> None:
    template, _ = read_graph(read_world("2025"), Scenario().parameters)
    short = np.asarray(simulate(template, 4, months)[1])
    long = np.asarray(simulate(template, 4, 192)[1])
    assert short.tobytes() == long[:months].tobytes()


@pytest.mark.parametrize("pause", [0, 1, 17])
def test_pickling_mid_run_changes_nothing(pause: int) -> None:
    straight, paused = (Market(EVENTFUL, seed=4, graph=add_cast(village())) for _ in range(2))
    for _ in range(pause):
        paused.step()
    resumed = pickle.loads(pickle.dumps(paused)).run_until("2027-12")
    straight.run_until("2027-12")
    assert differing(straight.tables, resumed.tables) == []
    assert straight.frame().equals(resumed.frame())
    assert straight.story().equals(resumed.story())
    assert len(resumed.ledger) == 36 and resumed.ledger.audit(35).passed


def test_histories_do_not_share_memory() -> None:
    one = run(EVENTFUL, village(), seed=1, months=6)
    before = [np.asarray(array).tobytes() for _, array in one.tables]
    run(EVENTFUL, village(), seed=2, months=6)
    assert [np.asarray(array).tobytes() for _, array in one.tables] == before


# --- order, names ------------------------------------------------------------------------


def shuffled(graph: nx.MultiDiGraph, seed: int) -> nx.MultiDiGraph:
    """The same graph, its nodes and edges added in another order."""
    order = random.Random(seed)
    nodes, edges = list(graph.nodes(data=True)), list(graph.edges(data=True))
    order.shuffle(nodes)
    order.shuffle(edges)
    copy = nx.MultiDiGraph(**graph.graph)
    copy.add_nodes_from(nodes)
    copy.add_edges_from(edges)
    return copy


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_insertion_changes_nothing(seed: int) -> None:
    for scenario, graph in ((Scenario(), read_world("2025")), (EVENTFUL, add_cast(village()))):
        usual, indicators = compiled(scenario, 5, 60, graph)
        other, same = compiled(scenario, 5, 60, shuffled(graph, seed))
        assert differing(usual, other) == []
        assert np.asarray(indicators).tobytes() == np.asarray(same).tobytes()


def renamed(graph: nx.MultiDiGraph, names: dict[str, str]) -> nx.MultiDiGraph:
    copy = nx.relabel_nodes(graph, names)
    for node, data in copy.nodes(data=True):
        data["name"] = node
    if graph.graph.get("cheap_release_by"):
        copy.graph["cheap_release_by"] = names[graph.graph["cheap_release_by"]]
    return copy


def test_names_that_sort_alike_change_nothing() -> None:
    graph = read_world("2025")
    agents = sorted(n for n, d in graph.nodes(data=True) if d["name"] == n)
    names = {name: f"Agent {k:05d}" for k, name in enumerate(agents)}
    usual, _ = compiled(Scenario(), 5, 60, graph)
    other, _ = compiled(Scenario(), 5, 60, renamed(graph, names))
    assert differing(usual, other) == []


def lucky(graph: nx.MultiDiGraph, origin: dict[str, str] | None = None, months: int = 24) -> Market:
    """A history in which luck belongs to names (or to the names agents had), not to rows."""
    market = Market(EQUAL, seed=1, graph=graph)

    dealt = market.tables.dealt
    for month in range(months):
        for place in ("developers", "hostiles"):
            for row, name in enumerate(market.roster.names[place]):
                luck = random.Random(f"{(origin or {}).get(name, name)} {month}")
                for number, draw in enumerate(DRAWS):
                    if draw.of == place:
                        dealt[number, row] = luck.random()
        count = len(market.roster.names["developers"])
        dealt[TURN, :count] = turns(dealt[TURN, :count])
        dealt[ACCIDENT] = 0.5
        market.step()
    return market


def turns(luck: Any) -> Any:
    """Draws that make Fisher and Yates deal the rows in the order of their luck."""
    dealt, draws = list(range(len(luck))), [0.0] * len(luck)
    for last, row in reversed(list(enumerate(sorted(dealt, key=lambda row: luck[row])))):
        chosen = dealt.index(row)
        draws[last] = (chosen + 0.5) / (last + 1)
        dealt[last], dealt[chosen] = dealt[chosen], dealt[last]
    return draws


def paths(market: Market, place: str) -> dict[str, Any]:
    """All columns of every agent of a table, month by month, by name; rows' numbers left out."""
    frame = market.agent_frame(place)
    frame = frame.drop(columns=[c for c in ROW_NUMBERS if c in frame])
    return {name: part.droplevel("name") for name, part in frame.groupby("name")}


def test_names_that_sort_otherwise_only_permute() -> None:
    """Rows are in the order of names and noise belongs to rows, so a name decides an agent's luck.

    It decides nothing else: where luck is given to names, a renamed market has
    the same history under the new names, but for sums taken in another order.
    """
    graph = village()
    names = {name: name for name in graph.nodes}
    names |= {"Lab A": "Lab Z", "Lab B": "Lab Y", "Fund": "Zeta"}
    usual = lucky(graph)
    other = lucky(renamed(graph, names), {new: old for old, new in names.items()})
    assert usual.roster.names["developers"] != [
        next(old for old, new in names.items() if new == name)
        for name in other.roster.names["developers"]
    ]
    assert usual.frame()["closed_rounds"].sum() + usual.frame()["run_cost"].sum() > 0
    for place in ("developers", "investors", "hostiles"):
        ours, theirs = paths(usual, place), paths(other, place)
        assert {names[name] for name in ours} == set(theirs)
        for name, figures in ours.items():
            pd.testing.assert_frame_equal(figures, theirs[names[name]], rtol=1e-9, atol=1e-6)


def test_the_first_year_is_only_a_label() -> None:
    early, late = village(), village()
    late.graph["start"] = "1999-05"
    usual, other = run(EVENTFUL, early, months=24), run(EVENTFUL, late, months=24)
    assert differing(usual.tables, other.tables) == []
    assert other.frame().index[0] == "1999-05"


# --- idle agents ---------------------------------------------------------------------------


IDLE_AGENTS: dict[str, dict[str, Any]] = {
    **{kind: {"cash": 0.0, "allowance": 0.0} for kind in INVESTOR_KINDS},
    "public_lab": {**LAB, "capability": 20.0, "cash": 0.0, "revenue": 0.0, "researchers": 0.0},
    "government": {"gdp": 0.0, "market_share": 0.0, "public_research": 0.0, "court_reach": 0.0},
    "hostile_actor": {"income": 0.0, "capability": 0.0, "cash": 0.0},
    "imitator": {"alive": 0},
}


@pytest.mark.parametrize("kind", IDLE_AGENTS)
def test_an_agent_without_edges_and_money_changes_nobody(kind: str) -> None:
    crowded = village()
    crowded.add_node("Zz idle", **{**IDLE_AGENTS[kind], "kind": kind, "name": "Zz idle"})
    usual, other = lucky(village()), lucky(crowded)
    for place in ("developers", "investors", "governments", "hostiles"):
        ours, theirs = paths(usual, place), paths(other, place)
        assert ours and set(theirs) - set(ours) <= {"Zz idle"}
        for name, figures in ours.items():
            pd.testing.assert_frame_equal(figures, theirs[name], check_exact=True)


def test_a_developer_far_behind_changes_nobody() -> None:
    """It has a dollar, which is part of all equity: nothing else moves by more than its share."""
    crowded = village()
    crowded.add_node("Lab Zz", **{**LAB, "name": "Lab Zz", "capability": 20.0, "cash": 1.0,
                                  "revenue": 0.0, "researchers": 0.0})  # fmt: skip
    usual, other = lucky(village()), lucky(crowded)
    assert other.agent("Lab Zz").cash == pytest.approx(1.0)
    for place in ("developers", "investors", "governments", "hostiles"):
        for name, figures in paths(usual, place).items():
            pd.testing.assert_frame_equal(
                figures, paths(other, place)[name], rtol=1e-8, atol=1e-6
            )


# --- units of money ------------------------------------------------------------------------


def in_other_money(graph: nx.MultiDiGraph, factor: float) -> nx.MultiDiGraph:
    """A graph whose figures in USD are multiplied by a factor."""
    scaled = graph.copy()
    scaled.graph["market_size"] *= factor
    for _, data in scaled.nodes(data=True):
        for key in MONEY & data.keys():
            data[key] *= factor
    for *_, data in scaled.edges(data=True):
        if "paid" in data:
            data["paid"] *= factor
    return scaled


MONEY = {"cash", "revenue", "allowance", "gdp", "public_research", "income", "capacity", "run_cost"}


def test_the_product_market_does_not_depend_on_the_unit_of_money() -> None:
    """To the bit for a power of two: shares, markups and margins; revenue scales.

    The whole market is not free of units: the price of compute (FLOP per USD)
    and what a leader of 2025 spent are facts in USD. So runs are left out here:
    nobody buys compute, and there are no investors.
    """
    factor = 2.0**-7
    graph = empty_market()
    for name, capability, revenue in (("A", 28.8, 4e9), ("B", 28.5, 2e9), ("C", 28.0, 1e9)):
        add_developer(graph, name, capability=capability, revenue=revenue, cash=1e10)
        graph.remove_edge(name, "supplier")
    graph.nodes["C"]["open_weights"] = 1
    figures = dict(QUIET.parameters)
    scaled = {
        p.name: figures[p.name] * (factor if p.unit.startswith("USD") else 1.0) for p in PARAMETERS
    }
    usual = simulate(read_graph(graph, figures)[0], 1, 36)
    other = simulate(read_graph(in_other_money(graph, factor), scaled)[0], 1, 36)
    assert np.ptp(usual[1]["revenue"]) > 0.0
    for column in ("share", "markup", "attraction", "brand", "capability", "researchers"):
        ours, theirs = (tables.developers[column] for tables, _ in (usual, other))
        assert ours.tobytes() == theirs.tobytes(), column
    for column in ("revenue", "market_size", "leader_revenue", "consumer_surplus"):
        assert (usual[1][column] * factor).tobytes() == other[1][column].tobytes(), column
    for column in ("markup", "gross_margin", "leader_margin", "concentration", "frontier_price"):
        assert usual[1][column].tobytes() == other[1][column].tobytes(), column
