"""The same content on every Python: `make pythons`.

A small sweep is run by each Python from 3.11 on that this machine has, in an environment of its
own under a temporary folder; a hash over its frame's content, its identity and its Parquet rows is
printed for each, and the script fails where they differ.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
VERSIONS = range(11, 16)
SWEEP = """
import hashlib, sys
import pandas as pd
from experiments.sweeps.design import Design
from experiments.sweeps.sweep import Sweep
from model import Scenario
from model.identity import version

def content(frame):
    text = frame.to_csv(index=False, float_format="%.17g")
    return hashlib.sha256(text.encode()).hexdigest()[:16]

design = Design.grid(imitation_lag=[4.0, 12.0], imitation_cost_share=[0.05, 0.3])
sweep = Sweep(Scenario.load("baseline"), design, range(4), "2027-12", store=sys.argv[1], workers=1)
frame = sweep.run().frame()
parts = sorted(__import__("pathlib").Path(sys.argv[1]).rglob("*.parquet"))
rows = pd.concat([pd.read_parquet(part) for part in parts])
print(" ".join(version().values()), "frame", content(frame), "parquet", content(rows))
"""


def interpreters() -> dict[str, str]:
    """Pythons of this machine by version: the one that runs this, those on the path, pyenv's."""
    found = {}
    homes = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    for minor in VERSIONS:
        name = f"python3.{minor}"
        paths = [shutil.which(name), *sorted(map(str, homes.glob(f"versions/3.{minor}.*/bin/{name}")))]
        if minor == sys.version_info.minor:
            paths = [sys.executable]
        for path in filter(None, paths):
            done = subprocess.run([path, "-c", "pass"], capture_output=True, check=False)
            if done.returncode == 0:
                found[f"3.{minor}"] = path
                break
    return found


def said(python: str, folder: Path) -> str:
    """What the sweep prints under a Python; Moat is installed there first if need be."""
    if python != sys.executable:
        subprocess.run([python, "-m", "venv", folder / "env"], check=True)
        python = str(folder / "env" / "bin" / "python")
        subprocess.run([python, "-m", "pip", "install", "-q", str(ROOT)], check=True)
    environment = os.environ | {"PYTHONPATH": str(ROOT), "MOAT_CACHE_DIR": str(folder / "cache")}
    done = subprocess.run([python, "-c", SWEEP, str(folder / "store")], cwd=folder, env=environment,
                          check=True, capture_output=True, text=True)  # fmt: skip
    return done.stdout.strip()


def main() -> int:
    """Print what each says; 1 if they differ, 2 if there is one Python only."""
    known = interpreters()
    told = {}
    with tempfile.TemporaryDirectory() as place:
        for version, python in known.items():
            folder = Path(place) / version
            folder.mkdir()
            told[version] = said(python, folder)
            print(version, told[version], flush=True)
    if len(told) < 2:
        print("only one Python is here: nothing is compared")
        return 2
    return int(len(set(told.values())) > 1)


if __name__ == "__main__":
    sys.exit(main())
