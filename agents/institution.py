"""Handles on the institutions: customers, supplier, partners, workers, rest of the economy."""

from __future__ import annotations

from typing import Any

from agents.base import Decisions, MarketAgent
from agents.customers import customers_buy, customers_compare
from agents.entry import economy_admits_entrants
from agents.institutions import (
    economy_averages_beliefs,
    economy_expects,
    economy_opens_month,
    economy_releases_cheap_model,
    economy_suffers_accidents,
    partners_save,
)
from agents.record import economy_records_releases
from agents.supplier import supplier_delivers, supplier_is_valued, supplier_pays_costs


class Institution(MarketAgent):
    """One account of the economy, and the rules that act for the market as a whole."""

    table = "economy"

    @property
    def account(self) -> int:
        """Its account."""
        return int(self.rows[self.kind][0])

    def __init__(self, model: Any, row: int, name: str, kind: str) -> None:
        super().__init__(model, row, name, kind)


class Customers(Institution):
    """Everybody who buys AI services."""

    decisions = Decisions("customers", customers_compare, customers_buy)


class ComputeSupplier(Institution):
    """The listed supplier of compute: delivers, builds capacity, is repriced."""

    decisions = Decisions(
        "supplier", supplier_delivers, supplier_pays_costs, supplier_is_valued
    )


class LimitedPartners(Institution):
    """The savers behind venture and crossover funds."""

    decisions = Decisions("partners", partners_save)


class Workers(Institution):
    """Those whom payrolls are paid to."""

    decisions = Decisions("workers")


class RestOfEconomy(Institution):
    """The boundary: where money comes from and goes to; and the market's public record."""

    decisions = Decisions(
        "economy",
        economy_opens_month,
        economy_releases_cheap_model,
        economy_records_releases,
        economy_expects,
        economy_averages_beliefs,
        economy_admits_entrants,
        economy_suffers_accidents,
    )
