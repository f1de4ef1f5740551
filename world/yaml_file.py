"""Read YAML as people write it: 5e8 is a number, a key stands once, an error is one sentence.

What is read is as large as its file: aliases (``*name``) and merge keys (``<<``), by which a few
hundred bytes may stand for gigabytes, are refused.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import yaml

from world.errors import InputError
from world.faults import LONGEST, shown

DEEPEST = 30  # levels of tables and lists within each other; ours have five
LARGEST = 10_000_000  # bytes of a file; ours have 150,000
EXPONENT = re.compile(r"^[-+]?(\d[\d_]*\.?[\d_]*|\.\d[\d_]*)[eE][-+]?\d+$")
# What YAML 1.1 takes for numbers to the base of 8, 2 or 60: 010 is 8, and 1:30 is 90.
OTHER_BASE = re.compile(r"^[-+]?(0[0-7_]+|0b[01_]+|\d[\d_]*(:[0-5]?\d)+(\.[\d_]*)?)$")


def _as_written(base: Any) -> Any:
    """A loader or dumper to which 5e8 is a number, as in YAML 1.2; PyYAML follows 1.1: a text."""
    made: Any = type(base.__name__, (base,), {})
    made.add_implicit_resolver("tag:yaml.org,2002:float", EXPONENT, list("-+.0123456789"))
    return made


PLAIN = _as_written(yaml.SafeLoader)
# libyaml, where PyYAML was built with it, reads a world seven times as fast.
QUICK = _as_written(yaml.CSafeLoader) if yaml.__with_libyaml__ else PLAIN
DUMPER = _as_written(yaml.SafeDumper)
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
    """Read a file of at most 10 MB; `what` names it in the error sentence."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:  # such as a sign that no file's name may have
        reason = getattr(error, "strerror", None) or _one_line(error)
        raise InputError(f"{what[:200]}: cannot be read ({reason}).") from None
    return content


def write_yaml(content: Any) -> str:
    """Write plain tables, lists, texts and numbers so that `parse_yaml` reads the same."""
    return str(yaml.dump(content, Dumper=DUMPER, sort_keys=False, allow_unicode=True))


def parse_yaml(content: bytes, what: str) -> Any:
    """Read the content of a YAML file; `what` names it in the error sentence."""
    if len(content) > LARGEST:
        raise InputError(f"{what}: is larger than {LARGEST / 1e6:g} MB, which is the most allowed.")
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
    text = " ".join(str(reason)[: 4 * LONGEST].split()).rstrip(".")
    return text if len(text) <= 3 * LONGEST else f"{text[: 3 * LONGEST]}..."


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
        _check_tree(tree, what, set(), 0)
        return loader.construct_document(tree)
    finally:
        loader.dispose()


def _check_tree(node: Any, what: str, seen: set[int], depth: int) -> None:
    """Refuse what makes a file mean something else, or more, than it says."""
    here = f"{what}: line {node.start_mark.line + 1}"
    if id(node) in seen:
        raise InputError(f"{here}: is used again by an alias (*name); write it out in each place.")
    seen.add(id(node))
    if isinstance(node, yaml.ScalarNode):
        if not node.style and not node.tag.endswith(":str") and OTHER_BASE.match(node.value):
            raise InputError(
                f"{here}: {shown(node.value)} is a number to another base than ten in YAML; write "
                "it out, or in quotation marks if it is a text."
            )
        return
    if depth == DEEPEST:
        raise RecursionError
    if isinstance(node, yaml.SequenceNode):
        for child in node.value:
            _check_tree(child, what, seen, depth + 1)
        return
    # YAML keeps the last of two equal keys and says nothing; a person meant one of them.
    keys = Counter(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
    for key, child in node.value:
        if isinstance(key, yaml.ScalarNode):
            line = f"{what}: line {key.start_mark.line + 1}: key {shown(key.value)}"
            if keys[key.value] > 1:
                raise InputError(f"{line} appears {keys[key.value]} times; once is allowed.")
            if key.tag == "tag:yaml.org,2002:merge":
                raise InputError(f"{line} merges a table; write its keys out.")
            if key.tag != "tag:yaml.org,2002:str":
                raise InputError(f"{line} is no text; write it in quotation marks if it is a name.")
        _check_tree(key, what, seen, depth + 1)
        _check_tree(child, what, seen, depth + 1)
