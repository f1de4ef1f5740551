"""The command `moat version`, and the option `--version`."""

from __future__ import annotations

import json
from typing import Any

import click


def _tell(as_json: bool) -> None:
    from model.identity import version

    made = version()
    click.echo(json.dumps(made) if as_json else "\n".join(f"{k} {v}" for k, v in made.items()))


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def version(as_json: bool) -> None:
    """Say what decides a figure: version of Moat, rules, readings, engine.

    Example: moat version --json
    """
    _tell(as_json)


def _option(context: click.Context, _: Any, asked: bool) -> None:
    if asked and not context.resilient_parsing:
        _tell(as_json=False)
        context.exit()


version_option = click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_option,
    help="Say what decides a figure, and end.",
)  # fmt: skip
