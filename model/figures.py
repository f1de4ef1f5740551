"""Figures checked by column against their contract, and faults said once for all who share them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from model.contract import WORDS, Declared, Figure
from world.faults import Faults, meant, shown
from world.tables import Array

NUMBERS = (bool, int, float, np.bool_, np.integer, np.floating)
HINTED = 20  # faults that are told with the nearest known name, at most: to look for it takes time


class Nothing:
    """Stands for what is not said; None is said, and no number."""


def is_number(value: object) -> bool:
    """Whether a value is a number, of Python or of NumPy."""
    return isinstance(value, NUMBERS)


def is_note(key: object) -> bool:
    """Whether a name is a note of the user's own, which nobody reads."""
    return isinstance(key, str) and key.startswith("_")


def checked_figures(
    places: Sequence[str],
    data: Sequence[Mapping[str, Any]],
    declared: Declared,
    counts: Array,
    faults: Faults,
) -> dict[str, Array]:
    """Check figures by column: whether they are needed, numbers, and in their ranges.

    Parameters
    ----------
    places : sequence of str, length n
        Who says it, for the faults.
    data : sequence of mapping, length n
        What is said.
    declared : mapping
    counts : array of bool, shape (n,)
        Rows whose figures count; others say only whether they are ``alive``.
    faults : Faults

    Returns
    -------
    dict
        Arrays of shape (n,) by name: NaN where nothing is said.
    """
    found: dict[str, Array] = {}
    missing: dict[int, list[str]] = {}
    for name, figure in sorted(declared.items(), key=lambda item: item[1].needed not in ("", "always")):
        values, given = _column(data, name)
        asked = counts if name != "alive" else np.ones(len(data), dtype=bool)
        if figure.needed not in ("", "always"):  # it counts where another figure is not 0
            other = found[figure.needed]
            asked = asked & ~np.isnan(other) & (other != 0.0)
        for row in np.flatnonzero(asked & ~given) if figure.needed else ():
            missing.setdefault(int(row), []).append(name)
        bad = np.flatnonzero(asked & given & ~_within(values, figure))
        if len(bad):
            faults.add(
                first_of(places, bad),
                f"{name} {shown(data[bad[0]][name])} is not allowed; allowed is {figure.allowed}.",
            )
        found[name] = np.where(asked, values, math.nan)
    for names, rows in grouped(missing, lambda row: ", ".join(missing[row])):
        faults.add(first_of(places, rows), f"{names} {'is' if ', ' not in names else 'are'} missing.")
    return found


def _column(data: Sequence[Mapping[str, Any]], name: str) -> tuple[Array, Array]:
    """One figure of all: its numbers, NaN for what is none, and where something is said."""
    said = [each.get(name, Nothing) for each in data]
    words = WORDS.get(name, ())
    numbers = [value if type(value) is float else _number(value, words) for value in said]
    return np.array(numbers, dtype=float), np.array([value is not Nothing for value in said], bool)


def _number(value: Any, words: Sequence[str]) -> float:
    if isinstance(value, str) and value in words:
        return float(words.index(value))
    if not is_number(value):
        return math.nan
    try:
        return float(value)
    except OverflowError:  # a whole number of hundreds of digits
        return math.inf


def _within(values: Array, figure: Figure) -> Array:
    allowed = (values >= figure.within.low) & (values <= figure.within.high)
    return allowed & (values == np.rint(values)) if figure.within.whole else allowed


# --- how faults are said ----------------------------------------------------------------------


def check_known(
    places: Sequence[str], data: Sequence[Mapping[Any, Any]], known: Iterable[str], faults: Faults
) -> None:
    """Note names that stand in a node, an edge or the graph, and that nobody reads."""
    known = frozenset(known)
    odd = [
        (row, key)
        for row, said in enumerate(data)
        if not said.keys() <= known
        for key in said.keys() - known
        if not is_note(key)
    ]
    for (_, key), found in grouped(odd, lambda item: (str(type(item[1])), shown(item[1]))):
        where = first_of(places, [row for row, _ in found])
        allowed = f"; allowed are {', '.join(sorted(known))}"
        near = hint(found[0][1], known, faults)
        faults.add(where, f"{key} is unknown{near or allowed}.")


def hint(word: object, known: Iterable[str], faults: Faults) -> str:
    """Say the nearest known name of the first few unknown ones."""
    return meant(word, known) if len(faults) < HINTED else ""


def grouped(items: Iterable[Any], key: Callable[[Any], Any]) -> Iterator[tuple[Any, list[Any]]]:
    """Items with one key, together, in the order in which the keys appear."""
    found: dict[Any, list[Any]] = {}
    for item in items:
        found.setdefault(key(item), []).append(item)
    yield from found.items()


def first_of(places: Sequence[str], rows: Sequence[int] | Array) -> str:
    """The first of some rows' places, and how many more there are."""
    more = f" (and {len(rows) - 1} more)" if len(rows) > 1 else ""
    return f"{places[rows[0]]}{more}"
