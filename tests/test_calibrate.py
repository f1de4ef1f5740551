"""The search that settles the baseline."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.analysis.moments import AT_THE_START, MOMENTS, OF_LAWS, facts, sales_fed
from experiments.chain import calibrate
from experiments.chain.calibrate import (
    SEARCHED,
    Judged,
    Store,
    around,
    beyond,
    designs,
    history_score,
    judge,
    misfit,
    ranked,
)
from experiments.chain.row import Target
from model.scenario import DEFAULTS
from world.parameters import BY_NAME


def a_set(k: float = 0.5, **figures: float) -> Judged:
    """A judged set in the middle of the ranges, or elsewhere."""
    at = {name: low + k * (high - low) for name, (low, high) in SEARCHED.items()}
    exact = {row["name"]: row["fact"] for row in facts()}
    return Judged(at, exact, {"a row": 0.0}, 0.0, 0.0, 0.0, 0.0)._replace(**figures)


def test_designs_cover_their_ranges_evenly() -> None:
    drawn = pd.DataFrame(designs(20, seed=1))
    for name, (low, high) in SEARCHED.items():
        slices = ((drawn[name] - low) / (high - low) * 20).astype(int)
        assert sorted(slices) == list(range(20)), name
        assert BY_NAME[name].low <= low < high <= BY_NAME[name].high


def test_later_rounds_stay_within_the_ranges_and_near_the_best() -> None:
    best = [a_set(0.2), a_set(0.3)]
    drawn = pd.DataFrame(around(best, 200, 0.1, np.random.default_rng(0)))
    for name, (low, high) in SEARCHED.items():
        assert drawn[name].between(low, high).all()
        assert abs((drawn[name].median() - low) / (high - low) - 0.25) < 0.05, name
    assert drawn.nunique().min() > 100


def test_only_train_rows_count() -> None:
    rows = facts()
    exact = {row["name"]: row["fact"] for row in rows}
    assert misfit(exact, rows) == beyond(exact, rows) == 0.0
    for row in rows:
        off = {**exact, row["name"]: row["high"] + 0.1 * (row["high"] - row["low"])}
        train = row["window"] == "train"
        assert (misfit(off, rows) > 0.0) == train, row["name"]
        assert beyond(off, rows) == pytest.approx(0.04 if train else 0.0), row["name"]


def test_every_fact_has_its_reading() -> None:
    assert {row["name"] for row in facts()} == {*MOMENTS, *AT_THE_START, *OF_LAWS}
    windows = [row["window"] for row in facts()]
    assert set(windows) == {"train", "validate"} and len(windows) >= 12


def test_the_law_of_adoption_fed_with_what_was_observed() -> None:
    """Trial, A10: at adoption 1.0 it carries 2023-25 to a third of what was sold, at 2.0 to it."""
    then = {"market_base": 6e10, "market_slope": 0.5, "adoption_innovation": 0.03}
    slow, fast = (
        sales_fed({**DEFAULTS, **then, "adoption_imitation": speed}, "2025-01") for speed in (1.0, 2.0)
    )
    assert 2.4e9 < slow < 3.0e9 and 7.8e9 < fast < 8.8e9
    path = [sales_fed(DEFAULTS, month) for month in ("2023-02", "2024-01", "2025-01")]
    assert path == sorted(path)


@pytest.mark.parametrize(
    ("target", "value", "miss"),
    [
        (Target(least=0.8), 0.9, 0.0), (Target(least=0.8), 0.6, 0.2), (Target(-22, -12), -11, 1 / 12),
        (Target(most=1.6), 2.4, 0.5), (Target(most=1.6), math.nan, math.inf), (Target(0, 0), 0.0, 0.0),
    ],
)  # fmt: skip
def test_how_far_a_figure_lies_beyond_its_target(target: Target, value: float, miss: float) -> None:
    assert target.beyond(value) == pytest.approx(miss)
    assert target.holds(value) == (miss == 0.0)


def test_a_set_is_judged_by_facts_and_by_the_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibrate, "DEAR_CASES", ())
    found = judge(dict.fromkeys(["price_premium"], BY_NAME["price_premium"].default), range(2))
    assert set(found.moments) == {row["name"] for row in facts()}
    assert found.train == pytest.approx(beyond(found.moments, facts()))
    assert found.misfit == pytest.approx(misfit(found.moments, facts()))
    assert "2025-26: OpenAI raises equity outside" in found.rows
    missed = sum(min(miss, 10.0) ** 2 for miss in found.rows.values())
    unasked = calibrate.UNASKED if missed >= calibrate.HARD else 0.0
    assert found.targets == pytest.approx(missed + unasked)
    assert found.history == history_score(found.parameters, range(2)) > 0.0


def test_what_is_missed_counts_before_the_forecasts() -> None:
    met, forecasts = a_set(history=1.0, misfit=9.0), a_set(history=0.5, targets=0.1)
    assert ranked([[forecasts, met, met._replace(history=0.9)]]) == [
        met._replace(history=0.9), met, forecasts,
    ]  # fmt: skip


def test_a_stopped_search_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same sets in the same order, none judged twice, whatever a kill left of the last line."""
    asked: list[float] = []

    def quick(parameters: dict[str, float]) -> Judged:
        asked.append(parameters["kept_share"])
        return a_set(0.5, parameters=parameters, history=parameters["kept_share"])

    monkeypatch.setattr(calibrate, "judge", quick)
    monkeypatch.setattr(calibrate, "ProcessPoolExecutor", ThreadPoolExecutor)

    def searched(path: Path) -> list[list[Judged]]:
        also = [a_set(0.4).parameters]
        return calibrate.search(12, also, 2, 6, 1, Store(path), workers=1)

    whole = searched(tmp_path / "whole.jsonl")
    assert [len(some) for some in whole] == [12, 1, 6, 6] and len(asked) == 25
    lines = (tmp_path / "whole.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "cut.jsonl").write_bytes(b"".join(lines[:15]) + lines[15][:40])
    again = searched(tmp_path / "cut.jsonl")
    assert again == whole and len(asked) == 25 + 10
    assert (tmp_path / "cut.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()
    best = ranked(whole)
    assert [one.history for one in best] == sorted(one.history for one in best)


def test_the_summary_counts_every_set_and_says_what_is_left_open() -> None:
    blind = [a_set(k / 19) for k in range(20)] + [a_set(0.1, train=1.0)]
    later = [a_set(0.5, targets=1.0), a_set(0.5, history=-1.0)]
    found = calibrate.summary([blind, later], [later[1], later[0]])
    assert found["rounds"] == [21, 2]
    assert found["all_met"] == 23 and found["all_facts_met_blindly"] == 20 and found["close"] == 21
    assert found["chosen"] == later[1].parameters
    low, high = SEARCHED["kept_share"]
    middle = [low + part * (high - low) for part in (0.05, 0.95)]
    assert found["parameters"]["kept_share"]["close"] == pytest.approx(middle, abs=0.01)
    assert found["parameters"]["kept_share"]["facts"] is None  # of two sets
    assert set(found["facts_met_blindly"].values()) == {1.0}
    assert found["targets_met_blindly"] == {"a row": 1.0}
    assert calibrate.between(blind[:9], "kept_share") is None
