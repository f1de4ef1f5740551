"""The pictures of the report: paths, the shock, regimes, who owns whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.collections import LineCollection

from experiments.analysis.compare import ROWS, Comparison, regime_shares
from experiments.report.drawing import REGIME_COLOURS, Margins, panels, plain, powers, svg
from experiments.report.layout import places
from experiments.report.palette import INK, INVESTOR_COLOUR, KIND_COLOURS, PALETTE
from model import Market
from world.calendar import month_number

# Rows drawn in logs, and where their axis begins (None: where the paths do).
LOGARITHMIC = {"capital raised": 1e9, "private money": 1e9, "revenue": None,
               "developers' value": None, "incidents": 1.0}  # fmt: skip


def paths_picture(found: Sequence[Comparison], name: str) -> str:
    """Median, 50 % and 90 % bands of one indicator, the scenarios side by side on one scale."""
    unit, read = ROWS[name]
    titles = [plain(comparison.scenario.name) for comparison in found]
    picture, axes = panels(len(found), 2.4, titles, Margins(), sharey=True)
    for k, (panel, comparison) in enumerate(zip(axes, found, strict=True)):
        paths = read(comparison.runs.values)
        years = (month_number(comparison.runs.roster.start) + comparison.runs.kept) / 12.0
        colour = PALETTE[k % len(PALETTE)]
        low, lower, median, upper, high = np.quantile(paths, (0.05, 0.25, 0.5, 0.75, 0.95), axis=0)
        panel.fill_between(years, low, high, color=colour, alpha=0.18, linewidth=0)
        panel.fill_between(years, lower, upper, color=colour, alpha=0.3, linewidth=0)
        panel.plot(years, median, color=colour, linewidth=1.6)
        panel.set_title(titles[k], fontsize=9, color=colour, loc="left", y=1.0)
        _whole_years(panel, years)
    if name in LOGARITHMIC:
        powers(axes[0])
        axes[0].set_ylim(bottom=LOGARITHMIC[name])
    for panel in axes[1:]:
        panel.tick_params(axis="y", which="both", left=False)
    axes[0].set_ylabel(unit, fontsize=8, color=INK)
    return svg(picture)


def _whole_years(panel: Any, years: Any) -> None:
    """Ticks at a few whole years, so that labels never touch."""
    first, last = int(years[0]), int(np.ceil(years[-1]))
    step = max(1, (last - first) // 3)
    panel.set_xticks(range(first, last + 1, step))
    panel.xaxis.set_major_formatter("{x:.0f}")


def shock_picture(found: Sequence[Comparison]) -> str:
    """Per cent difference to the twin without the cheap release."""
    titles = {"supplier_value": "compute supplier", "equity": "all developers"}
    picture, axes = panels(2, 2.8, list(titles.values()), Margins(bottom=0.44), sharey=True)
    for panel, name in zip(axes, titles, strict=True):
        for k, comparison in enumerate(found):
            rows = comparison.shock[comparison.shock["indicator"] == name]
            colour = PALETTE[k % len(PALETTE)]
            panel.fill_between(
                rows["month"], rows["low"], rows["high"], color=colour, alpha=0.15, linewidth=0
            )
            panel.plot(rows["month"], rows["median"], color=colour, label=f"of {k}")
        panel.axhline(0.0, color=INK, linewidth=0.6)
        panel.set_xlabel("months since the release", fontsize=8, color=INK)
    axes[0].set_ylabel("value against the twin [%]", fontsize=8, color=INK)
    # Named afterwards: matplotlib's legend leaves out labels that begin with an underscore.
    lines = [line for line in axes[1].lines if line.get_label().startswith("of ")]
    legend = axes[1].legend(lines, range(len(lines)), fontsize=8, frameon=False, labelcolor=INK)
    for text, comparison in zip(legend.get_texts(), found, strict=True):
        text.set_text(plain(comparison.scenario.name))
    return svg(picture)


def shares_picture(found: Sequence[Comparison]) -> str:
    """Regime shares as stacked bars."""
    shares = regime_shares(found)
    picture, [panel] = panels(1, 0.6 + 0.42 * len(found))
    left = np.zeros(len(shares))
    for regime, colour in REGIME_COLOURS.items():
        values = shares[regime].to_numpy()
        panel.barh(range(len(shares)), values, left=left, color=colour, label=regime, height=0.6)
        left += values
    panel.set_yticks(range(len(shares)), [plain(name) for name in shares.index])
    panel.invert_yaxis()
    panel.set_xlim(0, 1)
    panel.set_xlabel("share of histories", fontsize=8, color=INK)
    panel.legend(
        fontsize=8, frameon=False, ncols=5, loc="lower left", bbox_to_anchor=(0, 1), labelcolor=INK
    )
    return svg(picture)


def graph_picture(before: Market, after: Market) -> str:
    """Who owns whom at the start and at the end; everybody keeps its place."""
    where = places(before.tables)
    titles = ("first month", "last month")
    picture, axes = panels(2, 3.8, titles, Margins(left=0.04, bottom=0.04, right=0.04))
    for panel, market in zip(axes, (before, after), strict=True):
        _draw_stakes(panel, market, where)
        _draw_agents(panel, market, where)
        panel.axis("off")
    return svg(picture)


def _draw_stakes(panel: Any, market: Market, where: dict[str, Any]) -> None:
    tables = market.tables
    owner, owned, share = (np.asarray(tables.ties[name]) for name in ("source", "target", "share"))
    held = share > 0.0
    held &= (tables.investors["alive"][owner] == 1) & (tables.developers["alive"][owned] == 1)
    ends = np.stack([where["investors"][owner], where["developers"][owned]], axis=1)
    # Thin ones are many: faint, so that large ones show.
    panel.add_collection(LineCollection(
        list(ends[held]), linewidths=0.3 + 3.0 * share[held], colors=INK,
        alpha=np.minimum(0.5, 0.08 + 4.0 * share[held]), zorder=1,
    ))  # fmt: skip


def _draw_agents(panel: Any, market: Market, where: dict[str, Any]) -> None:
    agents = [agent for agent in market.agents if agent.table in ("investors", "developers")]
    at = np.array([where[agent.table][agent.row] for agent in agents])
    worth = [max(agent.cash, getattr(agent, "valuation", 0.0), 1e8) for agent in agents]
    panel.scatter(
        *at.T, s=6.0 + 12.0 * (np.log10(worth) - 8.0), linewidths=0, zorder=2,
        color=[KIND_COLOURS.get(agent.kind, INVESTOR_COLOUR) for agent in agents],
    )  # fmt: skip
    for agent, place in zip(agents, at, strict=True):
        if agent.table == "developers":
            panel.annotate(
                plain(agent.name), place, fontsize=5, color=INK, ha="center", xytext=(0, 4),
                textcoords="offset points", zorder=3,
            )  # fmt: skip
