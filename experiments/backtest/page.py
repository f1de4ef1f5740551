"""The page of a backtest: sums, what is missed, all rows, and a picture of each origin."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from experiments.backtest.forecast import Forecast
from experiments.backtest.observations import FORMS, UNITS, Observation
from experiments.backtest.prior import beliefs
from experiments.backtest.score import (
    Row,
    answer,
    asked,
    in_scale,
    in_units,
    ranks,
    rows_table,
    sums_table,
    verdict,
)
from experiments.report.drawing import WIDTH, labels, panels, style, svg
from experiments.report.files import csv_text, write_text
from experiments.report.palette import BLUE, GREEN, INK, VERMILLION
from experiments.report.provenance import made_by
from experiments.report.render import shown
from experiments.sweeps.store import world_version
from world.calendar import month_label, month_number
from world.files.read import read_world
from world.folders import make_folder

ACROSS = 3  # panels side by side
HIGH = 1.75  # inches, a row of panels
MOST = 36  # panels in a picture
FAN = (0.05, 0.25, 0.5, 0.75, 0.95)
SURE = 1.6449  # deviations that 90 % of a normal lie within
READING = (
    "A forecast knows the world of its first month and what was believed of the parameters, and "
    "is 5, 50 and 95 % of the members, each blurred by the error of the observation. CRPS is the "
    "continuous ranked probability score over the spread of the naive forecast: 0 is perfect, and "
    "less is better. A row is won if it is lower than that of the naive forecast. Coverage of a "
    "forecast that is as sure as it may be is 0.9, its ranks are flat; heaps at both ends are "
    "overconfidence, a heap at one end is bias. A mean is over rows: one far row in a linear scale "
    "can carry it, so read the share of rows won beside it. The error of an observation is normal in "
    "the row's scale: a band of counts or shares in a linear one can reach beyond what is possible. "
    "In logs a figure counts as at least a million USD, a tenth for counts, or a millionth. Members "
    "in which a figure divides by zero say nothing of it; a row needs half of them, and says how many "
    "where it has not all."
)
SEEN = (
    "Seen (yes) are rows by which rules or priors were chosen, in sight those that stood on the same "
    "screen meanwhile: neither score is a clean test. Rules and defaults know the years to 2024."
)
FANS = (
    "Forecast: median, 50 and 90 % of the members, by the last month of the figure. Dots: observed, "
    "with 90 % of the error; diamonds: the naive forecast, with 90 % of its spread. At most "
    f"{MOST} kinds of figure an origin."
)


def write_backtest(
    rows: Sequence[Row], out: Path, command: str, seeds: str, pictures: Mapping[str, str],
    world: str | Path | None = None,
) -> Path:  # fmt: skip
    """Write the page, the pictures and the table beside it; return the page's path.

    Parameters
    ----------
    rows : sequence of dict
        Scored rows (`experiments.backtest.score.score`).
    out : Path
        Folder; made if there is none.
    command : str
        That makes the same again.
    seeds : str
        Of the members, e.g. ``"0-399"``.
    pictures : mapping
        By origin, of `origin_picture`.
    world : str or Path, optional
        Where the forecasts begin, unless in the shipped world of their origin.
    """
    make_folder(out)
    made = made_by(command, ("numpy", "scipy", "llvmlite", "pandas")) | {"seeds": seeds}
    record = [origin_record(rows, origin, world or origin) for origin in pictures]
    flat = pd.json_normalize(list(rows), sep="_")
    write_text(out / "rows.csv", csv_text(flat, index=False, float_format="%.6g"))
    write_text(out / "provenance.json", json.dumps(made | {"origins": record}, indent=1))
    write_text(out / "ranks.svg", ranks_picture(rows))
    for origin, picture in pictures.items():
        write_text(out / f"{origin}.svg", picture)
    write_text(out / "README.md", page(rows, record, made))
    return out / "README.md"


def origin_record(rows: Sequence[Row], origin: str, world: str | Path) -> dict[str, Any]:
    """What was run from an origin: rows, last month, world, parameters that the prior draws."""
    mine = [row for row in rows if row["origin"] == origin]
    return {
        "origin": origin,
        "rows": len(mine),
        "until": max(row["last"] for row in mine),
        "world_hash": world_version(read_world(world))[:12],
        "prior": " ".join(belief.name for belief in beliefs(origin)),
    }


def page(
    rows: Sequence[Row], record: Sequence[Mapping[str, Any]], made: Mapping[str, str]
) -> str:
    """The page in Markdown."""
    origins = [part["origin"] for part in record]
    parts = [
        "# Backtest: forecasts against what came",
        "**Answer.** " + answer(rows),
        READING,
        "## What is missed",
        "\n".join(missed(rows)),
        "## Sums",
        markdown(sums_table(rows)),
        *([SEEN] if any("seen" in row for row in rows) else []),
        "![ranks](ranks.svg)",
        "*Rows by the rank of the observed value in the forecast; the line is a flat histogram.*",
        "## Origins",
        FANS,
        *(f"![{origin}]({origin}.svg)\n\n*From {origin} on.*" for origin in origins),
        "## All rows",
        markdown(rows_table(rows)),
        "## Provenance",
        "\n".join(f"- {name}: `{value}`" for name, value in made.items()),
        markdown(pd.DataFrame(record)),
    ]
    return "\n\n".join(parts) + "\n"


def missed(rows: Sequence[Row]) -> list[str]:
    """One line each row outside its band, and how many rows a group loses."""
    lines = [
        f"- From {row['origin']}, {asked(row)}: observed {row['observed']:.4g}, {verdict(row)} the "
        f"forecast's {row['low']:.4g} to {row['high']:.4g}."
        for row in rows
        if not row["inside"]
    ] or ["- No row lies outside its band."]
    groups = dict.fromkeys(row["group"] for row in rows)
    for group in groups:
        lost = [row for row in rows if row["group"] == group and not row["won"]]
        if lost:
            of = sum(row["group"] == group for row in rows)
            lines.append(f"- {group}: the naive forecast is as near or nearer in {len(lost)} of {of} "
                         "rows.")  # fmt: skip
    return lines


def markdown(frame: pd.DataFrame) -> str:
    """A table in Markdown."""
    head = ["| " + " | ".join(map(str, frame.columns)) + " |", "|" + "---|" * len(frame.columns)]
    body = [
        "| " + " | ".join(shown(cell).replace("|", "\\|") for cell in row) + " |"
        for row in frame.itertuples(index=False)
    ]
    return "\n".join([*head, *body])


# --- pictures ------------------------------------------------------------------------------


def ranks_picture(rows: Sequence[Row]) -> str:
    """Histogram of the ranks."""
    counts = ranks(rows)
    picture, [panel] = panels(1, 2.2)
    edges = np.linspace(0.0, 1.0, len(counts) + 1)
    panel.bar(edges[:-1], counts, width=np.diff(edges), align="edge", color=BLUE, alpha=0.6)
    panel.axhline(len(rows) / len(counts), color=INK, linewidth=0.8)
    panel.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=4))
    labels(panel, "rank of the observed value in the forecast", "rows")
    return svg(picture)


def origin_picture(observations: Sequence[Observation], forecast: Forecast) -> str:
    """Small multiples of an origin: one panel an indicator and form, at most 36.

    Parameters
    ----------
    observations : sequence of Observation
        All of this origin.
    forecast : Forecast

    Returns
    -------
    str
        Inline SVG.
    """
    kinds: dict[tuple[str, str, str], list[Observation]] = {}
    for row in observations:
        kinds.setdefault((row.indicator, row.form, row.scale), []).append(row)
    chosen = list(kinds.items())[:MOST]
    down = -(-len(chosen) // ACROSS)
    picture = Figure((WIDTH, HIGH * down + 0.2), layout="constrained")
    axes = list(picture.subplots(down, ACROSS, squeeze=False).flat)
    for panel, ((indicator, form, scale), rows) in zip(axes, chosen, strict=False):
        style(panel)
        title = f"{indicator}, {form} [{unit(indicator, form)}]"
        panel.set_title(title, fontsize=8, color=INK, loc="left", y=1.0)
        for first in dict.fromkeys(row.first for row in rows):
            _fan(panel, [row for row in rows if row.first == first], forecast)
        _points(panel, rows)
        _axes(panel, scale, forecast)
    for panel in axes[len(chosen) :]:
        panel.axis("off")
    return svg(picture)


def unit(indicator: str, form: str) -> str:
    """Unit of a figure."""
    if form == "ratio" or "/" in indicator:
        return "ratio"
    return UNITS[indicator].removesuffix("/month") if form == "sum" else UNITS[indicator]


def _fan(panel: Any, rows: Sequence[Observation], forecast: Forecast) -> None:
    """Draw the forecast of one figure from the same first month on, by its last month."""
    row = max(rows, key=lambda row: row.last)
    window = forecast.window(row.indicator, row.first, row.last)
    with np.errstate(divide="ignore", invalid="ignore"):
        paths = np.stack([FORMS[row.form](window[:, : k + 1]) for k in range(window.shape[1])], 1)
        paths[:, ~np.isfinite(paths).all(axis=0)] = np.nan  # a divisor is zero there
    if row.scale == "log10":
        paths = np.maximum(paths, row.floor)
    low, lower, median, upper, high = np.quantile(paths, FAN, axis=0)
    first = row.first or forecast.start
    months = [_year(month_label(first, k)) for k in range(window.shape[1])]
    panel.fill_between(months, low, high, color=BLUE, alpha=0.18, linewidth=0)
    panel.fill_between(months, lower, upper, color=BLUE, alpha=0.3, linewidth=0)
    panel.plot(months, median, color=BLUE, linewidth=1.4, marker="." if len(months) == 1 else "")


def _points(panel: Any, rows: Sequence[Observation]) -> None:
    """Draw what was observed and the naive forecasts, each with 90 % of its deviation."""
    for figure, deviation, colour, marker, aside in (
        ("naive", "naive_spread", GREEN, "D", 0.04),
        ("value", "error", VERMILLION, "o", 0.0),
    ):
        x = [_year(row.last) + aside for row in rows]
        y = np.array([getattr(row, figure) for row in rows])
        spread = SURE * np.array([getattr(row, deviation) for row in rows])
        middle = np.array([in_scale(value, row) for value, row in zip(y, rows, strict=True)])
        low, high = (in_units(middle + sign * spread, rows[0].scale) for sign in (-1.0, 1.0))
        panel.errorbar(x, y, np.abs([y - low, high - y]), color=colour, fmt=marker, markersize=3,
                       linewidth=0.9)  # fmt: skip


def _axes(panel: Any, scale: str, forecast: Forecast) -> None:
    """Ticks: whole years, and few figures in the row's own units."""
    if scale == "log10":
        panel.set_yscale("log")
        low, high = panel.get_ylim()
        between = (1.0, 3.0) if high < 1e3 * low else (1.0,)
        panel.yaxis.set_major_locator(LogLocator(subs=between, numticks=6))
        panel.yaxis.set_minor_locator(NullLocator())
    else:
        panel.yaxis.set_major_locator(MaxNLocator(4))
    panel.yaxis.set_major_formatter(FuncFormatter(_short))
    first = int(_year(forecast.start))
    last = _year(month_label(forecast.start, forecast.values.shape[1] - 2))
    panel.set_xticks(range(first, int(np.ceil(last)) + 1))
    panel.xaxis.set_major_formatter("{x:.0f}")


def _short(value: float, _: int) -> str:
    return f"{value:.3g}".replace("e+", "e")


def _year(month: str) -> float:
    """A month on an axis of years."""
    return month_number(month) / 12.0
