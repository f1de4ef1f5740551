"""Customers: what they compare, buy and pay, and how their market grows."""

from __future__ import annotations

import math

from agents.profits import developer_attraction, protected_share
from world.compiled import rule
from world.laws.demand import (
    adopted_market,
    closed_markup,
    limit_markup,
    potential_market,
    price_weight,
    spending,
)
from world.ledger import INCOME, INFERENCE, PATRONAGE, SALES, pay, pay_at_most
from world.state import PUBLIC_LAB

BRAND_FLOOR = 0.2


@rule
def customers_compare(market, _row):
    """Developers price their models, customers weigh each by quality and price.

    Markups follow last month's shares and the lead over the best open model.
    """
    p = market.parameters[0]
    economy = market.economy[0]
    protected = protected_share(market)
    total = 0.0
    for j in range(len(market.developers)):
        developer = market.developers[j]
        developer.attraction = 0.0
        if developer.alive == 0 or developer.kind == PUBLIC_LAB:
            continue
        developer.markup = 1.0
        if developer.open_weights == 0:
            developer.markup = closed_markup(
                developer.share,
                limit_markup(developer.capability - economy.open_frontier, p.price_premium),
                protected,
                p.brand_margin,
                p.elasticity_within,
                p.elasticity_outer,
            )
        developer.price_weight = price_weight(developer.markup, p.elasticity_within)
        developer.attraction = developer_attraction(market, j)
        developer.protected = protected
        total += developer.attraction
    economy.attraction = total


@rule
def customers_buy(market, _row):
    """Customers divide their spending over the models on sale; developers serve them.

    A part of the customers reconsiders each month and follows attraction.
    Serving costs go to the compute supplier.
    """
    p = market.parameters[0]
    economy = market.economy[0]
    total = economy.attraction
    settled = 0.0
    for j in range(len(market.developers)):
        developer = market.developers[j]
        if developer.alive == 0 or developer.kind == PUBLIC_LAB or total <= 0.0:
            continue
        drawn = developer.attraction / total
        developer.share += p.switching * (drawn - developer.share)
        if developer.attraction <= 0.0:
            developer.share = 0.0
        settled += developer.share
    if settled <= 0.0:
        return
    markup = 0.0
    quality = 0.0
    for j in range(len(market.developers)):
        developer = market.developers[j]
        if developer.alive == 1 and developer.kind != PUBLIC_LAB:
            developer.share /= settled
            markup += developer.share * developer.markup
            quality += developer.share * developer.capability
    economy.markup = markup
    economy.quality = quality
    customers_pay(market)
    customers_adopt(market)


@rule
def customers_pay(market):
    """Spend the month's money by share; each developer pays for the compute it served with.

    Owners pass on what complements earn beside an open model: `complement_value`
    of its sales.
    """
    p = market.parameters[0]
    economy = market.economy[0]
    budget = spending(economy.market_size, economy.markup, p.elasticity_outer)
    pay(market, INCOME, economy.economy, economy.customers, budget)
    for j in range(len(market.developers)):
        developer = market.developers[j]
        if developer.alive == 0 or developer.kind == PUBLIC_LAB:
            continue
        sales = pay_at_most(
            market, SALES, economy.customers, developer.account, budget * developer.share
        )
        serving = sales / developer.markup
        pay(market, INFERENCE, developer.account, economy.supplier, serving)
        economy.compute_demand += serving
        developer.revenue = sales
        developer.gross_profit = sales - serving
        profit = developer.gross_profit
        if developer.open_weights == 1 and developer.complements == 1:
            patronage = p.complement_value * sales
            pay(market, PATRONAGE, economy.economy, developer.account, patronage)
            profit += patronage
        developer.profit_trend += (12.0 * profit - developer.profit_trend) / 6.0
        usage = BRAND_FLOOR + p.brand_of_share * developer.share
        developer.brand += p.brand_speed / 12.0 * (usage - developer.brand)


@rule
def customers_adopt(market):
    """The market diffuses toward its potential at the quality of the average dollar (Bass)."""
    p = market.parameters[0]
    economy = market.economy[0]
    potential = potential_market(
        economy.quality, p.market_base, p.market_slope, p.market_saturation
    )
    before = economy.market_size
    economy.market_size = adopted_market(
        before, potential, p.adoption_innovation, p.adoption_imitation
    )
    growth = 12.0 * math.log(economy.market_size / before)
    economy.market_growth += (min(1.2, max(-0.3, growth)) - economy.market_growth) / 12.0
    # Nobody expects growth to carry the market beyond what it can ever be.
    room = max(0.0, math.log(p.market_saturation / economy.market_size))
    economy.growth_years = min(p.growth_horizon, room / max(0.01, economy.market_growth))
