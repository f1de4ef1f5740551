"""What frontier labs, imitators and public labs share: means, research, staff, exit.

A strategy is not a species: every developer may lead, follow or wait, as its
know-how, its money and its beliefs allow.
"""

from __future__ import annotations

import math

from world.compiled import rule
from world.journal import EXIT, tell
from world.laws.technology import (
    automation_share,
    centred,
    efficiency_growth,
    induced_innovation,
    log_ai_workers,
    log_ces,
    log_cognition,
    normal,
    progress_in_headroom,
)
from world.ledger import (
    ACCOUNTS_PER_DEVELOPER,
    ESCROW,
    EXPERIMENTS,
    EXPLORATION,
    GRANTS,
    PAYROLL,
    RESIDUAL,
    pay,
    pay_at_most,
)
from world.state import IDLE, IMITATOR, LEAD, PUBLIC_LAB, RESEARCH, RING, RUN_U, RUN_V

LEADER_RESEARCHERS_2025 = 1000.0  # OpenAI, about half of its staff (Epoch AI)
LEADER_COMPUTE_2025 = 2.8e9  # USD a year of experiments: 2.5 x 560 M a half-year (Epoch AI)
COMMON_COMPUTE = 2e6  # USD a year of compute that any team has
LEAST_COMPUTE = 1.0  # USD a year, where nothing is delivered
RESEARCH_LUCK = 0.01  # OOM a month
RUNWAY = 0.5  # years of payroll kept or raised beside a run
SMALLEST_TEAM = 20.0
ONE_CENT = 0.01  # USD; less is what rounding leaves of nothing
CONTROL_LIMIT = 0.05  # compute access that no export control can deny


@rule
def compute_access(market, j):
    """Share of the compute it pays for that reaches it [0-1]: supply edge, export control.

        access = buys * prod over controlling governments (1 - export_control * weight)
    """
    p = market.parameters[0]
    access = market.buys[j].weight
    g = market.located[j].source
    if market.located[j].weight > 0.0:
        for k in range(market.controls_of[g], market.controls_of[g + 1]):
            access *= 1.0 - p.export_control * market.controls[k].weight
    return max(CONTROL_LIMIT, access) if market.buys[j].weight > 0.0 else 0.0


@rule
def protection(market, j):
    """IP strength that reaches this developer: its government's law times its courts' reach."""
    government = market.governments[market.located[j].source]
    return market.located[j].weight * government.ip_strength * government.court_reach


@rule
def strictness(market, j):
    """Safety rules that bind this developer, through its `located` edge."""
    return (
        market.located[j].weight * market.governments[market.located[j].source].safety_rules
    )


@rule
def wage(market, j):
    """Loaded yearly wage of its researchers [USD]."""
    p = market.parameters[0]
    return p.wage_imitator if market.developers[j].kind == IMITATOR else p.wage_lab


@rule
def team_talent(market, j):
    """Research productivity of its team over a usual lab's [ratio]."""
    p = market.parameters[0]
    if market.developers[j].kind != IMITATOR:
        return 1.0
    return p.talent if market.developers[j].clever == 1 else p.ordinary_talent


@rule
def developer_opens_accounts(market, j):
    """Before the first month: its cash is drawn around the estimate, and its figures are set."""
    p = market.parameters[0]
    developer = market.developers[j]
    luck = normal(market.developer_draws[RUN_U, j], market.developer_draws[RUN_V, j])
    market.balance[developer.account] *= math.exp(p.cash_uncertainty * luck)
    developer.gross_profit = developer.revenue * (1.0 - 1.0 / developer.markup)
    developer.profit_trend = 12.0 * developer.gross_profit
    if developer.run_kind == LEAD:
        # A run under way has its exploration in escrow too.
        left = developer.run_months_left / developer.run_months
        developer.run_exploration = p.exploration * developer.run_cost
        market.balance[developer.account + ESCROW] += developer.run_exploration * left


@rule
def developer_looks_around(market, j):
    """See the best know-how along `observes`; open the month's own figures."""
    developer = market.developers[j]
    best = market.economy[0].frontier_efficiency
    seen = developer.efficiency
    for k in range(market.observes_of[j], market.observes_of[j + 1]):
        if seen >= best:
            break  # nobody knows more
        edge = market.observes[k]
        if edge.weight > 0.0 and market.developers[edge.target].alive == 1:
            seen = max(seen, market.developers[edge.target].efficiency)
    developer.efficiency_seen = seen
    developer.outlay = 0.0
    developer.run_outlay = 0.0
    developer.public_outlay = 0.0
    developer.raised = 0.0
    developer.sought = 0.0
    developer.news_released = 0
    developer.news_copy = 0
    developer.news_leads = 0
    developer.news_cost = 0.0
    developer.news_matched = 0.0
    developer.news_surprise = 0.0
    developer.news_reading = 0.0


@rule
def developer_pays_researchers(market, j):
    """Pay wages, as far as cash lasts; a public lab pays them from its grants."""
    developer = market.developers[j]
    payer = developer.account + (GRANTS if developer.kind == PUBLIC_LAB else 0)
    developer.payroll = developer.researchers * wage(market, j) / 12.0
    paid = pay_at_most(market, PAYROLL, payer, market.economy[0].workers, developer.payroll)
    developer.unpaid = developer.payroll - paid


@rule
def developer_hires(market, j):
    """Move staff toward the labour that its research compute calls for, as it can afford.

        wages wanted = labour share / (1 - labour share) * yearly research compute

    bounded by half of the profit and half of the cash; staff moves at most by
    the hiring speed. A team below twenty is not dissolved further.
    """
    p = market.parameters[0]
    developer = market.developers[j]
    compute = 12.0 * developer.outlay
    if developer.run_kind != IDLE:
        compute += 12.0 * developer.run_cost / developer.run_months
    money = market.balance[developer.account]
    if developer.kind == PUBLIC_LAB:
        money = market.balance[developer.account + GRANTS]
    wages = min(
        p.labour_share / (1.0 - p.labour_share) * compute,
        0.5 * max(0.0, developer.profit_trend) + 0.5 * money,
    )
    wanted = max(SMALLEST_TEAM, wages / wage(market, j))
    ratio = wanted / max(1.0, developer.researchers)
    developer.researchers *= min(1.0 + p.hiring_speed, max(1.0 - p.hiring_speed, ratio))


@rule
def developer_buys_experiments(market, j):
    """Buy research compute: the exploration of a leading run, else a share of profits."""
    p = market.parameters[0]
    developer = market.developers[j]
    supplier = market.economy[0].supplier
    if developer.run_kind == LEAD:
        developer.outlay = pay_at_most(
            market,
            EXPLORATION,
            developer.account + ESCROW,
            supplier,
            developer.run_exploration / developer.run_months,
        )
    else:
        spare = market.balance[developer.account] - RUNWAY * 12.0 * developer.payroll
        standing = p.research_intensity * max(0.0, developer.profit_trend) / 12.0
        developer.outlay = pay_at_most(
            market, EXPERIMENTS, developer.account, supplier, min(standing, spare)
        )


@rule
def developer_researches(market, j):
    """Turn researchers, AI labour and experiment compute into algorithmic efficiency.

    Cognition N is a task CES of people and AI; research R is a CES of cognition
    and experiments, both relative to a leader of January 2025; efficiency grows
    by R with fishing-out, plus what spills over from the best it observes.
    """
    p = market.parameters[0]
    economy = market.economy[0]
    developer = market.developers[j]
    access = compute_access(market, j)
    # Compute in dollars of January 2025; a dollar buys more each year.
    bought = (12.0 * developer.outlay + COMMON_COMPUTE) * economy.compute_scale
    compute = max(LEAST_COMPUTE, bought * access / economy.compute_premium)

    # In logs from here on: each input differs by orders of magnitude between developers.
    cognition = math.log(max(1.0, developer.researchers * team_talent(market, j)))
    automated = automation_share(developer.capability, p.full_automation, p.automation_span)
    to_ai = p.inference_share * automated
    if to_ai > 0.0:
        workers = log_ai_workers(math.log(to_ai * compute), developer.efficiency)
        cognition = log_cognition(cognition, workers, automated, p.task_elasticity)
    experiments = (1.0 - to_ai) * compute * economy.experiment_scale / LEADER_COMPUTE_2025

    research = log_ces(
        cognition - math.log(LEADER_RESEARCHERS_2025),
        math.log(experiments),
        p.experiment_weight,
        p.compute_labour_substitution,
    )
    spur = induced_innovation(1.0 - access / economy.compute_premium, p.induced_innovation)
    pace = efficiency_growth(
        research,
        p.efficiency_pace,
        p.stepping_on_toes,
        p.research_returns,
        developer.efficiency,
        spur,
    )
    own = progress_in_headroom(pace / 12.0, developer.efficiency, p.headroom)
    absorbed = p.spillover * max(0.0, developer.efficiency_seen - developer.efficiency)
    luck = RESEARCH_LUCK * centred(market.developer_draws[RESEARCH, j])
    developer.efficiency += own + absorbed / 12.0 + luck


@rule
def developer_aligns_models(market, j):
    """Safety work: alignment follows capability, at a bounded pace that rules speed up."""
    p = market.parameters[0]
    developer = market.developers[j]
    gap = max(0.0, developer.capability - developer.alignment)
    pace = p.alignment_pace * (1.0 + 0.3 * strictness(market, j))
    developer.alignment += min(pace, 2.0 * gap) / 12.0


@rule
def developer_exits(market, j):
    """Leave when no cash is left, or when wages go unpaid and a month of them is not there.

    The residual goes to creditors in the rest of the economy; the staff joins
    the developer with the most cash it observes, at the price of nothing.
    """
    developer = market.developers[j]
    cash = market.balance[developer.account]
    insolvent = cash < ONE_CENT or (developer.unpaid > 0.0 and cash < developer.payroll)
    if developer.kind == PUBLIC_LAB or not insolvent:
        return
    economy = market.economy[0]
    heir = -1
    for k in range(market.observes_of[j], market.observes_of[j + 1]):
        other = market.observes[k].target
        if market.observes[k].weight > 0.0 and market.developers[other].alive == 1:
            if market.developers[other].kind != PUBLIC_LAB and (
                heir < 0
                or market.balance[market.developers[other].account]
                > market.balance[market.developers[heir].account]
            ):
                heir = other
    residual = 0.0
    for offset in range(ACCOUNTS_PER_DEVELOPER):
        account = developer.account + offset
        residual += market.balance[account]
        pay(market, RESIDUAL, account, economy.economy, market.balance[account])
    name = -1
    if heir >= 0:
        market.developers[heir].researchers += 0.5 * developer.researchers
        name = market.developers[heir].account
    tell(market, EXIT, developer.account, name, residual, 0.0)
    leave_market(market, j)
    economy.exits += 1.0


@rule
def leave_market(market, j):
    """Take a developer out: its stakes are worth nothing, its customers go elsewhere."""
    developer = market.developers[j]
    developer.alive = 0
    developer.run_kind = IDLE
    developer.researchers = 0.0
    developer.share = 0.0
    developer.revenue = 0.0
    developer.gross_profit = 0.0
    developer.profit_trend = 0.0
    developer.valuation = 0.0
    developer.news_exposed = 0.0
    for w in range(market.watchers_of[j], market.watchers_of[j + 1]):
        market.ties[market.watchers[w]].share = 0.0
    for k in range(RING):
        if market.releases[k].developer == j:
            market.releases[k].alive = 0
