"""The command `moat backtest`: forecasts from past origins against what came."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from experiments.cli.options import json_option, set_option, settings
from world.errors import InputError

if TYPE_CHECKING:
    from experiments.backtest.score import Row


@click.command()
@click.option("--origin", default=None, metavar="MONTH",
              help="First month of the forecast (default: all that have observations).")
@click.option("--observations", default=None, type=click.Path(path_type=Path), metavar="FILE",
              help="CSV of what was observed (default: what comes with Moat).")
@click.option("--members", default=400, show_default=True, type=click.IntRange(1, 10_000))
@click.option("--seed", default=0, show_default=True, help="First seed.")
@click.option("--workers", default=0, help="Threads (default: one a core).")
@click.option("--scenario", "name", default="baseline", show_default=True)
@click.option("--out", default=None, type=click.Path(path_type=Path, file_okay=False),
              help="Directory of the page (default: none is written).")
@set_option
@json_option
def backtest(
    origin: str | None,
    observations: Path | None,
    members: int,
    seed: int,
    workers: int,
    name: str,
    out: Path | None,
    assignments: tuple[str, ...],
    as_json: bool,
) -> None:
    """Forecast from a past month, and score the forecast by what came.

    Example: moat backtest --origin 2023-01 --members 200 --out out/backtest
    """
    if workers < 0:
        raise InputError("--workers must be at least 1.")
    if observations is not None and origin is None:
        raise InputError("--observations: name the first month of the forecast, too: --origin.")
    from experiments.backtest import forecast as forecasts
    from experiments.backtest.observations import read_observations, shipped, shipped_file
    from experiments.backtest.score import report, score
    from model.scenario import Scenario

    changed = settings(assignments)
    scenario = Scenario.load(name).with_(**changed)
    fixed = [given.removeprefix("lever_") for given in changed]
    origins = [origin] if origin else shipped()
    if not origins:
        raise InputError("no observations come with Moat; give --origin and --observations.")
    files = {each: observations or shipped_file(each) for each in origins}
    known = {each: read_observations(file, each) for each, file in files.items()}
    for each in origins:
        forecasts.start_at(each)  # before any history is run
    rows: list[Row] = []
    pictures: dict[str, str] = {}
    for each, observed in known.items():
        until = max(row.last for row in observed)
        with _bar(members, each) as bar:
            found = forecasts.forecast(
                scenario, each, until, members, seed, workers or os.cpu_count() or 1,
                _progress(bar), fixed,
            )  # fmt: skip
        rows += [score(row, found) for row in observed]
        if out is not None:
            from experiments.backtest.page import origin_picture

            pictures[each] = origin_picture(observed, found)
    told = report(rows, origin or origins, members)
    if out is not None:
        command = _command(origin, observations, members, seed, name, assignments)
        page = _written(rows, out, command, pictures)
    if as_json:
        click.echo(json.dumps(told, allow_nan=False))
        return
    _tell(rows, told)
    if out is not None:
        click.echo(f"Page: {page}")
