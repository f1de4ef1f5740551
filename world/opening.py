"""Openings: the value of each column before the first month, as `world.state` declares it.

An opening is an expression of

    node          the figure of this name that the graph gives the agent (`node.other`:
                  of another name); ``node or X`` is X where the graph gives none
    p.name        a parameter
    NAME          a constant of this module or of the laws
    column        another column of the table
    market        figures that the graph gives of itself
    trait         what the agent's kind says of this column (`world.kinds`)
    given         what the reader of the graph counts out: the number of the agent's kind
                  and of its first account, the row of the government it is located under

and of the functions below. ``X, then column`` is X while the opening's rules run
(`model.schedule`), and what they made of that column afterwards.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from copy import copy
from difflib import get_close_matches
from functools import cache, cached_property
from types import CodeType
from typing import Any, NamedTuple

import numpy as np

from world.errors import InputError
from world.laws import demand, safety, technology, valuation
from world.parameters import PARAMETERS
from world.state import LEAD, Column
from world.tables import Array

USUAL_RUN_MONTHS = 6  # planned length of a run under way at the start that has less left
FRONTIER_GROWTH = 1.1  # OOM/year, 2020-24: 4.97x compute and 3x algorithms a year (Epoch AI)
MARKET_GROWTH = 1.26  # log a year: developers' sales grew 3.5x in 2024
FASTEST_GROWTH = 1.3  # log a year: bound of the growth that is learned from
DEFENCE_GAP = 0.25  # OOM that defenders are behind: three months of that growth
USUAL_SAVING = 0.4  # OOM that a follower is expected to save, before the first cheap release
TRAINING_PART = 0.5  # share of the supplier's capacity that research and training buy
LEADER_RESEARCHERS = 1000.0  # OpenAI in 2024, about half of its staff (Epoch AI)
LEADER_COMPUTE = 2.8e9  # USD a year of experiments: 2.5 x 560 M a half-year (Epoch AI)
SUPPLIER_RESERVE = 2e10  # USD
LARGEST_RUN = technology.CAPABILITY_2025 - technology.EFFICIENCY_2025  # OOM FLOP, January 2025
LAG = 8.0  # months from a frontier model to its match, 2023-24
NEVER = -1000  # a month before any history
RUN_UP = 4  # months since the frontier model of the start was released


def best(values: Array) -> float:
    """Highest figure; none (NaN) if there is no figure."""
    return float(values.max()) if len(values) else np.nan


def best_open(developers: Opened) -> int:
    """Row of the best open model on sale (-1 none)."""
    on_sale = developers.alive * developers.open_weights * developers.sells == 1
    return int(np.where(on_sale, developers.capability, -1.0).argmax()) if on_sale.any() else -1


def of(values: Array, row: int) -> float:
    """Figure of one row; 0 for none."""
    return float(values[row]) if row >= 0 else 0.0


def share_of(values: Array) -> Array:
    """Each figure over their sum, added up in order; 0 if the sum is."""
    total = values.cumsum()[-1] if len(values) else 0.0
    return np.asarray(values / total) if total > 0.0 else np.zeros(len(values))


def positive(values: Array) -> Array:
    """Each figure, or 0 where it is below."""
    return np.asarray(np.maximum(0.0, values))


def larger(one: Array, other: float) -> Array:
    """The larger of two figures."""
    return np.asarray(np.maximum(one, other))


def smaller(one: Array, other: float) -> Array:
    """The smaller of two figures."""
    return np.asarray(np.minimum(one, other))


def planned(months_left: Array) -> Array:
    """Planned length of runs under way with so many months left [months]; 0 for none."""
    return np.where(months_left > 0, np.maximum(USUAL_RUN_MONTHS, months_left), 0)


def largest(capability: Array, efficiency: Array, target: Array, run_kind: Array) -> Array:
    """Training compute of the largest run yet, a leading one under way included [OOM]."""
    under_way = np.where(run_kind == LEAD, target, capability)
    return np.asarray(np.maximum(capability - efficiency, under_way - efficiency))


def dearest_run(largest_run: float, flop_per_usd: float) -> Any:
    """Cost of the largest run yet over that of January 2025 [ratio]; 1 if the graph does not say."""
    cost = either(largest_run, LARGEST_RUN) - either(flop_per_usd, technology.FLOP_PER_USD_2025)
    return 10.0 ** (cost - (LARGEST_RUN - technology.FLOP_PER_USD_2025))


def either(figure: Any, other: Any) -> Any:
    """The figure where there is one, else the other: what `or` means in an opening."""
    return np.where(np.isnan(figure), other, figure)


CONSTANTS = {
    name: value
    for names in (*map(vars, (demand, safety, technology, valuation)), globals())
    for name, value in names.items()
    if name.isupper()
}
FUNCTIONS = {
    function.__name__: function
    for function in (best, best_open, dearest_run, of, share_of, positive, larger, smaller, planned,
                     largest, either)
} | {"where": np.where}


class _Vocabulary(ast.NodeTransformer):
    """`node` becomes the figure of the column's own name, `or` becomes `either`, `if` `where`."""

    def __init__(self, column: str) -> None:
        self.column = column

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in ("node", "trait", "given"):
            return ast.Attribute(node, self.column, ast.Load())
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        return node  # `node.other` stays

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        return self._call("either", *node.values)

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        return self._call("where", node.test, node.body, node.orelse)

    def _call(self, name: str, *arguments: ast.expr) -> ast.expr:
        return ast.Call(ast.Name(name, ast.Load()), [self.visit(a) for a in arguments], [])


class Opening(NamedTuple):
    """The opening of a column, compiled."""

    code: CodeType
    names: frozenset[str]  # that it mentions
    figures: tuple[str, ...]  # of the agent's node that it mentions
    parameters: tuple[str, ...]  # that it mentions
    then: str  # column whose value it takes after the opening's rules; or nothing


@cache
def opening_of(name: str, text: str) -> Opening:
    """Compile an opening of the column (or account) of that name."""
    text, _, then = (text or "0").partition(", then ")
    tree = ast.parse(text, mode="eval")
    names = frozenset(part.id for part in ast.walk(tree) if isinstance(part, ast.Name))
    tree = ast.fix_missing_locations(_Vocabulary(name).visit(tree))
    asked = [(part.value.id, part.attr) for part in ast.walk(tree)
             if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name)]  # fmt: skip
    return Opening(
        compile(tree, f"opening of {name}", "eval"),
        names,
        tuple(dict.fromkeys(name for of, name in asked if of == "node")),
        tuple(dict.fromkeys(name for of, name in asked if of == "p")),
        then,
    )


class Opened(Mapping[str, Any]):
    """The columns of a table before the first month, each reckoned when it is first asked for.

    Parameters
    ----------
    declared : tuple of Column
    given : mapping
        What the expressions may name besides columns, constants and functions:
        ``node``, ``trait``, ``given``, or other tables.
    """

    def __init__(self, declared: tuple[Column, ...], given: Mapping[str, Any]) -> None:
        self.declared = {column.name: column for column in declared}
        self._given = dict(given)
        self._known: dict[str, Any] = {}

    def under(self, p: Any) -> Opened:
        """The same table under parameters; what does not hang on them is not reckoned again."""
        other = copy(self)
        other._given = self._given | {"p": p}
        other._known = self._free.copy()
        return other

    @cached_property
    def _free(self) -> dict[str, Any]:
        return {name: self[name] for name in self.declared if name not in self.bound}

    @cached_property
    def bound(self) -> list[str]:
        """Columns whose opening hangs on parameters, by itself or through other columns."""
        return [name for name in self.declared if self._hangs_on_parameters(name)]

    def _hangs_on_parameters(self, name: str) -> bool:
        names = opening_of(name, self.declared[name].opening).names
        columns = (names & self.declared.keys()) - {name}
        return "p" in names or any(self._hangs_on_parameters(column) for column in columns)

    def value(self, name: str, opening: str) -> Any:
        """What an expression comes to in this table; `name` is what ``node`` alone means."""
        with np.errstate(invalid="ignore"):
            return eval(opening_of(name, opening).code, {}, self)

    def __getitem__(self, name: str) -> Any:
        if name not in self._known and name in self.declared:
            self._known[name] = self.value(name, self.declared[name].opening)
        for source in (self._known, self._given, CONSTANTS, FUNCTIONS):
            if name in source:
                return source[name]
        raise KeyError(name)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # while it is copied
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self.declared)

    def __len__(self) -> int:
        return len(self.declared)


NAMED = ("node", "trait", "given", "p", "market")


def check_openings(place: str, declared: tuple[Column, ...], traits: Mapping[str, float]) -> None:
    """Refuse openings of an agent's table that name what is not there.

    Parameters
    ----------
    place : str
        The table, for the message.
    declared : tuple of Column
    traits : mapping
        What the agents' kind says of columns opened by ``trait``.

    Raises
    ------
    InputError
        No Python, an unknown name or parameter, a missing trait, or columns that wait for
        each other.
    """
    columns = [column.name for column in declared]
    parameters = [parameter.name for parameter in PARAMETERS]
    asks: dict[str, set[str]] = {}
    for column in declared:
        said = f"column {column.name!r} of {place}: opening {column.opening!r}"
        try:
            opening = opening_of(column.name, column.opening)
        except SyntaxError:
            raise InputError(f"{said} is no expression; see `world.opening`.") from None
        allowed = {*NAMED, *columns, *CONSTANTS, *FUNCTIONS}
        if unknown := sorted(opening.names - allowed):
            raise InputError(
                f"{said}: {unknown[0]!r} is unknown; it may name {', '.join(NAMED)}, the columns "
                f"{', '.join(columns)}, and constants and functions of `world.opening`."
            )
        for name in opening.parameters:
            if name not in parameters:
                near = get_close_matches(name, parameters, 1)
                hint = f"; did you mean {near[0]!r}?" if near else "; `docs/parameters.md` has all."
                raise InputError(f"{said}: there is no parameter {name!r}{hint}")
        if "trait" in opening.names and column.name not in traits:
            raise InputError(f"{said}: the traits of its kind do not say {column.name!r}.")
        asks[column.name] = set(opening.names & set(columns))
    for name in columns:
        met: set[str] = set()
        left = asks[name]
        while left:
            if name in left:
                raise InputError(f"column {name!r} of {place}: its opening waits for itself.")
            met |= left
            left = set().union(*(asks[other] for other in left)) - met
