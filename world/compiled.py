"""One way to compile: every law and every rule passes through here.

A *law* is a pure function of numbers; a *rule* reads and writes the tables of
one market, and is made of *parts*. All are plain Python that Numba compiles. The two engines call the
same compiled functions, so they cannot drift apart.

Numba's on-disk cache does not notice a change in an imported file. Its folder
is therefore named by a hash of all sources that can enter a compiled function.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RULE_SOURCES = ("world/laws", "world", "agents", "model")


def rules_version() -> str:
    """Return a hash of all sources that define laws, rules and their order.

    Returns
    -------
    str
        16 hexadecimal digits; two installations with equal digits produce
        equal histories from equal inputs.
    """
    digest = hashlib.blake2b(digest_size=8)
    for folder in RULE_SOURCES:
        for path in sorted((ROOT / folder).glob("*.py")):
            digest.update(path.relative_to(ROOT).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def cache_folder() -> Path:
    """Return the folder of compiled code (``MOAT_CACHE_DIR`` or the user's cache)."""
    base = os.environ.get("MOAT_CACHE_DIR")
    if base:
        return Path(base)
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "moat"


# Numba reads its settings from the environment, again whenever that changes: so
# they are set there, before it is imported, and for child processes too.
os.environ["NUMBA_CACHE_DIR"] = str(cache_folder() / f"{rules_version()}-{version('numba')}")
# Vectorised maths libraries round differently from the C library that plain
# Python uses; both engines and plain Python must agree to the bit.
os.environ["NUMBA_DISABLE_INTEL_SVML"] = "1"

import numba  # noqa: E402

numba.config.reload_config()

PLAIN_PYTHON: bool = bool(numba.config.DISABLE_JIT)
"""True under ``NUMBA_DISABLE_JIT=1``: the same code runs as plain Python."""


RULES: dict[str, dict[str, Any]] = {}
"""Rules by the module they stand in and their name."""


def law(function: Callable[..., Any]) -> Any:
    """Compile a pure scalar function of the world (no agent, no table)."""
    return numba.njit(cache=True, forceinline=True)(function)


def rule(function: Callable[..., Any]) -> Any:
    """Compile one decision of an agent: ``rule(market, row)`` reads and writes the tables.

    The month names it (`model.schedule`), and it becomes a method of the agent's class.
    """
    compiled = part(function)
    RULES.setdefault(function.__module__, {})[function.__name__] = compiled
    return compiled


def part(function: Callable[..., Any]) -> Any:
    """Compile a part of a rule: what several rules share, or what deserves its own name."""
    return numba.njit(cache=True, nogil=True, forceinline=True)(function)
