#!/usr/bin/env bash
# PyYAML 6.0.3 and ruamel.yaml 0.19.1: texts that PyYAML writes without quotation marks are numbers to a YAML 1.2 reader,
# and numbers that PyYAML reads are texts.
#
# Expected: what one tool writes, the other reads with the same types.
# Seen: `yaml.safe_dump` writes the text "5e8" bare, as YAML 1.1 has no number of that form, and ruamel.yaml, which follows
#   1.2, reads 500000000.0. The other way round a bare 5e8 is text to PyYAML, 010 is 8 to PyYAML and 10 to ruamel.yaml,
#   and 1:30 is 90 to PyYAML and text to ruamel.yaml.
# Why it matters: a scenario named 5e8, a version, a code of an agent or a time changes its type between two tools of one
#   study, and costs written as 5e8 are texts in one of them. Quote texts that look like numbers; write 5.0e+8.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --disable-pip-version-check pyyaml==6.0.3 ruamel.yaml==0.19.1
"$folder/env/bin/python" - <<'PY'
import sys
from importlib.metadata import version

import yaml
from ruamel.yaml import YAML

newer = YAML(typ="safe")
written = yaml.safe_dump({"name": "5e8"})
seen = {"written": (yaml.safe_load(written)["name"], newer.load(written)["name"])}
for text in ("5e8", "010", "1:30"):
    seen[text] = (yaml.safe_load(f"cost: {text}\n")["cost"], newer.load(f"cost: {text}\n")["cost"])
print("PyYAML", version("pyyaml"), "ruamel.yaml", version("ruamel.yaml"), "- PyYAML wrote", written.strip())
for name, pair in seen.items():
    print(f"  {name:8} read by PyYAML, by ruamel.yaml: {pair[0]!r}, {pair[1]!r}")
if seen != {"written": ("5e8", 5e8), "5e8": ("5e8", 5e8), "010": (8, 10), "1:30": (90, "1:30")}:
    sys.exit("changed: this finding no longer holds as written")
PY
