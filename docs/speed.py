"""The page about speed: tables and a picture of what the benchmarks kept."""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from experiments.report.drawing import style, svg
from experiments.report.palette import PALETTE

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
SHOWN = {"side by side": "side by side, many", "compiled": "compiled, one after the other",
         "mesa": "Mesa, live agents", "mesa.batch_run": "`mesa.batch_run`",
         "the same, plain Python": "the same, rules as plain Python"}  # fmt: skip


def kept(name: str) -> dict[str, Any]:
    """The raw figures of a benchmark."""
    found: dict[str, Any] = json.loads((BENCHMARKS / f"{name}.json").read_text(encoding="utf-8"))
    return found


def medians() -> dict[str, float]:
    """Seconds a history, by engine."""
    return {name: statistics.median(kept("engines")["seconds"][name]) for name in SHOWN}


def short(value: float) -> str:
    """Three digits, without an exponent."""
    return f"{float(f'{value:.3g}'):,g}"


def engine_rows() -> list[tuple[str, str, str]]:
    """Engine, milliseconds a history, ratio to the fastest."""
    fastest = medians()["side by side"]
    return [(SHOWN[name], short(1e3 * value), short(value / fastest))
            for name, value in medians().items()]  # fmt: skip


def calls() -> str:
    """Elementary functions of a history."""
    return f"{sum(kept('engines')['calls'].values()):,}"


def limit() -> str:
    """Milliseconds that they take side by side."""
    found = kept("engines")
    return f"{1e3 * sum(found['calls'].values()) * found['exponential']:.2f}"


def scaling_rows() -> list[tuple[str, ...]]:
    """Agents, edges and seconds; then the slopes."""
    found = kept("scaling")
    rows = [(f"{row['agents']:,}", f"{row['edges']:,}", f"{row['read_graph']:.3f}",
             f"{row['compiled']:.4f}", f"{row['mesa']:.3f}") for row in found["rows"]]  # fmt: skip
    slopes = found["slopes"]
    last = ("slope", "of logs", *(f"{slopes[k]:.2f}" for k in ("read_graph", "compiled", "mesa")))
    return [*rows, last]


WANTED = {"compare_cold": 0.25, "compare_edited": 0.2, "compare_warm": 0.34, "history_compiled": 0.4,
          "history_mesa": 0.4, "agent_frame": 0.34, "report": 0.34}  # fmt: skip


def against_rows() -> list[tuple[str, ...]]:
    """What, what was wanted, the ratios to two revisions, each with its range over rounds."""
    found, earlier = kept("against")["keys"], kept("against_e41c916")["keys"]
    said = "{ratio:.2f} ({low:.2f} to {high:.2f})".format
    return [(f"`{key}`", f"{WANTED[key]:.2f}", said(**row), said(**earlier[key]))
            for key, row in found.items()]  # fmt: skip


def against_revision(name: str = "against") -> str:
    """A revision that was measured against."""
    return str(kept(name)["old"]["rev"])


def peer_rows(table: str) -> list[tuple[str, str, str]]:
    """Framework, microseconds an agent and period, ratio to the fastest."""
    found = {name: 1e6 * statistics.median(spent) for name, spent in kept("peers")[table].items()}
    fastest = min(found.values())
    pinned = kept("peers")["pinned"]
    return [(pinned.get(name, name), short(value), short(value / fastest))
            for name, value in found.items()]  # fmt: skip


def sweep_figures() -> dict[str, str]:
    """What the page says of sweeps."""
    found = kept("sweeps")

    def ratio(over: str, under: str) -> str:
        rounds = [r[over]["rate"] / r[under]["rate"] for r in found["rounds"]]
        return f"{statistics.median(rounds):.2f}"

    costs = found["overhead"]
    told = {f"ms_{k}": short(cost["ms_a_history"]) for k, cost in enumerate(costs.values())}
    told |= {f"more_{k}": f"{100 * (cost['sweep'] / cost['bare'] - 1):.1f}"
             for k, cost in enumerate(costs.values())}  # fmt: skip
    told |= {f"busy_{n}": f"{100 * share:.0f}" for n, share in found["simulated"].items()}
    told |= {f"memory_{n}": f"{size:.0f}" for n, size in found["memory_MiB"].items()}
    return told | {
        "dask": f"{found['many']['Dask']['rate'] / found['many']['two bare loops']['rate']:.2f}",
        "bare": ratio("two workers", "two bare loops"),
        "task_ms": short(1e3 * found["task"]["seconds"]), "work": short(found["task"]["work"]),
        "task_kB": short(found["task"]["bytes"] / 1e3),
    }  # fmt: skip


def picture() -> str:
    """Seconds a history by engine, and cost over agents and edges, as SVG."""
    figure = Figure(figsize=(9.2, 2.9), layout="constrained")
    left, right = figure.subplots(1, 2)
    names = list(SHOWN)
    values = [1e3 * medians()[name] for name in names]
    left.barh(range(len(names)), values, color=PALETTE[0], height=0.6)
    for k, value in enumerate(values):
        left.text(value * 1.15, k, f"{short(value)} ms", va="center", fontsize=8)
    left.axvline(float(limit()), color=PALETTE[1], linewidth=1.0, linestyle="--")
    left.set(xscale="log", xlim=(0.3 * float(limit()), 12.0 * max(values)),
             xlabel="milliseconds a history (dashed: elementary functions alone)")  # fmt: skip
    left.set_yticks(range(len(names)), [SHOWN[name].replace("`", "") for name in names])
    left.invert_yaxis()
    rows = kept("scaling")["rows"]
    whole = [row["agents"] + row["edges"] for row in rows]
    for k, (key, label) in enumerate((("read_graph", "reading the graph"), ("mesa", "a Mesa year"),
                                      ("compiled", "a compiled year"))):  # fmt: skip
        right.plot(whole, [row[key] for row in rows], marker="o", markersize=3, color=PALETTE[k])
        right.text(whole[-1] * 1.15, rows[-1][key], label, va="center", fontsize=8, color=PALETTE[k])
    right.set(xscale="log", yscale="log", xlim=(whole[0] * 0.7, whole[-1] * 12.0),
              xlabel="agents and edges", ylabel="processor seconds")  # fmt: skip
    for panel in (left, right):
        style(panel)
    return svg(figure)
