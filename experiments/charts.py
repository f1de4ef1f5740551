"""Pictures of studies: one style, inline SVG."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from experiments.palette import INK, PALETTE
from experiments.report import _style as style
from experiments.report import _svg as svg
from model.regimes import REGIMES

WIDTH = 9.2  # inches
# The same colour for a regime in every picture.
REGIME_COLOURS = dict(zip(REGIMES, PALETTE, strict=False))

__all__ = [
    "INK", "PALETTE", "band", "labels", "logarithmic", "panels", "regime_map", "share_map", "svg",
]  # fmt: skip


def panels(
    count: int, height: float = 2.8, titles: Sequence[str] = (), **options: Any
) -> tuple[Any, list[Any]]:
    """Return a figure and its panels side by side, in the house style."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(
        1, count, figsize=(WIDTH, height), squeeze=False, layout="constrained", **options
    )
    for k, panel in enumerate(axes[0]):
        style(panel)
        if k < len(titles):
            panel.set_title(titles[k], fontsize=9, color=INK, loc="left")
    return figure, list(axes[0])


def labels(panel: Any, x: str = "", y: str = "", legend: bool = False) -> None:
    """Write the axes' labels, and a legend if asked."""
    panel.set_xlabel(x, fontsize=8, color=INK)
    panel.set_ylabel(y, fontsize=8, color=INK)
    if legend:
        panel.legend(fontsize=7, frameon=False, labelcolor=INK)


def logarithmic(panel: Any) -> None:
    """Make the x axis logarithmic, with few labels."""
    import matplotlib.ticker

    panel.set_xscale("log")
    panel.xaxis.set_major_locator(matplotlib.ticker.LogLocator(numticks=4, subs=(1.0, 3.0)))
    panel.xaxis.set_major_formatter(matplotlib.ticker.FuncFormatter(lambda x, _: f"{x:g}"))
    panel.xaxis.set_minor_locator(matplotlib.ticker.NullLocator())


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
    if len(values) < 2:
        return np.array([values[0] - 0.5, values[0] + 0.5])
    middle = (values[1:] + values[:-1]) / 2.0
    return np.concatenate(
        [[2 * values[0] - middle[0]], middle, [2 * values[-1] - middle[-1]]]
    )


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
                 bbox_to_anchor=(0, 1), ncols=3)  # fmt: skip


def share_map(panel: Any, table: pd.DataFrame, low: float = 0.0, high: float = 1.0) -> None:
    """Colour a table of shares (or others between low and high), with its scale."""
    mesh = _mesh(panel, table, cmap="cividis", vmin=low, vmax=high)
    bar = panel.figure.colorbar(mesh, ax=panel, shrink=0.8)
    bar.ax.tick_params(labelsize=7, colors=INK)
    bar.outline.set_visible(False)
