"""`moat verify`: Moat's own laws, rules and markets put into models whose answer is known.

Every check configures the product's code, never a copy of it, and compares what
it returns with a published answer. A row whose expectation is not met stays in
the table.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from importlib import import_module

from experiments.verify.registry import CHECKS, Check, Row
from world.errors import InputError

__all__ = ["CHECKS", "Check", "Row", "chosen", "records"]

SUBJECTS = ("research", "finance", "valuation", "competition", "customers", "nelson_winter")
for subject in SUBJECTS:  # each registers its checks, in this order
    import_module(f"{__name__}.{subject}")

Results = dict[str, list[Row]]


def chosen(names: Sequence[str] = ()) -> list[Check]:
    """The checks of these names; all if none is named.

    Raises
    ------
    InputError
        A name that is no check.
    """
    for name in names:
        if name not in CHECKS:
            close = difflib.get_close_matches(name, CHECKS, n=1)
            meant = f" (did you mean {close[0]!r}?)" if close else ""
            raise InputError(f"check {name!r} is unknown{meant}; `moat verify --list` lists all.")
    return [CHECKS[name] for name in names or CHECKS]


def records(results: Results) -> list[dict[str, object]]:
    """Rows as flat records: check, case, expected, relation, obtained, tolerance, verdict, source."""
    return [
        {
            "check": name,
            "case": row.case,
            "relation": row.relation,
            "expected": row.expected,
            "obtained": row.obtained,
            "tolerance": row.tolerance,
            "verdict": "met" if row.met else "not met",
            "note": row.note,
            "source": CHECKS[name].source,
        }
        for name, rows in results.items()
        for row in rows
    ]
