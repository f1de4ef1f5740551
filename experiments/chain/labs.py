"""Several labs live: who leads, and who is funded from outside, in the first two years."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from experiments.chain.asked import Asked
from experiments.chain.row import Row, Target, estimated, mean

MONTHS = 24
LEADERS = 3  # different developers that lead alone in some month
# Developers with a named outside round in 2024.
ROUNDS_OF_2024 = (
    "Anthropic", "Cohere", "MiniMax", "Mistral AI", "Moonshot", "OpenAI", "SSI", "xAI", "Zhipu",
)  # fmt: skip


def several_labs(ask: Asked) -> Iterable[Row]:
    """Three developers lead in turn, and all who raised in 2024 raise again."""
    led: list[set[int]] = [set() for _ in ask.seeds]
    outside = np.zeros((len(ask.seeds), len(ROUNDS_OF_2024)))
    for k, tables, roster in ask.by_month(MONTHS):
        names = roster.names["developers"]
        rows = [names.index(name) for name in ROUNDS_OF_2024]
        developers = tables.developers
        outside[k] += (developers["raised"] - developers["raised_parent"])[rows]
        on_sale = (developers["alive"] == 1) & (developers["sells"] == 1)
        capability = np.where(on_sale, developers["capability"], -np.inf)
        first = int(capability.argmax())
        if (capability == capability[first]).sum() == 1:
            led[k].add(first)
    yield estimated("2025-26", f"{LEADERS} developers or more lead alone in some month",
                    [len(leaders) >= LEADERS for leaders in led], mean,
                    Target(least=float(np.nextafter(0.5, 1.0)), words="more than 0.5"))  # fmt: skip
    for name, money in zip(ROUNDS_OF_2024, outside.T, strict=True):
        yield estimated("2025-26", f"{name} raises equity outside", money > 0.0, mean,
                        Target(least=0.8))  # fmt: skip
