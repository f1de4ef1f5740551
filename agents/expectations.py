"""What all investors expect, and what the developers hear of it."""

from __future__ import annotations

from agents.edges import along, backer
from engine import maths
from world.compiled import part, rule
from world.laws.valuation import erosion, rent_multiple
from world.opening import FASTEST_GROWTH

GROWTH_MEMORY = 12.0  # months over which the market's growth is smoothed
SLOWEST_GROWTH = -0.3  # a year (log), least growth that is learned from
LEAST_GROWTH = 0.01  # a year, for the time to saturation
LEAST_YEARS = 0.25
LEAST_MARKET = 1.0  # USD a year


@rule
def economy_sees_growth(market, _row):
    """Add up what customers buy, and learn from its growth.

    Of compute outside this market, so much is bought as growth expects.
    """
    industry = market.industry
    size = 0.0
    quality = 0.0
    cost = 0.0
    for s in range(len(market.customers)):
        customers = market.customers[s]
        size += customers.spends
        quality += customers.spends * customers.quality
        cost += customers.spends / customers.markup
    size = max(LEAST_MARKET, size)
    industry.quality = quality / size
    industry.markup = size / max(LEAST_MARKET, cost)
    growth = 12.0 * maths.log(size / max(LEAST_MARKET, industry.market_size))
    growth = min(FASTEST_GROWTH, max(SLOWEST_GROWTH, growth))
    industry.market_size = size
    industry.market_growth += (growth - industry.market_growth) / GROWTH_MEMORY
    expect_growth(market)
    industry.other_demand *= maths.exp(industry.expected_growth / 12.0)


@part
def expect_growth(market):
    """Expected growth fades as expected, and follows the growth that is seen.

        dg/dt = learning * (seen - g) - g / T

    Nobody expects growth to carry the market beyond what it can ever be: g T is at most the room left.
    """
    p = market.parameters
    industry = market.industry
    expected = industry.expected_growth
    surprise = industry.market_growth - expected
    expected += (p.growth_learning * surprise - expected / industry.growth_years) / 12.0
    room = max(0.0, maths.log(p.market_saturation / industry.market_size))
    industry.expected_growth = expected
    industry.growth_years = min(p.growth_horizon, max(LEAST_YEARS, room / max(LEAST_GROWTH, expected)))


@rule
def economy_expects(market, _row):
    """What all investors agree on: how fast rivals erode the rent of a lead."""
    p = market.parameters
    industry = market.industry
    industry.erosion = erosion(
        p.rival_erosion, p.price_premium, p.elasticity_within, industry.frontier_growth
    )


@rule
def economy_averages_beliefs(market, _row):
    """Mean beliefs weighted by the money that holds them; developers hear those who watch them."""
    p = market.parameters
    industry = market.industry
    money = 0.0
    hazard = 0.0
    felt = 0.0
    imitation = 0.0
    copies = 0.0
    # Where no investor has money, the prior is all anybody believes.
    growth = industry.expected_growth
    years = industry.growth_years
    feared = industry.copy_hazard
    multiple = rent_multiple(feared, p.kept_share, growth, years, industry.discount)
    leading = rent_multiple(feared, p.kept_share, growth, years, industry.discount + industry.erosion)
    sum_multiple = 0.0
    sum_leading = 0.0
    for i in range(len(market.investors)):
        investor = market.investors[i]
        investor.wealth = market.balance[investor.account] + investor.book
        weight = investor.wealth
        money += weight
        hazard += weight * investor.hazard
        felt += weight * investor.hazard * (1.0 + investor.attention)
        imitation += weight * investor.imitation
        copies += weight * investor.copy_hazard
        sum_multiple += weight * investor.rent_multiple
        sum_leading += weight * investor.lead_multiple
    if money > 0.0:
        industry.hazard = hazard / money
        industry.felt_hazard = felt / money
        industry.imitation = imitation / money
        industry.copy_hazard = copies / money
        multiple = sum_multiple / money
        leading = sum_leading / money
    for j in range(len(market.developers)):
        developer = market.developers[j]
        if developer.alive == 0:
            continue
        developer.believed_hazard = industry.hazard
        developer.rent_multiple = multiple
        developer.lead_multiple = leading
        heard = 0.0
        hazard = 0.0
        own = 0.0
        lead = 0.0
        for k in along(market.watchers_of, j):
            investor = backer(market, k)
            weight = market.ties[k].weight * investor.wealth
            heard += weight
            hazard += weight * investor.hazard
            own += weight * investor.rent_multiple
            lead += weight * investor.lead_multiple
        if heard > 0.0:
            developer.believed_hazard = hazard / heard
            developer.rent_multiple = own / heard
            developer.lead_multiple = lead / heard
