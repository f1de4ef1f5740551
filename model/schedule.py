"""The month, in order: written once, run by both engines.

`Market.step` performs these sentences agent by agent; the compiled engine loops
over the rows of the same tables in the same order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from agents.customers import customers_buy, customers_compare
from agents.developer import (
    developer_aligns_models,
    developer_buys_experiments,
    developer_exits,
    developer_hires,
    developer_looks_around,
    developer_opens_accounts,
    developer_pays_researchers,
    developer_researches,
)
from agents.entry import economy_admits_entrants
from agents.funding import (
    developer_is_valued,
    developer_pays_owners,
    developer_raises,
    developer_starts,
)
from agents.government import (
    government_controls_exports,
    government_funds_research,
    government_observes,
    government_protects_models,
    government_sets_safety_rules,
    government_spends_levies,
)
from agents.hostile_actor import hostile_acquires, hostile_attacks, hostile_earns
from agents.institutions import (
    economy_averages_beliefs,
    economy_expects,
    economy_opens_month,
    economy_releases_cheap_model,
    economy_suffers_accidents,
    partners_save,
)
from agents.investor import (
    investor_draws_capital,
    investor_earns_rebate,
    investor_forms_beliefs,
    investor_learns,
    investor_listens,
    investor_marks_book,
    investor_sells_stakes,
)
from agents.plans import developer_plans
from agents.record import economy_records_releases
from agents.releases import developer_hides_traces, developer_makes_news, developer_trains
from agents.supplier import supplier_delivers, supplier_is_valued, supplier_pays_costs
from model.observe import observe
from world.compiled import loop


class Phase(NamedTuple):
    """One sentence of the month: who acts (a table or an institution), by which rule."""

    banner: str
    who: str
    rule: Callable[..., Any]
    drawn: bool = False  # in the order drawn this month; else by row


SCHEDULE: tuple[Phase, ...] = (
    Phase("open", "economy", economy_opens_month),
    Phase("open", "economy", economy_releases_cheap_model),
    Phase("govern", "governments", government_observes),
    Phase("govern", "governments", government_funds_research),
    Phase("govern", "governments", government_protects_models),
    Phase("govern", "governments", government_controls_exports),
    Phase("govern", "governments", government_sets_safety_rules),
    Phase("research", "developers", developer_looks_around),
    Phase("research", "developers", developer_pays_researchers),
    Phase("research", "developers", developer_buys_experiments),
    Phase("research", "developers", developer_researches),
    Phase("research", "developers", developer_aligns_models),
    Phase("release", "developers", developer_trains),
    Phase("release", "economy", economy_records_releases),
    Phase("sell", "customers", customers_compare),
    Phase("sell", "customers", customers_buy),
    Phase("learn", "economy", economy_expects),
    Phase("learn", "developers", developer_makes_news),
    Phase("learn", "investors", investor_learns),
    Phase("learn", "investors", investor_listens),
    Phase("learn", "economy", economy_averages_beliefs),
    Phase("plan and raise", "developers", developer_hides_traces),
    Phase("plan and raise", "developers", developer_plans),
    # Who asks first can drain a shared investor: the order is drawn every month.
    Phase("plan and raise", "developers", developer_raises, drawn=True),
    Phase("plan and raise", "developers", developer_starts),
    Phase("plan and raise", "developers", developer_hires),
    Phase("compute", "supplier", supplier_delivers),
    Phase("compute", "investors", investor_earns_rebate),
    Phase("compute", "supplier", supplier_pays_costs),
    Phase("reprice", "developers", developer_is_valued),
    Phase("reprice", "supplier", supplier_is_valued),
    Phase("reprice", "developers", developer_pays_owners),
    Phase("reprice", "investors", investor_marks_book),
    Phase("reprice", "investors", investor_sells_stakes),
    Phase("reprice", "limited_partners", partners_save),
    Phase("reprice", "investors", investor_draws_capital),
    Phase("exit and entry", "developers", developer_exits),
    Phase("exit and entry", "economy", economy_admits_entrants),
    Phase("misuse", "hostiles", hostile_earns),
    Phase("misuse", "hostiles", hostile_acquires),
    Phase("misuse", "hostiles", hostile_attacks),
    Phase("misuse", "economy", economy_suffers_accidents),
    Phase("close", "governments", government_spends_levies),
)

# What a new history does once before its first month: values at the opening beliefs.
OPENING: tuple[Phase, ...] = (
    Phase("character", "customers", customers_compare),
    Phase("character", "developers", developer_opens_accounts),
    Phase("character", "investors", investor_forms_beliefs),
    Phase("values", "economy", economy_expects),
    Phase("values", "investors", investor_listens),
    Phase("values", "economy", economy_averages_beliefs),
    Phase("values", "developers", developer_is_valued),
    Phase("values", "supplier", supplier_is_valued),
    Phase("values", "investors", investor_marks_book),
    Phase("values", "limited_partners", partners_save),
)

TABLES_OF_AGENTS = ("developers", "investors", "governments", "hostiles")


def source_of(name: str, phases: tuple[Phase, ...], closing: str = "") -> tuple[str, dict[str, Any]]:
    """Write the loops over rows that perform the phases, as Python source.

    Returns
    -------
    str
        Source of a function ``name(market)``.
    dict
        The rules it names.
    """
    lines = [f"def {name}(market):"]
    rules: dict[str, Any] = {}
    for phase in phases:
        rule = phase.rule.__name__
        rules[rule] = phase.rule
        if phase.who not in TABLES_OF_AGENTS:
            lines.append(f"    {rule}(market, 0)")
            continue
        lines += [
            f"    for turn in range(len(market.{phase.who})):",
            "        row = " + ("market.rotation[turn]" if phase.drawn else "turn"),
            f"        if market.{phase.who}[row].alive == 1:",
            f"            {rule}(market, row)",
        ]
    if closing:
        lines.append(f"    {closing}")
    return "\n".join(lines) + "\n", rules


def compiled(name: str, phases: tuple[Phase, ...]) -> Any:
    """Compile phases into one function of the market's tables."""
    source, names = source_of(name, phases)
    names["__name__"] = __name__
    # Under this file's name, so that the compiled code is cached like any other.
    exec(compile(source, __file__, "exec"), names)
    return loop(names[name])


run_month = compiled("run_month", SCHEDULE)
open_history = compiled("open_history", OPENING)


@loop
def run_history(market, months, draws, indicators):
    """Run months of one history in the compiled engine.

    Parameters
    ----------
    market : Tables
    months : int
    draws : tuple of ndarray
        For developers, hostile actors and the economy (`DRAWN_MONTHLY`):
        uniform numbers of shape (months, slots, rows).
    indicators : record array
        One row a month, filled by `observe`.
    """
    for month in range(months):
        market.developer_draws[:] = draws[0][month]
        market.hostile_draws[:] = draws[1][month]
        market.economy_draws[:] = draws[2][month]
        run_month(market)
        observe(market, indicators, month)
        market.economy[0].month += 1
