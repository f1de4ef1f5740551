"""What a model would earn: the profit a developer expects from it, and its pull on customers."""

from __future__ import annotations

from agents.edges import along
from world.compiled import part
from world.laws.demand import closed_markup, limit_markup, price_weight, quality_weight
from world.laws.valuation import delayed


@part
def market_access(market, j, copied):
    """Share of world demand it may sell to [0-1].

        access = sum over markets: share * presence * (1 - ip * reach if its model is a copy)
    """
    access = 0.0
    for k in along(market.sells_of, j):
        edge = market.sells[k]
        government = market.governments[edge.target]
        closed = copied * government.ip_strength * government.court_reach
        access += government.market_share * edge.weight * (1.0 - closed)
    return access


@part
def best_profit(market, j, capability, access, rivals, drift):
    """Yearly profit with a model of `capability` against rivals who moved on [USD/year].

    A developer with complements counts the better of closed and open weights,
    as it will choose at the release.
    """
    profit = closed_profit(market, j, capability, access, rivals, drift)
    if market.developers[j].complements == 1:
        profit = max(profit, open_profit(market, j, capability, access, rivals))
    return profit


@part
def closed_profit(market, j, capability, access, rivals, drift):
    """Yearly profit of closed weights in today's market [USD/year]: markup and share agree.

    Two rounds of best response: the markup depends on the share, and the share on it.
    """
    p = market.parameters
    industry = market.industry
    developer = market.developers[j]
    ahead = capability - industry.frontier
    own = quality_weight(developer.brand, access, ahead, p.price_premium, p.elasticity_within)
    open_best = industry.open_frontier
    if industry.open_owner != j:
        open_best += drift
    limit = limit_markup(capability - open_best, p.price_premium)
    weight = own * developer.price_weight  # at today's price
    markup = 1.0
    share = 0.0
    for response in range(2):
        if response > 0:
            weight = own * price_weight(markup, p.elasticity_within)
        share = weight / max(weight + rivals, 1e-30)
        markup = closed_markup(
            share, limit, developer.protected, p.brand_margin, p.elasticity_within,
            p.elasticity_outer,
        )  # fmt: skip
    return industry.market_size * share * (1.0 - 1.0 / markup)


@part
def open_profit(market, j, capability, access, rivals):
    """Yearly profit of open weights in today's market [USD/year]: what complements earn."""
    p = market.parameters
    industry = market.industry
    ahead = capability - industry.frontier
    own = quality_weight(
        market.developers[j].brand, access, ahead, p.price_premium, p.elasticity_within
    )
    return industry.market_size * own / max(own + rivals, 1e-30) * p.complement_value


@part
def rivals_weight(market, j, drift):
    """Attraction of all others, once the frontier has moved on by `drift` OOM."""
    p = market.parameters
    others = max(0.0, market.industry.attraction - market.developers[j].attraction)
    return quality_weight(others, 1.0, drift, p.price_premium, p.elasticity_within)


@part
def frontier_drift(market, years):
    """How far rivals and the open fringe will have moved on in some years [OOM]."""
    return max(0.0, market.industry.frontier_growth) * years


@part
def growth_discounted(market, years):
    """Worth of a lead's rent that begins in some years over one that begins now [ratio]."""
    p = market.parameters
    industry = market.industry
    rate = p.discount + industry.erosion + (1.0 - p.kept_share) * industry.copy_hazard
    return delayed(industry.expected_growth, industry.growth_years, rate, p.discount, years)


@part
def protected_share(market):
    """Share of world demand that courts close to the best open model, if it is a copy."""
    closed = 0.0
    if market.industry.open_copied == 1:
        for g in range(len(market.governments)):
            government = market.governments[g]
            closed += government.market_share * government.ip_strength * government.court_reach
    return min(1.0, closed)


@part
def developer_attraction(market, j):
    """Its weight in the customers' choice this month."""
    p = market.parameters
    developer = market.developers[j]
    weight = quality_weight(
        developer.brand,
        market_access(market, j, developer.copied),
        developer.capability - market.industry.frontier,
        p.price_premium,
        p.elasticity_within,
    )
    weight *= developer.price_weight
    return weight * (1.0 - p.trace_demand_cost * developer.traces_hidden)
