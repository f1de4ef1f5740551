"""When does funding of the frontier collapse: what copies leave, cost and take, or something else?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from experiments.analysis.compare import NOBODY_COPIES
from experiments.analysis.statistics import (
    LEVEL,
    RESAMPLES,
    Interval,
    bootstrap,
    by_seed,
    crossing_interval,
)
from experiments.report.drawing import band, labels, panels, share_maps, svg
from experiments.report.palette import INK, VERMILLION
from experiments.studies.lab import Lab
from experiments.studies.study import Answer, Findings, Picture, Study
from experiments.sweeps.design import Design
from model import Scenario
from model.regimes import CRITERIA
from world.parameters import BY_NAME

STUDY = Study(
    order=9,
    title="What starves the labs",
    question="Does funding of the frontier collapse because copies are cheap, because they come "
    "early, or because they leave little of the rent; and do rivals, customers who pay little for "
    "quality, or slow adoption starve the labs as well?",
    expected={
        "kept": "What a copy leaves decides: at the cheapest and quickest copies the share of "
        "collapses falls below a tenth once a copy leaves three tenths of the rent.",
        "lag": "The lag matters more than the cost: from two months to a year at the cheapest copies "
        "the share of collapses falls by more than from the cheapest to the dearest copies at a lag "
        "of four months.",
        "corner": "Collapse needs all three at once: where a copy costs as much as a run, or comes "
        "after a year, or leaves half of the rent, funding collapses in at most a tenth of "
        "histories.",
        "rivals": "Rivals' progress starves as copies do: where it takes all of the lead's rent "
        "funding collapses in most histories even if nobody can copy.",
        "premium": "The less customers pay for quality, the more collapses.",
        "adoption": "The slower the market adopts, the more collapses.",
        "money": "Where funding does not collapse it is thinner: over the map, capital raised rises "
        "with the kept share, the lag and the cost share.",
        "progress": "Starved labs are slow labs: across the map, the frontier of 2030 is higher "
        "where more capital was raised (rank correlation above 0.8).",
    },
    design="A map under imitation: share of the rent that a copy leaves x cost of a copy x lag of a "
    "copy, every point under the same seeds to 2040. Slices where copies are easiest (cheapest, "
    "quickest, as good as their model, and leaving a fifth of the rent) over how much of rivals' "
    "progress reaches a lead's rent, what customers pay for quality, and how fast they adopt by "
    "imitation, each over its declared range; the same slices where nobody can copy (copies dear, "
    "slow and poor, no spillover).",
    reading="A collapse is counted whichever regime a history ends in. In some of them private money "
    "falls to half of that of the two years before 2025, or less: these are shown apart as famine, "
    "for the others are booms that end, from above where they began. The lag and the cost are "
    "compared over all kept shares alike. After a year is a lag of twelve months or more. \"The less, "
    "the more\" is read where copies are easiest: contradicted if the share of collapses rises with "
    "the parameter, from end to end or by more than a tenth on the way. Capital is compared between "
    "the ends of each axis, the others equal: over the map, and where funding holds (at most a tenth "
    "of histories collapse) at both ends. A verdict needs its interval, from resampling seeds.",
    limits="Shares of histories are no probabilities: they count chance under one set of the other "
    "parameters, not what is unknown about these; over several points they count each point alike, so "
    "they hang on where the points are. Collapse is a name given by thresholds "
    "(model/regimes.py); the strict and the lenient reading stand beside it, and capital and "
    "frontier, which have no threshold. The facts do not identify the share of the rent that a copy "
    "leaves: it is an axis here, not an estimate, and so where on it the world stands is not said. "
    "Slices vary one parameter at a time, at one corner.",
)

COST, KEPT, LAG = "imitation_cost_share", "kept_share", "imitation_lag"
AXES = {COST: "cost of a copy", KEPT: "kept share", LAG: "lag"}
COSTS = (0.02, 0.07, 0.3, 1.0)  # of a run: from the cheapest copies to a copy that saves nothing
LAGS = (2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0, 16.0, 24.0)  # months
EASY = {COST: 0.02, LAG: 2.0, "copy_shortfall": 0.0, KEPT: 0.2}
MARKETS = {"easy": EASY, "nobody": EASY | NOBODY_COPIES}
NAMES = {"easy": "copies are cheap and quick", "nobody": "nobody can copy"}
SLICES = {
    "rival_erosion": "lead's rent that rivals reach",
    "price_premium": "price of quality [log10 per OOM]",
    "adoption_imitation": "adoption by imitation [1/year]",
}
UNTIL = "2040-12"
YEARS = range(2025, 2031)  # of the capital raised; the frontier is that of their end
FRONTIER = f"frontier_capability@{YEARS[-1]}-12"
OUTCOMES = {
    "collapsed": "share whose funding collapses",
    "starved": "share that fall into famine",
    "raised": f"capital raised {YEARS[0]}-{YEARS[-1] % 100} [bn USD]",
    "frontier": f"frontier of {YEARS[-1]}-12 [OOM]",
}
FEW = 0.1  # share of collapses up to which funding holds
FAMINE = 1.0 - CRITERIA.funding_fall  # private money of two years over that of the two before 2025


def run(lab: Lab) -> Findings:
    """Map collapses over what a copy leaves, costs and takes; slice through its easiest corner."""
    imitation = Scenario.load("imitation")
    histories = copy_map(lab, imitation)
    slices = market_slices(lab, imitation)
    effects = end_to_end(histories)
    return Findings(
        headline=headline(histories),
        answers=answers(histories, slices, effects),
        tables={
            "boundary": boundary(histories),
            "effects": effects,
            "slices": outcomes(slices, ("market", "parameter", "value")),
            "map": outcomes(histories, tuple(AXES)),
        },
        pictures={
            "map": Picture(map_picture(histories, "collapsed"), "Share of histories to 2040 in which "
                           "funding of the frontier collapses, over the share of the rent that a copy "
                           "leaves and the months until it is out, by what it costs; on the line it "
                           "is one half."),
            "map_starved": Picture(map_picture(histories, "starved"), "The same for collapses into "
                                   "famine: private money falls to half of that before 2025."),
            "slices": Picture(slice_picture(slices, "collapsed"), "Share of histories in which "
                              "funding collapses over one parameter at a time, with its interval: "
                              "where copies are easiest, and where nobody can copy."),
            "slices_starved": Picture(slice_picture(slices, "starved"), "The same for collapses into "
                                      "famine."),
            **{f"map_{name}": Picture(map_picture(histories, name), f"Over the map: {OUTCOMES[name]}.")
               for name in ("raised", "frontier")},
            **{f"slices_{name}": Picture(slice_picture(slices, name), "The same along the slices.")
               for name in ("raised", "frontier")},
        },
    )  # fmt: skip


# --- design --------------------------------------------------------------------------


def copy_map(lab: Lab, imitation: Scenario) -> pd.DataFrame:
    """What a copy costs x what it leaves x when it comes."""
    design = Design.grid(
        imitation_cost_share=lab.size(COSTS, (COSTS[0], COSTS[-1])),
        kept_share=lab.size(np.arange(11) / 20.0, (0.0, 0.3, 0.5)),
        imitation_lag=lab.size(LAGS, (2.0, 4.0, 12.0, 24.0)),
    )
    return measured(lab, "map", imitation, design)


def market_slices(lab: Lab, imitation: Scenario) -> pd.DataFrame:
    """One parameter after another, where copies are easiest and where nobody can copy."""
    parts = []
    for name in SLICES:
        values = np.linspace(BY_NAME[name].low, BY_NAME[name].high, lab.size(11, 3))
        for market, changes in MARKETS.items():
            design = Design.grid(**{name: values})
            rows = measured(lab, f"{name}_{market}", imitation.with_(**changes), design)
            told = {"market": market, "parameter": name, "value": rows[name]}
            parts.append(rows.drop(columns=name).assign(**told))
    return pd.concat(parts)


def measured(lab: Lab, label: str, scenario: Scenario, design: Design) -> pd.DataFrame:
    """Run, and put the outcomes in the units of the page."""
    kept, dates = ["capital_raised:sum12", "frontier_capability"], [f"{y}-12" for y in YEARS]
    seeds = range(lab.size(100, 4))
    found = lab.sweep(label, scenario, design, seeds, UNTIL, kept, dates)
    famine = found["private_least"] <= FAMINE
    raised = sum(found[f"capital_raised:sum12@{date}"] for date in dates)
    return found.assign(
        starved=found["collapsed"] * famine,
        raised=raised / 1e9,
        frontier=found[FRONTIER],
    )


# --- reading -------------------------------------------------------------------------


def means(table: pd.DataFrame) -> pd.DataFrame:
    """Mean over seeds of every row with the interval of `bootstrap`, all rows at once."""
    values, rng = table.to_numpy(dtype=float), np.random.default_rng(0)
    seeds = values.shape[1]
    drawn = (rng.integers(seeds, size=seeds) for _ in range(RESAMPLES))
    found = [values[:, draw].mean(axis=1) for draw in drawn]
    low, high = np.quantile(found, [(1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0], axis=0)
    return pd.DataFrame({"mean": values.mean(axis=1), "low": low, "high": high}, table.index)


def outcomes(histories: pd.DataFrame, axes: Sequence[str]) -> pd.DataFrame:
    """Mean outcomes at each point with their intervals, and the other readings of a collapse."""
    parts = []
    for name, meaning in OUTCOMES.items():
        names = {"mean": meaning, "low": f"{name} low", "high": f"{name} high"}
        parts.append(means(by_seed(histories, list(axes), name)).rename(columns=names))
    readings = ["collapsed_strict", "collapsed_lenient"]
    parts.append(histories.groupby(list(axes))[readings].mean())
    return pd.concat(parts, axis=1).reset_index()


def boundary(histories: pd.DataFrame) -> pd.DataFrame:
    """By cost and lag: the kept share at which half of the histories collapse."""
    rows = []
    for (cost, lag), line in histories.groupby([COST, LAG]):
        table = by_seed(line, KEPT, "collapsed")
        half = crossing_interval(table.index.to_numpy(), table)
        rows.append([cost, lag, table.iloc[0].mean(), table.iloc[-1].mean(), *half])
    return pd.DataFrame(rows, columns=[
        COST, LAG, "collapsed at the lowest kept share", "at the highest",
        "kept share at which half collapse", "low", "high",
    ])  # fmt: skip


def end_to_end(histories: pd.DataFrame) -> pd.DataFrame:
    """What each axis moves from its low to its high end: over the map, and where funding holds."""
    rows = []
    for axis in AXES:
        others = [other for other in AXES if other != axis]
        ends = [histories[histories[axis] == end] for end in histories[axis].agg(["min", "max"])]
        few = [by_seed(end, others, "collapsed").mean(axis=1) <= FEW for end in ends]
        for name, meaning in OUTCOMES.items():
            low, high = (by_seed(end, others, name) for end in ends)
            for where, points in (("map", few[0] | True), ("funding holds", few[0] & few[1])):
                change = bootstrap((high - low)[points].mean(), np.mean)
                rows.append([axis, where, int(points.sum()), meaning, *change])
    return pd.DataFrame(rows, columns=["axis", "over", "pairs", "outcome", "change", "low", "high"])


def over_seeds(rows: pd.DataFrame) -> Interval:
    """Share of collapses in points taken together; seeds are resampled, as points share them."""
    return bootstrap(rows.groupby("seed")["collapsed"].mean(), np.mean)


def at_most(share: Interval, level: float) -> bool | None:
    """Whether a share is at most so high; None if its interval leaves it open."""
    if share.high <= level:
        return True
    return False if share.low > level else None


def all_of(*claims: bool | None) -> bool | None:
    """Whether claims hold together: contradicted by any, open if any is."""
    if False in claims:
        return False
    return None if None in claims else True


def easiest_copies(histories: pd.DataFrame) -> pd.DataFrame:
    """The cheapest and quickest copies of the map."""
    cheapest, quickest = histories[COST].min(), histories[LAG].min()
    return histories[(histories[COST] == cheapest) & (histories[LAG] == quickest)]


def told(rows: pd.DataFrame) -> str:
    """The share of collapses, and of those into famine."""
    return f"{rows['collapsed'].mean():.0%} (famine {rows['starved'].mean():.0%})"


def edges(histories: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Points of the map at which one of the three is missing."""
    return {
        "a copy costs as much as a run": histories[histories[COST] >= 1.0],
        "it comes after a year": histories[histories[LAG] >= 12.0],
        "it leaves half of the rent": histories[histories[KEPT] >= 0.5],
    }


def worst(histories: pd.DataFrame) -> tuple[float, str]:
    """Highest share of collapses at a point of the map, and where."""
    shares = histories.groupby(list(AXES))["collapsed"].mean()
    cost, kept, lag = shares.idxmax()
    return float(shares.max()), f"cost share {cost:g}, kept share {kept:g}, lag {lag:g} months"


def headline(histories: pd.DataFrame) -> str:
    """The answer in one sentence."""
    strict, lenient = (histories[f"collapsed_{side}"].mean() for side in ("strict", "lenient"))
    points = histories.groupby(list(AXES))[list(OUTCOMES)].mean()
    share, place = worst(histories)
    raised, frontier = points["raised"], points["frontier"]
    spared = ", ".join(f"{told(rows)} where {edge}" for edge, rows in edges(histories).items())
    return (
        f"Funding collapses in {told(histories)} of the map's histories, {strict:.0%} to {lenient:.0%} "
        f"over other thresholds, and in most of them at {(points['collapsed'] > 0.5).sum()} of "
        f"{len(points)} points, at worst in {share:.0%} ({place}); in {spared}. Capital raised "
        f"{YEARS[0]}-{YEARS[-1] % 100} goes from {raised.min():,.0f} to {raised.max():,.0f} bn USD "
        f"over the map, the frontier of {YEARS[-1]} from {frontier.min():.1f} to "
        f"{frontier.max():.1f} OOM."
    )


def answers(
    histories: pd.DataFrame, slices: pd.DataFrame, effects: pd.DataFrame
) -> dict[str, Answer]:
    """Hold each expectation against the figures."""
    return {
        "kept": kept_answer(easiest_copies(histories)),
        "lag": lag_answer(histories),
        "corner": corner_answer(histories),
        "rivals": rivals_answer(slices),
        "premium": fewer(slices, "price_premium"),
        "adoption": fewer(slices, "adoption_imitation"),
        "money": money_answer(effects),
        "progress": progress_answer(histories),
    }


def kept_answer(easiest: pd.DataFrame) -> Answer:
    """Whether three tenths of the rent save funding where copies are easiest."""
    table = by_seed(easiest, KEPT, "collapsed")
    shares = table.mean(axis=1)
    less, enough = shares[shares.index < 0.3], shares[shares.index >= 0.3]
    most = bootstrap(table.loc[enough.idxmax()], np.mean)
    nothing, three = (told(easiest[easiest[KEPT] == kept]) for kept in (less.index[0], enough.index[0]))
    return Answer(
        at_most(most, FEW) if less.max() > FEW else None,
        f"At the cheapest and quickest copies funding collapses in {nothing} of histories if a copy "
        f"leaves nothing, in {three} if it leaves three tenths, and from there on in at most "
        f"{most.said('{:.0%}')} (kept share {enough.idxmax():g}).",
    )


def lag_answer(histories: pd.DataFrame) -> Answer:
    """What a later copy does to the share of collapses, against what a dearer one does."""
    table = histories.groupby([COST, LAG, "seed"])["collapsed"].mean().unstack("seed")
    cheap, dear = histories[COST].min(), histories[COST].max()
    later = table.loc[(cheap, 2.0)] - table.loc[(cheap, 12.0)]
    dearer = table.loc[(cheap, 4.0)] - table.loc[(dear, 4.0)]
    difference = bootstrap(later - dearer, np.mean)
    return Answer(
        {1: True, 0: None, -1: False}[difference.sign],
        f"Over all kept shares the share of collapses falls by "
        f"{bootstrap(later, np.mean).said('{:.1%}')} from two months to a year at the cheapest "
        f"copies, by {bootstrap(dearer, np.mean).said('{:.1%}')} from the cheapest to the dearest at "
        f"four months; the difference is {difference.said('{:+.1%}')}.",
    )


def corner_answer(histories: pd.DataFrame) -> Answer:
    """Whether funding holds where any of the three is missing, and only there."""
    easiest = easiest_copies(histories)
    corner = easiest[easiest[KEPT] == easiest[KEPT].min()]
    claims, said = [], []
    for edge, rows in edges(histories).items():
        share = over_seeds(rows)
        claims.append(at_most(share, FEW))
        said.append(f"{share.said('{:.1%}')} where {edge} (famine {rows['starved'].mean():.1%}; "
                    f"at worst {worst(rows)[0]:.0%})")  # fmt: skip
    return Answer(
        all_of(*claims) if corner["collapsed"].mean() > FEW else None,
        f"Funding collapses in {told(corner)} of histories with all three, in {', '.join(said)}.",
    )


def slice_of(slices: pd.DataFrame, market: str, name: str, outcome: str = "collapsed") -> pd.DataFrame:
    """One slice: rows by value, columns seeds."""
    rows = slices[(slices["market"] == market) & (slices["parameter"] == name)]
    return by_seed(rows, "value", outcome)


def ends(slices: pd.DataFrame, market: str, name: str) -> str:
    """The share of collapses at both ends of a slice."""
    rows = slices[(slices["market"] == market) & (slices["parameter"] == name)]
    values = rows["value"].agg(["min", "max"])
    return " and ".join(f"{told(rows[rows['value'] == value])} at {value:g}" for value in values)


def rivals_answer(slices: pd.DataFrame) -> Answer:
    """Whether rivals who reach all of a lead's rent starve the labs without any copy."""
    name = "rival_erosion"
    share = bootstrap(slice_of(slices, "nobody", name).iloc[-1], np.mean)
    return Answer(
        {True: False, False: True, None: None}[at_most(share, 0.5)],
        f"If rivals reach all of the rent funding collapses in {share.said('{:.0%}')} of histories "
        f"even if nobody can copy; along the slice in {ends(slices, 'nobody', name)}, where copies "
        f"are easiest in {ends(slices, 'easy', name)}.",
    )


def fewer(slices: pd.DataFrame, name: str) -> Answer:
    """Whether collapses get fewer along a slice, at its ends and without a rise on the way."""
    table = slice_of(slices, "easy", name)
    shares = table.mean(axis=1)
    top = (shares - shares.cummin()).idxmax()
    floor = shares.loc[:top].idxmin()
    change = bootstrap(table.iloc[-1] - table.iloc[0], np.mean)
    rise = bootstrap(table.loc[top] - table.loc[floor], np.mean)
    falls = {-1: True, 0: None, 1: False}[change.sign]
    way = f", but a rise of {rise.said('{:.0%}')} from {floor:g} to {top:g}" if rise.value > 0 else ""
    return Answer(
        all_of(falls, at_most(rise, FEW)),
        f"Where copies are easiest funding collapses in {ends(slices, 'easy', name)}: "
        f"{change.said('{:+.0%}')}{way}. Where nobody can copy, in {ends(slices, 'nobody', name)}.",
    )


def money_answer(effects: pd.DataFrame) -> Answer:
    """Whether capital grows along each axis, over the map and where funding holds."""
    claims, said = [], []
    for axis, rows in effects[effects["outcome"] == OUTCOMES["raised"]].groupby("axis", sort=False):
        over = {row.over: Interval(row.change, row.low, row.high) for row in rows.itertuples()}
        claims += [{1: True, 0: None, -1: False}[change.sign] for change in over.values()]
        everywhere, holds = ("none" if np.isnan(change.value) else change.said("{:+,.0f}")
                             for change in over.values())  # fmt: skip
        said.append(f"{everywhere} along the {AXES[str(axis)]} (where funding holds {holds})")
    return Answer(all_of(*claims), f"From end to end, the others equal, capital raised changes by "
                                   f"{'; '.join(said)} bn USD.")  # fmt: skip


def progress_answer(histories: pd.DataFrame) -> Answer:
    """Rank correlation of capital and frontier over the points of the map."""
    tables = [by_seed(histories, list(AXES), name).to_numpy().T for name in ("raised", "frontier")]
    found = bootstrap(np.stack(tables, axis=1), lambda v: spearmanr(*v.mean(axis=0)).statistic)
    held = True if found.low > 0.8 else False if found.high <= 0.8 else None
    return Answer(held, f"Over {tables[0].shape[1]} points the rank correlation of capital raised and "
                        f"frontier is {found.said('{:.2f}')}.")  # fmt: skip


# --- pictures ------------------------------------------------------------------------


def map_picture(histories: pd.DataFrame, outcome: str) -> str:
    """An outcome over what a copy leaves and when it comes, one panel a cost."""
    points = histories.groupby([COST, LAG, KEPT])[outcome].mean()
    tables = [points[cost].unstack(KEPT) for cost in histories[COST].unique()]
    titles = [f"a copy costs {cost:.0%} of a run" for cost in histories[COST].unique()]
    picture, axes = panels(len(tables), 2.8, titles, sharey=True)
    shares = outcome in ("collapsed", "starved")
    low, high = (0.0, 1.0) if shares else (points.min(), points.max())
    rows = range(len(tables[0]))  # lags one beside the other: short ones matter
    evenly = [table.set_axis(rows) for table in tables]
    share_maps(axes, evenly, low, high, OUTCOMES[outcome])
    for panel, table in zip(axes, evenly, strict=True):
        if shares and table.to_numpy().min() < 0.5 < table.to_numpy().max():
            panel.contour(table.columns, rows, table, [0.5], colors=VERMILLION, linewidths=1.6)
        panel.set_yticks(rows, [f"{lag:g}" for lag in tables[0].index])
    labels(axes[0], "", "months until a copy is out")
    picture.supxlabel("share of the rent that a copy leaves", fontsize=8, color=INK)
    return svg(picture)


def slice_picture(slices: pd.DataFrame, outcome: str) -> str:
    """An outcome along each slice, where copies are easiest and where nobody can copy."""
    picture, axes = panels(len(SLICES), 2.6, sharey=True)
    for panel, (name, meaning) in zip(axes, SLICES.items(), strict=True):
        for k, market in enumerate(MARKETS):
            found = means(slice_of(slices, market, name, outcome))
            band(panel, found.index, found["mean"], found["low"], found["high"], k, NAMES[market])
        labels(panel, meaning, OUTCOMES[outcome] if panel is axes[0] else "", panel is axes[0])
    return svg(picture)
