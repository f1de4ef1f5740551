#!/usr/bin/env bash
# NumPy 2.3.5: a field of a record that is named like something records have is written by attribute, and never read.
#
# Expected: `row.size` reads the field that `row.size = x` wrote, or both are refused.
# Seen: writing goes to the field, for a record's own `size` cannot be written; reading gives NumPy's own, 1 for
#   a single record whatever the field holds. `row.mean` gives a method. No warning in either direction, neither
#   when the type is made nor when the field is used; `row["size"]` reads the field.
# Why it matters: agents kept as rows of a record array have columns such as size, mean, T or base. A rule that
#   grows `firm.size` each period grows it from 1 each time, and the table still looks alive: nothing fails.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --disable-pip-version-check numpy==2.3.5
cat > "$folder/firms.py" <<'PY'
import sys
import warnings

import numpy as np

warnings.simplefilter("error")
firms = np.zeros(2, dtype=[("size", "f8"), ("wage", "f8")]).view(np.recarray)
for _ in range(3):
    for row in range(len(firms)):
        firm = firms[row]
        firm.size = 2.0 * firm.size + 1.0  # from 0: 1, 3, 7
        firm.wage = 2.0 * firm.wage + 1.0
size, wage = firms["size"].tolist(), firms["wage"].tolist()
print(np.__version__, "three doublings with one added, by attribute: size", size, "wage", wage)
if wage != [7.0, 7.0] or size != [3.0, 3.0] or firms[0].size != 1:
    sys.exit("changed: this finding no longer holds as written")
PY
"$folder/env/bin/python" "$folder/firms.py"
