"""What made a figure: the rules and the readings in memory, and the engine below them."""

from __future__ import annotations

import functools
import hashlib
import math
import platform
import struct
from collections.abc import Mapping
from importlib.metadata import version as version_of
from typing import Any

import numpy as np
from llvmlite.binding import get_host_cpu_features

import model
from model import observe, regimes, schedule
from model.ensemble import drawn, remember_opening
from model.graph import EDGE_KINDS, read_figures, with_parameters
from model.schedule import OPENING, SCHEDULE, Phase
from world import state
from world.identity import digest
from world.noise import Noise

DIFFERENT = {
    "rules": "other rules",
    "readings": "other readings of figures",
    "engine": "another numerical engine",
}

# What both engines do alike, and the indicators, which `readings` names.
APART = (
    (state.as_table, "as_table"),
    (schedule.run_month, "run_month"),
    (observe.observe, "observe"),
    (EDGE_KINDS, {kind: edge[:4] for kind, edge in EDGE_KINDS.items()}),  # not what they mean
)


@functools.cache
def rules(
    month: tuple[Phase, ...] = SCHEDULE, opening: tuple[Phase, ...] = OPENING
) -> str:
    """Name the rules of a history: 16 digits; equal digits, equal histories from equal inputs.

    Parameters
    ----------
    month, opening : tuple of Phase
        The sentences of the month, and those before the first.
    """
    tables = {
        name: sorted((column.name, column.type) for column in declared)
        for name, declared in vars(state).items()
        if isinstance(declared, tuple) and declared and isinstance(declared[0], state.Column)
    }
    return digest(
        [(phase.who, phase.rule, phase.drawn) for phase in (*month, *opening)],
        len(opening), schedule.source_of, schedule.run_history,
        drawn, remember_opening, read_figures, with_parameters, Noise,
        tables, state.TYPES,
        instead=[*APART, *((getattr(state, name), name) for name in tables)],
    )  # fmt: skip


@functools.cache
def readings() -> str:
    """Name what reads a history: the indicators and the classifier, 16 digits."""
    return digest(
        [(column.name, column.type) for column in observe.INDICATORS], observe.observe,
        regimes.classify, regimes.CRITERIA, regimes.REGIMES, regimes.EVIDENCE,
    )  # fmt: skip


@functools.cache
def engine() -> str:
    """Name what decides the last digits of a figure, beside the rules.

    Logarithms and exponentials come from the C library, which has several of them and chooses
    by the processor. So the name ends with a hash of some thousand results. The version
    of Python is no part of it, nor is plain Python: they give the same bits, which tests show.
    """
    features = get_host_cpu_features()
    machine = "+".join([platform.machine(), *(f for f in ("avx2", "fma") if features.get(f))])
    library = "-".join(filter(None, platform.libc_ver())) or platform.system()
    return f"numba-{version_of('numba')} {machine} {library} bits-{_bits()}"


def _bits(count: int = 20_000) -> str:
    """Hash what the C library and NumPy's generator return; variants differ once in a thousand."""
    draws = np.random.Generator(np.random.PCG64(np.random.SeedSequence(0))).random(count).tolist()
    found = [f for u in draws
             for f in (u, math.exp(40.0 * u - 20.0), math.log(u), math.cos(2.0 * math.pi * u))]
    content = struct.pack(f"<{len(found)}d", *found)
    return hashlib.blake2b(content, digest_size=4).hexdigest()


def version() -> dict[str, str]:
    """Return all that decides a figure: version of Moat, rules, readings, engine."""
    return {"moat": model.__version__, "rules": rules(), "readings": readings(), "engine": engine()}


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
