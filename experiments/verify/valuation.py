"""What a rent is worth that copies cut, that grows for a while, and about which there is news."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
from scipy import integrate, stats

from agents.beliefs import investor_listens
from agents.expectations import economy_averages_beliefs
from agents.supplier import supplier_is_valued
from experiments.verify.registry import Row, check
from experiments.verify.small_markets import (
    MARKET,
    add_developer,
    add_fund,
    empty_market,
    limiting,
    open_market,
)
from model.run import Run
from world.laws import valuation
from world.laws.technology import LN10

COPIES = np.arange(1000)  # terms of the Poisson series: more copies than any rent here sees


def size_after(years: float, growth: float, horizon: float) -> float:
    """What 1 USD has grown to when its growth has faded for some years."""
    return math.exp(growth * horizon * (1.0 - math.exp(-years / horizon)))


def share_left(years: float, hazard: float, kept: float) -> float:
    """E[kept ** N] after some years, N the Poisson number of copies: its series, summed."""
    return float((stats.poisson.pmf(COPIES, hazard * years) * kept**COPIES).sum())


def present_value(income: Callable[[float], float], rate: float) -> float:
    """Present value of a yearly income that is a function of time, by quadrature."""
    value, _ = integrate.quad(
        lambda years: math.exp(-rate * years) * income(years), 0.0, math.inf,
        epsabs=0.0, epsrel=1e-11, limit=1000,
    )  # fmt: skip
    return float(value)


def growing_value(growth: float, horizon: float, rate: float) -> float:
    """Present value of 1 USD a year whose growth fades, by quadrature."""
    return present_value(lambda years: size_after(years, growth, horizon), rate)


def watched_lab(growth: float, **parameters: float) -> Run:
    """A lab watched by one fund, in a market expected to grow at this rate."""
    graph = empty_market()
    graph.graph["market_growth"] = growth
    add_developer(graph, "Lab")
    add_fund(graph, "Fund", watches=("Lab",))
    return open_market(limiting(**parameters), graph)


@check
def copies_take_parts() -> Iterator[Row]:
    """Copies that come by chance and each leave a share k of the rent still left are a lower hazard.

        int_0^inf e^(-r t) E[k^N(t)] dt = 1 / (r + (1 - k) h),  N(t) Poisson of mean h t
        with growth that fades:  int_0^inf e^(g T (1 - e^(-t/T)) - r t) E[k^N(t)] dt

    Configured: the law `rent_multiple`; the expectation is its Poisson series, summed by SciPy under
    quadrature. Then a market of one lab and one fund, whose `rent_multiple` is what
    `investor_listens` makes of the hazard of a match, the belief that it is a copy, and attention.

    Tolerance: 1e-9 of the figure.

    Source: the generating function of the Poisson distribution; Arrow 1962 at k = 0; Klemperer 1995
    on customers who stay.
    """
    rate = 0.12
    for hazard, kept, growth, horizon in (
        (0.5, 0.36, 0.0, 4.7), (1.5, 0.36, 0.0, 4.7), (1.5, 0.9, 0.0, 4.7),
        (0.5, 0.36, 1.1, 4.7), (1.5, 0.5, -0.3, 2.0),
        (1.5, 1.0, 0.0, 4.7), (1.5, 0.0, 0.0, 4.7), (1.5, 1.0, 1.1, 4.7), (1.5, 0.0, 1.1, 4.7),
    ):  # fmt: skip
        expected = _copied_value(hazard, kept, growth, horizon, rate)
        found = valuation.rent_multiple(hazard, kept, growth, horizon, rate)
        case = f"years of rent at h = {hazard:g}, k = {kept:g}, g = {growth:g}, T = {horizon:g}"
        yield Row(case, expected, found, 1e-9 * expected)
    match, belief, attention, kept = 1.3, 0.6, 0.4, 0.36
    for growth in (0.0, 0.8):
        run = watched_lab(growth, kept_share=kept, growth_horizon=4.0, discount=rate)
        fund = run.tables.investors
        fund["hazard"][0], fund["imitation"][0], fund["attention"][0] = match, belief, attention
        run.perform(investor_listens)
        hazard = match * belief * (1.0 + attention)
        expected = _copied_value(hazard, kept, growth, 4.0, rate)
        case = f"the same in a market, h = {hazard:g}, k = {kept:g}, g = {growth:g}, T = 4"
        yield Row(case, expected, float(fund["rent_multiple"][0]), 1e-9 * expected)


def _copied_value(hazard: float, kept: float, growth: float, horizon: float, rate: float) -> float:
    """Expected present value of a rent that copies cut, by quadrature of the Poisson series."""

    def income(years: float) -> float:
        return size_after(years, growth, horizon) * share_left(years, hazard, kept)

    return present_value(income, rate)


@check
def growth_that_fades() -> Iterator[Row]:
    """A value whose expectations come true earns its rate, however long the growth lasts.

        A(g, T, x) = int_0^inf e^(g T (1 - e^(-t/T)) - x t) dt
        V(t) = size(t) A(g e^(-t/T), T, x):  (dV/dt + size) / V = x

    Configured: the laws `growing_annuity`, `growth_to_come` and `delayed` against quadrature by SciPy,
    the return by differences along the path. Then ten years of a market in which others buy
    compute as is expected and nobody learns: what the supplier earned and its last value, discounted,
    over its first.

    Tolerance: 1e-9 of a value; 1e-7 a year for the return, by differences of 1e-4 of a year; in the
    market a month's growth, for growth fades in steps of a month.

    Source: Gordon 1962, with growth that fades (Fuller and Hsia 1984); no arbitrage along the path.
    """
    for growth, horizon, rate in (
        (1.1, 4.7, 0.27), (1.2, 6.0, 0.08), (0.3, 1.0, 0.12), (0.0, 4.7, 0.12),
        (-0.3, 6.0, 0.12), (-1.0, 3.0, 2.0), (1.2, 0.25, 0.08), (-0.3, 0.25, 0.5),
    ):  # fmt: skip
        expected = growing_value(growth, horizon, rate)
        found = valuation.growing_annuity(growth, horizon, rate)
        case = f"years of income at g = {growth:g}, T = {horizon:g}, x = {rate:g}"
        yield Row(case, expected, found, 1e-9 * expected)
    for growth, horizon, rate in ((1.1, 4.7, 0.27), (-0.3, 2.0, 0.5)):
        for years in (0.5, 2.0, 8.0):
            found = _return(years, growth, horizon, rate)
            case = f"return [1/year] after {years:g} years at g = {growth:g}, T = {horizon:g}"
            yield Row(case, rate, found, 1e-7)
    for growth, rate, discount, years in (
        (1.1, 0.9, 0.12, 0.5), (1.1, 0.12, 0.12, 2.0), (0.0, 0.9, 0.12, 1.0), (-0.3, 0.5, 0.25, 1.0),
    ):  # fmt: skip
        expected = _begun_later(growth, 4.7, rate, discount, years)
        found = valuation.delayed(growth, 4.7, rate, discount, years)
        case = f"worth begun {years:g} years later at g = {growth:g}, x = {rate:g}, r = {discount:g}"
        yield Row(case, expected, found, 1e-9 * expected)
    for growth in (0.0, 0.2, 0.6):
        case = f"supplier's income of 10 years and last value, over its first, at g = {growth:g}"
        yield Row(case, 1.0, _repaid(10, growth), growth / 12.0 + 1e-9)


def _return(years: float, growth: float, horizon: float, rate: float) -> float:
    """Yearly return of a value at a date on its path: what it gains and pays, by the laws."""

    def size(t: float) -> float:
        return math.exp(valuation.growth_to_come(growth, horizon, t))

    def value(t: float) -> float:
        left = growth * math.exp(-t / horizon)
        return float(size(t) * valuation.growing_annuity(left, horizon, rate))

    step = 1e-4
    gained = (value(years + step) - value(years - step)) / (2.0 * step)
    return (gained + size(years)) / value(years)


def _begun_later(growth: float, horizon: float, rate: float, discount: float, years: float) -> float:
    """Worth of a rent begun later, whose own clock starts then, over one begun now."""
    then = present_value(lambda t: size_after(years + t, growth, horizon), rate)
    return math.exp(-discount * years) * then / growing_value(growth, horizon, rate)


def _repaid(years: int, growth: float) -> float:
    """What a supplier earns in some years and is worth after them, over its value before."""
    graph = empty_market()
    graph.graph.update(market_growth=growth, other_demand=MARKET)
    add_developer(graph, "Lab", revenue=0.0)
    graph.remove_edge("Lab", "Land", key=0)  # nobody sells: others alone buy compute
    scenario = limiting(growth_learning=0.0, market_saturation=1e30)
    run = open_market(scenario, graph)
    industry = run.tables.industry
    industry["training_demand"][0] = industry["serving_demand"][0] = 0.0
    first = float(run.perform(supplier_is_valued).tables.industry["supplier_value"][0])
    p = scenario.parameters
    rate = p["discount"] + p["supplier_erosion"]
    month_worth = (1.0 - math.exp(-rate / 12.0)) / rate  # of 1 USD a year, paid evenly over a month
    earned = 0.0
    for month in range(12 * years):
        run.run(1)
        income = p["supplier_margin"] * float(industry["other_demand"][0])
        earned += math.exp(-rate * month / 12.0) * month_worth * income
    last = math.exp(-rate * years) * float(industry["supplier_value"][0])
    return (earned + last) / first


@check
def news_about_growth() -> Iterator[Row]:
    """News of a saving moves a supplier's value by the growth that it lets expect, and by that alone.

        V(a) / V(0) = A(g + (j - 1) ln 10 a / T) / A(g)
        A(g) = int_0^inf e^(g T (1 - e^(-t/T)) - x t) dt

    Configured: a market of one lab and one fund, whose attention a [OOM] is set by hand;
    `economy_averages_beliefs` and `supplier_is_valued` do the rest. j is `jevons`. A by quadrature.

    Tolerance: 1e-9; none at j = 1, where a saving is used up by more use.

    Source: Jevons 1865; news about growth, Barsky and De Long 1993.
    """
    growth, horizon, discount, erosion = 0.6, 4.7, 0.12, 0.15
    for jevons in (0.5, 1.0, 1.5):
        values = {}
        for attention in (0.0, 0.3, 1.0):
            run = watched_lab(growth, jevons=jevons, growth_horizon=horizon, discount=discount,
                              supplier_erosion=erosion)  # fmt: skip
            run.tables.investors["attention"][0] = attention
            run.perform(economy_averages_beliefs).perform(supplier_is_valued)
            values[attention] = float(run.tables.industry["supplier_value"][0])
        for attention in (0.3, 1.0):
            heard = growth + (jevons - 1.0) * LN10 * attention / horizon
            expected = growing_value(heard, horizon, discount + erosion)
            expected /= growing_value(growth, horizon, discount + erosion)
            found = values[attention] / values[0.0]
            case = f"value over value without news at j = {jevons:g}, a = {attention:g}"
            yield Row(case, expected, found, 0.0 if jevons == 1.0 else 1e-9)
