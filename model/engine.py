"""Both engines' one source of motion: a rulebook's rules as machine code."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from engine.layout import Layout
from engine.machine import Code, Written, compiled, is_kept
from engine.translate import Program
from engine.values import DialectError
from model import identity
from model.month import functions_of
from model.rulebook import Rulebook
from world.compiled import PLAIN_PYTHON
from world.errors import InputError
from world.identity import definition_of
from world.opening import Opened
from world.parameters import PARAMETERS
from world.tables import SINGLE, Tables

ENTRIES = {"open_history": 0, "clear_month": 0, "observe_month": 1, "run_history": 1}
UNKEPT = ("entries", "events")  # what histories side by side do not write down
APART = ("economy_records_releases",)
"""Sentences that histories side by side perform one after the other, as those in a drawn order:
so little is done in so few histories that the others would wait (`python -m benchmarks.lanes`)."""
SHARED = {"industry.month"}  # what is written and yet the same for all

Kinds = tuple[tuple[str, Any], ...]


class Addressed(Protocol):
    """What machine code is given: the address of a block whose first word takes an error."""

    @property
    def address(self) -> int: ...

    @property
    def error(self) -> int: ...


class Engine:
    """What both engines call, for tables of one layout.

    Parameters
    ----------
    rulebook : Rulebook
    layout : tuple
        Names and NumPy types of the tables, in order.
    """

    lanes = 1
    apart: Sequence[str] = ()
    own: frozenset[str] = frozenset()

    def __init__(self, rulebook: Rulebook, layout: Kinds) -> None:
        self.rulebook = rulebook
        self.layout = layout
        self._rules = {phase.rule for phase in (*rulebook.opening, *rulebook.month)}
        self._known: dict[Any, Callable[..., None]] = {}
        self._wide: dict[tuple[int, bool], WideEngine] = {}

    def open_history(self, market: Addressed) -> None:
        """Perform the opening's rules."""
        self._call("open_history", market)

    def clear_month(self, market: Addressed) -> None:
        """Set back the columns that live a month."""
        self._call("clear_month", market)

    def observe_month(self, market: Addressed, t: int) -> None:
        """Fill row `t` of the indicators."""
        self._call("observe_month", market, t)

    def run_history(self, market: Addressed, months: int) -> None:
        """Run months and observe each, in the first rows of the indicators."""
        self._call("run_history", market, months)

    def perform_all(self, name: str, market: Addressed) -> None:
        """Let all whom a sentence names act by its rule, in their order."""
        self._call(f"all_{name}", market)

    def perform(self, rule: Any, market: Addressed, row: int) -> None:
        """Let one row act by a rule of the month or the opening; `InputError` if it is none."""
        if PLAIN_PYTHON:
            with np.errstate(divide="raise", invalid="raise"):
                rule(market, row)
        elif rule in self._rules:
            self._call(rule.__name__, market, row)
        else:
            raise InputError(f"rule {rule.__name__!r} stands in no sentence of month or opening.")

    def _call(self, name: str, market: Addressed, *numbers: int) -> None:
        function = self._known.get(name)
        if function is None:
            function = self._known[name] = self._function(name)
        if PLAIN_PYTHON:  # rows hold numbers of NumPy, which only warns unless told otherwise
            with np.errstate(divide="raise", invalid="raise"):
                function(market, *numbers)
            return
        function(market.address, *numbers)
        if error := market.error:
            raise RuntimeError(self._code.notes["errors"][error - 1])

    def _function(self, name: str) -> Callable[..., None]:
        if PLAIN_PYTHON:
            return self._plain[name]
        numbers = ENTRIES.get(name, 0 if name.startswith("all_") else 1)
        return self._code.function(name, numbers)

    def side_by_side(self, lanes: int, several: bool = False) -> WideEngine:
        """Return the engine of so many histories side by side, of one start or of several."""
        key = (lanes, several)
        if key not in self._wide:
            self._wide[key] = WideEngine(self, lanes, several=several)
        return self._wide[key]

    @property
    def written(self) -> set[str]:
        """Columns that rules write: ``table.column``."""
        return set(self._code.notes["written"])

    @cached_property
    def _plain(self) -> dict[str, Callable[..., None]]:
        """The same functions as plain Python."""
        phases = (*self.rulebook.opening, *self.rulebook.month)
        return functions_of(self.rulebook) | {phase.name: phase.rule for phase in phases}

    @property
    def is_kept(self) -> bool:
        """Whether its machine code need not be made first."""
        return "_code" in self.__dict__ or is_kept(self._name)

    @cached_property
    def _code(self) -> Code:
        try:
            return compiled(self._name, self._translated)
        except DialectError as error:
            raise InputError(str(error)) from None

    @property
    def _name(self) -> str:
        """Identity of the machine code: rules, readings, and how the tables lie."""
        described = [(name, kind.descr if kind.names else str(kind)) for name, kind in self.layout]
        lie = hashlib.blake2b(repr(described).encode(), digest_size=8).hexdigest()
        rules, readings = identity.rules(self.rulebook), identity.readings(self.rulebook)
        return f"{rules} {readings} {lie} {self.lanes} {self.apart} {sorted(self.own)}"

    def _translated(self) -> Written:
        """Translate everything that can be called."""
        program = Program(Layout(dict(self.layout)), SINGLE, definition_of)
        rules = {p.name: p.rule for p in (*self.rulebook.opening, *self.rulebook.month)}
        program.rules = set(rules.values())
        functions = functions_of(self.rulebook)
        for name, numbers in ENTRIES.items():
            program.entry(name, functions[name], "market", *["int"] * numbers)
        for name, rule in rules.items():
            program.entry(name, rule, "market", "int")
        for name, function in functions.items():
            if name.startswith("all_"):
                program.entry(name, function, "market")
        return program.whole()


class WideEngine(Engine):
    """The same for histories side by side.

    Parameters
    ----------
    narrow : Engine
        That of one history.
    lanes : int
        Histories side by side.
    apart : sequence of str
        Rules whose sentences are performed one history after the other; those in a drawn
        order always are.
    several : bool
        Whether each history has its own parameters.

    Attributes
    ----------
    places : Layout
        Where they lie.
    own : frozenset of str
        What hangs on parameters, of which each history then has its own.
    """

    def __init__(self, narrow: Engine, lanes: int, apart: Sequence[str] = APART,
                 several: bool = False) -> None:  # fmt: skip
        super().__init__(narrow.rulebook, narrow.layout)
        self.lanes = lanes
        self.apart = apart
        if several:
            self.own = hanging_on_parameters(narrow.rulebook)
        varies = narrow.written - SHARED | {"luck.low", "luck.high"} | self.own
        for place, declared in narrow.rulebook.columns.items():
            varies |= {f"{place}.{c.name}" for c in declared if ", then " in c.opening}
        self.places = Layout(dict(narrow.layout), varies, lanes)

    def _translated(self) -> Written:
        functions = functions_of(self.rulebook)
        phases = (*self.rulebook.opening, *self.rulebook.month)
        apart = [functions[f"all_{p.name}"] for p in phases if p.drawn or p.name in self.apart]
        program = Program(self.places, SINGLE, definition_of, SHARED, UNKEPT, apart)
        program.rules = {phase.rule for phase in phases}
        for name in ("open_history", "run_history"):
            program.entry(name, functions[name], "market", *["int"] * ENTRIES[name])
        return program.whole()


def hanging_on_parameters(rulebook: Rulebook) -> frozenset[str]:
    """Columns that differ at the start of histories under different parameters."""
    found = {"balance", *(f"parameters.{parameter.name}" for parameter in PARAMETERS)}
    for place, declared in rulebook.columns.items():
        found |= {f"{place}.{name}" for name in Opened(declared, {}).bound}
    return frozenset(found)


def layout_of(tables: Tables) -> Kinds:
    """Names and types of the tables, in order."""
    return tuple((name, np.asarray(array).dtype) for name, array in tables)


_ENGINES: dict[tuple[Rulebook, Kinds], Engine] = {}


def engine_of(rulebook: Rulebook, tables: Tables) -> Engine:
    """Return the engine of a rulebook for such tables; one a process."""
    key = (rulebook, layout_of(tables))
    if key not in _ENGINES:
        _ENGINES[key] = Engine(*key)
    return _ENGINES[key]
