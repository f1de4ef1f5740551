"""The same source as plain Python gives the same bits."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from model import Scenario
from model.scenario import shipped
from tests.markets import compiled

SEED, MONTHS = 7, 3


def state_hash(name: str) -> str:
    """Hash of every column of every table, and of the indicators, of a shipped scenario."""
    tables, indicators = compiled(Scenario.load(name), SEED, MONTHS)
    digest = hashlib.blake2b(digest_size=16)
    for array in (*(array for _, array in tables), indicators):
        digest.update(np.asarray(array).tobytes())
    return digest.hexdigest()


def test_plain_python_agrees_to_the_bit() -> None:
    environment = {**os.environ, "MOAT_PLAIN_PYTHON": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.test_plain_python"],
        env=environment, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout) == {name: state_hash(name) for name in shipped()}


if __name__ == "__main__":
    print(json.dumps({name: state_hash(name) for name in shipped()}))
