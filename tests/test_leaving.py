"""Who leaves, by failure or by merger: when, what becomes of its figures, and of its owners' money."""

from __future__ import annotations

import numpy as np
import pytest

from model import Market, Scenario
from tests.markets import QUIET, add_investor, run, village
from world.ledger import flow_names


@pytest.fixture
def failing() -> Market:
    """The village in a month at whose end Lab B has no money left."""
    graph = village()
    graph.nodes["Lab B"].update(cash=0.0, revenue=1e3, researchers=5e4)
    graph.remove_edge("Fund", "Lab B")
    graph.remove_edge("Cloud", "Lab B")
    return run(QUIET, graph, months=1)


def sales(market: Market, month: int) -> float:
    entries = market.ledger.entries[month]
    return float(entries["amount"][entries["flow"] == flow_names().index("sales")].sum())


def test_a_month_is_of_those_who_end_it(failing: Market) -> None:
    assert failing.agent("Lab B").revenue > 0.0  # it has had its month
    failing.step()
    assert failing.indicators()["exits"].tolist() == [0.0, 1.0]
    assert failing.indicators()["developers"].tolist() == [3.0, 2.0]
    for month in range(2):
        developers = failing.table_at("developers", month)
        assert developers["share"].sum() == pytest.approx(1.0)
        assert failing.indicators()["revenue"][month] == pytest.approx(12.0 * sales(failing, month))
    gone = developers[1]
    for column in ("alive", "share", "revenue", "researchers", "valuation", "payroll", "attraction"):
        assert gone[column] == 0, column


def test_help_by_hand_comes_before_the_exit(failing: Market) -> None:
    failing.intervene("bail out", target="Lab B", amount=1e11)
    failing.step()
    assert failing.indicators()["exits"][-1] == 0.0
    assert failing.agent("Lab B").cash > 0.0


def test_nobody_is_richer_or_poorer_by_a_merger() -> None:
    """An owner's stakes and cash are worth the same, also where it cannot hold the merged firm."""
    graph = village()
    add_investor(graph, "Only B", ("Lab B",), kind="cloud", cash=0.0, allowance=0.0)
    graph.add_edge("Only B", "Lab B", kind="stake", share=0.2, paid=1e8)
    market = run(QUIET, graph, months=3)

    def wealth() -> np.ndarray:
        held, investors = np.zeros(len(market.tables.investors)), market.tables.investors
        ties = market.tables.ties
        worth = ties["share"] * market.tables.developers["valuation"][ties["target"]]
        np.add.at(held, ties["source"], worth)
        return held + market.tables.balance[investors["account"]]

    before = wealth()
    market.intervene("merge", source="Lab B", target="Lab A")
    market._intervene()
    assert wealth() == pytest.approx(before, rel=1e-9)
    books = market.tables.investors["book"] + market.tables.balance[market.tables.investors["account"]]
    assert books == pytest.approx(before, rel=0.05)  # no false loss of who was paid


def test_the_heir_of_a_merger_has_its_releases() -> None:
    market = run(QUIET, village(), months=3)
    releases = market.tables.releases
    releases[:2] = 0
    releases["alive"][0], releases["developer"][0] = 1, market.agent("Lab B").row
    market.intervene("merge", source="Lab B", target="Lab A")
    market._intervene()
    assert releases["alive"][0] == 1 and releases["developer"][0] == market.agent("Lab A").row


def test_the_dearest_run_of_a_year_is_no_comb() -> None:
    """Between two runs the latest counts, for a year; after that there was none."""
    graph = village()
    for name in ("Lab A", "Lab B", "Copy", "Seed", "Public"):
        graph.remove_edge(name, "supplier")  # no further run
    graph.nodes["Lab A"].update(run_kind="lead", run_target=29.5, run_cost=4e8, run_months_left=3)
    cost = run(QUIET, graph, months=20).indicators()["run_cost"]
    assert cost.tolist() == [4e8] * 14 + [0.0] * 6


def test_law_and_complements_are_read_from_the_world() -> None:
    graph = village()
    graph.nodes["Land"]["ip_strength"] = 0.6
    graph.nodes["Lab A"].update(complements=1, open_weights=0)
    for floor, law in ((0.0, 0.6), (0.9, 0.9)):
        market = Market(Scenario().with_(ip_floor=floor), graph=graph)
        assert market.agent("Land").ip_strength == law
        assert market.agent("Far").ip_strength == floor
        assert market.agent("Lab A").complements == 1
