"""Prices, diffusion, protection and exit against textbook industrial organisation."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize

from experiments.verify.registry import Row, check
from experiments.verify.small_markets import (
    add_developer,
    empty_market,
    history_without_luck,
    limiting,
    open_market,
    sell,
)
from model import Ensemble

WITHIN, OUTER = 4.0, 1.5  # elasticities of the price checks
PREMIUM = 0.4  # log10 price premium per OOM


def market_prices(leads: ArrayLike, brands: ArrayLike) -> np.ndarray:
    """Markups at which the market settles: its rules of selling, month after month."""
    graph = empty_market()
    names = [f"Lab {k:03}" for k in range(np.size(leads))]
    for name, lead, brand in zip(names, np.asarray(leads), np.asarray(brands), strict=True):
        add_developer(graph, name, capability=28.8 + lead, brand=brand)
    scenario = limiting(
        elasticity_within=WITHIN, elasticity_outer=OUTER, price_premium=PREMIUM, switching=0.5
    )
    run = sell(open_market(scenario, graph), 200)
    return np.array(run.tables.developers["markup"], dtype=float)


def bertrand_prices(leads: ArrayLike, brands: ArrayLike) -> np.ndarray:
    """Nash prices over cost, from demand alone: each firm's profit is stationary in its own price.

    CES demand q_i = A_i p_i^-s P^(s-n), P^(1-s) = sum A_j p_j^(1-s). The derivative of
    the profit is taken by a complex step, so that no formula for the elasticity enters.
    """
    tastes = np.array(brands) * 10.0 ** ((WITHIN - 1.0) * PREMIUM * np.array(leads))
    tastes /= tastes.sum()

    def stationarity(log_margin: Any) -> Any:
        prices = 1.0 + np.exp(log_margin)
        slopes = []
        for i in range(len(prices)):
            moved = prices.astype(complex)
            moved[i] += 1e-30j
            index = (tastes * moved ** (1.0 - WITHIN)).sum() ** (1.0 / (1.0 - WITHIN))
            sold = tastes[i] * moved[i] ** -WITHIN * index ** (WITHIN - OUTER)
            profit = (moved[i] - 1.0) * sold
            slopes.append(profit.imag / 1e-30 / sold.real)
        return np.array(slopes)

    solved = optimize.root(stationarity, np.full(tastes.shape, -0.5), tol=1e-13)
    if not solved.success:
        return np.full(tastes.shape, np.nan)
    return np.asarray(1.0 + np.exp(solved.x))


@check
def bertrand_markups() -> Iterator[Row]:
    """Few firms with unlike models charge the Nash equilibrium in prices, the better ones more.

        max over p_i of (p_i - c) A_i p_i^-s P^(s-n):  markup e/(e-1), e = s - (s-n) share

    Configured: two to six labs of unlike capability and brand, all closed; the month's rules of selling
    are repeated to their fixed point. The equilibria are solved by SciPy from the demand system alone.

    Tolerance: 1e-8 of price over cost, the solvers' own.

    Source: Atkeson and Burstein 2008, Pricing-to-market, trade costs, and international relative
    prices, AER 98, their Bertrand case.
    """
    draws = np.random.default_rng(2008)
    for firms in range(2, 7):
        leads = -np.sort(draws.uniform(0.0, 1.0, firms))
        brands = draws.uniform(0.5, 2.0, firms)
        found, expected = market_prices(leads, brands), bertrand_prices(leads, brands)
        dearest, cheapest = int(expected.argmax()), int(expected.argmin())
        for name, firm in (("dearest", dearest), ("cheapest", cheapest)):
            case = f"price over cost of the {name} of {firms}"
            yield Row(case, float(expected[firm]), float(found[firm]), 1e-8)
        gap = float(np.abs(found - expected).max())
        yield Row(f"largest difference among {firms}", 0.0, gap, 1e-8)


@check
def monopoly_and_symmetry() -> Iterator[Row]:
    """One firm is bounded by the outside good alone; many equal firms by each other alone.

        n = 1: markup n/(n-1) of the outer elasticity;  n firms: e = s - (s-n)/n;  n -> oo: s/(s-1)

    Configured: one, two, eight and a hundred equal labs; the rules of selling to their fixed point.

    Tolerance: 1e-9; for a hundred labs against infinitely many, 1/100.

    Source: Dixon and Stiglitz 1977; Atkeson and Burstein 2008.
    """
    for firms in (1, 2, 8):
        elasticity = WITHIN - (WITHIN - OUTER) / firms
        found = market_prices([0.0] * firms, [1.0] * firms)
        case = f"price over cost, {firms} equal firm{'s' * (firms > 1)}"
        yield Row(case, elasticity / (elasticity - 1.0), float(found[0]), 1e-9)
    found = market_prices([0.0] * 100, [1.0] * 100)
    yield Row("price over cost, 100 equal firms, against infinitely many",
              WITHIN / (WITHIN - 1.0), float(found[0]), 1.0 / 100.0)  # fmt: skip


@check
def bass_diffusion() -> Iterator[Row]:
    """A new market fills by its own pull and by imitation, slowly, then fast, then slowly.

        dF/dt = (p + q F)(1 - F):  F(t) = (K e^((p+q)t) - p) / (q + K e^((p+q)t)),
        K = (p + q F0) / (1 - F0)

    Configured: a market whose potential does not depend on capability, one lab, simulated month by
    month, at p 0.03 and q 1, and at a tenth of both.

    Tolerance: 1e-9 of the potential: the month's law is exact.

    Source: Bass 1969, A new product growth for model consumer durables, Management Science 15.
    """
    start, saturation, base = 0.1, 1e13, 1e11
    potential = saturation * (base / saturation) / (1.0 + base / saturation)
    for speed, dates in ((1.0, (2, 4, 8)), (0.1, (20, 40, 80))):
        p, q = 0.03 * speed, 1.0 * speed
        graph = empty_market(start * potential)
        add_developer(graph, "Lab")
        scenario = limiting(adoption_innovation=p, adoption_imitation=q, market_base=base,
                            market_saturation=saturation)  # fmt: skip
        path = history_without_luck(scenario, graph, 12 * max(dates))["market_size"]
        for year in dates:
            expected = bass_share(start, p, q, year)
            case = f"share of the potential after {year} years, p = {p:g}, q = {q:g}"
            yield Row(case, expected, float(path[12 * year - 1]) / potential, 1e-9)


def bass_share(start: float, p: float, q: float, years: float) -> float:
    """Share of its potential that a market has reached after some years, in closed form."""
    grown = (p + q * start) / (1.0 - start) * math.exp((p + q) * years)
    return (grown - p) / (q + grown)


@check
def perfect_protection() -> Iterator[Row]:
    """Under perfect protection of models the market is the one in which nobody can copy.

        path(IP strength 1, reach 1) = path(no edge along which to copy)

    Configured: a leading lab and three imitators, simulated to 2031 on five seeds with equal noise:
    once with perfect protection, once without edges to copy along, and once with neither, to show
    that copies would otherwise be made. All have cash beyond 2031: who leaves sends its staff along
    the same edges.

    Tolerance: none between the first two; the third must differ.

    Source: Nordhaus 1969: an unlimited patent, fully enforced, excludes imitation.
    """
    protected = _race(ip_floor=1.0, copying=True)
    closed = _race(ip_floor=0.0, copying=False)
    free = _race(ip_floor=0.0, copying=True)
    for name in ("frontier_capability", "revenue", "markup", "equity", "research_spending"):
        gap = np.abs(protected[name] / closed[name] - 1.0).max()
        yield Row(f"largest relative difference in {name}", 0.0, float(gap), 0.0)
    lost = 1.0 - free["leader_margin"][:, -1].mean() / closed["leader_margin"][:, -1].mean()
    yield Row("share of the leaders' margin lost without protection", 0.0, lost, 0.05, "above")


def _race(ip_floor: float, copying: bool) -> Any:
    """Indicators of a lab and three imitators, by seed and month."""
    graph = empty_market()
    add_developer(graph, "Lab", compute=True, cash=1e10)
    for k in range(3):
        name = f"Imitator {k}"
        add_developer(graph, name, compute=True, kind="imitator", capability=27.5, cash=1e10,
                      revenue=0.0, researchers=50.0, brand=0.5)  # fmt: skip
        if copying:
            graph.add_edge(name, "Lab", kind="observes", weight=1.0)
    scenario = limiting(ip_floor=ip_floor, brand_speed=0.25, run_noise=0.05)
    return Ensemble(scenario, range(5), until="2031-12", graph=graph).run().values


@check
def exit_when_cash_is_gone() -> Iterator[Row]:
    """A lab without revenue or funds lives exactly as many months as its cash pays wages.

        months lived = ceil(cash / monthly wages);  it leaves when the next one opens

    Configured: one lab without customers, investors or access to compute, simulated.

    Tolerance: none.

    Source: budget constraint.
    """
    scenario = limiting()
    burn = 1000.0 * scenario.parameters["wage_lab"] / 12.0
    for months in (1.0, 2.5, 7.0, 11.2, 30.0):
        graph = empty_market()
        add_developer(graph, "Lab", cash=months * burn, revenue=0.0)
        graph.remove_edge("Lab", "Land", key=0)
        exits = history_without_luck(scenario, graph, 48)["exits"]
        left = np.flatnonzero(exits)
        obtained = float(left[0]) if len(left) == 1 else math.nan
        yield Row(f"months lived at cash = {months:g} months of wages", float(math.ceil(months)),
                  obtained, 0.0)  # fmt: skip
