"""Compiled code that is kept never runs under the name of other code."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ASK = "from world.laws.learning import match_degree; print(match_degree(28.0, 28.2))"
USUAL, HALVED = 1.0 / (1.0 + 2.718281828459045 ** -1.0), 0.5 / (1.0 + 2.718281828459045 ** -1.0)


@pytest.fixture
def checkout(tmp_path) -> Path:
    """A copy of the sources that a law can reach."""
    for folder in ("world", "agents", "model"):
        shutil.copytree(ROOT / folder, tmp_path / "moat" / folder,
                        ignore=shutil.ignore_patterns("__pycache__"))  # fmt: skip
    return tmp_path / "moat"


def said(code: str, checkout: Path, cache: Path, *paths: Path) -> tuple[list[float], str]:
    """What a new Python prints, and what it says on stderr."""
    path = os.pathsep.join(map(str, (checkout, *paths)))
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=cache.parents[-1], capture_output=True, text=True, check=True,
        env=os.environ | {"MOAT_CACHE_DIR": str(cache), "PYTHONPATH": path},
    )  # fmt: skip
    return [float(line) for line in done.stdout.split()], done.stderr


def halve(file: Path) -> None:
    """Halve the logistic function."""
    text = file.read_text(encoding="utf-8")
    assert text.count("return 1.0 / (1.0 + math.exp(") == 1
    file.write_text(text.replace("return 1.0 / (1.0 + math.exp(", "return 0.5 / (1.0 + math.exp("))


def kept(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*.nb[ic]"))


def test_where_nothing_can_be_kept_the_code_on_disk_runs(checkout, tmp_path) -> None:
    (tmp_path / "file").write_text("no folder")
    cache = tmp_path / "file" / "cache"
    found, told = said(ASK, checkout, cache)
    assert found == pytest.approx([USUAL])
    assert told.count("compiled code cannot be kept in") == 1 == len(told.splitlines())
    halve(checkout / "world/laws/technology.py")
    assert said(ASK, checkout, cache)[0] == pytest.approx([HALVED])
    assert kept(tmp_path) == []


def test_what_is_kept_is_not_used_for_other_code(checkout, tmp_path) -> None:
    cache = tmp_path / "cache"
    assert said(ASK, checkout, cache) == ([pytest.approx(USUAL)], "")
    before = kept(cache)
    assert any("match_degree" in name for name in before)
    assert said(ASK, checkout, cache) == ([pytest.approx(USUAL)], "")
    assert kept(cache) == before
    halve(checkout / "world/laws/technology.py")
    assert said(ASK, checkout, cache)[0] == pytest.approx([HALVED])
    assert kept(checkout) == []


def test_a_change_during_the_import_is_not_mixed_with_what_was_kept(checkout, tmp_path) -> None:
    cache, file = tmp_path / "cache", checkout / "world/laws/technology.py"
    said(ASK, checkout, cache)
    usual = file.read_text(encoding="utf-8")
    halve(file)
    halved = file.read_text(encoding="utf-8")
    file.write_text(usual)
    late = f"import world.compiled; open({str(file)!r}, 'w').write({halved!r})\n{ASK}"
    assert said(late, checkout, cache)[0] == pytest.approx([HALVED])
    file.write_text(usual)
    assert said(ASK, checkout, cache)[0] == pytest.approx([USUAL])


def test_a_constant_changed_in_memory_is_not_kept_under_the_usual_name(checkout, tmp_path) -> None:
    cache = tmp_path / "cache"
    other = f"from world.laws import learning; learning.MATCH_GAP = 0.2\n{ASK}"
    for _ in range(2):
        assert said(other, checkout, cache)[0] == pytest.approx([0.5])
        assert said(ASK, checkout, cache)[0] == pytest.approx([USUAL])


def test_laws_of_a_user_are_not_kept(checkout, tmp_path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "my_law.py").write_text(
        "from world.compiled import law\nfrom my_helper import half\n\n\n"
        "@law\ndef my_law(x):\n    return half(x)\n"
    )
    helper = "from world.compiled import law\n\n\n@law\ndef half(x):\n    return 0.5 * x\n"
    (mine / "my_helper.py").write_text(helper)
    ask, cache = "from my_law import my_law; print(my_law(8.0))", tmp_path / "cache"
    assert said(ask, checkout, cache, mine) == ([4.0], "")
    (mine / "my_helper.py").write_text(helper.replace("0.5", "0.25"))
    assert said(ask, checkout, cache, mine) == ([2.0], "")
    assert kept(tmp_path) == []


LOOPS = """
from my_law import tenfold
from model import schedule
from world.compiled import loop
from world.laws.technology import logistic, pow10
for law in (pow10, logistic, tenfold):
    names = {law.__name__: law, "__name__": "model.schedule"}
    exec(compile(f"def go(x):\\n    return {law.__name__}(x)\\n", schedule.__file__, "exec"), names)
    print(loop(names["go"])(1.0))
"""


def test_loops_that_differ_only_in_the_rules_they_name_are_kept_apart(checkout, tmp_path) -> None:
    law = "from world.compiled import law\n\n\n@law\ndef tenfold(x):\n    return 10.0 * x + 1.0\n"
    (tmp_path / "my_law.py").write_text(law)
    cache = tmp_path / "cache"
    for factor in (11.0, 21.0):
        found, _ = said(LOOPS, checkout, cache, tmp_path)
        assert found == pytest.approx([10.0, USUAL, factor])
        (tmp_path / "my_law.py").write_text(law.replace("10.0 * x", "20.0 * x"))


def test_what_is_kept_is_not_used_for_other_arguments(checkout, tmp_path) -> None:
    """Two processes that compile at once can write one file; here one is copied over the other."""
    cache = tmp_path / "cache"
    ask = ("from world.laws.learning import posterior_hazard as law; import numba;"
           "law.compile((numba.{0},) * 2); law.get_overload((numba.{0},) * 2); print(1.0)")  # fmt: skip
    for kind in ("float64", "int64"):
        assert said(ask.format(kind), checkout, cache)[0] == [1.0]
    (first,) = cache.rglob("*posterior_hazard*.1.nbc")
    (second,) = cache.rglob("*posterior_hazard*.2.nbc")
    second.write_bytes(first.read_bytes())
    assert said(ask.format("int64"), checkout, cache)[0] == [1.0]
