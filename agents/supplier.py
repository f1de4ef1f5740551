"""The listed supplier of compute: delivery, capacity, costs and its value."""

from __future__ import annotations

from engine import maths
from world.compiled import rule
from world.kinds import ECONOMY, SUPPLIER, WORKERS
from world.laws.technology import LN10
from world.laws.valuation import growing_annuity
from world.ledger import OTHER_COMPUTE, SUPPLIER_COSTS, WAGES_SPENT, pay

SPARE_CAPACITY = 1.15  # capacity the supplier builds toward, over demand
LASTING_CAPACITY = 0.7  # of capacity that is kept however little is bought
LEAST_CAPACITY = 1.0  # USD a year of compute that can be had anywhere
LEAST_TIGHTNESS = 1e-9  # demand over capacity where nothing is bought
OUTLAY_MEMORY = 6.0  # months over which demand for compute is judged


@rule
def supplier_delivers(market, _row):
    """Deliver compute: the price rises when demand exceeds capacity, capacity follows in time.

        premium = max(1, (demand / capacity) ** (1 / elasticity))
        d capacity/dt = (1.15 demand (1 + growth * build time) - capacity) / build time

    Buyers outside this market have capacity of their own, and pay the norm.
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
    serving = 12.0 * industry.compute_demand
    industry.serving_demand += (serving - industry.serving_demand) / OUTLAY_MEMORY
    yearly = serving + industry.training_demand
    industry.compute_demand += training
    pay(market, OTHER_COMPUTE, ECONOMY, SUPPLIER, industry.other_demand / 12.0)
    capacity = max(LEAST_CAPACITY, industry.compute_capacity)
    tightness = max(LEAST_TIGHTNESS, yearly / capacity)
    industry.compute_premium = max(1.0, maths.exp(maths.log(tightness) / p.supply_elasticity))
    ahead = 1.0 + max(0.0, industry.market_growth) * p.build_time / 12.0
    wanted = max(SPARE_CAPACITY * yearly * ahead, LASTING_CAPACITY * industry.compute_capacity)
    industry.compute_capacity += (wanted - industry.compute_capacity) / p.build_time


@rule
def supplier_pays_costs(market, _row):
    """The supplier keeps a reserve and passes the rest on; wages are spent."""
    surplus = market.balance[SUPPLIER] - market.industry.reserve
    pay(market, SUPPLIER_COSTS, SUPPLIER, ECONOMY, surplus)
    pay(market, WAGES_SPENT, WORKERS, ECONOMY, market.balance[WORKERS])


@rule
def supplier_is_valued(market, _row):
    """Reprice the supplier by the growth that news lets expect; add up the developers' equity.

        value = margin * A(g', T, discount + erosion) * yearly demand for compute
        g' T = g T + (jevons - 1) * ln 10 * attention

    A cheap release says that a model needs less compute by so many OOM; whether more or less
    compute is bought in the end is the elasticity `jevons`. What is sold today does not change.
    Source: Jevons 1865; news about growth, Barsky and De Long 1993.
    """
    p = market.parameters
    industry = market.industry
    years = industry.growth_years
    attention = industry.felt_hazard / industry.hazard - 1.0
    growth = industry.expected_growth + (p.jevons - 1.0) * LN10 * attention / years
    equity = 0.0
    for j in range(len(market.developers)):
        if market.developers[j].alive == 1:
            equity += market.developers[j].valuation
    demand = industry.serving_demand + industry.training_demand + industry.other_demand
    worth = growing_annuity(growth, years, industry.discount + p.supplier_erosion)
    industry.supplier_value = p.supplier_margin * worth * demand
    industry.equity = equity
