"""The market as its user meets it: two engines, money, graph, story, pandas."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from agents import FrontierLab
from model import Ensemble, InputError, Market, Scenario
from model.ensemble import simulate
from model.graph import read_graph
from model.scenario import shipped
from model.state import Tables
from model.worlds.read import read_world
from model.worlds.synthetic import synthetic_world

MONTHS = 30
UNTIL = "2027-06"


def compiled(scenario: Scenario, seed: int, months: int = MONTHS, graph=None) -> tuple[Tables, object]:
    template, _ = read_graph(graph or read_world(scenario.world), scenario.parameters)
    return simulate(template, seed, months)


def differing(a: Tables, b: Tables) -> list[str]:
    return [
        name
        for name in Tables._fields
        if np.asarray(getattr(a, name)).tobytes() != np.asarray(getattr(b, name)).tobytes()
    ]


@pytest.fixture(scope="module")
def market() -> Market:
    return Market(Scenario.load("imitation"), seed=7).run_until(UNTIL)


@pytest.mark.parametrize("name", shipped())
@pytest.mark.parametrize("seed", [0, 1, 7])
def test_both_engines_agree_to_the_bit(name: str, seed: int) -> None:
    scenario = Scenario.load(name)
    tables, indicators = compiled(scenario, seed)
    live = Market(scenario, seed=seed).run_until(UNTIL)
    assert differing(tables, live.tables) == []
    assert np.asarray(indicators).tobytes() == np.asarray(live.indicators()).tobytes()


@pytest.mark.nightly
@pytest.mark.parametrize("name", shipped())
@pytest.mark.parametrize("seed", range(20))
def test_both_engines_agree_to_2040(name: str, seed: int) -> None:
    scenario = Scenario.load(name)
    tables, _ = compiled(scenario, seed, 192)
    live = Market(scenario, seed=seed).run_until("2040-12")
    assert differing(tables, live.tables) == []


def test_engines_agree_on_a_synthetic_world() -> None:
    world = synthetic_world(frontier_labs=3, imitators=4, venture_funds=9, seed=3)
    tables, _ = compiled(Scenario(), 5, 12, world)
    live = Market(Scenario(), seed=5, graph=world).run_until("2025-12")
    assert differing(tables, live.tables) == []


def test_seeds_differ() -> None:
    first, _ = compiled(Scenario(), 1)
    second, _ = compiled(Scenario(), 2)
    assert "developers" in differing(first, second)


def test_money_adds_up_every_month(market: Market) -> None:
    audits = [market.ledger.audit(month) for month in range(len(market.ledger))]
    assert [a for a in audits if not a.passed] == []
    assert min(a.payments for a in audits) > 1e8


def test_flow_matrix_sums_to_zero(market: Market) -> None:
    matrix = market.ledger.matrix(12)
    size = matrix.abs().to_numpy().max()
    assert np.abs(matrix.sum(axis=0)).max() <= 1e-9 * size
    assert np.abs(matrix.sum(axis=1)).max() <= 1e-9 * size


def test_an_embezzled_dollar_is_found(market: Market) -> None:
    thief = Market(Scenario.load("imitation"), seed=7).run_until("2025-03")
    entries = thief.tables.entries[: int(thief.tables.entry_count[0])]
    thief.tables.balance[0] += 1e5
    thief.ledger.close_month(thief.tables.balance, entries)
    assert not thief.ledger.audit(3).passed


def test_ensemble_members_replay(market: Market) -> None:
    runs = Ensemble(Scenario.load("imitation"), [3, 7], until=UNTIL, workers=2).run()
    replayed = Market.replay(runs, 1)
    assert np.array_equal(np.asarray(replayed.indicators()), runs.values[1])
    assert runs.frame().shape[0] == 2 * MONTHS
    assert runs.shares().sum() == pytest.approx(1.0)
    with pytest.raises(InputError, match="member 2"):
        runs.seed_of(2)


def test_pickling_mid_run_changes_nothing() -> None:
    straight = Market(Scenario(), seed=4).run_until("2026-01")
    paused = Market(Scenario(), seed=4).run_until("2025-06")
    resumed = pickle.loads(pickle.dumps(paused)).run_until("2026-01")
    assert differing(straight.tables, resumed.tables) == []


def test_pandas_contracts(market: Market) -> None:
    frame = market.frame()
    assert list(frame.index[:2]) == ["2025-01", "2025-02"]
    labs = market.agent_frame("frontier_lab")
    assert {"cash", "escrow", "capability", "kind"} <= set(labs.columns)
    assert (labs["kind"] == "frontier_lab").all()
    collector = market.datacollector
    assert len(collector.get_model_vars_dataframe()) == MONTHS
    assert collector.get_agenttype_vars_dataframe(FrontierLab).index.names == ["Step", "AgentID"]
    assert collector.get_agent_vars_dataframe()["cash"].notna().all()


def test_the_story_is_told(market: Market) -> None:
    story = market.story()
    assert {"frontier_release", "run_started"} <= set(story["event"])
    assert story["sentence"].str.len().min() > 10
    assert not story["sentence"].str.contains("{", regex=False).any()


def test_graph_is_live_and_typed(market: Market) -> None:
    kinds = {data["kind"] for *_, data in market.graph.edges(data=True)}
    assert kinds == {
        "watches", "stake", "syndicate", "observes", "located", "buys", "sells", "targets",
        "controls",
    }  # fmt: skip
    ids = {agent.unique_id for agent in market.agents}
    assert set(market.graph.nodes) == ids


def test_removing_an_edge_changes_behaviour() -> None:
    world = read_world("2025")
    base, _ = compiled(Scenario(), 2, 12, world)
    for kind in ("watches", "syndicate", "observes", "located", "buys", "sells", "targets"):
        cut = world.copy()
        gone = [(u, v, k) for u, v, k, d in cut.edges(keys=True, data=True) if d["kind"] == kind]
        if kind == "watches":  # a stake needs its watcher
            gone += [(u, v, k) for u, v, k, d in cut.edges(keys=True, data=True)
                     if d["kind"] == "stake"]
        cut.remove_edges_from(gone)
        other, _ = compiled(Scenario(), 2, 12, cut)
        assert "developers" in differing(base, other) or "hostiles" in differing(base, other), kind


def test_interventions_act_and_are_told() -> None:
    market = Market(Scenario(), seed=1).run_until("2025-02")
    market.intervene("bail out", target="Anthropic", amount=1e9)
    market.intervene("cut", source="DeepSeek", target="OpenAI", kind="observes")
    market.step()
    assert [i.action for i in market.interventions] == ["bail out", "cut"]
    assert market.ledger.audit(2).passed
    assert (market.story()["event"] == "intervention").sum() == 2
    with pytest.raises(InputError, match="unknown"):
        market.intervene("abolish")
    with pytest.raises(InputError, match="Nobody"):
        market.intervene("release", target="Nobody")


def test_a_decision_can_be_overridden() -> None:
    class Idle(FrontierLab):
        def plans(self) -> None:
            self.plan_kind = 0

    usual = Market(Scenario(), seed=1).run_until("2026-06")
    idle = Market(Scenario(), seed=1, classes={"frontier_lab": Idle}).run_until("2026-06")
    frontier = [m.frame()["frontier_capability"].iloc[-1] for m in (idle, usual)]
    assert frontier[0] < frontier[1]
    with pytest.raises(InputError, match="subclass"):
        Market(Scenario(), classes={"frontier_lab": int})  # type: ignore[dict-item]


def test_bad_scenarios_are_refused(tmp_path) -> None:
    with pytest.raises(InputError, match="did you mean 'imitation'"):
        Scenario.load("imitaton")
    with pytest.raises(InputError, match="did you mean 'discount'"):
        Scenario().with_(discont=0.1)
    for value in (float("nan"), 9.0, "much", True):
        with pytest.raises(InputError, match="discount"):
            Scenario().with_(discount=value)
    broken = tmp_path / "broken.yaml"
    broken.write_text("name: x\nparameters: {discount: [0.1", encoding="utf-8")
    with pytest.raises(InputError, match="not valid YAML at line"):
        Scenario.load(broken)
