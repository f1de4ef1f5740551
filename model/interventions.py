"""Interventions: what a user may do to a running market, by hand, in either engine.

They act at the start of a month, once it is open, all of a month or none. They enter the
story, and are kept with their month, so that a changed history can be run again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from agents.exit import merge_into
from world.calendar import month_label
from world.errors import InputError
from world.faults import Faults, meant, shown
from world.journal import BAILED_OUT, CUT, MERGED, MOVED, OPENED, tell
from world.kinds import INSTITUTIONS
from world.ledger import RESCUE, RESCUE_FUNDS, pay
from world.parameters import BY_NAME

if TYPE_CHECKING:
    from model.graph import Roster
    from model.rulebook import Rulebook
    from world.bound import Bound
    from world.tables import Tables

ACTIONS: dict[str, tuple[str, ...]] = {
    "cut": ("source", "target", "kind"),
    "lever": ("name", "value"),
    "merge": ("source", "target"),
    "bail out": ("target", "amount"),
    "release": ("target",),
}
MOST = 1e14  # USD of a bail-out
PARAMETERS = tuple(BY_NAME)


class Standing(NamedTuple):
    """A history as it stands between two months, in either engine."""

    tables: Tables
    bound: Bound
    roster: Roster | None
    rulebook: Rulebook

    @property
    def month(self) -> int:
        """Months since the start."""
        return int(self.tables.industry["month"][0])

    def find(self, name: Any) -> Who | None:
        """Who is of that name in the market; None if nobody is."""
        if self.roster is None:
            raise InputError("intervention: names are known only to a run with its roster.")
        for place, names in self.roster.names.items():
            if isinstance(name, str) and name in names:
                row = names.index(name)
                if place in INSTITUTIONS:
                    return Who(place, row, INSTITUTIONS.index(place))
                rows = getattr(self.tables, place)
                return Who(place, row, int(rows["account"][row])) if rows["alive"][row] else None
        return None

    def present(self) -> list[str]:
        """Names of all in the market."""
        known = self.roster.names.values() if self.roster else ()
        return [name for names in known for name in names if self.find(name)]

    @property
    def date(self) -> str:
        """Label of the month."""
        return month_label(self.roster.start, self.month) if self.roster else f"month {self.month}"


class Who(NamedTuple):
    """An agent by table, row and account."""

    table: str
    row: int
    account: int


class Intervention(NamedTuple):
    """One action with its arguments, and the month it acted in."""

    action: str
    arguments: dict[str, Any]
    month: int = -1


# --- at the door -----------------------------------------------------------------------


def checked(
    market: Standing, action: Any, given: Mapping[str, Any], before: Sequence[Intervention] = ()
) -> Intervention:
    """Check an intervention against a history as it stands, and those asked for before it.

    Raises
    ------
    InputError
        All its faults: unknown action, argument, agent, edge, parameter; a value that is not
        allowed; what would change nothing; what another one of the month rules out.
    """
    if not isinstance(action, str) or action not in ACTIONS:
        raise InputError(
            f"intervention {shown(action)} is unknown{meant(action, ACTIONS)}; allowed are "
            f"{', '.join(ACTIONS)}."
        )
    faults = Faults(f"intervention {action!r}")
    needed = ACTIONS[action]
    for name in given:
        if name not in needed:
            faults.add("", f"{name!r} is unknown{meant(name, needed)}; it needs {', '.join(needed)}.")
    missing = [name for name in needed if name not in given]
    if missing:
        faults.add("", f"{', '.join(missing)} missing; it needs {', '.join(needed)}.")
    arguments = {name: _plain(given[name]) for name in needed if name in given}
    for name, value in arguments.items():
        if name in ("source", "target"):
            _check_agent(market, faults, value, before, firm=action != "cut")
        elif name == "kind" and value not in list(market.rulebook.edges):
            known = market.rulebook.edges
            faults.add("kind", f"edge kind {shown(value)} is unknown{meant(value, known)}; allowed "
                       f"are {', '.join(known)}.")  # fmt: skip
        elif name == "amount" and not (_is_number(value) and 0.0 < value < MOST):
            faults.add("", f"amount {shown(value)} must be USD from 0 to {MOST:g}.")
    if action == "lever":
        _check_lever(market.rulebook, faults, arguments)
    faults.refuse_any()
    CHECKS[action](market, faults, before, **arguments)
    faults.refuse_any()
    return Intervention(action, arguments)


def check_lever(rulebook: Rulebook, name: str, value: Any) -> float:
    """Return a parameter's new value; `InputError` if it cannot be moved there by hand."""
    faults = Faults("intervention 'lever'")
    _check_lever(rulebook, faults, {"name": name, "value": _plain(value)})
    faults.refuse_any()
    return float(value)


def _check_lever(rulebook: Rulebook, faults: Faults, arguments: Mapping[str, Any]) -> None:
    name = arguments.get("name", PARAMETERS[0])
    if not isinstance(name, str) or name not in BY_NAME:
        faults.add("", f"parameter {shown(name)} is unknown{meant(name, BY_NAME)}; "
                   "`moat parameters` lists all.")  # fmt: skip
        return
    if name in rulebook.opening_only:
        faults.add("", f"parameter {name!r} is read only as a history opens: moved later it would "
                   "change nothing. Set it in the scenario.")  # fmt: skip
    try:
        BY_NAME[name].check(arguments.get("value", BY_NAME[name].default), "value")
    except InputError as error:
        faults.add("", str(error))


def _check_agent(
    market: Standing, faults: Faults, name: Any, before: Iterable[Intervention], firm: bool
) -> None:
    gone = {i.arguments["source"]: i.arguments["target"] for i in before if i.action == "merge"}
    who = market.find(name)
    if isinstance(name, str) and name in gone:
        faults.add("", f"{name!r} is merged into {gone[name]!r} in the same month.")
    elif who is None:
        faults.add("", f"agent {shown(name)} is not in the market in {market.date}"
                   f"{meant(name, market.present())}.")  # fmt: skip
    elif firm and who.table != "developers":
        faults.add("", f"{name!r} is not a developer.")


def _check_cut(
    market: Standing, faults: Faults, before: Iterable[Intervention], source: str, target: str,
    kind: str,
) -> None:  # fmt: skip
    asked = {"source": source, "target": target, "kind": kind}
    if any(i.action == "cut" and i.arguments == asked for i in before):
        faults.add("", f"the {kind} edge from {source!r} to {target!r} is cut this month already.")
    elif not len(_edges(market, source, target, kind)):
        found = [k for k in market.rulebook.edges if len(_edges(market, source, target, k))]
        faults.add("", f"there is no {kind!r} edge from {source!r} to {target!r}; "
                   f"there is {', '.join(found) or 'none at all'}.")  # fmt: skip


def _check_moved(
    market: Standing, faults: Faults, _: Iterable[Intervention], name: str, value: float
) -> None:
    industry, p = market.tables.industry[0], market.tables.parameters[0]
    due = industry["release_after"] + int(p["release_month"])
    past = industry["release_by"] < 0 or p["release_month"] < 0.0 or due <= industry["month"]
    if name in ("release_gap", "release_cost") and past:
        faults.add("", f"parameter {name!r} acts when the cheap release comes, and none is to come.")


def _check_merge(
    market: Standing, faults: Faults, _: Iterable[Intervention], source: str, target: str
) -> None:
    if source == target:
        faults.add("", f"{source!r} cannot merge with itself.")
    for name in dict.fromkeys((source, target)):
        if market.tables.developers["owned"][_found(market, name).row] == 0:
            faults.add("", f"{name!r} has no owners who could hold shares; private developers merge.")


def _check_bail_out(
    market: Standing, faults: Faults, _: Iterable[Intervention], target: str, amount: float
) -> None:
    if not len(market.tables.governments):
        faults.add("", "there is no government that could pay.")


def _check_release(
    market: Standing, faults: Faults, before: Iterable[Intervention], target: str
) -> None:
    again = any(i.action == "release" and i.arguments["target"] == target for i in before)
    if again or market.tables.developers["open_weights"][_found(market, target).row] == 1:
        faults.add("", f"the weights of {target!r} are open already.")


CHECKS: dict[str, Callable[..., None]] = {
    "cut": _check_cut,
    "lever": _check_moved,
    "merge": _check_merge,
    "bail out": _check_bail_out,
    "release": _check_release,
}


def _plain(value: Any) -> Any:
    """A number of NumPy as one of Python; anything else as it is."""
    return value.item() if isinstance(value, np.generic) else value


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _found(market: Standing, name: str) -> Who:
    who = market.find(name)
    if who is None:
        raise InputError(f"agent {name!r} is not in the market.")
    return who


def _edges(market: Standing, source: str, target: str, kind: str) -> Any:
    """Rows of the edges of a kind from one agent to another that are there."""
    edge = market.rulebook.edges[kind]
    tail, head = _found(market, source), _found(market, target)
    if (tail.table, head.table) != (edge.tail, edge.head):
        return np.array([], dtype=int)
    rows = getattr(market.tables, edge.table)
    here = (rows["source"] == tail.row) & (rows["target"] == head.row)
    return np.flatnonzero(here & (rows[edge.figures[0]] > 0.0))


# --- what they do ------------------------------------------------------------------------


def carry_out(market: Standing, asked: Iterable[Intervention]) -> list[Intervention]:
    """Do what was asked for, in turn; return it with its month.

    Raises
    ------
    InputError
        Something is not possible any more. What came before it is done: put it back.
    """
    done = []
    for intervention in asked:
        now = checked(market, intervention.action, intervention.arguments)
        DEEDS[now.action](market, **now.arguments)
        done.append(now._replace(month=market.month))
    return done


def move(market: Bound, name: str, value: float) -> None:
    """Set a parameter from now on, and tell it."""
    before = float(market.parameters[name])
    market.parameters[name] = value
    tell(market, MOVED, -1, PARAMETERS.index(name), before, value)


def _lever(market: Standing, name: str, value: float) -> None:
    move(market.bound, name, float(value))


def _cut(market: Standing, source: str, target: str, kind: str) -> None:
    rows = getattr(market.tables, market.rulebook.edges[kind].table)
    strength = market.rulebook.edges[kind].figures[0]
    weight = 0.0
    for row in _edges(market, source, target, kind):
        weight += float(rows[strength][row])
        rows[strength][row] = 0.0
        if strength == "weight":  # a stake is cut, and who held it still watches
            rows["cut"][row] = 1
    ends = _found(market, source).account, _found(market, target).account
    tell(market.bound, CUT, *ends, weight, float(list(market.rulebook.edges).index(kind)))


def _merge(market: Standing, source: str, target: str) -> None:
    one, other = _found(market, source), _found(market, target)
    value = float(market.tables.developers["valuation"][one.row])
    merge_into(market.bound, one.row, other.row)
    tell(market.bound, MERGED, one.account, other.account, value, 0.0)


def _bail_out(market: Standing, target: str, amount: float) -> None:
    who = _found(market, target)
    row = market.tables.developers["government"][who.row]
    government = int(market.tables.governments["account"][row])
    pay(market.bound, RESCUE_FUNDS, INSTITUTIONS.index("economy"), government, float(amount))
    pay(market.bound, RESCUE, government, who.account, float(amount))
    tell(market.bound, BAILED_OUT, who.account, -1, float(amount), 0.0)


def _release(market: Standing, target: str) -> None:
    who = _found(market, target)
    market.tables.developers["open_weights"][who.row] = 1
    capability = float(market.tables.developers["capability"][who.row])
    tell(market.bound, OPENED, who.account, -1, capability, 0.0)


DEEDS: dict[str, Callable[..., None]] = {
    "cut": _cut,
    "lever": _lever,
    "merge": _merge,
    "bail out": _bail_out,
    "release": _release,
}
