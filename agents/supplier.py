"""The listed supplier of compute: delivery, capacity, costs and its value."""

from __future__ import annotations

from engine import maths
from world.compiled import rule
from world.kinds import ECONOMY, SUPPLIER, WORKERS
from world.laws.technology import pow10
from world.laws.valuation import growing_annuity, rent_multiple
from world.ledger import SUPPLIER_COSTS, WAGES_SPENT, pay

SUPPLIER_RESERVE = 2e10  # USD
SPARE_CAPACITY = 1.15  # capacity the supplier builds toward, over demand
LASTING_CAPACITY = 0.7  # of capacity that is kept however little is bought
LEAST_TIGHTNESS = 1e-9  # demand over capacity where nothing is bought
OUTLAY_MEMORY = 6.0  # months over which the supplier's buyers judge training demand


@rule
def supplier_delivers(market, _row):
    """Deliver compute: the price rises when demand exceeds capacity, capacity follows in time.

        premium = max(1, (demand / capacity) ** (1 / elasticity))
        d capacity/dt = (1.15 demand (1 + growth * build time) - capacity) / build time

    It builds for the demand it expects when capacity is ready: at steady growth
    capacity keeps 15 % ahead, after a surprise it is short or idle.
    """
    p = market.parameters
    industry = market.industry
    training = 0.0
    for j in range(len(market.developers)):
        if market.developers[j].alive == 1:
            training += market.developers[j].outlay
    industry.training_demand += (12.0 * training - industry.training_demand) / OUTLAY_MEMORY
    # Runs are lumpy and booked ahead: the price answers to training demand over months.
    yearly = 12.0 * industry.compute_demand + industry.training_demand
    industry.compute_demand += training
    tightness = max(LEAST_TIGHTNESS, yearly / industry.compute_capacity)
    industry.compute_premium = max(1.0, maths.exp(maths.log(tightness) / p.supply_elasticity))
    ahead = 1.0 + max(0.0, industry.market_growth) * p.build_time / 12.0
    wanted = max(SPARE_CAPACITY * yearly * ahead, LASTING_CAPACITY * industry.compute_capacity)
    industry.compute_capacity += (wanted - industry.compute_capacity) / p.build_time


@rule
def supplier_pays_costs(market, _row):
    """The supplier keeps a reserve and passes the rest on; wages are spent."""
    surplus = market.balance[SUPPLIER] - SUPPLIER_RESERVE
    pay(market, SUPPLIER_COSTS, SUPPLIER, ECONOMY, surplus)
    pay(market, WAGES_SPENT, WORKERS, ECONOMY, market.balance[WORKERS])


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
    p = market.parameters
    industry = market.industry
    growth = industry.expected_growth
    years = industry.growth_years
    eroded = p.discount + industry.erosion
    now = rent_multiple(industry.felt_hazard, p.kept_share, growth, years, eroded)
    norm = rent_multiple(industry.hazard_norm, p.kept_share, growth, years, eroded)
    attention = industry.felt_hazard / industry.hazard - 1.0
    clever = pow10((p.jevons - 1.0) * min(1.0, attention))
    factor = industry.imitation * now / norm + (1.0 - industry.imitation) * clever
    inference = 12.0 * industry.compute_demand
    training = 0.0
    equity = 0.0
    for j in range(len(market.developers)):
        developer = market.developers[j]
        if developer.alive == 1:
            training += developer.outlay
            equity += developer.valuation
    inference -= 12.0 * training
    years_bought = growing_annuity(growth, years, p.discount + p.supplier_erosion)
    industry.supplier_value = p.supplier_margin * years_bought * (
        inference + industry.training_demand * factor
    )
    industry.equity = equity
