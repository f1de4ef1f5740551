"""Money for runs: rounds, starts, dividends, and what a developer is worth."""

from __future__ import annotations

from agents.edges import along, backer, home
from agents.means import RESERVE, compliance, runway
from agents.plans import SMALLEST_ADVANCE
from agents.portfolio import PARENT, investor_commits, owned_whole
from engine import maths
from world.compiled import part, rule
from world.journal import COPY_STARTED, ROUND_CLOSED, ROUND_FAILED, ROUND_SHRUNK, RUN_STARTED, tell
from world.kinds import ECONOMY
from world.laws.technology import LN10
from world.ledger import (
    COMMITMENT,
    DIVIDEND,
    EQUITY,
    ESCROW,
    FOUNDERS_DIVIDEND,
    GRANT_COMMITMENT,
    GRANTS,
    SAFETY_LEVY,
    pay,
    pay_at_most,
)
from world.state import FOLLOW, IDLE

BRIDGE = 0.5  # share of the runway below which a developer without a plan seeks money
LASTING = 1.5  # years that a round is to last: 18 to 24 months are usual between rounds
WHOLE = 0.999  # share of the need from which a round counts as whole
PAYOUT = 0.05  # monthly share of surplus cash paid to owners
KEPT_MONTHS = 36.0  # months of wages kept before owners are paid
KEPT_RUNS = 3.0  # runs of the latest size kept besides
LEAST_GROWTH = 0.01  # a year, for the sum of runs ahead
KEPT_CASH = 1e9  # USD kept besides
LEVY = 0.1  # part of what safety rules add to a run's cost that is paid to the government


@rule
def developer_seeks(market, j):
    """Reckon the equity it needs this month, for the plan and a runway, and what it would rather have.

        needed = run + exploration + half a year of wages and selling - money
        sought = needed + runs of the years that a round is to last, which grow as the market

    A firm raises before it has to: a round is meant to last. Without a plan it seeks money only
    when little of the runway is left.
    """
    developer = market.developers[j]
    developer.needed = 0.0
    developer.sought = 0.0
    developer.subsidiary = owned_whole(market, j)
    money = market.balance[developer.account] + market.balance[developer.account + GRANTS]
    secure = developer.plan_kind == IDLE and money > BRIDGE * runway(developer)
    if developer.owned == 0 or secure:
        return
    cost = developer.plan_cost + developer.plan_exploration
    least = cost + runway(developer) - money
    developer.needed = max(0.0, least)
    developer.sought = max(0.0, least + runs_ahead(market, developer))


@part
def runs_ahead(market, developer):
    """What the runs of the years that a round is to last cost, with their exploration [USD].

        a year of runs like the one planned, or the latest, * (exp(g L) - 1) / g

    They grow as the market is expected to, over the L years.
    """
    cost = developer.plan_cost + developer.plan_exploration
    months = developer.plan_months
    if developer.plan_kind == IDLE:
        cost = developer.run_cost + developer.run_exploration
        months = developer.run_months
    if months == 0:
        return 0.0
    growth = max(LEAST_GROWTH, market.industry.expected_growth)
    return 12.0 * cost / months * maths.expm1(growth * LASTING) / growth


@rule
def developer_raises(market, j):
    """Ask for the equity it seeks; the round closes, shrinks or fails.

    Each investor that watches it commits by its own belief (`investor_commits`). Commitments
    below the quorum of what it needs mean no money at all; what lets it last is welcome.
    """
    developer = market.developers[j]
    if developer.sought <= 0.0:
        return
    need = developer.needed if developer.needed > 0.0 else developer.sought
    offered, worth, lead = collect_offers(market, j, need)
    quorum = market.parameters.quorum * need
    if offered < quorum or offered <= 0.0:
        fail_round(market, j, need, offered / quorum)
        keep_subsidiary(market, j)
    else:
        close_round(market, j, developer.sought, offered, worth, lead)


@part
def keep_subsidiary(market, j):
    """A parent pays the runway of its laboratory, whatever its plans are worth.

    What a laboratory is for stands in the parent's other books.
    Source: internal capital markets, Gertner, Scharfstein and Stein 1994.
    """
    developer = market.developers[j]
    money = market.balance[developer.account] + market.balance[developer.account + GRANTS]
    if developer.subsidiary == 0 or money > BRIDGE * runway(developer):
        return
    for k in along(market.watchers_of, j):
        tie = market.ties[k]
        if tie.share > PARENT:
            investor = backer(market, k)
            due = runway(developer) - money
            paid = pay_at_most(market, EQUITY, investor.account, developer.account, due)
            tie.paid += paid
            invest(investor, paid)
            developer.raised += paid
            developer.raised_parent += paid
            return


@part
def collect_offers(market, j, need):
    """Ask every investor that watches; returns money offered, its mean worth, the lead's tie.

    The worth of the developer is what those who offer take it for, by their offers
    [USD]; the tie is that of the largest offer (-1 none).
    """
    offered = 0.0
    worth = 0.0
    lead = -1
    for k in along(market.watchers_of, j):
        tie = market.ties[k]
        tie.offer = investor_commits(market, k, need)
        if tie.offer > 0.0:
            offered += tie.offer
            worth += tie.offer * developer_worth(market, j, backer(market, k))
            if lead < 0 or tie.offer > market.ties[lead].offer:
                lead = k
    if offered > 0.0:
        worth /= offered
    return offered, worth, lead


@part
def fail_round(market, j, need, reached):
    """No money at all: the story names the watcher with most dry powder, who gave too little."""
    market.industry.failed_rounds += 1.0
    deepest = richest_watcher(market, j)
    other = backer(market, deepest).account if deepest >= 0 else -1
    tell(market, ROUND_FAILED, market.developers[j].account, other, need, reached)


@part
def close_round(market, j, need, offered, worth, lead):
    """Issue shares for what is needed, as far as it was offered, at the worth before the money.

        sold = amount / (worth + amount);  each investor's part is that of its offer
    """
    developer = market.developers[j]
    amount = min(offered, need)
    sold = amount / (worth + amount)
    for k in along(market.watchers_of, j):
        tie = market.ties[k]
        investor = backer(market, k)
        money = tie.offer * amount / offered
        money = pay_at_most(market, EQUITY, investor.account, developer.account, money)
        if tie.share > PARENT:
            developer.raised_parent += money
        tie.share = tie.share * (1.0 - sold) + sold * money / amount
        tie.paid += money
        invest(investor, money)
        developer.raised += money
    market.industry.closed_rounds += 1.0
    leader = backer(market, lead).account
    if amount < WHOLE * need:
        tell(market, ROUND_SHRUNK, developer.account, leader, amount, need)
    else:
        tell(market, ROUND_CLOSED, developer.account, leader, amount, worth)


@part
def invest(investor, money):
    """Enter equity bought by an investor."""
    investor.invested += money
    investor.unmarked += money


@part
def richest_watcher(market, j):
    """Tie of the investor with most dry powder that watches developer j (-1 none)."""
    richest = -1
    for k in along(market.watchers_of, j):
        if market.ties[k].weight > 0.0:
            powder = market.balance[backer(market, k).account]
            if richest < 0 or powder > market.balance[backer(market, richest).account]:
                richest = k
    return richest


@part
def developer_worth(market, j, investor):
    """Value of the developer in one investor's eyes, plan included [USD].

        worth = cash + escrow + rent * multiple + max(0, gain * multiple - cost)
    """
    developer = market.developers[j]
    held = market.balance[developer.account] + market.balance[developer.account + ESCROW]
    plan = developer.plan_gain * investor.lead_multiple
    plan -= developer.plan_cost + developer.plan_exploration
    return max(1.0, held + developer.profit_trend * investor.rent_multiple + max(0.0, plan))


@rule
def developer_starts(market, j):
    """Start the planned run, at the size that cash and grants allow.

    Grants pay first and are counted as the public share of the run; half of the
    runway stays in cash. A copy is made whole or not at all.
    """
    developer = market.developers[j]
    if developer.plan_kind == IDLE or developer.run_kind != IDLE:
        return
    granted, own = money_to_spend(market, j)
    wanted = developer.plan_cost + developer.plan_exploration
    spent = min(wanted, granted + own)
    if spent <= 0.0:
        return
    scale = spent / wanted
    target = developer.plan_target
    if scale < 1.0:
        if developer.plan_kind == FOLLOW:
            return
        target += maths.log(max(scale, 1e-9)) / LN10
        if target < developer.capability + SMALLEST_ADVANCE:
            return
    public = min(spent, granted)
    escrow = developer.account + ESCROW
    pay(market, GRANT_COMMITMENT, developer.account + GRANTS, escrow, public)
    pay_at_most(market, COMMITMENT, developer.account, escrow, spent - public)
    begin_run(market, j, target, scale)
    developer.run_public = public / spent
    levy = LEVY * (compliance(market, j) * developer.run_cost)
    pay_at_most(market, SAFETY_LEVY, developer.account, home(market, j).account, levy)
    if developer.run_kind == FOLLOW:
        source = market.developers[developer.plan_source].account
        tell(market, COPY_STARTED, developer.account, source, developer.run_cost, target)
    else:
        tell(market, RUN_STARTED, developer.account, -1, developer.run_cost, target)


@part
def money_to_spend(market, j):
    """Grants and own money that a run may take, the reserve aside [both USD]."""
    developer = market.developers[j]
    granted = market.balance[developer.account + GRANTS]
    if developer.owned == 0:
        return max(0.0, granted - runway(developer)), 0.0
    return granted, max(0.0, market.balance[developer.account] - RESERVE * runway(developer))


@part
def begin_run(market, j, target, scale):
    """Enter the run under way: the planned one, at a scale of its cost and with its own target."""
    developer = market.developers[j]
    developer.run_kind = developer.plan_kind
    developer.run_months = developer.plan_months
    developer.run_months_left = developer.plan_months
    developer.run_target = target
    developer.run_cost = developer.plan_cost * scale
    developer.run_price = market.industry.compute_premium
    developer.run_exploration = developer.plan_exploration * scale


@rule
def developer_pays_owners(market, j):
    """Pay a part of surplus cash to the owners: above three years of wages and three runs."""
    developer = market.developers[j]
    if developer.owned == 0:
        return
    last_run = developer.run_cost + developer.run_exploration
    floor = KEPT_MONTHS * developer.payroll + KEPT_RUNS * last_run + KEPT_CASH
    surplus = PAYOUT * max(0.0, market.balance[developer.account] - floor)
    if surplus <= 0.0:
        return
    left = surplus
    for k in along(market.watchers_of, j):
        due = min(left, surplus * market.ties[k].share)
        backer(market, k).unmarked -= due  # part of its return
        pay(market, DIVIDEND, developer.account, backer(market, k).account, due)
        left -= due
    pay(market, FOUNDERS_DIVIDEND, developer.account, ECONOMY, left)


@rule
def developer_is_valued(market, j):
    """Equity value by the beliefs of those who watch it, by their money [USD]."""
    developer = market.developers[j]
    held = market.balance[developer.account] + market.balance[developer.account + ESCROW]
    if developer.owned == 0:
        developer.valuation = 0.0
        return
    plan = developer.plan_gain * developer.lead_multiple
    plan -= developer.plan_cost + developer.plan_exploration
    if developer.run_kind != IDLE:
        plan = 0.0
    developer.valuation = (
        held + developer.profit_trend * developer.rent_multiple + max(0.0, plan)
    )
