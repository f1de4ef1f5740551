"""The statistics of studies: intervals that cover, crossings, busts."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.analysis.statistics import bootstrap, crossing, crossing_interval, falls


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
