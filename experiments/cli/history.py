"""The commands `moat run` and `moat replay`: one history, told."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from experiments.cli.options import command, json_option, set_option, settings, tell_json
from world.calendar import months_until
from world.errors import InputError

if TYPE_CHECKING:
    from experiments.report.files import Folder
    from experiments.report.manifest import Asked
    from model import Market


@click.command()
@click.argument("scenario")
@click.option("--seed", default=0, show_default=True)
@click.option("--until", default="2040-12", show_default=True)
@click.option("--out", default=None, type=click.Path(path_type=Path))
@set_option
@json_option
def run(
    scenario: str,
    seed: int,
    until: str,
    out: Path | None,
    assignments: tuple[str, ...],
    as_json: bool,
) -> None:
    """Run one history of SCENARIO in Mesa.

    Example: moat run imitation --seed 7 --until 2030-12 --out out/run
    """
    from experiments.report.manifest import Asked, located
    from model import Market, Scenario

    changed = settings(assignments)
    chosen = Scenario.load(scenario).with_(**changed)
    market = Market(chosen, seed=seed)
    months_until(market.roster.start, until)
    words = command(["moat", "run", scenario], {"--seed": seed, "--until": until}, assignments)
    asked = Asked(source=located(scenario), settings=changed)
    with _folder(out) as folder:
        market.run_until(until)
        if folder is not None:
            _write(market, folder, words, seed, asked)
    _tell(market, as_json)


@click.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--scenario", default=None, help="Its name (default: the first of the result).")
@click.option("--member", default=0, show_default=True)
@click.option("--out", default=None, type=click.Path(path_type=Path))
@json_option
def replay(
    directory: Path, scenario: str | None, member: int, out: Path | None, as_json: bool
) -> None:
    """Replay a history of a result of `compare` or `run` as live Mesa objects.

    What the result was made of must be the same: rules, readings, engine, scenario, world.

    Example: moat replay out/compare --scenario imitation --member 12
    """
    from experiments.report.manifest import Manifest

    if out is not None and out.resolve() == directory.resolve():
        raise InputError(f"--out {out}: is the result that is replayed; choose another directory.")
    made = Manifest.read(directory)
    name = next(iter(made.scenarios)) if scenario is None else scenario
    with _folder(out) as folder:
        market = made.replayed(name, member, str(directory))
        if folder is not None:
            seed = made.seeds[0] + member
            options = {"--scenario": name, "--member": member}
            words = command(["moat", "replay", str(directory)], options)
            _write(market, folder, words, seed, made.scenarios[name].asked)
    _tell(market, as_json)


def _folder(out: Path | None) -> AbstractContextManager[Folder | None]:
    from experiments.report.files import Folder

    return nullcontext() if out is None else Folder(out)


def _tell(market: Market, as_json: bool) -> None:
    """Print a history's years, regime and story."""
    frame, regime = market.frame(), market.regime()
    columns = ["frontier_capability", "gap", "run_cost", "revenue", "leader_margin", "equity",
               "hazard", "public_share", "incidents"]  # fmt: skip
    years = frame.iloc[[*range(11, len(frame), 12)] or [-1]][columns]
    if as_json:
        tell_json({
            "regime": regime.kind, "onset": regime.onset, "evidence": regime.evidence,
            "years": years.to_dict("index"),
        })  # fmt: skip
        return
    click.echo(years.map(lambda x: f"{x:.3g}").to_string())
    evidence = ", ".join(f"{name} {value:.3g}" for name, value in regime.evidence.items())
    click.echo(f"Regime: {regime.kind} (month {regime.onset}); {evidence}.")
    for date, sentence in market.story()[["date", "sentence"]].tail(12).itertuples(index=False):
        click.echo(f"{date}  {sentence}")


def _write(market: Market, out: Folder, words: str, seed: int, asked: Asked | None) -> None:
    """Write the months of the market and of every kind of agent, the story, scenario and manifest."""
    from experiments.analysis.identity import described
    from experiments.report.files import file_name
    from experiments.report.manifest import manifest
    from model.regimes import CRITERIA
    from world.files.read import read_world

    scenario = market.setting
    known = {scenario.name: described(scenario, read_world(scenario.world))}
    frame = market.frame()
    made = manifest(
        words, known, {} if asked is None else {scenario.name: asked}, (seed, seed),
        str(frame.index[-1]), CRITERIA,
    )  # fmt: skip
    frame.attrs = {key: value for key, value in made.items() if key not in ("command", "made_with")}
    out.csv("months.csv", frame)
    out.csv("story.csv", market.story(), index=False)
    out.text("scenario.yaml", scenario.to_yaml())
    for kind in market.kinds():
        out.csv(f"agents_{file_name(kind)}.csv", market.agent_frame(kind))
    out.parquet("months.parquet", frame)
    out.finish(made)
