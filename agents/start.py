"""The start: what is known of a market only within an interval is drawn, once a history."""

from __future__ import annotations

from agents.record import record_open_frontier
from engine import maths
from world.compiled import part, rule
from world.noise import drawn_normal
from world.state import (
    CHIPS_U,
    CHIPS_V,
    IDLE,
    KNOWN_U,
    KNOWN_V,
    MONEY_U,
    MONEY_V,
    OTHERS_U,
    OTHERS_V,
    RING,
    SOLD_U,
    SOLD_V,
    STAFF_U,
    STAFF_V,
)

LEAST_STEP = 0.1  # OOM by which a run under way exceeds the present model at least


@rule
def economy_draws_start(market, _row):
    """Before the first month: draw what the world states with an interval (normal, or log-normal).

    How good models are, what is sold, staff, investors' money, capacity and the demand of others.
    Cash is drawn where accounts open. All else of the start follows from what was drawn.
    """
    stated = 0.0
    sold = 0.0
    for j in range(len(market.developers)):
        stated += market.developers[j].revenue
        draw_developer(market, j)
        sold += market.developers[j].revenue
    for i in range(len(market.investors)):
        investor = market.investors[i]
        factor = drawn_factor(market, investor.allowance_doubt, MONEY_U, MONEY_V, i)
        investor.allowance *= factor
        market.balance[investor.account] *= factor
    industry = market.industry
    capacity = drawn_factor(market, industry.capacity_doubt, CHIPS_U, CHIPS_V, 0)
    industry.compute_capacity *= capacity
    industry.training_demand *= capacity
    industry.other_demand *= drawn_factor(market, industry.other_demand_doubt, OTHERS_U, OTHERS_V, 0)
    if stated > 0.0:
        industry.market_size *= sold / stated
        industry.serving_demand *= sold / stated
    take_stock(market)


@part
def drawn_factor(market, doubt, u, v, row):
    """A log-normal factor around 1 of that doubt."""
    if doubt <= 0.0:
        return 1.0
    return maths.exp(doubt * drawn_normal(market, u, v, row))


@part
def draw_developer(market, j):
    """Draw what is known of developer j only within an interval.

    How good its model is and how good the next one is hang together: one draw. The compute that
    went into them is known, so that its largest run stays.
    """
    developer = market.developers[j]
    if developer.alive == 0:
        return
    if developer.capability_doubt > 0.0 or developer.run_target_doubt > 0.0:
        luck = drawn_normal(market, KNOWN_U, KNOWN_V, j)
        better = developer.capability_doubt * luck
        developer.capability += better
        developer.alignment += better
        if developer.run_kind != IDLE:
            target = developer.run_target + developer.run_target_doubt * luck
            developer.run_target = max(target, developer.capability + LEAST_STEP)
    developer.revenue *= drawn_factor(market, developer.revenue_doubt, SOLD_U, SOLD_V, j)
    developer.researchers *= drawn_factor(market, developer.researchers_doubt, STAFF_U, STAFF_V, j)


@part
def take_stock(market):
    """Enter the frontier of the start, who leads, and the best open model."""
    industry = market.industry
    best = 0.0
    leader = -1
    for j in range(len(market.developers)):
        developer = market.developers[j]
        if developer.alive == 1 and developer.capability > best:
            best = developer.capability
            leader = j
    better = best - industry.frontier
    industry.frontier += better
    industry.frontier_next += better
    industry.frontier_past += better
    industry.frontier_start += better
    industry.quality += better
    industry.fixed_compute += better
    for k in range(RING):
        if market.releases[k].alive == 1:  # the frontier model of the start
            market.releases[k].developer = leader
            market.releases[k].capability = best
    industry.open_frontier = 0.0
    industry.open_owner = -1
    industry.open_copied = 0
    record_open_frontier(market)
