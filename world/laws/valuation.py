"""Valuation: what a lead is worth until it is copied."""

from __future__ import annotations

from engine import maths
from world.compiled import law
from world.laws.technology import LN10

NORMAL_RETURN = 0.15  # a year, at which new money is the normal allowance


@law
def growing_annuity(growth, horizon, rate):
    """Present value of 1 USD/year that grows for a while, then stays [USD].

        A = int_0^T exp((g - x) t) dt + exp((g - x) T) / x

    with g `growth`, T `horizon` [years], x `rate` [1/year]. At g = 0 it is 1/x.
    Source: two-stage dividend discount (Gordon 1962), continuous time.
    """
    z = (rate - growth) * horizon
    return annuity_with(maths.exp(-z), z, horizon, rate)


@law
def annuity_with(decay, z, horizon, rate):
    """`growing_annuity` when z and its exponential are known already [USD].

        A = T (1 - decay) / z + decay / rate,  z = (rate - growth) T,  decay = exp(-z)
    """
    first = horizon * (1.0 - 0.5 * z) if abs(z) < 1e-6 else horizon * (1.0 - decay) / z
    return first + decay / rate


@law
def until_copied(copied, forever, kept_share):
    """Value of a rent that a copy ends but for the share kept [USD]: `rent_multiple`."""
    return (1.0 - kept_share) * copied + kept_share * forever


@law
def rent_multiple(hazard, kept_share, growth, horizon, discount):
    """Value of 1 USD/year of rent that a copy may end [USD].

        multiple = (1 - kept) A(discount + hazard) + kept A(discount)

    The rent lasts until the copy arrives at the believed hazard; customers who
    do not switch keep paying after it. With kept = 0 and no growth it is
    1/(r + hazard): a run is worth its cost iff rent/(r + hazard) >= cost.
    Source: Arrow 1962; Klemperer 1995 (switching costs).
    """
    copied = growing_annuity(growth, horizon, discount + hazard)
    return until_copied(copied, growing_annuity(growth, horizon, discount), kept_share)


@law
def erosion(share_hit, premium, elasticity, frontier_growth):
    """Rate at which rivals' progress erodes the rent of a lead [1/year].

        erosion = hit * premium * (elasticity - 1) * ln 10 * frontier growth

    A model that stands still loses attraction against rivals at the rate of the
    last three factors; `share_hit` is how much of that reaches profit.
    Source: creative destruction, Aghion and Howitt 1992.
    """
    return share_hit * premium * (elasticity - 1.0) * LN10 * max(0.0, frontier_growth)
