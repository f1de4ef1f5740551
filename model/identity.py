"""What made a figure: the rules and the readings in memory, and the engine below them."""

from __future__ import annotations

import functools
import hashlib
import math
import platform
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np

import model
from model import month, observe, regimes
from model.contract import contract_of
from model.graph import Start, read_start
from model.rulebook import STANDARD, Rulebook
from world import opening, state
from world.faults import Faults, meant, shown
from world.identity import digest
from world.kinds import EdgeKind
from world.ledger import ACCOUNTS
from world.noise import key
from world.tables import TYPES

DIFFERENT = {
    "rules": "other rules",
    "readings": "other readings of figures",
    "engine": "another numerical engine",
}


@functools.cache
def rules(rulebook: Rulebook = STANDARD) -> str:
    """Name the rules of a history: 16 digits; equal digits, equal histories from equal inputs.

    What is read off a history, and how sentences tell it, is no part of it.
    """
    columns = {**rulebook.columns, "releases": state.RELEASES, "parameters": ()} | {
        name: table.columns for name, table in rulebook.edge_tables.items()
    }
    openings = [c.opening for declared in columns.values() for c in declared]
    openings += [account.opening for account in ACCOUNTS]
    mentioned = {n for text in openings for n in opening.opening_of("", text).names}
    return digest(
        [(phase.who, phase.rule, phase.drawn) for phase in (*rulebook.month, *rulebook.opening)],
        len(rulebook.opening), month.sentence, month.source_of, month.clearing, month.HISTORY,
        month.settle,
        {name: sorted((c.name, c.type, c.opening, c.lives) for c in declared)
         for name, declared in columns.items()},
        [tuple(account) for account in ACCOUNTS],
        {n: v for n, v in sorted((opening.CONSTANTS | opening.FUNCTIONS).items()) if n in mentioned},
        rulebook.traits, TYPES,
        {name: (table.seen_from, table.single) for name, table in rulebook.edge_tables.items()},
        {name: _meaningless(kind) for name, kind in rulebook.edges.items()},
        read_start, Start.under, key,
        instead=[(STANDARD, "rulebook"), (state.INDUSTRY, "INDUSTRY"),
                 (state.RELEASES, "RELEASES"), (ACCOUNTS, "ACCOUNTS"),
                 (state.ENTRIES, "ENTRIES"), (state.EVENTS, "EVENTS"),
                 (opening.CONSTANTS, "constants"), (opening.FUNCTIONS, "functions"),
                 # What is refused moves no figure.
                 (contract_of, "contract"), (Faults, "faults"), (shown, "shown"), (meant, "meant")],
    )  # fmt: skip


def _meaningless(kind: EdgeKind) -> tuple[Any, ...]:
    return kind.table, kind.tail, kind.head, kind.figures


@functools.cache
def readings(rulebook: Rulebook = STANDARD) -> str:
    """Name what reads a history: the indicators and the classifier, 16 digits."""
    return digest(
        [(column.name, column.type) for column in rulebook.indicators], observe.observe,
        rulebook.observers, regimes.classify, regimes.CRITERIA, regimes.REGIMES, regimes.EVIDENCE,
    )  # fmt: skip


@functools.cache
def engine() -> str:
    """Name what decides the last digits of a figure, beside the rules.

    Rules compute with arithmetic that IEEE 754 defines to the last digit, alike on every
    processor and in plain Python. Random worlds are made with logarithms and exponentials of
    the C library and of NumPy, which have several of them and choose by the processor: so the
    name is a hash of some thousand results.
    """
    return f"{platform.machine()} bits-{_bits()}"


def _bits(count: int = 20_000) -> str:
    """Hash what the C library and NumPy return; their variants differ once in a thousand."""
    draws = np.random.Generator(np.random.PCG64(np.random.SeedSequence(0))).random(count)
    found = [f for u in draws.tolist()
             for f in (u, math.exp(40.0 * u - 20.0), math.log(u), math.cos(2.0 * math.pi * u))]
    content = struct.pack(f"<{len(found)}d", *found)
    for array in (np.exp(40.0 * draws - 20.0), np.log(draws), draws**0.7):
        content += array.tobytes()
    return hashlib.blake2b(content, digest_size=4).hexdigest()


def version() -> dict[str, str]:
    """Return all that decides a figure: version of Moat, rules, readings, engine."""
    # The rulebook is said, as everywhere, so that what is cached is found.
    return {"moat": model.__version__, "rules": rules(STANDARD), "readings": readings(STANDARD),
            "engine": engine()}  # fmt: skip


def different(made: Mapping[str, Any]) -> str:
    """Say what made something else, of what `version` names: ``other rules (old, now new)``.

    Parameters
    ----------
    made : mapping
        What was kept of `version`.

    Returns
    -------
    str
        Empty if nothing differs.
    """
    now = version()
    for name, what in DIFFERENT.items():
        if made.get(name) != now[name]:
            return f"{what} ({made.get(name)}, now {now[name]})"
    return ""
