"""From the syntax tree of a rule to LLVM's language, for one history or several side by side.

A value either is the same in all histories that lie side by side or *varies* between them;
what reads a column of which each history has its own, varies. With a single history nothing
varies and the code is the ordinary one.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Container, Sequence
from typing import Any

from engine.layout import Layout
from engine.machine import Written
from engine.statements import EXITS, Statements
from engine.values import ALL, APART, NONE, ONE, SCALAR, SOME, TOGETHER, WIDE, Value, joined


class Program:
    """Functions of one set of tables, translated.

    Parameters
    ----------
    layout : Layout
        Where the columns of all tables lie.
    single : sequence of str
        Tables of one row, which answer as that row.
    definition : callable
        Returns the syntax tree of a function.
    shared : sequence of str
        Columns that are written and yet the same for all: ``table.column``.
    unkept : sequence of str
        Tables that nobody reads: what is written there is left out.
    apart : collection of functions
        Those that histories side by side perform one after the other.
    """

    def __init__(self, layout: Layout, single: Container[str],
                 definition: Callable[[Any], ast.FunctionDef],
                 shared: Container[str] = (), unkept: Container[str] = (),
                 apart: Container[Any] = ()) -> None:  # fmt: skip
        self.layout = layout
        self.single = single
        self.definition = definition
        self.lanes = layout.lanes
        self.shared = shared
        self.unkept = unkept
        self.apart = apart
        self.rules: set[Any] = set()
        self.known: dict[Any, Function] = {}
        self.texts: list[str] = []
        self.tags: dict[str, int] = {}
        self.declared: set[str] = set()
        self.errors: list[str] = []
        self.written: set[str] = set()

    def function(self, source: Any, arguments: Sequence[Value], way: str) -> Function:
        """Translate a function for arguments of some types, to be performed in some way."""
        key = (source, way, tuple(a.type for a in arguments))
        if key not in self.known:
            name = f"{source.__name__}.{len(self.known)}"
            self.known[key] = Function(self, source, key[2], way, name)
            self.known[key].translate()
            self.texts.append(self.known[key].text)
        return self.known[key]

    def entry(self, name: str, source: Any, *kinds: str) -> None:
        """Translate a function that is called from outside: ``name(market, ...)``."""
        way = ONE if self.lanes == 1 else TOGETHER
        inner = self.function(source, [Value("", kind) for kind in kinds], way)
        types = ["ptr", *(SCALAR[kind] for kind in kinds if kind in SCALAR)]
        passed = ", ".join(f"{t} %a{k}" for k, t in enumerate(types))
        body = f"call {self.llvm(inner.result)} @{inner.name}({passed})\n  ret void"
        self.texts.append(f"define void @{name}({passed}) {{\n  {body}\n}}")

    def llvm(self, value: Value) -> str:
        """LLVM's type of a value."""
        if value.kind == "none":
            return "void"
        if value.kind in ("tuple", "range"):
            return "{" + ", ".join(map(self.llvm, value.of)) + "}"
        if value.kind in ("market", "table"):
            return "ptr"
        if not value.varies:
            return SCALAR[value.kind]
        return f"<{self.lanes} x {WIDE[value.kind]}>"

    def tag(self, place: str) -> str:
        """Metadata that says: what lies in one column never lies in another."""
        return f"!tbaa !{2 + 2 * self.tags.setdefault(place, len(self.tags))}"

    def whole(self) -> Written:
        """The whole program; its notes list the `errors` by number and what is `written`."""
        lines = [*self.texts, *sorted(self.declared), '!0 = !{!"columns"}']
        for place, k in self.tags.items():
            lines.append(f'!{2 * k + 1} = !{{!"{place}", !0, i64 0}}')
            lines.append(f"!{2 * k + 2} = !{{!{2 * k + 1}, !{2 * k + 1}, i64 0}}")
        lines.append(f"!{2 * len(self.tags) + 1} = !{{}}")
        text = "\n".join(lines).replace("!nothing", f"!{2 * len(self.tags) + 1}")
        return Written(text, {"errors": self.errors, "written": sorted(self.written)})


def homes(tree: ast.FunctionDef) -> dict[tuple[str, int], int]:
    """Where a name that is given in a block lives: by name and block, the home's block.

    A home is the largest block around that gives the name before anything in it reads it. What
    is given there is read there only, if every place that names it has a home; else the name
    lives in the whole function.
    """
    met: dict[str, list[tuple[tuple[int, ...], bool]]] = {}  # blocks around, whether it is given

    def visit(body: Sequence[ast.stmt], way: tuple[int, ...]) -> None:
        way = (*way, id(body))
        for statement in body:
            if isinstance(statement, ast.For):
                look(statement.iter, way)
                look(statement.target, (*way, id(statement.body)))
                visit(statement.body, way)
            elif isinstance(statement, (ast.If, ast.While)):
                look(statement.test, way)
                visit(statement.body, way)
                visit(statement.orelse, way)
            else:
                look(statement, way)

    def look(node: ast.AST, way: tuple[int, ...]) -> None:
        adds = isinstance(node, ast.AugAssign)
        names = [n for n in ast.walk(node) if isinstance(n, ast.Name)]
        for name in sorted(names, key=lambda n: isinstance(n.ctx, ast.Store)):  # reads come first
            met.setdefault(name.id, []).append((way, isinstance(name.ctx, ast.Store) and not adds))

    visit(tree.body, ())
    whole = id(tree.body)
    found = {}
    for name, places in met.items():
        first: dict[int, bool] = {}  # whether a block begins by giving the name itself
        for way, given in places:
            for depth, block in enumerate(way):
                first.setdefault(block, given and depth == len(way) - 1)
        around = [[block for block in way if first[block]] for way, _ in places]
        for (way, _), home in zip(places, around, strict=True):
            found[name, way[-1]] = home[0] if all(around) else whole
    return found


class Function(Statements):
    """One function for arguments of some types."""

    def __init__(
        self, program: Program, source: Any, arguments: Sequence[Value], way: str, name: str
    ) -> None:
        self.program = program
        self.source = source
        self.arguments = arguments
        self.way = way
        self.wide = way in (TOGETHER, SOME)
        self.name = name
        self.tree = program.definition(source)
        self.world = source.__globals__
        self.result = NONE
        self.types: dict[str, Value] = {}
        assigned = [n.id for n in ast.walk(self.tree) if isinstance(n, ast.Name)
                    and isinstance(n.ctx, ast.Store)]  # fmt: skip
        self.assigned = set(assigned)
        self.homes = homes(self.tree) if self.wide else {}
        self.text = ""

    # --- the frame ---------------------------------------------------------------------------

    def translate(self) -> None:
        """Write it again until no type changes any more."""
        for _ in range(20):
            before = (dict(self.types), self.result)
            self._write()
            if before == (self.types, self.result):
                break
        result = self.program.llvm(self.result)
        taken = ["ptr %market"]
        start = []
        for argument, name in zip(self.arguments, self._names(), strict=True):
            if argument.kind in SCALAR:
                taken.append(f"{self.program.llvm(argument)} %{name}")
        taken += {SOME: [f"{self.masks} %mask"], APART: ["i64 %lane"]}.get(self.way, [])
        start += [f"%{n}.at = alloca {self.program.llvm(t)}" for n, t in self.types.items()]
        start += self.allocated
        if self.result.kind != "none":
            start.append(f"%result.at = alloca {result}")
            end = [f"%result = load {result}, ptr %result.at", f"ret {result} %result"]
        else:
            end = ["ret void"]
        alone = " noinline" if self.source in self.program.rules else ""
        lines = [f"define internal {result} @{self.name}({', '.join(taken)}){alone} {{", "entry:"]
        lines += [f"  {line}" for line in (*start, *self.opening)]
        lines += self.lines
        lines += ["  br label %exit", "exit:", *(f"  {line}" for line in end), "}"]
        self.text = "\n".join(lines)

    def _names(self) -> list[str]:
        return [a.arg for a in self.tree.args.args]

    def _write(self) -> None:
        self.lines: list[str] = []
        self.count = 0
        self.allocated: list[str] = []
        self.opening: list[str] = []
        self.aliases: dict[str, Value] = {}
        self.slots: dict[str, str] = {}
        self.mask = "%mask" if self.way == SOME else ALL
        self.selecting = False
        self.returned = False
        self.live = ""
        self.loops: list[dict[str, Any]] = []
        self.scopes: dict[int, str] = {}
        self.here = id(self.tree.body)
        self.ways_out = ["%exit"]
        for argument, name in zip(self.arguments, self._names(), strict=True):
            value = argument._replace(code=f"%{name}")
            if name in self.assigned and argument.kind in SCALAR:
                self.types[name] = joined(self.types.get(name), value)
                given = self.cast(value, self.types[name], self.opening)
                self.opening.append(f"store {self.program.llvm(given)} {given.code}, ptr %{name}.at")
            else:
                self.aliases[name] = value
        if self.wide and any(isinstance(n, EXITS) for n in ast.walk(self.tree)):
            self.live = self.flag("live", self.mask, self.opening)
        self.block(self.tree.body)
