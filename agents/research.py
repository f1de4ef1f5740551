"""Research and its staff: experiments bought, know-how found, people hired and paid."""

from __future__ import annotations

from agents.edges import along
from agents.means import compute_access, runway, strictness, team_talent, wage
from engine import maths
from world.compiled import rule
from world.kinds import SUPPLIER, WORKERS
from world.laws.technology import (
    automation_share,
    centred,
    efficiency_growth,
    induced_innovation,
    log_ai_workers,
    log_ces,
    log_cognition,
    progress_in_headroom,
)
from world.ledger import ESCROW, EXPERIMENTS, EXPLORATION, GRANTS, PAYROLL, pay_at_most
from world.noise import uniform
from world.state import IDLE, RESEARCH

COMMON_COMPUTE = 2e6  # USD a year of compute that any team has
LEAST_COMPUTE = 1.0  # USD a year, where nothing is delivered
RESEARCH_LUCK = 0.2  # of own progress
SMALLEST_TEAM = 20.0
WAGES_OF_PROFIT = 0.5  # most that yearly wages may take of yearly profit
WAGES_OF_CASH = 0.5  # and of cash
RULES_SPUR_ALIGNMENT = 0.3  # faster alignment work per unit of strictness; judgement
ALIGNMENT_CATCH_UP = 2.0  # 1/year, most of a gap in alignment that is closed


@rule
def developer_looks_around(market, j):
    """See the best know-how along `observes`."""
    developer = market.developers[j]
    best = market.industry.frontier_efficiency
    seen = developer.efficiency
    for k in along(market.observes_of, j):
        if seen >= best:
            break  # nobody knows more
        edge = market.observes[k]
        if edge.weight > 0.0 and market.developers[edge.target].alive == 1:
            seen = max(seen, market.developers[edge.target].efficiency)
    developer.efficiency_seen = seen


@rule
def developer_pays_researchers(market, j):
    """Pay wages, as far as cash lasts; who has no owners pays them from its grants."""
    developer = market.developers[j]
    payer = developer.account + (0 if developer.owned == 1 else GRANTS)
    developer.payroll = developer.researchers * wage(market, j) / 12.0
    paid = pay_at_most(market, PAYROLL, payer, WORKERS, developer.payroll)
    developer.unpaid = developer.payroll - paid


@rule
def developer_hires(market, j):
    """Move staff toward the labour that its research compute calls for, as it can afford.

        wages wanted = labour share / (1 - labour share) * yearly research compute

    bounded by half of the profit and half of the cash; staff moves at most by
    the hiring speed. A team below twenty is not dissolved further.
    """
    p = market.parameters
    developer = market.developers[j]
    compute = 12.0 * developer.outlay
    if developer.run_kind != IDLE:
        compute += 12.0 * developer.run_cost / developer.run_months
    money = market.balance[developer.account + (0 if developer.owned == 1 else GRANTS)]
    wages = min(
        p.labour_share / (1.0 - p.labour_share) * compute,
        WAGES_OF_PROFIT * max(0.0, developer.profit_trend) + WAGES_OF_CASH * money,
    )
    wanted = max(SMALLEST_TEAM, wages / wage(market, j))
    ratio = wanted / max(1.0, developer.researchers)
    developer.researchers *= min(1.0 + p.hiring_speed, max(1.0 - p.hiring_speed, ratio))


@rule
def developer_buys_experiments(market, j):
    """Buy research compute: the exploration of a run under way, else a share of profits."""
    p = market.parameters
    developer = market.developers[j]
    if developer.run_kind != IDLE:
        due = developer.run_exploration / developer.run_months
        payer = developer.account + ESCROW
        developer.outlay = pay_at_most(market, EXPLORATION, payer, SUPPLIER, due)
    else:
        spare = market.balance[developer.account] - runway(developer)
        standing = p.research_intensity * max(0.0, developer.profit_trend) / 12.0
        due = min(standing, spare)
        developer.outlay = pay_at_most(market, EXPERIMENTS, developer.account, SUPPLIER, due)


@rule
def developer_researches(market, j):
    """Turn researchers, AI labour and experiment compute into algorithmic efficiency.

    Cognition N is a task CES of people and AI; research R is a CES of cognition
    and experiments, both relative to a leader of the start; efficiency grows
    by R with fishing-out, plus what spills over from the best it observes.
    """
    p = market.parameters
    industry = market.industry
    developer = market.developers[j]
    access = compute_access(market, j)
    # Compute in dollars of January 2025; a dollar buys more each year.
    bought = (12.0 * developer.outlay + COMMON_COMPUTE) * industry.compute_scale
    compute = max(LEAST_COMPUTE, bought * access / industry.compute_premium)

    # In logs from here on: each input differs by orders of magnitude between developers.
    cognition = maths.log(max(1.0, developer.researchers * team_talent(market, j)))
    automated = automation_share(developer.capability, p.full_automation, p.automation_span)
    to_ai = p.inference_share * automated
    if to_ai > 0.0:
        workers = log_ai_workers(maths.log(to_ai * compute), developer.efficiency)
        cognition = log_cognition(cognition, workers, automated, p.task_elasticity)
    experiments = (1.0 - to_ai) * compute * industry.experiment_scale / industry.leader_compute

    research = log_ces(
        cognition - maths.log(industry.leader_researchers),
        maths.log(experiments),
        p.experiment_weight,
        p.compute_labour_substitution,
    )
    spur = induced_innovation(1.0 - access / industry.compute_premium, p.induced_innovation)
    pace = efficiency_growth(
        research,
        p.efficiency_pace,
        p.stepping_on_toes,
        p.research_returns,
        developer.efficiency - industry.efficiency_start,
        spur,
    )
    own = progress_in_headroom(pace / 12.0, developer.efficiency, p.headroom)
    absorbed = p.spillover * max(0.0, developer.efficiency_seen - developer.efficiency)
    luck = RESEARCH_LUCK * centred(uniform(market, RESEARCH, j))
    developer.efficiency += own * (1.0 + luck) + absorbed / 12.0


@rule
def developer_aligns_models(market, j):
    """Safety work: alignment follows capability, at a bounded pace that rules speed up."""
    p = market.parameters
    developer = market.developers[j]
    gap = max(0.0, developer.capability - developer.alignment)
    pace = p.alignment_pace * (1.0 + RULES_SPUR_ALIGNMENT * strictness(market, j))
    developer.alignment += min(pace, ALIGNMENT_CATCH_UP * gap) / 12.0
