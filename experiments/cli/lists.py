"""The commands `moat parameters`, `moat scenarios` and `moat moments`: lists."""

from __future__ import annotations

import click

from experiments.cli.options import json_option, tell_json


@click.command()
@json_option
def parameters(as_json: bool) -> None:
    """List the declared parameters.

    Example: moat parameters
    """
    from world.parameters import PARAMETERS

    if as_json:
        tell_json([p._asdict() for p in PARAMETERS])
        return
    for p in PARAMETERS:
        click.echo(f"{p.name:28} {p.default:<10g} {p.low:g}..{p.high:g} [{p.unit}] "
                   f"{p.role}: {p.meaning}. {p.source}.")  # fmt: skip


@click.command()
def scenarios() -> None:
    """List the shipped scenarios and what differs in them."""
    from model.scenario import Scenario, shipped

    for name in shipped():
        scenario = Scenario.load(name)
        click.echo(f"{name}: {scenario.summary}")
        for key, value in scenario.changed_parameters().items():
            click.echo(f"    {key} = {value:g}: {scenario.reasons.get(key, '')}")


@click.command()
@click.option("--members", default=50, show_default=True, type=click.IntRange(1, 100_000))
@json_option
def moments(members: int, as_json: bool) -> None:
    """Compare the baseline's first three years with the facts, row by row.

    Example: moat moments
    """
    from experiments.analysis.moments import compare_with_facts

    frame = compare_with_facts(members=members)
    if as_json:
        tell_json(frame.to_dict("records"))
        return
    click.echo(frame.drop(columns="source").to_string(float_format=lambda x: f"{x:.3g}"))
    click.echo(f"{(frame['verdict'] == 'ok').sum()} of {len(frame)} rows within tolerance.")
