"""What did the cheap release of January 2025 do, and on what does it depend?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from experiments.analysis.event_study import TWIN
from experiments.analysis.statistics import bootstrap
from experiments.report.drawing import band, labels, logarithmic, panels, svg
from experiments.report.palette import INK
from experiments.studies.counterfactual import rewired
from experiments.studies.lab import Lab
from experiments.studies.study import Answer, Findings, Picture, Study
from experiments.sweeps.design import Design
from model import Scenario
from world.files.read import read_world
from world.files.synthetic import synthetic_world

if TYPE_CHECKING:
    import networkx as nx

STUDY = Study(
    order=1,
    title="The shock of January 2025",
    question="What does one cheap near-frontier release do to the compute supplier, to all AI "
    "equity, to funding and to progress, and on what does the size of the fall depend?",
    expected={
        "fall": "The supplier falls by at least 5 % in the month of the release under every "
        "reading (observed on 27 January 2025: -17 %), and by more than all AI equity does.",
        "reading": "Developers lose more in value under imitation than under cleverness.",
        "heals": "The supplier is back within a tenth of its fall inside twelve months, as "
        "attention fades.",
        "funding": "Capital raised over the next 24 months is lower than without the release.",
        "progress": "The frontier of 2030 moves by less than 0.2 OOM either way.",
        "surprise": "The cheaper the release, the deeper the fall.",
        "gap": "The nearer the release comes to the frontier, the deeper the fall.",
        "beliefs": "The lower the hazard believed before, the deeper the fall: there is more to "
        "learn; and the larger the rent kept after a copy, the shallower.",
        "alertness": "The fall is proportional to alertness, within a factor of two at both ends.",
        "graph": "Rewiring who follows whom, degrees kept, changes the fall by less than a "
        "quarter: most investors read of it in the press.",
    },
    design="Each history is paired with its twin: same world, same seed, same noise, but no "
    "release (release_month = -1). Three scenarios, and a baseline whose investors are unsure "
    "(weak priors, most disagreement). Around the baseline the release's cost and distance, prior "
    "hazard, kept share and alertness are moved one at a time. The graph is the real one of 2025, "
    "the same with its follow and syndicate edges rewired (degrees kept), and two synthetic worlds "
    "of about its size.",
    reading="A fall is the difference of the history to its twin in the month of the release, in "
    "per cent of the twin; the median over seeds, with a bootstrap interval of the median.",
    limits="Alertness, how fast attention fades and how compute demand answers to savings (jevons) "
    "were settled by targets on the fall of January 2025 (docs/chain.md), so that its size and its "
    "recovery are no predictions; its sign and what it depends on are. Demand for compute outside "
    "this market is an estimate within a factor of two. Months, not days: the fall and its recovery "
    "within the month are averaged.",
)

SIDES = {-1: True, 0: None, 1: False}  # sign of a difference expected to be negative
MATERIAL = 0.1  # per cent of value: a smaller difference is called none
REWIRINGS = 5
MOVED: dict[str, tuple[float, float, str]] = {
    "release_cost": (1e5, 3e8, "log"),
    "release_gap": (0.0, 1.0, "linear"),
    "prior_hazard": (0.3, 2.0, "linear"),
    "kept_share": (0.0, 0.5, "linear"),
    "alertness": (0.25, 4.0, "log"),
}
UNSURE = {"prior_strength": 1.0, "belief_spread": 0.6}


def run(lab: Lab) -> Findings:
    """Pair every history with its twin without the release."""
    readings = {name: Scenario.load(name) for name in ("baseline", "imitation", "cleverness")}
    readings["unsure"] = readings["baseline"].with_(**UNSURE)
    paths = {name: changes(lab, name, scenario) for name, scenario in readings.items()}
    found = pd.DataFrame([reading_row(name, path) for name, path in paths.items()])
    moved = dependence(lab, readings["baseline"])
    graphs = graph_falls(lab, readings["baseline"])
    return Findings(
        headline=headline(found),
        answers=answers(paths, found, moved, graphs),
        tables={"readings": found, "dependence": moved, "graphs": graphs},
        pictures={
            "shock": Picture(
                shock_picture(paths),
                "Value against the twin without the release [%]: median and middle half of the "
                "seeds. The release is in month 0.",
            ),
            "dependence": Picture(
                dependence_picture(moved),
                "Fall of the supplier and of all AI equity in the month of the release [%] as one "
                "parameter of the baseline moves; interval of the median.",
            ),
        },
    )


# --- design --------------------------------------------------------------------------


def changes(lab: Lab, name: str, scenario: Scenario) -> dict[str, np.ndarray]:
    """Paths of one reading against their twins: per cent, and OOM for the frontier."""
    seeds, until = range(lab.size(200, 20)), lab.size("2030-12", "2027-12")
    happened = lab.ensemble(name, scenario, seeds, until).values
    twin = lab.ensemble(f"{name} twin", scenario.with_(release_month=TWIN), seeds, until).values
    raised = [paths["capital_raised"][:, :24].sum(axis=1) for paths in (happened, twin)]
    return {
        "supplier": 100.0 * (happened["supplier_value"] / twin["supplier_value"] - 1.0),
        "equity": 100.0 * (happened["equity"] / twin["equity"] - 1.0),
        "funding": 100.0 * (raised[0] / np.maximum(raised[1], 1.0) - 1.0),
        "frontier": happened["frontier_capability"][:, -1] - twin["frontier_capability"][:, -1],
    }


def dependence(lab: Lab, baseline: Scenario) -> pd.DataFrame:
    """Move one parameter at a time."""
    points = []
    for name, (low, high, scale) in MOVED.items():
        axis = np.geomspace if scale == "log" else np.linspace
        for value in axis(low, high, lab.size(9, 3)):
            points.append(dict.fromkeys(MOVED, np.nan) | {name: value})
    defaults = {name: baseline.parameters[name] for name in MOVED}
    design = Design(pd.DataFrame(points).fillna(defaults))
    falls = month_falls(lab, "dependence", baseline, design)
    rows = []
    for point, group in falls.groupby("point"):
        name = next(n for n in MOVED if not np.isnan(points[int(point)][n]))
        supplier, equity = bootstrap(group["supplier"]), bootstrap(group["equity"])
        rows.append([name, points[int(point)][name], *supplier, *equity])
    return pd.DataFrame(rows, columns=[
        "parameter", "value", "supplier", "supplier low", "supplier high",
        "equity", "equity low", "equity high",
    ])  # fmt: skip


def graph_falls(lab: Lab, baseline: Scenario) -> pd.DataFrame:
    """The same shock on other graphs."""
    rows = []
    for name, graph in made_graphs(lab.size(REWIRINGS, 1)).items():
        design = Design.grid(release_gap=baseline.parameters["release_gap"])
        falls = month_falls(lab, name.replace(" ", "_"), baseline, design, graph)
        rows.append([name, *bootstrap(falls["supplier"]), *bootstrap(falls["equity"])])
    return pd.DataFrame(rows, columns=[
        "graph", "supplier", "supplier low", "supplier high", "equity", "equity low", "equity high",
    ])  # fmt: skip


def made_graphs(rewirings: int) -> dict[str, nx.MultiDiGraph]:
    """The graph of 2025, the same rewired, and synthetic ones."""
    world = read_world("2025")
    made = {"real": world} | {f"rewired {k + 1}": rewired(world, k) for k in range(rewirings)}
    for shape in ("random", "core_periphery"):
        made[shape] = synthetic_world(graph=shape)
        made[shape].graph["cheap_release_by"] = releaser(made[shape])
    return made


def worlds() -> dict[str, nx.MultiDiGraph]:
    """The worlds that the study makes, for its witnesses."""
    return made_graphs(REWIRINGS)


def releaser(world: nx.MultiDiGraph) -> str:
    """The clever imitator with most money: what DeepSeek was."""
    imitators = [d for _, d in world.nodes(data=True) if d["kind"] == "imitator" and d["alive"]]
    return str(max(imitators, key=lambda d: (d["clever"], d["cash"]))["name"])


def month_falls(
    lab: Lab, label: str, scenario: Scenario, design: Design, graph: Any = None
) -> pd.DataFrame:
    """Per cent against the twin in the month of the release, by design point and seed."""
    month = scenario.parameters["release_month"]
    both = design.crossed(Design.grid(release_month=[month, TWIN]))
    runs = lab.sweep(label, scenario, both, range(lab.size(100, 20)), "2025-01",
                     ["supplier_value", "equity"], graph=graph)  # fmt: skip
    runs["pair"] = runs["point"] // 2
    falls = pd.DataFrame()
    for name in ("supplier_value", "equity"):
        wide = runs.pivot(
            index=["pair", "seed"], columns="release_month", values=f"{name}@2025-01"
        )
        falls[name.split("_")[0]] = 100.0 * (wide[month] / wide[TWIN] - 1.0)
    return falls.reset_index(names=["point", "seed"])


# --- reading -------------------------------------------------------------------------


def reading_row(name: str, path: dict[str, np.ndarray]) -> dict[str, object]:
    """One reading in figures: the fall, its depth, when it heals, funding and frontier."""
    supplier, equity = bootstrap(path["supplier"][:, 0]), bootstrap(path["equity"][:, 0])
    funding, frontier = bootstrap(path["funding"]), bootstrap(path["frontier"])
    median = np.median(path["supplier"], axis=0)
    healed = np.flatnonzero(median >= 0.1 * median[0])
    return {
        "reading": name,
        "supplier fall": supplier.value, "low": supplier.low, "high": supplier.high,
        "equity fall": equity.value, "equity low": equity.low, "equity high": equity.high,
        "supplier deepest": float(median[:13].min()),
        "month of it": int(median[:13].argmin()),
        "healed in month": float(healed[0]) if len(healed) and median[0] < 0.0 else np.nan,
        "funding 24 months": funding.value, "funding low": funding.low, "funding high": funding.high,
        "frontier [OOM]": frontier.value, "frontier low": frontier.low, "frontier high": frontier.high,
    }  # fmt: skip


def headline(found: pd.DataFrame) -> str:
    """The answer in one sentence."""
    rows = found.set_index("reading")
    base, lost = rows.loc["baseline"], rows["equity fall"]
    return (
        f"In the baseline the supplier moves by {base['supplier fall']:+.1f} % and all AI equity by "
        f"{base['equity fall']:+.1f} % in the month of the release (observed: Nvidia -17 %; equity "
        f"{lost['imitation']:+.1f} % if it is imitation, {lost['cleverness']:+.1f} % if it is "
        f"cleverness), capital raised over 24 months by {base['funding 24 months']:+.1f} % "
        f"[{base['funding low']:+.1f}, {base['funding high']:+.1f}] and the frontier by "
        f"{base['frontier [OOM]']:+.2f} OOM."
    )


def answers(
    paths: dict[str, dict[str, np.ndarray]],
    found: pd.DataFrame,
    moved: pd.DataFrame,
    graphs: pd.DataFrame,
) -> dict[str, Answer]:
    """Hold each expectation against the figures."""
    rows = found.set_index("reading")
    falls = rows["supplier fall"]
    listed = ", ".join(f"{name} {fall:+.1f} %" for name, fall in falls.items())
    lost = rows["equity fall"]
    healed = rows["healed in month"]
    ends = {name: part.sort_values("value")["supplier"].to_numpy()[[0, -1]]
            for name, part in moved.groupby("parameter")}  # fmt: skip
    low, high = (np.sort(moved[moved["parameter"] == "alertness"]["value"])[k] for k in (0, -1))
    ratio = ends["alertness"][1] / ends["alertness"][0] / (high / low)
    proportion = f"Per unit of alertness it changes by a factor of {ratio:.2f}."
    if ends["alertness"].min() < 0.0 < ends["alertness"].max():
        proportion = "Its sign changes in between, so that it is not proportional."
    real = graphs.set_index("graph").loc["real", "supplier"]
    rewirings = graphs[graphs["graph"].str.startswith("rewired")]["supplier"]
    shift = float((rewirings / real - 1.0).mean())
    deepest = rows["supplier deepest"]
    fell = falls < 0.0
    held = bool((healed[fell] <= 12).all()) if healed[fell].notna().all() and fell.any() else None
    if held and (deepest[fell] < falls[fell]).any():
        held = None
    worse = bootstrap(paths["imitation"]["equity"][:, 0] - paths["cleverness"]["equity"][:, 0])
    funding = rows["funding 24 months"]
    frontier = rows["frontier [OOM]"]
    return {
        "fall": Answer(bool((falls <= -5.0).all() and (falls < lost).all()),
                       f"The supplier: {listed}; all AI equity: "
                       + ", ".join(f"{name} {fall:+.1f} %" for name, fall in lost.items()) + "."),
        "reading": Answer(SIDES[worse.sign] if abs(worse.value) >= MATERIAL else False,
                          f"Equity: {lost['imitation']:+.1f} % under imitation, "
                          f"{lost['cleverness']:+.1f} % under cleverness; paired difference "
                          f"{worse.said('{:+.2f}')} points"
                          + (" (below 0.1 is called none)." if abs(worse.value) < MATERIAL else ".")),
        "heals": Answer(held, "Months until a tenth of the fall is left: " + ", ".join(
                            f"{name} {'not seen' if np.isnan(m) else int(m)}"
                            for name, m in healed.items())
                        + "; but the median's lowest point of the first year is "
                        + ", ".join(f"{name} {deepest[name]:+.1f} % in month {month}"
                                    for name, month in rows["month of it"].items()) + "."),
        "funding": Answer(True if (rows["funding high"] < 0.0).all()
                          else False if (rows["funding low"] > 0.0).any() else None,
                          "Capital raised: " + ", ".join(
                              f"{name} {v:+.1f} % [{rows.loc[name, 'funding low']:+.1f}, "
                              f"{rows.loc[name, 'funding high']:+.1f}]"
                              for name, v in funding.items()) + "."),
        "progress": Answer(bool((frontier.abs() < 0.2).all()),
                           "Frontier: " + ", ".join(
                               f"{name} {v:+.3f} OOM" for name, v in frontier.items()) + "."),
        "surprise": Answer(bool(ends["release_cost"][0] < ends["release_cost"][1]),
                           along("release_cost", ends, moved)),
        "gap": Answer(bool(ends["release_gap"][0] < ends["release_gap"][1]),
                      along("release_gap", ends, moved)),
        "beliefs": Answer(bool(ends["prior_hazard"][0] < ends["prior_hazard"][1]
                               and ends["kept_share"][0] < ends["kept_share"][1]),
                          along("prior_hazard", ends, moved) + " "
                          + along("kept_share", ends, moved)),
        "alertness": Answer(bool(0.5 <= ratio <= 2.0), along("alertness", ends, moved)
                            + " " + proportion),
        "graph": Answer(bool(abs(shift) < 0.25),
                        f"Rewired, the fall is {real * (1.0 + shift):+.2f} % against {real:+.2f} % "
                        f"({shift:+.0%})."),
    }  # fmt: skip


def along(name: str, ends: dict[str, np.ndarray], moved: pd.DataFrame) -> str:
    """Say how the fall of the supplier changes from one end of a parameter to the other."""
    values = moved[moved["parameter"] == name]["value"]
    low, high = ends[name]
    return (f"From {name} {values.min():.3g} to {values.max():.3g} the supplier's move goes from "
            f"{low:+.2f} % to {high:+.2f} %.")  # fmt: skip


# --- pictures ------------------------------------------------------------------------


def shock_picture(paths: dict[str, dict[str, np.ndarray]]) -> str:
    """Event study: months against per cent of the twin."""
    picture, axes = panels(2, titles=("compute supplier", "all developers"), sharex=True)
    for panel, part in zip(axes, ("supplier", "equity"), strict=True):
        for k, (name, path) in enumerate(paths.items()):
            low, middle, high = np.quantile(path[part][:, :25], (0.25, 0.5, 0.75), axis=0)
            band(panel, np.arange(len(middle)), middle, low, high, k, name)
        panel.axhline(0.0, color=INK, linewidth=0.6)
        labels(panel, "months after the release", "per cent", legend=part == "equity")
    return svg(picture)


def dependence_picture(moved: pd.DataFrame) -> str:
    """One panel a parameter."""
    titles = [name.replace("_", " ") for name in MOVED]
    picture, axes = panels(len(MOVED), titles=titles, sharey=True)
    for panel, (name, (_, _, scale)) in zip(axes, MOVED.items(), strict=True):
        rows = moved[moved["parameter"] == name]
        for k, part in enumerate(("supplier", "equity")):
            band(panel, rows["value"], rows[part], rows[f"{part} low"], rows[f"{part} high"], k, part)
        if scale == "log":
            logarithmic(panel)
        labels(panel, legend=name == "alertness")
    return svg(picture)
