"""Stores: damage is found by content, named, set aside and made again; a store grows."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from experiments.sweeps.chunk import run_chunk
from experiments.sweeps.design import Design
from experiments.sweeps.manifest import packed
from experiments.sweeps.results import Results
from experiments.sweeps.sweep import Sweep
from model import Scenario
from world.errors import InputError
from world.identity import ROOT
from world.parameters import BY_NAME

DESIGN = Design.grid(imitation_cost_share=[0.02, 0.1, 0.5])


def sweep(store: Path, seeds=range(4), design: Design = DESIGN, **changes) -> Sweep:
    settings = {"backend": "in_process", "chunk": 5, "indicators": ["revenue"]} | changes
    return Sweep(Scenario(), design, seeds, "2025-03", store=store, **settings)


def table(results: Results) -> bytes:
    path = results.store.path.parent / "table.parquet"
    return results.export(path, "parquet").read_bytes()


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> tuple[Path, bytes]:
    """A finished store, and its table."""
    path = tmp_path_factory.mktemp("made") / "store"
    return path, table(sweep(path).run())


@pytest.fixture
def store(made, tmp_path) -> Path:
    return shutil.copytree(made[0], tmp_path / "store")


def cut_short(part: Path, other: Path) -> None:
    part.write_bytes(part.read_bytes()[:-100])


def empty(part: Path, other: Path) -> None:
    part.write_bytes(b"")


def change_one_byte(part: Path, other: Path) -> None:
    content = bytearray(part.read_bytes())
    content[len(content) // 2] ^= 1
    part.write_bytes(content)


def replace(part: Path, other: Path) -> None:
    shutil.copy(other, part)


@pytest.mark.parametrize("damage", [cut_short, empty, change_one_byte, replace])
def test_a_damaged_part_is_named_set_aside_and_made_again(damage, store, made) -> None:
    part, other, *_ = sorted((store / "parts").iterdir())
    whole = part.read_bytes()
    damage(part, other)
    with pytest.raises(InputError) as caught:
        Results(store)
    assert f"parts/{part.name} is damaged; the `moat sweep` command" in str(caught.value)
    results = sweep(store).run()
    assert results.set_aside == [f"parts/{part.name}"]
    assert part.read_bytes() == whole
    assert [path.name for path in (store / "damaged").iterdir()] == [part.name]
    assert table(results) == made[1]
    assert sweep(store).run().set_aside == []


def test_a_missing_part_is_missing_and_made_again(store, made) -> None:
    next((store / "parts").iterdir()).unlink()
    assert not Results(store).complete
    assert table(sweep(store).run()) == made[1]


@pytest.mark.parametrize("text", ["", "{}", '{"why": "no", "point": 99}', "[[", "null", '"x"'])
@pytest.mark.parametrize("name", ["1.json", "99.json", "-1.json", "x.json"])
def test_a_bad_point_that_is_none_is_set_aside(name, text, store, made) -> None:
    (store / "bad").mkdir()
    (store / "bad" / name).write_text(text)
    with pytest.raises(InputError, match=f"bad/{name} is damaged"):
        Results(store)
    results = sweep(store).run()
    assert results.set_aside == [f"bad/{name}"]
    assert results.bad == {}
    assert table(results) == made[1]


def test_another_design_is_refused_and_written_again(store, made) -> None:
    [file] = store.glob("design-*.parquet")
    frame = pd.read_parquet(file)
    other = frame.iloc[::-1]
    for spoil in (lambda: other.to_parquet(file), lambda: file.write_bytes(b"PAR1"), file.unlink):
        spoil()
        with pytest.raises(InputError, match=f"{file.name} is damaged"):
            Results(store)
        assert table(sweep(store).run()) == made[1]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("chunk", 0, "chunk"), ("chunk", -5, "chunk"), ("chunk", "5", "chunk"),
        ("chunk", True, "chunk"),
        ("seeds", [[3, 1]], "grown"), ("seeds", [[0, 9]], "grown"), ("seeds", 5, "seeds"),
        ("seeds", [], "seeds"), ("design", None, "design"), ("grown", [], "grown"),
        ("parameters", [], "parameters"), ("format", 2, "format 2"), ("format", [], "format"),
        ("criteria", {"slow_growth": "x"}, "criteria.slow_growth"),
    ],
)  # fmt: skip
def test_a_damaged_manifest_is_one_sentence(name, value, said, store) -> None:
    file = store / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {name: value}))
    for use in (lambda: Results(store), lambda: sweep(store).run()):
        with pytest.raises(InputError) as caught:
            use()
        assert said in str(caught.value)
        assert len(str(caught.value)) < 700 and "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "7", "null", "[" * 3000])
def test_a_manifest_that_is_none_is_one_sentence(text, store) -> None:
    (store / "manifest.json").write_text(text)
    for use in (lambda: Results(store), lambda: sweep(store).run()):
        with pytest.raises(InputError, match="no readable manifest.json"):
            use()


@pytest.mark.parametrize("seeds", [[0, 1, 2, 3], (3, 2, 1, 0), np.arange(4), {0, 1, 2, 3},
                                   range(3, -1, -1), pd.Series([1, 0, 2, 3])])  # fmt: skip
def test_equal_seeds_are_equal_however_they_are_written(seeds, store, made) -> None:
    again = sweep(store, seeds)
    again.work = None  # nothing is left to do
    assert table(again.run()) == made[1]


def test_seeds_are_written_alike() -> None:
    assert packed([7, 2, 0, 1]) == [[0, 3], [7, 8]]
    assert packed(range(0, 5, 2)) == packed([4, 2, 0]) == [[0, 1], [2, 3], [4, 5]]


@pytest.mark.parametrize("chunk", [1, 5, 100])
def test_a_store_grows_by_seeds_and_points_and_does_only_what_is_new(chunk, tmp_path) -> None:
    larger = Design.frame(pd.concat([DESIGN.points, DESIGN.points * 1.5]).iloc[:5])
    steps = [([1, 3], DESIGN), (range(1, 4), DESIGN), ([1, 2, 3], larger), (range(6), larger)]
    kept: dict[Path, int] = {}
    for seeds, design in steps:
        ran = []
        planned = sweep(tmp_path / "store", seeds, design, chunk=chunk)
        planned.work = lambda task, ran=ran: ran.append(task) or run_chunk(task)
        before = set(kept)
        results = planned.run()
        for path, time in kept.items():
            assert path.stat().st_mtime_ns == time
        parts = list((tmp_path / "store" / "parts").iterdir())
        kept = {path: path.stat().st_mtime_ns for path in parts}
        assert len(ran) == len(set(kept) - before)
        rows = pd.concat(pd.read_parquet(path) for path in parts)
        assert not rows.duplicated(["point", "seed"]).any() and len(rows) == len(results)
        whole = sweep(tmp_path / f"whole{len(list(tmp_path.iterdir()))}", seeds, design).run()
        assert table(results) == table(whole)


def test_what_a_table_is_of_travels_with_it(store, tmp_path) -> None:
    results = Results(store)
    manifest = json.loads((store / "manifest.json").read_text())
    path = results.export(tmp_path / "all.parquet", "parquet")
    for made in (results.frame().attrs["moat"], json.loads(pq.read_schema(path).metadata[b"moat"])):
        for name in ("world", "parameters", "criteria", "rules", "readings", "engine", "until"):
            assert made[name] == manifest[name]
        assert made["seeds"] == [[0, 4]]
    assert manifest["world"] in repr(results) and manifest["rules"] in repr(results)


def test_a_column_has_one_type_in_every_part(tmp_path) -> None:
    for k, values in enumerate(([3, 6], [3.5, 6.25])):
        sweep(tmp_path / str(k), design=Design.grid(imitation_lag=values)).run()
    for what in ("parts/*", "design-*"):
        kinds = [
            duckdb.sql(f"describe select * from '{path}'").fetchall()
            for path in sorted(tmp_path.glob(f"*/{what}.parquet"))
        ]
        assert len(kinds) >= 2 and all(kind == kinds[0] for kind in kinds)
    read = duckdb.sql(f"select imitation_lag from read_parquet('{tmp_path}/*/design-*.parquet')")
    assert sorted(read.fetchall()) == [(3.0,), (3.5,), (6.0,), (6.25,)]


def test_missing_figures_are_counted(tmp_path, monkeypatch) -> None:
    from experiments.sweeps.summaries import Summaries

    read = Summaries.read

    def holes(self, indicators):
        found = read(self, indicators)
        found[0] = np.nan
        return found

    monkeypatch.setattr(Summaries, "read", holes)
    results = sweep(tmp_path / "store", chunk=100).run()
    missing = results.missing()
    assert list(missing) == ["revenue@2025-03"]
    assert missing["revenue@2025-03"] == results.frame()["revenue@2025-03"].isna().sum() > 0


def test_what_does_not_fit_is_refused(store, monkeypatch, tmp_path) -> None:
    results = Results(store)
    monkeypatch.setattr("experiments.sweeps.room.free_memory", lambda: 1.0)
    with pytest.raises(InputError, match="memory: about .* are needed"):
        results.frame()
    for use in (lambda: sweep(tmp_path / "new").run(), lambda: Design.grid(discount=[0.1])):
        with pytest.raises(InputError, match="memory: about .* are needed"):
            use()
    monkeypatch.undo()
    monkeypatch.setattr("experiments.sweeps.room.free_disk", lambda out: 1.0)
    with pytest.raises(InputError, match="disk: about .* are needed"):
        sweep(tmp_path / "new").run()
    assert not (tmp_path / "new").exists()


@pytest.mark.nightly
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_sweep_that_is_stopped_forty_times_is_the_undisturbed_one() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.kills", "--print", "--kills", "40", "--histories", "20000"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert found["identical"] and sum(found["killed"].values()) >= 40


def test_two_processes_in_one_store_end_with_the_same_bytes(tmp_path, made) -> None:
    command = [sys.executable, "-m", "experiments.cli.main", "sweep", "baseline", "--out",
               str(tmp_path / "store"), "--vary", "imitation_cost_share=0.02,0.1,0.5", "--seeds", "0:4",
               "--until", "2025-03", "--indicators", "revenue", "--chunk", "1"]  # fmt: skip
    both = [subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=ROOT) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    results = Results(tmp_path / "store")
    assert results.complete and not list((tmp_path / "store" / "tmp").iterdir())
    whole = Sweep(Scenario.load("baseline"), DESIGN, range(4), "2025-03", store=tmp_path / "whole",
                  indicators=["revenue"], backend="in_process").run()  # fmt: skip
    assert table(results) == table(whole)


def pretends_to_be_another() -> None:
    """Done in a worker: its engine is another."""
    from model import identity

    identity.engine = lambda: "another"


def test_a_dask_worker_of_another_version_is_refused_before_any_work(tmp_path) -> None:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address=None, silence_logs=50
    ) as cluster:
        with distributed.Client(cluster, set_as_default=False) as client:
            client.run(pretends_to_be_another)
        with pytest.raises(InputError, match="worker .* has another numerical engine"):
            sweep(tmp_path / "store", backend=f"dask:{cluster.scheduler_address}").run()
    assert not (tmp_path / "store").exists()


def test_a_failed_point_leaves_the_other_experiments_their_outcomes(tmp_path) -> None:
    pytest.importorskip("ema_workbench")
    from experiments.sweeps.workbench import Connector, experiments

    design = Design.grid(imitation_cost_share=[0.02, 0.1, 0.5])
    connector = Connector(Scenario(), [7], "2025-03", ["revenue"])

    def without(left_out):
        def run(scenario, design, seeds, until, indicators):
            rows = Sweep(scenario, design, seeds, until, indicators=indicators, backend="in_process",
                         store=tmp_path / str(left_out)).run().frame()  # fmt: skip
            return rows[~rows["point"].isin(left_out)]

        return run

    tried, whole = experiments(connector, design, without([]))
    assert tried["policy"].unique().tolist() == ["own levers"]
    _, part = experiments(connector, design, without([1]))
    for name, values in whole.items():
        assert np.isnan(part[name][1])
        assert part[name][[0, 2]].tolist() == values[[0, 2]].tolist()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("imitation_lag,discount,,\n3,0.1,,\n", ("column 3 has no name and is empty; delete it",)),
        ("imitation_lag;discount\n3;0.1\n", ("semicolons",)),
        ("imitation_lag\n3\n3.0\n", ("line 3: is the same as line 2",)),
        ("", ("is empty",)),
        ("imitation_lag\n", ("at least one point",)),
        ("imitation_lag\n3\n4,5\n", ("not a table",)),
        ("imitation_lg,discount,discount\n3,9,0.1\n,x,0.1\n",
         ("did you mean 'imitation_lag'", "line 2: discount = 9", "line 3: discount must",
          "given twice")),
        ("discount\nNaN\n\n0.1\n", ("line 2: discount = nan", "line 3: discount must be a number")),
    ],
)  # fmt: skip
def test_all_faults_of_a_design_file_are_in_one_answer(text, said, tmp_path) -> None:
    (tmp_path / "points.csv").write_text(text)
    with pytest.raises(InputError) as caught:
        Design.file(tmp_path / "points.csv")
    for each in said:
        assert each in str(caught.value)
    assert "\n" not in str(caught.value)


def test_numbers_are_numbers_in_a_design(tmp_path) -> None:
    (tmp_path / "points.csv").write_bytes(b"\xef\xbb\xbfpoint,imitation_lag\r\n0,3\r\n1,6\r\n\r\n")
    expected = Design.grid(imitation_lag=[3.0, 6.0]).points
    for same in (
        Design.file(tmp_path / "points.csv"),
        Design.grid(imitation_lag=np.array([3, 6])),
        Design.of([{"imitation_lag": np.float32(3)}, {"imitation_lag": np.int64(6)}]),
        Design.frame(pd.DataFrame({"imitation_lag": pd.array([3, 6], dtype="Int64")})),
    ):
        pd.testing.assert_frame_equal(same.points, expected)


def test_whole_number_parameters_are_sampled_as_such(monkeypatch) -> None:
    class Whole:
        whole, name, low, high = True, "release_month", -1.0, 60.0

        def check(self, value, place):
            return float(value)

    monkeypatch.setitem(BY_NAME, "release_month", Whole())
    for make in (Design.sobol, Design.latin_hypercube):
        values = make(64, release_month=(-1, 2)).points["release_month"]
        assert values.value_counts().to_dict() == dict.fromkeys([-1.0, 0.0, 1.0, 2.0], 16)
    with pytest.raises(InputError, match="design point 0: release_month = -0.9 is no whole number"):
        Design.grid(release_month=[-0.9])
