"""Money: named accounts, and one way to pay.

Every payment has a payer and a payee. Balances are stocks of their own; the
month's entries record the payments beside them, so that comparing the two can
fail. Only the account `economy` (the rest of the
economy) may go negative: all money enters and leaves through it, in flows that
are named.
"""

from __future__ import annotations

from math import fsum, nan
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from world.compiled import part

if TYPE_CHECKING:
    import pandas as pd


class Account(NamedTuple):
    """A kind of account: whose (a table or an institution), name after its owner's, opening."""

    owner: str
    suffix: str
    opening: str  # USD, as `world.opening` reads it


# An agent's accounts follow each other in this order.
ACCOUNTS = (
    Account("supplier", "", "node.cash or 0"),
    Account("limited_partners", "", ""),
    Account("workers", "", ""),
    Account("economy", "", ""),
    Account("developers", "", "positive(node.cash or 0)"),
    Account("developers", "escrow", "run_cost * (run_months_left / run_months) if run_kind else 0"),
    Account("developers", "grants", ""),
    Account("investors", "", "positive(node.cash or 0) * p.frontier_allocation"),
    Account("customers", "", ""),
    Account("governments", "", ""),
    Account("hostiles", "", "positive(node.cash or 0)"),
)


def accounts_of(owner: str) -> list[Account]:
    """Accounts of each agent of a table or institution; one with its cash if none is declared."""
    declared = [account for account in ACCOUNTS if account.owner == owner]
    return declared or [Account(owner, "", "positive(node.cash or 0)")]


ESCROW = 1  # offset from a developer's cash account
GRANTS = 2
ACCOUNTS_PER_DEVELOPER = 3


class Flow(NamedTuple):
    """A kind of payment: name, who pays whom, meaning."""

    name: str
    payer: str
    payee: str
    meaning: str


FLOWS = [
    Flow("income", "economy", "customers", "customers' income spent on AI"),
    Flow("sales", "customers", "developers", "AI services"),
    Flow("patronage", "economy", "developers", "owners' profit on complements of open models"),
    Flow("inference", "developers", "supplier", "compute that serves customers"),
    Flow("selling", "developers", "economy", "winning customers: selling, and serving at a loss"),
    Flow("commitment", "developers", "escrow", "money set aside for a run"),
    Flow("training", "escrow", "supplier", "compute of final runs"),
    Flow("exploration", "escrow", "supplier", "compute of experiments beside a run"),
    Flow("experiments", "developers", "supplier", "compute of standing research"),
    Flow("other_compute", "economy", "supplier", "compute of buyers outside this market"),
    Flow("payroll", "developers", "workers", "wages of researchers"),
    Flow("equity", "investors", "developers", "shares issued in a round"),
    Flow("seed", "investors", "developers", "first money of an entrant"),
    Flow("capital_call", "limited_partners", "investors", "partners' money called"),
    Flow("treasury", "economy", "investors", "own money of strategic and sovereign investors"),
    Flow("partners_income", "economy", "limited_partners", "savings placed with partners"),
    Flow("exit_sale", "economy", "investors", "stakes sold to the public"),
    Flow("distribution", "investors", "limited_partners", "proceeds returned to partners"),
    Flow("partners_release", "limited_partners", "economy", "proceeds the partners take out"),
    Flow("strategic_release", "investors", "economy", "proceeds returned to parent firms"),
    Flow("compute_rebate", "supplier", "investors", "supplier's margin earned by cloud and chip"),
    Flow("supplier_costs", "supplier", "economy", "hardware, energy and profit of the supplier"),
    Flow("dividend", "developers", "investors", "surplus paid to owners"),
    Flow("founders_dividend", "developers", "economy", "surplus paid to founders and staff"),
    Flow("wages_spent", "workers", "economy", "wages leave the sector"),
    Flow("appropriation", "economy", "governments", "taxes spent on public research"),
    Flow("grant", "governments", "grants", "earmarked public money"),
    Flow("grant_commitment", "grants", "escrow", "public money set aside for a run"),
    Flow("safety_levy", "developers", "governments", "cost of complying with safety rules"),
    Flow("levy_spent", "governments", "economy", "safety institutes' spending"),
    Flow("hostile_income", "economy", "hostiles", "income of hostile actors"),
    Flow("hostile_compute", "hostiles", "supplier", "compute and access of hostile actors"),
    Flow("residual", "developers", "economy", "what is left of a failed developer, to creditors"),
    Flow("rescue", "governments", "developers", "bail-out by intervention"),
    Flow("rescue_funds", "economy", "governments", "money appropriated for a bail-out"),
    Flow("merger", "developers", "developers", "money of a developer merged into another"),
]
(
    INCOME,
    SALES,
    PATRONAGE,
    INFERENCE,
    SELLING,
    COMMITMENT,
    TRAINING,
    EXPLORATION,
    EXPERIMENTS,
    OTHER_COMPUTE,
    PAYROLL,
    EQUITY,
    SEED,
    CAPITAL_CALL,
    TREASURY,
    PARTNERS_INCOME,
    EXIT_SALE,
    DISTRIBUTION,
    PARTNERS_RELEASE,
    STRATEGIC_RELEASE,
    COMPUTE_REBATE,
    SUPPLIER_COSTS,
    DIVIDEND,
    FOUNDERS_DIVIDEND,
    WAGES_SPENT,
    APPROPRIATION,
    GRANT,
    GRANT_COMMITMENT,
    SAFETY_LEVY,
    LEVY_SPENT,
    HOSTILE_INCOME,
    HOSTILE_COMPUTE,
    RESIDUAL,
    RESCUE,
    RESCUE_FUNDS,
    MERGER,
) = range(len(FLOWS))


def flow(name: str, payer: str, payee: str, meaning: str) -> int:
    """Declare a further kind of payment and return its number, for `pay`.

    Parameters
    ----------
    name : str
    payer, payee : str
        Tables of agents or institutions; ``escrow`` and ``grants`` are accounts of developers.
    meaning : str
    """
    declared = Flow(name, payer, payee, meaning)
    if declared not in FLOWS:  # a module may be read again
        FLOWS.append(declared)
    return FLOWS.index(declared)


def flow_names() -> list[str]:
    """Names of all kinds of payments, by number."""
    return [flow.name for flow in FLOWS]


@part
def pay(market, flow, payer, payee, amount):
    """Move money from one account to another and enter it in the month's ledger.

    Parameters
    ----------
    market : Tables
    flow : int
        Index into `FLOWS`.
    payer, payee : int
        Accounts.
    amount : float
        USD; nothing happens unless it is positive.
    """
    if amount > 0.0:
        industry = market.industry
        if industry.payments >= len(market.entries):
            raise RuntimeError("more payments in one month than the ledger has room for")
        market.balance[payer] -= amount
        market.balance[payee] += amount
        entry = market.entries[industry.payments]
        entry.flow = flow
        entry.payer = payer
        entry.payee = payee
        entry.amount = amount
        industry.payments += 1


@part
def pay_at_most(market, flow, payer, payee, amount):
    """Pay what is owed, as far as the payer's balance allows; return what was paid [USD]."""
    amount = max(0.0, min(amount, market.balance[payer]))
    pay(market, flow, payer, payee, amount)
    return amount


class Audit(NamedTuple):
    """What an audit of one month found; money in USD."""

    month: int
    worst_account: str
    worst_error: float  # of a balance against the one before it and the entries
    system_error: float  # change of all money against what passed the boundary
    lowest_balance: float  # of any account but the boundary
    void_entries: int  # payments to oneself, or not of a positive amount
    undeclared: int  # payments between sectors that their flow does not join
    payments: float
    rounding: float  # what balances of finite precision can lose or gain in these entries

    @property
    def passed(self) -> bool:
        """True if stocks and flows agree to a cent, nobody overdrew and every entry is in order."""
        return (
            self.worst_error <= CENT
            and self.system_error <= CENT + self.rounding
            and self.lowest_balance >= -CENT
            and self.void_entries == 0
            and self.undeclared == 0
        )


CENT = 0.01  # USD


def _exact_sum(amounts: np.ndarray) -> float:
    """Sum that rounds once; NaN, which no audit passes, where there is none."""
    try:
        return fsum(amounts)
    except (ValueError, OverflowError):  # of infinities of both signs, or beyond all numbers
        return nan


class Ledger:
    """The kept books of one history: every balance and every payment, month by month.

    Parameters
    ----------
    accounts : list of (str, str)
        Name and sector of each account.
    opening : ndarray
        Balances before the first month [USD].
    """

    def __init__(self, accounts: list[tuple[str, str]], opening: np.ndarray) -> None:
        self.names = [name for name, _ in accounts]
        self.sectors = [sector for _, sector in accounts]
        self.balances = [opening.copy()]
        self.entries: list[np.ndarray] = []

    def close_month(self, balance: np.ndarray, entries: np.ndarray) -> None:
        """Keep a finished month."""
        self.balances.append(balance.copy())
        self.entries.append(np.array(entries))

    def __len__(self) -> int:
        return len(self.entries)

    def change(self, month: int) -> np.ndarray:
        """Change of every balance in a month [USD]."""
        return np.asarray(self.balances[month + 1] - self.balances[month])

    def net_receipts(self, month: int) -> np.ndarray:
        """Receipts less payments, shape (flows, accounts) [USD]."""
        entries = self.entries[month]
        net = np.zeros((len(FLOWS), len(self.names)))
        np.add.at(net, (entries["flow"], entries["payee"]), entries["amount"])
        np.subtract.at(net, (entries["flow"], entries["payer"]), entries["amount"])
        return net

    def replayed(self, month: int) -> np.ndarray:
        """Balances after a month by its entries, made one after the other as `pay` made them [USD].

        In the same order, rounding is the same: an account of 1e14 USD shows a cent.
        """
        entries = self.entries[month]
        balances = self.balances[month].copy()
        ends = np.stack([entries["payer"], entries["payee"]], axis=1)
        amounts = np.stack([-entries["amount"], entries["amount"]], axis=1)
        np.add.at(balances, ends.ravel(), amounts.ravel())
        return np.asarray(balances)

    def audit(self, month: int) -> Audit:
        """Compare stocks with flows in one month (0 is the first).

        Every account's balance must be the one before, changed by its entries;
        over all accounts, money must enter and leave only through `economy`;
        every entry must join the sectors its flow declares.
        """
        entries = self.entries[month]
        payments = float(entries["amount"].sum())
        change = self.change(month)
        error = np.abs(self.balances[month + 1] - self.replayed(month))
        worst = int(error.argmax())  # NaN counts as the largest
        boundary = self.names.index("economy")
        inside = np.arange(len(change)) != boundary
        entered = _exact_sum(entries["amount"][entries["payer"] == boundary])
        left = _exact_sum(entries["amount"][entries["payee"] == boundary])
        positive = np.isfinite(entries["amount"]) & (entries["amount"] > 0.0)
        void = ~positive | (entries["payer"] == entries["payee"])
        undeclared = sum(
            not (self._is_of(payer, FLOWS[flow].payer) and self._is_of(payee, FLOWS[flow].payee))
            for flow, payer, payee in set(
                zip(
                    entries["flow"].tolist(),
                    entries["payer"].tolist(),
                    entries["payee"].tolist(),
                    strict=True,
                )
            )
        )
        return Audit(
            month=month,
            worst_account=self.names[worst],
            worst_error=float(error[worst]),
            system_error=abs(_exact_sum(change[inside]) - (entered - left)),
            lowest_balance=float(self.balances[month + 1][inside].min()),
            void_entries=int(void.sum()),
            undeclared=undeclared,
            payments=payments,
            rounding=self._rounding(month, inside),
        )

    def _rounding(self, month: int, inside: np.ndarray) -> float:
        """Most that rounding can lose or gain [USD]: half the last digit of a balance at every entry.

        No account can have held more on the way than what it had and all that it received.
        """
        entries = self.entries[month]
        count = len(self.names)
        received = np.bincount(entries["payee"], entries["amount"], count)
        times = np.bincount(entries["payee"], None, count) + np.bincount(entries["payer"], None, count)
        largest = np.abs(self.balances[month]) + received
        return float((times * np.spacing(largest))[inside].sum() / 2.0)

    def _is_of(self, account: int, declared: str) -> bool:
        """Whether an account is of the kind a flow declares for its end."""
        name = self.names[account]
        if declared in ("escrow", "grants"):
            return name.endswith(f": {declared}")
        if declared == "hostiles":
            return self.sectors[account] == "hostile actors"
        return self.sectors[account] == declared

    def matrix(self, month: int) -> pd.DataFrame:
        """Transaction-flow matrix of one month [USD].

        Rows are flows and the change in money holdings, columns are sectors;
        receipts are positive. Rows and columns sum to zero (Godley and Lavoie 2007).
        """
        import pandas as pd

        net = self.net_receipts(month)
        change = self.change(month)
        sectors = list(dict.fromkeys(self.sectors))
        code = np.array([sectors.index(s) for s in self.sectors])
        body = np.zeros((len(FLOWS) + 1, len(sectors)))
        for k in range(len(sectors)):
            body[:-1, k] = net[:, code == k].sum(axis=1)
            body[-1, k] = -change[code == k].sum()
        frame = pd.DataFrame(body, index=[*flow_names(), "change in money"], columns=sectors)
        return frame.loc[(frame != 0).any(axis=1)]

    def statement(self, account: str) -> pd.DataFrame:
        """All months of one account: each flow's net receipts and the balance [USD]."""
        import pandas as pd

        k = self.names.index(account)
        rows = [self.net_receipts(month)[:, k] for month in range(len(self))]
        frame = pd.DataFrame(np.array(rows).reshape(-1, len(FLOWS)), columns=flow_names())
        frame = frame.loc[:, (frame != 0).any()]
        frame["balance"] = [b[k] for b in self.balances[1:]]
        frame.index.name = "month"
        return frame
