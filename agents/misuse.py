"""Harm: hostile actors take the cheapest capable model and attack; leaders have accidents."""

from __future__ import annotations

from agents.edges import along, sells
from world.compiled import part, rule
from world.journal import ACCIDENT_EVENT, HOSTILE_DISTILLED, HOSTILE_OPEN, HOSTILE_THEFT, INCIDENT, tell
from world.kinds import ECONOMY, SUPPLIER
from world.laws.safety import accident_hazard, misuse_hazard, poisson
from world.laws.technology import training_cost
from world.ledger import HOSTILE_COMPUTE, HOSTILE_INCOME, pay, pay_at_most
from world.noise import uniform
from world.state import ACCIDENT, ATTACK, THEFT

STRIPPING_COST = 200.0  # USD, undoing the safety tuning of open weights (BadLlama 2023)
OPEN_WEIGHTS, DISTILLATION, STOLEN = 1, 2, 3
ACCIDENT_BASE = 0.002  # accidents a month at parity of capability and alignment
WORTHWHILE = 0.05  # OOM of capability for which it bothers
NEWS_THRESHOLD = 3.0  # incidents in a month that enter the story


@rule
def hostile_earns(market, k):
    """Receive income from outside the sector."""
    hostile = market.hostiles[k]
    pay(market, HOSTILE_INCOME, ECONOMY, hostile.account, hostile.income)


@rule
def hostile_acquires(market, k):
    """Take the cheapest of open weights, distillation and theft that it can afford.

    Open weights cost next to nothing to strip of safeguards; distillation costs
    the imitation share of training from scratch and takes the imitation lag;
    theft comes by chance and takes the frontier itself.
    """
    p = market.parameters
    industry = market.industry
    hostile = market.hostiles[k]
    if hostile.months_left > 0:
        hostile.months_left -= 1
        if hostile.months_left == 0:
            hostile.capability = max(hostile.capability, hostile.target)
            tell(market, HOSTILE_DISTILLED, hostile.account, -1, hostile.target, 0.0)
    if uniform(market, THEFT, k) < p.theft_hazard / 12.0:
        steal(market, k)
    if industry.open_frontier > hostile.capability + WORTHWHILE:
        download(market, k)
    worthwhile = hostile.capability + p.copy_shortfall + 2.0 * WORTHWHILE
    if hostile.months_left == 0 and industry.frontier > worthwhile:
        if copy_cost(market, worthwhile) <= market.balance[hostile.account]:
            distil(market, k, worthwhile)


@part
def copy_cost(market, capability):
    """Cost of a hostile copy [USD]: cost share * cost from scratch at the best know-how."""
    p = market.parameters
    industry = market.industry
    flops = industry.flop_per_usd
    scratch = training_cost(capability, industry.frontier_efficiency, flops)
    return p.imitation_cost_share * industry.compute_premium * scratch


@part
def best_target(market, k, only_open):
    """Row of the most capable developer within a hostile actor's reach (-1 none)."""
    best = -1
    for e in along(market.targets_of, k):
        edge = market.targets[e]
        developer = market.developers[edge.target]
        if edge.weight <= 0.0 or not sells(developer):
            continue
        if only_open and developer.open_weights == 0:
            continue
        if best < 0 or developer.capability > market.developers[best].capability:
            best = edge.target
    return best


@part
def steal(market, k):
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


@part
def download(market, k):
    """Download the best open weights within reach and undo their safety tuning."""
    hostile = market.hostiles[k]
    j = best_target(market, k, True)
    if j < 0 or market.developers[j].capability <= hostile.capability + WORTHWHILE:
        return
    hostile.means = OPEN_WEIGHTS
    hostile.capability = market.developers[j].capability
    pay_at_most(market, HOSTILE_COMPUTE, hostile.account, SUPPLIER, STRIPPING_COST)
    tell(market, HOSTILE_OPEN, hostile.account, -1, hostile.capability, STRIPPING_COST)


@part
def distil(market, k, worthwhile):
    """Start a copy of the best model within reach, if its money pays for it."""
    p = market.parameters
    hostile = market.hostiles[k]
    j = best_target(market, k, False)
    if j < 0 or market.developers[j].capability <= worthwhile:
        return
    capability = market.developers[j].capability
    cost = copy_cost(market, capability)
    if cost <= market.balance[hostile.account]:
        pay(market, HOSTILE_COMPUTE, hostile.account, SUPPLIER, cost)
        hostile.means = DISTILLATION
        hostile.target = capability - p.copy_shortfall
        hostile.months_left = int(p.imitation_lag + 0.5)


@rule
def hostile_attacks(market, k):
    """Cause incidents by the gap between its model and what defenders use.

    Defenders use the frontier of about three months ago.
    """
    p = market.parameters
    hostile = market.hostiles[k]
    rate = misuse_hazard(
        hostile.capability, market.industry.frontier_past, p.misuse_base, p.misuse_slope
    )
    hostile.incidents = poisson(rate, uniform(market, ATTACK, k))
    if hostile.incidents >= NEWS_THRESHOLD:
        tell(market, INCIDENT, hostile.account, -1, hostile.incidents, hostile.capability)


@rule
def economy_suffers_accidents(market, _row):
    """A leading model that is less aligned than capable may cause an accident."""
    p = market.parameters
    industry = market.industry
    best = -1
    for j in range(len(market.developers)):
        if market.developers[j].alive == 1 and (
            best < 0 or market.developers[j].capability > market.developers[best].capability
        ):
            best = j
    industry.accidents = 0.0
    if best < 0:
        return
    developer = market.developers[best]
    rate = accident_hazard(
        developer.capability, developer.alignment, ACCIDENT_BASE, p.accident_slope
    )
    industry.accidents = poisson(rate, uniform(market, ACCIDENT, 0))
    if industry.accidents > 0.0:
        tell(market, ACCIDENT_EVENT, developer.account, -1, developer.capability,
             developer.alignment)  # fmt: skip
