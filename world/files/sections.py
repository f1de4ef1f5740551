"""The form of a world file, section by section, and its content as a `World`."""

from __future__ import annotations

import datetime
import math
import re
from collections import Counter
from contextlib import suppress
from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator, TypeAdapter, ValidationInfo

from world.calendar import month_number
from world.faults import Faults, shown
from world.files.agent_entries import (
    DEVELOPER_FORM,
    ENTRANTS_FORM,
    GOVERNMENT,
    GOVERNMENT_FORM,
    HOSTILE,
    HOSTILE_FORM,
    INVESTOR,
    INVESTOR_DRAWN,
    INVESTOR_FORM,
    columns,
    developer,
    empty_slot,
    figures,
    labels,
)
from world.files.cap_table import Round
from world.files.check import (
    BASES,
    FLOW,
    FRACTION,
    MONEY,
    POSITIVE_FRACTION,
    Range,
    check_number,
    figure,
    number,
)
from world.files.market_graph import INSTITUTION_NAMES
from world.form import (
    NAME,
    TEXT,
    Misfit,
    check_word,
    context,
    kind,
    known,
    or_null,
    read_form,
    table,
    word,
)
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
PAID = Range(1.0, 1e15, "USD")
# Figures that histories draw in logs from their interval.
MARKET_DRAWN = {"other_demand": True}
SUPPLIER_DRAWN = {"capacity": True}
MOST_DEVELOPERS = 500  # each observes each other one
MOST_AGENTS = 2000
EARLIEST = datetime.date(1950, 1, 1)  # of a round


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


# --- what parts of a section say of each other ---------------------------------------------


def check_month(raw: Any) -> str:
    """A month of 1950 to 2199."""
    if not isinstance(raw, str) or not re.fullmatch(r"(19[5-9]|2[01]\d)\d-(0[1-9]|1[0-2])", raw):
        raise Misfit(("", f"{shown(raw)} must be a month from 1950-01 to 2199-12, such as '2025-01'."))
    return raw


def check_day(raw: Any, info: ValidationInfo) -> datetime.date:
    """A day before the world's start."""
    if isinstance(raw, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", raw):
        with suppress(ValueError):
            raw = datetime.date.fromisoformat(raw)  # in quotation marks
    if type(raw) is not datetime.date or raw < EARLIEST:
        raise Misfit(("", f"{shown(raw)} must be a day since {EARLIEST}, such as 2024-12-31."))
    start = context(info).get("start")
    if isinstance(start, str) and f"{raw:%Y-%m}" >= start:
        raise Misfit(("", f"{raw} is not before the start of the world; allowed is a day before "
                          f"{shown(start)}."))  # fmt: skip
    return raw


def check_truth(raw: Any) -> bool:
    """True or false."""
    if not isinstance(raw, bool):
        raise Misfit(("", f"{shown(raw)} must be true or false."))
    return raw


def check_amount(raw: Any, info: ValidationInfo) -> tuple[str, float | None]:
    """Who paid how much in a round [USD]; null shares what is left equally."""
    if not isinstance(raw, list) or len(raw) != 2:
        raise Misfit(("", f"{shown(raw)} must be [investor, amount or null]."))
    name = check_word(raw[0], context(info)["investors"])
    return name, None if raw[1] is None else float(check_number(raw[1], MONEY, name))


def check_round(entry: dict[str, Any]) -> dict[str, Any]:
    """No more is sold than there is, and no more paid than the total."""
    total, post = entry["total"], entry["post_money"]
    faults = []
    if post is not None and total > post:
        faults.append(("total", f"{total:g} over post_money {post:g} is a share above one; "
                                "allowed is a total up to post_money [USD]."))  # fmt: skip
    paid = math.fsum(amount for _, amount in entry["investors"] if amount is not None)
    if paid > total * (1.0 + 1e-9):
        faults.append(("investors", f"the amounts add up to {paid:g}, more than the total of the "
                                    f"round; allowed is up to {total:g} [USD]."))  # fmt: skip
    if faults:
        raise Misfit(*faults)
    return entry


def check_meta(meta: dict[str, Any]) -> dict[str, Any]:
    """A cheap release is somebody's, and within a century of the start."""
    month, start = meta.get("cheap_release"), meta["start"]
    if month is None:
        return meta
    if meta.get("cheap_release_by") is None:
        raise Misfit(("cheap_release", f"{month!r} is nobody's; say cheap_release_by too."))
    if not 0 <= month_number(month) - month_number(start) < 1200:
        raise Misfit(("cheap_release", f"{month!r} is before the start or a century after it; "
                      f"allowed is {start!r} or later, by less than 100 years."))  # fmt: skip
    return meta


def check_market(market: dict[str, Any]) -> dict[str, Any]:
    """Both ends of an interval of money, around its value; outside money is part of private money."""
    faults = []
    for money in ("outside_before", "private_before"):
        said = [market[money + end].value for end in ENDS if money + end in market]
        if len(said) == 2 or (len(said) == 1 and money not in market):
            faults.append((money, f"say {money} alone, or with both {money}_low and {money}_high."))
        elif len(said) == 3 and not said[1] <= said[0] <= said[2]:
            faults.append((money, f"{said[1]:g} to {said[2]:g} does not hold {said[0]:g}; allowed is "
                                  "an interval around the value."))  # fmt: skip
    one, all_of = (market.get(f"{money}_before") for money in ("outside", "private"))
    if one and all_of and one.value > all_of.value:
        faults.append(("private_before", f"{all_of.value:g} is less than outside_before, "
                                         f"{one.value:g}, which is part of it."))  # fmt: skip
    if faults:
        raise Misfit(*faults)
    return market


def check_blocs(blocs: dict[str, list[str]], info: ValidationInfo) -> dict[str, list[str]]:
    """Every government is in one bloc."""
    count = Counter(member for members in blocs.values() for member in members)
    faults = [("", f"{place!r} is missing; every government is in one bloc.")
              for place in context(info)["governments"] if not count[place]]  # fmt: skip
    faults += [("", f"{place!r} is in two blocs; allowed is one.")
               for place, times in count.items() if times > 1]  # fmt: skip
    if faults:
        raise Misfit(*faults)
    return blocs


def check_shares(governments: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Governments share all demand."""
    total = math.fsum(entry["market_share"].value for entry in governments)
    if abs(total - 1.0) > 1e-6:
        raise Misfit(("market_share", f"the shares add up to {total:g}; allowed is 1."))
    return governments


def check_customers(customers: list[dict[str, Any]], info: ValidationInfo) -> list[dict[str, Any]]:
    """Together they are all demand of every government."""
    total = dict.fromkeys(context(info)["governments"], 0.0)
    for entry in customers:
        for government, part in entry["lives"].items():
            total[government] += part.value
    faults = [("", f"the parts of {government}'s demand add up to {part:g}; allowed is 1.")
              for government, part in total.items() if abs(part - 1.0) > 1e-6]  # fmt: skip
    if faults:
        raise Misfit(*faults)
    return customers


def check_pairs(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """From one to another, each pair once."""
    pairs = Counter((entry["from"], entry["to"]) for entry in entries)
    faults = [("", f"{tail} to {head} appears {count} times; once is allowed.")
              for (tail, head), count in pairs.items() if count > 1]  # fmt: skip
    faults += [("", f"{tail} to {head}: allowed is from one to another.")
               for tail, head in pairs if tail == head]  # fmt: skip
    if faults:
        raise Misfit(*faults)
    return entries


def check_entrants(entrants: list[dict[str, Any]], info: ValidationInfo) -> list[dict[str, Any]]:
    """Developers and places for others are not too many, for each observes each other one."""
    slots = sum(int(entry["count"].value) for entry in entrants)
    total = slots + len(context(info)["developers"])
    if total > MOST_DEVELOPERS:
        raise Misfit(("", f"{total} developers and entrants; allowed are {MOST_DEVELOPERS} together."))
    return entrants


def check_watches(watches: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
    """The file's rules speak of every kind of investor that it has."""
    missing = [one for one in INVESTOR_KINDS if one in context(info)["kinds"] and one not in watches]
    if missing:
        said = "is missing, a kind of this file's investors."
        raise Misfit(*(("", f"{one!r} {said}") for one in missing))
    return watches


# --- the form ------------------------------------------------------------------------------


def _list(entry: Any, check: Any = None) -> Any:
    return Annotated[list[entry], AfterValidator(check)] if check else list[entry]


def _pair(tail: str, meaning: str) -> Any:
    ends = {"from": known(tail), "to": known("governments"), "weight": figure(FRACTION)}
    return table(f"From{tail.title()}", meaning, ends)


MONTH = kind(check_month, {"type": "string", "pattern": r"^\d{4}-(0[1-9]|1[0-2])$"})
META = table(
    "Meta",
    "The world's name and first month; who releases a cheap model, and when (else the first month).",
    {"name": NAME, "start": MONTH},
    {"cheap_release_by": or_null(known("developers")), "cheap_release": or_null(MONTH)},
)
CUSTOMERS = table(
    "Customers",
    "A kind of customers: which part of each government's demand it is.",
    {"name": NAME, "lives": dict[known("governments"), figure(FRACTION)]},  # type: ignore[misc]
)
ROUND = table(
    "Round",
    "An equity round before the start. In a tender, staff and others sell what they hold.",
    {
        "developer": known("developers"),
        "date": kind(check_day, {"type": "string", "format": "date", "description": "a day"}),
        "total": number(PAID),
        "post_money": or_null(number(PAID)),
        "basis": word(BASES),
        "source": TEXT,
        "investors": list[kind(check_amount, {  # type: ignore[misc]
            "type": "array", "minItems": 2, "maxItems": 2,
            "description": "[investor, amount in USD]; null shares what is left equally",
            "prefixItems": [{"type": "string"}, {"type": ["number", "null"], "minimum": 0}],
        })],
    },
    {"tender": kind(check_truth, {"type": "boolean"})},
)  # fmt: skip
WATCHES = table(
    "Watches",
    "How closely each kind of investors follows the developers of its bloc.",
    {},
    figures(dict.fromkeys(INVESTOR_KINDS, FRACTION)),
)
RULES_FORM = table(
    "Rules",
    "The rules by which edges follow from the figures.",
    {
        "watches": Annotated[WATCHES, AfterValidator(check_watches)],
        "sells_across": _list(_pair("blocs", "What a bloc's developers can sell to a government."),
                              check_pairs),
        **figures(RULES),
    },
)  # fmt: skip
SUPPLIER_FORM = table("Supplier", "The supplier of compute.", figures(SUPPLIER, SUPPLIER_DRAWN))
MARKET_FORM = table(
    "Market",
    "What hangs on the month of the start; what is left out is as in January 2025.",
    {},
    figures(MARKET, MARKET_DRAWN),
)
FORM: TypeAdapter[Any] = TypeAdapter(
    table(
        "World",
        "A Moat world: the market in one month. Money in 2025 USD, capability and efficiency in OOM.",
        {
            "meta": Annotated[META, AfterValidator(check_meta)],
            "blocs": Annotated[
                dict[NAME, list[known("governments")]],  # type: ignore[misc]
                AfterValidator(check_blocs),
            ],
            "governments": _list(GOVERNMENT_FORM, check_shares),
            "customers": _list(CUSTOMERS, check_customers),
            "controls": _list(_pair("governments", "An export control."), check_pairs),
            "developers": _list(DEVELOPER_FORM),
            "investors": _list(INVESTOR_FORM),
            "rounds": _list(Annotated[ROUND, AfterValidator(check_round)]),
            "hostile_actors": _list(HOSTILE_FORM),
            "entrants": _list(ENTRANTS_FORM, check_entrants),
            "supplier": SUPPLIER_FORM,
            "rules": RULES_FORM,
        },
        {"market": Annotated[MARKET_FORM, AfterValidator(check_market)]},
    )
)


# --- reading -------------------------------------------------------------------------------


def check_world(raw: Any, file: str) -> World:
    """Check a parsed file against its form and return its content.

    Raises
    ------
    InputError
        All faults of the file, each with its place.
    """
    faults = Faults(file)
    given = names_of(raw)
    agents = [name for section in AGENTS for name in given[section]]
    for name, count in Counter([*agents, *INSTITUTION_NAMES.values()]).items():
        if count > 1:
            faults.add("", f"{count} agents are named {shown(name)}; every name is allowed once.")
    if len(agents) > MOST_AGENTS:
        faults.add("", f"{len(agents)} agents; allowed are {MOST_AGENTS}.")
    said = read_form(FORM, raw, faults, given)
    faults.refuse_any()
    slots = _slots(said["entrants"])
    for slot in slots:
        if slot["name"] in agents:
            faults.add("", f"{slot['name']!r} is the name of a place for entrants; give another.")
    faults.refuse_any()
    return _content(said, slots)


AGENTS = ("governments", "customers", "developers", "investors", "hostile_actors")


def names_of(raw: Any) -> dict[str, Any]:
    """What the parts of a file may name: also of entries that are not well formed."""
    raw = raw if isinstance(raw, dict) else {}

    def said(section: str, key: str) -> list[str]:
        entries = raw.get(section)
        entries = entries if isinstance(entries, list) else []
        found = [entry.get(key) for entry in entries if isinstance(entry, dict)]
        return [name for name in found if isinstance(name, str)]

    blocs, meta = raw.get("blocs"), raw.get("meta")
    return {
        **{section: said(section, "name") for section in AGENTS},
        "kinds": set(said("investors", "kind")),
        "blocs": [bloc for bloc in (blocs if isinstance(blocs, dict) else {}) if isinstance(bloc, str)],
        "start": meta.get("start") if isinstance(meta, dict) else None,
    }


def _slots(entrants: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The places reserved for entrants, as many of each kind as the section counts."""
    places = [entry for entry in entrants for _ in range(int(entry["count"].value))]
    return [empty_slot(number, entry["kind"], entry["jurisdiction"])
            for number, entry in enumerate(places, start=1)]  # fmt: skip


def _content(said: dict[str, Any], slots: list[dict[str, Any]]) -> World:
    meta, rules = said["meta"], said["rules"]
    homes = {entry["name"]: entry["lives"] for entry in said["customers"]}
    fits = {entry["name"]: entry.get("serves", {}) for entry in said["developers"]}
    return World(
        name=meta["name"],
        start=meta["start"],
        cheap_release_by=meta.get("cheap_release_by"),
        cheap_release=meta.get("cheap_release"),
        blocs={member: bloc for bloc, members in said["blocs"].items() for member in members},
        governments=[
            labels(e, "government") | columns(e, GOVERNMENT) for e in said["governments"]
        ],
        customers=[labels(e, "customers") for e in said["customers"]],
        lives={name: columns(parts, parts) for name, parts in homes.items()},
        serves={name: columns(parts, parts) for name, parts in fits.items()},
        controls=[(e["from"], e["to"], e["weight"].value) for e in said["controls"]],
        developers=[developer(e) for e in said["developers"]],
        investors=[
            labels(e, e["kind"]) | columns(e, INVESTOR, INVESTOR_DRAWN) for e in said["investors"]
        ],
        rounds=[
            Round(e["developer"], e["date"], e["total"], e["post_money"], tuple(e["investors"]),
                  e.get("tender", False))
            for e in said["rounds"]
        ],
        hostile_actors=[
            labels(e, "hostile_actor") | columns(e, HOSTILE) for e in said["hostile_actors"]
        ],
        slots=slots,
        supplier=columns(said["supplier"], SUPPLIER, SUPPLIER_DRAWN),
        market=columns(said.get("market", {}), MARKET, MARKET_DRAWN),
        rules=columns(rules, RULES)
        | {
            "watches": columns(rules["watches"], dict.fromkeys(INVESTOR_KINDS, FRACTION)),
            "sells_across": {
                (e["from"], e["to"]): e["weight"].value for e in rules["sells_across"]
            },
        },
    )  # fmt: skip
