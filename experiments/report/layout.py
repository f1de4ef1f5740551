"""Where agents stand: one place for each that is or may come to be in the market.

A map with jurisdictions as sectors: leading labs inside, their imitators around
them, investors on the rim near what they follow. It is computed once from the
opening tables, so that nobody moves while the months pass.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from world.kinds import DEVELOPER_KINDS, INSTITUTIONS
from world.tables import Tables

WIDTH = 1.3  # of the map over its height
RINGS = {"frontier_lab": 0.4, "public_lab": 0.24}
OTHER_RING = 0.64
GOVERNMENT_RING = 0.86
RIM = 1.0
CROWDED = 70  # investors on one rim; more stand in two rows
CORNERS = {
    "supplier": (0.0, 0.1), "limited_partners": (-1.02, -0.98),
    "workers": (1.02, -0.98), "economy": (1.02, 0.98),
}  # fmt: skip


def places(tables: Tables) -> dict[str, Any]:
    """Coordinates by table, arrays of shape (rows, 2); the map spans about -1 to 1."""
    developers, sectors = _developers(tables)
    middle = np.array([(low + high) / 2 for low, high in sectors])
    return {
        "developers": developers,
        "investors": _investors(tables, developers),
        "governments": _around(middle, np.full(len(middle), GOVERNMENT_RING)),
        "hostiles": _hostiles(len(tables.hostiles)),
        "customers": _customers(len(tables.customers)),
        **{name: np.array([_stretched(*CORNERS[name])]) for name in INSTITUTIONS},
    }


def _stretched(x: float, y: float) -> tuple[float, float]:
    return WIDTH * x, y


def _around(angle: Any, radius: Any) -> Any:
    return np.column_stack([WIDTH * radius * np.cos(angle), radius * np.sin(angle)])


def _developers(tables: Tables) -> tuple[Any, list[tuple[float, float]]]:
    """Developers in the sectors of their governments, one ring for each kind."""
    table = tables.developers
    home = np.asarray(table["government"])
    counts = np.bincount(home, minlength=len(tables.governments)) + 1.0
    ends = np.cumsum(np.sqrt(counts)) / np.sqrt(counts).sum() * 2 * math.pi - math.pi / 2
    starts = np.concatenate([[-math.pi / 2], ends[:-1]])
    angle = np.zeros(len(table))
    radius = np.zeros(len(table))
    for government, (low, high) in enumerate(zip(starts, ends, strict=True)):
        for code, kind in enumerate(DEVELOPER_KINDS):
            rows = np.flatnonzero((home == government) & (table["kind"] == code))
            angle[rows] = low + (np.arange(len(rows)) + 0.5) / max(1, len(rows)) * (high - low)
            ring = RINGS.get(kind, OTHER_RING)
            # Neighbours on a full ring stand on two radii, so that names have room.
            radius[rows] = ring + 0.11 * (np.arange(len(rows)) % 2)
    return _around(angle, radius), list(zip(starts.tolist(), ends.tolist(), strict=True))


def _investors(tables: Tables, developers: Any) -> Any:
    """Investors on the rim, in the order of the directions they look in."""
    count = len(tables.investors)
    pull = np.zeros((count, 2))
    ties = tables.ties
    weight = np.asarray(ties["weight"]) + 10.0 * np.asarray(ties["share"])
    np.add.at(pull, ties["source"], weight[:, None] * developers[ties["target"]])
    looks = np.arctan2(pull[:, 1], pull[:, 0] / WIDTH)
    order = np.argsort(looks, kind="stable")
    slots = -math.pi + (np.arange(count) + 0.5) / max(1, count) * 2 * math.pi
    angle = np.empty(count)
    if count:
        # Evenly spaced, turned to where they look on average.
        turn = np.angle(np.exp(1j * (looks[order] - slots)).mean())
        angle[order] = slots + turn
    radius = np.full(count, RIM)
    if count > CROWDED:
        radius[order] += 0.06 * (np.arange(count) % 2)
    return _around(angle, radius)


def _customers(count: int) -> Any:
    """Customers in the middle, one under the other above the supplier."""
    y = np.linspace(-0.3, -0.06, count) if count > 1 else np.full(count, -0.15)
    return np.column_stack([np.zeros(count), y])


def _hostiles(count: int) -> Any:
    """Hostile actors outside, below."""
    x = np.linspace(-0.5, 0.5, count) if count > 1 else np.zeros(count)
    return np.column_stack([WIDTH * x, np.full(count, 1.18)])
