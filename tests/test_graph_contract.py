"""The contract of `graph=`: one declared form, all faults in one answer, and a page that says so."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest

from docs.graph import EXAMPLE
from docs.make import page
from experiments.sweeps.store import world_version
from model import Ensemble, InputError, Market, Scenario
from model.contract import RANGES, contract_of
from model.graph import read_graph, read_start
from model.said import own_copy
from tests.markets import QUIET, add_cast, compiled, differing, small_market, village
from world.files.read import read_world, shipped_worlds

USUAL = Scenario()


def sentence(graph: Any) -> str:
    """How a graph is refused."""
    with pytest.raises(InputError) as caught:
        read_start(graph)
    said = str(caught.value)
    assert said.startswith("graph: ") and said.endswith(".") and "\n" not in said
    assert len(said) <= 600
    return said


def changed(change: Any) -> nx.MultiDiGraph:
    graph = village()
    change(graph)
    return graph


FAULTS = {
    "a stake below 0": (
        lambda g: g.edges["Fund", "Lab A", 1].update(share=-0.4),
        "edge 'Fund' to 'Lab A': share -0.4 is not allowed; allowed is a finite number from 0 to 1"),
    "a stake above all": (
        lambda g: g.edges["Fund", "Lab A", 1].update(share=10.0), "share 10.0 is not allowed"),
    "researchers": (
        lambda g: g.nodes["Lab A"].update(researchers=-50),
        "node 'Lab A': researchers -50 is not allowed; allowed is a finite number from 0 to 1e+07"),
    "half alive": (
        lambda g: g.nodes["Lab A"].update(alive=0.4),
        "node 'Lab A': alive 0.4 is not allowed; allowed is 0 or 1"),
    "half unborn": (
        lambda g: g.nodes["Seed"].update(alive="no"), "node 'Seed': alive 'no' is not allowed"),
    "open weights": (
        lambda g: g.nodes["Lab A"].update(open_weights=7),
        "node 'Lab A': open_weights 7 is not allowed; allowed is 0 or 1"),
    "a number in a text": (
        lambda g: g.nodes["Fund"].update(cash="5e9"), "node 'Fund': cash '5e9' is not allowed"),
    "none": (lambda g: g.nodes["Fund"].update(cash=None), "node 'Fund': cash None is not allowed"),
    "digits": (
        lambda g: g.nodes["Fund"].update(cash=10**400), "cash a whole number of 1329 binary digits"),
    "an array": (
        lambda g: g.nodes["Lab A"].update(brand=np.ones(3)), "node 'Lab A': brand array([1., 1., 1.])"),
    "a kind that is a list": (
        lambda g: g.nodes["Fund"].update(kind=["cloud"]), "node 'Fund': kind ['cloud'] is unknown"),
    "a kind of edge that is a list": (
        lambda g: g.add_edge("Fund", "Lab A", kind=["stake"]), "kind ['stake'] is unknown"),
    "no kind of edge": (lambda g: g.add_edge("Fund", "Lab A"), "kind is missing; allowed are watches"),
    "a self-loop": (
        lambda g: g.add_edge("Land", "Land", kind="controls"), "'controls' joins an agent with itself"),
    "an edge twice": (
        lambda g: g.add_edge("Fund", "Lab A", kind="stake", share=0.01),
        "edge 'Fund' to 'Lab A': 'stake' stands there more than once; allowed is one"),
    "a mistyped figure": (
        lambda g: g.nodes["Lab A"].update(reserchers=5.0),
        "node 'Lab A': 'reserchers' is unknown (did you mean 'researchers'?)"),
    "a mistyped figure of an edge": (
        lambda g: g.add_edge("Fund", "Public", kind="watches", wieght=0.5),
        "'wieght' is unknown (did you mean 'weight'?)"),
    "a mistyped attribute": (
        lambda g: g.graph.update(frontier_growht=1.0),
        "graph: 'frontier_growht' is unknown (did you mean 'frontier_growth'?)"),
    "no start": (lambda g: g.graph.pop("start"), "start is missing"),
    "no month": (lambda g: g.graph.update(start="2025-13"), "start '2025-13' must be a month"),
    "a year": (lambda g: g.graph.update(start=2025), "start 2025 must be a month"),
    "growth": (lambda g: g.graph.update(frontier_growth=-1.0), "graph: frontier_growth -1.0 is not"),
    "shares of the market": (
        lambda g: g.nodes["Far"].update(market_share=1.0), "market_share add up to 1.7"),
    "nobody's release": (
        lambda g: g.graph.update(cheap_release_by="Lab C"),
        "cheap_release_by 'Lab C' is no developer (did you mean 'Lab B'?)"),
    "a name that is a number": (lambda g: g.nodes["Fund"].update(name=5), "name 5 must be a text"),
    "no name": (lambda g: g.nodes["Fund"].update(name=" "), "name ' ' must be a text"),
    "the name of an account": (
        lambda g: g.nodes["Fund"].update(name="Lab A: escrow"), "like another's account"),
    "two nodes written alike": (
        lambda g: g.add_nodes_from([(7, {"kind": "customers", "name": "Seven"}),
                                    ("7", {"kind": "customers", "name": "Other"})]),
        "2 nodes are written '7'"),
    "no economy": (lambda g: g.remove_node("economy"), "exactly one node of kind 'economy' is needed"),
    "a run without a target": (
        lambda g: g.nodes["Lab A"].update(run_kind="lead"),
        "node 'Lab A': run_months_left, run_target, run_cost are missing"),
    "a run to nowhere": (
        lambda g: g.nodes["Lab A"].update(run_kind="lead", run_target=28.0, run_months_left=3,
                                          run_cost=1e9),
        "run_target 28 contradicts capability 28.8"),
}  # fmt: skip


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_is_said_with_its_place_and_what_is_allowed(case: str) -> None:
    change, said = FAULTS[case]
    assert said in sentence(changed(change))


def test_all_faults_come_in_one_answer() -> None:
    graph = village()
    graph.nodes["Lab A"].update(researchers=-50, alive=0.4, reserchers=1.0)
    graph.nodes["Lab B"].pop("efficiency")
    graph.nodes["Fund"]["cash"] = "much"
    graph.graph["lagg"] = 3.0
    graph.add_node("Bank", kind="bank")
    graph.add_edge("Land", "Land", kind="controls")
    graph.add_edge("Lab A", "Fund", kind="watches")
    said = sentence(graph)
    assert said.startswith("graph: 9 faults. (1) node 'Bank': kind 'bank' is unknown")
    assert " more." in said


def test_a_fault_of_many_is_said_once() -> None:
    graph = village()
    for name in ("Lab A", "Lab B", "Copy"):
        del graph.nodes[name]["brand"]
        graph.nodes[name]["color"] = "red"
    said = sentence(graph)
    assert "2 faults" in said
    assert "(and 2 more): brand is missing" in said and "(and 2 more): 'color' is unknown" in said


@pytest.mark.parametrize("kind", [nx.DiGraph, nx.Graph, nx.MultiGraph, dict, str])
def test_only_a_multidigraph_is_accepted(kind: Any) -> None:
    graph = kind(village()) if kind is not dict else {}
    with pytest.raises(InputError, match=r"^graph: a \w+ is not accepted; allowed is a networkx"):
        Market(USUAL, graph=graph)
    with pytest.raises(InputError, match=r"is not accepted"):
        Ensemble(USUAL, [1], graph=graph)


def test_every_world_keeps_the_contract_and_every_figure_of_it_is_declared() -> None:
    contract = contract_of()
    for world in (*shipped_worlds(), "synthetic random 200", "synthetic core_periphery 100"):
        read_start(read_world(world))
    for place, ranges in RANGES.items():
        declared = contract.graph if place == "graph" else contract.nodes[place]
        assert ranges.keys() <= declared.keys(), place
        for name, within in ranges.items():
            assert declared[name].within == within


def test_notes_of_the_user_and_numbers_of_numpy_are_welcome() -> None:
    graph = village()
    graph.nodes["Lab A"]["_colour"] = ["red"]
    graph.nodes["Lab A"].update(researchers=np.int64(1000), cash=np.float32(5e9), alive=True)
    usual, other = (compiled(QUIET, 1, 6, g)[0] for g in (village(), graph))
    assert differing(usual, other) == []


# --- copies and hashes ---------------------------------------------------------------------------


def test_later_changes_of_a_graph_reach_no_history() -> None:
    graph = village()
    ensemble = Ensemble(QUIET, [3], until="2026-12", graph=graph)
    market = Market(QUIET, seed=3, graph=graph)
    graph.nodes["Lab A"]["cash"] = 1e12
    graph.remove_node("Cloud")
    graph.graph["market_size"] = 1.0
    runs = ensemble.run()
    market.run_until("2026-12")
    usual = Market(QUIET, seed=3, graph=village()).run_until("2026-12")
    for other in (market, Market.replay(runs, 0)):
        assert differing(usual.tables, other.tables) == []
    assert runs.values[0].tobytes() == np.asarray(usual.indicators()).tobytes()


def test_a_copy_has_one_hash_whatever_the_type_of_numbers_and_the_order() -> None:
    graph = village()
    turned = nx.MultiDiGraph(**dict(reversed(graph.graph.items())))
    for node, data in reversed([*graph.nodes(data=True)]):
        turned.add_node(node, **dict(reversed(data.items())))
    turned.add_edges_from(reversed([*graph.edges(data=True)]))
    for _, data in turned.nodes(data=True):
        data["_note"] = object()
        if "cash" in data:
            data["cash"] = np.float64(data["cash"])
    assert world_version(own_copy(graph)) == world_version(own_copy(turned))
    one, other = (read_start(g).under(USUAL.parameters) for g in (graph, turned))
    assert differing(one, other) == []
    half = {t: own_copy(changed(lambda g, t=t: g.nodes["Lab A"].update(brand=t(0.1))))
            for t in (np.float16, np.float32, float)}  # fmt: skip
    assert len({world_version(g) for g in half.values()}) == 3  # three numbers, three histories


# --- the ends of the ranges ------------------------------------------------------------------------


def everybody(key: str, value: float, kind: str = "frontier_lab imitator public_lab") -> Any:
    def change(graph: nx.MultiDiGraph) -> None:
        for _, data in graph.nodes(data=True):
            if data["kind"] in kind.split() and data.get("alive", 1):
                data[key] = value

    return change


ENDS = {
    "no investors": lambda g: g.remove_nodes_from(["Fund", "Cloud"]),
    "one developer": lambda g: g.remove_nodes_from(["Lab B", "Copy", "Seed", "Public"]),
    "no hostile actor": lambda g: g.remove_node("Rogue"),
    "all alike": everybody("capability", 28.0),
    "no money": everybody("cash", 0.0),
    "no staff": everybody("researchers", 0.0),
    "no gdp": everybody("gdp", 0.0, "government"),
    "no market share": everybody("market_share", 0.0, "government"),
    "no allowance": everybody("allowance", 0.0, "venture_fund cloud"),
    "no sales": everybody("revenue", 0.0),
    "no market": lambda g: (everybody("revenue", 0.0)(g), g.graph.update(market_size=0.0)),
    "hardly any compute": lambda g: g.nodes["supplier"].update(capacity=1.0),
    "no attachment": everybody("brand", 1e-6),
}


@pytest.mark.parametrize("case", ENDS)
def test_both_engines_run_on_at_the_ends_of_the_ranges(case: str) -> None:
    graph = changed(ENDS[case])
    market = Market(USUAL, seed=1, graph=graph).run_until("2026-12")
    tables, indicators = compiled(USUAL, 1, 24, graph)
    assert differing(market.tables, tables) == []
    for name in indicators.dtype.names:
        assert np.isfinite(np.asarray(indicators[name], dtype=float)).all(), name


# --- the page ----------------------------------------------------------------------------------------


def test_the_page_is_made_of_the_declarations() -> None:
    text = page("graph.md")
    kept = Path(__file__).parents[1] / "docs" / "graph.md"
    assert kept.read_text(encoding="utf-8") == text
    contract = contract_of()
    for declared in (*contract.nodes.values(), *contract.edges.values(), contract.graph):
        for figure in declared.values():
            assert f"`{figure.name}`" in text and figure.allowed in text
    assert EXAMPLE.read_text(encoding="utf-8") in text


def test_the_minimal_graph_runs_as_it_is_printed_in_both_engines() -> None:
    names: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()) as told:
        exec(compile(EXAMPLE.read_text(encoding="utf-8"), str(EXAMPLE), "exec"), names)
    assert "frontier_capability" in told.getvalue()
    assert len(names["market"].frame()) == 24 and len(names["runs"]) == 10
    values = np.asarray(names["runs"].values[1])
    assert values.tobytes() == np.asarray(names["market"].indicators()).tobytes()


@pytest.mark.parametrize("figure", ["capability", "efficiency", "researchers", "brand"])
def test_what_is_needed_is_needed(figure: str) -> None:
    graph = small_market()
    del graph.nodes["Lab 0"][figure]
    assert sentence(graph) == f"graph: node 'Lab 0': {figure} is missing."


def test_what_is_left_out_is_as_the_page_says() -> None:
    graph = add_cast(village())
    for _, data in graph.nodes(data=True):
        declared = contract_of().nodes.get("developers", {})
        if data["kind"] == "frontier_lab":
            for name, figure in declared.items():
                if not figure.needed and figure.default.isdigit() and name != "revenue":
                    data.setdefault(name, int(figure.default))
    bare, said = (read_graph(g, USUAL.parameters)[0] for g in (add_cast(village()), graph))
    assert differing(bare, said) == []
