"""Safety: accidents of the frontier and misuse of what it makes cheap."""

from __future__ import annotations

from engine import maths
from world.compiled import law
from world.laws.technology import pow10

UNALIGNED = 0.5  # OOM that a new developer's models are more capable than aligned; judgement
GAP_2024 = 1.5  # OOM from open models in hostile hands to the defenders' frontier


@law
def misuse_hazard(capability, defence, base, slope):
    """Incidents a hostile actor causes [1/month].

        rate = base * 10 ** (slope * (capability - defence + 1.5))

    Defenders use the frontier of some months ago; what hurts is the gap. In 2024
    it was about 1.5 OOM, and `base` is the rate of that year.
    Source: scale from reported incidents (AI Incident Database; an index).
    """
    return min(1e4, base * pow10(slope * (capability - defence + GAP_2024)))


@law
def accident_hazard(capability, alignment, base, slope):
    """Accidents of a model more capable than it is aligned [1/month]."""
    return min(1e4, base * pow10(slope * (capability - alignment)))


@law
def poisson(mean, u):
    """Poisson count from one uniform, by inversion; normal approximation above 30."""
    if mean <= 0.0:
        return 0.0
    if mean > 30.0:
        # Logistic quantile with the Poisson's variance: one draw, bounded error.
        spread = maths.sqrt(3.0 * mean) / maths.pi
        clipped = min(max(u, 1e-12), 1.0 - 1e-12)
        return max(0.0, maths.floor(mean + spread * maths.log(clipped / (1.0 - clipped)) + 0.5))
    term = maths.exp(-mean)
    total = term
    count = 0.0
    while u > total and count < 200.0:
        count += 1.0
        term *= mean / count
        total += term
    return count
