"""How pictures are drawn: one style, panels side by side, bands, maps, inline SVG."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from experiments.report.palette import INK, PALETTE
from model.regimes import REGIMES

WIDTH = 9.2  # inches
# The same colour for a regime in every picture.
REGIME_COLOURS = dict(zip(REGIMES, PALETTE, strict=False))

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class Margins(NamedTuple):
    """Room around panels side by side [inches]: for ticks and labels, and a title above."""

    left: float = 0.7
    bottom: float = 0.26
    right: float = 0.08
    top: float = 0.26
    between: float = 0.12

    def places(self, count: int, height: float) -> dict[str, float]:
        """Where the panels are, as matplotlib's gridspec has it."""
        wide = (WIDTH - self.left - self.right - (count - 1) * self.between) / count
        return {
            "left": self.left / WIDTH,
            "right": 1.0 - self.right / WIDTH,
            "bottom": self.bottom / height,
            "top": 1.0 - self.top / height,
            "wspace": self.between / wide,
        }


def svg(picture: Any) -> str:
    """Inline SVG of a picture, transparent, without what a page does not need."""
    for part in (picture, *picture.axes):
        part.patch.set_facecolor("none")
    buffer = io.StringIO()
    canvas: Any = FigureCanvasSVG(picture)
    with (
        matplotlib.rc_context({"svg.hashsalt": "moat", "svg.fonttype": "none"}),
        warnings.catch_warnings(),
    ):
        # The text stays text: a letter that this font lacks, the reader's browser has.
        warnings.filterwarnings("ignore", r"Glyph .* missing from font", UserWarning)
        # Not `savefig`, which draws everything once more beforehand.
        canvas.print_svg(buffer, metadata={"Date": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]


def plain(name: str) -> str:
    """A name as matplotlib writes it letter for letter: no dollar begins a formula."""
    return name.replace("$", r"\$")


def style(panel: Any) -> None:
    """Two quiet axes and small labels: the look of every panel."""
    for side in ("top", "right"):
        panel.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        panel.spines[side].set_color(INK)
    panel.tick_params(which="both", colors=INK, labelsize=8)


def panels(
    count: int,
    height: float = 2.8,
    titles: Sequence[str] = (),
    margins: Margins | None = None,
    **options: Any,
) -> tuple[Any, list[Any]]:
    """Return a picture and its panels side by side, in the house style.

    Parameters
    ----------
    count : int
    height : float
        Of the picture [inches].
    titles : sequence of str
    margins : Margins, optional
        Around the panels; if none, they are worked out from all that is written there, which
        takes longer than drawing it.
    options
        Of matplotlib's `subplots`.
    """
    places = margins.places(count, height) if margins else {}
    picture = Figure((WIDTH, height), layout="constrained" if margins is None else None)
    axes = picture.subplots(1, count, squeeze=False, gridspec_kw=places, **options)
    for k, panel in enumerate(axes[0]):
        style(panel)
        if k < len(titles):
            # Told where (y), it does not look for ticks above to keep clear of.
            panel.set_title(titles[k], fontsize=9, color=INK, loc="left", y=1.0)
    return picture, list(axes[0])


def labels(panel: Any, x: str = "", y: str = "", legend: bool = False) -> None:
    """Write the axes' labels, and a legend if asked."""
    panel.set_xlabel(x, fontsize=8, color=INK)
    panel.set_ylabel(y, fontsize=8, color=INK)
    if legend:
        panel.legend(fontsize=7, frameon=False, labelcolor=INK)


def logarithmic(panel: Any) -> None:
    """Make the x axis logarithmic, with three labels at most: decades if it spans two."""
    panel.set_xscale("log")
    low, high = np.log10(panel.get_xlim())
    exponents = np.arange(np.ceil(low), high)
    ticks = 10.0 ** exponents[:: max(1, -(-len(exponents) // 3))]
    if len(ticks) < 2:
        ticks = np.concatenate([10.0**k * np.array([1, 2, 5]) for k in range(-9, 10)])
        ticks = ticks[(ticks > 10.0**low) & (ticks < 10.0**high)]
        ticks = ticks[:: max(1, -(-len(ticks) // 3))]
    panel.xaxis.set_major_locator(FixedLocator(ticks.tolist()))
    panel.xaxis.set_major_formatter(FuncFormatter(_short))
    panel.xaxis.set_minor_locator(NullLocator())


def powers(panel: Any) -> None:
    """Make the y axis logarithmic, decades as plain text: a formula is drawn slower than a curve."""
    panel.set_yscale("log")
    panel.yaxis.set_major_formatter(FuncFormatter(_power))
    panel.yaxis.set_minor_locator(NullLocator())


def _power(value: float, _: int) -> str:
    return f"10{str(round(np.log10(value))).translate(RAISED)}"


def _short(value: float, _: int) -> str:
    """Write 10 000 000 as 10M, and small numbers plainly."""
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if value >= 0.999 * size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.2g}"


def band(
    panel: Any, x: Any, middle: Any, low: Any, high: Any, k: int = 0, label: str | None = None
) -> None:
    """Draw a line with its band, in the k-th colour."""
    colour = PALETTE[k % len(PALETTE)]
    panel.fill_between(x, low, high, color=colour, alpha=0.18, linewidth=0)
    panel.plot(x, middle, color=colour, linewidth=1.6, label=label, marker=".", markersize=4)


def _mesh(panel: Any, table: pd.DataFrame, **options: Any) -> Any:
    """Draw a table as coloured cells: columns along x, rows along y."""
    x, y = (_edges(np.asarray(axis, dtype=float)) for axis in (table.columns, table.index))
    return panel.pcolormesh(x, y, table.to_numpy(dtype=float), rasterized=True, **options)


def _edges(values: Any) -> Any:
    """Edges of the cells around values, in logs if the values are in a geometric series."""
    if len(values) < 2:
        return np.array([values[0] - 0.5, values[0] + 0.5])
    if (values > 0.0).all() and len(values) > 2 and np.allclose(np.diff(np.log(values), 2), 0.0):
        return np.exp(_edges_between(np.log(values)))
    return _edges_between(values)


def _edges_between(values: Any) -> Any:
    middle = (values[1:] + values[:-1]) / 2.0
    return np.concatenate([[2 * values[0] - middle[0]], middle, [2 * values[-1] - middle[-1]]])


def regime_map(panel: Any, shares: pd.DataFrame, x: str, y: str) -> None:
    """Colour each point by its most frequent regime, paler the closer the vote.

    `shares` has columns x, y and one a regime (`Results.shares`).
    """
    import matplotlib.colors

    regimes = [regime for regime in REGIMES if regime in shares]
    table = shares.set_index([y, x])[regimes]
    first = table.to_numpy().argmax(axis=1)
    votes = table.to_numpy().max(axis=1)
    winner = pd.Series(first, table.index).unstack(x)
    sure = pd.Series(votes, table.index).unstack(x)
    colours = matplotlib.colors.ListedColormap([REGIME_COLOURS[regime] for regime in regimes])
    mesh = _mesh(panel, winner, cmap=colours, vmin=-0.5, vmax=len(regimes) - 0.5)
    mesh.set_alpha(np.clip(0.25 + 0.75 * sure.to_numpy(), 0.0, 1.0))
    for k in sorted(set(first)):
        panel.plot([], [], "s", color=REGIME_COLOURS[regimes[k]], label=regimes[k])
    panel.legend(fontsize=7, frameon=False, labelcolor=INK, loc="lower left",
                 bbox_to_anchor=(-0.05, 1), ncols=2, columnspacing=1.0)  # fmt: skip


def share_map(panel: Any, table: pd.DataFrame, low: float = 0.0, high: float = 1.0) -> None:
    """Colour a table of shares (or others between low and high), with its scale."""
    share_maps([panel], [table], low, high)


def share_maps(
    row: Sequence[Any],
    tables: Sequence[pd.DataFrame],
    low: float = 0.0,
    high: float = 1.0,
    meaning: str = "",
) -> None:
    """Colour one table a panel; all share the scale at their right, which says what it means."""
    for panel, table in zip(row, tables, strict=True):
        mesh = _mesh(panel, table, cmap="cividis", vmin=low, vmax=high)
    bar = row[0].figure.colorbar(mesh, ax=row, shrink=0.8)
    bar.set_label(meaning, fontsize=8, color=INK)
    bar.ax.tick_params(labelsize=7, colors=INK)
    bar.outline.set_visible(False)
