"""An agent's entry in a world file: its figures, what each may be, and its columns."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator

from world.files.check import FLAG, FLOW, FRACTION, MONEY, OOM, Figure, Range, figure
from world.form import NAME, Misfit, known, table, word
from world.kinds import DEVELOPER_KINDS, INVESTOR_KINDS
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
SLOTS = Range(0, 500, "slots", whole=True)
# Figures that histories draw from their interval (`agents.start`), and whether in logs. An
# investor's cash goes with its allowance.
DEVELOPER_DRAWN = {"capability": False, "researchers": True, "cash": True, "revenue": True}
INVESTOR_DRAWN = {"allowance": True}
RUN_DRAWN = {"target": False}


def figures(ranges: Mapping[str, Range], drawn: Collection[str] = ()) -> dict[str, Any]:
    """The forms of figures."""
    return {key: figure(within, key in drawn) for key, within in ranges.items()}


def columns(
    entry: dict[str, Any], ranges: Mapping[str, Range], drawn: Mapping[str, bool] | None = None
) -> dict[str, Any]:
    """Values of an entry's figures; and ``NAME_doubt`` of those drawn, where there is an interval."""
    said: dict[str, Figure] = {key: entry[key] for key in ranges if key in entry}
    return {key: one.value for key, one in said.items()} | {
        f"{key}_doubt": said[key].doubt(in_logs)
        for key, in_logs in (drawn or {}).items() if key in said and said[key].low is not None
    }  # fmt: skip


def _agrees(entry: dict[str, Any]) -> dict[str, Any]:
    faults = []
    if "serves" in entry and entry["kind"] == "public_lab":
        faults.append(("serves", "a public_lab sells to nobody; leave it out."))
    target = entry["run"]["target"].value if "run" in entry else None
    if target is not None and target <= entry["capability"].value:
        faults.append(("run, target", f"{target:g} contradicts capability "
                       f"{entry['capability'].value:g}; allowed is a target above it [OOM]."))
    if faults:
        raise Misfit(*faults)
    return entry


HOME = {"name": NAME, "jurisdiction": known("governments")}
GOVERNMENT_FORM = table(
    "Government", "A government and its jurisdiction.", {"name": NAME, **figures(GOVERNMENT)}
)
RUN_FORM = table(
    "Run",
    "A training run under way: a leading one from scratch, or one that follows.",
    {"kind": word(RUN_KINDS[1:]), **figures(RUN, RUN_DRAWN)},
)
DEVELOPER_FORM: Any = Annotated[
    table(
        "Developer",
        "A developer at the start. `serves` says whom its products suit more or less than usual.",
        {**HOME, "kind": word(DEVELOPER_KINDS), **figures(DEVELOPER, DEVELOPER_DRAWN)},
        {
            "run": RUN_FORM,
            "serves": dict[known("customers"), figure(FRACTION)],  # type: ignore[misc]
            **figures(MAY_SAY),
        },
    ),
    AfterValidator(_agrees),
]
INVESTOR_FORM = table(
    "Investor",
    "An investor: its cash, and the money that it is given each year.",
    {**HOME, "kind": word(INVESTOR_KINDS), **figures(INVESTOR, INVESTOR_DRAWN)},
)
HOSTILE_FORM = table(
    "HostileActor", "Somebody who turns models against others.", {"name": NAME, **figures(HOSTILE)}
)
ENTRANTS_FORM = table(
    "Entrants",
    "Places for developers yet to be founded.",
    {"kind": word(DEVELOPER_KINDS[:2]), "jurisdiction": known("governments"), "count": figure(SLOTS)},
)


def developer(entry: dict[str, Any]) -> dict[str, Any]:
    """A living developer's name, kind, jurisdiction and columns, with its run or without."""
    run = no_run()
    if "run" in entry:
        said = columns(entry["run"], RUN, RUN_DRAWN)
        run = {"run_kind": entry["run"]["kind"]} | {f"run_{key}": said[key] for key in said}
    return {
        "alive": 1, **labels(entry, entry["kind"]), **columns(entry, DEVELOPER, DEVELOPER_DRAWN),
        **columns(entry, MAY_SAY), **run,
    }  # fmt: skip


def labels(entry: dict[str, Any], kind: str) -> dict[str, Any]:
    """An agent's name, kind and, if it has one, jurisdiction."""
    home = {"jurisdiction": entry["jurisdiction"]} if "jurisdiction" in entry else {}
    return {"name": entry["name"], "kind": kind} | home


def no_run() -> dict[str, Any]:
    """Columns of a developer without a run under way."""
    return {"run_kind": "none", "run_target": 0.0, "run_months_left": 0, "run_cost": 0.0}


def empty_slot(number: int, kind: str, jurisdiction: str) -> dict[str, Any]:
    """Return a place reserved for a developer yet to be founded."""
    columns = {key: 0 if within.whole else 0.0 for key, within in DEVELOPER.items()}
    agent = {"name": f"Entrant {number}", "kind": kind, "jurisdiction": jurisdiction, "alive": 0}
    return agent | columns | no_run()
