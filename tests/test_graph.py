"""The graph decides: without one edge, the agent that looked along it acts otherwise."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
import pytest

from agents.means import compute_access, protection
from model import InputError, Market, Scenario
from model.graph import read_graph
from model.rulebook import STANDARD
from tests.markets import (
    FOLLOWER,
    FUND,
    LAB,
    QUIET,
    add_cast,
    add_developer,
    add_investor,
    differing,
    empty_market,
    opening,
    run,
    village,
    without,
)
from world.bound import bind
from world.files.read import read_world
from world.kinds import EDGE_KINDS
from world.state import IDLE


def edges(graph: nx.MultiDiGraph, kind: str) -> list[tuple[Any, Any, dict[str, Any]]]:
    return [edge for edge in graph.edges(data=True) if edge[2]["kind"] == kind]


def named(market: Market, kind: str) -> set[tuple[str, str]]:
    """Edges of a kind as they stand, by names."""
    names = {node: data["name"] for node, data in market.graph.nodes(data=True)}
    return {(names[a], names[b]) for a, b, _ in edges(market.graph, kind)}


def column(market: Market, name: str, column: str) -> np.ndarray:
    """One column of one developer, month by month."""
    return market.agent_frame("developers").xs(name, level="name")[column].to_numpy()


# --- one edge of each kind -------------------------------------------------------------------


@pytest.mark.parametrize("kind", EDGE_KINDS)
def test_every_kind_of_edge_matters(kind: str) -> None:
    graph = add_cast(village())
    scenario = Scenario().with_(release_month=-1, entry_rate=0)
    usual = run(scenario, graph, months=24)
    agents = ("developers", "investors", "governments", "hostiles")
    for tail, head, _ in edges(graph, kind):  # one who leads sees nothing new, but others do
        other = run(scenario, without(graph, tail, head, kind), months=24)
        changed = [name for name in differing(usual.tables, other.tables) if ":" in name]
        if any(name.startswith(agents) for name in changed):
            return
    pytest.fail(f"no {kind} edge moves an agent")


def needy() -> nx.MultiDiGraph:
    """Two labs that need outside money for a run, and two funds that watch both."""
    graph = empty_market()
    for name in ("Lab A", "Lab B"):
        add_developer(graph, name, cash=5e8)
    for name in ("Fund", "Other"):
        add_investor(graph, name, ["Lab A", "Lab B"])
    return graph


def paid(market: Market, investor: str, developer: str) -> float:
    ties = market.tables.ties
    row = (
        market.roster.names["investors"].index(investor),
        market.roster.names["developers"].index(developer),
    )
    return float(ties["paid"][(ties["source"] == row[0]) & (ties["target"] == row[1])].sum())


def test_without_watches_a_fund_never_funds() -> None:
    usual = run(QUIET, needy(), months=36)
    assert paid(usual, "Fund", "Lab A") > 0.0
    cut = run(QUIET, without(needy(), "Fund", "Lab A", "watches"), months=36)
    assert paid(cut, "Fund", "Lab A") == 0.0
    assert paid(cut, "Other", "Lab A") > 0.0


def test_without_a_stake_nothing_is_earned() -> None:
    graph = village()
    market = run(QUIET, without(graph, "Cloud", "Lab A", "stake"), months=1)
    usual = run(QUIET, graph, months=1)
    assert usual.agent("Cloud").book > market.agent("Cloud").book


def test_without_a_syndicate_beliefs_are_not_averaged() -> None:
    graph = village()
    for name in ("Fund", "Cloud"):
        graph.remove_edge(name, "Cloud" if name == "Fund" else "Fund")
    apart = run(Scenario(), graph, months=12)
    for investor in ("Fund", "Cloud"):
        agent = apart.agent(investor)
        assert agent.hazard == pytest.approx(agent.hazard_events / agent.hazard_years, rel=1e-12)
    together = run(Scenario(), village(), months=12)
    one, other = (
        abs(np.log(market.agent("Fund").hazard / market.agent("Cloud").hazard))
        for market in (together, apart)
    )
    assert one < other
    # One edge, not two: Fund listens no more, Cloud still does.
    half = Market(Scenario(), seed=1, graph=without(village(), "Fund", "Cloud", "syndicate"))
    both = Market(Scenario(), seed=1, graph=village())
    assert half.agent("Fund").hazard != both.agent("Fund").hazard
    assert half.agent("Cloud").hazard == both.agent("Cloud").hazard


def copier() -> nx.MultiDiGraph:
    """One lab ahead, one behind that nobody follows, and an imitator that observes both.

    It has the money for a copy and its exploration.
    """
    graph = empty_market()
    add_developer(graph, "Lab A", cash=2e10)
    add_developer(graph, "Lab B", capability=28.5, revenue=1e9)
    add_developer(graph, "Copy", **{**FOLLOWER, "capability": 27.0, "revenue": 3e8, "cash": 2e9})
    for lab in ("Lab A", "Lab B"):
        graph.add_edge("Copy", lab, kind="observes", weight=1.0)
    return graph


def copied_from(market: Market, follower: str) -> set[str]:
    """Whose models a developer began to copy."""
    story = market.story()
    return set(story[(story["event"] == "copy_started") & (story["actor"] == follower)]["other"])


def test_without_observes_a_model_cannot_be_copied() -> None:
    scenario = QUIET.with_(imitation_cost_share=0.02, imitation_lag=2.0)
    assert copied_from(run(scenario, copier()), "Copy") >= {"Lab A"}
    blind = run(scenario, without(copier(), "Copy", "Lab A", "observes"))
    assert copied_from(blind, "Copy") == {"Lab B"}


def test_without_observes_no_know_how_spills_over() -> None:
    graph = copier()
    graph.nodes["Copy"]["efficiency"] = 1.5
    cut = without(without(graph, "Copy", "Lab A", "observes"), "Copy", "Lab B", "observes")
    seen, unseen = (run(QUIET, g, months=1).agent("Copy") for g in (graph, cut))
    assert seen.efficiency_seen == 2.85
    assert unseen.efficiency_seen == 1.5  # its own, at the month's start
    assert seen.efficiency > unseen.efficiency


def test_without_buys_a_developer_cannot_train() -> None:
    usual = run(QUIET, needy(), months=36)
    cut = run(QUIET, without(needy(), "Lab A", "supplier", "buys"), months=36)
    assert (column(usual, "Lab A", "run_kind") != IDLE).any()
    assert (column(cut, "Lab A", "run_kind") == IDLE).all()
    assert (column(cut, "Lab B", "run_kind") != IDLE).any()
    bound = bind(cut.tables)
    assert compute_access(bound, 0) == 0.0 < compute_access(bound, 1)


def test_without_located_there_are_no_grants_and_no_protection() -> None:
    graph = village()
    graph.nodes["Land"]["ip_strength"] = 0.3
    cut = without(graph, "Land", "Lab A", "located")
    usual, other = (run(QUIET, g, months=12) for g in (graph, cut))
    assert column(usual, "Lab A", "grants").max() > 0.0
    assert column(other, "Lab A", "grants").max() == 0.0
    row = other.roster.names["developers"].index("Lab A")
    assert protection(bind(other.tables), row) == 0.0 < protection(bind(usual.tables), row)
    # It no longer counts among those of its government either: Land saw the others last month.
    left = max(column(other, name, "capability")[-2] for name in ("Lab B", "Public"))
    assert other.agent("Land").best == left


def test_without_sells_there_are_no_sales() -> None:
    graph = village()
    cut = without(without(graph, "Copy", "Land", "sells"), "Copy", "Far", "sells")
    assert column(run(QUIET, graph, months=6), "Copy", "revenue").min() > 0.0
    assert column(run(QUIET, cut, months=6), "Copy", "revenue").max() == 0.0
    half, _ = opening(QUIET, without(graph, "Copy", "Far", "sells"))
    full, roster = opening(QUIET, graph)
    row = roster.names["developers"].index("Copy")
    # Of the demand of households 0.7 x 0.6 is in Land and 0.3 x 0.8 in Far, of firms 0.28 and 0.06.
    lost = 0.5 * np.array([0.06 / 0.34, 0.24 / 0.66])
    for tables, times in ((full, 1.0), (half, 2.0)):
        access = tables.serves["access"][tables.serves["source"] == row]
        assert access == pytest.approx(1.0 - times * lost)


def test_without_targets_a_developer_is_not_attacked() -> None:
    graph = empty_market()
    add_developer(graph, "Open", capability=28.0, open_weights=1)
    add_developer(graph, "Lab A", cash=1e10)
    graph.add_node("Rogue", kind="hostile_actor", name="Rogue", income=0.0, capability=26.0,
                   cash=1e4)  # fmt: skip
    graph.add_edge("Rogue", "Open", kind="targets", weight=1.0)
    scenario = QUIET.with_(theft_hazard=0)
    usual = run(scenario, graph, months=2)
    assert usual.agent("Rogue").capability == pytest.approx(28.0)
    assert "hostile_open" in set(usual.story()["event"])
    cut = run(scenario, without(graph, "Rogue", "Open", "targets"), months=2)
    assert cut.agent("Rogue").capability == 26.0
    # Theft needs the edge too.
    rob = graph.copy()
    rob.add_edge("Rogue", "Lab A", kind="targets", weight=1.0)
    often = QUIET.with_(theft_hazard=0.2)
    robbed = {
        other
        for seed in range(12)
        for g in (rob, graph)
        for other in stolen_from(run(often, g, seed=seed, months=24), expect=g is rob)
    }
    assert "Lab A" in robbed


def stolen_from(market: Market, expect: bool) -> set[str]:
    story = market.story()
    found = set(story[story["event"] == "hostile_theft"]["other"])
    assert expect or "Lab A" not in found
    return found


def test_without_controls_there_is_no_export_control() -> None:
    graph = village()
    cut = without(graph, "Land", "Far", "controls")
    usual, other = (run(QUIET, g, months=12) for g in (graph, cut))
    row = usual.roster.names["developers"].index("Copy")
    assert compute_access(bind(usual.tables), row) < 1.0
    assert compute_access(bind(other.tables), row) == 1.0
    assert usual.frame()["export_control"].max() > 0.0 == other.frame()["export_control"].max()
    free = usual.roster.names["developers"].index("Lab A")
    assert compute_access(bind(usual.tables), free) == 1.0


# --- edges change as the months pass -----------------------------------------------------------


def test_new_money_makes_new_stakes() -> None:
    market = Market(QUIET, seed=1, graph=needy())
    assert named(market, "stake") == set()
    market.run_until("2027-12")
    assert ("Fund", "Lab A") in named(market, "stake")
    owned = {data["share"] for *_, data in edges(market.graph, "stake")}
    assert all(0.0 < share < 1.0 for share in owned)


def test_entry_and_exit_change_the_nodes_and_their_edges() -> None:
    graph = village()
    add_developer(graph, "Doomed", cash=2e8, revenue=0.0, capability=20.0)
    graph.add_edge("Fund", "Doomed", kind="watches", weight=1.0)
    graph.add_edge("Fund", "Doomed", kind="stake", share=0.4, paid=1.0)
    market = Market(Scenario().with_(entry_rate=5.0), seed=2, graph=graph)
    ids = {data["name"]: node for node, data in market.graph.nodes(data=True)}
    assert "Doomed" in ids and "Seed" not in ids
    market.run_until("2027-12")
    names = {data["name"] for _, data in market.graph.nodes(data=True)}
    assert "Doomed" not in names and "Seed" in names
    assert ("Fund", "Seed") in named(market, "watches") and ("Land", "Seed") in named(market, "located")
    assert all(agent.name != "Doomed" for agent in market.agents)
    assert market.id_of("Doomed") == ids["Doomed"]
    assert {data["agent"] for _, data in market.graph.nodes(data=True)} == set(market.agents)
    events = market.story().set_index("event")["actor"]
    assert events["exit"] == "Doomed" and events["entry"] == "Seed"


def test_a_government_starts_from_its_own_law_or_the_least_that_is_set() -> None:
    graph = village()
    graph.nodes["Land"]["ip_strength"] = 0.3
    for floor, land, far in ((0.0, 0.3, 0.0), (0.2, 0.3, 0.2), (0.5, 0.5, 0.5)):
        market = Market(QUIET.with_(ip_floor=floor, ip_lobbying=0.0), seed=1, graph=graph)
        assert [market.agent(name).ip_strength for name in ("Land", "Far")] == [land, far]
        market.run_until("2026-12")
        assert [market.agent(name).ip_strength for name in ("Land", "Far")] == [land, far]
    market.intervene("lever", name="ip_floor", value=0.9)
    market.run_until("2027-12")
    assert market.agent("Land").ip_strength == market.agent("Far").ip_strength > 0.6


def test_complements_are_what_the_graph_says_or_its_open_weights() -> None:
    graph = village()
    graph.nodes["Lab A"].update(open_weights=1, complements=0)
    graph.nodes["Lab B"].update(open_weights=0, complements=1)
    graph.nodes["Copy"].update(open_weights=1)
    market = Market(QUIET, seed=1, graph=graph)
    assert [market.agent(n).complements for n in ("Lab A", "Lab B", "Copy")] == [0, 1, 1]


def test_what_hangs_on_the_month_of_the_start_is_the_graphs() -> None:
    graph = village()
    graph.graph.update(flop_per_usd=17.0, frontier_growth=0.8, market_growth=0.6, lag=14.0,
                       largest_run=24.5, other_demand=3e10)  # fmt: skip
    market = Market(QUIET, seed=1, graph=graph)
    industry = market.tables.industry[0]
    read = (
        "flop_per_usd", "frontier_growth", "market_growth", "lag", "largest_compute", "other_demand",
    )  # fmt: skip
    assert [industry[name] for name in read] == [17.0, 0.8, 0.6, 14.0, 24.5, 3e10]
    assert market.agent("Land").growth_seen == 0.8
    market.run_until("2026-01")
    assert market.tables.industry["flop_per_usd"][0] == pytest.approx(17.13)
    usual = Market(QUIET, seed=1, graph=village()).tables.industry[0]
    assert [usual[name] for name in read] == [17.8, 1.1, 1.26, 8.0, pytest.approx(25.95), 0.0]


def test_an_embargo_is_an_edge_that_tightens() -> None:
    close = QUIET.with_(export_trigger=3.0)
    market = Market(close, seed=1, graph=village())
    before = edges(market.graph, "controls")[0][2]["weight"]
    market.run_until("2026-06")
    assert edges(market.graph, "controls")[0][2]["weight"] > before == 0.5
    market.intervene("cut", source="Land", target="Far", kind="controls")
    market.run_until("2026-12")
    assert edges(market.graph, "controls") == []  # no rule brings it back


def test_a_cut_edge_acts_like_one_that_never_was() -> None:
    # Of one mind: else what it is worth at the start, and money that follows it, hangs on who watches.
    alike = QUIET.with_(belief_spread=0, hurdle_spread=0)
    market = Market(alike, seed=1, graph=needy())
    market.intervene("cut", source="Fund", target="Lab A", kind="watches")
    market.run_until("2027-12")
    never = run(alike, without(needy(), "Fund", "Lab A", "watches"), months=36)
    assert column(market, "Lab A", "valuation")[-1] == pytest.approx(
        column(never, "Lab A", "valuation")[-1], rel=0.05
    )
    assert paid(market, "Fund", "Lab A") == 0.0


# --- bad graphs --------------------------------------------------------------------------------


def spoilt(change: Any) -> nx.MultiDiGraph:
    graph = village()
    change(graph)
    return graph


BAD = {
    "unknown node kind": (lambda g: g.nodes["Fund"].update(kind="bank"), "'Fund': kind 'bank'"),
    "node without a kind": (lambda g: g.add_node("X"), "'X': kind is missing"),
    "two suppliers": (lambda g: g.add_node("S2", kind="supplier", capacity=1.0), "found 2"),
    "no customers": (
        lambda g: g.remove_nodes_from(["customers", "Firms"]), "at least one of customers is needed"),
    "no government": (lambda g: g.remove_nodes_from(["Land", "Far"]), "governments"),
    "no developer": (
        lambda g: g.remove_nodes_from(["Lab A", "Lab B", "Copy", "Public", "Seed"]), "developers"),
    "missing figure": (lambda g: g.nodes["Lab A"].pop("efficiency"), "'Lab A': efficiency"),
    "text": (lambda g: g.nodes["Fund"].update(cash="much"), "'Fund': cash 'much' is not allowed"),
    "not a number": (lambda g: g.nodes["Lab A"].update(brand=float("nan")), "'Lab A': brand"),
    "infinite": (lambda g: g.nodes["Land"].update(gdp=float("inf")), "'Land': gdp"),
    "unknown run": (lambda g: g.nodes["Lab A"].update(run_kind="jog"), "run_kind 'jog'"),
    "no market": (lambda g: g.graph.pop("market_size"), "market_size"),
    "unknown edge kind": (
        lambda g: g.add_edge("Fund", "Lab A", kind="loves"), "'Fund' to 'Lab A': kind 'loves'"),
    "edge the wrong way": (
        lambda g: g.add_edge("Lab A", "Fund", kind="watches"), "'watches' goes from investors"),
    "heavy edge": (
        lambda g: g.add_edge("Fund", "Public", kind="watches", weight=1.5), "weight 1.5"),
    "negative edge": (
        lambda g: g.add_edge("Fund", "Public", kind="watches", weight=-0.1), "weight -0.1"),
    "edge of no number": (
        lambda g: g.add_edge("Fund", "Public", kind="watches", weight=None), "weight"),
    "two governments": (
        lambda g: g.add_edge("Far", "Lab A", kind="located"), "'Lab A': 2 'located' edges"),
    "too many shares": (
        lambda g: g.add_edges_from([
            ("Fund", "Lab B", {"kind": "stake", "share": 1.0}),
            ("Cloud", "Lab B", {"kind": "stake", "share": 0.2}),
        ]), "add up to 1.2"),
    "same name": (lambda g: g.nodes["Lab B"].update(name="Lab A"), "2 agents are named"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_bad_graph_is_refused_in_one_sentence(case: str) -> None:
    change, said = BAD[case]
    with pytest.raises(InputError) as caught:
        read_graph(spoilt(change), Scenario().parameters)
    sentence = str(caught.value)
    assert said in sentence
    assert sentence.startswith("graph") and sentence.endswith(".") and "\n" not in sentence


def test_every_node_kind_has_a_table() -> None:
    assert all(STANDARD.table_of(kind) for kind in STANDARD.kinds)
    assert STANDARD.table_of("bank") == ""
    kinds = {data["kind"] for _, data in read_world("2025").nodes(data=True)}
    assert kinds <= set(STANDARD.kinds)
    assert {FUND["kind"], LAB["kind"]} <= set(STANDARD.kinds)
