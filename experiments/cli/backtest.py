"""The command `moat backtest`: forecasts from past origins against what came."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from experiments.cli.options import json_option, set_option, settings, tell_json, workers_option
from world.errors import InputError

if TYPE_CHECKING:
    from experiments.backtest.observations import Observation
    from experiments.backtest.score import Row


@click.command()
@click.option("--origin", default=None, metavar="MONTH",
              help="First month of the forecast (default: all that have observations).")
@click.option("--observations", "file", default=None, type=click.Path(path_type=Path),
              metavar="FILE", help="CSV of what was observed (default: what comes with Moat).")
@click.option("--members", default=400, show_default=True, type=click.IntRange(1, 10_000))
@click.option("--seed", default=0, show_default=True, help="First seed.")
@workers_option
@click.option("--scenario", "name", default="baseline", show_default=True)
@click.option("--world", default=None, metavar="FILE",
              help="World that begins at the origin (default: the scenario's own, or the shipped one).")
@click.option("--out", default=None, type=click.Path(path_type=Path, file_okay=False),
              help="Directory of the page (default: none is written).")
@set_option
@json_option
def backtest(
    origin: str | None,
    file: Path | None,
    members: int,
    seed: int,
    workers: int,
    name: str,
    world: str | None,
    out: Path | None,
    assignments: tuple[str, ...],
    as_json: bool,
) -> None:
    """Forecast from a past month, and score the forecast by what came.

    Example: moat backtest --origin 2023-01 --members 200 --out out/backtest

    \b
    The file of --observations is CSV, one figure a row, with these columns:
      group         for sums by subject
      indicator     an indicator, or a/b: a quotient month by month
      form          at (month last); mean, sum, max (first to last);
                    change, ratio (from first to a later last)
      first, last   months like 2023-06; first may be empty for at
      value         what was observed
      scale         log10 or linear
      error         its standard deviation, in the scale (log10: decades)
      naive         a naive forecast of it
      naive_spread  its standard deviation, in the scale
    \b
    Example of a file:
      group,indicator,form,first,last,value,scale,error,naive,naive_spread
      money,revenue,at,,2023-12,2.4e9,log10,0.08,1.3e8,1.2
      structure,concentration,at,,2023-12,0.4,linear,0.05,0.5,0.2

    In log10 a figure counts as at least a million USD, a tenth for counts, a millionth for the
    rest. A row that divides by zero in more than half of the members is refused.
    """
    from experiments.backtest.forecast import forecast, start_at, world_of
    from experiments.backtest.score import report, score
    from model.scenario import Scenario

    changed = settings(assignments)
    fixed = [given.removeprefix("lever_") for given in changed]
    scenario = Scenario.load(name).with_(**changed)
    known = _observed(origin, file)
    for each in known:
        start_at(each, world or world_of(scenario, each))  # before any history is run
    rows: list[Row] = []
    pictures: dict[str, str] = {}
    for each, observed in known.items():
        until = max(row.last for row in observed)
        with _progress(members, each) as progress:
            found = forecast(scenario, each, until, members, seed, workers,
                             progress, fixed, world)  # fmt: skip
        rows += [score(row, found) for row in observed]
        if out is not None:  # drawn now: not all histories are kept
            from experiments.backtest.page import origin_picture

            pictures[each] = origin_picture(observed, found)
    page = None
    if out is not None:
        given = {"--origin": origin, "--observations": file, "--members": members, "--seed": seed,
                 "--scenario": name, "--world": world}  # fmt: skip
        usual = Scenario().world
        page = _write(rows, out, _command(given, assignments), f"{seed}-{seed + members - 1}", pictures,
                      world or (None if scenario.world == usual else scenario.world))  # fmt: skip
    if as_json:
        tell_json(report(rows, origin or list(known), members))
        return
    _tell(rows)
    if page is not None:
        click.echo(f"Page: {page}")


def _observed(origin: str | None, file: Path | None) -> dict[str, list[Observation]]:
    """Observations by origin: of the one asked for, or of all that have some."""
    from experiments.backtest.observations import read_observations, shipped, shipped_file

    if origin is None and file is not None:
        raise InputError("--observations: needs --origin, the first month of the forecast.")
    origins = shipped() if origin is None else [origin]
    if not origins:
        raise InputError("no observations come with Moat; give --origin and --observations.")
    return {each: read_observations(file or shipped_file(each), each) for each in origins}


def _command(given: dict[str, Any], assignments: tuple[str, ...]) -> str:
    """The command that makes the same again, wherever to."""
    words = ["moat", "backtest"]
    for option, value in given.items():
        words += [] if value is None else [option, str(value)]
    return shlex.join([*words, *(word for text in assignments for word in ("--set", text))])


def _write(
    rows: list[Row], out: Path, command: str, seeds: str, pictures: dict[str, str],
    world: str | None,
) -> Path:  # fmt: skip
    """Write the page; `InputError` if it cannot be written there."""
    from experiments.backtest.page import write_backtest

    try:
        return write_backtest(rows, out, command, seeds, pictures, world)
    except OSError as error:
        raise InputError(f"--out {out}: cannot be written ({error.strerror or error}).") from None


def _tell(rows: list[Row]) -> None:
    """Print rows, sums and ranks."""
    from experiments.backtest.score import answer, ranks, rows_table, sums_table

    for table in (rows_table(rows), sums_table(rows)):
        click.echo(table.to_string(index=False, float_format=lambda x: f"{x:.3g}") + "\n")
    click.echo("Ranks in tenths: " + " ".join(map(str, ranks(rows))))
    click.echo(answer(rows))


@contextmanager
def _progress(members: int, origin: str) -> Iterator[Callable[[int], None]]:
    """What is told how many members are done, and shows it on a terminal."""
    from tqdm import tqdm

    with tqdm(total=members, desc=origin, leave=False, disable=not sys.stderr.isatty()) as bar:
        yield lambda done: bar.update(done - bar.n)
