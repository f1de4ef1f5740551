"""Technology: what compute, know-how and cognitive labour produce.

Capability, efficiency and compute per dollar are in OOM (log10): capability is
effective training FLOP, efficiency is algorithmic progress since 2020,
compute per dollar is FLOP bought by one real 2025 dollar.
"""

from __future__ import annotations

from engine import maths
from world.compiled import law

LN10 = maths.log(10.0)
CAPABILITY_2025 = 28.8  # OOM, frontier of January 2025 (o1)
EFFICIENCY_2025 = 2.85  # OOM, leaders in January 2025: 3x a year (Ho et al. 2024), 0.6 of reasoning
FLOP_PER_USD_2025 = 17.8  # OOM, H100 cloud price at usual utilisation (Epoch AI)
USUAL_RUN = maths.log(5e8) / LN10  # OOM USD, a frontier run of 2024 (Epoch AI)
FLOP_PER_RESEARCHER = 25.35  # OOM of effective FLOP a researcher-year (Davidson 2023), with reasoning


@law
def pow10(exponent):
    """Ten to a power, by `exp` alone so that every engine rounds alike."""
    return maths.exp(LN10 * exponent)


@law
def power(base, exponent):
    """Positive base to any power, by `exp` and `log` alone."""
    return maths.exp(exponent * maths.log(base))


@law
def logistic(x):
    """Smooth step from 0 to 1; bounded argument, so it cannot overflow."""
    return 1.0 / (1.0 + maths.exp(-min(max(x, -40.0), 40.0)))


@law
def normal(u, v):
    """Standard normal draw from two uniforms (Box and Muller 1958)."""
    return maths.sqrt(-2.0 * maths.log(1.0 - u)) * maths.cos(2.0 * maths.pi * v)


@law
def centred(u):
    """Draw of mean 0 and standard deviation 1 from one uniform (flat, bounded)."""
    return maths.sqrt(12.0) * (u - 0.5)


@law
def training_cost(capability, efficiency, flops):
    """Cost of training a model from scratch [USD].

        cost = 10 ** (capability - efficiency - flops)

    Source: definition of effective compute (Epoch AI).
    Ignores: exploration, which the developer's plan charges.
    """
    return pow10(capability - efficiency - flops)


@law
def trained_capability(budget, efficiency, flops):
    """Capability that a final run of `budget` USD reaches [OOM]; inverse of `training_cost`."""
    return efficiency + flops + maths.log(budget) / LN10


@law
def log_ces(log_labour, log_capital, capital_weight, elasticity):
    """Constant-elasticity output of two inputs, each over its norm [natural log of the ratio].

        R = [(1-w) labour**rho + w capital**rho] ** (1/rho),  rho = (s-1)/s

    Cobb-Douglas at s = 1, Leontief at s = 0. With s < 1, unlimited labour adds
    at most w ** (1/rho): the compute bottleneck.
    Source: Arrow, Chenery, Minhas and Solow 1961.
    """
    if elasticity < 0.02:
        return min(log_labour, log_capital)
    rho = (elasticity - 1.0) / elasticity
    if abs(rho) < 1e-4:
        return (1.0 - capital_weight) * log_labour + capital_weight * log_capital
    # Factor out the input that dominates, so that no power overflows.
    ratio = rho * (log_capital - log_labour)
    if ratio < 0.0:
        inner = 1.0 - capital_weight + capital_weight * maths.exp(ratio)
        return log_labour + maths.log(inner) / rho
    inner = capital_weight + (1.0 - capital_weight) * maths.exp(-ratio)
    return log_capital + maths.log(inner) / rho


@law
def automation_share(capability, full_automation, automation_span):
    """Share of research tasks that AI can do [0-1].

    20 % at `full_automation - automation_span` OOM, 100 % at `full_automation`,
    linear between and below. Source: Davidson 2023, FLOP-gap framing.
    """
    progress = 1.0 - (full_automation - capability) / automation_span
    return min(1.0, max(0.0, 0.2 + 0.8 * progress))


@law
def log_cognition(log_researchers, log_ai_workers, share, elasticity):
    """Cognitive labour when AI can do a share of the research tasks [natural log of researchers].

        N = [ share**(1/e) ai**rho + (1-share)**(1/e) humans**rho ] ** (1/rho)

    with rho = (e-1)/e: a task CES; human labour concentrates on the tasks left.
    Below one, the elasticity `e` makes the tasks left the bottleneck: unlimited
    AI labour yields humans * (1-share) ** (-1/(1-e)), finite for share < 1.
    AI is used only where it helps.
    Source: Zeira 1998; Acemoglu and Restrepo 2018; Aghion, Jones and Jones 2019.
    """
    if share <= 0.0:
        return log_researchers
    if share >= 1.0:
        return max(log_researchers, log_ai_workers)
    rho = (elasticity - 1.0) / elasticity
    by_people = log_researchers - maths.log(1.0 - share)  # each on the tasks left
    by_ai = log_ai_workers - maths.log(share)
    tasks = 1.0 - share + share * maths.exp(rho * (by_ai - by_people))
    return max(log_researchers, by_people + maths.log(tasks) / rho)


@law
def log_ai_workers(log_inference, efficiency):
    """Researchers that inference compute replaces [natural log of researchers].

        E = inference FLOP a year * 10**efficiency / 10**25.35

    Inference is in USD a year at the compute price of January 2025.
    Source: Davidson 2023; about 50,000 USD per researcher-year in 2025.
    """
    return log_inference + LN10 * (FLOP_PER_USD_2025 + efficiency - FLOP_PER_RESEARCHER)


@law
def efficiency_growth(log_research, pace, toes, returns, gained, spur):
    """Own growth of algorithmic efficiency, before its limit is felt [OOM/year].

        dh/dt = pace * R**toes * 10**(-(toes/returns) * gained) * (1 + spur)

    `gained` is what the best had not at the start, when a leader's research R was 1.
    Semi-endogenous growth: ideas get harder to find with phi = toes/returns;
    `returns` is r = lambda/phi, explosive above 1 when research scales with
    its own output.
    Source: Jones 1995; Bloom et al. 2020; Erdil, Besiroglu and Ho 2024 (r 0.4-3.6).
    """
    gained = min(40.0, max(-40.0, gained))
    return pace * (1.0 + spur) * maths.exp(toes * (log_research - LN10 * gained / returns))


@law
def progress_in_headroom(growth, efficiency, headroom):
    """Efficiency gained over a time in which it would grow by `growth` without a limit [OOM].

        dh/dt = g (1 - gained / headroom)  gives  left * (1 - exp(-growth / headroom))

    Solved exactly, so that even explosive growth stops at the limit.
    """
    left = max(0.0, headroom - (efficiency - EFFICIENCY_2025))
    return left * -maths.expm1(-growth / headroom)


@law
def induced_innovation(shortfall, strength):
    """Extra research productivity from scarce compute [fraction].

        spur = strength * shortfall,  shortfall = 1 - compute had / compute wanted

    The shortfall is against the developer's own unconstrained demand at its
    outlay (export control, price premium), not against its rivals.
    Source: Hicks 1932; Popp 2002.
    """
    return strength * min(1.0, max(0.0, shortfall))


@law
def run_months(size, usual):
    """Length of a run that costs `size` [log10 USD] in months: usual at 500 M USD.

    A month less per OOM below. Source: Epoch AI, frontier runs last 3-6 months;
    fine-tunes take weeks.
    """
    months = usual + min(0.0, size - USUAL_RUN)
    return max(1.0, maths.floor(months + 0.5))
