"""The market as its user meets it: Mesa, graph, story, pandas."""

from __future__ import annotations

import mesa
import numpy as np
import pandas as pd
import pytest

from agents import FrontierLab, HostileActor, Imitator
from model import Ensemble, InputError, Market, Scenario
from model.lanes import BATCH
from model.observe import INDICATORS
from model.regimes import EVIDENCE, REGIMES
from model.rulebook import STANDARD
from tests.markets import QUIET, compiled, small_market, village
from world.journal import EVENTS, Told
from world.kinds import EDGE_KINDS
from world.state import JOURNAL

MONTHS = 30
UNTIL = "2027-06"


@pytest.fixture(scope="module")
def market() -> Market:
    return Market(Scenario.load("imitation"), seed=7).run_until(UNTIL)


def test_mesa_counts_its_months_and_its_agents(market: Market) -> None:
    assert market.steps == MONTHS  # Mesa counts, too
    assert len({agent.unique_id for agent in market.agents}) == len(market.agents)
    assert len(market.agents_by_type[FrontierLab]) >= 5
    assert set(market.agents_by_type) >= {Imitator, HostileActor}


def test_time_is_told_in_months(market: Market) -> None:
    assert (market.month, market.date) == (MONTHS, "2027-07")
    assert market.month_of("2025-01") == 0
    for label, said in (("2027-07", "has not been run"), ("2027", "not a month")):
        with pytest.raises(InputError, match=said):
            market.month_of(label)
    with pytest.raises(InputError, match="until"):
        Market(Scenario()).run_until("2024-12")


def test_one_row_a_month_and_one_column_an_indicator(market: Market) -> None:
    frame = market.frame()
    assert list(frame.columns) == [column.name for column in INDICATORS]
    assert list(frame.index) == [f"{2025 + m // 12}-{m % 12 + 1:02d}" for m in range(MONTHS)]
    assert market.datacollector.get_model_vars_dataframe().shape == frame.shape
    assert Market(Scenario()).frame().empty


def test_agents_have_their_columns_by_month_and_name(market: Market) -> None:
    labs = market.agent_frame("frontier_lab")
    assert labs.index.names == ["month", "name"]
    assert (labs["kind"] == "frontier_lab").all()
    assert {c.name for c in STANDARD.tables["developers"]} <= set(labs.columns)
    assert {"cash", "escrow", "grants", "date"} <= set(labs.columns)
    last = labs.xs(MONTHS - 1, level="month")
    assert last.loc["OpenAI", "cash"] == market.agent("OpenAI").cash
    assert last.loc["OpenAI", "capability"] == market.agent("OpenAI").capability
    everyone = market.agent_frame("developers")
    assert set(labs.index) < set(everyone.index)
    industry = market.agent_frame("industry")
    assert (industry["month"] == industry.index.get_level_values("month")).all()
    with pytest.raises(InputError, match="'lab' is unknown; allowed are"):
        market.agent_frame("lab")
    assert Market(Scenario()).agent_frame("developers").empty


def test_mesa_shapes_by_step_and_agent(market: Market) -> None:
    collector = market.datacollector
    found = collector.get_agenttype_vars_dataframe(FrontierLab)
    assert found.index.names == ["Step", "AgentID"]
    assert found.index.get_level_values("Step").unique().tolist() == list(range(1, MONTHS + 1))
    assert (MONTHS, market.id_of("OpenAI")) in found.index
    everyone = collector.get_agent_vars_dataframe()
    assert everyone["cash"].notna().all() and len(everyone) > len(found)
    with pytest.raises(InputError, match="not one of this market's classes"):
        collector.get_agenttype_vars_dataframe(int)


class Batched(Market):
    """A market that `mesa.batch_run` can make."""

    def __init__(self, member: int = 0, rng: object = None) -> None:
        super().__init__(Scenario(), seed=member)


def test_mesa_batches_return_every_indicator() -> None:
    rows = mesa.batch_run(
        Batched, {"member": [3, 4]}, number_processes=1, max_steps=4, data_collection_period=1,
        display_progress=False,
    )  # fmt: skip
    frame = pd.DataFrame(rows)
    months = len(frame) // 2
    assert months in (4, 5)  # before version 3.5 Mesa ran one step more than `max_steps`
    until = f"2025-{months:02d}"
    expected = Market(Scenario(), seed=4).run_until(until).frame().reset_index(drop=True)
    found = frame[frame["member"] == 4].reset_index(drop=True)[list(expected.columns)]
    pd.testing.assert_frame_equal(found, expected)


@pytest.mark.parametrize(("sum_", "said"), [
    (0.0, "$0"), (950.0, "$950"), (5.6e6, "$5.6 M"), (999.6e6, "$1 bn"), (3.294e10, "$32.9 bn"),
    (-2e12, "$-2 tn"),
])  # fmt: skip
def test_sums_are_told_in_words(sum_: float, said: str) -> None:
    assert f"{Told(sum_):money}" == said
    assert f"{Told(sum_):.2f}" == f"{sum_:.2f}"


def test_the_story_is_told_in_sentences(market: Market) -> None:
    story = market.story()
    known = {event.name for event in EVENTS}
    assert {"frontier_release", "run_started"} <= set(story["event"]) <= known
    assert story["date"].is_monotonic_increasing
    assert story["sentence"].str.fullmatch(r"[^{}\n]{10,}\.").all()
    named = story[story["actor"] != "nobody"]
    assert len(named) > 10
    assert all(actor in sentence for actor, sentence in
               zip(named["actor"], named["sentence"], strict=True))  # fmt: skip
    assert Market(QUIET, graph=small_market()).story().empty


def test_a_full_journal_keeps_the_latest_events() -> None:
    market = Market(Scenario(), seed=1, graph=village()).run_until("2025-12")
    told = market.story()
    market.tables.industry["told"][0] += JOURNAL
    full = market.story()
    assert len(full) == JOURNAL
    assert full["sentence"].tolist()[-len(told):] == told["sentence"].tolist()


def test_every_indicator_follows_from_the_tables(market: Market) -> None:
    frame = market.frame().iloc[-1]
    developers = market.agent_frame("developers").xs(MONTHS - 1, level="month")
    private = developers[developers["kind"] != "public_lab"]
    investors = market.agent_frame("investors").xs(MONTHS - 1, level="month")
    hostiles = market.agent_frame("hostile_actor").xs(MONTHS - 1, level="month")
    leaders = private.nlargest(3, "revenue")
    again = {
        "revenue": 12 * private["revenue"].sum(),
        "leader_revenue": 12 * private["revenue"].max(),
        "gross_margin": private["gross_profit"].sum() / private["revenue"].sum(),
        "leader_margin": leaders["gross_profit"].sum() / leaders["revenue"].sum(),
        "concentration": ((private["revenue"] / private["revenue"].sum()) ** 2).sum(),
        "equity": private["valuation"].sum(),
        "leader_value": private["valuation"].max(),
        "value_to_revenue": leaders["valuation"].sum() / (12 * leaders["revenue"].sum()),
        "capital_raised": private["raised"].sum(),
        "dry_powder": investors["cash"].sum(),
        "sentiment": investors["sentiment"].mean(),
        "hazard_spread": investors["hazard"].std(ddof=0) / investors["hazard"].mean(),
        "incidents": hostiles["incidents"].sum(),
        "hostile_capability": hostiles["capability"].max(),
        "developers": len(private),
        "run_cost": max(
            (developers["run_cost"] * (developers["run_kind"] == 1)).max(),
            (developers["led_cost"] * (developers["led_month"] > MONTHS - 13)).max(),
        ),
        "gap": frame["frontier_capability"] - frame["follower_capability"],
        "ai_value": frame["equity"] + frame["supplier_value"],
    }
    for name, value in again.items():
        assert frame[name] == pytest.approx(value, rel=1e-9, abs=1e-9), name


def test_the_graph_is_live_and_typed(market: Market) -> None:
    kinds = {data["kind"] for *_, data in market.graph.edges(data=True)}
    assert kinds == set(EDGE_KINDS)
    assert set(market.graph.nodes) == {agent.unique_id for agent in market.agents}
    assert market.graph is market.graph
    for node, data in market.graph.nodes(data=True):
        assert data["agent"].unique_id == node and data["name"] == data["agent"].name


def test_the_flow_matrix_sums_to_zero(market: Market) -> None:
    matrix = market.ledger.matrix(12)
    size = matrix.abs().to_numpy().max()
    assert np.abs(matrix.sum(axis=0)).max() <= 1e-9 * size
    assert np.abs(matrix.sum(axis=1)).max() <= 1e-9 * size


def test_the_regime_has_its_evidence(market: Market) -> None:
    regime = market.regime()
    assert (regime.kind, regime.onset) == ("race", -1)  # 30 months are too few for another
    assert set(regime.evidence) == set(EVIDENCE)
    assert all(np.isfinite(value) for value in regime.evidence.values())


def test_ensembles_are_summarised() -> None:
    runs = Ensemble(Scenario.load("imitation"), range(5), until=UNTIL).run()
    assert len(runs) == 5 and runs.frame().shape[0] == 5 * MONTHS
    assert runs.shares().sum() == pytest.approx(1.0)
    regimes = runs.regimes()
    assert regimes["seed"].tolist() == list(range(5)) and set(regimes["regime"]) <= set(REGIMES)
    bands = runs.quantiles((0.0, 0.5, 1.0))
    assert list(bands.index) == runs.dates()
    for name in ("revenue", "hazard"):
        paths = runs.values[name]
        assert bands[name][0.5].to_numpy() == pytest.approx(np.median(paths, axis=0))
        assert bands[name][0.0].to_numpy() == pytest.approx(paths.min(axis=0))
    # The median member is nearer to the middle than the average member is.
    middle = np.median(runs.values["hazard"], axis=0)
    distance = np.abs(runs.values["hazard"] - middle).mean(axis=1)
    assert distance[runs.median_member(("hazard",))] <= distance.mean()


def test_progress_is_told_to_the_end() -> None:
    for workers in (1, 2):
        told: list[int] = []
        ensemble = Ensemble(Scenario(), range(40), until="2025-01", workers=workers)
        ensemble.run(told.append)
        assert told == sorted(told) and told[0] == min(BATCH, 40) and told[-1] == 40


def test_seeds_differ() -> None:
    one, other = (compiled(Scenario(), seed, 6)[1] for seed in (1, 2))
    assert one["frontier_efficiency"].tobytes() != other["frontier_efficiency"].tobytes()
