"""Shapes of the ties between n agents; a shape with a centre has it first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import networkx as nx

if TYPE_CHECKING:
    from collections.abc import Callable

DEGREE = 12  # mean number of ties of an investor or developer in the shaping graph


def random_shape(n: int, seed: int) -> nx.Graph:
    """Every tie equally likely (Gilbert 1959)."""
    return nx.fast_gnp_random_graph(n, min(1.0, DEGREE / max(1, n - 1)), seed=seed)


def small_world_shape(n: int, seed: int) -> nx.Graph:
    """Neighbours on a ring, a fifth of the ties rewired (Watts and Strogatz 1998)."""
    return nx.watts_strogatz_graph(n, min(DEGREE, n - 1), 0.2, seed=seed)


def scale_free_shape(n: int, seed: int) -> nx.Graph:
    """Newcomers tie to whom others tie to (Barabasi and Albert 1999)."""
    return nx.barabasi_albert_graph(n, max(1, min(DEGREE // 2, n - 1)), seed=seed)


def core_periphery_shape(n: int, seed: int) -> nx.Graph:
    """A dense core that the periphery hangs on (Borgatti and Everett 2000)."""
    core = min(20, max(2, n // 4))
    outward = min(0.8, 5.0 / core)
    densities = [[0.8, outward], [outward, min(0.8, 2.0 / n)]]
    return nx.stochastic_block_model([core, n - core], densities, seed=seed)


SHAPES: dict[str, Callable[[int, int], nx.Graph]] = {
    "random": random_shape,
    "small_world": small_world_shape,
    "scale_free": scale_free_shape,
    "core_periphery": core_periphery_shape,
}
