"""What a comparison needs, said before it starts: histories, time, memory, disk."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from experiments.analysis.event_study import MONTHS
from experiments.sweeps.room import BASE, free_memory, require_room, size
from model import Ensemble, Scenario
from model.graph import start_of
from model.lanes import LANES
from model.rulebook import STANDARD
from world.calendar import months_until

COPIES = 3.0  # of a scenario's indicators, while its table is made and written
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
            f"{size(self.memory)} of memory, {size(self.disk)} on disk."
        )

    def refuse_too_much(self, out: Path) -> None:
        """`InputError` if memory or disk cannot be had."""
        advice = "ask for fewer --members or --scenarios, or an earlier --until."
        require_room("compare", f"{advice} In all: {self.said()}", self.memory, self.disk, out)


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


def _time(seconds: float) -> str:
    for length, unit in ((86400.0, "days"), (3600.0, "hours"), (60.0, "minutes")):
        if seconds > 2.0 * length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds:.0f} seconds"
