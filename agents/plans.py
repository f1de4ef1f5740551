"""Plans: whether a developer leads, follows or waits."""

from __future__ import annotations

from agents.edges import along, backer, sells
from agents.means import compliance, compute_access, protection, runway
from agents.profits import best_profit, frontier_drift, growth_discounted
from engine import maths
from world.compiled import part, rule
from world.laws.technology import (
    LN10,
    pow10,
    run_months,
    trained_capability,
    training_cost,
)
from world.ledger import GRANTS
from world.state import FOLLOW, IDLE, LEAD

BUDGET_STEPS = 8  # budgets weighed, evenly in logs from the least useful to all it can reach
SMALLEST_ADVANCE = 0.05  # OOM
PLAN_PAUSE = 2  # months without a look after nothing was worth doing


@rule
def developer_plans(market, j):
    """Choose between leading, following and waiting by expected net value.

    gain = discounted rent with the new model less rent without it [USD/year],
    valued at the hazard heard from those who watch it; the plan with the largest positive net
    value a month is kept, for a run keeps the next one waiting. A public lab, or a developer
    with grants, leads as far as they reach whatever the market pays. Who finds nothing worth
    doing looks again in a quarter.
    """
    developer = market.developers[j]
    developer.plan_kind = IDLE
    developer.plan_gain = 0.0
    developer.plan_cost = 0.0
    developer.plan_exploration = 0.0
    if developer.run_kind != IDLE:
        developer.plan_pause = 0
        return
    if developer.plan_pause > 0:
        developer.plan_pause -= 1
        return
    if sells(developer):
        best = weigh_leading(market, j, 0.0)
        weigh_following(market, j, best)
    if developer.plan_kind == IDLE:
        weigh_mandate(market, j)
    if developer.plan_kind == IDLE:
        developer.plan_pause = PLAN_PAUSE


@part
def weigh_leading(market, j, best):
    """Compare budgets of a leading run on a short grid; keep the best plan.

    Returns its net value a month of the run: plans of unequal lives are compared by their
    equivalent yearly value (the price of the one run they make at a time).
    """
    p = market.parameters
    industry = market.industry
    developer = market.developers[j]
    access = compute_access(market, j)
    if access <= 0.0:
        return best
    flops = industry.flop_per_usd
    price = industry.compute_premium / access * (1.0 + compliance(market, j))
    purse = reachable_money(market, j)
    drift = 0.0
    without = 0.0
    worth = 0.0
    considered = -1
    least = price * training_cost(
        developer.capability + SMALLEST_ADVANCE, developer.efficiency, flops
    )
    most = purse / (1.0 + p.exploration)
    if most <= least:
        return best
    rise = maths.log(most / least) / (BUDGET_STEPS - 1.0)
    step = maths.exp(rise)
    budget = least / step
    size = maths.log(budget) / LN10
    target = developer.capability + SMALLEST_ADVANCE - rise / LN10
    for _ in range(BUDGET_STEPS):
        budget *= step
        target += rise / LN10
        size += rise / LN10
        exploration = p.exploration * leap(market, j, target - developer.efficiency)
        if budget * (1.0 + exploration) > purse:
            break
        months = slowed(market, j, run_months(size, p.run_length))
        if months != considered:
            drift = frontier_drift(market, months / 12.0)
            without = standing_profit(market, j, drift)
            worth = growth_discounted(market, months / 12.0)
            considered = months
        gain = worth * (best_profit(market, j, target, 0, drift) - without)
        value = (gain * developer.lead_multiple - budget * (1.0 + exploration)) / months
        if value > best:
            best = value
            keep_plan(developer, LEAD, months, target, budget, exploration * budget, gain, -1)
        elif best > 0.0:
            break  # returns to size diminish: larger runs add less still
    return best


@part
def standing_profit(market, j, drift):
    """Yearly profit with the model that it has; none with one that is shown and not sold [USD/year]."""
    developer = market.developers[j]
    if developer.on_sale == 0:
        return 0.0
    return best_profit(market, j, developer.capability, developer.copied, drift)


@part
def leap(market, j, compute):
    """How much more exploration a run needs that is larger than any it has made [ratio].

        leap = max(1, compute / its largest run) ** leap_cost

    Convex adjustment cost: clusters, data and engineering at a new scale take
    learning, and learning in a hurry costs more.
    Source: Hayashi 1982; Dierickx and Cool 1989 (time-compression diseconomies).
    """
    beyond = max(0.0, compute - market.developers[j].largest_run)
    return pow10(market.parameters.leap_cost * beyond)


@part
def reachable_money(market, j):
    """Money it could have for a run [USD]: its own, and the tickets of those who watch it."""
    p = market.parameters
    developer = market.developers[j]
    purse = market.balance[developer.account] + market.balance[developer.account + GRANTS]
    for k in along(market.watchers_of, j):
        purse += p.ticket * market.ties[k].weight * market.balance[backer(market, k).account]
    return purse


@part
def weigh_following(market, j, best):
    """Compare copying the best model it can query or download; keep it if it is the best plan.

        cost = cost share * cost from scratch at the best visible know-how
               * (1 + IP protection) * (1 + hidden traces) * (legal exposure),
        and its exploration; no leap is in it, for the model copied shows that its size works
    """
    p = market.parameters
    industry = market.industry
    developer = market.developers[j]
    source = best_to_copy(market, j)
    access = compute_access(market, j)
    if source < 0 or access <= 0.0:
        return best
    model = market.developers[source]
    hindrance = 1.0 + p.ip_imitation_cost * protection(market, j)
    hindrance *= 1.0 + p.trace_protection * model.traces_hidden
    flops = industry.flop_per_usd
    cost = training_cost(model.capability, developer.efficiency_seen, flops)
    cost *= p.imitation_cost_share * hindrance * industry.compute_premium / access
    cost *= 1.0 + compliance(market, j)
    if developer.exposed == 1:
        cost *= p.lab_copy_penalty
    months = slowed(market, j, maths.floor(p.imitation_lag * hindrance + 0.5))
    target = model.capability - p.copy_shortfall
    drift = frontier_drift(market, months / 12.0)
    added = best_profit(market, j, target, 1, drift)
    added -= standing_profit(market, j, drift)
    gain = growth_discounted(market, months / 12.0) * added
    value = (gain * developer.lead_multiple - cost * (1.0 + p.exploration)) / months
    if value > best:
        best = value
        keep_plan(developer, FOLLOW, months, target, cost, p.exploration * cost, gain, source)
    return best


@part
def best_to_copy(market, j):
    """Row of the most capable model along `observes` whose copy would advance j (-1 none)."""
    developer = market.developers[j]
    source = -1
    reach = developer.capability + market.parameters.copy_shortfall + SMALLEST_ADVANCE
    for k in along(market.observes_of, j):
        edge = market.observes[k]
        other = market.developers[edge.target]
        if edge.weight > 0.0 and sells(other) and other.capability > reach:
            source = edge.target
            reach = other.capability
    return source


@part
def weigh_mandate(market, j):
    """Spend grants on the run they pay for, if it advances its own best model."""
    p = market.parameters
    industry = market.industry
    developer = market.developers[j]
    granted = market.balance[developer.account + GRANTS]
    if developer.owned == 0:
        granted -= runway(developer)
    access = compute_access(market, j)
    if granted <= 0.0 or access <= 0.0:
        return
    price = industry.compute_premium / access
    price *= 1.0 + compliance(market, j)
    budget = granted / (1.0 + p.exploration)
    flops = industry.flop_per_usd
    target = trained_capability(budget / price, developer.efficiency, flops)
    if target >= developer.capability + 2.0 * SMALLEST_ADVANCE:
        months = slowed(market, j, run_months(maths.log(budget) / LN10, p.run_length))
        keep_plan(developer, LEAD, months, target, budget, p.exploration * budget, 0.0, -1)


@part
def slowed(market, j, months):
    """Length of a run under the safety rules that bind this developer [months]."""
    return int(max(1.0, maths.floor(months * (1.0 + compliance(market, j)) + 0.5)))


@part
def keep_plan(developer, kind, months, target, cost, exploration, gain, source):
    """Write a plan into the developer's row."""
    developer.plan_kind = kind
    developer.plan_months = months
    developer.plan_target = target
    developer.plan_cost = cost
    developer.plan_exploration = exploration
    developer.plan_gain = gain
    developer.plan_source = source
