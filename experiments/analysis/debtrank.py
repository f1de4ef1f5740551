"""DebtRank: how distress at one balance sheet reaches others, before anyone reacts."""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.analysis.statistics import numbers
from world.errors import InputError
from world.tables import Tables

ROUNDS = 10_000
STILL = 1e-9  # change of distress below which it has come to rest


def debtrank(impact: Any, shock: Any) -> Any:
    """Distress of every balance sheet in the end.

        h_i(t+1) = min(1, h_i(t) + sum over j: impact_ij (h_j(t) - h_j(t-1)))

    Each loss is passed on once, as it happens, and may pass any node again: the
    original (Battiston et al. 2012) let each node transmit once only.
    Source: Bardoscia, Battiston, Caccioli and Caldarelli 2015.

    Parameters
    ----------
    impact : ndarray, shape (n, n)
        Share of i's equity lost when j loses all of its own.
    shock : ndarray, shape (n,)
        Distress at the start, 0 to 1.

    Returns
    -------
    ndarray, shape (n,)
        Equity lost, as a share, 0 to 1.

    Raises
    ------
    InputError
        Figures that are missing or infinite, another shape, a shock outside 0 to 1, an impact
        below 0, or distress that does not come to rest.
    """
    impact, now = numbers(impact, "debtrank, impact"), numbers(shock, "debtrank, shock")
    if now.ndim != 1 or impact.shape != 2 * now.shape:
        raise InputError(f"debtrank: impact has the shape {impact.shape} and shock {now.shape}; "
                         "allowed are (n, n) and (n,).")  # fmt: skip
    if ((now < 0.0) | (now > 1.0)).any() or (impact < 0.0).any():
        raise InputError("debtrank: a shock must lie between 0 and 1, an impact be at least 0.")
    before = np.zeros(len(now))
    for _ in range(ROUNDS):
        following = np.minimum(1.0, now + impact @ (now - before))
        before, now = now, following
        if np.abs(now - before).max(initial=0.0) < STILL:
            return now
    raise InputError(f"debtrank: distress has not come to rest after {ROUNDS} rounds.")


def lab_impacts(tables: Tables) -> tuple[Any, Any]:
    """Impact matrix of investors (first) and developers, and the investors' equity.

        investor i on developer j:  stake_ij * value_j / (book_i + cash_i)
        developer j on investor i:  paid_ij / max(value_j, paid_j)

    An investor loses its stake; a developer the share of its worth that the
    investor's money stands for.

    Returns
    -------
    ndarray, shape (investors + developers, investors + developers)
    ndarray, shape (investors,)
        Book and cash [USD].
    """
    investors, developers, ties = tables.investors, tables.developers, tables.ties
    count = len(investors)
    size = count + len(developers)
    worth = investors["book"] + tables.balance[investors["account"]]
    held, paid = np.zeros((count, len(developers))), np.zeros((count, len(developers)))
    pairs = ties["source"], ties["target"]
    np.add.at(held, pairs, ties["share"] * developers["valuation"][ties["target"]])
    np.add.at(paid, pairs, ties["paid"])
    live = (developers["alive"] == 1) & (developers["owned"] == 1)
    paid[:, ~live] = 0.0
    impact = np.zeros((size, size))
    impact[:count, count:] = held / np.maximum(worth, 1.0)[:, None]
    backing = np.maximum(developers["valuation"], paid.sum(axis=0))
    impact[count:, :count] = (paid / np.maximum(backing, 1.0)).T
    return impact, worth


def rank_of(tables: Tables, developer: int) -> float:
    """Share of all investors' wealth lost when a developer fails, by DebtRank."""
    impact, worth = lab_impacts(tables)
    shock = np.zeros(len(impact))
    shock[len(worth) + developer] = 1.0
    lost = debtrank(impact, shock)[: len(worth)]
    return float((lost * worth).sum() / worth.sum())
