"""What all investors expect, and what the developers hear of it."""

from __future__ import annotations

from agents.edges import along, backer
from world.compiled import rule
from world.laws.valuation import erosion, rent_multiple


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
    multiple = rent_multiple(feared, p.kept_share, growth, years, p.discount)
    leading = rent_multiple(feared, p.kept_share, growth, years, p.discount + industry.erosion)
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
    industry.hazard_norm += (industry.hazard - industry.hazard_norm) / 12.0
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
