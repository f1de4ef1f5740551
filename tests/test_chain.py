"""The links of the chain, one by one: rents, beliefs, money, growth that costs money."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from agents.beliefs import investor_learns, investor_listens
from agents.means import RESERVE, RUNWAY
from agents.record import economy_records_releases
from docs.source import ROOT
from experiments.analysis.compare import NOBODY_COPIES, collapse_range, compare, table
from experiments.chain.row import ratio, steps
from experiments.verify.small_markets import sell
from model import Ensemble, Market, Scenario
from model.graph import read_graph
from model.run import Run
from tests.markets import QUIET, add_developer, add_investor, empty_market, run, village
from world.compiled import PLAIN_PYTHON

ALIKE = QUIET.with_(belief_spread=0, hurdle_spread=0)
many = pytest.mark.skipif(PLAIN_PYTHON, reason="many histories take an hour as plain Python")


def opened(scenario: Scenario = ALIKE) -> Run:
    """The village, compiled, before its first month."""
    return Run(read_graph(village(), scenario.parameters)[0], seed=1).begin_month()


# --- beliefs reach what a rent is worth ----------------------------------------------------


def test_a_rent_is_worth_less_to_those_who_take_matches_for_copies() -> None:
    multiples = []
    for belief in (0.02, 0.5, 0.98):
        held = opened(ALIKE.with_(prior_imitation=belief)).perform(investor_listens, 0)
        investor = held.tables.investors
        assert investor["copy_hazard"][0] == pytest.approx(belief * investor["hazard"][0])
        multiples.append((investor["rent_multiple"][0], investor["lead_multiple"][0]))
    assert multiples == sorted(multiples, reverse=True)


def test_where_a_copy_takes_nothing_beliefs_are_worth_nothing() -> None:
    kept = ALIKE.parameters | {"kept_share": 1.0}
    found = []
    for belief in (0.02, 0.98):
        start = read_graph(village(), kept | {"prior_imitation": belief})[0]
        held = Run(start, seed=1).begin_month().perform(investor_listens, 0)
        found.append(held.tables.investors["rent_multiple"][0])
    assert found[0] == found[1]


def test_old_readings_are_forgotten() -> None:
    held = opened(ALIKE.with_(forgetting=0.05))
    held.tables.investors["evidence"][0] = 2.0
    beliefs = []
    for _ in range(200):
        held.begin_month().perform(investor_learns, 0)
        beliefs.append(held.tables.investors["imitation"][0])
    assert beliefs == sorted(beliefs, reverse=True)
    assert beliefs[0] > 0.8 and beliefs[-1] == pytest.approx(0.5, abs=1e-4)


def test_the_order_of_a_months_releases_teaches_nothing() -> None:
    """Two cheap releases, told apart by nothing but their rows."""
    found = []
    for costs in ((1e6, 1e7), (1e7, 1e6)):
        held = opened()
        developers = held.tables.developers
        for row, cost in zip((0, 1), costs, strict=True):
            developers["capability"][row] = 28.6
            developers["news_released"][row] = 1
            developers["news_cost"][row] = cost
        held.perform(economy_records_releases)
        found.append(held.tables.industry["expected_saving"][0])
    assert found[0] == pytest.approx(found[1], rel=1e-12)


# --- money -----------------------------------------------------------------------------------


def owned_lab(share: float) -> Market:
    """Two years of a lab that one investor owns so much of, and that another watches."""
    graph = empty_market()
    add_developer(graph, "Lab", cash=5e8)
    for name in ("Owner", "Fund"):
        add_investor(graph, name, ["Lab"])
    graph.add_edge("Owner", "Lab", kind="stake", share=share, paid=1e9)
    return run(ALIKE, graph, months=24)


@pytest.mark.parametrize(("share", "alone"), [(0.5, False), (1.0, True)])
def test_a_parent_alone_pays_for_its_subsidiary(share: float, alone: bool) -> None:
    market = owned_lab(share)
    paid = {
        market.roster.names["investors"][row["source"]]: row["paid"] for row in market.tables.ties
    }
    assert paid["Owner"] > 1e9
    assert (paid["Fund"] == 0.0) == alone
    frame = market.frame()
    assert frame["parent_capital"].iloc[0] + frame["outside_equity"].iloc[0] == pytest.approx(
        frame["capital_raised"].iloc[0]
    )
    assert (frame["parent_capital"].sum() > 0.0) == alone


def test_customers_are_paid_for_once_when_they_are_won() -> None:
    """Over the first year the cost is that of the rise of yearly sales, and it is booked."""
    scenario = ALIKE.with_(customer_cost=0.3)
    graph = village()
    graph.nodes["Lab A"]["cash"] = 1e11  # runs never leave it too little to pay for customers
    market = run(scenario, graph, months=12)
    sales = market.agent_frame("developers")["revenue"].unstack("name")["Lab A"].to_numpy()
    start = graph.nodes["Lab A"]["revenue"] / 12.0
    rise = np.maximum(0.0, np.diff(np.concatenate([[start], sales]))).sum()
    booked = -market.ledger.statement("Lab A")["selling"].sum()
    assert booked == pytest.approx(0.3 * 12.0 * rise, rel=1e-9)
    assert run(ALIKE.with_(customer_cost=0), graph, months=12).ledger.statement("Lab A").get(
        "selling", np.zeros(1)
    ).sum() == 0.0  # fmt: skip


def test_nobody_sells_itself_out_of_its_runway() -> None:
    """With too little cash, selling stops at the reserve, though more customers came."""
    held = opened(ALIKE.with_(customer_cost=1.5))
    developers, balance = held.tables.developers, held.tables.balance
    account = developers["account"][0]
    developers["revenue"][0] = 0.0  # all its customers are new
    developers["payroll"][0] = 5e8  # a month
    developers["selling"][0] = 0.0
    kept = RESERVE * RUNWAY * 12.0 * 5e8
    balance[account] = kept
    sell(held, months=1)
    sales, profit = developers["revenue"][0], developers["gross_profit"][0]
    assert 1.5 * 12.0 * sales > profit > 0.0  # it could not pay for all of them
    assert balance[account] == pytest.approx(kept, rel=1e-12)


# --- what is reported --------------------------------------------------------------------------


@many
def test_a_comparison_has_its_twin_without_copying() -> None:
    (found,) = compare([Scenario.load("baseline")], members=4, until="2026-12")
    assert {n: found.twin.scenario.parameters[n] for n in NOBODY_COPIES} == NOBODY_COPIES
    assert found.twin.seeds == found.runs.seeds
    shown = table([found], dates=["2026-12"]).set_index("indicator")["median"]
    fronts = [r.values["frontier_capability"][:, 23] for r in (found.runs, found.twin)]
    assert shown["frontier less the twin's without copying"] == pytest.approx(
        np.median(fronts[0] - fronts[1])
    )


@many
def test_a_share_of_collapses_lies_in_its_range() -> None:
    easy = Scenario.load("imitation").with_(
        imitation_cost_share=0.02, imitation_lag=2, copy_shortfall=0, kept_share=0
    )
    runs = Ensemble(easy, range(40)).run()
    mine, strict, lenient = collapse_range(runs)
    assert mine == runs.regimes()["collapsed"].mean()
    assert 0.0 <= strict <= mine <= lenient and strict < lenient


def test_steps_are_measured_in_their_own_errors() -> None:
    rng = np.random.default_rng(0)
    rising = [rng.normal(mean, 1.0, 200) for mean in (0.0, 1.0, 2.0)]
    assert steps("", "", rising, -1).value == 0.0 and steps("", "", rising, -1).met
    worst = steps("", "", rising, 1)
    assert worst.value > 5.0 and worst.met is False
    assert steps("", "", [np.zeros(9), np.ones(9)], 1).value == np.inf
    assert ratio(np.array([[2.0, 1.0], [4.0, 2.0], [6.0, 3.0]])) == 2.0


@pytest.mark.parametrize("given", [["--set", "nothing=1"], ["--set", "x"], ["--set", "kept_share=9"]])
def test_bad_questions_are_refused_in_one_sentence(given: list[str]) -> None:
    done = subprocess.run([sys.executable, "-m", "experiments.chain", *given], cwd=ROOT, text=True,
                          capture_output=True)  # fmt: skip
    assert done.returncode == 2 and done.stdout == ""
    assert "Traceback" not in done.stderr and given[1].split("=")[0] in done.stderr
