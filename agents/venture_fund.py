"""Investors: venture and crossover funds, sovereign funds, clouds, chip makers, corporates."""

from __future__ import annotations

from agents.base import Decisions, MarketAgent
from agents.investor import (
    investor_draws_capital,
    investor_earns_rebate,
    investor_forms_beliefs,
    investor_learns,
    investor_listens,
    investor_marks_book,
    investor_sells_stakes,
)


class Investor(MarketAgent):
    """Turns money into stakes, by what it believes about imitation."""

    table = "investors"
    decisions = Decisions(
        "investor",
        investor_forms_beliefs,
        investor_learns,
        investor_listens,
        investor_earns_rebate,
        investor_sells_stakes,
        investor_marks_book,
        investor_draws_capital,
    )


class VentureFund(Investor):
    """Invests limited partners' money, which follows its returns."""


class CrossoverFund(Investor):
    """Invests partners' money late, beside public equity."""


class SovereignFund(Investor):
    """Invests a state's savings."""


class Cloud(Investor):
    """A cloud provider: part of its equity returns as compute revenue."""


class ChipMaker(Investor):
    """A chip maker: part of its equity returns as compute revenue."""


class Corporate(Investor):
    """A firm that invests from its own treasury, among them parent firms."""
