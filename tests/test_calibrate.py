"""The search that settles the baseline."""

from __future__ import annotations

import pandas as pd
import pytest

from experiments.analysis.calibrate import SEARCHED, designs, misfit, never_together, rows_met, search
from experiments.analysis.moments import MOMENTS, facts
from world.parameters import BY_NAME


def test_designs_cover_their_ranges_evenly() -> None:
    drawn = pd.DataFrame(designs(20, seed=1))
    for name, (low, high) in SEARCHED.items():
        slices = ((drawn[name] - low) / (high - low) * 20).astype(int)
        assert sorted(slices) == list(range(20)), name
        assert BY_NAME[name].low <= low < high <= BY_NAME[name].high


def test_only_train_rows_count() -> None:
    rows = facts()
    exact = {row["name"]: row["fact"] for row in rows}
    assert misfit(exact, rows) == 0.0
    for row in rows:
        off = misfit({**exact, row["name"]: row["high"]}, rows)
        assert (off > 0.0) == (row["window"] == "train"), row["name"]


def test_the_search_ranks_by_misfit_and_says_what_is_met() -> None:
    found = search(4, members=2, seed=3, show=False)
    assert found["misfit"].is_monotonic_increasing
    assert set(MOMENTS) | set(SEARCHED) <= set(found.columns)
    best = found.iloc[0].to_dict()
    assert best["misfit"] == pytest.approx(misfit(best, facts()))


def test_a_row_is_met_within_its_tolerance() -> None:
    rows = facts()
    sets = pd.DataFrame({
        row["name"]: [row["low"], row["high"], row["fact"], 1.001 * row["high"] + 0.001] for row in rows
    })  # fmt: skip
    met = rows_met(sets)
    assert list(met.columns) == list(MOMENTS)
    assert met.all(axis=1).tolist() == [True, True, True, False] and not met.iloc[3].any()


@pytest.mark.parametrize(("both", "pairs"), [(False, [("a", "b")]), (True, [])])
def test_rows_that_no_set_meets_together(both: bool, pairs: list[tuple[str, str]]) -> None:
    met = pd.DataFrame({"a": [True, both], "b": [False, True], "c": [True, True], "d": False})
    assert never_together(met) == pairs
