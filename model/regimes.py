"""Regimes: what a trajectory turned out to be, read from the indicators only.

Collapse, slowdown, race and takeoff are names for what happened. No rule of
the model knows them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from world.compiled import rule

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


@rule
def market_growth_over(indicators, t):
    """Growth of the market over the 12 months to `t` [1/year]; 0 in the first year."""
    if t < 12 or indicators[t - 12].market_size <= 0.0:
        return 0.0
    return indicators[t].market_size / indicators[t - 12].market_size - 1.0


@rule
def classify(indicators, months, criteria, evidence):
    """Classify one history; fills the evidence and returns (regime, onset month).

    The first that applies: takeoff, nationalised, funding collapse, slowdown, race.
    In a collapse capital and research spending stand below their peaks in some of
    the 36 slow months; a fall before them, or after progress recovered, is none.
    """
    takeoff = -1
    fastest = 0.0
    software = 0.0
    for t in range(12, months):
        rise = indicators[t].frontier_capability - indicators[t - 12].frontier_capability
        # Software leads the models that are trained with it by a run or two.
        before = max(0, t - 24)
        soft = indicators[t].frontier_efficiency - indicators[before].frontier_efficiency
        if rise > fastest:
            fastest = rise
            software = soft
        if (
            takeoff < 0
            and rise >= criteria.takeoff_capability
            and soft >= criteria.takeoff_software
        ):
            takeoff = t
    # Capital raised and research spending over 24 months, against their peaks.
    fall = 0.0
    market_then = 0.0
    fallen = np.zeros(months)  # 1 in months in which funding has fallen
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
        drop = 1.0 - raised / peak if peak > 0.0 else 0.0
        demand = market_growth_over(indicators, t)
        # Capital that profits replace has not collapsed: research must shrink with it.
        shrunk = spent <= (1.0 - criteria.research_fall) * most_spent
        if not shrunk or demand < criteria.market_growth:
            continue
        if drop > fall:
            fall = drop
            market_then = demand
        if drop >= criteria.funding_fall:
            fallen[t] = 1.0
    nationalised = -1
    slow = -1
    slowest = 1e9
    collapse = -1
    latest_fall = -1000
    public_most = 0.0
    for t in range(23, months):
        if fallen[t] > 0.0:
            latest_fall = t
        if t < 36:
            continue
        growth = (indicators[t].frontier_capability - indicators[t - 36].frontier_capability) / 3.0
        spent = 0.0
        public = 0.0
        for s in range(t - 35, t + 1):
            spent += indicators[s].research_spending
            public += indicators[s].public_spending
        share = public / spent if spent > 0.0 else 0.0
        public_most = max(public_most, share)
        if nationalised < 0 and share >= criteria.public_share and growth >= criteria.public_growth:
            nationalised = t
        if market_growth_over(indicators, t) >= criteria.market_growth:
            slowest = min(slowest, growth)
            if growth < criteria.slow_growth:
                if slow < 0:
                    slow = t
                # The fall must lie in the very months that were slow.
                if collapse < 0 and latest_fall >= t - 36:
                    collapse = t
    evidence[0] = fastest
    evidence[1] = software
    evidence[2] = slowest if slowest < 1e9 else 0.0
    evidence[3] = fall
    evidence[4] = market_then
    evidence[5] = public_most
    if takeoff >= 0:
        return TAKEOFF, takeoff
    if nationalised >= 0:
        return NATIONALISED, nationalised
    if collapse >= 0:
        return COLLAPSE, collapse
    if slow >= 0:
        return SLOWDOWN, slow
    return RACE, -1


def regime_of(indicators: Any, criteria: Criteria = CRITERIA) -> Regime:
    """Read the regime off a history's indicators (record array, one row a month)."""
    evidence = np.zeros(len(EVIDENCE))
    kind, onset = classify(indicators, len(indicators), criteria, evidence)
    figures = dict(zip(EVIDENCE, evidence.tolist(), strict=True))
    return Regime(REGIMES[kind], int(onset), figures)
