"""Edges of a generated world: investors' ties have the chosen shape, the others follow size and place.

An agent looks along at most so many edges of a kind, however large the world.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import networkx as nx
import numpy as np

from world.files.market_graph import INSTITUTION_NAMES, connect
from world.files.shapes import SHAPES
from world.files.synthetic_agents import CHINA, CHINESE, FITS, LIVES, Agent, bloc_of

if TYPE_CHECKING:
    from collections.abc import Iterable

CAP = 30  # most edges of a kind that an agent looks along


def connect_investors(
    world: nx.MultiDiGraph,
    developers: list[Agent],
    slots: list[Agent],
    investors: list[Agent],
    shape: str,
    rng: np.random.Generator,
) -> None:
    """One shaping graph per bloc gives both who follows whom and who listens to whom."""
    for bloc in ("West", "China"):
        built = [d for d in developers if bloc_of(d) == bloc and d["kind"] != "public_lab"]
        reserved = [s for s in slots if bloc_of(s) == bloc]
        backers = [i for i in investors if bloc_of(i) == bloc]
        if not backers:
            continue
        ties = _shaped_ties(_by_centrality(built, backers, shape, rng), shape, rng)
        names = {i["name"] for i in backers}
        _connect_syndicates(world, names, ties)
        watches = [
            (a, b) if a in names else (b, a) for a, b in ties if (a in names) != (b in names)
        ]
        watches = capped(watches + _entrant_watches(backers, reserved, rng))
        watches += _missing_watches(backers, built, reserved, watches, rng)
        for investor, developer in watches:
            connect(world, "watches", investor, developer, weight=0.5)
    _connect_stakes(world, developers, rng)


def _by_centrality(
    built: list[Agent], backers: list[Agent], shape: str, rng: np.random.Generator
) -> list[str]:
    """Names in the order of the shaping graph's nodes: by size where it has a centre."""
    if shape in ("random", "small_world"):
        names = [a["name"] for a in built + backers]
        return [names[k] for k in rng.permutation(len(names))]
    leaders = sorted(built, key=lambda d: -d["revenue"])
    large = sorted(backers, key=lambda i: -i["cash"])
    half = max(1, min(len(leaders), 8))
    order = [*leaders[:half], *large[: 2 * half], *leaders[half:], *large[2 * half :]]
    return [a["name"] for a in order]


def _shaped_ties(names: list[str], shape: str, rng: np.random.Generator) -> list[tuple[str, str]]:
    n = len(names)
    seed = int(rng.integers(2**31))  # networkx takes the same integer the same way everywhere
    drawn = nx.complete_graph(n) if n <= 4 else SHAPES[shape](n, seed)
    return [(names[a], names[b]) for a, b in sorted(drawn.edges())]


def _connect_syndicates(
    world: nx.MultiDiGraph, investors: set[str], ties: list[tuple[str, str]]
) -> None:
    for one, other in capped((a, b) for a, b in ties if a in investors and b in investors):
        connect(world, "syndicate", one, other, weight=1.0)
        connect(world, "syndicate", other, one, weight=1.0)


def capped(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Keep pairs, each once, while neither end has reached `CAP`."""
    degree: dict[str, int] = {}
    kept: dict[tuple[str, str], None] = {}
    for a, b in pairs:
        if (a, b) not in kept and degree.get(a, 0) < CAP and degree.get(b, 0) < CAP:
            kept[a, b] = None
            degree[a] = degree.get(a, 0) + 1
            degree[b] = degree.get(b, 0) + 1
    return list(kept)


def _missing_watches(
    backers: list[Agent],
    built: list[Agent],
    reserved: list[Agent],
    watches: list[tuple[str, str]],
    rng: np.random.Generator,
) -> list[tuple[str, str]]:
    """Give every developer a follower and every investor somebody to follow, past the cap."""
    seen = {name for pair in watches for name in pair}
    added = [(_pick(backers, rng), d["name"]) for d in built + reserved if d["name"] not in seen]
    seen |= {investor for investor, _ in added}
    followed = built or reserved
    if followed:
        added += [(i["name"], _pick(followed, rng)) for i in backers if i["name"] not in seen]
    return added


def _pick(agents: list[Agent], rng: np.random.Generator) -> str:
    return str(agents[int(rng.integers(len(agents)))]["name"])


def _entrant_watches(
    backers: list[Agent], reserved: list[Agent], rng: np.random.Generator
) -> list[tuple[str, str]]:
    """Up to five funds hear of each entrant."""
    funds = [i for i in backers if i["kind"] == "venture_fund"] or backers
    return [
        (funds[k]["name"], slot["name"])
        for slot in reserved
        for k in rng.choice(len(funds), size=min(5, len(funds)), replace=False)
    ]


def _connect_stakes(
    world: nx.MultiDiGraph, developers: list[Agent], rng: np.random.Generator
) -> None:
    """Up to five followers own 20 to 60 % of a developer, bought at half its value.

    Value is 25 times revenue, within 20-55 observed at the leaders, and at least 1e8 USD.
    """
    for developer in developers:
        name = developer["name"]
        owners = [i for i, _, kind in world.in_edges(name, keys=True) if kind == "watches"][:5]
        if not owners:
            continue
        outside = 0.2 + 0.4 * float(rng.random())
        value = max(1e8, 25.0 * developer["revenue"])
        for owner, part in zip(owners, rng.dirichlet(np.full(len(owners), 2.0)), strict=True):
            share = max(1e-6, outside * float(part))
            connect(world, "stake", owner, name, share=share, paid=0.5 * share * value)
            world.edges[owner, name, "watches"]["weight"] = 1.0


def connect_developers(
    world: nx.MultiDiGraph,
    developers: list[Agent],
    slots: list[Agent],
    nations: list[Agent],
    rng: np.random.Generator,
) -> None:
    """Where developers live, buy compute and sell, and whom they can query."""
    everyone = developers + slots
    leaders = [d["name"] for d in sorted(developers, key=lambda d: -d["capability"])[: CAP // 2]]
    names = [d["name"] for d in everyone]
    markets = [g["name"] for g in nations]
    for developer in everyone:
        name, home = developer["name"], developer["jurisdiction"]
        connect(world, "located", home, name, weight=1.0)
        connect(world, "buys", name, INSTITUTION_NAMES["supplier"], weight=1.0)
        for other in _observed(name, leaders, names, rng):
            connect(world, "observes", name, other, weight=1.0)
        if developer["kind"] == "public_lab":
            continue
        # The largest markets and its own: never more than four.
        for market in dict.fromkeys([home, *markets[:4]][: 4 + (home in markets[:4])]):
            connect(world, "sells", name, market, weight=_access(home, market))


def _observed(
    name: str, leaders: list[str], names: list[str], rng: np.random.Generator
) -> list[str]:
    """Whom a developer can query: everyone in a small world, else leaders and a sample."""
    if len(names) <= CAP + 1:
        return [other for other in names if other != name]
    sample = rng.choice(len(names), size=CAP + 1, replace=False)
    known = dict.fromkeys([*leaders, *(names[k] for k in sample)])
    return [other for other in known if other != name][:CAP]


def _access(home: str, market: str) -> float:
    """Weight of `sells`: the 2025 world's barriers between China and the others."""
    if home == CHINA and market in ("United States", "European Union"):
        return 0.5
    return 0.1 if market == CHINA and home != CHINA else 1.0


def connect_customers(
    world: nx.MultiDiGraph, customers: list[Agent], sellers: list[Agent], nations: list[Agent]
) -> None:
    """Where customers live, and whom developers suit: the one kind, the other, or both alike."""
    names = [c["name"] for c in customers]
    for name in names:
        for nation in nations:
            if (name == CHINESE) == (nation["name"] == CHINA):
                connect(world, "lives", name, nation["name"], weight=LIVES[name])
    for number, developer in enumerate(d for d in sellers if d["kind"] != "public_lab"):
        fits = (*FITS[number % len(FITS)], 1.0)
        for name, fit in zip(names, fits, strict=False):
            connect(world, "serves", developer["name"], name, weight=fit)


def connect_hostiles(
    world: nx.MultiDiGraph,
    developers: list[Agent],
    hostiles: list[Agent],
    rng: np.random.Generator,
) -> None:
    """Each hostile actor can turn on a sample of the developers."""
    for hostile in hostiles:
        reach = min(CAP, len(developers))
        for k in sorted(rng.choice(len(developers), size=reach, replace=False)):
            connect(world, "targets", hostile["name"], developers[k]["name"], weight=1.0)


def connect_governments(world: nx.MultiDiGraph, homes: list[str]) -> None:
    """Export control from the United States to China; room for later policy elsewhere."""
    for one in homes[:3]:
        for other in homes[:3]:
            if one != other:
                weight = 0.3 if (one, other) == ("United States", CHINA) else 0.0
                connect(world, "controls", one, other, weight=weight)
