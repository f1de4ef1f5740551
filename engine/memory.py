"""Reading and writing what lies in tables."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from engine.layout import Place
from engine.lines import Lines
from engine.values import ALIGN, ALL, APART, Value, number


class Memory(Lines):
    """A function that reads and writes columns."""

    def word(self, at: int, kind: str) -> str:
        """One word of the block, which nothing changes while machine code runs."""
        place = self.let(f"getelementptr i64, ptr %market, i64 {at}")
        return self.let(f"load {kind}, ptr {place}, !invariant.load !nothing")

    def length(self, table: str, axis: int = 0) -> Value:
        return Value(self.word(self.program.layout.length(table, axis), "i64"), "int")

    def place(self, node: ast.expr) -> tuple[Value, Place, str]:
        """Address of what an expression names, what lies there, and in whose column."""
        columns = self.program.layout.columns
        if isinstance(node, ast.Attribute):
            row = self.value(node.value)
            if row.kind != "row":
                raise self.refuse(node, "only rows of tables have columns.")
            if node.attr not in columns[row.of]:
                raise self.refuse(node, f"{row.of} has no column {node.attr!r}.")
            place, index, name = columns[row.of][node.attr], row, f"{row.of}.{node.attr}"
        else:
            assert isinstance(node, ast.Subscript)
            table = self.value(node.value)
            if table.kind != "table" or "" not in columns[table.of]:
                raise self.refuse(node, "only tables are indexed.")
            place, name = columns[table.of][""], table.of
            if isinstance(node.slice, ast.Tuple):
                line, column = map(self.value, node.slice.elts)
                index = self.plus(self.times(line, self.length(table.of, 1)), column)
            else:
                index = self.value(node.slice)
        if index.varies and self.mask != ALL:  # where nobody looks, anything may stand
            wide = self.program.llvm(index)
            index = index._replace(code=self.select(self.mask, wide, index.code, "zeroinitializer"))
        far = self.times(index._replace(kind="int"), number(place.stride))
        if place.offset:
            far = self.plus(far, number(place.offset))
        if self.way == APART and place.wide:
            far = self.plus(far, Value("%lane", "int"))
        start = self.word(place.word, "ptr")
        where = self.let(f"getelementptr i8, ptr {start}, {self.program.llvm(far)} {far.code}")
        return Value(where, "address", far.varies), place, name

    def places(self, where: Value, place: Place) -> Iterator[str]:
        """Address of each history's own number, from those of their rows."""
        for lane in range(self.program.lanes):
            wide = f"<{self.program.lanes} x ptr>"
            one = self.let(f"extractelement {wide} {where.code}, i64 {lane}")
            yield self.let(f"getelementptr i8, ptr {one}, i64 {8 * lane}") if place.wide else one

    def gathered(self, where: Value, place: Place, tag: str) -> str:
        """The numbers at addresses that differ between histories."""
        code = "poison"
        wide = f"<{self.program.lanes} x {place.memory}>"
        for lane, at in enumerate(self.places(where, place)):
            one = self.let(f"load {place.memory}, ptr {at}, {tag}")
            code = self.let(f"insertelement {wide} {code}, {place.memory} {one}, i64 {lane}")
        return code

    def read(self, node: ast.expr) -> Value:
        where, place, name = self.place(node)
        varies = where.varies or (self.wide and place.wide)
        tag = self.program.tag(name)
        wide = f"<{self.program.lanes} x {place.memory}>" if varies else place.memory
        if where.varies:
            code = self.gathered(where, place, tag)
        else:
            code = self.let(f"load {wide}, ptr {where.code}, align {ALIGN[place.memory]}, {tag}")
        found = Value(code, place.kind, varies)
        if place.memory == "i32":
            code = self.let(f"sext {wide} {code} to {self.program.llvm(found)}")
        return found._replace(code=code)

    def write(self, node: ast.expr, value: Value) -> None:
        where, place, name = self.place(node)
        tag = self.program.tag(name)
        self.program.written.add(name)
        if name.partition(".")[0] in self.program.unkept:
            return
        if place.kind == "float":
            value = self.as_float(value)
        if self.program.lanes > 1 and not place.wide:
            alike = not (value.varies or where.varies or self.selecting) and self.wide
            if not alike or name not in self.program.shared:
                raise self.refuse(node, "is the same for all histories and cannot be written.")
        if not (self.wide and place.wide):
            code = value.code
            if place.memory == "i32":
                code = self.let(f"trunc i64 {code} to i32")
            align = ALIGN[place.memory]
            self.w(f"store {place.memory} {code}, ptr {where.code}, align {align}, {tag}")
            return
        code = self.spread(value).code
        wide = f"<{self.program.lanes} x {place.memory}>"
        if where.varies:
            code = self.select(self.mask, wide, code, self.gathered(where, place, tag))
            for lane, at in enumerate(self.places(where, place)):
                one = self.let(f"extractelement {wide} {code}, i64 {lane}")
                self.w(f"store {place.memory} {one}, ptr {at}, {tag}")
            return
        if self.mask != ALL:
            old = self.let(f"load {wide}, ptr {where.code}, align 8, {tag}")
            code = self.select(self.mask, wide, code, old)
        self.w(f"store {wide} {code}, ptr {where.code}, align 8, {tag}")
