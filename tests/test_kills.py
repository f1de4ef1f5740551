"""Processes that end at any moment: a rerun gives the bytes of an undisturbed run."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from world.compiled import PLAIN_PYTHON

COMMANDS = {
    "run": ("run", "imitation", "--until", "2027-12"),
    "compare": ("compare", "--scenarios", "baseline,imitation", "--members", "24", "--until", "2027-12",
                "--workers", "2"),
    "contagion": ("experiment", "contagion", "--quick", "--workers", "2"),
    "misuse": ("experiment", "misuse", "--quick", "--workers", "2"),
    "takeoff": ("experiment", "takeoff", "--quick", "--workers", "2"),
}  # fmt: skip
ENDS = {  # how a process may end: before Python listens, as documented, or it was done already
    signal.SIGKILL: (-9, 0), signal.SIGTERM: (-15, 143, 0), signal.SIGINT: (-2, 130, 0),
}  # fmt: skip
KILLS = {"run": 15, "compare": 24, "contagion": 9, "misuse": 9, "takeoff": 9}
BEFORE_A_RERUN = 3
LONGEST = 120.0  # seconds to wait for a process that was told to end, on a busy machine


def started(command: str, out: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "experiments.cli.main", *COMMANDS[command], "--out", str(out)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def results(out: Path) -> dict[str, bytes]:
    """Everything in a directory but the histories kept for a rerun; nothing half done."""
    assert not [path for path in out.rglob("*") if ".unfinished" in path.name]
    return {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}


def undisturbed(command: str, out: Path) -> tuple[dict[str, bytes], float]:
    """What a run leaves, and how long it takes when what it compiles is kept."""
    assert started(command, out.with_name("warm")).wait() == 0
    begun = time.monotonic()
    assert started(command, out).wait() == 0
    return results(out), time.monotonic() - begun


def killed(command: str, out: Path, after: float, by: signal.Signals) -> int:
    """End a run after so many seconds; return its exit code."""
    process = started(command, out)
    time.sleep(after)
    process.send_signal(by)
    return process.wait(timeout=LONGEST)


@pytest.mark.nightly
@pytest.mark.skipif(PLAIN_PYTHON, reason="histories by the dozen")
@pytest.mark.parametrize("command", COMMANDS)
def test_a_rerun_after_kills_gives_the_same_bytes(command: str, tmp_path: Path) -> None:
    expected, seconds = undisturbed(command, tmp_path / "undisturbed")
    rng = random.Random(command)
    for number in range(KILLS[command] // BEFORE_A_RERUN):
        out = tmp_path / f"o{number % 2}"  # new ones, and ones that hold a result already
        for by in rng.sample(list(ENDS), BEFORE_A_RERUN):
            code = killed(command, out, rng.uniform(0.0, seconds), by)
            assert code in ENDS[by], (by, code)
        assert started(command, out).wait() == 0
        assert results(out) == expected


@pytest.mark.nightly
@pytest.mark.skipif(PLAIN_PYTHON, reason="histories by the dozen")
@pytest.mark.parametrize("command", COMMANDS)
def test_two_at_a_time_do_not_mix(command: str, tmp_path: Path) -> None:
    expected, _ = undisturbed(command, tmp_path / "undisturbed")
    both = [started(command, tmp_path / "o") for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    assert results(tmp_path / "o") == expected


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_on_the_way_leaves_nothing(by: signal.Signals, tmp_path: Path) -> None:
    process = started("compare", tmp_path / "o")
    while process.poll() is None and not (tmp_path / "o").exists():
        time.sleep(0.01)
    process.send_signal(by)
    assert process.wait(timeout=LONGEST) in ENDS[by][1:]
    assert not (tmp_path / "o").exists() or (tmp_path / "o" / "manifest.json").exists()
