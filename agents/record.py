"""The public record: releases, who matched them, and what they suggest of imitation."""

from __future__ import annotations

import math

from world.compiled import rule
from world.journal import MATCHED, SURPRISE, tell
from world.laws.learning import MATCH_GAP, cost_saving, match_degree
from world.laws.technology import CAPABILITY_2025, LN10, flop_per_usd, logistic
from world.state import IMITATOR, PUBLIC_LAB, RING

FORGOTTEN_AFTER = 48  # months after which a release is no longer watched for copies
GROWTH_MONTHS = 14.0  # smoothing of frontier growth
DEFENCE_MONTHS = 3.0  # defenders' delay behind the frontier
CHEAP = 0.4  # OOM: half of observers call a release at 40 % of the scratch cost cheap
CHEAP_WIDTH = 0.05  # OOM, softness of that judgement
LEADS_IF_IMITATION = 0.03  # probability that a cheap release leads, if it is imitation
LEADS_IF_CLEVER = 0.3  # the same if it is cleverness
NEWS_LEARNING = 0.5  # weight of one cheap release in the expected saving


@rule
def economy_records_releases(market, _row):
    """Compare this month's releases with the frontier models outstanding; move the frontier.

    A follower's release (a copy, an imitator's or an open model) matches an
    outstanding one by `match_degree`; what it adds to the degree already
    reached is news of imitation.
    """
    p = market.parameters[0]
    economy = market.economy[0]
    for j in range(len(market.developers)):
        developer = market.developers[j]
        if developer.alive == 1 and developer.news_released == 1:
            for k in range(RING):
                record_match(market, j, k)
            record_surprise(market, j)
            if developer.capability >= CAPABILITY_2025 - MATCH_GAP:
                paid = max(1.0, developer.news_cost / developer.run_price)
                used = math.log(paid) / LN10 + flop_per_usd(economy.month, p.compute_growth)
                # What a better model used counts less by how much better it is.
                spare = max(0.0, developer.capability - CAPABILITY_2025)
                economy.fixed_compute = min(economy.fixed_compute, used - spare)
        developer.news_exposed = 0.0
    for k in range(RING):
        release = market.releases[k]
        if release.alive == 1:
            if economy.month - release.month > FORGOTTEN_AFTER:
                release.alive = 0
            else:
                market.developers[release.developer].news_exposed += 1.0 - release.matched
    gained = economy.frontier_next - economy.frontier
    economy.frontier = economy.frontier_next
    economy.frontier_growth += (12.0 * gained - economy.frontier_growth) / GROWTH_MONTHS
    economy.frontier_past += (economy.frontier - economy.frontier_past) / DEFENCE_MONTHS
    record_knowhow(market)
    for j in range(len(market.developers)):
        developer = market.developers[j]
        on_sale = developer.alive == 1 and developer.open_weights == 1
        # Weights once opened stay open, whatever becomes of who opened them.
        if on_sale and developer.kind != PUBLIC_LAB and developer.capability > economy.open_frontier:
            economy.open_frontier = developer.capability
            economy.open_owner = j
            economy.open_copied = developer.copied


@rule
def record_knowhow(market):
    """Enter the best efficiency of any developer, and the best of all others."""
    economy = market.economy[0]
    best = 0.0
    second = 0.0
    for j in range(len(market.developers)):
        developer = market.developers[j]
        if developer.alive == 0:
            continue
        if developer.efficiency > best:
            second = best
            best = developer.efficiency
            economy.efficient_owner = j
        elif developer.efficiency > second:
            second = developer.efficiency
    economy.frontier_efficiency = best
    economy.known_efficiency = second


@rule
def record_match(market, j, k):
    """Enter how far developer j's release matches outstanding release k."""
    economy = market.economy[0]
    developer = market.developers[j]
    release = market.releases[k]
    if release.alive == 0 or release.developer == j or release.month == economy.month:
        return
    follows = (
        developer.news_copy == 1 or developer.kind == IMITATOR or developer.open_weights == 1
    )
    if not follows:
        return
    degree = match_degree(developer.capability, release.capability)
    if degree <= release.matched:
        return
    leader = market.developers[release.developer]
    leader.news_matched += degree - release.matched
    if degree >= 0.5 > release.matched:
        age = float(economy.month - release.month)
        economy.lag += 0.2 * (age - economy.lag)
        tell(market, MATCHED, developer.account, leader.account, age, degree)
    release.matched = degree


@rule
def record_surprise(market, j):
    """Enter how surprising the cost of developer j's release was, and what it suggests.

        saving = log10(cost from scratch at the best know-how of others / cost paid)

    The surprise counts by how near the release came to the frontier. A cheap
    release that only matches speaks for imitation, one that leads for
    cleverness: log odds log(0.97/0.7) and log(0.03/0.3). How cheap is cheap is
    smooth: half of the evidence at a saving of 0.4 OOM.
    """
    p = market.parameters[0]
    economy = market.economy[0]
    developer = market.developers[j]
    flops = flop_per_usd(economy.month, p.compute_growth)
    near = match_degree(developer.capability, economy.frontier)
    # At the norm price of compute: scarcity is nobody's cleverness.
    cost = max(1.0, developer.news_cost / developer.run_price)
    known = economy.frontier_efficiency
    if j == economy.efficient_owner:
        known = economy.known_efficiency
    saving = cost_saving(developer.capability, known, flops, cost)
    developer.news_surprise = near * max(0.0, saving - economy.expected_saving)
    cheap = near * logistic((saving - CHEAP) / CHEAP_WIDTH)
    economy.expected_saving += NEWS_LEARNING * cheap * (saving - economy.expected_saving)
    odds = math.log((1.0 - LEADS_IF_IMITATION) / (1.0 - LEADS_IF_CLEVER))
    if developer.news_leads == 1:
        odds = math.log(LEADS_IF_IMITATION / LEADS_IF_CLEVER)
    developer.news_reading = cheap * odds
    if abs(developer.news_reading) > economy.news_strength:
        economy.news_strength = abs(developer.news_reading)
        economy.news_by = developer.account
    economy.news_reading += developer.news_reading
    if developer.news_surprise > economy.news_size:
        economy.news_size = developer.news_surprise
        if developer.news_surprise > 0.1:
            tell(market, SURPRISE, developer.account, -1, developer.news_surprise, cost)
