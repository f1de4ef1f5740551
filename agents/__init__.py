"""Who acts, and by which rule."""

from agents.agent import MarketAgent, rules_of
from agents.cast import (
    KINDS,
    ChipMaker,
    Cloud,
    ComputeSupplier,
    Corporate,
    CrossoverFund,
    Customers,
    FrontierLab,
    Government,
    HostileActor,
    Imitator,
    LimitedPartners,
    PublicLab,
    RestOfEconomy,
    SovereignFund,
    VentureFund,
    Workers,
)

__all__ = [
    "KINDS",
    "ChipMaker",
    "Cloud",
    "ComputeSupplier",
    "Corporate",
    "CrossoverFund",
    "Customers",
    "FrontierLab",
    "Government",
    "HostileActor",
    "Imitator",
    "LimitedPartners",
    "MarketAgent",
    "PublicLab",
    "RestOfEconomy",
    "SovereignFund",
    "VentureFund",
    "Workers",
    "rules_of",
]
