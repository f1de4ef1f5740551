"""The score of forecasts: bands, coverage, ranks and CRPS, against a naive forecast.

Everything is reckoned in the row's scale. The forecast of an observation is the mixture, over
the members, of normals around each member's figure whose deviation is the observation's error;
the naive one is a normal whose variance is that of the naive forecast and of the error.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtr

from experiments.analysis.statistics import BAND
from experiments.backtest.forecast import Forecast
from experiments.backtest.observations import FORMS, SEEN, Observation
from world.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, Any]

BINS = 10  # of the histogram of ranks
FEWEST = 0.5  # least share of the members that say something of a row
FAR = 10.0  # deviations beyond the members, where the mixture has no weight
HALVINGS = 80  # of the interval in which a quantile lies


def figures(row: Observation, forecast: Forecast) -> Any:
    """Figures of the members for an observation, in its own units, shape (members that have one,).

    Members in which it divides by zero say nothing of it, and are left out.

    Raises
    ------
    InputError
        It divides by zero in more than half of them.
    """
    found = figures_of(row, forecast.values, forecast.start)
    known = found[np.isfinite(found)]
    if len(known) < FEWEST * len(found):
        many = f"{len(found) - len(known)} of {len(found)} histories" if len(known) else "every history"
        raise InputError(
            f"{row.place}: {row.form} of {row.indicator} divides by zero in {many}; "
            "ask for another form or other months."
        )
    return known


def figures_of(row: Observation, values: Any, start: str) -> Any:
    """Figures for an observation of histories, `Forecast.values`; not finite where undefined."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return FORMS[row.form](Forecast(values, start).window(row.indicator, row.first, row.last))


def in_scale(values: Any, row: Observation) -> Any:
    """Figures in the row's scale; in logs they count as at least `Observation.floor`."""
    values = np.asarray(values, dtype=float)
    if row.scale == "linear":
        return values
    return np.log10(np.maximum(values, row.floor))


def in_units(values: Any, scale: str) -> Any:
    """Figures of a scale in the row's own units."""
    return values if scale == "linear" else 10.0**values


# --- the mixture ---------------------------------------------------------------------------


def distance(gap: Any, deviation: float) -> Any:
    """Mean distance from zero of a normal around `gap`: E|X|."""
    if deviation == 0.0:
        return np.abs(gap)
    z = gap / deviation
    density = np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi)
    return gap * (2.0 * ndtr(z) - 1.0) + 2.0 * deviation * density


def crps(members: Any, deviation: float, observed: float) -> float:
    """Continuous ranked probability score of a mixture of normals; less is better.

    Source: Grimit, Gneiting, Berrocal and Johnson 2006; of one member it is that of a normal
    (Gneiting and Raftery 2007), without deviation that of an ensemble.

    Parameters
    ----------
    members : ndarray, shape (members,)
    deviation : float
        Of each normal, in the units of the members.
    observed : float
    """
    apart = [distance(members - one, np.sqrt(2.0) * deviation).mean() for one in members]
    return float(distance(observed - members, deviation).mean() - 0.5 * np.mean(apart))


def cdf(members: Any, deviation: float, x: Any) -> Any:
    """Share of the mixture below each x; in the middle of a jump at it, if there is one."""
    gap = np.asarray(x)[..., None] - members
    below = ndtr(gap / deviation) if deviation > 0.0 else 0.5 * (1.0 + np.sign(gap))
    return below.mean(axis=-1)


def quantiles(members: Any, deviation: float, shares: Sequence[float] = BAND) -> Any:
    """Quantiles of the mixture, by bisection, shape (shares,)."""
    if deviation == 0.0:
        return np.quantile(members, shares, method="inverted_cdf")
    low = np.full(len(shares), members.min() - FAR * deviation)
    high = np.full(len(shares), members.max() + FAR * deviation)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        below = cdf(members, deviation, middle) < shares
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return high


# --- rows and sums -------------------------------------------------------------------------


def score(row: Observation, forecast: Forecast) -> Row:
    """Score a forecast by one observation.

    Returns
    -------
    dict
        The columns of the file, and: origin; observed, low, median, high (5, 50, 95 % of the
        forecast) in the row's own units; inside; crps of model and naive, in the row's scale, and
        the same scaled by the naive spread; won; rank (probability integral transform, 0 to 1);
        members: how many of the histories say something of it.

    Raises
    ------
    InputError
        A member's figure is not finite, or the score is not.
    """
    own = figures(row, forecast)
    with np.errstate(all="ignore"):
        members = in_scale(own, row)
        observed, naive = in_scale([row.value, row.naive], row)
        band = quantiles(members, row.error)
        spread = np.hypot(row.naive_spread, row.error)
        scores = {
            "model": crps(members, row.error, observed),
            "naive": crps(np.array([naive]), spread, observed),
        }
        scaled = {name: value / row.naive_spread for name, value in scores.items()}
        low, median, high = (float(value) for value in in_units(band, row.scale))
        rank = float(cdf(members, row.error, observed))
    if not np.isfinite([low, median, high, *scaled.values()]).all():
        raise InputError(f"{row.place}: error and naive_spread are too far from the figures.")
    return row.columns() | {
        "origin": forecast.start,
        "observed": row.value,
        "low": low,
        "median": median,
        "high": high,
        "inside": bool(band[0] <= observed <= band[-1]),
        "crps": scores,
        "scaled": scaled,
        "won": scores["model"] < scores["naive"],
        "rank": rank,
        "members": len(members),
        "histories": len(forecast.values),
    }


def sums(rows: Sequence[Row]) -> Row:
    """Count rows; share inside, mean scaled CRPS of model and naive, share won."""
    return {
        "rows": len(rows),
        "coverage": float(np.mean([row["inside"] for row in rows])),
        "crps": {
            name: float(np.mean([row["scaled"][name] for row in rows])) for name in ("model", "naive")
        },
        "won": float(np.mean([row["won"] for row in rows])),
    }


def sums_by(rows: Sequence[Row], column: str) -> dict[str, Row]:
    """The same by the values of a column, in the order in which they appear; rows without are left."""
    values = dict.fromkeys(row[column] for row in rows if column in row)
    return {value: sums([row for row in rows if row.get(column) == value]) for value in values}


def ranks(rows: Sequence[Row]) -> list[int]:
    """Histogram of the ranks in ten bins; flat if the forecast is as sure as it may be."""
    counts, _ = np.histogram([row["rank"] for row in rows], BINS, (0.0, 1.0))
    return [int(count) for count in counts]


def report(rows: Sequence[Row], origin: str | list[str], members: int) -> dict[str, Any]:
    """Everything that was found, as `moat backtest --json` prints it."""
    seen = sums_by(rows, "seen")
    whole = sums(rows)
    return {
        "rows": list(rows),
        "coverage": whole["coverage"],
        "crps": whole["crps"],
        "won": whole["won"],
        "groups": sums_by(rows, "group"),
        **({"seen": {value: seen[value] for value in SEEN if value in seen}} if seen else {}),
        "ranks": ranks(rows),
        "origin": origin,
        "members": members,
    }


# --- for readers ---------------------------------------------------------------------------


def answer(rows: Sequence[Row]) -> str:
    """What the scores say, in plain sentences."""
    unseen = [row for row in rows if row.get("seen") == "no"]
    told = _answer(rows)
    if part := partial(rows):
        told += (
            f" {len(part)} rows are scored on part of the members: in the others they divide by zero."
        )
    if not unseen:
        return told
    return f"{told} Of the rows that no choice of rules or priors has seen: {_answer(unseen)}"


def partial(rows: Sequence[Row]) -> list[Row]:
    """Rows of which some members say nothing."""
    return [row for row in rows if row["members"] < row["histories"]]


def _answer(rows: Sequence[Row]) -> str:
    found = sums(rows)
    inside = sum(row["inside"] for row in rows)
    model, naive = found["crps"]["model"], found["crps"]["naive"]
    better = "better" if model < naive else "no better"
    return (
        f"{inside} of {len(rows)} observed figures lie in the forecast's 90 % band; the model is "
        f"{better} than the naive forecast (mean scaled CRPS {model:.3g} against {naive:.3g}), and "
        f"wins {sum(row['won'] for row in rows)} of {len(rows)} rows."
    )


def asked(row: Row) -> str:
    """What a row asks for: indicator, form, months."""
    first = f"{row['first']} to " if row["first"] and row["form"] != "at" else ""
    return f"{row['indicator']} {row['form']} {first}{row['last']}"


def rows_table(rows: Sequence[Row]) -> pd.DataFrame:
    """Rows as a reader sees them."""
    import pandas as pd

    told = any("seen" in row for row in rows)
    part = bool(partial(rows))
    return pd.DataFrame([
        {
            "origin": row["origin"],
            "group": row["group"],
            "figure": asked(row),
            "observed": f"{row['observed']:.4g}",
            "forecast": f"{row['median']:.4g} [{row['low']:.4g}, {row['high']:.4g}]",
            "naive": f"{row['naive']:.4g}",
            "verdict": verdict(row),
            "rank": row["rank"],
            "CRPS": row["scaled"]["model"],
            "of naive": row["scaled"]["naive"],
            "won": "yes" if row["won"] else "no",
            **({"seen": row.get("seen", "")} if told else {}),
            **({"members": f"{row['members']} of {row['histories']}"} if part else {}),
        }
        for row in rows
    ])  # fmt: skip


def verdict(row: Row) -> str:
    """Where the observed value lies, against the band."""
    if row["inside"]:
        return "inside"
    return "ABOVE" if row["rank"] > 0.5 else "BELOW"


def sums_table(rows: Sequence[Row]) -> pd.DataFrame:
    """Sums of all rows, by group, by origin, and by whether they were seen."""
    import pandas as pd

    found = {("all", ""): sums(rows)}
    for column in ("group", "origin", "seen"):
        found |= {(column, value): known for value, known in sums_by(rows, column).items()}
    return pd.DataFrame([
        {
            "by": column,
            "": value,
            "rows": known["rows"],
            "coverage": known["coverage"],
            "CRPS": known["crps"]["model"],
            "of naive": known["crps"]["naive"],
            "won": known["won"],
        }
        for (column, value), known in found.items()
    ])  # fmt: skip
