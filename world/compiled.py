"""One way to compile: every law and every rule passes through here.

A *law* is a pure function of numbers; a *rule* reads and writes the tables of
one market. Both are plain Python that Numba compiles. The two engines call the
same compiled functions, so they cannot drift apart.

Compiled code is kept on disk. Numba does not notice there that a file changed which
another one imports, so the folder is named by all sources that can enter a compiled
function, and nothing is kept that this name does not vouch for.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from world.identity import ROOT, remember

RULE_SOURCES = ("world", "agents", "model")


def cache_folder() -> Path:
    """Return the folder of compiled code (``MOAT_CACHE_DIR`` or the user's cache)."""
    base = os.environ.get("MOAT_CACHE_DIR")
    if base:
        return Path(base)
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "moat"


def _usable(folder: Path) -> bool:
    """Whether files can be kept in a folder; says so once if they cannot."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        if multiprocessing.parent_process() is None:
            why = f"compiled code cannot be kept in {folder} ({error.strerror or error})"
            print(f"moat: {why}: every start compiles; set MOAT_CACHE_DIR.", file=sys.stderr)
        return False
    return True


def _hash(texts: dict[str, str]) -> str:
    content = hashlib.blake2b(digest_size=8)
    for file, text in texts.items():
        content.update(f"{Path(file).relative_to(ROOT).as_posix()}\n{text}\n".encode())
    return content.hexdigest()


VOUCHED = remember(
    str(path) for folder in RULE_SOURCES for path in sorted((ROOT / folder).rglob("*.py"))
)
"""The sources that name the folder."""

FOLDER = cache_folder() / f"{_hash(VOUCHED)}-{version('numba')}"
KEEPS = _usable(FOLDER)

# Numba reads its settings from the environment, again whenever that changes: so
# they are set there, before it is imported, and for child processes too.
os.environ["NUMBA_CACHE_DIR"] = str(FOLDER)
# Vectorised maths libraries round differently from the C library that plain
# Python uses; both engines and plain Python must agree to the bit.
os.environ["NUMBA_DISABLE_INTEL_SVML"] = "1"

import numba  # noqa: E402

numba.config.reload_config()

PLAIN_PYTHON: bool = bool(numba.config.DISABLE_JIT)
"""True under ``NUMBA_DISABLE_JIT=1``: the same code runs as plain Python."""


def law(function: Callable[..., Any]) -> Any:
    """Compile a pure scalar function of the world (no agent, no table)."""
    return _compiled(function, forceinline=True)


def rule(function: Callable[..., Any]) -> Any:
    """Compile one decision: reads and writes one row of the market's tables."""
    return _compiled(function, nogil=True, forceinline=True)


def loop(function: Callable[..., Any]) -> Any:
    """Compile what performs rules row by row or month by month, called from Python."""
    # The program may write several of them that differ only in the rules they name, which
    # Numba's cache does not look at: so they are part of the name.
    names = hashlib.blake2b(repr(function.__code__.co_names).encode(), digest_size=4)
    function.__qualname__ += f"_{names.hexdigest()}"
    return _compiled(function, nogil=True)


def _compiled(function: Callable[..., Any], **options: bool) -> Any:
    keep = _may_keep(function)
    if keep:
        _KEPT.add(function)
    return numba.njit(cache=keep, **options)(function)


_KEPT: set[Callable[..., Any]] = set()


def _may_keep(function: Callable[..., Any]) -> bool:
    """Whether the folder's name vouches for a function and for the compiled ones that it calls."""
    global KEEPS
    file = function.__code__.co_filename
    text = remember([file])[file]
    if file in VOUCHED and text != VOUCHED[file]:
        KEEPS = False  # it changed since the folder was named, and others may call it
    called = (function.__globals__.get(name) for name in function.__code__.co_names)
    compiled = [other.py_func for other in called if other is not None and hasattr(other, "py_func")]
    known = _KEPT.issuperset(compiled)
    return KEEPS and file in VOUCHED and known
