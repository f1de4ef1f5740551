"""The contract of `graph=` as tables, from the declarations that the reader goes by."""

from __future__ import annotations

import re
from pathlib import Path

from docs.table import table
from model.contract import ABOUT, PLAIN, UNUSED, Declared, contract_of
from model.rulebook import STANDARD
from world.kinds import EDGE_KINDS, INSTITUTIONS
from world.opening import CONSTANTS

EXAMPLE = Path(__file__).parent / "examples" / "minimal_graph.py"
HEAD = ("figure", "allowed", "needed", "if left out", "meaning")
CONTRACT = contract_of(STANDARD)


def minimal_graph() -> str:
    """The example, as it stands in its file."""
    return EXAMPLE.read_text(encoding="utf-8")


def institutions() -> str:
    """Kinds of which there is exactly one."""
    return ", ".join(f"`{kind}`" for kind in INSTITUTIONS)


def graph_places() -> list[str]:
    """Tables whose agents give figures, or whose kinds a graph must name."""
    return [place for place in CONTRACT.nodes if place in STANDARD.tables or CONTRACT.nodes[place]]


def graph_kinds(place: str) -> str:
    """Kinds of one table."""
    kinds = STANDARD.traits.get(place, {place: {}})
    return f"Kind: {', '.join(f'`{kind}`' for kind in kinds)}."


def graph_figures(place: str) -> str:
    """Figures of one table's nodes."""
    declared = CONTRACT.nodes[place]
    return _figures(declared) if declared else "No figures."


def graph_edges() -> str:
    """Kinds of edges, their ends and figures."""
    rows = [
        (f"`{kind}`", edge.tail, edge.head, edge.meaning, "; ".join(
            f"`{f.name}`: {f.allowed}, " + ("needed" if f.needed else f"{f.default} if left out")
            for f in CONTRACT.edges[kind].values()))
        for kind, edge in EDGE_KINDS.items()
    ]  # fmt: skip
    return table(("edge", "from", "to", "what it means", "figures"), rows)


def graph_attributes() -> str:
    """What the graph says of itself."""
    about = table(("attribute", "what it is"), ((f"`{n}`", text) for n, text in ABOUT.items()))
    return f"{about}\n\n{_figures(CONTRACT.graph)}"


def graph_plain() -> str:
    """What a node may carry beside figures."""
    return ", ".join(f"`{name}`" for name in PLAIN)


def graph_unused() -> str:
    """Doubts that a world file states and no history draws."""
    said = [f"`{name}` of {place}" for place, names in UNUSED.items() for name in names]
    return f"Accepted from world files, and drawn by no history: {', '.join(said)}."


def _figures(declared: Declared) -> str:
    needed = {"always": "yes", "": ""}
    rows = [
        (f"`{f.name}`", f.allowed, needed.get(f.needed, f"if `{f.needed}`"),
         "" if f.needed else _with_values(f.default), f.meaning)
        for f in declared.values()
    ]  # fmt: skip
    return table(HEAD, rows)


def _with_values(default: str) -> str:
    """A default with its constants written out."""
    return re.sub(r"\b[A-Z][A-Z_0-9]+\b", lambda found: f"{CONSTANTS[found[0]]:.6g}", default)
