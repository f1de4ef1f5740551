"""The shock of January 2025: what the month of the cheap release does to what is listed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from experiments.analysis.event_study import TWIN
from experiments.chain.asked import Asked
from experiments.chain.row import Row, Target, estimated, middle, pair
from model.ensemble import Runs

UNTIL = "2026-04"  # the path is read to month 13, each with the two that follow
FALL = Target(-22.0, -12.0)
DEAR = {"1e8": 1e8, "1.76e8 (July 2024)": 1.76e8}  # USD for the same release
PATH = 14  # months
QUIET = 3  # months that the gap must stay below half of the fall
HEALS = Target(2, 6)


def against_twin(found: Runs, twin: Runs, name: str) -> Any:
    """Path of an indicator against the twin's, by seed and month [per cent]."""
    return 100.0 * (found.values[name] / twin.values[name] - 1.0)


def healed(path: Any) -> float:
    """First month from which the gap stays below half of the fall for three months (NaN: none)."""
    half = 0.5 * path[0]
    small = path > half
    return next((float(m) for m in range(1, PATH) if small[m : m + QUIET].all()), np.nan)


def shock(ask: Asked) -> Iterable[Row]:
    """The supplier falls when a release is cheap, not when it is dear, and recovers in months."""
    twin = ask.run("baseline", {"release_month": TWIN}, UNTIL)
    cheap = ask.run("baseline", until=UNTIL)
    fall = against_twin(cheap, twin, "supplier_value")
    value, in_month = "supplier against its twin [%]", "the cheap release"
    first = estimated(in_month, value, fall[:, 0], middle, FALL)
    yield first
    equity = {in_month: against_twin(cheap, twin, "equity")[:, 0]}
    for name, cost in DEAR.items():
        dear = ask.run("baseline", {"release_cost": cost}, UNTIL)
        case = f"the same release for {name} USD"
        yield estimated(case, value, against_twin(dear, twin, "supplier_value")[:, 0], middle,
                        Target(-5.0, 5.0))  # fmt: skip
        equity[case] = against_twin(dear, twin, "equity")[:, 0]
    near = ask.run("baseline", {"release_gap": 0.0}, UNTIL)
    yield estimated("the release at the frontier", value,
                    against_twin(near, twin, "supplier_value")[:, 0], middle,
                    Target(most=first.value, words="not above the first row"))  # fmt: skip
    yield estimated(in_month, "month from which the gap stays below half of the fall", fall,
                    lambda paths: healed(np.median(paths, axis=0)), HEALS)  # fmt: skip
    for month in range(1, PATH):
        yield estimated(in_month, f"supplier against its twin in month {month} [%]", fall[:, month])
    yield estimated("no release", "supplier of 2026-01 over 2025-01",
                    twin.values["supplier_value"][:, 12] / twin.values["supplier_value"][:, 0],
                    middle, Target(most=1.6))  # fmt: skip
    for case, change in equity.items():
        yield estimated(case, "developers' equity against its twin [%]", change)
    (_, cheaply), (_, dearly), *_ = equity.items()
    yield estimated("the cheap release over the dear", "fall of developers' equity",
                    pair(cheaply, dearly), fall_ratio, Target(least=3.0))  # fmt: skip


def fall_ratio(samples: Any) -> float:
    """One median fall over another; without end if the other does not fall."""
    one, other = np.median(samples, axis=0)
    if one >= 0.0:
        return 0.0
    return float(one / other) if other < 0.0 else np.inf
