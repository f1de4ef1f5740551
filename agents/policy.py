"""Governments: public research, protection of models, export control, safety rules.

Each policy follows a reaction rule of its own, with its own delay.
"""

from __future__ import annotations

from agents.edges import along, resides
from engine import maths
from world.compiled import part, rule
from world.journal import (
    EXPORT_CONTROL,
    EXPORT_RELAXED,
    IP_STRENGTH,
    PUBLIC_RESEARCH,
    SAFETY_RULES,
    tell,
)
from world.kinds import ECONOMY
from world.laws.technology import logistic
from world.ledger import APPROPRIATION, GRANT, GRANTS, LEVY_SPENT, pay

RESEARCH_DELAY = 18.0  # months, budget cycle
MEMORY = 12.0  # months over which lost rents and harm are remembered
EXPORT_DELAY = 6.0  # months, rule making
SAFETY_DELAY = 9.0  # months, legislation
GDP_SHARE = 0.004  # of GDP at full reaction: Apollo's peak
CATCH_UP_GAP = 1.0  # OOM behind the frontier that a government tolerates
CATCH_UP_WIDTH = 4.0  # OOM further at which it reacts in full
GAP_WIDTH = 0.3  # OOM, softness of the export-control trigger
NORMAL_MARGIN = 0.45  # gross margin of leaders in 2024 (reported 0.33-0.5)
NORMAL_INCIDENTS = 233.0  # reported in 2024 (AI Index)
STRICTEST = 2.0
FIRST_GRANT = 0.6  # part of the grants that the best developer gets, the second best the rest
IP_RELAXATION = 0.02  # part of protection above its floor that fades while no rents are lost
ACCIDENT_WEIGHT = 10.0  # incidents that an accident counts for; judgement
GRANT_CAP = 2.0  # years of grants that may lie unspent
REPORTED = 0.05  # yearly change of public research that enters the story
IP_STEP = 0.05  # changes of a policy that enter the story
EXPORT_STEP = 0.1
SAFETY_STEP = 0.25


@rule
def government_observes(market, g):
    """See the best model under its law, the growth of the frontier, and rents lost to copies."""
    government = market.governments[g]
    government.growth_seen = market.industry.frontier_growth
    government.best = 0.0
    revenue = 0.0
    profit = 0.0
    for j in range(len(market.developers)):
        developer = market.developers[j]
        if not resides(market, j, g):
            continue
        government.best = max(government.best, developer.capability)
        if developer.open_weights == 0:
            revenue += developer.revenue
            profit += developer.gross_profit
    if revenue > 0.0:
        lost = max(0.0, 1.0 - profit / revenue / NORMAL_MARGIN)
        government.rent_loss += (lost - government.rent_loss) / MEMORY


@rule
def government_funds_research(market, g):
    """Public research answers a shortfall of frontier growth or a rival's lead.

        target = base + reaction * 0.4 % of GDP * max(growth shortfall, lag behind rival)

    A part goes to the public lab, the rest as earmarked grants to the best
    developers located under it; money that lies unspent is not added to.
    """
    p = market.parameters
    industry = market.industry
    government = market.governments[g]
    need = 0.0
    if p.growth_target > 0.0:
        need = max(0.0, 1.0 - government.growth_seen / p.growth_target)
    if government.best > 0.0:
        behind = industry.frontier - government.best - CATCH_UP_GAP
        need = max(need, min(1.0, behind / CATCH_UP_WIDTH))
    target = government.base_research + p.public_extra * government.market_share
    target += p.public_reaction * GDP_SHARE * government.gdp * min(1.0, max(0.0, need))
    before = government.public_research
    government.public_research += (target - before) / RESEARCH_DELAY
    year = maths.floor(industry.month / 12.0) * 12 == industry.month
    if year and abs(government.public_research - before) * 12.0 > REPORTED * before:
        tell(market, PUBLIC_RESEARCH, government.account, -1, government.public_research,
             government.growth_seen)  # fmt: skip
    budget = government.public_research / 12.0
    lab = public_lab_of(market, g)
    if lab >= 0:
        give_grant(market, g, lab, p.public_lab_share * budget)
        budget *= 1.0 - p.public_lab_share
    first, second = best_developers_of(market, g)
    if first >= 0:
        share = FIRST_GRANT if second >= 0 else 1.0
        give_grant(market, g, first, share * budget)
        if second >= 0:
            give_grant(market, g, second, (1.0 - share) * budget)


@part
def give_grant(market, g, j, amount):
    """Appropriate money and earmark it for a developer, unless its grants lie idle."""
    government = market.governments[g]
    account = market.developers[j].account + GRANTS
    if market.balance[account] > GRANT_CAP * 12.0 * amount:
        return
    pay(market, APPROPRIATION, ECONOMY, government.account, amount)
    pay(market, GRANT, government.account, account, amount)


@part
def public_lab_of(market, g):
    """Row of the public lab located under government g (-1 none)."""
    for j in range(len(market.developers)):
        if resides(market, j, g) and market.developers[j].owned == 0:
            return j
    return -1


@part
def best_developers_of(market, g):
    """Rows of the two most capable private developers located under government g."""
    first = -1
    second = -1
    for j in range(len(market.developers)):
        developer = market.developers[j]
        if not resides(market, j, g) or developer.owned == 0:
            continue
        if first < 0 or developer.capability > market.developers[first].capability:
            second = first
            first = j
        elif second < 0 or developer.capability > market.developers[second].capability:
            second = j
    return first, second


@rule
def government_protects_models(market, g):
    """IP strength rises with the rents its developers lose to copies, after the legal delay.

        target = ip + lobbying * delay/12 * rent loss - slow return to the floor
        floor = max(its law at the start, ip_floor)
        d ip/dt = (target - ip) / delay
    """
    p = market.parameters
    government = market.governments[g]
    before = government.ip_strength
    pressed = before + p.ip_lobbying * p.ip_delay / 12.0 * government.rent_loss
    floor = max(government.ip_law, p.ip_floor)
    relaxed = IP_RELAXATION * (1.0 - government.rent_loss) * (before - floor)
    target = min(1.0, max(floor, pressed - relaxed))
    government.ip_strength += (target - before) / p.ip_delay
    for _ in range(steps_passed(before, government.ip_strength, IP_STEP, 19)):
        tell(market, IP_STRENGTH, government.account, -1, government.ip_strength,
             government.rent_loss)  # fmt: skip


@rule
def government_controls_exports(market, g):
    """Others' export control on this government's developers tightens when it comes close.

        weight -> logistic((trigger - (controller's best - own best)) / 0.3)

    Acts along the `controls` edges that point at it.
    """
    p = market.parameters
    government = market.governments[g]
    for k in along(market.controls_of, g):
        edge = market.controls[k]
        if edge.cut == 1:
            continue
        controller = market.governments[edge.source]
        gap = controller.best - government.best
        wanted = logistic((p.export_trigger - gap) / GAP_WIDTH)
        before = edge.weight
        edge.weight += (wanted - before) / EXPORT_DELAY
        for _ in range(steps_passed(before, edge.weight, EXPORT_STEP, 9)):
            tell(market, EXPORT_CONTROL, controller.account, government.account, edge.weight, gap)
        for _ in range(steps_passed(edge.weight, before, EXPORT_STEP, 9)):
            tell(market, EXPORT_RELAXED, controller.account, government.account, edge.weight, gap)


@rule
def government_sets_safety_rules(market, g):
    """Safety rules follow incidents and accidents: stricter per e-fold above the 2024 level.

        target = reaction * log(1 + harm / 2024 incidents)

    They raise the cost and length of runs and speed up alignment.
    """
    p = market.parameters
    industry = market.industry
    government = market.governments[g]
    incidents = ACCIDENT_WEIGHT * industry.accidents
    for k in range(len(market.hostiles)):
        incidents += market.hostiles[k].incidents
    government.harm += (12.0 * incidents - government.harm) / MEMORY
    wanted = p.safety_reaction * maths.log(1.0 + government.harm / NORMAL_INCIDENTS)
    before = government.safety_rules
    government.safety_rules += (min(STRICTEST, wanted) - before) / SAFETY_DELAY
    for _ in range(steps_passed(before, government.safety_rules, SAFETY_STEP, 8)):
        tell(market, SAFETY_RULES, government.account, -1, government.safety_rules,
             government.harm)  # fmt: skip


@part
def steps_passed(before, after, step, most):
    """Number of multiples of a step in (before, after]: each is a sentence of the story."""
    passed = 0
    for k in range(1, most + 1):
        if before < step * k <= after:
            passed += 1
    return passed


@rule
def government_spends_levies(market, g):
    """What developers paid toward safety institutes is spent there."""
    government = market.governments[g]
    pay(market, LEVY_SPENT, government.account, ECONOMY, market.balance[government.account])
