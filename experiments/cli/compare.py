"""The command `moat compare`: the main job."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from experiments.cli.options import (
    command,
    json_option,
    set_option,
    settings,
    tell_json,
    workers_option,
)

if TYPE_CHECKING:
    import pandas as pd

LONG = 30.0  # seconds from which on it is said beforehand what is needed


@click.command()
@click.option("--scenarios", default="baseline,imitation,cleverness", show_default=True)
@click.option("--members", default=200, show_default=True, type=click.IntRange(1, 1_000_000))
@click.option("--until", default="2040-12", show_default=True)
@click.option("--seed", default=0, show_default=True, help="First seed.")
@workers_option
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
    from experiments.analysis import compare as analysis
    from experiments.analysis.need import need
    from experiments.report.files import Folder
    from experiments.report.manifest import Asked, located
    from experiments.report.page import write_report
    from model.scenario import Scenario
    from world.calendar import months_until
    from world.files.read import read_world

    names = [name.strip() for name in scenarios.split(",")]
    changed = settings(assignments)
    chosen = [Scenario.load(name).with_(**changed) for name in names]
    analysis.check_names(chosen)
    for scenario in chosen:
        months_until(read_world(scenario.world).graph["start"], until)
    with Folder(out) as folder:
        needed = need(chosen, members, until, seed, workers)
        needed.refuse_too_much(out)
        if needed.seconds > LONG:
            click.echo(f"moat: {needed.said()}", err=True)
        with _Bars(2 * members) as bars:
            found = analysis.compare(chosen, members, until, seed, workers, bars.told)
        asked = {
            scenario.name: Asked(source=located(name), settings=changed)
            for name, scenario in zip(names, chosen, strict=True)
        }
        options = {"--scenarios": scenarios, "--members": members, "--until": until, "--seed": seed}
        said = command(["moat", "compare"], options, assignments)
        page = write_report(found, folder, said, asked)
    shares, table = analysis.regime_shares(found), analysis.table(found)
    collapses = analysis.collapses(found)
    if as_json:
        tell_json({
            "regimes": shares.to_dict("index"),
            "collapses": collapses.to_dict("index"),
            "table": table.to_dict("records"),
            "report": str(page),
        })  # fmt: skip
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
    """The table for the terminal: one column a date, in it the median and its band.

    Worlds that start in other months have other dates: their cells are empty.
    """
    shown = [
        f"{middle:.3g} [{low:.3g}, {high:.3g}]"
        for low, middle, high in zip(table["low"], table["median"], table["high"], strict=True)
    ]
    wide = table.assign(shown=shown).pivot_table(
        index=["indicator", "unit", "scenario"], columns="date", values="shown", aggfunc="first",
        sort=False,
    )  # fmt: skip
    return wide[sorted(wide.columns)].fillna("")


class _Bars:
    """A progress bar for each scenario, on a terminal."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._bars: dict[str, Any] = {}

    def __enter__(self) -> _Bars:
        return self

    def __exit__(self, *error: object) -> None:
        for bar in self._bars.values():
            bar.close()

    def told(self, name: str, done: int) -> None:
        """Show that so many histories of a scenario are done."""
        from tqdm import tqdm

        if name not in self._bars:
            self._bars[name] = tqdm(total=self._total, desc=name, disable=not sys.stderr.isatty())
        self._bars[name].update(done - self._bars[name].n)
