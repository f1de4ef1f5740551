"""Innovators against imitators: the industry of Nelson and Winter, as near as Moat comes to it.

What is copied in their model, a technique, is two things in Moat: a model, which
is copied instead of making one, and know-how, which spills over while a firm
does its own research. Each is varied alone; both tables are shown whole.

Moat still differs. Its firms weigh each run by its expected value, where theirs
spend fixed shares of capital; they set prices of unlike models, where theirs
choose quantities of one good. So signs are compared, not sizes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from experiments.verify.registry import Row, check
from experiments.verify.small_markets import MARKET, add_developer, empty_market, limiting
from model.graph import read_graph
from model.run import Run
from world.parameters import BY_NAME

FIRMS = 8
SEEDS = 300
MONTHS = 180
LEVEL = 28.8  # OOM, capability of every firm at the start
# Imitation is as hard, or as easy, as the declared ranges of its parameters allow.
COPIES = ("imitation_cost_share", "imitation_lag", "copy_shortfall")
HARD_COPIES = {name: BY_NAME[name].high for name in COPIES}
EASY_COPIES = {name: BY_NAME[name].low for name in COPIES}
EASY_KNOW_HOW = {"spillover": BY_NAME["spillover"].high}
# What the base model lacks, beyond what every limiting case lacks: inertia of customers,
# hidden traces, lawyers, research without a run, dearer leaps. Luck is what it has.
LACKING = {
    "switching": 1.0, "trace_protection": 0.0, "lab_copy_penalty": 1.0, "ordinary_talent": 0.0,
    "research_intensity": 0.0, "leap_cost": 0.0, "run_noise": BY_NAME["run_noise"].default,
}  # fmt: skip
# What the model would need to meet the rows that it does not meet.
RESEARCH_LOST = (
    "to meet it what innovators lose in sales to those who absorb their know-how would have to cost "
    "more research than the imitators' runs add: here the two nearly cancel"
)
MODELS_ALIKE = (
    "to meet it customers would have to tell models better apart: at an elasticity within of 3 it is "
    "met, at the default of 2.5, the lowest allowed, a copy takes too little from whom it copies"
)


class Industry(NamedTuple):
    """What became of an industry, by seed."""

    progress: np.ndarray  # OOM of capability that the average dollar buys, gained
    equal_firms: np.ndarray  # 1 / Herfindahl index of sales
    imitators: np.ndarray  # share of those who only imitate


def industry(imitators: int, handicap: float, ease: Mapping[str, float]) -> Industry:
    """Simulate eight equal firms, of which some only imitate.

    Parameters
    ----------
    imitators : int
        Firms whose own research yields nothing.
    handicap : float
        How far their know-how starts behind [OOM].
    ease : mapping
        Parameters of imitation.
    """
    graph = empty_market()
    names = [f"Firm {k}" for k in range(FIRMS)]
    for k, name in enumerate(names):
        only_imitates = k >= FIRMS - imitators
        add_developer(graph, name, compute=True, researchers=250.0, cash=2e9,
                      kind="imitator" if only_imitates else "frontier_lab", capability=LEVEL,
                      efficiency=2.85 - handicap * only_imitates,
                      revenue=MARKET / FIRMS)  # fmt: skip
        for other in names[:k]:
            graph.add_edge(name, other, kind="observes", weight=1.0)
            graph.add_edge(other, name, kind="observes", weight=1.0)
    start, roster = read_graph(graph, limiting(**{**LACKING, **ease}).parameters)
    run = Run(start)
    copiers = np.array([kind == "imitator" for kind in roster.kinds["developers"]])
    found = []
    for seed in range(SEEDS):
        tables = run.open(seed).tables
        indicators = run.run(MONTHS)
        progress = tables.industry["quality"][0] - LEVEL
        equal_firms = 1.0 / indicators["concentration"][-1]
        found.append((progress, equal_firms, tables.developers["share"][copiers].sum()))
    return Industry(*np.array(found).T)


def signs(
    handicap: float, hard: Mapping[str, float], easy: Mapping[str, float], wanting: str = ""
) -> Iterator[Row]:
    """Rows that compare easy with hard imitation, in the mixed industry and where all innovate.

    The note of a row that is not met ends with what the model is `wanting`.
    """
    mixed = [industry(4, handicap, ease) for ease in (hard, easy)]
    innovators = [industry(0, handicap, ease) for ease in (hard, easy)]
    for name, pair, measure, sign, base_model in (
        ("imitators' share, 4 + 4", mixed, "imitators", "above", "0.056 to 0.968"),
        ("number of equal firms, 4 + 4", mixed, "equal_firms", "above", "2.82 to 4.22"),
        ("number of equal firms, all innovate", innovators, "equal_firms", "above", "3.56 to 7.93"),
        ("progress [OOM], 4 + 4", mixed, "progress", "below", "log 0.976 to 0.821"),
        ("progress [OOM], all innovate", innovators, "progress", "above", "log 0.999 to 1.014"),
    ):
        row = _change(name, pair, measure, sign)
        note = f"{row.note}; base model {base_model}"
        yield row._replace(note=note if row.met else f"{note}; {wanting}")


def _change(name: str, pair: Sequence[Industry], measure: str, sign: str) -> Row:
    """Row of the change of a measure from hard to easy imitation, on equal noise."""
    before, after = (getattr(found, measure) for found in pair)
    gap = after - before
    error = float(gap.std(ddof=1)) / math.sqrt(len(gap))
    note = f"hard {before.mean():.3g}, easy {after.mean():.3g}"
    return Row(f"change of {name}", 0.0, float(gap.mean()), 2.0 * error, sign, note)


@check
def nelson_winter_copies() -> Iterator[Row]:
    """Easier copying of models slows progress where some only copy, and raises it where all innovate.

        sign of [progress(easy) - progress(hard)]:  - with 4 innovators + 4 imitators, + with 8

    Configured: eight firms that start equal; in the mixed industry four have no research and no
    know-how to lead with, so that they live by copying models. Cost, lag and shortfall of a copy
    stand at the hard or the easy ends of their declared ranges; 300 seeds of 15 years on equal
    noise. Progress is the capability that the average dollar buys. Off: investors, government,
    entry, growth of demand with capability, goodwill, inertia, spillover, automation.

    Tolerance: the sign must hold by two standard errors of the mean difference.

    Source: Nelson and Winter 1982, An evolutionary theory of economic change, chs 12-14; the base
    model's figures from a replication over 300 seeds.
    """
    return signs(4.0, HARD_COPIES, EASY_COPIES, MODELS_ALIKE)


@check
def nelson_winter_know_how() -> Iterator[Row]:
    """Easier copying of know-how slows progress where some only copy, and raises it where all innovate.

        sign of [progress(easy) - progress(hard)]:  - with 4 innovators + 4 imitators, + with 8

    Configured: as `nelson-winter-copies`, but models stay hard to copy, and what is varied is the
    rate at which the know-how of others is absorbed: zero, or the top of its declared range. The
    four imitators have no research that yields anything, and make runs with what they absorbed.

    Tolerance: the sign must hold by two standard errors of the mean difference.

    Source: Nelson and Winter 1982, An evolutionary theory of economic change, chs 12-14; the base
    model's figures from a replication over 300 seeds.
    """
    return signs(0.0, HARD_COPIES, {**HARD_COPIES, **EASY_KNOW_HOW}, RESEARCH_LOST)
