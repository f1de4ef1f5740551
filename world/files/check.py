"""What stands in a world file: numbers in their ranges, and figures with their sources.

A figure is [value, basis, source] or [value, basis, source, low, high].
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from world.faults import shown
from world.form import Misfit, check_text, check_word, kind

BASES = ("observed", "estimate", "construct")
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

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of such a number."""
        sort = "integer" if self.whole else "number"
        return {"type": sort, "minimum": self.low, "maximum": self.high, "description": self.allowed()}


MONEY = Range(0.0, 1e15, "USD")
FLOW = Range(0.0, 1e15, "USD/year")
FRACTION = Range(0.0, 1.0, "0-1")
POSITIVE_FRACTION = Range(1e-6, 1.0, "0-1")
FLAG = Range(0, 1, "flag", whole=True)
OOM = Range(0.0, 60.0, "OOM")


class Figure(NamedTuple):
    """A sourced figure; its 5-95 % interval is None to None where it has none."""

    value: float
    basis: str
    source: str
    low: float | None = None
    high: float | None = None

    def doubt(self, in_logs: bool) -> float:
        """Standard deviation of a figure with an interval.

            (high - low) / 3.29,  in logs: of their logarithms

        In logs an interval down to nothing says only how far up the figure may be.
        """
        if self.low is None or self.high is None:
            return 0.0
        if not in_logs:
            return (self.high - self.low) / (2.0 * SD_OF_BAND)
        if self.value <= 0.0 or self.high <= 0.0:
            return 0.0
        if self.low <= 0.0:
            return math.log(self.high / self.value) / SD_OF_BAND
        return math.log(self.high / self.low) / (2.0 * SD_OF_BAND)


def check_number(raw: Any, within: Range, where: str = "") -> float | int:
    """Return a finite number in its allowed range, or raise `Misfit`."""
    # Comparing before converting keeps an integer of any length from overflowing.
    if (
        isinstance(raw, bool)
        or not isinstance(raw, (int, float))
        or not within.low <= raw <= within.high
        or (within.whole and raw != int(raw))
    ):
        raise Misfit((where, f"{shown(raw)} is not allowed; allowed is {within.allowed()}."))
    return int(raw) if within.whole else float(raw)


def number(within: Range) -> Any:
    """A number without a source."""
    return kind(lambda raw: check_number(raw, within), within.schema())


def check_figure(raw: Any, within: Range) -> Figure:
    """Return a figure whose value and interval are in its allowed range."""
    if not isinstance(raw, list) or len(raw) not in (3, 5):
        raise Misfit(("", f"{shown(raw)} must be [value, basis, source] with basis one of "
                          f"{', '.join(BASES)}, and may add its 5-95 % interval: low, high."))
    faults: list[tuple[str, str]] = []

    def checked(check: Any, part: Any, allowed: Any, where: str) -> Any:
        try:
            return check(part, allowed) if allowed else check(part)
        except Misfit as misfit:
            faults.extend((where, fault) for _, fault in misfit.faults)

    any_part = within._replace(whole=False)  # of an interval around a whole number
    value = checked(check_number, raw[0], within, "")
    basis = checked(check_word, raw[1], BASES, "basis")
    source = checked(check_text, raw[2], None, "source")
    ends = [checked(check_number, end, any_part, where)
            for end, where in zip(raw[3:], ("low", "high"), strict=False)]  # fmt: skip
    if not faults and ends and not ends[0] <= value <= ends[1]:
        faults.append(("", f"{ends[0]:g} to {ends[1]:g} does not hold {value:g}; allowed is an "
                           "interval around the value."))
    if faults:
        raise Misfit(*faults)
    return Figure(value, basis, source, *ends)


def figure(within: Range, drawn: bool = False) -> Any:
    """A figure with its source; `drawn` says whether histories draw it from its interval."""
    interval = "drawn by each history" if drawn else "recorded, no history draws from it"
    value = within.schema()
    ends = value | {"type": "number"}
    schema = {
        "type": "array",
        "description": f"[value, basis, source] or [value, basis, source, low, high]; value is "
        f"{within.allowed()}; an interval is {interval}",
        "prefixItems": [value, {"enum": list(BASES)}, {"type": "string", "minLength": 1}, ends, ends],
        "oneOf": [{"minItems": size, "maxItems": size} for size in (3, 5)],
    }
    return kind(lambda raw: check_figure(raw, within), schema)
