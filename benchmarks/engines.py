"""Both engines and Mesa's own batch_run on the same scenario, in one run; and how cost grows.

    python -m benchmarks.engines

Prints seconds a history to 2040 and ratios to the compiled engine, one history at a time and
several side by side, then the cost over the number of agents and of months. Raw figures are
kept in `benchmarks/engines.json`. Machines are noisy: quote the ratios.
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
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mesa
import networkx as nx
import numpy as np

from engine import maths
from engine.layout import Layout
from engine.machine import compiled as machine_code
from engine.translate import Program
from model import Market, Scenario
from model.graph import read_graph
from model.lanes import LANES, Lanes
from model.run import Run, empty_indicators
from world.compiled import PLAIN_PYTHON
from world.files.read import read_world
from world.files.synthetic import synthetic_world
from world.identity import definition_of

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


def side_by_side(graph: nx.MultiDiGraph, months: int, runs: int = 40) -> list[float]:
    """Seconds a history, as a large ensemble plays them."""
    lanes = Lanes(read_graph(graph, Scenario().parameters)[0], months)
    groups = seconds(lambda k: lanes.run(range(LANES * k, LANES * (k + 1)), months), runs)
    return [group / LANES for group in groups]


def batch(seed: int) -> None:
    """One history by Mesa's batch_run, which returns every month's indicators."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mesa.batch_run(
            Batched, {"member": [seed]}, number_processes=1, max_steps=MONTHS,
            data_collection_period=1, display_progress=False,
        )  # fmt: skip


def batch_in_plain_python() -> tuple[list[float], dict[str, int]]:
    """The same with rules as Python runs them, a Mesa model as it is usually written.

    Returns its seconds, and how often it calls each elementary function.
    """
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.engines", "--batch"], check=True, text=True,
        stdout=subprocess.PIPE, env={**os.environ, "MOAT_PLAIN_PYTHON": "1"},
    )  # fmt: skip
    found = json.loads(done.stdout)
    return [found["seconds"]], found["calls"]


def counted() -> Counter[str]:
    """Count calls of elementary functions from now on; rules must run as plain Python."""
    calls: Counter[str] = Counter()

    def counting(name: str, function: Callable[[float], float]) -> Callable[[float], float]:
        def call(x: float) -> float:
            calls[name] += 1
            return function(x)

        return call

    for name in ("exp", "log", "expm1", "cos"):
        setattr(maths, name, counting(name, getattr(maths, name)))
    return calls


def exponentials(market):
    """A rule that does nothing else."""
    for k in range(len(market.numbers)):
        market.numbers[k].y = maths.exp(market.numbers[k].x)


def seconds_of_an_exponential(rows: int = 64, rounds: int = 2000) -> float:
    """Seconds of one `exp` where nothing else is done and as many lie side by side as can."""
    kind = np.dtype([("x", "f8"), ("y", "f8")])
    layout = Layout({"numbers": kind}, ("numbers.x", "numbers.y"), LANES)
    program = Program(layout, (), definition_of)
    program.entry("exponentials", exponentials, "market")
    written = program.whole()
    work = machine_code(f"exponentials {written.text}", lambda: written).function("exponentials")
    block = np.zeros(layout.words, dtype=np.int64)
    block[layout.length("numbers")] = rows
    columns = np.linspace(-2.0, 2.0, 2 * rows * LANES).reshape(2, rows * LANES)
    for place, column in zip(layout.columns["numbers"].values(), columns, strict=True):
        block[place.word] = column.ctypes.data
    return min(seconds(lambda _: work(block.ctypes.data), rounds)) / (rows * LANES)


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
        "side by side": side_by_side(world, MONTHS),
        "mesa": seconds(lambda s: Market(Scenario(), seed=s).run_until(UNTIL), 5),
        "mesa.batch_run": seconds(batch, 5),
    }
    found["the same, plain Python"], calls = batch_in_plain_python()
    medians = {name: statistics.median(times) for name, times in found.items()}
    for name, median in medians.items():
        ratio = median / medians["compiled"]
        print(f"{name:22} {median:9.4f} s a history, {ratio:8.2f} times the compiled engine")
    each = seconds_of_an_exponential()
    limit = each * sum(calls.values())
    print(f"{sum(calls.values())} elementary functions a history, {1e9 * each:.2f} ns each side by "
          f"side: {limit:.5f} s, {limit / medians['side by side']:.2f} of a history")  # fmt: skip
    rows = growth()
    print("\nagents  edges  months   compiled ms       us a month   mesa s   mesa over compiled")
    for row in rows:
        print(f"{row['agents']:6} {row['edges']:6} {row['months']:7} {1e3 * row['compiled']:13.2f} "
              f"{1e6 * row['compiled'] / row['months']:16.1f} {row['mesa']:8.3f} "
              f"{row['mesa'] / row['compiled']:20.0f}")  # fmt: skip
    raw = {"python": platform.python_version(), "cores": os.cpu_count(), "seconds": found,
           "calls": calls, "exponential": each, "growth": rows}  # fmt: skip
    path = Path(__file__).with_name("engines.json")
    path.write_text(json.dumps(raw), encoding="utf-8")


if __name__ == "__main__":
    if "--batch" in sys.argv:
        assert PLAIN_PYTHON
        begun = time.perf_counter()
        batch(1)
        taken = time.perf_counter() - begun
        called = counted()
        batch(1)
        print(json.dumps({"seconds": taken, "calls": called}))
    else:
        main()
