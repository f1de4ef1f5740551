"""Read YAML as people write it: 5e8 is a number, a key stands once, an error is one sentence."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import yaml

from world.errors import InputError

DEEPEST = 30  # levels of tables and lists within each other; ours have five


def _with_exponents(base: Any) -> Any:
    """A loader that reads 5e8 as a number, as YAML 1.2 does; PyYAML follows 1.1, where it is text."""
    loader: Any = type("Loader", (base,), {})
    exponent = re.compile(r"^[-+]?(\d[\d_]*\.?[\d_]*|\.\d[\d_]*)[eE][-+]?\d+$")
    loader.add_implicit_resolver("tag:yaml.org,2002:float", exponent, list("-+.0123456789"))
    return loader


PLAIN = _with_exponents(yaml.SafeLoader)
# libyaml, where PyYAML was built with it, reads a world seven times as fast.
QUICK = _with_exponents(yaml.CSafeLoader) if yaml.__with_libyaml__ else PLAIN
# What libyaml takes in places where PyYAML does not: tab, question mark, byte order mark, ">#".
DISPUTED = re.compile(r"[\t?\ufeff]|[|>][-+\d]*#")


def read_yaml(path: Path, what: str = "") -> Any:
    """Read a YAML file.

    Parameters
    ----------
    path : Path
    what : str
        What the file is, for the error sentence, which then gives the path; if empty,
        it gives the file's name.

    Raises
    ------
    InputError
        If it cannot be read, is not valid YAML or repeats a key; names the line.
    """
    place = f"{what} {path}" if what else path.name
    return parse_yaml(read_content(path, place), place)


def read_content(path: Path, what: str) -> bytes:
    """Read a file; `what` names it in the error sentence."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{what}: cannot be read ({error.strerror}).") from None


def parse_yaml(content: bytes, what: str) -> Any:
    """Read the content of a YAML file; `what` names it in the error sentence."""
    try:
        return _load(content.decode("utf-8"), what)
    except InputError:
        raise
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f" at line {mark.line + 1}" if mark is not None else ""
        reason = _one_line(getattr(error, "problem", None) or error)
        raise InputError(f"{what}: is not valid YAML{line} ({reason}).") from None
    except RecursionError:
        raise InputError(
            f"{what}: cannot be read as YAML text (nested too deep; "
            f"allowed are {DEEPEST} levels)."
        ) from None
    # Of a value that its tag or form contradicts: 2024-13-45, !!int x, !!bool x, !!timestamp x.
    except (ValueError, LookupError, AttributeError) as error:
        raise InputError(f"{what}: cannot be read as YAML text ({_one_line(error)}).") from None


def _one_line(reason: object) -> str:
    return " ".join(str(reason).split()).rstrip(".")


def _load(text: str, what: str) -> Any:
    """A file is read, or refused in the same words, with libyaml as without it."""
    if QUICK is not PLAIN and not DISPUTED.search(text):
        try:
            return _build(QUICK(text), what)
        except yaml.YAMLError:
            pass  # libyaml has other words for a fault, so PyYAML says it
    return _build(PLAIN(text), what)


def _build(loader: Any, what: str) -> Any:
    try:
        tree = loader.get_single_node()
        if tree is None:
            return None
        _refuse_repeated_keys(tree, what, set(), 0)
        return loader.construct_document(tree)
    finally:
        loader.dispose()


def _refuse_repeated_keys(node: Any, what: str, seen: set[int], depth: int) -> None:
    """YAML keeps the last of two equal keys and says nothing; a person meant one of them."""
    # An anchor can make the tree a graph, so each node is visited once.
    if isinstance(node, yaml.ScalarNode) or id(node) in seen:
        return
    seen.add(id(node))
    if depth == DEEPEST:
        raise RecursionError
    if isinstance(node, yaml.SequenceNode):
        for child in node.value:
            _refuse_repeated_keys(child, what, seen, depth + 1)
        return
    keys = Counter(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
    for key, child in node.value:
        if isinstance(key, yaml.ScalarNode) and keys[key.value] > 1:
            raise InputError(
                f"{what}: line {key.start_mark.line + 1}: key {key.value!r} appears "
                f"{keys[key.value]} times; once is allowed."
            )
        _refuse_repeated_keys(child, what, seen, depth + 1)
