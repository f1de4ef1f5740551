"""How compiled rules receive the tables: one pointer, and borrowed views of the arrays.

Passing forty arrays to every rule, and counting references to each, costs ten
times what the rules themselves do. Here a market is the address of a small
block that holds each array's address and shape; `market.developers` inside a
rule is a view that nobody counts. The Python object keeps the arrays alive.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.datamodel import models, register_default
from numba.core.typing.templates import AttributeTemplate
from numba.extending import NativeValue, infer_getattr, lower_getattr_generic, unbox
from numba.np.arrayobj import make_array, populate_array

from model.laws.compiled import PLAIN_PYTHON
from model.state import Tables

WORDS = 3  # an array's address and its two lengths


class MarketType(types.Type):  # type: ignore[misc]
    """Numba's type of a market's tables; the same for markets of every size."""

    def __init__(self, arrays: dict[str, Any]) -> None:
        self.arrays = arrays
        super().__init__(name="Market")


register_default(MarketType)(models.OpaqueModel)


@infer_getattr
class _Columns(AttributeTemplate):  # type: ignore[misc]
    key = MarketType

    def generic_resolve(self, typ: Any, name: str) -> Any:
        return typ.arrays.get(name)


@lower_getattr_generic(MarketType)  # type: ignore[untyped-decorator]
def _array_of(context: Any, builder: Any, typ: Any, value: Any, name: str) -> Any:
    """Build the view of one array from the block; its reference counter is null."""
    array_type = typ.arrays[name]
    block = builder.bitcast(value, ir.IntType(64).as_pointer())
    first = WORDS * list(typ.arrays).index(name)

    # Nothing writes to the block while a rule runs: loads can leave loops.
    never_changes = builder.module.add_metadata([])

    def load(offset: int) -> Any:
        place = builder.gep(block, [ir.Constant(ir.IntType(32), first + offset)])
        word = builder.load(place)
        word.set_metadata("invariant.load", never_changes)
        return word

    array = make_array(array_type)(context, builder)
    size = context.get_constant(types.intp, array_type.dtype.size if hasattr(
        array_type.dtype, "size") else array_type.dtype.bitwidth // 8)
    lengths = [load(1 + k) for k in range(array_type.ndim)]
    strides = [size] if array_type.ndim == 1 else [builder.mul(size, lengths[1]), size]
    populate_array(
        array,
        data=builder.inttoptr(load(0), array.data.type),
        shape=lengths,
        strides=strides,
        itemsize=size,
        meminfo=None,
    )
    return array._getvalue()


class BoundTables:
    """The tables as compiled rules receive them; holds the arrays and their addresses."""

    def __init__(self, tables: Tables) -> None:
        self._arrays = [np.asarray(array) for array in tables]
        self._block = np.zeros(WORDS * len(self._arrays), dtype=np.int64)
        for k, array in enumerate(self._arrays):
            if not array.flags.c_contiguous:
                raise ValueError(f"table {Tables._fields[k]} is not contiguous")
            self._block[WORDS * k] = array.ctypes.data
            self._block[WORDS * k + 1 : WORDS * k + 1 + array.ndim] = array.shape
        self._address = int(self._block.ctypes.data)
        self._numba_type_ = market_type(tables)


_KNOWN: list[MarketType] = []


def market_type(tables: Tables) -> MarketType:
    """Numba's type of a market's tables: their columns are declared, so there is only one."""
    if not _KNOWN:
        arrays = {
            name: numba.typeof(np.asarray(array))
            for name, array in zip(Tables._fields, tables, strict=True)
        }
        _KNOWN.append(MarketType(arrays))
    return _KNOWN[0]


@unbox(MarketType)  # type: ignore[untyped-decorator]
def _address_of(typ: Any, source: Any, c: Any) -> Any:
    address = c.pyapi.object_getattr_string(source, "_address")
    number = c.pyapi.long_as_longlong(address)
    c.pyapi.decref(address)
    pointer = c.builder.inttoptr(number, cgutils.voidptr_t)
    return NativeValue(pointer, is_error=cgutils.is_not_null(c.builder, c.pyapi.err_occurred()))


def bind(tables: Tables) -> Any:
    """Return what rules are called with: in plain Python the tables themselves."""
    return tables if PLAIN_PYTHON else BoundTables(tables)
