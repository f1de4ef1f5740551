"""Funding, learning and belief against the models of Arrow, Aghion and Howitt, and DeGroot."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from agents.beliefs import investor_learns, investor_listens
from agents.expectations import economy_expects
from agents.portfolio import investor_commits
from agents.releases import developer_makes_news
from experiments.verify.registry import Row, check
from experiments.verify.small_markets import (
    MARKET,
    add_developer,
    add_fund,
    empty_market,
    limiting,
    open_market,
    threshold,
)
from model import Ensemble
from world.laws.technology import LN10
from world.state import LEAD

COST = 1e9  # USD, the run that asks for money


class Offer:
    """One fund that watches one lab, which asks for the money of a run."""

    def __init__(self, rent: float, **parameters: float) -> None:
        graph = empty_market()
        add_developer(graph, "Lab")
        add_fund(graph, "Fund", watches=("Lab",))
        self.scenario = limiting(**parameters)
        run = open_market(self.scenario, graph)
        self.run, self.tables = run, run.tables
        self.tables.industry["market_growth"][0] = 0.0
        self.tables.industry["expected_growth"][0] = 0.0
        self.tables.industry["frontier_growth"][0] = 0.0
        lab = self.tables.developers
        lab["plan_kind"][0] = LEAD
        lab["plan_cost"][0] = COST
        lab["plan_exploration"][0] = 0.0
        lab["plan_gain"][0] = rent

    def made(self, hazard: float) -> bool:
        """Whether the fund offers anything when it fears copies at this hazard [1/year]."""
        fund = self.tables.investors
        fund["hazard"][0] = matched = hazard / fund["imitation"][0]  # of a match, copy or not
        fund["hazard_years"][0] = fund["hazard_events"][0] / matched
        self.run.perform(economy_expects).perform(investor_listens)
        return bool(investor_commits(self.run.market, 0, COST) > 0.0)


@check
def funding_threshold() -> Iterator[Row]:
    """A run is funded until its backers believe that imitation comes faster than its rent repays it.

        pi / (r + h) >= C:  h* = pi/C - r

    Configured: a market of one lab and one fund that asks for its money back and no more. The
    believed hazard is bisected to where the offer by `investor_commits` vanishes. Off: growth,
    erosion by rivals, rent kept after the copy, doubt.

    Tolerance: 1e-9 a year.

    Source: Arrow 1962, Economic welfare and the allocation of resources for invention.
    """
    for rent, discount in ((0.5, 0.12), (1.0, 0.12), (1.0, 0.25), (3.0, 0.08)):
        offer = Offer(rent * COST, discount=discount)
        found = threshold(offer.made, 1e-6, 50.0)
        case = f"h* [1/year] at pi/C = {rent:g}, r = {discount:g}"
        yield Row(case, rent - discount, found, 1e-9)


@check
def creative_destruction() -> Iterator[Row]:
    """What rivals' progress takes from a lead counts against imitation one for one.

        V = pi / (r + mu + lambda n):  mu* = pi/C - r - lambda n

    Configured: as `funding-threshold`, with the erosion of leads set to lambda n through the growth
    of the frontier. This is the value of an innovation in Aghion and Howitt. Their research labour
    n* and growth are not checked: they follow from a wage that clears the market for research
    labour, and Moat's wages are parameters.

    Tolerance: 1e-9 a year.

    Source: Aghion and Howitt 1992, A model of growth through creative destruction; with imitation,
    Aghion, Harris, Howitt and Vickers 2001.
    """
    rent, discount = 2.0, 0.05
    for arrival in (0.2, 0.6769):
        offer = Offer(rent * COST, discount=discount, rival_erosion=1.0)
        p = offer.scenario.parameters
        rate = p["price_premium"] * (p["elasticity_within"] - 1.0) * LN10
        offer.tables.industry["frontier_growth"][0] = arrival / rate
        found = threshold(offer.made, 1e-6, 50.0)
        case = f"mu* [1/year] at pi/C = {rent:g}, r = {discount:g}, lambda n = {arrival:g}"
        yield Row(case, rent - discount - arrival, found, 1e-9)


@check
def certain_lag() -> Iterator[Row]:
    """A rent that surely ends after a lag tau repays the run only if the lag is long enough.

        pi (1 - e^(-r tau)) / r >= C:  tau* = -ln(1 - r C/pi) / r

    Configured: a monopolist's market in which an equal open model arrives in a known month and is
    sold at cost. Gross profits of the simulated history are discounted; tau* is the earliest month
    of the copy at which they repay C.

    Tolerance: a month, which is the step of the market.

    Source: Arrow 1962; Nordhaus 1969 on the length of a patent.
    """
    years = 7
    for ratio, discount in ((1.0, 0.12), (2.0, 0.12), (3.0, 0.25)):
        rent = 12.0 * _profits(12 * years - 1, 12 * years)[0]
        weights = np.exp(-discount * (np.arange(12 * years) + 0.5) / 12.0)

        low, high = 0, 12 * years - 1
        while high - low > 1:
            middle = (low + high) // 2
            repaid = (_profits(middle, 12 * years) * weights).sum() >= ratio * rent
            low, high = (low, middle) if repaid else (middle, high)
        expected = -math.log(1.0 - discount * ratio) / discount
        case = f"tau* [years] at C/pi = {ratio:g}, r = {discount:g}"
        yield Row(case, expected, high / 12.0, 1.0 / 12.0)


def _profits(copied_in: int, months: int) -> np.ndarray:
    """Monthly gross profit of a monopolist whose model is copied and given away in a month."""
    graph = empty_market()
    graph.graph["cheap_release_by"] = "Copier"
    add_developer(graph, "Lab")
    add_developer(graph, "Copier", kind="imitator", capability=10.0, open_weights=1, revenue=0.0)
    # Complements worth more than any rent, so that the copier opens its weights.
    scenario = limiting(release_month=copied_in, release_gap=0.0, complement_value=1e3,
                        market_base=MARKET, market_saturation=1e30)  # fmt: skip
    until = f"{2025 + months // 12 - 1}-12"
    values = Ensemble(scenario, [0], until=until, graph=graph).run().values[0]
    return np.asarray(values["revenue"] * values["gross_margin"] / 12.0)


@check
def learning_from_copies() -> Iterator[Row]:
    """Investors who count copies over exposure hold the Gamma posterior about the hazard.

        E[h | n copies in T years] = (a + n) / (b + T)

    Configured: one fund that watches one lab; months of exposure and copies pass through
    `developer_makes_news` and `investor_learns`. Then a whole market, in which an imitator's
    better model answers the lab's outstanding release after T months. Off: forgetting, doubt.

    Tolerance: 1e-9 a year; 1e-3 in the market, where a match is a smooth degree just below one.

    Source: conjugate analysis of exponential waiting times, Raiffa and Schlaifer 1961.
    """
    events, hazard = 2.0, 0.8
    prior = {"prior_strength": events, "prior_hazard": hazard}
    for copies, months in ((0, 36), (1, 18), (4, 30)):
        graph = empty_market()
        add_developer(graph, "Lab")
        add_fund(graph, "Fund", watches=("Lab",))
        run = open_market(limiting(**prior), graph)
        tables = run.tables
        for month in range(months):
            run.begin_month()
            tables.developers["news_exposed"][0] = 1.0
            tables.developers["news_matched"][0] = 1.0 if month < copies else 0.0
            run.perform(developer_makes_news).perform(investor_learns)
        expected = (events + copies) / (events / hazard + months / 12.0)
        obtained = float(tables.investors["hazard"][0])
        yield Row(f"hazard [1/year] at n = {copies}, T = {months} months", expected, obtained, 1e-9)
    months = 18
    graph = empty_market()
    graph.graph["cheap_release_by"] = "Copier"
    add_developer(graph, "Lab")
    add_developer(graph, "Copier", kind="imitator", capability=10.0, revenue=0.0)
    add_fund(graph, "Fund", watches=("Lab",))
    # A model 0.7 OOM better: the degree of the match is 0.99995.
    scenario = limiting(**prior, release_month=months, release_gap=-0.7)
    values = Ensemble(scenario, [0], until="2027-06", graph=graph).run().values[0]
    for copies, month in ((0, months - 1), (1, months)):
        # Exposure at the end of month m: m + 1 months, the last cut short by the copy.
        exposed = min(month + 1, months) / 12.0
        expected = (events + copies) / (events / hazard + exposed)
        case = f"hazard [1/year] in a market, n = {copies}, T = {exposed:g} years"
        yield Row(case, expected, float(values["hazard"][month]), 1e-3)


# Who listens to whom in the syndicate, and how closely.
SYNDICATE = (
    ("A", "B", 1.0), ("A", "C", 0.5), ("B", "A", 0.3), ("B", "D", 0.9), ("C", "D", 1.0),
    ("D", "A", 0.2), ("D", "E", 0.6), ("E", "C", 0.7), ("E", "B", 0.1),
)  # fmt: skip


@check
def degroot_consensus() -> Iterator[Row]:
    """Investors who average beliefs with their syndicate agree on a mean weighted by influence.

        h(t+1) = T h(t):  h(t) -> pi . h(0),  pi T = pi,  sum pi = 1

    Configured: five funds in a directed, weighted, strongly connected syndicate with unlike priors
    and no news; `investor_learns` and `investor_listens` month by month. pi is the left eigenvector
    of the matrix of weights, by NumPy.

    Tolerance: 1e-9 a year.

    Source: DeGroot 1974, Reaching a consensus, JASA 69.
    """
    graph = empty_market()
    add_developer(graph, "Lab")
    names = sorted({name for edge in SYNDICATE for name in edge[:2]})
    for name in names:
        add_fund(graph, name)
    weights = np.zeros((len(names), len(names)))
    for one, other, weight in SYNDICATE:
        graph.add_edge(one, other, kind="syndicate", weight=weight)
        weights[names.index(one), names.index(other)] = weight
    weights /= weights.sum(axis=1, keepdims=True)
    own = 0.2
    run = open_market(
        limiting(belief_spread=0.5, syndicate_weight=own, alertness=0.0), graph, seed=1
    )
    tables = run.tables
    start = tables.investors["hazard"].copy()
    matrix = (1.0 - own) * np.eye(len(names)) + own * weights
    values, vectors = np.linalg.eig(matrix.T)
    influence = np.real(vectors[:, np.argmax(values.real)])
    influence /= influence.sum()

    def month() -> None:
        run.begin_month()
        for rule in (investor_learns, investor_listens):
            for row in range(len(names)):
                run.perform(rule, row)

    month()
    first = matrix @ start
    for row in (0, 3):
        obtained = float(tables.investors["hazard"][row])
        yield Row(f"hazard [1/year] of fund {names[row]} after a month", first[row], obtained, 1e-9)
    for _ in range(600):
        month()
    found = tables.investors["hazard"]
    yield Row("consensus [1/year]", influence @ start, float(found.mean()), 1e-9)
    yield Row("disagreement left [1/year]", 0.0, float(np.ptp(found)), 1e-9)
