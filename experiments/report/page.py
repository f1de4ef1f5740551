"""The report: one page that needs nothing but itself, and tables beside it."""

from __future__ import annotations

import io
import json
import os
import platform
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jinja2
import matplotlib
import numpy as np

from experiments.analysis.compare import ROWS, Comparison, regime_shares, table
from experiments.report.layout import places
from experiments.report.palette import INK, INVESTOR_COLOUR, KIND_COLOURS, PALETTE
from model import Market
from model.identity import version as made_by
from model.regimes import REGIMES

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

LOGARITHMIC = ("capital raised", "revenue", "developers' value", "incidents")
FLOORS = {"capital raised": 1e9, "revenue": None, "developers' value": None, "incidents": 1.0}
TOLD = (
    "frontier_release", "surprise", "belief_up", "belief_reading", "round_failed", "round_shrunk",
    "exit", "entry", "public_research", "ip_strength", "export_control", "export_relaxed",
    "safety_rules", "weights_closed", "hostile_theft", "accident", "intervention",
)  # fmt: skip
SENTENCES = 80


def svg(figure: Any) -> str:
    """Inline SVG of a figure, transparent, without what the page does not need."""
    buffer = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": "moat", "svg.fonttype": "none"}):
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    plt.close(figure)
    text = buffer.getvalue()
    return text[text.index("<svg") :]


def style(axes: Any) -> None:
    """Two quiet axes and small figures: the look of every panel."""
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(INK)
    axes.tick_params(colors=INK, labelsize=8)


def _whole_years(axes: Any, years: Any) -> None:
    """Ticks at a few whole years, so that labels never touch."""
    first, last = int(years[0]), int(np.ceil(years[-1]))
    step = max(1, (last - first) // 3)
    axes.set_xticks(range(first, last + 1, step))
    axes.xaxis.set_major_formatter("{x:.0f}")


def fan_chart(found: Sequence[Comparison], name: str) -> str:
    """Median, 50 % and 90 % bands of one indicator, the scenarios side by side on one scale."""
    unit, read = ROWS[name]
    figure, axes = plt.subplots(
        1, len(found), figsize=(9.2, 2.4), sharey=True, squeeze=False, layout="constrained"
    )
    for k, comparison in enumerate(found):
        paths = read(comparison.runs.values)
        years = 2025 + comparison.runs.kept / 12.0
        colour = PALETTE[k % len(PALETTE)]
        low, lower, median, upper, high = np.quantile(paths, (0.05, 0.25, 0.5, 0.75, 0.95), axis=0)
        panel = axes[0][k]
        panel.fill_between(years, low, high, color=colour, alpha=0.18, linewidth=0)
        panel.fill_between(years, lower, upper, color=colour, alpha=0.3, linewidth=0)
        panel.plot(years, median, color=colour, linewidth=1.6)
        panel.set_title(comparison.scenario.name, fontsize=9, color=colour, loc="left")
        style(panel)
        _whole_years(panel, years)
        if name in LOGARITHMIC:
            panel.set_yscale("log")
            panel.set_ylim(bottom=FLOORS[name])
    axes[0][0].set_ylabel(unit, fontsize=8, color=INK)
    return svg(figure)


def shock_chart(found: Sequence[Comparison]) -> str:
    """Per cent difference to the twin without the cheap release."""
    figure, axes = plt.subplots(1, 2, figsize=(9.2, 2.8), sharey=True, layout="constrained")
    titles = {"supplier_value": "compute supplier", "equity": "all developers"}
    for panel, (name, title) in zip(axes, titles.items(), strict=True):
        for k, comparison in enumerate(found):
            rows = comparison.shock[comparison.shock["indicator"] == name]
            colour = PALETTE[k % len(PALETTE)]
            panel.fill_between(
                rows["month"], rows["low"], rows["high"], color=colour, alpha=0.15, linewidth=0
            )
            panel.plot(
                rows["month"], rows["median"], color=colour, label=comparison.scenario.name
            )
        panel.axhline(0.0, color=INK, linewidth=0.6)
        panel.set_title(title, fontsize=9, color=INK, loc="left")
        panel.set_xlabel("months after January 2025", fontsize=8, color=INK)
        style(panel)
    axes[0].set_ylabel("value against the twin [%]", fontsize=8, color=INK)
    axes[1].legend(fontsize=8, frameon=False, labelcolor=INK)
    return svg(figure)


def shares_chart(found: Sequence[Comparison]) -> str:
    """Regime shares as stacked bars."""
    shares = regime_shares(found)
    figure, axes = plt.subplots(figsize=(9.2, 0.6 + 0.42 * len(found)), layout="constrained")
    left = np.zeros(len(shares))
    for k, regime in enumerate(REGIMES):
        values = shares[regime].to_numpy()
        axes.barh(shares.index, values, left=left, color=PALETTE[k], label=regime, height=0.6)
        left += values
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.set_xlabel("share of histories", fontsize=8, color=INK)
    axes.legend(
        fontsize=8, frameon=False, ncols=5, loc="lower left", bbox_to_anchor=(0, 1), labelcolor=INK
    )
    style(axes)
    return svg(figure)


def graph_chart(before: Market, after: Market) -> str:
    """Who owns whom at the start and at the end; everybody keeps its place."""
    where = places(before.tables)
    figure, axes = plt.subplots(1, 2, figsize=(9.2, 3.8), layout="constrained")
    for panel, market, title in zip(axes, (before, after), ("first month", "last month"), strict=True):
        graph = market.graph
        agents = {node: data["agent"] for node, data in graph.nodes(data=True)}
        at = {node: where[agent.table][agent.row] for node, agent in agents.items()}
        for tail, head, data in graph.edges(data=True):
            if data["kind"] == "stake":
                (x0, y0), (x1, y1) = at[tail], at[head]
                share = data["share"]  # thin ones are many: faint, so that large ones show
                panel.plot([x0, x1], [y0, y1], color=INK, linewidth=0.3 + 3.0 * share,
                           alpha=min(0.5, 0.08 + 4.0 * share), zorder=1)  # fmt: skip
        for node, data in graph.nodes(data=True):
            agent = agents[node]
            if agent.table not in ("developers", "investors"):
                continue
            worth = max(agent.cash, getattr(agent, "valuation", 0.0), 1e8)
            panel.scatter(
                *at[node], s=6.0 + 12.0 * max(0.0, np.log10(worth) - 8.0), linewidths=0, zorder=2,
                color=KIND_COLOURS.get(data["kind"], INVESTOR_COLOUR),
            )  # fmt: skip
            if agent.table == "developers":
                panel.annotate(
                    data["name"], at[node], fontsize=5, color=INK, ha="center", xytext=(0, 4),
                    textcoords="offset points", zorder=3,
                )  # fmt: skip
        panel.set_title(title, fontsize=9, color=INK, loc="left")
        panel.axis("off")
    return svg(figure)


def important(comparison: Comparison) -> dict[str, list[str]]:
    """At most 80 sentences of the story, by year: the rarest kinds of event first."""
    story = comparison.market.story()
    story = story[story["event"].isin(TOLD)]
    counts = story["event"].map(story["event"].value_counts())
    kept = story.assign(rare=counts).sort_values(["rare", "date"], kind="stable").head(SENTENCES)
    kept = kept.sort_index()
    years: dict[str, list[str]] = {}
    for date, sentence in zip(kept["date"], kept["sentence"], strict=True):
        years.setdefault(date[:4], []).append(f"{date[5:]}: {sentence}")
    return years


def answer(found: Sequence[Comparison]) -> list[str]:
    """What the figures say, in plain sentences."""
    sentences = []
    for comparison in found:
        shares = comparison.runs.shares()
        parts = [f"{regime} {share:.0%}" for regime, share in shares.items() if share > 0]
        shock = comparison.shock[comparison.shock["month"] == 0].set_index("indicator")["median"]
        sentences.append(
            f"{comparison.scenario.name}: {', '.join(parts)}. In the month of the release the "
            f"supplier's value differs by {shock['supplier_value']:+.1f} % and all developers' "
            f"value by {shock['equity']:+.1f} % from the same history without it."
        )
    return sentences


def provenance(found: Sequence[Comparison], command: str) -> dict[str, Any]:
    """What made the report: versions, scenarios, seeds."""
    runs = found[0].runs
    return {
        "command": command,
        **made_by(),
        "python": platform.python_version(),
        **{name: version(name) for name in ("mesa", "numpy", "numba", "pandas")},
        "seeds": [int(runs.seeds[0]), int(runs.seeds[-1])],
        "until": runs.until,
        "scenarios": {
            c.scenario.name: {
                "world": c.scenario.world,
                "parameters": dict(c.scenario.parameters),
                "median_member": c.member,
                "replay_equals_ensemble": c.same,
            }
            for c in found
        },
    }


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=path.suffix)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(name, 0o644)
    os.replace(name, path)


def write_report(found: Sequence[Comparison], out: Path, command: str) -> Path:
    """Write the page and the tables beside it; return the page's path."""
    out.mkdir(parents=True, exist_ok=True)
    figures = {name: fan_chart(found, name) for name in ROWS}
    graphs = {}
    for comparison in found:
        first = type(comparison.market)(
            comparison.scenario, seed=comparison.runs.seed_of(comparison.member)
        )
        graphs[comparison.scenario.name] = graph_chart(first, comparison.market)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True
    )
    made = provenance(found, command)
    page = environment.get_template("report.html.j2").render(
        found=found,
        answer=answer(found),
        shares=shares_chart(found),
        shock=shock_chart(found),
        figures=figures,
        graphs=graphs,
        stories={c.scenario.name: important(c) for c in found},
        table=table(found).to_dict("records"),
        provenance={k: v for k, v in made.items() if k != "scenarios"},
        colours={**KIND_COLOURS, "investor": INVESTOR_COLOUR},
    )
    write_text(out / "report.html", page)
    write_text(out / "regimes.svg", shares_chart(found))
    write_text(out / "manifest.json", json.dumps(made, indent=1))
    write_text(out / "table.csv", table(found).to_csv(index=False))
    for comparison in found:
        name = comparison.scenario.name
        write_text(out / f"regimes_{name}.csv", comparison.runs.regimes().to_csv(index=False))
        write_text(out / f"story_{name}.csv", comparison.market.story().to_csv(index=False))
        write_text(out / f"months_{name}.csv", comparison.market.frame().to_csv())
        frame = comparison.runs.frame()
        temporary = out / f".indicators_{name}.parquet"
        frame.to_parquet(temporary)
        os.replace(temporary, out / f"indicators_{name}.parquet")
    return out / "report.html"
