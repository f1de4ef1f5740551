"""Of what a history or an ensemble is: world, scenario, seeds, criteria, and what made it."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from typing import Any

import model
from model.graph import Roster
from model.identity import engine, readings, rules
from model.regimes import Criteria
from model.rulebook import Rulebook
from model.scenario import Scenario
from world.tables import Tables

OF_THE_SEED = ("luck", "entries", "events")  # what a start has from its seed, or does not have yet


def start_hash(tables: Tables, roster: Roster) -> str:
    """Hash a history's state before its opening, 32 digits: world and parameters as they were read."""
    found = hashlib.blake2b(repr((roster.names, roster.kinds, roster.start)).encode(), digest_size=16)
    for name, array in tables:
        if name not in OF_THE_SEED:
            found.update(f"{name} {_written(array.dtype)}".encode())
            found.update(array.tobytes())
    return found.hexdigest()


_written = functools.cache(str)  # a type of many columns takes long to write


def identity_of(
    scenario: Scenario, start: str, seeds: Sequence[int], until: str, criteria: Criteria,
    rulebook: Rulebook, own_graph: bool,
) -> dict[str, Any]:  # fmt: skip
    """All that decides the figures of histories, in words and numbers that JSON can hold.

    Parameters
    ----------
    scenario : Scenario
    start : str
        `start_hash`.
    seeds : sequence of int
    until : str
        Last month.
    criteria : Criteria
    rulebook : Rulebook
    own_graph : bool
        Whether they began in a graph of the user's instead of the scenario's world.
    """
    return {
        "world": "own graph" if own_graph else scenario.world,
        "scenario": scenario.name,
        "parameters": scenario.changed_parameters(),
        "start": start,
        "seeds": list(seeds),
        "until": until,
        "criteria": criteria._asdict(),
        "moat": model.__version__,
        "rules": rules(rulebook),
        "readings": readings(rulebook),
        "engine": engine(),
    }
