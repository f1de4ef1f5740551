"""Months and their labels."""

from __future__ import annotations

import re

from world.errors import InputError


def month_number(label: str, place: str = "date") -> int:
    """Months since year 0 of a label like ``"2025-01"``; `InputError` if it is not one."""
    found = re.fullmatch(r"([0-9]{4})-([0-9]{2})", str(label))
    if not found or not 1 <= int(found[2]) <= 12:
        raise InputError(f"{place}: {label!r} is not a month; write it like 2030-06.")
    return 12 * int(found[1]) + int(found[2]) - 1


def month_label(start: str, months: int) -> str:
    """Label of the month that many months after the start."""
    number = month_number(start) + months
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def months_until(start: str, until: str) -> int:
    """Months from the start to the end of `until`; at least one, else `InputError`."""
    months = month_number(until, "until") - month_number(start) + 1
    if not 1 <= months <= 1200:
        raise InputError(f"until: {until!r} must be between {start} and 100 years later.")
    return months
