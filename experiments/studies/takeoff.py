"""When does AI speed up its own making?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from experiments.analysis.statistics import Interval, bootstrap, by_seed, crossing_interval
from experiments.report.drawing import band, labels, panels, share_map, svg
from experiments.report.palette import INK
from experiments.studies.counterfactual import play
from experiments.studies.lab import Lab
from experiments.studies.study import Answer, Findings, Picture, Study
from experiments.sweeps.design import Design
from model import Scenario
from model.graph import read_start
from model.regimes import CRITERIA
from world.calendar import months_until
from world.files.read import read_world
from world.laws.technology import LN10, efficiency_growth, log_ces

STUDY = Study(
    order=4,
    title="Takeoff",
    question="At which returns to research and which substitution between compute and cognition "
    "does AI speed itself up; can compute hold it back; and does an export control provoke a "
    "clever answer?",
    expected={
        "returns": "With substitution above one, takeoffs begin where returns to research pass one "
        "(Jones 1995; the explosion threshold r > 1), within 0.3.",
        "bound": "With substitution at or below one half, no history takes off at any returns up "
        "to two: cognition can raise research by no more than weight^(1/rho) (twofold at 0.5 and "
        "equal weights).",
        "compute": "Compute is a bottleneck: a larger weight of experiments, and experiments that "
        "must be at frontier scale, make takeoffs rarer.",
        "control": "Export control slows the controlled developers when nothing is induced.",
        "induced": "Enough induced innovation undoes the control: at its upper end the controlled "
        "developers end with efficiency at least equal to no control.",
    },
    design="A grid of substitution x returns in the cleverness scenario; a grid of experiment "
    "weight x frontier scale in the same; a grid of export control x induced innovation in the "
    "baseline, which reads the best developer located under the controlled government off the "
    "state at the end; and its ends once more where no know-how spills over.",
    reading="The threshold is where half of the histories take off, along returns at each "
    "substitution, with an interval from resampling seeds; theory draws r = 1 and the substitution "
    "below which the CES bound falls under the rise of research that a takeoff needs.",
    limits="Theory's threshold is for fixed compute and complete automation; here compute grows, "
    "automation comes with capability, efficiency has headroom, and a takeoff is a pace (2.2 OOM "
    "in a year), not a singularity. A takeoff after 2040 is not seen.",
)

SELF = ("compute_labour_substitution", "research_returns")
BOTTLENECK = ("experiment_weight", "frontier_scale")
CONTROL = ("export_control", "induced_innovation")
RANGES = {  # each axis from its low to its high end
    "compute_labour_substitution": (0.2, 2.0),
    "research_returns": (0.4, 2.4),
    "experiment_weight": (0.3, 0.8),
    "frontier_scale": (0.0, 1.0),
    "export_control": (0.0, 0.9),
    "induced_innovation": (0.0, 5.0),
}
UNTIL, CONTROL_UNTIL = "2040-12", "2035-12"
UNLIMITED = 12.0 * LN10  # cognition over a leader's, natural log
MATERIAL = 0.05  # OOM: a smaller effect of export control is called none


def run(lab: Lab) -> Findings:
    """Map takeoffs over returns, substitution and compute; control exports and see the answer."""
    clever, baseline = (Scenario.load(name) for name in ("cleverness", "baseline"))
    research = takeoff_map(lab, "self", clever, SELF)
    compute = takeoff_map(lab, "bottleneck", clever, BOTTLENECK)
    control = effects_of_control(export_control(lab, baseline))
    edge = thresholds(research)
    bound = substitution_bound(clever)
    bottleneck = effects_of_compute(compute)
    return Findings(
        headline=headline(edge, research, control),
        answers=answers(research, edge, bound, bottleneck, control),
        tables={
            "threshold": edge,
            "bottleneck": bottleneck,
            "control": control,
            "takeoffs": shares(research, SELF),
            "takeoffs_by_compute": shares(compute, BOTTLENECK),
        },
        pictures={
            "takeoffs": Picture(
                takeoff_picture(research, compute, edge, bound),
                "Share of histories that take off. Left: over substitution and returns; white: "
                "half of them do; dashed: returns of one, and the substitution below which the CES "
                "bound excludes a takeoff at fixed compute. Right: over the weight of experiments "
                "and how far they must be at frontier scale.",
            ),
            "control": Picture(
                control_picture(control),
                "Best efficiency and capability under the controlled government at the end of 2035 "
                "against the same history without control [OOM]; interval of the median.",
            ),
        },
    )


# --- design --------------------------------------------------------------------------


def takeoff_map(lab: Lab, label: str, scenario: Scenario, axes: tuple[str, str]) -> pd.DataFrame:
    """Whether histories take off, over two parameters."""
    sizes = {SELF: (13, 3), BOTTLENECK: (9, 3)}[axes]
    grid = Design.grid(**{name: np.linspace(*RANGES[name], lab.size(*sizes)) for name in axes})
    runs = lab.sweep(label, scenario, grid, range(lab.size(20, 4)), UNTIL, ["frontier_capability"])
    onset = runs["onset"].astype(str).str[:4].replace("", "nan").astype(float)
    takeoff = runs["regime"] == "takeoff"
    return runs.assign(takeoff=takeoff.astype(float), year=onset.where(takeoff))


def export_control(lab: Lab, baseline: Scenario) -> pd.DataFrame:
    """The best under the controlled government, by control and induced innovation."""
    world, spillover = read_start(read_world(baseline.world)), baseline.parameters["spillover"]
    months, seeds = months_until(world.roster.start, CONTROL_UNTIL), range(lab.size(30, 3))
    points = [
        {"export_control": control, "induced_innovation": induced, "spillover": absorbed}
        for absorbed, steps in ((spillover, lab.size(4, 2)), (0.0, 2))
        for control in np.linspace(*RANGES["export_control"], steps)
        for induced in np.linspace(*RANGES["induced_innovation"], lab.size(5, 2))
    ]

    def one(cell: tuple[dict[str, float], int]) -> dict[str, float]:
        point, seed = cell
        start = world.under(baseline.with_(**point).parameters)
        tables, indicators = play(start, seed, months, {})
        return point | {"seed": seed, "in force": indicators["export_control"].mean()} | best(tables)

    cells = [(point, seed) for point in points for seed in seeds]
    found = pd.DataFrame(lab.each("export control", cells, one))
    lab.note("export control", baseline, seeds, CONTROL_UNTIL, points=points)
    return found


def best(tables: Any) -> dict[str, float]:
    """Most efficient and most capable private developer under the controlled governments."""
    edges = tables.controls
    controlled = edges["target"][edges["cut"] == 0]  # the others are no edges
    developers = tables.developers
    private = (developers["alive"] == 1) & (developers["owned"] == 1)
    own = developers[private & np.isin(developers["government"], controlled)]
    return {name: float(own[name].max()) if len(own) else np.nan
            for name in ("efficiency", "capability")}  # fmt: skip


# --- reading -------------------------------------------------------------------------


def shares(runs: pd.DataFrame, axes: tuple[str, str]) -> pd.DataFrame:
    """Share of takeoffs and their median year at each point."""
    groups = runs.groupby(list(axes), as_index=False)
    return groups.agg(takeoff=("takeoff", "mean"), year=("year", "median"))


def thresholds(runs: pd.DataFrame) -> pd.DataFrame:
    """By substitution: the returns above which half of the histories take off."""
    rows = []
    for substitution, line in runs.groupby(SELF[0]):
        table = by_seed(line, SELF[1], "takeoff")
        half = crossing_interval(table.index.to_numpy(), table)
        share = table.mean(axis=1)
        rows.append([substitution, *half, share.iloc[0], share.iloc[-1]])
    return pd.DataFrame(rows, columns=[
        SELF[0], "returns at the threshold", "low", "high",
        "takeoff at the lowest returns", "at the highest",
    ])  # fmt: skip


def substitution_bound(scenario: Scenario) -> float:
    """Substitution below which unlimited cognition at fixed compute cannot bring a takeoff.

    The CES bound weight^(1/rho) against the rise of research that a leader of 2025 needs to
    find software at a takeoff's pace, before ideas get harder to find.

    Source: Arrow, Chenery, Minhas and Solow 1961; Aghion, Jones and Jones 2019.
    """
    p = scenario.parameters
    pace = CRITERIA.takeoff_software / 2.0  # OOM a year, over 24 months

    def short(log_research: float) -> float:
        return pace - float(efficiency_growth(
            log_research, p["efficiency_pace"], p["stepping_on_toes"], p["research_returns"],
            0.0, 0.0,
        ))  # fmt: skip

    needed = brentq(short, -3.0 * LN10, UNLIMITED)
    return float(brentq(
        lambda sigma: log_ces(UNLIMITED, 0.0, p["experiment_weight"], sigma) - needed, 0.05, 0.95
    ))  # fmt: skip


def effects_of_compute(runs: pd.DataFrame) -> pd.DataFrame:
    """Change of takeoffs and of their year from the low to the high end of each axis."""
    rows = []
    for name in BOTTLENECK:
        ends = RANGES[name]
        share = runs.pivot_table(index=name, columns="seed", values="takeoff")
        year = runs.pivot_table(index=name, columns="seed", values="year")
        change = bootstrap(share.iloc[-1] - share.iloc[0], np.mean)
        later = bootstrap(year.iloc[-1] - year.iloc[0], np.mean) if len(year) else Interval(
            np.nan, np.nan, np.nan
        )
        rows.append([name, *ends, share.iloc[0].mean(), share.iloc[-1].mean(), *change, *later])
    return pd.DataFrame(rows, columns=[
        "axis", "from", "to", "takeoff at the low end", "at the high end",
        "change", "low", "high", "years later", "years low", "years high",
    ])  # fmt: skip


def effects_of_control(found: pd.DataFrame) -> pd.DataFrame:
    """Best of the controlled against the same seed without control [OOM]."""
    free = found[found[CONTROL[0]] == 0.0].set_index(["spillover", CONTROL[1], "seed"]).sort_index()
    rows = []
    for (absorbed, control, induced), group in found.groupby(["spillover", *CONTROL]):
        twin = free.loc[(absorbed, induced)].loc[group["seed"]]
        rows.append([
            absorbed, control, induced, group["in force"].mean(),
            *bootstrap(group["efficiency"].to_numpy() - twin["efficiency"].to_numpy()),
            *bootstrap(group["capability"].to_numpy() - twin["capability"].to_numpy()),
        ])
    return pd.DataFrame(rows, columns=[
        "spillover", *CONTROL, "in force (index)", "efficiency [OOM]", "low", "high",
        "capability [OOM]", "capability low", "capability high",
    ])  # fmt: skip


def headline(edge: pd.DataFrame, runs: pd.DataFrame, control: pd.DataFrame) -> str:
    """The answer in one sentence."""
    above = edge[edge[SELF[0]] > 1.0]["returns at the threshold"].dropna()
    below = runs[runs[SELF[0]] <= 0.5]["takeoff"].mean()
    where = (
        f"half of the histories take off from returns of {span(above)} on"
        if len(above) else "no returns in the range separate takeoffs from the others"
    )  # fmt: skip
    strict, alone = (
        answer_to_control(control, min, spillover)["efficiency"] for spillover in (True, False)
    )
    return (
        f"Where substitution exceeds one, {where} (theory at fixed compute: 1), at a substitution of "
        f"at most one half {below:.0%} do; the strictest export control moves the best efficiency of "
        f"the controlled by {strict.said('{:+.2f}', ' OOM')} in eleven years, and by "
        f"{alone.said('{:+.2f}', ' OOM')} if no know-how spills over."
    )


def span(values: pd.Series) -> str:
    """Write ``0.8-1.3``."""
    low, high = f"{values.min():.2f}", f"{values.max():.2f}"
    return low if low == high else f"{low}-{high}"


def answers(
    runs: pd.DataFrame,
    edge: pd.DataFrame,
    bound: float,
    bottleneck: pd.DataFrame,
    control: pd.DataFrame,
) -> dict[str, Answer]:
    """Hold each expectation against the figures."""
    return {
        "returns": returns_answer(edge),
        "bound": bound_answer(runs, bound),
        "compute": compute_answer(bottleneck),
        **control_answers(control),
    }


def compute_answer(bottleneck: pd.DataFrame) -> Answer:
    """Whether compute holds takeoffs back."""
    weight, scale = (Interval(*row) for row in bottleneck[["change", "low", "high"]].to_numpy())
    later = [Interval(*row) for row in
             bottleneck[["years later", "years low", "years high"]].to_numpy()]  # fmt: skip
    held = None
    if weight.sign < 0 and scale.sign < 0:
        held = True
    elif weight.sign > 0 or scale.sign > 0:
        held = False
    return Answer(
        held,
        f"From the low to the high weight of experiments takeoffs change by {said(weight)} points and "
        f"come {later[0].said('{:+.1f}')} years later; from raw compute to frontier scale only by "
        f"{said(scale)} points and {later[1].said('{:+.1f}')} years later.",
    )


def said(share: Interval) -> str:
    """A change of a share in points."""
    return Interval(*(100.0 * v for v in share)).said("{:+.0f}")


def control_answers(control: pd.DataFrame) -> dict[str, Answer]:
    """Whether export control slows the controlled, and whether a clever answer undoes it."""
    none, most = (answer_to_control(control, pick) for pick in (min, max))
    alone, answer = (answer_to_control(control, pick, spillover=False) for pick in (min, max))
    slowed, clever = none["efficiency"], most["efficiency"]
    nothing = slowed.low > -MATERIAL
    held = None
    if not nothing and slowed.sign < 0:
        held = True
    elif nothing:
        held = False
    return {
        "control": Answer(
            held,
            f"Nothing induced, the strictest control moves the best efficiency of the controlled by "
            f"{slowed.said('{:+.2f}', ' OOM')} (less than {MATERIAL:g} is called none), their best "
            f"capability by {none['capability'].said('{:+.2f}', ' OOM')}; where no know-how spills "
            f"over, efficiency by {alone['efficiency'].said('{:+.2f}', ' OOM')}."),
        "induced": Answer(
            None if nothing or clever.sign == 0 else bool(clever.sign > 0),
            ("There is no loss to undo. " if nothing else "")
            + f"At the most induced innovation control moves efficiency by "
            f"{clever.said('{:+.2f}', ' OOM')}; where no know-how spills over, by "
            f"{answer['efficiency'].said('{:+.2f}', ' OOM')}."),
    }  # fmt: skip


def returns_answer(edge: pd.DataFrame) -> Answer:
    """Whether the threshold of returns is near one where substitution is above one."""
    above = edge[edge[SELF[0]] > 1.0]
    found = above["returns at the threshold"].dropna()
    always = int((above["takeoff at the lowest returns"] >= 0.5).sum())
    if found.empty:
        return Answer(
            False if len(above) else None,
            f"At no substitution above one is there a threshold; at {always} of {len(above)} half "
            f"take off even at returns of {RANGES[SELF[1]][0]:g}.",
        )
    held = len(found) == len(above) and bool(((found - 1.0).abs() <= 0.3).all())
    return Answer(
        held,
        f"At substitutions above one the threshold lies at returns of {span(found)} (median "
        f"{found.median():.2f}), found at {len(found)} of {len(above)}.",
    )


def bound_answer(runs: pd.DataFrame, bound: float) -> Answer:
    """Whether complements of compute and cognition exclude a takeoff."""
    inside = runs[(runs[SELF[0]] <= 0.5) & (runs[SELF[1]] <= 2.0)]
    below = inside[inside[SELF[0]] <= bound]
    return Answer(
        bool(inside["takeoff"].sum() == 0),
        f"{inside['takeoff'].mean():.1%} of {len(inside)} histories take off at a substitution of at "
        f"most one half and returns of at most two; below the bound at fixed compute ({bound:.2f}) "
        + (f"{below['takeoff'].mean():.1%}." if len(below) else "none was run."),
    )


def answer_to_control(
    control: pd.DataFrame, pick: Any, spillover: bool = True
) -> dict[str, Interval]:
    """Effect of the strictest control at the least or most induced innovation."""
    strict = control[(control[CONTROL[0]] == control[CONTROL[0]].max())
                     & (control["spillover"] > 0.0 if spillover else control["spillover"] == 0.0)]
    row = strict[strict[CONTROL[1]] == pick(strict[CONTROL[1]])].iloc[0]
    return {
        "efficiency": Interval(*row[["efficiency [OOM]", "low", "high"]]),
        "capability": Interval(*row[["capability [OOM]", "capability low", "capability high"]]),
    }


# --- pictures ------------------------------------------------------------------------


def takeoff_picture(
    research: pd.DataFrame, compute: pd.DataFrame, edge: pd.DataFrame, bound: float
) -> str:
    """Takeoffs over returns and substitution with theory's lines, and over compute."""
    picture, (left, right) = panels(2, 3.4)
    share_map(left, table_of(research, SELF))
    left.plot(edge[SELF[0]], edge["returns at the threshold"], color="white", linewidth=1.6)
    left.axhline(1.0, color="white", linewidth=0.9, linestyle="--")
    left.axvline(bound, color="white", linewidth=0.9, linestyle="--")
    labels(left, "substitution of cognition for compute", "returns to research")
    share_map(right, table_of(compute, BOTTLENECK))
    labels(right, "weight of experiments", "frontier scale of experiments")
    return svg(picture)


def table_of(runs: pd.DataFrame, axes: tuple[str, str]) -> pd.DataFrame:
    """Share of takeoffs: the first axis along columns."""
    return runs.pivot_table(index=axes[1], columns=axes[0], values="takeoff")


def control_picture(control: pd.DataFrame) -> str:
    """Effect of export control, one line a degree of induced innovation."""
    picture, axes = panels(2, titles=("best efficiency", "best capability"))
    columns = (("efficiency [OOM]", "low", "high"),
               ("capability [OOM]", "capability low", "capability high"))  # fmt: skip
    control = control[control["spillover"] > 0.0]
    shown = sorted(control[CONTROL[1]].unique())[:: 2 if control[CONTROL[1]].nunique() > 3 else 1]
    for panel, (middle, low, high) in zip(axes, columns, strict=True):
        for k, induced in enumerate(shown):
            rows = control[control[CONTROL[1]] == induced]
            band(panel, rows[CONTROL[0]], rows[middle], rows[low], rows[high], k,
                 f"induced innovation {induced:.1f}")  # fmt: skip
        panel.axhline(0.0, color=INK, linewidth=0.6)
        labels(panel, "compute denied under full control", "difference [OOM]",
               legend=panel is axes[0])  # fmt: skip
    return svg(picture)
