"""Demand: what customers spend, on whom, and at which markup."""

from __future__ import annotations

from engine import maths
from world.compiled import law
from world.laws.technology import pow10, power

CAPABILITY_AT_BASE = 28.5  # OOM at which the potential market is `base`
MARKUP_AT_BASE = 1.5  # mean price over cost at which customers spend the market's size


@law
def potential_market(capability, base, slope, saturation):
    """Potential yearly spending on AI services [USD/year].

        TAM = saturation * x / (1 + x),  x = base/saturation * 10**(slope (Q - 28.5))

    Grows with capability, bounded by the labour that AI can replace.
    Source: form as in Bass and Gompertz forecasts; base and slope from 2022-24 revenue.
    """
    x = base / saturation * pow10(slope * (capability - CAPABILITY_AT_BASE))
    return saturation * x / (1.0 + x)


@law
def adopted_market(size, potential, innovation, imitation):
    """Market size one month on [USD/year] (Bass 1969, solved exactly over the month).

        dM/dt = (p + q M/TAM) (TAM - M)
        (1 - F)/(p + q F) falls by exp(-(p + q)/12) a month, with F = M/TAM

    If the potential falls below the market, half of the excess leaves a year.
    """
    if size > potential:
        return size + (potential - size) / 24.0
    adopted = size / potential
    left = (1.0 - adopted) / (innovation + imitation * adopted)
    left *= maths.exp(-(innovation + imitation) / 12.0)
    return potential * (1.0 - innovation * left) / (1.0 + imitation * left)


@law
def spending(size, markup, outer_elasticity):
    """Customers' spending in a month [USD].

        spending = M/12 * (markup / 1.5) ** (1 - outer_elasticity)

    Source: iso-elastic demand; cheaper service is used more (Jevons).
    """
    return size / 12.0 * power(markup / MARKUP_AT_BASE, 1.0 - outer_elasticity)


@law
def quality_weight(lead, premium, elasticity):
    """Weight of a model's quality in the customers' choice, were it sold at cost (CES).

        q = 10**((elasticity - 1) * premium * lead)

    `lead` is capability less the frontier's [OOM], `premium` the log10 price
    premium per OOM. Source: Dixon and Stiglitz 1977, quality-augmented.
    """
    return pow10((elasticity - 1.0) * premium * lead)


@law
def price_weight(markup, elasticity):
    """Share of that weight left at a price above cost (CES): markup ** (1 - elasticity)."""
    return power(markup, 1.0 - elasticity)


@law
def finite_firm_markup(share, elasticity, outer_elasticity):
    """Markup of a firm that sees its share (Bertrand) [price over cost].

        e = elasticity - (elasticity - outer) * share;  markup = e / (e - 1)

    Source: Atkeson and Burstein 2008. A single firm is bounded by the outside good.
    """
    perceived = max(1.05, elasticity - (elasticity - outer_elasticity) * share)
    return perceived / (perceived - 1.0)


@law
def limit_markup(lead, premium):
    """Highest markup that still beats an open model sold at cost [price over cost].

        markup = 10 ** (premium * lead over the best open model)

    Source: limit pricing, Bernard, Eaton, Jensen and Kortum 2003.
    """
    return pow10(premium * lead)


@law
def closed_markup(share, limit, protected, brand_margin, elasticity, outer):
    """Markup of a model with closed weights [price over cost].

    The finite-firm markup, but no more than the limit price against the best
    open model, and no less than the brand earns once matched. In the share of
    the market that courts close to an infringing open model the limit is void.
    """
    free = finite_firm_markup(share, elasticity, outer)
    limited = min(free, max(1.0 + brand_margin, limit))
    return (1.0 - protected) * limited + protected * free
