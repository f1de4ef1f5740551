"""Print the rows of all cases: `python -m experiments.chain`."""

from __future__ import annotations

import json
import sys

import click

from experiments.chain.asked import Asked
from experiments.chain.cases import rows
from experiments.chain.row import NO_TARGET, shown
from experiments.cli.options import set_option, settings
from world.errors import InputError


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print rows as JSON.")
@set_option
def chain(as_json: bool, assignments: tuple[str, ...]) -> None:
    """Print every row: value, interval, target, whether it is met."""
    found = rows(Asked(defaults=settings(assignments)))
    if as_json:
        click.echo(json.dumps([row.plain() for row in found], indent=1))
        return
    for row in found:
        low, high = row.interval() if row.interval else (row.value, row.value)
        met = {True: "met", False: "NOT MET", None: ""}[row.met]
        click.echo(f"{row.case:52} {row.figure:60} {shown(row.value):>10} "
                   f"[{shown(low)}, {shown(high)}]  {row.target or NO_TARGET} {met}")  # fmt: skip


if __name__ == "__main__":
    try:
        chain()
    except InputError as error:
        print(f"chain: {error}", file=sys.stderr)
        sys.exit(2)
