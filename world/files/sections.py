"""The sections of a world file: checked one by one, then against each other."""

from __future__ import annotations

import datetime
import math
import re
from collections import Counter
from typing import Any, NamedTuple

from world.errors import InputError
from world.files.agent_entries import (
    GOVERNMENT,
    HOSTILE,
    INVESTOR,
    check_agent,
    check_developer,
    check_entrants,
)
from world.files.cap_table import Round
from world.files.check import (
    BASES,
    FLOW,
    FRACTION,
    MONEY,
    POSITIVE_FRACTION,
    Range,
    check_keys,
    check_number,
    check_text,
    doubts,
    entries,
    shown,
    sourced_value,
    sourced_values,
)
from world.files.market_graph import INSTITUTION_NAMES
from world.kinds import INVESTOR_KINDS

SUPPLIER = {"cash": MONEY, "capacity": FLOW._replace(low=1.0)}  # of none, compute has no price
RULES = {
    "watches_own": POSITIVE_FRACTION,
    "watches_entrants": POSITIVE_FRACTION,
    "entrant_watchers_every": Range(1, 1000, "investors", whole=True),
    "syndicate": FRACTION,
    "observes": FRACTION,
    "buys": FRACTION,
    "targets": FRACTION,
    "sells": FRACTION,
    "serves": FRACTION,
    "valuation_growth": Range(1.0, 100.0, "ratio a year"),
    "first_round_multiple": Range(1.0, 1000.0, "ratio"),
}
ENDS = ("", "_low", "_high")  # of an interval
MARKET = {
    "flop_per_usd": Range(0.0, 60.0, "OOM FLOP/USD"),
    "frontier_growth": Range(0.0, 10.0, "OOM/year"),
    "market_growth": Range(-5.0, 5.0, "log a year"),
    "lag": Range(0.1, 120.0, "months"),
    "largest_run": Range(0.0, 60.0, "OOM FLOP"),
    "other_demand": MONEY,
    "leader_researchers": Range(1.0, 1e7, "persons"),
    "leader_compute": Range(1.0, 1e15, "USD/year"),
    **{f"{money}_before{end}": MONEY for money in ("outside", "private") for end in ENDS},
}
SECTIONS = (
    "meta",
    "blocs",
    "governments",
    "customers",
    "controls",
    "developers",
    "investors",
    "rounds",
    "hostile_actors",
    "entrants",
    "supplier",
    "rules",
)


# Figures of the market that histories draw in logs from their interval.
DRAWN = {"other_demand": True, "capacity": True}


class World(NamedTuple):
    """A file's checked content, before edges are derived.

    Agents are dictionaries of name, kind and columns, in the file's order.
    """

    name: str
    start: str
    cheap_release_by: str | None
    cheap_release: str | None  # its month; the first one if none is said
    blocs: dict[str, str]  # bloc of each government
    governments: list[dict[str, Any]]
    customers: list[dict[str, Any]]
    lives: dict[str, dict[str, float]]  # part of each government's demand, by customers
    serves: dict[str, dict[str, float]]  # fit to customers, by developer, where it is unusual
    controls: list[tuple[str, str, float]]
    developers: list[dict[str, Any]]
    investors: list[dict[str, Any]]
    rounds: list[Round]
    hostile_actors: list[dict[str, Any]]
    slots: list[dict[str, Any]]
    supplier: dict[str, float]
    market: dict[str, float]
    rules: dict[str, Any]


def check_world(raw: Any, file: str) -> World:
    """Check a parsed file against the vocabulary and return its content."""
    raw = check_keys(raw, SECTIONS, file, ("market",))
    at = f"{file}: "
    governments = [
        check_agent(entry, "government", GOVERNMENT, place)
        for entry, place in entries(raw["governments"], f"{at}governments")
    ]
    places = [g["name"] for g in governments]
    blocs = _check_blocs(raw["blocs"], places, f"{at}blocs")
    lives = _check_customers(raw["customers"], places, f"{at}customers")
    customers = [{"name": name, "kind": "customers"} for name in lives]
    developers = [
        check_developer(entry, places, place, list(lives))
        for entry, place in entries(raw["developers"], f"{at}developers")
    ]
    serves = {d["name"]: d.pop("serves") for d in developers}
    investors = [
        check_agent(entry, INVESTOR_KINDS, INVESTOR, place, places)
        for entry, place in entries(raw["investors"], f"{at}investors")
    ]
    hostile_actors = [
        check_agent(entry, "hostile_actor", HOSTILE, place)
        for entry, place in entries(raw["hostile_actors"], f"{at}hostile_actors")
    ]
    slots = check_entrants(raw["entrants"], places, f"{at}entrants")
    agents = governments + customers + developers + investors + hostile_actors + slots
    _refuse_twins([a["name"] for a in agents], file)
    _refuse_partial_market(governments, file)
    supplier = check_keys(raw["supplier"], SUPPLIER, f"{at}supplier")
    meta = _check_meta(raw["meta"], [d["name"] for d in developers], f"{at}meta")
    world = World(
        **meta,
        blocs=blocs,
        governments=governments,
        customers=customers,
        lives=lives,
        serves=serves,
        controls=_check_controls(raw["controls"], places, f"{at}controls"),
        developers=developers,
        investors=investors,
        rounds=_check_rounds(raw["rounds"], developers, investors, f"{at}rounds"),
        hostile_actors=hostile_actors,
        slots=slots,
        supplier=sourced_values(supplier, SUPPLIER, f"{at}supplier") | doubts(supplier, DRAWN),
        market=_check_market(raw.get("market", {}), f"{at}market"),
        rules=_check_rules(
            raw["rules"], blocs, places, {i["kind"] for i in investors}, f"{at}rules"
        ),
    )
    _refuse_late_rounds(world, file)
    return world


def _check_meta(raw: Any, developers: list[str], place: str) -> dict[str, Any]:
    raw = check_keys(raw, ("name", "start"), place, ("cheap_release_by", "cheap_release"))
    start = _check_month(raw["start"], f"{place}, start")
    cheap, month = raw.get("cheap_release_by"), raw.get("cheap_release")
    if cheap is not None:
        check_text(cheap, f"{place}, cheap_release_by", developers)
    if month is not None and _check_month(month, f"{place}, cheap_release") < start:
        raise InputError(
            f"{place}, cheap_release: {month!r} is before the start; allowed is {start!r} or later."
        )
    name = check_text(raw["name"], f"{place}, name")
    return {"name": name, "start": start, "cheap_release_by": cheap, "cheap_release": month}


def _check_month(raw: Any, place: str) -> str:
    month = check_text(raw, place)
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month):
        raise InputError(f"{place}: {month!r} must be a month such as '2025-01'.")
    return month


def _check_market(raw: Any, place: str) -> dict[str, float]:
    """What hangs on the month of the start; what is left out is as in January 2025."""
    raw = check_keys(raw, (), place, tuple(MARKET))
    return sourced_values(raw, {key: MARKET[key] for key in raw}, place) | doubts(raw, DRAWN)


def _check_blocs(raw: Any, places: list[str], place: str) -> dict[str, str]:
    if not isinstance(raw, dict) or not raw:
        raise InputError(f"{place}: {shown(raw)} must map each bloc to a list of governments.")
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


def _check_customers(raw: Any, places: list[str], place: str) -> dict[str, dict[str, float]]:
    """Where each kind of customers lives; together they are all demand of every government."""
    found: dict[str, dict[str, float]] = {}
    total = dict.fromkeys(places, 0.0)
    for entry, here in entries(raw, place):
        entry = check_keys(entry, ("name", "lives"), here)
        name = check_text(entry["name"], f"{here}, name")
        if name in found:
            raise InputError(f"{here}: {name!r} appears twice; once is allowed.")
        homes = check_keys(entry["lives"], (), f"{here}, lives", tuple(places))
        found[name] = sourced_values(homes, dict.fromkeys(homes, FRACTION), f"{here}, lives")
        for government, part in found[name].items():
            total[government] += part
    for government, part in total.items():
        if abs(part - 1.0) > 1e-6:
            raise InputError(
                f"{place}: the parts of {government}'s demand add up to {part:g}; allowed is 1."
            )
    return found


def _check_controls(raw: Any, places: list[str], place: str) -> list[tuple[str, str, float]]:
    controls: list[tuple[str, str, float]] = []
    for entry, here in entries(raw, place):
        entry = check_keys(entry, ("from", "to", "weight"), here)
        tail = check_text(entry["from"], f"{here}, from", places)
        head = check_text(entry["to"], f"{here}, to", [p for p in places if p != tail])
        if any((tail, head) == known[:2] for known in controls):
            raise InputError(f"{here}: {tail} to {head} appears twice; once is allowed.")
        controls.append((tail, head, sourced_value(entry["weight"], FRACTION, f"{here}, weight")))
    return controls


def _check_rounds(
    raw: Any, developers: list[dict[str, Any]], investors: list[dict[str, Any]], place: str
) -> list[Round]:
    builders = [d["name"] for d in developers]
    backers = [i["name"] for i in investors]
    return [_check_round(entry, builders, backers, here) for entry, here in entries(raw, place)]


def _check_round(raw: Any, developers: list[str], investors: list[str], place: str) -> Round:
    keys = ("developer", "date", "total", "post_money", "basis", "source", "investors")
    raw = check_keys(raw, keys, place, ("tender",))
    check_text(raw["basis"], f"{place}, basis", BASES)
    if not isinstance(raw.get("tender", False), bool):
        raise InputError(f"{place}, tender: {shown(raw['tender'])} must be true or false.")
    check_text(raw["source"], f"{place}, source")
    date = raw["date"]
    if type(date) is not datetime.date:
        raise InputError(f"{place}, date: {shown(date)} must be a day such as 2024-12-31.")
    total = check_number(raw["total"], Range(1.0, 1e15, "USD"), f"{place}, total")
    post = raw["post_money"]
    if post is not None:
        post = check_number(post, Range(1.0, 1e15, "USD"), f"{place}, post_money")
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
        raw.get("tender", False),
    )


def _check_amounts(
    raw: Any, total: float, investors: list[str], place: str
) -> tuple[tuple[str, float | None], ...]:
    amounts: list[tuple[str, float | None]] = []
    for entry, here in entries(raw, place):
        if not isinstance(entry, list) or len(entry) != 2:
            raise InputError(f"{here}: {shown(entry)} must be [investor, amount or null].")
        name = check_text(entry[0], here, investors)
        known = entry[1] is not None
        amounts.append((name, check_number(entry[1], MONEY, f"{here}, {name}") if known else None))
    named = math.fsum(amount for _, amount in amounts if amount is not None)
    if named > total * (1.0 + 1e-9):
        raise InputError(
            f"{place}: the amounts add up to {named:g}, more than the total of the round; "
            f"allowed is up to {total:g} [USD]."
        )
    return tuple(amounts)


def _check_rules(
    raw: Any, blocs: dict[str, str], places: list[str], kinds: set[str], place: str
) -> dict[str, Any]:
    """The file's rules; `watches` speaks of every kind of investor that the file has."""
    raw = check_keys(raw, ("watches", "sells_across", *RULES), place)
    across: dict[tuple[str, str], float] = {}
    for entry, here in entries(raw["sells_across"], f"{place}, sells_across"):
        entry = check_keys(entry, ("from", "to", "weight"), here)
        bloc = check_text(entry["from"], f"{here}, from", dict.fromkeys(blocs.values()))
        market = check_text(entry["to"], f"{here}, to", places)
        across[bloc, market] = sourced_value(entry["weight"], FRACTION, f"{here}, weight")
    needed = [kind for kind in INVESTOR_KINDS if kind in kinds]
    watches = check_keys(raw["watches"], needed, f"{place}, watches", INVESTOR_KINDS)
    return sourced_values(raw, RULES, place) | {
        "watches": sourced_values(watches, dict.fromkeys(watches, FRACTION), f"{place}, watches"),
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
