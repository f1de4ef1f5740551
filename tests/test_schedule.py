"""The month's order is written once: both engines call the same rules on the same rows."""

from __future__ import annotations

from dataclasses import replace
from functools import wraps
from typing import Any

import pytest

from agents import KINDS
from model import Market, Scenario
from model.engine import engine_of
from model.month import functions_of
from model.rulebook import STANDARD
from model.schedule import MONTH, OPENING, SCHEDULE, actors, phases
from tests.markets import add_cast, differing, village
from world.files.read import read_world

MONTHS = 18
CROWDED = Scenario().with_(entry_rate=5.0, quorum=0.9)  # entry, exit and failed rounds


class Traced(Market):
    """A market that notes every rule it performs, with its row."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self.calls: list[tuple[str, int]] = []
        super().__init__(*arguments, **named)

    def perform(self, rule: Any, row: int) -> None:
        self.calls.append((rule.__name__, int(row)))
        super().perform(rule, row)


def loop_of(market: Traced) -> Any:
    """The compiled loop's own source as plain Python, whose rules act on a traced market."""

    def acting(rule: Any) -> Any:
        @wraps(rule)
        def act(_tables: Any, row: int) -> None:
            market.perform(rule, row)

        return act

    month = tuple(phase._replace(rule=acting(phase.rule)) for phase in SCHEDULE)
    return functions_of(replace(STANDARD, month=month))["run_month"]


@pytest.mark.parametrize("place", ["village", "2025"])
def test_market_calls_rules_in_the_order_of_the_compiled_loop(place: str) -> None:
    graph = add_cast(village()) if place == "village" else read_world(place)
    live = Traced(CROWDED, seed=3, graph=graph)
    looped = Traced(CROWDED, seed=3, graph=graph)
    run_month = loop_of(looped)
    for month in range(MONTHS if place == "village" else 4):
        live.calls.clear()
        looped.calls.clear()
        live.step()
        engine_of(STANDARD, looped.tables).clear_month(looped.bound)
        run_month(looped.bound)
        looped.tables.industry["month"][0] += 1
        assert live.calls == looped.calls, month
        assert differing(live.tables, looped.tables) == []
        assert len(live.calls) > len(SCHEDULE)
    assert live.frame()["entries"].sum() > 0 or place == "2025"


def test_the_order_of_rounds_is_drawn_every_month() -> None:
    market = Traced(Scenario(), seed=3, graph=village())
    orders = set()
    for _ in range(6):
        market.calls.clear()
        market.step()
        orders.add(tuple(row for rule, row in market.calls if rule == "developer_raises"))
    assert len(orders) > 1
    assert len({tuple(sorted(order)) for order in orders}) == 1


def test_phases_are_distinct_and_act_on_what_there_is() -> None:
    rules = [phase.name for phase in SCHEDULE]
    assert len(set(rules)) == len(rules)
    market = Market(Scenario(), graph=village())
    for phase in (*SCHEDULE, *OPENING):
        assert phase.who in market.roster.names
        assert STANDARD.table_of(phase.who) == phase.who or hasattr(market.tables, phase.who)
    assert all(phase.who == "developers" for phase in SCHEDULE if phase.drawn)


@pytest.mark.parametrize(
    "sentence",
    ["sell | customers | customers_sell", "sell | nobody | customers_buy",
     "sell | customers | customers_buy | drwn"],
)  # fmt: skip
def test_a_sentence_that_names_nobody_or_nothing_is_refused(sentence: str) -> None:
    with pytest.raises(ValueError, match="schedule: 'sell"):
        phases(MONTH + sentence, actors(KINDS.items()))
