"""Read a world: a YAML file of sourced figures becomes the market graph of its first month.

The file states figures and funding rounds; who owns, follows, observes, serves and
attacks whom is derived here by the rules that the file sets.
"""

from __future__ import annotations

import datetime
import math
import re
from collections import Counter
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import networkx as nx

from world.errors import InputError
from world.state import DEVELOPER_KINDS, INSTITUTIONS, INVESTOR_KINDS, RUN_KINDS
from world.yaml_file import read_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

FOLDER = Path(__file__).parent
BASES = ("observed", "estimate", "construct")
FUND_KINDS = ("venture_fund", "crossover_fund", "sovereign_fund")
INSTITUTION_NAMES = {
    "customers": "Customers",
    "supplier": "Compute supplier",
    "limited_partners": "Limited partners",
    "workers": "Workers",
    "economy": "Rest of the economy",
}

# --- figures: what a file must give, and what is allowed -------------------------------


class Figure(NamedTuple):
    """Allowed range of a figure, its unit, and whether it must be whole."""

    low: float
    high: float
    unit: str
    whole: bool = False

    def allowed(self) -> str:
        """Say the allowed values in words."""
        if (self.low, self.high, self.whole) == (0, 1, True):
            return "0 or 1"
        kind = "a whole number" if self.whole else "a finite number"
        return f"{kind} from {self.low:g} to {self.high:g} [{self.unit}]"


MONEY = Figure(0.0, 1e15, "USD")
FLOW = Figure(0.0, 1e15, "USD/year")
FRACTION = Figure(0.0, 1.0, "0-1")
POSITIVE_FRACTION = Figure(1e-6, 1.0, "0-1")
FLAG = Figure(0, 1, "flag", whole=True)
OOM = Figure(0.0, 60.0, "OOM")

GOVERNMENT = {
    "gdp": FLOW,
    "market_share": FRACTION,
    "public_research": FLOW,
    "ip_strength": FRACTION,
    "court_reach": FRACTION,
}
DEVELOPER = {
    "capability": OOM,
    "efficiency": Figure(-5.0, 20.0, "OOM"),
    "researchers": Figure(0.0, 1e7, "persons"),
    "cash": MONEY,
    "brand": Figure(1e-6, 1e6, "weight"),
    "revenue": FLOW,
    "open_weights": FLAG,
    "clever": FLAG,
    "copied": FLAG,
}
RUN = {
    "target": OOM,
    "months_left": Figure(1, 60, "months", whole=True),
    "cost": Figure(1.0, 1e15, "USD"),
}
INVESTOR = {"cash": MONEY, "allowance": FLOW}
HOSTILE = {"cash": MONEY, "income": Figure(0.0, 1e12, "USD/month"), "capability": OOM}
SUPPLIER = {"cash": MONEY, "capacity": FLOW}
RULES = {
    "watches_own": POSITIVE_FRACTION,
    "watches_entrants": POSITIVE_FRACTION,
    "entrant_watchers_every": Figure(1, 1000, "investors", whole=True),
    "syndicate": FRACTION,
    "observes": FRACTION,
    "buys": FRACTION,
    "targets": FRACTION,
    "sells": FRACTION,
    "valuation_growth": Figure(1.0, 100.0, "ratio a year"),
    "first_round_multiple": Figure(1.0, 1000.0, "ratio"),
}
SLOTS = Figure(0, 10_000, "slots", whole=True)
SECTIONS = (
    "meta",
    "blocs",
    "governments",
    "controls",
    "developers",
    "investors",
    "rounds",
    "hostile_actors",
    "entrants",
    "supplier",
    "rules",
)


class World(NamedTuple):
    """A file's checked content, before edges are derived.

    Agents are dictionaries of name, kind and columns, in the file's order.
    """

    name: str
    start: str
    cheap_release_by: str | None
    blocs: dict[str, str]  # bloc of each government
    governments: list[dict[str, Any]]
    controls: list[tuple[str, str, float]]
    developers: list[dict[str, Any]]
    investors: list[dict[str, Any]]
    rounds: list[Round]
    hostile_actors: list[dict[str, Any]]
    slots: list[dict[str, Any]]
    supplier: dict[str, float]
    rules: dict[str, Any]


class Round(NamedTuple):
    """One equity round: who put in how much [USD], at which value after the money [USD]."""

    developer: str
    date: datetime.date
    total: float
    post_money: float | None
    amounts: tuple[tuple[str, float | None], ...]


class Stake(NamedTuple):
    """What an investor owns of a developer: share in (0, 1] and money paid [USD]."""

    share: float
    paid: float


# --- the public door ---------------------------------------------------------------------


def read_world(name_or_path: str | Path) -> nx.MultiDiGraph:
    """Return the market graph of a world's first month.

    Parameters
    ----------
    name_or_path : str or Path
        Name of a shipped world ("2025"), name of a generated one ("synthetic core_periphery
        300", see `named_world`) or path of a YAML file.

    Returns
    -------
    networkx.MultiDiGraph
        Nodes with `kind`, `name` and initial columns, edges with `kind` and weight;
        `graph.graph` holds name, start, market_size [USD/year] and cheap_release_by.

    Raises
    ------
    InputError
        Anything wrong in the file, in one sentence with its place.
    """
    if str(name_or_path).split(" ")[0] == "synthetic":
        from world.files.synthetic import named_world

        return named_world(str(name_or_path))
    path = world_path(name_or_path)
    return derive_graph(check_world(read_yaml(path), path.name))


def shipped_worlds() -> list[str]:
    """Names of the worlds that come with the model."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def world_path(name_or_path: str | Path) -> Path:
    """Find a world by shipped name or by path."""
    if not isinstance(name_or_path, (str, Path)):
        raise InputError(f"world: {name_or_path!r} must be a shipped name or the path of a file.")
    if str(name_or_path) in shipped_worlds():
        return FOLDER / f"{name_or_path}.yaml"
    path = Path(name_or_path)
    if not path.is_file():
        raise InputError(
            f"world: {str(name_or_path)!r} is neither a shipped world "
            f"({', '.join(shipped_worlds())}) nor a file."
        )
    return path


# --- checking a file ---------------------------------------------------------------------


def check_world(raw: Any, file: str) -> World:
    """Check a parsed file against the vocabulary and return its content."""
    raw = check_keys(raw, SECTIONS, file)
    at = f"{file}: "
    governments = [
        check_agent(entry, "government", GOVERNMENT, place)
        for entry, place in entries(raw["governments"], f"{at}governments")
    ]
    places = [g["name"] for g in governments]
    blocs = _check_blocs(raw["blocs"], places, f"{at}blocs")
    developers = [
        _check_developer(entry, places, place)
        for entry, place in entries(raw["developers"], f"{at}developers")
    ]
    investors = [
        check_agent(entry, INVESTOR_KINDS, INVESTOR, place, places)
        for entry, place in entries(raw["investors"], f"{at}investors")
    ]
    hostile_actors = [
        check_agent(entry, "hostile_actor", HOSTILE, place)
        for entry, place in entries(raw["hostile_actors"], f"{at}hostile_actors")
    ]
    slots = _check_entrants(raw["entrants"], places, f"{at}entrants")
    agents = governments + developers + investors + hostile_actors + slots
    _refuse_twins([a["name"] for a in agents], file)
    _refuse_partial_market(governments, file)
    supplier = check_keys(raw["supplier"], SUPPLIER, f"{at}supplier")
    meta = _check_meta(raw["meta"], [d["name"] for d in developers], f"{at}meta")
    world = World(
        **meta,
        blocs=blocs,
        governments=governments,
        controls=_check_controls(raw["controls"], places, f"{at}controls"),
        developers=developers,
        investors=investors,
        rounds=_check_rounds(raw["rounds"], developers, investors, f"{at}rounds"),
        hostile_actors=hostile_actors,
        slots=slots,
        supplier=figures(supplier, SUPPLIER, f"{at}supplier"),
        rules=_check_rules(raw["rules"], blocs, places, f"{at}rules"),
    )
    _refuse_late_rounds(world, file)
    return world


def check_keys(
    raw: Any, required: Iterable[str], place: str, optional: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return a mapping that has all required keys and no unknown one."""
    required = tuple(required)
    if not isinstance(raw, dict):
        raise InputError(
            f"{place}: {_shown(raw)} must be a mapping with the keys {', '.join(required)}."
        )
    for key in raw:
        if key not in required + optional:
            raise InputError(
                f"{place}: {key!r} is unknown; allowed are {', '.join(required + optional)}."
            )
    for key in required:
        if key not in raw:
            raise InputError(f"{place}: {key!r} is missing; needed are {', '.join(required)}.")
    return raw


def entries(raw: Any, place: str) -> list[tuple[Any, str]]:
    """Return a list's entries, each with its place: by name where it has one."""
    if not isinstance(raw, list):
        raise InputError(f"{place}: {_shown(raw)} must be a list.")
    placed = []
    for number, entry in enumerate(raw, start=1):
        name = entry.get("name", entry.get("developer")) if isinstance(entry, dict) else None
        known = f", {name}" if isinstance(name, str) and name else ""
        placed.append((entry, f"{place}, entry {number}{known}"))
    return placed


def check_text(raw: Any, place: str, allowed: Iterable[str] | None = None) -> str:
    """Return a text, one of those allowed if they are given."""
    if not isinstance(raw, str) or not raw.strip():
        raise InputError(f"{place}: {_shown(raw)} must be a text in quotation marks.")
    if allowed is not None and raw not in (allowed := list(allowed)):
        raise InputError(f"{place}: {raw!r} is unknown; allowed are {', '.join(allowed)}.")
    return raw


def check_number(raw: Any, figure: Figure, place: str) -> float | int:
    """Return a finite number within a figure's range."""
    fault = f"{place}: {_shown(raw)} is not allowed; allowed is {figure.allowed()}."
    if isinstance(raw, bool) or not isinstance(raw, (int, float)):
        raise InputError(fault)
    # Comparing before converting keeps an integer of any length from overflowing.
    if not figure.low <= raw <= figure.high or (figure.whole and raw != int(raw)):
        raise InputError(fault)
    return int(raw) if figure.whole else float(raw)


def check_figure(raw: Any, figure: Figure, place: str) -> float | int:
    """Return the value of a [value, basis, source] triple."""
    if not isinstance(raw, list) or len(raw) != 3:
        raise InputError(
            f"{place}: {_shown(raw)} must be a triple [value, basis, source] "
            f"with basis one of {', '.join(BASES)}."
        )
    check_text(raw[1], f"{place}, basis", BASES)
    check_text(raw[2], f"{place}, source")
    return check_number(raw[0], figure, place)


def figures(raw: dict[str, Any], declared: dict[str, Figure], place: str) -> dict[str, Any]:
    """Return the values of all declared figures."""
    return {key: check_figure(raw[key], fig, f"{place}, {key}") for key, fig in declared.items()}


def check_agent(
    raw: Any,
    kinds: str | tuple[str, ...],
    declared: dict[str, Figure],
    place: str,
    places: list[str] | None = None,
    optional: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Return an agent's name, kind, jurisdiction (if `places` are given) and columns."""
    words: tuple[str, ...] = ("name",) if isinstance(kinds, str) else ("name", "kind")
    words += ("jurisdiction",) if places is not None else ()
    raw = check_keys(raw, (*words, *declared), place, optional)
    agent = {"name": check_text(raw["name"], f"{place}, name")}
    agent["kind"] = (
        kinds if isinstance(kinds, str) else check_text(raw["kind"], f"{place}, kind", kinds)
    )
    if places is not None:
        agent["jurisdiction"] = check_text(raw["jurisdiction"], f"{place}, jurisdiction", places)
    return agent | figures(raw, declared, place)


def _shown(raw: Any) -> str:
    text = " ".join(repr(raw).split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def _check_developer(raw: Any, places: list[str], place: str) -> dict[str, Any]:
    agent = check_agent(raw, DEVELOPER_KINDS, DEVELOPER, place, places, optional=("run",))
    run = _check_run(raw["run"], f"{place}, run") if "run" in raw else no_run()
    if run["run_kind"] != "none" and run["run_target"] <= agent["capability"]:
        raise InputError(
            f"{place}, run, target: {run['run_target']:g} contradicts capability "
            f"{agent['capability']:g}; allowed is a target above it [OOM]."
        )
    return {"alive": 1} | agent | run


def _check_run(raw: Any, place: str) -> dict[str, Any]:
    raw = check_keys(raw, ("kind", *RUN), place)
    kind = check_text(raw["kind"], f"{place}, kind", RUN_KINDS[1:])
    return {"run_kind": kind} | {f"run_{k}": v for k, v in figures(raw, RUN, place).items()}


def no_run() -> dict[str, Any]:
    """Columns of a developer without a run under way."""
    return {"run_kind": "none", "run_target": 0.0, "run_months_left": 0, "run_cost": 0.0}


def _check_meta(raw: Any, developers: list[str], place: str) -> dict[str, Any]:
    raw = check_keys(raw, ("name", "start"), place, ("cheap_release_by",))
    start = check_text(raw["start"], f"{place}, start")
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", start):
        raise InputError(f"{place}, start: {start!r} must be a month such as '2025-01'.")
    cheap = raw.get("cheap_release_by")
    if cheap is not None:
        check_text(cheap, f"{place}, cheap_release_by", developers)
    name = check_text(raw["name"], f"{place}, name")
    return {"name": name, "start": start, "cheap_release_by": cheap}


def _check_blocs(raw: Any, places: list[str], place: str) -> dict[str, str]:
    if not isinstance(raw, dict) or not raw:
        raise InputError(f"{place}: {_shown(raw)} must map each bloc to a list of governments.")
    blocs: dict[str, str] = {}
    for bloc, members in raw.items():
        check_text(bloc, f"{place}, name of a bloc")
        for member, _ in entries(members, f"{place}, {bloc}"):
            check_text(member, f"{place}, {bloc}", places)
            if member in blocs:
                raise InputError(f"{place}, {bloc}: {member!r} is in two blocs; allowed is one.")
            blocs[member] = bloc
    for member in places:
        if member not in blocs:
            raise InputError(f"{place}: {member!r} is missing; every government is in one bloc.")
    return blocs


def _check_controls(raw: Any, places: list[str], place: str) -> list[tuple[str, str, float]]:
    controls: list[tuple[str, str, float]] = []
    for entry, here in entries(raw, place):
        entry = check_keys(entry, ("from", "to", "weight"), here)
        tail = check_text(entry["from"], f"{here}, from", places)
        head = check_text(entry["to"], f"{here}, to", [p for p in places if p != tail])
        if any((tail, head) == known[:2] for known in controls):
            raise InputError(f"{here}: {tail} to {head} appears twice; once is allowed.")
        controls.append((tail, head, check_figure(entry["weight"], FRACTION, f"{here}, weight")))
    return controls


def _check_rounds(
    raw: Any, developers: list[dict[str, Any]], investors: list[dict[str, Any]], place: str
) -> list[Round]:
    builders = [d["name"] for d in developers]
    backers = [i["name"] for i in investors]
    return [_check_round(entry, builders, backers, here) for entry, here in entries(raw, place)]


def _check_round(raw: Any, developers: list[str], investors: list[str], place: str) -> Round:
    keys = ("developer", "date", "total", "post_money", "basis", "source", "investors")
    raw = check_keys(raw, keys, place)
    check_text(raw["basis"], f"{place}, basis", BASES)
    check_text(raw["source"], f"{place}, source")
    date = raw["date"]
    if type(date) is not datetime.date:
        raise InputError(f"{place}, date: {_shown(date)} must be a day such as 2024-12-31.")
    total = check_number(raw["total"], Figure(1.0, 1e15, "USD"), f"{place}, total")
    post = raw["post_money"]
    if post is not None:
        post = check_number(post, Figure(1.0, 1e15, "USD"), f"{place}, post_money")
        if total > post:
            raise InputError(
                f"{place}, total: {total:g} over post_money {post:g} is a share above one; "
                f"allowed is a total up to post_money [USD]."
            )
    return Round(
        check_text(raw["developer"], f"{place}, developer", developers),
        date,
        total,
        post,
        _check_amounts(raw["investors"], total, investors, f"{place}, investors"),
    )


def _check_amounts(
    raw: Any, total: float, investors: list[str], place: str
) -> tuple[tuple[str, float | None], ...]:
    amounts: list[tuple[str, float | None]] = []
    for entry, here in entries(raw, place):
        if not isinstance(entry, list) or len(entry) != 2:
            raise InputError(f"{here}: {_shown(entry)} must be [investor, amount or null].")
        name = check_text(entry[0], here, investors)
        known = entry[1] is not None
        amounts.append((name, check_number(entry[1], MONEY, f"{here}, {name}") if known else None))
    if not amounts:
        raise InputError(f"{place}: the list is empty; at least one investor is needed.")
    named = math.fsum(amount for _, amount in amounts if amount is not None)
    if named > total * (1.0 + 1e-9):
        raise InputError(
            f"{place}: the amounts add up to {named:g}, more than the total of the round; "
            f"allowed is up to {total:g} [USD]."
        )
    return tuple(amounts)


def _check_entrants(raw: Any, places: list[str], place: str) -> list[dict[str, Any]]:
    slots: list[dict[str, Any]] = []
    for entry, here in entries(raw, place):
        entry = check_keys(entry, ("kind", "jurisdiction", "count"), here)
        kind = check_text(entry["kind"], f"{here}, kind", DEVELOPER_KINDS[:2])
        where = check_text(entry["jurisdiction"], f"{here}, jurisdiction", places)
        for _ in range(int(check_figure(entry["count"], SLOTS, f"{here}, count"))):
            slots.append(empty_slot(len(slots) + 1, kind, where))
    return slots


def empty_slot(number: int, kind: str, jurisdiction: str) -> dict[str, Any]:
    """Return a place reserved for a developer yet to be founded."""
    columns = {key: 0 if figure.whole else 0.0 for key, figure in DEVELOPER.items()}
    agent = {"name": f"Entrant {number}", "kind": kind, "jurisdiction": jurisdiction, "alive": 0}
    return agent | columns | no_run()


def _check_rules(raw: Any, blocs: dict[str, str], places: list[str], place: str) -> dict[str, Any]:
    raw = check_keys(raw, ("watches", "sells_across", *RULES), place)
    kinds = dict.fromkeys(INVESTOR_KINDS, FRACTION)
    across: dict[tuple[str, str], float] = {}
    for entry, here in entries(raw["sells_across"], f"{place}, sells_across"):
        entry = check_keys(entry, ("from", "to", "weight"), here)
        bloc = check_text(entry["from"], f"{here}, from", dict.fromkeys(blocs.values()))
        market = check_text(entry["to"], f"{here}, to", places)
        across[bloc, market] = check_figure(entry["weight"], FRACTION, f"{here}, weight")
    watches = check_keys(raw["watches"], kinds, f"{place}, watches")
    return figures(raw, RULES, place) | {
        "watches": figures(watches, kinds, f"{place}, watches"),
        "sells_across": across,
    }


def _refuse_twins(names: list[str], file: str) -> None:
    for name, count in Counter([*names, *INSTITUTION_NAMES.values()]).items():
        if count > 1:
            raise InputError(
                f"{file}: {count} agents are named {name!r}; every name is allowed once."
            )


def _refuse_partial_market(governments: list[dict[str, Any]], file: str) -> None:
    total = math.fsum(g["market_share"] for g in governments)
    if abs(total - 1.0) > 1e-6:
        raise InputError(
            f"{file}: governments, market_share: the shares add up to {total:g}; allowed is 1."
        )


def _refuse_late_rounds(world: World, file: str) -> None:
    for r in world.rounds:
        if f"{r.date:%Y-%m}" >= world.start:
            raise InputError(
                f"{file}: rounds, {r.developer}, date: {r.date} is not before the start of the "
                f"world; allowed is a day before {world.start}."
            )


# --- deriving who owns what --------------------------------------------------------------


def post_money(r: Round, priced: Round | None, growth: float, first_multiple: float) -> float:
    """Value of a developer after a round, imputed where it was not published [USD].

        post = priced.post_money * growth ** years + total     after a priced round
        post = first_multiple * total                          before any

    Only published values count as priced: an imputed one would compound its own error.
    """
    if r.post_money is not None:
        return r.post_money
    if priced is None or priced.post_money is None:
        return first_multiple * r.total
    years = (r.date - priced.date).days / 365.25
    return float(priced.post_money * growth**years + r.total)


def resolve_amounts(r: Round) -> dict[str, float]:
    """Money put in by each investor [USD]; undisclosed entries share the rest equally."""
    named = math.fsum(amount for _, amount in r.amounts if amount is not None)
    unnamed = sum(amount is None for _, amount in r.amounts)
    rest = max(0.0, r.total - named) / max(1, unnamed)
    paid: dict[str, float] = {}
    for name, amount in r.amounts:
        paid[name] = paid.get(name, 0.0) + (rest if amount is None else amount)
    return paid


def replay_rounds(
    rounds: Iterable[Round], growth: float, first_multiple: float
) -> dict[str, dict[str, Stake]]:
    """Build the cap tables by replaying the rounds in the order of their dates.

        new share = amount / post_money;   older shares *= 1 - total / post_money

    Founders and staff hold what the investors do not.

    Parameters
    ----------
    rounds : iterable of Round
    growth : float
        Growth of a developer's value between rounds [ratio a year].
    first_multiple : float
        Value over total in a first round without a published value.

    Returns
    -------
    dict
        Stakes by developer and investor.
    """
    tables: dict[str, dict[str, Stake]] = {}
    priced: dict[str, Round] = {}
    for r in sorted(rounds, key=lambda r: r.date):
        value = post_money(r, priced.get(r.developer), growth, first_multiple)
        kept = 1.0 - r.total / value
        table = {
            name: Stake(stake.share * kept, stake.paid)
            for name, stake in tables.get(r.developer, {}).items()
        }
        for name, amount in resolve_amounts(r).items():
            old = table.get(name, Stake(0.0, 0.0))
            table[name] = Stake(old.share + amount / value, old.paid + amount)
        tables[r.developer] = {name: s for name, s in table.items() if s.share > 0.0}
        if r.post_money is not None:
            priced[r.developer] = r
    return tables


def syndicate_pairs(rounds: Iterable[Round]) -> list[tuple[str, str]]:
    """Ordered pairs of investors who joined at least one round together."""
    joint = (sorted({name for name, _ in r.amounts}) for r in rounds)
    return sorted({pair for names in joint for pair in permutations(names, 2)})


# --- building the graph ------------------------------------------------------------------


def add_agents(graph: nx.MultiDiGraph, agents: Iterable[dict[str, Any]]) -> None:
    """Add agents as nodes, named by their names."""
    for agent in agents:
        graph.add_node(agent["name"], **agent)


def add_institutions(graph: nx.MultiDiGraph, supplier: dict[str, float]) -> None:
    """Add one node of each kind of institution."""
    for kind in INSTITUTIONS:
        columns = supplier if kind == "supplier" else {}
        graph.add_node(INSTITUTION_NAMES[kind], kind=kind, name=INSTITUTION_NAMES[kind], **columns)


def connect(
    graph: nx.MultiDiGraph, kind: str, tail: Hashable, head: Hashable, **data: float
) -> None:
    """Add an edge; one of each kind between two agents."""
    graph.add_edge(tail, head, key=kind, kind=kind, **data)


def derive_graph(world: World) -> nx.MultiDiGraph:
    """Build the market graph: the file's agents and the edges that its rules imply."""
    graph = nx.MultiDiGraph(
        name=world.name,
        start=world.start,
        market_size=math.fsum(d["revenue"] for d in world.developers),
    )
    if world.cheap_release_by is not None:
        graph.graph["cheap_release_by"] = world.cheap_release_by
    add_agents(graph, world.governments)
    add_agents(graph, world.developers + world.slots)
    add_agents(graph, world.investors)
    add_agents(graph, world.hostile_actors)
    add_institutions(graph, world.supplier)
    for derive in DERIVATIONS:
        derive(graph, world)
    return graph


def derive_stakes(graph: nx.MultiDiGraph, world: World) -> None:
    """Owners, and that they follow what they own."""
    rules = world.rules
    tables = replay_rounds(world.rounds, rules["valuation_growth"], rules["first_round_multiple"])
    for developer in world.developers:
        name = developer["name"]
        for investor, stake in sorted(tables.get(name, {}).items()):
            connect(graph, "watches", investor, name, weight=rules["watches_own"])
            connect(graph, "stake", investor, name, share=stake.share, paid=stake.paid)


def derive_watches(graph: nx.MultiDiGraph, world: World) -> None:
    """Investors follow the developers of their bloc; a parent follows only its own.

    A public laboratory sells no equity, so nobody follows it.
    """
    parents = {
        tail for tail, _, data in graph.edges(data=True) if data.get("share", 0.0) > 1.0 - 1e-9
    }
    for investor in world.investors:
        weight = world.rules["watches"][investor["kind"]]
        if investor["name"] in parents or weight == 0.0:
            continue
        for developer in world.developers:
            if (
                developer["kind"] != "public_lab"
                and same_bloc(world, investor, developer)
                and not graph.has_edge(investor["name"], developer["name"], "watches")
            ):
                connect(graph, "watches", investor["name"], developer["name"], weight=weight)


def derive_entrant_watches(graph: nx.MultiDiGraph, world: World) -> None:
    """One fund in so many hears of each entrant, turn by turn."""
    every = world.rules["entrant_watchers_every"]
    for number, slot in enumerate(world.slots):
        funds = [
            i for i in world.investors if i["kind"] in FUND_KINDS and same_bloc(world, i, slot)
        ]
        for fund in funds[number % every :: every] or funds[:1]:
            weight = world.rules["watches_entrants"]
            connect(graph, "watches", fund["name"], slot["name"], weight=weight)


def same_bloc(world: World, one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two agents belong to the same bloc of governments."""
    return world.blocs[one["jurisdiction"]] == world.blocs[other["jurisdiction"]]


def derive_syndicates(graph: nx.MultiDiGraph, world: World) -> None:
    """Investors who joined a round listen to each other."""
    for one, other in syndicate_pairs(world.rounds):
        connect(graph, "syndicate", one, other, weight=world.rules["syndicate"])


def derive_observation(graph: nx.MultiDiGraph, world: World) -> None:
    """Every developer can query every other one."""
    names = [d["name"] for d in world.developers + world.slots]
    for one, other in permutations(names, 2):
        connect(graph, "observes", one, other, weight=world.rules["observes"])


def derive_places(graph: nx.MultiDiGraph, world: World) -> None:
    """Where developers live, buy compute and sell; public laboratories do not sell."""
    rules = world.rules
    for developer in world.developers + world.slots:
        name, home = developer["name"], developer["jurisdiction"]
        connect(graph, "located", home, name, weight=1.0)
        connect(graph, "buys", name, INSTITUTION_NAMES["supplier"], weight=rules["buys"])
        if developer["kind"] == "public_lab":
            continue
        for market in (g["name"] for g in world.governments):
            weight = rules["sells_across"].get((world.blocs[home], market), rules["sells"])
            connect(graph, "sells", name, market, weight=weight)


def derive_targets(graph: nx.MultiDiGraph, world: World) -> None:
    """Hostile actors can turn on every developer."""
    for hostile in world.hostile_actors:
        for developer in world.developers + world.slots:
            weight = world.rules["targets"]
            connect(graph, "targets", hostile["name"], developer["name"], weight=weight)


def derive_controls(graph: nx.MultiDiGraph, world: World) -> None:
    """Export controls between governments."""
    for tail, head, weight in world.controls:
        connect(graph, "controls", tail, head, weight=weight)


DERIVATIONS: tuple[Callable[[nx.MultiDiGraph, World], None], ...] = (
    derive_stakes,
    derive_watches,
    derive_entrant_watches,
    derive_syndicates,
    derive_observation,
    derive_places,
    derive_targets,
    derive_controls,
)
