"""Files of results: together or not at all, safe names, texts that stay texts."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from experiments.analysis.compare import compare
from experiments.report.files import Folder, csv_text, file_name, write_parquet, write_text
from experiments.report.page import write_report
from model import Scenario
from tests.test_cli import here  # noqa: F401 (a fixture)
from world.errors import InputError

RUN = ("run", "baseline", "--until", "2025-03")
COMPARE = ("compare", "--members", "2", "--until", "2025-06", "--scenarios", "baseline")


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder by name, and every folder with a slash."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b"/"
        for path in sorted(folder.rglob("*"))
    }


# --- texts in tables --------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\tx", "\rx", "=cmd|' /c calc'!A0"])
def test_a_text_is_no_formula_and_a_number_stays_a_number(text: str) -> None:
    index = pd.Index([text, "b"], name="i")
    frame = pd.DataFrame({"name": [text, "plain"], text: [-1.5, 2.0]}, index=index)
    said = "'" + text.replace("\r", "\n")
    head, first, second = csv.reader(io.StringIO(csv_text(frame), newline=""))
    assert head == ["i", "name", said]
    assert first == [said, said, "-1.5"]
    assert second == ["b", "plain", "2.0"]


def test_what_is_no_text_is_written_as_pandas_does() -> None:
    frame = pd.DataFrame({"a": [-1, 2], "b": [np.nan, -np.inf], "c": [True, False], "d": ["x", None]})
    assert csv_text(frame, index=False) == frame.to_csv(index=False)
    index = pd.MultiIndex.from_tuples([(1, "=a"), (2, "b")], names=["n", "who"])
    assert csv_text(frame.set_index(index)).splitlines()[1].startswith("1,'=a,-1,")


def test_other_names_are_other_files() -> None:
    names = ["a/b", "a_b", "a%2Fb", "..", ".", "$x", "=x", "größer", "a\\b", "a:b"]
    names += ["x" * 300, "x" * 301]
    files = [file_name(name) for name in names]
    assert len(set(files)) == len(names)
    assert not any(set(file) & set("/\\:$=\0") for file in files)
    assert max(len(file.encode()) for file in files) < 200


def test_any_name_is_text_in_a_report(tmp_path: Path) -> None:
    names = ["a/b", "cost $_$", "=cmd", "<script>alert(1)</script>", "_x", "数学 & $\\frac{1}$"]
    scenarios = []
    for name in names:
        try:
            scenarios.append(Scenario(name))
        except InputError:  # the door may refuse it
            continue
    found = compare([*scenarios, Scenario("plain")], members=2, until="2025-06")
    page = write_report(found, tmp_path / "o", "moat compare").read_text(encoding="utf-8")
    assert "<script>" not in page
    shown = "".join(ElementTree.parse(tmp_path / "o" / "regimes.svg").getroot().itertext())
    for scenario in scenarios:
        assert scenario.name in shown
        assert (tmp_path / "o" / f"story_{file_name(scenario.name)}.csv").exists()
    told = pd.read_csv(tmp_path / "o" / "table.csv")["scenario"].unique()
    assert list(told) == [f"'{s.name}" if s.name[0] == "=" else s.name for s in scenarios] + ["plain"]


# --- all or nothing ---------------------------------------------------------------------------


def test_files_appear_together_and_take_the_place_of_earlier_ones(tmp_path: Path) -> None:
    out = tmp_path / "a" / "b"
    with Folder(out) as folder:
        folder.text("one.txt", "1")
        folder.text("two.txt", "2")
        assert not [path for path in out.iterdir() if path != folder.draft]
        folder.finish({"seed": 1})
    (out / "mine.txt").write_text("the user's own")
    with Folder(out) as folder:
        folder.text("two.txt", "3")
        folder.finish({"seed": 2})
    assert {path.name for path in out.iterdir()} == {"two.txt", "manifest.json", "mine.txt"}
    made = json.loads((out / "manifest.json").read_text())
    assert made["seed"] == 2 and list(made["files"]) == ["two.txt"]


@pytest.mark.parametrize("end", [RuntimeError("x"), KeyboardInterrupt(), OSError(errno.ENOSPC, "full")])
def test_an_end_on_the_way_leaves_what_was_there(end: BaseException, tmp_path: Path) -> None:
    with Folder(tmp_path / "old") as folder:
        folder.text("one.txt", "1")
        folder.finish({})
    before = tree(tmp_path)
    for out in (tmp_path / "old", tmp_path / "new" / "deeper"):
        with pytest.raises(type(end)), Folder(out) as folder:
            folder.text("one.txt", "2")
            raise end
        assert tree(tmp_path) == before


def test_a_manifest_that_names_files_elsewhere_removes_none(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("x")
    out = tmp_path / "o"
    out.mkdir()
    (out / "manifest.json").write_text('{"files": {"../kept.txt": "", "/etc/none": ""}}')
    with Folder(out) as folder:
        folder.text("one.txt", "1")
        folder.finish({})
    assert (tmp_path / "kept.txt").exists()


def test_leftovers_of_the_killed_are_cleared_and_those_of_the_living_are_not(tmp_path: Path) -> None:
    (tmp_path / ".unfinished-x").mkdir()
    (tmp_path / ".unfinished-x" / "half.csv").write_text("x")
    with Folder(tmp_path) as one:
        one.text("one.txt", "1")
        with Folder(tmp_path) as other:  # two at a time
            other.text("two.txt", "2")
            other.finish({"of": "other"})
        one.finish({"of": "one"})
    assert set(tree(tmp_path)) == {"one.txt", "manifest.json"}


def in_the_way(tmp_path: Path) -> dict[str, Path]:
    (tmp_path / "file").write_text("x")
    (tmp_path / "store" / "parts").mkdir(parents=True)
    (tmp_path / "store" / "manifest.json").write_text("{}")
    (tmp_path / "taken" / "manifest.json").mkdir(parents=True)
    return {
        "file": tmp_path / "file", "below a file": tmp_path / "file" / "o",
        "store": tmp_path / "store", "taken": tmp_path / "taken", "nul": Path("/dev/null"),
    }  # fmt: skip


@pytest.mark.parametrize("case", ["file", "below a file", "store", "taken", "nul"])
@pytest.mark.parametrize("command", [RUN, COMPARE, ("experiment", "takeoff", "--quick")])
def test_a_place_that_cannot_be_written_is_one_sentence(case, command, here, tmp_path) -> None:  # noqa: F811
    if case in ("taken", "store") and command[0] == "experiment":
        pytest.skip("its manifest has another name")
    out = in_the_way(tmp_path)[case]
    before = tree(tmp_path)
    done = here(*command, "--out", str(out))
    assert (done.code, done.out) == (2, "")
    assert str(out) in done.err and len(done.err.strip().splitlines()) == 1
    assert tree(tmp_path) == before


@pytest.mark.parametrize("command", [RUN, COMPARE])
def test_a_full_disk_leaves_nothing_and_what_was_there(command, here, tmp_path, monkeypatch) -> None:  # noqa: F811
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for old in (False, True):
        if old:
            assert here(*command, "--out", "o").code == 0
        before = tree(tmp_path)
        with monkeypatch.context() as patch:
            patch.setattr(pd.DataFrame, "to_parquet", full)
            done = here(*command, "--out", "o")
        assert (done.code, done.out) == (2, "")
        assert "o/" in done.err and "No space left on device" in done.err
        assert len(done.err.strip().splitlines()) == 1
        assert tree(tmp_path) == before


@pytest.mark.parametrize("command", [RUN, COMPARE, ("export",)])
def test_a_limit_on_the_size_of_files_is_one_sentence(command: tuple[str, ...], tmp_path: Path) -> None:
    if command == ("export",):
        pytest.skip("exports are those of the store")
    done = subprocess.run(
        [sys.executable, "-m", "experiments.cli.main", *command, "--out", "o"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)),
    )  # fmt: skip
    assert done.returncode == 2 and done.stdout == ""
    assert "File too large" in done.stderr and len(done.stderr.strip().splitlines()) == 1
    assert tree(tmp_path) == {}


def test_single_files_are_whole_or_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_text(tmp_path / "a.txt", "1")
    with pytest.raises(InputError, match=r"a\.txt.b: cannot be written"):
        write_text(tmp_path / "a.txt" / "b", "2")

    def half(frame: pd.DataFrame, path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(pd.DataFrame, "to_parquet", half)
    with pytest.raises(InputError, match=r"b\.parquet: cannot be written \(No space"):
        write_parquet(tmp_path / "b.parquet", pd.DataFrame({"x": [1]}))
    assert tree(tmp_path) == {"a.txt": b"1"}


def test_an_output_that_takes_no_more_is_no_traceback(tmp_path: Path) -> None:
    moat = f"{sys.executable} -m experiments.cli.main parameters"
    cases = {f"{moat} | head -1": "", f"{moat} > /dev/full": "moat: the output: cannot"}
    for command, said in cases.items():
        done = subprocess.run(
            ["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.stderr.startswith(said) and len(done.stderr.splitlines()) == bool(said), done.stderr


TOO_LONG = "a" * 300  # more than a file system takes for one name
LONG_PATH = "/".join(["a" * 200] * 8)


@pytest.mark.parametrize("line", [
    (*RUN, "--out", f"o/{TOO_LONG}"),
    (*COMPARE, "--out", f"o/{TOO_LONG}"),
    ("sweep", "baseline", "--vary", "imitation_lag=4:6:2", "--seeds", "0:2", "--until", "2025-03",
     "--out", f"o/{TOO_LONG}"),
    ("experiment", "takeoff", "--quick", "--out", f"o/{TOO_LONG}"),
    ("run", f"{TOO_LONG}.yaml"),
    ("run", f"{LONG_PATH}.yaml"),
    ("backtest", "--world", f"{LONG_PATH}.yaml", "--out", "o"),
    ("export", LONG_PATH),
    (LONG_PATH,),
    ("run", f"--{LONG_PATH}"),
])  # fmt: skip
def test_a_name_that_is_too_long_is_one_short_sentence(line, here, tmp_path) -> None:  # noqa: F811
    done = here(*line)
    assert (done.code, done.out) == (2, "")
    assert len(done.err) <= 800 and len(done.err.strip().splitlines()) == 1
    assert tree(tmp_path) == {} and not list(tmp_path.iterdir())
