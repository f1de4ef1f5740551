"""In random worlds money adds up, figures are what their name says, and who left is gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pytest

from model import Market
from tests.random_worlds import random_case
from world.kinds import ECONOMY
from world.ledger import ACCOUNTS_PER_DEVELOPER, flow_names

FEW, MANY = range(30), range(30, 2030)
LARGEST = 1e16  # USD, above any payment that a stated figure can lead to
OF_THE_LIVING = (
    "share", "revenue", "sold", "gross_profit", "profit_trend", "valuation", "researchers", "raised",
    "outlay", "payroll", "unpaid", "selling", "attraction", "plan_kind", "plan_gain", "run_kind",
)  # fmt: skip
# What an indicator adds up to in the ledger, and how often a year.
IN_THE_LEDGER = {
    "revenue": (12.0, ("sales",)),
    "capital_raised": (1.0, ("equity", "seed")),
    "research_spending": (1.0, ("training", "exploration", "experiments", "payroll")),
    "final_run_spending": (1.0, ("training",)),
}


def faults(market: Market) -> set[str]:
    """What does not add up in a history, in words."""
    found = {fault for month in range(market.month) for fault in _month(market, month)}
    return found | set(_not_finite(market))


def _month(market: Market, month: int) -> Iterator[str]:
    shown = market.indicators()[month]
    audit = market.ledger.audit(month)
    if not audit.passed:
        yield f"audit: {audit}"
    if np.delete(market.ledger.balances[month + 1], ECONOMY).min() < 0.0:
        yield "an account is overdrawn"
    if audit.payments and market.ledger.entries[month]["amount"].max() > LARGEST:
        yield "a payment beyond all figures"
    developers, investors = (market.table_at(p, month) for p in ("developers", "investors"))
    yield from _sums(market, month, shown, developers, investors)
    yield from _of_the_gone(market, month, developers)


def _not_finite(market: Market) -> Iterator[str]:
    tables = {"indicators": market.indicators()}
    for place in market.rulebook.columns:
        kept = [market.table_at(place, month) for month in range(market.month)]
        # As bytes: NumPy joins records field by field.
        tables[place] = np.concatenate([t.view(np.uint8) for t in kept]).view(kept[0].dtype)
    for place, table in tables.items():
        for name in table.dtype.names:
            if not np.isfinite(table[name]).all():
                yield f"{place}.{name} is not finite"


def _sums(market: Market, month: int, shown: Any, developers: Any, investors: Any) -> Iterator[str]:
    """Indicators and columns against the ledger, shares against one."""
    entries = market.ledger.entries[month]
    names = flow_names()
    paid = np.bincount(entries["flow"], weights=entries["amount"], minlength=len(names))
    for name, (times, flows) in IN_THE_LEDGER.items():
        # Wages are the payroll less what is unpaid of it, to the last digit of the payroll.
        last = np.spacing(developers["payroll"]).sum() if "payroll" in flows else 0.0
        if not _near(shown[name], times * sum(paid[names.index(flow)] for flow in flows), last):
            yield f"{name} is not {' and '.join(flows)} of the ledger"
    raised = {
        "raised": developers["raised"].sum(),
        "invested": investors["invested"].sum(),
        "outside and parents'": shown["outside_equity"] + shown["parent_capital"],
    }
    for name, money in raised.items():
        if not _near(money, shown["capital_raised"]):
            yield f"{name} does not add up to the capital raised"
    sold = paid[names.index("sales")] > 0.0
    if not _near(developers["share"].sum(), float(sold)):
        yield "shares do not add up to one (nothing, where nothing is sold)"
    if (developers["share"] < 0.0).any():
        yield "a share is negative"


def _of_the_gone(market: Market, month: int, developers: Any) -> Iterator[str]:
    """Who is not in the market holds nothing, keeps no figure, and pays nobody once it has left."""
    gone = developers["alive"] == 0
    for name in OF_THE_LIVING:
        if developers[name][gone].any():
            yield f"who is not in the market has {name}"
    if market.ledger.balances[month + 1][_accounts(developers, gone)].any():
        yield "who is not in the market has money"
    if month > 0:
        away = gone & (market.table_at("developers", month - 1)["alive"] == 0)
        entries = market.ledger.entries[month]
        ends = np.concatenate([entries["payer"], entries["payee"]])
        if np.isin(ends, _accounts(developers, away)).any():
            yield "who has left is party to a payment"


def _accounts(developers: Any, rows: Any) -> Any:
    first = developers["account"][rows]
    return np.concatenate([first + offset for offset in range(ACCOUNTS_PER_DEVELOPER)])


def _near(one: float, other: float, rounding: float = 0.0) -> bool:
    return bool(abs(one - other) <= 1e-9 * max(abs(one), abs(other)) + 1e-6 + rounding)


def stakes(market: Market) -> set[str]:
    """What is wrong with the stakes at the end."""
    ties, developers = market.tables.ties, market.tables.developers
    held = np.bincount(ties["target"], weights=ties["share"], minlength=len(developers))
    wrong = {
        "a stake is negative": (ties["share"] < 0.0).any(),
        "more than the whole is owned": (held > 1.0 + 1e-9).any(),
        "somebody owns a part of who is gone": held[developers["alive"] == 0].any(),
        "a book is negative": (market.tables.investors["book"] < 0.0).any(),
    }
    return {fault for fault, found in wrong.items() if found}


def assert_sound(seeds: Iterable[int]) -> dict[str, int]:
    """No fault in the world of any seed; returns what happened in them."""
    happened = dict.fromkeys(("worlds", "months", "exits", "entries", "acts"), 0)
    unsound = {}
    for seed in seeds:
        market = random_case(seed).played()
        if found := faults(market) | stakes(market):
            unsound[seed] = found
        rows = market.indicators()
        happened["worlds"] += 1
        happened["months"] += market.month
        happened["exits"] += int(rows["exits"].sum())
        happened["entries"] += int(rows["entries"].sum())
        happened["acts"] += len(market.interventions)
    assert unsound == {}
    return happened


def test_a_few_random_worlds_are_sound() -> None:
    happened = assert_sound(FEW)
    assert min(happened.values()) > 0, happened


@pytest.mark.nightly
def test_two_thousand_random_worlds_are_sound() -> None:
    happened = assert_sound(MANY)
    assert happened["worlds"] == len(MANY)
    assert min(happened["exits"], happened["entries"], happened["acts"]) > 100, happened


def test_a_case_is_that_of_its_seed() -> None:
    one, again, other = random_case(5), random_case(5), random_case(6)
    assert one.played().frame().equals(again.played().frame())
    assert one.acts == again.acts and one.scenario == again.scenario
    assert one.scenario != other.scenario


def test_each_fault_would_be_found() -> None:
    market = random_case(0).market()
    for _ in range(3):
        market.step()
    assert faults(market) | stakes(market) == set()
    developers = market.table_at("developers", 2)
    kept = developers.copy()
    for column, value in (("share", 0.5), ("raised", 1e6)):
        developers[column][0] += value
        assert faults(market), column
        developers[column] = kept[column]
    market.indicators()["revenue"][2] *= 1.000001
    assert faults(market) == {"revenue is not sales of the ledger"}
