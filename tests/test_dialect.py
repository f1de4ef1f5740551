"""The engine performs a rule as Python does: scalar and side by side, equal to the bit."""

from __future__ import annotations

import ast
import inspect
import itertools
import math
import textwrap
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import maths
from engine.layout import Layout
from engine.machine import compiled
from engine.translate import Program
from engine.values import DialectError
from world.bound import Bound
from world.tables import Tables

LANES = 4
ROWS = 5
FIRM = np.dtype([("a", "f8"), ("b", "f8"), ("k", "i8"), ("other", "i4"), ("fixed", "f8")])
VARIES = ("a", "b", "k")
LIBRARY = """
def halves(market, j):
    firm = market.firms[j]
    if firm.a < 0.0:
        return 0.0
    firm.b += 1.0
    return 0.5 * firm.a


def best(market, least):
    found = -1
    for j in range(len(market.firms)):
        if market.firms[j].a > least:
            found = j
            least = market.firms[j].a
    return found


def pair(x, y):
    if x > y:
        return x, 1.0
    return y, -1.0
"""
_NUMBERS = itertools.count()


# --- the three executions ------------------------------------------------------------------


def functions(text: str) -> dict[str, Any]:
    """Functions of a text, with their syntax trees."""
    text = textwrap.dedent(text)
    found: dict[str, Any] = {"maths": maths}
    exec(compile(text, "<rule>", "exec"), found)
    trees = {node.name: node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)}
    for name, tree in trees.items():
        found[name].tree = tree
    return found


def definition(function: Any) -> Any:
    if hasattr(function, "tree"):
        return function.tree
    import inspect

    return ast.parse(inspect.getsource(function)).body[0]


def program(text: str, lanes: int) -> Any:
    rule = functions(LIBRARY + textwrap.dedent(text))["rule"]
    varies = [f"firms.{column}" for column in VARIES]
    made = Program(Layout({"firms": FIRM}, varies, lanes), (), definition)
    made.entry("rule", rule, "market", "int")
    written = made.whole()
    return compiled(f"test {next(_NUMBERS)} {text}", lambda: written), rule


def firms(seed: int) -> Any:
    rng = np.random.default_rng(seed)
    found = np.zeros(ROWS, FIRM)
    found["a"], found["b"] = rng.normal(size=(2, ROWS)).round(2)
    found["k"] = rng.integers(0, ROWS, ROWS)
    found["other"], found["fixed"] = np.arange(1, ROWS + 1) % ROWS, np.linspace(-1.0, 1.0, ROWS)
    return found


def agree(text: str, seeds: range = range(LANES)) -> list[Any]:
    """Perform a rule on every row in turn, in all three ways; return what it made, by seed."""
    narrow, rule = program(text, 1)
    broad, _ = program(text, LANES)
    made = []
    for seed in seeds:
        plain, scalar = firms(seed), firms(seed)
        market, bound = Bound(Tables({"firms": plain})), Bound(Tables({"firms": scalar}))
        for row in range(ROWS):
            rule(market, row)
            narrow.function("rule", 1)(bound.address, row)
        assert plain.tobytes() == scalar.tobytes(), f"scalar, seed {seed}: {plain} {scalar}"
        made.append(plain)
    layout = Layout({"firms": FIRM}, [f"firms.{column}" for column in VARIES], LANES)
    block, table = np.zeros(layout.words, np.int64), {}
    block[layout.length("firms")] = ROWS
    for column, place in layout.columns["firms"].items():
        each = np.array([firms(seed)[column] for seed in seeds]).T
        table[column] = np.ascontiguousarray(each if place.wide else each[:, 0])
        block[place.word] = table[column].ctypes.data
    for row in range(ROWS):
        broad.function("rule", 1)(block.ctypes.data, row)
    for lane, plain in enumerate(made):
        for column in VARIES:
            assert table[column][:, lane].tobytes() == plain[column].tobytes(), (column, lane)
    return made


# --- rules written by hand: every way in which histories part ------------------------------

RULES = {
    "an early return inside a branch": """
        firm = market.firms[j]
        if firm.a > 0.0:
            if firm.b > 0.0:
                return
            firm.a = -firm.a
        firm.b += 1.0
        """,
    "a return out of a loop": """
        firm = market.firms[j]
        for h in range(len(market.firms)):
            if market.firms[h].a > firm.a:
                firm.k = h
                return
        firm.k = -1
        """,
    "break and continue": """
        firm = market.firms[j]
        total = 0.0
        for h in range(len(market.firms)):
            if market.firms[h].b < 0.0:
                continue
            if total > 0.7:
                break
            total += market.firms[h].b
        firm.b = total
        """,
    "a loop that each history leaves in its own time": """
        firm = market.firms[j]
        x = abs(firm.a) + 0.1
        n = 0
        while x < 3.0 and n < 20:
            x *= 1.5
            n += 1
        firm.k = n
        firm.a = x
        """,
    "a row that differs between histories": """
        firm = market.firms[j]
        other = market.firms[firm.k]
        other.b += firm.a
        firm.k = other.other
        """,
    "rows of one name in turn": """
        firm = market.firms[j]
        for h in (j, firm.other, firm.k):
            if h >= 0:
                market.firms[h].a += 0.25
        """,
    "calls under a mask": """
        firm = market.firms[j]
        if firm.a > -0.2:
            firm.b = halves(market, firm.k)
        firm.k = best(market, firm.b)
        """,
    "and, or, not": """
        firm = market.firms[j]
        if firm.a > 0.0 and halves(market, j) > 0.1 or not firm.b < 0.0:
            firm.k = 7
        if firm.fixed > 0.0 and firm.a > 0.0:
            firm.k += 1
        """,
    "one of two": """
        firm = market.firms[j]
        x = firm.a if firm.b > 0.0 else -firm.b
        firm.a = 1.0 if firm.fixed > 0.0 else x
        """,
    "two results": """
        firm = market.firms[j]
        x, sign = pair(firm.a, firm.b)
        firm.b = x * sign
        """,
    "a range that differs between histories": """
        firm = market.firms[j]
        for h in range(firm.k):
            firm.a += 0.1
        """,
    "whole numbers": """
        firm = market.firms[j]
        firm.k = (firm.k << 3 ^ 5) % 7 + int(4.0 * abs(firm.a)) + maths.floor(firm.b)
        """,
    "elementary functions": """
        firm = market.firms[j]
        firm.a = maths.exp(firm.a) + maths.expm1(firm.b) + maths.cos(firm.a)
        firm.b = maths.log(abs(firm.b) + 0.01) + maths.sqrt(abs(firm.a))
        """,
    "smaller and larger": """
        firm = market.firms[j]
        firm.a = min(firm.a, firm.b, 0.5)
        firm.b = max(-0.5, min(firm.b, firm.fixed))
        """,
}


@pytest.mark.parametrize("name", RULES)
def test_a_rule_is_performed_as_python_does(name: str) -> None:
    made = agree("def rule(market, j):\n" + textwrap.indent(textwrap.dedent(RULES[name]), "    "))
    assert len({table.tobytes() for table in made}) > 1  # the histories differ


# --- rules at random -----------------------------------------------------------------------

LOCALS = ("x", "y")


@st.composite
def expressions(draw: Any, depth: int = 2) -> str:
    kind = draw(st.integers(0, 9 if depth else 3))
    sub = expressions(depth - 1)
    if kind == 0:
        return f"{draw(st.sampled_from([-2.0, -0.3, 0.0, 0.5, 1.0, 3.0]))}"
    if kind <= 1:
        return draw(st.sampled_from(LOCALS))
    if kind <= 3:
        row = draw(st.sampled_from(["firm", "other"]))
        return f"{row}.{draw(st.sampled_from(['a', 'b', 'fixed']))}"
    if kind <= 6:
        return f"({draw(sub)} {draw(st.sampled_from('+-*'))} {draw(sub)})"
    if kind == 7:
        return f"({draw(sub)} / (1.0 + abs({draw(sub)})))"
    if kind == 8:
        return f"{draw(st.sampled_from(['min', 'max']))}({draw(sub)}, {draw(sub)})"
    return f"({draw(sub)} if {draw(conditions())} else {draw(sub)})"


@st.composite
def conditions(draw: Any) -> str:
    one = f"{draw(expressions(1))} {draw(st.sampled_from(['<', '>=', '==']))} {draw(expressions(1))}"
    if draw(st.booleans()):
        return one
    return f"{one} {draw(st.sampled_from(['and', 'or']))} {draw(expressions(0))} > 0.0"


@st.composite
def blocks(draw: Any, depth: int, loop: bool) -> list[str]:
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.integers(0, 9 if depth else 4))
        if kind <= 1:
            lines.append(f"{draw(st.sampled_from(LOCALS))} = {draw(expressions())}")
        elif kind <= 3:
            place = draw(st.sampled_from(["firm.a", "firm.b", "other.a", "other.b"]))
            lines.append(f"{place} {draw(st.sampled_from(['=', '+=']))} {draw(expressions())}")
        elif kind == 4:
            lines.append(f"firm.k = {draw(st.integers(0, ROWS - 1))}")
        elif kind <= 7:
            lines.append(f"if {draw(conditions())}:")
            lines += ["    " + line for line in draw(blocks(depth - 1, loop))]
            if draw(st.booleans()):
                lines.append("else:")
                lines += ["    " + line for line in draw(blocks(depth - 1, loop))]
        elif kind == 8:
            lines.append(f"for h{depth} in range({draw(st.sampled_from(['3', 'firm.k']))}):")
            lines += [f"    x += h{depth}"]
            lines += ["    " + line for line in draw(blocks(depth - 1, True))]
        else:
            jumps = ["return", "break", "continue"] if loop else ["return"]
            lines.append(f"if {draw(conditions())}:")
            lines.append("    " + draw(st.sampled_from(jumps)))
    return lines


@settings(max_examples=40, deadline=None)
@given(blocks(3, False), st.integers(0, 10**6))
def test_a_random_rule_is_performed_as_python_does(lines: list[str], seed: int) -> None:
    head = ["firm = market.firms[j]", "other = market.firms[firm.k]", "x = 0.0", "y = firm.a"]
    body = textwrap.indent("\n".join([*head, *lines]), "    ")
    with np.errstate(all="ignore"):
        agree(f"def rule(market, j):\n{body}\n", range(seed, seed + LANES))


# --- what a rule may not say ---------------------------------------------------------------

REFUSED = {
    "a list": ("x = [1.0]", "a rule cannot use List"),
    "a power": ("x = market.firms[j].a ** 2.0", "use + - * /, or exp and log for powers"),
    "no such column": ("x = market.firms[j].c", "firms has no column 'c'"),
    "no such table": ("x = market.banks[j].a", "a market has no table 'banks'"),
    "a number as a condition": ("if market.firms[j].a:\n        return", "write `x != 0`"),
    "an unknown function": ("x = round(market.firms[j].a)", "this function is unknown here"),
    "words": ("x = 'a'", "a rule computes with numbers"),
    "a keyword": ("x = max(1.0, default=2.0)", "arguments are given by place"),
    "a loop over a table": ("for firm in market.firms:\n        return", "loops over a range"),
    "in": ("x = 1.0 if market.firms[j].a in (1.0, 2.0) else 0.0", "compare numbers by"),
    "a remainder of fractions": ("x = market.firms[j].a % 2.0", "% is of whole numbers"),
    "a comparison as a number": ("market.firms[j].a = market.firms[j].b > 0.0", "is no number"),
    "one name for two kinds": (
        "x = market.firms[j].a\n    x = market.firms[j]\n    x = x.a > 0.0\n    x = 1.0",
        "use two names",
    ),
    "with": ("with market:\n        return", "a rule cannot use With"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_rule_may_not_say_is_refused_with_its_place(name: str) -> None:
    body, why = REFUSED[name]
    with pytest.raises(DialectError) as refused:
        program(f"def rule(market, j):\n    {body}\n", 1)
    assert why in str(refused.value)
    assert "<rule>, line " in str(refused.value)


def test_an_error_that_a_rule_raises_is_known_by_its_number() -> None:
    code, _ = program("""
        def rule(market, j):
            if market.firms[j].a > 100.0:
                raise RuntimeError("too rich")
            market.firms[j].a = 200.0
        """, 1)  # fmt: skip
    market = Bound(Tables({"firms": firms(1)}))
    code.function("rule", 1)(market.address, 0)
    assert market.error == 0
    code.function("rule", 1)(market.address, 0)
    assert code.notes["errors"] == ["too rich"]
    assert (market.error, market.error) == (1, 0)  # read once


DIVIDES = """
    def rule(market, j):
        row = market.firms[j]
        if row.a > 0.0:
            row.b = 1.0 / row.b
            row.k = row.other % row.k
    """


@pytest.mark.parametrize(("column", "text"), [("b", "1.0 / row.b"), ("k", "row.other % row.k")])
@pytest.mark.parametrize("lanes", [1, LANES])
def test_a_division_by_zero_is_an_error_where_it_is_meant(column: str, text: str, lanes: int) -> None:
    code, rule = program(DIVIDES, lanes)
    divide = code.function("rule", 1)
    layout = Layout({"firms": FIRM}, [f"firms.{name}" for name in VARIES], lanes)

    def error_of(zero_in: int, meant: int) -> int:
        tables = [firms(seed) for seed in range(lanes)]
        for lane, table in enumerate(tables):
            table["a"], table["b"], table["k"] = -1.0, 1.0, 1
            if lane == zero_in:
                table[column] = 0
            if lane == meant:
                table["a"] = 1.0
        if meant == zero_in:
            with np.errstate(divide="raise"), pytest.raises(ArithmeticError):
                rule(Bound(Tables({"firms": tables[meant].copy()})), 2)
        if lanes == 1:
            market = Bound(Tables({"firms": tables[0]}))
            divide(market.address, 2)
            return market.error
        block, kept = np.zeros(layout.words, np.int64), []
        block[layout.length("firms")] = ROWS
        for name, place in layout.columns["firms"].items():
            each = np.stack([t[name] for t in tables], axis=1) if place.wide else tables[0][name]
            kept.append(np.ascontiguousarray(each))
            block[place.word] = kept[-1].ctypes.data
        divide(block.ctypes.data, 2)
        return int(block[0])

    last = lanes - 1
    number = error_of(zero_in=last, meant=last)
    message = code.notes["errors"][number - 1]
    assert number and message.startswith("<rule>, line ")
    assert message.endswith(f": {text!r}: division by zero.")
    if lanes > 1:
        assert error_of(zero_in=last, meant=0) == 0  # nobody reads what the last history divides
    assert error_of(zero_in=-1, meant=last) == 0


# --- elementary functions ------------------------------------------------------------------


def fitted(function: Any, low: Any, high: Any, terms: int, power: int) -> list[float]:
    """Coefficients of the polynomial nearest to a function, weighed by a power of its argument."""
    angles = [mpmath.pi * (2 * k + 1) / 128 for k in range(64)]
    points = [(low + high + (high - low) * mpmath.cos(angle)) / 2 for angle in angles]
    rows = mpmath.matrix([[x ** (k + power) for k in range(terms)] for x in points])
    wanted = mpmath.matrix([x**power * function(x) for x in points])
    return [float(c) for c in mpmath.lu_solve(rows, wanted)]


def test_the_coefficients_are_those_of_the_nearest_polynomials() -> None:
    with mpmath.workdps(60):
        half, root = mpmath.log(2) / 2, (mpmath.sqrt(2) - 1) / (mpmath.sqrt(2) + 1)
        exponential = fitted(lambda r: (mpmath.exp(r) - 1 - r) / r**2, -half, half, 10, 2)
        artanh = fitted(lambda z: (mpmath.atanh(mpmath.sqrt(z)) / mpmath.sqrt(z) - 1) / z,
                        mpmath.mpf(0), root**2, 7, 1)  # fmt: skip
    for function, wanted in ((maths.exp_less_one, exponential), (maths.log, artanh)):
        text = ast.parse(inspect.getsource(function))
        written = [n.value for n in ast.walk(text) if isinstance(n, ast.Constant)]
        assert set(wanted) <= set(written)



def error_in_last_places(found: float, exact: Any) -> float:
    return abs(float((mpmath.mpf(found) - exact) / math.ulp(float(exact))))


@pytest.mark.parametrize(
    ("name", "low", "high", "bound"),
    [("exp", -700.0, 700.0, 1.5), ("exp", -1.0, 1.0, 1.5), ("expm1", -40.0, 40.0, 2.5),
     ("expm1", -1e-3, 1e-3, 2.0), ("log", 1e-12, 1e15, 1.5), ("log", 0.5, 2.0, 2.5)],
)  # fmt: skip
def test_elementary_functions_are_good_to_the_last_places(
    name: str, low: float, high: float, bound: float
) -> None:
    rng = np.random.default_rng(0)
    values = rng.uniform(low, high, 4000)
    if name == "log" and low < 0.1:
        values = np.exp(rng.uniform(math.log(low), math.log(high), 4000))
    function, exact = getattr(maths, name), getattr(mpmath, name)
    with mpmath.workdps(40):
        worst = max(error_in_last_places(function(float(x)), exact(float(x))) for x in values)
    assert worst <= bound


def test_cosine_is_exact_to_sixteen_digits() -> None:
    values = np.linspace(0.0, 2.0 * math.pi, 5001)
    with mpmath.workdps(40):
        worst = max(abs(float(mpmath.mpf(maths.cos(x)) - mpmath.cos(x))) for x in values.tolist())
    assert worst < 2.5e-16


def test_beyond_what_a_number_holds_exp_stays_finite() -> None:
    assert maths.exp(1e9) == maths.exp(709.0) < math.inf
    assert maths.exp(-1e9) == maths.exp(-708.0) > 0.0
    assert maths.exp(0.0) == 1.0 and maths.log(1.0) == 0.0 and maths.expm1(0.0) == 0.0
