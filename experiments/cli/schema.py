"""The command `moat schema`: the form of a file, for an editor."""

from __future__ import annotations

import json

import click


@click.command()
@click.argument("file", type=click.Choice(["world", "scenario"]))
def schema(file: str) -> None:
    """Print the JSON Schema (Draft 2020-12) of a world file or a scenario file.

    An editor that is told it completes and checks such a file while it is written.

    Example: moat schema world > world.schema.json
    """
    from world.form import schema_of

    if file == "world":
        from world.files.sections import FORM
    else:
        from model.scenario import FORM
    click.echo(json.dumps(schema_of(FORM), indent=2))
