#!/usr/bin/env bash
# networkx 3.6.1: a tie in both directions counts as mutual only if its two edges carry the same key.
#
# Expected: reciprocity asks whether an edge from a to b has one from b to a; keys tell parallel edges apart.
# Seen: in a MultiDiGraph with a -> b under "lends" and b -> a under "supplies", `overall_reciprocity` is 0.0; with
#   default keys (both 0) it is 1.0, and of the DiGraph made from it 1.0. So a third edge a -> b, which gets key 1,
#   changes whether a later b -> a counts.
# Why it matters: market graphs are multigraphs keyed by what the tie is. Their reciprocity depends on how ties
#   are named and in which order they were added, not on who is tied to whom. Project on a DiGraph first.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --disable-pip-version-check networkx==3.6.1
"$folder/env/bin/python" - <<'PY'
import sys

import networkx as nx

named = nx.MultiDiGraph()
named.add_edge("bank", "firm", key="lends")
named.add_edge("firm", "bank", key="supplies")
numbered = nx.MultiDiGraph([("bank", "firm"), ("firm", "bank")])
seen = {
    "named keys": nx.overall_reciprocity(named),
    "default keys": nx.overall_reciprocity(numbered),
    "named keys, as DiGraph": nx.overall_reciprocity(nx.DiGraph(named)),
}
print("networkx", nx.__version__, "reciprocity of one mutual tie:", seen)
if seen != {"named keys": 0.0, "default keys": 1.0, "named keys, as DiGraph": 1.0}:
    sys.exit("changed: this finding no longer holds as written")
PY
