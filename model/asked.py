"""What a market and an ensemble are asked for in numbers, checked at the door."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from itertools import islice
from typing import Any

import numpy as np

from model.scenario import Scenario
from world.errors import InputError
from world.faults import shown
from world.noise import checked_seed

MOST_SEEDS = 10_000_000


def checked_scenario(scenario: Any) -> Scenario:
    """Return a scenario; `InputError` if it is something else, such as its name."""
    if not isinstance(scenario, Scenario):
        hint = f"; `Scenario.load({shown(scenario)})` reads one" if isinstance(scenario, str) else ""
        raise InputError(f"scenario: {shown(scenario)} is no Scenario{hint}.")
    return scenario


def whole(value: Any, name: str, least: int, most: int | None = None) -> int:
    """Return a whole number as an integer; `InputError` if it is none or out of range."""
    number = value.item() if isinstance(value, np.generic) else value
    right = isinstance(number, int) and not isinstance(number, bool) and number >= least
    if not right or (most is not None and number > most):
        allowed = f"from {least}" if most is None else f"from {least} to {most}"
        raise InputError(f"{name} = {shown(value)} must be a whole number {allowed}.")
    return int(number)


def checked_seeds(seeds: Any) -> list[int]:
    """Return root seeds as integers, so that equal seeds are equal however they were written.

    Raises
    ------
    InputError
        No seeds, something that is no seed, or a seed twice.
    """
    if isinstance(seeds, (str, bytes)) or not isinstance(seeds, Iterable):
        raise InputError(f"seeds: {shown(seeds)} must be several whole numbers, such as range(100).")
    if isinstance(seeds, range) and len(seeds) > MOST_SEEDS:
        raise InputError(f"seeds: {shown(seeds)} are too many; at most {MOST_SEEDS:,} are allowed.")
    found = [checked_seed(seed) for seed in islice(iter(seeds), MOST_SEEDS + 1)]
    if not found:
        raise InputError("seeds: at least one seed is needed.")
    if len(found) > MOST_SEEDS:
        raise InputError(f"seeds: at most {MOST_SEEDS:,} are allowed.")
    if len(set(found)) < len(found):
        twice = next(seed for seed, count in Counter(found).items() if count > 1)
        raise InputError(f"seeds: {twice} is given twice; it would be the same history.")
    return found


def checked_shares(q: Any) -> tuple[float, ...]:
    """Return shares as a tuple; `InputError` unless they are different numbers from 0 to 1."""
    given = list(q) if isinstance(q, (tuple, list, np.ndarray)) else []
    shares = [x.item() if isinstance(x, np.generic) else x for x in given]
    numbers = all(isinstance(x, (int, float)) and not isinstance(x, bool) for x in shares)
    right = numbers and all(math.isfinite(x) and 0.0 <= x <= 1.0 for x in shares)
    if not shares or not right or len(set(shares)) < len(shares):
        raise InputError(
            f"quantiles: {shown(q)} must be different numbers from 0 to 1, such as (0.05, 0.5, 0.95)."
        )
    return tuple(shares)
