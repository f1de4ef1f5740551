"""The same source as plain Python gives the same bits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from model.scenario import shipped
from tests.test_goldens import state_hash

MONTHS = 3


def test_plain_python_agrees_to_the_bit() -> None:
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.test_goldens", str(MONTHS)],
        env=environment, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout) == {name: state_hash(name, MONTHS) for name in shipped()}
