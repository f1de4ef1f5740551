"""Where in parameter space does the market race, stall, collapse or take off?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.stats import beta

from experiments.analysis.statistics import (
    LEVEL,
    Interval,
    bootstrap,
    by_seed,
    crossing,
    crossing_interval,
    failed,
    falls,
)
from experiments.report.drawing import band, labels, logarithmic, panels, regime_map, svg
from experiments.report.palette import INK, PALETTE
from experiments.studies.counterfactual import Levers, lever, play
from experiments.studies.lab import Lab
from experiments.studies.study import Answer, Findings, Picture, Study
from experiments.studies.witness import plain
from experiments.sweeps.design import Design
from experiments.verify.finance import Offer
from experiments.verify.small_markets import threshold
from model import Scenario
from model.graph import read_graph
from model.regimes import REGIMES
from world.files.read import read_world

if TYPE_CHECKING:
    import networkx as nx

STUDY = Study(
    order=2,
    title="The phase map",
    question="Which regime prevails over imitation ease, cleverness and the growth of demand; how "
    "sharp are the boundaries, can they be crossed back, and does funding end where rent no longer "
    "repays the run?",
    expected={
        "imitation": "Progress fails (slowdown or funding collapse) in most histories where copies "
        "are cheap and quick (cost share below 0.05 and lag below 4 months), and races on where "
        "they are dear and slow.",
        "sharp": "The boundary is a crossover, not a cliff: the share of failed histories goes "
        "from a quarter to three quarters over at least a doubling of the cost share.",
        "demand": "Faster growth of demand moves the boundary toward shorter lags: a four-month "
        "lag is survivable when demand grows as in 2023-24.",
        "cleverness": "Takeoffs need substitution near or above one and returns above one.",
        "induced": "Induced innovation matters for takeoff only at its upper end.",
        "hysteresis": "A spell of easy imitation leaves a mark: five years after it ended, at "
        "least a fifth of the lost research spending is still missing.",
        "cycles": "Funding has booms and busts (falls of 40 % or more) in most histories of easy "
        "imitation.",
        "threshold": "Backers pay for a run up to the hazard at which rent/(r + hazard) equals its "
        "cost, when rent neither grows nor outlasts the copy.",
    },
    design="A grid of imitation cost share x lag, and slices over substitution x returns, induced "
    "innovation x substitution, and demand growth x lag; every point under the same seeds to 2040. "
    "Hysteresis: the cost share is ramped down and up again inside one history and compared, on "
    "the same noise, with the history that never left. The funding threshold is found by bisection "
    "in a market of one lab and one fund that has everything but Arrow's trade-off switched off.",
    reading="A point has the colour of its most frequent regime. The boundary is where half of the "
    "histories fail; its interval comes from resampling seeds. Sharpness is the ratio of cost "
    "shares between a quarter and three quarters failed.",
    limits="Regimes are names given by thresholds (model/regimes.py); slowdown and collapse can be "
    "told apart only up to these. A map at other values of the ninety remaining parameters looks "
    "different; `sensitivity` says which.",
)

EASE = ("imitation_cost_share", "imitation_lag")
SLICES = {  # x and y axis, each with its range
    "cleverness": {"compute_labour_substitution": (0.2, 2.2), "research_returns": (0.4, 2.4)},
    "induced": {"induced_innovation": (0.0, 5.0), "compute_labour_substitution": (0.2, 2.2)},
    "demand": {"market_slope": (0.2, 0.6), "imitation_lag": (2.0, 16.0)},
}
CORNERS = {"easy": (0.03, 3.0), "default": None, "hard": (0.5, 12.0)}
EASIEST, HARDEST = ((0.0, 0.05), (0.0, 4.0)), ((0.3, 1.0), (12.0, 24.0))  # shares and lags
HARD, EASY = (0.5, 12.0), (0.02, 2.0)  # ends of the ramp
SEEDS = {"map": 100, "slices": 30, "ramp": 60, "cycles": 100}  # of the full size
DOWN, UP, BACK = 2026, 2030, 2034  # years in which the ramp starts, turns, and is back


def run(lab: Lab) -> Findings:
    """Sweep the map and its slices, ramp one way and back, and bisect the funding threshold."""
    baseline = Scenario.load("baseline")
    histories = ease_map(lab, baseline)
    line = boundary(histories)
    slices = {name: slice_of(lab, baseline, name) for name in SLICES}
    ramp = hysteresis(lab, baseline)
    cycles = boom_and_bust(lab, baseline)
    thresholds = funding_thresholds(lab)
    return Findings(
        headline=headline(histories),
        answers=answers(histories, line, slices, ramp, cycles, thresholds),
        tables={
            "boundary": line,
            "hysteresis": ramp,
            "cycles": cycles,
            "funding_threshold": thresholds,
            "regimes": shares(histories, EASE),
            **{f"slice_{name}": shares(rows, SLICES[name]) for name, rows in slices.items()},
        },
        pictures={
            "map": Picture(map_picture(histories, ramp), "Left: most frequent regime over "
                           "imitation's cost share and lag, paler the closer the vote; the "
                           "line is where half of the histories fail, dotted its 90 % interval. "
                           "Right: research spending of histories "
                           "in which imitation becomes easy and hard again, over their twins'."),
            "slices": Picture(slice_picture(slices), "Most frequent regime over cleverness and "
                              "over the growth of demand."),
        },
    )  # fmt: skip


# --- design --------------------------------------------------------------------------


def ease_map(lab: Lab, baseline: Scenario) -> pd.DataFrame:
    """Imitation's cost share x lag."""
    points = lab.size(30, 4)
    design = Design.grid(
        imitation_cost_share=np.geomspace(0.02, 1.0, points),
        imitation_lag=np.linspace(2.0, 24.0, points),
    )
    return lab.sweep("map", baseline, design, range(lab.size(SEEDS["map"], 4)), "2040-12", KEPT)


KEPT = ["frontier_capability", "capital_raised:sum12"]


def slice_of(lab: Lab, baseline: Scenario, name: str) -> pd.DataFrame:
    """A slice through two other parameters."""
    points = lab.size(8, 3) if name == "demand" else lab.size(11, 3)
    axes = {p: np.linspace(*ends, points) for p, ends in SLICES[name].items()}
    if name == "demand":  # growth as in 2023-24 is the default: have it on the axis
        slopes = [*axes["market_slope"], baseline.parameters["market_slope"]]
        axes["market_slope"] = np.unique(slopes)
    seeds = range(lab.size(SEEDS["slices"], 3))
    return lab.sweep(f"slice_{name}", baseline, Design.grid(**axes), seeds, "2040-12", KEPT)


def hysteresis(lab: Lab, baseline: Scenario) -> pd.DataFrame:
    """Make imitation easy and hard again within a history; compare with the one that never left."""
    months = 192
    hard = baseline.with_(**dict(zip(EASE, HARD, strict=True)))
    start, _ = read_graph(read_world(baseline.world), hard.parameters)
    seeds = range(lab.size(SEEDS["ramp"], 3))

    def pair(seed: int) -> Any:
        paths = [play(start, seed, months, acts)[1] for acts in (up_and_back(), {})]
        years = [p["research_spending"].reshape(-1, 12).sum(axis=1) for p in paths]
        frontier = [p["frontier_capability"][11::12] for p in paths]
        return years[0] / years[1], frontier[0] - frontier[1]

    found = np.array(lab.each("hysteresis", seeds, pair))
    lab.note("hysteresis", hard, seeds, "2040-12")
    rows = []
    for k, year in enumerate(range(2025, 2041)):
        spending, frontier = bootstrap(found[:, 0, k]), bootstrap(found[:, 1, k])
        rows.append([year, ease_in(year)[EASE[0]], *spending, *frontier])
    return pd.DataFrame(rows, columns=[
        "year", EASE[0], "research spending over twin", "low", "high",
        "frontier less twin [OOM]", "frontier low", "frontier high",
    ])  # fmt: skip


def up_and_back() -> dict[int, Levers]:
    """The acts that make imitation easy and hard again, by month."""
    return {12 * (year - 2025): lever(**ease_in(year)) for year in range(DOWN, BACK + 1)}


def played(part: str, scenario: Scenario, world: nx.MultiDiGraph, seed: int, months: int) -> Any:
    """Indicators of a history, for the study's witnesses: the ramp is an intervention."""
    if part == "hysteresis":
        start, _ = read_graph(world, scenario.parameters)
        return play(start, seed, months, up_and_back())[1]
    return plain(part, scenario, world, seed, months)


def ease_in(year: int) -> dict[str, float]:
    """The ramp: ease of imitation in a year, geometric in both parameters."""
    way = np.clip(min((year - DOWN + 1) / (UP - DOWN), (BACK - year) / (BACK - UP)), 0.0, 1.0)
    return {
        name: float(hard ** (1.0 - way) * easy**way)
        for name, hard, easy in zip(EASE, HARD, EASY, strict=True)
    }


def boom_and_bust(lab: Lab, baseline: Scenario) -> pd.DataFrame:
    """Count falls of a year's money by 40 % or more, at easy and hard imitation."""
    rows = []
    for name, ease in CORNERS.items():
        scenario = baseline.with_(**dict(zip(EASE, ease, strict=True))) if ease else baseline
        runs = lab.ensemble(f"cycles {name}", scenario, range(lab.size(SEEDS["cycles"], 4)), "2040-12")
        for money in ("capital_raised", "research_spending"):
            yearly = np.apply_along_axis(np.convolve, 1, runs.values[money], np.ones(12), "valid")
            counts = np.array([falls(path) for path in yearly])
            rows.append([name, money, scenario.parameters[EASE[0]], scenario.parameters[EASE[1]],
                         counts.mean(), (counts > 0).mean(), counts.max()])  # fmt: skip
    return pd.DataFrame(rows, columns=[
        "imitation", "money", *EASE, "busts a history", "share with a bust", "most busts",
    ])  # fmt: skip


def funding_thresholds(lab: Lab) -> pd.DataFrame:
    """Hazard up to which a fund pays for a run, bisected in the market, and its closed form."""
    rows = []
    for rent in np.linspace(0.4, 3.0, lab.size(14, 4)):
        offer = Offer(rent * 1e9)
        discount = offer.scenario.parameters["discount"]
        rows.append([rent, rent - discount, threshold(offer.made, 1e-6, 50.0)])
    return pd.DataFrame(
        rows, columns=["rent/cost [1/year]", "rent/cost - r", "hazard in the market"]
    )


# --- reading -------------------------------------------------------------------------


def shares(histories: pd.DataFrame, axes: Any) -> pd.DataFrame:
    """Share of histories in each regime at each point."""
    found = pd.crosstab([histories[axis] for axis in axes], histories["regime"], normalize="index")
    return found.reindex(columns=list(REGIMES), fill_value=0.0).reset_index()


def boundary(histories: pd.DataFrame) -> pd.DataFrame:
    """By lag: the cost share at which half of the histories fail, and how sharply."""
    rows = []
    for lag, column in histories.assign(failed=failed(histories)).groupby(EASE[1]):
        table = by_seed(column, EASE[0], "failed")
        x = np.log10(table.index.to_numpy())
        mean = table.to_numpy(dtype=float).mean(axis=1)
        half = Interval(*(10.0**v for v in crossing_interval(x, table)))
        width = abs(crossing(x, mean, 0.25) - crossing(x, mean, 0.75))
        rows.append([lag, *half, 10.0**width, mean[0], mean[-1]])
    return pd.DataFrame(rows, columns=[
        EASE[1], "cost share at the boundary", "low", "high", "ratio of a quarter to three quarters",
        "failed at the lowest cost share", "failed at the highest",
    ])  # fmt: skip


def headline(histories: pd.DataFrame) -> str:
    """The answer in one sentence."""
    overall = histories["regime"].value_counts(normalize=True)
    parts = ", ".join(f"{regime} {share:.0%}" for regime, share in overall.items() if share > 0.0)
    points = histories.assign(failed=failed(histories)).groupby(list(EASE))["failed"].mean()
    worst = dict(zip(EASE, points.idxmax(), strict=True))
    flagged, strict, lenient = (
        histories[f"collapsed{reading}"].mean() for reading in ("", "_strict", "_lenient")
    )
    return (
        f"Over imitation's cost share and lag: {parts}; funding collapses in {flagged:.0%} whatever "
        f"comes after ({strict:.0%} to {lenient:.0%} over other thresholds); most histories fail at "
        f"{(points > 0.5).sum()} of {len(points)} points ({corner(histories, *EASIEST):.0%} of "
        f"histories where copies are cheap and quick, {corner(histories, *HARDEST):.0%} where they "
        f"are dear and slow, most of all, {points.max():.0%}, at a cost share of "
        f"{worst[EASE[0]]:.2f} and a lag of {worst[EASE[1]]:.0f} months)."
    )


def corner(histories: pd.DataFrame, share: tuple[float, float], lag: tuple[float, float]) -> float:
    """Share of failed histories within ranges of the cost share and the lag."""
    inside = histories[EASE[0]].between(*share) & histories[EASE[1]].between(*lag)
    return float(failed(histories)[inside].mean())


def answers(
    histories: pd.DataFrame,
    line: pd.DataFrame,
    slices: Mapping[str, pd.DataFrame],
    ramp: pd.DataFrame,
    cycles: pd.DataFrame,
    thresholds: pd.DataFrame,
) -> dict[str, Answer]:
    """Hold each expectation against the figures."""
    easy, hard = corner(histories, *EASIEST), corner(histories, *HARDEST)
    trough = 1.0 - ramp["research spending over twin"][ramp["year"] == UP].iloc[0]
    five = 1.0 - ramp["research spending over twin"][ramp["year"] == BACK + 5].iloc[0]
    busts = cycles[cycles["money"] == "capital_raised"].set_index("imitation")["share with a bust"]
    spent = cycles[cycles["money"] == "research_spending"].set_index("imitation")
    error = (thresholds["hazard in the market"] - thresholds["rent/cost - r"]).abs().max()
    return {
        "imitation": Answer(bool(easy > 0.5 > hard), f"Failed: {easy:.0%} where copies are cheap and "
                            f"quick, {hard:.0%} where they are dear and slow."),
        "sharp": sharp_answer(line),
        "demand": demand_answer(slices["demand"]),
        "cleverness": cleverness_answer(slices["cleverness"]),
        "induced": induced_answer(slices["induced"]),
        "hysteresis": Answer(
            bool(five >= 0.2 * trough) if trough > 0.0 else None,
            f"Research spending is {-trough:+.0%} of the twin's when imitation is easiest ({UP}) and "
            f"{-five:+.0%} five years after it became hard again."),
        "cycles": Answer(
            bool(busts["easy"] > 0.5), "Share of histories with a bust of capital raised: "
            + ", ".join(f"{name} {value:.0%}" for name, value in busts.items())
            + "; of research spending: "
            + ", ".join(f"{n} {v:.0%}" for n, v in spent["share with a bust"].items()) + "."),
        "threshold": Answer(bool(error < 1e-6), f"The bisected hazard differs from rent/cost - r by "
                            f"at most {error:.1e} a year."),
    }  # fmt: skip


def sharp_answer(line: pd.DataFrame) -> Answer:
    """Whether the boundary is a crossover along the cost share."""
    widths = line["ratio of a quarter to three quarters"].dropna()
    if widths.empty:
        return Answer(None, f"At none of {len(line)} lags does the share of failed histories go from "
                      "a quarter to three quarters along the cost share.")  # fmt: skip
    return Answer(
        bool(widths.median() >= 2.0),
        f"From a quarter to three quarters failed takes a factor of {widths.median():.1f} in the cost "
        f"share (median of {len(widths)} lags of {len(line)}).",
    )


def demand_answer(rows: pd.DataFrame) -> Answer:
    """Whether faster growth of demand carries short lags."""
    table = rows.assign(failed=failed(rows)).pivot_table(
        index="imitation_lag", columns="market_slope", values="failed"
    )
    four = table.iloc[np.abs(table.index.to_numpy() - 4.0).argmin()]
    slow, now, fast = four.iloc[0], four.iloc[np.abs(four.index - 0.48).argmin()], four.iloc[-1]
    return Answer(
        bool(now < 0.5 and fast < slow),
        f"At a lag of {four.name:.1f} months {slow:.0%} fail at the slowest growth of demand, "
        f"{now:.0%} near that of 2023-24 and {fast:.0%} at the fastest.",
    )


def cleverness_answer(rows: pd.DataFrame) -> Answer:
    """Where takeoffs are."""
    takeoff = rows["regime"] == "takeoff"
    low = (rows["compute_labour_substitution"] < 0.9) | (rows["research_returns"] < 0.9)
    inside, outside = takeoff[~low].mean(), takeoff[low].mean()
    return Answer(
        bool(outside < 0.05 and inside > outside),
        f"Takeoff in {inside:.0%} of histories with both above 0.9, in {outside:.0%} of the others.",
    )


def induced_answer(rows: pd.DataFrame) -> Answer:
    """Whether induced innovation matters at its upper end alone."""
    share = (rows["regime"] == "takeoff").groupby(rows["induced_innovation"]).mean()
    none, middle, most = share.iloc[0], share.iloc[len(share) // 2], share.iloc[-1]
    return Answer(
        bool(most - none >= 0.1 > middle - none),
        f"Takeoff in {none:.0%} of histories without induced innovation, {middle:.0%} at "
        f"{share.index[len(share) // 2]:.1f} and {most:.0%} at {share.index[-1]:.1f}.",
    )


# --- pictures ------------------------------------------------------------------------


def map_picture(histories: pd.DataFrame, ramp: pd.DataFrame) -> str:
    """The map with its boundary, and the ramp."""
    picture, (left, right) = panels(2, 3.6)
    regime_map(left, shares(histories, EASE), *EASE)
    logarithmic(left)
    draw_boundary(left, histories)
    labels(left, "imitation cost share", "imitation lag [months]")
    band(right, ramp["year"], ramp["research spending over twin"], ramp["low"], ramp["high"])
    right.axvspan(DOWN, BACK, color=PALETTE[1], alpha=0.08, linewidth=0)
    right.axhline(1.0, color=INK, linewidth=0.6)
    labels(right, "imitation is easy in the shaded years", "research spending over twin")
    return svg(picture)


def draw_boundary(panel: Any, histories: pd.DataFrame) -> None:
    """Where half of the histories fail; dotted: its 90 % interval (Clopper and Pearson 1934)."""
    groups = histories.assign(failed=failed(histories)).groupby(list(EASE))["failed"]
    lost, seeds = groups.sum(), groups.count()
    tail = (1.0 - LEVEL) / 2.0
    low = pd.Series(beta.ppf(tail, lost, seeds - lost + 1), lost.index).fillna(0.0)
    high = pd.Series(beta.ppf(1.0 - tail, lost + 1, seeds - lost), lost.index).fillna(1.0)
    for k, share in enumerate((lost / seeds, low, high)):
        table = share.unstack(EASE[0])
        if table.to_numpy().min() < 0.5 < table.to_numpy().max():
            style = {"linewidths": 0.6, "linestyles": "dotted"} if k else {"linewidths": 1.3}
            panel.contour(table.columns, table.index, table, [0.5], colors="black", **style)


def slice_picture(slices: Mapping[str, pd.DataFrame]) -> str:
    """One map a slice."""
    picture, axes = panels(len(slices), 3.2)
    for panel, (name, rows) in zip(axes, slices.items(), strict=True):
        x, y = SLICES[name]
        regime_map(panel, shares(rows, SLICES[name]), x, y)
        labels(panel, x.replace("_", " "), y.replace("_", " "))
    return svg(picture)
