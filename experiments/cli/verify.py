"""The command `moat verify`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from experiments.cli.options import json_option, tell_json
from world.errors import InputError

NOT_MET = 4  # exit code when an expectation is not met


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--list", "listed", is_flag=True, help="List the checks and their claims.")
@click.option("--out", default=None, type=click.Path(path_type=Path, dir_okay=False),
              help="Write the results as a Markdown page, too.")  # fmt: skip
@json_option
def verify(names: tuple[str, ...], listed: bool, out: Path | None, as_json: bool) -> None:
    """Put Moat into models whose answer is known, and compare.

    Exit code 4 when an expectation is not met. Example: moat verify funding-threshold
    """
    from experiments.verify import chosen, records

    checks = chosen(names)
    if listed:
        for check in checks:
            click.echo(f"{check.name}: {check.claim}")
        return
    from tqdm import tqdm

    from experiments.verify.page import markdown_page, summary, terminal_table
    from experiments.verify.registry import Row
    from model.identity import rules

    if out is not None and not out.resolve().parent.is_dir():
        raise InputError(f"--out {out}: the folder {str(out.parent)!r} does not exist.")
    results: dict[str, list[Row]] = {}
    with tqdm(total=len(checks), unit="check", disable=not sys.stderr.isatty()) as bar:
        for check in checks:
            bar.set_description(check.name)
            results[check.name] = list(check.run())
            bar.update()
            if not as_json:
                bar.write(terminal_table(check.name, results[check.name]) + "\n", file=sys.stdout)
    if out is not None:
        from experiments.report.files import write_text

        write_text(out, markdown_page(results, rules()))
    rows = records(results)
    if as_json:
        tell_json({"rules": rules(), "rows": rows})
    else:
        click.echo(summary(results))
    if any(row["verdict"] != "met" for row in rows):
        sys.exit(NOT_MET)
