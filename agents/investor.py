"""What every investor shares: learning about imitation, committing, marking its book."""

from __future__ import annotations

import math

from world.compiled import rule
from world.journal import BELIEF_READING, BELIEF_UP, tell
from world.laws.learning import bayes, posterior_hazard
from world.laws.technology import normal
from world.laws.valuation import annuity_with, until_copied
from world.ledger import (
    CAPITAL_CALL,
    COMPUTE_REBATE,
    DISTRIBUTION,
    EXIT_SALE,
    STRATEGIC_RELEASE,
    TREASURY,
    pay,
    pay_at_most,
)
from world.state import (
    ALERTNESS_U,
    ALERTNESS_V,
    BELIEF_U,
    BELIEF_V,
    CHIP_MAKER,
    CLOUD,
    CROSSOVER_FUND,
    HURDLE_U,
    HURDLE_V,
    IDLE,
    VENTURE_FUND,
)

TREND_MONTHS = 12.0  # months over which returns are smoothed
NORMAL_RETURN = 0.15  # a year, at which new money is the normal allowance
DEEPEST_CUT = -2.5  # log change of new money at worst
STRONGEST_RISE = 1.1  # log change of new money at best
DRY_YEARS = 3.0  # years of allowance above which new money pauses
RETURNED = 0.8  # share of sale proceeds passed on to partners or parents
NEWSWORTHY = 0.15  # relative change of a belief that enters the story


@rule
def investor_forms_beliefs(market, i):
    """Before the first month: draw its prior hazard, its hurdle and its alertness (log-normal)."""
    p = market.parameters[0]
    investor = market.investors[i]
    draws = market.investor_draws
    doubt = math.exp(p.belief_spread * normal(draws[BELIEF_U, i], draws[BELIEF_V, i]))
    investor.prior_years /= doubt
    investor.hazard_years /= doubt
    investor.hazard *= doubt
    investor.hazard_told = investor.hazard
    investor.hurdle *= math.exp(p.hurdle_spread * normal(draws[HURDLE_U, i], draws[HURDLE_V, i]))
    investor.alertness *= math.exp(
        p.belief_spread * normal(draws[ALERTNESS_U, i], draws[ALERTNESS_V, i])
    )


@rule
def investor_learns(market, i):
    """Update the beliefs about imitation by what happened to the developers it watches.

    Exposure and matches heard along `watches` are the data: the posterior mean
    hazard is events over years (Gamma-exponential with censoring). Old news is
    slowly forgotten. A cheap release also moves the odds of imitation against
    cleverness (Bayes), and its cost surprise catches attention, which fades
    within weeks while beliefs stay. Some of the news is public.
    """
    p = market.parameters[0]
    investor = market.investors[i]
    reading = p.public_news * market.economy[0].news_reading + investor.heard_reading
    surprise = max(p.public_news * market.economy[0].news_size, investor.heard_surprise)
    before = investor.hazard
    investor.hazard_events += investor.heard_events + p.forgetting * (
        investor.prior_events - investor.hazard_events
    )
    investor.hazard_years += investor.heard_years + p.forgetting * (
        investor.prior_years - investor.hazard_years
    )
    investor.hazard = posterior_hazard(investor.hazard_events, investor.hazard_years)
    if investor.hazard > before * (1.0 + NEWSWORTHY) and investor.heard_from >= 0:
        tell(market, BELIEF_UP, investor.account, investor.heard_from, before, investor.hazard)
    if reading != 0.0:
        prior = investor.imitation
        investor.imitation = bayes(prior, reading)
        if abs(investor.imitation - prior) > NEWSWORTHY:
            source = market.economy[0].news_by
            tell(market, BELIEF_READING, investor.account, source, prior, investor.imitation)
    investor.attention = (1.0 - p.attention_fade) * investor.attention
    investor.attention += investor.alertness * surprise
    investor.heard_events = 0.0
    investor.heard_years = 0.0
    investor.heard_reading = 0.0
    investor.heard_surprise = 0.0
    investor.heard_most = 0.0
    investor.heard_from = -1
    investor.hazard_told = investor.hazard
    investor.attention_told = investor.attention
    investor.sentiment_told = investor.sentiment


@rule
def investor_listens(market, i):
    """Average beliefs, attention and sentiment with the syndicate; value a dollar of rent.

        hazard    <- (1 - w) hazard + w mean of the partners' (DeGroot 1974)
        sentiment <- (own + herding * partners' mean) / (1 + herding), in logs
    """
    p = market.parameters[0]
    economy = market.economy[0]
    investor = market.investors[i]
    weight = 0.0
    hazard = 0.0
    attention = 0.0
    sentiment = 0.0
    for k in range(market.syndicate_of[i], market.syndicate_of[i + 1]):
        edge = market.syndicate[k]
        partner = market.investors[edge.target]
        weight += edge.weight
        hazard += edge.weight * partner.hazard_told
        attention += edge.weight * partner.attention_told
        sentiment += edge.weight * partner.sentiment_told
    if weight > 0.0:
        each = 1.0 / weight
        investor.hazard += p.syndicate_weight * (hazard * each - investor.hazard)
        investor.hazard_years = investor.hazard_events / investor.hazard
        investor.attention += p.syndicate_weight * (attention * each - investor.attention)
        investor.sentiment += p.herding * sentiment * each
        investor.sentiment /= 1.0 + p.herding
    investor.appetite = math.exp(investor.sentiment) / investor.hurdle
    # `rent_multiple` at its own hazard; the lead's rent erodes besides, for all alike.
    rate = p.discount + investor.hazard * (1.0 + investor.attention)
    years = economy.growth_years
    z = (rate - economy.market_growth) * years
    decay = math.exp(-z)
    rent = annuity_with(decay, z, years, rate)
    investor.rent_multiple = until_copied(rent, economy.rent_forever, p.kept_share)
    z += economy.erosion * years
    lead = annuity_with(decay * economy.lead_left, z, years, rate + economy.erosion)
    investor.lead_multiple = until_copied(lead, economy.lead_forever, p.kept_share)


@rule
def investor_commits(market, k, need):
    """What an investor offers along one tie [USD]: more, the further value exceeds cost.

        q = (gain * multiple + rebates) / cost;  offer = ticket * cash * min(1, q * appetite - 1)

    with appetite = exp(sentiment) / hurdle. A cloud or chip maker also counts the compute revenue that
    comes back. Without a plan the question is whether the firm itself is worth
    the money it needs to survive.
    Source: Tobin 1969 (q); Kortum and Lerner 2000 on syndicates' screening.
    """
    p = market.parameters[0]
    tie = market.ties[k]
    investor = market.investors[tie.source]
    developer = market.developers[tie.target]
    if tie.weight <= 0.0 or investor.alive == 0:
        return 0.0
    cost = developer.plan_cost + developer.plan_exploration
    gain = developer.plan_gain * investor.lead_multiple
    if developer.plan_kind == IDLE:
        cost = need
        gain = developer.profit_trend * investor.rent_multiple
    if investor.kind == CLOUD or investor.kind == CHIP_MAKER:
        gain += p.rebate * cost
    eager = min(1.0, max(0.0, gain / cost * investor.appetite - 1.0)) * tie.weight
    return p.ticket * market.balance[investor.account] * eager


@rule
def investor_earns_rebate(market, i):
    """A cloud or chip maker earns part of the compute bills of the developers it owns.

        rebate = rebate share * stake * compute bought this month
    """
    p = market.parameters[0]
    investor = market.investors[i]
    if investor.kind != CLOUD and investor.kind != CHIP_MAKER:
        return
    bills = 0.0
    for k in range(market.ties_of[i], market.ties_of[i + 1]):
        tie = market.ties[k]
        developer = market.developers[tie.target]
        serving = developer.revenue - developer.gross_profit
        bills += tie.share * (developer.outlay + serving)
    supplier = market.economy[0].supplier
    pay_at_most(market, COMPUTE_REBATE, supplier, investor.account, p.rebate * bills)


@rule
def investor_sells_stakes(market, i):
    """Venture and crossover funds sell a little of each stake to the public every month.

    Stakes are sold at the values just marked; most of the proceeds go back to the partners.
    """
    p = market.parameters[0]
    investor = market.investors[i]
    if investor.kind != VENTURE_FUND and investor.kind != CROSSOVER_FUND:
        return
    for k in range(market.ties_of[i], market.ties_of[i + 1]):
        market.ties[k].share *= 1.0 - p.exit_rate
    sold = p.exit_rate * investor.book
    investor.book -= sold
    pay(market, EXIT_SALE, market.economy[0].economy, investor.account, sold)
    pay_at_most(
        market, DISTRIBUTION, investor.account, market.economy[0].limited_partners, RETURNED * sold
    )


@rule
def investor_marks_book(market, i):
    """Mark the stakes to the latest values; returns and sentiment follow.

        return = (book - invested) / book before - 1, smoothed over a year
        log sentiment = (return - normal) / 2, bounded
    """
    investor = market.investors[i]
    book = 0.0
    for k in range(market.ties_of[i], market.ties_of[i + 1]):
        tie = market.ties[k]
        book += tie.share * market.developers[tie.target].valuation
    if investor.book > 0.0:
        change = (book - investor.invested) / investor.book - 1.0
        yearly = 12.0 * min(0.5, max(-0.5, change))
        investor.trend += (yearly - investor.trend) / TREND_MONTHS
    investor.sentiment = 0.5 * min(1.0, max(-1.5, investor.trend - NORMAL_RETURN))
    investor.book = book
    investor.invested = 0.0


@rule
def investor_draws_capital(market, i):
    """New money follows the value of AI equity and past returns (pro-cyclical).

        money = allowance/12 * (equity / equity at the start) ** response
                * exp(flow_performance * (return - normal)), bounded

    Venture and crossover funds call it from their limited partners, the others
    from their own treasuries. Nobody adds to more than three years of unspent money.
    Source: Kaplan and Schoar 2005 (flow-performance); AI funding fell 43 % in 2021-23.
    """
    p = market.parameters[0]
    economy = market.economy[0]
    investor = market.investors[i]
    mood = min(
        STRONGEST_RISE, max(DEEPEST_CUT, p.flow_performance * (investor.trend - NORMAL_RETURN))
    )
    yearly = investor.allowance * economy.capital_tide * math.exp(mood)
    cash = market.balance[investor.account]
    amount = min(yearly / 12.0, max(0.0, DRY_YEARS * yearly - cash))
    if investor.kind == VENTURE_FUND or investor.kind == CROSSOVER_FUND:
        pay_at_most(
            market, CAPITAL_CALL, economy.limited_partners, investor.account, amount
        )
    else:
        pay(market, TREASURY, economy.economy, investor.account, amount)
        surplus = max(0.0, cash - 2.0 * DRY_YEARS * yearly)
        pay(market, STRATEGIC_RELEASE, investor.account, economy.economy, surplus / 12.0)
