"""Lines of LLVM's language: names, places to go, masks, conversions, arithmetic."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from engine.values import (
    ALL,
    WIDE,
    DialectError,
    Mismatch,
    Value,
    number,
)

if TYPE_CHECKING:
    from engine.translate import Program


MAGIC = number(6755399441055744.0).code  # 1.5 * 2**52: whole numbers to 2**51 lie in its bits
MAGIC_BITS = 0x4338000000000000


class Lines:
    """A function that is being written, line by line.

    Attributes
    ----------
    program : Program
    source : function
        What is translated, and `tree`, its syntax tree.
    way : str
        How it is performed; `wide` if for several histories at once.
    mask : str
        Name of the mask of the histories that are now meant, `ALL` of them or some; `selecting`
        if others wait for them.
    """

    program: Program
    source: Any
    tree: ast.FunctionDef
    way: str
    wide: bool
    mask: str
    selecting: bool
    lines: list[str]
    allocated: list[str]
    count: int

    def value(self, node: ast.expr) -> Value:
        """Write an expression."""
        raise NotImplementedError

    def unknown(self, node: ast.AST) -> Any:
        raise self.refuse(node, f"a rule cannot use {type(node).__name__}.")

    def refuse(self, node: ast.AST, instead: str) -> DialectError:
        """The error that says where a rule leaves the dialect."""
        return DialectError(f"{self.where(node)}: {instead}")

    def where(self, node: ast.AST) -> str:
        """File, line and text of a piece of a rule."""
        line = getattr(node, "lineno", self.tree.lineno)
        file = self.source.__code__.co_filename
        return f"{file}, line {line}: {ast.unparse(node)!r}"

    def tell(self, message: str) -> None:
        """Leave an error in the block, where there is none yet."""
        errors = self.program.errors
        if message not in errors:
            errors.append(message)
        before = self.let("load i64, ptr %market")
        none = self.let(f"icmp eq i64 {before}, 0")
        first = self.let(f"select i1 {none}, i64 {errors.index(message) + 1}, i64 {before}")
        self.w(f"store i64 {first}, ptr %market")

    # --- lines -------------------------------------------------------------------------------

    def w(self, line: str) -> None:
        self.lines.append("  " + line)

    def new(self) -> str:
        self.count += 1
        return f"%t{self.count}"

    def let(self, line: str, into: list[str] | None = None) -> str:
        name = self.new()
        if into is None:
            self.w(f"{name} = {line}")
        else:
            into.append(f"{name} = {line}")
        return name

    def label(self, name: str) -> None:
        self.lines.append(f"{name[1:]}:")

    def goto(self, name: str) -> None:
        self.w(f"br label {name}")

    @property
    def masks(self) -> str:
        return f"<{self.program.lanes} x i64>"

    def flag(self, name: str, value: str, into: list[str] | None = None) -> str:
        place = f"{self.new()}.{name}"
        self.allocated.append(f"{place} = alloca {self.masks}")
        line = f"store {self.masks} {value}, ptr {place}"
        self.w(line) if into is None else into.append(line)
        return place

    def read_flag(self, place: str) -> str:
        return self.let(f"load {self.masks}, ptr {place}")

    def drop(self, place: str, mask: str) -> None:
        """Take histories out of a mask in memory."""
        left = self.let(f"and {self.masks} {self.read_flag(place)}, {self.inverse(mask)}")
        self.w(f"store {self.masks} {left}, ptr {place}")

    def inverse(self, mask: str) -> str:
        return self.let(f"xor {self.masks} {mask}, {ALL}")

    def both(self, a: str, b: str) -> str:
        return self.let(f"and {self.masks} {a}, {b}")

    def bits(self, mask: str) -> str:
        """A mask as LLVM's vector of bits."""
        return self.let(f"icmp slt {self.masks} {mask}, zeroinitializer")

    def any(self, mask: str) -> str:
        bits = f"i{self.program.lanes}"
        whole = self.let(f"bitcast <{self.program.lanes} x i1> {self.bits(mask)} to {bits}")
        return self.let(f"icmp ne {bits} {whole}, 0")

    def select(self, mask: str, wide: str, yes: str, no: str) -> str:
        """One of two in each history."""
        bits = self.bits(mask)
        return self.let(f"select <{self.program.lanes} x i1> {bits}, {wide} {yes}, {wide} {no}")

    # --- conversions -------------------------------------------------------------------------

    def spread(self, value: Value, into: list[str] | None = None) -> Value:
        """The same number for every history."""
        if value.varies:
            return value
        scalar = WIDE[value.kind]
        wide = f"<{self.program.lanes} x {scalar}>"
        if value.kind == "bool":
            whole = {"true": "-1", "false": "0"}.get(value.code)
            whole = whole or self.let(f"sext i1 {value.code} to i64", into)
            value = value._replace(code=whole)
        if not value.code.startswith("%"):
            return value._replace(code=f"splat ({scalar} {value.code})", varies=True)
        one = self.let(f"insertelement {wide} poison, {scalar} {value.code}, i64 0", into)
        zero = f"<{self.program.lanes} x i32> zeroinitializer"
        code = self.let(f"shufflevector {wide} {one}, {wide} poison, {zero}", into)
        return value._replace(code=code, varies=True)

    def cast(self, value: Value, to: Value, into: list[str] | None = None) -> Value:
        if value.kind in ("tuple", "range"):
            parts = zip(value.of, to.of, strict=True)
            return value._replace(of=tuple(self.cast(v, t) for v, t in parts))
        if value.kind == "int" and to.kind == "float":
            value = self.as_float(value, into)
        if to.varies and not value.varies:
            value = self.spread(value, into)
        return value

    def as_float(self, value: Value, into: list[str] | None = None) -> Value:
        if value.kind == "float":
            return value
        if not value.code.startswith("%") and not value.varies:
            return number(float(int(value.code)))
        wide = self.program.llvm(value)
        double = self.program.llvm(value._replace(kind="float"))
        if value.kind == "bool":
            raise Mismatch("a comparison is no number: write `1.0 if x > y else 0.0`.")
        if value.varies:
            # Most processors convert no whole numbers side by side; added to the bits of 1.5 * 2**52
            # they are that number and more.
            code = self.let(f"add {wide} {value.code}, splat (i64 {MAGIC_BITS})", into)
            code = self.let(f"bitcast {wide} {code} to {double}", into)
            code = self.let(f"fsub {double} {code}, splat (double {MAGIC})", into)
            return Value(code, "float", True)
        return Value(self.let(f"sitofp {wide} {value.code} to {double}", into), "float")

    def as_int(self, value: Value) -> Value:
        """A number without fraction as a whole one."""
        if not value.varies:
            return Value(self.let(f"fptosi double {value.code} to i64"), "int")
        wide, whole = self.program.llvm(value), self.masks
        code = self.let(f"fadd {wide} {value.code}, splat (double {MAGIC})")
        code = self.let(f"bitcast {wide} {code} to {whole}")
        code = self.let(f"sub {whole} {code}, splat (i64 {MAGIC_BITS})")
        return Value(code, "int", True)

    def alike(self, a: Value, b: Value) -> tuple[Value, Value]:
        """Two numbers as two of one type."""
        if {a.kind, b.kind} & {"float"}:
            a, b = self.as_float(a), self.as_float(b)
        if a.varies != b.varies:
            a, b = self.spread(a), self.spread(b)
        return a, b

    def truth(self, value: Value, node: ast.AST) -> Value:
        if value.kind != "bool":
            raise self.refuse(node, "a condition compares: write `x != 0`.")
        return value

    # --- arithmetic --------------------------------------------------------------------------

    def plus(self, a: Value, b: Value) -> Value:
        return self.arithmetic("add", a, b)

    def times(self, a: Value, b: Value) -> Value:
        return self.arithmetic("mul", a, b)

    def arithmetic(self, op: str, a: Value, b: Value) -> Value:
        a, b = self.alike(a, b)
        code = self.let(f"{op} {self.program.llvm(a)} {a.code}, {b.code}")
        return Value(code, a.kind, a.varies)

    def compared(self, word: str, a: Value, b: Value) -> Value:
        """Whether a comparison of two alike numbers holds."""
        code = self.let(f"{word} {self.program.llvm(a)} {a.code}, {b.code}")
        if a.varies:
            code = self.let(f"sext <{self.program.lanes} x i1> {code} to {self.masks}")
        return Value(code, "bool", a.varies)

    def chosen(self, condition: Value, a: Value, b: Value) -> Value:
        a, b = self.alike(a, b)
        if condition.varies:
            a, b = self.spread(a), self.spread(b)
        wide = self.program.llvm(a)
        if condition.varies:
            return a._replace(code=self.select(condition.code, wide, a.code, b.code))
        code = self.let(f"select i1 {condition.code}, {wide} {a.code}, {wide} {b.code}")
        return a._replace(code=code)
