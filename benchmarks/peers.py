"""One small model in several frameworks, and what an agent's period costs in models of their own.

    python -m benchmarks.peers

The small model is the exchange of wealth that every framework's tutorial has (Dragulescu and
Yakovenko 2000): each of 1,000 agents in turn gives one unit, if it has one, to an agent drawn at
random. No grid, nothing is collected. In mesa-frames all agents give at once, as its columns
want. Beside it stand whole models, which do more or less for an agent: bamengine's economy of
firms, households and banks, and Moat's market.

Each peer is a pinned release in an environment of its own below the cache folder, each
measurement a process of its own; all take turns. Prints microseconds of processor time an agent
and period, medians of rounds. Raw figures are kept in `benchmarks/peers.json`.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import mesa
import numpy as np

from engine.layout import Layout
from engine.machine import cache_folder
from engine.machine import compiled as machine_code
from engine.translate import Program
from model import Market, Scenario
from model.graph import read_graph
from model.lanes import LANES, Lanes
from world.bound import Bound
from world.files.read import read_world
from world.identity import definition_of
from world.noise import philox
from world.tables import Tables

AGENTS, PERIODS, MONTHS, ROUNDS = 1000, 200, 192, 5
PINNED = {"agentpy": "agentpy==0.1.5", "mesa-frames": "mesa-frames==0.1.0a0",
          "bamengine": "bamengine==0.10.2"}  # fmt: skip

# --- the peers' own code, each printing seconds an agent and period ------------------------

TIMED = """
import time
begun = time.process_time()
{run}
print((time.process_time() - begun) / {size})
"""
SCRIPTS = {
    "agentpy": ("""
        import agentpy

        class Person(agentpy.Agent):
            def setup(self):
                self.wealth = 1

            def give(self):
                if self.wealth > 0:
                    self.wealth -= 1
                    people = self.model.people
                    people[self.model.nprandom.integers(len(people))].wealth += 1

        class Exchange(agentpy.Model):
            def setup(self):
                self.people = agentpy.AgentList(self, AGENTS, Person)

            def step(self):
                self.people.give()

        model = Exchange({"steps": PERIODS, "seed": 1})
        """, "model.run(display=False)", AGENTS * PERIODS),
    "mesa-frames": ("""
        import polars
        from mesa_frames import AgentSetPolars, ModelDF

        class People(AgentSetPolars):
            def __init__(self, model):
                super().__init__(model)
                people = {"unique_id": range(AGENTS), "wealth": [1.0] * AGENTS}
                self.add(polars.DataFrame(people))

            def step(self):
                self.select(self.wealth > 0)
                drawn = self.agents.sample(n=len(self.active_agents), with_replacement=True)
                self["active", "wealth"] -= 1
                got = drawn.group_by("unique_id").len()
                self[got["unique_id"].to_list(), "wealth"] += got["len"]

        model = ModelDF()
        model.agents += People(model)
        """, "for _ in range(PERIODS): model.agents.do('step')", AGENTS * PERIODS),
    "bamengine": ("""
        import bamengine
        quiet = {"default_level": "ERROR"}
        model = bamengine.Simulation.init(
            n_firms=100, n_households=500, n_banks=10, seed=1, logging=quiet)
        """, "model.run(n_periods=PERIODS)", 610 * PERIODS),
}  # fmt: skip


def environment(name: str) -> Path:
    """The interpreter of a peer's environment, made where it is missing."""
    folder = cache_folder().parent / "moat-peers" / PINNED[name]
    python = folder / "bin" / "python"
    if not (folder / "made").exists():
        print(f"making an environment for {PINNED[name]}", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, PINNED[name]], check=True, capture_output=True)
        (folder / "made").touch()
    return python


def peer(name: str) -> float | None:
    """Seconds an agent and period in a peer; None if it cannot be installed or run."""
    setup, run, size = SCRIPTS[name]
    text = f"AGENTS, PERIODS = {AGENTS}, {PERIODS}\n{textwrap.dedent(setup)}"
    text += TIMED.format(run=run, size=size)
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    try:
        done = subprocess.run([environment(name), "-c", text], env=kept, text=True, check=True,
                              capture_output=True)  # fmt: skip
    except subprocess.CalledProcessError as error:
        print(f"{PINNED[name]}: {(error.stderr or b'failed')[-300:]}", file=sys.stderr)
        return None
    return float(done.stdout.split()[-1])


# --- the same in Mesa, and by the engine ---------------------------------------------------


class Person(mesa.Agent):
    """An agent of the exchange, in Mesa."""

    def __init__(self, model: mesa.Model) -> None:
        super().__init__(model)
        self.wealth = 1

    def give(self) -> None:
        """Give one unit to somebody."""
        if self.wealth > 0:
            self.wealth -= 1
            self.model.people[self.random.randrange(AGENTS)].wealth += 1


def by_mesa() -> float:
    """Seconds an agent and period where agents are Mesa's."""
    model = mesa.Model(seed=1)
    model.people = list(Person.create_agents(model, AGENTS))
    begun = time.process_time()
    for _ in range(PERIODS):
        model.agents.do("give")
    return (time.process_time() - begun) / (AGENTS * PERIODS)


def give(market, period):
    """The exchange as a rule: everybody gives one unit, who has one."""
    for k in range(len(market.people)):
        if market.people[k].wealth > 0.0:
            market.people[k].wealth -= 1.0
            drawn, _, _, _ = philox(period, k, 0, 0, int(market.luck[0].key), 0)
            market.people[(drawn * len(market.people)) >> 32].wealth += 1.0


PERSON, LUCK = np.dtype([("wealth", "f8")]), np.dtype([("key", "i8")])
TABLES = {"people": PERSON, "luck": LUCK}


def exchange(lanes: int) -> Callable[[int, int], None]:
    """The rule as machine code."""
    layout = Layout(TABLES, ("people.wealth", "luck.key"), lanes)
    program = Program(layout, (), definition_of)
    program.entry("give", give, "market", "int")
    written = program.whole()
    return machine_code(f"exchange {written.text}", lambda: written).function("give", 1)


def by_engine() -> float:
    """Seconds an agent and period of one history in machine code."""
    people = np.ones(AGENTS, PERSON)
    market = Bound(Tables({"people": people, "luck": np.ones(1, LUCK)}))
    work = exchange(1)
    begun = time.process_time()
    for period in range(PERIODS):
        work(market.address, period)
    spent = (time.process_time() - begun) / (AGENTS * PERIODS)
    assert people["wealth"].sum() == AGENTS
    return spent


def side_by_side() -> float:
    """The same of one of many histories that lie side by side."""
    layout = Layout(TABLES, ("people.wealth", "luck.key"), LANES)
    block = np.zeros(layout.words, dtype=np.int64)
    wealth, key = np.ones((AGENTS, LANES)), np.arange(LANES, dtype=np.int64).reshape(1, LANES)
    for table, column, array in (("people", "wealth", wealth), ("luck", "key", key)):
        block[layout.length(table)] = len(array)
        block[layout.columns[table][column].word] = array.ctypes.data
    work = exchange(LANES)
    begun = time.process_time()
    for period in range(PERIODS):
        work(block.ctypes.data, period)
    spent = (time.process_time() - begun) / (AGENTS * PERIODS * LANES)
    assert (wealth.sum(axis=0) == AGENTS).all()
    return spent


# --- Moat's market -------------------------------------------------------------------------


def moat_compiled() -> float:
    """Seconds an agent and month of the market of 2025, many histories side by side."""
    graph = read_world("2025")
    lanes = Lanes(read_graph(graph, Scenario().parameters)[0], MONTHS)
    lanes.run(range(LANES), MONTHS)
    begun = time.process_time()
    lanes.run(range(LANES), MONTHS)
    return (time.process_time() - begun) / (LANES * MONTHS * graph.number_of_nodes())


def moat_mesa() -> float:
    """The same of one history as Mesa steps it."""
    market = Market(Scenario(), seed=1)
    market.step()
    begun = time.process_time()
    for _ in range(MONTHS - 1):
        market.step()
    return (time.process_time() - begun) / ((MONTHS - 1) * market.graph.number_of_nodes())


EXCHANGE: dict[str, Callable[[], float | None]] = {
    "Moat's engine, side by side": side_by_side, "Moat's engine, one history": by_engine,
    "mesa-frames": lambda: peer("mesa-frames"), f"Mesa {mesa.__version__}": by_mesa,
    "agentpy": lambda: peer("agentpy"),
}  # fmt: skip
WHOLE: dict[str, Callable[[], float | None]] = {
    "Moat's market, side by side": moat_compiled, "Moat's market, stepped by Mesa": moat_mesa,
    "bamengine": lambda: peer("bamengine"),
}  # fmt: skip


def main() -> None:
    """Measure and print."""
    for name in PINNED:
        environment(name)
    found: dict[str, dict[str, list[float]]] = {"exchange": {}, "whole": {}}
    for _ in range(ROUNDS):
        for table, works in (("exchange", EXCHANGE), ("whole", WHOLE)):
            for name, work in works.items():
                if (spent := work()) is not None:
                    found[table].setdefault(name, []).append(spent)
    for table, rows in found.items():
        print(f"{table}: microseconds an agent and period")
        for name, spent in rows.items():
            print(f"  {name:32} {1e6 * statistics.median(spent):10.4f}")
    path = Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(found | {"pinned": PINNED}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
