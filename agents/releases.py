"""Training runs and what comes of them: releases, open or closed weights, news."""

from __future__ import annotations

from agents.edges import along, backer
from agents.profits import closed_profit, open_profit
from world.compiled import part, rule
from world.journal import (
    COPY_RELEASE,
    FRONTIER_RELEASE,
    RELEASE,
    TRACES_HIDDEN,
    TRACES_SHOWN,
    WEIGHTS_CLOSED,
    WEIGHTS_OPENED,
    tell,
)
from world.kinds import SUPPLIER
from world.laws.learning import MATCH_GAP
from world.laws.valuation import rent_multiple
from world.ledger import COMMITMENT, ESCROW, TRAINING, pay_at_most
from world.noise import drawn_normal
from world.state import FOLLOW, IDLE, LEAD, RING, RUN_U, RUN_V


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
    paid = pay_at_most(market, TRAINING, escrow, SUPPLIER, due)
    developer.outlay += paid
    developer.run_outlay = paid
    developer.public_outlay = developer.run_public * developer.outlay
    developer.run_months_left -= 1
    if developer.run_months_left <= 0:
        release_model(market, j)


@part
def release_model(market, j):
    """Release what the run made, with its luck; a leading release enters the record."""
    p = market.parameters
    industry = market.industry
    developer = market.developers[j]
    achieved = developer.run_target
    if developer.run_kind == LEAD:
        achieved += p.run_noise * drawn_normal(market, RUN_U, RUN_V, j)
    developer.news_released = 1
    developer.news_cost = developer.run_cost
    developer.news_copy = 1 if developer.run_kind == FOLLOW else 0
    if developer.run_kind == LEAD:
        size = developer.run_target - developer.efficiency
        developer.largest_run = max(developer.largest_run, size)
        developer.led_cost = developer.run_cost
        developer.led_month = industry.month
        industry.largest_compute = max(industry.largest_compute, size)
    if developer.subsidiary == 0:
        developer.on_sale = 1
    if achieved > developer.capability:
        developer.capability = achieved
        developer.copied = developer.news_copy
    if achieved > industry.frontier:
        developer.news_leads = 1
        industry.frontier_next = max(industry.frontier_next, achieved)
        remember_release(market, j, achieved)
        tell(market, FRONTIER_RELEASE, developer.account, -1, achieved, developer.run_cost)
    elif developer.run_kind == FOLLOW and developer.plan_source >= 0:
        source = market.developers[developer.plan_source].account
        tell(market, COPY_RELEASE, developer.account, source, achieved, developer.run_cost)
    else:
        tell(market, RELEASE, developer.account, -1, achieved, developer.run_cost)
    developer.run_kind = IDLE
    choose_weights(market, j)


@part
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
    release.month = market.industry.month
    release.capability = capability
    release.followed = 0.0
    release.matched = 0.0


@part
def choose_weights(market, j):
    """Open the weights of a new model if complements then earn more than its rent would.

        open iff complement value * sales at cost > markup profit on fewer sales

    Without complements (cloud, devices, advertising) nothing is gained by
    opening. A leader tends to close, a matched follower to open.
    Source: Lerner and Tirole 2002; West 2003.
    """
    developer = market.developers[j]
    opens = 0
    if developer.complements == 1:
        closed = closed_profit(market, j, developer.capability, developer.copied, 0.0)
        opened = open_profit(market, j, developer.capability, developer.copied, 0.0)
        opens = 1 if opened > closed else 0
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
    p = market.parameters
    industry = market.industry
    developer = market.developers[j]
    hide = 0
    if developer.open_weights == 0 and developer.capability > industry.frontier - MATCH_GAP:
        hazard = developer.believed_hazard * industry.imitation
        growth = industry.expected_growth
        years = industry.growth_years
        hidden = rent_multiple(
            hazard / (1.0 + p.trace_protection), p.kept_share, growth, years, industry.discount
        )
        shown = rent_multiple(hazard, p.kept_share, growth, years, industry.discount)
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
    p = market.parameters
    developer = market.developers[j]
    quiet = developer.news_matched == 0.0 and developer.news_released == 0
    if quiet and developer.news_exposed == 0.0:
        return
    exposed = developer.news_exposed / 12.0
    for k in along(market.watchers_of, j):
        tie = market.ties[k]
        investor = backer(market, k)
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


@rule
def economy_releases_cheap_model(market, _row):
    """The cheap near-frontier release of the world file, `release_month` months after its date.

    The named developer finishes a run this month whose cost and distance from
    the frontier are the parameters `release_cost` and `release_gap`; it pays
    for it from its own cash.
    """
    p = market.parameters
    industry = market.industry
    j = industry.release_by
    due = industry.release_after + int(p.release_month)
    if j < 0 or p.release_month < 0.0 or industry.month != due or market.developers[j].alive == 0:
        return
    developer = market.developers[j]
    pay_at_most(
        market, COMMITMENT, developer.account, developer.account + ESCROW, p.release_cost
    )
    developer.run_kind = FOLLOW
    developer.run_months = 1
    developer.run_months_left = 1
    developer.run_target = industry.frontier - p.release_gap
    developer.run_cost = p.release_cost
    developer.run_price = 1.0
    developer.run_exploration = 0.0
    developer.run_public = 0.0
    developer.plan_source = -1
