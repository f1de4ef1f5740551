"""The event study: each history against its twin without the cheap release, on the same noise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from experiments.analysis.statistics import BAND
from model import Ensemble, Scenario
from model.ensemble import Runs

MONTHS = 25  # from the release on
TWIN = -1.0  # release_month of the history without the release


def event_study(scenario: Scenario, runs: Runs, world: Any, workers: int) -> pd.DataFrame:
    """Per cent difference to the twin histories without the cheap release, month by month."""
    last = runs.dates()[min(MONTHS, len(runs.kept)) - 1]
    twin = scenario.with_(release_month=TWIN)
    without = Ensemble(twin, runs.seeds, last, world, workers=workers).run().values
    rows = []
    for name in ("supplier_value", "equity", "ai_value"):
        change = 100.0 * (runs.values[name][:, : without.shape[1]] / without[name] - 1.0)
        for month, values in enumerate(np.quantile(change, BAND, axis=0).T):
            rows.append([name, month, *values])
    return pd.DataFrame(rows, columns=["indicator", "month", "low", "median", "high"])
