"""The command line: what it writes, and how it refuses."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from experiments.cli import main as cli
from model.identity import DIFFERENT, version
from model.scenario import shipped
from world.files.read import FOLDER
from world.identity import ROOT

WORLD = (FOLDER / "2025-01.yaml").read_text(encoding="utf-8")


class Done(NamedTuple):
    code: int
    out: str
    err: str


def moat(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The command line as a process of its own, as users meet it."""
    return subprocess.run(
        [sys.executable, "-m", "experiments.cli.main", *arguments],
        cwd=cwd, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def here(monkeypatch, capsys, tmp_path):
    """The same inside this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["moat", *arguments])
        code = 0
        try:
            cli.main()
        except SystemExit as end:
            code = int(end.code or 0)
        return Done(code, *capsys.readouterr())

    return run


REFUSED = {
    "unknown command": (("comare",), "Did you mean 'compare'"),
    "no command": (("nothing",), "No such command"),
    "unknown option": (("run", "baseline", "--sede", "1"), "--sede"),
    "missing argument": (("run",), "SCENARIO"),
    "unknown scenario": (("run", "imitaton"), "did you mean 'imitation'"),
    "scenario file that is not there": (("run", "mine.yaml"), "mine.yaml"),
    "unknown parameter": (("run", "baseline", "--set", "discont=0.1"), "did you mean 'discount'"),
    "out of range": (("run", "baseline", "--set", "discount=9"), "0.08 to 0.25"),
    "not a number": (("run", "baseline", "--set", "discount=nan"), "out of range"),
    "infinite": (("run", "baseline", "--set", "discount=inf"), "out of range"),
    "text": (("run", "baseline", "--set", "discount=much"), "not a number"),
    "empty": (("run", "baseline", "--set", "discount="), "not a number"),
    "no value": (("run", "baseline", "--set", "discount"), "name=value"),
    "no month": (("run", "baseline", "--until", "2030"), "not a month"),
    "thirteenth month": (("run", "baseline", "--until", "2030-13"), "not a month"),
    "before the start": (("run", "baseline", "--until", "2020-01"), "must be between"),
    "seed of no number": (("run", "baseline", "--seed", "one"), "--seed"),
    "negative seed": (("run", "baseline", "--seed", "-1"), "seed"),
    "scenarios unknown": (("compare", "--scenarios", "baseline,nothing"), "'nothing' is unknown"),
    "no members": (("compare", "--members", "0"), "--members"),
    "members of no number": (("compare", "--members", "many"), "--members"),
    "negative first seed": (("compare", "--members", "2", "--seed", "-5"), "seed"),
    "compare until": (("compare", "--until", "2020-01"), "must be between"),
    "compare with a bad value": (("compare", "--set", "quorum=2"), "quorum = 2 is out of range"),
    "replay from nowhere": (("replay", "nowhere"), "manifest.json"),
    "member of no number": (("replay", ".", "--member", "x"), "--member"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_bad_input_is_one_sentence_and_writes_nothing(case: str, here, tmp_path) -> None:
    arguments, said = REFUSED[case]
    done = here(*arguments)
    assert done.code == 2
    assert said in done.err and done.out == ""
    assert done.err.startswith("moat: ") and len(done.err.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


BAD_FILES = {
    "truncated scenario": ("parameters: {discount: [0.1", "mine.yaml: is not valid YAML at line"),
    "unknown key": ("nmae: x\n", "mine.yaml: 'nmae' is unknown (did you mean 'name'?)"),
    "not a number": ("parameters: {quorum: .nan}\n", "quorum = nan is out of range"),
    "unknown world": ("world: '1999'\n", "'1999'"),
    "truncated world": (f"world: {{cut}}\n---{WORLD[: len(WORLD) // 2]}", "cut.yaml"),
    "contradictory world": (
        "world: {cut}\n---" + WORLD.replace("kind: frontier_lab", "kind: bank", 1), "'bank'"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_FILES)
@pytest.mark.parametrize("command", ["run", "compare"])
def test_bad_files_are_refused_by_place(case: str, command: str, here, tmp_path) -> None:
    text, said = BAD_FILES[case]
    text, _, world = text.partition("---")
    (tmp_path / "cut.yaml").write_text(world, encoding="utf-8")
    text = text.replace("{cut}", str(tmp_path / "cut.yaml"))
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    before = sorted(tmp_path.iterdir())
    if command == "run":
        done = here("run", "mine.yaml", "--out", "o")
    else:
        done = here("compare", "--scenarios", "mine.yaml", "--members", "2", "--out", "o")
    assert (done.code, done.out) == (2, "")
    assert said in done.err and len(done.err.strip().splitlines()) == 1
    assert sorted(tmp_path.iterdir()) == before


def test_bad_manifests_are_refused(here, tmp_path) -> None:
    folder = tmp_path / "o"
    folder.mkdir()
    for text in ("", "{", "[]", "{}", '{"scenarios": {"baseline": 3}, "seeds": 1}'):
        (folder / "manifest.json").write_text(text, encoding="utf-8")
        done = here("replay", "o")
        assert done.code == 2 and "manifest.json" in done.err
        assert len(done.err.strip().splitlines()) == 1


def test_an_error_shows_its_traceback_only_when_asked(here) -> None:
    assert "Traceback" not in here("run", "imitaton").err
    from model import InputError

    with pytest.raises(InputError):
        here("--debug", "run", "imitaton")


def test_the_installed_command_ends_with_its_code(tmp_path) -> None:
    done = moat("run", "imitaton", cwd=tmp_path)
    assert done.returncode == 2 and done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1


def test_help_and_parameters_wait_for_no_library() -> None:
    program = (
        "import sys, experiments.cli.main, world.parameters\n"
        "print({'numpy', 'pandas', 'llvmlite', 'mesa', 'matplotlib'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_run_writes_its_tables(here, tmp_path) -> None:
    done = here("run", "baseline", "--until", "2025-06", "--out", "o", "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["regime"] == "race"
    names = {path.name for path in (tmp_path / "o").iterdir()}
    assert {"months.csv", "story.csv", "scenario.yaml", "agents_frontier_lab.csv"} <= names
    again = here("run", "o/scenario.yaml", "--until", "2025-06", "--out", "p")
    assert again.code == 0, again.err
    for name in ("months.csv", "story.csv"):
        assert (tmp_path / "o" / name).read_bytes() == (tmp_path / "p" / name).read_bytes()
    assert "Regime: race" in again.out


def test_compare_writes_a_self_contained_report_and_replays(here, tmp_path) -> None:
    done = here("compare", "--members", "3", "--until", "2026-06", "--out", "o", "--json")
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert set(told["regimes"]) == set(shipped())
    page = (tmp_path / "o" / "report.html").read_text(encoding="utf-8")
    assert page.count("<svg") >= 10
    assert not re.search(r"(src|href)\s*=\s*[\"'](https?:)?//", page)
    assert "DIFFERS" not in page
    again = here("replay", "o", "--scenario", "imitation", "--member", "2")
    assert again.code == 0, again.err
    assert "does not exist" in here("replay", "o", "--member", "3").err
    manifest = tmp_path / "o" / "manifest.json"
    made = json.loads(manifest.read_text(encoding="utf-8"))
    for name, what in DIFFERENT.items():
        manifest.write_text(json.dumps(made | {name: "x"}), encoding="utf-8")
        done = here("replay", "o")
        assert done.code == 2
        assert f"was made by {what} (x, now {made[name]}); run `moat compare`" in done.err


def test_version_says_what_decides_a_figure(here) -> None:
    import tomllib

    done = here("version", "--json")
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out) == version()
    for arguments in (("version",), ("--version",)):
        done = here(*arguments)
        assert (done.code, done.err) == (0, "")
        assert done.out.splitlines() == [f"{name} {value}" for name, value in version().items()]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert version()["moat"] == project["version"]


def test_lists_show_what_is_declared(here) -> None:
    from world.parameters import PARAMETERS

    listed = json.loads(here("parameters", "--json").out)
    assert [entry["name"] for entry in listed] == [p.name for p in PARAMETERS]
    assert len(here("parameters").out.splitlines()) == len(PARAMETERS)
    assert all(f"{name}: " in here("scenarios").out for name in shipped())


def test_compare_counts_from_the_start_of_the_world(here, tmp_path) -> None:
    """A world of 2023 is compared until 2024, which a world of 2025 cannot be."""
    text = 'name: then\nworld: "2023-01"\nsummary: then\nparameters: {}\n'
    (tmp_path / "then.yaml").write_text(text, encoding="utf-8")
    asked = ("compare", "--members", "3", "--until", "2024-06", "--json")
    done = here(*asked, "--scenarios", "then.yaml")
    assert done.code == 0, done.err
    dates = [row["date"] for row in json.loads(done.out)["table"]]
    assert list(dict.fromkeys(dates)) == ["2023-12", "2024-06"]
    assert here(*asked).code == 2
