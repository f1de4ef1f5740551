"""What the search for the baseline found, for docs/calibration.md, from `docs/calibration.json`."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from experiments.analysis.moments import facts
from experiments.chain.calibrate import SEARCHED
from world.parameters import BY_NAME

KEPT = Path(__file__).with_suffix(".json")


@cache
def found() -> dict[str, Any]:
    """The summary as `python -m experiments.chain.calibrate` printed it."""
    summary: dict[str, Any] = json.loads(KEPT.read_text(encoding="utf-8"))
    return summary


def rounds() -> list[tuple[str, ...]]:
    """Round, sets tried in it, what the best set so far misses, the score of its forecasts."""
    rows = zip(found()["rounds"], found()["best"], strict=True)
    names = ["blind", "kept from before", *(f"around the best, {k}" for k in range(1, 100))]
    return [
        (name, str(tried), f"{missed:.3g}", f"{score:.3g}")
        for name, (tried, (missed, score)) in zip(names, rows, strict=False)
    ]


def rows_met() -> list[tuple[str, str, str]]:
    """Every row, what it is (fact or target), and the share of blindly drawn sets that meet it."""
    windows = {row["name"]: row["window"] for row in facts()}
    known = [(name, windows[name], share) for name, share in found()["facts_met_blindly"].items()]
    known += [(name, "target", share) for name, share in found()["targets_met_blindly"].items()]
    return [(name, what, f"{share:.0%}") for name, what, share in known]


def left_open() -> list[tuple[str, ...]]:
    """Every parameter searched: range, what facts leave, what facts and targets leave, default."""
    return [
        (f"`{name}`", span(SEARCHED[name]), span(said["facts"]), span(said["close"]),
         f"{BY_NAME[name].default:g}")
        for name, said in found()["parameters"].items()
    ]  # fmt: skip


def span(interval: Any) -> str:
    """An interval; `-` where too few sets were left."""
    return "-" if interval is None else f"{interval[0]:.3g} to {interval[1]:.3g}"


def tried() -> int:
    """How many sets were tried."""
    return sum(found()["rounds"])


def count(name: str) -> int:
    """One of the summary's counts."""
    return int(found()[name])
