"""What the page shows, as plain lists: read from the tables, rounded, never computed anew."""

from __future__ import annotations

from typing import Any

import numpy as np

from agents import KINDS
from experiments.report.layout import places
from experiments.report.palette import (
    INSTITUTION_COLOUR,
    INSTITUTION_SHAPE,
    INVESTOR_COLOUR,
    KIND_COLOURS,
    KIND_SHAPES,
    PALETTE,
)
from experiments.report.story import TOLD
from model import STANDARD
from model.observe import INDICATORS
from model.regimes import CRITERIA, REGIMES, regime_of
from model.scenario import Scenario, shipped
from page.history import OFFERED_WORLDS, History
from page.limits import LARGEST_FILE, MOST_MEMBERS
from world.calendar import month_label
from world.journal import EVENTS
from world.kinds import EDGE_KINDS, INSTITUTIONS, INVESTOR_KINDS
from world.ledger import FLOWS
from world.parameters import PARAMETERS

# Which indicators share a picture, and how (bars stand on a log scale); words and units are
# the indicators' own.
PANELS = (
    ("Capability", ("frontier_capability", "follower_capability"), "linear"),
    ("Gap to followers", ("gap",), "linear"),
    ("Imitation lag", ("imitation_lag",), "linear"),
    ("Dearest run", ("run_cost",), "log"),
    ("Revenue", ("revenue", "leader_revenue"), "log"),
    ("Margins", ("gross_margin", "leader_margin"), "linear"),
    ("Markup", ("markup",), "linear"),
    ("Capital raised", ("capital_raised",), "bars"),
    ("Values", ("equity", "leader_value", "supplier_value"), "log"),
    ("Imitation hazard", ("hazard", "felt_hazard"), "linear"),
    ("Belief in imitation", ("imitation_belief",), "linear"),
    ("Public share", ("public_share",), "linear"),
    ("Incidents", ("incidents",), "linear"),
)
# Investors' own beliefs behind an indicator of their mean: column of their table.
SPREADS = {"hazard": "hazard", "imitation_belief": "imitation"}

# What a node's size can show: the column by table; cash is the balance of its account.
SIZES = {
    "valuation": {"developers": "valuation", "investors": "book", "supplier": "supplier_value"},
    "cash": {},
    "capability": {"developers": "capability", "governments": "best", "hostiles": "capability"},
    "compute": {"developers": "outlay"},
}
# Figures on an agent's card; the pinned agent shows all its columns.
HEADLINES = {
    "developers": ("capability", "efficiency", "revenue", "valuation", "run_cost",
                   "researchers", "believed_hazard"),
    "investors": ("hazard", "imitation", "book", "sentiment", "invested"),
    "governments": ("public_research", "ip_strength", "safety_rules", "harm"),
    "customers": ("spends", "quality", "markup"),
    "hostiles": ("capability", "income", "incidents"),
    "industry": ("market_size", "frontier", "supplier_value", "compute_premium"),
}  # fmt: skip

# Rows of the timeline: which events each marks.
MARKS = {
    "Releases": ("frontier_release", "release", "weights_opened"),
    "Copies": ("copy_release",),
    "Shocks": ("surprise",),
    "Failed rounds": ("round_failed",),
    "Exits": ("exit",),
    "Policy": ("public_research", "ip_strength", "export_control", "export_relaxed",
               "safety_rules", "intervention"),
    "Incidents": ("incident", "accident", "hostile_theft"),
}  # fmt: skip


def rounded(values: Any, digits: int = 4) -> list[float | None]:
    """Plain numbers of so many significant digits; what is not finite becomes None."""
    return [
        float(f"{x:.{digits}g}") if np.isfinite(x) else None
        for x in np.asarray(values, dtype=float).tolist()
    ]


def words(name: str) -> str:
    """A declared name as a reader sees it."""
    return name.replace("_", " ")


def declarations() -> dict[str, Any]:
    """Everything declared that the page shows: sent once."""
    return {
        "indicators": {c.name: [c.unit, c.meaning] for c in INDICATORS},
        "panels": [list(panel) for panel in PANELS],
        "spreads": list(SPREADS),
        "parameters": [p._asdict() for p in PARAMETERS],
        "kinds": {kind: _look(kind) for kind in KINDS},
        "edges": {kind: edge.meaning for kind, edge in EDGE_KINDS.items()},
        "sizes": list(SIZES),
        "events": list(dict.fromkeys(event.name for event in EVENTS)),
        "told": list(TOLD),
        "marks": {row: list(events) for row, events in MARKS.items()},
        "flows": [[words(flow.name), flow.meaning] for flow in FLOWS],
        "scenarios": [[name, Scenario.load(name).summary] for name in shipped()],
        "worlds": list(OFFERED_WORLDS),
        "largest_file": LARGEST_FILE,
        "most_members": MOST_MEMBERS,
        "regimes": list(REGIMES),
        "palette": list(PALETTE),
    }


def _look(kind: str) -> dict[str, str]:
    colour = INSTITUTION_COLOUR if kind in INSTITUTIONS else INVESTOR_COLOUR
    return {
        "label": words(kind),
        "colour": KIND_COLOURS.get(kind, colour),
        "shape": KIND_SHAPES.get(kind, INSTITUTION_SHAPE),
        "group": "investor" if kind in INVESTOR_KINDS else
                 "institution" if kind in INSTITUTIONS else words(kind),
    }  # fmt: skip


# --- the graph ---------------------------------------------------------------------------


def nodes_of(history: History) -> list[tuple[str, int]]:
    """Every agent that is or may come to be in the market: table and row."""
    names = history.market.roster.names
    return [(place, row) for place in names for row in range(len(names[place]))]


def structure(history: History) -> dict[str, Any]:
    """The graph's nodes with their places and all its edges: sent once a market."""
    tables, roster = history.market.tables, history.market.roster
    at = places(tables)
    nodes = nodes_of(history)
    first: dict[str, int] = {}
    for k, (place, row) in enumerate(nodes):
        first.setdefault(place, k - row)
    opening = history.edges_at(-1)
    edges = {}
    for kind, edge in EDGE_KINDS.items():
        table = getattr(tables, edge.table)
        edges[kind] = [
            (np.asarray(table["source"]) + first[edge.tail]).tolist(),
            (np.asarray(table["target"]) + first[edge.head]).tolist(),
            rounded(opening[kind]),
        ]
    return {
        "names": [roster.names[place][row] for place, row in nodes],
        "kinds": [roster.kinds[place][row] for place, row in nodes],
        "x": [round(float(at[place][row][0]), 4) for place, row in nodes],
        "y": [round(float(at[place][row][1]), 4) for place, row in nodes],
        "edges": edges,
        "start": roster.start,
    }


def graph_at(history: History, month: int) -> dict[str, Any]:
    """The graph at a month's end: who is in it, sizes, weights that differ from the opening."""
    alive: list[int] = []
    sizes: dict[str, list[float | None]] = {name: [] for name in SIZES}
    balance = history.market.ledger.balances[month + 1]
    for place, names in history.market.roster.names.items():
        institution = place in INSTITUTIONS
        table = history.table_at("industry" if institution else place, month)
        alive += [1] * len(names) if institution else np.asarray(table["alive"]).tolist()
        account = [INSTITUTIONS.index(place)] if institution else table["account"]
        for name, columns in SIZES.items():
            if name == "cash":
                values = balance[account]
            elif place in columns:
                values = table[columns[place]]
            else:
                values = np.full(len(names), np.nan)
            sizes[name] += rounded(values)
    opening, before = history.edges_at(-1), history.edges_at(month - 1)
    now = history.edges_at(month)
    changed = {}
    for kind, weights in now.items():
        rows = np.flatnonzero(weights != opening[kind])
        if len(rows):
            changed[kind] = [rows.tolist(), rounded(weights[rows])]
    grown = np.flatnonzero(now["stake"] > before["stake"] + 1e-9)
    investors = history.table_at("investors", month)
    return {
        "alive": alive,
        "sizes": sizes,
        "weights": changed,
        "grown": grown.tolist(),
        "beliefs": {name: rounded(investors[column]) for name, column in SPREADS.items()},
    }


def card(history: History, name: str, month: int, whole: bool) -> dict[str, Any] | None:
    """One agent's figures at a month, its last decision; if `whole`, its past and neighbours."""
    nodes = nodes_of(history)
    roster = history.market.roster
    names = [roster.names[place][row] for place, row in nodes]
    if name not in names:
        return None
    place, row = nodes[names.index(name)]
    source = "industry" if place in INSTITUTIONS else place
    table = history.table_at(source, month)
    account = INSTITUTIONS.index(place) if place in INSTITUTIONS else int(table["account"][row])
    columns = {c.name: c for c in STANDARD.columns[source]}
    shown = [c for c in columns.values() if whole or c.name in HEADLINES[source]]
    last = next((e for e in reversed(history.events) if e.actor == name and e.month <= month), None)
    found: dict[str, Any] = {
        "name": name,
        "kind": roster.kinds[place][row],
        "alive": 1 if place in INSTITUTIONS else int(table["alive"][row]),
        "figures": [
            ["cash", "USD", "balance of its account",
             *rounded(history.market.ledger.balances[month + 1][[account]])],
            *([words(c.name), c.unit, c.meaning, *rounded(table[c.name][[row]])] for c in shown
              if c.name not in ("alive", "account", "kind", "government")),
        ],
        "last": [last.month, last.sentence] if last else None,
        "whole": whole,
    }  # fmt: skip
    if whole:
        found["neighbours"] = _neighbours(history, names.index(name), names, month)
        found["past"] = _past(history, source, row, account, month)
    return found


def _past(history: History, source: str, row: int, account: int, month: int) -> list[Any]:
    """Whole paths of the agent's headline figures."""
    columns = [c for c in STANDARD.columns[source] if c.name in HEADLINES[source]]
    months = range(month + 1)
    balances = history.market.ledger.balances
    return [
        ["cash", "USD", rounded([balances[t + 1][account] for t in months])],
        *(
            [words(c.name), c.unit,
             rounded([history.table_at(source, t)[c.name][row] for t in months])]
            for c in columns
        ),
    ]  # fmt: skip


def _neighbours(history: History, node: int, names: list[str], month: int) -> list[Any]:
    found = []
    lines = structure_edges(history)
    for kind, weights in history.edges_at(month).items():
        source, target = lines[kind]
        for ends, others, way in ((source, target, "out"), (target, source, "in")):
            for k in np.flatnonzero((ends == node) & (weights > 0.0)):
                found.append([kind, way, names[int(others[k])], *rounded(weights[[k]])])
    return sorted(found, key=lambda row: (row[0], row[1], -row[3]))


def structure_edges(history: History) -> dict[str, tuple[Any, Any]]:
    """Node numbers at both ends of every edge, by kind."""
    first, count = {}, 0
    for place, names in history.market.roster.names.items():
        first[place] = count
        count += len(names)
    return {
        kind: (
            np.asarray(getattr(history.market.tables, edge.table)["source"]) + first[edge.tail],
            np.asarray(getattr(history.market.tables, edge.table)["target"]) + first[edge.head],
        )
        for kind, edge in EDGE_KINDS.items()
    }


# --- time --------------------------------------------------------------------------------


def rows(history: History, since: int) -> list[list[float | None]]:
    """Indicators of the months from `since`, in the order of their declaration."""
    table = np.asarray(history.market.indicators())[since:]
    return [rounded(row, 6) for row in (table[c.name] for c in INDICATORS)] if len(table) else []


def spreads(history: History, since: int) -> dict[str, list[list[float | None]]]:
    """5 and 95 % of investors' own beliefs in the months from `since`."""
    found: dict[str, list[list[float | None]]] = {}
    for name, column in SPREADS.items():
        months = [
            np.quantile(table[column], (0.05, 0.95)) if len(table) else (np.nan, np.nan)
            for table in (history.table_at("investors", t) for t in range(since, history.months))
        ]
        found[name] = [rounded([m[0] for m in months]), rounded([m[1] for m in months])]
    return found


def events(history: History, since: int) -> list[list[Any]]:
    """The story from the event numbered `since`."""
    return [list(event) for event in history.events[since:]]


def regime(history: History, month: int) -> dict[str, Any] | None:
    """What the history has turned out to be up to a month, and the figures that say so."""
    if month < 0:
        return None
    market = history.market
    found = regime_of(market.indicators()[: month + 1], before=market.roster.before)
    start = history.market.roster.start
    return {
        "kind": found.kind,
        "onset": month_label(start, found.onset) if found.onset >= 0 else "",
        "evidence": [[words(k), float(f"{v:.4g}")] for k, v in found.evidence.items()],
        "criteria": [[words(k), v] for k, v in CRITERIA._asdict().items()],
    }


# --- money -------------------------------------------------------------------------------


def money(history: History, month: int) -> dict[str, Any] | None:
    """Payments between sectors in the 12 months to a month's end [USD], from the ledger.

    `received` less `paid` must equal `change`, which is read from the balances.
    """
    if month < 0:
        return None
    ledger = history.market.ledger
    first = max(0, month - 11)
    entries = np.concatenate(ledger.entries[first : month + 1])
    sectors = list(dict.fromkeys(ledger.sectors))
    code = np.array([sectors.index(s) for s in ledger.sectors])
    payer, payee = code[entries["payer"]], code[entries["payee"]]
    between = payer != payee
    totals = np.zeros((len(FLOWS), len(sectors), len(sectors)))
    np.add.at(
        totals, (entries["flow"][between], payer[between], payee[between]), entries["amount"][between]
    )
    change = np.bincount(
        code, weights=ledger.balances[month + 1] - ledger.balances[first], minlength=len(sectors)
    )
    return {
        "from": month_label(history.market.roster.start, first),
        "to": month_label(history.market.roster.start, month),
        "sectors": [words(s) for s in sectors],
        "flows": [
            [int(f), int(a), int(b), float(f"{totals[f, a, b]:.12g}")]
            for f, a, b in zip(*np.nonzero(totals), strict=True)
        ],
        "received": totals.sum(axis=(0, 1)).tolist(),
        "paid": totals.sum(axis=(0, 2)).tolist(),
        "change": change.tolist(),
    }


