"""Generate worlds of any size: figures around those of 2025, ties of a chosen shape.

A larger world is more of the same world: money, market and compute grow with the
number of frontier labs above eight, and the edges grow in proportion to the agents.
"""

from __future__ import annotations

import math
from typing import Any

import networkx as nx
import numpy as np

from world.errors import InputError
from world.files.market_graph import add_agents, add_institutions
from world.files.shapes import SHAPES
from world.files.synthetic_agents import (
    USUAL_LABS,
    bloc_of,
    make_customers,
    make_developers,
    make_governments,
    make_hostiles,
    make_investors,
    make_slots,
)
from world.files.synthetic_ties import (
    connect_customers,
    connect_developers,
    connect_governments,
    connect_hostiles,
    connect_investors,
)


def synthetic_world(
    frontier_labs: int = 8,
    imitators: int = 20,
    venture_funds: int = 40,
    strategic_investors: int = 6,
    governments: int = 4,
    hostile_actors: int = 10,
    entrant_slots: int = 12,
    graph: str = "core_periphery",
    seed: int = 0,
) -> nx.MultiDiGraph:
    """Return the market graph of a generated world.

    Parameters
    ----------
    frontier_labs, governments : int
        At least one.
    imitators, venture_funds, strategic_investors, hostile_actors, entrant_slots : int
        Zero or more.
    graph : {"random", "small_world", "scale_free", "core_periphery"}
        Shape of who follows whom (`watches`) and who listens to whom (`syndicate`).
    seed : int
        Zero or more; the same arguments give the same world.

    Returns
    -------
    networkx.MultiDiGraph
        The vocabulary of `read_world`.

    Raises
    ------
    InputError
        An argument that is not a whole number in range, or an unknown shape.
    """
    counts = {
        "frontier_labs": (frontier_labs, 1),
        "imitators": (imitators, 0),
        "venture_funds": (venture_funds, 0),
        "strategic_investors": (strategic_investors, 0),
        "governments": (governments, 1),
        "hostile_actors": (hostile_actors, 0),
        "entrant_slots": (entrant_slots, 0),
        "seed": (seed, 0),
    }
    for name, (value, low) in counts.items():
        _check_count(name, value, low)
    if not isinstance(graph, str) or graph not in SHAPES:
        raise InputError(
            f"synthetic world, graph: {graph!r} is unknown; allowed are {', '.join(SHAPES)}."
        )
    # One stream per purpose: more hostile actors leave the investors' ties as they were.
    streams = [np.random.default_rng(s) for s in np.random.SeedSequence(int(seed)).spawn(5)]
    scale = max(1.0, frontier_labs / USUAL_LABS)
    nations = make_governments(governments)
    homes = [nation["name"] for nation in nations]
    developers = make_developers(frontier_labs, imitators, homes, 1e10 * scale, streams[0])
    slots = make_slots(entrant_slots, homes)
    settled = {bloc_of(d) for d in developers + slots if d["kind"] != "public_lab"}
    investors = make_investors(venture_funds, strategic_investors, homes, settled, scale, streams[1])
    hostiles = make_hostiles(hostile_actors, streams[2])

    world = nx.MultiDiGraph(
        name=f"synthetic {graph}",
        start="2025-01",
        market_size=math.fsum(d["revenue"] for d in developers),
        other_demand=3.9e10 * scale,
    )
    customers = make_customers(homes)
    for agents in (nations, customers, developers, slots, investors, hostiles):
        add_agents(world, agents)
    add_institutions(world, {"cash": 2e10 * scale, "capacity": 1.8e10 * scale})
    connect_investors(world, developers, slots, investors, graph, streams[3])
    connect_developers(world, developers, slots, nations, streams[4])
    connect_customers(world, customers, developers + slots, nations)
    connect_hostiles(world, developers + slots, hostiles, streams[4])
    connect_governments(world, homes)
    return world


def named_world(name: str) -> nx.MultiDiGraph:
    """Return a generated world by name: ``"synthetic SHAPE"`` or ``"synthetic SHAPE AGENTS"``.

    The kinds of agents keep the proportions of the usual world; there are always four
    governments. `InputError` if the shape is unknown or AGENTS is not a whole number from 20.
    """
    words = name.split()
    agents = words[2] if len(words) == 3 else "88"
    if not 2 <= len(words) <= 3 or words[1] not in SHAPES or not agents.isdecimal():
        raise InputError(
            f"world: {name!r} is unknown; write synthetic SHAPE AGENTS, with a shape of "
            f"{', '.join(SHAPES)}."
        )
    if not 20 <= int(agents) <= 20_000:
        raise InputError(f"world: {name!r} must have from 20 to 20000 agents.")
    scale = (int(agents) - 4) / 84
    usual = {"frontier_labs": 8, "imitators": 20, "venture_funds": 40, "strategic_investors": 6,
             "hostile_actors": 10, "entrant_slots": 12}  # fmt: skip
    sizes = {kind: max(1, round(count * scale)) for kind, count in usual.items()}
    return synthetic_world(graph=words[1], **sizes)


def _check_count(name: str, value: Any, low: int) -> None:
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    high = 2**63 if name == "seed" else 1_000_000
    if not whole or not low <= value <= high:
        raise InputError(
            f"synthetic world, {name}: {value!r} is not allowed; "
            f"allowed is a whole number from {low} to {high}."
        )
