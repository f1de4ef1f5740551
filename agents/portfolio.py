"""What an investor does with its money: commits, holds, sells, and raises more."""

from __future__ import annotations

from agents.edges import along
from engine import maths
from world.compiled import part, rule
from world.kinds import ECONOMY, LIMITED_PARTNERS, SUPPLIER
from world.laws.valuation import NORMAL_RETURN
from world.ledger import (
    CAPITAL_CALL,
    COMPUTE_REBATE,
    DISTRIBUTION,
    EXIT_SALE,
    PARTNERS_INCOME,
    PARTNERS_RELEASE,
    STRATEGIC_RELEASE,
    TREASURY,
    pay,
    pay_at_most,
)
from world.state import IDLE

PARENT = 0.75  # share (a special majority) above which an owner alone pays for its subsidiary
TREND_MONTHS = 12.0  # months over which returns are smoothed
LARGEST_MARK = 0.5  # change of a book in a month that counts in the trend at most
MOOD_OF_RETURN = 0.5  # log willingness to pay per unit of return above normal; judgement
LOWEST_MOOD = -1.5  # bounds of the return that counts
HIGHEST_MOOD = 1.0
DEEPEST_CUT = -2.5  # log change of new money at worst
STRONGEST_RISE = 1.1  # log change of new money at best
DRY_YEARS = 3.0  # years of allowance above which new money pauses
IDLE_YEARS = 6.0  # years of allowance above which own money goes back within a year
RETURNED = 0.8  # share of sale proceeds passed on to partners or parents
LEAST_EQUITY = 1e-6  # USD, where no developer is worth anything
PARTNERS_YEARS = 2.0  # years of their funds' allowances that limited partners hold


@part
def owned_whole(market, j):
    """1 if an investor owns so much of developer j that it alone pays for it, else 0."""
    for k in along(market.watchers_of, j):
        if market.ties[k].share > PARENT:
            return 1
    return 0


@part
def investor_commits(market, k, need):
    """What an investor offers along one tie [USD]: more, the further value exceeds cost.

        q = (gain * multiple + rebates) / cost;  offer = ticket * cash * min(1, q * appetite - 1)

    with appetite = exp(sentiment) / hurdle. A cloud or chip maker also counts the compute revenue that
    comes back. Without a plan the question is whether the firm itself is worth
    the money it needs to survive.
    Source: Tobin 1969 (q); Kortum and Lerner 2000 on syndicates' screening.
    """
    p = market.parameters
    tie = market.ties[k]
    investor = market.investors[tie.source]
    developer = market.developers[tie.target]
    if tie.weight <= 0.0 or (developer.subsidiary == 1 and tie.share <= PARENT):
        return 0.0
    cost = developer.plan_cost + developer.plan_exploration
    gain = developer.plan_gain * investor.lead_multiple
    if developer.plan_kind == IDLE:
        cost = need
        gain = developer.profit_trend * investor.rent_multiple
    if investor.rebated == 1:
        gain += p.rebate * cost
    eager = min(1.0, max(0.0, gain / cost * investor.appetite - 1.0)) * tie.weight
    return p.ticket * market.balance[investor.account] * eager


@rule
def investor_earns_rebate(market, i):
    """A cloud or chip maker earns part of the compute bills of the developers it owns.

        rebate = rebate share * stake * compute bought this month
    """
    investor = market.investors[i]
    if investor.rebated == 0:
        return
    bills = 0.0
    for h in along(market.holdings_of, i):
        tie = market.ties[market.holdings[h]]
        developer = market.developers[tie.target]
        serving = developer.revenue - developer.gross_profit
        bills += tie.share * (developer.outlay + serving)
    due = market.parameters.rebate * bills
    pay_at_most(market, COMPUTE_REBATE, SUPPLIER, investor.account, due)


@rule
def investor_sells_stakes(market, i):
    """Venture and crossover funds sell a little of each stake to the public every month.

    Stakes are sold at the values just marked.
    """
    p = market.parameters
    investor = market.investors[i]
    if investor.pooled == 0:
        return
    for h in along(market.holdings_of, i):
        market.ties[market.holdings[h]].share *= 1.0 - p.exit_rate
    sell_to_public(market, investor, p.exit_rate * investor.book)


@part
def sell_to_public(market, investor, sold):
    """Sell stakes of that marked value; a fund passes most of the proceeds on to its partners."""
    investor.book -= sold
    pay(market, EXIT_SALE, ECONOMY, investor.account, sold)
    if investor.pooled == 1:
        pay_at_most(market, DISTRIBUTION, investor.account, LIMITED_PARTNERS, RETURNED * sold)


@rule
def investor_marks_book(market, i):
    """Mark the stakes to the latest values; returns and sentiment follow.

        return = (book - bought since) / book before - 1, smoothed over a year
        log sentiment = (return - normal) / 2, bounded
    """
    investor = market.investors[i]
    book = 0.0
    for h in along(market.holdings_of, i):
        tie = market.ties[market.holdings[h]]
        book += tie.share * market.developers[tie.target].valuation
    if investor.book > 0.0:
        change = (book - investor.unmarked) / investor.book - 1.0
        yearly = 12.0 * min(LARGEST_MARK, max(-LARGEST_MARK, change))
        investor.trend += (yearly - investor.trend) / TREND_MONTHS
    excess = min(HIGHEST_MOOD, max(LOWEST_MOOD, investor.trend - NORMAL_RETURN))
    investor.sentiment = MOOD_OF_RETURN * excess
    investor.book = book
    investor.unmarked = 0.0


@rule
def investor_draws_capital(market, i):
    """New money follows the value of AI equity and past returns (pro-cyclical).

        money = allowance/12 * (equity / equity at the start) ** response
                * exp(flow_performance * (return - normal)), bounded

    Venture and crossover funds call it from their limited partners, the others
    from their own treasuries. Nobody adds to more than three years of unspent money.
    Source: Kaplan and Schoar 2005 (flow-performance); AI funding fell 43 % in 2021-23.
    """
    p = market.parameters
    investor = market.investors[i]
    mood = min(
        STRONGEST_RISE, max(DEEPEST_CUT, p.flow_performance * (investor.trend - NORMAL_RETURN))
    )
    yearly = investor.allowance * market.industry.capital_tide * maths.exp(mood)
    cash = market.balance[investor.account]
    amount = min(yearly / 12.0, max(0.0, DRY_YEARS * yearly - cash))
    if investor.pooled == 1:
        pay_at_most(market, CAPITAL_CALL, LIMITED_PARTNERS, investor.account, amount)
    else:
        pay(market, TREASURY, ECONOMY, investor.account, amount)
        surplus = max(0.0, cash - IDLE_YEARS * yearly)
        pay(market, STRATEGIC_RELEASE, investor.account, ECONOMY, surplus / 12.0)


@rule
def partners_save(market, _row):
    """Limited partners hold two years of their funds' normal allowances, grown with equity.

    Where next to nothing was there to buy at the start, growth counts from a month of allowances.
    """
    p = market.parameters
    industry = market.industry
    wanted = 0.0
    for i in range(len(market.investors)):
        wanted += market.investors[i].allowance
    if industry.equity_start > 0.0:  # not before the first month
        first = max(max(1.0, industry.equity_start), wanted / 12.0)
        ratio = max(LEAST_EQUITY, industry.equity) / first
        industry.capital_tide = maths.exp(p.capital_response * maths.log(ratio))
    wanted *= PARTNERS_YEARS * max(1.0, industry.capital_tide)
    cash = market.balance[LIMITED_PARTNERS]
    pay(market, PARTNERS_INCOME, ECONOMY, LIMITED_PARTNERS, wanted - cash)
    pay(market, PARTNERS_RELEASE, LIMITED_PARTNERS, ECONOMY, cash - wanted)
