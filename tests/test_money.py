"""Money: the books balance for every agent in every month, and each planted leak is found."""

from __future__ import annotations

import numpy as np
import pytest

from agents import Customers, FrontierLab, RestOfEconomy, VentureFund
from model import Market, Scenario
from model.ledger import FLOW_NAMES, FLOWS, pay
from model.scenario import shipped

UNTIL = "2025-06"


def audits(market: Market) -> list:
    return [market.ledger.audit(month) for month in range(len(market.ledger))]


@pytest.mark.parametrize("name", shipped())
@pytest.mark.parametrize("seed", [0, 11])
def test_books_balance_to_2032(name: str, seed: int) -> None:
    market = Market(Scenario.load(name), seed=seed).run_until("2032-12")
    found = audits(market)
    assert [a for a in found if not a.passed] == []
    assert max(a.worst_error for a in found) <= 1e-12


def test_every_account_has_a_statement() -> None:
    market = Market(Scenario(), seed=0).run_until(UNTIL)
    statement = market.ledger.statement("OpenAI")
    change = np.diff(statement["balance"])
    flows = statement.drop(columns="balance").sum(axis=1).to_numpy()[1:]
    assert change == pytest.approx(flows, rel=1e-9, abs=1.0)


def test_money_enters_and_leaves_by_named_flows_only() -> None:
    market = Market(Scenario(), seed=0).run_until(UNTIL)
    boundary = market.ledger.names.index("economy")
    for entries in market.ledger.entries:
        for side in ("payer", "payee"):
            used = {int(f) for f in entries["flow"][entries[side] == boundary]}
            assert all("economy" in (FLOWS[f].payer, FLOWS[f].payee) for f in used)


# --- eight leaks, each planted as such a bug would arise --------------------------------


class LostFee(VentureFund):
    """A fee is taken from the fund and given to nobody."""

    def draws_capital(self) -> None:
        super().draws_capital()
        self.model.tables.balance[self.account] -= min(1.0, self.cash)


class DoubleCredit(FrontierLab):
    """What was raised is credited twice."""

    def starts(self) -> None:
        self.model.tables.balance[self.account] += self.raised
        super().starts()


class FreeEntry(RestOfEconomy):
    """Each month an unborn developer finds money in its account."""

    def admits_entrants(self) -> None:
        super().admits_entrants()
        unborn = int(np.flatnonzero(self.model.tables.developers["alive"] == 0)[0])
        self.model.tables.balance[self.model.tables.developers["account"][unborn]] += 1e6


class VanishedResidual(FrontierLab):
    """A developer dies and its money with it."""

    def exits(self) -> None:
        if self.name == "SSI" and self.model.month == 3:
            self.model.tables.balance[self.account] = 0.0


class WrongSign(Customers):
    """A payment is entered with the sign turned round."""

    def buy(self) -> None:
        super().buy()
        tables = self.model.tables
        count = int(tables.entry_count[0])
        tables.entries[count] = (FLOW_NAMES.index("income"), 1, 2, -5.0)
        tables.entry_count[0] += 1
        tables.balance[1] += 5.0
        tables.balance[2] -= 5.0


class OffByOneMonth(FrontierLab):
    """Money moves in one month, its entry is written in the next."""

    def is_valued(self) -> None:
        super().is_valued()
        if self.name != "OpenAI":
            return
        tables = self.model.tables
        workers = int(tables.economy["workers"][0])
        if self.model.month == 2:
            tables.balance[self.account] -= 1e6
            tables.balance[workers] += 1e6
        if self.model.month == 3:
            count = int(tables.entry_count[0])
            tables.entries[count] = (FLOW_NAMES.index("payroll"), self.account, workers, 1e6)
            tables.entry_count[0] += 1


class SelfPayment(FrontierLab):
    """A developer pays itself."""

    def is_valued(self) -> None:
        super().is_valued()
        pay(self.model.bound, FLOW_NAMES.index("merger"), self.account, self.account, 10.0)


class DroppedRounding(Customers):
    """The payee is credited whole dollars only."""

    def buy(self) -> None:
        super().buy()
        balance = self.model.tables.balance
        balance[0] = np.floor(balance[0])


LEAKS = {
    "lost fee": ("venture_fund", LostFee),
    "double credit": ("frontier_lab", DoubleCredit),
    "free entry": ("economy", FreeEntry),
    "vanished residual": ("frontier_lab", VanishedResidual),
    "wrong sign": ("customers", WrongSign),
    "off-by-one month": ("frontier_lab", OffByOneMonth),
    "self-payment": ("frontier_lab", SelfPayment),
    "dropped rounding": ("customers", DroppedRounding),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_planted_leak_is_found(leak: str) -> None:
    kind, leaky = LEAKS[leak]
    tight = type("Tight", (leaky.__mro__[1],), {})
    control = Market(Scenario(), seed=1, classes={kind: tight}).run_until(UNTIL)
    assert all(a.passed for a in audits(control))
    market = Market(Scenario(), seed=1, classes={kind: leaky}).run_until(UNTIL)
    assert not all(a.passed for a in audits(market)), leak
