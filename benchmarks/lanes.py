"""Which sentences are faster one history after the other, where several lie side by side.

    python -m benchmarks.lanes

Makes the wide machine code once for each sentence of the month, performed apart, and prints
the time of a history over that with all side by side (medians of rounds in turn). Those well
below 1 belong into `model.engine.APART`. Takes about ten minutes.
"""

from __future__ import annotations

import statistics
import time

from model.engine import WideEngine, engine_of
from model.graph import read_graph
from model.lanes import LANES, Lanes
from model.rulebook import STANDARD
from model.scenario import Scenario
from world.files.read import read_world

MONTHS, ROUNDS = 192, 15


def seconds(lanes: Lanes, group: int) -> float:
    """Processor seconds of a group of histories."""
    begun = time.process_time()
    lanes.run(range(LANES * group, LANES * (group + 1)), MONTHS)
    return time.process_time() - begun


def main() -> None:
    """Measure and print."""
    start = read_graph(read_world("2025"), Scenario.load("imitation").parameters)[0]
    narrow = engine_of(STANDARD, start)
    together = Lanes(start, MONTHS, engine=WideEngine(narrow, LANES, ()))
    for phase in STANDARD.month:
        if phase.drawn:
            continue
        apart = Lanes(start, MONTHS, engine=WideEngine(narrow, LANES, (phase.name,)))
        rounds = [(seconds(together, k), seconds(apart, k)) for k in range(ROUNDS + 1)][1:]
        ratio = statistics.median(mine / usual for usual, mine in rounds)
        print(f"{phase.name:32} {ratio:6.3f}", flush=True)


if __name__ == "__main__":
    main()
