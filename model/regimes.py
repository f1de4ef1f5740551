"""Regimes: what a trajectory turned out to be, read from the indicators only.

Collapse, slowdown, race and takeoff are names for what happened. No rule of
the model knows them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from world.tables import Array

REGIMES = ("race", "slowdown", "funding collapse", "takeoff", "nationalised")
RACE, SLOWDOWN, COLLAPSE, TAKEOFF, NATIONALISED = range(5)
FAILED = (REGIMES[SLOWDOWN], REGIMES[COLLAPSE])


class Criteria(NamedTuple):
    """Thresholds of the classifier; reported with a table of their sensitivity."""

    takeoff_capability: float = 2.2  # OOM in 12 months: twice the pace of 2020-24
    takeoff_software: float = 1.5  # OOM in the 24 months to then: not a spending rebound
    public_share: float = 0.5  # of research spending over 36 months
    public_growth: float = 0.3  # OOM/year over the same months
    funding_fall: float = 0.5  # of capital raised over 24 months, from its peak
    research_fall: float = 0.1  # of research spending over 24 months, from its peak
    market_growth: float = 0.2  # a year: a stall in a saturated market is no slowdown
    slow_growth: float = 0.5  # OOM/year of the frontier over 36 months


CRITERIA = Criteria()


class Regime(NamedTuple):
    """What a history was, since when, and the figures that say so."""

    kind: str
    onset: int  # month; -1 for a race
    evidence: dict[str, float]


EVIDENCE = (
    "fastest_12_months",
    "software_24_months_then",
    "slowest_36_months",
    "funding_fall",
    "market_growth_then",
    "public_share_36_months",
)

# --- what is measured: arrays of (histories, months) -----------------------------------------


def change(values: Array, months: int, before: float = np.nan) -> Array:
    """Change over so many months; `before` where there are not so many yet."""
    found = np.full(values.shape, before)
    found[:, months:] = values[:, months:] - values[:, :-months]
    return found


def summed(values: Array, months: int) -> Array:
    """Sum over the last so many months, or over all there are."""
    total = np.cumsum(values, axis=1)
    found = total.copy()
    found[:, months:] -= total[:, :-months]
    return found


def rise_of_frontier(indicators: Array) -> Array:
    """Rise of the frontier over 12 months [OOM]."""
    return change(indicators["frontier_capability"], 12)


def rise_of_software(indicators: Array) -> Array:
    """Rise of the best efficiency over 24 months [OOM].

    Software leads the models that are trained with it by a run or two.
    """
    efficiency = indicators["frontier_efficiency"]
    found = change(efficiency, 24)
    found[:, :24] = efficiency[:, :24] - efficiency[:, :1]
    return found


def growth_of_frontier(indicators: Array) -> Array:
    """Growth of the frontier over 36 months [OOM/year]."""
    return change(indicators["frontier_capability"], 36) / 3.0


def growth_of_market(indicators: Array) -> Array:
    """Growth of the market over 12 months [1/year]; 0 in the first year."""
    size = indicators["market_size"]
    found = np.zeros(size.shape)
    np.divide(size[:, 12:], size[:, :-12], out=found[:, 12:], where=size[:, :-12] > 0.0)
    found[:, 12:] -= size[:, :-12] > 0.0
    return found


def public_share(indicators: Array) -> Array:
    """Public money in research spending over 36 months [0-1]."""
    spent = summed(indicators["research_spending"], 36)
    public = summed(indicators["public_spending"], 36)
    return np.divide(public, spent, out=np.zeros(spent.shape), where=spent > 0.0)


def falls_of_funding(indicators: Array, criteria: Criteria) -> Array:
    """Fall of capital raised over 24 months from its peak so far [0-1].

    It counts while research shrinks with it, for capital that profits replace has
    not collapsed, and while the market grows.
    """
    raised = summed(indicators["capital_raised"], 24)
    spent = summed(indicators["research_spending"], 24)
    raised[:, :23] = spent[:, :23] = 0.0  # not yet 24 months
    peak = np.maximum.accumulate(raised, axis=1)
    shrunk = spent <= (1.0 - criteria.research_fall) * np.maximum.accumulate(spent, axis=1)
    counts = shrunk & (peak > 0.0) & market_grows(indicators, criteria)
    found = np.zeros(raised.shape)
    np.divide(raised, peak, out=found, where=counts)
    return np.where(counts, 1.0 - found, 0.0)


# --- one predicate a regime: in which months does it hold? ------------------------------------


def market_grows(indicators: Array, criteria: Criteria) -> Array:
    """A stall where every dollar of demand is served is no puzzle: demand must grow."""
    return growth_of_market(indicators) >= criteria.market_growth


def takes_off(indicators: Array, criteria: Criteria) -> Array:
    """Takeoff: the frontier rises at twice the pace of 2020-24, and software with it."""
    fast = rise_of_frontier(indicators) >= criteria.takeoff_capability
    return fast & (rise_of_software(indicators) >= criteria.takeoff_software)


def is_nationalised(indicators: Array, criteria: Criteria) -> Array:
    """Nationalised: most research money is public, and progress goes on."""
    goes_on = growth_of_frontier(indicators) >= criteria.public_growth
    return goes_on & (public_share(indicators) >= criteria.public_share)


def is_slow(indicators: Array, criteria: Criteria) -> Array:
    """Slowdown: the frontier has grown slowly for 36 months while the market grows."""
    slow = growth_of_frontier(indicators) < criteria.slow_growth
    return slow & market_grows(indicators, criteria)


def has_collapsed(indicators: Array, criteria: Criteria) -> Array:
    """Funding collapse: slow, and capital raised fell by half in these very 36 months.

    A fall before them, or after progress recovered, is none.
    """
    fell = falls_of_funding(indicators, criteria) >= criteria.funding_fall
    months = np.arange(fell.shape[1])
    latest = np.maximum.accumulate(np.where(fell, months, -37), axis=1)
    return is_slow(indicators, criteria) & (months - latest <= 36)


# --- the verdict -------------------------------------------------------------------------------


def classify(indicators: Array, criteria: Criteria = CRITERIA) -> tuple[Array, Array, Array]:
    """Classify histories: the first that applies at any time.

    In this order: takeoff, nationalised, funding collapse, slowdown, race.

    Parameters
    ----------
    indicators : record array, shape (histories, months)
    criteria : Criteria

    Returns
    -------
    kinds, onsets, evidence : ndarray, shapes (histories,), (histories,), (histories, EVIDENCE)
        Index into `REGIMES`, month of onset (-1 for a race), figures.
    """
    count, months = indicators.shape
    kinds, onsets = np.full(count, RACE), np.full(count, -1)
    verdicts = ((SLOWDOWN, is_slow), (COLLAPSE, has_collapsed),
                (NATIONALISED, is_nationalised), (TAKEOFF, takes_off))  # fmt: skip
    for kind, holds in verdicts:  # the later outdoes the earlier
        when = holds(indicators, criteria)
        ever = when.any(axis=1)
        kinds[ever] = kind
        onsets[ever] = when.argmax(axis=1)[ever]
    return kinds, onsets, gather_evidence(indicators, criteria)


def gather_evidence(indicators: Array, criteria: Criteria) -> Array:
    """Return the extremes that the verdict hangs on, in the order of `EVIDENCE`."""
    rise = np.nan_to_num(rise_of_frontier(indicators))
    falls = falls_of_funding(indicators, criteria)
    growth = np.where(market_grows(indicators, criteria), growth_of_frontier(indicators), np.nan)
    slowest = np.fmin.reduce(growth, axis=1)
    shares = np.where(np.arange(rise.shape[1]) >= 36, public_share(indicators), 0.0)
    most, deepest = rise.argmax(axis=1), falls.argmax(axis=1)
    row = np.arange(len(rise))
    rises, fell = rise[row, most] > 0.0, falls[row, deepest] > 0.0
    return np.column_stack([
        np.where(rises, rise[row, most], 0.0),
        np.where(rises, rise_of_software(indicators)[row, most], 0.0),
        np.nan_to_num(slowest),
        np.where(fell, falls[row, deepest], 0.0),
        np.where(fell, growth_of_market(indicators)[row, deepest], 0.0),
        shares.max(axis=1),
    ])  # fmt: skip


def regime_of(indicators: Array, criteria: Criteria = CRITERIA) -> Regime:
    """Read the regime off a history's indicators (record array, one row a month)."""
    (kind,), (onset,), (evidence,) = classify(np.asarray(indicators)[None, :], criteria)
    return Regime(REGIMES[kind], int(onset), dict(zip(EVIDENCE, evidence.tolist(), strict=True)))
