"""How a fault of an input is said: what stands there, where, what is allowed, what may be meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from reprlib import Repr
from typing import Any, NoReturn

from world.errors import InputError

LONGEST = 60  # characters of a value in a sentence
SENTENCE = 500  # characters of the faults told in one answer, whatever the input
END = 350  # characters kept of either end of a sentence, its place included, that is longer than both
PATIENCE = 1000  # known names that are compared with a mistyped one, at most

class _Brief(Repr):
    """Looks at the first few entries only: a value may be large, or hold itself."""

    def repr_int(self, x: int, level: int) -> str:
        """Python refuses to write whole numbers of more than 4,300 digits."""
        if x.bit_length() > 300:
            return f"a whole number of {x.bit_length()} binary digits"
        return repr(x)


_BRIEF = _Brief()
_BRIEF.maxlevel, _BRIEF.maxdict, _BRIEF.maxlist = 3, 4, 6
_BRIEF.maxtuple = _BRIEF.maxset = _BRIEF.maxfrozenset = 6
_BRIEF.maxstring = _BRIEF.maxother = 2 * LONGEST


def shown(raw: Any) -> str:
    """Show a value in a sentence: on one line, the first 60 characters at most."""
    text = " ".join(_BRIEF.repr(raw).split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def brief(sentence: str) -> str:
    """Leave out the middle of a sentence that names something long, such as a path."""
    if len(sentence) <= 2 * END:
        return sentence
    return f"{sentence[: END - 3]} ... {sentence[2 - END :]}"


def meant(word: object, known: Iterable[str]) -> str:
    """Say which known name a mistyped one is near to; empty if none is."""
    names = list(known)[:PATIENCE]
    text = word if isinstance(word, str) else shown(word)
    close = difflib.get_close_matches(text[:LONGEST], names, n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


class Faults:
    """All faults of one input, said in one answer.

    Parameters
    ----------
    place : str
        What the input is, such as a file's name; begins the answer if there is one.

    Examples
    --------
    >>> faults = Faults("world.yaml")
    >>> faults.add("supplier, cash", "-1 is not allowed; allowed is 0 or more [USD].")
    >>> faults.refuse_any()
    Traceback (most recent call last):
    world.errors.InputError: world.yaml: supplier, cash: -1 is not allowed; allowed is 0 or more [USD].
    """

    def __init__(self, place: str = "") -> None:
        self.place = place
        self.found: list[str] = []

    def __len__(self) -> int:
        return len(self.found)

    def add(self, where: str, fault: str) -> None:
        """Note a fault; `where` is its place within the input."""
        self.found.append(f"{where}: {fault}" if where else fault)

    def refuse_any(self) -> None:
        """Raise `InputError` if a fault was noted: as many as fit 500 characters, and how many more."""
        if self.found:
            self._refuse()

    def _refuse(self) -> NoReturn:
        begin = f"{self.place}: " if self.place else ""
        if len(self.found) == 1:
            raise InputError(begin + _cut(self.found[0]))
        text = f"{begin}{len(self.found)} faults."
        told = 0
        for number, fault in enumerate(self.found, start=1):
            more = f" ({number}) {_cut(fault)}"
            if told and len(text) + len(more) > SENTENCE:
                break
            text += more
            told += 1
        left = len(self.found) - told
        raise InputError(text + (f" And {left} more." if left else ""))


def _cut(text: str) -> str:
    return text if len(text) <= SENTENCE else f"{text[: SENTENCE - 3]}..."
