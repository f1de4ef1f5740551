"""Experiments at their small size, and the statistics they rest on."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from experiments.analysis.statistics import bootstrap, crossing, crossing_interval, falls
from experiments.cli.experiment import experiment
from experiments.studies import phase_map, takeoff
from experiments.studies.counterfactual import lever, play, rewired
from experiments.studies.study import STUDIES, Findings, conduct, load
from experiments.studies.witness import differences
from model import Scenario
from model.ensemble import simulate
from model.graph import read_graph
from model.identity import version
from world.errors import InputError
from world.files.read import read_world

RUN = ("deepseek_shock", "phase_map", "appropriability", "takeoff")


@pytest.fixture(scope="module", params=RUN)
def done(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Findings, Path]:
    name = request.param
    findings, page = conduct(name, tmp_path_factory.mktemp(name), quick=True, workers=1)
    return name, findings, page


def test_every_expectation_is_answered_by_figures(done: tuple[str, Findings, Path]) -> None:
    name, findings, page = done
    study, text = load(name).STUDY, page.read_text()
    assert list(findings.answers) == list(study.expected)
    assert "nan" not in findings.headline
    for key, answer in findings.answers.items():
        assert answer.held in (True, False, None)
        assert re.search(r"\d", answer.sentence), key
        assert not re.search(r"\bnan\b", answer.sentence), key
        assert text.count(f"<td>{answer.verdict}</td>") > 0


def test_the_page_holds_its_pictures_tables_and_provenance(
    done: tuple[str, Findings, Path],
) -> None:
    name, findings, page = done
    text = page.read_text()
    assert f"moat experiment {name} --quick" in text
    assert str(page.parent) not in text + (page.parent / "README.md").read_text()
    for label, picture in findings.pictures.items():
        drawn = (page.parent / f"{label}.svg").read_text()
        assert picture.svg in text
        assert ElementTree.fromstring(drawn[drawn.index("<svg") :]).iter("path")
    for label, frame in findings.tables.items():
        kept = pd.read_csv(page.parent / f"{label}.csv")
        assert list(kept) == list(frame)
        assert len(kept) == len(frame) > 0


def test_the_page_keeps_witnesses_that_are_found_again(done: tuple[str, Findings, Path]) -> None:
    name, _, page = done
    assert differences(load(name), page.parent) == []
    told = json.loads((page.parent / "provenance.json").read_text(encoding="utf-8"))
    kept = json.loads((page.parent / "witnesses.json").read_text(encoding="utf-8"))["witnesses"]
    assert {w["part"] for w in kept} == {part["part"] for part in told["histories"]}
    assert told.items() >= version().items()


def test_a_rerun_from_the_store_is_the_same_to_the_byte(done: tuple[str, Findings, Path]) -> None:
    name, _, page = done
    kept = sorted([*page.parent.glob("*.csv"), *page.parent.glob("*.svg"), page])
    before = {path: path.read_bytes() for path in kept}
    parts = {path: path.stat().st_mtime_ns for path in page.parent.glob("store/*/parts/*")}
    assert parts
    conduct(name, page.parent, quick=True, workers=1)
    assert {path: path.stat().st_mtime_ns for path in page.parent.glob("store/*/parts/*")} == parts
    for path, content in before.items():
        assert path.read_bytes() == content, path.name


@pytest.mark.parametrize("name", STUDIES)
def test_every_study_says_what_it_expects(name: str) -> None:
    study = load(name).STUDY
    assert study.question.endswith("?")
    assert len(study.expected) >= 3
    assert all(text.endswith(".") for text in [*study.expected.values(), study.limits])


def test_the_command_lists_the_questions_and_refuses_unknown_names(tmp_path: Path) -> None:
    listed = CliRunner().invoke(experiment, ["--list"])
    assert [line.split(":")[0] for line in listed.output.splitlines()] == list(STUDIES)
    with pytest.raises(InputError, match="'takeof' is unknown"):
        conduct("takeof", tmp_path / "out")
    assert not (tmp_path / "out").exists()


# --- statistics ----------------------------------------------------------------------


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


# --- histories changed on their way ----------------------------------------------------


def test_a_history_without_acts_is_the_engines_own() -> None:
    scenario = Scenario.load("baseline")
    world = read_world(scenario.world)
    _, played = play(scenario, world, 3, 18, {})
    _, plain = simulate(read_graph(world, scenario.parameters)[0], 3, 18)
    assert played.tobytes() == plain.tobytes()
    _, moved = play(scenario, world, 3, 18, {6: lever(imitation_lag=2.0, imitation_cost_share=0.02)})
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
