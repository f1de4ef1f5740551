#!/usr/bin/env bash
# networkx 3.6.1 with NumPy 2.3.5: `write_gml` writes a file that `read_gml` refuses, as soon as one figure is a
# NumPy float.
#
# Expected: a file that can be read back, or an error when it is written.
# Seen: numpy.float64 is a Python float, so it passes the writer's test of types; the writer then takes its repr()
#   in capitals, since NumPy 2 "NP.FLOAT64(2.5)". Nothing is raised; reading fails with "expected an int, float, string".
#   GraphML and GEXF write 2.5.
# Why it matters: figures taken from arrays or from pandas are NumPy floats. A study that archives its networks as
#   GML finds out when somebody opens the archive. Use float(x) on every figure, or read back what was written.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --disable-pip-version-check networkx==3.6.1 numpy==2.3.5
cd "$folder"
"$folder/env/bin/python" - <<'PY'
import sys
from pathlib import Path

import networkx as nx
import numpy as np

graph = nx.DiGraph()
graph.add_node("firm", capital=np.array([2.5])[0])
seen = {}
for form, write, read in (
    ("gml", nx.write_gml, nx.read_gml),
    ("graphml", nx.write_graphml, nx.read_graphml),
    ("gexf", nx.write_gexf, nx.read_gexf),
):
    write(graph, f"market.{form}")
    try:
        seen[form] = read(f"market.{form}").nodes["firm"]["capital"]
    except nx.NetworkXError:
        seen[form] = "refused"
[line] = [line.strip() for line in Path("market.gml").read_text().splitlines() if "capital" in line]
print("networkx", nx.__version__, "NumPy", np.__version__, "- read back:", seen, "- in the GML file:", line)
if seen != {"gml": "refused", "graphml": 2.5, "gexf": 2.5}:
    sys.exit("changed: this finding no longer holds as written")
PY
