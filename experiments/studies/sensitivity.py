"""Which parameters decide the outcomes, which do nothing, and where are collapse and takeoff?"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from experiments.analysis.statistics import numbers
from experiments.report.drawing import labels, panels, svg
from experiments.report.palette import INK, PALETTE
from experiments.studies.lab import Lab
from experiments.studies.study import Answer, Findings, Picture, Study
from experiments.sweeps.design import Design
from experiments.sweeps.summaries import NAMES
from model import Scenario
from model.observe import INDICATORS
from world.parameters import PARAMETERS

STUDY = Study(
    order=8,
    title="Sensitivity",
    question="Which of the declared parameters move each outcome, alone or together; does any do "
    "nothing; and which ranges of which parameters single out funding collapse and takeoff?",
    expected={
        "few": "Few matter: ten parameters carry at least two thirds of the summed Morris effects "
        "on every outcome.",
        "takeoff": "The frontier of 2040 is moved most by returns, substitution or the pace of "
        "research.",
        "funding": "Capital raised is moved most by demand (slope, saturation or base of the "
        "market), before imitation.",
        "interactions": "Interactions matter: for the frontier the first-order Sobol indices sum "
        "to less than 0.8.",
        "inert": "No parameter is inert.",
        "collapse": "A box in at most four parameters holds failed histories (slowdown or funding "
        "collapse) at twice their average density, and imitation's cost share or lag is one of "
        "them.",
        "takeoff_box": "A box for takeoff names returns or substitution.",
    },
    design="Morris trajectories over every uncertainty and lever at their declared ranges; then "
    "Saltelli's design for Sobol indices over the parameters that Morris ranks first, others at "
    "their defaults; then a scrambled Sobol sequence over all uncertainties for scenario discovery "
    "by PRIM (Friedman and Fisher 1999).",
    reading="mu* is the mean absolute effect of moving a parameter across its range, in standard "
    "deviations of the outcome. Sobol indices carry bootstrap intervals. A PRIM box is read by "
    "density (share of the box's histories that are cases) and coverage (share of cases in the "
    "box).",
    limits="Declared ranges are not distributions: a wide range makes a parameter important. One "
    "seed per design point mixes luck into the indices; its share is reported.",
)

UNTIL = "2040-12"
OUTCOMES = {  # summaries; without a form, in the last month
    "frontier": "frontier_capability",
    "capital raised": "capital_raised:mean",
    "revenue": "revenue:mean",
    "value of developers": "equity:mean",
    "value of the supplier": "supplier_value:mean",
    "consumer surplus": "consumer_surplus:mean",
    "gap": "gap:mean",
    "public share": "public_share:mean",
    "incidents": "incidents:mean",
    "accidents": "accidents:mean",
}
UNITS = {column.name: column.unit for column in INDICATORS}
VARIED = [p.name for p in PARAMETERS if p.role in ("uncertainty", "lever")]
UNKNOWN = [p.name for p in PARAMETERS if p.role == "uncertainty"]
IMITATION = ("imitation_cost_share", "imitation_lag")
DEMAND = ("market_slope", "market_saturation", "market_base")
TAKEOFF = ("research_returns", "compute_labour_substitution", "efficiency_pace")
NAMED = 4  # most parameters of a box that people can read
SMALL = 0.1  # standard deviations: an effect that hardly matters
CASES = ("failed", "takeoff")


def run(lab: Lab) -> Findings:
    """Screen, decompose, and peel boxes."""
    baseline = Scenario.load("baseline")
    effects, silent = screening(lab, baseline)
    ranked = ranking(effects)
    indices = decomposition(lab, baseline, ranked[: lab.size(10, 4)])
    boxes, paths = discovery(lab, baseline)
    return Findings(
        headline=headline(effects, indices),
        answers=answers(effects, silent, indices, boxes),
        tables={
            "morris": morris_table(effects, ranked),
            "sobol": indices,
            "boxes": boxes,
            "inert": silent,
        },
        pictures={
            "morris": Picture(morris_picture(effects), "Morris: mean size of the effect of a "
                              "parameter across its range, in standard deviations of the outcome, "
                              "with its interval; the twelve largest of each outcome."),
            "sobol": Picture(sobol_picture(indices), "Sobol indices of the parameters that Morris "
                             "ranks first: share of variance explained alone (dot) and with all "
                             "interactions (bar), with intervals."),
            "boxes": Picture(boxes_picture(paths), "PRIM: density against coverage as boxes in at "
                             f"most {NAMED} parameters are peeled, on the half they are found on."),
        },
    )  # fmt: skip


# --- design --------------------------------------------------------------------------


def screening(lab: Lab, baseline: Scenario) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Morris effects on every outcome, and the largest effect of each parameter on any indicator."""
    from experiments.analysis.indices import morris_design, morris_effects

    design = morris_design(VARIED, lab.size(24, 3))
    kept = [*NAMES, *(o for o in OUTCOMES.values() if ":" in o)]
    found = lab.sweep("morris", baseline, design, range(lab.size(2, 1)), UNTIL, kept)
    numbers(found.filter(regex="[@:]"), "screening")  # a mean would leave out what is missing
    points = found.groupby("point").mean(numeric_only=True)
    effects = {
        name: morris_effects(VARIED, design, level(points, summary))
        for name, summary in OUTCOMES.items()
    }
    return effects, audit(design, points)


def audit(design: Design, points: pd.DataFrame) -> pd.DataFrame:
    """On how many indicators of the last month, and how strongly, each parameter acts at all."""
    from experiments.analysis.indices import morris_effects

    largest = np.zeros(len(VARIED))
    moved = np.zeros(len(VARIED), dtype=int)
    for indicator in NAMES:
        effect = morris_effects(VARIED, design, points[f"{indicator}@{UNTIL}"])["mu_star"].fillna(0.0)
        largest = np.maximum(largest, effect)
        moved += effect.to_numpy() > 0.0
    table = pd.DataFrame({
        "parameter": VARIED, "indicators moved": moved, "largest mu_star": largest,
    })  # fmt: skip
    return table.sort_values("largest mu_star", ignore_index=True)


def level(rows: pd.DataFrame, summary: str) -> Any:
    """An outcome on the scale on which it is compared: money in OOM of at least a million USD."""
    values = rows[summary if ":" in summary else f"{summary}@{UNTIL}"]
    money = UNITS[summary.split(":")[0]].startswith("USD")
    return np.log10(np.maximum(values, 1e6)) if money else values


def ranking(effects: Mapping[str, pd.DataFrame]) -> list[str]:
    """Parameters by their mean share of the effects over outcomes."""
    shares = [table.set_index("parameter")["mu_star"].fillna(0.0) for table in effects.values()]
    mean = sum(share / max(share.sum(), 1e-12) for share in shares)
    return list(pd.Series(mean).sort_values(ascending=False, kind="stable").index)


def decomposition(lab: Lab, baseline: Scenario, names: list[str]) -> pd.DataFrame:
    """Sobol indices of every outcome over a few parameters, others at their defaults."""
    from experiments.analysis.indices import sobol_design, sobol_indices

    design = sobol_design(names, lab.size(256, 16))
    kept = list(OUTCOMES.values())
    found = lab.sweep("sobol", baseline, design, range(lab.size(4, 2)), UNTIL, kept)
    tables = []
    for name, summary in OUTCOMES.items():
        outcome = level(found, summary)
        numbers(outcome, name)  # a mean would leave out what is missing
        by_point = outcome.groupby(found["point"])
        table = sobol_indices(names, by_point.mean().to_numpy())
        within = float(by_point.var().mean()) / found["seed"].nunique()
        table.insert(0, "outcome", name)
        variance = float(by_point.mean().var())
        table["share of luck"] = within / variance if variance > 0.0 else np.nan
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def discovery(lab: Lab, baseline: Scenario) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """PRIM boxes for failed histories and takeoffs, found on one half and read on the other."""
    from experiments.sweeps.workbench import Connector, experiments, is_failure, regime_name

    ranges = {name: (p.low, p.high) for name, p in _unknown().items()}
    design = Design.sobol(lab.size(4096, 256), seed=1, **ranges)
    connector = Connector(baseline, range(1), UNTIL, [OUTCOMES["frontier"]])
    tried, outcomes = experiments(connector, design, partial(lab.sweep, "discovery"))
    x = tried[UNKNOWN].astype(float)
    cases = {
        "failed": np.asarray(is_failure(outcomes), dtype=bool),
        "takeoff": np.asarray(outcomes[regime_name("takeoff")]) >= 0.5,
    }
    first = np.arange(len(x)) % 2 == 0
    rows, paths = [], {}
    for name, found in cases.items():
        if not 2 <= found[first].sum() < first.sum():
            continue
        path, limits = readable(x[first].reset_index(drop=True), found[first])
        paths[name] = path
        rows += box_rows(name, path, limits, x[~first], found[~first])
    return pd.DataFrame(rows, columns=BOX), paths


BOX = ["case", "parameter", "from", "to", "declared from", "declared to", "density",
       "density on the other half", "average density", "coverage on the other half"]  # fmt: skip


def readable(x: pd.DataFrame, found: Any) -> tuple[pd.DataFrame, list[Any]]:
    """Peel over all parameters, keep the few the densest box needs most, and peel over them.

    A restriction is needed by as much as density falls without it (Bryant and Lempert 2010).
    """
    from experiments.sweeps.workbench import inside, peeled

    path, limits = peeled(x, found)
    box = limits[int(path["density"].to_numpy(dtype=float).argmax())]
    without = {
        name: found[inside(x, {n: ends for n, ends in box.items() if n != name})].mean()
        for name in box
    }
    return peeled(x[sorted(without, key=lambda name: without[name])[:NAMED]], found)


def box_rows(
    name: str, path: pd.DataFrame, limits: list[Any], x: pd.DataFrame, found: Any
) -> list[list[Any]]:
    """The densest box, by parameter; read on points it was not found on."""
    from experiments.sweeps.workbench import inside

    chosen = int(path["density"].to_numpy(dtype=float).argmax())
    box = limits[chosen]
    within = inside(x, box)
    density = found[within].mean() if within.any() else np.nan
    coverage = (found & within).sum() / max(1, found.sum())
    declared = _unknown()
    return [
        [name, parameter, low, high, declared[parameter].low, declared[parameter].high,
         float(path["density"].iloc[chosen]), density, found.mean(), coverage]
        for parameter, (low, high) in box.items()
    ]  # fmt: skip


def _unknown() -> dict[str, Any]:
    return {p.name: p for p in PARAMETERS if p.name in UNKNOWN}


# --- reading -------------------------------------------------------------------------


def top(table: pd.DataFrame, count: int) -> pd.DataFrame:
    """The largest effects on one outcome."""
    return table.sort_values("mu_star", ascending=False, kind="stable").head(count)


def concentration(effects: Mapping[str, pd.DataFrame], count: int = 10) -> dict[str, float]:
    """Share of the summed effects that the largest carry, by outcome."""
    return {
        name: float(top(table, count)["mu_star"].sum() / table["mu_star"].sum())
        for name, table in effects.items()
        if table["mu_star"].sum() > 0.0
    }


def morris_table(effects: Mapping[str, pd.DataFrame], ranked: list[str]) -> pd.DataFrame:
    """mu* of every parameter on every outcome, most important first."""
    columns = {name: table.set_index("parameter")["mu_star"] for name, table in effects.items()}
    return pd.DataFrame(columns).loc[ranked].reset_index(names="parameter")


def headline(effects: Mapping[str, pd.DataFrame], indices: pd.DataFrame) -> str:
    """The answer in one sentence."""
    first = {name: list(top(effects[name], 3)["parameter"]) for name in ("frontier", "capital raised")}
    shares = concentration(effects)
    alone = first_order(indices, "frontier")
    return (
        f"The frontier of 2040 is moved most by {', '.join(first['frontier'])}, capital raised by "
        f"{', '.join(first['capital raised'])}; ten of {len(VARIED)} parameters carry "
        f"{min(shares.values()):.0%}-{max(shares.values()):.0%} of the effects on an outcome, and "
        f"first-order Sobol indices of the frontier sum to {alone:.2f}."
    )


def first_order(indices: pd.DataFrame, outcome: str) -> float:
    """Sum of first-order indices."""
    return float(indices[indices["outcome"] == outcome]["first"].sum())


def answers(
    effects: Mapping[str, pd.DataFrame], silent: pd.DataFrame, indices: pd.DataFrame,
    boxes: pd.DataFrame,
) -> dict[str, Answer]:  # fmt: skip
    """Hold each expectation against the figures."""
    shares = concentration(effects)
    listed = ", ".join(f"{name} {share:.0%}" for name, share in shares.items())
    return {
        "few": Answer(bool(min(shares.values()) >= 2.0 / 3.0),
                      f"Share of the summed effects that ten parameters carry: {listed}."),
        "takeoff": first_mover(effects["frontier"], TAKEOFF),
        "funding": funding(effects["capital raised"]),
        "interactions": interactions(indices),
        "inert": inert(silent, effects),
        "collapse": box_answer(boxes, "failed", IMITATION, 2.0),
        "takeoff_box": box_answer(boxes, "takeoff", TAKEOFF[:2], 1.0),
    }  # fmt: skip


def listed(table: pd.DataFrame, count: int = 5) -> str:
    """The largest effects in words."""
    rows = top(table, count)
    return ", ".join(
        f"{name} {size:.2f} (+-{width:.2f})"
        for name, size, width in zip(rows["parameter"], rows["mu_star"], rows["interval"], strict=True)
    )


def first_mover(table: pd.DataFrame, names: tuple[str, ...]) -> Answer:
    """Whether one of the named parameters has the largest effect."""
    return Answer(bool(top(table, 1)["parameter"].iloc[0] in names), f"mu*: {listed(table)}.")


def funding(table: pd.DataFrame) -> Answer:
    """Whether demand comes first, and imitation later."""
    order = list(top(table, len(table))["parameter"])
    imitation = min(order.index(name) for name in IMITATION) + 1
    place = f"; the first of {' and '.join(IMITATION)} is number {imitation}."
    return Answer(bool(order[0] in DEMAND), f"mu*: {listed(table)}{place}")


def interactions(indices: pd.DataFrame) -> Answer:
    """Sum of the frontier's first-order indices, with the sum of their half widths."""
    rows = indices[indices["outcome"] == "frontier"]
    alone = first_order(indices, "frontier")
    width = float(np.sqrt((rows["first interval"] ** 2).sum()))
    held = None if abs(alone - 0.8) < width else bool(alone < 0.8)
    luck = rows["share of luck"].iloc[0]
    return Answer(held, f"First-order indices of the frontier sum to {alone:.2f} (+-{width:.2f}), "
                        f"total ones to {rows['total'].sum():.2f}; luck has {luck:.1%} of the "
                        "variance.")


def inert(silent: pd.DataFrame, effects: Mapping[str, pd.DataFrame]) -> Answer:
    """Parameters that move no indicator, and those that hardly move any outcome."""
    none = list(silent[silent["indicators moved"] == 0]["parameter"])
    sizes = pd.DataFrame({n: t.set_index("parameter")["mu_star"] for n, t in effects.items()})
    weak = list(sizes.index[(sizes.fillna(0.0) < SMALL).all(axis=1)])
    said = f"Inert: {', '.join(none) or 'none'}. "
    said += f"Below {SMALL} standard deviations on every outcome: {', '.join(weak) or 'none'}."
    return Answer(not none, said)


def box_answer(
    boxes: pd.DataFrame, case: str, names: tuple[str, ...], lift: float
) -> Answer:
    """Whether a readable box is dense enough on the other half, and names what was expected."""
    rows = boxes[boxes["case"] == case]
    if rows.empty:
        return Answer(None, f"Too few histories are {case} for a box.")
    density, average = rows["density on the other half"].iloc[0], rows["average density"].iloc[0]
    coverage = rows["coverage on the other half"].iloc[0]
    where = "; ".join(
        f"{name} {low:.3g}-{high:.3g}"
        for name, low, high in zip(rows["parameter"], rows["from"], rows["to"], strict=True)
    )
    named = bool(set(rows["parameter"]) & set(names))
    held = None if not np.isfinite(density) else bool(named and density >= lift * average)
    return Answer(held, f"{where}: density {density:.2f} against {average:.2f} on average, coverage "
                        f"{coverage:.2f} (on the half it was not found on).")


# --- pictures ------------------------------------------------------------------------


def morris_picture(effects: Mapping[str, pd.DataFrame]) -> str:
    """The largest effects on four outcomes."""
    names = ["frontier", "capital raised", "consumer surplus", "incidents"]
    picture, axes = panels(len(names), 3.0, titles=names)
    for k, (panel, name) in enumerate(zip(axes, names, strict=True)):
        rows = top(effects[name], 12).iloc[::-1]
        panel.barh([p.replace("_", " ") for p in rows["parameter"]], rows["mu_star"],
                   xerr=rows["interval"], color=PALETTE[k], height=0.6,
                   error_kw={"linewidth": 0.8, "ecolor": INK})  # fmt: skip
        panel.tick_params(axis="y", labelsize=6)
        labels(panel, "mu*")
    return svg(picture)


def sobol_picture(indices: pd.DataFrame) -> str:
    """First-order and total indices of four outcomes."""
    names = ["frontier", "capital raised", "consumer surplus", "incidents"]
    picture, axes = panels(len(names), 2.8, titles=names, sharey=True)
    for k, (panel, name) in enumerate(zip(axes, names, strict=True)):
        rows = indices[indices["outcome"] == name].iloc[::-1]
        y = [p.replace("_", " ") for p in rows["parameter"]]
        panel.barh(y, rows["total"], xerr=rows["total interval"], color=PALETTE[k], alpha=0.35,
                   height=0.6, error_kw={"linewidth": 0.8, "ecolor": PALETTE[k]})  # fmt: skip
        panel.errorbar(rows["first"], y, xerr=rows["first interval"], fmt="o", color=PALETTE[k],
                       markersize=3.5, linewidth=0.8)  # fmt: skip
        panel.tick_params(axis="y", labelsize=7)
        labels(panel, "share of variance")
    return svg(picture)


def boxes_picture(paths: Mapping[str, pd.DataFrame]) -> str:
    """Peeling trajectories."""
    picture, axes = panels(len(CASES), 2.6, titles=CASES, sharey=True)
    for k, (panel, name) in enumerate(zip(axes, CASES, strict=True)):
        if name in paths:
            path = paths[name]
            panel.plot(path["coverage"], path["density"], "o-", color=PALETTE[k], linewidth=0.8,
                       markersize=4)  # fmt: skip
        labels(panel, "coverage", "density" if not k else "")
    return svg(picture)
