"""What the years before an origin teach about parameters: `python -m experiments.backtest.learn`.

The priors of `prior.csv` are run forward from each earlier origin, the same draws from each. A
draw that forecast well what came before the origin counts for more:

    weight = product over the figures known at the origin of exp(-(observed - forecast)^2 / 2 s^2)
    s^2 = error^2 + naive_spread^2, the model being trusted no more than the naive forecast

raised to the power that leaves a quarter of the draws in effect, since the figures hang together.
The 5-50-95 % of the weighted draws replace the prior's at that origin, parameter by parameter;
where a prior differs between origins, what is learned is the place within it. Nothing dated on or
after an origin is used for it. At the first origin nothing is learned.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from experiments.analysis.statistics import BAND
from experiments.backtest.forecast import history, start_at
from experiments.backtest.observations import (
    Observation,
    read_observations,
    shipped,
    shipped_file,
)
from experiments.backtest.prior import COLUMNS, LEARNED, beliefs, shares_of
from experiments.backtest.score import figures_of, in_scale
from model.scenario import Scenario
from world.calendar import months_until

LATEST = "2025-01"  # the last origin that learns
DRAWS = 2000
IN_EFFECT = 0.25  # share of the draws that is left in effect
UNTIL = "2024-12"


def misses(origin: str, rows: Sequence[Observation], shares: Any) -> Any:
    """Squared misses of the draws, by row, in its trust; shape (draws, rows). NaN: no figure."""
    known, read = beliefs(origin, learned=False), start_at(origin)
    months = months_until(origin, UNTIL)
    columns = [belief.at(shares[:, k]) for k, belief in enumerate(known)]
    usual = dict(Scenario.load("baseline").parameters)
    found = []
    for seed in tqdm(range(len(shares)), desc=origin, disable=not sys.stderr.isatty()):
        drawn = {b.name: float(column[seed]) for b, column in zip(known, columns, strict=True)}
        values = history(read, usual | drawn, seed, months)[None, :]
        found.append([_miss(row, values, origin) for row in rows])
    return np.array(found)


def _miss(row: Observation, values: Any, origin: str) -> float:
    with np.errstate(divide="ignore", invalid="ignore"):
        figure = figures_of(row, values, origin)
        gap = in_scale(figure, row)[0] - in_scale([row.value], row)[0]
    return float(gap**2 / (row.error**2 + row.naive_spread**2))


def weights(total: Any) -> Any:
    """Weights exp(-power * total / 2), with the power that leaves so many draws in effect."""
    low, high = 0.0, 1.0
    for _ in range(60):
        power = 0.5 * (low + high)
        found = np.exp(-0.5 * power * (total - total.min()))
        found /= found.sum()
        enough = 1.0 / (found**2).sum() > IN_EFFECT * len(total)
        low, high = (power, high) if enough else (low, power)
    return found


def weighted_quantiles(values: Any, by: Any, at: Sequence[float] = BAND) -> Any:
    """Quantiles of weighted draws, shape (at,)."""
    order = np.argsort(values)
    return np.interp(at, np.cumsum(by[order]) - 0.5 * by[order], values[order])


def learned() -> str:
    """The file of what is learned at each origin, in the form of `prior.csv`."""
    shares = shares_of(len(beliefs(LATEST, learned=False)), DRAWS, 0)
    origins = [*shipped(), LATEST]
    observed = {origin: read_observations(shipped_file(origin), origin) for origin in shipped()}
    found = {origin: misses(origin, rows, shares) for origin, rows in observed.items()}
    text = io.StringIO()
    file = csv.writer(text, lineterminator="\n")
    file.writerow(COLUMNS)
    for origin in origins[1:]:
        total = np.zeros(len(shares))
        count = 0
        for earlier in origins[: origins.index(origin)]:
            before = [k for k, row in enumerate(observed[earlier]) if row.last < origin]
            total += np.nansum(found[earlier][:, before], axis=1)
            count += len(before)
        by = weights(total)
        for k, belief in enumerate(beliefs(origin, learned=False)):
            low, middle, high = belief.at(weighted_quantiles(shares[:, k], by))
            file.writerow([belief.name, origin, *(f"{x:.4g}" for x in (low, middle, high)),
                           belief.scale, f"by {count} figures known at {origin}"])  # fmt: skip
    return text.getvalue()


def main(path: Path = LEARNED) -> None:
    """Write the file."""
    path.write_text(learned(), encoding="utf-8")


if __name__ == "__main__":
    main()
