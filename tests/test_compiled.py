"""Machine code that is kept never runs under the name of other code."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engine import machine

ROOT = Path(__file__).parents[1]
ASK = """
from model.graph import read_graph
from model.run import Run
from model.scenario import Scenario
from world.files.read import read_world
tables, _ = read_graph(read_world("2025"), Scenario().parameters)
print(Run(tables, 1).run(1)["frontier_efficiency"][0])
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Path:
    """A copy of the sources that a history can reach."""
    path = tmp_path_factory.mktemp("checkout")
    for folder in ("engine", "world", "agents", "model"):
        shutil.copytree(ROOT / folder, path / folder,
                        ignore=shutil.ignore_patterns("__pycache__"))  # fmt: skip
    return path


@pytest.fixture(scope="module")
def cache(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def usual(checkout, cache) -> float:
    """The figure that the usual rules make, whose machine code is then kept."""
    return said(ASK, checkout, cache)[0]


def said(code: str, checkout: Path, cache: Path) -> tuple[float, str]:
    """What a new Python prints, and what it says on stderr."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=checkout, capture_output=True, text=True, check=True,
        env=os.environ | {"MOAT_CACHE_DIR": str(cache), "PYTHONPATH": str(checkout)},
    )  # fmt: skip
    return float(done.stdout), done.stderr


def kept(cache: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in cache.iterdir()}


def test_what_is_kept_is_used_again(usual, checkout, cache) -> None:
    before = kept(cache)
    assert len(before) == 1
    assert said(ASK, checkout, cache) == (usual, "")
    assert kept(cache) == before


def test_a_comment_and_a_docstring_are_no_other_code(usual, checkout, cache) -> None:
    before = kept(cache)
    with edited(checkout / "agents/research.py", "    p = market.parameters\n",
                "    # Another remark.\n    p = market.parameters\n"):  # fmt: skip
        assert said(ASK, checkout, cache) == (usual, "")
    assert kept(cache) == before


def test_an_edited_rule_runs_at_once(usual, checkout, cache) -> None:
    with edited(checkout / "agents/research.py", "RESEARCH_LUCK = ", "RESEARCH_LUCK = 2.0 * "):
        other, _ = said(ASK, checkout, cache)
    assert other != usual
    assert said(ASK, checkout, cache) == (usual, "")


def test_a_constant_changed_in_memory_is_other_code(usual, checkout, cache) -> None:
    other = f"from agents import research\nresearch.RESEARCH_LUCK = 0.02\n{ASK}"
    for _ in range(2):
        assert said(other, checkout, cache)[0] != usual
        assert said(ASK, checkout, cache)[0] == usual


def test_a_change_between_imports_is_not_mixed_with_what_was_kept(usual, checkout, cache) -> None:
    file = checkout / "agents/research.py"
    text = file.read_text(encoding="utf-8")
    late = ("import pathlib, world.compiled\n"  # which reads the files
            f"file = pathlib.Path({str(file)!r})\n"
            "was = 'RESEARCH_LUCK = '\n"
            "file.write_text(file.read_text().replace(was, was + '2.0 * '))\n")  # fmt: skip
    try:
        assert said(late + ASK, checkout, cache)[0] != usual
        assert file.read_text(encoding="utf-8") != text
    finally:
        file.write_text(text, encoding="utf-8")
    assert said(ASK, checkout, cache) == (usual, "")


@pytest.mark.nightly
@pytest.mark.parametrize("damage", ["cut short", "other bytes", "no header"])
def test_what_is_damaged_is_made_again(damage: str, usual, checkout, cache, tmp_path) -> None:
    mine = tmp_path / "cache"
    shutil.copytree(cache, mine)
    for path in mine.iterdir():
        content = path.read_bytes()
        path.write_bytes({"cut short": content[:-100], "other bytes": content[:-1] + b"?",
                          "no header": content.partition(b"\n")[2]}[damage])  # fmt: skip
    assert said(ASK, checkout, mine) == (usual, "")
    assert said(ASK, checkout, mine) == (usual, "")


def test_where_nothing_can_be_kept_it_is_made_anew_and_said_once(usual, checkout, tmp_path) -> None:
    (tmp_path / "file").write_text("no folder")
    found, told = said(ASK, checkout, tmp_path / "file" / "cache")
    assert found == usual
    assert told.count("compiled code cannot be kept in") == 1 == len(told.splitlines())


class edited:
    """A file with one passage replaced, for the while."""

    def __init__(self, file: Path, old: str, new: str) -> None:
        self.file, self.text = file, file.read_text(encoding="utf-8")
        assert old in self.text
        file.write_text(self.text.replace(old, new), encoding="utf-8")

    def __enter__(self) -> None: ...

    def __exit__(self, *error: object) -> None:
        self.file.write_text(self.text, encoding="utf-8")


LOGISTIC = f"""
from world.laws.technology import logistic
print(logistic(1.0))
{ASK.replace("print", "str")}"""


def test_without_a_cache_an_edited_law_has_its_new_value_and_nothing_lies_beside_it(
    checkout, tmp_path
) -> None:
    (tmp_path / "file").write_text("no folder")
    nowhere = tmp_path / "file" / "cache"
    old, _ = said(LOGISTIC, checkout, nowhere)
    with edited(checkout / "world/laws/technology.py", "return 1.0 / (1.0 + maths.exp(-min(",
                "return 0.5 / (1.0 + maths.exp(-min("):  # fmt: skip
        assert said(LOGISTIC, checkout, nowhere)[0] == old / 2.0
    assert said(LOGISTIC, checkout, nowhere)[0] == old
    assert not [path for path in checkout.rglob("*") if path.suffix in (".nbi", ".nbc", ".part")]


def test_a_full_disk_leaves_no_part_of_what_is_kept(tmp_path, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    machine._write(tmp_path / "name", b"code", {})
    assert list(tmp_path.iterdir()) == []
