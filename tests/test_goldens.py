"""Golden hashes: a change of results is noticed, and said in the changelog.

    make goldens      writes them anew
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from model import Scenario
from model.graph import read_graph
from model.scenario import shipped
from tests.markets import simulate
from world.files.read import read_world

GOLDENS = Path(__file__).with_name("goldens.json")
SEED, MONTHS = 7, 24


def state_hash(name: str, months: int) -> str:
    """Hash of every column of every table after some months of a shipped scenario."""
    scenario = Scenario.load(name)
    template, _ = read_graph(read_world(scenario.world), scenario.parameters)
    tables, indicators = simulate(template, SEED, months)
    digest = hashlib.blake2b(digest_size=16)
    for array in (*(array for _, array in tables), indicators):
        digest.update(np.asarray(array).tobytes())
    return digest.hexdigest()


def golden(name: str) -> str:
    """Hash of the yearly indicators to six digits: the last bits differ between processors."""
    scenario = Scenario.load(name)
    template, _ = read_graph(read_world(scenario.world), scenario.parameters)
    _, indicators = simulate(template, SEED, MONTHS)
    # What is below a billionth in its unit is the rounding residue of a difference.
    figures = [
        [f"{x:.6g}" if abs(x) > 1e-9 else "0" for x in row]
        for row in np.asarray(indicators)[11::12].tolist()
    ]
    return hashlib.blake2b(json.dumps(figures).encode(), digest_size=16).hexdigest()


@pytest.mark.parametrize("name", shipped())
def test_results_are_those_of_the_last_change(name: str) -> None:
    goldens = json.loads(GOLDENS.read_text(encoding="utf-8"))
    assert golden(name) == goldens[name], "say so in CHANGELOG.md, then `make goldens`"


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        text = json.dumps({name: golden(name) for name in shipped()}, indent=1)
        GOLDENS.write_text(text + "\n", encoding="utf-8")
    else:
        print(json.dumps({name: state_hash(name, int(sys.argv[1])) for name in shipped()}))
