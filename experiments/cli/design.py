"""How a sweep is written on the command line: ranges, seeds, shards, lists."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.cli.options import number
from world.errors import InputError
from world.faults import Faults, shown
from world.parameters import BY_NAME

MOST_POINTS = 1_000_000  # of one parameter in a grid

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
        return Design.file(file)
    ranges = {}
    faults = Faults("--vary")
    for text in vary:
        name, sign, given = (part.strip() for part in text.partition("="))
        if not sign or not name:
            faults.add(shown(text), "write name=low:high:count, or name=a,b,c.")
        elif name in ranges:
            faults.add(name, "is given twice.")
        else:
            ranges[name] = _values(name, given, bool(sobol or lhs), faults)
    faults.refuse_any()
    if sobol is not None:
        return Design.sobol(sobol, seed, **ranges)
    if lhs is not None:
        return Design.latin_hypercube(lhs, seed, **ranges)
    return Design.grid(**ranges)


def _values(name: str, given: str, sampled: bool, faults: Faults) -> Any:
    """Read low:high:count or a,b,c (a grid), or low:high[:log] (a sampled design)."""
    parts = given.split(":")
    try:
        if len(parts) == 1:
            values = [number(text, name) for text in given.split(",")]
            if not sampled:
                return values
            if len(values) == 1:
                return values[0]
        elif sampled and (len(parts) == 2 or (len(parts) == 3 and parts[2] == "log")):
            return (number(parts[0], name), number(parts[1], name), *parts[2:])
        elif not sampled and len(parts) == 3 and _is_count(parts[2]):
            return _between(name, number(parts[0], name), number(parts[1], name), int(parts[2]))
    except InputError as error:
        faults.add("", str(error))
        return None
    allowed = "low:high, low:high:log or one value" if sampled else "low:high:count or a,b,c"
    faults.add(shown(f"{name}={given}"), f"write {name}={allowed}.")
    return None


def _is_count(text: str) -> bool:
    """Whether a text is a number of points that a grid can have."""
    return text.isascii() and text.isdigit() and 1 <= int(text[:20]) <= MOST_POINTS


def _between(name: str, low: float, high: float, count: int) -> list[float]:
    """So many values from low to high; of a whole-number parameter, the nearest whole numbers."""
    import numpy as np

    values = np.linspace(low, high, count)
    whole = getattr(BY_NAME.get(name.removeprefix("lever_")), "whole", False)
    return [float(value) for value in (np.unique(np.rint(values)) if whole else values)]


def read_seeds(text: str) -> Any:
    """Read --seeds first:end or a,b,c."""
    try:
        if ":" in text:
            first, end = (int(part) for part in text.split(":"))
            if first >= 0 and end <= first:
                raise InputError(f"--seeds {shown(text)}: holds no seed; the end is not one of them.")
            return range(first, end)
        return [int(part) for part in text.split(",")]
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"--seeds {shown(text)}: write first:end, such as 0:100, or a,b,c."
        ) from None


def read_shard(text: str) -> tuple[int, int]:
    """Read --shard i/n."""
    try:
        first, of = (int(part) for part in text.split("/"))
        return first, of
    except ValueError:
        raise InputError(f"--shard {shown(text)}: write i/n, such as 1/8.") from None


def read_list(text: str) -> list[str]:
    """Read names by commas."""
    return [part.strip() for part in text.split(",") if part.strip()]
