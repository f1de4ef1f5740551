"""Is imitation safer on balance: slower at the frontier, but in more hands?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from experiments.analysis.statistics import Interval, bootstrap
from experiments.report.drawing import band, labels, logarithmic, panels, svg
from experiments.studies.lab import Lab
from experiments.studies.policies import AS_NOW, levers, single_policies, without_open_weights
from experiments.studies.study import Answer, Findings, Picture, Study
from model import Scenario
from model.ensemble import Runs
from world.files.read import read_world

if TYPE_CHECKING:
    import networkx as nx

STUDY = Study(
    order=6,
    title="Misuse",
    question="At an equal frontier, how much more capable are hostile actors and how many more "
    "incidents happen when copying is easy; what do open weights add, what does each policy buy, "
    "and is imitation safer on balance?",
    expected={
        "hands": "At an equal frontier, hostile actors are nearer to it the easier imitation is.",
        "incidents": "At an equal frontier, incidents a year rise with the ease of imitation.",
        "open": "Without open weights there are fewer incidents at an equal frontier.",
        "pace": "Easier imitation slows the frontier, so that fewer accidents happen by 2040.",
        "balance": "Until 2040, easy imitation brings more incidents and fewer accidents: safer in "
        "pace, more dangerous in hands.",
        "policy": "Protection of models lowers incidents by more than safety rules do.",
    },
    design="The cost share of copies (and, along with it, the lag) from hard to easy in the world "
    "of 2025; the same with all weights closed (no developer has complements, in the graph and "
    "among entrants); each policy at the default ease. Paths are read at the month in which the "
    "frontier first reaches a common level.",
    reading="Distance: hostile capability less the frontier in that month [OOM]; incidents over "
    "the twelve months from then. Differences are paired by seed. On balance: sums to 2040.",
    limits="Incidents are an index scaled to reported ones of 2024; accidents have no historical "
    "scale at all, so their sum with incidents would mean nothing and is not formed. Defenders "
    "improve only with the frontier. Seeds that never reach the common level are left out of the "
    "comparison and counted.",
)

UNTIL = "2040-12"
LEVEL = 33.0  # OOM, some four above January 2025: late 2029 in the baseline
COST_SHARES, LAGS = (0.02, 1.0), (2.0, 24.0)  # from easy to hard, both geometric
YEAR = 12
MEASURES = {
    "distance": "hostile capability less the frontier, at the common level [OOM]",
    "incidents then": "incidents in the year from then",
    "years to the level": "years from January 2025 until the frontier reaches the common level",
    "frontier": "frontier in 2040 [OOM]",
    "incidents": "incidents to 2040",
    "accidents": "accidents to 2040",
}


def run(lab: Lab) -> Findings:
    """Read harm at an equal frontier, over ease, openness and policy."""
    baseline = Scenario.load("baseline")
    ease = over_ease(lab, baseline)
    opened = open_or_closed(lab, baseline)
    policy = by_policy(lab, baseline)
    readings = by_reading(lab)
    return Findings(
        headline=headline(ease),
        answers=answers(ease, opened, policy, readings),
        tables={
            "ease": means(ease, "cost share"),
            "weights": means(opened, "weights"),
            "policies": gains(policy, "policy", AS_NOW),
            "readings": means(readings, "scenario"),
        },
        pictures={
            "ease": Picture(ease_picture(ease), "Hostile actors and incidents when the frontier "
                            f"first reaches {LEVEL:g} OOM, and the frontier of 2040, from easy (left) "
                            "to hard imitation; all weights closed in the second line. Mean over "
                            "seeds with its interval."),
            "policies": Picture(policy_picture(policy), "What each policy changes against that of "
                                "2025: incidents and accidents to 2040, and the frontier of 2040."),
        },
    )  # fmt: skip


# --- design --------------------------------------------------------------------------


def over_ease(lab: Lab, baseline: Scenario) -> pd.DataFrame:
    """From easy to hard imitation, with weights as they are and all closed."""
    points = lab.size(9, 3)
    shares, lags = np.geomspace(*COST_SHARES, points), np.geomspace(*LAGS, points)
    parts = []
    for share, lag in zip(shares, lags, strict=True):
        scenario = baseline.with_(imitation_cost_share=share, imitation_lag=lag)
        parts.append(by_weights(lab, f"cost share {share:.3f}", scenario).assign(
            **{"cost share": share, "lag": lag}))  # fmt: skip
    return pd.concat(parts)


def open_or_closed(lab: Lab, baseline: Scenario) -> pd.DataFrame:
    """The same at the default ease."""
    return by_weights(lab, "default ease", baseline)


def by_weights(lab: Lab, label: str, scenario: Scenario) -> pd.DataFrame:
    """The world of 2025 as it is, and with all weights closed."""
    closed = without_open_weights(read_world(scenario.world))
    return pd.concat([
        histories(lab, label, scenario).assign(weights="as they are"),
        histories(lab, f"{label}, closed", scenario.with_(open_share=0.0), closed)
        .assign(weights="closed"),
    ])  # fmt: skip


def worlds() -> dict[str, nx.MultiDiGraph]:
    """The world that the study makes, for its witnesses."""
    return {"closed": without_open_weights(read_world("2025"))}


def by_policy(lab: Lab, baseline: Scenario) -> pd.DataFrame:
    """Each policy at the default ease."""
    return pd.concat([
        histories(lab, name, baseline.with_(**levers(changes))).assign(policy=name)
        for name, changes in single_policies().items()
    ])


def by_reading(lab: Lab) -> pd.DataFrame:
    """The two readings of January 2025: where accidents happen at all."""
    return pd.concat([
        histories(lab, name, Scenario.load(name)).assign(scenario=name)
        for name in ("baseline", "imitation", "cleverness")
    ])


def histories(lab: Lab, label: str, scenario: Scenario, graph: Any = None) -> pd.DataFrame:
    """One row a seed: what is read at the common level, and by 2040."""
    return lab.readings(label, scenario, range(lab.size(200, 10)), UNTIL, harm, graph)


def harm(runs: Runs) -> pd.DataFrame:
    """Read one row a seed off whole paths."""
    paths = runs.values
    rows = [at_level(history) for history in paths]
    frame = pd.DataFrame(rows, columns=list(MEASURES)[:3])
    frame.insert(0, "seed", runs.seeds)
    frame["frontier"] = paths["frontier_capability"][:, -1]
    frame["incidents"] = paths["incidents"].sum(axis=1)
    frame["accidents"] = paths["accidents"].sum(axis=1)
    return frame


def at_level(history: Any) -> tuple[float, float, float]:
    """Distance, incidents of the next twelve months, and years until the level is reached."""
    reached = np.flatnonzero(history["frontier_capability"] >= LEVEL)
    if not len(reached) or reached[0] + YEAR > len(history):
        return np.nan, np.nan, np.nan
    month = int(reached[0])
    distance = history["hostile_capability"][month] - history["frontier_capability"][month]
    incidents = history["incidents"][month : month + YEAR].sum()
    return float(distance), float(incidents), month / 12.0


# --- reading -------------------------------------------------------------------------


def means(rows: pd.DataFrame, axis: str) -> pd.DataFrame:
    """Mean and interval of every measure, and how many histories reached the level."""
    keys = list(dict.fromkeys([axis, *(["weights"] if "weights" in rows else [])]))
    found = []
    for key, group in rows.groupby(keys, sort=False):
        row: dict[str, Any] = dict(zip(keys, key if isinstance(key, tuple) else (key,), strict=True))
        for measure in MEASURES:
            mean = bootstrap(group[measure], np.mean)
            row |= {measure: mean.value, f"{measure} low": mean.low, f"{measure} high": mean.high}
        row["reached the level"] = float(group["distance"].notna().mean())
        found.append(row)
    return pd.DataFrame(found)


def paired(rows: pd.DataFrame, axis: str, one: Any, other: Any, measure: str) -> Interval:
    """Mean difference of one setting to another on the same seeds (that have both)."""
    wide = rows.pivot(index="seed", columns=axis, values=measure)
    return bootstrap(wide[one] - wide[other], np.mean)


def gains(rows: pd.DataFrame, axis: str, against: str) -> pd.DataFrame:
    """Differences of every setting to one of them."""
    return pd.DataFrame([
        [name, measure, *paired(rows, axis, name, against, measure)]
        for name in rows[axis].unique() if name != against
        for measure in MEASURES
    ], columns=[axis, "measure", "difference", "low", "high"])  # fmt: skip


def ends(ease: pd.DataFrame, measure: str) -> Interval:
    """Easiest less hardest imitation, weights as they are."""
    rows = ease[ease["weights"] == "as they are"]
    shares = rows["cost share"]
    return paired(rows, "cost share", shares.min(), shares.max(), measure)


def headline(ease: pd.DataFrame) -> str:
    """The answer in one sentence."""
    distance, then = ends(ease, "distance"), ends(ease, "incidents then")
    frontier, total = ends(ease, "frontier"), ends(ease, "incidents")
    return (
        f"At an equal frontier hostile actors are {distance.said('{:+.2f}', ' OOM')} nearer to it "
        f"under the easiest than under the hardest imitation, with {then.said('{:+.0f}')} incidents a "
        f"year; by 2040 the frontier differs by {frontier.said('{:+.2f}', ' OOM')} and incidents by "
        f"{total.said('{:+.0f}')}."
    )


def answers(
    ease: pd.DataFrame, opened: pd.DataFrame, policy: pd.DataFrame, readings: pd.DataFrame
) -> dict[str, Answer]:
    """Hold each expectation against the figures."""
    distance, then = ends(ease, "distance"), ends(ease, "incidents then")
    frontier, accidents = ends(ease, "frontier"), ends(ease, "accidents")
    incidents = ends(ease, "incidents")
    closed = paired(opened, "weights", "closed", "as they are", "incidents then")
    apart = paired(opened, "weights", "closed", "as they are", "distance")
    return {
        "hands": Answer(signed(distance), "Distance to the frontier, easiest less hardest: "
                        f"{distance.said('{:+.2f}', ' OOM')}."),
        "incidents": Answer(signed(then), "Incidents in the year from the common level, easiest less "
                            f"hardest: {then.said('{:+.0f}')}."),
        "open": Answer(signed(closed, -1), f"All weights closed, at the default ease: "
                       f"{closed.said('{:+.1f}')} incidents in the year from the common level, "
                       f"distance {apart.said('{:+.3f}', ' OOM')}."),
        "pace": Answer(both(signed(frontier, -1), signed(accidents, -1)),
                       f"Easiest less hardest, by 2040: frontier {frontier.said('{:+.2f}', ' OOM')}, "
                       f"accidents {accidents.said('{:+.2f}')}. {of_readings(readings)}"),
        "balance": Answer(both(signed(incidents), signed(accidents, -1)),
                          f"Easiest less hardest, to 2040: incidents {incidents.said('{:+.0f}')}, "
                          f"accidents {accidents.said('{:+.2f}')}."),
        "policy": policy_answer(policy),
    }  # fmt: skip


def signed(value: Interval, sign: int = 1) -> bool | None:
    """Whether a difference has the sign; None if its interval holds zero, in part."""
    return None if value.sign == 0 else value.sign == sign


def both(one: bool | None, other: bool | None) -> bool | None:
    """Whether two claims hold: contradicted by either, open if either is."""
    if one is False or other is False:
        return False
    return None if one is None or other is None else True


def of_readings(readings: pd.DataFrame) -> str:
    """Accidents under the two readings."""
    found = readings.groupby("scenario", sort=False)["accidents"].mean()
    listed = ", ".join(f"{name} {value:.1f}" for name, value in found.items())
    return f"Mean accidents to 2040 by scenario: {listed}."


def policy_answer(policy: pd.DataFrame) -> Answer:
    """Protection against safety rules, in incidents to 2040."""
    changes = {
        name: paired(policy, "policy", name, AS_NOW, "incidents")
        for name in policy["policy"].unique() if name != AS_NOW
    }  # fmt: skip
    between = paired(policy, "policy", "protection", "safety rules", "incidents")
    listed = ", ".join(f"{name} {change.said('{:+.0f}')}" for name, change in changes.items())
    return Answer(signed(between, -1), f"Incidents to 2040 against policy as in 2025: {listed}; "
                                       f"protection less safety rules {between.said('{:+.0f}')}.")


# --- pictures ------------------------------------------------------------------------


def ease_picture(ease: pd.DataFrame) -> str:
    """Harm at the common level, and the frontier, over ease."""
    shown = {"distance": "hostile less frontier [OOM]", "incidents then": "incidents a year",
             "frontier": "frontier in 2040 [OOM]"}  # fmt: skip
    picture, axes = panels(len(shown))
    table = means(ease, "cost share")
    for panel, (measure, unit) in zip(axes, shown.items(), strict=True):
        for k, (name, rows) in enumerate(table.groupby("weights", sort=False)):
            band(panel, rows["cost share"], rows[measure], rows[f"{measure} low"],
                 rows[f"{measure} high"], k, f"weights {name}")  # fmt: skip
        logarithmic(panel)
        labels(panel, "imitation cost share", unit, legend=measure == "distance")
    return svg(picture)


def policy_picture(policy: pd.DataFrame) -> str:
    """Differences to the policy of 2025."""
    shown = {"incidents": "incidents to 2040", "accidents": "accidents to 2040",
             "frontier": "frontier in 2040 [OOM]"}  # fmt: skip
    picture, axes = panels(len(shown), 2.2, sharey=True)
    table = gains(policy, "policy", AS_NOW)
    for panel, (measure, unit) in zip(axes, shown.items(), strict=True):
        rows = table[table["measure"] == measure].iloc[::-1]
        reach = [rows["difference"] - rows["low"], rows["high"] - rows["difference"]]
        panel.errorbar(rows["difference"], rows["policy"], xerr=reach, fmt="o", markersize=4)
        panel.axvline(0.0, color="grey", linewidth=0.6)
        labels(panel, f"change of {unit}")
    return svg(picture)
