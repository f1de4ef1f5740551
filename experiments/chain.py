"""Does the chain bind: imitation, rents, beliefs, funding, progress? Cases whose answer is known.

    python -m experiments.chain
    python -m experiments.chain --json
    python -m experiments.chain --set customer_cost=0
    python -m experiments.chain --sets 100    # how many other parameter sets would meet them

Cases and targets were fixed before the rules they judge were written; they do not move. Each
case is run over 200 seeds of the 2025 world; figures are medians or shares over the seeds with
their 5-95 % bootstrap interval. A share of collapses stands with its least and most over other
thresholds. What is not met stays here, and in README.
"""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import click
import numpy as np
import pandas as pd

from experiments.analysis.calibrate import SEARCHED, search
from experiments.analysis.compare import NOBODY_COPIES, collapse_range
from experiments.analysis.statistics import BAND, RESAMPLES, bootstrap
from experiments.cli.options import set_option, settings
from model import Ensemble, Scenario
from model.ensemble import Runs
from world.calendar import months_until
from world.errors import InputError
from world.files.read import read_world
from world.parameters import BY_NAME

Reading = Callable[[Any], float]  # of samples by seed
Holds = Callable[[float], bool]
SEEDS = range(200)
LAGS = (2.0, 3.5, 5.5, 9.0, 14.0, 24.0)
COSTS = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
EASIEST = {"imitation_cost_share": 0.02, "imitation_lag": 2.0, "copy_shortfall": 0.0, "kept_share": 0.0}
STEP = 2.0  # standard errors that a step in the wrong direction may measure
NO_TARGET = "reported"


@dataclass(frozen=True)
class Row:
    """One figure of a case, and what it must be."""

    case: str
    figure: str
    value: float
    low: float
    high: float
    target: str
    met: bool | None  # None: it is reported, without a target

    def plain(self) -> dict[str, Any]:
        """The row for JSON, which knows no number that is none."""
        return {k: None if v != v else v for k, v in asdict(self).items()}


# --- ensembles and what is read off them ---------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """Who is asked: so many seeds of the shipped scenarios, over another set of defaults if given."""

    seeds: Sequence[int] = SEEDS
    defaults: Mapping[str, float] = field(default_factory=dict)

    def run(self, scenario: str, **changed: float) -> Runs:
        """Run a scenario with some parameters changed; what it sets itself stands over defaults."""
        setting = Scenario.load(scenario)
        own = {n for n, value in setting.parameters.items() if value != BY_NAME[n].default}
        usual = {n: value for n, value in self.defaults.items() if n not in own}
        return Ensemble(setting.with_(**(usual | changed)), self.seeds, workers=2).run()

    def run_unwatched(self) -> Runs:
        """Run the baseline where no investor watches any developer."""
        setting = Scenario.load("baseline").with_(**self.defaults)
        graph = read_world(setting.world)
        edges = graph.edges(keys=True, data="kind")
        graph.remove_edges_from([(a, b, key) for a, b, key, kind in edges if kind == "watches"])
        return Ensemble(setting, self.seeds, graph=graph, workers=2).run()


def pair(first: Any, second: Any) -> Any:
    """Two samples of the same seeds."""
    return np.column_stack([first, second])


def raised(found: Runs, until: str) -> Any:
    """Capital raised from the start through a month, by seed [USD]."""
    months = months_until(found.roster.start, until)
    return found.values["capital_raised"][:, :months].sum(axis=1)


def frontier(found: Runs, date: str) -> Any:
    """Frontier at a month's end, by seed [OOM]."""
    return found.values["frontier_capability"][:, months_until(found.roster.start, date) - 1]


def collapsed(found: Runs) -> Any:
    """Whether funding collapsed, by seed."""
    return found.regimes()["collapsed"].to_numpy()


def middle(samples: Any) -> float:
    """Median of one sample by seed."""
    return float(np.median(samples))


def ratio(samples: Any) -> float:
    """Ratio of the medians of two samples, paired by seed."""
    above, below = np.median(samples, axis=0)
    return float(above / below)


def change(samples: Any) -> float:
    """Difference of the medians of two samples, paired by seed."""
    now, before = np.median(samples, axis=0)
    return float(now - before)


def estimated(case: str, figure: str, samples: Any, read: Reading = middle,
              target: str = NO_TARGET, holds: Holds | None = None) -> Row:  # fmt: skip
    """A row that is read off samples by seed, with its bootstrap interval."""
    found = bootstrap(samples, read)
    return Row(case, figure, *found, target, holds(found.value) if holds else None)


def share(case: str, found: Runs, target: str = NO_TARGET, holds: Holds | None = None) -> list[Row]:
    """The share of collapses with its interval, and its least and most over other thresholds."""
    mine, least, most = collapse_range(found)
    other = Row(case, "collapse, over other thresholds", mine, least, most, NO_TARGET, None)
    return [estimated(case, "collapse", collapsed(found), np.mean, target, holds), other]


def steps(case: str, figure: str, samples: list[Any], wrong: int, read: Reading = middle) -> Row:
    """The largest step between neighbours in the wrong direction (1 up, -1 down), in its errors."""
    worst = 0.0
    for first, second in itertools.pairwise(samples):
        pair = np.column_stack([second, first])
        step = wrong * (read(pair[:, 0]) - read(pair[:, 1]))
        draws = np.random.default_rng(0).integers(0, len(pair), (RESAMPLES, len(pair)))
        error = np.std([read(pair[which, 0]) - read(pair[which, 1]) for which in draws])
        if step > 0.0:
            worst = max(worst, float(step / error) if error > 0.0 else np.inf)
    word = "up" if wrong > 0 else "down"
    return Row(case, f"{figure}, largest step {word} [standard errors]", worst, worst, worst,
               f"at most {STEP:g}", worst <= STEP)  # fmt: skip


# --- the cases -----------------------------------------------------------------------------


def nobody_copies(ask: Asked) -> Iterable[Row]:
    """A monopoly pays for itself."""
    for name in ("baseline", "imitation"):
        yield from share(f"nobody can copy, {name}", ask.run(name, **NOBODY_COPIES),
                         "at most 0.02", lambda x: x <= 0.02)  # fmt: skip


def easiest(ask: Asked) -> Iterable[Row]:
    """Where copies are cheap, quick and whole, and leave no rent, nobody funds a lead."""
    yield from share("imitation at its easiest", ask.run("imitation", **EASIEST),
                     "at least 0.8", lambda x: x >= 0.8)  # fmt: skip


def lags_without_rent(ask: Asked) -> Iterable[Row]:
    """The slower the copies, the fewer collapses."""
    case = "imitation, nothing kept"
    found = {lag: ask.run("imitation", kept_share=0.0, imitation_lag=lag) for lag in LAGS}
    targets: dict[float, tuple[str, Holds]] = {
        2.0: ("at least 0.5", lambda x: x >= 0.5), 24.0: ("at most 0.1", lambda x: x <= 0.1)
    }  # fmt: skip
    for lag, one in found.items():
        yield from share(f"{case}, lag {lag:g}", one, *targets.get(lag, (NO_TARGET, None)))
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
    found = {x: raised(ask.run("baseline", **fixed, **{name: x}), "2030-12") for x in values}
    for x, sample in found.items():
        yield estimated(f"{case} {x:g}", f"{figure} [USD]", sample)
    yield steps(f"{case}s", figure, list(found.values()), -1)
    yield estimated(f"{case} {over:g} over {under:g}", figure, pair(found[over], found[under]), ratio,
                    f"at least {least:g}", lambda x: x >= least)  # fmt: skip


def belief_in_imitation(ask: Asked) -> Iterable[Row]:
    """Who takes cheap releases for imitation gives less."""
    case, figure, target = "prior_imitation 0.02 over 0.98", "capital raised 2025-26", "at least 1.25"
    found = [raised(ask.run("baseline", prior_imitation=x), "2026-12") for x in (0.02, 0.98)]
    yield estimated(case, figure, pair(*found), ratio, target, lambda x: x >= 1.25)


def money_binds(ask: Asked) -> Iterable[Row]:
    """Without investors there is less progress."""
    usual, alone = ask.run("baseline"), ask.run_unwatched()
    for date in ("2030-12", "2035-12"):
        yield estimated("no `watches` edge at the start", f"frontier of {date}, change [OOM]",
                        pair(frontier(alone, date), frontier(usual, date)), change,
                        "at most -0.5", lambda x: x <= -0.5)  # fmt: skip


def belief_in_hazard(ask: Asked) -> Iterable[Row]:
    """Who fears copies gives less."""
    found = [raised(ask.run("imitation", prior_strength=8.0, prior_hazard=hazard), "2030-12")
             for hazard in (0.3, 2.0)]  # fmt: skip
    yield estimated("imitation, prior_strength 8, prior_hazard 0.3 over 2", "capital raised 2025-30",
                    pair(*found), ratio, "at least 2.5", lambda x: x >= 2.5)  # fmt: skip


def takeoffs(ask: Asked) -> Iterable[Row]:
    """Cleverness takes off, unless compute is a bottleneck."""
    found = ask.run("cleverness").regimes()
    takes_off = (found["regime"] == "takeoff").to_numpy()
    yield estimated("cleverness", "takeoff", takes_off, np.mean)
    if takes_off.any():
        year, month = found["onset"][takes_off].str.split("-", expand=True).astype(float).T.to_numpy()
        low, median, high = np.quantile(year + (month - 1.0) / 12.0, BAND)
        yield Row("cleverness", "date of takeoff, with 90 % of histories", median, low, high,
                  NO_TARGET, None)  # fmt: skip
    for substitution in (0.1, 0.5):
        bound = ask.run("cleverness", compute_labour_substitution=substitution).regimes()
        yield estimated(f"cleverness, substitution {substitution:g}", "takeoff",
                        (bound["regime"] == "takeoff").to_numpy(), np.mean, "0",
                        lambda x: x == 0.0)  # fmt: skip


def remedies(ask: Asked) -> Iterable[Row]:
    """What aggressive IP law and public money do where imitation is at its easiest."""
    for name, remedy in (("", {}), (", ip_floor 1", {"ip_floor": 1.0}),
                         (", public_extra 2e11", {"public_extra": 2e11})):  # fmt: skip
        case, found = f"imitation at its easiest{name}", ask.run("imitation", **EASIEST, **remedy)
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


CASES: tuple[Callable[[Asked], Iterable[Row]], ...] = (
    nobody_copies, easiest, lags_without_rent, money_over_lags, money_over_costs,
    belief_in_imitation, money_binds, belief_in_hazard, takeoffs, remedies,
)  # fmt: skip


def rows(ask: Asked | None = None) -> list[Row]:
    """Run all cases."""
    return [row for one in CASES for row in one(ask or Asked())]


def met_by_sets(tries: int, nearest: int) -> pd.Series:
    """Share of parameter sets that meet each row: how far the defaults' verdict is theirs alone.

    Of so many tried sets (`experiments.analysis.calibrate`) those nearest to the facts, with
    fewer seeds.
    """
    found = search(tries)[list(SEARCHED)].head(nearest).to_dict("records")
    met = []
    for k, defaults in enumerate(found, start=1):
        print(f"set {k} of {len(found)}", file=sys.stderr, flush=True)
        asked = rows(Asked(range(24), defaults))
        met.append({f"{r.case}: {r.figure}": r.met for r in asked if r.met is not None})
    table = pd.DataFrame(met)
    return pd.concat([table.mean(), pd.Series({"all": table.all(axis=1).mean()})])


def shown(value: float) -> str:
    """A figure in a table: three digits, `-` where it cannot be asked."""
    return "-" if np.isnan(value) else f"{value:.4g}" if 1.0 <= abs(value) < 1e4 else f"{value:.3g}"


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print rows as JSON.")
@click.option("--sets", default=0, type=click.IntRange(0),
              help="Ask so many parameter sets nearest to the facts instead.")  # fmt: skip
@click.option("--tries", default=3000, show_default=True, type=click.IntRange(1),
              help="Of so many that are tried.")  # fmt: skip
@set_option
def chain(as_json: bool, sets: int, tries: int, assignments: tuple[str, ...]) -> None:
    """Print every row: value, interval, target, whether it is met."""
    if sets:
        click.echo(met_by_sets(tries, sets).to_string())
        return
    found = rows(Asked(defaults=settings(assignments)))
    if as_json:
        click.echo(json.dumps([row.plain() for row in found], indent=1))
        return
    for row in found:
        met = {True: "met", False: "NOT MET", None: ""}[row.met]
        click.echo(f"{row.case:52} {row.figure:60} {shown(row.value):>10} "
                   f"[{shown(row.low)}, {shown(row.high)}]  {row.target} {met}")  # fmt: skip


if __name__ == "__main__":
    try:
        chain()
    except InputError as error:
        print(f"chain: {error}", file=sys.stderr)
        sys.exit(2)
