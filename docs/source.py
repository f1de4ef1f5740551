"""What the source says of itself: rules, laws and the constants beside them.

Read from the text of the files, so that the pages say the same whether the
rules are compiled or plain Python.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from world.ledger import ACCOUNTS
from world.opening import opening_of
from world.parameters import BY_NAME
from world.state import AGENTS, INDUSTRY

ROOT = Path(__file__).resolve().parents[1]
RULES = "agents", "world", "model"
LAWS = ("world/laws",)
OPENED = [(place, column) for place, columns in {**AGENTS, "industry": INDUSTRY}.items()
          for column in columns]  # fmt: skip
SECTION = re.compile(r"\n(Parameters|Returns|Raises|Examples|Attributes)\n-{3,}")
CONSTANT = re.compile(r"([A-Z][A-Z0-9_]*) = (-?[0-9][0-9.e+-]*)(?:  # (.*))?")
FIELD = re.compile(r"    (\w+): \w+ = ([0-9.]+)  # (.*)")


class Definition(NamedTuple):
    """A rule, part or law: its file, docstring, the parameters it reads, what it writes and calls."""

    name: str
    file: str
    text: str
    parameters: tuple[str, ...]
    writes: tuple[str, ...]  # "developers.capability"
    calls: tuple[str, ...]

    @property
    def claim(self) -> str:
        """Its first sentence."""
        return first_sentence(self.text)


class Constant(NamedTuple):
    """A figure fixed beside the rules: not a parameter, never varied."""

    name: str
    value: str
    meaning: str
    file: str


def first_sentence(text: str) -> str:
    """First paragraph's first sentence, without the full stop."""
    paragraph = " ".join(text.split("\n\n")[0].split())
    return re.split(r"\.(?=\s+[A-Z]|$)", paragraph)[0]


def prose(node: ast.FunctionDef) -> str:
    """A function's docstring as Markdown: what precedes its numpydoc sections."""
    # `inspect.cleandoc` would take the indent from an equation that stands alone.
    lines = (ast.get_docstring(node, clean=False) or "").splitlines()
    text = "\n".join(line.removeprefix("    ").rstrip() for line in lines)
    return SECTION.split(text)[0].strip()


def definitions(folders: tuple[str, ...], *marks: str) -> dict[str, Definition]:
    """Functions decorated by one of the marks in the files of some folders, by name."""
    found = {}
    for path, tree in _trees(folders):
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and _decorators(node) & set(marks):
                found[node.name] = Definition(
                    node.name, path, prose(node), tuple(_parameters(node)), tuple(_writes(node)),
                    tuple(_calls(node)),
                )  # fmt: skip
    return found


def constants(folders: tuple[str, ...]) -> list[Constant]:
    """Named figures of the files, with the comment beside each."""
    found = []
    for path, _ in _trees(folders):
        for line in (ROOT / path).read_text(encoding="utf-8").splitlines():
            if match := CONSTANT.fullmatch(line):
                found.append(Constant(match[1], match[2], match[3] or "", path))
    return found


def commented_fields(cls: type) -> list[tuple[str, str, str]]:
    """Name, default and comment of each field of a class of thresholds."""
    lines = inspect.getsource(cls).splitlines()
    return [match.groups() for line in lines if (match := FIELD.fullmatch(line))]  # type: ignore[misc]


def readers() -> dict[str, list[str]]:
    """Which rules, functions of the model and openings of columns read each parameter."""
    found: dict[str, list[str]] = {name: [] for name in BY_NAME}
    for place, column in OPENED:
        for name in opening_of(column.name, column.opening).parameters:
            found[name].append(f"opening of {place}.{column.name}")
    for account in ACCOUNTS:
        for name in opening_of("cash", account.opening).parameters:
            found[name].append(f"opening cash of {account.owner}")
    for _, tree in _trees(RULES):
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                for name in _parameters(node):
                    if node.name not in found[name]:
                        found[name].append(node.name)
    return found


def _trees(folders: tuple[str, ...]) -> Iterator[tuple[str, ast.Module]]:
    for folder in folders:
        for path in sorted((ROOT / folder).glob("*.py")):
            text = path.read_text(encoding="utf-8")
            yield path.relative_to(ROOT).as_posix(), ast.parse(text)


def _decorators(node: ast.FunctionDef) -> set[str]:
    return {d.id for d in node.decorator_list if isinstance(d, ast.Name)}


def _calls(node: ast.FunctionDef) -> Iterator[str]:
    names = [
        part.func.id
        for part in ast.walk(node)
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Name)
    ]
    yield from dict.fromkeys(names)


def _parameters(node: ast.FunctionDef) -> Iterator[str]:
    """Parameters read as `p.name` or `market.parameters[0].name`, or as `p["name"]`."""
    names = []
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute) and _is_row(part.value):
            names.append(part.attr)
        elif isinstance(part, ast.Subscript) and _is_row(part.value):
            if isinstance(part.slice, ast.Constant) and isinstance(part.slice.value, str):
                names.append(part.slice.value)
    yield from dict.fromkeys(name for name in names if name in BY_NAME)


def _is_row(node: ast.expr) -> bool:
    if isinstance(node, ast.Name):
        return node.id == "p"
    return isinstance(node, ast.Attribute) and node.attr == "parameters"


ROWS = {  # what rules call a row of each table
    "developer": "developers", "investor": "investors", "government": "governments",
    "hostile": "hostiles", "industry": "industry", "tie": "ties", "release": "releases",
    "heir": "developers", "leader": "developers",
}  # fmt: skip


def _writes(node: ast.FunctionDef) -> Iterator[str]:
    """Columns that a rule assigns to, e.g. ``developers.capability``."""
    found = []
    rows = ROWS | _rows(node)
    for part in ast.walk(node):
        targets = part.targets if isinstance(part, ast.Assign) else (
            [part.target] if isinstance(part, ast.AugAssign) else [])  # fmt: skip
        for target in targets:
            for written in target.elts if isinstance(target, ast.Tuple) else [target]:
                if not isinstance(written, ast.Attribute):
                    continue
                row = written.value
                if isinstance(row, ast.Name):
                    place = rows.get(row.id, "")
                elif isinstance(row, ast.Subscript) and isinstance(row.value, ast.Attribute):
                    place = row.value.attr
                else:
                    place = ""
                if place:
                    found.append(f"{place}.{written.attr}")
    yield from dict.fromkeys(found)


def _rows(node: ast.FunctionDef) -> dict[str, str]:
    """What a function itself calls a row of a table: `edge = market.serves[k]`."""
    return {
        part.targets[0].id: part.value.value.attr
        for part in ast.walk(node)
        if isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Name)
        and isinstance(part.value, ast.Subscript) and isinstance(part.value.value, ast.Attribute)
    }  # fmt: skip
