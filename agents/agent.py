"""Mesa agents as handles on rows of the market's tables.

A class names its table and the modules its rules stand in. Its columns become
attributes and its rules become methods, so that an agent can be read, changed or
subclassed in plain Python, while the compiled engine runs the very same rules on
the rows.
"""

from __future__ import annotations

import difflib
import functools
import itertools
import weakref
from collections.abc import Callable
from types import ModuleType
from typing import Any, ClassVar

import mesa

from world.compiled import RULES
from world.errors import InputError
from world.state import AGENTS, INDUSTRY, Column

Rule = Callable[[Any, int], None]

NEARLY = 0.85  # how like a column's name a new attribute may not be: it would do nothing
STAYS = (
    "{!r} cannot be removed by hand: it leaves by the rule of exit, or as `Market.intervene` merges "
    "it into another."
)


def rules_of(prefix: str, *modules: ModuleType | str) -> dict[str, Rule]:
    """Return the rules of some modules that begin with a prefix, by the method they become.

    Parameters
    ----------
    prefix : str
        `developer` makes `developer_plans` the method `plans`.
    modules : module or str
        Modules, or their names (``__name__`` for the one at hand).
    """
    names = [m if isinstance(m, str) else m.__name__ for m in modules]
    return {
        name.removeprefix(f"{prefix}_"): rule
        for module in names
        for name, rule in RULES.get(module, {}).items()
        if name.startswith(f"{prefix}_")
    }


def _column_property(column: Column) -> property:
    def read(self: MarketAgent) -> Any:
        return self.rows[column.name][self.row].item()

    def write(self: MarketAgent, value: float) -> None:
        if column.name == "alive":
            raise InputError(STAYS.format(self.name))
        self.rows[column.name][self.row] = value

    return property(read, write, doc=f"{column.meaning} [{column.unit}]")


def _method(rule: Rule) -> Callable[..., None]:
    def decide(self: MarketAgent) -> None:
        self.model.perform(rule, self.row)

    decide.__name__ = rule.__name__
    decide.__doc__ = rule.__doc__
    decide.rule = rule  # type: ignore[attr-defined]  # what it is unless a class overrides it
    return decide


class _Counters(weakref.WeakKeyDictionary):  # type: ignore[type-arg]
    """Counters of ids by model. Mesa 3.3 keeps every model that ever had agents; this does not."""

    def __getitem__(self, model: Any) -> Any:
        if model not in self:
            used = max((agent.unique_id for agent in model.agents), default=0)
            self[model] = itertools.count(used + 1)
        return super().__getitem__(model)


@functools.cache
def _meant(columns: tuple[Column, ...], name: str) -> list[str]:
    """The column that a mistyped name is near to, if it is near to one."""
    known = [column.name for column in columns if column.name != "kind"]
    return difflib.get_close_matches(name, known, n=1, cutoff=NEARLY)


class MarketAgent(mesa.Agent):  # type: ignore[misc]
    """An agent of the market: a live handle on one row of one table.

    A class states its `table`, its `rules` and, unless `world.state` declares the
    table, its `columns`.

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
    rules: ClassVar[dict[str, Rule]] = {}
    columns: ClassVar[tuple[Column, ...]] = ()
    _ids = _Counters()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not cls.columns:
            cls.columns = (AGENTS | {"industry": INDUSTRY}).get(getattr(cls, "table", ""), ())
        for column in cls.columns:
            if column.name in cls.rules:
                raise TypeError(f"{cls.__name__}: {column.name!r} is both a rule and a column.")
            if not hasattr(cls, column.name) and column.name != "kind":
                setattr(cls, column.name, _column_property(column))
        for name, rule in cls.rules.items():
            if not hasattr(cls, name):
                setattr(cls, name, _method(rule))

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

    def remove(self) -> None:
        """Leave Mesa's agents, once the market has let it go; refused to who is in the market."""
        if "alive" not in self.rows.dtype.names or self.rows["alive"][self.row]:
            raise InputError(STAYS.format(self.name))
        super().remove()

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self.rules:
            raise InputError(
                f"{self.name!r}: {name!r} is a decision; a class of your own takes it differently "
                "(`classes=`), one agent cannot."
            )
        if not hasattr(self, name) and (near := _meant(self.columns, name)):
            raise InputError(f"{self.name!r} has no column {name!r}; did you mean {near[0]!r}?")
        super().__setattr__(name, value)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"
