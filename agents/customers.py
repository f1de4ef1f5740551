"""Customers: what they compare, buy and pay, and how their market grows."""

from __future__ import annotations

from agents.edges import sells
from agents.means import RESERVE, runway
from agents.profits import developer_attraction, protected_share
from engine import maths
from world.compiled import part, rule
from world.kinds import CUSTOMERS, ECONOMY, SUPPLIER
from world.laws.demand import (
    adopted_market,
    closed_markup,
    limit_markup,
    potential_market,
    price_weight,
    spending,
)
from world.ledger import INCOME, INFERENCE, PATRONAGE, SALES, SELLING, pay, pay_at_most

BRAND_FLOOR = 0.2  # brand of a developer that nobody uses
PROFIT_MEMORY = 6.0  # months over which profit is smoothed
GROWTH_MEMORY = 12.0  # months over which the market's growth is smoothed
SLOWEST_GROWTH = -0.3  # a year (log), bounds of the growth that is learned from
FASTEST_GROWTH = 1.2
LEAST_GROWTH = 0.01  # a year, for the time to saturation
LEAST_YEARS = 0.25


@rule
def customers_compare(market, _row):
    """Developers price their models, customers weigh each by quality and price.

    Markups follow last month's shares and the lead over the best open model.
    """
    p = market.parameters
    industry = market.industry
    protected = protected_share(market)
    total = 0.0
    for j in range(len(market.developers)):
        developer = market.developers[j]
        developer.attraction = 0.0
        if not sells(developer):
            continue
        developer.markup = 1.0
        if developer.open_weights == 0:
            developer.markup = closed_markup(
                developer.share,
                limit_markup(developer.capability - industry.open_frontier, p.price_premium),
                protected,
                p.brand_margin,
                p.elasticity_within,
                p.elasticity_outer,
            )
        developer.price_weight = price_weight(developer.markup, p.elasticity_within)
        developer.attraction = developer_attraction(market, j)
        developer.protected = protected
        total += developer.attraction
    industry.attraction = total


@rule
def customers_buy(market, _row):
    """Customers divide their spending over the models on sale; developers serve them.

    A part of the customers reconsiders each month and follows attraction.
    Serving costs go to the compute supplier.
    """
    p = market.parameters
    industry = market.industry
    total = industry.attraction
    settled = 0.0
    for j in range(len(market.developers)):
        developer = market.developers[j]
        if not sells(developer) or total <= 0.0:
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
        if sells(developer):
            developer.share /= settled
            markup += developer.share * developer.markup
            quality += developer.share * developer.capability
    industry.markup = markup
    industry.quality = quality
    pay_for_use(market)
    customers_adopt(market)


@part
def pay_for_use(market):
    """Spend the month's money by share; each developer pays for the compute it served with.

    Owners pass on what complements earn beside an open model: `complement_value`
    of its sales.
    """
    p = market.parameters
    industry = market.industry
    budget = spending(industry.market_size, industry.markup, p.elasticity_outer)
    pay(market, INCOME, ECONOMY, CUSTOMERS, budget)
    for j in range(len(market.developers)):
        developer = market.developers[j]
        if not sells(developer):
            continue
        sales = pay_at_most(market, SALES, CUSTOMERS, developer.account, budget * developer.share)
        serving = sales / developer.markup
        pay(market, INFERENCE, developer.account, SUPPLIER, serving)
        industry.compute_demand += serving
        win_customers(market, j, sales - developer.revenue)
        developer.revenue = sales
        developer.gross_profit = sales - serving
        profit = developer.gross_profit
        if developer.open_weights == 1 and developer.complements == 1:
            patronage = p.complement_value * sales
            pay(market, PATRONAGE, ECONOMY, developer.account, patronage)
            profit += patronage
        developer.profit_trend += (12.0 * profit - developer.profit_trend) / PROFIT_MEMORY
        usage = BRAND_FLOOR + p.brand_of_share * developer.share
        developer.brand += p.brand_speed / 12.0 * (usage - developer.brand)


@part
def win_customers(market, j, more):
    """Pay for the customers that are new this month, as far as cash beyond the runway reaches.

        cost = customer_cost * rise of yearly sales

    Customers are capital: to win them costs money at once, and they stay for a while. So labs
    burn money while their market grows.
    Source: Gourio and Rudanko 2014 (customer capital).
    """
    p = market.parameters
    developer = market.developers[j]
    spare = max(0.0, market.balance[developer.account] - RESERVE * runway(developer))
    due = min(spare, p.customer_cost * 12.0 * max(0.0, more))
    paid = pay_at_most(market, SELLING, developer.account, ECONOMY, due)
    developer.selling += (paid - developer.selling) / PROFIT_MEMORY


@part
def customers_adopt(market):
    """The market diffuses toward its potential at the quality of the average dollar (Bass)."""
    p = market.parameters
    industry = market.industry
    potential = potential_market(
        industry.quality, p.market_base, p.market_slope, p.market_saturation
    )
    before = industry.market_size
    industry.market_size = adopted_market(
        before, potential, p.adoption_innovation, p.adoption_imitation
    )
    growth = 12.0 * maths.log(industry.market_size / before)
    growth = min(FASTEST_GROWTH, max(SLOWEST_GROWTH, growth))
    industry.market_growth += (growth - industry.market_growth) / GROWTH_MEMORY
    expect_growth(market)


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
