"""Sweeps: every point of a design under every seed, in a store that survives any stop."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from experiments.sweeps.backends import Backend, make_backend
from experiments.sweeps.chunk import (
    Job,
    Receipt,
    Rows,
    Task,
    packed_job,
    packed_table,
    run_chunk,
)
from experiments.sweeps.design import Design
from experiments.sweeps.manifest import FORMAT, packed, unpacked
from experiments.sweeps.results import Results
from experiments.sweeps.room import BASE, require_room
from experiments.sweeps.store import Chunk, Store, design_hash, versions, world_version
from experiments.sweeps.summaries import DEFAULT, Summaries
from model.graph import read_start
from model.identity import version
from model.lanes import LANES, Histories
from model.regimes import CRITERIA, Criteria
from model.said import own_copy
from model.scenario import Scenario
from world.calendar import months_until
from world.errors import InputError
from world.faults import Faults, shown
from world.files.read import read_world
from world.identity import require_unchanged

if TYPE_CHECKING:
    import networkx as nx

MOST_SEED = 2**63
CHUNK_MONTHS = 100_000  # about 1-2 s of work: a hundred workers do not wait for their scheduler
LITTLE_MONTHS = 200_000  # done sooner than worker processes start
FEWEST_CHUNKS = 16  # so that a small sweep keeps all workers busy
ATTEMPTS = 3
MOST_WORKERS = 1024
COPIES = 3  # of a chunk's rows in a worker's memory: figures, table, file
DIED = "the worker died of it"
Progress = Callable[[int, int], None]
Work = Callable[[Task], Receipt]


class SweepStopped(RuntimeError):
    """A full disk or a lost cluster; what was done is kept, and a rerun finishes the rest."""


class Estimate(NamedTuple):
    """What a sweep needs: histories, seconds with these workers, bytes on disk and of memory."""

    points: int
    seeds: int
    histories: int
    parts: int
    workers: int
    seconds: float
    bytes: int
    memory: int


class Sweep:
    """A design x seeds, run once and kept.

    Parameters
    ----------
    scenario : Scenario
        Values of the parameters that the design does not vary.
    design : Design
    seeds : iterable of int
        The same for every point, so that points are compared on common noise.
    until : str
        Last month, e.g. ``"2040-12"``.
    store : str or Path
        Directory of the results; made, or continued if it holds this sweep or the
        beginning of it (some of the seeds, the first of the points).
    dates : sequence of str, optional
        Months at which indicators are kept; default the last.
    indicators : sequence of str or "all"
        Summaries of a history, see `experiments.sweeps.summaries`.
    workers : int, optional
        Processes; default one a core.
    backend : str, optional
        ``"in_process"``, ``"processes"`` or ``"dask:ADDRESS"``; default processes,
        or this process if there is little to do. The results do not depend on it.
    graph : networkx.MultiDiGraph, optional
        Initial state instead of the scenario's world; copied.
    shard : (int, int), optional
        ``(i, n)``: run only every n-th chunk from the i-th (1 to n), for array
        jobs that share the store.
    chunk : int, optional
        Histories in one part; default some 1-2 s of work. A store keeps its own.

    Raises
    ------
    InputError
        Bad seeds, dates, summaries, workers, backend, shard or chunk.
    """

    work = staticmethod(run_chunk)

    def __init__(
        self,
        scenario: Scenario,
        design: Design,
        seeds: Iterable[int],
        until: str = "2040-12",
        *,
        store: str | Path,
        dates: Sequence[str] | None = None,
        indicators: Sequence[str] | str = DEFAULT,
        workers: int | None = None,
        backend: str | None = None,
        graph: nx.MultiDiGraph | None = None,
        criteria: Criteria = CRITERIA,
        shard: tuple[int, int] = (1, 1),
        chunk: int | None = None,
    ) -> None:
        self.scenario = scenario
        self.design = design
        self.seeds = _checked_seeds(seeds)
        self.until = until
        self.path = Path(store)
        self.graph = own_copy(graph) if graph is not None else read_world(scenario.world)
        self.read = read_start(self.graph)
        self.start = self.read.roster.start
        self.months = months_until(self.start, until)
        self.summaries = Summaries(indicators, dates or (until,), self.start, self.months)
        self.criteria = criteria
        self.shard = _checked_shard(shard)
        self.workers, chosen = _checked_counts(workers, chunk)
        usual = max(1, min(CHUNK_MONTHS // self.months, len(self) // FEWEST_CHUNKS))
        self.chunk = min(chosen or usual, len(self))
        little = self.workers == 1 or len(self) * self.months < LITTLE_MONTHS
        self.backend = backend or ("in_process" if little else "processes")
        make_backend(self.backend, self.workers)  # an unknown name is told at once

    def __len__(self) -> int:
        """Number of histories, of all shards."""
        return len(self.design) * len(self.seeds)

    def manifest(self) -> dict[str, object]:
        """What decides the figures, and what made them."""
        seeds = packed(self.seeds)
        return {
            "format": FORMAT,
            **version(),
            "world": world_version(self.graph),
            "world_name": str(self.graph.graph.get("name", self.scenario.world)),
            "parameters": {
                name: value
                for name, value in self.scenario.parameters.items()
                if name not in self.design.points
            },
            "start": self.start,
            "until": self.until,
            "summaries": self.summaries.chosen,
            "dates": self.summaries.dates,
            "criteria": self.criteria._asdict(),
            "seeds": seeds,
            "design": {
                "points": len(self.design),
                "parameters": list(self.design.points.columns),
                "hash": design_hash(self.design),
            },
            "chunk": self.chunk,
            "grown": [{"first": 0, "last": len(self.design), "seeds": seeds}],
            "scenario": self.scenario.name,
            "made_by": versions(),
        }

    def run(self, progress: Progress | None = None) -> Results:
        """Run what the store does not hold yet.

        `progress` is told the histories done and to do (of this shard): once at
        the start, then after each chunk. Damaged files of the store are set aside
        (`Results.set_aside` names them) and made again.

        Raises
        ------
        InputError
            The store holds another sweep, memory or disk cannot be had, or rules changed on
            disk since they were imported.
        SweepStopped
            The disk is full, or the cluster is lost; a rerun finishes the rest.
        """
        require_unchanged()
        self.require_room()
        if not (self.path / "manifest.json").exists():
            with make_backend(self.backend, self.workers):
                pass  # it answers: nothing is written for a cluster that does not
        try:
            store = Store.open(self.path, self.manifest(), self.design)
            store.clear_unfinished()
            set_aside = store.set_damaged_aside()
            self._run(store, progress)
            store.clear_unfinished()  # of workers that were killed
        except OSError as error:
            if isinstance(error, ConnectionError):
                why = str(error)
            else:
                why = f"{self.path}: cannot be written ({error.strerror or error})"
            raise SweepStopped(
                f"{why}; what was done is kept, and the same call finishes the rest."
            ) from error
        results = Results(store)
        results.set_aside = [f"{path.parent.name}/{path.name}" for path in set_aside]
        return results

    def require_room(self) -> None:
        """`InputError` if the memory or the disk that this takes cannot be had."""
        here = 0 if self.backend.startswith("dask:") else self._memory()
        require_room("sweep", "ask for fewer histories, dates, indicators or workers, or a "
                     "smaller chunk.", here, self._bytes() - _held(self.path), self.path)  # fmt: skip

    def _columns(self) -> int:
        return int(Rows(self.summaries, 0).table(self.start).num_columns)

    def _parts(self) -> int:
        return -(-len(self) // self.chunk)

    def _bytes(self) -> int:
        """Bytes on disk: figures take four, and every part says what its columns are."""
        header = len(packed_table(Rows(self.summaries, 0).table(self.start)))
        return self._parts() * header + len(self) * 4 * self._columns()

    def _memory(self) -> int:
        """Bytes of memory: what is read and compiled, the rows of a chunk, and the design."""
        processes = 1 + (self.workers if self.backend == "processes" else 0)
        rows = min(self.workers, self._parts()) * self.chunk * 8 * self._columns() * COPIES
        return int(processes * BASE + rows + 2 * self.design.points.size * 8)

    def estimate(self) -> Estimate:
        """Run a few histories, keep nothing, and say what the whole sweep needs."""
        tried = min(len(self), LANES)
        points = np.linspace(0, len(self.design) - 1, tried).astype(int).tolist()
        seeds = [self.seeds[k % len(self.seeds)] for k in range(tried)]
        rows = Rows(self.summaries, tried)
        histories = self._compiled(self.months)
        begun = time.perf_counter()
        usual = dict(self.scenario.parameters)
        values = self.design.points.iloc[points].to_dict("records")
        starts = [self.read.under(usual | changed) for changed in values]
        indicators = histories.run(seeds, starts=starts)
        rows.add(points, seeds, indicators, self.criteria, self.read.roster.before)
        seconds = (time.perf_counter() - begun) / tried
        return Estimate(
            points=len(self.design),
            seeds=len(self.seeds),
            histories=len(self),
            parts=self._parts(),
            workers=self.workers,
            seconds=seconds * len(self) / self.workers,
            bytes=self._bytes(),
            memory=self._memory(),
        )

    def _compiled(self, months: int) -> Histories:
        """Compile the rules here, once, before workers would do so all at once."""
        start = self.read.under(self.scenario.parameters)
        histories = Histories(start, months, len(self), several=True)
        histories.run([0] * LANES, starts=[start] * LANES)
        return histories

    def _run(self, store: Store, progress: Progress | None) -> None:
        first, of = self.shard
        chunks = [c for c in store.chunks() if c.number % of == first - 1]
        parts, bad = store.parts(), store.bad_points()
        todo = [c for c in chunks if store.made(c, bad, parts) is None]
        total = sum(c.last - c.first for c in chunks)
        done = total - sum(c.last - c.first for c in todo)
        if progress:
            progress(done, total)
        if not todo:
            return
        job = packed_job(Job(
            self.graph, dict(self.scenario.parameters), self.months, self.summaries,
            self.criteria, len(self), version(),
        ))  # fmt: skip
        if self.backend == "processes":
            self._compiled(1)
        with make_backend(self.backend, self.workers) as workers:
            for chunk in _Runner(store, workers, self.work, job, bad).finished(todo):
                done += chunk.last - chunk.first
                if progress:
                    progress(done, total)


class _Runner:
    """Runs chunks whatever happens to the workers."""

    def __init__(
        self, store: Store, workers: Backend, work: Work, job: bytes, bad: dict[int, str]
    ) -> None:
        self.store = store
        self.workers = workers
        self.work = work
        self.job = job
        self.bad = bad

    def finished(self, todo: Iterable[Chunk]) -> Iterator[Chunk]:
        """Run chunks and yield each when its part is written.

        A chunk with a point that fails is run again without that point. A chunk
        whose worker died is suspect: it waits, and is run when it is alone.
        """
        suspects: list[Chunk] = []
        failed: list[Chunk] = []
        for task, receipt in self.workers.map(self.work, map(self._task, todo)):
            if receipt is None:
                suspects.append(task.chunk)
            elif receipt.bad:
                self._blame(receipt.bad)
                failed.append(task.chunk)
            else:
                yield task.chunk
        for chunk in failed + suspects:
            self._run_alone(chunk)
            yield chunk

    def _task(self, chunk: Chunk) -> Task:
        here = list(self.store.cells(chunk))
        values = self.store.design.points.iloc[here[0][0] : here[-1][0] + 1].to_dict("index")
        cells = tuple((point, values[point], seeds) for point, seeds in here if point not in self.bad)
        left_out = [point for point, _ in here if point in self.bad]
        part = self.store.part(chunk, left_out)
        return Task(self.job, chunk, cells, part, self.store.path / "tmp")

    def _run_alone(self, chunk: Chunk) -> None:
        unexplained = 0
        while unexplained < ATTEMPTS:
            task = self._task(chunk)
            receipt = self._once(task)
            if receipt is None:
                found = {point: DIED for point in self._deadly(task)}
            elif receipt.bad:
                found = receipt.bad
            else:
                return
            self._blame(found)
            unexplained += not found
        points = [point for point, _ in self.store.cells(chunk)]
        raise SweepStopped(
            f"{self.store.path}: workers die again and again at design points {points[0]} to "
            f"{points[-1]}, and none of them alone is the cause (too little memory?); "
            "what was done is kept, and the same call tries again."
        )

    def _deadly(self, task: Task) -> list[int]:
        """Points that kill their worker, among those of a task that did so: halves of halves.

        One point alone is blamed if it does so again and again.
        """
        probe = task._replace(part=None)
        if len(task.cells) == 1:
            again = (self._once(probe) is None for _ in range(ATTEMPTS - 1))
            return [task.cells[0][0]] if all(again) else []
        middle = len(task.cells) // 2
        found = []
        for cells in (task.cells[:middle], task.cells[middle:]):
            half = probe._replace(cells=cells)
            if self._once(half) is None:
                found += self._deadly(half)
        return found

    def _once(self, task: Task) -> Receipt | None:
        [(_, receipt)] = self.workers.map(self.work, [task])
        return cast("Receipt | None", receipt)

    def _blame(self, bad: dict[int, str]) -> None:
        for point, why in bad.items():
            self.store.record_bad(point, why)
            self.bad[point] = why


def _checked_seeds(seeds: Any) -> Sequence[int]:
    """Seeds in rising order; `InputError` unless they are whole, not negative and differ."""
    if isinstance(seeds, range) and len(seeds) and seeds.step == 1 and seeds.start >= 0:
        if seeds.stop <= MOST_SEED:
            return seeds
    try:
        found = [] if isinstance(seeds, (str, bytes)) else list(seeds)
    except TypeError:
        raise InputError(
            f"seeds: {shown(seeds)} is no list of seeds; write range(10), or [0, 1, 2]."
        ) from None
    faults = Faults("seeds")
    for seed in found:
        if not _is_whole(seed) or not 0 <= seed < MOST_SEED:
            faults.add("", f"{shown(seed)} is not a whole number from 0.")
    faults.refuse_any()
    if not found:
        raise InputError("seeds: at least one is needed, such as range(10) or [0, 1, 2].")
    again = [seed for seed, count in Counter(map(int, found)).items() if count > 1]
    if again:
        raise InputError(f"seeds: {again[0]} is given twice.")
    return unpacked(packed(map(int, found)))


def _checked_shard(shard: Any) -> tuple[int, int]:
    try:
        i, n = shard
    except (TypeError, ValueError):
        i = n = None
    if not _is_whole(i) or not _is_whole(n) or not 1 <= i <= n:
        raise InputError(
            f"shard: {shown(shard)} is allowed only as (i, n), whole numbers, i from 1 to n."
        )
    return int(i), int(n)


def _checked_counts(workers: Any, chunk: Any) -> tuple[int, int | None]:
    """Workers (default one a core) and histories in a part (default None)."""
    faults = Faults("sweep")
    if workers is not None and (not _is_whole(workers) or not 1 <= workers <= MOST_WORKERS):
        faults.add("workers", f"{shown(workers)} is not a whole number from 1 to {MOST_WORKERS}.")
    if chunk is not None and (not _is_whole(chunk) or chunk < 1):
        faults.add("chunk", f"{shown(chunk)} is not a whole number from 1.")
    faults.refuse_any()
    return int(workers or os.cpu_count() or 1), None if chunk is None else int(chunk)


def _is_whole(value: Any) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _held(path: Path) -> int:
    """Bytes that a store holds already."""
    return sum(part.stat().st_size for part in (path / "parts").glob("*.parquet"))
