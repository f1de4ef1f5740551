"""What a sweep costs over the bare compiled loop, and how busy it keeps its workers.

    python -m benchmarks.sweeps

Machines are shared and noisy, so what is compared is interleaved: each chunk is
done once by the bare loop and once by the sweep, in processor time; a worker's
idle time between chunks is read off its own clock; rates of two processes and of
two bare loops side by side take turns. Raw figures are kept in
`benchmarks/sweeps.json`. The start of workers (a few seconds, mostly imports) is
no part of the rates and is given apart.
"""

from __future__ import annotations

import heapq
import json
import os
import pickle
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import click
import numpy as np

from experiments.sweeps.backends import Dask
from experiments.sweeps.chunk import Receipt, Task, cases, grouped, opened, run_chunk
from experiments.sweeps.design import Design
from experiments.sweeps.sweep import CHUNK_MONTHS, Sweep
from model.regimes import classify
from model.scenario import Scenario

UNTIL = "2040-12"
DATES = ("2030-12", "2035-12", "2040-12")
RANGES: dict[str, Any] = {"imitation_cost_share": (0.02, 0.5, "log"), "imitation_lag": (3.0, 12.0)}
SHAPES = {
    "100 seeds a point": (Design.sobol(8, **RANGES), range(100)),
    "one seed a point": (Design.sobol(1024, **RANGES), range(1)),
}


# --- work done in place of `run_chunk` --------------------------------------------------


def bare_chunk(task: Task) -> Receipt:
    """The compiled loop alone: simulate and classify, keep nothing."""
    job, start, histories = opened(task.job)
    count = 0
    for group in grouped(cases(job, start, task.cells, {})):
        _, seeds, starts = zip(*group, strict=True)
        classify(histories.run(seeds, starts=starts), job.criteria)
        count += len(seeds)
    return Receipt(count, {})


def noted(task: Task, work: Any) -> Receipt:
    """Do the work and note when it began and ended."""
    begun = time.monotonic()
    receipt = work(task)
    line = f"{os.getpid()} {begun} {time.monotonic()} {receipt.histories}\n"
    with open(task.temporary.parent.with_name("times"), "a", encoding="utf-8") as file:
        file.write(line)
    return receipt


def noted_chunk(task: Task) -> Receipt:
    """The work of a sweep, timed."""
    return noted(task, run_chunk)


def noted_bare(task: Task) -> Receipt:
    """The bare loop, timed."""
    return noted(task, bare_chunk)


# --- measurements ------------------------------------------------------------------------


def overhead(design: Design, seeds: range) -> dict[str, float]:
    """Processor seconds of the bare loop and of all the rest of a sweep, chunk by chunk."""
    spent = {"bare": 0.0}

    def both(task: Task) -> Receipt:
        begun = time.process_time()
        bare_chunk(task)
        spent["bare"] += time.process_time() - begun
        return run_chunk(task)

    with tempfile.TemporaryDirectory() as folder:
        sweep = Sweep(Scenario(), design, seeds, UNTIL, store=f"{folder}/store", dates=DATES,
                      backend="in_process")  # fmt: skip
        sweep.estimate()  # compiles
        sweep.work = both  # type: ignore[method-assign]
        begun = time.process_time()
        sweep.run()
        whole = time.process_time() - begun
        parts = Path(folder, "store", "parts").iterdir()
        size = sum(part.stat().st_size for part in parts)
    return {
        "bare": spent["bare"],
        "sweep": whole - spent["bare"],
        "bytes_a_history": size / len(sweep),
        "ms_a_history": 1e3 * spent["bare"] / len(sweep),
    }


def rate(work: Any, backend: str, workers: int, points: int = 128) -> dict[str, float]:
    """Histories a second, and the share of the time that workers were busy.

    Counted from the end of each worker's first chunk to the end of its last.
    """
    with tempfile.TemporaryDirectory() as folder:
        sweep = Sweep(Scenario(), Design.sobol(points, **RANGES), range(100), UNTIL,
                      store=f"{folder}/store", dates=DATES, workers=workers,
                      backend=backend)  # fmt: skip
        sweep.work = work
        begun = time.monotonic()
        sweep.run()
        lines = [line.split() for line in Path(folder, "times").read_text().splitlines()]
    found, busy, span, first = 0.0, 0.0, 0.0, float("inf")
    for process in {line[0] for line in lines}:
        own = sorted((float(a), float(b), int(n)) for p, a, b, n in lines if p == process)
        length = own[-1][1] - own[0][1]
        found += sum(n for _, _, n in own[1:]) / length
        busy += sum(b - a for a, b, _ in own[1:])
        span += length
        first = min(first, own[0][0] - begun)
    return {"rate": found, "busy": busy / span, "start": first}


def by_dask(points: int) -> dict[str, float]:
    """The rate of two workers of a cluster on this machine."""
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster:
        return rate(noted_chunk, f"dask:{cluster.scheduler_address}", 2, points)


def one_round() -> dict[str, Any]:
    """The rates, those compared next to each other."""
    return {
        "one bare loop": rate(noted_bare, "processes", 1),
        "one worker": rate(noted_chunk, "processes", 1),
        "two bare loops": rate(noted_bare, "processes", 2),
        "two workers": rate(noted_chunk, "processes", 2),
        "Dask": by_dask(128),
    }


def nothing(task: Task) -> Receipt:
    """No work at all."""
    return Receipt(0, {})


def cost_of_a_task(tasks: int = 1000) -> dict[str, float]:
    """Processor seconds that a task costs Dask's client and scheduler, and its bytes."""
    from distributed import LocalCluster

    with (
        tempfile.TemporaryDirectory() as folder,
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster,
        Dask(cluster.scheduler_address) as workers,
    ):
        sweep = Sweep(Scenario(), Design.sobol(16, **RANGES), range(100), UNTIL,
                      store=f"{folder}/store", workers=2)  # fmt: skip
        taken: list[Task] = []

        def keep(task: Task) -> Receipt:
            taken.append(task)
            return run_chunk(task)

        sweep.work = keep
        sweep.backend = "in_process"
        sweep.run()
        task = taken[0]
        for _ in workers.map(nothing, [task] * 100):
            pass
        begun = time.process_time()  # of this process, in which the scheduler is a thread
        for _ in workers.map(nothing, [task] * tasks):
            pass
        return {"seconds": (time.process_time() - begun) / tasks, "bytes": len(pickle.dumps(task))}


def simulated(workers: int, work: float, cost: float, tasks: int = 5000) -> float:
    """Share of the time that so many workers are busy, if one scheduler serves them in turn.

    Each takes `work` seconds for a chunk, between half and one and a half as long, and has a
    second chunk at hand; the scheduler needs `cost` seconds for each.
    """
    lengths = iter(work * np.random.default_rng(0).uniform(0.5, 1.5, tasks + workers))
    running = [(length := next(lengths), worker, length) for worker in range(workers)]
    heapq.heapify(running)  # until when, who, how long
    at_hand = [0.0] * workers  # since when each has its next chunk
    free = busy = now = 0.0  # when the scheduler is; seconds of work done
    for _ in range(tasks):
        now, worker, length = heapq.heappop(running)
        busy += length
        following, length = max(now, at_hand[worker]), next(lengths)
        heapq.heappush(running, (following + length, worker, length))
        at_hand[worker] = free = max(free, now) + cost
    return float(busy / (now * workers))


def peak_memory(histories: int) -> float:
    """MiB at the peak, main process of a sweep that long of two months."""
    code = (
        "from benchmarks.sweeps import sweep_memory\n"
        "if __name__ == '__main__':\n"
        f"    sweep_memory({histories})\n"
    )
    with tempfile.NamedTemporaryFile("w", suffix=".py") as script:
        script.write(code)
        script.flush()
        env = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
        told = subprocess.run([sys.executable, script.name], env=env, capture_output=True, text=True,
                              check=True)  # fmt: skip
    return float(told.stdout)


def sweep_memory(histories: int) -> None:
    """Run such a sweep and print the peak."""
    with tempfile.TemporaryDirectory() as folder:
        Sweep(Scenario(), Design.grid(), range(histories), "2025-02", store=f"{folder}/store",
              workers=2, chunk=500, backend="processes").run()  # fmt: skip
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0)


@click.command()
@click.option("--rounds", default=5)
def main(rounds: int) -> None:
    """Measure and print."""
    costs = {name: overhead(*shape) for name, shape in SHAPES.items()}
    for name, cost in costs.items():
        print(f"{name}: bare loop {cost['ms_a_history']:.2f} ms a history, sweep "
              f"{100 * (cost['sweep'] / cost['bare'] - 1):+.1f} %, "
              f"{cost['bytes_a_history']:.0f} bytes a history on disk")  # fmt: skip
    found = [one_round() for _ in range(rounds)]
    for name in found[0]:
        rates = ", ".join(f"{r[name]['rate']:.0f}" for r in found)
        busy = statistics.median(r[name]["busy"] for r in found)
        start = statistics.median(r[name]["start"] for r in found)
        print(f"{name:15} {rates} histories a second; workers busy {100 * busy:.1f} % of the time; "
              f"start {start:.1f} s")  # fmt: skip
    for over, under in (
        ("two bare loops", "one bare loop"),
        ("two workers", "one worker"),
        ("two workers", "two bare loops"),
        ("Dask", "two workers"),
    ):
        ratios = [r[over]["rate"] / r[under]["rate"] for r in found]
        told = ", ".join(f"{ratio:.2f}" for ratio in ratios)
        print(f"{over} over {under}: median {statistics.median(ratios):.2f} of {told}")
    many = {"two bare loops": rate(noted_bare, "processes", 2, 1024), "Dask": by_dask(1024)}
    told = ", ".join(f"{name} {r['rate']:.0f}" for name, r in many.items())
    print(f"of 102,400 histories a second: {told}")
    task = cost_of_a_task()
    work = CHUNK_MONTHS / 192 * costs["100 seeds a point"]["ms_a_history"] / 1e3
    shares = {n: simulated(n, work, task["seconds"]) for n in (2, 10, 100, 1000)}
    told = ", ".join(f"{100 * share:.0f} % ({n})" for n, share in shares.items())
    print(f"a task costs the scheduler {1e3 * task['seconds']:.1f} ms and is {task['bytes']:.0f} "
          f"bytes; with {work:.2f} s of work in each, workers would be busy for {told}")  # fmt: skip
    memory = {n: peak_memory(n) for n in (2_000, 1_000_000)}
    for histories, size in memory.items():
        print(f"peak memory of the main process: {size:.0f} MiB for {histories} histories")
    raw = {"python": platform.python_version(), "cores": os.cpu_count(), "load": os.getloadavg(),
           "overhead": costs, "rounds": found, "many": many, "task": task | {"work": work},
           "simulated": shares, "memory_MiB": memory}  # fmt: skip
    Path(__file__).with_name("sweeps.json").write_text(json.dumps(raw, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
