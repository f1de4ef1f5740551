"""Long checks, run by `make nightly`: what the README says is still what is found."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from docs.source import ROOT
from experiments.cli.main import moat
from model import Ensemble, Market, Scenario
from model.scenario import shipped
from tests.markets import compiled, differing
from world.compiled import PLAIN_PYTHON
from world.files.shapes import SHAPES
from world.files.synthetic import synthetic_world

pytestmark = [
    pytest.mark.nightly,
    pytest.mark.skipif(PLAIN_PYTHON, reason="thousands of histories"),
]


def test_the_readme_says_what_a_thousand_histories_do() -> None:
    """The regime shares in the README's answer."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shares = {
        name: Ensemble(Scenario.load(name), range(1000), workers=2).run().shares()
        for name in ("baseline", "imitation")
    }
    slowdowns = r"slows\s+down\s+in\s+(\d+) % of\s+histories\s+against\s+(\d+) %"
    slow, baseline = re.search(slowdowns, text).groups()
    assert int(slow) == round(100 * shares["imitation"]["slowdown"])
    assert int(baseline) == round(100 * shares["baseline"]["slowdown"])
    collapses = re.search(r"funding\s+collapses in (\d+|none) of 1,000", text)[1]
    expected = round(1000 * shares["imitation"]["funding collapse"])
    assert collapses == (str(expected) if expected else "none")


def test_forecasts_beat_the_naive_ones() -> None:
    """The wished score over all origins, and that README and the results page say it."""
    found = json.loads(CliRunner().invoke(moat, ["backtest", "--json"]).output)
    assert 0.8 <= found["coverage"] <= 0.97
    assert found["crps"]["model"] <= 0.9 * found["crps"]["naive"]
    assert found["won"] > 0.5
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    said = re.search(r"(\d+)\s+of\s+(\d+)\s+observed\s+figures\s+lie", text).groups()
    assert [int(x) for x in said] == [sum(row["inside"] for row in found["rows"]), len(found["rows"])]
    page = pd.read_csv(ROOT / "docs" / "results" / "backtest" / "rows.csv")
    assert page["rank"].tolist() == [float(f"{row['rank']:.6g}") for row in found["rows"]]


@pytest.mark.parametrize("seed", range(20, 60))
def test_engines_agree_on_more_seeds(seed: int) -> None:
    scenario = Scenario.load(shipped()[seed % len(shipped())])
    tables, indicators = compiled(scenario, seed, 192)
    live = Market(scenario, seed=seed).run_until("2040-12")
    assert differing(tables, live.tables) == []
    assert np.asarray(indicators).tobytes() == np.asarray(live.indicators()).tobytes()


@pytest.mark.parametrize("shape", SHAPES)
def test_engines_agree_on_a_large_world(shape: str) -> None:
    world = synthetic_world(24, 60, 120, 18, 4, 30, 30, graph=shape, seed=1)
    tables, _ = compiled(Scenario(), 9, 96, world)
    live = Market(Scenario(), seed=9, graph=world).run_until("2032-12")
    assert differing(tables, live.tables) == []
