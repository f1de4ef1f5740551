"""How a sweep is written on the command line: ranges, seeds, shards, lists."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.cli.options import number
from world.errors import InputError

if TYPE_CHECKING:
    from experiments.sweeps.design import Design


def read_design(
    vary: tuple[str, ...], sobol: int | None, lhs: int | None, file: Path | None, seed: int
) -> Design:
    """Read --vary with --sobol or --lhs, or the file of --design."""
    from experiments.sweeps.design import Design

    if sum(given is not None for given in (sobol, lhs, file)) > 1:
        raise InputError("--sobol, --lhs and --design: give one of them.")
    if file is not None:
        if vary:
            raise InputError("--design and --vary: give one of them.")
        return Design.frame(_csv(file))
    ranges = {}
    for text in vary:
        name, sign, given = (part.strip() for part in text.partition("="))
        if not sign:
            raise InputError(f"--vary {text!r}: write name=low:high:count, or name=a,b,c.")
        if name in ranges:
            raise InputError(f"--vary {name}: is given twice.")
        ranges[name] = _values(name, given, sampled=bool(sobol or lhs))
    if sobol is not None:
        return Design.sobol(sobol, seed, **ranges)
    if lhs is not None:
        return Design.latin_hypercube(lhs, seed, **ranges)
    return Design.grid(**ranges)


def _values(name: str, given: str, sampled: bool) -> Any:
    """Read low:high:count or a,b,c (a grid), or low:high[:log] (a sampled design)."""
    import numpy as np

    place = f"--vary {name}"
    parts = given.split(":")
    if len(parts) == 1:
        values = [number(text, place) for text in given.split(",")]
        if not sampled:
            return values
        if len(values) == 1:
            return values[0]
    elif sampled and (len(parts) == 2 or (len(parts) == 3 and parts[2] == "log")):
        return (number(parts[0], place), number(parts[1], place), *parts[2:])
    elif not sampled and len(parts) == 3 and parts[2].isdigit() and int(parts[2]) > 0:
        low, high = number(parts[0], place), number(parts[1], place)
        return np.linspace(low, high, int(parts[2])).tolist()
    allowed = "low:high, low:high:log or one value" if sampled else "low:high:count or a,b,c"
    raise InputError(f"{place}={given}: write {name}={allowed}.")


def _csv(path: Path) -> Any:
    """Read a file of design points."""
    import pandas as pd

    try:
        return pd.read_csv(path)
    except OSError as error:
        raise InputError(f"--design {path}: cannot be read ({error.strerror}).") from None
    except (ValueError, pd.errors.ParserError):
        raise InputError(f"--design {path}: is not a table in CSV.") from None


def read_seeds(text: str) -> Any:
    """Read --seeds first:end or a,b,c."""
    try:
        if ":" in text:
            first, end = (int(part) for part in text.split(":"))
            return range(first, end)
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise InputError(f"--seeds {text!r}: write first:end, such as 0:100, or a,b,c.") from None


def read_shard(text: str) -> tuple[int, int]:
    """Read --shard i/n."""
    try:
        first, of = (int(part) for part in text.split("/"))
        return first, of
    except ValueError:
        raise InputError(f"--shard {text!r}: write i/n, such as 1/8.") from None


def read_list(text: str) -> list[str]:
    """Read names by commas."""
    return [part.strip() for part in text.split(",") if part.strip()]
