"""The command line: what it writes, and how it refuses."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest


def moat(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "experiments.cli", *arguments],
        cwd=cwd, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "imitaton"), "did you mean 'imitation'"),
        (("run", "baseline", "--set", "discont=0.1"), "did you mean 'discount'"),
        (("run", "baseline", "--set", "discount=9"), "0.08 to 0.25"),
        (("run", "baseline", "--set", "discount=nan"), "out of range"),
        (("run", "baseline", "--set", "discount=much"), "not a number"),
        (("run", "baseline", "--set", "discount"), "name=value"),
        (("run", "baseline", "--until", "2030"), "not a month"),
        (("compare", "--scenarios", "nothing"), "unknown"),
        (("compare", "--members", "0"), "--members"),
        (("replay", "nowhere"), "manifest.json"),
        (("comare",), "Did you mean 'compare'"),
    ],
)
def test_bad_input_is_one_sentence_and_writes_nothing(arguments, said, tmp_path) -> None:
    done = moat(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_run_writes_its_tables(tmp_path) -> None:
    done = moat("run", "baseline", "--until", "2025-06", "--out", "o", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["regime"] == "race"
    names = {path.name for path in (tmp_path / "o").iterdir()}
    assert {"months.csv", "story.csv", "scenario.yaml", "agents_frontier_lab.csv"} <= names


def test_compare_writes_a_self_contained_report_and_replays(tmp_path) -> None:
    done = moat("compare", "--members", "3", "--until", "2026-06", "--out", "o", "--json",
                cwd=tmp_path)  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert set(told["regimes"]) == {"baseline", "imitation", "cleverness"}
    page = (tmp_path / "o" / "report.html").read_text(encoding="utf-8")
    assert page.count("<svg") >= 10
    assert not re.search(r"(src|href)\s*=\s*[\"'](https?:)?//", page)
    assert "DIFFERS" not in page
    again = moat("replay", "o", "--scenario", "imitation", "--member", "2", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    manifest = tmp_path / "o" / "manifest.json"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace('"rules": "', '"rules": "x'))
    assert "other rules" in moat("replay", "o", cwd=tmp_path).stderr
