"""Options that several commands share, answers in JSON, and what a long run says beforehand."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from experiments.analysis import need as needs
from experiments.analysis.compare import compare
from experiments.cli.options import command, settings, tell_json
from experiments.sweeps import room
from model import Scenario
from tests.test_cli import here  # noqa: F401 (a fixture)
from world.errors import InputError


def test_all_faults_of_settings_are_said_at_once() -> None:
    given = ("discont=1", "discount=9", "quorum=much", "quorum", "imitation_lag=4", "imitation_lag=5",
             "ip_floor=0.1", "lever_ip_floor=0.2")  # fmt: skip
    with pytest.raises(InputError) as error:
        settings(given)
    said = str(error.value)
    assert said.startswith("--set: 6 faults.") and len(said) < 700
    assert "did you mean 'discount'" in said and "0.08 to 0.25" in said
    assert settings(("lever_ip_floor=0.2", " quorum = 0.5 ")) == {"ip_floor": 0.2, "quorum": 0.5}
    for twice in (("quorum=0.4", "quorum=0.4"), ("ip_floor=0.1", "lever_ip_floor=0.1")):
        with pytest.raises(InputError, match="is given twice"):
            settings(twice)


@pytest.mark.parametrize("command", [
    ("compare", "--members", "2"), ("experiment", "takeoff", "--quick"),
])  # fmt: skip
@pytest.mark.parametrize("workers", ["-1", "-100", "1025", "1.5", "many"])
def test_workers_are_refused_alike(command, workers, here, tmp_path) -> None:  # noqa: F811
    done = here(*command, "--workers", workers)
    assert done.code == 2 and done.out == "" and "--workers" in done.err
    assert len(done.err.strip().splitlines()) == 1 and list(tmp_path.iterdir()) == []


def test_json_has_no_figure_that_readers_do_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    tell_json({"a": float("nan"), "b": [np.float64("inf"), np.int64(3)], "c": (True, None), 5: "x"})
    told = json.loads(capsys.readouterr().out, parse_constant=lambda text: pytest.fail(text))
    assert told == {"a": None, "b": [None, 3], "c": [True, None], "5": "x"}


@pytest.mark.parametrize("asked", [
    ("run", "baseline", "--until", "2025-02", "--json"),
    ("compare", "--members", "2", "--until", "2025-02", "--json"),
    ("parameters", "--json"),
    ("version", "--json"),
])  # fmt: skip
def test_answers_in_json_are_valid(asked, here) -> None:  # noqa: F811
    done = here(*asked)
    assert done.code == 0, done.err
    json.loads(done.out, parse_constant=lambda text: pytest.fail(text))


def test_the_command_makes_the_same_again() -> None:
    said = command(["moat", "run", "my file.yaml"], {"--seed": 3}, ("quorum=0.4",))
    assert said == "moat run 'my file.yaml' --seed 3 --set quorum=0.4"


def test_help_lists_the_exit_codes(here) -> None:  # noqa: F811
    said = " ".join(here("--help").out.split())
    for code in ("0 done", "2 refused", "130 interrupted", "143 terminated"):
        assert code in said


# --- what is needed ---------------------------------------------------------------------------


def test_a_million_members_are_refused_before_they_run(here, tmp_path) -> None:  # noqa: F811
    done = here("compare", "--members", "1000000", "--out", "o")
    assert done.code == 2 and done.out == ""
    assert "9,000,000 histories" in done.err and "of memory" in done.err and "GB are free" in done.err
    assert len(done.err.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_what_is_needed_grows_with_what_is_asked(monkeypatch, tmp_path: Path) -> None:
    baseline = [Scenario()]
    one, two = (needs.need(baseline, members, "2026-12", 0, 1) for members in (1000, 2000))
    both = needs.need([Scenario(), Scenario("b")], 1000, "2026-12", 0, 1)
    assert (one.histories, two.histories, both.histories) == (3000, 6000, 6000)
    assert two.memory - room.BASE == pytest.approx(2 * (one.memory - room.BASE))
    assert both.disk == two.disk == pytest.approx(2 * one.disk)
    assert one.seconds > 0.0
    for what in ("memory", "disk"):
        with monkeypatch.context() as patch:
            patch.setattr(room, f"free_{what}", lambda *_: 1e6)
            with pytest.raises(InputError, match=f"{what}: about .* are needed, 1 MB are free"):
                one.refuse_too_much(tmp_path)
    one.refuse_too_much(tmp_path / "not" / "there")
    assert 0.0 < room.free_memory() <= os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.nightly
def test_memory_is_as_foreseen(tmp_path: Path) -> None:
    """A comparison takes about what is said: not more, and not a third of it."""
    import resource

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    needed = needs.need([Scenario()], 800, "2040-12", 0, 2)
    from experiments.report.page import write_report

    write_report(compare([Scenario()], 800, "2040-12", workers=2), tmp_path / "o", "moat compare")
    taken = 1024.0 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    assert 0.3 * (needed.memory - room.BASE) < taken < needed.memory
    size = sum(path.stat().st_size for path in (tmp_path / "o").iterdir())
    assert 0.3 * needed.disk < size < 1.5 * needed.disk + 1e7
