"""Both engines and Mesa's own batch_run on the same scenario, in one run; and how cost grows.

    python -m benchmarks.engines

Prints seconds a history to 2040 and ratios to the compiled engine, then the cost over the
number of agents and of months. Raw figures are kept in `benchmarks/engines.json`. Machines
are noisy: quote the ratios.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mesa
import networkx as nx

from model import Market, Scenario
from model.graph import read_graph
from model.run import Run, empty_indicators
from world.compiled import PLAIN_PYTHON
from world.files.read import read_world
from world.files.synthetic import synthetic_world

UNTIL, MONTHS = "2040-12", 192
SIZES = (0.5, 1.0, 2.0, 4.0)  # of a synthetic world, over the usual 8 labs and 90 others
YEARS = (4, 8, 16)


class Batched(Market):
    """A market that `mesa.batch_run` can make and step."""

    def __init__(self, member: int = 0, rng: object = None) -> None:
        super().__init__(Scenario(), seed=member)


def seconds(work: Callable[[int], object], runs: int) -> list[float]:
    """Seconds of each of several runs, after one that warms up."""
    work(0)
    found = []
    for k in range(1, runs + 1):
        start = time.perf_counter()
        work(k)
        found.append(time.perf_counter() - start)
    return found


def compiled(graph: nx.MultiDiGraph, months: int, runs: int = 300) -> list[float]:
    """Seconds a history, as an ensemble plays them."""
    run = Run(read_graph(graph, Scenario().parameters)[0])
    indicators = empty_indicators(months)
    return seconds(lambda seed: run.open(seed).run(months, indicators), runs)


def batch(seed: int) -> None:
    """One history by Mesa's batch_run, which returns every month's indicators."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mesa.batch_run(
            Batched, {"member": [seed]}, number_processes=1, max_steps=MONTHS,
            data_collection_period=1, display_progress=False,
        )  # fmt: skip


def batch_in_plain_python() -> list[float]:
    """The same with rules as Python runs them: a Mesa model as it is usually written."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.engines", "--batch"], check=True, text=True,
        stdout=subprocess.PIPE, env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
    )  # fmt: skip
    return [float(done.stdout)]


def growth() -> list[dict[str, Any]]:
    """Cost over agents and months, of both engines."""
    rows = []
    for size in SIZES:
        graph = synthetic_world(
            round(8 * size), round(20 * size), round(40 * size), round(6 * size), 4,
            round(10 * size), round(12 * size),
        )  # fmt: skip
        agents = graph.number_of_nodes()
        for years in YEARS if size == 1.0 else YEARS[-1:]:
            until = f"{2024 + years}-12"
            one = statistics.median(compiled(graph, 12 * years, 50))
            mesa_one = statistics.median(seconds(
                lambda seed, graph=graph, until=until: Market(
                    Scenario(), seed=seed, graph=graph
                ).run_until(until), 3,
            ))  # fmt: skip
            rows.append({
                "agents": agents, "edges": graph.number_of_edges(), "months": 12 * years,
                "compiled": one, "mesa": mesa_one,
            })  # fmt: skip
    return rows


def main() -> None:
    """Measure and print."""
    world = read_world("2025")
    found = {
        "compiled": compiled(world, MONTHS),
        "mesa": seconds(lambda s: Market(Scenario(), seed=s).run_until(UNTIL), 5),
        "mesa.batch_run": seconds(batch, 5),
        "the same, plain Python": batch_in_plain_python(),
    }
    medians = {name: statistics.median(times) for name, times in found.items()}
    for name, median in medians.items():
        ratio = median / medians["compiled"]
        print(f"{name:22} {median:9.4f} s a history, {ratio:8.1f} times the compiled engine")
    rows = growth()
    print("\nagents  edges  months   compiled ms       us a month   mesa s   mesa over compiled")
    for row in rows:
        print(f"{row['agents']:6} {row['edges']:6} {row['months']:7} {1e3 * row['compiled']:13.2f} "
              f"{1e6 * row['compiled'] / row['months']:16.1f} {row['mesa']:8.3f} "
              f"{row['mesa'] / row['compiled']:20.0f}")  # fmt: skip
    raw = {"python": platform.python_version(), "cores": os.cpu_count(), "seconds": found,
           "growth": rows}  # fmt: skip
    path = Path(__file__).with_name("engines.json")
    path.write_text(json.dumps(raw), encoding="utf-8")


if __name__ == "__main__":
    if "--batch" in sys.argv:
        assert PLAIN_PYTHON
        begun = time.perf_counter()
        batch(1)
        print(time.perf_counter() - begun)
    else:
        main()
