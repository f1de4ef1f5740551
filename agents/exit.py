"""Exit: who fails, and what becomes of what it leaves."""

from __future__ import annotations

from agents.edges import along, sells
from world.compiled import part, rule
from world.journal import EXIT, tell
from world.kinds import ECONOMY
from world.ledger import ACCOUNTS_PER_DEVELOPER, RESIDUAL, pay
from world.state import IDLE, RING

ONE_CENT = 0.01  # USD; less is what rounding leaves of nothing
STAFF_KEPT = 0.5  # share of a failed developer's staff that its heir takes on


@rule
def developer_exits(market, j):
    """Leave when no cash is left, or when wages go unpaid and a month of them is not there.

    The residual goes to creditors in the rest of the economy; half of the staff
    joins the developer with the most cash it observes, at the price of nothing.
    """
    developer = market.developers[j]
    cash = market.balance[developer.account]
    insolvent = cash < ONE_CENT or (developer.unpaid > 0.0 and cash < developer.payroll)
    if developer.owned == 0 or not insolvent:
        return
    heir = richest_observed(market, j)
    residual = 0.0
    for offset in range(ACCOUNTS_PER_DEVELOPER):
        account = developer.account + offset
        residual += market.balance[account]
        pay(market, RESIDUAL, account, ECONOMY, market.balance[account])
    name = -1
    if heir >= 0:
        market.developers[heir].researchers += STAFF_KEPT * developer.researchers
        name = market.developers[heir].account
    tell(market, EXIT, developer.account, name, residual, 0.0)
    leave_market(market, j)
    market.industry.exits += 1.0


@part
def richest_observed(market, j):
    """Row of the developer on the market with the most cash that j observes (-1 none)."""
    heir = -1
    most = 0.0
    for k in along(market.observes_of, j):
        edge = market.observes[k]
        other = market.developers[edge.target]
        cash = market.balance[other.account]
        if edge.weight > 0.0 and sells(other) and (heir < 0 or cash > most):
            heir = edge.target
            most = cash
    return heir


@part
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
    for k in along(market.watchers_of, j):
        market.ties[k].share = 0.0
    for k in range(RING):
        if market.releases[k].developer == j:
            market.releases[k].alive = 0
