"""The identity of code: one name for what functions in memory do, whatever they are called.

The source of every file that holds rules is remembered when it is imported: the name is that of
the code in memory, not of the disk. It is a hash over syntax trees without docstrings, comments,
annotations and decorators, in which a name that a function reads from its module is replaced by
what it means there: another function of ours, a constant's value, the full name of something
foreign. Renaming or moving a function or a file changes nothing; what can move a figure does.
"""

from __future__ import annotations

import ast
import copy
import dis
import functools
import hashlib
import inspect
import linecache
import sys
import sysconfig
import tokenize
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from world.errors import InputError

ROOT = Path(__file__).parents[1]
LIBRARY = sysconfig.get_path("stdlib")
TEXTS: dict[str, str] = {}
"""Source by name of file, as the code in memory was read from it."""

# What no figure depends on, or what differs between versions of Python.
SILENT = {"annotation", "returns", "decorator_list", "type_params", "type_comment", "kind", "ctx",
          "simple", "msg"}  # fmt: skip


# --- the source of what is in memory ----------------------------------------------------


def remember(files: Iterable[str]) -> dict[str, str]:
    """Read files as they are now; keep and return their text by name."""
    found = {file: _read(file) for file in files}
    TEXTS.update(found)
    return found


def changed_on_disk() -> list[str]:
    """Remembered files that say something else now; another comment is nothing else."""
    changed = []
    for file, text in TEXTS.items():
        on_disk = _is_under(file, ROOT) or Path(file).exists()  # a notebook's cell is not
        if on_disk and _read(file) != text and _bare(_read(file)) != _bare(text):
            changed.append(_shown(file))
    return sorted(changed)


def require_unchanged() -> None:
    """`InputError` if rules changed on disk since they were imported: workers import those."""
    if changed := changed_on_disk():
        raise InputError(
            f"rules changed on disk since they were imported: {', '.join(changed)}; "
            "start Python again."
        )


def _read(file: str) -> str:
    try:
        with tokenize.open(file) as source:
            return source.read()
    except (OSError, SyntaxError, UnicodeDecodeError):
        return "".join(linecache.getlines(file))


def _bare(text: str) -> str:
    """What a file says, without what does not count."""
    try:
        return _Walk().tree(ast.parse(text))
    except SyntaxError:
        return text


def _shown(file: str) -> str:
    return Path(file).relative_to(ROOT).as_posix() if _is_under(file, ROOT) else file


def _is_under(file: str, folder: Path | str) -> bool:
    return Path(file).is_relative_to(folder)


# --- the walk ----------------------------------------------------------------------------


def digest(*things: Any, instead: Iterable[tuple[Any, Any]] = ()) -> str:
    """Hash functions, classes and constants with all they reach.

    Parameters
    ----------
    things
        Functions (compiled or not), classes, and values made of numbers, words, sequences,
        mappings and NumPy types.
    instead : pairs
        An object and what stands for it: its name, or that part of it which counts.

    Returns
    -------
    str
        16 hexadecimal digits, equal on every version of Python.

    Raises
    ------
    InputError
        A file changed while it was imported: its text is not that of the code in memory.
    """
    walk = _Walk(instead)
    words = [walk.value(things)]
    words += map(walk.definition, walk.met)  # which grows meanwhile
    return hashlib.blake2b("\n".join(words).encode(), digest_size=8).hexdigest()


class _Walk:
    """Writes down what counts; each function or class of ours gets a number when it is met.

    Not `ast.dump`, which differs between versions of Python.
    """

    def __init__(self, instead: Iterable[tuple[Any, Any]] = ()) -> None:
        self.met: list[Any] = []
        self._instead = {id(thing): (thing, meaning) for thing, meaning in instead}
        self._numbers: dict[int, int] = {}
        self._means: dict[str, Any] = {}  # names that the present definition reads

    def value(self, thing: Any) -> str:
        """Write what an object in memory means."""
        if id(thing) in self._instead:
            return self.value(self._instead[id(thing)][1])
        thing = inspect.unwrap(thing) if callable(thing) else thing
        if isinstance(thing, np.generic):
            thing = thing.item()
        if thing is None or isinstance(thing, (bool, int, float, complex, str, bytes)):
            return ascii(thing)
        if isinstance(thing, (tuple, list)):
            return f"({', '.join(map(self.value, thing))})"
        if isinstance(thing, (set, frozenset)):
            return f"{{{', '.join(sorted(map(self.value, thing)))}}}"
        if isinstance(thing, Mapping):
            return f"{{{', '.join(f'{self.value(k)}: {self.value(v)}' for k, v in thing.items())}}}"
        if isinstance(thing, np.dtype):  # the order of columns moves no figure
            return self.value(sorted((n, f[0].str) for n, f in (thing.fields or {}).items())
                              or thing.str)  # fmt: skip
        if isinstance(thing, ModuleType):
            return thing.__name__
        if _is_ours(thing):
            if id(thing) not in self._numbers:
                self._numbers[id(thing)] = len(self.met)
                self.met.append(thing)
            return f"#{self._numbers[id(thing)]}"
        if hasattr(thing, "__qualname__") and hasattr(thing, "__module__"):
            return f"{str(thing.__module__).partition('.')[0]}.{thing.__qualname__}"
        raise TypeError(f"{thing!r} is no function, class or constant: no rule can read it.")

    def definition(self, thing: Any) -> str:
        """Write what a function or class of ours does; its own name does not count."""
        node, code = _found(thing)
        read = {i.argval for part in parts_of(code) for i in dis.get_instructions(part)
                if i.opname in ("LOAD_GLOBAL", "LOAD_NAME")}  # fmt: skip
        if isinstance(thing, type):
            module = vars(sys.modules[thing.__module__])
            self._means = {name: module[name] for name in read & module.keys()}
            return f"{self.value(thing.__bases__)} {self.tree(node.body)}"
        self._means = {name: thing.__globals__[name] for name in read & thing.__globals__.keys()}
        for name, cell in zip(code.co_freevars, thing.__closure__ or (), strict=True):
            self._means[name] = cell.cell_contents
        names = copy.copy(node.args)
        names.defaults = names.kw_defaults = []  # their values count
        defaults = self.value((thing.__defaults__, thing.__kwdefaults__))
        return f"{defaults} {self.tree(names)} {self.tree(node.body)}"

    def tree(self, node: Any) -> str:
        """Write a syntax tree."""
        if isinstance(node, list):
            return f"[{', '.join(self.tree(part) for part in node if not _is_idle(part))}]"
        if not isinstance(node, ast.AST):
            return ascii(node)
        if isinstance(node, ast.Name) and node.id in self._means:
            return self.value(self._means[node.id])
        if isinstance(node, ast.Name):
            return node.id
        if isinstance(node, ast.Constant):
            return ascii(node.value)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = self._means.get(node.value.id)
            if isinstance(module, ModuleType) and module.__file__ in TEXTS:
                return self.value(getattr(module, node.attr))
        if isinstance(node, ast.AnnAssign) and node.value is not None:
            node = ast.Assign(targets=[node.target], value=node.value)
        if isinstance(node, ast.Raise):
            return "Raise()"  # what it says moves no figure
        parts = (
            f"{name}={self.tree(part)}"
            for name, part in ast.iter_fields(node)
            if name not in SILENT and part is not None and part != []
        )
        return f"{type(node).__name__}({', '.join(parts)})"


def _is_idle(node: Any) -> bool:
    """A docstring or another statement that does nothing."""
    remark = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return remark or isinstance(node, ast.Pass)


def _is_ours(thing: Any) -> bool:
    """Whether a function or class is of this project or its user, and of no library."""
    if not isinstance(thing, (FunctionType, type)):
        return False
    file = _file_of(thing)
    library = file.startswith("<frozen") or "site-packages" in file or "dist-packages" in file
    library = library or _is_under(file, LIBRARY)
    return file in TEXTS or bool(file) and not library


def _file_of(thing: Any) -> str:
    if isinstance(thing, FunctionType):
        return thing.__code__.co_filename
    return getattr(sys.modules.get(thing.__module__), "__file__", None) or ""


# --- definitions by name -----------------------------------------------------------------


def definition_of(function: FunctionType) -> ast.FunctionDef:
    """Return the syntax tree of a function in memory.

    Raises
    ------
    InputError
        Its file changed while it was imported.
    """
    node, _ = _found(function)
    return node  # type: ignore[no-any-return]


def _found(thing: Any) -> tuple[Any, CodeType]:
    """The definition of a function or class in its file, and its code compiled anew."""
    file = _file_of(thing)
    nodes, codes = _parsed(file, TEXTS.get(file) or _read(file))
    if isinstance(thing, type):
        node = nodes.get(thing.__qualname__)
        functions = [f for f in map(_function, vars(thing).values()) if f and _file_of(f) == file]
    else:
        node = nodes.get(_place(thing.__code__))
        functions = [thing]
    read = [codes.get(_place(function.__code__)) for function in functions]
    if node is None or not all(_same(f.__code__, r) for f, r in zip(functions, read, strict=True)):
        raise InputError(
            f"{_shown(file)} changed on disk while it was imported ({thing.__qualname__} is not "
            "what it says); start Python again."
        )
    return node, codes[node.place]


@functools.lru_cache(maxsize=256)
def _parsed(file: str, text: str) -> tuple[dict[Any, Any], dict[Any, CodeType]]:
    """Definitions and code objects of a file, by qualified name and first line."""
    nodes: dict[Any, Any] = {}
    for name, node in _definitions(ast.parse(text)):
        node.place = (name, min([node.lineno, *(d.lineno for d in node.decorator_list)]))
        nodes[node.place] = nodes[name] = node  # a class does not know its line
    codes = {_place(code): code for code in parts_of(compile(text, file, "exec", dont_inherit=True))}
    return nodes, codes


def _definitions(node: ast.AST, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.ClassDef)):
            yield prefix + child.name, child
            inside = ".<locals>." if isinstance(child, ast.FunctionDef) else "."
            yield from _definitions(child, prefix + child.name + inside)
        elif not isinstance(child, ast.expr):  # in which nothing is defined
            yield from _definitions(child, prefix)


def parts_of(code: CodeType) -> Iterator[CodeType]:
    """A code object and all that are written inside it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from parts_of(constant)


def _place(code: CodeType) -> tuple[str, int]:
    return code.co_qualname, code.co_firstlineno


def _function(member: Any) -> Any:
    """The function behind a member of a class, or None."""
    member = getattr(member, "fget", getattr(member, "__func__", member))
    return member if isinstance(member, FunctionType) else None


def _same(one: Any, other: Any) -> bool:
    """Whether two code objects, or constants in them, are equal but for their places."""
    if not isinstance(one, CodeType) or not isinstance(other, CodeType):
        return type(one) is type(other) and one == other and (
            isinstance(one, frozenset) or repr(one) == repr(other))  # fmt: skip
    names = ("co_code", "co_names", "co_varnames", "co_freevars")
    return (
        all(getattr(one, name) == getattr(other, name) for name in names)
        and len(one.co_consts) == len(other.co_consts)
        and all(map(_same, one.co_consts, other.co_consts))
    )
