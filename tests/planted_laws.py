"""Plant one wrong law at a time and say which rows of its check notice.

Run in plain Python (`MOAT_PLAIN_PYTHON=1`), where a law replaced in the module
that calls it is the law that acts. Prints JSON: check -> number of rows not met.
"""

from __future__ import annotations

import json
import math
from typing import Any

import agents.beliefs as beliefs
import agents.customers as customers
import agents.expectations as expectations
import agents.research as research
import agents.sales as sales
import agents.supplier as supplier
import experiments.verify.finance as finance
from experiments.verify import CHECKS
from world.compiled import PLAIN_PYTHON
from world.laws import technology, valuation

laws = {name: getattr(research, name) for name in ("log_ces", "efficiency_growth", "pay_at_most")}
rent_multiple, annuity, adopted, listens, win = (
    beliefs.rent_multiple, valuation.growing_annuity, customers.adopted_market,
    finance.investor_listens, sales.win_customers,
)  # fmt: skip


def stronger_toes(research, pace, toes, *rest):
    return laws["efficiency_growth"](research, pace, 1.1 * toes, *rest)


def better_returns(research, pace, toes, returns, *rest):
    return laws["efficiency_growth"](research, pace, toes, 1.1 * returns, *rest)


def faster(*arguments):
    return 1.01 * laws["efficiency_growth"](*arguments)


def heavier_experiments(labour, capital, weight, elasticity):
    return laws["log_ces"](labour, capital, weight + 0.02, elasticity)


def wrong_elasticity(labour, capital, weight, elasticity):
    return laws["log_ces"](labour, capital, weight, elasticity + 0.01)


def unweighted_tasks(people, workers, share, elasticity):
    """Tasks without their share in the aggregate."""
    if share <= 0.0:
        return people
    rho = (elasticity - 1.0) / elasticity
    tasks = share * math.exp(rho * workers) + (1.0 - share) * math.exp(rho * people)
    return math.log(tasks) / rho


def half_the_rate(hazard, kept_share, growth, horizon, rate):
    return rent_multiple(hazard, kept_share, growth, horizon, 0.5 * rate)


def erosion_in_logs(hit, premium, elasticity, growth):
    """Forgets that growth is in powers of ten."""
    return hit * premium * (elasticity - 1.0) * growth


def kept_margin(share, limit, protected, brand_margin, elasticity, outer):
    """A copy takes only a part of the rent."""
    perceived = elasticity - (elasticity - outer) * share
    return max(1.5, min(perceived / (perceived - 1.0), limit))


def one_copy_too_many(shape, rate):
    return (shape + 1.0) / rate


def in_turn(market, row):
    """Who listens later already hears what changed this month."""
    listens(market, row)
    market.investors[row].hazard_told = market.investors[row].hazard


def cournot(share, limit, protected, brand_margin, elasticity, outer):
    perceived = 1.0 / ((1.0 - share) / elasticity + share / outer)
    return perceived / (perceived - 1.0)


def infinitely_many(share, limit, protected, brand_margin, elasticity, outer):
    return elasticity / (elasticity - 1.0)


def without_imitation(size, potential, innovation, imitation):
    return adopted(size, potential, innovation, 0.0)


def copies_sell_anywhere(market, s):
    return 0.0


def only_the_first_copy(hazard, kept_share, growth, horizon, rate):
    """The first copy leaves a share for good, and no other takes anything."""
    copied = annuity(growth, horizon, rate + hazard)
    return copied + kept_share * (annuity(growth, horizon, rate) - copied)


def fades_twice_as_fast(growth, horizon, rate):
    return annuity(growth, 0.5 * horizon, rate)


def share_everywhere(market, j):
    """Takes all customers for one market."""
    return market.developers[j].share


def monthly_sales(market, j, more):
    return win(market, j, more / 12.0)


def half_of_what_is_due(market, flow, payer, payee, amount):
    laws["pay_at_most"](market, flow, payer, payee, 0.5 * amount)
    return amount


PLANTED: dict[str, tuple[Any, str, Any]] = {
    "jones-growth-path": (research, "efficiency_growth", stronger_toes),
    "doubling-times": (research, "efficiency_growth", better_returns),
    "blow-up-time": (technology, "efficiency_growth", faster),
    "cobb-douglas-threshold": (research, "log_ces", heavier_experiments),
    "compute-bottleneck": (research, "log_ces", wrong_elasticity),
    "task-automation-limit": (research, "log_cognition", unweighted_tasks),
    "funding-threshold": (beliefs, "rent_multiple", half_the_rate),
    "creative-destruction": (expectations, "erosion", erosion_in_logs),
    "certain-lag": (sales, "closed_markup", kept_margin),
    "learning-from-copies": (beliefs, "posterior_hazard", one_copy_too_many),
    "degroot-consensus": (finance, "investor_listens", in_turn),
    "copies-take-parts": (beliefs, "rent_multiple", only_the_first_copy),
    "growth-that-fades": (valuation, "growing_annuity", fades_twice_as_fast),
    "news-about-growth": (supplier, "LN10", 1.0),
    "bertrand-markups": (sales, "closed_markup", cournot),
    "monopoly-and-symmetry": (sales, "closed_markup", infinitely_many),
    "bass-diffusion": (customers, "adopted_market", without_imitation),
    "perfect-protection": (customers, "demand_protected", copies_sell_anywhere),
    "exit-when-cash-is-gone": (research, "pay_at_most", half_of_what_is_due),
    "markets-apart": (sales, "share_where_it_sells", share_everywhere),
    "customer-capital": (sales, "win_customers", monthly_sales),
}


def rows_not_met(name: str) -> int:
    """Rows of a check that are not met while its wrong law is in place."""
    module, law, wrong = PLANTED[name]
    right = getattr(module, law)
    setattr(module, law, wrong)
    try:
        return sum(not row.met for row in CHECKS[name].run())
    finally:
        setattr(module, law, right)


if __name__ == "__main__":
    assert PLAIN_PYTHON, "compiled rules would not notice"
    print(json.dumps({name: rows_not_met(name) for name in PLANTED}))
