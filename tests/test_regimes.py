"""The classifier on trajectories drawn by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from model.regimes import (
    CRITERIA,
    ENDS,
    EVIDENCE,
    REGIMES,
    Before,
    over_24_months,
    regime_of,
)
from model.run import empty_indicators

MONTHS = 192


def path(
    growth: Any = 1.0, outside: Any = 1e9, parents: Any = 0.0, own: Any = 0.0, public: Any = 0.0,
    software: Any = 0.4, market: Any = 0.3,
) -> Any:  # fmt: skip
    """Indicators from yearly growth (frontier, software, market) and monthly money."""
    def every_month(value: Any) -> np.ndarray:
        return np.broadcast_to(np.asarray(value, dtype=float), MONTHS)

    rows = empty_indicators(MONTHS)
    rows["frontier_capability"] = 28.8 + np.cumsum(every_month(growth)) / 12.0
    rows["frontier_efficiency"] = 2.25 + np.cumsum(every_month(software)) / 12.0
    rows["market_size"] = 1e10 * np.exp(np.cumsum(np.log1p(every_month(market))) / 12.0)
    rows["outside_equity"], rows["parent_capital"] = every_month(outside), every_month(parents)
    rows["capital_raised"] = every_month(outside) + every_month(parents)
    rows["own_profit"] = every_month(own)
    rows["research_spending"] = 2e9
    rows["public_spending"] = every_month(public)
    return rows


def switching(at: dict[int, float]) -> np.ndarray:
    """A value that changes in the given months."""
    values = np.zeros(MONTHS)
    for month, value in at.items():
        values[month:] = value
    return values


def test_steady_progress_is_a_race() -> None:
    found = regime_of(path())
    assert (found.kind, found.onset) == ("race", -1)
    assert found.evidence["slowest_36_months"] == pytest.approx(1.0)


def test_slow_progress_while_demand_grows_is_a_slowdown() -> None:
    found = regime_of(path(growth=switching({0: 1.0, 60: 0.2})))
    assert found.kind == "slowdown"
    # 36-month growth falls below 0.5 when 22.5 of 36 months are slow.
    assert found.onset == 60 + 22
    assert regime_of(path(growth=0.2, market=0.1)).kind == "race"  # of a saturated market


def known(before: Before) -> dict[str, Before]:
    """What is known for certain."""
    return dict.fromkeys(ENDS, before)


SLOW = switching({0: 1.0, 60: 0.2})
LEFT = switching({0: 1e9, 60: 1e8})


def test_money_that_leaves_while_progress_slows_is_a_collapse() -> None:
    found = regime_of(path(growth=SLOW, outside=LEFT))
    assert found.kind == "funding collapse"
    assert found.onset == 60 + 22
    assert found.evidence["funding_fall"] == pytest.approx(0.9)
    assert found.evidence["collapsed"] == 1.0
    assert regime_of(path(outside=LEFT)).kind == "race"  # progress went on


def test_whoever_pays_for_itself_has_lost_no_funding() -> None:
    for replaced in (dict(own=1e9 - LEFT), dict(parents=1e9 - LEFT)):
        found = regime_of(path(growth=SLOW, outside=LEFT, **replaced))
        assert found.kind == "slowdown" and found.evidence["collapsed"] == 0.0
    starved = regime_of(path(growth=SLOW, outside=1e9))
    paid = regime_of(path(growth=SLOW, outside=0.0, own=1e9))
    assert starved.evidence["own_share_then"] == 0.0
    assert paid.evidence["own_share_then"] == 1.0


def test_money_that_never_came_back_has_collapsed_against_the_years_before() -> None:
    slow = path(growth=0.2, outside=1e8)
    assert regime_of(slow).kind == "slowdown"  # nobody knows what came before
    found = regime_of(slow, before=known(Before(outside=2.4e10, private=2.4e10)))
    assert (found.kind, found.onset) == ("funding collapse", 36)
    assert found.evidence["private_least"] == pytest.approx(0.1)
    rich = Before(outside=2.4e10, private=2e9)  # others than outsiders gave as much as now
    assert regime_of(slow, before=known(rich)).kind == "slowdown"


def test_a_collapse_is_read_strictly_and_leniently_too() -> None:
    readings = ("collapsed_strict", "collapsed", "collapsed_lenient")
    for left, slow, wanted in ((0.45e9, 0.2, (0, 1, 1)), (0.35e9, 0.2, (1, 1, 1)),
                               (0.35e9, 0.45, (0, 1, 1)), (0.55e9, 0.55, (0, 0, 1)),
                               (0.65e9, 0.2, (0, 0, 0))):  # fmt: skip
        money, growth = switching({0: 1e9, 60: left}), switching({0: 1.0, 60: slow})
        evidence = regime_of(path(growth=growth, outside=money)).evidence
        assert tuple(evidence[name] for name in readings) == wanted, (left, slow)
    ends = {"": Before(1e10, 1e10), "low": Before(), "high": Before(5e10, 5e10)}
    evidence = regime_of(path(growth=0.2, outside=1e9), before=ends).evidence
    assert tuple(evidence[name] for name in readings) == (0, 0, 1)


def test_the_first_windows_reach_into_the_years_before() -> None:
    money = over_24_months(np.full((1, 30), 1e9), 48e9)
    assert money[0, 0] == pytest.approx(1e9 + 23 * 2e9)
    assert money[0, 22] == pytest.approx(23e9 + 2e9)
    assert money[0, 23:] == pytest.approx(24e9)


def test_a_bust_long_after_a_slowdown_is_no_collapse() -> None:
    late = switching({0: 1e9, 150: 1e8})
    early_pause = switching({0: 1.0, 24: 0.2, 60: 1.0})
    assert regime_of(path(growth=early_pause, outside=late)).kind == "slowdown"
    slow_then = switching({0: 1.0, 140: 0.2})
    assert regime_of(path(growth=slow_then, outside=late)).kind == "funding collapse"


def test_the_flag_stands_beside_another_label() -> None:
    leap = SLOW + switching({0: 0.0, 150: 3.0})
    found = regime_of(path(growth=leap, software=switching({0: 0.4, 140: 1.5}), outside=LEFT))
    assert found.kind == "takeoff" and found.evidence["collapsed"] == 1.0


def test_a_takeoff_needs_software() -> None:
    leap = switching({0: 0.6, 96: 3.0, 120: 0.6})
    assert regime_of(path(growth=leap)).kind == "race"
    found = regime_of(path(growth=leap, software=switching({0: 0.4, 90: 1.5})))
    assert found.kind == "takeoff"
    assert 96 < found.onset < 120


def test_progress_that_the_public_pays_for_is_nationalised() -> None:
    paid = switching({0: 0.0, 100: 1.5e9})
    found = regime_of(path(growth=0.4, public=paid))
    assert found.kind == "nationalised"
    assert found.onset == 100 + 23  # two thirds of 36 months make half
    assert regime_of(path(growth=0.2, public=paid)).kind == "slowdown"


def test_a_history_too_short_to_judge_is_a_race() -> None:
    found = regime_of(path()[:12])
    assert (found.kind, found.onset) == ("race", -1)
    assert set(found.evidence) == set(EVIDENCE)
    assert all(np.isfinite(value) for value in found.evidence.values())


def test_thresholds_are_the_users_to_change() -> None:
    slow = path(growth=0.6)
    assert regime_of(slow).kind == "race"
    assert regime_of(slow, CRITERIA._replace(slow_growth=0.7)).kind == "slowdown"
    assert len(REGIMES) == 5
