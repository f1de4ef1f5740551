"""An agent's entry in a world file: its columns, what each may be, and the check."""

from __future__ import annotations

from typing import Any

from world.errors import InputError
from world.files.check import (
    FLAG,
    FLOW,
    FRACTION,
    MONEY,
    OOM,
    Range,
    check_keys,
    check_text,
    doubts,
    entries,
    sourced_value,
    sourced_values,
)
from world.kinds import DEVELOPER_KINDS
from world.state import RUN_KINDS

GOVERNMENT = {
    "gdp": FLOW,
    "market_share": FRACTION,
    "public_research": FLOW,
    "ip_strength": FRACTION,
    "court_reach": FRACTION,
}
DEVELOPER = {
    "capability": OOM,
    "efficiency": Range(-5.0, 20.0, "OOM"),
    "researchers": Range(0.0, 1e7, "persons"),
    "cash": MONEY,
    "brand": Range(1e-6, 1e6, "weight"),
    "revenue": FLOW,
    "open_weights": FLAG,
    "clever": FLAG,
    "copied": FLAG,
}
MAY_SAY = {"complements": FLAG, "on_sale": FLAG}  # else its weights say it; else it is
RUN = {
    "target": OOM,
    "months_left": Range(1, 60, "months", whole=True),
    "cost": Range(1.0, 1e15, "USD"),
}
INVESTOR = {"cash": MONEY, "allowance": FLOW}
HOSTILE = {"cash": MONEY, "income": Range(0.0, 1e12, "USD/month"), "capability": OOM}
# Figures that histories draw from their interval (`agents.start`), and whether in logs.
DRAWN = {"capability": False, "researchers": True, "cash": True, "revenue": True, "allowance": True}
SLOTS = Range(0, 10_000, "slots", whole=True)


def check_agent(
    raw: Any,
    kinds: str | tuple[str, ...],
    ranges: dict[str, Range],
    place: str,
    places: list[str] | None = None,
    optional: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Return an agent's name, kind, jurisdiction (if `places` are given) and columns."""
    words: tuple[str, ...] = ("name",) if isinstance(kinds, str) else ("name", "kind")
    words += ("jurisdiction",) if places is not None else ()
    raw = check_keys(raw, (*words, *ranges), place, optional)
    agent = {"name": check_text(raw["name"], f"{place}, name")}
    agent["kind"] = (
        kinds if isinstance(kinds, str) else check_text(raw["kind"], f"{place}, kind", kinds)
    )
    if places is not None:
        agent["jurisdiction"] = check_text(raw["jurisdiction"], f"{place}, jurisdiction", places)
    return agent | sourced_values(raw, ranges, place) | doubts(raw, DRAWN)


def check_developer(
    raw: Any, places: list[str], place: str, customers: list[str]
) -> dict[str, Any]:
    """Return a living developer's name, kind, jurisdiction and columns, with its run or without.

    `serves` says whom its products suit more or less than usual.
    """
    optional = ("run", "serves", *MAY_SAY)
    agent = check_agent(raw, DEVELOPER_KINDS, DEVELOPER, place, places, optional)
    if "serves" in raw and agent["kind"] == "public_lab":
        raise InputError(f"{place}, serves: a public_lab sells to nobody; leave it out.")
    fits = check_keys(raw.get("serves", {}), (), f"{place}, serves", tuple(customers))
    agent["serves"] = sourced_values(fits, dict.fromkeys(fits, FRACTION), f"{place}, serves")
    said = {key: within for key, within in MAY_SAY.items() if key in raw}
    agent |= sourced_values(raw, said, place)
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
    said = sourced_values(raw, RUN, place) | doubts(raw, {"target": False})
    return {"run_kind": kind} | {f"run_{key}": value for key, value in said.items()}


def no_run() -> dict[str, Any]:
    """Columns of a developer without a run under way."""
    return {"run_kind": "none", "run_target": 0.0, "run_months_left": 0, "run_cost": 0.0}


def check_entrants(raw: Any, places: list[str], place: str) -> list[dict[str, Any]]:
    """Return the places reserved for entrants, as many of each kind as the section counts."""
    slots: list[dict[str, Any]] = []
    for entry, here in entries(raw, place):
        entry = check_keys(entry, ("kind", "jurisdiction", "count"), here)
        kind = check_text(entry["kind"], f"{here}, kind", DEVELOPER_KINDS[:2])
        where = check_text(entry["jurisdiction"], f"{here}, jurisdiction", places)
        for _ in range(int(sourced_value(entry["count"], SLOTS, f"{here}, count"))):
            slots.append(empty_slot(len(slots) + 1, kind, where))
    return slots


def empty_slot(number: int, kind: str, jurisdiction: str) -> dict[str, Any]:
    """Return a place reserved for a developer yet to be founded."""
    columns = {key: 0 if within.whole else 0.0 for key, within in DEVELOPER.items()}
    agent = {"name": f"Entrant {number}", "kind": kind, "jurisdiction": jurisdiction, "alive": 0}
    return agent | columns | no_run()
