"""The listed supplier of compute: delivery, capacity, costs and its value."""

from __future__ import annotations

import math

from world.compiled import rule
from world.laws.technology import pow10
from world.laws.valuation import growing_annuity, rent_multiple
from world.ledger import SUPPLIER_COSTS, WAGES_SPENT, pay

SUPPLIER_RESERVE = 2e10  # USD
SPARE_CAPACITY = 1.15  # capacity the supplier builds toward, over demand
OUTLAY_MEMORY = 6.0  # months over which the supplier's buyers judge training demand


@rule
def supplier_delivers(market, _row):
    """Deliver compute: the price rises when demand exceeds capacity, capacity follows in time.

        premium = max(1, (demand / capacity) ** (1 / elasticity))
        d capacity/dt = (1.15 demand (1 + growth * build time) - capacity) / build time

    It builds for the demand it expects when capacity is ready: at steady growth
    capacity keeps 15 % ahead, after a surprise it is short or idle.
    """
    p = market.parameters[0]
    economy = market.economy[0]
    training = 0.0
    for j in range(len(market.developers)):
        if market.developers[j].alive == 1:
            training += market.developers[j].outlay
    economy.training_demand += (12.0 * training - economy.training_demand) / OUTLAY_MEMORY
    # Runs are lumpy and booked ahead: the price answers to training demand over months.
    yearly = 12.0 * economy.compute_demand + economy.training_demand
    economy.compute_demand += training
    tightness = max(1e-9, yearly / economy.compute_capacity)
    economy.compute_premium = max(1.0, math.exp(math.log(tightness) / p.supply_elasticity))
    ahead = 1.0 + max(0.0, economy.market_growth) * p.build_time / 12.0
    wanted = max(SPARE_CAPACITY * yearly * ahead, 0.7 * economy.compute_capacity)
    economy.compute_capacity += (wanted - economy.compute_capacity) / p.build_time


@rule
def supplier_pays_costs(market, _row):
    """The supplier keeps a reserve and passes the rest on; wages are spent; partners save.

    The limited partners hold what is called from them over a year: savings come
    from the rest of the economy and go back there.
    """
    economy = market.economy[0]
    supplier = market.balance[economy.supplier]
    pay(
        market, SUPPLIER_COSTS, economy.supplier, economy.economy, supplier - SUPPLIER_RESERVE
    )
    workers = market.balance[economy.workers]
    pay(market, WAGES_SPENT, economy.workers, economy.economy, workers)


@rule
def supplier_is_valued(market, _row):
    """Reprice the supplier and add up the developers' equity.

        value = margin * A(discount + erosion) * (inference + training * factor)
        factor = P(H1) * [worth of a lead now / worth at last year's hazard]
                 + (1 - P(H1)) * 10 ** ((jevons - 1) * surprise)

    If cheap releases are imitation, leads are worth less and fewer runs are
    bought; if they are cleverness, each run needs less compute and, by Jevons,
    more or fewer are bought. It is the value that this market's demand carries:
    what the supplier sells elsewhere is not in it.
    """
    p = market.parameters[0]
    economy = market.economy[0]
    growth = economy.market_growth
    years = economy.growth_years
    eroded = p.discount + economy.erosion
    now = rent_multiple(economy.felt_hazard, p.kept_share, growth, years, eroded)
    norm = rent_multiple(economy.hazard_norm, p.kept_share, growth, years, eroded)
    attention = economy.felt_hazard / economy.hazard - 1.0
    clever = pow10((p.jevons - 1.0) * min(1.0, attention))
    factor = economy.imitation * now / norm + (1.0 - economy.imitation) * clever
    inference = 12.0 * economy.compute_demand
    training = 0.0
    equity = 0.0
    for j in range(len(market.developers)):
        developer = market.developers[j]
        if developer.alive == 1:
            training += developer.outlay
            equity += developer.valuation
    inference -= 12.0 * training
    years_bought = growing_annuity(growth, years, p.discount + p.supplier_erosion)
    economy.supplier_value = p.supplier_margin * years_bought * (
        inference + economy.training_demand * factor
    )
    economy.equity = equity
