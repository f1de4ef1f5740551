"""How compiled rules receive the tables: one pointer, and borrowed views of the arrays.

Passing forty arrays to every rule, and counting references to each, costs ten
times what the rules themselves do. Here a market is the address of a small
block that holds each array's address and shape; `market.developers` inside a
rule is a view that nobody counts, and whose rows are counted from the start
only (an index from the end costs a third of the time). The Python object keeps
the arrays alive.
"""

from __future__ import annotations

import operator
from hashlib import blake2b
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.datamodel import models, register_default
from numba.core.typing import signature
from numba.core.typing.templates import AbstractTemplate, AttributeTemplate, infer_global
from numba.extending import (
    NativeValue,
    infer_getattr,
    lower_builtin,
    lower_getattr_generic,
    unbox,
)
from numba.np.arrayobj import make_array, populate_array

from world.compiled import PLAIN_PYTHON
from world.tables import SINGLE, PlainMarket, Tables

WORDS = 3  # an array's address and its two lengths


class MarketType(types.Type):  # type: ignore[misc]
    """Numba's type of a market's tables; the same for markets of every size."""

    def __init__(self, members: dict[str, types.Type]) -> None:
        self.members = members
        described = ", ".join(f"{name}: {member}" for name, member in members.items())
        super().__init__(name=f"Market({blake2b(described.encode(), digest_size=8).hexdigest()})")


class RowsType(types.Type):  # type: ignore[misc]
    """Numba's type of a one-dimensional table or column in a market."""

    def __init__(self, dtype: types.Type, size: int) -> None:
        self.dtype = dtype
        self.size = size
        super().__init__(name=f"Rows({dtype})")


register_default(MarketType)(models.OpaqueModel)


@register_default(RowsType)
class _RowsModel(models.StructModel):  # type: ignore[misc]
    def __init__(self, manager: Any, typ: RowsType) -> None:
        super().__init__(manager, typ, [("data", types.voidptr), ("length", types.intp)])


@infer_getattr
class _Members(AttributeTemplate):  # type: ignore[misc]
    key = MarketType

    def generic_resolve(self, typ: Any, name: str) -> Any:
        return typ.members.get(name)


@lower_getattr_generic(MarketType)  # type: ignore[untyped-decorator]
def _member(context: Any, builder: Any, typ: Any, value: Any, name: str) -> Any:
    """Build the view of one array from the block."""
    member = typ.members[name]
    block = builder.bitcast(value, ir.IntType(64).as_pointer())
    first = WORDS * list(typ.members).index(name)
    # Nothing writes to the block while a rule runs: loads can leave loops.
    never_changes = builder.module.add_metadata([])

    def load(offset: int) -> Any:
        place = builder.gep(block, [ir.Constant(ir.IntType(32), first + offset)])
        word = builder.load(place)
        word.set_metadata("invariant.load", never_changes)
        return word

    if isinstance(member, types.Record):  # a table of one row answers as that row
        place = builder.inttoptr(load(0), context.get_data_type(member).as_pointer())
        return context.unpack_value(builder, member, place)
    if isinstance(member, RowsType):
        rows = cgutils.create_struct_proxy(member)(context, builder)
        rows.data = builder.inttoptr(load(0), rows.data.type)
        rows.length = load(1)
        return rows._getvalue()
    array = make_array(member)(context, builder)
    size = context.get_constant(types.intp, member.dtype.bitwidth // 8)
    populate_array(
        array,
        data=builder.inttoptr(load(0), array.data.type),
        shape=[load(1), load(2)],
        strides=[builder.mul(size, load(2)), size],
        itemsize=size,
        meminfo=None,
    )
    return array._getvalue()


@infer_global(operator.getitem)
class _GetRow(AbstractTemplate):  # type: ignore[misc]
    def generic(self, args: Any, kws: Any) -> Any:
        rows, index = args
        if isinstance(rows, RowsType) and isinstance(index, types.Integer):
            return signature(rows.dtype, rows, types.intp)
        return None


@infer_global(operator.setitem)
class _SetRow(AbstractTemplate):  # type: ignore[misc]
    def generic(self, args: Any, kws: Any) -> Any:
        rows, index, _ = args
        if isinstance(rows, RowsType) and isinstance(index, types.Integer):
            return signature(types.none, rows, types.intp, rows.dtype)
        return None


@infer_global(len)
class _CountRows(AbstractTemplate):  # type: ignore[misc]
    def generic(self, args: Any, kws: Any) -> Any:
        if isinstance(args[0], RowsType):
            return signature(types.intp, args[0])
        return None


def _place(context: Any, builder: Any, typ: RowsType, rows: Any, index: Any) -> Any:
    data = cgutils.create_struct_proxy(typ)(context, builder, rows).data
    place = cgutils.pointer_add(builder, data, builder.mul(index, index.type(typ.size)))
    return builder.bitcast(place, context.get_data_type(typ.dtype).as_pointer())


@lower_builtin(operator.getitem, RowsType, types.intp)  # type: ignore[untyped-decorator]
def _get_row(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    place = _place(context, builder, sig.args[0], *args)
    return context.unpack_value(builder, sig.args[0].dtype, place)


@lower_builtin(operator.setitem, RowsType, types.intp, types.Any)  # type: ignore[untyped-decorator]
def _set_row(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    place = _place(context, builder, sig.args[0], *args[:2])
    context.pack_value(builder, sig.args[0].dtype, args[2], place)
    return context.get_dummy_value()


@lower_builtin(len, RowsType)  # type: ignore[untyped-decorator]
def _count_rows(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    return cgutils.create_struct_proxy(sig.args[0])(context, builder, args[0]).length


class BoundTables:
    """The tables as compiled rules receive them; holds the arrays and their addresses."""

    def __init__(self, tables: Tables) -> None:
        self._arrays = [np.asarray(array) for _, array in tables]
        self._block = np.zeros(WORDS * len(self._arrays), dtype=np.int64)
        for k, (name, array) in enumerate(tables):
            if not array.flags.c_contiguous:
                raise ValueError(f"table {name} is not contiguous")
            self._block[WORDS * k] = array.ctypes.data
            self._block[WORDS * k + 1 : WORDS * k + 1 + array.ndim] = array.shape
        self._address = int(self._block.ctypes.data)
        self._numba_type_ = market_type(tables)


_KNOWN: dict[tuple[tuple[str, str], ...], MarketType] = {}


def market_type(tables: Tables) -> MarketType:
    """Numba's type of a market's tables: one for all markets with the same declarations."""
    key = tuple((name, array.dtype.str if array.dtype.names is None else str(array.dtype))
                for name, array in tables)  # fmt: skip
    if key not in _KNOWN:
        members: dict[str, types.Type] = {}
        for name, array in tables:
            typ = numba.typeof(np.asarray(array))
            members[name] = typ if array.ndim == 2 else RowsType(typ.dtype, array.itemsize)
            if name in SINGLE:
                members[name] = typ.dtype
        _KNOWN[key] = MarketType(members)
    return _KNOWN[key]


@unbox(MarketType)  # type: ignore[untyped-decorator]
def _address_of(typ: Any, source: Any, c: Any) -> Any:
    address = c.pyapi.object_getattr_string(source, "_address")
    number = c.pyapi.long_as_longlong(address)
    c.pyapi.decref(address)
    pointer = c.builder.inttoptr(number, cgutils.voidptr_t)
    return NativeValue(pointer, is_error=cgutils.is_not_null(c.builder, c.pyapi.err_occurred()))


def bind(tables: Tables) -> Any:
    """Return what rules are called with: in plain Python the tables themselves."""
    return PlainMarket(tables) if PLAIN_PYTHON else BoundTables(tables)
