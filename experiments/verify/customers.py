"""Several kinds of customers, and what it costs to win them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from experiments.verify.competition import OUTER, PREMIUM, WITHIN, bass_share
from experiments.verify.registry import Row, check
from experiments.verify.small_markets import (
    EVERYBODY,
    add_developer,
    add_fund,
    empty_market,
    history_without_luck,
    limiting,
    open_market,
    payments,
    sell,
)
from model.run import Run
from model.scenario import Scenario
from world.laws.demand import MARKUP_AT_BASE, potential_market
from world.ledger import SALES, SELLING

KINDS = {"Consumers": 0.4, "Firms": 0.6}  # part of demand
LEADS = {"Lab A": 0.0, "Lab B": -0.3}  # OOM beside the frontier
ELASTIC = {"elasticity_within": WITHIN, "elasticity_outer": OUTER, "price_premium": PREMIUM}
BASE, SATURATION = 1e11, 1e13  # USD a year, of a potential that does not hang on capability
# Nobody is drawn to a market but by what a check says.
STILL = {
    "market_base": BASE, "market_saturation": SATURATION, "elasticity_outer": OUTER,
    "adoption_innovation": 1e-9, "adoption_imitation": 1e-9,
}  # fmt: skip
Fits = Mapping[str, Mapping[str, float]]  # of each lab to the kinds it serves


@check
def markets_apart() -> Iterator[Row]:
    """Kinds of customers are markets of their own: who suits the ones need not reach the others.

        share of j among k = w_jk p_j^(1-s) / sum_i w_ik p_i^(1-s),  w = fit * brand * quality
        one price for all:  markup e/(e-1),  e = sum_k sales_jk (s - (s-n) share_jk) / sum_k sales_jk

    Configured: two labs and two kinds of customers, the rules of selling to their fixed point. Then
    the usual parameters, nothing off but luck, for labs, imitators and a fund: ten years with one
    kind of customers, and with two halves of it. Then two labs of which each serves one kind alone.

    Tolerance: 1e-9 of a share, 1e-8 of price over cost; 1e-9 of each indicator's largest value between
    the halves and the whole.

    Source: Dixon and Stiglitz 1977; Atkeson and Burstein 2008; that equal halves are the whole, and
    that markets apart are monopolies, by symmetry.
    """
    yield from _divided()
    yield from _halved()
    yield from _alone()


def _divided() -> Iterator[Row]:
    """Shares and prices of two labs that both kinds of customers know, and weigh unlike."""
    fits = {"Lab A": {"Consumers": 0.9, "Firms": 0.2}, "Lab B": {"Consumers": 0.3, "Firms": 1.0}}
    run = _settled(fits)
    markups = dict(zip(LEADS, map(float, run.tables.developers["markup"]), strict=True))
    found = _by_ends(run)
    for (lab, kind), share in _shares(fits, markups).items():
        yield Row(f"share of {lab} among {kind}", share, found[lab, kind], 1e-9)
    paid = _sales(run)
    for lab in LEADS:
        sales = sum(paid[lab, kind] for kind in KINDS)
        seen = sum(paid[lab, kind] * found[lab, kind] for kind in KINDS) / sales
        elasticity = WITHIN - (WITHIN - OUTER) * seen
        case = f"price over cost of {lab}, one price for both"
        yield Row(case, elasticity / (elasticity - 1.0), markups[lab], 1e-8)


def _halved() -> Iterator[Row]:
    """A history with one kind of customers beside one with two halves of it."""
    whole, halves = _history(EVERYBODY), _history({"Half": 0.5, "Other half": 0.5})
    gaps = {}
    for name in whole.dtype.names:
        largest = float(np.abs(whole[name]).max())
        if largest > 0.0:
            gaps[name] = float(np.abs(halves[name] - whole[name]).max()) / largest
    for name in ("revenue", "markup", "equity", "frontier_capability"):
        yield Row(f"largest difference in {name} between halves and whole", 0.0, gaps[name], 1e-9)
    worst = max(gaps, key=gaps.__getitem__)
    case = f"largest difference in any of {len(gaps)} indicators"
    yield Row(case, 0.0, gaps[worst], 1e-9, note=worst)


def _alone() -> Iterator[Row]:
    """Two labs of which each serves one kind of customers alone."""
    run = _settled({"Lab A": {"Consumers": 1.0}, "Lab B": {"Firms": 1.0}})
    for lab, markup in zip(LEADS, run.tables.developers["markup"], strict=True):
        case = f"price over cost of {lab}, alone among its customers"
        yield Row(case, OUTER / (OUTER - 1.0), float(markup), 1e-9)


def _settled(fits: Fits) -> Run:
    """Two labs that fit two kinds of customers so, when prices and customers have settled."""
    graph = empty_market(customers=KINDS)
    for lab, lead in LEADS.items():
        add_developer(graph, lab, fits=fits[lab], capability=28.8 + lead)
    return sell(open_market(limiting(**ELASTIC, switching=0.5), graph), 400)


def _by_ends(run: Run) -> dict[tuple[str, str], float]:
    """Each lab's share of what each kind of customers spends."""
    labs, kinds = list(LEADS), list(KINDS)
    return {
        (labs[edge["source"]], kinds[edge["target"]]): float(edge["share"])
        for edge in run.tables.serves
    }


def _sales(run: Run) -> dict[tuple[str, str], float]:
    """What each kind of customers paid each lab this month, as the ledger has it [USD]."""
    labs = dict(zip(run.tables.developers["account"], LEADS, strict=True))
    kinds = dict(zip(run.tables.customers["account"], KINDS, strict=True))
    return {
        (labs[entry["payee"]], kinds[entry["payer"]]): float(entry["amount"])
        for entry in payments(run, SALES)
    }


def _shares(fits: Fits, markups: Mapping[str, float]) -> dict[tuple[str, str], float]:
    """CES shares at given prices: tastes * price^(1-s), over the sum of these among a kind."""
    pulls = {
        (lab, kind): fits[lab][kind] * 10.0 ** ((WITHIN - 1.0) * PREMIUM * lead)
        * markups[lab] ** (1.0 - WITHIN)
        for lab, lead in LEADS.items() for kind in KINDS
    }  # fmt: skip
    return {
        (lab, kind): pull / sum(pulls[other, kind] for other in LEADS)
        for (lab, kind), pull in pulls.items()
    }


def _history(customers: Mapping[str, float]) -> Any:
    """Ten years of labs, imitators and a fund under the usual parameters, without luck."""
    graph = empty_market(customers=customers)
    graph.nodes["supplier"]["capacity"] = 1e11  # USD a year: compute can be short
    for k in range(2):
        add_developer(graph, f"Lab {k}", compute=True, cash=5e9, capability=28.8 - 0.2 * k)
        add_developer(graph, f"Imitator {k}", compute=True, kind="imitator", capability=27.5,
                      cash=1e9, researchers=50.0, revenue=0.0, brand=0.5, open_weights=k)  # fmt: skip
        graph.add_edge(f"Imitator {k}", "Lab 0", kind="observes", weight=1.0)
    add_fund(graph, "Fund", watches=("Lab 0", "Lab 1", "Imitator 0"))
    return history_without_luck(Scenario(), graph, 120)


@check
def customer_capital() -> Iterator[Row]:
    """Customers are capital: to win them costs in proportion to what sales rise by, and only then.

        sum of costs = cost of a customer * (yearly sales at the end - yearly sales at the start)

    Configured: labs with plenty of cash. A monopolist in a market that fills as Bass has it; two labs
    that sell at cost in a market that does not grow, of which one suits customers better, and has won
    1 - (1 - switching)^months of those it will; a monopolist whose market shrinks. Costs are the
    ledger's.

    Tolerance: 1e-9 of the sum; none where nobody wins any.

    Source: Gourio and Rudanko 2014, Customer capital, RES 81; Bass 1969.
    """
    months, potential = 96, float(potential_market(28.8, BASE, 0.0, SATURATION))
    p, q, start = 0.03, 1.0, 0.1
    alone = _spent(OUTER / (OUTER - 1.0))
    for cost in (0.45, 1.0):
        run = _monopoly(start * potential, start * potential * alone, customer_cost=cost,
                        adoption_innovation=p, adoption_imitation=q)  # fmt: skip
        # The last month sells to the customers whom the month before it added.
        won = (bass_share(start, p, q, (months - 1) / 12.0) - start) * potential * alone
        case = f"USD, {months} months of a growing market, at {cost:g} years of sales"
        yield Row(case, cost * won, _costs(run, months)[0], 1e-9 * cost * won)
    cost, switching, fit, few = 0.45, 0.25, 0.25, 6
    graph = empty_market(potential)
    for lab, suits in (("Lab A", 1.0), ("Lab B", fit)):
        add_developer(graph, lab, open_weights=1, fits={"customers": suits},
                      revenue=0.5 * potential * _spent(1.0))  # fmt: skip
    scenario = limiting(**STILL, customer_cost=cost, switching=switching)
    winner, loser = _costs(open_market(scenario, graph), few)
    won = (1.0 / (1.0 + fit) - 0.5) * (1.0 - (1.0 - switching) ** few) * potential * _spent(1.0)
    case = f"USD, {few} months in which a better lab wins customers from a rival"
    yield Row(case, cost * won, winner, 1e-9 * cost * won)
    yield Row("USD, the rival that loses them", 0.0, loser, 0.0)
    run = _monopoly(2.0 * potential, 2.0 * potential * alone, customer_cost=cost)
    yield Row("USD, a market that shrinks", 0.0, _costs(run, months)[0], 0.0)


def _monopoly(size: float, sales: float, **parameters: float) -> Run:
    """One lab with plenty of cash, that opens with the sales of a monopolist."""
    graph = empty_market(size)
    add_developer(graph, "Lab", revenue=sales)
    return open_market(limiting(**{**STILL, **parameters}), graph)


def _spent(markup: float) -> float:
    """What customers spend at a markup over what they spend at the norm (iso-elastic demand)."""
    return float((markup / MARKUP_AT_BASE) ** (1.0 - OUTER))


def _costs(run: Run, months: int) -> list[float]:
    """What each lab pays to win customers over some months, by the ledger [USD]."""
    accounts = run.tables.developers["account"]
    total = np.zeros(len(accounts))
    for _ in range(months):
        run.run(1)
        paid = payments(run, SELLING)
        total += [paid["amount"][paid["payer"] == account].sum() for account in accounts]
    return [float(cost) for cost in total]
