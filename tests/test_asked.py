"""What a market and an ensemble are asked for: one sentence for what makes no sense."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from model import Ensemble, InputError, Market, Scenario
from model.ensemble import Runs
from tests.markets import QUIET, run, village


@pytest.fixture(scope="module")
def runs() -> Runs:
    return Ensemble(QUIET, [3, 1, 4], until="2025-06", graph=village()).run()


@pytest.fixture(scope="module")
def market() -> Market:
    return run(QUIET, village(), months=6)


def refused(act: Callable[[], Any]) -> str:
    with pytest.raises(InputError) as error:
        act()
    said = str(error.value)
    assert said.endswith(".") and "\n" not in said and len(said) <= 500
    return said


@pytest.mark.parametrize(("seeds", "said"), [
    (5, "must be several"), ("12", "must be several"), (None, "must be several"), ([], "at least one"),
    ([1, 2, 1], "1 is given twice"), ([1, np.int64(1)], "given twice"), ([-1], "from 0"),
    ([1.0], "whole number"), ([True], "whole number"), (np.array([0.0, 1.0]), "whole number"),
    (["1"], "whole number"), (range(10**12), "too many"),
])  # fmt: skip
def test_seeds_are_whole_numbers_each_once(seeds: Any, said: str) -> None:
    assert said in refused(lambda: Ensemble(QUIET, seeds))


def test_equal_seeds_are_equal_however_they_are_written() -> None:
    written: list[Any] = [range(3), [0, 1, 2], (0, 1, 2), np.arange(3), np.arange(3, dtype=np.uint8),
                          iter([0, 1, 2]), itertools.islice(itertools.count(), 3)]  # fmt: skip
    for seeds in written:
        found = Ensemble(QUIET, seeds).seeds
        assert found == [0, 1, 2] and {type(seed) for seed in found} == {int}


@pytest.mark.parametrize(("given", "said"), [
    ({"workers": None}, "workers = None"), ({"workers": 0}, "from 1"), ({"workers": 1.5}, "workers"),
    ({"every": 1.5}, "every = 1.5"), ({"every": 0}, "every = 0"), ({"every": True}, "every"),
    ({"every": None}, "every"), ({"until": "soon"}, "'soon' is not a month"),
    ({"until": 2040}, "is not a month"), ({"until": None}, "is not a month"),
    ({"until": "2040-13"}, "is not a month"), ({"scenario": "imitation"}, "Scenario.load('imitation')"),
    ({"scenario": None}, "is no Scenario"),
])  # fmt: skip
def test_an_ensemble_is_asked_in_whole_numbers_and_months(given: dict[str, Any], said: str) -> None:
    assert said in refused(lambda: Ensemble(**({"scenario": QUIET, "seeds": [1]} | given)))


@pytest.mark.parametrize("until", ["2024-12", "2125-01", "9999-12"])
def test_a_history_lasts_a_hundred_years_at_most(until: str) -> None:
    assert "100 years" in refused(lambda: Ensemble(QUIET, [1], until, village()).run())
    assert "100 years" in refused(lambda: run(QUIET, village(), months=1).run_until(until))


@pytest.mark.parametrize("q", [0.5, (), (0.5, 0.5), (0.5, 1.5), ("a",), "0.5", None, (float("nan"),),
                               (True,)])  # fmt: skip
def test_quantiles_are_different_shares(q: Any, runs: Runs) -> None:
    assert "numbers from 0 to 1" in refused(lambda: runs.quantiles(q))


def test_quantiles_are_given_in_any_sequence(runs: Runs) -> None:
    expected = runs.quantiles((0.25, 0.75))
    for q in ([0.25, 0.75], np.array([0.25, 0.75])):
        assert runs.quantiles(q).equals(expected)


@pytest.mark.parametrize("member", [3, -1, 1.0, "1", None, True])
def test_a_member_is_one_of_the_ensemble(member: Any, runs: Runs) -> None:
    assert "allowed are 0 to 2" in refused(lambda: Market.replay(runs, member=member))


def test_a_member_may_be_a_number_of_numpy(runs: Runs) -> None:
    assert Market.replay(runs, member=np.int64(2)).root_seed == 4
    assert "'hazzard' is unknown (did you mean 'hazard'?)" in refused(
        lambda: runs.median_member(("hazzard",)))  # fmt: skip
    assert runs.median_member("hazard") == runs.median_member(("hazard",))  # type: ignore[arg-type]


@pytest.mark.parametrize(("act", "said"), [
    (lambda m: m.agent_frame(3), "kind 3 is unknown; allowed"),
    (lambda m: m.agent_frame(["x"]), "is unknown"),
    (lambda m: m.agent_frame("frontier lab"), "did you mean 'frontier_lab'?"),
    (lambda m: m.run_until("2025-03"), "run to the end of 2025-06"),
    (lambda m: m.run_until("June"), "is not a month"),
    (lambda m: m.agent("Lab AA"), "did you mean 'Lab A'?"),
    (lambda m: m.agent(7), "7 is not in the market"),
    (lambda m: m.id_of("Lab AA"), "did you mean 'Lab A'?"),
    (lambda m: m.table_at("developer", 0), "did you mean 'developers'?"),
    (lambda m: m.table_at("developers", 6), "from 0 to 5"),
    (lambda m: m.table_at("developers", -1), "from 0 to 5"),
    (lambda m: m.story(since=-1), "from 0"),
    (lambda m: m.story(since="2025"), "from 0"),
    (lambda m: Market("imitation"), "Scenario.load('imitation')"),
    (lambda m: Market(QUIET, seed=1.0), "seed 1.0"),
])  # fmt: skip
def test_a_market_answers_nonsense_in_a_sentence(
    act: Callable[[Market], Any], said: str, market: Market
) -> None:
    assert said in refused(lambda: act(market))


def test_to_run_to_the_month_that_was_run_is_no_step(market: Market) -> None:
    assert market.run_until("2025-06").month == 6


# --- of what it is -----------------------------------------------------------------------


def test_identity_is_that_of_what_decides_the_figures(runs: Runs) -> None:
    made = runs.identity()
    assert made["scenario"] == QUIET.name and made["world"] == "own graph"
    assert made["seeds"] == [3, 1, 4] and made["until"] == "2025-06"
    assert made["parameters"] == QUIET.changed_parameters()
    live = Market.replay(runs, 1).identity()
    for key in set(made) - {"seeds"}:
        assert live[key] == made[key], key
    assert live["seeds"] == [1] and live["interventions"] == []
    assert "imitation" in repr(Ensemble(Scenario.load("imitation"), [1], until="2025-01").run())
    assert repr(Market.replay(runs, 1)) == (
        f"<Market of scenario {QUIET.name!r} in world 'own graph', seed 1, in 2025-07>")  # fmt: skip


def test_another_world_or_parameter_is_another_start() -> None:
    graph = village()
    starts = [Market(QUIET, seed=seed, graph=graph).identity()["start"] for seed in (1, 2)]
    assert starts[0] == starts[1]
    graph.nodes["Lab A"]["cash"] += 1.0
    starts.append(Market(QUIET, seed=1, graph=graph).identity()["start"])
    starts.append(Market(QUIET.with_(hurdle=1.5), seed=1, graph=village()).identity()["start"])
    assert len(set(starts)) == 3


def test_what_was_done_by_hand_is_part_of_it(market: Market) -> None:
    changed = run(QUIET, village(), months=2)
    changed.intervene("lever", name="quorum", value=1.0)
    changed.step()
    assert changed.identity()["interventions"] == [
        {"action": "lever", "arguments": {"name": "quorum", "value": 1.0}, "month": 2}
    ]
    assert market.identity()["own classes"] == {}
