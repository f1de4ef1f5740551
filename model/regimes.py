"""Regimes: what a trajectory turned out to be, read from the indicators only.

Collapse, slowdown, race and takeoff are names for what happened. No rule of
the model knows them.
"""

from __future__ import annotations

from collections.abc import Mapping
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
    funding_fall: float = 0.5  # of money over 24 months, from its peak or the two years before
    market_growth: float = 0.2  # a year: a stall in a saturated market is no slowdown
    slow_growth: float = 0.5  # OOM/year of the frontier over 36 months


CRITERIA = Criteria()


class Before(NamedTuple):
    """Money for frontier research in the two years before a history [USD]; 0 where unknown."""

    outside: float = 0.0  # equity from others than parents
    private: float = 0.0  # that, parents' money and own profits


ENDS = ("", "low", "high")
"""What is known of it: the best guess and both ends."""
UNKNOWN = dict.fromkeys(ENDS, Before())
ASIDE = 0.1
"""How far the strict and the lenient reading of a collapse lie from the criteria: the fall of
money, and growth [OOM/year]; with the low and the high end of the money before."""


class Regime(NamedTuple):
    """What a history was, since when, and the figures that say so."""

    kind: str
    onset: int  # month; -1 for a race
    evidence: dict[str, float]


EVIDENCE = (
    "fastest_12_months",
    "software_24_months_then",
    "slowest_36_months",
    "own_share_then",  # of private money: 1 is a slowdown that pays for itself, 0 a starved one
    "collapsed",  # 1 if funding collapsed, whichever label comes first
    "collapsed_strict",  # the same by the strict reading
    "collapsed_lenient",  # and by the lenient one
    "funding_fall",
    "private_least",  # private money over 24 months, over that of the two years before
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


def private_money(indicators: Array) -> Array:
    """Private money for frontier research: equity of outsiders and parents, own profits [USD/month]."""
    money: Array = indicators["capital_raised"] + indicators["own_profit"]
    return money


def over_24_months(money: Array, before: float) -> Array:
    """Sum over 24 months; the first windows reach into the two years before, spread evenly."""
    found = summed(money, 24)
    first = min(24, found.shape[1])
    found[:, :first] += before * (23.0 - np.arange(first)) / 24.0
    return found


def fall(money: Array, before: float) -> Array:
    """Fall of 24 months' money from the larger of its peak and the two years before [0-1]."""
    total = over_24_months(money, before)
    peak = np.maximum(before, np.maximum.accumulate(total, axis=1))
    left = np.divide(total, peak, out=np.ones(total.shape), where=peak > 0.0)
    return np.maximum(0.0, 1.0 - left)


def falls_of_funding(indicators: Array, before: Before) -> Array:
    """Fall of funding [0-1]: of outside equity and of all private money, whichever fell less.

    Who needs no outside money has not lost it: what parents give and profits pay counts too.
    """
    outside = fall(indicators["outside_equity"], before.outside)
    return np.minimum(outside, fall(private_money(indicators), before.private))


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


def has_collapsed(indicators: Array, criteria: Criteria, before: Before) -> Array:
    """Funding collapse: funding fell by half while the frontier grew slowly.

    The 24 months of the fall lie within the 36 months of slow growth.
    """
    fell = falls_of_funding(indicators, before) >= criteria.funding_fall
    months = np.arange(fell.shape[1])
    latest = np.maximum.accumulate(np.where(fell, months, -13), axis=1)
    return (growth_of_frontier(indicators) < criteria.slow_growth) & (months - latest <= 12)


# --- the verdict -------------------------------------------------------------------------------


def classify(
    indicators: Array, criteria: Criteria = CRITERIA, before: Mapping[str, Before] = UNKNOWN
) -> tuple[Array, Array, Array]:
    """Classify histories: the first that applies at any time.

    In this order: takeoff, nationalised, funding collapse, slowdown, race.

    Parameters
    ----------
    indicators : record array, shape (histories, months)
    criteria : Criteria
    before : mapping
        Money in the two years before the histories, by `ENDS`, e.g. `Roster.before`.

    Returns
    -------
    kinds, onsets, evidence : ndarray, shapes (histories,), (histories,), (histories, EVIDENCE)
        Index into `REGIMES`, month of onset (-1 for a race), figures.
    """
    count, months = indicators.shape
    kinds, onsets = np.full(count, RACE), np.full(count, -1)
    collapse = has_collapsed(indicators, criteria, before[""])
    verdicts = (
        (SLOWDOWN, is_slow(indicators, criteria)),
        (COLLAPSE, collapse),
        (NATIONALISED, is_nationalised(indicators, criteria)),
        (TAKEOFF, takes_off(indicators, criteria)),
    )
    for kind, when in verdicts:  # the later outdoes the earlier
        ever = when.any(axis=1)
        kinds[ever] = kind
        onsets[ever] = when.argmax(axis=1)[ever]
    evidence = gather_evidence(indicators, criteria, before[""])
    for name, when in (
        ("collapsed", collapse),
        ("collapsed_strict", has_collapsed(indicators, aside(criteria, 1.0), before["low"])),
        ("collapsed_lenient", has_collapsed(indicators, aside(criteria, -1.0), before["high"])),
    ):
        evidence[:, EVIDENCE.index(name)] = when.any(axis=1)
    return kinds, onsets, evidence


def aside(criteria: Criteria, side: float) -> Criteria:
    """Stricter (1) or more lenient (-1) criteria of a collapse."""
    return criteria._replace(
        funding_fall=criteria.funding_fall + side * ASIDE,
        slow_growth=criteria.slow_growth - side * ASIDE,
    )


def gather_evidence(indicators: Array, criteria: Criteria, before: Before) -> Array:
    """Return the extremes that the verdict hangs on, in the order of `EVIDENCE`."""
    rise = np.nan_to_num(rise_of_frontier(indicators))
    growth = np.nan_to_num(growth_of_frontier(indicators), nan=np.inf)
    growth[~market_grows(indicators, criteria)] = np.inf
    most, slowest = rise.argmax(axis=1), growth.argmin(axis=1)
    row = np.arange(len(rise))
    rises, judged = rise[row, most] > 0.0, np.isfinite(growth[row, slowest])
    private = summed(private_money(indicators), 36)[row, slowest]
    own = summed(indicators["own_profit"], 36)[row, slowest]
    share = np.divide(own, private, out=np.zeros(len(rise)), where=judged & (private > 0.0))
    least = over_24_months(private_money(indicators), before.private).min(axis=1)
    shares = np.where(np.arange(rise.shape[1]) >= 36, public_share(indicators), 0.0)
    return np.column_stack([
        np.where(rises, rise[row, most], 0.0),
        np.where(rises, rise_of_software(indicators)[row, most], 0.0),
        np.where(judged, growth[row, slowest], 0.0),
        share,
        *np.zeros((3, len(rise))),  # whether it collapsed is the verdict's
        falls_of_funding(indicators, before).max(axis=1),
        least / before.private if before.private > 0.0 else np.zeros(len(rise)),
        shares.max(axis=1),
    ])  # fmt: skip


def regime_of(
    indicators: Array, criteria: Criteria = CRITERIA, before: Mapping[str, Before] = UNKNOWN
) -> Regime:
    """Read the regime off a history's indicators (record array, one row a month)."""
    (kind,), (onset,), (evidence,) = classify(np.asarray(indicators)[None, :], criteria, before)
    return Regime(REGIMES[kind], int(onset), dict(zip(EVIDENCE, evidence.tolist(), strict=True)))
