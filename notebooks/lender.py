"""A lender: it lends to developers against their profits, and collects what they owe.

All that it adds to the market stands here: a table, two rules, a kind of edge, two flows
of money, an event and an indicator. Notebook 5 explains it.
"""

from __future__ import annotations

from agents import MarketAgent, rules_of
from agents.edges import along
from agents.means import runway
from model import Extension
from world.compiled import part, rule
from world.journal import event, tell
from world.kinds import EdgeKind, EdgeTable
from world.ledger import flow, pay, pay_at_most
from world.state import EDGES, columns

LENDERS = columns("""
alive   | int   | -      | 1     |  | 1 while in the market
account | int   | -      | given |  | cash account
rate    | float | 1/year | node  |  | interest it asks for
owed    | float | USD    |       |  | what developers owe it
""")
LOANS = (*EDGES, *columns("""
owed    | float | USD    |       |  | what the developer owes on this edge
"""))

LOAN = flow("loan", "lenders", "developers", "money lent against profits")
DEBT_SERVICE = flow("debt_service", "developers", "lenders", "interest and repayment of loans")
LENT = event("lent", "{actor} lent {value:money} to {other}, which now owes it {detail:money}.")

MULTIPLE = 2.0  # years of profit that a developer may owe
TERM = 3.0  # years over which a loan is repaid


@rule
def lender_lends(market, b):
    """Lend what a developer lacks of its runway, up to a multiple of its yearly profit.

        loan = min(runway - cash, multiple * profit - owed, the lender's cash)
    """
    lender = market.lenders[b]
    for k in along(market.loans_of, b):
        loan = market.loans[k]
        developer = market.developers[loan.target]
        if loan.weight <= 0.0 or developer.alive == 0:
            continue
        lacks = runway(developer) - market.balance[developer.account]
        room = MULTIPLE * developer.profit_trend - loan.owed
        amount = min(min(lacks, room), market.balance[lender.account])
        if amount > 0.0:
            pay(market, LOAN, lender.account, developer.account, amount)
            loan.owed += amount
            tell(market, LENT, lender.account, developer.account, amount, loan.owed)


@rule
def lender_collects(market, b):
    """Collect interest and a part of each loan; what a failed developer owes is lost."""
    lender = market.lenders[b]
    lender.owed = 0.0
    for k in along(market.loans_of, b):
        loan = market.loans[k]
        developer = market.developers[loan.target]
        if developer.alive == 0:
            loan.owed = 0.0
            continue
        interest = loan.owed * lender.rate / 12.0
        due = interest + loan.owed / (12.0 * TERM)
        loan.owed += interest - pay_at_most(
            market, DEBT_SERVICE, developer.account, lender.account, due
        )
        lender.owed += loan.owed


@part
def observe_lenders(market, row):
    """Fill the indicator `debt`."""
    row.debt = 0.0
    for b in range(len(market.lenders)):
        row.debt += market.lenders[b].owed


class Lender(MarketAgent):
    """Lends against profits at a rate of its own."""

    table = "lenders"
    columns = LENDERS
    rules = rules_of("lender", __name__)


LENDING = Extension(
    cast={"lender": Lender},
    edge_tables={"loans": EdgeTable(LOANS, "tail")},
    edges={"lends": EdgeKind("loans", "lenders", "developers", ("weight",), "can lend to")},
    month="""
        research       | lenders | lender_collects | after developer_pays_researchers
        plan and raise | lenders | lender_lends    | after developer_plans
    """,
    indicators="debt | float | USD | what developers owe lenders",
    observe=observe_lenders,
)
