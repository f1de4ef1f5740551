"""Both engines and Mesa's own batch_run on the same scenario, in one run.

    python -m benchmarks.engines

Prints seconds a history to 2040 and ratios, and keeps the raw figures in
`benchmarks/engines.json`. Machines are noisy: quote the ratios.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import mesa

from model import Market, Scenario
from model.ensemble import Stage
from model.graph import empty_indicators, read_graph
from model.worlds.read import read_world

UNTIL, MONTHS = "2040-12", 192


class Batched(Market):
    """A market that `mesa.batch_run` can make and step."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__(Scenario(), seed=seed)


def seconds(work: Callable[[int], object], runs: int) -> list[float]:
    """Seconds of each of several runs, after one that warms up."""
    work(0)
    found = []
    for k in range(1, runs + 1):
        start = time.perf_counter()
        work(k)
        found.append(time.perf_counter() - start)
    return found


def batch(seed: int) -> None:
    """One history by Mesa's batch_run."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mesa.batch_run(
            Batched, {"seed": [seed]}, number_processes=1, iterations=1, max_steps=MONTHS,
            display_progress=False,
        )  # fmt: skip


def main() -> None:
    """Measure and print."""
    template, _ = read_graph(read_world("2025"), Scenario().parameters)
    stage, indicators = Stage(template), empty_indicators(MONTHS)  # as an ensemble plays them
    found = {
        "compiled": seconds(lambda s: stage.play(s, MONTHS, indicators), 300),
        "mesa": seconds(lambda s: Market(Scenario(), seed=s).run_until(UNTIL), 5),
        "mesa.batch_run": seconds(batch, 5),
    }
    medians = {name: statistics.median(times) for name, times in found.items()}
    for name, median in medians.items():
        ratio = median / medians["compiled"]
        print(f"{name:15} {median:8.4f} s a history, {ratio:7.1f} times the compiled engine")
    raw = {"python": platform.python_version(), "cores": os.cpu_count(), "seconds": found}
    path = Path(__file__).with_name("engines.json")
    path.write_text(json.dumps(raw), encoding="utf-8")


if __name__ == "__main__":
    main()
