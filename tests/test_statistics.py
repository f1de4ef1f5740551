"""The statistics of studies: intervals that cover, crossings, busts."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from experiments.analysis.debtrank import debtrank
from experiments.analysis.indices import (
    morris_design,
    morris_effects,
    sobol_design,
    sobol_indices,
)
from experiments.analysis.statistics import (
    bootstrap,
    by_seed,
    crossing,
    crossing_interval,
    failed,
    falls,
)
from experiments.sweeps.summaries import Summaries
from experiments.sweeps.workbench import peeled
from world.errors import InputError
from world.parameters import BY_NAME


def test_bootstrap_interval_covers_the_true_median() -> None:
    rng = np.random.default_rng(1)
    covered = 0
    for k in range(100):
        interval = bootstrap(rng.normal(size=80), seed=k)
        covered += interval.low <= 0.0 <= interval.high
    assert 0.83 <= covered / 100 <= 0.97  # 90 %, within 2.4 standard errors


def test_bootstrap_of_nothing_is_not_a_number() -> None:
    assert all(np.isnan(bootstrap([np.nan, np.nan])))
    assert all(np.isnan(bootstrap([])))


def test_crossing_is_where_a_line_passes_a_level() -> None:
    assert crossing([0.0, 1.0, 2.0], [0.0, 0.25, 1.25]) == pytest.approx(1.25)
    assert crossing([0.0, 1.0, 2.0], [1.0, 0.8, 0.2]) == pytest.approx(1.5)
    assert np.isnan(crossing([0.0, 1.0], [0.1, 0.2]))
    exact = crossing_interval([0.0, 1.0], [[False] * 9, [True] * 9])
    assert exact == (0.5, 0.5, 0.5)


@pytest.mark.parametrize(
    ("path", "busts"),
    [([1, 2, 3], 0), ([1, 2, 1.0], 1), ([2, 1, 0.5], 1), ([2, 1, 2, 1, 2], 2), ([2, 1, 1.5, 1], 1)],
)
def test_a_bust_is_counted_once_until_it_is_left(path: list[float], busts: int) -> None:
    assert falls(path) == busts


# --- nothing is swallowed ------------------------------------------------------------------

HOLES = [1.0, np.nan, 2.0, np.inf, 3.0]


def test_an_interval_says_how_many_were_missing() -> None:
    found = bootstrap(HOLES)
    assert found.value == bootstrap([1.0, 2.0, 3.0]).value == 2.0
    assert found.said() == f"2 [{found.low:.3g}, {found.high:.3g}] (2 of 5 missing)"
    assert bootstrap([1.0, 2.0]).note == ""
    assert bootstrap([np.nan] * 3).said() == "nan [nan, nan] (3 of 3 missing)"


def test_a_threshold_among_missing_figures_is_refused_with_their_count() -> None:
    with pytest.raises(InputError, match="2 of 5 figures are missing or infinite"):
        crossing(range(5), HOLES)
    with pytest.raises(InputError, match="1 of 4 figures"):
        crossing_interval([0.0, 1.0], [[0.0, np.nan], [0.0, 0.0]])
    with pytest.raises(InputError, match=r"x has the shape \(3,\)"):
        crossing_interval([0.0, 1.0, 2.0], [[0.0, 1.0], [0.0, 0.0]])
    assert crossing_interval([0.0, 1.0], np.zeros((2, 5))).note == "never crossed"
    rare = crossing_interval([0.0, 1.0], [[0.0] * 9, [0.0] * 4 + [1.0] * 5])
    assert "of 500 resamples never cross" in rare.said()


def test_a_table_by_seed_is_whole_or_refused() -> None:
    frame = pd.DataFrame({"x": [0, 0, 1, 1], "seed": [0, 1, 0, 1], "y": [1.0, 2.0, 3.0, 4.0]})
    assert by_seed(frame, "x", "y").to_numpy().tolist() == [[1.0, 2.0], [3.0, 4.0]]
    with pytest.raises(InputError, match="1 of 4 histories are missing"):
        by_seed(frame[:3], "x", "y")
    with pytest.raises(InputError, match="1 of 5 histories are there twice"):
        by_seed(pd.concat([frame, frame[:1]]), "x", "y")
    with pytest.raises(InputError, match="column 'yy' is unknown"):
        by_seed(frame, "x", "yy")


def test_a_history_without_a_regime_has_not_succeeded() -> None:
    frame = pd.DataFrame({"regime": ["takeoff", "slowdown"]})
    assert failed(frame).tolist() == [False, True]
    with pytest.raises(InputError, match="1 of 3 histories have none"):
        failed(pd.DataFrame({"regime": ["takeoff", None, "slowdown"]}))


def test_busts_of_a_path_with_holes_are_refused() -> None:
    with pytest.raises(InputError, match="2 of 5"):
        falls(HOLES)


def test_prim_refuses_cases_that_say_nothing() -> None:
    points = pd.DataFrame({"x": np.linspace(0.0, 1.0, 40)})
    assert peeled(points, points["x"] > 0.7)[1][-1]["x"][0] > 0.5
    for found, said in (
        ([np.nan] + [1.0] * 39, "1 of 40 figures are missing"),
        ([0] * 40, "none of 40 cases"),
        ([1] * 40, "all of 40 cases"),
        ([0.5] * 40, "allowed are True and False"),
        ([True] * 3, "40 points"),
    ):
        with pytest.raises(InputError, match=said):
            peeled(points, found)


# --- indices -------------------------------------------------------------------------------

NAMES = ["imitation_lag", "imitation_cost_share", "market_slope"]


@pytest.fixture(autouse=True)
def loud():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def test_sobol_indices_are_those_of_a_linear_outcome() -> None:
    design = sobol_design(NAMES, 256)
    unit = (design.points - design.points.min()) / (design.points.max() - design.points.min())
    found = sobol_indices(NAMES, 3.0 * unit[NAMES[0]] + 4.0 * unit[NAMES[1]])
    assert found["total"].tolist() == pytest.approx([9 / 25, 16 / 25, 0.0], abs=0.03)
    assert (found["note"] == "").all()


@pytest.mark.parametrize("hole", [np.nan, np.inf, -np.inf])
def test_one_missing_outcome_is_refused_with_its_count(hole: float) -> None:
    design, paths = sobol_design(NAMES, 8), morris_design(NAMES, 4)
    for points, analysed in ((design, lambda y: sobol_indices(NAMES, y)),
                             (paths, lambda y: morris_effects(NAMES, paths, y))):  # fmt: skip
        outcome = points.points[NAMES[0]].to_numpy().copy()
        outcome[3] = hole
        with pytest.raises(InputError, match=f"1 of {len(points)} figures are missing or infinite"):
            analysed(outcome)
        with pytest.raises(InputError, match="one figure a point|are not those of a design"):
            analysed(points.points[NAMES[0]].to_numpy()[:-1])


def test_a_constant_outcome_has_no_indices_and_says_so() -> None:
    paths = morris_design(NAMES, 4)
    sobol = sobol_indices(NAMES, np.full(len(sobol_design(NAMES, 8)), 0.1))
    morris = morris_effects(NAMES, paths, np.full(len(paths), 0.1))
    for frame in (sobol, morris):
        assert (frame["note"] == "the outcome is constant (0.1)").all()
        assert frame.drop(columns=["parameter", "note"]).isna().all(axis=None)


def test_designs_are_over_declared_parameters() -> None:
    with pytest.raises(InputError, match="did you mean 'imitation_lag'"):
        sobol_design(["imitaton_lag"], 8)
    with pytest.raises(InputError, match="given twice"):
        morris_design(["imitation_lag"] * 2, 4)
    with pytest.raises(InputError, match="size = 6 is no power of two"):
        sobol_design(NAMES, 6)
    for count in (1, 2.5, True, "8"):
        with pytest.raises(InputError, match="a whole number from 2 on"):
            morris_design(NAMES, count)
    with pytest.raises(InputError, match="does not vary market_slope"):
        morris_effects(NAMES, morris_design(NAMES[:2], 4), np.zeros(12))


def test_whole_numbers_are_sampled_whole(monkeypatch) -> None:
    whole = BY_NAME["imitation_lag"]._replace(whole=True)
    monkeypatch.setitem(BY_NAME, "imitation_lag", whole)
    for design in (sobol_design(NAMES, 64), morris_design(NAMES, 8)):
        found = design.points["imitation_lag"]
        assert (found == found.round()).all() and found.nunique() > 2
        assert (design.points["market_slope"] != design.points["market_slope"].round()).any()


# --- DebtRank ------------------------------------------------------------------------------


def test_distress_of_two_is_what_is_found_by_hand() -> None:
    assert debtrank([[0.0, 0.5], [0.0, 0.0]], [0.0, 1.0]).tolist() == [0.5, 1.0]
    for impact, shock, said in (
        ([[0.0, np.nan], [0.0, 0.0]], [0.0, 1.0], "1 of 4 figures"),
        ([[0.0]], [0.0, 1.0], "the shape"),
        ([[0.0]], [2.0], "between 0 and 1"),
        ([[-1.0]], [0.5], "at least 0"),
    ):
        with pytest.raises(InputError, match=said):
            debtrank(impact, shock)


# --- sums over a window --------------------------------------------------------------------


def test_a_sum_over_part_of_a_year_is_named_for_it() -> None:
    dates = ["2025-06", "2025-12", "2026-03"]
    read = Summaries(["capital_raised:sum12", "revenue"], dates, "2025-01", 15)
    assert read.columns[:3] == [
        "capital_raised:sum6@2025-06", "capital_raised:sum12@2025-12", "capital_raised:sum12@2026-03",
    ]  # fmt: skip
