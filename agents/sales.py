"""What a developer does with its customers: whom it reaches, at what price, at what cost."""

from __future__ import annotations

from agents.customers import demand_of
from agents.edges import along, sells
from agents.means import RESERVE, runway
from agents.profits import NO_SALES, protected_share
from world.compiled import part, rule
from world.kinds import ECONOMY, SUPPLIER
from world.laws.demand import closed_markup, limit_markup, price_weight, quality_weight
from world.ledger import INFERENCE, PATRONAGE, SELLING, pay, pay_at_most

BRAND_FLOOR = 0.2  # brand of a developer that nobody uses
PROFIT_MEMORY = 6.0  # months over which profit is smoothed


@rule
def developer_meets_customers(market, j):
    """Before the first month: its sales divide over its customers as their demand and its access.

        part = fit * access * demand, over the sum of these
    """
    developer = market.developers[j]
    reach_customers(market, j)
    total = 0.0
    for k in along(market.serves_of, j):
        total += likely_sales(market, k)
    for k in along(market.serves_of, j):
        edge = market.serves[k]
        edge.brand = developer.brand
        if total > 0.0:
            sold = 12.0 * developer.revenue * likely_sales(market, k) / total
            edge.share = sold  # USD a year here; of their spending once that is added up
            market.customers[edge.target].spends += sold
            market.industry.sales += sold / 12.0


@part
def likely_sales(market, k):
    """What the fit, access and demand along an edge let expect of sales [weight]."""
    edge = market.serves[k]
    return edge.weight * edge.access * demand_of(market, edge.target)


@part
def reach_customers(market, j):
    """Reckon the share of each kind of customers' demand that it may sell to [0-1].

        access = sum over governments: their demand there * its presence, over all their demand
    """
    for k in along(market.serves_of, j):
        edge = market.serves[k]
        demand = 0.0
        reached = 0.0
        for h in along(market.lives_of, edge.target):
            live = market.lives[h]
            here = live.weight * market.governments[live.target].market_share
            demand += here
            for m in along(market.sells_of, j):
                if market.sells[m].target == live.target:
                    reached += here * market.sells[m].weight
        edge.access = reached / demand if demand > 0.0 else 0.0


@rule
def developer_prices(market, j):
    """Set the price of its model, and see whom it may sell to.

    The markup follows last month's share of those who buy from it and the lead over the best open
    model; open weights are sold at cost.
    """
    p = market.parameters
    industry = market.industry
    developer = market.developers[j]
    developer.attraction = 0.0
    if not sells(developer):
        return
    put_on_sale(market, j)
    reach_customers(market, j)
    developer.protected = protected_share(market)
    developer.markup = 1.0
    if developer.open_weights == 0:
        developer.markup = closed_markup(
            share_where_it_sells(market, j),
            limit_markup(developer.capability - industry.open_frontier, p.price_premium),
            developer.protected,
            p.brand_margin,
            p.elasticity_within,
            p.elasticity_outer,
        )
    developer.price_weight = price_weight(developer.markup, p.elasticity_within)
    ahead = developer.capability - industry.frontier
    pull = quality_weight(ahead, p.price_premium, p.elasticity_within)
    pull *= developer.price_weight
    pull *= 1.0 - p.trace_demand_cost * developer.traces_hidden
    developer.attraction = pull * developer.on_sale


@part
def put_on_sale(market, j):
    """A parent's laboratory sells what it has shown once a rival sells something better.

    Before, a sale would only replace what the parent earns elsewhere; others sell what they
    release next. Source: replacement effect, Arrow 1962.
    """
    developer = market.developers[j]
    if developer.on_sale == 1 or developer.subsidiary == 0:
        return
    for k in range(len(market.developers)):
        rival = market.developers[k]
        if sells(rival) and rival.on_sale == 1 and rival.capability > developer.capability:
            developer.on_sale = 1
            return


@part
def share_where_it_sells(market, j):
    """Its share of spending, as its average dollar of sales sees it [0-1]: one price for all."""
    sales = 0.0
    squares = 0.0
    for k in along(market.serves_of, j):
        edge = market.serves[k]
        sold = market.customers[edge.target].paid * edge.share
        sales += sold
        squares += sold * edge.share
    return squares / max(sales, NO_SALES)


@rule
def developer_serves(market, j):
    """Pay for the compute that this month's sales were served with, and for customers won.

    Owners pass on what complements earn beside an open model: `complement_value`
    of its sales.
    """
    p = market.parameters
    industry = market.industry
    developer = market.developers[j]
    if not sells(developer):
        return
    sales = developer.sold
    serving = sales / developer.markup
    pay(market, INFERENCE, developer.account, SUPPLIER, serving)
    industry.compute_demand += serving
    win_customers(market, j, sales - developer.revenue)
    developer.share = sales / max(industry.sales, NO_SALES)
    developer.revenue = sales
    developer.gross_profit = sales - serving
    profit = developer.gross_profit
    if developer.open_weights == 1 and developer.complements == 1:
        patronage = p.complement_value * sales
        pay(market, PATRONAGE, ECONOMY, developer.account, patronage)
        profit += patronage
    developer.profit_trend += (12.0 * profit - developer.profit_trend) / PROFIT_MEMORY
    keep_brand(market, j)


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
def keep_brand(market, j):
    """Brand follows use among each kind of customers, in years."""
    p = market.parameters
    spent = 0.0
    brand = 0.0
    for k in along(market.serves_of, j):
        edge = market.serves[k]
        usage = BRAND_FLOOR + p.brand_of_share * edge.share
        edge.brand += p.brand_speed / 12.0 * (usage - edge.brand)
        spent += market.customers[edge.target].paid
        brand += market.customers[edge.target].paid * edge.brand
    if spent > 0.0:
        market.developers[j].brand = brand / spent
