"""The commands `moat run` and `moat replay`: one history, told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from experiments.cli.options import json_option, set_option, settings
from world.errors import InputError

if TYPE_CHECKING:
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
    from model import Market, Scenario

    chosen = Scenario.load(scenario).with_(**settings(assignments))
    _tell(Market(chosen, seed=seed).run_until(until), out, as_json)


@click.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--scenario", default="baseline", show_default=True)
@click.option("--member", default=0, show_default=True)
@click.option("--out", default=None, type=click.Path(path_type=Path))
@json_option
def replay(
    directory: Path, scenario: str, member: int, out: Path | None, as_json: bool
) -> None:
    """Replay a member of a compared ensemble as live Mesa objects.

    Example: moat replay out/compare --scenario imitation --member 12
    """
    from model import Market, Scenario
    from model.identity import different

    try:
        made = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))
        entry = made["scenarios"][scenario]
        first, last = made["seeds"]
        until = made["until"]
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(
            f"{directory}: holds no readable manifest.json with a scenario {scenario!r}."
        ) from None
    if difference := different(made):
        raise InputError(f"{directory}: was made by {difference}; run `moat compare` again.")
    if not 0 <= member <= last - first:
        raise InputError(f"member {member} does not exist; allowed are 0 to {last - first}.")
    chosen = Scenario(scenario, entry["world"]).with_(**entry["parameters"])
    _tell(Market(chosen, seed=first + member).run_until(until), out, as_json)


def _tell(market: Market, out: Path | None, as_json: bool) -> None:
    """Write a history's tables if a folder is given; print its years, regime and story."""
    if out is not None:
        _write_tables(market, out)
    frame, regime = market.frame(), market.regime()
    columns = ["frontier_capability", "gap", "run_cost", "revenue", "leader_margin", "equity",
               "hazard", "public_share", "incidents"]  # fmt: skip
    years = frame.iloc[[*range(11, len(frame), 12)] or [-1]][columns]
    if as_json:
        click.echo(json.dumps({
            "regime": regime.kind, "onset": regime.onset, "evidence": regime.evidence,
            "years": years.to_dict("index"),
        }))  # fmt: skip
        return
    click.echo(years.map(lambda x: f"{x:.3g}").to_string())
    evidence = ", ".join(f"{name} {value:.3g}" for name, value in regime.evidence.items())
    click.echo(f"Regime: {regime.kind} (month {regime.onset}); {evidence}.")
    for date, sentence in market.story()[["date", "sentence"]].tail(12).itertuples(index=False):
        click.echo(f"{date}  {sentence}")


def _write_tables(market: Market, out: Path) -> None:
    """Write the months of the market and of every kind of agent, the story and the scenario."""
    from experiments.report.files import write_text

    out.mkdir(parents=True, exist_ok=True)
    frame = market.frame()
    write_text(out / "months.csv", frame.to_csv())
    write_text(out / "story.csv", market.story().to_csv(index=False))
    write_text(out / "scenario.yaml", market.setting.to_yaml())
    for kind in market.kinds():
        write_text(out / f"agents_{kind}.csv", market.agent_frame(kind).to_csv())
    frame.to_parquet(out / "months.parquet")
