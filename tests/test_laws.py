"""Properties of every law: range, direction, units, continuity, and equality with plain Python.

`LAWS` declares them law by law; a law that is missing there fails by name.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import linecache
import math
import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.layout import Layout
from engine.machine import Code, compiled
from engine.translate import Program
from world import laws
from world.bound import Bound
from world.identity import definition_of
from world.tables import Tables

FOLDER = Path(laws.__file__).parent
ROUNDING = 1e-11  # relative, of values that mathematics makes equal
JUMP = 1e-6  # relative change over next to nothing that makes a law discontinuous


class Range(NamedTuple):
    """Where an argument lies; over orders of magnitude it is drawn evenly in logs."""

    low: float
    high: float
    logs: bool = False

    def draws(self) -> st.SearchStrategy[float]:
        if self.logs:
            return st.floats(math.log(self.low), math.log(self.high)).map(math.exp)
        return st.floats(self.low, self.high)


def orders(low: float, high: float) -> Range:
    return Range(low, high, logs=True)


class Law(NamedTuple):
    """What is true of a law.

    `units`: scalings that leave its meaning unchanged. `{"size": 1, "result": 1}`
    says that a size in another unit gives a result in that unit; `+` before a
    name means that it is in orders of magnitude, so that the factor is added as
    its log10.
    """

    arguments: dict[str, Range]
    rises: tuple[str, ...] = ()
    falls: tuple[str, ...] = ()
    low: float = -math.inf
    high: float = math.inf
    units: tuple[dict[str, float], ...] = ()
    jumps: tuple[str, ...] = ()  # arguments in which it is not continuous


OOM = Range(20.0, 40.0)
KNOW_HOW = Range(2.85, 12.0)
FLOPS = Range(16.0, 22.0)
USD = orders(1e3, 1e13)
MARKUP = Range(1.0, 20.0)
UNIT = Range(0.0, 1.0)
LOG = Range(-14.0, 20.0)  # natural logs of ratios
ELASTIC = Range(3.0, 9.0)
OUTER = Range(1.05, 2.5)
GROWTH = Range(-0.3, 1.2)
YEARS = Range(0.0, 12.0)
HORIZON = Range(0.25, 6.0)  # years
RATE = Range(0.05, 3.0)

LAWS: dict[str, Law] = {
    # technology
    "pow10": Law({"exponent": Range(-60, 60)}, ("exponent",), low=0,
                 units=({"+exponent": 1, "result": 1},)),
    "power": Law({"base": orders(1e-6, 1e6), "exponent": Range(-5, 5)}, low=0),
    "logistic": Law({"x": Range(-60, 60)}, ("x",), low=0, high=1),
    "normal": Law({"u": Range(1e-3, 1 - 1e-6), "v": UNIT}, low=-5.3, high=5.3),
    "centred": Law({"u": UNIT}, ("u",), low=-math.sqrt(3), high=math.sqrt(3)),
    "training_cost": Law(
        {"capability": OOM, "efficiency": KNOW_HOW, "flops": FLOPS},
        ("capability",), ("efficiency", "flops"), low=0,
        units=({"+capability": 1, "+efficiency": 1}, {"+capability": 1, "+flops": 1},
               {"+flops": -1, "result": 1})),
    "trained_capability": Law(
        {"budget": USD, "efficiency": KNOW_HOW, "flops": FLOPS},
        ("budget", "efficiency", "flops"),
        units=({"budget": 1, "+flops": -1}, {"+efficiency": 1, "+result": 1})),
    "log_ces": Law(
        {"log_labour": LOG, "log_capital": LOG,
         "capital_weight": Range(0.01, 0.99), "elasticity": Range(0.0, 3.0)},
        ("log_labour", "log_capital", "elasticity"),
        units=({"+log_labour": 1, "+log_capital": 1, "+result": 1},),
        jumps=("elasticity",)),  # Leontief below 0.02
    "automation_share": Law(
        {"capability": OOM, "full_automation": Range(28, 45), "automation_span": Range(1, 15)},
        ("capability",), ("full_automation",), low=0, high=1,
        units=({"+capability": 1, "+full_automation": 1},)),
    "log_cognition": Law(
        {"log_researchers": Range(0, 12), "log_ai_workers": Range(-7, 28),
         "share": Range(0, 0.99), "elasticity": Range(0.1, 0.9)},
        ("log_researchers", "log_ai_workers"), low=0,
        units=({"+log_researchers": 1, "+log_ai_workers": 1, "+result": 1},)),
    "log_ai_workers": Law(
        {"log_inference": Range(0, 30), "efficiency": KNOW_HOW}, ("log_inference", "efficiency"),
        units=({"+log_inference": 1, "+result": 1},
               {"+efficiency": 1, "+result": math.log(10.0)})),
    "efficiency_growth": Law(
        {"log_research": LOG, "pace": Range(0.01, 3), "toes": Range(0.1, 1),
         "returns": Range(0.2, 4), "gained": Range(0, 12), "spur": Range(0, 5)},
        ("log_research", "pace", "spur"), ("gained",), low=0,
        units=({"pace": 1, "result": 1},)),
    "progress_in_headroom": Law(
        {"growth": Range(0, 50), "efficiency": KNOW_HOW, "headroom": Range(0.5, 12)},
        ("growth", "headroom"), ("efficiency",), low=0, high=12),
    "induced_innovation": Law(
        {"shortfall": Range(-0.5, 1.5), "strength": Range(0, 5)}, ("shortfall", "strength"),
        low=0, high=5, units=({"strength": 1, "result": 1},)),
    "run_months": Law({"size": Range(3, 13), "usual": Range(1, 12)}, ("size", "usual"), low=1,
                      jumps=("size", "usual")),  # whole months
    # demand
    "potential_market": Law(
        {"capability": OOM, "base": orders(1e9, 1e12), "slope": Range(0.05, 1.5),
         "saturation": orders(1e12, 1e15)},
        ("capability", "base", "saturation"), low=0, high=1.0001e15,
        units=({"base": 1, "saturation": 1, "result": 1},)),
    "adopted_market": Law(
        {"size": orders(1e8, 1e13), "potential": orders(1e8, 1e13),
         "innovation": Range(0.001, 0.1), "imitation": Range(0, 2)},
        ("size", "potential", "innovation", "imitation"), low=0,
        units=({"size": 1, "potential": 1, "result": 1},)),
    "spending": Law({"size": USD, "markup": MARKUP, "outer_elasticity": OUTER},
                    ("size",), ("markup",), low=0, units=({"size": 1, "result": 1},)),
    "quality_weight": Law(
        {"lead": Range(-10, 5), "premium": UNIT, "elasticity": ELASTIC}, ("lead",), low=0,
        units=({"lead": 1, "premium": -1},)),
    "price_weight": Law({"markup": MARKUP, "elasticity": ELASTIC}, (), ("markup", "elasticity"),
                        low=0, high=1),
    "finite_firm_markup": Law(
        {"share": UNIT, "elasticity": ELASTIC, "outer_elasticity": OUTER},
        ("share",), ("elasticity", "outer_elasticity"), low=1, high=21.001),
    "limit_markup": Law({"lead": Range(-3, 5), "premium": UNIT}, ("lead",), low=0,
                        units=({"lead": 1, "premium": -1},)),
    "closed_markup": Law(
        {"share": UNIT, "limit": orders(1e-3, 1e3), "protected": UNIT, "brand_margin": UNIT,
         "elasticity": ELASTIC, "outer": OUTER},
        ("share", "limit", "protected", "brand_margin"), ("elasticity", "outer"),
        low=1, high=21.001),
    # learning
    "match_degree": Law({"follower": OOM, "leader": OOM}, ("follower",), ("leader",),
                        low=0, high=1, units=({"+follower": 1, "+leader": 1},)),
    "posterior_hazard": Law(
        {"shape": orders(1e-3, 1e3), "rate": orders(1e-3, 1e3)}, ("shape",), ("rate",), low=0,
        units=({"shape": 1, "rate": 1}, {"rate": 1, "result": -1})),
    "cost_saving": Law(
        {"capability": OOM, "known_efficiency": KNOW_HOW, "flops": FLOPS, "cost": USD},
        ("capability",), ("known_efficiency", "flops", "cost"),
        units=({"+capability": 1, "+known_efficiency": 1}, {"cost": 1, "+flops": -1},
               {"+capability": 1, "+result": 1})),
    "bayes": Law(
        {"probability": Range(0.02, 0.98), "log_likelihood_ratio": Range(-10, 10)},
        ("probability", "log_likelihood_ratio"), low=0.02, high=0.98),
    # safety
    "misuse_hazard": Law(
        {"capability": OOM, "defence": OOM, "base": Range(0, 10), "slope": Range(0, 2)},
        ("capability", "base"), ("defence",), low=0, high=1e4,
        units=({"+capability": 1, "+defence": 1},)),
    "accident_hazard": Law(
        {"capability": OOM, "alignment": OOM, "base": Range(0, 1), "slope": Range(0, 2)},
        ("capability", "base"), ("alignment",), low=0, high=1e4,
        units=({"+capability": 1, "+alignment": 1},)),
    "poisson": Law({"mean": Range(0, 200), "u": Range(0, 1 - 1e-9)}, ("u",), low=0, high=1000,
                   jumps=("mean", "u")),  # whole numbers
    # valuation
    "growth_to_come": Law(
        {"growth": GROWTH, "horizon": HORIZON, "years": Range(0, 10)}, ("growth",),
        units=({"growth": -1, "horizon": 1, "years": 1},)),
    "growing_annuity": Law(
        {"growth": GROWTH, "horizon": HORIZON, "rate": RATE}, ("growth",), ("rate",), low=0,
        units=({"growth": -1, "horizon": 1, "rate": -1, "result": 1},)),
    "rent_multiple": Law(
        {"hazard": RATE, "kept_share": UNIT, "growth": GROWTH, "horizon": HORIZON,
         "rate": RATE},
        ("kept_share", "growth"), ("hazard", "rate"), low=0,
        units=({"hazard": -1, "growth": -1, "horizon": 1, "rate": -1, "result": 1},)),
    "delayed": Law(
        {"growth": GROWTH, "horizon": HORIZON, "rate": RATE, "discount": RATE, "years": Range(0, 10)},
        (), ("discount",), low=0,
        units=({"growth": -1, "horizon": 1, "rate": -1, "discount": -1, "years": 1},)),
    "erosion": Law(
        {"share_hit": UNIT, "premium": UNIT, "elasticity": ELASTIC,
         "frontier_growth": Range(-1, 3)},
        ("share_hit", "premium", "elasticity", "frontier_growth"), low=0,
        units=({"frontier_growth": 1, "result": 1}, {"share_hit": 1, "result": 1})),
}  # fmt: skip

# Laws that owe nobody a source: arithmetic, definitions, or built from sourced laws.
NO_SOURCE_DUE = {
    "pow10", "power", "logistic", "centred",  # arithmetic
    "trained_capability", "progress_in_headroom", "delayed",  # from another
    "growth_to_come",  # an integral
    "posterior_hazard", "bayes", "poisson",  # textbook probability
    "spending", "closed_markup", "price_weight", "cost_saving",  # definitions of the model
    "accident_hazard",
}  # fmt: skip

PURE_NUMBERS = {"pow10", "power", "logistic", "centred", "normal", "bayes", "poisson"}


def written_laws() -> dict[str, Any]:
    """Every function under `@law` in world/laws, found in the source."""
    found = {}
    for path in sorted(FOLDER.glob("*.py")):
        module = importlib.import_module(f"world.laws.{path.stem}")
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and any(
                isinstance(d, ast.Name) and d.id == "law" for d in node.decorator_list
            ):
                found[node.name] = getattr(module, node.name)
    return found


WRITTEN = written_laws()
KNOWN = sorted(LAWS.keys() & WRITTEN.keys())
MOST = max(len(law.arguments) for law in LAWS.values())
every_law = pytest.mark.parametrize("name", KNOWN)
directed = pytest.mark.parametrize("name", [n for n in KNOWN if LAWS[n].rises or LAWS[n].falls])
scaled = pytest.mark.parametrize("name", [n for n in KNOWN if LAWS[n].units])


def numbers(count: int) -> Tables:
    """A table of one row: arguments of a law, and its result."""
    kind = [*((f"a{k}", "f8") for k in range(count)), ("result", "f8")]
    return Tables({"numbers": np.zeros(1, kind)})


@cache
def machine_code() -> Code:
    """All laws as machine code: each reads the columns of `numbers` and writes its result."""
    layout = Layout({"numbers": numbers(MOST).numbers.dtype})
    program = Program(layout, (), definition_of)
    for name in KNOWN:
        given = ", ".join(f"market.numbers[0].a{k}" for k in range(len(LAWS[name].arguments)))
        text = f"def {name}_of(market):\n    market.numbers[0].result = law({given})\n"
        linecache.cache[f"<{name}>"] = (len(text), None, text.splitlines(True), f"<{name}>")
        found = {"law": WRITTEN[name], "__name__": __name__}
        exec(compile(text, f"<{name}>", "exec"), found)
        program.entry(name, found[f"{name}_of"], "market")
    written = program.whole()
    return compiled(f"laws {hash(written.text)}", lambda: written)


def as_machine_code(name: str, arguments: list[float]) -> float:
    """What a law returns as machine code."""
    tables = numbers(MOST)
    for k, argument in enumerate(arguments):
        tables.numbers[f"a{k}"] = argument
    machine_code().function(name)(Bound(tables).address)
    return float(tables.numbers["result"][0])


def drawn(data: st.DataObject, name: str) -> dict[str, float]:
    return data.draw(st.fixed_dictionaries({k: r.draws() for k, r in LAWS[name].arguments.items()}))


def value(name: str, arguments: dict[str, float]) -> float:
    return WRITTEN[name](*[float(arguments[k]) for k in LAWS[name].arguments])


def slack(name: str, *values: float) -> float:
    # What is a logarithm has digits of its own where it passes zero.
    return ROUNDING * max(1.0 if name.startswith("log_") else 1e-300, *map(abs, values))


def test_every_law_has_declared_properties() -> None:
    missing = sorted(WRITTEN.keys() - LAWS.keys())
    assert missing == [], f"declare in LAWS what is true of: {', '.join(missing)}"
    gone = sorted(LAWS.keys() - WRITTEN.keys())
    assert gone == [], f"LAWS names laws that are not written: {', '.join(gone)}"
    for name in KNOWN:
        assert list(inspect.signature(WRITTEN[name]).parameters) == list(LAWS[name].arguments), name
        law = LAWS[name]
        claimed = bool(law.rises or law.falls or law.units) or name in ("power", "normal")
        assert claimed and (law.low, law.high) != (-math.inf, math.inf) or law.units, name


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_a_law_says_what_it_is(name: str) -> None:
    text = inspect.getdoc(WRITTEN[name]) or ""
    assert re.match(r"(?s)[A-Z`].*[.)]$", text.split("\n\n")[0]), "the first sentence"
    assert re.search(r"\n    .*=|\[.+\]|\*\*", text) or name in PURE_NUMBERS, "an equation or a unit"
    source = re.search(r"Source: |\([A-Z][\w ]+ (19|20)\d\d", text)
    assert source or name in NO_SOURCE_DUE, "a source"


@every_law
@given(data=st.data())
def test_a_law_stays_in_its_range(name: str, data: st.DataObject) -> None:
    found = value(name, drawn(data, name))
    assert math.isfinite(found)
    assert LAWS[name].low - ROUNDING <= found <= LAWS[name].high * (1 + ROUNDING)


@directed
@given(data=st.data())
def test_a_law_moves_in_its_direction(name: str, data: st.DataObject) -> None:
    law = LAWS[name]
    arguments = drawn(data, name)
    before = value(name, arguments)
    for key in (*law.rises, *law.falls):
        moved = {**arguments, key: data.draw(law.arguments[key].draws(), label=key)}
        after = value(name, moved)
        up = (moved[key] - arguments[key]) * (1 if key in law.rises else -1)
        if up > 0:
            assert after >= before - slack(name, before, after), key
        elif up < 0:
            assert after <= before + slack(name, before, after), key


@scaled
@given(data=st.data(), factor=st.floats(0.25, 4.0))
def test_a_law_does_not_depend_on_units(name: str, data: st.DataObject, factor: float) -> None:
    arguments = drawn(data, name)
    before = value(name, arguments)
    for units in LAWS[name].units:
        changed = dict(arguments)
        expected = before
        for key, degree in units.items():
            shift = degree * math.log10(factor)
            if key == "result":
                expected *= factor**degree
            elif key == "+result":
                expected += shift
            elif key.startswith("+"):
                changed[key[1:]] += shift
            else:
                changed[key] *= factor**degree
        after = value(name, changed)
        # Shifts of large exponents round in their last digits.
        assert after == pytest.approx(expected, rel=1e-9, abs=1e-9), units


def steepest_step(name: str, arguments: dict[str, float], key: str, end: float) -> float:
    """Change of a law over the shortest interval that bisecting toward the larger change finds.

    A continuous law changes by nothing there; at a jump the change remains.
    """
    def at(x: float) -> float:
        return value(name, {**arguments, key: x})

    low, high = arguments[key], end
    below, above = at(low), at(high)
    size = max(abs(below), abs(above), 1e-12)
    for _ in range(200):  # to neighbouring floats, wherever the kink lies
        if abs(above - below) <= JUMP * size:
            break
        middle = 0.5 * (low + high)
        found = at(middle)
        size = max(size, abs(found))
        if abs(found - below) > abs(above - found):
            high, above = middle, found
        else:
            low, below = middle, found
    return abs(above - below) / size


@every_law
@settings(max_examples=30)
@given(data=st.data())
def test_a_law_is_continuous(name: str, data: st.DataObject) -> None:
    law = LAWS[name]
    arguments = drawn(data, name)
    for key, allowed in law.arguments.items():
        if key not in law.jumps:
            end = data.draw(allowed.draws(), label=key)
            assert steepest_step(name, arguments, key, end) <= JUMP, key


def test_a_jump_would_be_found() -> None:
    assert steepest_step("run_months", {"size": 8.7, "usual": 3.0}, "usual", 5.2) > 0.1
    leontief = {"log_labour": 0.0, "log_capital": 2.2, "capital_weight": 0.3, "elasticity": 0.0}
    assert steepest_step("log_ces", leontief, "elasticity", 0.03) > JUMP


@every_law
@given(data=st.data())
def test_a_law_as_machine_code_equals_its_python_to_the_bit(name: str, data: st.DataObject) -> None:
    arguments = drawn(data, name)
    in_order = [float(arguments[k]) for k in LAWS[name].arguments]
    assert as_machine_code(name, in_order).hex() == float(WRITTEN[name](*in_order)).hex()
