"""Options that several commands share, and how their values are read."""

from __future__ import annotations

import click

from world.errors import InputError

set_option = click.option("--set", "assignments", multiple=True, metavar="NAME=VALUE",
                          help="Change a parameter; may be repeated.")  # fmt: skip
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def settings(assignments: tuple[str, ...]) -> dict[str, float]:
    """Read --set name=value."""
    values: dict[str, float] = {}
    for text in assignments:
        name, sign, value = text.partition("=")
        if not sign:
            raise InputError(f"--set {text!r}: write name=value.")
        values[name.strip()] = number(value, f"--set {name}")
    return values


def number(text: str, place: str) -> float:
    """Read a number, or say where there is none."""
    try:
        return float(text)
    except ValueError:
        raise InputError(f"{place}: {text!r} is not a number.") from None
