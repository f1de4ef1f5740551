"""Two CSV files become a world: `python make_world.py developers.csv investors.csv mine.yaml`.

What the files do not say (governments, customers, hostile actors, the supplier, the rules) is as in
the shipped world of January 2025; change it in `mine.yaml`, or here.
"""

from __future__ import annotations

import csv
import sys
from datetime import date
from pathlib import Path
from typing import Any

from world.files.read import read_world, world_path
from world.yaml_file import read_yaml, write_yaml

WORDS = ("name", "kind", "jurisdiction")
FIGURES = ("capability", "efficiency", "researchers", "cash", "brand", "revenue", "open_weights",
           "clever", "copied")  # fmt: skip


def rows(path: str) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with Path(path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def entry(row: dict[str, str], figures: tuple[str, ...]) -> dict[str, Any]:
    """An agent's entry: each figure with its basis and source."""
    sourced = {key: [float(row[key]), row["basis"], row["source"]] for key in figures}
    return {key: row[key] for key in WORDS} | sourced


def funding_round(row: dict[str, str]) -> dict[str, Any]:
    """A round in which this investor paid all."""
    amount = float(row["amount"])
    return {"developer": row["developer"], "date": date.fromisoformat(row["date"]), "total": amount,
            "post_money": float(row["post_money"]), "basis": row["basis"], "source": row["source"],
            "investors": [[row["name"], amount]]}  # fmt: skip


def main(developers: str, investors: str, out: str) -> None:
    """Write the world and read it once, so that what is wrong in it is said now."""
    world = read_yaml(world_path("2025"))
    world["meta"] = {"name": Path(out).stem, "start": "2025-01"}
    world["developers"] = [entry(row, FIGURES) for row in rows(developers)]
    world["investors"] = [entry(row, ("cash", "allowance")) for row in rows(investors)]
    world["rounds"] = [funding_round(row) for row in rows(investors)]
    Path(out).write_text(write_yaml(world), encoding="utf-8")
    read_world(out)


if __name__ == "__main__":
    main(*sys.argv[1:])
