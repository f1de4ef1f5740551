"""What a market graph may say: every figure of a node, an edge and the graph itself.

Nothing is written twice. Whether a figure is needed, and what is taken where it is left
out, stands in the openings of columns (`world.state`); its range is that of a world file
(`world.files`). The reader of graphs (`model.said`) and `docs/graph.md` go by these.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from model.rulebook import STANDARD, Rulebook
from world import ledger, state
from world.files.agent_entries import DEVELOPER, GOVERNMENT, HOSTILE, INVESTOR, MAY_SAY, RUN
from world.files.check import FLAG, FLOW, FRACTION, MONEY, Range
from world.files.sections import MARKET, SUPPLIER
from world.kinds import INSTITUTIONS, EdgeKind
from world.state import RUN_KINDS, Column


class Figure(NamedTuple):
    """A figure that a graph may give.

    Attributes
    ----------
    name : str
    within : Range
        What it may be, and its unit.
    needed : str
        ``always``; the name of another figure, if it is needed where that is not 0; or empty.
    default : str
        What is taken where it is left out: an expression of `world.opening`.
    meaning : str
    """

    name: str
    within: Range
    needed: str
    default: str
    meaning: str

    @property
    def allowed(self) -> str:
        """The allowed values in words."""
        return ", ".join(WORDS[self.name]) if self.name in WORDS else self.within.allowed()


Declared = dict[str, Figure]  # figures by name

WORDS = {"run_kind": RUN_KINDS}  # figures that are given as a word
DOUBT = Range(0.0, 25.0, "sd")
ANY = 1e18  # how far a figure of an extension may reach
RANGES: dict[str, dict[str, Range]] = {
    "developers": {
        "alive": FLAG, **DEVELOPER, **MAY_SAY, "alignment": Range(-60.0, 60.0, "OOM"),
        "run_kind": Range(0, len(RUN_KINDS) - 1, "kind", whole=True),
        **{f"run_{name}": within for name, within in RUN.items()},
    },
    "investors": INVESTOR,
    "governments": GOVERNMENT,
    "hostiles": HOSTILE,
    "supplier": SUPPLIER,
    "graph": {
        "market_size": FLOW._replace(high=ANY), **MARKET,
        "cheap_release_after": Range(0, 1200, "months", whole=True),
    },
}  # fmt: skip
BEFORE = "money of the two years before the start, that falls of funding are measured against"
MEANINGS = {"cash": "cash at the start", "revenue": "sales of a year, at the start"}

# What a node may carry beside figures, and what a world file's intervals say that nothing draws.
PLAIN = ("kind", "name", "jurisdiction", "agent")
UNUSED = {"investors": ("cash_doubt",), "hostiles": ("cash_doubt", "capability_doubt")}
ABOUT = {
    "name": "what the world is called",
    "start": "first month, such as '2025-01'; needed",
    "cheap_release_by": "name of the developer whose run is the cheap release, if there is one",
}
"""What a graph may say of itself beside figures."""

EDGE_DEFAULTS = {"weight": 1.0, "paid": 0.0}  # figures of edges that may be left out


class Contract(NamedTuple):
    """All figures: by table (or institution) of the node, by kind of edge, of the graph itself."""

    nodes: Mapping[str, Declared]
    edges: Mapping[str, Declared]
    graph: Declared


@lru_cache(maxsize=8)
def contract_of(rulebook: Rulebook = STANDARD) -> Contract:
    """Return what a graph may say under a rulebook."""
    nodes = {
        place: _figures(place, rulebook.tables.get(place, ()), "node")
        for place in (*rulebook.tables, *INSTITUTIONS)
    }
    industry = _figures("supplier", state.INDUSTRY, "supplier")
    nodes["supplier"] = industry | nodes["supplier"]
    graph = _figures("graph", state.INDUSTRY, "node")
    for columns in rulebook.tables.values():
        graph = _figures("graph", columns, "market", needed=False) | graph
    for name, within in MARKET.items():
        graph.setdefault(name, Figure(name, within, "", _guess(name), BEFORE))
    return Contract(nodes, {kind: _edge_figures(edge, rulebook) for kind, edge in
                            rulebook.edges.items()}, graph)  # fmt: skip


def _guess(name: str) -> str:
    """What an end of an interval is where it is left out: the best guess."""
    guess = name.removesuffix("_low").removesuffix("_high")
    return "0" if guess == name else guess


def _figures(
    place: str, columns: Iterable[Column], owner: str, needed: bool = True
) -> Declared:
    """Figures of one owner that openings ask for, in their order."""
    asked = [(c, c.opening, c.name) for c in columns]
    if owner == "node" and place != "graph":
        cash = Column("cash", "float", "USD", "", "", MEANINGS["cash"])
        asked += [(cash, account.opening, "cash") for account in ledger.accounts_of(place)]
    found: Declared = {}
    for column, opening, own in asked:
        for name, when, default in _asked(opening, own, owner):
            figure = Figure(name, _range(place, name, column), when if needed else "", default,
                            MEANINGS.get(name, column.meaning))  # fmt: skip
            if name not in found or (figure.needed and not found[name].needed):
                found[name] = figure
    return {
        name: figure if figure.needed in ("", "always", *found) else figure._replace(needed="")
        for name, figure in found.items()
    }


def _range(place: str, name: str, column: Column) -> Range:
    """Its declared range; of an extension's figure what its column says."""
    within = RANGES.get(place, {}).get(name)
    if within is not None:
        return within
    if name.endswith("_doubt"):
        return DOUBT
    if name == "cash":
        return MONEY
    return FRACTION if column.unit == "0-1" else Range(-ANY, ANY, column.unit, column.type != "float")


def _asked(opening: str, own: str, owner: str) -> Iterator[tuple[str, str, str]]:
    """Figures of an owner in an opening: name, when it is needed, and what stands in for it."""
    expression, _, _ = (opening or "0").partition(", then ")

    def visit(node: ast.expr, needed: str, default: str) -> Iterator[tuple[str, str, str]]:
        if isinstance(node, ast.BoolOp):
            first, *others = node.values
            yield from visit(first, "", " or ".join(map(ast.unparse, others)))
            for other in others:
                yield from visit(other, needed, default)
        elif isinstance(node, ast.IfExp):
            yield from visit(node.test, needed, default)
            yield from visit(node.body, ast.unparse(node.test), ast.unparse(node.orelse))
            yield from visit(node.orelse, needed, default)
        elif isinstance(node, ast.Name) and node.id == owner == "node":
            yield own, needed, default
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id == owner:
                yield node.attr, needed, default
        else:
            for child in ast.iter_child_nodes(node):
                yield from visit(child, needed, default)  # type: ignore[arg-type]

    yield from visit(ast.parse(expression, mode="eval").body, "always", "")


def _edge_figures(edge: EdgeKind, rulebook: Rulebook) -> Declared:
    columns = {column.name: column for column in rulebook.edge_tables[edge.table].columns}
    found = {}
    for name in edge.figures:
        column = columns[name]
        within = MONEY if name == "paid" else _range("", name, column)
        default = EDGE_DEFAULTS.get(name)
        found[name] = Figure(name, within, "always" if default is None else "",
                             "" if default is None else f"{default:g}", column.meaning)  # fmt: skip
    return found
