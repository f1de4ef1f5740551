"""Inputs with faults, from a seeded generator: files, graphs, command lines, damaged stores."""

from __future__ import annotations

import copy
import datetime
import math
import random
import string
from pathlib import Path
from typing import Any

import yaml

HOSTILE: tuple[Any, ...] = (
    None, True, False, "", " ", "6", "nan", "=1+1", "a/b", "$x_$", "<b>", "line\nbreak", "é" * 300,
    0, -1, 6, 0.5, 1e-320, 1e308, -1e308, math.nan, math.inf, -math.inf, 10**400, [], {}, [[]],
    [1, "observed", "x"], ["x", 1, 2], {"value": 1}, {1: 2}, [None], datetime.date(2024, 2, 29),
)  # fmt: skip


def _places(content: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths to everything within tables and lists."""
    found = []
    items: Any = ()
    if isinstance(content, dict):
        items = content.items()
    elif isinstance(content, list):
        items = enumerate(content)
    for key, value in items:
        found.append((*path, key))
        found += _places(value, (*path, key))
    return found


def _at(content: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        content = content[key]
    return content


def changed_content(content: Any, rng: random.Random) -> Any:
    """Change one to three places: another value, none, one more, a mistyped key, two exchanged."""
    content = copy.deepcopy(content)
    for _ in range(rng.randint(1, 3)):
        places = _places(content)
        if not places:
            break
        path = rng.choice(places)
        parent, key = _at(content, path[:-1]), path[-1]
        act = rng.choice(("value", "value", "value", "scale", "drop", "key", "twice", "exchange"))
        if act == "value":
            parent[key] = copy.deepcopy(rng.choice(HOSTILE))
        elif act == "scale" and isinstance(parent[key], (int, float)):
            parent[key] = parent[key] * rng.choice((-1, 0, 1e-9, 0.3, 3, 1e9))
        elif act == "drop":
            del parent[key]
        elif act == "key" and isinstance(parent, dict):
            text = str(key)
            cut = rng.randrange(len(text) + 1)
            parent[text[:cut] + rng.choice(string.ascii_letters) + text[cut + 1 :]] = parent.pop(key)
        elif act == "twice" and isinstance(parent, list):
            parent.append(copy.deepcopy(parent[key]))
        elif act == "exchange":
            other = rng.choice(places)
            if other[: len(path)] != path and path[: len(other)] != other:
                there = _at(content, other[:-1])
                parent[key], there[other[-1]] = there[other[-1]], parent[key]
    return content


def changed_text(text: str, rng: random.Random) -> bytes:
    """Change a file as a hand or a disk does: lines lost, doubled, shifted, bytes exchanged."""
    lines = text.splitlines(keepends=True)
    for _ in range(rng.randint(1, 3)):
        k = rng.randrange(len(lines))
        act = rng.choice(("lose", "double", "shift", "tab", "cut", "sign", "end", "byte"))
        if act == "lose":
            lines[k] = ""
        elif act == "double":
            lines[k] *= 2
        elif act == "shift":
            lines[k] = " " * rng.randint(1, 5) + lines[k]
        elif act == "tab":
            lines[k] = lines[k].replace(" ", "\t", 1)
        elif act == "cut":
            lines[k] = lines[k][: rng.randrange(len(lines[k]) + 1)]
        elif act == "sign":
            at = rng.randrange(len(lines[k]) + 1)
            lines[k] = lines[k][:at] + rng.choice(":-?&*!|>'\"%@`{}[],#") + lines[k][at:]
        elif act == "end":
            lines = lines[: k + 1]
    content = bytearray("".join(lines).encode())
    if rng.random() < 0.2 and content:
        content[rng.randrange(len(content))] = rng.randrange(256)
    return bytes(content)


def changed_file(text: str, rng: random.Random) -> bytes:
    """A YAML file with faults in what it says, or in how it is written."""
    if rng.random() < 0.4:
        return changed_text(text, rng)
    content = changed_content(yaml.safe_load(text), rng)
    return str(yaml.safe_dump(content, sort_keys=False, allow_unicode=True)).encode()


def changed_graph(graph: Any, rng: random.Random) -> Any:
    """A market graph with faults in its figures, nodes or edges."""
    graph = graph.copy()
    for _ in range(rng.randint(1, 3)):
        nodes, edges = list(graph.nodes), list(graph.edges(keys=True))
        act = rng.choice(
            ("node", "node", "edge", "graph", "lose", "lose edge", "loop", "double", "more")
        )
        data: dict[Any, Any] = {}
        if act == "node":
            data = graph.nodes[rng.choice(nodes)]
        elif act == "edge" and edges:
            data = graph.edges[rng.choice(edges)]
        elif act == "graph":
            data = graph.graph
        elif act == "lose":
            graph.remove_node(rng.choice(nodes))
        elif act == "lose edge" and edges:
            graph.remove_edge(*rng.choice(edges))
        elif act == "loop":
            node = rng.choice(nodes)
            graph.add_edge(node, node, kind=rng.choice(("stake", "watches", "observes")), weight=1.0)
        elif act == "double" and edges:
            tail, head, key = rng.choice(edges)
            graph.add_edge(tail, head, **graph.edges[tail, head, key])
        elif act == "more":
            tail, head = rng.choice(nodes), rng.choice(nodes)
            kind = rng.choice(("stake", "watches", "buys", "sells", "located", "none"))
            graph.add_edge(tail, head, kind=kind, weight=rng.choice((0.0, 0.5, 2.0)), share=0.5)
        if data:
            key = rng.choice(list(data))
            if rng.random() < 0.2:
                del data[key]
            elif rng.random() < 0.2:
                data[f"{key}x"] = data.pop(key)
            else:
                data[key] = copy.deepcopy(rng.choice(HOSTILE))
    return graph


WORDS = ("", " ", "x", "-1", "0", "1.5", "nan", "inf", "1e3", "½", "a/b", "=1", "2025-13", "2024-12",
         "99999-01", "discount=", "discount=nan", "discuont=0.1", "=", "a=b=c", ",", ":", "0:0", "3:1",
         "baseline,baseline", "nowhere", "/dev/null/x", "--", "-h", "--nothing")  # fmt: skip
LINES = (  # each runs in a moment as it stands
    ("run", "baseline", "--seed", "1", "--until", "2025-02", "--set", "discount=0.1", "--out", "out"),
    ("compare", "--scenarios", "baseline", "--members", "2", "--until", "2025-02", "--seed", "0",
     "--workers", "1", "--out", "out"),
    ("sweep", "baseline", "--vary", "imitation_lag=4:5:2", "--seeds", "0:2", "--until", "2025-02",
     "--backend", "in_process", "--indicators", "revenue", "--out", "out"),
    ("replay", "out", "--scenario", "baseline", "--member", "0"),
    ("export", "out", "--out", "table.csv"),
    ("backtest", "--origin", "2024-01", "--observations", "nowhere.csv", "--members", "2"),
    ("experiment", "nothing", "--out", "out"),
    ("parameters",), ("scenarios",), ("moments", "--seeds", "0"), ("version",), ("verify", "--out", ""),
)  # fmt: skip
NEEDED = {"--members", "--until", "--seeds", "--scenarios", "--observations", "--seed"}  # else long


def changed_line(rng: random.Random) -> tuple[str, ...]:
    """A command line with faults; never one that runs for long."""
    line = list(rng.choice(LINES))
    for _ in range(rng.randint(1, 2)):
        k = rng.randrange(len(line))
        act = rng.choice(("word", "word", "lose", "twice", "letter", "more"))
        if act == "word" and line[k] not in NEEDED and k > 0:
            line[k] = rng.choice(WORDS)
        elif act == "lose" and not NEEDED & {line[k], line[k - 1]}:
            del line[k]
        elif act == "twice":
            line.insert(k, line[k])
        elif act == "letter" and line[k].startswith("--") and line[k] not in NEEDED:
            line[k] = line[k][:-1]
        elif act == "more":
            line.insert(rng.randrange(1, len(line) + 1), rng.choice(WORDS))
        if not line:
            return ("nothing",)
    if line[0] in {"experiment", "moments", "verify", "backtest"} and len(line) < 3:
        return (line[0], "--nothing")  # as it stands it would run for minutes
    return tuple(line)


def damaged(folder: Path, rng: random.Random) -> str:
    """Damage one file of a store, as disks, copies and people do; say what was done."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    path = rng.choice(files)
    content = bytearray(path.read_bytes())
    act = rng.choice(("cut", "empty", "byte", "other", "lose", "longer", "more"))
    if act == "cut":
        path.write_bytes(content[: rng.randrange(len(content))])
    elif act == "empty":
        path.write_bytes(b"")
    elif act == "byte":
        at = rng.randrange(len(content))
        content[at] ^= 1 << rng.randrange(8)
        path.write_bytes(content)
    elif act == "other":
        path.write_bytes(rng.choice(files).read_bytes())
    elif act == "lose":
        path.unlink()
    elif act == "longer":
        path.write_bytes(content + b"\0more")
    else:
        path.with_name(f"more{path.suffix}").write_bytes(content)
    return f"{act} {path.relative_to(folder)}"
