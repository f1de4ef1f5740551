"""Customers of several kinds: who serves whom, what they spend, and what graphs leave out."""

from __future__ import annotations

from itertools import product

import networkx as nx
import numpy as np
import pytest

from agents.profits import sales_at
from model import Market, Scenario
from tests.markets import (
    QUIET,
    UNBORN,
    add_customers,
    add_developer,
    differing,
    empty_market,
    opening,
    run,
    small_market,
    village,
    without,
)
from world.bound import bind
from world.files.read import read_world
from world.laws.demand import finite_firm_markup
from world.ledger import INCOME, SALES


def bought(market: Market, month: int = -1) -> dict[tuple[str, str], float]:
    """What each kind of customers paid each developer in a month [USD], from the ledger."""
    entries = market.ledger.entries[month]
    names = market.ledger.names
    found: dict[tuple[str, str], float] = {}
    for entry in entries[entries["flow"] == SALES]:
        pair = names[entry["payer"]], names[entry["payee"]]
        found[pair] = found.get(pair, 0.0) + float(entry["amount"])
    return {pair: amount for pair, amount in found.items() if amount > 0.0}


BOTH = {"Lab 0": 1.0, "Lab 1": 1.0}
TOGETHER = {"Firms": BOTH, "Homes": BOTH}
APART = {"Firms": {"Lab 0": 1.0, "Lab 1": 0.0}, "Homes": {"Lab 0": 0.0, "Lab 1": 1.0}}


def two_markets(served: dict[str, dict[str, float]]) -> nx.MultiDiGraph:
    """Two kinds of customers, half of the demand each; two equal labs that do not train."""
    graph = small_market(labs=2)
    graph.remove_node("customers")
    for lab in BOTH:
        graph.remove_edge(lab, "supplier")
    for customers, fits in served.items():
        add_customers(graph, customers, {"Land": 0.5}, fits)
    return graph


# --- what a graph leaves out -----------------------------------------------------------------


def crowd() -> nx.MultiDiGraph:
    """Two kinds of customers, two governments, two labs, a public lab and an empty slot."""
    graph = empty_market()
    graph.add_node("Firms", kind="customers", name="Firms")
    graph.nodes["Land"]["market_share"] = 0.7
    graph.add_node("Far", kind="government", name="Far", gdp=5e12, market_share=0.3,
                   public_research=5e8, court_reach=0.2)  # fmt: skip
    for name in ("Lab A", "Lab B"):
        add_developer(graph, name, cash=2e10)
    add_developer(graph, "Seed", **UNBORN)
    add_developer(graph, "Public", kind="public_lab", capability=27.0, cash=0.0, revenue=0.0)
    graph.add_edge("Lab A", "Far", kind="sells", weight=0.5)
    return graph


def written_out(graph: nx.MultiDiGraph, fit: float = 1.0) -> nx.MultiDiGraph:
    """The same graph, in which every seller serves everybody and all live everywhere alike."""
    full = graph.copy()
    for seller, customers in product(("Lab A", "Lab B", "Seed"), ("customers", "Firms")):
        full.add_edge(seller, customers, kind="serves", weight=fit if seller == "Lab A" else 1.0)
    for customers, government in product(("customers", "Firms"), ("Land", "Far")):
        full.add_edge(customers, government, kind="lives", weight=0.5)
    return full


def only(graph: nx.MultiDiGraph, kind: str) -> nx.MultiDiGraph:
    """The graph without edges of `serves` or `lives` but those of one kind."""
    cut = graph.copy()
    left_out = [(a, b, key) for a, b, key, of in graph.edges(keys=True, data="kind")
                if of in {"serves", "lives"} - {kind}]  # fmt: skip
    cut.remove_edges_from(left_out)
    return cut


@pytest.mark.parametrize("written", ["serves", "lives", "both"])
def test_a_graph_that_does_not_say_who_serves_whom_has_all_served_alike(written: str) -> None:
    scenario = Scenario().with_(release_month=-1, entry_rate=3.0)
    full = written_out(crowd())
    short = run(scenario, crowd(), months=24)
    long = run(scenario, full if written == "both" else only(full, written), months=24)
    assert differing(short.tables, long.tables) == []
    other = run(scenario, written_out(crowd(), fit=0.5), months=24)
    assert differing(short.tables, other.tables) != []


# --- who serves whom ---------------------------------------------------------------------------


def test_who_suits_only_some_customers_serves_only_those() -> None:
    market = run(QUIET, two_markets(APART), months=12)
    for month in range(12):
        assert set(bought(market, month)) == {("Firms", "Lab 0"), ("Homes", "Lab 1")}
    labs = market.agent_frame("frontier_lab")
    assert labs["share"].to_numpy() == pytest.approx(0.5, rel=1e-9)
    # Each is alone where it sells, and prices as if there were nobody else; half of all its rivals' do.
    elasticities = [QUIET.parameters[f"elasticity_{name}"] for name in ("within", "outer")]
    assert labs["markup"].to_numpy() == pytest.approx(finite_firm_markup(1.0, *elasticities))
    together = run(QUIET, two_markets(TOGETHER), months=12).agent_frame("frontier_lab")
    assert together["markup"].to_numpy() == pytest.approx(finite_firm_markup(0.5, *elasticities))


def test_who_has_no_customers_in_common_takes_none_from_the_other() -> None:
    def sold(served: dict[str, dict[str, float]], ahead: float) -> float:
        """What the one sells in the first month if the other is so much ahead."""
        graph = two_markets(served)
        graph.nodes["Lab 1"]["capability"] += ahead
        paid = bought(run(QUIET, graph, months=1))
        return sum(amount for (_, lab), amount in paid.items() if lab == "Lab 0")

    assert sold(APART, ahead=1.0) == pytest.approx(sold(APART, ahead=0.0), rel=1e-12)
    assert sold(TOGETHER, ahead=1.0) < 0.9 * sold(TOGETHER, ahead=0.0)


def test_the_better_a_model_suits_the_more_is_bought_of_it() -> None:
    shares = []
    for fit in (0.2, 0.6, 1.0):
        graph = two_markets({"Firms": {"Lab 0": 1.0, "Lab 1": fit}, "Homes": BOTH})
        paid = bought(run(QUIET, graph, months=6))
        shares.append(paid["Firms", "Lab 1"] / (paid["Firms", "Lab 0"] + paid["Firms", "Lab 1"]))
    assert shares == sorted(shares) and shares[0] < 0.4 and shares[-1] == pytest.approx(0.5)


@pytest.mark.parametrize("world", ["2025", "village"])
def test_who_plans_expects_what_customers_would_divide(world: str) -> None:
    """Sales expected of the model on sale, at its price, are its part of all attraction."""
    tables, _ = opening(Scenario(), village() if world == "village" else read_world(world))
    serves, customers, developers = tables.serves, tables.customers, tables.developers
    to = serves["target"]
    drawn = customers["spends"][to] * serves["attraction"] / customers["attraction"][to]
    expected = np.bincount(serves["source"], weights=drawn, minlength=len(developers))
    found = [sales_at(bind(tables), row, lab["attraction"], lab["copied"])[0]
             for row, lab in enumerate(developers)]  # fmt: skip
    assert found == pytest.approx(expected, rel=1e-9)
    assert np.count_nonzero(expected) > 2


@pytest.mark.parametrize("since", ["the start", "a month"])
def test_without_serves_its_sales_are_gone(since: str) -> None:
    graph = village()
    usual = run(QUIET, graph, months=6)
    assert ("Firms", "Lab A") in bought(usual)
    if since == "the start":
        cut = run(QUIET, without(graph, "Lab A", "Firms", "serves"), months=6)
    else:
        cut = run(QUIET, graph, months=3)
        assert ("Firms", "Lab A") in bought(cut)
        cut.intervene("cut", source="Lab A", target="Firms", kind="serves")
        cut.run_until("2025-06")
    months = range(6) if since == "the start" else range(3, 6)
    for month in months:
        assert ("Firms", "Lab A") not in bought(cut, month)
        assert ("customers", "Lab A") in bought(cut, month)
    # What it sold is the others' from then on.
    serves = cut.tables.serves
    assert np.bincount(serves["target"], weights=serves["share"]) == pytest.approx(1.0)
    cut.intervene("cut", source="Lab A", target="customers", kind="serves")
    cut.step()
    assert np.bincount(serves["target"], weights=serves["share"]) == pytest.approx(1.0)
    assert not any(lab == "Lab A" for _, lab in bought(cut))
    assert cut.agent("Lab A").revenue == cut.agent("Lab A").share == 0.0
    assert cut.agent("Lab B").share > 0.0


@pytest.mark.parametrize(("served", "others"), [({"Firms": BOTH}, 0.0), (APART, 1.0)])
def test_customers_whom_nobody_serves_buy_nothing(
    served: dict[str, dict[str, float]], others: float
) -> None:
    market = run(QUIET, two_markets(served), months=3)
    for lab, fit in served["Firms"].items():
        if fit > 0.0:
            market.intervene("cut", source=lab, target="Firms", kind="serves")
    market.step()
    assert {customers for customers, _ in bought(market)} == ({"Homes"} if others else set())
    assert market.agent("Firms").paid == 0.0
    assert market.agent("Lab 0").revenue == market.agent("Lab 0").share == 0.0
    assert market.agent("Lab 1").share == others
    assert (market.frame()["revenue"].iloc[-1] > 0.0) == (others > 0.0)


def test_without_lives_their_market_is_gone() -> None:
    market = run(QUIET, two_markets(APART), months=1)
    assert market.agent("Firms").demand == market.agent("Homes").demand == 0.5
    market.intervene("cut", source="Firms", target="Land", kind="lives")
    market.step()
    assert market.agent("Firms").demand == 0.0
    assert set(bought(market)) == {("Homes", "Lab 1")}


# --- money ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("world", ["2025", "village"])
def test_sales_of_all_developers_are_what_customers_spend(world: str) -> None:
    graph = village() if world == "village" else None
    market = run(Scenario().with_(entry_rate=3.0), graph, months=24)
    revenue = market.agent_frame("developers")["revenue"].groupby("month").sum()
    for month in range(24):
        entries = market.ledger.entries[month]
        income = entries[entries["flow"] == INCOME]
        spent = sum(bought(market, month).values())
        assert spent == pytest.approx(income["amount"].sum(), rel=1e-9) and spent > 0.0
        assert revenue[month] == pytest.approx(spent, rel=1e-9)
    # None of it stays with customers, whoever they are.
    left = market.tables.balance[market.tables.customers["account"]]
    assert np.abs(left).max() <= 1e-6 * market.tables.industry["sales"][0]
    assert market.tables.industry["sales"][0] == pytest.approx(spent, rel=1e-9)


def test_every_kind_of_customers_divides_all_that_it_spends() -> None:
    market = Market(Scenario().with_(entry_rate=3.0), seed=1, graph=village())
    serves = market.tables.serves
    while market.month < 24:
        market.step()
        shares = np.bincount(serves["target"], weights=serves["share"])
        assert shares == pytest.approx(1.0)
        assert serves["access"].max() <= 1.0 and serves["access"].min() >= 0.0
    assert len(shares) == 2


def test_the_market_opens_at_the_sales_of_its_developers() -> None:
    graph = village()
    revenue = {"Lab A": 4e9, "Lab B": 2e9, "Copy": 1e8, "Public": 0.0, "Seed": 0.0}
    graph.graph["market_size"] = sum(revenue.values())
    tables, roster = opening(Scenario(), graph)
    spends = tables.customers["spends"]
    assert spends.sum() == pytest.approx(graph.graph["market_size"])
    serves = tables.serves
    assert np.bincount(serves["target"], weights=serves["share"]) == pytest.approx(1.0)
    sold = np.bincount(serves["source"], weights=serves["share"] * spends[serves["target"]],
                       minlength=len(tables.developers))  # fmt: skip
    assert dict(zip(roster.names["developers"], sold, strict=True)) == pytest.approx(revenue)


def test_where_nobody_sells_yet_the_market_divides_as_demand_does() -> None:
    graph = two_markets(TOGETHER)
    for lab in BOTH:
        graph.nodes[lab]["revenue"] = 0.0
    graph.edges["Firms", "Land", 0]["weight"] = 0.2
    graph.edges["Homes", "Land", 0]["weight"] = 0.8
    tables, roster = opening(QUIET, graph)
    assert roster.names["customers"] == ["Firms", "Homes"]
    assert tables.customers["spends"] / graph.graph["market_size"] == pytest.approx([0.2, 0.8])


def test_who_merges_takes_the_customers_along() -> None:
    market = run(QUIET, village(), months=3)
    serves = market.tables.serves
    one, other = market.agent("Lab A").row, market.agent("Lab B").row
    before = {row: serves["share"][serves["source"] == row].copy() for row in (one, other)}
    assert before[other].min() > 0.0
    market.intervene("merge", source="Lab B", target="Lab A")
    market._intervene()
    assert serves["share"][serves["source"] == one] == pytest.approx(before[one] + before[other])
    assert (serves["share"][serves["source"] == other] == 0.0).all()
