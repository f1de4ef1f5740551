"""Learning: how observers revise what they believe about imitation."""

from __future__ import annotations

from engine import maths
from world.compiled import law
from world.laws.technology import LN10, logistic

MATCH_GAP = 0.3  # OOM behind at which half of the customers call it a match
MATCH_WIDTH = 0.1  # OOM, softness of that judgement


@law
def match_degree(follower, leader):
    """How far a model matches a leading one [0-1].

        m = 1 / (1 + exp(-(follower - leader + 0.3) / 0.1))

    Smooth in the gap, so that no small change of a copy flips a belief.
    Source: a strict step gives lags twice as long as a test of significance
    (Epoch Capabilities Index); 0.3 OOM is about 3 index points.
    """
    return logistic((follower - leader + MATCH_GAP) / MATCH_WIDTH)


@law
def posterior_hazard(shape, rate):
    """Mean of a Gamma belief about the imitation hazard [1/year]; prior plus copies / exposure."""
    return shape / rate


@law
def cost_saving(capability, known_efficiency, flops, cost):
    """How much cheaper a release was than the same from scratch with known methods [OOM].

        saving = log10(training cost at known efficiency / cost paid)

    A copy and a better algorithm save alike: the same observation, two readings.
    July 2024 closed the same gap as January 2025 with a dear model: no saving, no fall.
    """
    return capability - known_efficiency - flops - maths.log(cost) / LN10


@law
def bayes(probability, log_likelihood_ratio):
    """Posterior probability after evidence (log odds add up), kept within 2-98 %."""
    supported = probability * maths.exp(log_likelihood_ratio)
    return min(0.98, max(0.02, supported / (supported + 1.0 - probability)))
