"""Changes by hand: all of a month or none, told in words, alike in both engines."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from agents import FrontierLab, Imitator
from experiments.studies.counterfactual import lever, play
from model import STANDARD, InputError, Market, Scenario
from model.graph import read_graph
from model.run import Run
from tests.markets import QUIET, differing, run, village
from world.compiled import PLAIN_PYTHON
from world.files.read import read_world
from world.parameters import BY_NAME
from world.tables import Tables

ASKED: list[tuple[str, dict[str, Any]]] = [
    ("lever", {"name": "ip_floor", "value": 0.9}),
    ("lever", {"name": "compute_growth", "value": 0.2}),  # which the month reads as it opens
    ("cut", {"source": "Copy", "target": "Lab A", "kind": "observes"}),
    ("cut", {"source": "Fund", "target": "Lab A", "kind": "stake"}),
    ("release", {"target": "Lab A"}),
    ("bail out", {"target": "Lab A", "amount": 2e9}),
    ("merge", {"source": "Lab B", "target": "Lab A"}),
]


def bytes_of(market: Market) -> dict[str, bytes]:
    """All state but the entries beyond the count of them, which nobody reads."""
    return {name: array.tobytes() for name, array in market.tables if name != "entries"}


def by_hand(market: Market) -> list[str]:
    story = market.story()
    return story[story["event"] == "intervention"]["sentence"].tolist()


# --- both engines ----------------------------------------------------------------------


def test_both_engines_do_the_same_to_the_bit_and_tell_it_alike() -> None:
    live = run(QUIET, village(), months=3)
    start, roster = read_graph(village(), QUIET.parameters)
    compiled = Run(start, 1, roster=roster)
    compiled.run(3)
    for market in (live, compiled):
        for action, arguments in ASKED:
            market.intervene(action, **arguments)
    live.run_until("2026-06")
    compiled.run(15)
    assert differing(live.tables, compiled.tables) == []
    assert live.interventions == compiled.interventions
    assert [i.month for i in live.interventions] == [3] * len(ASKED)


def test_a_study_moves_levers_by_the_same_door() -> None:
    moved = lever(ip_floor=1.0, compute_growth=np.float32(0.15))
    start, _ = read_graph(village(), QUIET.parameters)
    tables, indicators = play(start, 1, 24, {6: moved})
    live = run(QUIET, village(), months=6)
    for name, value in moved.items():
        live.intervene("lever", name=name, value=value)
    live.run_until("2026-12")
    assert differing(live.tables, tables) == []
    assert np.asarray(live.indicators()).tobytes() == np.asarray(indicators).tobytes()
    unmoved, _ = play(start, 1, 24, {})
    assert (tables.governments["ip_strength"] > unmoved.governments["ip_strength"] + 0.2).all()


@pytest.mark.parametrize(("values", "said"), [
    ({"prior_hazard": 1.0}, "read only as a history opens"), ({"quorums": 0.5}, "'quorum'"),
    ({"quorum": 7}, "allowed is"), ({"quorum": float("nan")}, "allowed is"),
    ({"quorum": True}, "must be"),
])  # fmt: skip
def test_a_study_is_refused_what_a_market_is(values: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said) as study:
        lever(**values)
    (name, value), = values.items()
    with pytest.raises(InputError, match=said) as market:
        run(QUIET, village(), months=1).intervene("lever", name=name, value=value)
    assert str(study.value) == str(market.value)


# --- in words --------------------------------------------------------------------------


def test_the_story_says_what_was_done() -> None:
    market = run(QUIET.with_(ip_floor=0.2), village(), months=3)
    worth = market.agent("Lab B").valuation
    for action, arguments in ASKED:
        market.intervene(action, **arguments)
    market.step()
    said = by_hand(market)
    assert said[:6] == [
        "By hand: ip_floor 0.2 -> 0.9.",
        f"By hand: compute_growth {QUIET.parameters['compute_growth']:g} -> 0.2.",
        "By hand: the observes edge from Copy to Lab A was cut.",
        "By hand: the stake edge from Fund to Lab A was cut.",
        "By hand: the weights of Lab A were opened (28.80 OOM).",
        "By hand: Lab A was bailed out with $2 bn.",
    ]
    assert said[6] == f"By hand: Lab B was merged into Lab A (${worth / 1e9:.3g} bn)."
    first = market.story().query("event == 'intervention'").iloc[0]
    assert (first["actor"], first["other"], first["value"], first["detail"]) == (
        "nobody", "ip_floor", 0.2, 0.9)  # fmt: skip


# --- all or nothing --------------------------------------------------------------------


def test_what_waits_is_seen_when_more_is_asked_for() -> None:
    market = run(QUIET, village(), months=3)
    market.intervene("merge", source="Lab B", target="Lab A")
    for action, arguments in [
        ("bail out", {"target": "Lab B", "amount": 1e9}),
        ("merge", {"source": "Lab B", "target": "Copy"}),
        ("merge", {"source": "Lab A", "target": "Lab B"}),
        ("release", {"target": "Lab B"}),
        ("cut", {"source": "Fund", "target": "Lab B", "kind": "watches"}),
    ]:
        with pytest.raises(InputError, match="'Lab B' is merged into 'Lab A' in the same month"):
            market.intervene(action, **arguments)
    market.intervene("merge", source="Lab A", target="Copy")  # one after the other is possible
    market.step()
    assert {a.name for a in market.agents if a.kind in ("frontier_lab", "imitator")} == {"Copy"}
    assert [i.action for i in market.interventions] == ["merge", "merge"]


def test_what_changes_nothing_is_refused() -> None:
    market = run(QUIET, village(), months=3)
    cut = {"source": "Copy", "target": "Lab A", "kind": "observes"}
    market.intervene("cut", **cut)
    market.intervene("release", target="Lab A")
    for action, arguments, said in [
        ("cut", cut, "is cut this month already"), ("release", {"target": "Lab A"}, "open already"),
    ]:  # fmt: skip
        with pytest.raises(InputError, match=said):
            market.intervene(action, **arguments)
    market.step()
    with pytest.raises(InputError, match="there is no 'observes' edge .* there is none at all"):
        market.intervene("cut", **cut)


def test_a_month_that_cannot_be_done_is_not_begun() -> None:
    """Who is to be rescued leaves before it acts: here by a hand on the tables."""
    market, twin = (run(QUIET, village(), months=3) for _ in range(2))
    market.intervene("lever", name="quorum", value=1.0)
    market.intervene("bail out", target="Lab B", amount=1e9)
    market.tables.developers["alive"][1] = 0
    before = bytes_of(market)
    with pytest.raises(InputError, match="'Lab B' is not in the market") as error:
        market.step()
    assert any("Not done by hand: lever, bail out" in note for note in error.value.__notes__)
    assert bytes_of(market) == before and market.interventions == []
    market.tables.developers["alive"][1] = 1
    for one in (market, twin):
        one.step()
    assert bytes_of(market) == bytes_of(twin)


def test_a_compiled_month_that_cannot_be_done_is_not_begun() -> None:
    start, roster = read_graph(village(), QUIET.parameters)
    compiled, twin = (Run(start, 1, roster=roster) for _ in range(2))
    compiled.intervene("lever", name="quorum", value=1.0)
    compiled.intervene("release", target="Lab B")
    compiled.tables.developers["alive"][1] = 0
    with pytest.raises(InputError, match="'Lab B' is not in the market"):
        compiled.run(2)
    compiled.tables.developers["alive"][1] = 1
    assert compiled.run(3).tobytes() == twin.run(3).tobytes()
    assert differing(compiled.tables, twin.tables) == [] and compiled.interventions == []


class Stumbles(FrontierLab):
    """Fails in one month, after other agents have acted."""

    month = 8

    def plans(self) -> None:
        super().plans()
        if self.model.month == self.month and self.name == "Lab B":
            type(self).month = -1
            raise ZeroDivisionError("once")


def test_a_decision_that_fails_once_leaves_no_trace() -> None:
    usual = run(QUIET, village(), months=12)
    market = Market(QUIET, seed=1, graph=village(), classes={"frontier_lab": Stumbles})
    market.run_until("2025-08")
    before, ids = bytes_of(market), [agent.unique_id for agent in market.agents]
    market.intervene("lever", name="quorum", value=1.0)
    with pytest.raises(ZeroDivisionError, match="once"):
        market.step()
    assert (market.month, market.steps, len(market.ledger)) == (8, 8, 8)
    assert bytes_of(market) == before
    assert [agent.unique_id for agent in market.agents] == ids
    assert len(market.frame()) == len(market.agent_frame("developers").index.unique("month")) == 8
    market.run_until("2025-12")
    assert bytes_of(market) == bytes_of(usual) and market.steps == 12
    assert market.frame().equals(usual.frame())
    for month in range(12):
        assert market.ledger.matrix(month).equals(usual.ledger.matrix(month))


def test_who_entered_or_left_in_a_failed_month_has_not() -> None:
    """The failure comes after exit and entry: in the last sentence of the month."""
    from agents import KINDS

    class Late(KINDS["government"]):  # type: ignore[misc,name-defined]
        fails = True

        def spends_levies(self) -> None:
            if self.model.month == 5 and type(self).fails:
                type(self).fails = False
                raise RuntimeError("late")
            super().spends_levies()

    graph = village()
    graph.nodes["Lab B"].update(cash=1e6, revenue=1e4)  # it fails soon
    scenario = QUIET.with_(entry_rate=5.0)
    usual = run(scenario, graph, months=24)
    market = Market(scenario, seed=1, graph=graph, classes={"government": Late})
    market.run_until("2025-05")
    names = [agent.name for agent in market.agents]
    ids = {agent.name: agent.unique_id for agent in market.agents}
    market.intervene("merge", source="Copy", target="Lab A")
    with pytest.raises(RuntimeError, match="late"):
        market.step()
    assert sorted(agent.name for agent in market.agents) == sorted(names)
    market.run_until("2026-12")
    assert bytes_of(market) == bytes_of(usual)
    assert all(market.id_of(name) == number for name, number in ids.items())
    assert {a.name for a in market.agents} == {a.name for a in usual.agents}


# --- parameters that only openings read ------------------------------------------------


def moved_in_the_third_month(start: Tables, seed: int, name: str, value: float) -> Tables:
    history = Run(start, seed)
    history.run(3)
    history.tables.parameters[name][0] = value
    history.run(57)
    return history.tables


@pytest.mark.skipif(PLAIN_PYTHON, reason="thousands of months")
def test_what_only_openings_read_is_found_by_moving_it() -> None:
    """One at a time to both ends of its range, in the third month of five years."""
    start, _ = read_graph(read_world("2025"), Scenario().parameters)
    still = set(BY_NAME)
    quorum = start.parameters["quorum"][0]
    for seed in range(2):
        usual = moved_in_the_third_month(start, seed, "quorum", quorum)
        for name in sorted(still):
            for value in (BY_NAME[name].low, BY_NAME[name].high):
                tables = moved_in_the_third_month(start, seed, name, value)
                tables.parameters[name][0] = start.parameters[name][0]
                if [d for d in differing(usual, tables) if not d.startswith("entries")]:
                    still.remove(name)
                    break
    # The latter two act when the cheap release comes, which is in the first month.
    assert still == STANDARD.opening_only | {"release_gap", "release_cost"}
    assert "hurdle" in still and "herding" not in still


@pytest.mark.parametrize("name", sorted(STANDARD.opening_only))
def test_it_is_no_lever_in_a_running_market(name: str) -> None:
    market = run(QUIET, village(), months=1)
    with pytest.raises(InputError, match=f"'{name}' is read only as a history opens"):
        market.intervene("lever", name=name, value=BY_NAME[name].high)


def test_no_lever_of_the_page_is_read_only_by_openings() -> None:
    assert not [n for n in STANDARD.opening_only if BY_NAME[n].role == "lever"]


def test_figures_of_the_cheap_release_move_until_it_comes() -> None:
    late = Market(Scenario().with_(release_month=6), seed=1).run_until("2025-02")
    late.intervene("lever", name="release_cost", value=1e8)
    late.step()
    past = Market(Scenario(), seed=1).run_until("2025-02")
    with pytest.raises(InputError, match="none is to come"):
        past.intervene("lever", name="release_cost", value=1e8)


# --- at the door -----------------------------------------------------------------------


def test_numbers_of_numpy_are_numbers() -> None:
    plain, numpy = (run(QUIET, village(), months=3) for _ in range(2))
    plain.intervene("lever", name="quorum", value=1)
    plain.intervene("bail out", target="Lab A", amount=2e9)
    numpy.intervene("lever", name="quorum", value=np.int64(1))
    numpy.intervene("bail out", target=np.str_("Lab A"), amount=np.float32(2e9))
    for market in (plain, numpy):
        market.step()
    assert bytes_of(plain) == bytes_of(numpy)


@pytest.mark.parametrize("amount", [-1e9, 0, float("inf"), float("nan"), np.float64("nan"), True,
                                    np.True_, "1e9", None, [1e9], 10**400])  # fmt: skip
def test_an_amount_is_a_sum_of_money(amount: Any) -> None:
    with pytest.raises(InputError, match="must be USD from 0") as error:
        run(QUIET, village(), months=1).intervene("bail out", target="Lab A", amount=amount)
    assert len(str(error.value)) < 300


def test_all_faults_are_said_at_once_with_the_nearest_names() -> None:
    market = run(QUIET, village(), months=1)
    with pytest.raises(InputError) as error:
        market.intervene("cut", source="Lab AA", target="Lab BB", kind="observe")
    said = str(error.value)
    assert "3 faults" in said and "\n" not in said
    assert all(name in said for name in ("'Lab A'?", "'Lab B'?", "'observes'?"))
    with pytest.raises(InputError, match=r"did you mean 'bail out'\?"):
        market.intervene("bailout", target="Lab A", amount=1e9)
    with pytest.raises(InputError, match=r"did you mean 'target'\?.* target missing"):
        market.intervene("release", taget="Lab A")
    with pytest.raises(InputError, match="unknown"):
        market.intervene(["cut"])  # type: ignore[arg-type]
    with pytest.raises(InputError, match="is not in the market"):
        market.intervene("release", target=market.agent("Lab A"))


# --- leaving ---------------------------------------------------------------------------


def test_an_agent_cannot_be_removed_by_hand() -> None:
    market = run(QUIET, village(), months=1)
    for name in ("Lab A", "Fund", "supplier"):
        agent = market.agent(name)
        with pytest.raises(InputError, match="leaves by the rule of exit"):
            agent.remove()
        assert agent in market.agents
    with pytest.raises(InputError, match="leaves by the rule of exit"):
        market.agent("Lab A").alive = 0
    with pytest.raises(InputError, match="leaves by the rule of exit"):
        market.remove_all_agents()
    market.step()
    assert market.agent("Lab A").alive == 1


def test_an_own_hook_is_called_as_it_leaves() -> None:
    left = []

    class Remembered(Imitator):
        def remove(self) -> None:
            left.append(self.name)
            super().remove()

    market = Market(QUIET, seed=1, graph=village(), classes={"imitator": Remembered})
    market.step()
    market.intervene("merge", source="Copy", target="Lab A")
    market.step()
    assert left == ["Copy"] and "Copy" not in {agent.name for agent in market.agents}
