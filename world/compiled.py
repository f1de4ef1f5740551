"""Laws, parts and rules: plain Python that is also machine code.

A *law* is a pure function of numbers; a *rule* reads and writes the tables of
one market, and is made of *parts*. All are plain functions of the small part of
Python that `engine` knows. Both engines perform the same machine code, so they
cannot drift apart; called by hand they run as the Python that they are.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from world.identity import ROOT, remember

RULE_SOURCES = ("engine", "world", "agents", "model")
SOURCES = remember(
    str(path) for folder in RULE_SOURCES for path in sorted((ROOT / folder).rglob("*.py"))
)
"""Text of the files that rules are made of, by name."""

PLAIN_PYTHON: bool = os.environ.get("MOAT_PLAIN_PYTHON", "") not in ("", "0")
"""True under ``MOAT_PLAIN_PYTHON=1``: nothing is compiled, everything runs as plain Python."""

RULES: dict[str, dict[str, Any]] = {}
"""Rules by the module they stand in and their name."""

PARTS: set[Any] = set()
"""Laws, parts and rules."""


def law(function: Callable[..., Any]) -> Any:
    """Mark a pure function of numbers (no agent, no table)."""
    return part(function)


def rule(function: Callable[..., Any]) -> Any:
    """Mark one decision of an agent: ``rule(market, row)`` reads and writes the tables.

    The month names it (`model.schedule`), and it becomes a method of the agent's class.

    Raises
    ------
    TypeError
        It does not take a market and a row.
    """
    taken = function.__code__.co_argcount
    if taken != 2:
        raise TypeError(f"rule {function.__name__!r} takes (market, row), not {taken} argument(s).")
    RULES.setdefault(function.__module__, {})[function.__name__] = function
    return part(function)


def part(function: Callable[..., Any]) -> Any:
    """Mark a part of a rule: what several rules share, or what deserves its own name."""
    remember([function.__code__.co_filename])
    PARTS.add(function)
    return function
