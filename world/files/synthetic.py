"""Generate worlds of any size: figures around those of 2025, ties of a chosen shape.

A larger world is more of the same world: money, market and compute grow with the
number of frontier labs above eight, and the edges grow in proportion to the agents.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np

from world.errors import InputError
from world.files.read import (
    INSTITUTION_NAMES,
    add_agents,
    add_institutions,
    connect,
    empty_slot,
    no_run,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

Agent = dict[str, Any]

CAP = 30  # most edges of a kind that an agent looks along
DEGREE = 12  # mean number of ties of an investor or developer in the shaping graph
USUAL_LABS = 8  # frontier labs of a world of the usual size

# name, gdp [USD/year], market share, public AI research [USD/year], IP strength, court reach:
# the 2025 world's; further governments repeat the last with a tenth of its weight.
NATIONS = (
    ("United States", 29e12, 0.45, 3.3e9, 0.15, 0.9),
    ("China", 19e12, 0.2, 3.0e9, 0.1, 0.25),
    ("European Union", 20e12, 0.2, 1.5e9, 0.15, 0.8),
    ("Rest of world", 40e12, 0.15, 1.0e9, 0.1, 0.4),
)
CHINA = "China"
# Where agents live, in turn (row of the government): shares near those of 2025.
LAB_HOMES = (0, 0, 0, 0, 0, 2, 1, 0)
IMITATOR_HOMES = (1, 0, 1, 2, 1, 3, 1, 0, 1, 2)
INVESTOR_HOMES = (0, 0, 1, 0, 0, 2, 0, 3)
STRATEGIC_KINDS = ("cloud", "chip_maker", "corporate")
STRATEGIC_MONEY = {"cloud": 12e9, "chip_maker": 4e9, "corporate": 3e9}
LAB_BRANDS = (3.0, 1.5, 1.6, 0.8, 0.8, 0.6, 0.5, 0.5)


# --- the public door ---------------------------------------------------------------------


def synthetic_world(
    frontier_labs: int = 8,
    imitators: int = 20,
    venture_funds: int = 40,
    strategic_investors: int = 6,
    governments: int = 4,
    hostile_actors: int = 10,
    entrant_slots: int = 12,
    graph: str = "core_periphery",
    seed: int = 0,
) -> nx.MultiDiGraph:
    """Return the market graph of a generated world.

    Parameters
    ----------
    frontier_labs, governments : int
        At least one.
    imitators, venture_funds, strategic_investors, hostile_actors, entrant_slots : int
        Zero or more.
    graph : {"random", "small_world", "scale_free", "core_periphery"}
        Shape of who follows whom (`watches`) and who listens to whom (`syndicate`).
    seed : int
        Zero or more; the same arguments give the same world.

    Returns
    -------
    networkx.MultiDiGraph
        The vocabulary of `read_world`.

    Raises
    ------
    InputError
        An argument that is not a whole number in range, or an unknown shape.
    """
    counts = {
        "frontier_labs": (frontier_labs, 1),
        "imitators": (imitators, 0),
        "venture_funds": (venture_funds, 0),
        "strategic_investors": (strategic_investors, 0),
        "governments": (governments, 1),
        "hostile_actors": (hostile_actors, 0),
        "entrant_slots": (entrant_slots, 0),
        "seed": (seed, 0),
    }
    for name, (value, low) in counts.items():
        _check_count(name, value, low)
    if not isinstance(graph, str) or graph not in SHAPES:
        raise InputError(
            f"synthetic world, graph: {graph!r} is unknown; allowed are {', '.join(SHAPES)}."
        )
    # One stream per purpose: more hostile actors leave the investors' ties as they were.
    streams = [np.random.default_rng(s) for s in np.random.SeedSequence(int(seed)).spawn(5)]
    scale = max(1.0, frontier_labs / USUAL_LABS)
    nations = _governments(governments)
    homes = [nation["name"] for nation in nations]
    developers = _developers(frontier_labs, imitators, homes, 1e10 * scale, streams[0])
    slots = _slots(entrant_slots, homes)
    settled = {_bloc(d) for d in developers + slots if d["kind"] != "public_lab"}
    investors = _investors(venture_funds, strategic_investors, homes, settled, scale, streams[1])
    hostiles = _hostiles(hostile_actors, streams[2])

    world = nx.MultiDiGraph(
        name=f"synthetic {graph}",
        start="2025-01",
        market_size=math.fsum(d["revenue"] for d in developers),
    )
    for agents in (nations, developers, slots, investors, hostiles):
        add_agents(world, agents)
    add_institutions(world, {"cash": 2e10 * scale, "capacity": 1.8e10 * scale})
    _connect_investors(world, developers, slots, investors, graph, streams[3])
    _connect_developers(world, developers, slots, nations, streams[4])
    _connect_hostiles(world, developers + slots, hostiles, streams[4])
    _connect_governments(world, homes)
    return world


def named_world(name: str) -> nx.MultiDiGraph:
    """Return a generated world by name: ``"synthetic SHAPE"`` or ``"synthetic SHAPE AGENTS"``.

    The kinds of agents keep the proportions of the usual world; there are always four
    governments. `InputError` if the shape is unknown or AGENTS is not a whole number from 20.
    """
    words = name.split()
    agents = words[2] if len(words) == 3 else "88"
    if not 2 <= len(words) <= 3 or words[1] not in SHAPES or not agents.isdecimal():
        raise InputError(
            f"world: {name!r} is unknown; write synthetic SHAPE AGENTS, with a shape of "
            f"{', '.join(SHAPES)}."
        )
    if not 20 <= int(agents) <= 20_000:
        raise InputError(f"world: {name!r} must have from 20 to 20000 agents.")
    scale = (int(agents) - 4) / 84
    usual = {"frontier_labs": 8, "imitators": 20, "venture_funds": 40, "strategic_investors": 6,
             "hostile_actors": 10, "entrant_slots": 12}  # fmt: skip
    sizes = {kind: max(1, round(count * scale)) for kind, count in usual.items()}
    return synthetic_world(graph=words[1], **sizes)


def _check_count(name: str, value: Any, low: int) -> None:
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    high = 2**63 if name == "seed" else 1_000_000
    if not whole or not low <= value <= high:
        raise InputError(
            f"synthetic world, {name}: {value!r} is not allowed; "
            f"allowed is a whole number from {low} to {high}."
        )


# --- agents ------------------------------------------------------------------------------


def _governments(count: int) -> list[Agent]:
    rows = [NATIONS[g] if g < len(NATIONS) else _small_nation(g) for g in range(count)]
    market = math.fsum(row[2] for row in rows)
    return [
        {
            "name": name,
            "kind": "government",
            "gdp": gdp,
            "market_share": share / market,
            "public_research": research,
            "ip_strength": strength,
            "court_reach": reach,
        }
        for name, gdp, share, research, strength, reach in rows
    ]


def _small_nation(g: int) -> tuple[str, float, float, float, float, float]:
    _, gdp, share, research, strength, reach = NATIONS[-1]
    return f"Government {g + 1}", gdp / 10, share / 10, research / 10, strength, reach


def _home(homes: Sequence[str], pattern: Sequence[int], number: int) -> str:
    place = pattern[number % len(pattern)]
    return homes[place] if place < len(homes) else homes[0]


def _bloc(agent: Agent) -> str:
    return "China" if agent["jurisdiction"] == CHINA else "West"


def _developers(
    labs: int, imitators: int, homes: list[str], market: float, rng: np.random.Generator
) -> list[Agent]:
    built = [_lab(j, homes, rng) for j in range(labs)]
    built += [_imitator(j, homes, rng) for j in range(imitators)]
    best = max(d["capability"] for d in built)
    appeal = [d["brand"] * 10 ** (d["capability"] - best) for d in built]
    for developer, weight in zip(built, appeal, strict=True):
        developer["revenue"] = market * weight / math.fsum(appeal)
    return built + [_public_lab(home) for home in homes[:3]]


def _developer(name: str, kind: str, home: str, **columns: Any) -> Agent:
    base = {"name": name, "kind": kind, "jurisdiction": home, "alive": 1, "revenue": 0.0}
    return base | no_run() | columns


def _lab(j: int, homes: list[str], rng: np.random.Generator) -> Agent:
    """A frontier lab with a run under way; the lead and the money thin out with rank."""
    rank = min(j, 8)
    u_capability, u_efficiency, u_cost = (float(u) for u in rng.random(3))
    opens = j % USUAL_LABS == USUAL_LABS - 1
    capability = 28.1 if opens else 28.8 - 0.05 * rank - 0.15 * u_capability * (j > 0)
    efficiency = 2.25 - 0.15 * u_efficiency
    cost = 10**8.8 * (0.8 + 0.8 * u_cost) * (1.2 - 0.1 * rank)
    scratch = math.log10(cost) + efficiency + 17.8
    return _developer(
        f"Lab {j + 1}",
        "frontier_lab",
        _home(homes, LAB_HOMES, j),
        capability=capability,
        efficiency=efficiency,
        researchers=1000.0 * (1.3 - 0.08 * rank),
        cash=3e9 * (1.5 - 0.12 * rank),
        brand=LAB_BRANDS[min(j, len(LAB_BRANDS) - 1)],
        open_weights=int(opens),
        clever=1,
        copied=0,
        run_kind="lead",
        run_target=min(capability + 0.6, max(capability + 0.1, scratch)),
        run_months_left=int(rng.integers(1, 7)),
        run_cost=cost,
    )


def _imitator(j: int, homes: list[str], rng: np.random.Generator) -> Agent:
    """An imitator; 15 % are clever, 60 % open their weights, a third have a copy under way."""
    u_capability, u_efficiency, u_staff, u_clever, u_open, u_run, u_cost = (
        float(u) for u in rng.random(7)
    )
    clever = u_clever < 0.15
    run = {
        "run_kind": "follow",
        "run_target": 28.0 + 0.4 * u_cost,
        "run_months_left": int(rng.integers(2, 6)),
        "run_cost": 2e6 + 8e6 * u_cost,
    }
    return _developer(
        f"Imitator {j + 1}",
        "imitator",
        _home(homes, IMITATOR_HOMES, j),
        capability=27.4 + 0.3 * u_capability,
        efficiency=2.1 + 0.15 * u_efficiency if clever else 1.9 + 0.25 * u_efficiency,
        researchers=100.0 + 150.0 * u_staff,
        cash=5e7 * math.exp(0.8 * float(rng.standard_normal())),
        brand=0.15,
        open_weights=int(u_open < 0.6),
        clever=int(clever),
        copied=int(not clever),
        **(run if u_run < 1 / 3 else {}),
    )


def _public_lab(home: str) -> Agent:
    return _developer(
        f"{home}: public laboratory",
        "public_lab",
        home,
        capability=27.0,
        efficiency=1.9,
        researchers=200.0,
        cash=1e8,
        brand=0.05,
        open_weights=0,
        clever=0,
        copied=0,
    )


def _slots(count: int, homes: list[str]) -> list[Agent]:
    kinds = ("imitator", "frontier_lab", "imitator")
    patterns = {"frontier_lab": LAB_HOMES, "imitator": IMITATOR_HOMES}
    return [
        empty_slot(j + 1, kinds[j % 3], _home(homes, patterns[kinds[j % 3]], j))
        for j in range(count)
    ]


def _investors(
    funds: int,
    strategic: int,
    homes: list[str],
    settled: set[str],
    scale: float,
    rng: np.random.Generator,
) -> list[Agent]:
    """Funds of log-normal size with 90e9 USD between them, and strategic investors."""
    sizes = np.exp(rng.standard_normal(funds))
    investors = [
        _investor(f"Fund {i + 1}", "venture_fund", i, homes, 9e10 * scale * float(size), 0.5)
        for i, size in enumerate(sizes / max(1e-9, float(sizes.sum())))
    ]
    per_agent = scale * 6 / max(6, strategic)  # six of them in a world of the usual size
    for i in range(strategic):
        kind = STRATEGIC_KINDS[i % len(STRATEGIC_KINDS)]
        money = STRATEGIC_MONEY[kind] * per_agent * math.exp(0.4 * float(rng.standard_normal()))
        investors.append(_investor(f"Strategic {i + 1}", kind, i, homes, money, 0.8))
    for investor in investors:
        if _bloc(investor) not in settled:  # nobody there to invest in
            investor["jurisdiction"] = homes[0]
    return investors


def _investor(
    name: str, kind: str, number: int, homes: list[str], cash: float, yearly: float
) -> Agent:
    home = _home(homes, INVESTOR_HOMES, number)
    columns = {"cash": cash, "allowance": yearly * cash}
    return {"name": name, "kind": kind, "jurisdiction": home} | columns


def _hostiles(count: int, rng: np.random.Generator) -> list[Agent]:
    hostiles = []
    for k in range(count):
        income = float(np.clip(1e6 * math.exp(float(rng.standard_normal())), 1e5, 3e6))
        columns = {"income": income, "capability": 26.8 + 0.4 * float(rng.random())}
        name = f"Hostile actor {k + 1}"
        hostiles.append({"name": name, "kind": "hostile_actor", "cash": 6 * income} | columns)
    return hostiles


# --- shapes: a graph of n nodes, the most central first where some are ------------------------


def random_shape(n: int, seed: int) -> nx.Graph:
    """Every tie equally likely (Gilbert 1959)."""
    return nx.fast_gnp_random_graph(n, min(1.0, DEGREE / max(1, n - 1)), seed=seed)


def small_world_shape(n: int, seed: int) -> nx.Graph:
    """Neighbours on a ring, a fifth of the ties rewired (Watts and Strogatz 1998)."""
    return nx.watts_strogatz_graph(n, min(DEGREE, n - 1), 0.2, seed=seed)


def scale_free_shape(n: int, seed: int) -> nx.Graph:
    """Newcomers tie to whom others tie to (Barabasi and Albert 1999)."""
    return nx.barabasi_albert_graph(n, max(1, min(DEGREE // 2, n - 1)), seed=seed)


def core_periphery_shape(n: int, seed: int) -> nx.Graph:
    """A dense core that the periphery hangs on (Borgatti and Everett 2000)."""
    core = min(20, max(2, n // 4))
    outward = min(0.8, 5.0 / core)
    densities = [[0.8, outward], [outward, min(0.8, 2.0 / n)]]
    return nx.stochastic_block_model([core, n - core], densities, seed=seed)


SHAPES: dict[str, Callable[[int, int], nx.Graph]] = {
    "random": random_shape,
    "small_world": small_world_shape,
    "scale_free": scale_free_shape,
    "core_periphery": core_periphery_shape,
}


# --- edges -------------------------------------------------------------------------------


def _connect_investors(
    world: nx.MultiDiGraph,
    developers: list[Agent],
    slots: list[Agent],
    investors: list[Agent],
    shape: str,
    rng: np.random.Generator,
) -> None:
    """One shaping graph per bloc gives both who follows whom and who listens to whom."""
    for bloc in ("West", "China"):
        built = [d for d in developers if _bloc(d) == bloc and d["kind"] != "public_lab"]
        reserved = [s for s in slots if _bloc(s) == bloc]
        backers = [i for i in investors if _bloc(i) == bloc]
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


def _connect_developers(
    world: nx.MultiDiGraph,
    developers: list[Agent],
    slots: list[Agent],
    nations: list[Agent],
    rng: np.random.Generator,
) -> None:
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


def _connect_hostiles(
    world: nx.MultiDiGraph,
    developers: list[Agent],
    hostiles: list[Agent],
    rng: np.random.Generator,
) -> None:
    for hostile in hostiles:
        reach = min(CAP, len(developers))
        for k in sorted(rng.choice(len(developers), size=reach, replace=False)):
            connect(world, "targets", hostile["name"], developers[k]["name"], weight=1.0)


def _connect_governments(world: nx.MultiDiGraph, homes: list[str]) -> None:
    """Export control from the United States to China; room for later policy elsewhere."""
    for one in homes[:3]:
        for other in homes[:3]:
            if one != other:
                weight = 0.3 if (one, other) == ("United States", CHINA) else 0.0
                connect(world, "controls", one, other, weight=weight)
