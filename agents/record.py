"""The public record: releases, who matched them, and what they suggest of imitation."""

from __future__ import annotations

from agents.edges import sells
from engine import maths
from world.compiled import part, rule
from world.journal import MATCHED, SURPRISE, tell
from world.laws.learning import MATCH_GAP, cost_saving, match_degree
from world.laws.technology import FLOP_PER_USD_2025, LN10, logistic, pow10
from world.noise import drawn_normal, uniform
from world.state import RATES_U, RATES_V, RING, TURN

FORGOTTEN_AFTER = 48  # months after which a release is no longer watched for copies
GROWTH_MONTHS = 14.0  # smoothing of frontier growth
DEFENCE_MONTHS = 3.0  # defenders' delay behind the frontier
CHEAP = 0.4  # OOM: half of observers call a release at 40 % of the scratch cost cheap
CHEAP_WIDTH = 0.05  # OOM, softness of that judgement
LEADS_IF_IMITATION = 0.03  # probability that a cheap release leads, if it is imitation
LEADS_IF_CLEVER = 0.3  # the same if it is cleverness
RATE_MONTHS = 24.0  # in which the discount rate returns to its norm
LOWEST_RATE = 0.04  # 1/year
HALF = 0.5  # degree from which a release counts as matched
LAG_MEMORY = 0.2  # weight of the latest match in the lag
NEWSWORTHY = 0.1  # OOM of surprise that enters the story
NEWS_LEARNING = 0.5  # weight of one cheap release in the expected saving


@rule
def economy_opens_month(market, _row):
    """Start the month: what a dollar of compute buys, what is known, who asks for money first."""
    p = market.parameters
    industry = market.industry
    industry.frontier_next = industry.frontier
    if industry.month > 0:
        industry.flop_per_usd += p.compute_growth / 12.0
    industry.compute_scale = pow10(industry.flop_per_usd - FLOP_PER_USD_2025)
    # Experiments must follow the size of frontier runs, as far as scale matters.
    grown = industry.largest_compute - industry.largest_start
    industry.experiment_scale = pow10(-p.frontier_scale * max(0.0, grown))
    record_knowhow(market)  # of those who are left after last month's exits
    news_of_rates(market)
    draw_rotation(market)


@part
def news_of_rates(market):
    """Move the discount rate by news that has nothing to do with this market.

        d rate = (discount - rate)/2 dt + noise dW  [years]

    Most of the movement of values is of this kind, and it is common to all.
    Source: Campbell and Shiller 1988; Cochrane 2011; the process is that of Vasicek 1977.
    """
    p = market.parameters
    industry = market.industry
    industry.discount += (p.discount - industry.discount) / RATE_MONTHS
    if p.discount_noise > 0.0:
        news = drawn_normal(market, RATES_U, RATES_V, 0) / maths.sqrt(12.0)
        industry.discount = max(LOWEST_RATE, industry.discount + p.discount_noise * news)


@part
def draw_rotation(market):
    """Draw the order in which developers ask for money, by the month's noise alone.

    Source: Fisher and Yates 1938.
    """
    for j in range(len(market.rotation)):
        market.rotation[j] = j
    for last in range(len(market.rotation) - 1, 0, -1):
        chosen = int(uniform(market, TURN, last) * (last + 1))
        kept = market.rotation[last]
        market.rotation[last] = market.rotation[chosen]
        market.rotation[chosen] = kept


@rule
def economy_records_releases(market, _row):
    """Compare this month's releases with the frontier models outstanding; move the frontier.

    A follower's release (a copy, an imitator's or an open model) matches an
    outstanding one by `match_degree`; what it adds to the degree already
    reached is news of imitation. Models not yet matched are exposed to it.
    """
    industry = market.industry
    taught = 0.0
    lesson = 0.0
    for j in range(len(market.developers)):
        developer = market.developers[j]
        if developer.alive == 1 and developer.news_released == 1:
            for k in range(RING):
                record_match(market, j, k)
            cheap, saving = record_surprise(market, j)
            taught += cheap
            lesson += cheap * saving
            record_compute(market, developer)
    if taught > 0.0:  # all of the month's at once: their order teaches nothing
        learned = min(1.0, NEWS_LEARNING * taught)
        industry.expected_saving += learned * (lesson / taught - industry.expected_saving)
    for k in range(RING):
        release = market.releases[k]
        if release.alive == 1:
            if industry.month - release.month > FORGOTTEN_AFTER:
                release.alive = 0
            else:
                market.developers[release.developer].news_exposed += 1.0 - release.matched
    gained = industry.frontier_next - industry.frontier
    industry.frontier = industry.frontier_next
    industry.frontier_growth += (12.0 * gained - industry.frontier_growth) / GROWTH_MONTHS
    industry.frontier_past += (industry.frontier - industry.frontier_past) / DEFENCE_MONTHS
    record_knowhow(market)
    record_open_frontier(market)


@part
def record_compute(market, developer):
    """Enter the training compute of a release that reaches the start's frontier.

    What a better model used counts less by how much better it is.
    """
    industry = market.industry
    if developer.capability < industry.frontier_start - MATCH_GAP:
        return
    paid = max(1.0, developer.news_cost / developer.run_price)
    used = maths.log(paid) / LN10 + industry.flop_per_usd
    spare = max(0.0, developer.capability - industry.frontier_start)
    industry.fixed_compute = min(industry.fixed_compute, used - spare)


@part
def record_open_frontier(market):
    """Enter the best open model. Weights once opened stay open, whatever becomes of their owner."""
    industry = market.industry
    for j in range(len(market.developers)):
        developer = market.developers[j]
        opened = sells(developer) and developer.open_weights == 1
        if opened and developer.capability > industry.open_frontier:
            industry.open_frontier = developer.capability
            industry.open_owner = j
            industry.open_copied = developer.copied


@part
def record_knowhow(market):
    """Enter the best efficiency of any developer, and the best of all others."""
    industry = market.industry
    best = 0.0
    second = 0.0
    for j in range(len(market.developers)):
        developer = market.developers[j]
        if developer.alive == 0:
            continue
        if developer.efficiency > best:
            second = best
            best = developer.efficiency
            industry.efficient_owner = j
        elif developer.efficiency > second:
            second = developer.efficiency
    industry.frontier_efficiency = best
    industry.known_efficiency = second


@part
def record_match(market, j, k):
    """Enter how far developer j's release matches outstanding release k."""
    industry = market.industry
    developer = market.developers[j]
    release = market.releases[k]
    if release.alive == 0 or release.developer == j or release.month == industry.month:
        return
    if developer.news_copy == 0 and developer.follows == 0 and developer.open_weights == 0:
        return
    if developer.capability <= release.followed:
        return  # another has matched it further
    release.followed = developer.capability
    degree = match_degree(developer.capability, release.capability)
    if degree <= release.matched:
        return
    leader = market.developers[release.developer]
    leader.news_matched += degree - release.matched
    if degree >= HALF > release.matched:
        age = float(industry.month - release.month)
        industry.lag += LAG_MEMORY * (age - industry.lag)
        tell(market, MATCHED, developer.account, leader.account, age, degree)
    release.matched = degree


@part
def record_surprise(market, j):
    """Enter how surprising the cost of developer j's release was; returns how cheap, and the saving.

        saving = log10(cost from scratch at the best know-how of others / cost paid)

    The surprise counts by how near the release came to the frontier. A cheap
    release that only matches speaks for imitation, one that leads for
    cleverness: log odds log(0.97/0.7) and log(0.03/0.3). How cheap is cheap is
    smooth: half of the evidence at a saving of 0.4 OOM.
    """
    industry = market.industry
    developer = market.developers[j]
    flops = industry.flop_per_usd
    near = match_degree(developer.capability, industry.frontier)
    # At the norm price of compute: scarcity is nobody's cleverness.
    cost = max(1.0, developer.news_cost / developer.run_price)
    known = industry.frontier_efficiency
    if j == industry.efficient_owner:
        known = industry.known_efficiency
    saving = cost_saving(developer.capability, known, flops, cost)
    developer.news_surprise = near * max(0.0, saving - industry.expected_saving)
    cheap = near * logistic((saving - CHEAP) / CHEAP_WIDTH)
    odds = maths.log((1.0 - LEADS_IF_IMITATION) / (1.0 - LEADS_IF_CLEVER))
    if developer.news_leads == 1:
        odds = maths.log(LEADS_IF_IMITATION / LEADS_IF_CLEVER)
    developer.news_reading = cheap * odds
    if abs(developer.news_reading) > industry.news_strength:
        industry.news_strength = abs(developer.news_reading)
        industry.news_by = developer.account
    industry.news_reading += developer.news_reading
    if developer.news_surprise > industry.news_size:
        industry.news_size = developer.news_surprise
        if developer.news_surprise > NEWSWORTHY:
            tell(market, SURPRISE, developer.account, -1, developer.news_surprise, cost)
    return cheap, saving
