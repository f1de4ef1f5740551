"""The command `moat experiment`."""

from __future__ import annotations

from pathlib import Path

import click

from experiments.cli.options import json_option, tell_json, workers_option
from world.errors import InputError


@click.command()
@click.argument("name", required=False)
@click.option("--list", "listed", is_flag=True, help="List the experiments and their questions.")
@click.option("--quick", is_flag=True, help="The small size: under two minutes.")
@click.option("--out", default=None, type=click.Path(path_type=Path),
              help="Directory of the results (default: out/experiments/NAME).")  # fmt: skip
@workers_option
@json_option
def experiment(
    name: str | None, listed: bool, quick: bool, out: Path | None, workers: int, as_json: bool
) -> None:
    """Put a question to the model: run experiment NAME and write its page.

    The histories are kept: the same command goes on where it was stopped.

    Example: moat experiment deepseek_shock --quick
    """
    from experiments.studies.catalogue import STUDIES

    if listed:
        for each, question in STUDIES.items():
            click.echo(f"{each}: {question}")
        return
    if name is None:
        raise InputError(f"experiment: a name is needed; allowed are {', '.join(STUDIES)}.")
    from experiments.studies.conduct import conduct

    findings, page = conduct(name, out or Path("out/experiments") / name, quick, workers)
    if as_json:
        tell_json({
            "headline": findings.headline,
            "answers": {key: answer._asdict() for key, answer in findings.answers.items()},
            "page": str(page),
        })  # fmt: skip
        return
    click.echo(findings.headline)
    for key, answer in findings.answers.items():
        click.echo(f"{key} ({answer.verdict}): {answer.sentence}")
    click.echo(f"Page: {page}")
