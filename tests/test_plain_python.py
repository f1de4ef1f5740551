"""The same source as plain Python gives the same bits."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from model import InputError, Scenario
from model.scenario import shipped
from tests.markets import compiled
from tests.random_worlds import random_case

SEED, MONTHS = 7, 3
SMALL = 22  # agents


def state_hash(name: str) -> str:
    """Hash of every column of every table, and of the indicators, of a shipped scenario."""
    tables, indicators = compiled(Scenario.load(name), SEED, MONTHS)
    digest = hashlib.blake2b(digest_size=16)
    for array in (*(array for _, array in tables), indicators):
        digest.update(np.asarray(array).tobytes())
    return digest.hexdigest()


def random_hashes(first: int, count: int) -> dict[str, str]:
    """Hash of the first months of so many small random worlds, or the sentence by which they end.

    What is done to them by hand is part of it, and what is refused.
    """
    found = {}
    for seed in range(first, first + 3 * count):
        case = random_case(seed, MONTHS)
        if len(case.graph) <= SMALL and len(found) < count:
            try:
                parts = case.compiled(MONTHS)
            except (InputError, RuntimeError, ArithmeticError, ValueError) as error:
                found[str(seed)] = str(error)
                continue
            digest = hashlib.blake2b(digest_size=16)
            for part in parts:
                digest.update(part.encode() if isinstance(part, str) else part)
            found[str(seed)] = digest.hexdigest()
    return found


def in_plain_python(*arguments: str) -> dict[str, str]:
    """What this module prints in a process that compiles nothing."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.test_plain_python", *arguments],
        env={**os.environ, "MOAT_PLAIN_PYTHON": "1"}, cwd=Path(__file__).parents[1],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found: dict[str, str] = json.loads(done.stdout)
    return found


def test_plain_python_agrees_to_the_bit() -> None:
    assert in_plain_python() == {name: state_hash(name) for name in shipped()}


@pytest.mark.parametrize(
    ("first", "count"), [(0, 15), pytest.param(100, 500, marks=pytest.mark.nightly)]
)
def test_plain_python_agrees_in_random_worlds(first: int, count: int) -> None:
    kept = random_hashes(first, count)
    assert len(kept) == count
    assert in_plain_python(str(first), str(count)) == kept


if __name__ == "__main__":
    if sys.argv[1:]:
        print(json.dumps(random_hashes(*map(int, sys.argv[1:]))))
    else:
        print(json.dumps({name: state_hash(name) for name in shipped()}))
