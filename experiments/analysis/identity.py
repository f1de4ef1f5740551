"""What a result is of: world, scenario, seeds, criteria, and what made it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import networkx as nx

from experiments.sweeps.store import world_version
from model.identity import version
from model.regimes import Criteria
from model.scenario import Scenario


def scenario_version(scenario: Scenario) -> str:
    """Hash of the value of every parameter, 32 hexadecimal digits; names and reasons do not count."""
    values = sorted((name, float(value)) for name, value in scenario.parameters.items())
    return hashlib.blake2b(json.dumps(values).encode(), digest_size=16).hexdigest()


def described(scenario: Scenario, world: nx.MultiDiGraph) -> dict[str, Any]:
    """A scenario and its world by name and by content."""
    return {
        "world": scenario.world,
        "world_hash": world_version(world),
        "scenario_hash": scenario_version(scenario),
        "parameters": dict(scenario.parameters),
    }


def identity(
    scenarios: dict[str, dict[str, Any]], seeds: Sequence[int], until: str, criteria: Criteria
) -> dict[str, Any]:
    """All that decides the figures of a result, for its manifest and the `attrs` of its frames.

    Parameters
    ----------
    scenarios : dict
        What is `described`, by the scenario's name.
    seeds : sequence of int
        Which follow each other.
    until : str
        Last month.
    criteria : Criteria
    """
    return {
        **version(),
        "seeds": [int(seeds[0]), int(seeds[-1])],
        "until": until,
        "criteria": criteria._asdict(),
        "scenarios": scenarios,
    }

