"""What a model would earn: the profit a developer expects from it, and its pull on customers."""

from __future__ import annotations

from agents.edges import along
from world.compiled import part
from world.laws.demand import closed_markup, limit_markup, price_weight, quality_weight
from world.laws.valuation import delayed

NO_SALES = 1e-30  # USD a year, below which there are none


@part
def best_profit(market, j, capability, copied, drift):
    """Yearly profit with a model of `capability` against rivals who moved on [USD/year].

    A developer with complements counts the better of closed and open weights,
    as it will choose at the release.
    """
    profit = closed_profit(market, j, capability, copied, drift)
    if market.developers[j].complements == 1:
        profit = max(profit, open_profit(market, j, capability, copied, drift))
    return profit


@part
def closed_profit(market, j, capability, copied, drift):
    """Yearly profit of closed weights in today's market [USD/year]: markup and shares agree.

    Two rounds of best response: the markup depends on the shares, and the shares on it. `drift`
    is how far all rivals will have moved on.
    """
    p = market.parameters
    industry = market.industry
    developer = market.developers[j]
    ahead = capability - industry.frontier - drift
    pull = quality_weight(ahead, p.price_premium, p.elasticity_within)
    open_best = industry.open_frontier
    if industry.open_owner != j:
        open_best += drift
    limit = limit_markup(capability - open_best, p.price_premium)
    weight = pull * developer.price_weight  # at today's price
    markup = 1.0
    sales = 0.0
    for response in range(2):
        if response > 0:
            weight = pull * price_weight(markup, p.elasticity_within)
        sales, squares = sales_at(market, j, weight, copied)
        markup = closed_markup(
            squares / max(sales, NO_SALES), limit, developer.protected, p.brand_margin,
            p.elasticity_within, p.elasticity_outer,
        )  # fmt: skip
    return sales * (1.0 - 1.0 / markup)


@part
def open_profit(market, j, capability, copied, drift):
    """Yearly profit of open weights in today's market [USD/year]: what complements earn."""
    p = market.parameters
    ahead = capability - market.industry.frontier - drift
    weight = quality_weight(ahead, p.price_premium, p.elasticity_within)
    sales, _ = sales_at(market, j, weight, copied)
    return sales * p.complement_value


@part
def sales_at(market, j, weight, copied):
    """Yearly sales of a model of that weight in quality and price; and each times its share.

        share = weight * brand * fit * access / (the same + what rivals weigh)
    """
    sales = 0.0
    squares = 0.0
    for k in along(market.serves_of, j):
        edge = market.serves[k]
        customers = market.customers[edge.target]
        known = edge.weight * edge.brand * edge.access * (1.0 - copied * customers.closed)
        rivals = max(0.0, customers.attraction - edge.attraction)
        share = weight * known / max(weight * known + rivals, NO_SALES)
        sales += customers.spends * share
        squares += customers.spends * share * share
    return sales, squares


@part
def frontier_drift(market, years):
    """How far rivals and the open fringe will have moved on in some years [OOM]."""
    return max(0.0, market.industry.frontier_growth) * years


@part
def growth_discounted(market, years):
    """Worth of a lead's rent that begins in some years over one that begins now [ratio]."""
    p = market.parameters
    industry = market.industry
    rate = industry.discount + industry.erosion + (1.0 - p.kept_share) * industry.copy_hazard
    return delayed(industry.expected_growth, industry.growth_years, rate, industry.discount, years)


@part
def protected_share(market):
    """Share of world demand that courts close to the best open model, if it is a copy."""
    closed = 0.0
    if market.industry.open_copied == 1:
        for g in range(len(market.governments)):
            government = market.governments[g]
            closed += government.market_share * government.ip_strength * government.court_reach
    return min(1.0, closed)
