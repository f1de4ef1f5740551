"""Which parameters rules read: what can be moved while a history runs."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

from world.compiled import PARTS
from world.identity import definition_of
from world.parameters import BY_NAME


def parameters_read(functions: Iterable[Callable[..., Any]]) -> frozenset[str]:
    """Names of the parameters that rules read, themselves or by the parts and laws they call."""
    reached: dict[Callable[..., Any], None] = {}
    waiting = list(functions)
    found: set[str] = set()
    while waiting:
        function = waiting.pop()
        if function in reached:
            continue
        reached[function] = None
        tree = definition_of(function)  # type: ignore[arg-type]
        found |= _read(tree)
        waiting += _called(tree, inspect.unwrap(function).__globals__)
    return frozenset(found)


def _read(tree: ast.AST) -> set[str]:
    """Parameters read as ``p.name`` or ``market.parameters.name``."""
    whole = {"p"} | {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and _is_parameters(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in BY_NAME
        and (_is_parameters(node.value)
             or isinstance(node.value, ast.Name) and node.value.id in whole)
    }  # fmt: skip


def _is_parameters(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "parameters"


def _called(tree: ast.AST, known: dict[str, Any]) -> list[Callable[..., Any]]:
    """Parts and laws that a function names, in its own module or in another."""
    found: list[Callable[..., Any]] = []
    for node in ast.walk(tree):
        named = None
        if isinstance(node, ast.Name):
            named = known.get(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = known.get(node.value.id)
            named = getattr(module, node.attr, None) if isinstance(module, ModuleType) else None
        if inspect.isfunction(named) and named in PARTS:
            found.append(named)
    return found
