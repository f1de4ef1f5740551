"""What a user may do to a running market, and what it does."""

from __future__ import annotations

import pytest

from model import InputError, Market
from model.interventions import ACTIONS
from tests.markets import QUIET, add_investor, differing, run, village


@pytest.fixture
def market() -> Market:
    return run(QUIET, village(), months=3)


def test_a_bail_out_is_public_money(market: Market) -> None:
    market.intervene("bail out", target="Lab B", amount=7e9)
    control = run(QUIET, village(), months=4)
    market.step()
    rescued, usual = (m.agent_frame("developers").xs("Lab B", level="name").iloc[-1]
                      for m in (market, control))  # fmt: skip
    # It keeps it or sets it aside for a run, and needs to raise less.
    more = rescued["cash"] + rescued["escrow"] - usual["cash"] - usual["escrow"]
    assert more + usual["raised"] - rescued["raised"] == pytest.approx(7e9, rel=0.1)
    assert market.ledger.statement("Lab B")["rescue"].iloc[3] == 7e9
    statement = market.ledger.statement("Land")
    assert statement["rescue"].iloc[3] == -7e9 and statement["rescue_funds"].iloc[3] == 7e9


def test_a_lever_is_moved_from_then_on(market: Market) -> None:
    market.intervene("lever", name="public_extra", value=3e11)
    market.run_until("2026-12")
    control = run(QUIET, village(), months=24)
    assert market.agent("Land").public_research > 5.0 * control.agent("Land").public_research
    assert market.setting.parameters["public_extra"] == 0.0  # the scenario is as it was


def test_a_release_opens_weights() -> None:
    # Nobody trains: the next model's weights would be its owner's choice again.
    graph = village()
    for name in ("Lab A", "Lab B", "Copy"):
        graph.remove_edge(name, "supplier")
    market = run(QUIET, graph, months=3)
    assert market.agent("Lab A").open_weights == 0
    market.intervene("release", target="Lab A")
    market.run_until("2025-12")
    assert market.agent("Lab A").open_weights == 1
    assert "By hand: the weights of Lab A were opened (28.80 OOM)." in set(market.story()["sentence"])
    assert market.indicators()["follower_capability"][-1] == market.agent("Lab A").capability
    assert market.agent("Lab A").markup == 1.0  # anybody can serve it at cost


def test_a_merger_adds_up_and_leaves_one(market: Market) -> None:
    one, other = market.agent("Lab A"), market.agent("Lab B")
    staff, best = one.researchers + other.researchers, max(one.capability, other.capability)
    market.intervene("merge", source="Lab B", target="Lab A")
    market.step()
    assert "Lab B" not in {agent.name for agent in market.agents}
    assert market.agent("Lab A") is one
    assert one.researchers == pytest.approx(staff)  # nobody hires in a quiet market
    assert one.capability >= best
    assert market.ledger.statement("Lab B")["balance"].iloc[-1] == 0.0
    shares = market.tables.ties["share"][market.tables.ties["target"] == one.row]
    assert 0.0 < shares.sum() <= 1.0
    market.run_until("2026-12")
    assert all(market.ledger.audit(month).passed for month in range(len(market.ledger)))


def test_a_merger_of_stakeholders_keeps_their_value(market: Market) -> None:
    """Owners of the smaller firm get a part of the larger by value."""
    values = {name: market.agent(name).valuation for name in ("Lab A", "Lab B")}
    before, owned = (
        {tie["source"]: tie["share"] for tie in market.tables.ties if tie["target"] == row}
        for row in (market.agent("Lab A").row, market.agent("Lab B").row)
    )
    assert [market.agent(name).row for name in values] == [0, 1]
    market.intervene("merge", source="Lab B", target="Lab A")
    market._intervene()
    part = values["Lab B"] / sum(values.values())
    ties, other = market.tables.ties, 1
    after = {tie["source"]: tie["share"] for tie in ties[ties["target"] == 0]}
    assert after == pytest.approx({
        owner: before.get(owner, 0.0) * (1.0 - part) + owned.get(owner, 0.0) * part
        for owner in after
    })
    assert set(after) >= set(before) | set(owned) and sum(after.values()) > 0.0
    assert (ties["share"][ties["target"] == other] == 0.0).all()


def test_who_cannot_hold_the_merged_firm_is_paid_for_its_part() -> None:
    graph = village()
    add_investor(graph, "Only B", ("Lab B",), kind="cloud", cash=0.0, allowance=0.0)
    graph.add_edge("Only B", "Lab B", kind="stake", share=0.2, paid=1e8)
    market = run(QUIET, graph, months=3)
    worth = market.agent("Lab B").valuation
    share = next(tie["share"] for tie in market.tables.ties
                 if (tie["source"], tie["target"]) == (market.agent("Only B").row, 1))  # fmt: skip
    before = market.agent("Only B").cash
    market.intervene("merge", source="Lab B", target="Lab A")
    market._intervene()
    assert market.agent("Only B").cash - before == pytest.approx(share * worth)


def test_leaving_by_merger_or_failure_leaves_an_empty_row_and_all_customers(market: Market) -> None:
    market.intervene("merge", source="Lab B", target="Lab A")
    market.step()
    gone = market.tables.developers[1]
    for column in ("alive", "share", "revenue", "researchers", "valuation", "profit_trend"):
        assert gone[column] == 0, column
    live = market.tables.developers[market.tables.developers["alive"] == 1]
    assert live["share"].sum() == pytest.approx(1.0)
    sales = [market.ledger.statement(name)["sales"].iloc[-1] for name in ("customers", "Firms")]
    assert market.frame()["revenue"].iloc[-1] / 12.0 == pytest.approx(-sum(sales))


def test_a_stake_can_be_cut(market: Market) -> None:
    market.intervene("cut", source="Fund", target="Lab A", kind="stake")
    market._intervene()
    names = {data["name"]: node for node, data in market.graph.nodes(data=True)}
    held = market.graph.get_edge_data(names["Fund"], names["Lab A"]).values()
    assert {data["kind"] for data in held} == {"watches"}


def test_they_act_once_are_told_and_kept(market: Market) -> None:
    market.intervene("cut", source="Copy", target="Lab A", kind="observes")
    market.intervene("lever", name="quorum", value=1.0)
    assert market.interventions == []
    market.step()
    assert [(i.action, i.month) for i in market.interventions] == [("cut", 3), ("lever", 3)]
    market.step()
    assert len(market.interventions) == 2
    assert (market.story()["event"] == "intervention").sum() == 2


def test_a_lever_moved_to_where_it_stands_changes_nothing_but_the_story() -> None:
    usual = run(QUIET, village(), months=6)
    moved = run(QUIET, village(), months=3)
    moved.intervene("lever", name="quorum", value=QUIET.parameters["quorum"])
    moved.run_until("2025-06")
    assert usual.frame().equals(moved.frame())
    changed = [name for name in differing(usual.tables, moved.tables) if "events:" not in name]
    assert changed == ["industry: told"]
    assert len(moved.story()) == len(usual.story()) + 1


BAD = {
    "unknown action": ("abolish", {}, "'abolish' is unknown; allowed are"),
    "missing argument": ("merge", {"source": "Lab A"}, "target missing; it needs source, target"),
    "argument too many": ("release", {"target": "Lab A", "x": 1}, "'x' is unknown; it needs target"),
    "unknown agent": ("release", {"target": "Nobody"}, "'Nobody'"),
    "agent not yet there": ("release", {"target": "Seed"}, "'Seed'"),
    "no developer": ("release", {"target": "Fund"}, "'Fund' is not a developer"),
    "merge with a fund": ("merge", {"source": "Fund", "target": "Lab A"}, "'Fund' is not"),
    "unknown edge kind": (
        "cut", {"source": "Fund", "target": "Lab A", "kind": "loves"}, "'loves' is unknown"),
    "no such edge": (
        "cut", {"source": "Fund", "target": "Public", "kind": "watches"}, "no 'watches' edge"),
    "unknown parameter": ("lever", {"name": "luck", "value": 1}, "'luck' is unknown"),
    "parameter out of range": ("lever", {"name": "quorum", "value": 7}, "out of range"),
    "parameter of no number": ("lever", {"name": "quorum", "value": "all"}, "must be a number"),
    "not a number": ("lever", {"name": "quorum", "value": float("nan")}, "out of range"),
    "no amount": ("bail out", {"target": "Lab A", "amount": 0}, "amount 0 must be"),
    "amount of no number": ("bail out", {"target": "Lab A", "amount": "all"}, "'all' must be"),
    "amount not a number": ("bail out", {"target": "Lab A", "amount": float("nan")}, "nan must be"),
    "merge into a public lab": (
        "merge", {"source": "Lab A", "target": "Public"}, "'Public' has no owners"),
    "merge with itself": ("merge", {"source": "Lab A", "target": "Lab A"}, "'Lab A'"),
    "truth value": ("bail out", {"target": "Lab A", "amount": True}, "True must be"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_bad_intervention_is_refused_in_one_sentence(case: str, market: Market) -> None:
    action, arguments, said = BAD[case]
    with pytest.raises(InputError) as caught:
        market.intervene(action, **arguments)
    assert said in str(caught.value) and str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)
    # Nothing is half done: the market goes on as if nothing had been asked.
    market.step()
    assert market.interventions == []


def test_every_action_has_a_bad_case() -> None:
    assert {action for action, *_ in BAD.values()} - {"abolish"} == set(ACTIONS)
