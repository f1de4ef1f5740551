"""Two engines, one rule book: every column of every table agrees to the bit."""

from __future__ import annotations

import numpy as np
import pytest

from model import Ensemble, InputError, Market, Scenario
from model.graph import read_graph
from model.scenario import shipped
from tests.markets import add_cast, compiled, differing, simulate, village
from world.calendar import month_label
from world.files.read import read_world
from world.files.shapes import SHAPES
from world.files.synthetic import synthetic_world

MONTHS = 192
SEEDS = range(20)


@pytest.mark.parametrize("name", shipped())
@pytest.mark.parametrize("seed", SEEDS)
def test_both_engines_agree_to_the_bit(name: str, seed: int) -> None:
    scenario = Scenario.load(name)
    tables, indicators = compiled(scenario, seed, MONTHS)
    live = Market(scenario, seed=seed).run_until(month_label("2025-01", MONTHS - 1))
    assert differing(tables, live.tables) == []
    assert np.asarray(indicators).tobytes() == np.asarray(live.indicators()).tobytes()


@pytest.mark.parametrize("shape", SHAPES)
def test_engines_agree_on_generated_worlds(shape: str) -> None:
    world = synthetic_world(frontier_labs=3, imitators=4, venture_funds=9, graph=shape, seed=3)
    tables, _ = compiled(Scenario(), 5, 48, world)
    live = Market(Scenario(), seed=5, graph=world).run_until("2028-12")
    assert differing(tables, live.tables) == []


def test_engines_agree_month_by_month() -> None:
    """Not only at the end: an error that heals would be seen."""
    graph = add_cast(village())
    scenario = Scenario().with_(entry_rate=4.0)
    template, _ = read_graph(graph, scenario.parameters)
    live = Market(scenario, seed=2, graph=graph)
    for months in range(1, 25):
        live.step()
        tables, _ = simulate(template, 2, months)
        assert differing(tables, live.tables) == [], months


def test_a_difference_would_be_seen() -> None:
    one, _ = compiled(Scenario(), 1, 3, village())
    other, _ = compiled(Scenario(), 1, 3, village())
    other.developers["capability"][0] = np.nextafter(other.developers["capability"][0], 99.0)
    assert differing(one, other) == ["developers: capability"]
    another_seed, _ = compiled(Scenario(), 2, 3, village())
    assert differing(one, another_seed) != []


def test_a_template_is_not_touched_by_its_histories() -> None:
    template, _ = read_graph(read_world("2025"), Scenario().parameters)
    before = [np.asarray(array).tobytes() for _, array in template]
    simulate(template, 3, 12)
    assert [np.asarray(array).tobytes() for _, array in template] == before


def test_any_member_replays_as_a_live_market() -> None:
    runs = Ensemble(Scenario.load("imitation"), [11, 3, 7], until="2029-12", workers=2).run()
    for member, seed in enumerate([11, 3, 7]):
        live = Market.replay(runs, member)
        assert live.root_seed == seed
        assert np.asarray(live.indicators()).tobytes() == runs.values[member].tobytes()
    with pytest.raises(InputError, match="member 3"):
        Market.replay(runs, 3)


def test_workers_and_thinning_change_nothing() -> None:
    scenario = Scenario.load("cleverness")
    one = Ensemble(scenario, range(40), until="2026-12").run()
    two = Ensemble(scenario, range(40), until="2026-12", workers=3).run()
    assert one.values.tobytes() == two.values.tobytes()
    thin = Ensemble(scenario, range(40), until="2026-12", every=10).run()
    assert thin.kept.tolist() == [9, 19, 23]
    assert thin.values.tobytes() == one.values[:, thin.kept].tobytes()
    assert (thin.regimes() == one.regimes()).all(axis=None)
