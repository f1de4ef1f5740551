#!/usr/bin/env bash
# ema-workbench 2.5.3: a study without policies loses its policy column when it is saved and loaded.
#
# Expected: `load_results` returns the experiments that `save_results` was given.
# Seen: when no policy is given the workbench names the usual one "None"; the archive is CSV, and "None" is read as a
#   missing value. The column comes back empty, `groupby("policy")` has no group, and comparing with the saved table
#   fails. A categorical parameter with the categories "1" and "2" comes back as the numbers 1 and 2.
# Why it matters: it is the default. A script that groups by policy gives results in the session that ran the
#   study and an empty table in the one that loads it. Name the policy, and give categories that are words.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --disable-pip-version-check ema-workbench==2.5.3 pandas==2.3.3 numpy==2.3.5 scipy==1.17.1
cd "$folder"
"$folder/env/bin/python" -W ignore - <<'PY' 2>"$folder/progress"
import sys
from importlib.metadata import version

import ema_workbench as workbench


def firm(cost, entry):
    return {"profit": 1.0 - cost - 0.1 * (entry == "2")}


model = workbench.Model("firm", function=firm)
model.uncertainties = [
    workbench.RealParameter("cost", 0.0, 1.0),
    workbench.CategoricalParameter("entry", ["1", "2"]),
]
model.outcomes = [workbench.ScalarOutcome("profit")]
results = workbench.perform_experiments(model, 8)
workbench.save_results(results, "study.tar.gz")
loaded, _ = workbench.load_results("study.tar.gz")
made = results[0]
groups = [int(t.groupby("policy", observed=True).ngroups) for t in (made, loaded)]
kinds = [sorted({type(value).__name__ for value in t["entry"]}) for t in (made, loaded)]
print("ema-workbench", version("ema-workbench"), "policies before and after:", made["policy"].unique().tolist(),
      loaded["policy"].unique().tolist(), "- groups:", groups, "- categories:", kinds)
if groups != [1, 0] or kinds != [["str"], ["int"]]:
    sys.exit("changed: this finding no longer holds as written")
PY
