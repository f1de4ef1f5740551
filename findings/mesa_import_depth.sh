#!/usr/bin/env bash
# Mesa 3.3.1: what `import mesa` costs hangs on how deep in other imports it stands.
#
# Expected: an import costs the same wherever it is written.
# Seen: a logger that decorates a method asks `inspect` for all frames of the stack with their source while
#   the class is being made, and another asks again: each frame of every module that is importing is looked
#   up in all loaded modules and its file is read. Forty modules deep 533 frames are looked up, at the top 53;
#   the import took 1.4 and 0.24 seconds of processor time.
# Why it matters: a study of many modules, or a command line that imports late, pays it at each start and in
#   each worker of a sweep; importing Mesa first, at the top of the program, avoids it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --disable-pip-version-check mesa==3.3.1 networkx==3.6.1
cat > "$folder/probe.py" <<'PY'
import inspect
import time

import networkx  # what Mesa imports itself is not its own cost
import pandas
import scipy.spatial

usual, looked_up = inspect.getframeinfo, 0


def counting(*arguments, **named):
    global looked_up
    looked_up += 1
    return usual(*arguments, **named)


inspect.getframeinfo = counting
begun = time.process_time()
import mesa

print(looked_up, round(time.process_time() - begun, 2), mesa.__version__)
PY
for k in $(seq 1 39); do echo "import step$((k + 1))" > "$folder/step$k.py"; done
echo "import probe" > "$folder/step40.py"
cd "$folder"
top=$("$folder/env/bin/python" -c "import probe")
deep=$("$folder/env/bin/python" -c "import step1")
echo "frames looked up, seconds, version: at the top $top; forty modules deep $deep"
"$folder/env/bin/python" - "${top%% *}" "${deep%% *}" <<'PY'
import sys

top, deep = map(int, sys.argv[1:])
if not deep > 3 * top > 0:
    sys.exit("changed: this finding no longer holds as written")
PY
