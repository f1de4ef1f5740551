"""The event study: each history against its twin without the cheap release, on the same noise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from experiments.analysis.statistics import BAND
from model import Ensemble, Scenario
from model.ensemble import Runs
from model.graph import start_of

MONTHS = 25  # from that of the release on
TWIN = -1.0  # release_month of the history without the release
COMPARED = ("supplier_value", "equity", "ai_value")


def release_of(runs: Runs) -> int | None:
    """Month of the cheap release, counted from the start; None if there is none until the end."""
    industry = start_of(runs.scenario.world).under(runs.scenario.parameters).industry[0]
    month = int(runs.scenario.parameters["release_month"])
    due = int(industry["release_after"]) + month
    happens = month >= 0 and industry["release_by"] >= 0 and due < runs.months
    return due if happens else None


def event_study(scenario: Scenario, runs: Runs, world: Any, workers: int) -> pd.DataFrame:
    """Per cent difference to the twin histories without the cheap release, month by month.

    Returns
    -------
    DataFrame
        Columns `indicator`, `month` (from the release on), `low`, `median`, `high`, and `without`:
        histories without this figure, because the twin has no value then. No rows if there is no
        release.
    """
    first = release_of(runs)
    if first is None:
        return _table([])
    end = min(first + MONTHS, runs.months)
    twin = scenario.with_(release_month=TWIN)
    last = runs.dates()[end - 1]
    without = Ensemble(twin, runs.seeds, last, world, workers=workers).run().values
    rows = []
    for name in COMPARED:
        ours, theirs = runs.values[name][:, first:end], without[name][:, first:]
        ratio = np.divide(ours, theirs, out=np.full(ours.shape, np.nan), where=theirs > 0.0)
        change = 100.0 * (ratio - 1.0)
        missing = np.isnan(change).sum(axis=0)
        for month in range(end - first):
            known = change[~np.isnan(change[:, month]), month]
            if len(known):
                rows.append([name, month, *np.quantile(known, BAND), int(missing[month])])
    return _table(rows)


def _table(rows: list[list[Any]]) -> pd.DataFrame:
    figures = dict.fromkeys(("month", "low", "median", "high", "without"), float)
    return pd.DataFrame(rows, columns=["indicator", *figures]).astype(figures)
