"""What frontier labs, imitators and public labs share: research, runs, plans, money.

A strategy is not a species: every developer may lead, follow or wait, as its
know-how, its money and its beliefs allow.
"""

from __future__ import annotations

import math

from agents.investor import investor_commits
from model.journal import (
    COPY_RELEASE,
    COPY_STARTED,
    EXIT,
    FRONTIER_RELEASE,
    RELEASE,
    ROUND_CLOSED,
    ROUND_FAILED,
    ROUND_SHRUNK,
    RUN_STARTED,
    TRACES_HIDDEN,
    TRACES_SHOWN,
    WEIGHTS_CLOSED,
    WEIGHTS_OPENED,
    tell,
)
from model.laws.compiled import rule
from model.laws.demand import closed_markup, limit_markup, price_weight, quality_weight
from model.laws.learning import MATCH_GAP
from model.laws.technology import (
    LN10,
    automation_share,
    centred,
    efficiency_growth,
    flop_per_usd,
    induced_innovation,
    log_ai_workers,
    log_ces,
    log_cognition,
    normal,
    pow10,
    progress_in_headroom,
    run_months,
    trained_capability,
    training_cost,
)
from model.laws.valuation import rent_multiple
from model.ledger import (
    ACCOUNTS_PER_DEVELOPER,
    COMMITMENT,
    DIVIDEND,
    EQUITY,
    ESCROW,
    EXPERIMENTS,
    EXPLORATION,
    FOUNDERS_DIVIDEND,
    GRANT_COMMITMENT,
    GRANTS,
    PAYROLL,
    RESIDUAL,
    SAFETY_LEVY,
    TRAINING,
    pay,
    pay_at_most,
)
from model.state import (
    FOLLOW,
    IDLE,
    IMITATOR,
    LEAD,
    PUBLIC_LAB,
    RESEARCH,
    RING,
    RUN_U,
    RUN_V,
)

LEADER_RESEARCHERS_2025 = 1000.0  # OpenAI, about half of its staff (Epoch AI)
LEADER_COMPUTE_2025 = 2.8e9  # USD a year of experiments: 2.5 x 560 M a half-year (Epoch AI)
COMMON_COMPUTE = 2e6  # USD a year of compute that any team has
LEAST_COMPUTE = 1.0  # USD a year, where nothing is delivered
RESEARCH_LUCK = 0.01  # OOM a month
BUDGET_STEPS = 8  # budgets weighed, evenly in logs from the least useful to all it can reach
SMALLEST_ADVANCE = 0.05  # OOM
PLAN_PAUSE = 2  # months without a look after nothing was worth doing
RUNWAY = 0.5  # years of payroll kept or raised beside a run
SMALLEST_TEAM = 20.0
ONE_CENT = 0.01  # USD; less is what rounding leaves of nothing
PAYOUT = 0.05  # monthly share of surplus cash paid to owners
CONTROL_LIMIT = 0.05  # compute access that no export control can deny


# --- what a developer can reach -------------------------------------------------------


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
def market_access(market, j, copied):
    """Share of world demand it may sell to [0-1].

        access = sum over markets: share * presence * (1 - ip * reach if its model is a copy)
    """
    access = 0.0
    for k in range(market.sells_of[j], market.sells_of[j + 1]):
        edge = market.sells[k]
        government = market.governments[edge.target]
        closed = copied * government.ip_strength * government.court_reach
        access += government.market_share * edge.weight * (1.0 - closed)
    return access


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


# --- research -------------------------------------------------------------------------


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


# --- runs and releases ----------------------------------------------------------------


@rule
def developer_trains(market, j):
    """Pay this month of the run under way; release the model when it is done."""
    developer = market.developers[j]
    if developer.run_kind == IDLE:
        return
    escrow = developer.account + ESCROW
    due = developer.run_cost / developer.run_months
    if developer.run_months_left <= 1:
        due = market.balance[escrow]
    paid = pay_at_most(market, TRAINING, escrow, market.economy[0].supplier, due)
    developer.outlay += paid
    developer.run_outlay = paid
    developer.public_outlay = developer.run_public * developer.outlay
    developer.run_months_left -= 1
    if developer.run_months_left <= 0:
        developer_releases(market, j)


@rule
def developer_releases(market, j):
    """Release what the run made, with its luck; a leading release enters the record."""
    p = market.parameters[0]
    economy = market.economy[0]
    developer = market.developers[j]
    achieved = developer.run_target
    if developer.run_kind == LEAD:
        achieved += p.run_noise * normal(
            market.developer_draws[RUN_U, j], market.developer_draws[RUN_V, j]
        )
    developer.news_released = 1
    developer.news_cost = developer.run_cost
    developer.news_copy = 1 if developer.run_kind == FOLLOW else 0
    if developer.run_kind == LEAD:
        size = developer.run_target - developer.efficiency
        developer.largest_run = max(developer.largest_run, size)
        economy.largest_compute = max(economy.largest_compute, size)
    if achieved > developer.capability:
        developer.capability = achieved
        developer.copied = developer.news_copy
    if achieved > economy.frontier:
        developer.news_leads = 1
        economy.frontier_next = max(economy.frontier_next, achieved)
        remember_release(market, j, achieved)
        tell(market, FRONTIER_RELEASE, developer.account, -1, achieved, developer.run_cost)
    elif developer.run_kind == FOLLOW and developer.plan_source >= 0:
        source = market.developers[developer.plan_source].account
        tell(market, COPY_RELEASE, developer.account, source, achieved, developer.run_cost)
    else:
        tell(market, RELEASE, developer.account, -1, achieved, developer.run_cost)
    developer.run_kind = IDLE
    developer_chooses_weights(market, j)


@rule
def remember_release(market, j, capability):
    """Enter a frontier release where the oldest one stood."""
    oldest = 0
    for k in range(RING):
        if market.releases[k].alive == 0:
            oldest = k
            break
        if market.releases[k].month < market.releases[oldest].month:
            oldest = k
    release = market.releases[oldest]
    release.alive = 1
    release.developer = j
    release.month = market.economy[0].month
    release.capability = capability
    release.matched = 0.0


@rule
def developer_chooses_weights(market, j):
    """Open the weights of a new model if complements then earn more than its rent would.

        open iff complement value * sales at cost > markup profit on fewer sales

    Without complements (cloud, devices, advertising) nothing is gained by
    opening. A leader tends to close, a matched follower to open.
    Source: Lerner and Tirole 2002; West 2003.
    """
    developer = market.developers[j]
    opens = 0
    if developer.complements == 1:
        access = market_access(market, j, developer.copied)
        rivals = rivals_weight(market, j, 0.0)
        closed = closed_profit(market, j, developer.capability, access, rivals, 0.0)
        opens = 1 if open_profit(market, j, developer.capability, access, rivals) > closed else 0
    if opens == 0 and developer.open_weights == 1:
        tell(market, WEIGHTS_CLOSED, developer.account, -1, developer.capability, 0.0)
    elif opens == 1 and developer.open_weights == 0:
        tell(market, WEIGHTS_OPENED, developer.account, -1, developer.capability, 0.0)
    developer.open_weights = opens


@rule
def developer_hides_traces(market, j):
    """Hide reasoning traces when a later copy is worth more than the demand it costs.

        hide iff (1 - cost) * multiple(hazard / (1 + protection)) > multiple(hazard)
    """
    p = market.parameters[0]
    economy = market.economy[0]
    developer = market.developers[j]
    hide = 0
    if developer.open_weights == 0 and developer.capability > economy.frontier - MATCH_GAP:
        hazard = developer.believed_hazard
        growth = economy.market_growth
        years = economy.growth_years
        hidden = rent_multiple(
            hazard / (1.0 + p.trace_protection), p.kept_share, growth, years, p.discount
        )
        shown = rent_multiple(hazard, p.kept_share, growth, years, p.discount)
        hide = 1 if (1.0 - p.trace_demand_cost) * hidden > shown else 0
    if hide != developer.traces_hidden:
        kind = TRACES_HIDDEN if hide == 1 else TRACES_SHOWN
        tell(market, kind, developer.account, -1, developer.believed_hazard, 0.0)
    developer.traces_hidden = hide


@rule
def developer_makes_news(market, j):
    """What happened to its models reaches those who watch it, by how closely they watch.

    A frontier release not yet matched adds exposure, a match an event; a
    release adds its cost surprise and what it suggests about imitation.
    """
    p = market.parameters[0]
    developer = market.developers[j]
    quiet = developer.news_matched == 0.0 and developer.news_released == 0
    if quiet and developer.news_exposed == 0.0:
        return
    exposed = developer.news_exposed / 12.0
    for w in range(market.watchers_of[j], market.watchers_of[j + 1]):
        tie = market.ties[market.watchers[w]]
        investor = market.investors[tie.source]
        investor.heard_years += tie.weight * exposed
        if quiet:
            continue
        matched = tie.weight * developer.news_matched
        investor.heard_events += matched
        # What it watches closely it hears better than the public does.
        closer = max(0.0, tie.weight - p.public_news)
        investor.heard_reading += closer * developer.news_reading
        surprise = tie.weight * developer.news_surprise
        investor.heard_surprise = max(investor.heard_surprise, surprise)
        if matched > investor.heard_most:
            investor.heard_most = matched
            investor.heard_from = developer.account


# --- plans ----------------------------------------------------------------------------


@rule
def best_profit(market, j, capability, access, rivals, drift):
    """Yearly profit with a model of `capability` against rivals who moved on [USD/year].

    A developer with complements counts the better of closed and open weights,
    as it will choose at the release.
    """
    profit = closed_profit(market, j, capability, access, rivals, drift)
    if market.developers[j].complements == 1:
        profit = max(profit, open_profit(market, j, capability, access, rivals))
    return profit


@rule
def frontier_drift(market, years):
    """How far rivals and the open fringe will have moved on in some years [OOM]."""
    return max(0.0, market.economy[0].frontier_growth) * years


@rule
def growth_discounted(market, years):
    """Worth today of a dollar of profit in some years, as the market grows [ratio]."""
    return math.exp((market.economy[0].market_growth - market.parameters[0].discount) * years)


@rule
def rivals_weight(market, j, drift):
    """Attraction of all others, once the frontier has moved on by `drift` OOM."""
    p = market.parameters[0]
    others = max(0.0, market.economy[0].attraction - market.developers[j].attraction)
    return quality_weight(others, 1.0, drift, p.price_premium, p.elasticity_within)


@rule
def closed_profit(market, j, capability, access, rivals, drift):
    """Yearly profit of closed weights in today's market [USD/year]: markup and share agree.

    Two rounds of best response: the markup depends on the share, and the share on it.
    """
    p = market.parameters[0]
    economy = market.economy[0]
    developer = market.developers[j]
    ahead = capability - economy.frontier
    own = quality_weight(developer.brand, access, ahead, p.price_premium, p.elasticity_within)
    open_best = economy.open_frontier
    if economy.open_owner != j:
        open_best += drift
    limit = limit_markup(capability - open_best, p.price_premium)
    weight = own * developer.price_weight  # at today's price
    markup = 1.0
    share = 0.0
    for response in range(2):
        if response > 0:
            weight = own * price_weight(markup, p.elasticity_within)
        share = weight / max(weight + rivals, 1e-30)
        markup = closed_markup(
            share, limit, developer.protected, p.brand_margin, p.elasticity_within,
            p.elasticity_outer,
        )  # fmt: skip
    return economy.market_size * share * (1.0 - 1.0 / markup)


@rule
def open_profit(market, j, capability, access, rivals):
    """Yearly profit of open weights in today's market [USD/year]: what complements earn."""
    p = market.parameters[0]
    economy = market.economy[0]
    ahead = capability - economy.frontier
    own = quality_weight(
        market.developers[j].brand, access, ahead, p.price_premium, p.elasticity_within
    )
    return economy.market_size * own / max(own + rivals, 1e-30) * p.complement_value


@rule
def protected_share(market):
    """Share of world demand that courts close to the best open model, if it is a copy."""
    closed = 0.0
    if market.economy[0].open_copied == 1:
        for g in range(len(market.governments)):
            government = market.governments[g]
            closed += government.market_share * government.ip_strength * government.court_reach
    return min(1.0, closed)


@rule
def developer_attraction(market, j):
    """Its weight in the customers' choice this month."""
    p = market.parameters[0]
    developer = market.developers[j]
    weight = quality_weight(
        developer.brand,
        market_access(market, j, developer.copied),
        developer.capability - market.economy[0].frontier,
        p.price_premium,
        p.elasticity_within,
    )
    weight *= developer.price_weight
    return weight * (1.0 - p.trace_demand_cost * developer.traces_hidden)


@rule
def developer_plans(market, j):
    """Choose between leading, following and waiting by expected net value.

    gain = discounted rent with the new model less rent without it [USD/year],
    valued at the hazard heard from those who watch it; the plan with the largest positive net
    value is kept. A public lab, or a developer with grants, leads as far as
    they reach whatever the market pays. Who finds nothing worth doing looks
    again in a quarter.
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
    best = 0.0
    if developer.kind != PUBLIC_LAB:
        best = developer_weighs_leading(market, j, best)
        developer_weighs_following(market, j, best)
    if developer.plan_kind == IDLE:
        developer_weighs_mandate(market, j)
    if developer.plan_kind == IDLE:
        developer.plan_pause = PLAN_PAUSE


@rule
def developer_weighs_leading(market, j, best):
    """Compare budgets of a leading run on a short grid; keep the best plan. Returns its value."""
    p = market.parameters[0]
    economy = market.economy[0]
    developer = market.developers[j]
    access = compute_access(market, j)
    if access <= 0.0:
        return best
    flops = flop_per_usd(economy.month, p.compute_growth)
    price = economy.compute_premium / access * (1.0 + p.safety_cost * strictness(market, j))
    purse = reachable_money(market, j)
    sells = market_access(market, j, 0)
    waits = market_access(market, j, developer.copied)
    drift = 0.0
    rivals = 0.0
    without = 0.0
    worth = 0.0
    considered = -1
    least = price * training_cost(
        developer.capability + SMALLEST_ADVANCE, developer.efficiency, flops
    )
    most = purse / (1.0 + p.exploration)
    if most <= least:
        return best
    rise = math.log(most / least) / (BUDGET_STEPS - 1.0)
    step = math.exp(rise)
    budget = least / step
    size = math.log(budget) / LN10
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
            rivals = rivals_weight(market, j, drift)
            without = best_profit(market, j, developer.capability, waits, rivals, drift)
            worth = growth_discounted(market, months / 12.0)
            considered = months
        gain = worth * (best_profit(market, j, target, sells, rivals, drift) - without)
        value = gain * developer.lead_multiple - budget * (1.0 + exploration)
        if value > best:
            best = value
            keep_plan(developer, LEAD, months, target, budget, exploration * budget, gain, -1)
        elif best > 0.0:
            break  # returns to size diminish: larger runs add less still
    return best


@rule
def leap(market, j, compute):
    """How much more exploration a run needs that is larger than any it has made [ratio].

        leap = max(1, compute / its largest run) ** leap_cost

    Convex adjustment cost: clusters, data and engineering at a new scale take
    learning, and learning in a hurry costs more.
    Source: Hayashi 1982; Dierickx and Cool 1989 (time-compression diseconomies).
    """
    beyond = max(0.0, compute - market.developers[j].largest_run)
    return pow10(market.parameters[0].leap_cost * beyond)


@rule
def reachable_money(market, j):
    """Money it could have for a run [USD]: its own, and the tickets of those who watch it."""
    p = market.parameters[0]
    developer = market.developers[j]
    purse = market.balance[developer.account] + market.balance[developer.account + GRANTS]
    for w in range(market.watchers_of[j], market.watchers_of[j + 1]):
        tie = market.ties[market.watchers[w]]
        purse += p.ticket * tie.weight * market.balance[market.investors[tie.source].account]
    return purse


@rule
def developer_weighs_following(market, j, best):
    """Compare copying the best model it can query or download; keep it if it is the best plan.

        cost = cost share * cost from scratch at the best visible know-how
               * (1 + IP protection) * (1 + hidden traces) * (lab's legal exposure)
    """
    p = market.parameters[0]
    economy = market.economy[0]
    developer = market.developers[j]
    source = -1
    reach = developer.capability + p.copy_shortfall + SMALLEST_ADVANCE
    for k in range(market.observes_of[j], market.observes_of[j + 1]):
        edge = market.observes[k]
        other = market.developers[edge.target]
        if edge.weight > 0.0 and other.alive == 1 and other.kind != PUBLIC_LAB:
            if other.capability > reach:
                source = edge.target
                reach = other.capability
    access = compute_access(market, j)
    if source < 0 or access <= 0.0:
        return best
    model = market.developers[source]
    hindrance = 1.0 + p.ip_imitation_cost * protection(market, j)
    hindrance *= 1.0 + p.trace_protection * model.traces_hidden
    flops = flop_per_usd(economy.month, p.compute_growth)
    cost = training_cost(model.capability, developer.efficiency_seen, flops)
    cost *= p.imitation_cost_share * hindrance * economy.compute_premium / access
    cost *= 1.0 + p.safety_cost * strictness(market, j)
    if developer.kind != IMITATOR:
        cost *= p.lab_copy_penalty
    months = slowed(market, j, math.floor(p.imitation_lag * hindrance + 0.5))
    target = model.capability - p.copy_shortfall
    drift = frontier_drift(market, months / 12.0)
    rivals = rivals_weight(market, j, drift)
    added = best_profit(market, j, target, market_access(market, j, 1), rivals, drift)
    waits = market_access(market, j, developer.copied)
    added -= best_profit(market, j, developer.capability, waits, rivals, drift)
    gain = growth_discounted(market, months / 12.0) * added
    value = gain * developer.lead_multiple - cost
    if value > best:
        best = value
        keep_plan(developer, FOLLOW, months, target, cost, 0.0, gain, source)
    return best


@rule
def developer_weighs_mandate(market, j):
    """Spend grants on the run they pay for, if it advances its own best model."""
    p = market.parameters[0]
    developer = market.developers[j]
    granted = market.balance[developer.account + GRANTS]
    if developer.kind == PUBLIC_LAB:
        granted -= RUNWAY * 12.0 * developer.payroll
    access = compute_access(market, j)
    if granted <= 0.0 or access <= 0.0:
        return
    price = market.economy[0].compute_premium / access
    price *= 1.0 + p.safety_cost * strictness(market, j)
    budget = granted / (1.0 + p.exploration)
    flops = flop_per_usd(market.economy[0].month, p.compute_growth)
    target = trained_capability(budget / price, developer.efficiency, flops)
    if target >= developer.capability + 2.0 * SMALLEST_ADVANCE:
        months = slowed(market, j, run_months(math.log(budget) / LN10, p.run_length))
        keep_plan(developer, LEAD, months, target, budget, p.exploration * budget, 0.0, -1)


@rule
def slowed(market, j, months):
    """Length of a run under the safety rules that bind this developer [months]."""
    p = market.parameters[0]
    return int(max(1.0, math.floor(months * (1.0 + p.safety_cost * strictness(market, j)) + 0.5)))


@rule
def keep_plan(developer, kind, months, target, cost, exploration, gain, source):
    """Write a plan into the developer's row."""
    developer.plan_kind = kind
    developer.plan_months = months
    developer.plan_target = target
    developer.plan_cost = cost
    developer.plan_exploration = exploration
    developer.plan_gain = gain
    developer.plan_source = source


# --- money ----------------------------------------------------------------------------


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


# --- exit -----------------------------------------------------------------------------


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
