"""From LLVM's language to functions that can be called, kept on disk under what made them."""

from __future__ import annotations

import ctypes
import hashlib
import json
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import llvmlite
import llvmlite.binding as llvm

HERE = Path(__file__).parent


class Written(NamedTuple):
    """A program in LLVM's language, and what its callers need to know of it."""

    text: str
    notes: dict[str, Any]  # numbers, words and lists of them


class Code:
    """Functions as machine code.

    Parameters
    ----------
    data : bytes
        An object file of this processor.
    notes : dict
        What `Written` said.
    """

    def __init__(self, data: bytes, notes: dict[str, Any]) -> None:
        self.notes = notes
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _target(2))
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(data))
        self._engine.finalize_object()

    def function(self, name: str, numbers: int = 0) -> Callable[..., None]:
        """Return the function ``name(address, ...)`` that takes so many whole numbers besides."""
        address = self._engine.get_function_address(name)
        if not address:
            raise KeyError(name)
        function: Any = ctypes.CFUNCTYPE(None, ctypes.c_void_p, *[ctypes.c_int64] * numbers)(address)
        function.code = self  # which it must not outlive
        return function  # type: ignore[no-any-return]


def compiled(name: str, write: Callable[[], Written], level: int = 2) -> Code:
    """Return the machine code that is kept under a name, or translate and keep it.

    Parameters
    ----------
    name : str
        Identity of what `write` translates: equal names, equal programs.
    write : callable
        Called if nothing is kept.
    level : int
        How hard LLVM optimises (0-3).
    """
    path = _path(name, level)
    if path and (found := _read(path)):
        return Code(*found)
    written = write()
    data = _object(written.text, level)
    if path:
        _write(path, data, written.notes)
    return Code(data, written.notes)


def is_kept(name: str, level: int = 2) -> bool:
    """Whether `compiled` need not translate what has this name."""
    path = _path(name, level)
    return path is not None and path.exists()


def _path(name: str, level: int) -> Path | None:
    """Where machine code of this processor is kept under a name; None if nothing can be kept."""
    folder = usable(cache_folder())
    made_by = f"{name} {level} {_room()} {llvmlite.__version__} {_processor()}"
    return folder and folder / hashlib.blake2b(made_by.encode(), digest_size=16).hexdigest()


def _object(text: str, level: int) -> bytes:
    """Optimise a program for this processor and return its object file."""
    machine = _target(level)
    module = llvm.parse_assembly(text)
    module.triple = machine.triple
    module.data_layout = str(machine.target_data)
    options = llvm.create_pipeline_tuning_options(speed_level=level)
    # Loops are over agents and edges, short and unlike each other: to unroll them costs
    # more time here than it saves there.
    options.loop_vectorization = False
    options.slp_vectorization = False
    options.loop_unrolling = False
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)
    return bytes(machine.emit_object(module))


@cache
def _initialised() -> None:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()


def _target(level: int) -> Any:
    _initialised()
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=llvm.get_host_cpu_features().flatten(),
        opt=level, jit=True,
    )  # fmt: skip


@cache
def _processor() -> str:
    _initialised()
    return f"{llvm.get_host_cpu_name()} {llvm.get_host_cpu_features().flatten()}"


def numbers_at_once() -> int:
    """How many numbers this processor computes by one instruction."""
    return 8 if "+avx512f" in _processor() else 4


@cache
def _room() -> str:
    """Hash of the translator itself, read when it is first used."""
    content = hashlib.blake2b(digest_size=8)
    for path in sorted(HERE.glob("*.py")):
        content.update(path.read_bytes())
    return content.hexdigest()


# --- what is kept --------------------------------------------------------------------------


def cache_folder() -> Path:
    """Return the folder of compiled code (``MOAT_CACHE_DIR`` or the user's cache)."""
    base = os.environ.get("MOAT_CACHE_DIR")
    if base:
        return Path(base)
    return Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")) / "moat"


@cache
def usable(folder: Path) -> Path | None:
    """Return a folder in which files can be kept, or None; says so once if they cannot."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        if multiprocessing.parent_process() is None:
            why = f"compiled code cannot be kept in {folder} ({error.strerror or error})"
            print(f"moat: {why}: every start compiles; set MOAT_CACHE_DIR.", file=sys.stderr)
        return None
    return folder


def _read(path: Path) -> tuple[bytes, dict[str, Any]] | None:
    """What is kept in a file, if it is whole."""
    try:
        head, _, data = path.read_bytes().partition(b"\n")
        notes = json.loads(head)
    except (OSError, ValueError):
        return None
    if not isinstance(notes, dict) or notes.pop("sum", "") != _sum(data):
        return None
    return data, notes


def _write(path: Path, data: bytes, notes: dict[str, Any]) -> None:
    head = json.dumps(notes | {"sum": _sum(data)}).encode()
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(head + b"\n" + data)
        os.replace(part, path)  # whole or not at all
    except OSError:  # the disk is full: it is compiled again next time
        part.unlink(missing_ok=True)


def _sum(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()
