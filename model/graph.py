"""The market graph: a networkx MultiDiGraph becomes tables, and tables a graph again.

The graph is input, not decoration: who can fund, syndicate, observe and distil,
govern, sell to and attack whom is decided by its edges alone. What it must and may
say is its contract (`model.contract`, `docs/graph.md`).
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import networkx as nx
import numpy as np

from model.contract import contract_of
from model.edges import edge_tables, edges_said, paying_edges
from model.regimes import ENDS, Before
from model.rulebook import STANDARD, Rulebook
from model.said import (
    Figures,
    MarketFigures,
    Rows,
    figures_said,
    market_figures,
    name_of,
    nodes_by_table,
    refuse_contradictions,
    refuse_other_types,
)
from world import state
from world.errors import InputError
from world.faults import Faults
from world.files.read import pickled_world
from world.kinds import INSTITUTIONS
from world.ledger import accounts_of
from world.opening import RUN_UP, Opened, opening_of
from world.parameters import COLUMNS
from world.tables import Array, Tables, record_type, table

PARAMETER_TYPE = record_type(COLUMNS)
SECTORS = {"hostiles": "hostile actors"}  # sectors of the ledger that are not named by a table


class Roster(NamedTuple):
    """Who is who: names and kinds by table, and the accounts by number."""

    names: dict[str, list[str]]
    kinds: dict[str, list[str]]
    accounts: list[tuple[str, str]]  # name, sector
    start: str
    before: Mapping[str, Before]  # money of the two years before: best guess "", "low", "high"

    def name_of_account(self, account: int) -> str:
        """Name of the account; ``nobody`` for -1."""
        return self.accounts[account][0] if account >= 0 else "nobody"


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
        Nodes with `kind`, `name` and initial figures, edges with `kind` and
        figures, as `docs/graph.md` says.
    parameters : mapping
        Every declared parameter.
    rulebook : Rulebook

    Returns
    -------
    Tables, Roster

    Raises
    ------
    InputError
        Whatever contradicts the contract, all of it in one answer.
    """
    start = read_start(graph, rulebook)
    return start.under(parameters), start.roster


def _before(said: Mapping[str, Array], end: str) -> Before:
    """Money of the two years before the start, as the graph says: best guess or an end of it."""
    found = []
    for money in Before._fields:
        guess = f"{money}_before"
        figures = [float(said[name][0]) for name in (f"{guess}_{end}", guess) if name in said]
        found.append(next((figure for figure in figures if not np.isnan(figure)), 0.0))
    return Before(*found)


def start_of(world: str | Path, rulebook: Rulebook = STANDARD) -> Start:
    """Return what a world says that is named as in `read_world`, read once a process."""
    return _start_of(pickled_world(world), rulebook)


@lru_cache(maxsize=8)
def _start_of(pickled: bytes, rulebook: Rulebook) -> Start:
    return read_start(pickle.loads(pickled), rulebook)


def read_start(graph: nx.MultiDiGraph, rulebook: Rulebook = STANDARD) -> Start:
    """Read what a market graph alone says.

    Needs as long as a whole history: a sweep reads once and calls `Start.under` at
    each point of its design.
    """
    refuse_other_types(graph)
    contract, faults = contract_of(rulebook), Faults("graph")
    found = nodes_by_table(graph, rulebook, faults)
    market = market_figures(graph, contract, faults)
    figures = {
        place: figures_said(place, rows, contract, faults) for place, rows in found.items()
    }
    refuse_contradictions(graph, found, figures, faults)
    said = edges_said(graph, found, contract, rulebook, faults)
    faults.refuse_any()
    counts = {place: len(rows) for place, rows in found.items()}
    accounts, first = _accounts(found)
    edges, located = edge_tables(said, found, rulebook)
    arrays: dict[str, Array] = {
        place: table(columns, counts[place]) for place, columns in rulebook.tables.items()
    }
    arrays |= {
        "industry": table(state.INDUSTRY, 1),
        "parameters": np.zeros(1, dtype=PARAMETER_TYPE),
        "releases": table(state.RELEASES, state.RING),
        **edges,
        "balance": np.zeros(len(accounts)),
        "entries": table(state.ENTRIES, 20 * len(accounts) + 4 * paying_edges(edges, rulebook)),
        "events": table(state.EVENTS, state.JOURNAL),
        "rotation": np.arange(counts["developers"], dtype=np.int64),
        "luck": table(state.LUCK, 1),
        "dealt": np.full((len(state.DRAWS), max(1, *counts.values())), np.nan),
        "indicators": np.zeros(1, dtype=rulebook.indicator_type),
    }
    tables = Tables(arrays)
    release_by = graph.graph.get("cheap_release_by")
    opened = _opened(found, figures, market, first, located, release_by, rulebook)
    names = {place: [name_of(node, data) for node, data in rows] for place, rows in found.items()}
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
        graph.graph["start"],
        {end: _before(market, end) for end in ENDS},
    )
    return Start(rulebook, roster, opened, tables)


# --- accounts ------------------------------------------------------------------------------


def _accounts(found: Mapping[str, Rows]) -> tuple[list[tuple[str, str]], dict[str, list[int]]]:
    """All accounts (name, sector) by number, and each agent's first one."""
    places = [place for place in found if place not in INSTITUTIONS]
    accounts: list[tuple[str, str]] = []
    first: dict[str, list[int]] = {place: [] for place in found}
    for place in (*INSTITUTIONS, *places):
        suffixes = [account.suffix for account in accounts_of(place)]
        for node, data in found[place]:
            name = place if place in INSTITUTIONS else name_of(node, data)
            first[place].append(len(accounts))
            for suffix in suffixes:
                accounts.append((f"{name}: {suffix}" if suffix else name, SECTORS.get(place, place)))
    return accounts, first


# --- openings ------------------------------------------------------------------------------


def _opened(
    found: Mapping[str, Rows],
    figures: Mapping[str, Mapping[str, Array]],
    graph: Mapping[str, Array],
    first: Mapping[str, list[int]],
    located: Array,
    release_by: str | None,
    rulebook: Rulebook,
) -> dict[str, Opened]:
    """The columns of each table before the first month, as they are declared."""
    opened = {}
    market = MarketFigures(graph)
    for place, columns in rulebook.tables.items():
        kinds = list(rulebook.traits[place])
        of_kind = [rulebook.traits[place][data["kind"]] for _, data in found[place]]
        traits = {name: np.array([kind[name] for kind in of_kind]) for name in next(
            iter(rulebook.traits[place].values()), {})}  # fmt: skip
        opened[place] = Opened(columns, {
            "node": Figures(figures[place], len(found[place])),
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
    names = [name_of(node, data) for node, data in found["developers"]]
    opened["industry"] = Opened(state.INDUSTRY, {
        "node": market,
        "developers": developers,
        "living": _Living(developers, living),
        "supplier": MarketFigures(figures["supplier"]),
        "given": SimpleNamespace(
            release_by=names.index(release_by) if release_by in names else -1
        ),
    })  # fmt: skip
    for institution in INSTITUTIONS:
        node = Figures(figures[institution], 1)
        opened[institution] = Opened((), {"node": node, "account": first[institution]})
    return opened


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
            raise InputError(
                f"graph: node {who[row]!r}: {name} cannot be reckoned from what the graph says."
            )
        rows[name] = np.where(unsaid, 0.0, values)


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
