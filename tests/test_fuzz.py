"""Whatever is put in: one sentence and the documented exit code, or a result that holds."""

from __future__ import annotations

import random
import shutil
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from experiments.cli import main as cli
from model import Market, Scenario
from model.scenario import FOLDER as SCENARIOS
from tests.mutants import changed_file, changed_graph, changed_line, damaged
from world.errors import InputError
from world.files.read import FOLDER as WORLDS
from world.files.read import read_world

LONGEST = 800  # characters of an answer, the path of the file among them
MONTHS = 3
STORE = (
    "sweep", "baseline", "--vary", "imitation_lag=4:6:3", "--seeds", "0:4", "--until", "2025-03",
    "--backend", "in_process", "--indicators", "revenue,gap", "--chunk", "4", "--out", "store",
)  # fmt: skip

often = pytest.mark.parametrize(
    "count", [40, pytest.param(3000, marks=pytest.mark.nightly)], ids=["some", "many"]
)


def answered(act):
    """What was returned, or None where one sentence refused it."""
    try:
        return act()
    except InputError as error:
        sentence = str(error)
        assert 10 < len(sentence) <= LONGEST, sentence
        assert "\n" not in sentence
        return None


def holds(market: Market) -> None:
    """A market that was accepted runs, in figures that are numbers."""
    for _ in range(MONTHS):
        market.step()
    frame = market.indicators()
    for name in frame.dtype.names:
        assert np.isfinite(frame[name]).all(), name


def tally(what: str, outcomes: Counter[str]) -> None:
    print(f"{what}: {dict(outcomes)}")
    assert outcomes["refused"] > 0.2 * outcomes.total()
    assert outcomes["accepted"] > 0


@often
def test_scenario_files(count, tmp_path):
    rng, outcomes = random.Random(1), Counter()
    texts = [path.read_text("utf-8") for path in sorted(SCENARIOS.glob("*.yaml"))]
    texts.append(Scenario().with_(discount=0.1, imitation_lag=4).to_yaml())
    path = tmp_path / "s.yaml"
    for _ in range(count):
        path.write_bytes(changed_file(rng.choice(texts), rng))
        scenario = answered(lambda: Scenario.load(path))
        market = scenario and answered(lambda: Market(scenario, seed=1))  # noqa: B023
        outcomes["accepted" if market else "refused"] += 1
        if market and outcomes["accepted"] % 10 == 1:
            holds(market)
    tally("scenario files", outcomes)


@often
def test_world_files(count, tmp_path):
    rng, outcomes = random.Random(2), Counter()
    texts = [(WORLDS / f"{name}.yaml").read_text("utf-8") for name in ("2022-01", "2025-01")]
    path = tmp_path / "w.yaml"
    for _ in range(count):
        path.write_bytes(changed_file(rng.choice(texts), rng))
        graph = answered(lambda: read_world(path))
        outcomes["refused" if graph is None else "accepted"] += 1
        if graph is not None:
            holds(Market(Scenario(), seed=1, graph=graph))
    tally("world files", outcomes)


@often
def test_graphs(count):
    rng, outcomes = random.Random(3), Counter()
    graphs = [read_world(world) for world in ("synthetic random 60", "2022-01")]
    for _ in range(count):
        graph = changed_graph(rng.choice(graphs), rng)
        market = answered(lambda: Market(Scenario(), seed=1, graph=graph))  # noqa: B023
        outcomes["accepted" if market else "refused"] += 1
        if market:
            holds(market)
    tally("graphs", outcomes)


@pytest.fixture
def command(monkeypatch, capsys, tmp_path):
    """Run a command in an empty folder: exit code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)

    def run(*line: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["moat", *line])
        code = 0
        try:
            cli.main()
        except SystemExit as end:
            code = int(end.code or 0)
        return code, *capsys.readouterr()

    return run


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    "count", [30, pytest.param(1000, marks=pytest.mark.nightly)], ids=["some", "many"]
)
def test_command_lines(count, command, tmp_path):
    rng, outcomes = random.Random(4), Counter()
    for _ in range(count):
        line = changed_line(rng)
        code, _, err = command(*line)
        left = files(tmp_path)
        allowed = (0, 2, 4) if line[0] == "verify" else (0, 2)  # 4: an expectation is not met
        assert code in allowed, (line, err)
        assert not [name for name in left if Path(name).name.startswith(("tmp", "."))], line
        if code == 2:
            assert left == [], (line, left)  # nothing half written
            assert err.startswith("moat: ") and err.count("\n") == 1, (line, err)
            assert len(err) <= LONGEST, (line, err)
        outcomes["refused" if code == 2 else "accepted"] += 1
        for name in tmp_path.iterdir():
            shutil.rmtree(name) if name.is_dir() else name.unlink()
    tally("command lines", outcomes)


@pytest.mark.parametrize(
    "count", [4, pytest.param(100, marks=pytest.mark.nightly)], ids=["some", "many"]
)
def test_damaged_stores(count, command, tmp_path):
    rng, outcomes = random.Random(5), Counter()
    assert command(*STORE)[0] == 0
    assert command("export", "store", "--out", "whole.csv")[0] == 0
    shutil.copytree("store", "kept")
    for _ in range(count):
        shutil.rmtree("store")
        shutil.copytree("kept", "store")
        what = damaged(tmp_path / "store", rng)
        code, _, err = command("export", "store", "--out", "table.csv")
        if code == 0:  # what is read is right
            assert Path("table.csv").read_bytes() == Path("whole.csv").read_bytes(), what
        else:
            assert err.count("\n") == 1 and len(err) <= LONGEST, (what, err)
            if code == 3:  # a part is gone: not finished, and the others are right
                assert "8 of 12 histories are done" in err, (what, err)
                whole = Path("whole.csv").read_text("utf-8").splitlines()
                assert set(Path("table.csv").read_text("utf-8").splitlines()) < set(whole), what
            else:
                assert code == 2 and not Path("table.csv").exists(), (what, err)
        code, _, err = command(*STORE)
        if code == 0:  # made again
            assert command("export", "store", "--out", "again.csv")[0] == 0, what
            assert Path("again.csv").read_bytes() == Path("whole.csv").read_bytes(), what
        else:
            assert code == 2 and err.count("\n") == 1 and len(err) <= LONGEST, (what, err)
        outcomes["refused" if code else "accepted"] += 1
        Path("table.csv").unlink(missing_ok=True)
    print(f"damaged stores: {dict(outcomes)}")
    assert outcomes["accepted"] > 0.5 * count
