"""The market graph: a networkx MultiDiGraph becomes tables, and tables a graph again.

The graph is input, not decoration: who can fund, syndicate, observe and distil,
govern, sell to and attack whom is decided by its edges alone.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import networkx as nx
import numpy as np

from model.observe import INDICATOR_TYPE
from world import state
from world.errors import InputError
from world.laws.technology import CAPABILITY_2025, EFFICIENCY_2025
from world.ledger import ACCOUNTS_PER_DEVELOPER
from world.parameters import PARAMETER_TYPE

if TYPE_CHECKING:
    from collections.abc import Mapping


class EdgeKind(NamedTuple):
    """A kind of edge: its table, who points at whom, who looks along it, meaning."""

    table: str
    tail: str
    head: str
    owner: str
    meaning: str


EDGE_KINDS: dict[str, EdgeKind] = {
    "watches": EdgeKind("ties", "investors", "developers", "tail", "can fund; hears its news"),
    "stake": EdgeKind("ties", "investors", "developers", "tail", "owns a share"),
    "syndicate": EdgeKind("syndicate", "investors", "investors", "tail", "listens to"),
    "observes": EdgeKind("observes", "developers", "developers", "tail", "can query or distil"),
    "located": EdgeKind("located", "governments", "developers", "head", "governs"),
    "buys": EdgeKind("buys", "developers", "supplier", "tail", "access to compute"),
    "sells": EdgeKind("sells", "developers", "governments", "tail", "presence in its market"),
    "targets": EdgeKind("targets", "hostiles", "developers", "tail", "can copy, download or rob"),
    "controls": EdgeKind("controls", "governments", "governments", "head", "controls exports to"),
}


NODE_KINDS = (
    *state.DEVELOPER_KINDS,
    *state.INVESTOR_KINDS,
    "government",
    "hostile_actor",
    *state.INSTITUTIONS,
)


def table_of_kind(kind: str) -> str:
    """Table in which a node kind has its rows."""
    if kind in state.DEVELOPER_KINDS:
        return "developers"
    if kind in state.INVESTOR_KINDS:
        return "investors"
    if kind in state.INSTITUTIONS:
        return kind
    return {"government": "governments", "hostile_actor": "hostiles"}.get(kind, "")


class Roster(NamedTuple):
    """Who is who: names and kinds by table, and the accounts by number."""

    names: dict[str, list[str]]
    kinds: dict[str, list[str]]
    accounts: list[tuple[str, str]]  # name, sector
    start: str

    def name_of_account(self, account: int) -> str:
        """Name of the agent whose account it is; empty for -1."""
        return self.accounts[account][0] if account >= 0 else "nobody"


def _figure(node: Mapping[str, Any], name: str, key: str, default: float | None = None) -> float:
    value = node.get(key, default)
    if isinstance(value, (bool, np.bool_)):
        value = float(value)
    if not isinstance(value, (int, float, np.integer, np.floating)) or not math.isfinite(value):
        raise InputError(f"graph node {name!r}: {key} must be a finite number, not {value!r}.")
    return float(value)


def _nodes(graph: nx.MultiDiGraph) -> dict[str, list[tuple[Any, dict[str, Any]]]]:
    found: dict[str, list[tuple[Any, dict[str, Any]]]] = {
        t: [] for t in ("developers", "investors", "governments", "hostiles", *state.INSTITUTIONS)
    }
    for node, data in graph.nodes(data=True):
        kind = data.get("kind", "")
        place = table_of_kind(kind)
        if not place:
            raise InputError(
                f"graph node {node!r}: kind {kind!r} is unknown; allowed are "
                f"{', '.join(NODE_KINDS)}."
            )
        found[place].append((node, data))
    for institution in state.INSTITUTIONS:
        if len(found[institution]) != 1:
            raise InputError(
                f"graph: exactly one node of kind {institution!r} is needed, "
                f"found {len(found[institution])}."
            )
    for needed in ("developers", "governments"):
        if not found[needed]:
            raise InputError(f"graph: at least one of {needed} is needed, found none.")
    for place in ("developers", "investors", "governments", "hostiles"):
        # By name, so that the order in which nodes were added changes nothing.
        found[place].sort(key=lambda item: (_order(item[1]), str(item[1].get("name", item[0]))))
    return found


def _order(data: dict[str, Any]) -> int:
    return NODE_KINDS.index(data["kind"]) + 100 * (1 - int(data.get("alive", 1)))


def read_graph(
    graph: nx.MultiDiGraph, parameters: Mapping[str, float]
) -> tuple[state.Tables, Roster]:
    """Turn a market graph into tables.

    Parameters
    ----------
    graph : networkx.MultiDiGraph
        Nodes with `kind`, `name` and initial columns, edges with `kind`
        (see `EDGE_KINDS`) and weights.
    parameters : mapping
        Every declared parameter.

    Returns
    -------
    Tables, Roster

    Raises
    ------
    InputError
        An unknown kind, a missing or non-finite figure, an edge between agents
        it cannot join.
    """
    figures, roster = read_figures(graph)
    return with_parameters(figures, parameters), roster


def read_figures(graph: nx.MultiDiGraph) -> tuple[state.Tables, Roster]:
    """Turn a market graph into tables of what the graph alone says, before any parameter.

    Needs as long as a whole history: a sweep reads once and calls
    `with_parameters` at each point of its design.
    """
    found = _nodes(graph)
    counts = {place: len(found[place]) for place in found}
    developers = _developers(found["developers"])
    investors = _investors(found["investors"], counts)
    governments = _governments(found["governments"], counts)
    hostiles = _hostiles(found["hostiles"], counts)
    accounts = _accounts(found)
    economy = _economy(graph, found, accounts, developers)
    edges = _edges(graph, found, counts, developers)
    balance = _balances(found, accounts, developers)
    draws = {
        name: np.zeros((len(slots), max(1, counts.get(place, 1))))
        for name, (place, slots) in state.DRAWS.items()
    }
    tables = state.Tables(
        developers=developers,
        investors=investors,
        governments=governments,
        hostiles=hostiles,
        economy=economy,
        parameters=state.as_table(np.zeros(1, dtype=PARAMETER_TYPE)),
        releases=state.table(state.RELEASES, state.RING),
        balance=balance,
        entries=state.table(state.ENTRIES, 20 * len(accounts) + 4 * len(edges["ties"])),
        entry_count=np.zeros(1, dtype=np.int64),
        events=state.table(state.EVENTS, state.JOURNAL),
        event_count=np.zeros(1, dtype=np.int64),
        rotation=np.arange(counts["developers"], dtype=np.int64),
        **edges,
        **draws,
    )
    _outstanding_release(tables)
    roster = Roster(
        {place: [_name(node, data) for node, data in rows] for place, rows in found.items()},
        {place: [data["kind"] for _, data in rows] for place, rows in found.items()},
        accounts,
        str(graph.graph.get("start", "2025-01")),
    )
    return tables, roster


def with_parameters(figures: state.Tables, p: Mapping[str, float]) -> state.Tables:
    """Return the tables at the start of a history: the graph's figures under the parameters."""
    tables = state.copy_tables(figures)
    tables.parameters[0] = tuple(p[name] for name in PARAMETER_TYPE.fields or ())
    investors = tables.investors
    investors["allowance"] *= p["frontier_allocation"]
    tables.balance[investors["account"]] *= p["frontier_allocation"]
    for name in ("prior_events", "hazard_events"):
        investors[name] = p["prior_strength"]
    for name in ("prior_years", "hazard_years"):
        investors[name] = p["prior_strength"] / p["prior_hazard"]
    for name in ("hazard", "hazard_told"):
        investors[name] = p["prior_hazard"]
    investors["alertness"] = p["alertness"]
    investors["hurdle"] = p["hurdle"]
    governments = tables.governments
    governments["base_research"] *= p["public_frontier_share"]
    governments["public_research"] = governments["base_research"]
    for name in ("ip_floor", "ip_strength"):
        governments[name] = p["ip_floor"]
    economy = tables.economy
    economy["growth_years"] = p["growth_horizon"]
    for name in ("hazard", "felt_hazard", "hazard_norm"):
        economy[name] = p["prior_hazard"]
    return tables


def _name(node: Any, data: dict[str, Any]) -> str:
    return str(data.get("name", node))


def _developers(rows: list[tuple[Any, dict[str, Any]]]) -> Any:
    table = state.table(state.DEVELOPERS, len(rows))
    sales = sum(_figure(d, _name(n, d), "revenue", 0.0) for n, d in rows)
    for j, (node, data) in enumerate(rows):
        name = _name(node, data)
        row = table[j]
        row["alive"] = int(_figure(data, name, "alive", 1))
        row["kind"] = state.DEVELOPER_KINDS.index(data["kind"])
        row["account"] = ACCOUNTS_PER_DEVELOPER * j
        row["open_weights"] = int(_figure(data, name, "open_weights", 0))
        row["complements"] = row["open_weights"]
        row["clever"] = int(_figure(data, name, "clever", 0))
        row["copied"] = int(_figure(data, name, "copied", 0))
        row["born"] = -1
        row["plan_source"] = -1
        row["markup"] = 1.0
        if row["alive"] == 0:
            continue
        for key in ("capability", "efficiency", "researchers", "brand"):
            row[key] = _figure(data, name, key)
        row["alignment"] = _figure(data, name, "alignment", row["capability"] - 0.5)
        row["efficiency_seen"] = row["efficiency"]
        revenue = _figure(data, name, "revenue", 0.0)
        row["share"] = revenue / sales if sales > 0 else 0.0
        row["revenue"] = revenue / 12.0
        row["largest_run"] = row["capability"] - row["efficiency"]
        kind = data.get("run_kind", "none")
        if kind not in state.RUN_KINDS:
            raise InputError(
                f"graph node {name!r}: run_kind {kind!r} is unknown; allowed are "
                f"{', '.join(state.RUN_KINDS)}."
            )
        row["run_kind"] = state.RUN_KINDS.index(kind)
        row["run_price"] = 1.0
        if row["run_kind"] != state.IDLE:
            row["run_target"] = _figure(data, name, "run_target")
            row["run_cost"] = _figure(data, name, "run_cost")
            row["run_months_left"] = int(_figure(data, name, "run_months_left"))
            row["run_months"] = max(6, int(row["run_months_left"]))
            if row["run_kind"] == state.LEAD:
                row["largest_run"] = max(
                    row["largest_run"], row["run_target"] - row["efficiency"]
                )
    return table


def _investors(rows: list[tuple[Any, dict[str, Any]]], counts: dict[str, int]) -> Any:
    table = state.table(state.INVESTORS, len(rows))
    first = ACCOUNTS_PER_DEVELOPER * counts["developers"]
    for i, (node, data) in enumerate(rows):
        name = _name(node, data)
        row = table[i]
        row["alive"] = 1
        row["kind"] = state.INVESTOR_KINDS.index(data["kind"])
        row["account"] = first + i
        row["allowance"] = _figure(data, name, "allowance")
        row["imitation"] = 0.5
        row["heard_from"] = -1
        row["trend"] = 0.15
    return table


def _governments(rows: list[tuple[Any, dict[str, Any]]], counts: dict[str, int]) -> Any:
    table = state.table(state.GOVERNMENTS, len(rows))
    first = ACCOUNTS_PER_DEVELOPER * counts["developers"] + counts["investors"]
    for g, (node, data) in enumerate(rows):
        name = _name(node, data)
        row = table[g]
        row["alive"] = 1
        row["account"] = first + g
        for key in ("gdp", "market_share", "court_reach"):
            row[key] = _figure(data, name, key)
        row["base_research"] = _figure(data, name, "public_research")
        row["growth_seen"] = 1.1
    return table


def _hostiles(rows: list[tuple[Any, dict[str, Any]]], counts: dict[str, int]) -> Any:
    table = state.table(state.HOSTILES, len(rows))
    first = (
        ACCOUNTS_PER_DEVELOPER * counts["developers"] + counts["investors"] + counts["governments"]
    )
    for k, (node, data) in enumerate(rows):
        name = _name(node, data)
        row = table[k]
        row["alive"] = 1
        row["account"] = first + k
        row["income"] = _figure(data, name, "income")
        row["capability"] = _figure(data, name, "capability")
    return table


SECTORS = {
    "investors": "investors",
    "governments": "governments",
    "hostiles": "hostile actors",
}


def _accounts(found: dict[str, list[tuple[Any, dict[str, Any]]]]) -> list[tuple[str, str]]:
    accounts: list[tuple[str, str]] = []
    for node, data in found["developers"]:
        name = _name(node, data)
        accounts += [
            (name, "developers"),
            (f"{name}: escrow", "developers"),
            (f"{name}: grants", "developers"),
        ]
    for place, sector in SECTORS.items():
        accounts += [(_name(node, data), sector) for node, data in found[place]]
    accounts += [(institution, institution) for institution in state.INSTITUTIONS]
    names = [name for name, _ in accounts]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"graph: two agents are named {name!r}; names must differ.")
    return accounts


def _economy(
    graph: nx.MultiDiGraph,
    found: dict[str, list[tuple[Any, dict[str, Any]]]],
    accounts: list[tuple[str, str]],
    developers: Any,
) -> Any:
    table = state.table(state.ECONOMY, 1)
    row = table[0]
    row["alive"] = 1
    alive = developers["alive"] == 1
    row["frontier"] = developers["capability"][alive].max() if alive.any() else 0.0
    row["frontier_next"] = row["frontier"]
    row["frontier_past"] = row["frontier"] - 0.25
    row["frontier_growth"] = 1.1  # OOM/year, 2020-24: 4.97x compute, 3x algorithms
    row["frontier_efficiency"] = (
        developers["efficiency"][alive].max() if alive.any() else EFFICIENCY_2025
    )
    opened = alive & (developers["open_weights"] == 1) & (developers["kind"] != state.PUBLIC_LAB)
    row["open_owner"] = -1
    if opened.any():
        owner = int(np.where(opened, developers["capability"], -1.0).argmax())
        row["open_owner"] = owner
        row["open_frontier"] = developers["capability"][owner]
        row["open_copied"] = developers["copied"][owner]
    row["market_size"] = _figure(graph.graph, "graph", "market_size")
    row["market_growth"] = 1.1  # log, 3x a year in 2023-24
    row["quality"] = row["frontier"]
    row["markup"] = 1.5
    row["expected_saving"] = 0.4
    row["imitation"] = 0.5
    row["compute_premium"] = 1.0
    row["capital_tide"] = 1.0
    node, supplier = found["supplier"][0]
    row["compute_capacity"] = _figure(supplier, _name(node, supplier), "capacity")
    row["training_demand"] = 0.5 * row["compute_capacity"]
    row["lag"] = 8.0
    row["largest_compute"] = CAPABILITY_2025 - EFFICIENCY_2025
    row["fixed_compute"] = CAPABILITY_2025 - EFFICIENCY_2025
    row["efficient_owner"] = -1
    row["release_by"] = -1
    named = graph.graph.get("cheap_release_by")
    for j, (node, data) in enumerate(found["developers"]):
        if named is not None and _name(node, data) == named:
            row["release_by"] = j
    for institution in state.INSTITUTIONS:
        row[institution] = [name for name, _ in accounts].index(institution)
    return table


def _outstanding_release(tables: state.Tables) -> None:
    """The frontier model of the start is one release not yet matched."""
    economy = tables.economy[0]
    leaders = np.flatnonzero(
        (tables.developers["alive"] == 1) & (tables.developers["capability"] == economy["frontier"])
    )
    if len(leaders):
        release = tables.releases[0]
        release["alive"] = 1
        release["developer"] = leaders[0]
        release["month"] = -4
        release["capability"] = economy["frontier"]
        tables.developers[int(leaders[0])]["news_exposed"] = 1.0


def _balances(
    found: dict[str, list[tuple[Any, dict[str, Any]]]],
    accounts: list[tuple[str, str]],
    developers: Any,
) -> Any:
    balance = np.zeros(len(accounts))
    k = 0
    for place in ("developers", *SECTORS):
        for row, (node, data) in enumerate(found[place]):
            if place != "governments":
                balance[k] = max(0.0, _figure(data, _name(node, data), "cash", 0.0))
            if place == "developers":
                record = developers[row]
                if record["run_kind"] != state.IDLE:
                    left = record["run_months_left"] / record["run_months"]
                    balance[k + 1] = record["run_cost"] * left
                k += ACCOUNTS_PER_DEVELOPER
            else:
                k += 1
    names = [name for name, _ in accounts]
    node, supplier = found["supplier"][0]
    balance[names.index("supplier")] = _figure(supplier, "supplier", "cash", 0.0)
    return balance


def _edges(
    graph: nx.MultiDiGraph,
    found: dict[str, list[tuple[Any, dict[str, Any]]]],
    counts: dict[str, int],
    developers: Any,
) -> dict[str, Any]:
    place = {
        node: (table, row)
        for table, rows in found.items()
        for row, (node, _) in enumerate(rows)
    }
    rows: dict[str, dict[tuple[int, int], dict[str, float]]] = {t: {} for t in state.EDGE_TABLES}
    for tail, head, data in graph.edges(data=True):
        kind = EDGE_KINDS.get(data.get("kind", ""))
        names = f"{_name(tail, graph.nodes[tail])!r} to {_name(head, graph.nodes[head])!r}"
        if kind is None:
            raise InputError(
                f"graph edge {names}: kind {data.get('kind')!r} is unknown; allowed are "
                f"{', '.join(EDGE_KINDS)}."
            )
        if place[tail][0] != kind.tail or place[head][0] != kind.head:
            raise InputError(
                f"graph edge {names}: {data['kind']!r} goes from {kind.tail} to {kind.head}, "
                f"not from {place[tail][0]} to {place[head][0]}."
            )
        entry = rows[kind.table].setdefault((place[tail][1], place[head][1]), {})
        if data["kind"] == "stake":
            entry["share"] = _figure(data, names, "share")
            entry["paid"] = _figure(data, names, "paid", 0.0)
        else:
            weight = _figure(data, names, "weight", 1.0)
            if not 0.0 <= weight <= 1.0:
                raise InputError(f"graph edge {names}: weight {weight:g} must be from 0 to 1.")
            entry["weight"] = weight
            entry["cut"] = int(weight == 0.0)  # no rule brings an absent edge to life
    _one_each(rows, "located", found, 1)
    _one_each(rows, "buys", found, 0)
    for (g, j), _ in rows["located"].items():
        developers["government"][j] = g
    out: dict[str, Any] = {}
    for name in state.EDGE_TABLES:
        declared = state.TIES if name == "ties" else state.EDGES
        by_head = name in ("located", "controls")
        keys = sorted(rows[name], key=lambda key: (key[1], key[0]) if by_head else key)
        table = state.table(declared, len(keys))
        for k, key in enumerate(keys):
            table["source"][k], table["target"][k] = key
            for field, value in rows[name][key].items():
                table[field][k] = value
        out[name] = table
    for name, field, count in (
        ("ties", "source", counts["investors"]),
        ("syndicate", "source", counts["investors"]),
        ("observes", "source", counts["developers"]),
        ("sells", "source", counts["developers"]),
        ("targets", "source", counts["hostiles"]),
        ("controls", "target", counts["governments"]),
    ):
        out[f"{name}_of"] = _starts(out[name][field], count)
    order = np.lexsort((out["ties"]["source"], out["ties"]["target"]))
    out["watchers"] = order.astype(np.int64)
    out["watchers_of"] = _starts(out["ties"]["target"], counts["developers"])
    shares = np.bincount(
        out["ties"]["target"], weights=out["ties"]["share"], minlength=counts["developers"]
    )
    if len(shares) and shares.max() > 1.0 + 1e-9:
        name = _name(*found["developers"][int(shares.argmax())])
        raise InputError(f"graph: stakes in {name!r} add up to {shares.max():.3f}, more than 1.")
    return out


def _one_each(
    rows: dict[str, dict[tuple[int, int], dict[str, float]]],
    name: str,
    found: dict[str, list[tuple[Any, dict[str, Any]]]],
    side: int,
) -> None:
    """Every developer has one edge of this kind; a missing one is an edge of weight zero."""
    for j, (node, data) in enumerate(found["developers"]):
        count = sum(1 for key in rows[name] if key[side] == j)
        if count > 1:
            raise InputError(
                f"graph node {_name(node, data)!r}: {count} {name!r} edges; one is allowed."
            )
        if count == 0:
            rows[name][(0, j) if side == 1 else (j, 0)] = {"weight": 0.0, "cut": 1}


def _starts(owners: Any, count: int) -> Any:
    starts = np.zeros(count + 1, dtype=np.int64)
    starts[1:] = np.cumsum(np.bincount(owners, minlength=count)[:count])
    return starts


def write_graph(tables: state.Tables, agents: dict[str, list[Any]]) -> nx.MultiDiGraph:
    """Return the graph of a market as it stands, nodes by the agents' ids.

    Parameters
    ----------
    tables : Tables
    agents : dict
        Mesa agents by table, in row order; None where a row is not in the market.

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
    for kind, edge in EDGE_KINDS.items():
        table = getattr(tables, edge.table)
        value = "share" if kind == "stake" else "weight"
        for k in np.flatnonzero(table[value] > 0.0):
            tail = agents[edge.tail][int(table["source"][k])]
            head = agents[edge.head][int(table["target"][k])]
            if tail is None or head is None:
                continue
            data = {"kind": kind, "weight": float(table[value][k])}
            if kind == "stake":
                data |= {"share": data["weight"], "paid": float(table["paid"][k])}
            graph.add_edge(tail.unique_id, head.unique_id, **data)
    return graph


def empty_indicators(months: int) -> Any:
    """Record array for the indicators of a history."""
    return state.as_table(np.zeros(months, dtype=INDICATOR_TYPE))
