"""The cast: every kind of agent as a Mesa class. What a kind does differently is in `world.kinds`."""

from __future__ import annotations

from agents import (
    beliefs,
    customers,
    entry,
    exit,
    expectations,
    funding,
    means,
    misuse,
    plans,
    policy,
    portfolio,
    record,
    releases,
    research,
    sales,
    start,
    supplier,
)
from agents.agent import MarketAgent, rules_of
from world.kinds import INSTITUTIONS


class Developer(MarketAgent):
    """Trains models: leads, follows or waits, by expected net value.

    A strategy is not a species: every developer may lead, follow or wait, as its
    know-how, its money and its beliefs allow.
    """

    table = "developers"
    rules = rules_of("developer", means, research, releases, sales, plans, funding, exit)


class FrontierLab(Developer):
    """A developer with a usual lab's team, wages and legal exposure; funded to lead."""


class Imitator(Developer):
    """A developer with lower wages and no legal exposure in copying.

    Clever ones have research ability of their own and can come to lead; those
    whose owners sell complements publish weights while that earns more.
    """


class PublicLab(Developer):
    """A government's lab: spends grants on research and runs, sells nothing, has no owners."""


class Investor(MarketAgent):
    """Turns money into stakes, by what it believes about imitation."""

    table = "investors"
    rules = rules_of("investor", beliefs, portfolio)


class VentureFund(Investor):
    """Invests limited partners' money, which follows its returns; sells its stakes in time."""


class CrossoverFund(Investor):
    """Invests partners' money late, beside public equity; acts as a venture fund does."""


class SovereignFund(Investor):
    """Invests a state's savings, and keeps what it buys."""


class Cloud(Investor):
    """A cloud provider: part of the compute bills of developers it owns comes back to it."""


class ChipMaker(Investor):
    """A chip maker: part of the compute bills of developers it owns comes back to it."""


class Corporate(Investor):
    """A firm that invests from its own treasury, among them parent firms."""


class Customers(MarketAgent):
    """Everybody of a kind who buys AI services: consumers, firms, those of a country."""

    table = "customers"
    rules = rules_of("customers", customers)


class Government(MarketAgent):
    """Sets public research, IP strength, export control and safety rules by reaction."""

    table = "governments"
    rules = rules_of("government", policy)


class HostileActor(MarketAgent):
    """Turns what others make cheap into harm."""

    table = "hostiles"
    rules = rules_of("hostile", misuse)


class Institution(MarketAgent):
    """One account of the market, and the rules that act for the market as a whole."""

    table = "industry"

    @property
    def account(self) -> int:
        """Its account."""
        return INSTITUTIONS.index(self.kind)


class ComputeSupplier(Institution):
    """The listed supplier of compute: delivers, builds capacity, is repriced."""

    rules = rules_of("supplier", supplier)


class LimitedPartners(Institution):
    """The savers behind venture and crossover funds."""

    rules = rules_of("partners", portfolio)


class Workers(Institution):
    """Those whom payrolls are paid to."""


class RestOfEconomy(Institution):
    """The boundary: where money comes from and goes to; and the market's public record."""

    rules = rules_of("economy", start, record, releases, expectations, entry, misuse)


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
    "customers": Customers,
    "government": Government,
    "hostile_actor": HostileActor,
    "supplier": ComputeSupplier,
    "limited_partners": LimitedPartners,
    "workers": Workers,
    "economy": RestOfEconomy,
}
