"""Every kind of agent keeps the contract, and so does a class of the user's own."""

from __future__ import annotations

import pytest

from agents import KINDS, FrontierLab, Imitator, MarketAgent
from model import InputError, Market, Scenario
from model.rulebook import STANDARD
from model.schedule import OPENING, SCHEDULE
from tests.contract import AgentContract
from tests.markets import QUIET, run, village

for _kind, _class in KINDS.items():
    _name = f"Test{_class.__name__}"
    globals()[_name] = type(_name, (AgentContract,), {"kind": _kind, "__module__": __name__})


class Patient(FrontierLab):
    """Plans only when it is rich (the example of the README)."""

    def plans(self) -> None:
        if self.cash > 4e9:
            super().plans()


class TestPatient(AgentContract):
    kind = "frontier_lab"
    agent_class = Patient


class Idle(FrontierLab):
    """Never plans a run."""

    def plans(self) -> None:
        self.plan_kind = 0


def test_an_override_changes_the_history() -> None:
    frontier = [
        Market(QUIET, seed=1, graph=village(), classes=classes).run_until("2026-12").frame()[
            "frontier_capability"
        ].iloc[-1]
        for classes in ({"frontier_lab": Idle}, {})
    ]
    assert frontier[0] < frontier[1]


def test_every_phase_has_an_agent_that_performs_it() -> None:
    places = {STANDARD.table_of(kind) for kind in KINDS}
    assert {phase.who for phase in (*SCHEDULE, *OPENING)} <= places


def test_every_decision_is_in_the_month_or_the_opening() -> None:
    scheduled = {id(phase.rule) for phase in (*SCHEDULE, *OPENING)}
    idle = [
        f"{kind}.{name}"
        for kind, cls in KINDS.items()
        for name, rule in cls.rules.items()
        if id(rule) not in scheduled
    ]
    assert idle == []


@pytest.mark.parametrize(
    "classes",
    [{"frontier_lab": int}, {"frontier_lab": Imitator}, {"frontier lab": FrontierLab}],
)
def test_classes_must_be_of_the_kind(classes) -> None:
    with pytest.raises(InputError, match="subclass"):
        Market(Scenario(), classes=classes)


def developer_capability(market, row) -> None:
    """Named like a column."""


def test_a_decision_may_not_hide_a_column() -> None:
    declared = {
        "table": "developers", "rules": {"capability": developer_capability},
    }  # fmt: skip
    with pytest.raises(TypeError, match="both a rule and a column"):
        type("Muddled", (MarketAgent,), declared)


def test_agents_are_found_by_name() -> None:
    market = run(QUIET, village(), months=1)
    assert market.agent("Lab A").kind == "frontier_lab"
    with pytest.raises(InputError, match="'Nobody' is not in the market"):
        market.agent("Nobody")
    with pytest.raises(InputError, match="'Seed' is not in the market"):
        market.agent("Seed")


def test_governments_see_the_accidents_of_the_latest_month() -> None:
    graph = village()
    seen = []
    for aligned in (60.0, 20.0):  # OOM: nothing goes wrong, or much
        for name in ("Lab A", "Lab B", "Copy"):
            graph.nodes[name]["alignment"] = aligned
        market = run(QUIET, graph, months=3)
        seen.append((market.frame()["accidents"].sum(), market.agent("Land").harm))
    assert seen[0][0] == 0.0 < seen[1][0]
    assert seen[0][1] < seen[1][1]
