"""Money: the books balance for every agent in every month, and each planted leak is found."""

from __future__ import annotations

import numpy as np
import pytest

from agents import Customers, FrontierLab, RestOfEconomy, VentureFund
from model import Market, Scenario
from model.interventions import ACTIONS
from model.scenario import shipped
from tests.markets import QUIET, add_cast, run, village
from world.files.read import read_world
from world.files.shapes import SHAPES
from world.files.synthetic import synthetic_world
from world.kinds import LIMITED_PARTNERS, WORKERS
from world.ledger import CENT, FLOWS, MERGER, Ledger, flow_names, pay
from world.parameters import PARAMETERS

UNTIL = "2025-06"
SEEDS = (0, 5, 11)


def audits(market: Market) -> list:
    return [market.ledger.audit(month) for month in range(len(market.ledger))]


def assert_books_balance(market: Market) -> None:
    """Every account, every month: stocks equal flows, nobody overdrew, money flowed at all."""
    found = audits(market)
    assert [a for a in found if not a.passed] == []
    assert max(a.worst_error for a in found) == 0.0  # the same sums in the same order
    assert max(a.rounding / a.payments for a in found) < 1e-12  # a dollar in a trillion
    assert min(a.payments for a in found) > 1e6


@pytest.mark.parametrize("name", shipped())
@pytest.mark.parametrize("seed", SEEDS)
def test_books_balance_to_2040(name: str, seed: int) -> None:
    assert_books_balance(Market(Scenario.load(name), seed=seed).run_until("2040-12"))


@pytest.mark.parametrize("shape", SHAPES)
def test_books_balance_in_generated_worlds(shape: str) -> None:
    world = synthetic_world(4, 6, 12, 3, 3, 4, 8, graph=shape, seed=2)
    market = Market(Scenario().with_(entry_rate=4.0), seed=2, graph=world).run_until("2034-12")
    assert_books_balance(market)
    assert market.frame()["entries"].sum() > 0


def test_books_balance_at_the_corners_of_the_parameters() -> None:
    """Each parameter at its lowest and at its highest value."""
    for parameter in PARAMETERS:
        for end in (parameter.low, parameter.high):
            scenario = Scenario().with_(**{parameter.name: end})
            market = run(scenario, add_cast(village()), seed=3, months=18)
            assert [a for a in audits(market) if not a.passed] == [], (parameter.name, end)


def test_books_balance_under_every_intervention() -> None:
    market = Market(Scenario(), seed=6, graph=add_cast(village()))
    actions = [
        ("cut", {"source": "Fund", "target": "Lab B", "kind": "watches"}),
        ("lever", {"name": "public_extra", "value": 1e11}),
        ("bail out", {"target": "Lab B", "amount": 2e9}),
        ("release", {"target": "Lab A"}),
        ("cut", {"source": "Fund", "target": "Lab A", "kind": "stake"}),
        ("merge", {"source": "Lab B", "target": "Lab A"}),
    ]
    assert {action for action, _ in actions} == set(ACTIONS)
    for action, arguments in actions:
        market.intervene(action, **arguments)
        for _ in range(3):
            market.step()
    assert [done.action for done in market.interventions] == [action for action, _ in actions]
    market.run_until("2030-12")
    assert_books_balance(market)


def test_entries_are_of_every_declared_flow() -> None:
    """Each flow is used somewhere: a flow that no rule pays is a stale declaration."""
    used = set()
    worlds = [
        *((Scenario.load(name), read_world("2025"), "2034-12") for name in shipped()),
        (Scenario(), read_world("2022-01"), "2031-12"),  # where firms fail
    ]
    for scenario, world, until in worlds:
        market = Market(scenario, seed=3, graph=world)
        market.intervene("bail out", target="OpenAI", amount=1e9)
        market.step()
        market.intervene("merge", source="Anthropic", target="OpenAI")
        market.run_until(until)
        for entries in market.ledger.entries:
            used |= {flow_names()[flow] for flow in np.unique(entries["flow"])}
    ours = flow_names()[: MERGER + 1]  # extensions that other tests read declare more
    assert sorted(set(ours) - used) == []


@pytest.mark.parametrize("name", shipped())
def test_nobody_but_the_boundary_owes(name: str) -> None:
    market = Market(Scenario.load(name), seed=9).run_until("2040-12")
    balances = np.array(market.ledger.balances)
    boundary = market.ledger.names.index("economy")
    inside = np.delete(balances, boundary, axis=1)
    assert inside.min() >= 0.0
    assert balances[:, boundary].min() < 0.0


def test_every_account_has_a_statement() -> None:
    market = Market(Scenario(), seed=0).run_until(UNTIL)
    statement = market.ledger.statement("OpenAI")
    change = np.diff(statement["balance"])
    flows = statement.drop(columns="balance").sum(axis=1).to_numpy()[1:]
    assert change == pytest.approx(flows, rel=1e-9, abs=1.0)


def test_money_enters_and_leaves_by_named_flows_only() -> None:
    market = Market(Scenario(), seed=0).run_until(UNTIL)
    boundary = market.ledger.names.index("economy")
    entries = np.concatenate(market.ledger.entries)
    for side in ("payer", "payee"):
        used = {int(flow) for flow in entries["flow"][entries[side] == boundary]}
        assert len(used) >= 3
        assert [FLOWS[f] for f in used if "economy" not in (FLOWS[f].payer, FLOWS[f].payee)] == []


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
        count = int(tables.industry["payments"][0])
        tables.entries[count] = (flow_names().index("income"), 1, 2, -5.0)
        tables.industry["payments"][0] += 1
        tables.balance[1] += 5.0
        tables.balance[2] -= 5.0


class OffByOneMonth(FrontierLab):
    """Money moves in one month, its entry is written in the next."""

    def is_valued(self) -> None:
        super().is_valued()
        if self.name != "OpenAI":
            return
        tables = self.model.tables
        workers = WORKERS
        if self.model.month == 2:
            tables.balance[self.account] -= 1e6
            tables.balance[workers] += 1e6
        if self.model.month == 3:
            count = int(tables.industry["payments"][0])
            tables.entries[count] = (flow_names().index("payroll"), self.account, workers, 1e6)
            tables.industry["payments"][0] += 1


class SelfPayment(FrontierLab):
    """A developer pays itself."""

    def is_valued(self) -> None:
        super().is_valued()
        pay(self.model.bound, flow_names().index("merger"), self.account, self.account, 10.0)


class DroppedRounding(Customers):
    """The payee is credited whole dollars only."""

    def buy(self) -> None:
        super().buy()
        tables = self.model.tables
        account = tables.developers["account"][0]
        tables.balance[account] = np.floor(tables.balance[account])


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


LEAKED = (1.0, 1e6, 4e9)  # USD
LOSERS = ("OpenAI", "OpenAI: escrow", "limited_partners", "supplier", "economy", "SSI")


@pytest.fixture(scope="module")
def books() -> Ledger:
    """Two years of books in which nothing leaks."""
    market = Market(Scenario(), seed=1).run_until("2026-12")
    assert_books_balance(market)
    return market.ledger


def tampered(books: Ledger) -> Ledger:
    """A copy whose balances and entries may be changed."""
    copy = Ledger(list(zip(books.names, books.sectors, strict=True)), books.balances[0])
    for balance, entries in zip(books.balances[1:], books.entries, strict=True):
        copy.close_month(balance, entries)
    return copy


@pytest.mark.parametrize("account", LOSERS)
@pytest.mark.parametrize("month", [0, 1, 23])
@pytest.mark.parametrize("amount", LEAKED)
def test_a_leak_of_any_size_is_found_in_any_month(books, amount, month, account) -> None:
    """Money that is lost, and a payment that is credited to nobody, or twice."""
    row = books.names.index(account)
    for sign in (-1.0, 1.0):
        lost = tampered(books)
        for later in range(month + 1, len(lost.balances)):
            lost.balances[later][row] += sign * amount
        found = lost.audit(month)
        assert not found.passed
        assert found.worst_account == account
        assert found.worst_error == pytest.approx(amount, abs=0.1)
        others = [k for k in range(len(lost)) if k != month]
        assert max(lost.audit(k).worst_error for k in others) <= CENT


@pytest.mark.parametrize("month", [0, 1, 23])
@pytest.mark.parametrize("size", ["smallest", "largest"])
def test_an_entry_that_is_missing_doubled_or_of_another_amount_is_found(books, month, size) -> None:
    entries = books.entries[month]
    dear = np.flatnonzero(entries["amount"] > 1.0)
    amounts = entries["amount"][dear]
    choose = dear[amounts.argmin() if size == "smallest" else amounts.argmax()]
    changes = {
        "missing": np.delete(entries, choose),
        "doubled": np.append(entries, entries[choose : choose + 1]),
        "a dollar less": entries.copy(),
        "to another": entries.copy(),
    }
    changes["a dollar less"]["amount"][choose] -= 1.0
    changes["to another"]["payee"][choose] = (entries["payee"][choose] + 1) % len(books.names)
    for change, forged in changes.items():
        ledger = tampered(books)
        ledger.entries[month] = forged
        assert not ledger.audit(month).passed, change


def test_less_than_a_cent_is_no_leak(books) -> None:
    ledger = tampered(books)
    ledger.balances[1][ledger.names.index("OpenAI")] += 0.5 * CENT
    assert ledger.audit(0).passed


@pytest.mark.parametrize("amount", [np.nan, np.inf, -np.inf, 1e308])
def test_what_is_no_sum_of_money_is_found(books, amount) -> None:
    entry, balance = tampered(books), tampered(books)
    entry.entries[0] = entry.entries[0].copy()
    entry.entries[0]["amount"][:3] = amount
    balance.balances[1][:2] = amount, -amount
    with np.errstate(invalid="ignore", over="ignore"):  # NumPy warns; the audit answers
        assert not entry.audit(0).passed
        assert not balance.audit(0).passed


def test_the_last_digit_of_great_balances_is_no_leak() -> None:
    """At 1e15 USD a balance knows eighths of a dollar; what is lost comes near its bound."""
    closest, kept = 0.0, Ledger([("economy", "economy"), ("a", "a"), ("b", "b")], np.zeros(3))
    kept.balances[0][1:] = 1e15, 1e6
    rng = np.random.default_rng(1)
    entries = np.zeros(40, dtype=Market(QUIET, graph=village()).tables.entries.dtype)
    for month in range(200):
        entries["payer"], entries["payee"] = rng.permuted([[1, 2]] * len(entries), axis=1).T
        entries["amount"] = rng.uniform(0.0, 1.0, len(entries))
        after = kept.balances[month].copy()
        for entry in entries:
            after[entry["payer"]] -= entry["amount"]
            after[entry["payee"]] += entry["amount"]
        kept.close_month(after, entries)
        audit = kept.audit(month)
        assert audit.worst_error == 0.0 and audit.system_error <= audit.rounding
        closest = max(closest, audit.system_error / audit.rounding)
    assert closest > 0.2


@pytest.mark.parametrize("name", shipped())
@pytest.mark.parametrize("seed", SEEDS)
def test_payments_of_the_first_month_are_those_of_a_month(name: str, seed: int) -> None:
    """No institution catches up on what it should have held: the first month is like the next ones."""
    market = Market(Scenario.load(name), seed=seed).run_until("2025-03")
    first, *later = (market.ledger.matrix(month).abs().to_numpy().max() for month in range(3))
    assert 1e8 < first < 1e11
    assert first < 2.0 * max(later)


def test_partners_hold_two_years_of_allowances_from_the_start() -> None:
    market = Market(Scenario(), seed=1)
    wanted = 2.0 * market.tables.investors["allowance"].sum()
    assert market.ledger.balances[0][LIMITED_PARTNERS] == pytest.approx(wanted)
    market.step()
    assert market.ledger.matrix(0).abs().to_numpy().max() < wanted
