"""Valuation: what a lead is worth until it is copied."""

from __future__ import annotations

from engine import maths
from world.compiled import law
from world.laws.technology import LN10

NORMAL_RETURN = 0.15  # a year, at which new money is the normal allowance
TERMS = 32  # of a series whose terms fall like those of an exponential


@law
def growth_to_come(growth, horizon, years):
    """Log growth in some years of what grows at a rate that returns to nought.

        growth to come = int_0^t g exp(-s/T) ds = g T (1 - exp(-t/T))

    Without end it comes to g T.
    """
    return growth * horizon * -maths.expm1(-years / horizon)


@law
def growing_annuity(growth, horizon, rate):
    """Present value of 1 USD/year whose growth returns to nought [USD].

        A = int_0^inf exp(g T (1 - exp(-t/T)) - x t) dt
          = T sum_n b**n / (a (a+1) ... (a+n)),  a = x T,  b = g T

    with g `growth`, T `horizon` [years], x `rate` [1/year]. At g = 0 it is 1/x. What growth is
    expected of a date does not hang on when it is asked, so that a value whose expectations
    come true earns its rate. The sum is reckoned from its last term, as one fraction.
    Source: Gordon 1962, with growth that fades (Fuller and Hsia 1984); the series is that of the
    incomplete gamma function (Abramowitz and Stegun 1964, 6.5.29).
    """
    a = rate * horizon
    b = growth * horizon
    above = 1.0
    below = 1.0
    for k in range(TERMS):
        below *= a + (TERMS - k)
        above = below + b * above
    return horizon * above / (below * a)


@law
def rent_multiple(hazard, kept_share, growth, horizon, rate):
    """Value of 1 USD/year of rent of which each copy leaves a share [USD].

        multiple = A(rate + (1 - kept) hazard)

    Copies come at the believed hazard; customers who do not switch keep paying, so that each
    leaves the share `kept` of what was still left. With kept = 0 and no growth it is
    1/(r + hazard): a run is worth its cost iff rent/(r + hazard) >= cost.
    Source: Arrow 1962; Klemperer 1995 (switching costs).
    """
    return growing_annuity(growth, horizon, rate + (1.0 - kept_share) * hazard)


@law
def delayed(growth, horizon, rate, discount, years):
    """Worth of a rent that begins in some years over one that begins now [ratio].

        worth = exp(growth to come - r t) A(g exp(-t/T), x) / A(g, x)

    Meanwhile the market grows, and less of its growth is left. At `rate` = `discount` it is below 1;
    a lead's rent, at a rate with erosion and copies in it, is worth more where it begins later,
    for its own clock starts with it.
    """
    come = growth_to_come(growth, horizon, years)
    left = growth - come / horizon
    later = maths.exp(come - discount * years) * growing_annuity(left, horizon, rate)
    return later / growing_annuity(growth, horizon, rate)


@law
def erosion(share_hit, premium, elasticity, frontier_growth):
    """Rate at which rivals' progress erodes the rent of a lead [1/year].

        erosion = hit * premium * (elasticity - 1) * ln 10 * frontier growth

    A model that stands still loses attraction against rivals at the rate of the
    last three factors; `share_hit` is how much of that reaches profit.
    Source: creative destruction, Aghion and Howitt 1992.
    """
    return share_hit * premium * (elasticity - 1.0) * LN10 * max(0.0, frontier_growth)
