"""What every kind of agent promises, as a class that a test module subclasses.

    class TestPatient(AgentContract):
        kind = "frontier_lab"
        agent_class = Patient

checks a class of one's own against the contract of its kind.
"""

from __future__ import annotations

import functools
import pickle
import re
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

from agents import KINDS, MarketAgent
from model import Market, Scenario
from model.rulebook import STANDARD
from model.schedule import OPENING, SCHEDULE, Phase
from tests.markets import add_cast, differing, village
from world.kinds import INSTITUTIONS
from world.ledger import ACCOUNTS_PER_DEVELOPER

MONTHS = 24
SEED = 5
BUSY = Scenario().with_(entry_rate=3.0)  # the empty slot is filled and rounds are held
NEVER_NEGATIVE = ("persons", "weight", "count", "events", "months", "ratio")


def methods_of(kind: str, phases: Iterable[Phase]) -> list[str]:
    """The methods by which agents of a kind perform these phases, each once."""
    known = {rule.__name__: name for name, rule in KINDS[kind].rules.items()}
    names = [phase.name for phase in phases if phase.who == STANDARD.table_of(kind)]
    return list(dict.fromkeys(known[name] for name in names))


def market_with(kind: str, agent_class: type[MarketAgent], months: int) -> Market:
    """The village and its investors, in which a kind is of the given class."""
    market = Market(BUSY, seed=SEED, graph=add_cast(village()), classes={kind: agent_class})
    for _ in range(months):
        market.step()
    return market


@functools.cache
def finished_market(kind: str, agent_class: type[MarketAgent]) -> Market:
    """The same after `MONTHS`, kept."""
    return market_with(kind, agent_class, MONTHS)


class AgentContract:
    """Contract of one kind of agent; `agent_class` may be a subclass of the usual one."""

    kind: str
    agent_class: type[MarketAgent] | None = None

    @classmethod
    def the_class(cls) -> type[MarketAgent]:
        return cls.agent_class or KINDS[cls.kind]

    def market_with(self, agent_class: type[MarketAgent], months: int = MONTHS) -> Market:
        """The village and its investors, in which this kind is of the given class."""
        return market_with(self.kind, agent_class, months)

    @pytest.fixture
    def market(self) -> Market:
        """A history that is run once for all tests of the class: read it, do not step it."""
        return finished_market(self.kind, self.the_class())

    @pytest.fixture
    def agent(self, market: Market) -> MarketAgent:
        """One agent of the kind that is in the market at the end."""
        return next(agent for agent in market.agents if agent.kind == self.kind)

    # --- form -----------------------------------------------------------------------

    def test_class_and_decisions_are_documented(self) -> None:
        found = self.the_class()
        assert (found.__doc__ or "").strip().split("\n")[0].endswith(".")
        for name, rule in found.rules.items():
            first = (rule.__doc__ or "").strip().split("\n\n")[0]
            assert re.match(r"[A-Z].*\.$", first, re.DOTALL), name
            assert callable(getattr(found, name)), name

    def test_every_phase_of_the_month_is_a_method(self) -> None:
        rules = KINDS[self.kind].rules
        for name in methods_of(self.kind, (*OPENING, *SCHEDULE)):
            assert callable(getattr(self.the_class(), name)), name
            assert getattr(KINDS[self.kind], name).__doc__ == rules[name].__doc__

    def test_columns_are_attributes_that_read_and_write_the_table(
        self, market: Market, agent: MarketAgent
    ) -> None:
        for column in STANDARD.columns[agent.table]:
            stored = agent.rows[column.name]
            if column.name in ("kind", "account", "alive"):
                continue  # the node kind by name; an institution's own account; who leaves by rule
            assert f"[{column.unit}]" in (getattr(type(agent), column.name).__doc__ or "")
            before = stored[agent.row].item()
            read = getattr(agent, column.name)
            assert read == before and type(read) is (int if column.type == "int" else float)
            setattr(agent, column.name, before + 1)
            assert stored[agent.row] == before + 1, column.name
            setattr(agent, column.name, before)
        assert agent.cash == market.tables.balance[agent.account]

    def test_it_knows_its_place(self, market: Market, agent: MarketAgent) -> None:
        assert isinstance(agent, self.the_class())
        assert agent.kind == self.kind and agent.name in repr(agent)
        assert market.agent(agent.name) is agent
        assert market.roster.accounts[agent.account][0] in (agent.name, self.kind)
        around = {neighbour.unique_id for neighbour in agent.neighbours}
        graph = market.graph
        assert around == set(graph.succ[agent.unique_id]) | set(graph.pred[agent.unique_id])

    # --- behaviour --------------------------------------------------------------------

    def test_equal_seeds_give_equal_bytes(self, market: Market) -> None:
        assert differing(market.tables, self.market_with(self.the_class()).tables) == []

    def test_declared_ranges_hold_over_a_history(self, market: Market) -> None:
        table = self.the_class().table
        for column in STANDARD.columns[table]:
            values = np.array([month[column.name] for month in market._columns[table]])
            assert np.isfinite(values).all(), column.name
            bounds = re.fullmatch(r"(\d+)-(\d+)", column.unit)
            if bounds:
                low, high = float(bounds[1]), float(bounds[2])
                assert low <= values.min() and values.max() <= high * (1 + 1e-12), column.name
            elif column.unit in NEVER_NEGATIVE and column.type == "float":
                assert values.min() >= 0.0, column.name
            elif column.meaning.startswith("1 if ") or column.meaning == "always 1":
                assert set(np.unique(values)) <= {0, 1}, column.name

    def test_change_of_its_money_equals_its_entries(
        self, market: Market, agent: MarketAgent
    ) -> None:
        accounts = [
            self.accounts(market, row)
            for row, kind in enumerate(market.roster.kinds[STANDARD.table_of(self.kind)])
            if kind == self.kind
        ]
        paid = 0.0
        for month in range(len(market.ledger)):
            net = market.ledger.net_receipts(month)
            error = np.abs(market.ledger.balances[month + 1] - market.ledger.replayed(month))
            for own in accounts:
                assert error[own].max() == 0.0, (month, own)
                paid += np.abs(net[:, own]).sum()
        assert paid > 0.0, "it neither paid nor received: nothing was tested"

    def accounts(self, market: Market, row: int) -> list[int]:
        """All accounts of the agent in a row."""
        place = STANDARD.table_of(self.kind)
        if self.kind in INSTITUTIONS:
            return [INSTITUTIONS.index(self.kind)]
        first = int(getattr(market.tables, place)["account"][row])
        return [first + k for k in range(ACCOUNTS_PER_DEVELOPER if place == "developers" else 1)]

    def test_pickling_keeps_the_agent_in_its_market(self, agent: MarketAgent) -> None:
        # By way of a market of its own, which the step changes.
        market = self.market_with(KINDS[self.kind], months=2)
        original = market.agent(agent.name)
        again = pickle.loads(pickle.dumps(original))
        assert (again.name, again.row, again.kind) == (agent.name, agent.row, agent.kind)
        for held in (market, again.model):
            held.step()
        assert again.cash == original.cash
        assert differing(again.model.tables, market.tables) == []

    def test_each_decision_can_be_overridden(self) -> None:
        """An override is called as often as the phase, and with `super` it changes nothing."""
        usual = self.the_class()
        calls: dict[str, int] = {}

        def counted(name: str) -> Any:
            def decide(self: Any) -> None:
                calls[name] += 1
                getattr(usual, name)(self)

            return decide

        monthly, opening = (methods_of(self.kind, phases) for phases in (SCHEDULE, OPENING))
        calls |= dict.fromkeys((*opening, *monthly), 0)
        counting = type("Counting", (usual,), {name: counted(name) for name in calls})
        changed = self.market_with(counting, months=3)
        assert differing(changed.tables, self.market_with(usual, months=3).tables) == []
        # An entrant of the third month has acted less often than those from the start.
        first = sum(agent.kind == self.kind for agent in self.market_with(usual, months=0).agents)
        last = sum(agent.kind == self.kind for agent in changed.agents)
        for name, count in calls.items():
            phases = 3 * (name in monthly) + (name in opening)
            assert phases * first <= count <= phases * max(first, last), name
