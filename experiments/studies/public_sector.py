"""When private money leaves: what can public policy buy, at what cost, and what is robust?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from experiments.analysis.statistics import Interval, bootstrap, by_seed
from experiments.report.drawing import band, labels, panels, svg
from experiments.report.palette import INK, PALETTE
from experiments.studies.lab import Lab
from experiments.studies.policies import (
    AS_NOW,
    HANDS_OFF,
    INSTRUMENTS,
    all_policies,
    levers,
    with_courts,
)
from experiments.studies.study import Answer, Findings, Picture, Study
from experiments.sweeps.design import Design
from model import Scenario
from world.files.read import read_world
from world.parameters import PARAMETERS

if TYPE_CHECKING:
    import networkx as nx

STUDY = Study(
    order=5,
    title="The public sector",
    question="When private money leaves, what do public research, protection of models, export "
    "control and safety rules buy; is there a best strength of IP; and which policy is robust "
    "whatever the world is like?",
    expected={
        "steps_in": "Where copies are easiest, the public share of research at least doubles under "
        "the usual reaction rule, compared with the baseline.",
        "restores": "100 bn USD a year of extra public research does not bring the frontier of "
        "easy imitation back to that of the baseline.",
        "ip_optimum": "Consumer surplus is highest at an interior strength of IP (Nordhaus 1969): "
        "neither none nor full.",
        "ip_reach": "Protection that reaches only the United States buys less than half of what "
        "protection everywhere buys in progress.",
        "export": "Export control slows the frontier and does not lower incidents.",
        "safety": "Safety rules slow the frontier and lower accidents.",
        "robust": "The policy with the least worst-case regret over the whole uncertainty space is "
        "a combination, not a single instrument.",
    },
    design="Policies are settings of the levers. On scenarios drawn from the whole uncertainty "
    "space (Latin hypercube over every declared uncertainty), every policy meets the same "
    "scenarios under the same seeds. Separately, IP strength runs from none to full under "
    "imitation, and the reach of courts is changed in the graph: as of 2025, the United States "
    "alone, everywhere.",
    reading="Regret is how far a policy's outcome in a scenario stays behind the best policy's "
    "there, in units of the outcome's spread over scenarios and policies; it is averaged over "
    "outcomes with equal weight, and reported by outcome too. The Pareto set holds the policies that "
    "no other beats in every outcome's mean. Public share is shown, but is no goal in itself.",
    limits="Equal weights are a value judgement: the table lets the reader choose others. IP has "
    "strength and reach, but no length: how long protection lasts is not a parameter. Public money "
    "costs its sum; the deadweight loss of taxes is left out. Each instrument is tried at one "
    "strength, on top of the policy of 2025. Incidents and accidents are indices with long tails: the "
    "means over the uncertainty space are carried by a few scenarios.",
)

UNTIL = "2040-12"
KEPT = [
    "frontier_capability", "consumer_surplus:mean", "incidents:mean", "accidents:mean",
    "public_spending:mean", "research_spending:mean",
]  # fmt: skip
GOALS = {  # sign: more is better, or less
    "frontier": 1.0, "consumer surplus": 1.0, "incidents": -1.0, "accidents": -1.0,
    "fiscal cost": -1.0,
}  # fmt: skip
UNITS = {
    "frontier": "OOM in 2040", "consumer surplus": "tn USD a year", "incidents": "a year",
    "accidents": "a year", "fiscal cost": "bn USD a year", "public share": "share",
}  # fmt: skip
EASY = {"imitation_cost_share": 0.02, "imitation_lag": 2.0}  # the low ends: copies are easiest
EXTRA = (0.0, 2.5e10, 5e10, 1e11, 2e11, 3.5e11, 5e11)  # USD a year
STRONG = INSTRUMENTS["protection"]["ip_floor"]


def run(lab: Lab) -> Findings:
    """Pay, protect, and meet the whole space of uncertainties with every policy."""
    baseline, imitation = Scenario.load("baseline"), Scenario.load("imitation")
    money = public_money(lab, baseline)
    strength = ip_strength(lab, imitation)
    reach = court_reach(lab, imitation)
    space = uncertainty_space(lab, baseline)
    losses = regrets(space)
    table = policy_table(space, losses)
    return Findings(
        headline=headline(table, strength),
        answers=answers(money, strength, reach, space, losses),
        tables={
            "policies": table.rename(columns={k: f"{k} [{unit}]" for k, unit in UNITS.items()}),
            "ip_strength": curve(strength, "ip_floor"),
            "reach": reach_table(reach),
            "public_money": curve(money, "public_extra"),
        },
        pictures={
            "robust": Picture(robust_picture(table), "Regret over the uncertainty space by policy: "
                              "mean (dot), 95th percentile (bar's end) and worst case (cross), in "
                              "standard deviations, averaged over five goals of equal weight."),
            "ip": Picture(ip_picture(strength, money), "Left and middle: consumer surplus and "
                          "frontier over the strength of IP under imitation. Right: frontier where "
                          "copies are easiest over extra public research; the line is the baseline "
                          "without any. Mean over seeds with its interval."),
        },
    )  # fmt: skip


# --- design --------------------------------------------------------------------------


def public_money(lab: Lab, baseline: Scenario) -> pd.DataFrame:
    """Extra public research where copies are easiest, and the baseline without any."""
    easy = baseline.with_(**EASY)
    seeds = range(lab.size(100, 6))
    spent = measured(lab, "money", easy, Design.grid(public_extra=EXTRA), seeds)
    without = measured(lab, "baseline", baseline, Design.grid(public_extra=0.0), seeds)
    return pd.concat([spent, without.assign(public_extra=-1.0)])


def ip_strength(lab: Lab, imitation: Scenario) -> pd.DataFrame:
    """Protection from none to full under imitation."""
    design = Design.grid(ip_floor=np.linspace(0.0, 1.0, lab.size(11, 5)))
    return measured(lab, "strength", imitation, design, range(lab.size(200, 8)))


def court_reach(lab: Lab, imitation: Scenario) -> pd.DataFrame:
    """Strong protection against none, for courts of different reach."""
    design, seeds = Design.grid(ip_floor=[0.0, STRONG]), range(lab.size(200, 8))
    parts = [
        measured(lab, f"reach_{k}", imitation, design, seeds, world).assign(courts=name)
        for k, (name, world) in enumerate(courts().items())
    ]
    return pd.concat(parts)


def courts() -> dict[str, nx.MultiDiGraph]:
    """The world of 2025 with courts of different reach."""
    world = read_world("2025")
    states = {d["name"]: d["court_reach"] for _, d in world.nodes(data=True) if "court_reach" in d}
    home = max(states, key=lambda name: states[name])
    reaches = {
        "as of 2025": states,
        f"{home} alone": {home: states[home]},
        "everywhere": dict.fromkeys(states, states[home]),
    }
    return {name: with_courts(world, reach) for name, reach in reaches.items()}


def worlds() -> dict[str, nx.MultiDiGraph]:
    """The worlds that the study makes, for its witnesses."""
    return courts()


def uncertainty_space(lab: Lab, baseline: Scenario) -> pd.DataFrame:
    """Every policy in the same scenarios under the same seeds; means over seeds."""
    ranges = {p.name: (p.low, p.high) for p in PARAMETERS if p.role == "uncertainty"}
    names = list(all_policies())
    policies = Design.of([levers(changes) for changes in all_policies().values()])
    scenarios = Design.latin_hypercube(lab.size(200, 12), seed=1, **ranges)
    found = measured(
        lab, "space", baseline, scenarios.crossed(policies), range(lab.size(2, 1))
    )
    means = found.groupby("point")[list(UNITS)].mean().reset_index()
    means["policy"] = [names[k] for k in means["point"] % len(names)]
    means["scenario"] = means["point"] // len(names)
    return means


def measured(
    lab: Lab, label: str, scenario: Scenario, design: Design, seeds: range, graph: Any = None
) -> pd.DataFrame:
    """Run, and put the outcomes in the units of the page."""
    found = lab.sweep(label, scenario, design, seeds, UNTIL, KEPT, graph=graph)
    return found.assign(**{
        "frontier": found[f"frontier_capability@{UNTIL}"],
        "consumer surplus": found["consumer_surplus:mean"] / 1e12,
        "incidents": 12.0 * found["incidents:mean"],
        "accidents": 12.0 * found["accidents:mean"],
        "fiscal cost": 12.0 * found["public_spending:mean"] / 1e9,
        "public share": found["public_spending:mean"] / found["research_spending:mean"],
    })


# --- reading -------------------------------------------------------------------------


def regrets(space: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """By goal, and for all of equal weight: rows scenarios, columns policies."""
    found = {}
    for goal, sign in GOALS.items():
        wide = sign * space.pivot(index="scenario", columns="policy", values=goal)
        spread = max(float(wide.to_numpy().std()), 1e-12)
        found[goal] = (-wide).add(wide.max(axis=1), axis=0) / spread
    found["all"] = sum(found.values()) / len(GOALS)
    return found


def policy_table(space: pd.DataFrame, losses: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Means, regret and Pareto set, least worst-case regret first."""
    table = space.groupby("policy")[list(UNITS)].mean()
    table["mean regret"] = losses["all"].mean()
    table["95 % regret"] = losses["all"].quantile(0.95)
    table["worst regret"] = losses["all"].max()
    for goal in GOALS:
        table[f"worst, {goal}"] = losses[goal].max()
    table["Pareto"] = ["yes" if best else "" for best in undominated(table)]
    return table.sort_values("worst regret").reset_index()


def undominated(table: pd.DataFrame) -> list[bool]:
    """Policies that no other beats in one goal without losing in another."""
    values = np.array([sign * table[goal] for goal, sign in GOALS.items()]).T
    return [
        not any((other >= own).all() and (other > own).any() for other in values) for own in values
    ]


def curve(rows: pd.DataFrame, axis: str) -> pd.DataFrame:
    """Means and intervals of the outcomes along one lever."""
    found = []
    for value, group in rows.groupby(axis):
        row: dict[str, float] = {axis: float(value)}
        for outcome in UNITS:
            mean = bootstrap(group[outcome], np.mean)
            row |= {outcome: mean.value, f"{outcome} low": mean.low, f"{outcome} high": mean.high}
        found.append(row)
    return pd.DataFrame(found)


def reach_gains(reach: pd.DataFrame, outcome: str = "frontier") -> dict[str, Interval]:
    """What strong protection adds, by the reach of courts."""
    found = {}
    for name, rows in reach.groupby("courts", sort=False):
        table = by_seed(rows, "ip_floor", outcome)
        found[str(name)] = bootstrap(table.loc[STRONG] - table.loc[0.0], np.mean)
    return found


def reach_table(reach: pd.DataFrame) -> pd.DataFrame:
    """Gains from strong protection by reach and outcome."""
    return pd.DataFrame([
        [name, outcome, UNITS[outcome], *gain]
        for outcome in UNITS
        for name, gain in reach_gains(reach, outcome).items()
    ], columns=["courts", "outcome", "unit", "gain", "low", "high"])  # fmt: skip


def difference(space: pd.DataFrame, policy: str, outcome: str) -> Interval:
    """Mean change that a policy brings over that of 2025, over scenarios."""
    wide = space.pivot(index="scenario", columns="policy", values=outcome)
    return bootstrap(wide[policy] - wide[AS_NOW], np.mean)


def best_strength(strength: pd.DataFrame, outcome: str) -> tuple[float, Interval, Interval]:
    """Best interior strength by the even seeds, and its gain over both ends by the odd ones."""
    table = by_seed(strength, "ip_floor", outcome)
    chosen, tested = table.iloc[:, ::2], table.iloc[:, 1::2]
    best = float(chosen.iloc[1:-1].mean(axis=1).idxmax())
    ends = (bootstrap(tested.loc[best] - tested.iloc[end], np.mean) for end in (0, -1))
    none, full = ends
    return best, none, full


def winners(losses: pd.DataFrame) -> pd.Series:
    """How often each policy has the least worst-case regret, scenarios resampled."""
    rng = np.random.default_rng(0)
    values = losses.to_numpy()
    counts = np.zeros(len(losses.columns))
    for _ in range(500):
        worst = values[rng.integers(len(values), size=len(values))].max(axis=0)
        counts[worst.argmin()] += 1.0
    return pd.Series(counts / counts.sum(), losses.columns)


def headline(table: pd.DataFrame, strength: pd.DataFrame) -> str:
    """The answer in one sentence."""
    first, calm = table.iloc[0], table.sort_values("mean regret").iloc[0]
    surplus = by_seed(strength, "ip_floor", "consumer surplus")
    frontier = by_seed(strength, "ip_floor", "frontier")
    full = frontier.index.max()
    progress = bootstrap(frontier.loc[full] - frontier.loc[0.0], np.mean)
    lost = bootstrap(surplus.loc[full] - surplus.loc[0.0], np.mean)
    return (
        f"Under imitation full IP protection adds {progress.said('{:.2f}', ' OOM')} to the frontier of "
        f"2040 and changes consumer surplus by {lost.said('{:+.2f}')} tn USD a year, which is highest "
        f"at a strength of {surplus.mean(axis=1).idxmax():.1f}; over the uncertainty space "
        f"\"{first['policy']}\" has the least worst-case regret ({first['worst regret']:.2f} standard "
        f"deviations) and \"{calm['policy']}\" the least mean regret ({calm['mean regret']:.2f})."
    )


def answers(
    money: pd.DataFrame, strength: pd.DataFrame, reach: pd.DataFrame, space: pd.DataFrame,
    losses: dict[str, pd.DataFrame],
) -> dict[str, Answer]:  # fmt: skip
    """Hold each expectation against the figures."""
    return {
        "steps_in": steps_in(money),
        "restores": restores(money),
        "ip_optimum": ip_optimum(strength),
        "ip_reach": ip_reach(reach),
        "export": export(space),
        "safety": safety(space),
        "robust": robust(losses["all"]),
    }


def steps_in(money: pd.DataFrame) -> Answer:
    """Public share under the usual reaction, where copies are easiest."""
    table = by_seed(money, "public_extra", "public share")
    ratio = bootstrap(table.loc[0.0] / table.loc[-1.0], np.mean)
    held = None if ratio.low < 2.0 < ratio.high else bool(ratio.value >= 2.0)
    return Answer(held, f"Public share to 2040: {table.loc[0.0].mean():.1%} where copies are easiest, "
                        f"{table.loc[-1.0].mean():.1%} in the baseline; {ratio.said('{:.2f}')} times.")


def restores(money: pd.DataFrame) -> Answer:
    """The frontier of 2040 with and without public money, against the baseline."""
    table = by_seed(money, "public_extra", "frontier")
    lost = bootstrap(table.loc[-1.0] - table.loc[0.0], np.mean)
    missing = bootstrap(table.loc[-1.0] - table.loc[1e11], np.mean)
    most = bootstrap(table.loc[-1.0] - table.loc[EXTRA[-1]], np.mean)
    held = None if lost.sign <= 0 else {1: True, 0: None, -1: False}[missing.sign]
    return Answer(held, f"Easy imitation costs {lost.said('{:.2f}', ' OOM')} of the frontier of 2040; "
                        f"with 100 bn USD a year {missing.said('{:.2f}', ' OOM')} are missing, with "
                        f"500 bn USD {most.said('{:.2f}', ' OOM')}.")


def ip_optimum(strength: pd.DataFrame) -> Answer:
    """Whether an interior strength beats both ends."""
    best, none, full = best_strength(strength, "consumer surplus")
    held = True if none.sign == full.sign == 1 else None
    if none.sign == -1 or full.sign == -1:
        held = False
    return Answer(held, f"The best interior strength, {best:.1f}, brings "
                        f"{none.said('{:+.3f}')} tn USD a year over none and {full.said('{:+.3f}')} "
                        "over full.")


def ip_reach(reach: pd.DataFrame) -> Answer:
    """What protection in one country buys of what it would buy everywhere."""
    gains = reach_gains(reach)
    now, alone, everywhere = gains.values()
    held = bool(alone.value < 0.5 * everywhere.value) if everywhere.sign == 1 else None
    said = "; ".join(f"{name} {gain.said('{:+.3f}')}" for name, gain in gains.items())
    doubt = "" if everywhere.sign == 1 else " Protection everywhere buys no progress to compare with."
    return Answer(held, f"Gain in the frontier of 2040 [OOM]: {said}.{doubt}")


def export(space: pd.DataFrame) -> Answer:
    """Export control against progress and incidents."""
    frontier = difference(space, "export control", "frontier")
    incidents = difference(space, "export control", "incidents")
    held = bool(frontier.value < 0.0 and incidents.sign >= 0) if frontier.sign else None
    return Answer(held, f"Over the space it moves the frontier of 2040 by {frontier.said('{:+.3f}')} "
                        f"OOM and incidents by {incidents.said('{:+.1f}')} a year.")


def safety(space: pd.DataFrame) -> Answer:
    """Safety rules against progress and accidents."""
    frontier = difference(space, "safety rules", "frontier")
    accidents = difference(space, "safety rules", "accidents")
    held: bool | None = bool(frontier.sign == -1 and accidents.sign == -1)
    if not held and 1 not in (frontier.sign, accidents.sign):
        held = None
    middle = space[space["policy"] == AS_NOW]["accidents"].median()
    return Answer(held, f"Over the space they move the frontier of 2040 by {frontier.said('{:+.3f}')} "
                        f"OOM and accidents by {accidents.said('{:+.0f}')} a year (median of scenarios "
                        f"under the policy of 2025: {middle:.0f}).")


def robust(losses: pd.DataFrame) -> Answer:
    """Whether the least worst-case regret is that of a combination."""
    worst = losses.max().sort_values()
    combined = [name for name in losses if " + " in name]
    share = float(winners(losses)[combined].sum())
    held = True if share >= 0.9 else False if share <= 0.1 else None
    listed = ", ".join(f"{name} {value:.2f}" for name, value in worst.head(3).items())
    return Answer(held, f"Least worst-case regrets: {listed}; hands off {worst[HANDS_OFF]:.2f}. A "
                        f"combination comes first in {share:.0%} of resampled spaces.")


# --- pictures ------------------------------------------------------------------------


def robust_picture(table: pd.DataFrame) -> str:
    """Regret by policy."""
    picture, [panel] = panels(1, 0.6 + 0.24 * len(table))
    rows = table.iloc[::-1]
    y = np.arange(len(rows))
    panel.barh(y, rows["95 % regret"], color=PALETTE[0], alpha=0.25, height=0.6)
    panel.plot(rows["mean regret"], y, "o", color=PALETTE[0], markersize=4)
    panel.plot(rows["worst regret"], y, "x", color=PALETTE[1], markersize=5)
    starred = rows["policy"].where(rows["Pareto"] == "", rows["policy"] + "*")
    panel.set_yticks(y, list(starred))
    panel.tick_params(axis="y", labelsize=7)
    labels(panel, "regret [standard deviations]; * in the Pareto set")
    return svg(picture)


def ip_picture(strength: pd.DataFrame, money: pd.DataFrame) -> str:
    """Outcomes over IP strength, and the frontier over public money."""
    picture, (left, middle, right) = panels(3)
    along = curve(strength, "ip_floor")
    for k, (panel, name) in enumerate(((left, "consumer surplus"), (middle, "frontier"))):
        band(panel, along["ip_floor"], along[name], along[f"{name} low"], along[f"{name} high"], k)
        labels(panel, "IP strength", f"{name} [{UNITS[name]}]")
    spent = curve(money, "public_extra")
    paid = spent[spent["public_extra"] >= 0.0]
    band(right, paid["public_extra"] / 1e9, paid["frontier"], paid["frontier low"],
         paid["frontier high"], 2)  # fmt: skip
    right.axhline(float(spent["frontier"].iloc[0]), color=INK, linewidth=0.6)
    labels(right, "extra public research [bn USD a year]", f"frontier [{UNITS['frontier']}]")
    return svg(picture)
