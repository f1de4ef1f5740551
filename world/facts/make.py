"""The worlds of `world/files`: what was known at each date. `python -m world.facts.make` writes them.

Rules, the same for all dates:

1. A figure is the latest of the table that is not dated after the first day of the start. Whose
   state was told within the year before is in the market; nobody else is.
2. A figure known only later keeps its interval, which histories draw from (`agents.start`): nobody
   had it more precisely then. What came of a run under way is not known: a leading run reaches
   what its cost buys at the developer's efficiency, a following one half of the way to the frontier.
3. Rounds before the start make the cap tables; investors that are not in the market hold nothing.
4. A model that was shown and not sold serves nobody; what its developer releases next is sold.
5. The money of the two years before is the sum of the rounds, and what parents and own profits add.
6. Entrants come by the rule of entry (`agents.entry`), also those that came in fact; nobody could
   name them before. The cheap release of January 2025 is in the worlds where its developer is.
"""

from __future__ import annotations

import datetime
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from world.facts.table import FOLDER, Fact, Known, facts
from world.yaml_file import read_yaml

WORLDS = FOLDER.parent / "files"
STARTS = ("2022-01", "2023-01", "2024-01", "2025-01")
DEVELOPER = ("capability", "efficiency", "researchers", "cash", "brand", "revenue", "open_weights",
             "clever", "copied")  # fmt: skip
GOVERNMENT = ("gdp", "market_share", "public_research", "ip_strength", "court_reach")
MARKET = ("flop_per_usd", "frontier_growth", "market_growth", "lag", "largest_run", "other_demand",
          "leader_researchers", "leader_compute")  # fmt: skip
SMALLEST_STEP = 0.1  # OOM by which a run under way exceeds the present model at least
YEARS_BEFORE = 2
SPREAD_MONEY = (0.8, 1.2)  # interval of the rounds identified before a start
WHOLE = 0.999


def world_of(start: str) -> dict[str, Any]:
    """A world of that month, in the form of a world file."""
    first = datetime.date.fromisoformat(f"{start}-01")
    known = Known(first, facts())
    structure = read_yaml(FOLDER / "structure.yaml")
    developers = list(_developers(known, structure))
    release = next(fact for fact in facts() if fact.quantity == "cheap_release")
    named = any(developer["name"] == release.entity for developer in developers)
    return {
        "meta": {"name": start, "start": start}
        | (_cheap_release(release) if named else {}),
        "market": _market(known),
        "blocs": structure["blocs"],
        "governments": [
            {"name": name} | {key: _said(known, name, key) for key in GOVERNMENT}
            for name in structure["governments"]
        ],
        "customers": structure["customers"],
        "controls": [
            {"from": tail, "to": head, "weight": _control(known, tail, head)}
            for tail, head in structure["controls"]
        ],
        "developers": developers,
        "investors": [
            {"name": name, "kind": who["kind"], "jurisdiction": who["jurisdiction"]}
            | {key: _said(known, name, key) for key in ("cash", "allowance")}
            for name, who in structure["investors"].items() if known.get(name, "allowance")
        ],
        "rounds": list(_rounds(known, structure, [developer["name"] for developer in developers])),
        "hostile_actors": [
            {"name": name} | {key: _said(known, name, key) for key in ("cash", "income", "capability")}
            for name in structure["hostile_actors"]
        ],
        "entrants": structure["entrants"],
        "supplier": {key: _said(known, "Compute supplier", key) for key in ("cash", "capacity")},
        "rules": structure["rules"],
    }  # fmt: skip


def _cheap_release(fact: Fact) -> dict[str, str]:
    return {"cheap_release_by": fact.entity, "cheap_release": f"{fact.date:%Y-%m}"}


def _figure(fact: Fact) -> list[Any]:
    """A fact as a figure of a world file: value, basis, source and, if it has one, its interval."""
    value = int(fact.value) if fact.unit == "flag" else fact.value
    figure = [value, fact.basis, fact.source]
    return figure + [fact.low, fact.high] if math.isfinite(fact.low) else figure


def _said(known: Known, entity: str, quantity: str) -> list[Any]:
    fact = known.get(entity, quantity)
    if fact is None:
        raise LookupError(f"facts: {entity}, {quantity} is not known at {known.start}.")
    return _figure(fact)


def _market(known: Known) -> dict[str, Any]:
    return {key: _said(known, "Market", key) for key in MARKET} | _money_before(known)


def _control(known: Known, tail: str, head: str) -> list[Any]:
    fact = known.get(f"{tail} -> {head}", "control")
    return _figure(fact) if fact else [0, "observed", "no control; room for later policy"]


# --- developers ------------------------------------------------------------------------


def _developers(known: Known, structure: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Developers whose state was told within the year, in the order of the structure."""
    present = [name for name in structure["developers"] if known.get(name, "capability")]
    frontier = max(_value(known, name, "capability") for name in present)
    for name in present:
        who = structure["developers"][name]
        entry = {"name": name, "kind": who["kind"], "jurisdiction": who["jurisdiction"]}
        entry |= {key: _said(known, name, key) for key in DEVELOPER}
        for key in ("complements", "on_sale"):
            if known.get(name, key):
                entry[key] = _said(known, name, key)
        if who["kind"] != "public_lab":
            told = {one["name"]: known.last(f"{name} -> {one['name']}", "serves")
                    for one in structure["customers"]}  # fmt: skip
            fits = {key: _figure(fact) for key, fact in told.items() if fact}
            if fits:
                entry["serves"] = fits
        if known.get(name, "run_cost"):
            entry["run"] = _run(known, name, frontier)
        yield entry


def _value(known: Known, entity: str, quantity: str) -> float:
    return float(_said(known, entity, quantity)[0])


def _run(known: Known, name: str, frontier: float) -> dict[str, Any]:
    """A run under way: what it is to reach, if that was known; else what the laws let expect."""
    leads = _value(known, name, "run_leads") == 1.0
    target = known.get(name, "run_target")
    if target is None or target.known == "hindsight":
        figure = _expected_target(known, name, frontier, leads)
    else:
        figure = _figure(target)
    months = known.get(name, "run_months_left")
    left = [max(1, round(months.value)), months.basis, months.source] if months else None
    return {"kind": "lead" if leads else "follow", "target": figure, "months_left": left,
            "cost": _said(known, name, "run_cost")}  # fmt: skip


def _expected_target(known: Known, name: str, frontier: float, leads: bool) -> list[Any]:
    """What a run is expected to reach [OOM].

        leads:    log10 cost + efficiency + log10 FLOP that a dollar buys
        follows:  half of the way from its own model to the frontier
    """
    own = _value(known, name, "capability")
    if leads:
        cost = _said(known, name, "run_cost")
        target = math.log10(cost[0]) + _value(known, name, "efficiency")
        target += _value(known, "Market", "flop_per_usd")
        spread = 0.5 * math.log10(cost[4] / cost[3]) if len(cost) > 3 else 0.5
        source = "what its cost buys at its efficiency"
    else:
        target, spread = 0.5 * (own + frontier), 0.3
        source = "half of the way from its own model to the frontier"
    target = round(max(own + SMALLEST_STEP, target), 3)
    return [target, "construct", source, round(target - spread, 3), round(target + spread, 3)]


# --- rounds ----------------------------------------------------------------------------


def _rounds(
    known: Known, structure: dict[str, Any], present: list[str]
) -> Iterator[dict[str, Any]]:
    """Rounds and tenders of the developers in the market, and of those that they took over."""
    heir = {old: name for name, who in structure["developers"].items() if name in present
            for old in who.get("was", [])}  # fmt: skip
    buyer = {old: name for name, who in structure["investors"].items() if known.get(name, "allowance")
             for old in who.get("was", [])}  # fmt: skip
    for fact in known.dated:
        developer = heir.get(fact.entity, fact.entity)
        raised = fact.quantity in ("round", "tender") and fact.date < known.start
        if not raised or developer not in present:
            continue
        yield {
            "developer": developer,
            "date": fact.date,
            "total": fact.value,
            "post_money": _of_day(known, fact, "post_money"),
            "basis": fact.basis,
            "source": fact.source,
            **({"tender": True} if fact.quantity == "tender" else {}),
            "investors": _investors(known, fact, buyer),
        }


def _of_day(known: Known, fact: Fact, quantity: str) -> float | None:
    """Another figure of the same developer and day."""
    for other in known.dated:
        if (other.entity, other.quantity, other.date) == (fact.entity, quantity, fact.date):
            return other.value
    return None


def _investors(known: Known, fact: Fact, buyer: dict[str, str]) -> list[list[Any]]:
    """Who of the market took part, with how much [USD]; null shares what is left equally.

    Where somebody is missing that part is reckoned first, for it stays with who is missing.
    """
    tail = f" -> {fact.entity}"
    told = [
        (other.entity.removesuffix(tail), other.value) for other in known.dated
        if other.quantity == "invested" and other.date == fact.date and other.entity.endswith(tail)
    ]  # fmt: skip
    here = [(buyer.get(name, name), amount) for name, amount in told]
    here = [(name, amount) for name, amount in here if known.get(name, "allowance")]
    named = math.fsum(amount for _, amount in told if not math.isnan(amount))
    unsaid = sum(math.isnan(amount) for _, amount in told)
    each = math.floor(max(0.0, fact.value - named) / max(1, unsaid) / 1e3) * 1e3
    rest = None if len(here) == len(told) else each
    return [[name, rest if math.isnan(amount) else amount] for name, amount in here]


def _money_before(known: Known) -> dict[str, Any]:
    """Money for frontier research of the two years before: stated, or the sum of the rounds [USD]."""
    keys = [f"{money}_before{end}" for money in ("outside", "private") for end in ("", "_low", "_high")]
    if all(known.get("Market", key) for key in keys):
        return {key: _said(known, "Market", key) for key in keys}
    since = known.start.replace(year=known.start.year - YEARS_BEFORE)
    outside = math.fsum(
        fact.value for fact in known.dated
        if fact.quantity == "round" and fact.date >= since
        and (_of_day(known, fact, "post_money") or math.inf) * WHOLE > fact.value
    )  # fmt: skip
    added = _value(known, "Market", "parents_before") + _value(known, "Market", "profits_before")
    sums = {"outside": (outside, "sum of the rounds identified, parents' apart"),
            "private": (outside + added, "that, and what parents and own profits paid")}  # fmt: skip
    return {
        f"{money}_before{end}": [float(f"{total * part:.3g}"), "estimate", source]
        for money, (total, source) in sums.items()
        for end, part in zip(("", "_low", "_high"), (1.0, *SPREAD_MONEY), strict=True)
    }


# --- files -----------------------------------------------------------------------------


class _Dumper(yaml.SafeDumper):
    """Writes figures on one line, large ones as 7e+09."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _float(dumper: yaml.SafeDumper, value: float) -> yaml.ScalarNode:
    digits, exponent, power = f"{value:.6g}".partition("e")
    if "." not in digits:
        if not exponent:
            return dumper.represent_scalar("tag:yaml.org,2002:int", digits)
        digits += ".0"  # a number by YAML 1.1 too
    return dumper.represent_scalar("tag:yaml.org,2002:float", digits + exponent + power)


def _list(dumper: yaml.SafeDumper, values: list[Any]) -> yaml.SequenceNode:
    flat = not any(isinstance(value, dict) for value in values)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=flat)


_Dumper.add_representer(float, _float)
_Dumper.add_representer(list, _list)

HEAD = """\
# The market at the start of {start}, as it was known: made by `python -m world.facts.make`
# from the table of facts in world/facts; change it there, or a copy of this file.
#
# A figure is [value, basis, source] or [value, basis, source, low, high] with its 5-95 % interval;
# basis is
#   observed   a public figure for this agent near this date,
#   estimate   reasoned from public figures,
#   construct  a quantity of the model, set by the rule named.
# Money in 2025 USD; capability and efficiency in OOM (log10).
# Figures credited to Epoch AI are used under CC-BY 4.0 (epoch.ai/data).
# "ECI rule": capability = 28.8 + 0.112 (ECI - 143), through o1 (143.0, 28.8) and
# DeepSeek-V3 (133.2, 27.7); ECI is the Epoch Capabilities Index, vintage 2026-04.

"""


def text_of(start: str) -> str:
    """The world file of that month."""
    sections = [
        yaml.dump({name: content}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)
        for name, content in world_of(start).items()
    ]
    return HEAD.format(start=start) + "\n".join(sections)


def main(folder: Path = WORLDS) -> None:
    """Write all world files."""
    for start in STARTS:
        (folder / f"{start}.yaml").write_text(text_of(start), encoding="utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
