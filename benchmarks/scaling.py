"""How cost grows with agents and edges: reading a graph, and a year in either engine.

    python -m benchmarks.scaling

Generated worlds of 300 to 10,000 agents at a fixed mean degree. Prints processor time and the
slope of its logarithm on that of agents and edges (1: in proportion). Raw figures are kept in
`benchmarks/scaling.json`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from model import Market, Scenario
from model.graph import read_graph
from model.run import Run
from world.files.synthetic import synthetic_world

SIZES = (3, 10, 30, 100)  # over the usual 8 labs and 92 others
USUAL = (8, 20, 40, 6, 4, 10, 12)
ROUNDS = 3
YEAR, UNTIL = 12, "2025-12"


def least(work: Callable[[], object]) -> float:
    """Least processor seconds of some rounds."""
    found = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        work()
        found.append(time.process_time() - begun)
    return min(found)


def main() -> None:
    """Measure and print."""
    scenario = Scenario()
    Market(scenario).step()  # makes machine code
    rows = []
    print(" agents   edges   read_graph   compiled year   Mesa year  [s]")
    for size in SIZES:
        graph = synthetic_world(*(size * count if count != 4 else 4 for count in USUAL))
        start, _ = read_graph(graph, scenario.parameters)
        run = Run(start)
        market = Market(scenario, graph=graph)
        row = {
            "agents": graph.number_of_nodes(),
            "edges": graph.number_of_edges(),
            "read_graph": least(lambda graph=graph: read_graph(graph, scenario.parameters)),
            "compiled": least(lambda run=run: run.open(0).run(YEAR)),
            "mesa": least(lambda market=market: [market.step() for _ in range(YEAR)]),
        }
        rows.append(row)
        print(f"{row['agents']:7} {row['edges']:7} {row['read_graph']:12.3f} "
              f"{row['compiled']:15.4f} {row['mesa']:11.3f}", flush=True)  # fmt: skip
    whole = np.log([row["agents"] + row["edges"] for row in rows])
    slopes = {key: float(np.polyfit(whole, np.log([row[key] for row in rows]), 1)[0])
              for key in ("read_graph", "compiled", "mesa")}  # fmt: skip
    for key, slope in slopes.items():
        print(f"slope of {key}: {slope:.2f}")
    path = Path(__file__).with_suffix(".json")
    path.write_text(json.dumps({"rows": rows, "slopes": slopes}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
