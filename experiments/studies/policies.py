"""Public policies: settings of the levers, and courts of another reach."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import networkx as nx

from world.parameters import PARAMETERS

HANDS_OFF = "hands off"
AS_NOW = "as in 2025"
# One instrument each, at a strength that is strong but has been proposed or seen.
INSTRUMENTS: dict[str, dict[str, float]] = {
    "research": {"public_extra": 1e11},
    "protection": {"ip_floor": 0.8},
    "export control": {"export_control": 0.8, "export_trigger": 1.5},
    "safety rules": {"safety_reaction": 1.5},
}
NO_POLICY = {"public_reaction": 0.0, "ip_floor": 0.0, "export_control": 0.0, "safety_reaction": 0.0}


def levers(changes: Mapping[str, float]) -> dict[str, float]:
    """Every declared lever: as given, else at its default."""
    return {p.name: changes.get(p.name, p.default) for p in PARAMETERS if p.role == "lever"}


def single_policies() -> dict[str, dict[str, float]]:
    """No policy, that of 2025, and each instrument alone on top of it."""
    return {HANDS_OFF: NO_POLICY, AS_NOW: {}, **INSTRUMENTS}


def all_policies() -> dict[str, dict[str, float]]:
    """No policy, that of 2025, and every combination of instruments on top of it."""
    found: dict[str, dict[str, float]] = {HANDS_OFF: NO_POLICY, AS_NOW: {}}
    for count in range(1, len(INSTRUMENTS) + 1):
        for names in itertools.combinations(INSTRUMENTS, count):
            found[" + ".join(names)] = {k: v for n in names for k, v in INSTRUMENTS[n].items()}
    return found


def with_courts(world: nx.MultiDiGraph, reach: Mapping[str, float]) -> nx.MultiDiGraph:
    """The same world with other reach of courts, by the name of the government (else none)."""
    return _changed(world, "government", lambda data: {"court_reach": reach.get(data["name"], 0.0)})


def without_open_weights(world: nx.MultiDiGraph) -> nx.MultiDiGraph:
    """The same world with all weights closed: without complements nobody gains by opening.

    Entrants need `open_share` = 0 beside it.
    """
    closed = {"open_weights": 0, "complements": 0}
    return _changed(world, "", lambda data: closed if "open_weights" in data else {})


def _changed(world: nx.MultiDiGraph, kind: str, change: Any) -> nx.MultiDiGraph:
    graph = world.copy()
    for _, data in graph.nodes(data=True):
        if data["kind"] == kind or not kind:
            data.update(change(data))
    return graph
