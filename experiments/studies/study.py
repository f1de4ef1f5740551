"""A study declared: the question and what was expected, and the form of what is found.

An experiment is one module of this package, found by itself: it holds `STUDY` (what
is asked, what was expected before any figure was seen, design, limits) and
`run(lab)`, which returns `Findings`. The answers are sentences computed from the figures; each
expectation is met, contradicted or left open by them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd


@dataclass(frozen=True)
class Study:
    """What is asked, and what was expected before the first run.

    Attributes
    ----------
    order : int
        Place in lists.
    title, question : str
    expected : mapping
        Hypotheses by a short key; `run` answers each.
    design, reading, limits : str
        What is varied and measured; how the figures answer; what they cannot say.
    """

    order: int
    title: str
    question: str
    expected: Mapping[str, str]
    design: str
    reading: str
    limits: str


class Answer(NamedTuple):
    """What the figures say about one expectation; `held` is None if they leave it open."""

    held: bool | None
    sentence: str

    @property
    def verdict(self) -> str:
        """The verdict in a word."""
        return {True: "as expected", False: "contradicted", None: "open"}[self.held]


class Picture(NamedTuple):
    """A picture as inline SVG, and what it shows."""

    svg: str
    caption: str


@dataclass
class Findings:
    """What a study found.

    Attributes
    ----------
    headline : str
        The answer in one sentence with its figure.
    answers : dict of Answer
        By the keys of the study's expectations.
    tables : dict of DataFrame
    pictures : dict of Picture
    """

    headline: str
    answers: dict[str, Answer]
    tables: dict[str, pd.DataFrame]
    pictures: dict[str, Picture]
