"""One way to compile: every law and every rule passes through here.

A *law* is a pure function of numbers; a *rule* reads and writes the tables of
one market, and is made of *parts*. All are plain Python that Numba compiles. The two engines call the
same compiled functions, so they cannot drift apart.

Compiled code is kept on disk, where Numba does not notice that something changed which a
function reads from elsewhere. So the folder is named by all sources of the rules, the code
in it by what a function and all that it calls say in memory, and functions from other
places are not kept.
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
from types import CodeType
from typing import Any

from world.identity import ROOT, parts_of, remember

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


SOURCES = remember(
    str(path) for folder in RULE_SOURCES for path in sorted((ROOT / folder).rglob("*.py"))
)
"""Text of the files that name the folder, by name."""

FOLDER = cache_folder() / f"{_hash(SOURCES)}-{version('numba')}"
KEEPS = _usable(FOLDER)

# Numba reads its settings from the environment, again whenever that changes: so
# they are set there, before it is imported, and for child processes too.
os.environ["NUMBA_CACHE_DIR"] = str(FOLDER)
# Vectorised maths libraries round differently from the C library that plain
# Python uses; both engines and plain Python must agree to the bit.
os.environ["NUMBA_DISABLE_INTEL_SVML"] = "1"

import numba  # noqa: E402
from numba.core.caching import FunctionCache  # noqa: E402
from numba.core.sigutils import normalize_signature  # noqa: E402

numba.config.reload_config()

PLAIN_PYTHON: bool = bool(numba.config.DISABLE_JIT)
"""True under ``NUMBA_DISABLE_JIT=1``: the same code runs as plain Python."""


RULES: dict[str, dict[str, Any]] = {}
"""Rules by the module they stand in and their name."""


def law(function: Callable[..., Any]) -> Any:
    """Compile a pure scalar function of the world (no agent, no table)."""
    return _compiled(function, forceinline=True)


def rule(function: Callable[..., Any]) -> Any:
    """Compile one decision of an agent: ``rule(market, row)`` reads and writes the tables.

    The month names it (`model.schedule`), and it becomes a method of the agent's class.

    Raises
    ------
    TypeError
        It does not take a market and a row.
    """
    taken = function.__code__.co_argcount
    if taken != 2:
        raise TypeError(f"rule {function.__name__!r} takes (market, row), not {taken} argument(s).")
    compiled = part(function)
    RULES.setdefault(function.__module__, {})[function.__name__] = compiled
    return compiled


def part(function: Callable[..., Any]) -> Any:
    """Compile a part of a rule: what several rules share, or what deserves its own name."""
    return _compiled(function, nogil=True, forceinline=True)


def loop(function: Callable[..., Any]) -> Any:
    """Compile what performs rules row by row or month by month, called from Python."""
    return _compiled(function, nogil=True)


class _Kept(FunctionCache):  # type: ignore[misc]
    """Compiled code on disk, under what a function and all it calls say in memory."""

    def _index_key(self, sig: Any, codegen: Any) -> tuple[Any, ...]:
        return (*super()._index_key(sig, codegen), _content(self._py_func, set()))

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return what is kept for these arguments, and nothing that is for others.

        Numba numbers its files, so two processes that compile one function at once, each for
        another market type, can write the same one.
        """
        kept = super().load_overload(sig, target_context)
        wanted, _ = normalize_signature(sig)
        return kept if kept is not None and tuple(kept.signature.args) == tuple(wanted) else None


def _compiled(function: Callable[..., Any], **options: bool) -> Any:
    file = function.__code__.co_filename
    remember([file])
    compiled = numba.njit(**options)(function)
    if KEEPS and file in SOURCES and not PLAIN_PYTHON:
        compiled._cache = _Kept(function)
    return compiled


def _content(function: Any, met: set[Any]) -> str:
    """Write code and constants of a function and of the compiled ones that it calls."""
    if function in met:
        return ""
    met.add(function)
    words = []
    for code in parts_of(function.__code__):
        plain = (c for c in code.co_consts if not isinstance(c, CodeType))
        words += [code.co_code.hex(), *code.co_names, *map(repr, plain)]
        for value in map(function.__globals__.get, code.co_names):
            if hasattr(value, "py_func"):
                words.append(_content(value.py_func, met))
            elif isinstance(value, (bool, int, float, str, tuple)):
                words.append(repr(value))
    return hashlib.blake2b("\n".join(words).encode(), digest_size=16).hexdigest()
