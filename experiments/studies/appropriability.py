"""Does the lead still pay for the next run, and where do 2024-25 stand?"""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
import pandas as pd

from experiments.analysis.statistics import Interval, bootstrap, by_seed, crossing_interval, failed
from experiments.report.drawing import band, labels, logarithmic, panels, share_map, svg
from experiments.report.palette import INK
from experiments.studies.lab import Lab
from experiments.studies.study import Answer, Findings, Picture, Study
from experiments.sweeps.design import Design
from model import Scenario
from world.files.read import read_world
from world.files.synthetic import synthetic_world

STUDY = Study(
    order=3,
    title="Appropriability",
    question="How long a lead, how large a price premium and how fast a growth of demand does it "
    "take to pay for the next run; where does 2025 stand; and when does easier imitation speed "
    "progress up?",
    expected={
        "lead": "A longer lead makes failure (slowdown or funding collapse) rarer.",
        "premium": "A larger price premium for the lead makes failure rarer.",
        "demand": "Faster growth of demand makes failure rarer, and is the strongest of the three.",
        "stand": "The market of 2025 is on the safe side, but the boundary is within its reach: "
        "less than half of the lag away, other things equal.",
        "cover": "In 2025 the leader's rent over the time of its lead does not repay the next run "
        "with its exploration: growth that is expected does.",
        "models": "Easier copying of models slows the frontier of the 2025 market.",
        "innovators": "Where only innovators exist, easier copying of models slows the frontier by "
        "less.",
        "know_how": "Easier copying of know-how (spillover) speeds the frontier up where all "
        "innovate (Nelson and Winter: 20 against 0.25 raised productivity by 1.5 %), and does less "
        "or harm in the market of 2025.",
    },
    design="A grid of imitation lag (the lead) x price premium x demand growth to 2035. The rent "
    "of the lead in 2025 is the largest seller's gross profit over the lag of matches; the cost is "
    "the dearest run with its exploration. The signs: cost share of copies and spillover, each "
    "from hard to easy, in the world of 2025 and in a synthetic world without imitators, entrants "
    "that copy, and complements.",
    reading="Failed is a history that the classifier calls slowdown or funding collapse. The "
    "distance to the boundary is along one axis from the default, the others kept. Effects of "
    "imitation are differences of the frontier on the same noise; an interval that spans zero "
    "leaves the sign open.",
    limits="In the world without imitators, labs may still copy each other at the lab's copying "
    "cost. The rent covers the largest seller only. Run costs in 2025 are above the observed ones "
    "(moat moments).",
)

AXES = {  # what makes a lead pay, from least to most
    "imitation_lag": (2.0, 16.0),
    "price_premium": (0.2, 1.2),
    "market_slope": (0.2, 0.6),
}
NAMES = {"imitation_lag": "lead", "price_premium": "premium", "market_slope": "demand"}
SIGNS = {  # imitation from hard to easy: of models, of know-how
    "imitation_cost_share": (0.5, 0.25, 0.1, 0.05, 0.02),
    "spillover": (0.0, 0.4, 0.8, 2.0, 4.0),
}


def run(lab: Lab) -> Findings:
    """Sweep what makes a lead pay, price the next run, and measure both signs of imitation."""
    baseline = Scenario.load("baseline")
    grid = lead_grid(lab, baseline)
    effects = main_effects(grid)
    distance = distances(grid, baseline)
    cover = cover_of_next_run(lab, baseline)
    signs = signs_of_imitation(lab, baseline)
    return Findings(
        headline=headline(grid, baseline, distance, cover, signs),
        answers=answers(grid, baseline, effects, distance, cover, signs),
        tables={
            "effects": effects, "distance": distance, "cover": cover, "signs": signs,
            "failed": grid.groupby(list(AXES), as_index=False)["failed"].mean(),
        },
        pictures={
            "failed": Picture(failed_picture(grid, baseline), "Share of histories that fail; the "
                              "cross is the market of 2025, the third parameter at its default."),
            "signs": Picture(signs_picture(signs), "Frontier of the last month against the hardest "
                             "imitation [OOM], paired by seed: easier copies of models, easier "
                             "spillover of know-how."),
        },
    )  # fmt: skip


# --- design --------------------------------------------------------------------------


def lead_grid(lab: Lab, baseline: Scenario) -> pd.DataFrame:
    """Lag x premium x growth of demand, with the default on every axis."""
    design = Design.grid(**{
        name: np.unique([*np.linspace(*ends, lab.size(7, 2)), baseline.parameters[name]])
        for name, ends in AXES.items()
    })
    seeds = range(lab.size(20, 4))
    grid = lab.sweep("lead", baseline, design, seeds, "2035-12", ["frontier_capability"])
    return grid.assign(failed=failed(grid).astype(float))


def cover_of_next_run(lab: Lab, baseline: Scenario) -> pd.DataFrame:
    """What the largest seller's lead earns until it is matched, over the dearest run of 2025."""
    runs = lab.ensemble("cover", baseline, range(lab.size(200, 10)), "2026-12").values
    rows = []
    for year in (0, 1):
        months = slice(12 * year, 12 * year + 12)
        rent = (runs["leader_revenue"] * runs["leader_margin"])[:, months].mean(axis=1)
        lead = runs["imitation_lag"][:, months].mean(axis=1) / 12.0
        final = runs["run_cost"][:, months].max(axis=1)
        whole = final * (1.0 + baseline.parameters["exploration"])
        for name, value in (
            ("rent [USD/year]", rent), ("lead [years]", lead), ("next run [USD]", final),
            ("with exploration [USD]", whole), ("rent x lead over cost", rent * lead / whole),
            ("years of rent that repay it", whole / rent),
        ):  # fmt: skip
            rows.append([2025 + year, name, *bootstrap(value)])
    return pd.DataFrame(rows, columns=["year", "measure", "median", "low", "high"])


def signs_of_imitation(lab: Lab, baseline: Scenario) -> pd.DataFrame:
    """The frontier as imitation gets easier, where imitators are and where all innovate."""
    graphs = {"2025": read_world(baseline.world), "innovators": innovators()}
    rows = []
    for name, values in SIGNS.items():
        for world, graph in graphs.items():
            runs = lab.sweep(f"{name}_{world}", baseline, Design.grid(**{name: values}),
                             range(lab.size(100, 6)), "2035-12", ["frontier_capability"],
                             graph=graph)  # fmt: skip
            table = by_seed(runs, name, "frontier_capability@2035-12")
            for value in values:
                change = bootstrap(table.loc[value] - table.loc[values[0]])
                rows.append([name, world, value, *change])
    return pd.DataFrame(rows, columns=["parameter", "world", "value", "frontier", "low", "high"])


def innovators() -> nx.MultiDiGraph:
    """Frontier labs with closed weights and nobody else to copy them."""
    world = synthetic_world(imitators=0, entrant_slots=0)
    for _, data in world.nodes(data=True):
        if data["kind"] == "frontier_lab":
            data["open_weights"] = 0
    return world


def worlds() -> dict[str, nx.MultiDiGraph]:
    """The world that the study makes, for its witnesses."""
    return {"innovators": innovators()}


# --- reading -------------------------------------------------------------------------


def main_effects(grid: pd.DataFrame) -> pd.DataFrame:
    """Change of the failed share from the low to the high end of each axis, others averaged."""
    rows = []
    for name in AXES:
        table = grid.pivot_table(index=name, columns="seed", values="failed")
        rows.append([name, table.iloc[0].mean(), table.iloc[-1].mean(),
                     *bootstrap(table.iloc[-1] - table.iloc[0], np.mean)])  # fmt: skip
    return pd.DataFrame(rows, columns=[
        "axis", "failed at the low end", "failed at the high end", "change", "low", "high",
    ])  # fmt: skip


def distances(grid: pd.DataFrame, baseline: Scenario) -> pd.DataFrame:
    """From the default outward along each axis, both ways: where half of the histories fail."""
    rows = []
    for name in AXES:
        default = baseline.parameters[name]
        others = [other for other in AXES if other != name]
        line = grid[np.logical_and.reduce([grid[o] == baseline.parameters[o] for o in others])]
        table = by_seed(line, name, "failed")
        here = table.loc[default].mean()
        for way, side in (("below", table.loc[:default].iloc[::-1]), ("above", table.loc[default:])):
            at = crossing_interval(side.index.to_numpy(), side)
            rows.append([name, way, default, here, side.iloc[-1].mean(), *at])
    return pd.DataFrame(rows, columns=[
        "axis", "way", "default", "failed there", "failed at the end", "boundary", "low", "high",
    ])  # fmt: skip


def interval_of(table: pd.DataFrame, **wanted: Any) -> Interval:
    """The interval in the row with the wanted values."""
    row = table[np.logical_and.reduce([table[k] == v for k, v in wanted.items()])].iloc[0]
    return Interval(*(float(v) for v in row.iloc[-3:]))


def easiest(signs: pd.DataFrame, parameter: str, world: str) -> Interval:
    """Effect of the easiest against the hardest imitation."""
    return interval_of(signs, parameter=parameter, world=world, value=SIGNS[parameter][-1])


def headline(
    grid: pd.DataFrame,
    baseline: Scenario,
    distance: pd.DataFrame,
    cover: pd.DataFrame,
    signs: pd.DataFrame,
) -> str:
    """The answer in one sentence."""
    ratio = interval_of(cover, year=2025, measure="rent x lead over cost")
    models = easiest(signs, "imitation_cost_share", "2025")
    know_how = easiest(signs, "spillover", "innovators")
    return (
        f"In 2025 the leader's rent over its lead repays {ratio.value:.0%} of the next run with its "
        f"exploration, yet {at_default(grid, baseline):.0%} of histories fail; half fail "
        f"{reached(distance)}; the easiest copies of models move the frontier of 2035 by "
        f"{models.value:+.2f} OOM, the easiest spillover where all innovate by "
        f"{know_how.value:+.2f} OOM."
    )


def at_default(grid: pd.DataFrame, baseline: Scenario) -> float:
    """Share of histories that fail at the defaults."""
    here = np.logical_and.reduce([grid[name] == baseline.parameters[name] for name in AXES])
    return float(grid[here]["failed"].mean())


def answers(
    grid: pd.DataFrame,
    baseline: Scenario,
    effects: pd.DataFrame,
    distance: pd.DataFrame,
    cover: pd.DataFrame,
    signs: pd.DataFrame,
) -> dict[str, Answer]:
    """Hold each expectation against the figures."""
    change = {name: interval_of(effects, axis=name) for name in AXES}
    rarer = {-1: True, 0: None, 1: False}
    strongest = min(change, key=lambda name: change[name].value)
    lag = distance.set_index(["axis", "way"]).loc[("imitation_lag", "below")]
    ratio = interval_of(cover, year=2025, measure="rent x lead over cost")
    models = {w: easiest(signs, "imitation_cost_share", w) for w in ("2025", "innovators")}
    know_how = {w: easiest(signs, "spillover", w) for w in ("2025", "innovators")}
    found = {
        NAMES[name]: Answer(
            rarer[effect.sign],
            f"From the low to the high end the failed share moves by {effect.said('{:+.1%}')}; it is "
            f"{safest(grid, name)}.",
        )
        for name, effect in change.items()
    }  # fmt: skip
    found["demand"] = Answer(
        bool(change["market_slope"].sign < 0 and strongest == "market_slope"),
        found["demand"].sentence + f" The strongest of the three is {strongest}.",
    )
    copies = signs[(signs["parameter"] == "imitation_cost_share") & (signs["world"] == "2025")]
    fastest = copies.loc[copies["frontier"].idxmax()]
    safe = lag["failed there"] < 0.5
    near = safe and lag["default"] / 2.0 < lag["boundary"] < lag["default"]
    return found | {
        "stand": Answer(bool(near), f"{lag['failed there']:.0%} of histories fail at the defaults; "
                        f"half fail {reached(distance)}."),
        "cover": Answer(bool(ratio.high < 1.0) if ratio.low >= 1.0 or ratio.high < 1.0 else None,
                        f"Rent x lead over cost is {ratio.said('{:.2f}')}."),
        "models": Answer(
            rarer[models["2025"].sign],
            f"The frontier of 2035 moves by {models['2025'].said('{:+.2f}', ' OOM')} at the cheapest "
            f"copies, by {fastest['frontier']:+.2f} at most (cost share {fastest['value']:g})."),
        "innovators": Answer(
            apart(models["innovators"], models["2025"]),
            f"{models['innovators'].said('{:+.2f}', ' OOM')} where only innovators exist, "
            f"{models['2025'].said('{:+.2f}', ' OOM')} in the market of 2025."),
        "know_how": Answer(
            None if know_how["innovators"].sign == 0 else
            bool(know_how["innovators"].sign > 0
                 and know_how["innovators"].value > know_how["2025"].value),
            f"{know_how['innovators'].said('{:+.2f}', ' OOM')} where all innovate, "
            f"{know_how['2025'].said('{:+.2f}', ' OOM')} in the market of 2025."),
    }  # fmt: skip


def safest(grid: pd.DataFrame, name: str) -> str:
    """Say where on an axis fewest histories fail, the others averaged."""
    share = grid.groupby(name)["failed"].mean()
    return (f"{share.iloc[0]:.0%} at {share.index[0]:g}, least ({share.min():.0%}) at "
            f"{share.idxmin():.3g}, {share.iloc[-1]:.0%} at {share.index[-1]:g}")  # fmt: skip


def reached(distance: pd.DataFrame) -> str:
    """Say where half of the histories fail along each axis."""
    said = []
    for axis, rows in distance.groupby("axis", sort=False):
        name, default = axis.replace("_", " "), rows["default"].iloc[0]
        crossed = rows[rows["boundary"].notna()]
        places = " and ".join(
            f"{way} {at:.2f}" for way, at in zip(crossed["way"], crossed["boundary"], strict=True)
        )
        said.append(f"{places or 'nowhere'} along {name} (default {default:g})")
    return "; ".join(said)


def apart(more: Interval, less: Interval) -> bool | None:
    """Whether one interval lies above the other; open if they overlap."""
    if more.low > less.high:
        return True
    return False if more.high < less.low else None


# --- pictures ------------------------------------------------------------------------


def failed_picture(grid: pd.DataFrame, baseline: Scenario) -> str:
    """Share of failed histories on two planes through the default."""
    picture, axes = panels(2, 3.0)
    for panel, (x, fixed) in zip(
        axes, (("price_premium", "market_slope"), ("market_slope", "price_premium")), strict=True
    ):
        plane = grid[grid[fixed] == baseline.parameters[fixed]]
        share_map(panel, plane.pivot_table(index="imitation_lag", columns=x, values="failed"))
        panel.plot(baseline.parameters[x], baseline.parameters["imitation_lag"], "x", color="white")
        labels(panel, x.replace("_", " "), "imitation lag [months]")
    return svg(picture)


def signs_picture(signs: pd.DataFrame) -> str:
    """Frontier against ease of imitation, one panel a kind of imitation."""
    picture, axes = panels(2, titles=["copies of models", "spillover of know-how"])
    for panel, name in zip(axes, SIGNS, strict=True):
        for k, world in enumerate(("2025", "innovators")):
            rows = signs[(signs["parameter"] == name) & (signs["world"] == world)]
            band(panel, rows["value"], rows["frontier"], rows["low"], rows["high"], k, world)
        panel.axhline(0.0, color=INK, linewidth=0.6)
        labels(panel, name.replace("_", " "), "frontier, difference [OOM]", legend=True)
    logarithmic(axes[0])
    return svg(picture)
