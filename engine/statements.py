"""Statements of a rule: names, decisions and loops.

A decision on which histories differ is no jump: both branches are performed, each for the
histories that take it. Those that return, break or continue are taken out of the mask.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from engine.expressions import Expressions
from engine.values import SCALAR, Mismatch, Value, joined

EXITS = (ast.Return, ast.Raise)
JUMPS = (*EXITS, ast.Break, ast.Continue)


def leaving(body: Sequence[ast.AST], inside: bool = False) -> Iterator[ast.AST]:
    """Statements by which one leaves others: exits, and jumps of no loop among them."""
    for node in body:
        loop = isinstance(node, (ast.For, ast.While))
        if isinstance(node, EXITS) or (isinstance(node, JUMPS) and not inside):
            yield node
        yield from leaving(list(ast.iter_child_nodes(node)), inside or loop)


class Statements(Expressions):
    """A function whose statements are performed in turn."""

    homes: dict[tuple[str, int], int]
    scopes: dict[int, str]
    here: int
    live: str
    loops: list[dict[str, Any]]
    ways_out: list[str]
    returned: bool
    result: Value

    def block(self, body: Sequence[ast.stmt]) -> None:
        around = self.here
        for statement in body:
            self.begin(body)
            perform = getattr(self, f"on_{type(statement).__name__.lower()}", self.unknown)
            try:
                perform(statement)
            except Mismatch as error:
                raise self.refuse(statement, str(error)) from None
            if isinstance(statement, JUMPS):
                break
        self.scopes.pop(id(body), None)
        self.here = around

    def begin(self, body: Sequence[ast.stmt]) -> None:
        """From here on names are given in a block, for the histories that are now meant."""
        self.here = id(body)
        self.scopes[self.here] = self.mask

    def on_expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):
            self.value(node.value)

    def on_pass(self, node: ast.Pass) -> None:
        pass

    def on_raise(self, node: ast.Raise) -> None:
        self.tell(node.exc.args[0].value)  # type: ignore[union-attr]
        self.leave()

    def on_assign(self, node: ast.Assign) -> None:
        value = self.value(node.value)
        self.store(node.targets[0], value)

    def on_augassign(self, node: ast.AugAssign) -> None:
        target = ast.copy_location(ast.parse(ast.unparse(node.target), mode="eval").body, node)
        both = ast.copy_location(ast.BinOp(target, node.op, node.value), node)
        self.store(node.target, self.value(both))

    def store(self, target: ast.expr, value: Value) -> None:
        if isinstance(target, ast.Tuple):
            for part, given in zip(target.elts, value.of, strict=True):
                self.store(part, given)
        elif isinstance(target, ast.Name):
            self.store_name(target.id, value)
        else:
            self.write(target, value)

    def store_name(self, name: str, value: Value) -> None:
        if value.kind not in SCALAR or (value.kind == "row" and not value.code.startswith("%")):
            self.aliases[name] = value
            return
        # Histories that are not here never read it again: it may be given to all alike.
        free = not self.wide or self.scopes.get(self.homes[name, self.here]) == self.mask
        if not free:
            value = self.spread(value)
        if value.kind == "row":  # one name may be given rows of several tables, in turn
            self.slots[name] = name = f"{name}.{value.of}"
        known = self.types[name] = joined(self.types.get(name), value)
        value = self.cast(value, known)
        wide = self.program.llvm(known)
        code = value.code
        if not free:
            old = self.let(f"load {wide}, ptr %{name}.at")
            code = self.select(self.mask, wide, code, old)
        self.w(f"store {wide} {code}, ptr %{name}.at")

    # --- decisions ---------------------------------------------------------------------------

    def on_if(self, node: ast.If) -> None:
        condition = self.truth(self.value(node.test), node.test)
        then, other, end = self.new(), self.new(), self.new()
        after = other if node.orelse else end
        if not condition.varies:
            self.w(f"br i1 {condition.code}, label {then}, label {after}")
            for label, body in ((then, node.body), (other, node.orelse)):
                if body:
                    mask = self.mask
                    self.label(label)
                    self.block(body)
                    self.goto(end)
                    self.mask = mask
            self.label(end)
            self.narrow([node])
            return
        mask, selecting = self.mask, self.selecting
        self.selecting = True
        takes = self.both(condition.code, mask)
        leaves = self.both(self.inverse(condition.code), mask) if node.orelse else ""
        self.w(f"br i1 {self.any(takes)}, label {then}, label {after}")
        self.label(then)
        self.mask = takes
        self.ways_out.append(after)
        self.block(node.body)
        self.goto(after)
        if node.orelse:
            self.label(other)
            last = self.new()
            self.w(f"br i1 {self.any(leaves)}, label {last}, label {end}")
            self.label(last)
            self.mask = leaves
            self.ways_out[-1] = end
            self.block(node.orelse)
            self.goto(end)
        self.ways_out.pop()
        self.label(end)
        self.mask, self.selecting = mask, selecting
        self.narrow([node])

    def narrow(self, body: Sequence[ast.stmt]) -> None:
        """After statements in which histories may have jumped: go on with those that did not."""
        if not self.wide:
            return
        jumps = list(leaving(body))
        if not jumps:
            return
        if any(isinstance(n, EXITS) for n in jumps):
            self.mask = self.both(self.mask, self.read_flag(self.live))
        if self.loops and any(not isinstance(n, EXITS) for n in jumps):
            self.mask = self.both(self.mask, self.read_flag(self.loops[-1]["turn"]))
            self.selecting = True
        go = self.new()
        self.w(f"br i1 {self.any(self.mask)}, label {go}, label {self.ways_out[-1]}")
        self.label(go)

    def on_return(self, node: ast.Return) -> None:
        if node.value is not None:
            value = self.value(node.value)
            partly = self.selecting or self.returned
            if value.kind in ("tuple", "range"):
                value = self.packed(value, partly)
            else:
                if partly:
                    value = self.spread(value)
                self.result = joined(self.result, value)
                value = self.cast(value, self.result)
            wide = self.program.llvm(self.result)
            code = value.code
            if partly and value.kind not in ("tuple", "range"):
                old = self.let(f"load {wide}, ptr %result.at")
                code = self.select(self.mask, wide, code, old)
            self.w(f"store {wide} {code}, ptr %result.at")
        self.leave()

    def leave(self) -> None:
        """Go to the end of the function."""
        if self.selecting:
            self.drop(self.live, self.mask)
            self.returned = True
        else:
            self.goto("%exit")
            self.label(self.new())

    def packed(self, value: Value, partly: bool) -> Value:
        parts = tuple(self.spread(v) if partly else v for v in value.of)
        self.result = joined(self.result, value._replace(of=parts))
        parts = tuple(self.cast(v, t) for v, t in zip(parts, self.result.of, strict=True))
        wide = self.program.llvm(self.result)
        code = "poison"
        old = self.let(f"load {wide}, ptr %result.at") if partly else ""
        for k, part in enumerate(parts):
            kind = self.program.llvm(part)
            name = part.code
            if partly:
                before = self.let(f"extractvalue {wide} {old}, {k}")
                name = self.select(self.mask, kind, name, before)
            code = self.let(f"insertvalue {wide} {code}, {kind} {name}, {k}")
        return self.result._replace(code=code)

    # --- loops -------------------------------------------------------------------------------

    def on_for(self, node: ast.For) -> None:
        if isinstance(node.iter, ast.Tuple):
            for part in node.iter.elts:
                value = self.value(part)
                self.begin(node.body)
                self.store(node.target, value)
                self.block(node.body)
            return
        span = self.value(node.iter)
        if span.kind != "range":
            raise self.refuse(node.iter, "a rule loops over a range, e.g. `along(...)`.")
        low, high, step = span.of
        name = node.target.id  # type: ignore[attr-defined]
        if low.varies or high.varies:
            low, high = self.spread(low), self.spread(high)
        self.turns(low, high, step, name, node)

    def turns(self, low: Value, high: Value, step: Value, name: str, node: ast.For) -> None:
        """The loop over a range, each history over its own if the range varies."""
        varies = low.varies
        wide = self.program.llvm(low)
        at = f"{self.new()}.at"
        self.allocated.append(f"{at} = alloca {wide}")
        self.w(f"store {wide} {low.code}, ptr {at}")
        less = "slt" if not step.code.startswith("-") else "sgt"

        def condition() -> Value:
            k = self.let(f"load {wide}, ptr {at}")
            self.turn = Value(k, "int", varies)
            return self.compared(f"icmp {less}", self.turn, high)

        def first() -> None:
            if name != "_":
                self.begin(node.body)
                self.store_name(name, self.turn)
            width = self.spread(step).code if varies else step.code
            following = self.let(f"add {wide} {self.turn.code}, {width}")
            self.w(f"store {wide} {following}, ptr {at}")

        self.repeat(condition, first, node.body, varies)

    def on_while(self, node: ast.While) -> None:
        self.repeat(lambda: self.truth(self.value(node.test), node.test), lambda: None, node.body,
                    True)  # fmt: skip

    def repeat(self, condition: Callable[[], Value], first: Callable[[], None],
               body: Sequence[ast.stmt], varies: bool) -> None:  # fmt: skip
        """Go round while a condition holds; histories that break or return stay behind."""
        head, inside, end = self.new(), self.new(), self.new()
        mask, selecting = self.mask, self.selecting
        jumps = list(leaving(body))
        wide = self.wide and (varies or bool(jumps))
        loop: dict[str, Any] = {"end": end, "head": head, "turn": "", "stay": ""}
        if wide:
            loop["stay"] = self.flag("stay", mask)
            loop["turn"] = self.flag("turn", mask)
        self.loops.append(loop)
        self.ways_out.append(head)
        self.goto(head)
        self.label(head)
        if wide:
            self.mask = self.read_flag(loop["stay"])
            if any(isinstance(n, EXITS) for n in jumps):
                self.mask = self.both(self.mask, self.read_flag(self.live))
        holds = condition()
        breaks = any(isinstance(n, (ast.Break, *EXITS)) for n in jumps)
        if holds.varies:
            self.selecting = True
            self.mask = self.both(self.mask, holds.code)
            self.w(f"store {self.masks} {self.mask}, ptr {loop['stay']}")
            self.w(f"br i1 {self.any(self.mask)}, label {inside}, label {end}")
        elif wide and breaks:
            self.selecting = True
            more = self.let(f"and i1 {holds.code}, {self.any(self.mask)}")
            self.w(f"br i1 {more}, label {inside}, label {end}")
        else:
            self.w(f"br i1 {holds.code}, label {inside}, label {end}")
        self.label(inside)
        if wide:
            self.w(f"store {self.masks} {self.mask}, ptr {loop['turn']}")
        first()
        self.block(body)
        self.goto(head)
        self.label(end)
        self.loops.pop()
        self.ways_out.pop()
        self.mask, self.selecting = mask, selecting
        if wide and any(isinstance(n, EXITS) for n in jumps):
            self.narrow(body)

    def on_continue(self, node: ast.Continue) -> None:
        if self.selecting:
            self.drop(self.loops[-1]["turn"], self.mask)
        else:
            self.goto(self.loops[-1]["head"])
            self.label(self.new())

    def on_break(self, node: ast.Break) -> None:
        if self.selecting:
            self.drop(self.loops[-1]["stay"], self.mask)
            self.drop(self.loops[-1]["turn"], self.mask)
        else:
            self.goto(self.loops[-1]["end"])
            self.label(self.new())
