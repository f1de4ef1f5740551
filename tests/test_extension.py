"""An economist adds a kind of agent in one module: the lender of notebook 5."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import networkx as nx
import numpy as np
import pytest

from docs.source import ROOT
from model import STANDARD, Ensemble, Extension, Market, Scenario
from model.identity import readings, rules
from tests.markets import LAB, add_developer, add_investor, differing, empty_market, run
from world.kinds import EdgeKind
from world.state import columns

NOTEBOOK = ROOT / "notebooks" / "05-your-own-kind-of-agent.ipynb"
WRITES = "%%writefile lender.py\n"
TIGHT = Scenario().with_(cash_uncertainty=0.0, release_month=-1, entry_rate=0.0)


@pytest.fixture(scope="module")
def lender(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The module that the notebook writes, from a file of its own."""
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    (source,) = (s for c in cells if (s := "".join(c["source"])).startswith(WRITES))
    path: Path = tmp_path_factory.mktemp("module") / "lender.py"
    path.write_text(source.removeprefix(WRITES), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("lender", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["lender"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["lender"]


def world() -> nx.MultiDiGraph:
    """A lab short of cash that a bank can lend to, one that fails, and one it cannot lend to."""
    graph = empty_market()
    add_developer(graph, "Lab", cash=4e8)
    add_developer(graph, "Doomed", cash=1e8, revenue=1e7, capability=27.0)
    add_developer(graph, "Other", cash=4e8)
    add_investor(graph, "Fund", ("Lab", "Other"), cash=1e8, allowance=1e8)
    graph.add_node("Bank", kind="lender", name="Bank", cash=5e9, rate=0.1)
    for name in ("Lab", "Doomed"):
        graph.add_edge("Bank", name, kind="lends", weight=1.0)
    return graph


def test_both_engines_run_it_alike_to_the_bit(lender: ModuleType) -> None:
    book = STANDARD.extended(lender.LENDING)
    market = Market(TIGHT, seed=1, graph=world(), rulebook=book).run_until("2028-12")
    runs = Ensemble(TIGHT, [1], until="2028-12", graph=world(), rulebook=book).run()
    live, compiled = np.asarray(market.indicators()), np.asarray(runs.values[0])
    assert live["debt"].max() > 0.0
    for name in live.dtype.names or ():
        assert live[name].tobytes() == compiled[name].tobytes(), name
    assert differing(Market.replay(runs, 0).tables, market.tables) == []


def test_its_money_is_conserved_and_its_books_are_kept(lender: ModuleType) -> None:
    book = STANDARD.extended(lender.LENDING)
    market = Market(TIGHT, seed=1, graph=world(), rulebook=book).run_until("2028-12")
    assert all(market.ledger.audit(month).passed for month in range(len(market.ledger)))
    statement = market.ledger.statement("Bank")
    assert statement["loan"].sum() < 0.0 < statement["debt_service"].sum()
    assert "Other" not in set(market.story().query("event == 'lent'")["other"])
    # Lent and interest less repaid and lost is what is owed.
    frame = market.agent_frame("lender").xs("Bank", level="name")
    assert (frame["cash"].to_numpy() == statement["balance"].to_numpy()).all()
    assert market.frame()["debt"].to_numpy() == pytest.approx(frame["owed"].to_numpy())


def test_it_shows_in_graph_frames_and_story(lender: ModuleType) -> None:
    book = STANDARD.extended(lender.LENDING)
    market = Market(TIGHT, seed=1, graph=world(), rulebook=book).run_until("2026-12")
    bank = market.agent("Bank")
    assert isinstance(bank, lender.Lender) and bank.rate == 0.1 and "lender" in market.kinds()
    lends = [(u, v) for u, v, d in market.graph.edges(data=True) if d["kind"] == "lends"]
    assert (bank.unique_id, market.agent("Lab").unique_id) in lends
    assert market.agent("Lab") in bank.neighbours
    assert "Bank lent $" in " ".join(market.story()["sentence"])


def test_an_override_of_its_rule_in_python_acts(lender: ModuleType) -> None:
    class Shy(lender.Lender):  # type: ignore[name-defined,misc]
        def lends(self) -> None:
            """Lend nothing."""

    book = STANDARD.extended(lender.LENDING)
    market = Market(TIGHT, seed=1, graph=world(), rulebook=book, classes={"lender": Shy})
    assert market.run_until("2026-12").frame()["debt"].max() == 0.0


def test_a_market_without_a_lender_is_the_standard_one(lender: ModuleType) -> None:
    book = STANDARD.extended(lender.LENDING)
    graph = world()
    graph.remove_node("Bank")
    usual = run(TIGHT, graph, seed=1, months=12)
    other = Market(TIGHT, seed=1, graph=graph, rulebook=book).run_until("2025-12")
    for name in STANDARD.columns:
        assert getattr(usual.tables, name).tobytes() == getattr(other.tables, name).tobytes(), name


def test_other_rules_have_another_identity(lender: ModuleType) -> None:
    book = STANDARD.extended(lender.LENDING)
    assert rules(book) != rules() and readings(book) != readings()
    again = STANDARD.extended(lender.LENDING)
    assert (rules(again), readings(again)) == (rules(book), readings(book))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"month": "x | lenders | lender_lend | after developer_plans"},
         "have no rule 'lender_lend'"),
        ({"month": "x | lenders | lender_lends | after developer_plan"},
         "'after developer_plan' is none"),
        ({"edges": {"watches": EdgeKind("loans", "lenders", "developers", ("weight",), "")}},
         "'watches' is taken"),
    ],
)  # fmt: skip
def test_what_contradicts_the_rulebook_is_refused(lender, change, said) -> None:
    with pytest.raises(ValueError, match=said):
        STANDARD.extended(lender.LENDING._replace(**change))


def test_a_kind_of_developer_is_a_row_of_traits() -> None:
    """An institute that sells, but does not count as a follower, in one dictionary."""
    from agents import FrontierLab

    class Institute(FrontierLab):
        """A laboratory with an imitator's wages."""

    traits = {**STANDARD.traits["developers"]["frontier_lab"], "lab_pay": 0.0}
    book = STANDARD.extended(Extension(cast={"institute": Institute}, traits={"institute": traits}))
    graph = empty_market()
    add_developer(graph, "Lab")
    graph.add_node("Institute", **{**LAB, "kind": "institute", "name": "Institute"})
    graph.add_edge("Land", "Institute", kind="located")
    market = Market(TIGHT, seed=1, graph=graph, rulebook=book)
    market.step()
    assert isinstance(market.agent("Institute"), Institute)
    assert market.agent("Institute").payroll < market.agent("Lab").payroll


def test_columns_of_a_module_are_read_like_moats_own() -> None:
    (column,) = columns("owed | float | USD | | month | what is owed")
    assert column == ("owed", "float", "USD", "", "month", "what is owed")
