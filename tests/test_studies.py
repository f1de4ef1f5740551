"""What single studies read off their histories, and the tools they stand on."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from experiments.analysis.debtrank import debtrank, lab_impacts, rank_of
from experiments.analysis.indices import morris_design, morris_effects, sobol_design, sobol_indices
from experiments.analysis.statistics import Interval, bootstrap
from experiments.studies import (
    contagion,
    misuse,
    phase_map,
    public_sector,
    sensitivity,
    starvation,
    takeoff,
)
from experiments.studies.counterfactual import lever, play, rewired
from experiments.studies.lab import Lab
from experiments.studies.policies import (
    HANDS_OFF,
    INSTRUMENTS,
    all_policies,
    levers,
    with_courts,
    without_open_weights,
)
from experiments.sweeps.design import Design
from experiments.sweeps.workbench import Connector, declared, experiments, inside, peeled, regime_name
from model import Scenario
from model.graph import read_graph
from model.observe import INDICATORS
from model.regimes import REGIMES
from tests.markets import simulate
from world.files.read import read_world
from world.parameters import BY_NAME, PARAMETERS

BASELINE = Scenario.load("baseline")
NAMES = ["imitation_cost_share", "imitation_lag", "market_slope"]


# --- policies ------------------------------------------------------------------------


def start(world: Any, scenario: Scenario = BASELINE) -> Any:
    """Tables of a world under a scenario, before the opening."""
    return read_graph(world, scenario.parameters)[0]


def test_policies_are_settings_of_every_lever() -> None:
    names = [p.name for p in PARAMETERS if p.role == "lever"]
    for name, changes in all_policies().items():
        assert list(levers(changes)) == names, name
        BASELINE.with_(**levers(changes))
    assert len(all_policies()) == 1 + 2 ** len(INSTRUMENTS)
    assert levers(all_policies()[HANDS_OFF])["public_reaction"] == 0.0
    both = all_policies()["research + protection"]
    assert both == INSTRUMENTS["research"] | INSTRUMENTS["protection"]


def test_courts_and_open_weights_change_nothing_else() -> None:
    world = read_world("2025")
    courts = with_courts(world, {"China": 0.7})
    closed = without_open_weights(world)
    for node, data in world.nodes(data=True):
        expected = dict(data)
        if data["kind"] == "government":
            expected["court_reach"] = 0.7 if data["name"] == "China" else 0.0
        assert courts.nodes[node] == expected
        shut = {"open_weights": 0, "complements": 0} if "open_weights" in data else {}
        assert closed.nodes[node] == data | shut
    assert any(d.get("open_weights") for _, d in world.nodes(data=True))


def test_no_weights_are_open_in_the_closed_world() -> None:
    closed = without_open_weights(read_world("2025"))
    opened: list[int] = []
    look = {12 * k: lambda tables, _: opened.append(int(tables.developers["open_weights"].sum()))
            for k in range(1, 6)}  # fmt: skip
    play(start(closed, BASELINE.with_(open_share=0.0)), 3, 61, look)
    assert opened == [0] * 5
    opened.clear()
    play(start(read_world("2025")), 3, 61, look)
    assert min(opened) > 0


def test_regret_and_pareto_by_hand() -> None:
    rows = [  # scenario, policy, frontier; other goals equal
        (0, "a", 1.0), (0, "b", 3.0), (1, "a", 2.0), (1, "b", 2.0)
    ]  # fmt: skip
    space = pd.DataFrame(rows, columns=["scenario", "policy", "frontier"])
    for goal in public_sector.GOALS:
        space[goal] = space.get(goal, 0.0)
    space["public share"] = 0.0
    losses = public_sector.regrets(space)
    spread = np.std([1.0, 3.0, 2.0, 2.0])
    assert losses["frontier"]["a"].tolist() == pytest.approx([2.0 / spread, 0.0])
    assert losses["all"]["a"].max() == pytest.approx(2.0 / spread / len(public_sector.GOALS))
    table = public_sector.policy_table(space, losses).set_index("policy")
    assert table["Pareto"].to_dict() == {"b": "yes", "a": ""}
    assert list(table.index) == ["b", "a"]


# --- misuse --------------------------------------------------------------------------


def test_harm_is_read_where_the_frontier_reaches_the_level() -> None:
    history = np.zeros(30, dtype=[(n, float) for n in (
        "frontier_capability", "hostile_capability", "incidents")])  # fmt: skip
    history["frontier_capability"] = misuse.LEVEL - 0.5 + 0.1 * np.arange(30)
    history["hostile_capability"] = misuse.LEVEL - 1.0
    history["incidents"] = np.arange(30)
    month = int(np.flatnonzero(history["frontier_capability"] >= misuse.LEVEL)[0])
    distance, incidents, years = misuse.at_level(history)
    assert distance == pytest.approx(misuse.LEVEL - 1.0 - history["frontier_capability"][month])
    assert incidents == sum(range(month, month + 12))
    assert years == pytest.approx(month / 12)
    assert np.isnan(misuse.at_level(history[: month + 11])).all()  # a year is not there


def test_verdicts_follow_the_intervals() -> None:
    up, down, unclear = Interval(2, 1, 3), Interval(-2, -3, -1), Interval(0, -1, 1)
    assert [misuse.signed(v) for v in (up, down, unclear)] == [True, False, None]
    assert misuse.both(True, None) is None and misuse.both(None, False) is False
    assert contagion.beyond(up, 0.5) and contagion.beyond(up, 2.0) is None
    assert contagion.beyond(up, 5.0, below=True) and not contagion.beyond(up, 0.5, below=True)


# --- contagion -----------------------------------------------------------------------


def test_debtrank_on_a_chain_and_a_loop() -> None:
    chain = np.zeros((3, 3))
    chain[1, 0], chain[2, 1] = 0.5, 0.4
    assert debtrank(chain, [1.0, 0.0, 0.0]) == pytest.approx([1.0, 0.5, 0.2])
    # Bardoscia et al. pass every loss on: in a loop they add up to the geometric series.
    loop = np.array([[0.0, 0.5], [0.5, 0.0]])
    assert debtrank(loop, [0.3, 0.0]) == pytest.approx([0.3 / 0.75, 0.15 / 0.75])
    assert debtrank(3.0 * loop, [0.3, 0.0]) == pytest.approx([1.0, 1.0])
    assert debtrank(loop, [0.0, 0.0]).tolist() == [0.0, 0.0]


def test_impacts_are_shares_and_a_failure_costs_its_owners() -> None:
    tables, _ = play(start(read_world("2025")), 0, 24, {})
    impact, worth = lab_impacts(tables)
    count = len(worth)
    assert impact.min() >= 0.0
    assert impact[:count].sum(axis=1).max() <= 1.0 + 1e-9  # no investor can lose more than it has
    assert impact[count:].sum(axis=1).max() <= 1.0 + 1e-9
    assert not impact[:count, :count].any() and not impact[count:, count:].any()
    lab = int(tables.developers["valuation"].argmax())
    direct = (impact[:count, count + lab] * worth).sum() / worth.sum()
    assert rank_of(tables, lab) >= direct > 0.0


def test_a_failure_changes_nothing_before_it_and_takes_the_lab_out() -> None:
    world = read_world("2025")
    twin = contagion.Watched(start(world), 1, {})
    lab = twin.labs[0]
    other = contagion.Watched(start(world), 1, {}, failed=lab)
    assert other.labs == twin.labs and other.ranks == twin.ranks
    assert twin.values[lab] > 0.0 and other.values[lab] == 0.0
    row = twin.against(other, 0)
    assert np.isfinite([row[name] for name in contagion.LOSSES]).all()
    assert row["rivals"] != 0.0
    again = twin.against(contagion.Watched(start(world), 1, {}, failed=lab), 0)
    assert again == row


def test_channels_that_are_off_are_parameters() -> None:
    for changes in contagion.CHANNELS.values():
        BASELINE.with_(**changes)
    singles = {k for n in (*contagion.MONEY, *contagion.MOOD) for k in contagion.CHANNELS[n]}
    assert set(contagion.CHANNELS["all off"]) == singles


# --- starvation ----------------------------------------------------------------------


def mapped(collapses: Any) -> pd.DataFrame:
    """Histories of a small map under a law of collapse; capital and frontier follow its axes."""
    design = Design.grid(
        imitation_cost_share=[0.02, 1.0], kept_share=[0.0, 0.3, 0.5], imitation_lag=[2, 4, 12],
    )  # fmt: skip
    rows = design.points.merge(pd.DataFrame({"seed": range(8)}), how="cross")
    rows["collapsed"] = rows["starved"] = collapses(rows).astype(float)
    for reading in ("strict", "lenient"):
        rows[f"collapsed_{reading}"] = rows["collapsed"]
    rows["raised"] = rows[list(starvation.AXES)].sum(axis=1) + 0.001 * rows["seed"]
    return rows.assign(frontier=30.0 + rows["raised"])


def sliced(shares: list[float]) -> pd.DataFrame:
    """One slice with these shares of collapses in a hundred histories, in both markets."""
    return pd.DataFrame([
        {"market": market, "parameter": "price_premium", "value": float(k), "seed": seed,
         "collapsed": float(seed < 100 * share), "starved": 0.0}
        for market in starvation.MARKETS for k, share in enumerate(shares) for seed in range(100)
    ])  # fmt: skip


def test_verdicts_on_maps_whose_law_is_known() -> None:
    cost, kept, lag = starvation.AXES

    def verdicts(collapses: Any) -> dict[str, bool | None]:
        rows = mapped(collapses)
        answers = {
            "kept": starvation.kept_answer(starvation.easiest_copies(rows)),
            "lag": starvation.lag_answer(rows),
            "corner": starvation.corner_answer(rows),
            "money": starvation.money_answer(starvation.end_to_end(rows)),
            "progress": starvation.progress_answer(rows),
        }
        return {key: answer.held for key, answer in answers.items()}

    easiest = verdicts(lambda r: (r[cost] < 0.1) & (r[kept] < 0.3) & (r[lag] < 4))
    assert easiest == {"kept": True, "lag": True, "corner": True, "money": True, "progress": True}
    cheap = verdicts(lambda r: r[cost] < 0.1)  # there is no pair with funding at both costs
    assert cheap == {"kept": False, "lag": False, "corner": False, "money": None, "progress": True}
    never = verdicts(lambda r: r[cost] > 1)
    assert never == {"kept": None, "lag": None, "corner": None, "money": True, "progress": True}


def test_fewer_and_fewer_bears_no_hump() -> None:
    def held(*shares: float) -> bool | None:
        return starvation.fewer(sliced(list(shares)), "price_premium").held

    assert held(0.9, 0.4, 0.42, 0.1) is True
    assert held(0.3, 0.9, 0.5, 0.0) is False  # fewer from end to end, but not on the way
    assert held(0.1, 0.4, 0.9) is False
    assert held(0.5, 0.5, 0.5) is None


def test_means_of_rows_have_the_intervals_of_the_bootstrap() -> None:
    table = pd.DataFrame(np.random.default_rng(0).random((3, 20)), index=[5.0, 6.0, 7.0])
    found = starvation.means(table)
    for value, row in table.iterrows():
        assert found.loc[value].tolist() == pytest.approx(list(bootstrap(row, np.mean)))


def test_slices_stand_in_two_markets_and_span_declared_ranges() -> None:
    for changes in starvation.MARKETS.values():
        Scenario.load("imitation").with_(**changes)
    easy, nobody = starvation.MARKETS.values()
    assert {name for name in easy if easy[name] != nobody[name]} == set(easy) - {"kept_share"}
    for axis, ends in (("kept_share", (0.0, 0.5)), ("imitation_lag", starvation.LAGS),
                       ("imitation_cost_share", starvation.COSTS)):  # fmt: skip
        assert (BY_NAME[axis].low, BY_NAME[axis].high) == (ends[0], ends[-1])


# --- histories changed on their way ----------------------------------------------------


def test_a_history_without_acts_is_the_engines_own() -> None:
    scenario = Scenario.load("baseline")
    world = read_world(scenario.world)
    begin = start(world, scenario)
    _, played = play(begin, 3, 18, {})
    _, plain = simulate(begin, 3, 18)
    assert played.tobytes() == plain.tobytes()
    _, moved = play(begin, 3, 18, {6: lever(imitation_lag=2.0, imitation_cost_share=0.02)})
    assert moved[:6].tobytes() == plain[:6].tobytes()
    assert moved.tobytes() != plain.tobytes()


@pytest.mark.parametrize("kinds", [("watches", "stake"), ("syndicate",)])
def test_rewiring_moves_ties_and_keeps_everyones_number(kinds: tuple[str, ...]) -> None:
    world = read_world("2025")
    before, after = (pairs(graph, kinds) for graph in (world, rewired(world, 1)))
    assert before != after
    assert degrees(before) == degrees(after)


def pairs(graph: nx.MultiDiGraph, kinds: tuple[str, ...]) -> set[tuple[str, str]]:
    return {(u, v) for u, v, d in graph.edges(data=True) if d["kind"] in kinds}


def degrees(ties: set[tuple[str, str]]) -> tuple[Counter[str], Counter[str]]:
    return Counter(u for u, _ in ties), Counter(v for _, v in ties)


def test_the_ramp_goes_from_hard_to_easy_and_back() -> None:
    share = [phase_map.ease_in(year)[phase_map.EASE[0]] for year in range(2025, 2036)]
    assert share[0] == share[-1] == pytest.approx(phase_map.HARD[0])
    assert min(share) == pytest.approx(phase_map.EASY[0])
    turn = int(np.argmin(share))
    assert share[: turn + 1] == sorted(share[: turn + 1], reverse=True)
    assert share[turn:] == sorted(share[turn:])


def test_the_bound_on_substitution_is_that_of_the_closed_form() -> None:
    scenario = Scenario.load("cleverness").with_(research_returns=1.2)
    p = scenario.parameters
    needed = (0.75 / p["efficiency_pace"]) ** (1.0 / p["stepping_on_toes"])
    rho = np.log(p["experiment_weight"]) / np.log(needed)
    assert takeoff.substitution_bound(scenario) == pytest.approx(1.0 / (1.0 - rho), abs=1e-3)


# --- sensitivity ---------------------------------------------------------------------


def unit(design: Design, name: str) -> np.ndarray:
    low, high = BY_NAME[name].low, BY_NAME[name].high
    return ((design.points[name] - low) / (high - low)).to_numpy()


def test_morris_finds_what_moves_an_outcome() -> None:
    design = morris_design(NAMES, 20)
    outcome = 3.0 * unit(design, NAMES[0]) + 1.0 * unit(design, NAMES[1])
    table = morris_effects(NAMES, design, outcome)
    assert table["mu_star"].tolist() == pytest.approx(np.array([3.0, 1.0, 0.0]) / outcome.std())
    assert not morris_effects(NAMES, design, np.ones(len(design)))["mu_star"].any()


def test_sobol_splits_a_known_variance() -> None:
    design = sobol_design(NAMES, 1024)
    a, b, c = (unit(design, name) - 0.5 for name in NAMES)
    outcome = 2.0 * a + 1.0 * b + 6.0 * b * c
    table = sobol_indices(NAMES, outcome)
    pd.testing.assert_frame_equal(table, sobol_indices(NAMES, outcome))  # intervals too
    # Variances: 4/12, 1/12, and 36/144 of the product, which only the totals have.
    parts = np.array([4 / 12, 1 / 12, 0.0, 36 / 144])
    first, both = parts[:3] / parts.sum(), parts[3] / parts.sum()
    assert table["first"].to_numpy() == pytest.approx(first, abs=0.03)
    assert table["total"].to_numpy() == pytest.approx(first + [0.0, both, both], abs=0.03)


def test_the_workbench_sees_what_is_declared() -> None:
    connector = Connector(BASELINE)
    for role, found in (("uncertainty", connector.model.uncertainties),
                        ("lever", connector.model.levers)):  # fmt: skip
        ours = {p.name: (p.low, p.high) for p in PARAMETERS if p.role == role}
        assert {p.name: (p.lower_bound, p.upper_bound) for p in found} == ours
        assert len(declared(role)) == len(ours)
    outcomes = {outcome.name for outcome in connector.model.outcomes}
    assert {regime_name(regime) for regime in REGIMES} <= outcomes
    assert len(outcomes) == len(REGIMES) + sum(c.type == "float" for c in INDICATORS)


def test_the_workbench_gets_the_same_figures_from_a_sweep_and_one_by_one(tmp_path: Path) -> None:
    from ema_workbench import perform_experiments

    ranges = {p.name: (p.low, p.high) for p in PARAMETERS if p.role == "uncertainty"}
    design = Design.sobol(4, 2, **ranges)
    connector = Connector(BASELINE, (0, 1), "2028-12", ["frontier_capability", "revenue:mean"])
    lab = Lab(tmp_path, quick=True)
    tried, swept = experiments(connector, design, partial(lab.sweep, "w"))
    assert np.array_equal(tried[list(ranges)].to_numpy(float), design.points.to_numpy())
    from ema_workbench import Scenario as Case

    cases = [Case(k, **row) for k, row in design.points.to_dict("index").items()]
    _, single = perform_experiments(connector.model, cases, log_progress=True)
    assert set(single) == set(swept)
    for name in swept:
        assert swept[name] == pytest.approx(single[name], rel=1e-6), name  # stores keep 4 bytes
    assert np.ptp(swept["frontier_capability_2028_12"]) > 0.01


def test_prim_finds_a_planted_box() -> None:
    rng = np.random.default_rng(0)
    x = pd.DataFrame(rng.random((2000, 6)), columns=list("abcdef"))
    cases = ((x["a"] < 0.3) & (x["b"] > 0.6)).to_numpy()
    path, limits = peeled(x, cases)
    best = int(path["density"].to_numpy(dtype=float).argmax())
    assert path["density"].iloc[best] > 0.95 and path["coverage"].iloc[best] > 0.6
    assert set(limits[best]) == {"a", "b"}
    assert limits[best]["a"][1] == pytest.approx(0.3, abs=0.03)
    within = inside(x, limits[best])
    assert cases[within].mean() == pytest.approx(float(path["density"].iloc[best]))
    assert limits[0] == {}


def test_an_inert_parameter_is_found() -> None:
    names = sensitivity.VARIED
    design = morris_design(names, 2)
    rng = np.random.default_rng(0)
    lively = design.points[names[1:]].to_numpy() @ rng.random(len(names) - 1)
    points = pd.DataFrame({f"{n}@{sensitivity.UNTIL}": lively for n in sensitivity.NAMES})
    table = sensitivity.audit(design, points)
    assert list(table[table["indicators moved"] == 0]["parameter"]) == [names[0]]


# --- without the extra ---------------------------------------------------------------


def test_without_the_extra_the_other_studies_run_and_sensitivity_says_what_it_needs() -> None:
    program = (
        "import sys\n"
        "sys.modules['SALib'] = sys.modules['ema_workbench'] = None\n"
        "from experiments.studies.conduct import STUDIES, load\n"
        "for name in STUDIES: load(name)\n"
        "from world.errors import InputError\n"
        "for name in ('analysis.indices', 'sweeps.workbench'):\n"
        "    try: __import__(f'experiments.{name}')\n"
        "    except InputError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("extra `study`") == 2
