"""Goldens: every indicator of the shipped scenarios, every month, and of past worlds, every year.

    make goldens      writes them anew
"""

from __future__ import annotations

import csv
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.analysis.kept import differing
from model import Scenario
from model.identity import engine
from model.observe import INDICATORS
from model.scenario import shipped
from tests.markets import compiled
from world.files.read import shipped_worlds

GOLDENS = Path(__file__).with_name("goldens")
SEED, MONTHS = 0, 192
MEANT = "say so in CHANGELOG.md, then `make goldens`"


PAST = shipped_worlds()[:-1]  # the last is that of the scenarios


def history(name: str) -> Any:
    """Indicators of a scenario, or of each year's last month in a past world; to the end."""
    if name in PAST:
        return compiled(Scenario(world=name), SEED, MONTHS)[1][11::12]
    return compiled(Scenario.load(name), SEED, MONTHS)[1]


def write(name: str) -> None:
    """One line an indicator; the first says which engine wrote them."""
    indicators = history(name)
    rows = [["engine", engine()], *([c.name, *indicators[c.name].tolist()] for c in INDICATORS)]
    GOLDENS.mkdir(exist_ok=True)
    with (GOLDENS / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def read(name: str) -> tuple[dict[str, list[float]], str]:
    """Figures by indicator, and the engine that wrote them."""
    with (GOLDENS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        (_, wrote), *rows = csv.reader(file)
    return {indicator: [*map(float, figures)] for indicator, *figures in rows}, wrote


@pytest.mark.parametrize("name", [*shipped(), *PAST])
def test_results_are_those_of_the_last_change(name: str) -> None:
    kept, wrote = read(name)
    assert differing(kept, history(name), exact=wrote == engine()) == [], MEANT


@pytest.mark.parametrize("name", [*shipped(), *PAST])
def test_the_whole_history_is_kept(name: str) -> None:
    kept, _ = read(name)
    assert kept["month"][-1] == MONTHS - 1
    assert len(kept["month"]) == (MONTHS // 12 if name in PAST else MONTHS)


def figures(**changes: list[float]) -> Any:
    columns = {"month": [0, 1, 2], "gap": [0.0, 2.0, -1.0]} | changes
    found = np.zeros(3, dtype=[(name, float) for name in columns])
    for name, values in columns.items():
        found[name] = values
    return found


KEPT = {"month": [0, 1, 2], "gap": [0.0, 2.0, -1.0]}


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize(
    ("found", "said"),
    [
        (figures(gap=[0.0, 2.0 * 1.00011, -1.0]), r"gap is 2.00022 in month 1, kept is 2"),
        (figures(gap=[0.0, 2.0, -1.00011]), r"gap is -1.00011 in month 2, kept is -1"),
        (figures(gap=[3e-9, 2.0, -1.0]), r"gap is 3e-09 in month 0, kept is 0"),
        (figures(gap=[0.0, 2.0, np.nan]), r"gap is nan in month 2"),
        (figures(new=[0.0, 0.0, 0.0]), r"new is not kept"),
        (figures()[["month"]], r"gap is no indicator"),
        (figures()[:2], r"gap has 2 figures, kept are 3"),
    ],
)
def test_a_difference_is_said_with_its_month(found, said, exact) -> None:
    sentences = differing(KEPT, found, exact)
    assert any(re.match(said, sentence) for sentence in sentences), sentences


def test_the_last_digits_count_on_the_engine_that_wrote_them_only() -> None:
    near = figures(gap=[1e-9, 2.0 * 1.00009, -1.0])
    assert differing(KEPT, near, exact=False) == []
    assert differing(KEPT, near, exact=True) == ["gap is 1e-09 in month 0, kept is 0"]
    assert differing(KEPT, figures(), exact=True) == []


if __name__ == "__main__":
    assert sys.argv[1:] == ["--write"]
    for kept_name in (*shipped(), *PAST):
        write(kept_name)
