"""The market as a whole: its opening, what all expect and believe, savings, accidents."""

from __future__ import annotations

import math

from agents.record import record_knowhow
from world.compiled import rule
from world.journal import ACCIDENT_EVENT, tell
from world.laws.safety import accident_hazard, poisson
from world.laws.technology import CAPABILITY_2025, EFFICIENCY_2025, pow10
from world.laws.valuation import erosion, growing_annuity, rent_multiple
from world.ledger import COMMITMENT, ESCROW, PARTNERS_INCOME, PARTNERS_RELEASE, pay, pay_at_most
from world.state import ACCIDENT, FOLLOW, TURN

ACCIDENT_BASE = 0.002  # a month at parity of capability and alignment


@rule
def economy_opens_month(market, _row):
    """Start the month: clear its own figures, draw the order in which rounds are held."""
    p = market.parameters[0]
    economy = market.economy[0]
    economy.compute_demand = 0.0
    economy.accidents = 0.0
    economy.entries = 0.0
    economy.exits = 0.0
    economy.failed_rounds = 0.0
    economy.closed_rounds = 0.0
    economy.news_size = 0.0
    economy.news_reading = 0.0
    economy.news_strength = 0.0
    economy.news_by = -1
    economy.frontier_next = economy.frontier
    economy.compute_scale = pow10(p.compute_growth * economy.month / 12.0)
    # Experiments must follow the size of frontier runs, as far as scale matters.
    grown = economy.largest_compute - (CAPABILITY_2025 - EFFICIENCY_2025)
    economy.experiment_scale = pow10(-p.frontier_scale * max(0.0, grown))
    market.entry_count[0] = 0
    record_knowhow(market)  # of those who are left after last month's exits
    # A random order by the month's noise alone (Fisher and Yates 1938).
    for j in range(len(market.rotation)):
        market.rotation[j] = j
    for last in range(len(market.rotation) - 1, 0, -1):
        chosen = int(market.developer_draws[TURN, last] * (last + 1))
        kept = market.rotation[last]
        market.rotation[last] = market.rotation[chosen]
        market.rotation[chosen] = kept


@rule
def economy_releases_cheap_model(market, _row):
    """The cheap near-frontier release of the world file, in its month.

    The named developer finishes a run this month whose cost and distance from
    the frontier are the parameters `release_cost` and `release_gap`; it pays
    for it from its own cash.
    """
    p = market.parameters[0]
    economy = market.economy[0]
    j = economy.release_by
    if j < 0 or economy.month != int(p.release_month) or market.developers[j].alive == 0:
        return
    developer = market.developers[j]
    pay_at_most(
        market, COMMITMENT, developer.account, developer.account + ESCROW, p.release_cost
    )
    developer.run_kind = FOLLOW
    developer.run_months = 1
    developer.run_months_left = 1
    developer.run_target = economy.frontier - p.release_gap
    developer.run_cost = p.release_cost
    developer.run_price = 1.0
    developer.run_exploration = 0.0
    developer.run_public = 0.0
    developer.plan_source = -1


@rule
def economy_expects(market, _row):
    """What all investors agree on: how fast leads erode, and what an uncopied rent is worth."""
    p = market.parameters[0]
    economy = market.economy[0]
    economy.erosion = erosion(
        p.rival_erosion, p.price_premium, p.elasticity_within, economy.frontier_growth
    )
    growth = economy.market_growth
    years = economy.growth_years
    economy.rent_forever = growing_annuity(growth, years, p.discount)
    economy.lead_left = math.exp(-economy.erosion * years)
    economy.lead_forever = growing_annuity(growth, years, p.discount + economy.erosion)


@rule
def economy_averages_beliefs(market, _row):
    """Mean beliefs weighted by the money that holds them; developers hear those who watch them."""
    p = market.parameters[0]
    economy = market.economy[0]
    money = 0.0
    hazard = 0.0
    felt = 0.0
    imitation = 0.0
    # Where no investor has money, the prior is all anybody believes.
    growth = economy.market_growth
    years = economy.growth_years
    multiple = rent_multiple(economy.hazard, p.kept_share, growth, years, p.discount)
    leading = rent_multiple(
        economy.hazard, p.kept_share, growth, years, p.discount + economy.erosion
    )
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
        sum_multiple += weight * investor.rent_multiple
        sum_leading += weight * investor.lead_multiple
    if money > 0.0:
        economy.hazard = hazard / money
        economy.felt_hazard = felt / money
        economy.imitation = imitation / money
        multiple = sum_multiple / money
        leading = sum_leading / money
    economy.hazard_norm += (economy.hazard - economy.hazard_norm) / 12.0
    for j in range(len(market.developers)):
        developer = market.developers[j]
        if developer.alive == 0:
            continue
        developer.believed_hazard = economy.hazard
        developer.rent_multiple = multiple
        developer.lead_multiple = leading
        heard = 0.0
        hazard = 0.0
        own = 0.0
        lead = 0.0
        for w in range(market.watchers_of[j], market.watchers_of[j + 1]):
            tie = market.ties[market.watchers[w]]
            investor = market.investors[tie.source]
            weight = tie.weight * investor.wealth
            heard += weight
            hazard += weight * investor.hazard
            own += weight * investor.rent_multiple
            lead += weight * investor.lead_multiple
        if heard > 0.0:
            developer.believed_hazard = hazard / heard
            developer.rent_multiple = own / heard
            developer.lead_multiple = lead / heard


@rule
def partners_save(market, _row):
    """Limited partners hold two years of their funds' normal allowances, grown with equity."""
    p = market.parameters[0]
    economy = market.economy[0]
    wanted = 0.0
    ratio = max(1e-6, economy.equity) / max(1.0, economy.equity_start)
    for i in range(len(market.investors)):
        wanted += market.investors[i].allowance
    economy.capital_tide = math.exp(p.capital_response * math.log(ratio))
    wanted *= 2.0 * max(1.0, economy.capital_tide)
    cash = market.balance[economy.limited_partners]
    pay(market, PARTNERS_INCOME, economy.economy, economy.limited_partners, wanted - cash)
    pay(market, PARTNERS_RELEASE, economy.limited_partners, economy.economy, cash - wanted)


@rule
def economy_suffers_accidents(market, _row):
    """A leading model that is less aligned than capable may cause an accident."""
    p = market.parameters[0]
    economy = market.economy[0]
    best = -1
    for j in range(len(market.developers)):
        if market.developers[j].alive == 1 and (
            best < 0 or market.developers[j].capability > market.developers[best].capability
        ):
            best = j
    if best < 0:
        return
    developer = market.developers[best]
    rate = accident_hazard(
        developer.capability, developer.alignment, ACCIDENT_BASE, p.accident_slope
    )
    economy.accidents = poisson(rate, market.economy_draws[ACCIDENT, 0])
    if economy.accidents > 0.0:
        tell(
            market, ACCIDENT_EVENT, developer.account, -1,
            developer.capability, developer.alignment,
        )  # fmt: skip
