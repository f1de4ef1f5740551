"""Who there can be, and along which edges they meet: the vocabulary of a market graph.

Kinds of agents that share a table act by the same rules; what distinguishes them
is their row here. Each trait is a column of their table (`world.state`), which
says what it means.
"""

from __future__ import annotations

from typing import NamedTuple

from world.state import EDGES, SERVES, TIES, Column

Traits = dict[str, float]


def kinds(text: str) -> dict[str, Traits]:
    """Read a declaration: the first line names the traits, each further one is a kind."""
    head, *rows = (
        [part.strip() for part in line.split("|")] for line in text.strip().splitlines()
    )
    return {
        kind: dict(zip(head[1:], map(float, values), strict=True)) for kind, *values in rows
    }


# A frontier lab sets out to lead, an imitator to follow; a public lab spends grants.
# Seeds of labs: SSI, xAI, 2023-24 (USD).
DEVELOPER_TRAITS = kinds("""
kind         | sells | owned | exposed | lab_pay | lab_team | follows | seed | founders
frontier_lab | 1     | 1     | 1       | 1       | 1        | 0       | 2e9  | 150
imitator     | 1     | 1     | 0       | 0       | 0        | 1       | 5e7  | 60
public_lab   | 0     | 0     | 1       | 1       | 1        | 0       | 0    | 0
""")

INVESTOR_TRAITS = kinds("""
kind           | pooled | rebated
venture_fund   | 1      | 0
crossover_fund | 1      | 0
sovereign_fund | 0      | 0
cloud          | 0      | 1
chip_maker     | 0      | 1
corporate      | 0      | 0
""")

# One of each: their accounts come first, so that rules know them by number.
INSTITUTIONS = ("supplier", "limited_partners", "workers", "economy")
SUPPLIER, LIMITED_PARTNERS, WORKERS, ECONOMY = range(4)

DEVELOPER_KINDS = tuple(DEVELOPER_TRAITS)
INVESTOR_KINDS = tuple(INVESTOR_TRAITS)

TRAITS: dict[str, dict[str, Traits]] = {
    "developers": DEVELOPER_TRAITS,
    "investors": INVESTOR_TRAITS,
    "customers": {"customers": {}},
    "governments": {"government": {}},
    "hostiles": {"hostile_actor": {}},
}
"""Kinds of agents by the table their rows stand in, institutions apart."""


class EdgeTable(NamedTuple):
    """How edges are kept: columns, and at which end stands the agent that looks along them.

    Rows are sorted by that agent; `starts` (``NAME_of`` unless it is named) holds
    the first edge of its row i and, at i+1, the end. `back` names the positions of
    edges in the order of the other end, which ``BACK_of`` indexes. A table of
    `single` edges has one row an agent and needs no index.
    """

    columns: tuple[Column, ...]
    seen_from: str  # "tail" or "head"
    starts: str = ""
    back: str = ""
    single: bool = False


class EdgeKind(NamedTuple):
    """A kind of edge: its table, who points at whom, the figures it carries, meaning."""

    table: str
    tail: str
    head: str
    figures: tuple[str, ...]
    meaning: str


EDGE_TABLES: dict[str, EdgeTable] = {
    "ties": EdgeTable(TIES, "head", starts="watchers_of", back="holdings"),
    "syndicate": EdgeTable(EDGES, "tail"),
    "observes": EdgeTable(EDGES, "tail"),
    "located": EdgeTable(EDGES, "head", single=True),
    "buys": EdgeTable(EDGES, "tail", single=True),
    "sells": EdgeTable(EDGES, "tail"),
    "serves": EdgeTable(SERVES, "tail", back="served_by"),
    "lives": EdgeTable(EDGES, "tail"),
    "targets": EdgeTable(EDGES, "tail"),
    "controls": EdgeTable(EDGES, "head"),
}

WEIGHT = ("weight",)
EDGE_KINDS: dict[str, EdgeKind] = {
    "watches": EdgeKind("ties", "investors", "developers", WEIGHT, "can fund; hears its news"),
    "stake": EdgeKind("ties", "investors", "developers", ("share", "paid"), "owns a share"),
    "syndicate": EdgeKind("syndicate", "investors", "investors", WEIGHT, "listens to"),
    "observes": EdgeKind("observes", "developers", "developers", WEIGHT, "can query or distil"),
    "located": EdgeKind("located", "governments", "developers", WEIGHT, "governs"),
    "buys": EdgeKind("buys", "developers", "supplier", WEIGHT, "access to compute"),
    "sells": EdgeKind("sells", "developers", "governments", WEIGHT, "presence in its market"),
    "serves": EdgeKind("serves", "developers", "customers", WEIGHT, "how well its products suit them"),
    "lives": EdgeKind("lives", "customers", "governments", WEIGHT, "their part of its demand"),
    "targets": EdgeKind("targets", "hostiles", "developers", WEIGHT, "can copy, download or rob"),
    "controls": EdgeKind("controls", "governments", "governments", WEIGHT, "controls exports to"),
}
