"""Sweeps: the same table however it was run, stopped or spread; refusals."""

from __future__ import annotations

import errno
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.cli.main import main
from experiments.sweeps.backends import InProcess
from experiments.sweeps.chunk import Receipt, Task, opened, run_chunk
from experiments.sweeps.design import Design
from experiments.sweeps.results import Results
from experiments.sweeps.sweep import Sweep, SweepStopped
from model import Ensemble, Scenario
from model.identity import DIFFERENT, version
from model.lanes import Histories
from model.regimes import CRITERIA
from tests.deadly_work import dies_of_point_2, dies_once
from world.errors import InputError
from world.files.read import read_world
from world.identity import ROOT, TEXTS

UNTIL, SEEDS = "2026-06", range(6)
SUMMARIES = ("revenue", "gap:max", "capital_raised:sum12", "hazard:q25", "equity:mean")
DATES = ("2025-12", "2026-06")
DESIGN = Design.grid(imitation_cost_share=[0.02, 0.1, 0.5], imitation_lag=[3, 6])


def sweep(store: Path, **changes) -> Sweep:
    settings = {
        "until": UNTIL, "dates": DATES, "indicators": SUMMARIES, "backend": "in_process", "chunk": 5,
    } | changes  # fmt: skip
    scenario = settings.pop("scenario", Scenario())
    design, seeds = settings.pop("design", DESIGN), settings.pop("seeds", SEEDS)
    return Sweep(scenario, design, seeds, store=store, **settings)


def table(results: Results) -> bytes:
    """The whole table as the bytes of a file."""
    path = results.store.path.parent / "table.parquet"
    results.export(path, "parquet")
    return path.read_bytes()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> bytes:
    return table(sweep(tmp_path_factory.mktemp("whole") / "store", chunk=1000).run())


# --- designs ---------------------------------------------------------------------------


def test_grid_is_full_factorial_with_fixed_values() -> None:
    points = Design.grid(discount=0.1, imitation_lag=[3, 6], elasticity_within=(3, 4)).points
    found = points.to_numpy().tolist()
    assert found == [[0.1, a, b] for a, b in itertools.product([3, 6], [3, 4])]


def test_sobol_designs_are_balanced_and_extend() -> None:
    ranges = {"discount": (0.1, 0.2), "market_saturation": (2e12, 2e13, "log"), "imitation_lag": 4}
    small, large = (Design.sobol(n, seed=5, **ranges).points for n in (64, 128))
    pd.testing.assert_frame_equal(large.iloc[:64], small)
    assert (small["imitation_lag"] == 4).all()
    for unit in (
        (small["discount"] - 0.1) / 0.1,
        np.log(small["market_saturation"] / 2e12) / np.log(10),
    ):
        assert sorted(np.floor(64 * unit)) == list(range(64))
    assert not Design.sobol(64, seed=6, **ranges).points.equals(small)


def test_latin_hypercube_uses_each_slice_once() -> None:
    points = Design.latin_hypercube(10, seed=1, discount=(0.1, 0.2)).points["discount"]
    assert sorted(np.floor((points - 0.1) * 100)) == list(range(10))


def test_lists_and_frames_and_crossing() -> None:
    listed = Design.of([{"discount": 0.1}, {"discount": 0.2}])
    assert Design.frame(listed.points.reset_index()).points.equals(listed.points)
    crossed = Design.grid(ip_floor=[0, 1]).crossed(listed).points
    assert crossed.to_numpy().tolist() == [[0, 0.1], [0, 0.2], [1, 0.1], [1, 0.2]]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Design.grid(discont=[0.1]), "did you mean 'discount'"),
        (lambda: Design.grid(discount=[0.1, 9]), "design point 1: discount = 9 is out of range"),
        (lambda: Design.grid(discount=[0.1, np.nan]), "out of range"),
        (lambda: Design.grid(discount=["low"]), "must be a number"),
        (lambda: Design.grid(discount=[True]), "must be a number"),
        (lambda: Design.grid(discount=[]), "at least one value"),
        (lambda: Design.of([]), "at least one point"),
        (lambda: Design.of([{"discount": 0.1}, {}]), "same parameters"),
        (lambda: Design.sobol(100, discount=(0.1, 0.2)), "use 64 or 128"),
        (lambda: Design.sobol(64, discount=(0.2, 0.1)), "lower end first"),
        (lambda: Design.sobol(64, discount=(0.1, 0.2, 0.3)), "must be a number, (low, high)"),
        (lambda: Design.sobol(64, ip_floor=(0, 1, "log")), "must be positive"),
        (lambda: Design.latin_hypercube(0, discount=(0.1, 0.2)), "whole number"),
        (lambda: Design.frame(pd.DataFrame({"discount": [0.1, None]})), "out of range"),
    ],
)
def test_a_wrong_design_is_refused_in_one_sentence(make, said) -> None:
    with pytest.raises(InputError) as caught:
        make()
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


# --- results ---------------------------------------------------------------------------


def test_the_table_says_what_the_ensemble_says(tmp_path) -> None:
    frame = sweep(tmp_path / "store").run().frame()
    assert len(frame) == len(DESIGN) * len(SEEDS)
    scenario = Scenario().with_(**DESIGN.points.iloc[3].to_dict())
    runs = Ensemble(scenario, SEEDS, UNTIL).run()
    mine = frame[frame["point"] == 3].reset_index(drop=True)
    assert mine["imitation_cost_share"].eq(scenario.parameters["imitation_cost_share"]).all()
    for name, column in runs.regimes().items():
        close = mine[name].to_numpy(), column.to_numpy()
        if name in ("seed", "regime", "onset"):
            assert close[0].tolist() == close[1].tolist()
        else:
            np.testing.assert_array_equal(close[0], close[1].astype(np.float32))
    values, year = runs.values, slice(0, 12)
    for name, expected in {
        "revenue@2025-12": values["revenue"][:, 11],
        "revenue@2026-06": values["revenue"][:, 17],
        "gap:max": values["gap"].max(axis=1),
        "capital_raised:sum12@2025-12": values["capital_raised"][:, year].sum(axis=1),
        "hazard:q25": np.quantile(values["hazard"], 0.25, axis=1),
        "equity:mean": values["equity"].mean(axis=1),
    }.items():
        np.testing.assert_allclose(mine[name], expected, rtol=1e-6)


def test_shares_and_queries(tmp_path) -> None:
    results = sweep(tmp_path / "store").run()
    shares = results.shares()
    assert shares["histories"].tolist() == [len(SEEDS)] * len(DESIGN)
    counted = results.frame().groupby("point")["regime"].value_counts(normalize=True)
    for (point, regime), share in counted.items():
        assert shares.loc[point, regime] == share
    assert results.sql("select count(*) as n from runs")["n"].item() == len(results.frame())
    with pytest.raises(InputError, match="query"):
        results.sql("select nothing from nowhere")


@pytest.mark.parametrize("form", ["csv", "parquet", "json"])
def test_export_holds_the_table(form, tmp_path) -> None:
    results = sweep(tmp_path / "store").run()
    path = results.export(tmp_path / f"all.{form}", form)
    read = {"csv": pd.read_csv, "parquet": pd.read_parquet,
            "json": lambda p: pd.read_json(p, lines=True)}[form]  # fmt: skip
    frame, expected = read(path), results.frame()
    assert list(frame) == list(expected)
    for name in expected.select_dtypes("number"):
        np.testing.assert_allclose(frame[name], expected[name], rtol=1e-6)
    assert sorted(p.name for p in tmp_path.iterdir()) == [f"all.{form}", "store"]


# --- the same table in any way of running --------------------------------------------


class Shuffled(InProcess):
    """A backend that works in disorder."""

    def map(self, work, tasks):
        tasks = list(tasks)
        random.Random(1).shuffle(tasks)
        return super().map(work, tasks)


@pytest.mark.parametrize("chunk", [1, 4, 7, 36])
def test_chunks_change_nothing(chunk, tmp_path, undisturbed) -> None:
    assert table(sweep(tmp_path / "store", chunk=chunk).run()) == undisturbed


def test_order_changes_nothing(tmp_path, undisturbed, monkeypatch) -> None:
    monkeypatch.setattr("experiments.sweeps.sweep.make_backend", lambda *_: Shuffled())
    assert table(sweep(tmp_path / "store").run()) == undisturbed


def test_processes_change_nothing(tmp_path, undisturbed) -> None:
    told = []
    planned = sweep(tmp_path / "store", backend="processes", workers=2)
    results = planned.run(lambda done, total: told.append((done, total)))
    assert table(results) == undisturbed
    assert told[0] == (0, 36) and told[-1] == (36, 36) and len(told) == 9


def test_dask_changes_nothing_even_if_a_worker_is_killed(tmp_path, undisturbed) -> None:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50
    ) as cluster:
        planned = sweep(tmp_path / "store", backend=f"dask:{cluster.scheduler_address}")
        planned.work = dies_once
        assert table(planned.run()) == undisturbed
    assert (tmp_path / "killed").exists()


@pytest.mark.nightly
def test_a_lost_cluster_is_told_and_a_rerun_finishes(tmp_path, undisturbed) -> None:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address=None, silence_logs=50
    ) as cluster:
        planned = sweep(tmp_path / "store", backend=f"dask:{cluster.scheduler_address}")

        def lose(done: int, total: int) -> None:
            if done:
                cluster.close()

        with pytest.raises(SweepStopped, match=f"scheduler at {cluster.scheduler_address} is lost"):
            planned.run(lose)
    part = Results(tmp_path / "store")
    assert 0 < part.done < part.total
    assert table(sweep(tmp_path / "store").run()) == undisturbed


def test_little_work_needs_no_processes(tmp_path) -> None:
    assert sweep(tmp_path / "store", backend=None).backend == "in_process"
    assert sweep(tmp_path / "store", backend=None, seeds=range(9000), workers=2).backend == "processes"
    alone = sweep(tmp_path / "store", backend=None, seeds=range(9000), workers=1)
    assert alone.backend == "in_process"


def test_shards_together_are_the_whole(tmp_path, undisturbed) -> None:
    for i in (3, 1, 2):
        results = sweep(tmp_path / "store", shard=(i, 3)).run()
        assert results.complete == (i == 2)
    assert table(results) == undisturbed


def test_a_rerun_repeats_nothing(tmp_path, undisturbed) -> None:
    sweep(tmp_path / "store").run()
    parts = sorted((tmp_path / "store" / "parts").iterdir())
    for part in parts[::2]:
        part.unlink()
    (tmp_path / "store" / "tmp").mkdir(exist_ok=True)
    planned = sweep(tmp_path / "store", chunk=2)  # a store keeps its own
    ran = []

    def counted(task: Task) -> Receipt:
        ran.append(task.part)
        return run_chunk(task)

    planned.work = counted
    assert table(planned.run()) == undisturbed
    assert sorted(part.name for part in ran) == [part.name.split("-")[0] for part in parts[::2]]


def test_a_longer_design_adds_to_the_store(tmp_path) -> None:
    designs = [Design.sobol(n, discount=(0.1, 0.2)) for n in (4, 8)]
    sweep(tmp_path / "store", design=designs[0], chunk=6).run()
    before = {p.name: p.read_bytes() for p in (tmp_path / "store" / "parts").iterdir()}
    grown = sweep(tmp_path / "store", design=designs[1], chunk=6).run()
    after = {p.name: p.read_bytes() for p in (tmp_path / "store" / "parts").iterdir()}
    assert before.items() < after.items()
    assert table(grown) == table(sweep(tmp_path / "whole", design=designs[1]).run())


# --- stops -------------------------------------------------------------------------------


def command(store: str) -> list[str]:
    return [sys.executable, "-m", "experiments.cli.main", "sweep", "baseline", "--out", store,
            "--vary", "imitation_cost_share=0.02,0.1,0.5", "--vary", "imitation_lag=3,6",
            "--seeds", "0:400", "--until", UNTIL, "--dates", ",".join(DATES),
            "--indicators", ",".join(SUMMARIES), "--workers", "2", "--chunk", "4",
            "--backend", "processes"]  # fmt: skip


def interruptible() -> None:
    """What a shell starts in the background ignores SIGINT, and so would all it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def children(process: int) -> list[int]:
    listed = Path(f"/proc/{process}/task/{process}/children")
    return [int(child) for child in listed.read_text().split()]


def wait_until(true, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.005)


@pytest.mark.nightly
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_kill_9_and_interrupt_lose_nothing(tmp_path) -> None:
    whole = table(sweep(tmp_path / "whole" / "store", seeds=range(400), chunk=1000).run())
    parts = tmp_path / "store" / "parts"

    def count() -> int:
        return len(list(parts.glob("*.parquet"))) if parts.exists() else 0

    for stop in (signal.SIGKILL, signal.SIGINT):
        before = count()
        process = subprocess.Popen(
            command("store"), cwd=tmp_path, start_new_session=True, stderr=subprocess.PIPE, text=True,
            env=os.environ | {"PYTHONPATH": str(Path.cwd())}, preexec_fn=interruptible,
        )  # fmt: skip
        wait_until(lambda before=before: count() > before + 4)
        workers = children(process.pid)
        assert len(workers) >= 2
        if stop == signal.SIGKILL:
            os.kill(process.pid, stop)
        else:
            os.killpg(process.pid, stop)  # as a terminal does
        _, said = process.communicate(timeout=30)
        assert process.returncode == (-9 if stop == signal.SIGKILL else 130), said
        if stop == signal.SIGINT:
            assert "the same command finishes the rest" in said and "Traceback" not in said
        wait_until(lambda workers=workers: not any(map(working, workers)), 10.0)
    assert before < count() < 600  # not done yet
    kept = {part: part.stat().st_mtime_ns for part in parts.iterdir()}
    done = subprocess.run(command("store"), cwd=tmp_path, capture_output=True, text=True, check=False,
                          env=os.environ | {"PYTHONPATH": str(Path.cwd())})  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert table(Results(tmp_path / "store")) == whole
    assert kept == {part: part.stat().st_mtime_ns for part in kept}  # nothing was repeated
    assert not list((tmp_path / "store").glob("tmp/*"))


def working(process: int) -> bool:
    """Whether a process exists and is not a zombie that nobody has buried."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_killed_worker_is_replaced(tmp_path, undisturbed) -> None:
    planned = sweep(tmp_path / "store", backend="processes", workers=2)
    planned.work = dies_once
    results = planned.run()
    assert (tmp_path / "killed").exists()
    assert results.complete and results.bad == {}
    assert table(results) == undisturbed


@pytest.mark.nightly
def test_a_point_that_kills_workers_is_found_and_kept_out(tmp_path) -> None:
    planned = sweep(tmp_path / "store", backend="processes", workers=2, chunk=6)
    planned.work = dies_of_point_2
    results = planned.run()
    assert list(results.bad) == [2]
    assert results.complete
    whole = sweep(tmp_path / "whole").run().frame()
    expected = whole[whole["point"] != 2].reset_index(drop=True)
    pd.testing.assert_frame_equal(results.frame(), expected)
    planned.work = None  # a rerun has nothing to do
    assert planned.run().bad == results.bad


class Fatal(InProcess):
    """A backend whose workers die of design points 1 and 4, and of the first task of all."""

    tasks = 0

    def map(self, work, tasks):
        for task in tasks:
            self.tasks += 1
            points = {point for point, _, _ in task.cells}
            dies = self.tasks == 1 or points & {1, 4}
            yield task, None if dies else work(task)


@pytest.mark.parametrize("chunk", [1, 5, 36])
def test_a_suspect_chunk_is_cut_until_the_bad_points_are_found(chunk, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("experiments.sweeps.sweep.make_backend", lambda *_: Fatal())
    results = sweep(tmp_path / "store", chunk=chunk).run()
    assert list(results.bad) == [1, 4]
    assert results.complete
    assert results.frame()["point"].value_counts().to_dict() == dict.fromkeys([0, 2, 3, 5], 6)


def test_workers_that_always_die_blame_no_point(tmp_path, monkeypatch) -> None:
    class Crowded(InProcess):
        def map(self, work, tasks):
            for task in tasks:
                yield task, None if len(task.cells) > 1 else work(task)

    monkeypatch.setattr("experiments.sweeps.sweep.make_backend", lambda *_: Crowded())
    with pytest.raises(SweepStopped, match="too little memory"):
        sweep(tmp_path / "store", chunk=12).run()
    assert Results(tmp_path / "store").bad == {}


def test_a_point_whose_rules_fail_is_kept_out(tmp_path, monkeypatch) -> None:
    run = Histories.run

    def fails(self, seeds, found=None, starts=None):
        for seed, start in zip(seeds, starts, strict=True):
            if seed == 4 and start.parameters["imitation_lag"][0] == 6:
                raise ZeroDivisionError("division by zero")
        return run(self, seeds, found, starts)

    monkeypatch.setattr(Histories, "run", fails)
    results = sweep(tmp_path / "store").run()
    assert results.bad == dict.fromkeys([1, 3, 5], "ZeroDivisionError: division by zero")
    assert results.frame()["point"].unique().tolist() == [0, 2, 4]
    why = json.loads((tmp_path / "store" / "bad" / "3.json").read_text(encoding="utf-8"))
    assert why["parameters"] == {"imitation_cost_share": 0.1, "imitation_lag": 6.0}


def test_a_full_disk_stops_and_a_rerun_finishes(tmp_path, monkeypatch, undisturbed) -> None:
    written = itertools.count()
    flush = os.fsync

    def full(file: int) -> None:
        if next(written) > 4:
            raise OSError(errno.ENOSPC, "No space left on device")
        flush(file)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(SweepStopped, match="No space left on device"):
            sweep(tmp_path / "store").run()
    part = Results(tmp_path / "store")
    assert 0 < part.done < part.total and not part.complete
    assert not list((tmp_path / "store" / "tmp").iterdir())
    assert table(sweep(tmp_path / "store").run()) == undisturbed


# --- refusals ----------------------------------------------------------------------------


def other_world():
    graph = read_world("2025")
    next(iter(graph.nodes.values()))["gdp"] = 1.0
    return graph


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"scenario": Scenario().with_(discount=0.2)}, "another scenario (discount 0.12, now 0.2)"),
        ({"seeds": range(5)}, "other seeds (6 from 0 to 5, now 5 from 0 to 4)"),
        ({"seeds": range(1, 8)}, "other seeds (6 from 0 to 5, now 7 from 1 to 7)"),
        ({"design": Design.frame(DESIGN.points.iloc[:2])}, "more points (6, now 2)"),
        ({"criteria": CRITERIA._replace(slow_growth=0.4)}, "regimes (slow_growth 0.5, now 0.4)"),
        ({"until": "2026-07"}, "another last month (2026-06, now 2026-07)"),
        ({"dates": ["2025-12"]}, "other dates"),
        ({"indicators": ["gap"]}, "other summaries"),
        ({"design": Design.grid(discount=[0.1])}, "another design (6 points"),
        ({"design": Design.frame(DESIGN.points.iloc[::-1])}, "another design"),
        ({"graph": other_world()}, "another world"),
    ],
)
def test_a_store_of_another_sweep_is_refused(changes, said, tmp_path) -> None:
    sweep(tmp_path / "store", chunk=1000).run()
    before = sorted((p, p.stat().st_mtime_ns) for p in (tmp_path / "store").rglob("*"))
    with pytest.raises(InputError) as caught:
        sweep(tmp_path / "store", **changes).run()
    assert said in str(caught.value)
    assert before == sorted((p, p.stat().st_mtime_ns) for p in (tmp_path / "store").rglob("*"))


@pytest.mark.parametrize(("name", "what"), DIFFERENT.items())
def test_a_store_of_other_rules_is_refused_but_can_be_read(name, what, tmp_path) -> None:
    kept = sweep(tmp_path / "store").run().frame()
    manifest = tmp_path / "store" / "manifest.json"
    made = json.loads(manifest.read_text(encoding="utf-8"))
    assert made[name] == version()[name]
    manifest.write_text(json.dumps(made | {name: "0123456789abcdef"}), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        sweep(tmp_path / "store").run()
    assert f"holds a sweep with {what} (0123456789abcdef, now {made[name]});" in str(caught.value)
    manifest.write_text(json.dumps(made), encoding="utf-8")
    pd.testing.assert_frame_equal(Results(tmp_path / "store").frame(), kept)


@pytest.mark.parametrize(("name", "what"), DIFFERENT.items())
def test_a_worker_of_other_rules_is_refused(name, what, tmp_path, monkeypatch) -> None:
    given = version() | {name: "0123456789abcdef"}
    monkeypatch.setattr("experiments.sweeps.sweep.version", lambda: given)
    with pytest.raises(InputError) as caught:
        sweep(tmp_path / "store").run()
    assert f"a worker has {what} (0123456789abcdef, now {version()[name]});" in str(caught.value)
    assert not list((tmp_path / "store" / "parts").iterdir())


def test_rules_that_changed_on_disk_are_not_run(tmp_path, monkeypatch) -> None:
    file = str(ROOT / "agents" / "entry.py")
    text = TEXTS[file]
    monkeypatch.setitem(TEXTS, file, text + "# a comment that is no longer there")
    sweep(tmp_path / "store").run()
    monkeypatch.setitem(TEXTS, file, text.replace("SEED_SHARE = 0.5", "SEED_SHARE = 0.4"))
    said = "rules changed on disk since they were imported: agents/entry.py; start Python again."
    for work in (lambda: sweep(tmp_path / "other").run(), lambda: opened.__wrapped__(b"")):
        with pytest.raises(InputError) as caught:
            work()
        assert str(caught.value) == said
    assert not (tmp_path / "other").exists()


def test_what_is_no_store_is_refused(tmp_path) -> None:
    (tmp_path / "mine").write_text("letters")
    for path, said in ((tmp_path, "is not empty"), (tmp_path / "mine", "is a file")):
        with pytest.raises(InputError, match=said):
            sweep(path).run()
    with pytest.raises(InputError, match="is not a store"):
        Results(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"seeds": []}, "at least one"),
        ({"seeds": [1, 1]}, "twice"),
        ({"seeds": [-1]}, "not a whole number"),
        ({"seeds": [1.5]}, "not a whole number"),
        ({"dates": ["2031-01"]}, "outside the histories"),
        ({"indicators": ["revnue"]}, "did you mean 'revenue'"),
        ({"indicators": ["gap:most"]}, "form 'most' is unknown"),
        ({"indicators": ["gap", "gap"]}, "twice"),
        ({"backend": "threads"}, "allowed are in_process, processes"),
        ({"seeds": 5}, "no list of seeds"),
        ({"seeds": "0:5"}, "at least one"),
        ({"seeds": ["a", -1]}, "2 faults"),
        ({"shard": (3, 2)}, "shard"),
        ({"shard": 3}, "shard"),
        ({"shard": (1.0, 2)}, "shard"),
        ({"workers": -1}, "workers"),
        ({"workers": 0}, "workers"),
        ({"workers": 1.5, "chunk": 0}, "2 faults"),
    ],
)
def test_a_wrong_sweep_is_refused_before_anything_is_written(changes, said, tmp_path) -> None:
    with pytest.raises(InputError) as caught:
        sweep(tmp_path / "store", **changes)
    assert said in str(caught.value)
    assert not (tmp_path / "store").exists()


# --- command line --------------------------------------------------------------------


@pytest.fixture
def moat(tmp_path, monkeypatch, capsys):
    """The command line in an empty directory: exit code, and what it printed."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["moat", *arguments])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = end.code
        return code, *capsys.readouterr()

    return run


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--vary", "imitation_lg=3,6"), "did you mean 'imitation_lag'"),
        (("--vary", "imitation_lag=3:99:4"), "out of range"),
        (("--vary", "imitation_lag=3:9"), "low:high:count"),
        (("--sobol", "100", "--vary", "imitation_lag=3:9"), "no power of two"),
        (("--sobol", "8", "--lhs", "8"), "give one of them"),
        (("--design", "none.csv"), "cannot be read"),
        (("--seeds", "0-5"), "first:end"),
        (("--backend", "dask:nowhere"), "no scheduler answers"),
    ],
)
def test_a_wrong_command_is_one_sentence_and_writes_nothing(arguments, said, moat, tmp_path) -> None:
    code, _, told = moat("sweep", "baseline", "--until", "2025-03", *arguments)
    assert code == 2
    assert said in told
    assert len(told.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_sweep_and_export(moat, tmp_path) -> None:
    (tmp_path / "points.csv").write_text("imitation_lag\n3\n6\n", encoding="utf-8")
    asked = ("sweep", "baseline", "--design", "points.csv", "--seeds", "0:3", "--until", "2025-03",
             "--backend", "in_process", "--out", "store", "--json")  # fmt: skip
    code, said, _ = moat(*asked, "--dry-run")
    assert code == 0
    assert json.loads(said)["histories"] == 6
    assert [p.name for p in tmp_path.iterdir()] == ["points.csv"]
    assert moat(*asked, "--shard", "1/2")[0] == 0
    code, _, told = moat("export", "store")
    assert code == 3
    assert "3 of 6 histories" in told
    code, said, _ = moat(*asked)
    assert code == 0
    assert json.loads(said)["done"] == 6
    assert moat("export", "store", "--out", "all.csv")[0] == 0
    assert pd.read_csv(tmp_path / "all.csv")["imitation_lag"].tolist() == [3.0] * 3 + [6.0] * 3
    Results(tmp_path / "store").store.record_bad(1, "it is a test")
    code, said, told = moat("export", "store", "--out", "all.csv")
    assert code == 3
    assert "design point 1 is kept out: it is a test" in told
    assert len(pd.read_csv(tmp_path / "all.csv")) == 3
    assert moat(*asked)[0] == 3


def test_a_full_disk_ends_the_command_with_1(moat, monkeypatch, tmp_path) -> None:
    def full(file: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    code, _, told = moat("sweep", "baseline", "--until", "2025-03", "--backend", "in_process")
    assert code == 1
    assert "No space left on device" in told
    assert len(told.strip().splitlines()) == 1


@pytest.mark.parametrize("form", ["csv", "parquet", "json"])
def test_a_full_disk_leaves_no_half_of_an_export(form, moat, monkeypatch, tmp_path) -> None:
    def full(file: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    sweep(tmp_path / "store", chunk=1000).run()
    monkeypatch.setattr(os, "fsync", full)
    code, _, told = moat("export", "store", "--format", form, "--out", f"all.{form}")
    assert code == 1
    assert told.splitlines() == [f"moat: all.{form}: cannot be written (No space left on device)."]
    assert [path.name for path in tmp_path.iterdir()] == ["store"]
