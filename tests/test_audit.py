"""Every declared parameter does something; every column and indicator is a finite figure."""

from __future__ import annotations

import numpy as np
import pytest

from model import Scenario
from model.graph import read_graph
from model.observe import INDICATORS
from model.scenario import shipped
from tests.markets import simulate
from world.files.read import read_world
from world.parameters import PARAMETERS

MONTHS = 120
SEED = 8  # in which compute is scarce for a while


@pytest.fixture(scope="module")
def world():
    return read_world("2025")


def paths(world, scenario: Scenario, seed: int = SEED) -> np.ndarray:
    template, _ = read_graph(world, scenario.parameters)
    return np.asarray(simulate(template, seed, MONTHS)[1])


@pytest.fixture(scope="module")
def usual(world) -> np.ndarray:
    return paths(world, Scenario())


@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda p: p.name)
def test_every_parameter_moves_an_indicator(world, usual, parameter) -> None:
    moved = any(
        paths(world, Scenario().with_(**{parameter.name: value})).tobytes() != usual.tobytes()
        for value in (parameter.low, parameter.high)
    )
    assert moved, f"{parameter.name} is inert"


@pytest.mark.parametrize("name", shipped())
def test_indicators_stay_finite(world, name) -> None:
    found = paths(world, Scenario.load(name))
    for column in INDICATORS:
        assert np.isfinite(found[column.name]).all(), column.name
    assert (found["frontier_capability"][1:] >= found["frontier_capability"][:-1]).all()
    for share in ("gross_margin", "public_share", "automation", "imitation_belief"):
        assert ((found[share] >= 0) & (found[share] <= 1)).all(), share


def test_declarations_are_complete() -> None:
    for parameter in PARAMETERS:
        assert parameter.low <= parameter.default <= parameter.high, parameter.name
        assert parameter.unit and parameter.source and parameter.meaning, parameter.name
        assert parameter.role in ("uncertainty", "lever", "constant")
