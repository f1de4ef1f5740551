"""The command `moat compare`: the main job."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from experiments.cli.options import json_option, set_option, settings

if TYPE_CHECKING:
    import pandas as pd


@click.command()
@click.option("--scenarios", default="baseline,imitation,cleverness", show_default=True)
@click.option("--members", default=200, show_default=True, type=click.IntRange(1, 1_000_000))
@click.option("--until", default="2040-12", show_default=True)
@click.option("--seed", default=0, show_default=True, help="First seed.")
@click.option("--workers", default=0, help="Threads (default: one a core).")
@click.option("--out", default="out/compare", show_default=True, type=click.Path(path_type=Path))
@set_option
@json_option
def compare(
    scenarios: str,
    members: int,
    until: str,
    seed: int,
    workers: int,
    out: Path,
    assignments: tuple[str, ...],
    as_json: bool,
) -> None:
    """Compare scenarios over an ensemble and write a report: the main job.

    Example: moat compare --members 50 --until 2032-12 --set imitation_lag=4
    """
    from tqdm import tqdm

    from experiments.analysis import compare as analysis
    from experiments.report.page import write_report
    from model.scenario import Scenario
    from world.calendar import months_until
    from world.files.read import read_world

    chosen = [Scenario.load(n.strip()).with_(**settings(assignments)) for n in scenarios.split(",")]
    for scenario in chosen:
        months_until(read_world(scenario.world).graph["start"], until)
    bars: dict[str, Any] = {}

    def progress(name: str, done: int) -> None:
        if name not in bars:
            bars[name] = tqdm(total=members, desc=name, disable=not sys.stderr.isatty())
        bars[name].update(done - bars[name].n)

    workers = workers or os.cpu_count() or 1
    found = analysis.compare(chosen, members, until, seed, workers, progress)
    for bar in bars.values():
        bar.close()
    page = write_report(found, out, "moat " + " ".join(sys.argv[1:]))
    shares, table = analysis.regime_shares(found), analysis.table(found)
    collapses = analysis.collapses(found)
    if as_json:
        click.echo(json.dumps({
            "regimes": shares.to_dict("index"),
            "collapses": collapses.to_dict("index"),
            "table": table.to_dict("records"),
            "report": str(page),
        }))  # fmt: skip
        return
    click.echo(shares.round(3).to_string())
    click.echo("Funding collapsed, whichever label comes first; over thresholds 20 % up and down:")
    click.echo(collapses.round(3).to_string())
    click.echo(_by_date(table).to_string())
    for comparison in found:
        verdict = "equals" if comparison.same else "DIFFERS FROM"
        click.echo(f"{comparison.scenario.name}: the Mesa replay {verdict} the compiled history.")
    click.echo(f"Report: {page}")


def _by_date(table: pd.DataFrame) -> pd.DataFrame:
    """The table for the terminal: one column a date, in it the median and its band."""
    shown = [
        f"{middle:.3g} [{low:.3g}, {high:.3g}]"
        for low, middle, high in zip(table["low"], table["median"], table["high"], strict=True)
    ]
    return table.assign(shown=shown).pivot_table(
        index=["indicator", "unit", "scenario"], columns="date", values="shown", aggfunc="first",
        sort=False,
    )  # fmt: skip
