"""Scenario discovery: PRIM, by the EMA Workbench, finds a box that was put there."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from experiments.workbench import inside, peeled


def test_a_planted_box_is_found_and_counted_as_by_hand() -> None:
    x = pd.DataFrame(np.random.default_rng(1).random((2_000, 3)), columns=list("abc"))
    cases = (x["a"] > 0.6) & (x["b"] < 0.5)
    trajectory, limits = peeled(x, cases)
    assert trajectory["density"].iloc[0] == pytest.approx(cases.mean())
    assert trajectory["density"].iloc[-1] > 0.95
    for k in (0, len(limits) // 2, -1):
        here = inside(x, limits[k])
        assert trajectory["density"].iloc[k] == pytest.approx(cases[here].mean())
        assert trajectory["coverage"].iloc[k] == pytest.approx(here[cases].mean())
    dense = limits[trajectory["density"].ge(0.9).to_numpy().argmax()]
    assert set(dense) == {"a", "b"}
    assert dense["a"][0] == pytest.approx(0.6, abs=0.06)
    assert dense["b"][1] == pytest.approx(0.5, abs=0.06)
