"""What a developer has to work with: compute, staff, the law it lives under."""

from __future__ import annotations

from agents.edges import along, home
from agents.portfolio import owned_whole
from engine import maths
from world.compiled import part, rule
from world.ledger import ESCROW
from world.noise import drawn_normal
from world.state import CASH_U, CASH_V, IDLE

RUNWAY = 0.5  # years of wages and selling kept or raised beside a run
RESERVE = 0.5  # share of the runway that neither a start nor selling spends
CONTROL_LIMIT = 0.05  # compute access that no export control can deny


@rule
def developer_opens_accounts(market, j):
    """Before the first month: its cash is drawn around the estimate, and its figures are set."""
    p = market.parameters
    developer = market.developers[j]
    luck = drawn_normal(market, CASH_U, CASH_V, j)
    market.balance[developer.account] *= maths.exp(developer.cash_doubt * luck)
    developer.subsidiary = owned_whole(market, j)
    developer.gross_profit = developer.revenue * (1.0 - 1.0 / developer.markup)
    developer.profit_trend = 12.0 * developer.gross_profit
    if developer.run_kind != IDLE:
        # A run under way has its exploration in escrow too.
        left = developer.run_months_left / developer.run_months
        developer.run_exploration = p.exploration * developer.run_cost
        market.balance[developer.account + ESCROW] += developer.run_exploration * left


@part
def compute_access(market, j):
    """Share of the compute it pays for that reaches it [0-1]: supply edge, export control.

        access = buys * prod over controlling governments (1 - export_control * weight)
    """
    supply = market.buys[j].weight
    if supply <= 0.0:
        return 0.0
    p = market.parameters
    access = supply
    if market.located[j].weight > 0.0:
        for k in along(market.controls_of, market.located[j].source):
            access *= 1.0 - p.export_control * market.controls[k].weight
    return max(CONTROL_LIMIT, access)


@part
def protection(market, j):
    """IP strength that reaches this developer: its government's law times its courts' reach."""
    government = home(market, j)
    return market.located[j].weight * government.ip_strength * government.court_reach


@part
def strictness(market, j):
    """Safety rules that bind this developer, through its `located` edge."""
    return market.located[j].weight * home(market, j).safety_rules


@part
def compliance(market, j):
    """What safety rules add to the cost and length of its runs [share].

        compliance = safety_cost * strictness
    """
    return market.parameters.safety_cost * strictness(market, j)


@part
def wage(market, j):
    """Loaded yearly wage of its researchers [USD]."""
    p = market.parameters
    return p.wage_lab if market.developers[j].lab_pay == 1 else p.wage_imitator


@part
def team_talent(market, j):
    """Research productivity of its team over a usual lab's [ratio]."""
    p = market.parameters
    developer = market.developers[j]
    if developer.lab_team == 1:
        return 1.0
    return p.talent if developer.clever == 1 else p.ordinary_talent


@part
def runway(developer):
    """Half a year of wages and of winning customers, kept or raised beside a run [USD]."""
    return RUNWAY * 12.0 * (developer.payroll + developer.selling)
