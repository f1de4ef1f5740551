"""What a comparison needs, said before it starts: histories, time, memory, disk."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from experiments.analysis.event_study import MONTHS
from model import Ensemble, Scenario
from model.graph import start_of
from model.lanes import LANES
from model.rulebook import STANDARD
from world.calendar import months_until
from world.faults import Faults

COPIES = 3.0  # of a scenario's indicators, while its table is made and written
BASE = 3e8  # bytes of Python, the libraries and the compiled rules
PACKED = 0.7  # bytes on disk for one of indicators in memory


class Need(NamedTuple):
    """What a comparison needs: histories, seconds with these workers, bytes of memory and on disk."""

    histories: int
    seconds: float
    memory: float
    disk: float

    def said(self) -> str:
        """Say it in one sentence."""
        return (
            f"{self.histories:,} histories, about {_time(self.seconds)}, "
            f"{_size(self.memory)} of memory, {_size(self.disk)} on disk."
        )

    def refuse_too_much(self, out: Path) -> None:
        """`InputError` if memory or disk cannot be had."""
        faults = Faults("compare")
        for what, needed, had in (
            ("memory", self.memory, free_memory()), ("disk", self.disk, free_disk(out)),
        ):  # fmt: skip
            if needed > had:
                faults.add(what, f"about {_size(needed)} are needed, {_size(had)} are free; "
                                 "ask for fewer --members or --scenarios, or an earlier --until.")
        if faults:
            faults.add("in all", self.said())
        faults.refuse_any()


def need(
    scenarios: Sequence[Scenario], members: int, until: str, seed: int, workers: int
) -> Need:
    """Run a few histories of the first scenario, keep nothing, and say what all of them need."""
    memory = disk = histories_months = 0.0
    for scenario in scenarios:
        months = months_until(start_of(scenario.world).roster.start, until)
        bytes_each = float(members * months * STANDARD.indicator_type.itemsize)
        shock = float(members * min(MONTHS, months) * STANDARD.indicator_type.itemsize)
        memory += 2.0 * bytes_each
        largest = COPIES * bytes_each + shock
        histories_months += members * (2.0 * months + min(MONTHS, months))
        disk += PACKED * bytes_each
    found = Need(3 * members * len(scenarios), 0.0, BASE + memory + largest, disk)
    if found.memory > free_memory():
        return found  # it is refused: what it would take does not matter
    tried = min(members, LANES)
    first = Ensemble(scenarios[0], range(seed, seed + tried), until)
    first.run()  # compiles
    begun = time.perf_counter()
    runs = first.run()
    seconds = (time.perf_counter() - begun) / (tried * runs.months) * histories_months / workers
    return found._replace(seconds=seconds)


def free_memory() -> float:
    """Bytes of memory that this process may still take: the machine's, or what it is limited to."""
    had = [float(os.sysconf("SC_PHYS_PAGES")) * os.sysconf("SC_PAGE_SIZE")]
    with contextlib.suppress(OSError, ValueError, IndexError):
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        had += [1024.0 * int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")]
    for file in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with contextlib.suppress(OSError, ValueError):
            had.append(float(Path(file).read_text(encoding="ascii")))
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit != resource.RLIM_INFINITY:
        had.append(float(limit))
    return min(had)


def free_disk(out: Path) -> float:
    """Bytes that are free where a path is, or will be."""
    path = out.resolve()
    while not path.exists():
        path = path.parent
    return float(shutil.disk_usage(path).free)


def _time(seconds: float) -> str:
    for size, unit in ((86400.0, "days"), (3600.0, "hours"), (60.0, "minutes")):
        if seconds > 2.0 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} seconds"


def _size(count: float) -> str:
    return f"{count / 1e9:.1f} GB" if count > 1e8 else f"{count / 1e6:.0f} MB"
