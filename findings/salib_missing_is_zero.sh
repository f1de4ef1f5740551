#!/usr/bin/env bash
# SALib 1.6.0: one missing outcome among hundreds makes every Sobol index exactly zero.
#
# Expected: an error, or indices that are not numbers, as its Morris, PAWN and RBD-FAST analyses return.
# Seen: `sobol.analyze` returns 0.0 for first and total indices and for their intervals; one infinite outcome
#   does the same. No exception, and nothing that a filter on NaN would find.
# Why it matters: simulations have members that die, so outcomes have holes. "No parameter matters, with an
#   interval of zero" reads like a firm result. Count the finite outcomes before the analysis.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --disable-pip-version-check salib==1.6.0 numpy==2.3.5 scipy==1.17.1 pandas==2.3.3
"$folder/env/bin/python" -W ignore - <<'PY'
import sys
from importlib.metadata import version

import numpy as np
from SALib.analyze import morris, sobol
from SALib.sample import morris as trajectories
from SALib.sample import sobol as saltelli

problem = {"num_vars": 2, "names": ["cost", "lag"], "bounds": [[0.0, 1.0], [0.0, 1.0]]}


def outcome(points, hole=None):
    found = 3.0 * points[:, 0] + points[:, 1] ** 2
    if hole is not None:
        found[7] = hole
    return found


points = saltelli.sample(problem, 128, calc_second_order=False, seed=1)
seen = {}
for hole in (None, np.nan, np.inf):
    found = sobol.analyze(problem, outcome(points, hole), calc_second_order=False, seed=1)
    seen[hole] = np.concatenate([found[key] for key in ("S1", "S1_conf", "ST", "ST_conf")])
    print("SALib", version("salib"), "outcome 7 is", hole, "- total indices", found["ST"].round(3))
walks = trajectories.sample(problem, 20, seed=1)
effects = morris.analyze(problem, walks, outcome(walks, np.nan), seed=1)
print("Morris with the same hole: sigma", effects["sigma"])
zero = all((seen[hole] == 0.0).all() for hole in (np.nan, np.inf))
if not zero or (seen[None] == 0.0).any() or np.isfinite(effects["sigma"]).any():
    sys.exit("changed: this finding no longer holds as written")
PY
