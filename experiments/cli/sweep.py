"""The commands `moat sweep` and `moat export`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from experiments.cli.design import read_design, read_list, read_seeds, read_shard
from experiments.cli.options import json_option, set_option, settings, tell_json, workers_option
from world.errors import InputError
from world.faults import brief

MOST_TOLD = 20  # design points that failed

if TYPE_CHECKING:
    from experiments.sweeps.sweep import Estimate, Sweep


@click.command()
@click.argument("scenario")
@click.option(
    "--vary",
    multiple=True,
    metavar="NAME=LOW:HIGH[:COUNT]",
    help="Vary a parameter: low:high:count or a,b,c in a grid; low:high, or low:high:log, "
    "with --sobol or --lhs. May be repeated.",
)
@click.option("--sobol", type=int, metavar="N", help="Sobol' design of N = 2^k points.")
@click.option("--lhs", type=int, metavar="N", help="Latin hypercube of N points.")
@click.option(
    "--design",
    "file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Design points from a CSV file with one column a parameter.",
)
@click.option("--design-seed", default=0, show_default=True, help="Seed of --sobol and --lhs.")
@click.option(
    "--seeds", default="0:10", show_default=True, help="first:end (without the end), or a,b,c."
)
@click.option("--until", default="2040-12", show_default=True, help="Last month.")
@click.option("--dates", default="", help="Months to keep, by commas (default: the last).")
@click.option(
    "--indicators",
    default="",
    metavar="LIST",
    help="What to keep, by commas: NAME, NAME:sum12, NAME:min, max, mean, q00 to q100; or all.",
)
@set_option
@click.option(
    "--out",
    default="out/sweep",
    show_default=True,
    type=click.Path(path_type=Path),
    help="The store: made, or continued.",
)
@workers_option
@click.option(
    "--backend",
    default="",
    help="in_process, processes or dask:ADDRESS (default: processes, unless there is little to do).",
)
@click.option("--shard", default="1/1", metavar="I/N", help="Run the I-th of N parts of the work.")
@click.option("--chunk", default=0, metavar="N",
              help="Histories in one part (default: 0, about a second of work).")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Say what it would need, and write nothing.")
@json_option
def sweep(
    scenario: str,
    vary: tuple[str, ...],
    sobol: int | None,
    lhs: int | None,
    file: Path | None,
    design_seed: int,
    seeds: str,
    until: str,
    dates: str,
    indicators: str,
    assignments: tuple[str, ...],
    out: Path,
    workers: int,
    backend: str,
    shard: str,
    chunk: int,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Run SCENARIO at every point of a design, under every seed, into a store.

    Stop it as you like: the same command finishes the rest. Exit code 3 if
    design points failed.

    Example: moat sweep imitation --vary imitation_lag=3:12:4 --vary
    imitation_cost_share=0.02,0.1,0.5 --seeds 0:100 --out out/map
    """
    from experiments.sweeps.summaries import DEFAULT
    from experiments.sweeps.sweep import Sweep
    from model.scenario import Scenario

    if chunk < 0:
        raise InputError(f"--chunk {chunk}: allowed are 0 (about a second of work) and more.")
    chosen = Scenario.load(scenario).with_(**settings(assignments))
    points = read_design(vary, sobol, lhs, file, design_seed)
    planned = Sweep(
        chosen,
        points,
        read_seeds(seeds),
        until,
        store=out,
        dates=read_list(dates) or None,
        indicators=read_list(indicators) or DEFAULT,
        workers=workers,
        backend=backend or None,
        shard=read_shard(shard),
        chunk=chunk or None,
    )
    if dry_run:
        _tell_estimate(planned.estimate(), as_json)
        click.echo("nothing was written", err=as_json)
        planned.require_room()
        return
    planned.require_room()
    if sys.stderr.isatty():
        _tell_estimate(planned.estimate(), False, err=True)
    _run(planned, as_json)


@click.command()
@click.argument("store", type=click.Path(path_type=Path))
@click.option(
    "--format", "form", default="csv", show_default=True, type=click.Choice(["csv", "parquet", "json"])
)
@click.option("--out", default=None, type=click.Path(path_type=Path),
              help="File to write (default: the store's name with the format's ending).")  # fmt: skip
def export(store: Path, form: str, out: Path | None) -> None:
    """Write all histories of STORE to one file, in order of design point and seed.

    Exit code 3 if the sweep is not finished or design points failed.

    Example: moat export out/map --format parquet --out map.parquet
    """
    from experiments.sweeps.results import Results

    results = Results(store)
    out = out or store.with_name(f"{store.name}.{form}")
    try:
        results.export(out, form)
    except OSError as error:
        click.echo(f"moat: {out}: cannot be written ({error.strerror or error}).", err=True)
        sys.exit(1)
    click.echo(f"{out}: {results.done} histories.")
    if not results.complete:
        click.echo(f"moat: {store}: {results.done} of {results.total} histories are done.", err=True)
    _tell_bad(results.bad)
    if results.bad or not results.complete:
        sys.exit(3)


def _run(planned: Sweep, as_json: bool) -> None:
    """Run with progress, print what was found."""
    from tqdm import tqdm

    from experiments.sweeps.sweep import SweepStopped

    with tqdm(unit=" histories", smoothing=0.05, disable=not sys.stderr.isatty()) as bar:

        def progress(done: int, total: int) -> None:
            if bar.total is None:
                bar.reset(total)
                bar.initial = bar.n = done
            bar.update(done - bar.n)

        try:
            results = planned.run(progress)
        except SweepStopped as stopped:
            click.echo(f"moat: {brief(str(stopped))}", err=True)
            sys.exit(1)
        except KeyboardInterrupt:
            bar.close()
            click.echo(f"moat: interrupted; what was done is kept in {planned.path}, and the same "
                       "command finishes the rest.", err=True)  # fmt: skip
            raise
    shares = results.shares() if results.done else None
    if as_json:
        tell_json({
            "store": str(planned.path),
            "done": results.done,
            "total": results.total,
            "bad": results.bad,
            "shares": [] if shares is None else shares.reset_index().to_dict("records"),
        })  # fmt: skip
    elif shares is not None:
        click.echo(shares.round(3).to_string(max_rows=40, max_cols=None))
        click.echo(f"{results.done} of {results.total} histories in {planned.path}; "
                   f"`moat export {planned.path}` writes them to one file.")  # fmt: skip
    if results.set_aside:
        names = ", ".join(results.set_aside[:5]) + " and more" * (len(results.set_aside) > 5)
        click.echo(f"moat: {planned.path}: {len(results.set_aside)} damaged files were moved to "
                   f"damaged/ and made again: {names}.", err=True)  # fmt: skip
    if results.done and (missing := results.missing()):
        told = ", ".join(f"{name} {count}" for name, count in list(missing.items())[:5])
        click.echo(f"moat: {planned.path}: {len(missing)} columns lack figures of some of "
                   f"{results.done} histories: {told}.", err=True)  # fmt: skip
    _tell_bad(results.bad)
    if results.bad:
        sys.exit(3)


def _tell_bad(bad: dict[int, str]) -> None:
    for point, why in list(bad.items())[:MOST_TOLD]:
        click.echo(f"moat: design point {point} is kept out: {why}.", err=True)
    if len(bad) > MOST_TOLD:
        click.echo(f"moat: and {len(bad) - MOST_TOLD} design points more.", err=True)


def _tell_estimate(found: Estimate, as_json: bool, err: bool = False) -> None:
    from experiments.sweeps.room import size

    if as_json:
        tell_json(found._asdict())
        return
    seconds = found.seconds
    told = f"{seconds / 60.0:.1f} minutes" if seconds > 120 else f"{seconds:.1f} seconds"
    click.echo(
        f"{found.points} design points x {found.seeds} seeds = {found.histories} histories "
        f"in {found.parts} parts\n"
        f"about {told} with {found.workers} workers, {size(found.bytes)} on disk, "
        f"{size(found.memory)} of memory",
        err=err,
    )
