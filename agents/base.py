"""Mesa agents as handles on rows of the market's tables.

A class names its table and its decisions. Its columns become attributes and
its rules become methods, so that an agent can be read, changed or subclassed in
plain Python, while the compiled engine runs the very same rules on the rows.
"""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import mesa

from world import state

TABLE_COLUMNS: dict[str, tuple[state.Column, ...]] = {
    "developers": state.DEVELOPERS,
    "investors": state.INVESTORS,
    "governments": state.GOVERNMENTS,
    "hostiles": state.HOSTILES,
    "economy": state.ECONOMY,
}


class Decisions:
    """The rules an agent acts by, each a method named without the agent's prefix.

    Parameters
    ----------
    prefix : str
        What the rules' names begin with: `developer_plans` becomes `plans`.
    rules : compiled rules
        Called with the market's tables and the agent's row.
    """

    def __init__(self, prefix: str, *rules: Callable[..., Any]) -> None:
        self.rules = {rule.__name__.removeprefix(f"{prefix}_"): rule for rule in rules}

    def __iter__(self) -> Iterator[tuple[str, Callable[..., Any]]]:
        return iter(self.rules.items())

    def method_of(self, rule: Callable[..., Any]) -> str:
        """Name of the method that performs a rule."""
        return next(name for name, known in self.rules.items() if known is rule)


def _column_property(column: state.Column) -> property:
    def read(self: MarketAgent) -> Any:
        return self.rows[column.name][self.row].item()

    def write(self: MarketAgent, value: float) -> None:
        self.rows[column.name][self.row] = value

    return property(read, write, doc=f"{column.meaning} [{column.unit}]")


def _decision(rule: Callable[..., Any]) -> Callable[..., None]:
    def decide(self: MarketAgent) -> None:
        self.model.perform(rule, self.row)

    decide.__name__ = rule.__name__
    decide.__doc__ = rule.__doc__
    return decide


class _Counters(weakref.WeakKeyDictionary):  # type: ignore[type-arg]
    """Counters of ids by model. Mesa 3.3 keeps every model that ever had agents; this does not."""

    def __getitem__(self, model: Any) -> Any:
        if model not in self:
            used = max((agent.unique_id for agent in model.agents), default=0)
            self[model] = itertools.count(used + 1)
        return super().__getitem__(model)


class MarketAgent(mesa.Agent):  # type: ignore[misc]
    """An agent of the market: a live handle on one row of one table.

    Parameters
    ----------
    model : Market
    row : int
        Its row in its table.
    name : str
    kind : str
        Node kind in the market graph, e.g. ``"frontier_lab"``.
    """

    table: ClassVar[str]
    decisions: ClassVar[Decisions]
    _ids = _Counters()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for column in TABLE_COLUMNS.get(getattr(cls, "table", ""), ()):
            if not hasattr(cls, column.name) and column.name != "kind":
                setattr(cls, column.name, _column_property(column))
        taken = {column.name for column in TABLE_COLUMNS.get(getattr(cls, "table", ""), ())}
        for name, rule in getattr(cls, "decisions", ()):
            if name in taken:
                raise TypeError(f"{cls.__name__}: {name!r} is both a decision and a column.")
            if not hasattr(cls, name):
                setattr(cls, name, _decision(rule))

    def __init__(self, model: Any, row: int, name: str, kind: str) -> None:
        super().__init__(model)
        self.row = row
        self.name = name
        self.kind = kind

    @property
    def rows(self) -> Any:
        """The table this agent is a row of."""
        return getattr(self.model.tables, self.table)

    @property
    def cash(self) -> float:
        """Balance of its cash account [USD]."""
        return float(self.model.tables.balance[self.account])

    @property
    def neighbours(self) -> list[MarketAgent]:
        """Agents it shares an edge with, in the graph as it stands."""
        graph = self.model.graph
        ids = [*graph.successors(self.unique_id), *graph.predecessors(self.unique_id)]
        return [graph.nodes[k]["agent"] for k in dict.fromkeys(ids)]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"
