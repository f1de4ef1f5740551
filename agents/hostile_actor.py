"""Hostile actors: take the cheapest capable model, strip its safeguards, attack."""

from __future__ import annotations

from agents.base import Decisions, MarketAgent
from world.compiled import rule
from world.journal import HOSTILE_DISTILLED, HOSTILE_OPEN, HOSTILE_THEFT, INCIDENT, tell
from world.laws.safety import misuse_hazard, poisson
from world.laws.technology import flop_per_usd, training_cost
from world.ledger import HOSTILE_COMPUTE, HOSTILE_INCOME, pay, pay_at_most
from world.state import ATTACK, PUBLIC_LAB, THEFT

STRIPPING_COST = 200.0  # USD, undoing the safety tuning of open weights (BadLlama 2023)
OPEN_WEIGHTS, DISTILLATION, STOLEN = 1, 2, 3
WORTHWHILE = 0.05  # OOM of capability for which it bothers
NEWS_THRESHOLD = 3.0  # incidents in a month that enter the story


@rule
def hostile_earns(market, k):
    """Receive income from outside the sector."""
    hostile = market.hostiles[k]
    pay(market, HOSTILE_INCOME, market.economy[0].economy, hostile.account, hostile.income)


@rule
def hostile_acquires(market, k):
    """Take the cheapest of open weights, distillation and theft that it can afford.

    Open weights cost next to nothing to strip of safeguards; distillation costs
    the imitation share of training from scratch and takes the imitation lag;
    theft comes by chance and takes the frontier itself.
    """
    p = market.parameters[0]
    economy = market.economy[0]
    hostile = market.hostiles[k]
    if hostile.months_left > 0:
        hostile.months_left -= 1
        if hostile.months_left == 0:
            hostile.capability = max(hostile.capability, hostile.target)
            tell(market, HOSTILE_DISTILLED, hostile.account, -1, hostile.target, 0.0)
    if market.hostile_draws[THEFT, k] < p.theft_hazard / 12.0:
        hostile_steals(market, k)
    if economy.open_frontier > hostile.capability + WORTHWHILE:
        hostile_downloads(market, k)
    worthwhile = hostile.capability + p.copy_shortfall + 2.0 * WORTHWHILE
    if hostile.months_left == 0 and economy.frontier > worthwhile:
        if copy_cost(market, worthwhile) <= market.balance[hostile.account]:
            hostile_distils(market, k, worthwhile)


@rule
def copy_cost(market, capability):
    """Cost of a hostile copy [USD]: cost share * cost from scratch at the best know-how."""
    p = market.parameters[0]
    economy = market.economy[0]
    flops = flop_per_usd(economy.month, p.compute_growth)
    scratch = training_cost(capability, economy.frontier_efficiency, flops)
    return p.imitation_cost_share * economy.compute_premium * scratch


@rule
def best_target(market, k, only_open):
    """Row of the most capable developer within a hostile actor's reach (-1 none)."""
    best = -1
    for e in range(market.targets_of[k], market.targets_of[k + 1]):
        edge = market.targets[e]
        developer = market.developers[edge.target]
        if edge.weight <= 0.0 or developer.alive == 0 or developer.kind == PUBLIC_LAB:
            continue
        if only_open and developer.open_weights == 0:
            continue
        if best < 0 or developer.capability > market.developers[best].capability:
            best = edge.target
    return best


@rule
def hostile_steals(market, k):
    """Take the weights of the best model within reach, whatever guards them."""
    hostile = market.hostiles[k]
    j = best_target(market, k, False)
    if j < 0 or market.developers[j].capability <= hostile.capability:
        return
    developer = market.developers[j]
    hostile.capability = developer.capability
    hostile.means = STOLEN
    tell(
        market, HOSTILE_THEFT, hostile.account, developer.account, developer.capability, 0.0
    )


@rule
def hostile_downloads(market, k):
    """Download the best open weights within reach and undo their safety tuning."""
    hostile = market.hostiles[k]
    j = best_target(market, k, True)
    if j < 0 or market.developers[j].capability <= hostile.capability + WORTHWHILE:
        return
    hostile.means = OPEN_WEIGHTS
    hostile.capability = market.developers[j].capability
    supplier = market.economy[0].supplier
    pay_at_most(market, HOSTILE_COMPUTE, hostile.account, supplier, STRIPPING_COST)
    tell(market, HOSTILE_OPEN, hostile.account, -1, hostile.capability, STRIPPING_COST)


@rule
def hostile_distils(market, k, worthwhile):
    """Start a copy of the best model within reach, if its money pays for it."""
    p = market.parameters[0]
    economy = market.economy[0]
    hostile = market.hostiles[k]
    j = best_target(market, k, False)
    if j < 0 or market.developers[j].capability <= worthwhile:
        return
    capability = market.developers[j].capability
    cost = copy_cost(market, capability)
    if cost <= market.balance[hostile.account]:
        pay(market, HOSTILE_COMPUTE, hostile.account, economy.supplier, cost)
        hostile.means = DISTILLATION
        hostile.target = capability - p.copy_shortfall
        hostile.months_left = int(p.imitation_lag + 0.5)


@rule
def hostile_attacks(market, k):
    """Cause incidents by the gap between its model and what defenders use.

    Defenders use the frontier of about three months ago.
    """
    p = market.parameters[0]
    hostile = market.hostiles[k]
    rate = misuse_hazard(
        hostile.capability, market.economy[0].frontier_past, p.misuse_base, p.misuse_slope
    )
    hostile.incidents = poisson(rate, market.hostile_draws[ATTACK, k])
    if hostile.incidents >= NEWS_THRESHOLD:
        tell(market, INCIDENT, hostile.account, -1, hostile.incidents, hostile.capability)


class HostileActor(MarketAgent):
    """Turns what others make cheap into harm."""

    table = "hostiles"
    decisions = Decisions("hostile", hostile_earns, hostile_acquires, hostile_attacks)
