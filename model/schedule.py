"""The month, in order: written once, run by both engines.

`Market.step` performs these sentences agent by agent; the compiled engine loops
over the rows of the same tables in the same order. Each sentence names who acts
(a table of agents or an institution) by which rule, in the order drawn that
month where it says so, else by row.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from agents import KINDS, MarketAgent
from agents.agent import Rule
from world import kinds
from world.errors import InputError


class Phase(NamedTuple):
    """One sentence of the month: who acts by which rule, a method of their class."""

    banner: str
    who: str
    rule: Rule
    method: str
    drawn: bool = False

    @property
    def name(self) -> str:
        """Name of the rule."""
        return self.rule.__name__


MONTH = """
open           | economy          | economy_opens_month
open           | economy          | economy_releases_cheap_model
# Who could not pay last month leaves before it acts, so that a month is of those who end it.
exit           | developers       | developer_exits
govern         | governments      | government_observes
govern         | governments      | government_funds_research
govern         | governments      | government_protects_models
govern         | governments      | government_controls_exports
govern         | governments      | government_sets_safety_rules
research       | developers       | developer_looks_around
research       | developers       | developer_pays_researchers
research       | developers       | developer_buys_experiments
research       | developers       | developer_researches
research       | developers       | developer_aligns_models
release        | developers       | developer_trains
release        | economy          | economy_records_releases
sell           | developers       | developer_prices
sell           | customers        | customers_compare
sell           | customers        | customers_buy
sell           | developers       | developer_serves
sell           | customers        | customers_adopt
learn          | economy          | economy_sees_growth
learn          | economy          | economy_expects
learn          | developers       | developer_makes_news
learn          | investors        | investor_learns
learn          | investors        | investor_listens
learn          | economy          | economy_averages_beliefs
plan and raise | developers       | developer_hides_traces
plan and raise | developers       | developer_plans
plan and raise | developers       | developer_seeks
# Who asks first can drain a shared investor: the order is drawn every month.
plan and raise | developers       | developer_raises             | drawn
plan and raise | developers       | developer_starts
plan and raise | developers       | developer_hires
compute        | supplier         | supplier_delivers
compute        | investors        | investor_earns_rebate
compute        | supplier         | supplier_pays_costs
reprice        | developers       | developer_is_valued
reprice        | supplier         | supplier_is_valued
reprice        | developers       | developer_pays_owners
reprice        | investors        | investor_marks_book
reprice        | investors        | investor_sells_stakes
reprice        | limited_partners | partners_save
reprice        | investors        | investor_draws_capital
entry          | economy          | economy_admits_entrants
misuse         | hostiles         | hostile_earns
misuse         | hostiles         | hostile_acquires
misuse         | hostiles         | hostile_attacks
misuse         | economy          | economy_suffers_accidents
close          | governments      | government_spends_levies
"""

# What a new history does once before its first month: values at the opening beliefs.
BEFORE = """
knowledge      | economy          | economy_draws_start
character      | developers       | developer_meets_customers
character      | customers        | customers_gather
character      | developers       | developer_prices
character      | customers        | customers_compare
character      | developers       | developer_opens_accounts
character      | investors        | investor_forms_beliefs
values         | economy          | economy_expects
values         | investors        | investor_listens
values         | economy          | economy_averages_beliefs
values         | developers       | developer_is_valued
values         | supplier         | supplier_is_valued
values         | investors        | investor_marks_book
values         | limited_partners | partners_save
"""


def actors(cast: Iterable[tuple[str, type[MarketAgent]]]) -> dict[str, type[MarketAgent]]:
    """Who can act, and by whose rules: a class for each table of agents and institution."""
    found: dict[str, type[MarketAgent]] = {}
    for kind, cls in cast:
        found.setdefault(kind if kind in kinds.INSTITUTIONS else cls.table, cls)
    return found


def phases(text: str, cast: dict[str, type[MarketAgent]]) -> tuple[Phase, ...]:
    """Read a text of sentences: ``banner | who | rule | drawn``.

    Parameters
    ----------
    text : str
    cast : dict
        Classes of agents by who acts (`actors`); their `rules` are found by name.

    Raises
    ------
    InputError
        Somebody or a rule that does not exist.
    """
    found = []
    for line in text.strip().splitlines():
        if line.startswith("#"):
            continue
        banner, who, name, *order = [part.strip() for part in line.split("|")] + [""] * 2
        if who not in cast:
            raise InputError(
                f"schedule: {line!r}: nobody is called {who!r}; those who act are "
                f"{', '.join(cast)}."
            )
        rules = cast[who].rules
        known = {rule.__name__: (rule, method) for method, rule in rules.items()}
        if name not in known:
            raise InputError(
                f"schedule: {line!r}: {who} have no rule {name!r}; they have "
                f"{', '.join(known) or 'none (`@rule`, in a module that `rules_of` names)'}."
            )
        if any(order) and "".join(order) != "drawn":
            raise InputError(
                f"schedule: {line!r}: needed are banner | who | rule, then `drawn` or nothing."
            )
        found.append(Phase(banner, who, *known[name], any(order)))
    return tuple(found)


SCHEDULE = phases(MONTH, actors(KINDS.items()))
OPENING = phases(BEFORE, actors(KINDS.items()))
