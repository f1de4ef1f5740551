"""Research, growth and automation against the models of Jones, and of Aghion, Jones and Jones."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial

from scipy import integrate

from agents import FrontierLab
from agents.record import economy_opens_month
from agents.research import COMMON_COMPUTE, developer_researches
from experiments.verify.registry import Row, check
from experiments.verify.small_markets import (
    add_developer,
    empty_market,
    limiting,
    open_market,
    threshold,
)
from model import Market
from world.laws import technology
from world.laws.technology import LN10
from world.opening import LEADER_COMPUTE, LEADER_RESEARCHERS
from world.state import RESEARCH

# The limit of efficiency is put out of reach: its law keeps 1e-6 of accuracy here.
NO_CEILING = {"headroom": 1e6}
AUTOMATED = {"full_automation": 20.0, "inference_share": 0.3, **NO_CEILING}
SLOW = 0.01  # OOM a year at the start: a doubling takes thirty years, a month is a small step


class Bench:
    """One lab in an empty market that does nothing but research, by the market's own rule."""

    def __init__(self, **parameters: float) -> None:
        graph = empty_market()
        add_developer(graph, "Lab", compute=True)
        run = open_market(limiting(**parameters), graph)
        self.tables = run.tables
        self.run = run.perform(economy_opens_month)
        self.tables.dealt[RESEARCH] = 0.5  # no luck
        self.lab = self.tables.developers
        self.start = float(self.tables.industry["efficiency_start"][0])
        self.set_compute(LEADER_COMPUTE)

    def set_compute(self, yearly: float) -> None:
        """Research compute bought [USD a year]."""
        self.lab["outlay"][0] = (yearly - COMMON_COMPUTE) / 12.0

    def month(self) -> float:
        """Research for a month; return the efficiency reached [OOM]."""
        self.run.perform(developer_researches)
        return float(self.lab["efficiency"][0])

    def yearly_growth(self) -> float:
        """Growth of efficiency with the inputs as they are [OOM a year]; then forget it."""
        before = float(self.lab["efficiency"][0])
        after = self.month()
        self.lab["efficiency"][0] = before
        return 12.0 * (after - before)

    def start_slowly(self) -> None:
        """Scale the pace so that efficiency grows by `SLOW` at first."""
        self.tables.parameters["efficiency_pace"][0] *= SLOW / self.yearly_growth()

    def doubling_times(self, count: int) -> list[float]:
        """Months that each of the next doublings of efficiency takes."""
        start = efficiency = float(self.lab["efficiency"][0])
        step = math.log10(2.0)
        month = 0
        crossed = [0.0]
        while len(crossed) <= count:
            month += 1
            before, efficiency = efficiency, self.month()
            goal = start + step * len(crossed)
            while efficiency >= goal and len(crossed) <= count:
                crossed.append(month - (efficiency - goal) / (efficiency - before))
                goal += step
            if month > 100_000:
                return [math.nan] * count
        return [b - a for a, b in zip(crossed, crossed[1:], strict=False)]


def doubling_ratio(returns: float, weight: float) -> float:
    """Ratio of successive doubling times when AI does all research at fixed compute.

    `weight` is that of experiments, in a Cobb-Douglas function with cognition.
    """
    bench = Bench(**AUTOMATED, stepping_on_toes=1.0, research_returns=returns,
                  compute_labour_substitution=1.0, experiment_weight=weight)  # fmt: skip
    bench.start_slowly()
    first, second, third = bench.doubling_times(3)
    return math.sqrt(third / first)


def _slows(returns: float, weight: float) -> bool:
    """Whether doublings take ever longer."""
    return doubling_ratio(returns, weight) > 1.0


@check
def jones_growth_path() -> Iterator[Row]:
    """Ideas get harder to find: with research effort growing at g, know-how S grows at lambda g / beta.

        S(t) = [S0^beta + beta theta R0^lambda (e^(lambda g t) - 1) / (lambda g)]^(1/beta)

    Configured: a Mesa market with one lab whose staff and experiments are made to grow at g by a
    Python subclass of `FrontierLab`; `developer_researches` does the rest. S = 10^(h - h_start),
    beta = toes/returns, theta = pace ln 10. Off: ceiling, luck, spillover, automation.

    Tolerance: 1 % of the path, for steps of a month; 1e-6 for the law integrated finely.

    Source: Jones 1995, R&D-based models of economic growth, JPE 103; closed form by separation.
    """
    pace, toes, returns, growth, years = 0.45, 0.6, 1.2, 0.3, 30

    class GrowingLab(FrontierLab):
        """Its effort is given, not chosen."""

        def plans(self) -> None:
            """Start no run."""

        def researches(self) -> None:
            """Research with the effort of mid-month, without luck."""
            effort = math.exp(growth * (self.model.month + 0.5) / 12.0)
            tables = self.model.tables
            tables.dealt[RESEARCH, self.row] = 0.5
            self.researchers = LEADER_RESEARCHERS * effort
            bought = LEADER_COMPUTE * effort / tables.industry["compute_scale"][0]
            self.outlay = (bought - COMMON_COMPUTE) / 12.0
            super().researches()

    graph = empty_market()
    add_developer(graph, "Lab", compute=True)
    scenario = limiting(**NO_CEILING, efficiency_pace=pace, stepping_on_toes=toes,
                        research_returns=returns, wage_lab=1.0)  # fmt: skip
    market = Market(scenario, graph=graph, classes={"frontier_lab": GrowingLab})
    market.run_until(f"{2025 + years - 1}-12")
    path = market.frame()["frontier_efficiency"].to_numpy()
    start = market.tables.industry["efficiency_start"][0]
    beta, theta = toes / returns, pace * LN10
    for year in (5, 15, years):
        grown = beta * theta * math.expm1(toes * growth * year) / (toes * growth)
        expected = math.log1p(grown) / beta / LN10
        obtained = path[12 * year - 1] - start
        yield Row(f"OOM gained in {year} years", expected, obtained, 0.01 * expected)
    fine = integrate.solve_ivp(
        lambda t, gained: [technology.efficiency_growth(
            growth * t, pace, toes, returns, gained[0], 0.0
        )],
        (0.0, years), [0.0], rtol=1e-10, atol=1e-12,
    )  # fmt: skip
    obtained = float(fine.y[0, -1])
    yield Row(f"the same in {years} years, by the law", expected, obtained, 1e-6 * expected)
    steady = toes * growth / beta / LN10
    yield Row("OOM/year in the long run", steady, path[-1] - path[-13], 0.01 * steady)


@check
def doubling_times() -> Iterator[Row]:
    """Research done by AI at fixed compute doubles know-how ever faster if and only if r > 1.

        T(k+1) / T(k) = 2^-(1 - 1/r)        (lambda = 1)

    Configured: `developer_researches`, month by month, for one lab with all research tasks
    automated, no weight on experiments (labour is all of research) and compute held fixed. The
    threshold is the r above which they shrink.

    Tolerance: 0.002, for steps of a month in doublings of thirty years.

    Source: Erdil, Besiroglu and Ho 2024; Davidson 2023; Jones 1995 with input proportional to S.
    """
    for returns in (0.8, 1.0, 1.2, 2.0):
        expected = 2.0 ** -(1.0 - 1.0 / returns)
        yield Row(f"ratio at r = {returns:g}", expected, doubling_ratio(returns, 0.0), 2e-3)
    found = threshold(partial(_slows, weight=0.0), 0.5, 2.0, halvings=17)
    yield Row("r above which doubling times shrink", 1.0, found, 2e-3)


@check
def blow_up_time() -> Iterator[Row]:
    """With r > 1, research done by AI reaches any level of know-how in a finite time.

        t* = S0^(beta - lambda) / (theta (lambda - beta))

    Configured: lambda 1.2, beta 1, theta 0.5, S0 1. The law `efficiency_growth` with research
    equal to S, integrated over 40 OOM; and `developer_researches`, month by month, at a tenth of
    the speed, until know-how has grown by 30 OOM.

    Tolerance: 1e-6 for the law; 0.5 % month by month.

    Source: Jones 1995 with input proportional to S, by separation of variables.
    """
    toes, beta, theta = 1.2, 1.0, 0.5

    def pace(gained: float) -> float:
        return float(technology.efficiency_growth(
            LN10 * gained, theta / LN10, toes, toes / beta, gained, 0.0
        ))  # fmt: skip

    expected = 1.0 / (theta * (toes - beta))
    time, _ = integrate.quad(lambda gained: 1.0 / pace(gained), 0.0, 40.0, limit=200)
    yield Row("years, by the law", expected, time, 1e-6)
    bench = Bench(**AUTOMATED, stepping_on_toes=toes, research_returns=toes / beta,
                  experiment_weight=0.0, compute_labour_substitution=1.0)  # fmt: skip
    bench.tables.parameters["efficiency_pace"][0] *= theta / 10.0 / LN10 / bench.yearly_growth()
    months = 0
    while bench.month() < bench.start + 30.0 and months < 10_000:
        months += 1
    yield Row("years at a tenth of the speed", 10.0 * expected, months / 12.0, 0.05 * expected)


@check
def cobb_douglas_threshold() -> Iterator[Row]:
    """Where experiments also count, AI research explodes only if its share a of research makes a r > 1.

        R = N^a X^(1-a):  explosive iff a r > 1, otherwise growth is multiplied by 1 / (1 - a r)

    Configured: as `doubling-times`, with substitution one between cognition and experiments. The
    threshold is the r above which doubling times shrink. For the multiplier, compute grows
    at 0.2 a year and the growth of know-how is measured with research by AI and by people whose
    number grows as fast.

    Tolerance: 0.5 % of the figure, for steps of a month.

    Source: Aghion, Jones and Jones 2019, Artificial intelligence and economic growth.
    """
    for share in (0.5, 0.7):
        slows = partial(_slows, weight=1.0 - share)
        found = threshold(slows, 0.9, 3.0, halvings=15)
        yield Row(f"threshold of r at a = {share:g}", 1.0 / share, found, 5e-3 / share)
    for returns in (0.8, 1.5):
        share = 0.5
        boost = _long_run(returns, share, by_ai=True) / _long_run(returns, share, by_ai=False)
        expected = 1.0 / (1.0 - share * returns)
        yield Row(f"multiplier at a = {share:g}, r = {returns:g}", expected, boost, 5e-3 * expected)


def _long_run(returns: float, share: float, by_ai: bool) -> float:
    """Growth of know-how in the long run when compute grows [OOM a year]."""
    compute_growth, years = 0.2, 50
    off = {} if by_ai else {"full_automation": 1e3}
    bench = Bench(**{**AUTOMATED, **off}, stepping_on_toes=1.0, research_returns=returns,
                  compute_labour_substitution=1.0, experiment_weight=1.0 - share)  # fmt: skip
    gained = []
    for month in range(12 * years):
        effort = math.exp(compute_growth * month / 12.0)
        bench.set_compute(LEADER_COMPUTE * effort)
        bench.lab["researchers"][0] = 1.0 if by_ai else LEADER_RESEARCHERS * effort
        gained.append(bench.month())
    return gained[-1] - gained[-13]


@check
def compute_bottleneck() -> Iterator[Row]:
    """Where compute and labour are complements, unlimited cognitive labour adds a bounded amount.

        R(unlimited labour) / R(norm) = w^(1/rho),  rho < 0, w the weight of experiments

    Configured: growth by `developer_researches` (lambda 1, w 0.3) with 10^150 times a leader's
    staff over growth with a leader's staff, experiments alike.

    Tolerance: 1e-5 of the bound.

    Source: Arrow, Chenery, Minhas and Solow 1961; weak links in Aghion, Jones and Jones 2019.
    """
    weight = 0.3
    for rho in (-0.2, -0.4, -1.0, -2.0):
        bench = Bench(**NO_CEILING, efficiency_pace=SLOW, stepping_on_toes=1.0,
                      experiment_weight=weight,
                      compute_labour_substitution=1.0 / (1.0 - rho))  # fmt: skip
        norm = bench.yearly_growth()
        bench.lab["researchers"][0] *= 1e150
        bound = weight ** (1.0 / rho)
        obtained = bench.yearly_growth() / norm
        yield Row(f"ratio at rho = {rho:g}", bound, obtained, 1e-5 * bound)


@check
def task_automation_limit() -> Iterator[Row]:
    """AI that does a share f of the tasks, however well, raises cognition by a finite factor.

        N / N(people) -> (1 - f)^(-1/(1-e)),  e < 1 the elasticity between tasks

    Configured: growth by `developer_researches` (lambda 1, no weight on experiments) with
    10^60 times a leader's compute for AI, over growth without automation.

    Tolerance: 1e-4 of the limit; AI labour is finite.

    Source: Zeira 1998; Acemoglu and Restrepo 2018; Aghion, Jones and Jones 2019.
    """
    for share, elasticity in ((0.2, 0.5), (0.5, 0.5), (0.9, 0.5), (0.5, 0.8)):
        # 20 % of tasks at full_automation - span, 100 % at full_automation, linear.
        span = 4.0
        full = 28.8 + span * (1.0 - share) / 0.8
        growth = {}
        for name, automation in (("ai", full), ("people", 1e3)):
            bench = Bench(**NO_CEILING, full_automation=automation, automation_span=span,
                          stepping_on_toes=1.0, experiment_weight=0.0, task_elasticity=elasticity,
                          compute_labour_substitution=1.0)  # fmt: skip
            bench.set_compute(LEADER_COMPUTE * 1e60)
            growth[name] = bench.yearly_growth()
        limit = (1.0 - share) ** (-1.0 / (1.0 - elasticity))
        obtained = growth["ai"] / growth["people"]
        yield Row(f"ratio at f = {share:g}, e = {elasticity:g}", limit, obtained, 1e-4 * limit)
