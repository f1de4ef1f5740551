"""Money for runs: rounds, starts, dividends, and what a developer is worth."""

from __future__ import annotations

import math

from agents.developer import RUNWAY, strictness
from agents.investor import investor_commits
from agents.plans import SMALLEST_ADVANCE
from world.compiled import rule
from world.journal import COPY_STARTED, ROUND_CLOSED, ROUND_FAILED, ROUND_SHRUNK, RUN_STARTED, tell
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
from world.state import FOLLOW, IDLE, PUBLIC_LAB

PAYOUT = 0.05  # monthly share of surplus cash paid to owners


@rule
def developer_raises(market, j):
    """Seek equity for the plan and a runway; the round closes, shrinks or fails.

        need = run + exploration + half a year of payroll - cash

    Each investor that watches it commits by its own belief (`investor_commits`).
    Commitments below the quorum mean no money at all. The price before the
    money is the commitment-weighted value of the developer.
    """
    p = market.parameters[0]
    developer = market.developers[j]
    if developer.kind == PUBLIC_LAB:
        return
    cost = developer.plan_cost + developer.plan_exploration
    runway = RUNWAY * 12.0 * developer.payroll
    money = market.balance[developer.account] + market.balance[developer.account + GRANTS]
    need = cost + runway - money
    if need <= 0.0 or (developer.plan_kind == IDLE and money > 0.5 * runway):
        return
    developer.sought = need
    total = 0.0
    worth = 0.0
    lead = -1
    deepest = -1
    for w in range(market.watchers_of[j], market.watchers_of[j + 1]):
        k = market.watchers[w]
        tie = market.ties[k]
        tie.offer = investor_commits(market, k, need)
        if tie.offer > 0.0:
            total += tie.offer
            worth += tie.offer * developer_worth(market, j, market.investors[tie.source])
            if lead < 0 or tie.offer > market.ties[lead].offer:
                lead = k
        if tie.weight > 0.0 and (deepest < 0 or richer(market, tie.source, deepest)):
            deepest = tie.source
    if total < p.quorum * need or total <= 0.0:
        market.economy[0].failed_rounds += 1.0
        other = market.investors[deepest].account if deepest >= 0 else -1
        tell(market, ROUND_FAILED, developer.account, other, need, total / (p.quorum * need))
        return
    amount = min(total, need)
    before = worth / total
    sold = amount / (before + amount)
    for w in range(market.watchers_of[j], market.watchers_of[j + 1]):
        tie = market.ties[market.watchers[w]]
        investor = market.investors[tie.source]
        money = tie.offer * amount / total
        tie.share = tie.share * (1.0 - sold) + sold * money / amount
        tie.paid += money
        investor.invested += money
        developer.raised += money
        pay(market, EQUITY, investor.account, developer.account, money)
    market.economy[0].closed_rounds += 1.0
    leader = market.investors[market.ties[lead].source].account
    if amount < 0.999 * need:
        tell(market, ROUND_SHRUNK, developer.account, leader, amount, need)
    else:
        tell(market, ROUND_CLOSED, developer.account, leader, amount, before)


@rule
def richer(market, i, other):
    """Whether investor i has more dry powder than another."""
    investors = market.investors
    return market.balance[investors[i].account] > market.balance[investors[other].account]


@rule
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
    runway stays in cash.
    """
    p = market.parameters[0]
    developer = market.developers[j]
    if developer.plan_kind == IDLE or developer.run_kind != IDLE:
        return
    reserve = 0.5 * RUNWAY * 12.0 * developer.payroll
    granted = market.balance[developer.account + GRANTS]
    own = max(0.0, market.balance[developer.account] - reserve)
    if developer.kind == PUBLIC_LAB:
        granted = max(0.0, granted - 2.0 * reserve)
        own = 0.0
    wanted = developer.plan_cost + developer.plan_exploration
    spent = min(wanted, granted + own)
    if spent <= 0.0:
        return
    scale = spent / wanted
    target = developer.plan_target
    if scale < 1.0:
        if developer.plan_kind == FOLLOW:
            return
        target += math.log(max(scale, 1e-9)) / math.log(10.0)
        if target < developer.capability + SMALLEST_ADVANCE:
            return
    public = min(spent, granted)
    escrow = developer.account + ESCROW
    pay(market, GRANT_COMMITMENT, developer.account + GRANTS, escrow, public)
    pay_at_most(market, COMMITMENT, developer.account, escrow, spent - public)
    developer.run_kind = developer.plan_kind
    developer.run_months = developer.plan_months
    developer.run_months_left = developer.plan_months
    developer.run_target = target
    developer.run_cost = developer.plan_cost * scale
    developer.run_price = market.economy[0].compute_premium
    developer.run_exploration = developer.plan_exploration * scale
    developer.run_public = public / spent
    levy = p.safety_cost * strictness(market, j) * developer.run_cost
    government = market.governments[market.located[j].source]
    pay_at_most(market, SAFETY_LEVY, developer.account, government.account, 0.1 * levy)
    if developer.run_kind == FOLLOW:
        source = market.developers[developer.plan_source].account
        tell(market, COPY_STARTED, developer.account, source, developer.run_cost, target)
    else:
        tell(market, RUN_STARTED, developer.account, -1, developer.run_cost, target)


@rule
def developer_pays_owners(market, j):
    """Pay a part of surplus cash to the owners: above three years of wages and three runs."""
    developer = market.developers[j]
    if developer.kind == PUBLIC_LAB:
        return
    last_run = developer.run_cost + developer.run_exploration
    floor = 36.0 * developer.payroll + 3.0 * last_run + 1e9
    surplus = PAYOUT * max(0.0, market.balance[developer.account] - floor)
    if surplus <= 0.0:
        return
    left = surplus
    for w in range(market.watchers_of[j], market.watchers_of[j + 1]):
        tie = market.ties[market.watchers[w]]
        part = min(left, surplus * tie.share)
        pay(market, DIVIDEND, developer.account, market.investors[tie.source].account, part)
        left -= part
    pay(market, FOUNDERS_DIVIDEND, developer.account, market.economy[0].economy, left)


@rule
def developer_is_valued(market, j):
    """Equity value by the beliefs of those who watch it, by their money [USD]."""
    developer = market.developers[j]
    held = market.balance[developer.account] + market.balance[developer.account + ESCROW]
    if developer.kind == PUBLIC_LAB:
        developer.valuation = 0.0
        return
    plan = developer.plan_gain * developer.lead_multiple
    plan -= developer.plan_cost + developer.plan_exploration
    if developer.run_kind != IDLE:
        plan = 0.0
    developer.valuation = (
        held + developer.profit_trend * developer.rent_multiple + max(0.0, plan)
    )
