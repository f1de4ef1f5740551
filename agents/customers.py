"""Customers: what they compare and buy, and how their market grows.

Consumers, firms and those of a country are customers apart: who suits the ones need not reach
the others.
"""

from __future__ import annotations

from agents.edges import along, sells
from world.compiled import part, rule
from world.kinds import ECONOMY
from world.laws.demand import adopted_market, potential_market, spending
from world.ledger import INCOME, SALES, pay, pay_at_most


@rule
def customers_gather(market, s):
    """Before the first month: their spending is what developers sell to them, in the market's size.

    Where nobody sells anything yet, the market divides as demand does.
    """
    industry = market.industry
    customers = market.customers[s]
    sold = customers.spends
    if industry.sales > 0.0:
        customers.spends = industry.market_size * sold / (12.0 * industry.sales)
    else:
        everywhere = 0.0
        for other in range(len(market.customers)):
            everywhere += demand_of(market, other)
        customers.spends = industry.market_size * demand_of(market, s) / max(everywhere, 1e-9)
    for h in along(market.served_by_of, s):
        edge = market.serves[market.served_by[h]]
        if sold > 0.0:
            edge.share /= sold
    customers.quality = industry.frontier
    customers.paid = customers.spends / 12.0


@part
def demand_of(market, s):
    """Share of world demand that is theirs: their part of each government's."""
    demand = 0.0
    for h in along(market.lives_of, s):
        live = market.lives[h]
        demand += live.weight * market.governments[live.target].market_share
    return demand


@part
def demand_protected(market, s):
    """Share of world demand that is theirs and that courts close to copies."""
    closed = 0.0
    for h in along(market.lives_of, s):
        live = market.lives[h]
        government = market.governments[live.target]
        protected = government.ip_strength * government.court_reach
        closed += live.weight * government.market_share * protected
    return closed


@rule
def customers_compare(market, s):
    """Weigh each model on sale by how it suits them, brand, quality and price.

        attraction = fit * access * brand * quality and price,  access less by IP law for a copy
    """
    customers = market.customers[s]
    customers.demand = demand_of(market, s)
    customers.closed = demand_protected(market, s) / max(customers.demand, 1e-9)
    total = 0.0
    for h in along(market.served_by_of, s):
        edge = market.serves[market.served_by[h]]
        developer = market.developers[edge.source]
        edge.attraction = 0.0
        if sells(developer):
            open_to_it = edge.access * (1.0 - developer.copied * customers.closed)
            edge.attraction = edge.weight * edge.brand * open_to_it * developer.attraction
        total += edge.attraction
    customers.attraction = total


@rule
def customers_buy(market, s):
    """Divide the month's spending over the models on sale.

    A part of them reconsiders each month and follows attraction.
    """
    p = market.parameters
    customers = market.customers[s]
    customers.paid = 0.0
    if customers.attraction <= 0.0:
        for h in along(market.served_by_of, s):
            market.serves[market.served_by[h]].share = 0.0
        return
    settled = 0.0
    for h in along(market.served_by_of, s):
        edge = market.serves[market.served_by[h]]
        drawn = edge.attraction / customers.attraction
        edge.share += p.switching * (drawn - edge.share)
        if edge.attraction <= 0.0:
            edge.share = 0.0
        settled += edge.share
    markup = 0.0
    quality = 0.0
    for h in along(market.served_by_of, s):
        edge = market.serves[market.served_by[h]]
        developer = market.developers[edge.source]
        edge.share /= settled
        markup += edge.share * developer.markup
        quality += edge.share * developer.capability
    customers.markup = markup
    customers.quality = quality
    budget = spending(customers.spends, markup, p.elasticity_outer)
    customers.paid = budget
    market.industry.sales += budget
    pay(market, INCOME, ECONOMY, customers.account, budget)
    for h in along(market.served_by_of, s):
        edge = market.serves[market.served_by[h]]
        developer = market.developers[edge.source]
        sales = pay_at_most(market, SALES, customers.account, developer.account, budget * edge.share)
        developer.sold += sales


@rule
def customers_adopt(market, s):
    """Their market diffuses toward its potential at the quality of their average dollar (Bass)."""
    p = market.parameters
    customers = market.customers[s]
    if customers.demand <= 0.0:  # they live nowhere
        customers.spends = 0.0
    elif customers.paid > 0.0:
        potential = customers.demand * potential_market(
            customers.quality, p.market_base, p.market_slope, p.market_saturation
        )
        customers.spends = adopted_market(
            customers.spends, potential, p.adoption_innovation, p.adoption_imitation
        )
