"""Interventions: what a user may do to a running market, by hand.

They act at the start of a month, enter the story, and are kept with their
month, so that a changed history can be run again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from agents.exit import merge_into
from world.errors import InputError
from world.journal import INTERVENTION, WEIGHTS_OPENED, tell
from world.kinds import ECONOMY
from world.ledger import RESCUE, RESCUE_FUNDS, pay
from world.parameters import BY_NAME

if TYPE_CHECKING:
    from model.market import Market

ACTIONS: dict[str, tuple[str, ...]] = {
    "cut": ("source", "target", "kind"),
    "lever": ("name", "value"),
    "merge": ("source", "target"),
    "bail out": ("target", "amount"),
    "release": ("target",),
}


class Intervention(NamedTuple):
    """One action with its arguments, and the month it acted in."""

    action: str
    arguments: dict[str, Any]
    month: int = -1

    @classmethod
    def checked(cls, market: Market, action: str, arguments: dict[str, Any]) -> Intervention:
        """Check an intervention against the market as it stands."""
        if action not in ACTIONS:
            raise InputError(
                f"intervention {action!r} is unknown; allowed are {', '.join(ACTIONS)}."
            )
        if set(arguments) != set(ACTIONS[action]):
            raise InputError(f"intervention {action!r} needs {', '.join(ACTIONS[action])}.")
        for key in ("source", "target"):
            if key in arguments:
                market.agent(arguments[key])
        if action == "lever":
            if arguments["name"] not in BY_NAME:
                raise InputError(f"intervention: parameter {arguments['name']!r} is unknown.")
            BY_NAME[arguments["name"]].check(arguments["value"], "intervention")
        elif action == "cut":
            if arguments["kind"] not in market.rulebook.edges:
                raise InputError(
                    f"intervention: edge kind {arguments['kind']!r} is unknown; "
                    f"allowed are {', '.join(market.rulebook.edges)}."
                )
            _edge_row(market, **arguments)
        elif action == "bail out":
            amount = arguments["amount"]
            number = isinstance(amount, (int, float)) and not isinstance(amount, bool)
            if not number or not 0.0 < amount < 1e14:
                raise InputError(f"intervention: amount {amount!r} must be USD from 0 to 1e14.")
        if action != "cut" and "target" in arguments:
            for key in ("source", "target"):
                if key in arguments and market.agent(arguments[key]).table != "developers":
                    raise InputError(f"intervention: {arguments[key]!r} is not a developer.")
        if action == "merge":
            if arguments["source"] == arguments["target"]:
                raise InputError(f"intervention: {arguments['source']!r} cannot merge with itself.")
            for key in ("source", "target"):
                if market.agent(arguments[key]).owned == 0:
                    raise InputError(
                        f"intervention: {arguments[key]!r} has no owners who could hold shares; "
                        "private developers merge."
                    )
        return cls(action, dict(arguments))


def _edge_row(market: Market, source: str, target: str, kind: str) -> int:
    edge = market.rulebook.edges[kind]
    table = getattr(market.tables, edge.table)
    tail, head = market.agent(source), market.agent(target)
    for row in range(len(table)):
        if table["source"][row] == tail.row and table["target"][row] == head.row:
            return row
    raise InputError(f"intervention: there is no {kind!r} edge from {source!r} to {target!r}.")


def apply_intervention(market: Market, intervention: Intervention) -> None:
    """Carry out a checked intervention on the market's tables."""
    tables, given = market.tables, intervention.arguments
    if intervention.action == "cut":
        table = getattr(tables, market.rulebook.edges[given["kind"]].table)
        row = _edge_row(market, **given)
        if given["kind"] == "stake":
            table["share"][row] = 0.0
        else:
            table["weight"][row] = 0.0
            table["cut"][row] = 1
        actor, other, value = market.agent(given["source"]), market.agent(given["target"]), 0.0
    elif intervention.action == "lever":
        tables.parameters[given["name"]][0] = float(given["value"])
        tell(market.bound, INTERVENTION, ECONOMY, -1, float(given["value"]), 0.0)
        return
    elif intervention.action == "merge":
        actor, other = market.agent(given["source"]), market.agent(given["target"])
        value = float(tables.developers["valuation"][actor.row])
        merge_into(market.bound, actor.row, other.row)
    elif intervention.action == "bail out":
        actor = other = market.agent(given["target"])
        value = float(given["amount"])
        government = tables.governments["account"][tables.developers["government"][actor.row]]
        pay(market.bound, RESCUE_FUNDS, ECONOMY, government, value)
        pay(market.bound, RESCUE, government, actor.account, value)
    else:
        actor = other = market.agent(given["target"])
        tables.developers["open_weights"][actor.row] = 1
        value = float(tables.developers["capability"][actor.row])
        tell(market.bound, WEIGHTS_OPENED, actor.account, -1, value, 0.0)
    tell(market.bound, INTERVENTION, actor.account, other.account, value, 0.0)
    market._sync_agents()
