"""Exit: who fails or merges into another, and what becomes of what it leaves."""

from __future__ import annotations

from agents.edges import along, backer, sells
from agents.portfolio import sell_to_public
from world.compiled import part, rule
from world.journal import EXIT, tell
from world.kinds import ECONOMY
from world.ledger import ACCOUNTS_PER_DEVELOPER, MERGER, RESIDUAL, pay
from world.state import IDLE, RING

ONE_CENT = 0.01  # USD; less is what rounding leaves of nothing
STAFF_KEPT = 0.5  # share of a failed developer's staff that its heir takes on


@rule
def developer_exits(market, j):
    """Leave when no cash is left, or when wages went unpaid and a month of them is not there.

    It leaves before it acts, so that its figures are of whole months; help by hand comes first.
    The residual goes to creditors in the rest of the economy; half of the staff
    joins the developer with the most cash it observes, at the price of nothing.
    """
    developer = market.developers[j]
    cash = market.balance[developer.account]
    insolvent = cash < ONE_CENT or (developer.unpaid > 0.0 and cash < developer.payroll)
    if market.industry.month == 0 or developer.owned == 0 or not insolvent:
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
def merge_into(market, j, heir):
    """Merge developer j into another, which takes over money, staff, customers and know-how.

        an owner's share of the heir = its share * (1 - w) + its share of j * w,
        w = value of j / (value of j + value of the heir)

    An owner that does not know the heir (it has no tie to it) sells its part of
    the merged firm to the public, at that value.
    """
    developer = market.developers[j]
    other = market.developers[heir]
    value = max(1.0, developer.valuation) + max(1.0, other.valuation)
    weight = max(1.0, developer.valuation) / value
    for k in along(market.watchers_of, heir):
        market.ties[k].share *= 1.0 - weight
    for k in along(market.watchers_of, j):
        tie = market.ties[k]
        own = tie_between(market, tie.source, heir)
        if own >= 0:
            market.ties[own].share += weight * tie.share
            market.ties[own].paid += tie.paid
        else:
            sell_to_public(market, backer(market, k), tie.share * weight * value)
    for offset in range(ACCOUNTS_PER_DEVELOPER):
        account = developer.account + offset
        pay(market, MERGER, account, other.account, market.balance[account])
    other.researchers += developer.researchers
    other.share += developer.share
    take_customers(market, j, heir)
    other.revenue += developer.revenue
    other.gross_profit += developer.gross_profit
    other.profit_trend += developer.profit_trend
    other.valuation += developer.valuation
    if developer.capability > other.capability:
        other.capability = developer.capability
        other.copied = developer.copied
    other.on_sale = max(other.on_sale, developer.on_sale)
    other.efficiency = max(other.efficiency, developer.efficiency)
    other.largest_run = max(other.largest_run, developer.largest_run)
    for k in range(RING):
        if market.releases[k].developer == j:
            market.releases[k].developer = heir
    leave_market(market, j)


@part
def take_customers(market, j, heir):
    """The heir takes over the customers and the brand of developer j, among those both serve."""
    for k in along(market.serves_of, j):
        theirs = market.serves[k]
        for h in along(market.serves_of, heir):
            own = market.serves[h]
            if own.target == theirs.target:
                own.share += theirs.share
                own.brand += theirs.brand


@part
def tie_between(market, i, j):
    """Tie of investor i to developer j (-1 none)."""
    for k in along(market.watchers_of, j):
        if market.ties[k].source == i:
            return k
    return -1


@part
def leave_market(market, j):
    """Take a developer out: its stakes are worth nothing, its customers go elsewhere."""
    developer = market.developers[j]
    developer.alive = 0
    developer.run_kind = IDLE
    developer.plan_kind = IDLE
    developer.researchers = 0.0
    developer.share = 0.0
    developer.revenue = 0.0
    developer.gross_profit = 0.0
    developer.profit_trend = 0.0
    developer.valuation = 0.0
    developer.attraction = 0.0
    developer.payroll = 0.0
    developer.unpaid = 0.0
    developer.selling = 0.0
    developer.plan_cost = 0.0
    developer.plan_exploration = 0.0
    developer.plan_gain = 0.0
    developer.news_exposed = 0.0
    for k in along(market.serves_of, j):
        market.serves[k].share = 0.0
        market.serves[k].attraction = 0.0
    for k in along(market.watchers_of, j):
        market.ties[k].share = 0.0
    for k in range(RING):
        if market.releases[k].developer == j:
            market.releases[k].alive = 0
