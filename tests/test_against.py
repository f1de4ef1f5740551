"""The comparison of two revisions: its arithmetic, its edit, and how it refuses."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import against

RULE = '''"""A module – with a dash of more than one byte."""

LIMIT = 2.0


@rule
def customers_adopt(market):
    """Not 7.0 of the prose."""
    a, b = "é", 0.0; growth = 12.0 * market.size
    return growth - 0.3
'''


@pytest.fixture
def repository(monkeypatch, tmp_path):
    """A checkout of one commit, in place of the present one."""
    if shutil.which("git") is None:
        pytest.skip("needs git")
    root = tmp_path / "repository"
    root.mkdir()
    (root / "file").write_text("first")
    who = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")
    for command in (["init", "-q"], ["add", "."], [*who, "commit", "-q", "-m", "first"]):
        subprocess.run(["git", *command], cwd=root, check=True)
    monkeypatch.setattr(against, "ROOT", root)
    return root


def refusal(capsys, *arguments: str) -> str:
    """The one sentence on stderr with which a call is refused."""
    assert against.main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("against: ") and err.endswith(".\n") and err.count("\n") == 1
    return err


def test_keys_are_read_in_order() -> None:
    options = against.parsed(["HEAD", "--only", "report", "compare_cold", "--rounds", "2"])
    assert options.only == ["report", "compare_cold"] and options.rounds == 2
    assert against.parsed(["HEAD"]).only == list(against.KEYS)


@pytest.mark.parametrize("arguments, told", [
    ((), "revision"),
    (("HEAD", "--only", "compare_hot"), "compare_hot"),
    (("HEAD", "--rounds", "0"), "--rounds"),
    (("HEAD", "--rounds", "few"), "--rounds"),
    (("HEAD", "--folder", str(against.ROOT / "out")), "inside the repository"),
    (("HEAD", "--out", "nowhere/at/all.json"), "--out"),
])  # fmt: skip
def test_bad_arguments(capsys, arguments, told) -> None:
    assert told in refusal(capsys, *arguments)


@pytest.mark.parametrize("revision", ["nothing", "0" * 40, "HEAD~7", ""])
def test_unknown_revision(capsys, repository, tmp_path, revision) -> None:
    assert "unknown" in refusal(capsys, revision, "--folder", str(tmp_path / "kept"))
    assert not (tmp_path / "kept").exists()


def test_no_git_checkout(capsys, monkeypatch, repository, tmp_path) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    for place in (tmp_path / "plain", repository / "inner"):  # in none, and in that of another
        place.mkdir()
        monkeypatch.setattr(against, "ROOT", place)
        assert "not a git checkout" in refusal(capsys, "HEAD", "--folder", str(tmp_path / "kept"))


def test_half_made_is_made_anew(monkeypatch, repository, tmp_path) -> None:
    made = []

    def install(root: Path, environment: Path) -> None:
        made.append(sorted(path.name for path in root.iterdir()))
        environment.mkdir()
        if len(made) == 1:
            raise SystemExit("no space")

    monkeypatch.setattr(against, "install", install)
    commit, folder = against.commit_of("HEAD"), tmp_path / "kept"
    with pytest.raises(SystemExit):
        against.checked_out(commit, folder)
    assert not (folder / commit).exists()
    (folder / commit / "checkout").mkdir(parents=True)  # as a killed process leaves it
    (folder / commit / "checkout" / "rest").touch()
    side = against.checked_out(commit, folder)
    assert against.checked_out(commit, folder) == side
    assert made == [["file"], ["file"]]
    assert (side.root / "file").read_text() == "first"


def test_ratios_are_of_rounds() -> None:
    row = against.summary([1.0, 2.0, 4.0], [2.0, 1.0, 4.0])
    assert (row["ratio"], row["low"], row["high"]) == (1.0, 0.5, 2.0)
    assert row["old"] == [1.0, 2.0, 4.0] and row["new"] == [2.0, 1.0, 4.0]


def test_turns_are_taken_and_kept(capsys, monkeypatch, repository, tmp_path) -> None:
    turns = []

    def work(side: against.Side) -> float:
        turns.append(side.home.name)
        return 2.0 if side.home.name == "old" else 1.0

    monkeypatch.setitem(against.KEYS, "report", work)
    monkeypatch.setattr(against, "install", lambda root, environment: None)
    monkeypatch.setattr(against, "prepare", lambda sides, keys: None)
    monkeypatch.setattr(against, "other_packages", lambda old, new: {"numba": ["1", "2"]})
    out = tmp_path / "raw.json"
    call = ["HEAD", "--only", "report", "--rounds", "2", "--json", "--out", str(out)]
    assert against.main([*call, "--folder", str(tmp_path / "kept")]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == json.loads(out.read_text())
    assert turns == ["old", "new", "old", "new"]
    assert printed["keys"] == {"report": against.summary([2.0, 2.0], [1.0, 1.0])}
    assert printed["old"]["commit"] == printed["new"]["commit"] == against.commit_of("HEAD")


def test_one_figure_of_a_rule_is_edited(tmp_path) -> None:
    path = tmp_path / "agents" / "deep" / "market.py"
    path.parent.mkdir(parents=True)
    path.write_text(RULE, encoding="utf-8")
    assert against.edit_rule(tmp_path) == path
    edited = path.read_text(encoding="utf-8")
    assert edited == RULE.replace("12.0", repr(12.0 * (1 + 1e-9)))
    assert ast.dump(ast.parse(edited)) != ast.dump(ast.parse(RULE))


def test_the_rules_of_this_checkout_can_be_edited(tmp_path) -> None:
    shutil.copytree(against.ROOT / "agents", tmp_path / "agents")
    path = against.edit_rule(tmp_path)
    assert path.read_bytes() != (against.ROOT / path.relative_to(tmp_path)).read_bytes()


def test_without_a_rule_there_is_no_edit(tmp_path) -> None:
    (tmp_path / "agents").mkdir()
    (tmp_path / "agents" / "market.py").write_text(RULE.replace("customers_adopt", "customers_go"))
    with pytest.raises(against.Refused, match="no rule customers_adopt or win_customers"):
        against.edit_rule(tmp_path)


@pytest.mark.parametrize("key", against.INSIDE)
def test_children_are_python(key) -> None:
    script = against.script_of(key, against.ROOT)
    ast.parse(script)
    assert "{" not in script


def test_a_child_runs_in_its_checkout_and_is_counted(tmp_path) -> None:
    side = against.Side(sys.executable, tmp_path, tmp_path)
    (tmp_path / "here.py").write_text("print('here')\nfor _ in range(10**6): pass\n")
    seconds, told = against.child(side, ["-c", "import here"], tmp_path, tmp_path)
    assert told == "here\n" and seconds > 0.0
    with pytest.raises(SystemExit, match="ZeroDivisionError"):
        against.child(side, ["-c", "1 / 0"], tmp_path, tmp_path)
