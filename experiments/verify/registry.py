"""What a check is: a claim with a published answer, and what Moat returns instead.

A check is a function that yields rows. Its docstring is its declaration: the
first paragraph is the economic claim, an indented block the equation, and the
paragraphs `Configured:`, `Tolerance:` and `Source:` say how Moat is set up, how
near the answer must be and why, and who published it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import NamedTuple

PARTS = ("Configured", "Tolerance", "Source")


class Row(NamedTuple):
    """One figure compared with its published answer.

    Attributes
    ----------
    case : str
    expected, obtained, tolerance : float
        In the unit the case names; the tolerance is absolute.
    relation : {"equal", "above", "below"}
        `equal`: within the tolerance of the expected figure. `above`, `below`:
        on that side of it by more than the tolerance.
    note : str
        Figures behind the one obtained, if any.
    """

    case: str
    expected: float
    obtained: float
    tolerance: float
    relation: str = "equal"
    note: str = ""

    @property
    def met(self) -> bool:
        """Whether the expectation is met; a figure that is not a number never meets one."""
        distance = self.obtained - self.expected
        if self.relation == "above":
            return bool(distance > self.tolerance)
        if self.relation == "below":
            return bool(distance < -self.tolerance)
        return bool(abs(distance) <= self.tolerance)


class Check(NamedTuple):
    """A declared check; its fields after `run` are read from the docstring of `run`."""

    name: str
    run: Callable[[], Iterator[Row]]
    claim: str
    equation: str
    configured: str
    tolerance: str
    source: str


CHECKS: dict[str, Check] = {}


def check(run: Callable[[], Iterator[Row]]) -> Callable[[], Iterator[Row]]:
    """Register a function as a check, under its name with hyphens.

    Raises
    ------
    ValueError
        Its docstring lacks the equation or one of the named paragraphs.
    """
    name = run.__name__.replace("_", "-")
    claim, *paragraphs = inspect.cleandoc(run.__doc__ or "").split("\n\n")
    equation = "\n\n".join(p for p in paragraphs if p.startswith("    "))
    parts = {}
    for paragraph in paragraphs:
        head, _, text = paragraph.partition(": ")
        if head in PARTS:
            parts[head] = " ".join(text.split())
    missing = [part for part in PARTS if part not in parts]
    if missing or not equation:
        raise ValueError(f"check {name}: its docstring lacks {', '.join(missing) or 'an equation'}")
    CHECKS[name] = Check(name, run, " ".join(claim.split()), inspect.cleandoc(equation),
                         *(parts[part] for part in PARTS))  # fmt: skip
    return run
