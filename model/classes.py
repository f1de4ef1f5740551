"""Own classes of agents: which of their methods the month calls, and which nobody would call."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from agents import MarketAgent
from world.errors import InputError
from world.faults import Faults, meant, shown

if TYPE_CHECKING:
    from model.rulebook import Rulebook

HOOKS = ("remove",)  # what Mesa itself calls of an agent; `step` and `advance` nobody does


def decisions(kind: str, rulebook: Rulebook) -> list[str]:
    """Methods by which agents of a kind act in the month and the opening."""
    who = (kind, rulebook.cast[kind].table)
    phases = (*rulebook.opening, *rulebook.month)
    return list(dict.fromkeys(phase.method for phase in phases if phase.who in who))


def overrides(
    classes: Mapping[str, type[MarketAgent]], rulebook: Rulebook
) -> dict[str, tuple[str, ...]]:
    """Decisions that classes take in plain Python, by kind."""
    found = {}
    for kind, cls in classes.items():
        own = [
            name for name in decisions(kind, rulebook)
            if getattr(getattr(cls, name), "rule", None) is not cls.rules[name]
        ]  # fmt: skip
        if own:
            found[kind] = tuple(own)
    return found


def check_classes(classes: Any, rulebook: Rulebook) -> None:
    """Refuse classes that are none of a kind, or of which something would be ignored.

    Raises
    ------
    InputError
        An unknown kind; a class that is no subclass of the kind's; a public method that is
        no decision; something that hides a decision or a column.
    """
    if not isinstance(classes, Mapping):
        raise InputError(f"classes: {shown(classes)} must be a mapping from kinds to classes.")
    faults = Faults("classes")
    for kind, cls in classes.items():
        if kind not in list(rulebook.cast):
            faults.add("", f"kind {shown(kind)} is unknown{meant(kind, rulebook.cast)}; a subclass "
                       f"of one of these is allowed: {', '.join(rulebook.cast)}.")  # fmt: skip
        elif not isinstance(cls, type) or not issubclass(cls, rulebook.cast[kind]):
            faults.add("", f"{kind!r} -> {shown(cls)} must be a subclass of "
                       f"{rulebook.cast[kind].__name__}.")  # fmt: skip
        else:
            for name, fault in ignored(cls, rulebook.cast[kind], decisions(kind, rulebook)):
                faults.add(f"{cls.__name__}.{name}", fault)
    faults.refuse_any()


def ignored(
    cls: type[MarketAgent], usual: type[MarketAgent], known: list[str]
) -> Iterator[tuple[str, str]]:
    """What a class says beyond the usual one that no month would ask for: its name, and the fault."""
    columns = [column.name for column in cls.columns]
    for base in cls.__mro__:
        if base in usual.__mro__:
            continue
        for name, said in vars(base).items():
            method = inspect.isroutine(said) and not isinstance(said, (classmethod, staticmethod))
            if name in known and (not method or _waits(said)):
                yield name, "is a decision: a plain method that takes itself only."
            elif name in columns and not isinstance(said, property):
                yield name, "would hide the column of that name; set it agent by agent."
            elif method and not name.startswith("_") and name not in (*known, *HOOKS):
                near = meant(name, known) or f" (decisions: {', '.join(known)})"
                yield name, ("is no decision, so nobody would call it; helpers begin with an "
                             f"underscore{near}.")  # fmt: skip


def _waits(method: Any) -> bool:
    """Whether a call of it would do nothing: a coroutine or a generator."""
    return inspect.iscoroutinefunction(method) or inspect.isgeneratorfunction(method)
