"""The identity of rules changes with what moves a figure and with nothing else."""

from __future__ import annotations

import ast
import hashlib
import importlib
import json
import math
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from agents.plans import reachable_money
from model import identity as identities
from model import observe
from model.rulebook import STANDARD
from model.schedule import OPENING, SCHEDULE
from world import identity, opening, state
from world.compiled import SOURCES
from world.errors import InputError
from world.identity import _Walk, changed_on_disk, digest
from world.kinds import DEVELOPER_TRAITS

ROOT = Path(__file__).parents[1]

RULE = '''
"""A file of rules."""

import math
from typing import NamedTuple

from {prefix}.laws import FACTOR, grown
from {prefix} import laws

TABLE = (("a", 1.5), ("b", 2.0))
LIMITS = {{"low": 0.0, "high": 1.0}}


class Pair(NamedTuple):
    """Two figures."""

    first: float
    second: float = 2.0

    def total(self):
        return self.first + self.second * FACTOR


def decide(x, weight=FACTOR):
    """Say what it does."""
    # a comment
    if x > LIMITS["high"]:
        raise ValueError(f"{{x}} is too much")
    total = weight * math.exp(x) + laws.LEVEL
    for name, value in TABLE:
        total += value * len(name)
    return grown(total, laws.shrunk) + Pair(x).total()
'''
LAWS = '''
FACTOR = 2.0
LEVEL = 0.5


def grown(x, function):
    return shrunk(x - 1.0) if x > 10.0 else function(x) + 1.0


def shrunk(x):
    return grown(x / 2.0, shrunk) if x > 5.0 else FACTOR * x
'''


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Write a package of two files and import its rules."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(identity, "TEXTS", dict(identity.TEXTS))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    made: list[str] = []

    def write(rule: str = RULE, laws: str = LAWS, file: str = "rule") -> ModuleType:
        name = f"package_{len(made)}"
        made.append(name)
        (tmp_path / name).mkdir()
        for module, text in (("__init__", ""), ("laws", laws), (file, rule.format(prefix=name))):
            path = tmp_path / name / f"{module}.py"
            path.write_text(text, encoding="utf-8")
        importlib.invalidate_caches()
        module = importlib.import_module(f"{name}.{file}")
        identity.remember(str(path) for path in (tmp_path / name).glob("*.py"))
        return module

    yield write
    for name in [m for m in sys.modules if m.startswith("package_")]:
        del sys.modules[name]


def test_what_moves_no_figure_changes_nothing(package) -> None:
    usual = digest(package().decide)
    rule = RULE
    for old, new in (
        ('"""Say what it does."""', '"""Say it\n\n    at length, "so".\n    """'),
        ("# a comment", "# another, longer comment"),
        ('"""A file of rules."""', ""),
        ('"""Two figures."""', "# two"),
        ("decide(x, weight=FACTOR)", "decide(x: float, weight: float = FACTOR) -> float"),
        ("total = weight", "total: float = weight"),
        ("is too much", "exceeds what is allowed"),
        ("weight * math.exp(x) + laws.LEVEL", "(\n        weight * math.exp(x)\n        + laws.LEVEL)"),
    ):
        assert old in rule
        rule = rule.replace(old, new)
        assert digest(package(rule).decide) == usual, new


def test_names_and_files_change_nothing(package) -> None:
    usual = digest(package().decide)
    assert digest(package(file="elsewhere").decide) == usual
    renamed = RULE.replace("decide", "chooses").replace("grown", "swollen")
    assert digest(package(renamed, LAWS.replace("grown", "swollen")).chooses) == usual
    turned = LAWS.replace("shrunk", "smaller").replace("FACTOR", "SCALE").replace("LEVEL", "BASE")
    rule = RULE.replace("shrunk", "smaller").replace("FACTOR", "SCALE").replace("LEVEL", "BASE")
    assert digest(package(rule, turned).decide) == usual
    one_file = RULE.replace("import math", LAWS + "\nimport math as m").replace("math.exp", "m.exp")
    for line in ("from {prefix}.laws import FACTOR, grown\n", "from {prefix} import laws\n"):
        assert line in one_file
        one_file = one_file.replace(line, "")
    assert digest(package(one_file.replace("laws.", "")).decide) == usual


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("x > LIMITS", "x >= LIMITS"),
        ("math.exp", "math.expm1"),
        ('"high": 1.0', '"high": 1.5'),
        ('("b", 2.0)', '("b", 2.5)'),
        ("weight=FACTOR", "weight=3.0"),
        ("weight * math.exp(x)", "math.exp(x) * weight"),
        ("laws.shrunk)", "abs)"),
        ("second: float = 2.0", "second: float = 2.5"),
        ("self.first + ", "self.first - "),
        ("len(name)", "max(name)"),
        ("laws.LEVEL", "0.25"),
        ("FACTOR = 2.0", "FACTOR = 2.0000000001"),
        ("LEVEL = 0.5", "LEVEL = 0.25"),
        ("x - 1.0", "x - 2.0"),
        ("grown(x / 2.0, shrunk)", "grown(x / 2.0, abs)"),
    ],
)
def test_what_can_move_a_figure_changes_it(old, new, package) -> None:
    usual = digest(package().decide)
    assert (old in RULE) != (old in LAWS)
    changed = package(RULE.replace(old, new), LAWS.replace(old, new))
    assert digest(changed.decide) != usual


def test_a_recursion_is_the_same_from_wherever_it_is_met(package) -> None:
    laws = importlib.import_module(f"{package().__package__}.laws")
    assert digest(laws.grown) == digest(laws.grown) != digest(laws.shrunk)
    assert digest(laws.grown, laws.shrunk) == digest(laws.grown, laws.shrunk)


def test_closures_count(package) -> None:
    text = "def make(k):\n    def law(x):\n        return k * x\n    return law\n"
    rule = package(text)
    assert digest(rule.make(1.0)) == digest(package("\n\n" + text).make(1.0))
    assert digest(rule.make(1.0)) != digest(rule.make(2.0))


def test_values_are_what_they_mean() -> None:
    two = np.dtype([("a", "f8"), ("b", "i4")])
    assert digest({"b", "a", "c"}) == digest({"c", "b", "a"})
    assert digest(np.float64(0.1)) == digest(0.1) != digest(np.float32(0.1))
    assert digest(two) == digest(np.dtype([("b", "i4"), ("a", "f8")]))
    assert digest(two) != digest(np.dtype([("a", "f8"), ("b", "i8")]))
    assert len({digest(v) for v in (1, 1.0, True, "1", None, (1,), {1: 1}, math, math.exp, Path)}) == 10
    assert digest(0.0) != digest(-0.0)
    with pytest.raises(TypeError, match="no rule can read it"):
        digest(object())


def test_a_text_that_is_not_the_code_in_memory_is_refused(package) -> None:
    rule = package()
    path = Path(rule.__file__)
    digest(rule.decide)
    path.write_text(path.read_text().replace("math.exp", "math.sin"))
    assert digest(rule.decide) == digest(rule.decide)  # the disk is not asked
    identity.remember([str(path)])
    with pytest.raises(InputError, match=r"rule.py changed on disk while .*decide.* again"):
        digest(rule.decide)


def test_a_change_on_disk_is_noticed_and_a_comment_is_none(package) -> None:
    path = Path(package().__file__)
    text = path.read_text()
    for remark in (text + "# a remark\n", text.replace("Say what", "Say how")):
        path.write_text(remark)
        assert changed_on_disk() == []
    for change in (text.replace("math.exp", "math.sin"), text + "+", ""):
        path.write_text(change)
        assert changed_on_disk() == [str(path)]
    with pytest.raises(InputError, match=r"rules changed on disk .*rule\.py; start Python again"):
        identity.require_unchanged()


# --- versions of Python ------------------------------------------------------------------


def test_fields_of_other_versions_do_not_count() -> None:
    text = "def f(x):\n    y: int = f'{x:>{4}} {x!r}'\n    return [u'k', *y, None]\n"
    node = ast.parse(text)
    usual = _Walk().tree(node)
    for part in ast.walk(node):
        for name in ("type_params", "type_comment", "kind", "returns", "not_yet_known"):
            if name in part._fields or isinstance(part, (ast.FunctionDef, ast.ClassDef)):
                setattr(part, name, [])
                part._fields = tuple(dict.fromkeys((*part._fields, name)))
        if hasattr(part, "ctx"):
            del part.ctx
    assert _Walk().tree(node) == usual


WRITE = """
import ast, hashlib, sys, types
numpy = types.ModuleType("numpy")  # the tree needs none
sys.modules["numpy"] = numpy
sys.path.insert(0, sys.argv[1])
from world.identity import _Walk
trees = [_Walk().tree(ast.parse(open(file, encoding="utf-8").read())) for file in sys.argv[2:]]
print(hashlib.sha256("".join(trees).encode()).hexdigest())
"""


def interpreters() -> list[str]:
    """Other Pythons on this machine from 3.11 on."""
    found = [shutil.which(f"python3.{k}") for k in range(11, 16)]
    found += [str(path) for path in Path.home().glob(".pyenv/versions/3.1[1-9]*/bin/python")]
    ask = "import sys; print(sys.version_info[:2])"
    told = {path: subprocess.run([path, "-c", ask], capture_output=True, text=True, check=False).stdout
            for path in found if path}  # fmt: skip
    known = {str(sys.version_info[:2]), ""}
    return [path for path, version in told.items()
            if version.strip() not in known and not known.add(version.strip())]  # fmt: skip


@pytest.mark.parametrize("python", interpreters() or [None])
def test_every_python_writes_the_same_trees(python) -> None:
    if python is None:
        pytest.skip("no other Python here")
    trees = [_Walk().tree(ast.parse(text)) for text in SOURCES.values()]
    done = subprocess.run([python, "-c", WRITE, str(ROOT), *SOURCES], check=True, text=True,
                          capture_output=True)  # fmt: skip
    assert done.stdout.strip() == hashlib.sha256("".join(trees).encode()).hexdigest()


# --- of the model ------------------------------------------------------------------------


def rules(**changes: Any) -> str:
    return identities.rules.__wrapped__(replace(STANDARD, **changes))


def readings(**changes: Any) -> str:
    return identities.readings.__wrapped__(replace(STANDARD, **changes))


def with_columns(*columns: state.Column) -> dict[str, Any]:
    return {**STANDARD.tables, "developers": columns}


def test_the_model_has_its_identities() -> None:
    now = identities.version()
    assert list(now) == ["moat", "rules", "readings", "engine"]
    assert rules() == now["rules"] != now["readings"] == readings()


@pytest.mark.parametrize(
    ("place", "name", "value"),
    [
        ("agents.entry", "SEED_SHARE", 0.4),
        ("agents.entry", "richest_watcher", reachable_money),
        ("world.laws.technology", "LN10", 2.3),
        ("world.opening", "CONSTANTS", {**opening.CONSTANTS, "FRONTIER_GROWTH": 1.0}),
        ("world.noise", "WEYL_0", 0x9E3779B8),
        ("model.graph", "RUN_UP", 5),
    ],
)
def test_rules_know_what_they_read(place, name, value, monkeypatch) -> None:
    usual, read = rules(), readings()
    monkeypatch.setattr(importlib.import_module(place), name, value)
    assert rules() != usual
    assert (readings() == read) == (name != "LN10")


CAPABILITY = next(c for c in state.DEVELOPERS if c.name == "capability")


@pytest.mark.parametrize(
    "column",
    [CAPABILITY._replace(name="skill"), CAPABILITY._replace(type="int"),
     CAPABILITY._replace(opening="node + 1"), CAPABILITY._replace(lives="month")],
)  # fmt: skip
def test_rules_know_their_columns(column: state.Column) -> None:
    changed = [column if c == CAPABILITY else c for c in state.DEVELOPERS]
    assert rules(tables=with_columns(*changed)) != rules()
    assert rules(tables=with_columns(*state.DEVELOPERS, column._replace(name="new"))) != rules()


def test_order_and_meaning_of_columns_change_nothing() -> None:
    told = (c._replace(unit="?", meaning="something") for c in reversed(state.DEVELOPERS))
    assert rules(tables=with_columns(*told)) == rules()


def test_traits_and_edges_are_part_of_the_rules() -> None:
    richer = {kind: {**traits, "seed": 1e9} for kind, traits in DEVELOPER_TRAITS.items()}
    assert rules(traits={**STANDARD.traits, "developers": richer}) != rules()
    targets = STANDARD.edges["targets"]
    told, moved = targets._replace(meaning="x"), targets._replace(head="investors")
    assert rules(edges={**STANDARD.edges, "targets": told}) == rules()
    assert rules(edges={**STANDARD.edges, "targets": moved}) != rules()


def test_the_month_is_its_phases_in_order() -> None:
    by_row = tuple(phase._replace(drawn=False) for phase in SCHEDULE)
    others = [
        rules(month=SCHEDULE[:-1]),
        rules(opening=OPENING[1:]),
        rules(month=(SCHEDULE[1], SCHEDULE[0], *SCHEDULE[2:])),
        rules(month=by_row),
        rules(month=(*SCHEDULE, OPENING[0]), opening=OPENING[1:]),
    ]
    assert len({rules(), *others}) == 6
    renamed = tuple(phase._replace(banner="one") for phase in SCHEDULE)
    assert rules(month=renamed) == rules()


@pytest.mark.parametrize(
    ("place", "name", "value"),
    [
        (observe, "MATCH_GAP", 0.4),
        (observe, "observe_public", observe.observe_leaders),
        (identities.regimes, "CRITERIA", identities.regimes.CRITERIA._replace(slow_growth=0.4)),
        (identities.regimes, "growth_of_market", observe.observe_leaders),
    ],
)
def test_readings_are_no_rules(place, name, value, monkeypatch) -> None:
    usual, read = rules(), readings()
    monkeypatch.setattr(place, name, value)
    assert readings() != read
    assert rules() == usual


def test_indicators_are_no_rules() -> None:
    fewer = STANDARD.indicators[:-1]
    assert readings(indicators=fewer) != readings()
    assert rules(indicators=fewer) == rules()


def identity_under(**environment: str) -> dict[str, str]:
    ask = "import json; from model.identity import version; print(json.dumps(version()))"
    done = subprocess.run(
        [sys.executable, "-c", ask],
        cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def test_plain_python_has_the_same_identity() -> None:
    assert identity_under(MOAT_PLAIN_PYTHON="1") == identities.version()


def test_another_variant_of_the_c_library_is_another_engine() -> None:
    here = identities.version()
    if platform.machine() != "x86_64" or platform.libc_ver()[0] != "glibc":
        pytest.skip("simulated by hiding features of x86-64 from glibc")
    other = identity_under(GLIBC_TUNABLES="glibc.cpu.hwcaps=-AVX2,-FMA")
    assert other.pop("engine") != here["engine"]
    assert other == {k: v for k, v in here.items() if k != "engine"}


BITS = """
import hashlib, numpy
from model import Ensemble, Scenario
from model.identity import engine
values = Ensemble(Scenario(), range(3), "2025-12").run().values
print(engine(), hashlib.sha256(values.tobytes()).hexdigest())
"""


@pytest.mark.parametrize("hidden", ["-AVX2,-FMA", "-AVX2_Usable,-FMA_Usable"])
def test_another_processor_has_the_same_bits_or_another_name(hidden: str) -> None:
    """As issue reports saw it: AVX2 and FMA hidden from the C library and from NumPy."""
    if platform.machine() != "x86_64":
        pytest.skip("simulated by hiding features of x86-64")
    masked = {"GLIBC_TUNABLES": f"glibc.cpu.hwcaps={hidden}",
              "NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3 AVX512F AVX512CD AVX512_SKX"}  # fmt: skip
    (here, bits), (there, others) = (
        subprocess.run([sys.executable, "-W", "ignore", "-c", BITS], cwd=ROOT, text=True, check=True,
                       env=os.environ | environment, capture_output=True).stdout.rsplit(maxsplit=1)
        for environment in ({}, masked)
    )  # fmt: skip
    assert bits == others or here != there
