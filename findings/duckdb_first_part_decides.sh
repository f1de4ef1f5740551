#!/usr/bin/env bash
# duckdb 2.0.1: a column that is whole in one Parquet part and has fractions in the next is rounded, without a
# word, if the whole part's name sorts first.
#
# Expected: the wider type, or a refusal as of pyarrow 26.0.1 ("Float value 1.500000 was truncated").
# Seen: `select v from 'parts/*.parquet'` takes the types of the first file and casts the others: 1.5 becomes 2.
#   With the files in the other order, or with union_by_name=true, the same query gives 1.5.
# Why it matters: parts of a study are written by separate workers, and a figure that happens to be whole in one
#   of them (a count, a month, a sum that is 0) is stored as a whole number there. Whether the study's means are
#   right then hangs on file names. Declare one type a column when parts are written.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --disable-pip-version-check duckdb==2.0.1 pyarrow==26.0.1
cd "$folder"
"$folder/env/bin/python" - <<'PY'
import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.dataset as dataset
import pyarrow.parquet as parquet

Path("parts").mkdir()
parquet.write_table(pa.table({"v": pa.array([1, 2], pa.int64())}), "parts/0.parquet")
parquet.write_table(pa.table({"v": [1.5]}), "parts/1.parquet")
QUERIES = {
    "as the names sort": "select sum(v) from 'parts/*.parquet'",
    "the other order": "select sum(v) from read_parquet(['parts/1.parquet', 'parts/0.parquet'])",
    "union_by_name": "select sum(v) from read_parquet('parts/*.parquet', union_by_name=true)",
}
seen = {name: float(duckdb.sql(query).fetchall()[0][0]) for name, query in QUERIES.items()}
print("duckdb", duckdb.__version__, "sum of 1, 2, 1.5:", seen)
try:
    dataset.dataset("parts").to_table()
    refused = False
except pa.ArrowInvalid as error:
    refused = True
    print("pyarrow", pa.__version__, "refuses:", error)
rounded = seen.pop("as the names sort") != 4.5
if not refused or not rounded or set(seen.values()) != {4.5}:
    sys.exit("changed: this finding no longer holds as written")
PY
