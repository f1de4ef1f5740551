"""Regimes: what a trajectory turned out to be, read from the indicators only.

Collapse, slowdown, race and takeoff are names for what happened. No rule of
the model knows them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from world.compiled import part

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

# --- what is measured, in month t ----------------------------------------------------------


@part
def rise_of_frontier(indicators, t):
    """Rise of the frontier over 12 months [OOM]."""
    return indicators[t].frontier_capability - indicators[t - 12].frontier_capability


@part
def rise_of_software(indicators, t):
    """Rise of the best efficiency over 24 months [OOM].

    Software leads the models that are trained with it by a run or two.
    """
    before = max(0, t - 24)
    return indicators[t].frontier_efficiency - indicators[before].frontier_efficiency


@part
def growth_of_frontier(indicators, t):
    """Growth of the frontier over 36 months [OOM/year]."""
    return (indicators[t].frontier_capability - indicators[t - 36].frontier_capability) / 3.0


@part
def growth_of_market(indicators, t):
    """Growth of the market over the 12 months to `t` [1/year]; 0 in the first year."""
    if t < 12 or indicators[t - 12].market_size <= 0.0:
        return 0.0
    return indicators[t].market_size / indicators[t - 12].market_size - 1.0


@part
def public_share(indicators, t):
    """Public money in research spending over 36 months [0-1]."""
    spent = 0.0
    public = 0.0
    for s in range(t - 35, t + 1):
        spent += indicators[s].research_spending
        public += indicators[s].public_spending
    return public / spent if spent > 0.0 else 0.0


@part
def measure_falls(indicators, months, criteria, falls):
    """Fall of capital raised over 24 months from its peak so far [0-1], month by month.

    It counts while research shrinks with it, for capital that profits replace has
    not collapsed, and while the market grows.
    """
    peak = 0.0
    raised = 0.0
    spent = 0.0
    most_spent = 0.0
    for t in range(months):
        raised += indicators[t].capital_raised
        spent += indicators[t].research_spending
        if t >= 24:
            raised -= indicators[t - 24].capital_raised
            spent -= indicators[t - 24].research_spending
        if t < 23:
            continue
        most_spent = max(most_spent, spent)
        peak = max(peak, raised)
        shrunk = spent <= (1.0 - criteria.research_fall) * most_spent
        if shrunk and peak > 0.0 and market_grows(indicators, t, criteria):
            falls[t] = 1.0 - raised / peak


# --- one predicate a regime: does it hold in month t? ----------------------------------------


@part
def market_grows(indicators, t, criteria):
    """A stall where every dollar of demand is served is no puzzle: demand must grow."""
    return growth_of_market(indicators, t) >= criteria.market_growth


@part
def takes_off(indicators, t, criteria):
    """Takeoff: the frontier rises at twice the pace of 2020-24, and software with it."""
    if t < 12 or rise_of_frontier(indicators, t) < criteria.takeoff_capability:
        return False
    return rise_of_software(indicators, t) >= criteria.takeoff_software


@part
def is_nationalised(indicators, t, criteria):
    """Nationalised: most research money is public, and progress goes on."""
    if t < 36 or growth_of_frontier(indicators, t) < criteria.public_growth:
        return False
    return public_share(indicators, t) >= criteria.public_share


@part
def is_slow(indicators, t, criteria):
    """Slowdown: the frontier has grown slowly for 36 months while the market grows."""
    if t < 36 or not market_grows(indicators, t, criteria):
        return False
    return growth_of_frontier(indicators, t) < criteria.slow_growth


@part
def has_collapsed(indicators, t, criteria, falls):
    """Funding collapse: slow, and capital raised fell by half in these very 36 months.

    A fall before them, or after progress recovered, is none.
    """
    if not is_slow(indicators, t, criteria):
        return False
    deepest = 0.0
    for s in range(t - 36, t + 1):
        deepest = max(deepest, falls[s])
    return deepest >= criteria.funding_fall


# --- the verdict -------------------------------------------------------------------------------


@part
def classify(indicators, months, criteria, evidence):
    """Classify one history; fills the evidence and returns (regime, onset month).

    The first that applies at any time: takeoff, nationalised, funding collapse,
    slowdown, race.
    """
    falls = np.zeros(months)
    measure_falls(indicators, months, criteria, falls)
    gather_evidence(indicators, months, criteria, falls, evidence)
    takeoff = -1
    nationalised = -1
    collapse = -1
    slow = -1
    for t in range(months):
        if takeoff < 0 and takes_off(indicators, t, criteria):
            takeoff = t
        if nationalised < 0 and is_nationalised(indicators, t, criteria):
            nationalised = t
        if collapse < 0 and has_collapsed(indicators, t, criteria, falls):
            collapse = t
        if slow < 0 and is_slow(indicators, t, criteria):
            slow = t
    if takeoff >= 0:
        return TAKEOFF, takeoff
    if nationalised >= 0:
        return NATIONALISED, nationalised
    if collapse >= 0:
        return COLLAPSE, collapse
    if slow >= 0:
        return SLOWDOWN, slow
    return RACE, -1


@part
def gather_evidence(indicators, months, criteria, falls, evidence):
    """Fill the extremes that the verdict hangs on, in the order of `EVIDENCE`."""
    evidence[:] = 0.0
    slowest = np.inf
    for t in range(months):
        if t >= 12 and rise_of_frontier(indicators, t) > evidence[0]:
            evidence[0] = rise_of_frontier(indicators, t)
            evidence[1] = rise_of_software(indicators, t)
        if falls[t] > evidence[3]:
            evidence[3] = falls[t]
            evidence[4] = growth_of_market(indicators, t)
        if t >= 36:
            evidence[5] = max(evidence[5], public_share(indicators, t))
            if market_grows(indicators, t, criteria):
                slowest = min(slowest, growth_of_frontier(indicators, t))
    evidence[2] = slowest if slowest < np.inf else 0.0


def regime_of(indicators: Any, criteria: Criteria = CRITERIA) -> Regime:
    """Read the regime off a history's indicators (record array, one row a month)."""
    evidence = np.zeros(len(EVIDENCE))
    kind, onset = classify(indicators, len(indicators), criteria, evidence)
    figures = dict(zip(EVIDENCE, evidence.tolist(), strict=True))
    return Regime(REGIMES[kind], int(onset), figures)
