"""Laws against published closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from world.laws import demand, learning, safety, technology, valuation
from world.laws.technology import EFFICIENCY_2025

rates = st.floats(0.01, 3.0)


@pytest.mark.parametrize(("rho", "bound"), [(-1.0, 3.33), (-0.4, 20.3), (-2.0, 1.83)])
def test_unlimited_labour_is_bounded_by_the_compute_bottleneck(rho, bound) -> None:
    elasticity = 1.0 / (1.0 - rho)
    found = math.exp(technology.log_ces(math.log(1e60), 0.0, 0.3, elasticity))
    assert found == pytest.approx(0.3 ** (1.0 / rho), rel=1e-6)
    assert found == pytest.approx(bound, rel=0.01)


@given(st.floats(0.1, 9.0), st.floats(0.1, 9.0), st.floats(0.05, 0.95), st.floats(0.0, 2.6))
def test_ces_has_constant_returns_and_lies_between_its_inputs(a, b, weight, elasticity) -> None:
    def ces(a: float, b: float) -> float:
        return math.exp(technology.log_ces(math.log(a), math.log(b), weight, elasticity))

    one = ces(a, b)
    assert ces(2 * a, 2 * b) == pytest.approx(2 * one, rel=1e-9)
    assert min(a, b) * (1 - 1e-9) <= one <= max(a, b) * (1 + 1e-9)
    if elasticity > 0.1 and abs(elasticity - 1.0) > 0.01:
        rho = (elasticity - 1.0) / elasticity
        expected = ((1.0 - weight) * a**rho + weight * b**rho) ** (1.0 / rho)
        assert one == pytest.approx(expected, rel=1e-9)


@given(st.floats(0.05, 0.95), st.floats(0.2, 0.8))
def test_automation_has_a_finite_limit(share, elasticity) -> None:
    people = math.log(100.0)
    found = math.exp(technology.log_cognition(people, math.log(1e40), share, elasticity))
    assert found == pytest.approx(100.0 * (1 - share) ** (-1 / (1 - elasticity)), rel=1e-3)
    assert technology.log_cognition(people, math.log(1e-40), share, elasticity) == people
    rho = (elasticity - 1.0) / elasticity
    tasks = share ** (1 / elasticity) * 40.0**rho + (1 - share) ** (1 / elasticity) * 100.0**rho
    found = technology.log_cognition(people, math.log(40.0), share, elasticity)
    assert found == pytest.approx(max(people, math.log(tasks) / rho), rel=1e-9)


def test_research_follows_the_jones_path() -> None:
    """L1: constant growth of research, in logs h with phi = toes/returns."""
    pace, toes, returns, growth = 0.45, 0.6, 1.2, 0.3
    phi = toes / returns
    gained, months = 0.0, 240 * 40
    for step in range(months):
        research = growth * (step + 0.5) / 480.0
        rate = technology.efficiency_growth(research, pace, toes, returns, gained, 0.0)
        gained += rate / 480.0
    years = months / 480.0
    k = phi * math.log(10.0)
    grown = k * pace * (math.exp(toes * growth * years) - 1.0) / (toes * growth)
    assert gained == pytest.approx(math.log(1.0 + grown) / k, rel=1e-3)


@given(rates, rates)
def test_rent_lasts_until_the_copy(discount, hazard) -> None:
    """L4: without growth a run is worth its cost iff rent / (r + h) >= cost."""
    found = valuation.rent_multiple(hazard, 0.0, 0.0, 3.0, discount)
    assert found == pytest.approx(1.0 / (discount + hazard), rel=1e-9)


@given(st.floats(0.05, 0.3), rates, rates, st.floats(0.0, 0.5))
def test_more_imitation_never_raises_a_rent(discount, low, more, kept) -> None:
    worth = valuation.rent_multiple
    assert worth(low + more, kept, 0.5, 3.0, discount) <= worth(low, kept, 0.5, 3.0, discount)


@given(st.floats(0.0, 1.2), st.floats(1.0, 6.0), st.floats(0.1, 2.0), st.floats(0.02, 3.0))
def test_expectations_that_come_true_earn_the_rate(growth, horizon, rate, later) -> None:
    """What a rent pays until a date, with its value then, is its value now."""
    left = growth * math.exp(-later / horizon)
    then = math.exp(valuation.growth_to_come(growth, horizon, later) - rate * later)
    come = valuation.growth_to_come
    paid, _ = quad(lambda t: math.exp(come(growth, horizon, t) - rate * t), 0, later)
    whole = valuation.growing_annuity(growth, horizon, rate)
    sold = then * valuation.growing_annuity(left, horizon, rate)
    assert paid + sold == pytest.approx(whole, rel=1e-6)


@given(st.floats(0.0, 1.2), st.floats(1.0, 6.0), st.floats(0.3, 2.0), st.floats(0.1, 3.0))
def test_waiting_for_a_rent_that_nobody_takes_is_not_paid_for(growth, horizon, rate, years) -> None:
    """Without erosion and copies; a lead's rent, whose clock starts at its release, can gain."""
    later = valuation.delayed(growth, horizon, rate, rate, years)
    assert later < 1.0


@given(rates, st.floats(0.0, 0.9), st.floats(0.0, 0.5))
def test_each_copy_leaves_a_share_of_what_was_left(hazard, kept, discount) -> None:
    """Copies at a hazard that each leave a share: E[kept ** N(t)] = exp(-(1 - kept) h t)."""
    rate = discount + 0.1
    copies = np.arange(200)
    expected = sum(
        (1.0 / (rate + hazard)) * (hazard / (rate + hazard)) ** n * kept**n for n in copies
    )  # the rent between the n-th copy and the next, discounted
    found = valuation.rent_multiple(hazard, kept, 0.0, 3.0, rate)
    assert found == pytest.approx(expected, rel=1e-6)


@given(st.integers(1, 50))
def test_symmetric_firms_mark_up_as_atkeson_and_burstein(firms) -> None:
    perceived = 3.0 - (3.0 - 1.5) / firms
    found = demand.finite_firm_markup(1.0 / firms, 3.0, 1.5)
    assert found == pytest.approx(perceived / (perceived - 1.0))


@given(st.floats(26.0, 34.0), st.floats(1.0, 4.0))
def test_cost_and_capability_are_inverse(capability, efficiency) -> None:
    cost = technology.training_cost(capability, efficiency, 17.8)
    assert technology.trained_capability(cost, efficiency, 17.8) == pytest.approx(capability)


def test_posterior_counts_copies_over_exposure() -> None:
    assert learning.posterior_hazard(2.0 + 3.0, 2.5 + 4.0) == pytest.approx(5.0 / 6.5)


@given(st.floats(20.0, 40.0), st.floats(0.0, 5.0))
def test_matching_is_smooth_and_rises(leader, gap) -> None:
    near = learning.match_degree(leader - gap, leader)
    nearer = learning.match_degree(leader - gap + 0.01, leader)
    assert 0.0 <= near <= nearer <= 1.0
    assert nearer - near < 0.03


def test_poisson_inversion_has_its_mean() -> None:
    draws = [(k + 0.5) / 20000 for k in range(20000)]
    for mean in (0.01, 0.7, 5.0, 80.0):
        found = sum(safety.poisson(mean, u) for u in draws) / len(draws)
        assert found == pytest.approx(mean, rel=0.02)


@given(st.floats(0.0, 1e3), st.floats(2.3, 10.0))
def test_progress_never_leaves_its_headroom(growth, efficiency) -> None:
    gained = technology.progress_in_headroom(growth, efficiency, 8.0)
    assert 0.0 <= gained <= max(0.0, 8.0 - (efficiency - EFFICIENCY_2025))


@given(st.floats(1e9, 1e13), st.floats(26.0, 40.0))
def test_the_market_moves_toward_its_potential(size, capability) -> None:
    potential = demand.potential_market(capability, 6e10, 0.43, 1e13)
    after = demand.adopted_market(size, potential, 0.03, 1.0)
    assert min(size, potential) * (1 - 1e-9) <= after <= max(size, potential) * (1 + 1e-9)
    if abs(potential / size - 1.0) > 1e-3:
        assert abs(potential - after) < abs(potential - size)
    assert potential <= 1e13
