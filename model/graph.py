"""The market graph: a networkx MultiDiGraph becomes tables, and tables a graph again.

The graph is input, not decoration: who can fund, syndicate, observe and distil,
govern, sell to and attack whom is decided by its edges alone. What a node must
say is what the openings of its table's columns ask for (`world.state`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, NamedTuple

import networkx as nx
import numpy as np

from model.rulebook import STANDARD, Rulebook
from world import state
from world.errors import InputError
from world.kinds import INSTITUTIONS, EdgeTable
from world.ledger import accounts_of
from world.opening import RUN_UP, Opened, opening_of
from world.parameters import PARAMETER_TYPE
from world.tables import Array, Tables, as_table, table

Rows = list[tuple[Any, dict[str, Any]]]  # nodes with what they say, in the order of their rows

WORDS = {"run_kind": state.RUN_KINDS}  # figures that a graph gives as a word
SECTORS = {"hostiles": "hostile actors"}  # sectors of the ledger that are not named by a table


class Roster(NamedTuple):
    """Who is who: names and kinds by table, and the accounts by number."""

    names: dict[str, list[str]]
    kinds: dict[str, list[str]]
    accounts: list[tuple[str, str]]  # name, sector
    start: str

    def name_of_account(self, account: int) -> str:
        """Name of the account; ``nobody`` for -1."""
        return self.accounts[account][0] if account >= 0 else "nobody"


class Figures:
    """What the nodes of one table say, figure by figure: NaN where one says nothing.

    A place for an agent yet to come says nothing but that.
    """

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def __getattr__(self, name: str) -> Array:
        figures = np.array([
            _figure(data, _name(node, data), name)
            if name == "alive" or data.get("alive", 1) else math.nan
            for node, data in self._rows
        ])  # fmt: skip
        self.__dict__[name] = figures  # asked for again under each set of parameters
        return figures


class Start(NamedTuple):
    """A market graph that has been read: what it says, before any parameter."""

    rulebook: Rulebook
    roster: Roster
    opened: dict[str, Opened]
    tables: Tables

    def under(self, parameters: Mapping[str, float]) -> Tables:
        """Return the tables at the start of a history: the graph's figures under the parameters."""
        tables = self.tables.copy()
        tables.parameters[0] = tuple(parameters[name] for name in PARAMETER_TYPE.names or ())
        p = SimpleNamespace(**parameters)
        for place, opened in self.opened.items():
            under = opened.under(p)
            who = self.roster.names.get(place, ["graph"])
            if opened.bound:
                _fill(getattr(tables, place), under, opened.bound, who)
            if place != "industry":
                _fill_accounts(tables.balance, place, under, bound=True)
        return tables


def read_graph(
    graph: nx.MultiDiGraph, parameters: Mapping[str, float], rulebook: Rulebook = STANDARD
) -> tuple[Tables, Roster]:
    """Turn a market graph into tables.

    Parameters
    ----------
    graph : networkx.MultiDiGraph
        Nodes with `kind`, `name` and initial figures, edges with `kind`
        (see `world.kinds`) and weights.
    parameters : mapping
        Every declared parameter.
    rulebook : Rulebook

    Returns
    -------
    Tables, Roster

    Raises
    ------
    InputError
        An unknown kind, a missing or non-finite figure, an edge between agents
        it cannot join.
    """
    start = read_start(graph, rulebook)
    return start.under(parameters), start.roster


def read_start(graph: nx.MultiDiGraph, rulebook: Rulebook = STANDARD) -> Start:
    """Read what a market graph alone says.

    Needs as long as a whole history: a sweep reads once and calls `Start.under` at
    each point of its design.
    """
    found = _nodes(graph, rulebook)
    counts = {place: len(rows) for place, rows in found.items()}
    accounts, first = _accounts(found)
    edges, located = _edges(graph, found, rulebook)
    arrays: dict[str, Array] = {
        place: table(columns, counts[place]) for place, columns in rulebook.tables.items()
    }
    arrays |= {
        "industry": table(state.INDUSTRY, 1),
        "parameters": as_table(np.zeros(1, dtype=PARAMETER_TYPE)),
        "releases": table(state.RELEASES, state.RING),
        **edges,
        "balance": np.zeros(len(accounts)),
        "entries": table(state.ENTRIES, 20 * len(accounts) + 4 * _count_edges(edges, rulebook)),
        "events": table(state.EVENTS, state.JOURNAL),
        "rotation": np.arange(counts["developers"], dtype=np.int64),
    }
    for name, (place, slots) in rulebook.draws.items():
        arrays[name] = np.zeros((len(slots), max(1, counts.get(place, 1))))
    tables = Tables(arrays)
    opened = _opened(graph, found, first, located, rulebook)
    names = {place: [_name(node, data) for node, data in rows] for place, rows in found.items()}
    for place, columns in opened.items():
        if place != "industry":
            _fill_accounts(tables.balance, place, columns, bound=False)
        if columns:
            free = [name for name in columns if name not in columns.bound]
            _fill(getattr(tables, place), columns, free, names.get(place, ["graph"]))
    _remember_frontier(tables)
    roster = Roster(
        names,
        {place: [data["kind"] for _, data in rows] for place, rows in found.items()},
        accounts,
        str(graph.graph.get("start", "2025-01")),
    )
    return Start(rulebook, roster, opened, tables)


# --- nodes ---------------------------------------------------------------------------------


def _name(node: Any, data: Mapping[str, Any]) -> str:
    return str(data.get("name", node))


def _figure(data: Mapping[str, Any], name: str, key: str, place: str = "node") -> float:
    """A figure that a node (or an edge) gives; NaN if it gives none."""
    value = data.get(key)
    if key in WORDS and isinstance(value, str):
        if value not in WORDS[key]:
            raise InputError(
                f"graph node {name!r}: {key} {value!r} is unknown; allowed are "
                f"{', '.join(WORDS[key])}."
            )
        return float(WORDS[key].index(value))
    if value is None:
        return math.nan
    if isinstance(value, (bool, np.bool_)):
        value = float(value)
    if not isinstance(value, (int, float, np.integer, np.floating)) or not math.isfinite(value):
        raise InputError(f"graph {place} {name!r}: {key} must be a finite number, not {value!r}.")
    return float(value)


def _nodes(graph: nx.MultiDiGraph, rulebook: Rulebook) -> dict[str, Rows]:
    """Nodes by table, in the order of their rows."""
    found: dict[str, Rows] = {place: [] for place in (*rulebook.tables, *INSTITUTIONS)}
    for node, data in graph.nodes(data=True):
        place = rulebook.table_of(data.get("kind", ""))
        if not place:
            raise InputError(
                f"graph node {node!r}: kind {data.get('kind', '')!r} is unknown; allowed are "
                f"{', '.join(rulebook.kinds)}."
            )
        found[place].append((node, data))
    for institution in INSTITUTIONS:
        if len(found[institution]) != 1:
            raise InputError(
                f"graph: exactly one node of kind {institution!r} is needed, "
                f"found {len(found[institution])}."
            )
    for needed in ("developers", "governments"):
        if not found[needed]:
            raise InputError(f"graph: at least one of {needed} is needed, found none.")
    order = list(rulebook.kinds)
    for place in rulebook.tables:
        # By name, so that the order in which nodes were added changes nothing; those
        # of a kind are neighbours, and places for entrants come last.
        found[place].sort(
            key=lambda item: (
                1 - int(item[1].get("alive", 1)), order.index(item[1]["kind"]), _name(*item)
            )
        )  # fmt: skip
    return found


def _accounts(found: Mapping[str, Rows]) -> tuple[list[tuple[str, str]], dict[str, list[int]]]:
    """All accounts (name, sector) by number, and each agent's first one."""
    places = [place for place in found if place not in INSTITUTIONS]
    accounts: list[tuple[str, str]] = []
    first: dict[str, list[int]] = {place: [] for place in found}
    for place in (*INSTITUTIONS, *places):
        suffixes = [account.suffix for account in accounts_of(place)]
        for node, data in found[place]:
            name = place if place in INSTITUTIONS else _name(node, data)
            first[place].append(len(accounts))
            for suffix in suffixes:
                accounts.append((f"{name}: {suffix}" if suffix else name, SECTORS.get(place, place)))
    names = [name for name, _ in accounts]
    if len(set(names)) < len(names):
        name = next(name for name in names if names.count(name) > 1)
        raise InputError(f"graph: two agents are named {name!r}; names must differ.")
    return accounts, first


# --- openings ------------------------------------------------------------------------------


def _opened(
    graph: nx.MultiDiGraph,
    found: Mapping[str, Rows],
    first: Mapping[str, list[int]],
    located: Array,
    rulebook: Rulebook,
) -> dict[str, Opened]:
    """The columns of each table before the first month, as they are declared."""
    opened = {}
    market = _Market(graph.graph)
    for place, columns in rulebook.tables.items():
        kinds = list(rulebook.traits[place])
        of_kind = [rulebook.traits[place][data["kind"]] for _, data in found[place]]
        traits = {name: np.array([kind[name] for kind in of_kind]) for name in next(
            iter(rulebook.traits[place].values()), {})}  # fmt: skip
        opened[place] = Opened(columns, {
            "node": Figures(found[place]),
            "market": market,
            "trait": SimpleNamespace(**traits),
            "given": SimpleNamespace(
                kind=np.array([kinds.index(data["kind"]) for _, data in found[place]]),
                account=np.array(first[place]),
                government=located,
            ),
        })  # fmt: skip
    developers = opened["developers"]
    living = developers["alive"] == 1
    names = [_name(node, data) for node, data in found["developers"]]
    release_by = graph.graph.get("cheap_release_by")
    supplier, said = found["supplier"][0]
    capacity = _figure(said, _name(supplier, said), "capacity")
    if math.isnan(capacity):
        raise InputError(
            f"graph node {_name(supplier, said)!r}: capacity must be a finite number, not None."
        )
    opened["industry"] = Opened(state.INDUSTRY, {
        "node": market,
        "developers": developers,
        "living": _Living(developers, living),
        "supplier": SimpleNamespace(capacity=capacity),
        "given": SimpleNamespace(
            release_by=names.index(release_by) if release_by in names else -1
        ),
    })  # fmt: skip
    for institution in INSTITUTIONS:
        said = {"node": Figures(found[institution]), "account": first[institution]}
        opened[institution] = Opened((), said)
    return opened


class _Market:
    """What the graph says of itself: NaN where it says nothing."""

    def __init__(self, said: Mapping[str, Any]) -> None:
        self._said = said

    def __getattr__(self, name: str) -> float:
        return _figure(self._said, "graph", name)


class _Living:
    """The columns of those who are in the market."""

    def __init__(self, opened: Opened, living: Array) -> None:
        self._opened = opened
        self._living = living

    def __getattr__(self, name: str) -> Array:
        return np.asarray(self._opened[name][self._living])


def _fill(rows: Array, columns: Opened, names: list[str], who: list[str]) -> None:
    """Write opened columns into a table; in rows not in the market, what is not said is 0."""
    living = np.asarray(columns["alive"]) == 1 if "alive" in columns.declared else np.ones(1, bool)
    for name in names:
        values = np.broadcast_to(np.asarray(columns[name], dtype=float), len(rows))
        unsaid = np.isnan(values)
        if (unsaid & living).any():
            row = int((unsaid & living).argmax())
            raise InputError(_unsaid(columns, name, row, who[row]))
        rows[name] = np.where(unsaid, 0.0, values)


def _unsaid(columns: Opened, name: str, row: int, who: str) -> str:
    """Say which figure is missing."""
    asked = opening_of(name, columns.declared[name].opening).figures
    node = columns["node"]
    for key in asked:
        if np.isnan(np.atleast_1d(getattr(node, key))[row]):
            return f"graph node {who!r}: {key} must be a finite number, not None."
    return f"graph node {who!r}: {name} cannot be reckoned from what the graph says."


def _fill_accounts(balance: Array, place: str, columns: Opened, bound: bool) -> None:
    """Write opening balances of a table's accounts: those that hang on parameters, or the others."""
    for offset, account in enumerate(accounts_of(place)):
        if bool(opening_of("cash", account.opening).parameters) == bound:
            values = np.asarray(columns.value("cash", account.opening), dtype=float)
            first = np.asarray(columns["account"], dtype=np.int64)
            balance[first + offset] = np.nan_to_num(values)


def _remember_frontier(tables: Tables) -> None:
    """The frontier model of the start is one release not yet matched."""
    frontier = tables.industry["frontier"][0]
    developers = tables.developers
    leaders = np.flatnonzero((developers["alive"] == 1) & (developers["capability"] == frontier))
    if len(leaders):
        tables.releases["alive"][0] = 1
        tables.releases["developer"][0] = leaders[0]
        tables.releases["month"][0] = -RUN_UP
        tables.releases["capability"][0] = frontier


# --- edges ---------------------------------------------------------------------------------

Edges = dict[tuple[int, int], dict[str, float]]  # what an edge says, by rows of tail and head


def _edges(
    graph: nx.MultiDiGraph, found: Mapping[str, Rows], rulebook: Rulebook
) -> tuple[dict[str, Array], Array]:
    """Tables of edges with their indices; and the row of each developer's government."""
    said = _edges_said(graph, found, rulebook)
    located = np.zeros(len(found["developers"]))
    for g, j in said["located"]:
        located[j] = g
    out: dict[str, Array] = {}
    for name, declared in rulebook.edge_tables.items():
        seen_from = 1 if declared.seen_from == "head" else 0
        place = rulebook.end_of(name, declared.seen_from)
        if declared.single:
            _one_each(said[name], name, found[place], seen_from)
        out |= _edge_table(said[name], name, declared, seen_from, found, rulebook)
    _refuse_oversold(out["ties"], found["developers"])
    return out, located


def _edges_said(
    graph: nx.MultiDiGraph, found: Mapping[str, Rows], rulebook: Rulebook
) -> dict[str, Edges]:
    """What the graph's edges say, by table."""
    place = {
        node: (name, row) for name, rows in found.items() for row, (node, _) in enumerate(rows)
    }
    said: dict[str, Edges] = {name: {} for name in rulebook.edge_tables}
    for tail, head, data in graph.edges(data=True):
        kind = rulebook.edges.get(data.get("kind", ""))
        names = f"{_name(tail, graph.nodes[tail])!r} to {_name(head, graph.nodes[head])!r}"
        if kind is None:
            raise InputError(
                f"graph edge {names}: kind {data.get('kind')!r} is unknown; allowed are "
                f"{', '.join(rulebook.edges)}."
            )
        if place[tail][0] != kind.tail or place[head][0] != kind.head:
            raise InputError(
                f"graph edge {names}: {data['kind']!r} goes from {kind.tail} to {kind.head}, "
                f"not from {place[tail][0]} to {place[head][0]}."
            )
        entry = said[kind.table].setdefault((place[tail][1], place[head][1]), {})
        for figure in kind.figures:
            entry[figure] = _figure({**USUAL, **data}, names, figure, "edge")
            if math.isnan(entry[figure]):
                raise InputError(f"graph edge {names}: {figure} must be a finite number, not None.")
        if "weight" in kind.figures:
            if not 0.0 <= entry["weight"] <= 1.0:
                raise InputError(
                    f"graph edge {names}: weight {entry['weight']:g} must be from 0 to 1."
                )
            entry["cut"] = float(entry["weight"] == 0.0)  # no rule brings an absent edge to life
    return said


USUAL = {"weight": 1.0, "paid": 0.0}  # figures of edges that may be left out


def _edge_table(
    said: Edges,
    name: str,
    declared: EdgeTable,
    seen_from: int,
    found: Mapping[str, Rows],
    rulebook: Rulebook,
) -> dict[str, Array]:
    """A table of edges sorted by who looks along them, with the index of that end (and the other)."""
    keys = sorted(said, key=lambda key: (key[seen_from], key[1 - seen_from]))
    edges = table(declared.columns, len(keys))
    for k, key in enumerate(keys):
        edges["source"][k], edges["target"][k] = key
        for figure, value in said[key].items():
            edges[figure][k] = value
    ends = ("source", "target")
    places = [rulebook.end_of(name, end) for end in ("tail", "head")]
    out = {name: edges}
    if not declared.single:
        owners = edges[ends[seen_from]]
        out[declared.starts or f"{name}_of"] = _starts(owners, len(found[places[seen_from]]))
    if declared.back:
        other = ends[1 - seen_from]
        order = np.lexsort((edges[ends[seen_from]], edges[other]))
        out[declared.back] = order.astype(np.int64)
        out[f"{declared.back}_of"] = _starts(edges[other], len(found[places[1 - seen_from]]))
    return out


def _one_each(said: Edges, name: str, rows: Rows, seen_from: int) -> None:
    """Every agent has one edge of this kind; a missing one is an edge of weight zero."""
    for row, (node, data) in enumerate(rows):
        count = sum(1 for key in said if key[seen_from] == row)
        if count > 1:
            raise InputError(
                f"graph node {_name(node, data)!r}: {count} {name!r} edges; one is allowed."
            )
        if count == 0:
            said[(0, row) if seen_from == 1 else (row, 0)] = {"weight": 0.0, "cut": 1.0}


def _starts(owners: Array, count: int) -> Array:
    starts = np.zeros(count + 1, dtype=np.int64)
    starts[1:] = np.cumsum(np.bincount(owners, minlength=count)[:count])
    return starts


def _refuse_oversold(ties: Array, developers: Rows) -> None:
    shares = np.bincount(ties["target"], weights=ties["share"], minlength=len(developers))
    if len(shares) and shares.max() > 1.0 + 1e-9:
        name = _name(*developers[int(shares.argmax())])
        raise InputError(f"graph: stakes in {name!r} add up to {shares.max():.3f}, more than 1.")


def _count_edges(edges: Mapping[str, Array], rulebook: Rulebook) -> int:
    """Edges along which money can pass more than once a month: ties, and those of extensions."""
    paying = set(rulebook.edge_tables) - set(STANDARD.edge_tables) | {"ties"}
    return sum(len(edges[name]) for name in paying)


# --- and back ------------------------------------------------------------------------------


def write_graph(
    tables: Tables, agents: dict[str, list[Any]], rulebook: Rulebook = STANDARD
) -> nx.MultiDiGraph:
    """Return the graph of a market as it stands, nodes by the agents' ids.

    Parameters
    ----------
    tables : Tables
    agents : dict
        Mesa agents by table, in row order; None where a row is not in the market.
    rulebook : Rulebook

    Returns
    -------
    networkx.MultiDiGraph
        A picture of this month; to change the market, use `Market.intervene`.
    """
    graph = nx.MultiDiGraph()
    for members in agents.values():
        for agent in members:
            if agent is not None:
                graph.add_node(agent.unique_id, kind=agent.kind, name=agent.name, agent=agent)
    for kind, edge in rulebook.edges.items():
        edges = getattr(tables, edge.table)
        strength = edge.figures[0]
        for k in np.flatnonzero(edges[strength] > 0.0):
            tail = agents[edge.tail][int(edges["source"][k])]
            head = agents[edge.head][int(edges["target"][k])]
            if tail is None or head is None:
                continue
            figures = {figure: float(edges[figure][k]) for figure in ("weight", *edge.figures)}
            figures["weight"] = float(edges[strength][k])
            graph.add_edge(tail.unique_id, head.unique_id, kind=kind, **figures)
    return graph
