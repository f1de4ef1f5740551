"""Who acts, and by which rule."""

from agents.base import MarketAgent
from agents.frontier_lab import FrontierLab, PublicLab
from agents.government import Government
from agents.hostile_actor import HostileActor
from agents.imitator import Imitator
from agents.institution import (
    ComputeSupplier,
    Customers,
    LimitedPartners,
    RestOfEconomy,
    Workers,
)
from agents.venture_fund import (
    ChipMaker,
    Cloud,
    Corporate,
    CrossoverFund,
    SovereignFund,
    VentureFund,
)

KINDS: dict[str, type[MarketAgent]] = {
    "frontier_lab": FrontierLab,
    "imitator": Imitator,
    "public_lab": PublicLab,
    "venture_fund": VentureFund,
    "crossover_fund": CrossoverFund,
    "sovereign_fund": SovereignFund,
    "cloud": Cloud,
    "chip_maker": ChipMaker,
    "corporate": Corporate,
    "government": Government,
    "hostile_actor": HostileActor,
    "customers": Customers,
    "supplier": ComputeSupplier,
    "limited_partners": LimitedPartners,
    "workers": Workers,
    "economy": RestOfEconomy,
}

__all__ = ["KINDS", *sorted(cls.__name__ for cls in KINDS.values()), "MarketAgent"]
