"""Entry: who founds a developer, and with whose money."""

from __future__ import annotations

from agents.edges import along, backer
from agents.funding import invest, richest_watcher
from agents.sales import BRAND_FLOOR
from world.compiled import part, rule
from world.journal import ENTRY_EVENT, tell
from world.laws.safety import UNALIGNED
from world.ledger import SEED, pay
from world.noise import uniform
from world.state import ENTRY, ENTRY_CLEVER, ENTRY_OPEN, IDLE

LARGEST_PULL = 2.0  # times the usual entry that high values draw at most
SEED_SHARE = 0.5  # share of an entrant that its first money buys
SEED_COVER = 2.0  # times the seed that the investor must have
ENTRY_GAP = 1.0  # OOM behind the frontier at which entrants start
ENTRY_KNOWHOW_GAP = 0.2  # OOM behind the best efficiency they can see


@rule
def economy_admits_entrants(market, _row):
    """New developers enter when equity is worth much; a named investor pays their first money.

        hazard per kind = entry_rate/12 * min(2, equity / equity at the start)

    A clever team (probability `clever_share`) starts with the best know-how it
    can see; whether it is funded on is decided by what it then shows.
    """
    p = market.parameters
    industry = market.industry
    pull = min(LARGEST_PULL, industry.equity / max(1.0, industry.equity_start))
    considered = -1  # kind whose turn it was: one entrant of a kind a month at most
    for j in range(len(market.developers)):
        developer = market.developers[j]
        if is_open_place(developer) and developer.kind != considered:
            considered = developer.kind
            if uniform(market, ENTRY, j) < p.entry_rate / 12.0 * pull:
                found_developer(market, j)


@part
def is_open_place(developer):
    """Whether a row is a place for a developer yet to be founded; those of a kind are neighbours."""
    unused = developer.alive == 0 and developer.born < 0 and developer.owned == 1
    return unused and developer.researchers <= 0.0 and developer.capability <= 0.0


@part
def found_developer(market, j):
    """Found a developer in row j with money from the investor that watches it and has most."""
    p = market.parameters
    industry = market.industry
    developer = market.developers[j]
    seed = developer.seed
    k = richest_watcher(market, j)
    if k < 0 or market.balance[backer(market, k).account] < SEED_COVER * seed:
        return
    investor = backer(market, k)
    pay(market, SEED, investor.account, developer.account, seed)
    market.ties[k].share = SEED_SHARE
    market.ties[k].paid = seed
    invest(investor, seed)
    developer.raised = seed
    developer.alive = 1
    developer.born = industry.month
    developer.clever = 1 if uniform(market, ENTRY_CLEVER, j) < p.clever_share else 0
    opens = uniform(market, ENTRY_OPEN, j) < p.open_share
    developer.complements = 1 if opens and developer.follows == 1 else 0
    developer.open_weights = developer.complements
    developer.capability = industry.frontier - ENTRY_GAP
    developer.efficiency = industry.frontier_efficiency - ENTRY_KNOWHOW_GAP
    developer.largest_run = developer.capability - developer.efficiency
    developer.alignment = developer.capability - UNALIGNED
    developer.researchers = developer.founders
    developer.on_sale = 1
    developer.brand = BRAND_FLOOR
    for e in along(market.serves_of, j):
        market.serves[e].brand = BRAND_FLOOR
    developer.markup = 1.0
    developer.run_kind = IDLE
    developer.believed_hazard = industry.hazard
    developer.valuation = seed / SEED_SHARE
    industry.entries += 1.0
    tell(market, ENTRY_EVENT, developer.account, investor.account, seed, 0.0)
