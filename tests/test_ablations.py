"""Ablations: each channel, switched off, breaks what it explains and only if it was at work.

Each channel is a parameter or an edge. The same small market is run with the
channel on and off, and the assertion is on the figure that the channel is in
the model to explain; on it must be there, off it must be gone or at its limit.
"""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
import pytest

from model import Market, Scenario
from tests.markets import (
    FOLLOWER,
    QUIET,
    UNBORN,
    add_developer,
    add_investor,
    empty_market,
    run,
    village,
)
from world.state import FOLLOW, LEAD

CALM = QUIET.with_(belief_spread=0, hurdle_spread=0, flow_performance=0)


def race(**figures: Any) -> nx.MultiDiGraph:
    """Two labs, a quick imitator that observes them, and a fund that watches all three."""
    graph = empty_market()
    add_developer(graph, "Lab A", cash=2e10)
    add_developer(graph, "Lab B", capability=28.6, cash=1e10, revenue=2e9)
    add_developer(graph, "Copy", **{**FOLLOWER, "capability": 28.1, "cash": 5e9, **figures})
    for lab in ("Lab A", "Lab B"):
        graph.add_edge("Copy", lab, kind="observes", weight=1.0)
    graph.add_edge("Lab B", "Lab A", kind="observes", weight=1.0)
    graph.add_edge("Lab A", "Lab B", kind="observes", weight=1.0)
    add_investor(graph, "Fund", ["Lab A", "Lab B", "Copy"])
    return graph


def without_kind(graph: nx.MultiDiGraph, kind: str) -> nx.MultiDiGraph:
    """Copy of a graph without any edge of a kind."""
    cut = graph.copy()
    cut.remove_edges_from(
        [(a, b, k) for a, b, k, d in graph.edges(keys=True, data=True) if d["kind"] == kind]
    )
    return cut


def indicator(market: Market, name: str) -> np.ndarray:
    return market.frame()[name].to_numpy()


def series(market: Market, name: str, column: str, place: str = "developers") -> np.ndarray:
    return market.agent_frame(place).xs(name, level="name")[column].to_numpy()


def events(market: Market, kind: str) -> int:
    return int((market.story()["event"] == kind).sum())


# --- imitation and technology -------------------------------------------------------------


def test_imitation_explains_matches_and_the_gap() -> None:
    cheap = CALM.with_(imitation_cost_share=0.02, imitation_lag=2)
    on = run(cheap, race(), months=36)
    off = run(cheap, without_kind(race(), "observes"), months=36)
    assert events(on, "copy_release") > 0 == events(off, "copy_release")
    assert (series(off, "Copy", "run_kind") != FOLLOW).all()
    assert indicator(on, "gap").mean() < indicator(off, "gap").mean()
    # Without copies, exposure without matches lowers the believed hazard.
    assert indicator(off, "hazard")[-1] < indicator(on, "hazard").max()


def test_a_dear_copy_is_not_made() -> None:
    """Perfect protection of models equals no imitation: nobody starts a copy."""
    graph = race()
    graph.nodes["Land"]["court_reach"] = 1.0
    cheap = CALM.with_(imitation_cost_share=0.02, imitation_lag=2, ip_imitation_cost=2)
    weak = run(cheap.with_(ip_floor=0), graph, months=36)
    perfect = run(cheap.with_(ip_floor=1), graph, months=36)
    none = run(cheap.with_(ip_floor=1), without_kind(graph, "observes"), months=36)
    assert events(weak, "copy_started") > 0
    assert events(perfect, "copy_started") == 0 == events(none, "copy_started")
    # Spillovers travel along `observes` too; without them the two markets are the same.
    dry = cheap.with_(ip_floor=1, spillover=0)
    perfect, none = run(dry, graph, months=36), run(dry, without_kind(graph, "observes"), months=36)
    for name in ("frontier_capability", "gap", "revenue", "run_cost", "equity", "hazard"):
        assert indicator(perfect, name).tobytes() == indicator(none, name).tobytes(), name


def test_spillover_explains_catching_up_in_know_how() -> None:
    graph = race(efficiency=1.2)
    gap = {
        rate: run(CALM.with_(spillover=rate), graph, months=24) for rate in (0.0, 2.0)
    }
    left = {
        rate: series(market, "Lab A", "efficiency")[-1] - series(market, "Copy", "efficiency")[-1]
        for rate, market in gap.items()
    }
    assert left[2.0] < 0.5 * left[0.0]


def test_automation_explains_research_beyond_staff() -> None:
    """Out of reach of automation, AI labour adds nothing to research."""
    graph = race()
    far = run(CALM.with_(full_automation=40, automation_span=2), graph, months=36)
    near = run(CALM.with_(full_automation=32, automation_span=7), graph, months=36)
    assert indicator(far, "automation").max() == 0.0 < indicator(near, "automation").min()
    assert indicator(near, "frontier_efficiency")[-1] > indicator(far, "frontier_efficiency")[-1]


def test_induced_innovation_needs_scarcity() -> None:
    """Export control spurs research at what compute is left; without scarcity nothing changes."""
    graph = village()
    controlled = CALM.with_(export_control=0.9, export_trigger=3, spillover=0)
    copy = {
        (control, spur): series(
            run(controlled.with_(export_control=control, induced_innovation=spur), graph, months=24),
            "Copy", "efficiency",
        )[-1]
        for control in (0.0, 0.9) for spur in (0.0, 5.0)
    }  # fmt: skip
    assert copy[0.9, 5.0] > copy[0.9, 0.0]
    assert copy[0.0, 5.0] == pytest.approx(copy[0.0, 0.0], abs=1e-9)


def test_runs_explain_the_frontier() -> None:
    on = run(CALM, race(), months=36)
    off = run(CALM, without_kind(race(), "buys"), months=36)
    assert indicator(on, "frontier_capability")[-1] > indicator(on, "frontier_capability")[0]
    assert np.ptp(indicator(off, "frontier_capability")) == 0.0
    assert (series(on, "Lab A", "run_kind") == LEAD).any()


# --- beliefs ------------------------------------------------------------------------------


def test_frozen_learning_leaves_beliefs_where_they_were() -> None:
    """Who watches nobody, hears no public news and no partner, keeps its prior."""
    graph = village()
    add_investor(graph, "Deaf", [])
    frozen = run(CALM.with_(public_news=0, release_month=6), graph, months=36)
    for column in ("hazard", "imitation"):
        deaf = series(frozen, "Deaf", column, "investors")
        assert deaf == pytest.approx(np.full(36, deaf[0]), rel=1e-12)
    assert np.ptp(series(frozen, "Fund", "hazard", "investors")) > 0.01
    assert series(frozen, "Deaf", "attention", "investors").max() == 0.0


def test_matches_raise_the_hazard_and_quiet_lowers_it() -> None:
    cheap = CALM.with_(imitation_cost_share=0.02, imitation_lag=2)
    hazard = indicator(run(cheap, race(), months=24), "hazard")
    assert (np.diff(hazard) > 0).any() and (np.diff(hazard) < 0).any()


def contagion() -> nx.MultiDiGraph:
    """A fund that watches the race and one that watches a quiet lab and listens to the first."""
    graph = race()
    add_developer(graph, "Quiet lab", capability=28.0, cash=5e10, revenue=5e8)
    graph.remove_edge("Quiet lab", "supplier")
    add_investor(graph, "Listener", ["Quiet lab"])
    graph.add_edge("Listener", "Fund", kind="syndicate", weight=1.0)
    return graph


def test_a_cut_syndicate_stops_the_contagion_of_beliefs() -> None:
    scenario = CALM.with_(
        imitation_cost_share=0.02, imitation_lag=2, syndicate_weight=0.5, public_news=0
    )
    on = run(scenario, contagion(), months=24)
    off = run(scenario, without_kind(contagion(), "syndicate"), months=24)
    told, alone = (series(m, "Listener", "hazard", "investors") for m in (on, off))
    assert np.ptp(told) > 0.01
    assert alone == pytest.approx(np.full(24, alone[0]), rel=1e-12)
    still = run(scenario.with_(syndicate_weight=0), contagion(), months=24)
    unmoved = series(still, "Listener", "hazard", "investors")
    assert unmoved == pytest.approx(np.full(24, unmoved[0]), rel=1e-12)


def test_herding_explains_shared_sentiment() -> None:
    """What an investor feels when it is asked is its own mood and `herding` times its partners'."""
    felt = {}
    for weight in (0.0, 2.0):
        market = Market(CALM.with_(syndicate_weight=0, herding=weight), seed=1, graph=contagion())
        market.agent("Fund").sentiment = -1.0
        market.agent("Listener").sentiment = 0.5
        for decision in ("learns", "listens"):
            for name in ("Fund", "Listener"):
                getattr(market.agent(name), decision)()
        felt[weight] = market.agent("Listener").sentiment
    assert felt[0.0] == 0.5
    assert felt[2.0] == pytest.approx((0.5 + 2.0 * -1.0) / 3.0)


# --- the shock ------------------------------------------------------------------------------


def shocked(**changes: float) -> Market:
    """A cheap near-frontier release in the sixth month of the village."""
    graph = village()
    graph.graph["cheap_release_by"] = "Copy"
    graph.nodes["Copy"]["efficiency"] = 2.2
    return run(CALM.with_(release_month=6, release_gap=0.1, **changes), graph, months=12)


def test_attention_explains_the_shock_in_values() -> None:
    def fall(name: str, **changes: float) -> float:
        values = indicator(shocked(alertness=2, **changes), name)
        calm = indicator(shocked(alertness=0, **changes), name)
        return float((values / calm)[6] - 1.0)

    assert indicator(shocked(alertness=0), "attention").max() <= 1e-9
    assert indicator(shocked(alertness=2), "attention")[6] > 0.1
    assert fall("equity") < -0.001
    assert fall("supplier_value", jevons=0.5) < -0.001


def test_attention_fades_and_beliefs_stay() -> None:
    slow, fast = (indicator(shocked(attention_fade=f), "attention") for f in (0.1, 1.0))
    assert slow[6] > 0.0 and fast[6] > 0.0
    assert slow[9] > fast[9]
    belief = indicator(shocked(attention_fade=1.0), "imitation_belief")
    assert belief[-1] == pytest.approx(belief[6], abs=0.05) and belief[6] != belief[5]


def test_without_the_release_there_is_no_shock() -> None:
    graph = village()
    graph.graph["cheap_release_by"] = "Copy"
    calm = run(CALM.with_(release_month=-1), graph, months=12)
    released = shocked()
    cost = series(released, "Copy", "news_cost")[6]
    assert cost == pytest.approx(CALM.parameters["release_cost"])
    assert series(calm, "Copy", "news_cost")[6] != pytest.approx(cost)


def test_jevons_turns_the_supplier_around() -> None:
    """Cleverness lowers or raises compute demand by the sign of jevons - 1."""
    worth = {j: indicator(shocked(jevons=j, alertness=2), "supplier_value")[6] for j in (0.5, 1.5)}
    assert worth[0.5] < worth[1.5]
    none = {j: indicator(shocked(jevons=j, alertness=0), "supplier_value")[6] for j in (0.5, 1.5)}
    assert none[0.5] == pytest.approx(none[1.5], rel=1e-9)


# --- money ----------------------------------------------------------------------------------


def test_procyclical_flows_explain_swings_of_new_money() -> None:
    """Without response to value and returns, each investor's new money is its allowance."""

    def called(**changes: float) -> np.ndarray:
        # A year: later it holds so much unspent money that it calls for no more.
        market = run(CALM.with_(**changes), village(), months=12)
        return market.ledger.statement("Fund")["capital_call"].to_numpy()

    steady = called(capital_response=0, flow_performance=0)
    assert steady == pytest.approx(np.full(12, steady[0]), rel=1e-9)
    assert np.ptp(called(capital_response=1, flow_performance=0)) > 0.0
    assert np.ptp(called(capital_response=0, flow_performance=3)) > 0.0


def test_a_quorum_explains_failed_rounds() -> None:
    graph = village()
    for name in ("Lab A", "Lab B"):
        graph.nodes[name].update(cash=2e8, revenue=5e8)
    for name in ("Fund", "Cloud"):
        graph.nodes[name].update(cash=3e8, allowance=1e8)
    strict = run(CALM.with_(quorum=1), graph, months=24)
    lax = run(CALM.with_(quorum=0.1), graph, months=24)
    assert indicator(strict, "failed_rounds").sum() > indicator(lax, "failed_rounds").sum()


def test_a_cut_rebate_earns_the_cloud_nothing() -> None:
    on, off = (run(CALM.with_(rebate=r), village(), months=12) for r in (0.3, 0.0))
    assert on.ledger.statement("Cloud")["compute_rebate"].sum() > 0.0
    assert "compute_rebate" not in off.ledger.statement("Cloud")
    assert "compute_rebate" not in on.ledger.statement("Fund")  # a fund sells no compute


def test_entry_needs_a_rate_and_a_watching_investor() -> None:
    graph = empty_market()
    add_developer(graph, "Lab A")
    add_developer(graph, "Seed", **UNBORN)
    add_investor(graph, "Fund", ["Lab A", "Seed"])
    entered = {
        (rate, watched): indicator(
            run(CALM.with_(entry_rate=rate), graph if watched else unwatched(graph), months=24),
            "entries",
        ).sum()
        for rate in (0.0, 5.0) for watched in (True, False)
    }  # fmt: skip
    assert entered == {(0.0, True): 0, (0.0, False): 0, (5.0, False): 0, (5.0, True): 1}


def unwatched(graph: nx.MultiDiGraph) -> nx.MultiDiGraph:
    cut = graph.copy()
    cut.remove_edge("Fund", "Seed")
    return cut


def test_scarce_capacity_explains_the_compute_premium() -> None:
    tight, ample = race(), race()
    tight.nodes["supplier"]["capacity"] = 1e8
    dear, norm = (run(CALM, graph, months=6) for graph in (tight, ample))
    assert indicator(dear, "compute_premium").max() > 1.0
    assert indicator(norm, "compute_premium").max() == 1.0


# --- policy and harm ---------------------------------------------------------------------------


def test_public_reaction_explains_public_money_in_a_slowdown() -> None:
    graph = without_kind(village(), "buys")  # nobody trains: the frontier stands still
    share = {
        reaction: run(CALM.with_(public_reaction=reaction), graph, months=36)
        for reaction in (0.0, 2.0)
    }
    before, after = (share[r].agent("Land").public_research for r in (0.0, 2.0))
    assert before == pytest.approx(share[0.0].agent("Land").base_research)
    assert after > 2.0 * before


def test_lobbying_explains_stronger_protection() -> None:
    graph = race(open_weights=1, capability=28.75)
    strength = {
        lobbying: indicator(run(CALM.with_(ip_lobbying=lobbying), graph, months=36), "ip_strength")
        for lobbying in (0.0, 0.5)
    }
    assert np.ptp(strength[0.0]) == pytest.approx(0.0, abs=1e-9)
    assert strength[0.5][-1] > strength[0.0][-1] + 0.01


def test_incidents_explain_safety_rules_and_rules_slow_runs() -> None:
    graph = village()
    graph.nodes["Rogue"]["capability"] = 29.5
    harmful = CALM.with_(misuse_base=10)
    strict, lax = (run(harmful.with_(safety_reaction=r), graph, months=36) for r in (2.0, 0.0))
    assert indicator(strict, "safety_rules")[-1] > 0.1
    assert indicator(lax, "safety_rules").max() == 0.0
    quiet = run(CALM.with_(misuse_base=0, safety_reaction=2), without_kind(graph, "targets"), months=36)
    assert indicator(quiet, "incidents").sum() == 0.0
    levied, free = (
        run(harmful.with_(safety_reaction=2, safety_cost=c), graph, months=36) for c in (0.5, 0.0)
    )
    assert "safety_levy" in levied.ledger.statement("Land")
    assert "safety_levy" not in free.ledger.statement("Land")


def test_alignment_explains_the_lack_of_accidents() -> None:
    graph = village()
    for name in ("Lab A", "Lab B"):
        graph.nodes[name]["alignment"] = 26.0
    scenario = Scenario().with_(release_month=-1, entry_rate=0, accident_slope=2)
    count = {}
    for pace in (0.3, 1.5):
        market = [run(scenario.with_(alignment_pace=pace), graph, seed=s, months=36) for s in range(3)]
        count[pace] = sum(indicator(m, "accidents").sum() for m in market)
    assert count[0.3] > count[1.5]


def test_hidden_traces_make_copies_dearer() -> None:
    shown = run(CALM.with_(trace_protection=0), race(), months=12)
    hidden = run(CALM.with_(trace_protection=1, trace_demand_cost=0), race(), months=12)
    assert events(shown, "traces_hidden") == 0 < events(hidden, "traces_hidden")


def test_a_head_start_of_brand_explains_sales_at_equal_quality() -> None:
    graph = empty_market()
    add_developer(graph, "Known", brand=2.0)
    add_developer(graph, "New", brand=0.5)
    market = run(CALM.with_(brand_speed=0), without_kind(graph, "buys"), months=12)
    assert market.agent("Known").share > market.agent("New").share
    even = run(CALM.with_(brand_speed=1, brand_of_share=0), without_kind(graph, "buys"), months=60)
    assert even.agent("Known").share == pytest.approx(even.agent("New").share, rel=0.05)
