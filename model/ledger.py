"""Money: named accounts, and one way to pay.

Every payment has a payer and a payee. Balances are stocks of their own; the
month's ledger (`paid`, `received`) records the flows beside them, so that
comparing the two can fail. Only the account `economy` (the rest of the
economy) may go negative: all money enters and leaves through it, in flows that
are named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from model.laws.compiled import rule

if TYPE_CHECKING:
    import pandas as pd


class Flow(NamedTuple):
    """A kind of payment: name, who pays whom, meaning."""

    name: str
    payer: str
    payee: str
    meaning: str


FLOWS = (
    Flow("income", "economy", "customers", "customers' income spent on AI"),
    Flow("sales", "customers", "developers", "AI services"),
    Flow("inference", "developers", "supplier", "compute that serves customers"),
    Flow("commitment", "developers", "escrow", "money set aside for a run"),
    Flow("training", "escrow", "supplier", "compute of final runs"),
    Flow("exploration", "escrow", "supplier", "compute of experiments beside a run"),
    Flow("experiments", "developers", "supplier", "compute of standing research"),
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
)
FLOW_NAMES = tuple(flow.name for flow in FLOWS)
(
    INCOME,
    SALES,
    INFERENCE,
    COMMITMENT,
    TRAINING,
    EXPLORATION,
    EXPERIMENTS,
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

ESCROW = 1  # offset from a developer's cash account
GRANTS = 2
ACCOUNTS_PER_DEVELOPER = 3


@rule
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
        market.balance[payer] -= amount
        market.balance[payee] += amount
        market.paid[flow, payer] += amount
        market.received[flow, payee] += amount


@rule
def pay_at_most(market, flow, payer, payee, amount):
    """Pay what is owed, as far as the payer's balance allows; return what was paid [USD]."""
    amount = max(0.0, min(amount, market.balance[payer]))
    pay(market, flow, payer, payee, amount)
    return amount


class Audit(NamedTuple):
    """What an audit of one month found, relative to the month's flows."""

    month: int
    worst_account: str
    worst_error: float
    system_error: float
    lowest_balance: float
    self_payments: int
    flows: float

    @property
    def passed(self) -> bool:
        """True if every account and the system agree with the ledger to 1e-12."""
        return (
            self.worst_error <= 1e-12
            and self.system_error <= 1e-12
            and self.self_payments == 0
            and self.lowest_balance >= -1e-12
        )


class Ledger:
    """The kept books of one history: month by month, flow by flow, account by account.

    Parameters
    ----------
    accounts : list of (str, str)
        Name and sector of each account.
    """

    def __init__(self, accounts: list[tuple[str, str]], opening: np.ndarray) -> None:
        self.names = [name for name, _ in accounts]
        self.sectors = [sector for _, sector in accounts]
        self.balances = [opening.copy()]
        self._paid: list[np.ndarray] = []
        self._received: list[np.ndarray] = []

    def close_month(self, balance: np.ndarray, paid: np.ndarray, received: np.ndarray) -> None:
        """Keep a finished month."""
        self.balances.append(balance.copy())
        self._paid.append(paid.copy())
        self._received.append(received.copy())

    def __len__(self) -> int:
        return len(self._paid)

    def audit(self, month: int) -> Audit:
        """Compare stocks with flows in one month (0 is the first).

        For every account, the change of its balance must equal its ledger
        entries; over all accounts, receipts must equal payments flow by flow,
        and money must enter and leave only through the account `economy`.
        """
        paid, received = self._paid[month], self._received[month]
        flows = max(float(paid.sum()), 1.0)
        change = self.balances[month + 1] - self.balances[month]
        error = np.abs(change - (received.sum(axis=0) - paid.sum(axis=0)))
        worst = int(error.argmax())
        boundary = self.names.index("economy")
        inside = np.arange(len(change)) != boundary
        entered = paid[:, boundary].sum() - received[:, boundary].sum()
        by_flow = np.abs(paid.sum(axis=1) - received.sum(axis=1)).max()
        system = max(abs(change[inside].sum() - entered), by_flow)
        both = (paid > 0) & (received > 0)
        transfers = [FLOW_NAMES.index("merger")]
        both[transfers] = False
        return Audit(
            month=month,
            worst_account=self.names[worst],
            worst_error=float(error[worst]) / flows,
            system_error=float(system) / flows,
            lowest_balance=float(self.balances[month + 1][inside].min()) / flows,
            self_payments=int(both.sum()),
            flows=flows,
        )

    def matrix(self, month: int) -> pd.DataFrame:
        """Transaction-flow matrix of one month [USD].

        Rows are flows and the change in money holdings, columns are sectors;
        receipts are positive. Rows and columns sum to zero (Godley and Lavoie 2007).
        """
        import pandas as pd

        net = self._received[month] - self._paid[month]
        change = self.balances[month + 1] - self.balances[month]
        sectors = list(dict.fromkeys(self.sectors))
        code = np.array([sectors.index(s) for s in self.sectors])
        body = np.zeros((len(FLOWS) + 1, len(sectors)))
        for k in range(len(sectors)):
            body[:-1, k] = net[:, code == k].sum(axis=1)
            body[-1, k] = -change[code == k].sum()
        frame = pd.DataFrame(body, index=[*FLOW_NAMES, "change in money"], columns=sectors)
        return frame.loc[(frame != 0).any(axis=1)]

    def statement(self, account: str) -> pd.DataFrame:
        """All months of one account: each flow's net receipts and the balance [USD]."""
        import pandas as pd

        k = self.names.index(account)
        rows = [r[:, k] - p[:, k] for p, r in zip(self._paid, self._received, strict=True)]
        frame = pd.DataFrame(np.array(rows).reshape(-1, len(FLOWS)), columns=FLOW_NAMES)
        frame = frame.loc[:, (frame != 0).any()]
        frame["balance"] = [b[k] for b in self.balances[1:]]
        frame.index.name = "month"
        return frame

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__
