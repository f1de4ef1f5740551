"""Options that several commands share, how their values are read, and how answers are printed."""

from __future__ import annotations

import json
import math
import os
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

import click

from world.errors import InputError
from world.faults import Faults, meant, shown

MOST_WORKERS = 1024


def _workers(_: Any, __: Any, given: int) -> int:
    if not 0 <= given <= MOST_WORKERS:
        raise InputError(
            f"--workers {given}: allowed are 0 (one a core) and 1 to {MOST_WORKERS}."
        )
    return given or os.cpu_count() or 1


set_option = click.option("--set", "assignments", multiple=True, metavar="NAME=VALUE",
                          help="Change a parameter; may be repeated.")  # fmt: skip
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
workers_option = click.option("--workers", default=0, callback=_workers, metavar="N",
                              help="How many work at once (default: 0, one a core).")  # fmt: skip


def settings(assignments: Sequence[str]) -> dict[str, float]:
    """Read --set name=value: each a parameter, given once, in its range; all faults in one answer."""
    from world.parameters import BY_NAME

    values: dict[str, float] = {}
    faults = Faults("--set")
    for text in assignments:
        given, sign, value = (part.strip() for part in text.partition("="))
        name = given.removeprefix("lever_")
        if not sign:
            faults.add(shown(text), "write name=value.")
        elif name not in BY_NAME:
            faults.add("", f"parameter {shown(given)} is unknown{meant(name, BY_NAME)}; "
                           "`moat parameters` lists all.")  # fmt: skip
        elif name in values:
            faults.add(name, "is given twice.")
        else:
            values[name] = math.nan  # if it turns out to be none
            try:
                values[name] = BY_NAME[name].check(number(value, name), "")
            except InputError as error:
                faults.add("", str(error).removeprefix(": "))
    faults.refuse_any()
    return values


def number(text: str, place: str) -> float:
    """Read a number, or say where there is none."""
    try:
        return float(text)
    except ValueError:
        raise InputError(f"{place}: {shown(text)} is not a number.") from None


def tell_json(answer: Any) -> None:
    """Print an answer as JSON; what is not finite is null, which every reader of JSON knows."""
    click.echo(json.dumps(_finite(answer), allow_nan=False))


def _finite(answer: Any) -> Any:
    if isinstance(answer, Mapping):
        return {str(key): _finite(value) for key, value in answer.items()}
    if isinstance(answer, (list, tuple)):
        return [_finite(value) for value in answer]
    if hasattr(answer, "item"):  # a number of NumPy's
        return _finite(answer.item())
    if isinstance(answer, float) and not math.isfinite(answer):
        return None
    return answer


def command(words: Sequence[str], options: Mapping[str, Any], assignments: Sequence[str] = ()) -> str:
    """The command that makes the same figures again, wherever to and with however many workers."""
    for option, value in options.items():
        words = [*words, option, str(value)]
    for text in assignments:
        words = [*words, "--set", text]
    return shlex.join(words)
