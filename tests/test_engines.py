"""Two engines, one rule book: every column of every table agrees to the bit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from agents import KINDS
from experiments.sweeps.design import Design
from model import Ensemble, InputError, Market, Scenario
from model.engine import APART
from model.graph import read_graph, read_start
from model.lanes import LANES, Histories, Lanes
from model.run import Run
from model.scenario import shipped
from model.schedule import SCHEDULE
from tests.markets import add_cast, compiled, differing, simulate, village
from tests.random_worlds import Case, random_case
from world.calendar import month_label
from world.compiled import PLAIN_PYTHON
from world.files.read import read_world
from world.files.shapes import SHAPES
from world.files.synthetic import synthetic_world
from world.parameters import PARAMETERS
from world.tables import Tables

MONTHS = 192
SEEDS = range(20)
side_by_side = pytest.mark.skipif(PLAIN_PYTHON, reason="as plain Python there is one history")


@pytest.mark.parametrize("name", shipped())
@pytest.mark.parametrize("seed", SEEDS)
def test_both_engines_agree_to_the_bit(name: str, seed: int) -> None:
    scenario = Scenario.load(name)
    tables, indicators = compiled(scenario, seed, MONTHS)
    live = Market(scenario, seed=seed).run_until(month_label("2025-01", MONTHS - 1))
    assert differing(tables, live.tables) == []
    assert np.asarray(indicators).tobytes() == np.asarray(live.indicators()).tobytes()


def one_by_one(start: Tables, seeds: range, months: int) -> list[bytes]:
    run = Run(start)
    return [np.asarray(run.open(seed).run(months)).tobytes() for seed in seeds]


@side_by_side
@pytest.mark.parametrize("name", shipped())
def test_histories_side_by_side_are_the_same_to_the_bit(name: str) -> None:
    scenario = Scenario.load(name)
    start, _ = read_graph(read_world(scenario.world), scenario.parameters)
    lanes = Lanes(start, MONTHS)
    for seeds in (range(LANES), range(100, 103)):  # the second leaves lanes over
        found = lanes.run(seeds, MONTHS)
        assert [row.tobytes() for row in found] == one_by_one(start, seeds, MONTHS)


@side_by_side
@pytest.mark.parametrize("shape", SHAPES)
def test_histories_of_generated_worlds_side_by_side_are_the_same(shape: str) -> None:
    world = synthetic_world(frontier_labs=3, imitators=4, venture_funds=9, graph=shape, seed=3)
    crowded = Scenario().with_(entry_rate=5.0, quorum=0.9, theft_hazard=0.2)
    for graph in (world, add_cast(village())):
        start, _ = read_graph(graph, crowded.parameters)
        found = Lanes(start, 48).run(range(LANES), 48)
        assert [row.tobytes() for row in found] == one_by_one(start, range(LANES), 48)


@side_by_side
def test_histories_under_different_parameters_side_by_side_are_the_same() -> None:
    """All parameters that a design may vary, each drawn from its whole range."""
    ranges = {p.name: (p.low, p.high) for p in PARAMETERS if p.low < p.high}
    design = Design.sobol(2 * LANES, **ranges).points.to_dict("records")
    read = read_start(read_world("2025"))
    starts = [read.under(Scenario().parameters | values) for values in design]
    together = Histories(starts[0], MONTHS, 10_000, several=True)
    assert together._lanes is not None
    count = LANES + 3  # which leaves lanes over, and histories that are run alone
    found = together.run(range(count), starts=starts[:count])
    for seed in range(count):
        alone = Run(starts[seed]).open(seed).run(MONTHS)
        assert found[seed].tobytes() == np.asarray(alone).tobytes(), seed


@side_by_side
def test_many_histories_are_those_of_few() -> None:
    """Whether they lie side by side hangs on their number; what they are does not."""
    start, _ = read_graph(village(), Scenario().parameters)
    many, few = Histories(start, 24, 10_000), Histories(start, 24, 1)
    assert many._lanes is not None and few._lanes is None
    for count in (1, 4, 5, LANES, 2 * LANES + 3):
        assert many.run(range(count)).tobytes() == few.run(range(count)).tobytes()


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


def test_sentences_performed_apart_exist() -> None:
    assert set(APART) <= {phase.name for phase in SCHEDULE}


def test_a_class_of_its_own_acts_like_the_rule_it_repeats() -> None:
    """Agents that override a decision act one by one; the others all in one call."""

    class Repeats(KINDS["frontier_lab"]):  # type: ignore[misc, name-defined]
        def raises(self) -> None:
            super().raises()

        def plans(self) -> None:
            super().plans()

    scenario = Scenario.load("imitation")
    usual = Market(scenario, seed=5).run_until("2028-12")
    mine = Market(scenario, seed=5, classes={"frontier_lab": Repeats}).run_until("2028-12")
    assert mine._overridden == {"developer_raises", "developer_plans"}
    assert differing(usual.tables, mine.tables) == []
    assert np.asarray(usual.indicators()).tobytes() == np.asarray(mine.indicators()).tobytes()


# --- random worlds ---------------------------------------------------------------------

LONGEST = 36  # months


def outcome(play: Callable[[], Any]) -> Any:
    """What a history comes to, or the sentence by which it ends."""
    try:
        return play()
    except (InputError, RuntimeError, ArithmeticError, ValueError) as error:
        return str(error)


def assert_engines_agree(seeds: range) -> Counter[str]:
    """Compiled, side by side and as Mesa objects: the same bits or the same sentences."""
    found: Counter[str] = Counter()
    for seed in seeds:
        case = random_case(seed)
        months = min(case.months, LONGEST)

        def undisturbed(case: Case = case, months: int = months) -> bytes:
            _, rows = compiled(case.scenario, case.seed, months, case.graph)
            return np.asarray(rows).tobytes()

        def beside(case: Case = case, months: int = months) -> bytes:
            start, _ = read_graph(case.graph, case.scenario.parameters)
            return Lanes(start, months).run(range(case.seed, case.seed + LANES), months)[0].tobytes()

        assert outcome(beside) == outcome(undisturbed), seed
        alone = outcome(partial(case.compiled, months))
        assert outcome(partial(case.live, months)) == alone, seed
        found["finished"] += isinstance(alone, list)
        found["refused"] += sum(isinstance(part, str) for part in alone)
        found["acts"] += sum(act.month < months for act in case.acts)
    return found


@side_by_side
def test_engines_agree_in_a_few_random_worlds() -> None:
    found = assert_engines_agree(range(15))
    assert found["finished"] > 10 and found["acts"] > found["refused"] > 0, found


@side_by_side
@pytest.mark.nightly
def test_engines_agree_in_hundreds_of_random_worlds() -> None:
    found = assert_engines_agree(range(15, 615))
    assert found["finished"] > 500 and found["acts"] > found["refused"] > 100, found


@pytest.mark.parametrize("figure", ["revenue", "capacity", "market_size", "cash"])
def test_engines_agree_where_there_is_nothing(figure: str) -> None:
    """Nothing sold, no compute, no market, no money: all within the ranges of a world file."""
    graph = village()
    for _, data in graph.nodes(data=True):
        if figure in data:
            data[figure] = 1.0 if figure == "capacity" else 0.0  # [USD a year]: the least allowed
    if figure in graph.graph:
        graph.graph[figure] = 0.0
    tables, rows = compiled(Scenario(), 2, 24, graph)
    live = Market(Scenario(), seed=2, graph=graph).run_until("2026-12")
    assert differing(tables, live.tables) == []
    assert all(np.isfinite(rows[name]).all() for name in rows.dtype.names)
    assert all(live.ledger.audit(month).passed for month in range(24))
