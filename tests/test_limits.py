"""Limiting cases: small markets whose fate is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from agents.profits import sales_at
from model import Market, Scenario
from tests.markets import QUIET, opening, small_market
from world.bound import bind
from world.files.read import read_world
from world.laws.demand import finite_firm_markup
from world.state import FOLLOW


def test_one_lab_alone_is_a_monopoly_bounded_by_the_outside_good() -> None:
    market = Market(QUIET, seed=0, graph=small_market()).run_until("2026-12")
    labs = market.agent_frame("frontier_lab")
    assert labs["share"].to_numpy() == pytest.approx(1.0)
    bound = finite_firm_markup(
        1.0, QUIET.parameters["elasticity_within"], QUIET.parameters["elasticity_outer"]
    )
    assert labs["markup"].to_numpy() == pytest.approx(bound)


@pytest.mark.parametrize("months", [1.0, 2.5, 7.0, 11.2])
def test_without_revenue_or_funds_a_lab_lives_cash_over_burn(months: float) -> None:
    # Exploration out of its reach, so that wages are the only use of its money.
    burn = 1000.0 * QUIET.parameters["wage_lab"] / 12.0
    graph = small_market(cash=months * burn, revenue=0.0)
    graph.nodes["Lab 0"]["capability"] = 40.0
    market = Market(QUIET, seed=0, graph=graph).run_until("2026-06")
    lived = len(market.agent_frame("frontier_lab"))
    assert lived == math.ceil(months)  # it is gone when the month after the last one opens
    assert market.frame()["exits"].to_numpy().nonzero()[0].tolist() == [math.ceil(months)]


def test_equal_labs_stay_equal() -> None:
    """Without luck: research luck is the only noise left, so it is turned off in the draws."""

    market = Market(QUIET, seed=0, graph=small_market(labs=3))
    market.tables.dealt[:] = 0.5
    market.run_until("2026-12")
    labs = market.agent_frame("frontier_lab")
    for column in ("capability", "efficiency", "share", "cash", "valuation"):
        paths = labs[column].unstack("name")
        assert paths.shape == (24, 3)
        assert (np.ptp(paths, axis=1) <= 1e-9 * paths.mean(axis=1)).all(), column
    assert labs["share"].to_numpy() == pytest.approx(1.0 / 3.0, rel=1e-9)


def test_perfect_protection_stops_copies_from_being_sold() -> None:
    world = read_world("2025")
    for node in world.nodes:
        if world.nodes[node]["kind"] == "government":
            world.nodes[node]["court_reach"] = 1.0
    perfect = Scenario().with_(ip_floor=1.0)
    tables, roster = opening(perfect, world)
    bound = bind(tables)
    for row, kind in enumerate(roster.kinds["developers"]):
        own, copy = (sales_at(bound, row, 1.0, copied)[0] for copied in (0, 1))
        if bound.developers[row].alive == 1 and kind != "public_lab":
            assert own > 0.0
        assert copy == 0.0

    def last_copy(scenario: Scenario) -> int:
        """The last month in which a private developer was at work on a copy."""
        found = Market(scenario, seed=2, graph=world).run_until("2029-12").agent_frame("developers")
        copies = found[(found["run_kind"] == FOLLOW) & (found["kind"] != "public_lab")]
        return max(copies.index.get_level_values("month"), default=0)

    # Copies under way at the start may finish; none is started after.
    assert last_copy(perfect) <= 6
    assert last_copy(perfect.with_(ip_floor=0.0)) > 48
