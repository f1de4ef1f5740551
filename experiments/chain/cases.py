"""The chain: who can copy, what is kept, what is believed; whether money and progress follow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from experiments.analysis.compare import NOBODY_COPIES, collapse_range
from experiments.analysis.statistics import BAND
from experiments.chain.asked import Asked, collapsed, frontier, raised
from experiments.chain.labs import several_labs
from experiments.chain.row import (
    Row,
    Target,
    change,
    estimated,
    mean,
    pair,
    ratio,
    steps,
)
from experiments.chain.shock import shock
from model.ensemble import Runs
from world.calendar import months_until

LAGS = (2.0, 3.5, 5.5, 9.0, 14.0, 24.0)
COSTS = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
EASIEST = {"imitation_cost_share": 0.02, "imitation_lag": 2.0, "copy_shortfall": 0.0, "kept_share": 0.0}


def share(case: str, found: Runs, target: Target | None = None) -> list[Row]:
    """The share of collapses with its interval, and its least and most over other thresholds."""
    mine, strict, lenient = collapse_range(found)
    other = Row(case, "collapse, over other thresholds", mine, interval=lambda: (strict, lenient))
    return [estimated(case, "collapse", collapsed(found), mean, target), other]


def nobody_copies(ask: Asked) -> Iterable[Row]:
    """A monopoly pays for itself."""
    for name in ("baseline", "imitation"):
        yield from share(f"nobody can copy, {name}", ask.run(name, NOBODY_COPIES),
                         Target(most=0.02))  # fmt: skip


def easiest(ask: Asked) -> Iterable[Row]:
    """Where copies are cheap, quick and whole, and leave no rent, nobody funds a lead."""
    yield from share("imitation at its easiest", ask.run("imitation", EASIEST),
                     Target(least=0.8))  # fmt: skip


def lags_without_rent(ask: Asked) -> Iterable[Row]:
    """The slower the copies, the fewer collapses."""
    case = "imitation, nothing kept"
    found = {lag: ask.run("imitation", {"kept_share": 0.0, "imitation_lag": lag}) for lag in LAGS}
    targets = {2.0: Target(least=0.5), 24.0: Target(most=0.1)}
    for lag, one in found.items():
        yield from share(f"{case}, lag {lag:g}", one, targets.get(lag))
    yield steps(f"{case}, over lags", "collapse", list(map(collapsed, found.values())), 1, np.mean)


def money_over_lags(ask: Asked) -> Iterable[Row]:
    """The slower the copies, the more money."""
    yield from money_over(ask, "cost share 0.02, lag", "imitation_lag", LAGS,
                          {"imitation_cost_share": 0.02}, 14.0, 2.0, 1.5)  # fmt: skip


def money_over_costs(ask: Asked) -> Iterable[Row]:
    """The dearer the copies, the more money."""
    yield from money_over(ask, "lag 3.5, cost share", "imitation_cost_share", COSTS,
                          {"imitation_lag": 3.5}, 1.0, 0.02, 1.3)  # fmt: skip


def money_over(ask: Asked, case: str, name: str, values: Sequence[float], fixed: dict[str, float],
               over: float, under: float, least: float) -> Iterable[Row]:  # fmt: skip
    """Capital raised over the values of a parameter that makes imitation harder."""
    figure = "capital raised 2025-30"
    found = {x: raised(ask.run("baseline", fixed | {name: x}), "2030-12") for x in values}
    for x, sample in found.items():
        yield estimated(f"{case} {x:g}", f"{figure} [USD]", sample)
    yield steps(f"{case}s", figure, list(found.values()), -1)
    yield estimated(f"{case} {over:g} over {under:g}", figure, pair(found[over], found[under]), ratio,
                    Target(least=least))  # fmt: skip


def belief_in_imitation(ask: Asked) -> Iterable[Row]:
    """Who takes cheap releases for imitation gives less."""
    case, figure = "prior_imitation 0.02 over 0.98", "capital raised 2025-26"
    found = [raised(ask.run("baseline", {"prior_imitation": x}), "2026-12") for x in (0.02, 0.98)]
    yield estimated(case, figure, pair(*found), ratio, Target(least=1.25))


def money_binds(ask: Asked) -> Iterable[Row]:
    """Without investors there is less progress."""
    usual, alone = ask.run("baseline"), ask.run_unwatched()
    for date in ("2030-12", "2035-12"):
        yield estimated("no `watches` edge at the start", f"frontier of {date}, change [OOM]",
                        pair(frontier(alone, date), frontier(usual, date)), change,
                        Target(most=-0.5))  # fmt: skip


def belief_in_hazard(ask: Asked) -> Iterable[Row]:
    """Who fears copies gives less."""
    found = [raised(ask.run("imitation", {"prior_strength": 8.0, "prior_hazard": hazard}), "2030-12")
             for hazard in (0.3, 2.0)]  # fmt: skip
    yield estimated("imitation, prior_strength 8, prior_hazard 0.3 over 2", "capital raised 2025-30",
                    pair(*found), ratio, Target(least=2.5))  # fmt: skip


def takeoffs(ask: Asked) -> Iterable[Row]:
    """Cleverness takes off, unless compute is a bottleneck."""
    found = ask.run("cleverness").regimes()
    takes_off = (found["regime"] == "takeoff").to_numpy()
    yield estimated("cleverness", "takeoff", takes_off, mean)
    if takes_off.any():
        year, month = found["onset"][takes_off].str.split("-", expand=True).astype(float).T.to_numpy()
        low, median, high = np.quantile(year + (month - 1.0) / 12.0, BAND)
        yield Row("cleverness", "date of takeoff, with 90 % of histories", median,
                  interval=lambda: (low, high))  # fmt: skip
    for substitution in (0.1, 0.5):
        bound = ask.run("cleverness", {"compute_labour_substitution": substitution}).regimes()
        yield estimated(f"cleverness, substitution {substitution:g}", "takeoff",
                        (bound["regime"] == "takeoff").to_numpy(), mean,
                        Target(0.0, 0.0))  # fmt: skip


def remedies(ask: Asked) -> Iterable[Row]:
    """What aggressive IP law and public money do where imitation is at its easiest."""
    for name, remedy in (("", {}), (", ip_floor 1", {"ip_floor": 1.0}),
                         (", public_extra 2e11", {"public_extra": 2e11})):  # fmt: skip
        case, found = f"imitation at its easiest{name}", ask.run("imitation", EASIEST | remedy)
        months = months_until(found.roster.start, "2035-12")
        public, spent, incidents = (
            found.values[figure][:, :months].sum(axis=1)
            for figure in ("public_spending", "research_spending", "incidents")
        )
        if remedy:
            yield from share(case, found)
        yield estimated(case, "frontier of 2035-12 [OOM]", frontier(found, "2035-12"))
        yield estimated(case, "public share of research to 2035", public / spent)
        yield estimated(case, "incidents to 2035", incidents)


Case = Callable[[Asked], Iterable[Row]]
CHEAP_CASES: tuple[Case, ...] = (shock, several_labs)  # a year or two, not sixteen
DEAR_CASES: tuple[Case, ...] = (
    nobody_copies, easiest, lags_without_rent, money_over_lags, money_over_costs,
    belief_in_imitation, money_binds, belief_in_hazard, takeoffs,
)  # fmt: skip
CASES: tuple[Case, ...] = (*DEAR_CASES, *CHEAP_CASES, remedies)


def rows(ask: Asked | None = None) -> list[Row]:
    """Run all cases."""
    return [row for one in CASES for row in one(ask or Asked())]
