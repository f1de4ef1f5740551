"""Entry: who founds a developer, and with whose money."""

from __future__ import annotations

from agents.customers import BRAND_FLOOR
from agents.funding import richer
from world.compiled import rule
from world.journal import ENTRY_EVENT, tell
from world.ledger import SEED, pay
from world.state import ENTRY, ENTRY_CLEVER, ENTRY_OPEN, FRONTIER_LAB, IDLE, IMITATOR, PUBLIC_LAB

LAB_SEED = 2e9  # USD, first money of a frontier lab (SSI, xAI, 2023-24)
IMITATOR_SEED = 5e7  # USD
ENTRY_GAP = 1.0  # OOM behind the frontier at which entrants start
ENTRY_KNOWHOW_GAP = 0.2  # OOM behind the best efficiency they can see


@rule
def economy_admits_entrants(market, _row):
    """New developers enter when equity is worth much; a named investor pays their first money.

        hazard per kind = entry_rate/12 * min(2, equity / equity at the start)

    A clever team (probability `clever_share`) starts with the best know-how it
    can see; whether it is funded on is decided by what it then shows.
    """
    p = market.parameters[0]
    economy = market.economy[0]
    pull = min(2.0, economy.equity / max(1.0, economy.equity_start))
    opened_lab = False
    opened_imitator = False
    for j in range(len(market.developers)):
        developer = market.developers[j]
        if developer.alive == 1 or developer.born >= 0 or developer.kind == PUBLIC_LAB:
            continue
        if (developer.kind == FRONTIER_LAB and opened_lab) or (
            developer.kind == IMITATOR and opened_imitator
        ):
            continue
        if developer.researchers > 0.0 or developer.capability > 0.0:
            continue
        if developer.kind == FRONTIER_LAB:
            opened_lab = True
        else:
            opened_imitator = True
        if market.developer_draws[ENTRY, j] < p.entry_rate / 12.0 * pull:
            found_developer(market, j)


@rule
def found_developer(market, j):
    """Found a developer in slot j with money from the investor that watches it and has most."""
    p = market.parameters[0]
    economy = market.economy[0]
    developer = market.developers[j]
    seed = LAB_SEED if developer.kind == FRONTIER_LAB else IMITATOR_SEED
    backer = -1
    backing = -1
    for w in range(market.watchers_of[j], market.watchers_of[j + 1]):
        k = market.watchers[w]
        tie = market.ties[k]
        if tie.weight > 0.0 and (backer < 0 or richer(market, tie.source, backer)):
            backer = tie.source
            backing = k
    if backer < 0 or market.balance[market.investors[backer].account] < 2.0 * seed:
        return
    pay(market, SEED, market.investors[backer].account, developer.account, seed)
    market.ties[backing].share = 0.5
    market.ties[backing].paid = seed
    market.investors[backer].invested += seed
    developer.alive = 1
    developer.born = economy.month
    developer.clever = 1 if market.developer_draws[ENTRY_CLEVER, j] < p.clever_share else 0
    opens = market.developer_draws[ENTRY_OPEN, j] < p.open_share
    developer.complements = 1 if opens and developer.kind == IMITATOR else 0
    developer.open_weights = developer.complements
    developer.capability = economy.frontier - ENTRY_GAP
    developer.efficiency = economy.frontier_efficiency - ENTRY_KNOWHOW_GAP
    developer.largest_run = developer.capability - developer.efficiency
    developer.alignment = developer.capability - 0.5
    developer.researchers = 150.0 if developer.kind == FRONTIER_LAB else 60.0
    developer.brand = BRAND_FLOOR
    developer.markup = 1.0
    developer.run_kind = IDLE
    developer.believed_hazard = economy.hazard
    developer.valuation = 2.0 * seed
    economy.entries += 1.0
    tell(
        market, ENTRY_EVENT, developer.account, market.investors[backer].account, seed, 0.0
    )
