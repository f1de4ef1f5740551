"""The work of a sweep: a chunk of histories, simulated, summarised, written as one part."""

from __future__ import annotations

import functools
import itertools
import pickle
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import networkx as nx
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.sweeps.store import Chunk, write_part
from experiments.sweeps.summaries import Summaries
from model.graph import Start, read_start
from model.identity import different
from model.lanes import BATCH, Histories
from model.regimes import EVIDENCE, REGIMES, Before, Criteria, classify
from world.calendar import month_label
from world.errors import InputError
from world.identity import require_unchanged
from world.tables import Tables


class Job(NamedTuple):
    """What all chunks of a sweep share."""

    graph: nx.MultiDiGraph
    parameters: dict[str, float]
    months: int
    summaries: Summaries
    criteria: Criteria
    size: int  # histories of the whole sweep
    made: dict[str, str]  # by which rules, readings and engine


Cells = tuple[tuple[int, dict[str, float], Sequence[int]], ...]  # point, values, seeds


class Task(NamedTuple):
    """One chunk: its design points with their seeds, and where its results go."""

    job: bytes  # a packed Job
    chunk: Chunk
    cells: Cells
    part: Path | None  # its name up to its content; None: only see whether it can be done
    temporary: Path


class Receipt(NamedTuple):
    """What a worker reports of a chunk."""

    histories: int
    bad: dict[int, str]  # points that failed, and why; if there are any, nothing was written


def run_chunk(task: Task) -> Receipt:
    """Run the histories of a chunk and write its part.

    Raises
    ------
    InputError
        This worker has other rules, readings or another engine than the sweep, or its rules
        changed on disk.
    OSError
        The part cannot be written.
    """
    job, start, histories = opened(task.job)
    rows = Rows(job.summaries, sum(len(seeds) for _, _, seeds in task.cells))
    bad: dict[int, str] = {}
    for group in grouped(cases(job, start, task.cells, bad)):
        points, seeds, starts = zip(*group, strict=True)
        try:
            indicators = histories.run(seeds, starts=starts)
            rows.add(points, seeds, indicators, job.criteria, start.roster.before)
        except MemoryError:
            raise
        except Exception:  # a point whose rules fail must not stop the others
            for point, seed, alone in group:
                if point not in bad:
                    try:
                        histories.run([seed], starts=[alone])
                    except Exception as error:
                        bad[point] = f"{type(error).__name__}: {error}"
    if task.part is not None and not bad:
        content = packed_table(rows.table(start.roster.start))
        write_part(task.part, content, task.temporary)
    return Receipt(rows.count, bad)


def cases(
    job: Job, start: Start, cells: Cells, bad: dict[int, str]
) -> Iterator[tuple[int, int, Tables]]:
    """The histories of some cells: point, seed and start; points without a start go to `bad`."""
    for point, values, seeds in cells:
        try:
            under = start.under(job.parameters | values)
        except InputError as error:
            bad[point] = f"{type(error).__name__}: {error}"
            continue
        for seed in seeds:
            yield point, seed, under


def grouped(histories: Iterator[Any]) -> Iterator[list[Any]]:
    """So many of them as are worth to be classified at once."""
    while group := list(itertools.islice(histories, BATCH)):
        yield group


class Rows:
    """Results of histories as columns: one row a history.

    Evidence and summaries are kept as float32: seven digits.
    """

    def __init__(self, summaries: Summaries, size: int) -> None:
        self.summaries = summaries
        self.count = 0
        self.keys = np.empty((size, 2), dtype=np.int64)
        self.regimes = np.empty((size, 2), dtype=np.int64)
        self.evidence = np.empty((size, len(EVIDENCE)))
        self.figures = np.empty((size, len(summaries.columns)))

    def add(
        self, points: Sequence[int], seeds: Sequence[int], indicators: Any, criteria: Criteria,
        before: Mapping[str, Before],
    ) -> None:  # fmt: skip
        """Append histories, each of its point and seed."""
        rows = slice(self.count, self.count + len(seeds))
        self.keys[rows, 0], self.keys[rows, 1] = points, seeds
        kinds, onsets, self.evidence[rows] = classify(indicators, criteria, before)
        self.regimes[rows] = np.column_stack([kinds, onsets])
        self.figures[rows] = self.summaries.read(indicators)
        self.count += len(seeds)

    def table(self, start: str) -> pa.Table:
        """The rows as an Arrow table, a column of one type in every part.

        `start` is the first month.
        """
        n = self.count
        onsets, onset = np.unique(self.regimes[:n, 1], return_inverse=True)
        labels = [month_label(start, int(m)) if m >= 0 else "" for m in onsets]
        columns = {
            "point": pa.array(self.keys[:n, 0], pa.int32()),
            "seed": pa.array(self.keys[:n, 1], pa.int64()),
            "regime": pa.DictionaryArray.from_arrays(
                pa.array(self.regimes[:n, 0], pa.int8()), pa.array(REGIMES)
            ),
            "onset": pa.DictionaryArray.from_arrays(
                pa.array(onset.reshape(-1), pa.int16()), pa.array(labels, pa.string())
            ),
        }
        with np.errstate(over="ignore"):  # beyond 3e38 is infinite
            for names, values in (
                (EVIDENCE, self.evidence),
                (self.summaries.columns, self.figures),
            ):
                for k, name in enumerate(names):
                    columns[name] = pa.array(values[:n, k].astype(np.float32), pa.float32())
        return pa.table(columns)


def packed_table(table: pa.Table) -> bytes:
    """Rows as a Parquet file, compact: no statistics, codes for regime and onset only."""
    file = pa.BufferOutputStream()
    pq.write_table(
        table, file, compression="zstd", write_statistics=False, store_schema=False,
        use_dictionary=["regime", "onset"],
    )  # fmt: skip
    return file.getvalue().to_pybytes()  # type: ignore[no-any-return]


def packed_job(job: Job) -> bytes:
    """Pack a job small, as every task carries it."""
    return zlib.compress(pickle.dumps(job))


@functools.lru_cache(maxsize=2)
def opened(job: bytes) -> tuple[Job, Start, Histories]:
    """Unpack a job, once a process: itself, its graph as it was read, and what runs it."""
    require_unchanged()
    shared: Job = pickle.loads(zlib.decompress(job))
    if difference := different(shared.made):
        raise InputError(
            f"a worker has {difference}; install the same version of Moat there, on the "
            "same kind of machine."
        )
    start = read_start(shared.graph)
    first = start.under(shared.parameters)
    return shared, start, Histories(first, shared.months, shared.size, several=True)
