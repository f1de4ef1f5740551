#!/usr/bin/env bash
# PyYAML 6.0.3: SafeLoader and CSafeLoader, documented as the same loader in Python and in C, accept
# different files.
#
# Expected: a file is read alike, or refused alike, by both; CSafeLoader is only faster.
# Seen: in a list in brackets an address with a query (as of a source) is read by C and refused by Python;
#   so are a tab after a colon and a tab before a comment. YAML 1.2 allows all three.
# Why it matters: figures kept as [value, basis, source] with an address as source load on the machine that
#   wrote them and fail where PyYAML was built without libyaml, or the other way round: a study that picks
#   the fast loader "if it is there" has inputs whose validity hangs on the wheel. Quote addresses, or read
#   what C accepts with Python too before a file is shared.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --disable-pip-version-check pyyaml==6.0.3
"$folder/env/bin/python" - <<'PY'
import sys
import yaml

FILES = {
    "address with a query in a list": "cost: [5.6, observed, https://example.org/report?id=7]\n",
    "the same in quotation marks": 'cost: [5.6, observed, "https://example.org/report?id=7"]\n',
    "tab after a colon": "cost:\t5.6\n",
    "tab before a comment": "cost: 5.6\t# USD\n",
}
EXPECTED = {
    "address with a query in a list": (False, True),
    "the same in quotation marks": (True, True),
    "tab after a colon": (False, True),
    "tab before a comment": (False, True),
}
assert yaml.__with_libyaml__, "this wheel has no libyaml: nothing to compare"


def accepted(text: str, loader: type) -> bool:
    try:
        yaml.load(text, Loader=loader)
    except yaml.YAMLError:
        return False
    return True


seen = {name: (accepted(t, yaml.SafeLoader), accepted(t, yaml.CSafeLoader)) for name, t in FILES.items()}
print("PyYAML", yaml.__version__, "- accepted by Python, by C:")
for name, pair in seen.items():
    print(f"  {name:32}", *pair)
if seen != EXPECTED:
    sys.exit("changed: this finding no longer holds as written")
PY
