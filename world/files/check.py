"""Check what stands in a world file: keys, lists, texts, numbers, figures with their sources.

A figure is [value, basis, source] or [value, basis, source, low, high]. Each check takes the place,
to name it in its sentence.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from world.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

BASES = ("observed", "estimate", "construct")
FURTHEST = 1e15  # how far an interval may reach; it may leave the range allowed to its value
SD_OF_BAND = 1.645  # standard deviations from the middle to the 95 % point of a normal


class Range(NamedTuple):
    """Lowest and highest allowed value, their unit, and whether the value must be whole."""

    low: float
    high: float
    unit: str
    whole: bool = False

    def allowed(self) -> str:
        """Say the allowed values in words."""
        if (self.low, self.high, self.whole) == (0, 1, True):
            return "0 or 1"
        kind = "a whole number" if self.whole else "a finite number"
        return f"{kind} from {self.low:g} to {self.high:g} [{self.unit}]"


MONEY = Range(0.0, 1e15, "USD")
FLOW = Range(0.0, 1e15, "USD/year")
FRACTION = Range(0.0, 1.0, "0-1")
POSITIVE_FRACTION = Range(1e-6, 1.0, "0-1")
FLAG = Range(0, 1, "flag", whole=True)
OOM = Range(0.0, 60.0, "OOM")


def check_keys(
    raw: Any, required: Iterable[str], place: str, optional: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return a mapping that has all required keys and no unknown one."""
    required = tuple(required)
    allowed = tuple(dict.fromkeys(required + optional))
    if not isinstance(raw, dict):
        raise InputError(
            f"{place}: {shown(raw)} must be a mapping with the keys {', '.join(required or allowed)}."
        )
    for key in raw:
        if key not in allowed:
            raise InputError(f"{place}: {key!r} is unknown; allowed are {', '.join(allowed)}.")
    for key in required:
        if key not in raw:
            raise InputError(f"{place}: {key!r} is missing; needed are {', '.join(required)}.")
    return raw


def entries(raw: Any, place: str) -> list[tuple[Any, str]]:
    """Return a list's entries, each with its place: by name where it has one."""
    if not isinstance(raw, list):
        raise InputError(f"{place}: {shown(raw)} must be a list.")
    placed = []
    for number, entry in enumerate(raw, start=1):
        name = entry.get("name", entry.get("developer")) if isinstance(entry, dict) else None
        known = f", {name}" if isinstance(name, str) and name else ""
        placed.append((entry, f"{place}, entry {number}{known}"))
    return placed


def check_text(raw: Any, place: str, allowed: Iterable[str] | None = None) -> str:
    """Return a text, one of those allowed if they are given."""
    if not isinstance(raw, str) or not raw.strip():
        raise InputError(f"{place}: {shown(raw)} must be a text in quotation marks.")
    if allowed is not None and raw not in (allowed := list(allowed)):
        raise InputError(f"{place}: {raw!r} is unknown; allowed are {', '.join(allowed)}.")
    return raw


def check_number(raw: Any, within: Range, place: str) -> float | int:
    """Return a finite number in its allowed range."""
    fault = f"{place}: {shown(raw)} is not allowed; allowed is {within.allowed()}."
    if isinstance(raw, bool) or not isinstance(raw, (int, float)):
        raise InputError(fault)
    # Comparing before converting keeps an integer of any length from overflowing.
    if not within.low <= raw <= within.high or (within.whole and raw != int(raw)):
        raise InputError(fault)
    return int(raw) if within.whole else float(raw)


def sourced_value(raw: Any, within: Range, place: str) -> float | int:
    """Return the value of a figure, [value, basis, source], in its allowed range."""
    if not isinstance(raw, list) or len(raw) not in (3, 5):
        raise InputError(
            f"{place}: {shown(raw)} must be [value, basis, source] with basis one of "
            f"{', '.join(BASES)}, and may add its 5-95 % interval: low, high."
        )
    check_text(raw[1], f"{place}, basis", BASES)
    check_text(raw[2], f"{place}, source")
    value = check_number(raw[0], within, place)
    if len(raw) == 5:
        low = check_number(raw[3], within._replace(low=-FURTHEST), f"{place}, low")
        high = check_number(raw[4], within._replace(high=FURTHEST), f"{place}, high")
        if not low <= value <= high:
            raise InputError(
                f"{place}: {low:g} to {high:g} does not hold {value:g}; allowed is an interval "
                "around the value."
            )
    return value


def doubt_of(raw: list[Any], in_logs: bool) -> float:
    """Standard deviation of a checked figure with an interval.

        (high - low) / 3.29,  in logs: of their logarithms

    In logs an interval down to nothing says only how far up the figure may be.
    """
    value, low, high = float(raw[0]), float(raw[3]), float(raw[4])
    if not in_logs:
        return (high - low) / (2.0 * SD_OF_BAND)
    if value <= 0.0 or high <= 0.0:
        return 0.0
    if low <= 0.0:
        return math.log(high / value) / SD_OF_BAND
    return math.log(high / low) / (2.0 * SD_OF_BAND)


def sourced_values(raw: dict[str, Any], ranges: dict[str, Range], place: str) -> dict[str, Any]:
    """Return the values of the figures under the given keys."""
    return {
        key: sourced_value(raw[key], within, f"{place}, {key}") for key, within in ranges.items()
    }


def doubts(raw: dict[str, Any], drawn: dict[str, bool]) -> dict[str, float]:
    """Return the doubt about figures that histories draw: ``NAME_doubt`` where there is an interval."""
    return {
        f"{key}_doubt": doubt_of(raw[key], in_logs)
        for key, in_logs in drawn.items() if len(raw.get(key, ())) == 5
    }  # fmt: skip


def shown(raw: Any) -> str:
    """Show a value in an error sentence: on one line, the first 60 characters at most."""
    text = " ".join(repr(raw).split())
    return text if len(text) <= 60 else f"{text[:57]}..."
