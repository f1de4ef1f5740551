"""What an expression of a rule is, for one history or several side by side."""

from __future__ import annotations

import struct
from typing import Any, NamedTuple

import numpy as np


class Value(NamedTuple):
    """What an expression is: LLVM's name of it, what kind, whether histories differ in it.

    Kinds are `float`, `int`, `bool`; `row` (index of a row `of` a table), `table` (`of` its name),
    `tuple` and `range` (`of` their parts), `market` and `none`.
    """

    code: str
    kind: str
    varies: bool = False
    of: Any = None

    @property
    def type(self) -> Value:
        """The same without its name."""
        if self.kind in ("tuple", "range"):
            return self._replace(code="", of=tuple(part.type for part in self.of))
        return self._replace(code="")


SCALAR = {"float": "double", "int": "i64", "bool": "i1", "row": "i64"}
WIDE = SCALAR | {"bool": "i64"}  # -1 for true: as processors compare, and as they choose
NONE = Value("", "none")
ONE, APART, TOGETHER, SOME = "one", "apart", "together", "some"
"""How a function is performed: for one history; for one of several that lie side by side; for all
of these at once; for some of them, which a mask names."""
ALL = "splat (i64 -1)"  # the mask of all histories
ALIGN = {"double": 8, "i64": 8, "i32": 4}


class DialectError(SyntaxError):
    """A rule says what the engine does not understand: where, and what to write instead."""


class Mismatch(TypeError):
    """Values that do not fit together: why; the statement says where."""


def number(value: float | int | bool) -> Value:
    """Return a constant."""
    if isinstance(value, bool):
        return Value("true" if value else "false", "bool")
    if isinstance(value, (int, np.integer)):
        return Value(str(int(value)), "int")
    return Value(f"0x{struct.unpack('<Q', struct.pack('<d', value))[0]:016X}", "float")


def joined(a: Value | None, b: Value) -> Value:
    """Type of a variable that is given both."""
    if a is None or a.kind == "none":
        return b.type
    if a.kind in ("tuple", "range"):
        return a._replace(of=tuple(map(joined, a.of, b.of)))
    kinds = {a.kind, b.kind}
    kind = a.kind if len(kinds) == 1 else "float" if kinds == {"int", "float"} else None
    if kind is None or a.of != b.of:
        raise Mismatch(f"one name is given a {a.kind} and a {b.kind}: use two names.")
    return Value("", kind, a.varies or b.varies, a.of)
