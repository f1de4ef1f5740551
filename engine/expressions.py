"""Expressions of a rule, and what a rule may call."""

from __future__ import annotations

import ast
import inspect
import math
from collections.abc import Callable, Sequence
from typing import Any

from engine import maths
from engine.memory import Memory
from engine.values import ALL, APART, NONE, SCALAR, SOME, TOGETHER, Mismatch, Value, joined, number

COMPARES = {
    ast.Lt: ("olt", "slt"), ast.LtE: ("ole", "sle"), ast.Gt: ("ogt", "sgt"),
    ast.GtE: ("oge", "sge"), ast.Eq: ("oeq", "eq"), ast.NotEq: ("une", "ne"),
}  # fmt: skip
ARITHMETIC = {
    ast.Add: ("fadd", "add"), ast.Sub: ("fsub", "sub"), ast.Mult: ("fmul", "mul"),
    ast.BitAnd: ("", "and"), ast.BitOr: ("", "or"), ast.BitXor: ("", "xor"),
    ast.LShift: ("", "shl"), ast.RShift: ("", "ashr"),
}  # fmt: skip


class Expressions(Memory):
    """A function whose expressions become values."""

    world: dict[str, Any]
    types: dict[str, Value]
    aliases: dict[str, Value]
    slots: dict[str, str]

    def value(self, node: ast.expr) -> Value:
        return getattr(self, f"of_{type(node).__name__.lower()}", self.unknown)(node)  # type: ignore[no-any-return]

    def of_constant(self, node: ast.Constant) -> Value:
        if not isinstance(node.value, (bool, int, float)):
            raise self.refuse(node, "a rule computes with numbers.")
        return number(node.value)

    def of_name(self, node: ast.Name) -> Value:
        if node.id in self.aliases:
            return self.aliases[node.id]
        name = self.slots.get(node.id, node.id)
        if name in self.types:
            known = self.types[name]
            return known._replace(code=self.let(f"load {self.program.llvm(known)}, ptr %{name}.at"))
        found = self.world.get(node.id)
        if isinstance(found, (bool, int, float)):
            return number(found)
        raise self.refuse(node, f"{node.id!r} is no number known here.")

    def of_attribute(self, node: ast.Attribute) -> Value:
        if isinstance(node.value, ast.Name) and node.value.id not in self.aliases:
            module = self.world.get(node.value.id)
            if inspect.ismodule(module):
                return number(getattr(module, node.attr))
        if isinstance(node.value, ast.Name):
            base = self.aliases.get(node.value.id)
            if base is not None and base.kind == "market":
                if node.attr not in self.program.layout.tables:
                    raise self.refuse(node, f"a market has no table {node.attr!r}.")
                if node.attr in self.program.single:
                    return Value("0", "row", False, node.attr)
                return Value("", "table", False, node.attr)
        return self.read(node)

    def of_subscript(self, node: ast.Subscript) -> Value:
        table = self.value(node.value)
        if table.kind == "table" and "" not in self.program.layout.columns[table.of]:
            index = self.value(node.slice)
            return index._replace(kind="row", of=table.of)
        return self.read(node)

    def of_unaryop(self, node: ast.UnaryOp) -> Value:
        value = self.value(node.operand)
        wide = self.program.llvm(value)
        if isinstance(node.op, ast.Not):
            one = ALL if value.varies else "true"
            return value._replace(code=self.let(f"xor {wide} {value.code}, {one}"))
        if isinstance(node.op, ast.USub):
            if isinstance(node.operand, ast.Constant) and isinstance(node.operand.value, (int, float)):
                return number(-node.operand.value)
            if value.kind == "float":
                return value._replace(code=self.let(f"fneg {wide} {value.code}"))
            return self.arithmetic("sub", number(0), value)
        raise self.refuse(node, "use - or `not`.")

    def of_binop(self, node: ast.BinOp) -> Value:
        a, b = self.value(node.left), self.value(node.right)
        if isinstance(node.op, ast.Div):
            a, b = self.alike(self.as_float(a), self.as_float(b))
            self.check_divisor(b, "fcmp oeq", node)
            return self.arithmetic("fdiv", a, b)
        if isinstance(node.op, ast.Mod):
            return self.remainder(a, b, node)
        names = ARITHMETIC.get(type(node.op))
        kind = "float" in (a.kind, b.kind)
        if names is None or not names[0 if kind else 1]:
            raise self.refuse(node, "use + - * /, or exp and log for powers.")
        return self.arithmetic(names[0 if kind else 1], a, b)

    def remainder(self, a: Value, b: Value, node: ast.AST) -> Value:
        """Whole remainder of numbers from 0, by a positive one."""
        if "float" in (a.kind, b.kind):
            raise Mismatch("% is of whole numbers: use x - y * maths.floor(x / y).")
        a, b = self.alike(a, b)
        nothing = self.check_divisor(b, "icmp eq", node)
        # Elsewhere anything may stand, and a processor stops at a remainder by nothing.
        return self.arithmetic("srem", a, self.chosen(nothing, number(1), b))

    def check_divisor(self, divisor: Value, word: str, node: ast.AST) -> Value:
        """Leave an error if a divisor is nothing in a history that is meant; whether it is."""
        nothing = self.compared(word, *self.alike(divisor, number(0)))
        if not divisor.code.startswith("%") or self.source.__module__ == maths.__name__:
            return nothing  # a plain number, or a divisor that cannot be
        if nothing.varies:
            meant = nothing.code if self.mask == ALL else self.both(nothing.code, self.mask)
            happened = self.any(meant)
        else:
            happened = nothing.code
        bad, good = self.new(), self.new()
        self.w(f"br i1 {happened}, label {bad}, label {good}")
        self.label(bad)
        self.tell(f"{self.where(node)}: division by zero.")
        self.goto(good)
        self.label(good)
        return nothing

    def of_compare(self, node: ast.Compare) -> Value:
        left = self.value(node.left)
        found: Value | None = None
        for op, right_node in zip(node.ops, node.comparators, strict=True):
            right = self.value(right_node)
            if type(op) not in COMPARES:
                raise self.refuse(node, "compare numbers by < <= > >= == !=.")
            a, b = self.alike(left, right)
            floats, ints = COMPARES[type(op)]
            word = f"fcmp {floats}" if a.kind == "float" else f"icmp {ints}"
            one = self.compared(word, a, b)
            found = one if found is None else self.arithmetic("and", found, one)
            left = right
        assert found is not None
        return found

    def of_boolop(self, node: ast.BoolOp) -> Value:
        """`and`, `or`: the second is looked at only where the first leaves it open."""
        op = "and" if isinstance(node.op, ast.And) else "or"
        found = self.truth(self.value(node.values[0]), node.values[0])
        for part in node.values[1:]:
            found = self.second(op, found, part)
        return found

    def second(self, op: str, first: Value, node: ast.expr) -> Value:
        heavy = any(isinstance(n, (ast.Call, ast.Subscript, ast.Attribute)) for n in ast.walk(node))
        if first.varies:
            mask = self.mask
            still = first.code if op == "and" else self.inverse(first.code)
            self.mask = self.both(mask, still)
            other = self.truth(self.value(node), node)
            self.mask = mask
            return self.arithmetic(op, first, other)
        if not heavy:
            return self.arithmetic(op, first, self.truth(self.value(node), node))
        # Whether the second varies is known when it is written: so its place is made afterwards.
        more, end, place = self.new(), self.new(), f"{self.new()}.at"
        targets = (more, end) if op == "and" else (end, more)
        start = len(self.lines)
        self.label(more)
        other = self.truth(self.value(node), node)
        wide = self.program.llvm(other)
        self.w(f"store {wide} {other.code}, ptr {place}")
        self.goto(end)
        written, self.lines = self.lines[start:], self.lines[:start]
        self.allocated.append(f"{place} = alloca {wide}")
        before = self.spread(first) if other.varies else first
        self.w(f"store {wide} {before.code}, ptr {place}")
        self.w(f"br i1 {first.code}, label {targets[0]}, label {targets[1]}")
        self.lines += written
        self.label(end)
        return other._replace(code=self.let(f"load {wide}, ptr {place}"))

    def of_ifexp(self, node: ast.IfExp) -> Value:
        condition = self.truth(self.value(node.test), node.test)
        if condition.varies:
            mask = self.mask
            self.mask = self.both(mask, condition.code)
            a = self.value(node.body)
            self.mask = self.both(mask, self.inverse(condition.code))
            b = self.value(node.orelse)
            self.mask = mask
            return self.chosen(condition, a, b)
        then, other, end, place = self.new(), self.new(), self.new(), f"{self.new()}.at"
        self.w(f"br i1 {condition.code}, label {then}, label {other}")
        self.label(then)
        a = self.value(node.body)
        mark = len(self.lines)
        self.label(other)
        b = self.value(node.orelse)
        known = joined(a, b)
        wide = self.program.llvm(known)
        self.allocated.append(f"{place} = alloca {wide}")
        self.w(f"store {wide} {self.cast(b, known).code}, ptr {place}")
        self.goto(end)
        rest, self.lines = self.lines[mark:], self.lines[:mark]
        self.w(f"store {wide} {self.cast(a, known).code}, ptr {place}")
        self.goto(end)
        self.lines += rest
        self.label(end)
        return known._replace(code=self.let(f"load {wide}, ptr {place}"))

    # --- calls -------------------------------------------------------------------------------

    def of_call(self, node: ast.Call) -> Value:
        if node.keywords:
            raise self.refuse(node, "arguments are given by place.")
        if isinstance(node.func, ast.Attribute):
            module = self.world.get(getattr(node.func.value, "id", ""))
            target = getattr(module, node.func.attr, None) if inspect.ismodule(module) else None
        else:
            target = self.world.get(node.func.id, node.func.id)  # type: ignore[attr-defined]
        native = BUILT_IN.get(target)
        if native is not None:
            return native(self, node)
        source = target
        if not inspect.isfunction(source):
            raise self.refuse(node, "this function is unknown here.")
        given = [self.value(argument) for argument in node.args]
        if self.wide and source in self.program.apart:
            return self.one_by_one(source, given)
        way = self.way if not self.wide else TOGETHER if self.mask == ALL else SOME
        inner = self.program.function(source, given, way)
        passed = ["ptr %market"]
        passed += [f"{self.program.llvm(v)} {v.code}" for v in given if v.kind in SCALAR]
        passed += {SOME: [f"{self.masks} {self.mask}"], APART: ["i64 %lane"]}.get(way, [])
        call = f"call {self.program.llvm(inner.result)} @{inner.name}({', '.join(passed)})"
        if inner.result.kind == "none":
            self.w(call)
            return NONE
        code = self.let(call)
        if inner.result.kind not in ("tuple", "range"):
            return inner.result._replace(code=code)
        wide = self.program.llvm(inner.result)
        parts = tuple(part._replace(code=self.let(f"extractvalue {wide} {code}, {k}"))
                      for k, part in enumerate(inner.result.of))  # fmt: skip
        return inner.result._replace(of=parts)

    def one_by_one(self, source: Any, given: Sequence[Value]) -> Value:
        """Perform a function that returns nothing for one history after the other."""
        inner = self.program.function(source, given, APART)
        passed = ["ptr %market", *(f"{self.program.llvm(v)} {v.code}" for v in given
                                   if v.kind in SCALAR)]  # fmt: skip
        for lane in range(self.program.lanes):
            mine, after = self.new(), self.new()
            bit = self.let(f"extractelement {self.masks} {self.mask}, i64 {lane}")
            self.w(f"br i1 {self.let(f'icmp ne i64 {bit}, 0')}, label {mine}, label {after}")
            self.label(mine)
            self.w(f"call void @{inner.name}({', '.join([*passed, f'i64 {8 * lane}'])})")
            self.goto(after)
            self.label(after)
        return NONE

    def of_tuple(self, node: ast.Tuple) -> Value:
        return Value("", "tuple", False, tuple(map(self.value, node.elts)))


# --- what a rule may call -----------------------------------------------------------------------


def _smaller(f: Expressions, node: ast.Call) -> Value:
    return _extreme(f, node, ("olt", "slt"))


def _larger(f: Expressions, node: ast.Call) -> Value:
    return _extreme(f, node, ("ogt", "sgt"))


def _extreme(f: Expressions, node: ast.Call, words: tuple[str, str]) -> Value:
    found = f.value(node.args[0])
    for other in node.args[1:]:
        a, b = f.alike(found, f.value(other))
        word = f"fcmp {words[0]}" if a.kind == "float" else f"icmp {words[1]}"
        found = f.chosen(f.compared(word, b, a), b, a)
    return found


def _length(f: Expressions, node: ast.Call) -> Value:
    return f.length(f.value(node.args[0]).of)


def _range(f: Expressions, node: ast.Call) -> Value:
    parts = [f.value(a) for a in node.args]
    if len(parts) == 1:
        parts = [number(0), *parts]
    if len(parts) == 2:
        parts.append(number(1))
    return Value("", "range", False, tuple(parts))


def _intrinsic(name: str) -> Callable[[Expressions, ast.Call], Value]:
    def call(f: Expressions, node: ast.Call) -> Value:
        value = f.as_float(f.value(node.args[0]))
        wide = f.program.llvm(value)
        suffix = f"v{f.program.lanes}f64" if value.varies else "f64"
        f.program.declared.add(f"declare {wide} @llvm.{name}.{suffix}({wide})")
        return value._replace(code=f.let(f"call {wide} @llvm.{name}.{suffix}({wide} {value.code})"))

    return call


def _absolute(f: Expressions, node: ast.Call) -> Value:
    value = f.value(node.args[0])
    if value.kind == "float":
        return _intrinsic("fabs")(f, node)
    negative = f.arithmetic("sub", number(0), value)
    return _pick(f, "slt", value, number(0), negative, value)


def _pick(f: Expressions, word: str, a: Value, b: Value, yes: Value, no: Value) -> Value:
    a, b = f.alike(a, b)
    return f.chosen(f.compared(f"icmp {word}", a, b), yes, no)


def _whole(f: Expressions, node: ast.Call) -> Value:
    value = f.value(node.args[0])
    if value.kind == "int":
        return value
    return f.as_int(_intrinsic("trunc")(f, node))


def _floor(f: Expressions, node: ast.Call) -> Value:
    return f.as_int(_intrinsic("floor")(f, node))


def _real(f: Expressions, node: ast.Call) -> Value:
    return f.as_float(f.value(node.args[0]))


def _cast_bits(to: str) -> Callable[[Expressions, ast.Call], Value]:
    def call(f: Expressions, node: ast.Call) -> Value:
        value = f.value(node.args[0])
        wide = f.program.llvm(value)
        target = Value("", to, value.varies)
        return target._replace(
            code=f.let(f"bitcast {wide} {value.code} to {f.program.llvm(target)}")
        )

    return call


BUILT_IN: dict[Any, Callable[[Expressions, ast.Call], Value]] = {
    "min": _smaller, "max": _larger, "len": _length, "range": _range, "abs": _absolute,
    "int": _whole, "float": _real, math.sqrt: _intrinsic("sqrt"), math.floor: _floor,
    maths.bits: _cast_bits("int"), maths.from_bits: _cast_bits("float"),
}  # fmt: skip
