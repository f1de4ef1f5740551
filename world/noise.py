"""Chance: a uniform number for each month, purpose and row, by counting.

Nothing is drawn in turn and nothing is kept: a number is a hash of the history's
seed and of where it is used. So it costs nothing not to use it, a history can
begin in any month, and no order of agents, observers, engines or policies can
shift the noise.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import maths
from world.compiled import law, part
from world.errors import InputError
from world.laws.technology import normal

WORD = 0xFFFFFFFF  # 32 bits
ROUNDS = 10
MULTIPLIER_0, MULTIPLIER_1 = 0xD2511F53, 0xCD9E8D57
WEYL_0, WEYL_1 = 0x9E3779B9, 0xBB67AE85


@law
def philox(c0, c1, c2, c3, k0, k1):
    """Four random words of 32 bits, from a counter of four and a key of two.

    Source: Philox4x32-10 of Salmon, Moraes, Dror and Shaw 2011, Parallel random
    numbers: as easy as 1, 2, 3.
    """
    for _ in range(ROUNDS):
        even = MULTIPLIER_0 * c0
        odd = MULTIPLIER_1 * c2
        c0 = ((odd >> 32) & WORD) ^ c1 ^ k0
        c2 = ((even >> 32) & WORD) ^ c3 ^ k1
        c1 = odd & WORD
        c3 = even & WORD
        k0 = (k0 + WEYL_0) & WORD
        k1 = (k1 + WEYL_1) & WORD
    return c0, c1, c2, c3


@part
def uniform(market, draw, row):
    """Uniform number from 0 to below 1 for a purpose (`world.state.DRAWS`) and a row, this month.

    Where `dealt` holds a number, that one: for experiments that take luck away or share it out.
    """
    dealt = market.dealt[draw, row]
    if dealt >= 0.0:
        return dealt
    month, luck = market.industry.month, market.luck
    first, second, _, _ = philox(int(month), draw, int(row), 0, int(luck.low), int(luck.high))
    # 52 bits behind the exponent of 1.0 are a number from 1 to below 2.
    return maths.from_bits(maths.ONE | (first << 20) | (second >> 12)) - 1.0


@part
def drawn_normal(market, u, v, row):
    """Standard normal number made of two uniform ones, this month."""
    return normal(uniform(market, u, row), uniform(market, v, row))


def checked_seed(seed: Any) -> int:
    """Return a root seed as an integer; `InputError` unless it is a whole number from 0."""
    whole = isinstance(seed, (int, np.integer)) and not isinstance(seed, bool)
    if not whole or seed < 0:
        raise InputError(f"seed {seed!r} must be a whole number from 0.")
    return int(seed)


def key(seed: int) -> tuple[int, int]:
    """Return the two words of a history's key, from its root seed."""
    low, high = np.random.SeedSequence(seed).generate_state(2, np.uint32)
    return int(low), int(high)
