"""Settle the baseline in the open: every set tried is counted, and what the facts leave open is said.

    python -m experiments.chain.calibrate --also docs/calibration_before.json > docs/calibration.json

Parameter sets are drawn from wide ranges, as independent of what is wished as sources allow, and
judged in this order, each set against all:

1. how far the rows of `moments.yaml` of the window `train` lie beyond their tolerance, and those of
   `experiments.chain` beyond their targets, which were fixed before the rules were written;
2. how badly it forecasts what came after January 2022, 2023 and 2024 (`experiments.backtest`).

A first round is a Latin hypercube; later rounds draw around the best sets so far, narrower each
time; the best of all are rounded and asked once more, by other seeds. Cheap rows are asked first:
a set that misses them is not asked the dear ones. Rows of the window `validate` are shown beside
and count for nothing. What the blind sets nearest to the train rows have in common is what the
facts leave to a parameter.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import click
import numpy as np
from tqdm import tqdm

from experiments.analysis.moments import facts, figures
from experiments.backtest.forecast import forecast
from experiments.backtest.observations import read_observations, shipped, shipped_file
from experiments.backtest.score import score, sums
from experiments.chain.asked import Asked
from experiments.chain.cases import CHEAP_CASES, DEAR_CASES
from model import Ensemble, Scenario
from model.identity import version
from model.lanes import WORTH
from world.folders import make_folder
from world.parameters import BY_NAME

# Parameters settled, and the part of their range searched: values that sources allow.
SEARCHED: dict[str, tuple[float, float]] = {
    "adoption_imitation": (0.8, 2.0),
    "alertness": (0.5, 4.0),
    "attention_fade": (0.1, 0.7),
    "brand_margin": (0.0, 0.3),
    "brand_of_share": (1.0, 8.0),
    "capital_response": (0.4, 1.1),
    "complement_value": (0.1, 0.4),
    "copy_shortfall": (0.0, 0.4),
    "customer_cost": (0.0, 1.0),
    "discount_noise": (0.005, 0.03),
    "efficiency_pace": (0.4, 0.7),
    "elasticity_within": (2.5, 4.5),
    "entry_rate": (0.5, 3.0),
    "exploration": (1.0, 5.0),
    "export_trigger": (0.0, 2.5),
    "flow_performance": (1.0, 4.0),
    "frontier_allocation": (0.25, 1.0),
    "growth_horizon": (3.0, 6.0),
    "growth_learning": (0.0, 2.5),
    "hiring_speed": (0.03, 0.07),
    "hurdle": (0.7, 1.5),
    "imitation_cost_share": (0.04, 0.2),
    "imitation_lag": (4.0, 9.0),
    "jevons": (0.5, 1.2),
    "kept_share": (0.0, 0.5),
    "labour_share": (0.23, 0.35),
    "lab_copy_penalty": (1.0, 10.0),
    "leap_cost": (0.0, 2.0),
    "market_base": (2.5e10, 1.5e11),
    "market_slope": (0.3, 0.6),
    "misuse_base": (0.5, 3.0),
    "price_premium": (0.25, 0.9),
    "prior_hazard": (0.4, 1.5),
    "prior_strength": (2.0, 8.0),
    "public_reaction": (0.0, 0.3),
    "quorum": (0.3, 0.7),
    "rival_erosion": (0.05, 0.4),
    "run_length": (2.5, 4.0),
    "spillover": (0.4, 1.6),
    "ticket": (0.1, 0.5),
}
HISTORY_UNTIL = "2024-12"
SEEDS = range(64)
FINALISTS = 12  # best sets that are asked once more, by more and other seeds
OTHER_SEEDS = range(1000, 1096)
NEAREST = 10  # one in so many blind sets is called near to the facts
CLOSE = 0.1  # misses of facts and targets together below which a set is called close
KEPT = 60  # best sets around which a later round draws
NARROWER = 0.6  # spread of a round over that of the round before
SPREAD = 0.12  # of a range, in the first such round
HARD = 3.0  # misses above which dear rows are not asked
UNASKED = 100.0  # and count as so much


class Judged(NamedTuple):
    """One set: its parameters, what it gives, and how it is ranked (less is better)."""

    parameters: dict[str, float]
    moments: dict[str, float]
    rows: dict[str, float]  # by name of the chain's row: how far beyond its target
    train: float  # train rows beyond their tolerance, in tolerances, squared
    targets: float  # the chain's rows beyond their targets, squared; inf for what was not asked
    misfit: float
    history: float  # mean scaled CRPS of forecasts from earlier origins

    @property
    def rank(self) -> tuple[float, float]:
        """What is missed, then the score of its forecasts."""
        return self.train + self.targets, self.history

    @property
    def missed(self) -> int:
        """How many train rows and targets are not met."""
        train = [row for row in facts() if row["window"] == "train"]
        out = sum(not row["low"] <= self.moments[row["name"]] <= row["high"] for row in train)
        return out + sum(miss > 0.0 for miss in self.rows.values())


def designs(tries: int, seed: int) -> Iterator[dict[str, float]]:
    """Latin hypercube over the searched ranges."""
    rng = np.random.default_rng(seed)
    columns = {
        name: low + (high - low) * (rng.permutation(tries) + rng.random(tries)) / tries
        for name, (low, high) in SEARCHED.items()
    }
    for k in range(tries):
        yield {name: float(column[k]) for name, column in columns.items()}


def around(
    best: list[Judged], tries: int, spread: float, rng: np.random.Generator
) -> list[dict[str, float]]:
    """Sets near the best ones: each a mean of two of them, moved by chance within the ranges."""
    found = []
    for _ in range(tries):
        one, other = (best[int(k)].parameters for k in rng.integers(len(best), size=2))
        part = rng.random()
        drawn = {}
        for name, (low, high) in SEARCHED.items():
            middle = part * one[name] + (1.0 - part) * other[name]
            moved = middle + spread * (high - low) * rng.normal() * (rng.random() < 0.5)
            drawn[name] = float(min(high, max(low, moved)))
        found.append(drawn)
    return found


def misfit(medians: Mapping[str, float], rows: Iterable[Mapping[str, Any]]) -> float:
    """Distance of the medians from the train rows, in squared tolerances."""
    return float(sum(
        ((medians[row["name"]] - row["fact"]) / (0.5 * (row["high"] - row["low"]))) ** 2
        for row in rows if row["window"] == "train"
    ))  # fmt: skip


def beyond(medians: Mapping[str, float], rows: Iterable[Mapping[str, Any]]) -> float:
    """How far the medians lie outside the tolerances of the train rows, squared."""
    total = 0.0
    for row in rows:
        if row["window"] == "train":
            out = max(row["low"] - medians[row["name"]], medians[row["name"]] - row["high"], 0.0)
            total += (out / (0.5 * (row["high"] - row["low"]))) ** 2
    return total


def history_score(parameters: Mapping[str, float], seeds: Sequence[int]) -> float:
    """Mean scaled CRPS of what came after the earlier origins: start and luck alone."""
    scenario = Scenario.load("baseline").with_(**parameters)
    rows = []
    for origin in shipped():
        found = forecast(scenario, origin, HISTORY_UNTIL, len(seeds), seeds[0], fixed=BY_NAME)
        rows += [score(row, found) for row in read_observations(shipped_file(origin), origin)]
    return float(sums(rows)["crps"]["model"])


def judge(parameters: dict[str, float], seeds: Sequence[int] = SEEDS) -> Judged:
    """Ask one set."""
    scenario = Scenario.load("baseline").with_(**parameters)
    found = figures(scenario, seeds)
    medians = {name: float(np.median(values)) for name, values in found.items()}
    train = beyond(medians, facts())
    rows: dict[str, float] = {}
    targets = 0.0
    if train < HARD:
        ask = Asked(seeds, parameters, workers=1)
        for cases in (CHEAP_CASES, DEAR_CASES):
            if targets < HARD:
                asked = [row for case in cases for row in case(ask) if row.target]
                rows |= {row.name: row.target.beyond(row.value) for row in asked if row.target}
                targets = sum(min(miss, 10.0) ** 2 for miss in rows.values())
            else:
                targets += UNASKED
    else:
        targets = np.inf
    history = history_score(parameters, seeds)
    return Judged(parameters, medians, rows, train, targets, misfit(medians, facts()), history)


class Store:
    """Sets judged so far, a line each: a search that was stopped goes on where it was.

    Parameters
    ----------
    path : Path
        JSON lines; a last line that was cut off is made again.
    """

    def __init__(self, path: Path) -> None:
        make_folder(path.parent)
        self.path = path
        self.kept: dict[str, Judged] = {}
        whole = 0
        for line in path.read_bytes().splitlines(keepends=True) if path.exists() else []:
            if not line.endswith(b"\n"):
                break
            whole += len(line)
            judged = Judged(**json.loads(line))
            self.kept[key_of(judged.parameters)] = judged
        with path.open("ab") as file:
            file.truncate(whole)

    def add(self, judged: Judged) -> None:
        """Keep one set."""
        self.kept[key_of(judged.parameters)] = judged
        with self.path.open("ab") as file:
            file.write(json.dumps(judged._asdict()).encode() + b"\n")


def key_of(parameters: Mapping[str, float]) -> str:
    """What names a set in a store, under these rules."""
    return json.dumps([version()["rules"], sorted(parameters.items())])


def judged(pool: Any, store: Store, drawn: list[dict[str, float]]) -> list[Judged]:
    """Judge sets, those of the store aside."""
    new = [one for one in drawn if key_of(one) not in store.kept]
    for one in tqdm(pool.map(judge, new), total=len(new), disable=not sys.stderr.isatty()):
        store.add(one)
    return [store.kept[key_of(one)] for one in drawn]


def search(
    first: int, also: list[dict[str, float]], rounds: int, tries: int, seed: int, store: Store,
    workers: int = 2,
) -> list[list[Judged]]:  # fmt: skip
    """All sets tried, round by round; the same again from the same store.

    The first round is blind, the second the sets tried `also`, the others lie around the best.
    """
    rng = np.random.default_rng(seed)
    found: list[list[Judged]] = []
    # Machine code for histories side by side is worth its making here: once, before many sets.
    Ensemble(Scenario.load("baseline"), range(WORTH), "2025-01").run()
    with ProcessPoolExecutor(workers) as pool:
        for number in range(rounds + 2):
            drawn = list(designs(first, seed)) if number == 0 else also
            if number > 1:
                best = ranked(found)[:KEPT]
                drawn = around(best, tries, SPREAD * NARROWER ** (number - 2), rng)
            found.append(judged(pool, store, drawn))
            best = ranked(found)
            print(f"round {number}: {len(drawn)} sets; the best misses {best[0].train:.3g} of facts, "
                  f"{best[0].targets:.3g} of targets, forecasts with {best[0].history:.3g}",
                  file=sys.stderr, flush=True)  # fmt: skip
    return found


def ranked(found: Iterable[list[Judged]]) -> list[Judged]:
    """All sets of some rounds, best first."""
    return sorted((one for some in found for one in some), key=lambda one: one.rank)


def finalists(found: Iterable[list[Judged]], workers: int = 2) -> list[Judged]:
    """The best sets asked once more, rounded to three digits; those that miss fewest rows first."""
    best = [one.parameters for one in ranked(found)[:FINALISTS]]
    rounded = [{name: float(f"{x:.3g}") for name, x in one.items()} for one in best]
    with ProcessPoolExecutor(workers) as pool:
        again = ranked([list(pool.map(judge, rounded, [OTHER_SEEDS] * len(rounded)))])
    return sorted(again, key=lambda one: one.missed)


def summary(found: list[list[Judged]], last: list[Judged]) -> dict[str, Any]:
    """What the search found, for the page: counts, rows met by sets drawn blindly, intervals."""
    blind = found[0]
    asked = [one for one in blind if one.rows]
    nearest = sorted(blind, key=lambda one: one.misfit)[: len(blind) // NEAREST]
    every = [one for some in found for one in some]
    close = [one for one in every if one.rank[0] < CLOSE]
    targets = dict.fromkeys(name for one in asked for name in one.rows)
    return {
        "rules": version()["rules"],
        "rounds": [len(some) for some in found],
        "best": [ranked(found[: k + 1])[0].rank for k in range(len(found))],
        "facts_met_blindly": {
            row["name"]: share(row["low"] <= one.moments[row["name"]] <= row["high"] for one in blind)
            for row in facts()
        },
        "asked_blindly": len(asked),
        "targets_met_blindly": {
            name: share(one.rows[name] == 0.0 for one in asked if name in one.rows)
            for name in targets
        },
        "all_facts_met_blindly": sum(one.train == 0.0 for one in blind),
        "all_met": sum(one.missed == 0 for one in every if one.rows),
        "close": len(close),
        "parameters": {
            name: {"range": SEARCHED[name], "facts": between(nearest, name),
                   "close": between(close, name)}
            for name in SEARCHED
        },
        "finalists": [(one.missed, *one.rank) for one in last],
        "chosen": last[0].parameters,
    }  # fmt: skip


def share(met: Iterable[bool]) -> float:
    """Share of True; NaN of none."""
    listed = list(met)
    return sum(listed) / len(listed) if listed else float("nan")


def between(sets: list[Judged], name: str) -> list[float] | None:
    """Middle 90 % of a parameter over some sets; None of fewer than ten."""
    if len(sets) < 10:
        return None
    return [float(x) for x in np.quantile([one.parameters[name] for one in sets], (0.05, 0.95))]


@click.command()
@click.option("--first", default=300, show_default=True, help="Sets of the first, blind round.")
@click.option("--also", type=click.Path(path_type=Path, exists=True),
              help="Sets to ask besides: a JSON list.")
@click.option("--rounds", default=5, show_default=True, help="Rounds around the best.")
@click.option("--tries", default=150, show_default=True, help="Sets of each such round.")
@click.option("--seed", default=1, show_default=True)
@click.option("--out", default="out/calibration", show_default=True, type=click.Path(path_type=Path),
              help="Where the sets are kept, a line each.")  # fmt: skip
def main(first: int, also: Path | None, rounds: int, tries: int, seed: int, out: Path) -> None:
    """Search, and print the summary as JSON."""
    try:
        sets = json.loads(also.read_text(encoding="utf-8")) if also else []
    except ValueError:
        raise click.BadParameter(f"{also} is no JSON list of sets.", param_hint="--also") from None
    found = search(first, sets, rounds, tries, seed, Store(out / "sets.jsonl"))
    click.echo(json.dumps(summary(found, finalists(found)), indent=1))


if __name__ == "__main__":
    main()
