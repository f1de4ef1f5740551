"""The start of a history: what is drawn, what follows from it, and the rules made for early markets."""

from __future__ import annotations

import math
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from agents.funding import developer_raises
from agents.means import RUNWAY
from agents.portfolio import PARENT
from agents.record import LOWEST_RATE, RATE_MONTHS, economy_opens_month
from agents.releases import developer_trains
from agents.sales import developer_prices
from agents.start import LEAST_STEP, economy_draws_start
from model import Market, Scenario
from model.graph import read_graph
from model.lanes import LANES, Lanes
from model.run import Run
from tests.markets import (
    QUIET,
    add_developer,
    add_investor,
    compiled,
    differing,
    empty_market,
    opening,
    run,
    small_market,
)
from world.calendar import month_label
from world.compiled import PLAIN_PYTHON
from world.files.read import FOLDER, read_world, shipped_worlds
from world.laws.demand import MARKUP_AT_BASE
from world.opening import DEFENCE_GAP, RUN_UP, TRAINING_PART
from world.state import LEAD
from world.tables import Tables
from world.yaml_file import read_yaml

SEEDS = 400
SIGMAS = 4.0  # standard errors allowed between what is drawn and what is stated
EARLY = ("2022-01", "2023-01", "2024-01")
CERTAIN = Scenario().with_(start_doubt=0, cash_uncertainty=0)
worlds = pytest.mark.parametrize("world", shipped_worlds())
many = pytest.mark.skipif(PLAIN_PYTHON, reason="many histories take long as plain Python")


def doubts_in(data: dict[str, Any]) -> list[str]:
    return [key for key in data if key.endswith("_doubt")]


# --- nothing to doubt ------------------------------------------------------------------------


@worlds
def test_without_doubt_a_history_begins_as_stated(world: str) -> None:
    """To the bit; what is reckoned anew for the market is what the openings say."""
    start, _ = read_graph(read_world(world), CERTAIN.parameters)
    drawn = Run(start).perform(economy_draws_start)
    assert differing(start, drawn.tables) == []
    opened = Run(start, seed=3).tables
    for table, columns in {
        "developers": ("capability", "alignment", "run_target", "largest_run", "revenue",
                       "researchers"),
        "investors": ("allowance",),
        "industry": ("frontier", "frontier_next", "frontier_past", "frontier_start", "fixed_compute",
                     "open_frontier", "open_owner", "market_size", "serving_demand",
                     "training_demand", "other_demand", "compute_capacity"),
        "releases": ("alive", "developer", "month", "capability"),
    }.items():  # fmt: skip
        for column in columns:
            assert getattr(opened, table)[column].tolist() == getattr(start, table)[column].tolist()
    for table in ("developers", "investors"):
        accounts = getattr(start, table)["account"]
        assert opened.balance[accounts].tolist() == start.balance[accounts].tolist()


@worlds
def test_a_world_without_intervals_begins_as_stated(world: str) -> None:
    graph = read_world(world)
    assert sum(len(doubts_in(data)) for _, data in graph.nodes(data=True)) > 30
    for data in (graph.graph, *(data for _, data in graph.nodes(data=True))):
        for key in doubts_in(data):
            del data[key]
    bare, _ = read_graph(graph, Scenario().with_(start_doubt=2, cash_uncertainty=0).parameters)
    assert differing(bare, Run(bare).perform(economy_draws_start).tables) == []
    stated, _ = read_graph(read_world(world), CERTAIN.parameters)
    assert differing(stated, bare) == ["parameters: start_doubt"]


@worlds
def test_a_file_without_intervals_states_no_doubt(world: str, tmp_path: Any) -> None:
    """Cash alone is then drawn by `cash_uncertainty`, which a stated interval replaces."""
    text = (FOLDER / f"{world}.yaml").read_text(encoding="utf-8")
    lines = [_without_interval(line) for line in text.splitlines()]
    path = tmp_path / "bare.yaml"
    path.write_text("\n".join(lines), encoding="utf-8")
    graph = read_world(path)
    assert [doubts_in(data) for _, data in graph.nodes(data=True) if doubts_in(data)] == []
    scenario = Scenario().with_(cash_uncertainty=0.5)
    bare, _ = read_graph(graph, scenario.parameters)
    assert set(bare.developers["cash_doubt"]) == {0.5}
    told = read_world(world)
    start, roster = read_graph(told, scenario.parameters)
    doubts = [told.nodes[name].get("cash_doubt", 0.5) for name in roster.names["developers"]]
    assert start.developers["cash_doubt"].tolist() == doubts
    assert len(set(doubts)) > 1 or world == "2025-01"


def _without_interval(line: str) -> str:
    """A line of a world file without the last two of five entries of a figure."""
    head, comma, high = line.rpartition(", ")
    head, comma, low = head.rpartition(", ")
    try:
        float(low), float(high.rstrip("]"))
    except ValueError:
        return line
    return f"{head}]" if comma else line


# --- drawn figures ---------------------------------------------------------------------------


def sd_of(figure: list[Any], logs: bool) -> float:
    """What an interval of 5-95 % says of a normal, in logs or not."""
    if len(figure) < 5 or (logs and figure[0] <= 0.0):
        return 0.0
    low, high = figure[3:]
    if logs and low <= 0.0:
        return math.log(high / figure[0]) / 1.645
    return (math.log(high / low) if logs else high - low) / 3.29


def stated(world: str) -> dict[tuple[str, str], tuple[float, float, bool]]:
    """Value, doubt and whether in logs of what a file states with an interval: by agent and figure."""
    raw = read_yaml(FOLDER / f"{world}.yaml")
    figures = {
        ("market", "other_demand"): raw["market"]["other_demand"],
        ("market", "compute_capacity"): raw["supplier"]["capacity"],
    }
    for entry in raw["developers"]:
        for key in ("capability", "revenue", "researchers", "cash"):
            figures[entry["name"], key] = entry[key]
        if "run" in entry:
            figures[entry["name"], "run_target"] = entry["run"]["target"]
    for entry in raw["investors"]:
        figures[entry["name"], "allowance"] = entry["allowance"]
    found = {}
    for (name, key), figure in figures.items():
        logs = key not in ("capability", "run_target")
        found[name, key] = (figure[0], sd_of(figure, logs), logs)
    return {key: said for key, said in found.items() if said[1] > 0.0}


def starts(world: str, seeds: int, scenario: Scenario) -> tuple[dict[tuple[str, str], Any], Any]:
    """Figures of histories' starts, by agent and figure; and the roster."""
    start, roster = read_graph(read_world(world), scenario.parameters)
    history = Run(start)
    found: dict[tuple[str, str], list[float]] = {}
    for seed in range(seeds):
        tables = history.open(seed).tables
        for row, name in enumerate(roster.names["developers"]):
            its = tables.developers[row]
            for key in ("capability", "revenue", "researchers", "run_target"):
                found.setdefault((name, key), []).append(float(its[key]))
            found.setdefault((name, "cash"), []).append(float(tables.balance[its["account"]]))
        for row, name in enumerate(roster.names["investors"]):
            its = tables.investors[row]
            found.setdefault((name, "allowance"), []).append(float(its["allowance"]))
            found.setdefault((name, "money"), []).append(float(tables.balance[its["account"]]))
        for key in ("other_demand", "compute_capacity"):
            found.setdefault(("market", key), []).append(float(tables.industry[key][0]))
    return {key: np.array(values) for key, values in found.items()}, roster


def luck(world: str, seeds: int = SEEDS, **parameters: float) -> dict[tuple[str, str], Any]:
    """Draws of what a world states with an interval, in its standard deviations."""
    found, _ = starts(world, seeds, Scenario().with_(**parameters))
    without, _ = starts(world, 1, CERTAIN)
    said = stated(world)
    drawn = {}
    for key, (_, sd, logs) in said.items():
        value = without[key][0]
        drawn[key] = (np.log(found[key] / value) if logs else found[key] - value) / sd
    return drawn


@many
@worlds
def test_figures_are_drawn_from_their_intervals(world: str) -> None:
    """Mean and spread, within sampling error; a run under way also exceeds the present model."""
    drawn = luck(world)
    targets = {key for key in drawn if key[1] == "run_target"}
    free = {key: z for key, z in drawn.items() if key not in targets}
    assert len(free) > 25 and {key for _, key in free} >= {
        "capability", "revenue", "researchers", "allowance", "other_demand", "compute_capacity",
    }  # fmt: skip
    for key, z in free.items():
        assert abs(z.mean()) < SIGMAS / math.sqrt(SEEDS), key
        assert abs(z.std() - 1.0) < SIGMAS / math.sqrt(2.0 * SEEDS), key
        assert abs((np.abs(z) < 1.645).mean() - 0.9) < SIGMAS * math.sqrt(0.09 / SEEDS), key
    whole = np.concatenate(list(free.values()))
    assert abs(whole.mean()) < SIGMAS / math.sqrt(len(whole))
    assert abs(whole.std() - 1.0) < SIGMAS / math.sqrt(2.0 * len(whole))


@many
@worlds
def test_draws_hang_together_only_where_they_should(world: str) -> None:
    """A model and the next one by one draw; all other figures by draws of their own."""
    drawn = luck(world)
    free = {key: z for key, z in drawn.items() if key[1] != "run_target"}
    highest = 5.0 / math.sqrt(SEEDS)  # of some thousand pairs
    for one, other in combinations(free, 2):
        assert abs(np.corrcoef(free[one], free[other])[0, 1]) < highest, (one, other)
    found, _ = starts(world, 50, Scenario())
    said = stated(world)
    running = [name for name, key in said if key == "run_target"]
    assert len(running) >= 3 or world == "2025-01"
    for name in running:
        target, sd, _ = said[name, "run_target"]
        drawn_target = target + sd * drawn[name, "capability"][:50]
        least = found[name, "capability"] + LEAST_STEP
        expected = np.maximum(drawn_target, least)
        assert found[name, "run_target"] == pytest.approx(expected, abs=1e-9), name


@worlds
def test_money_of_an_investor_and_what_comes_in_are_one_draw(world: str) -> None:
    found, roster = starts(world, 40, Scenario())
    without, _ = starts(world, 1, CERTAIN)
    for name in roster.names["investors"]:
        assert found[name, "money"] * without[name, "allowance"][0] == pytest.approx(
            found[name, "allowance"] * without[name, "money"][0])  # fmt: skip


def test_twice_the_doubt_is_twice_the_spread() -> None:
    once, twice = luck("2023-01", 50), luck("2023-01", 50, start_doubt=2.0)
    for key, z in once.items():
        if key[1] != "run_target":
            assert twice[key] == pytest.approx(2.0 * z, abs=1e-9), key


# --- what follows from what was drawn ----------------------------------------------------------


@worlds
def test_the_market_is_that_of_the_developers_drawn(world: str) -> None:
    graph = read_world(world)
    start, _ = read_graph(graph, Scenario().parameters)
    leaders, opened = set(), set()
    for seed in range(60):
        tables = Run(start, seed).tables
        developers, industry = tables.developers, tables.industry[0]
        alive = developers["alive"] == 1
        capability = np.where(alive, developers["capability"], -np.inf)
        leader = int(capability.argmax())
        frontier = capability[leader]
        leaders.add(leader)
        for column in ("frontier", "frontier_next", "frontier_start", "quality"):
            assert industry[column] == pytest.approx(frontier, abs=1e-12), column
        assert industry["frontier_past"] == pytest.approx(frontier - DEFENCE_GAP)
        assert industry["fixed_compute"] == pytest.approx(frontier - industry["frontier_efficiency"])
        (release,) = tables.releases[tables.releases["alive"] == 1]
        assert (release["developer"], release["month"]) == (leader, -RUN_UP)
        assert release["capability"] == pytest.approx(frontier, abs=1e-12)
        sells = alive & (developers["sells"] == 1) & (developers["open_weights"] == 1)
        free = np.where(sells, developers["capability"], -np.inf)
        best = int(free.argmax())
        opened.add(best)
        assert (industry["open_owner"], industry["open_frontier"]) == (best, free[best])
        assert industry["open_copied"] == developers["copied"][best]
        sold = 12.0 * developers["revenue"].sum()
        assert industry["market_size"] == pytest.approx(sold)
        assert industry["serving_demand"] == pytest.approx(sold / MARKUP_AT_BASE)
        assert tables.customers["spends"].sum() == pytest.approx(sold)
        training = TRAINING_PART * industry["compute_capacity"]
        assert industry["training_demand"] == pytest.approx(training)
    assert len(leaders) > 1 or world == "2025-01", "then nothing was reckoned anew"
    assert len(opened) > 1 or world == "2022-01"


@worlds
def test_what_is_not_drawn_stays(world: str) -> None:
    start, _ = read_graph(read_world(world), Scenario().parameters)
    drawn = Run(start, 5).tables
    before, after = start.developers, drawn.developers
    for column in ("efficiency", "largest_run", "run_cost", "run_months_left", "brand", "open_weights"):
        assert after[column].tolist() == before[column].tolist(), column
    better = after["capability"] - before["capability"]
    assert after["alignment"] == pytest.approx(before["alignment"] + better)
    unborn = before["alive"] == 0
    assert unborn.any() and not better[unborn].any() and better[~unborn].any()
    assert drawn.balance[before["account"][unborn]].sum() == 0.0
    assert drawn.industry["largest_compute"] == start.industry["largest_compute"]


# --- both engines, and money -------------------------------------------------------------------

MONTHS = 30


@many
@pytest.mark.parametrize("world", EARLY)
@pytest.mark.parametrize("seed", range(4))
def test_both_engines_agree_to_the_bit_and_books_balance(world: str, seed: int) -> None:
    scenario = Scenario(world=world)
    tables, indicators = compiled(scenario, seed, MONTHS)
    live = Market(scenario, seed=seed).run_until(month_label(world, MONTHS - 1))
    assert differing(tables, live.tables) == []
    assert np.asarray(indicators).tobytes() == np.asarray(live.indicators()).tobytes()
    assert all(np.isfinite(indicators[name]).all() for name in indicators.dtype.names)
    audits = [live.ledger.audit(month) for month in range(len(live.ledger))]
    assert [audit for audit in audits if not audit.passed] == []
    assert len(audits) == MONTHS and min(audit.payments for audit in audits) > 1e6


@many
@pytest.mark.parametrize("world", EARLY)
def test_histories_of_early_worlds_side_by_side_are_the_same_to_the_bit(world: str) -> None:
    start, _ = read_graph(read_world(world), Scenario().parameters)
    found, alone = Lanes(start, MONTHS).run(range(LANES), MONTHS), Run(start)
    for seed in range(LANES):
        assert found[seed].tobytes() == np.asarray(alone.open(seed).run(MONTHS)).tobytes()


# --- a parent and its laboratory ----------------------------------------------------------------


def kept(share: float, money: float = 5e10) -> Market:
    """Three years of a laboratory that earns nothing and can buy no compute, and of its owner."""
    graph = empty_market()
    add_developer(graph, "Leader", cash=5e10)
    add_developer(graph, "Lab", capability=26.0, cash=1e8, revenue=0.0, researchers=300.0)
    graph.remove_edge("Lab", "supplier")
    add_investor(graph, "Owner", ["Lab"], kind="corporate", cash=money, allowance=0.0)
    graph.add_edge("Owner", "Lab", kind="stake", share=share, paid=1e9)
    return run(QUIET, graph, months=36)


@pytest.mark.parametrize(
    ("share", "money", "lives"), [(1.0, 5e10, True), (0.7, 5e10, False), (1.0, 1e6, False)]
)
def test_a_parent_keeps_its_laboratory_alive(share: float, money: float, lives: bool) -> None:
    assert 0.7 < PARENT < 1.0
    market = kept(share, money)
    lab = market.agent_frame("developers").xs("Lab", level="name")
    assert (len(lab) == 36) == lives
    assert (lab["raised_parent"].sum() > 0.0) == (share == 1.0)
    if lives:
        paid = lab["raised_parent"].to_numpy() > 0.0
        assert 3 <= paid.sum() < 36  # for half a year at a time
        runway = RUNWAY * 12.0 * (lab["payroll"] + lab["selling"])
        assert lab["cash"].to_numpy()[paid] == pytest.approx(runway[paid].to_numpy())
        assert lab["raised"].tolist() == lab["raised_parent"].tolist()
        statement = market.ledger.statement("Owner")
        assert statement["equity"].sum() == pytest.approx(-lab["raised"].sum())
        assert market.tables.ties["paid"].sum() == pytest.approx(1e9 + lab["raised"].sum())


# --- what is shown and what is sold --------------------------------------------------------------


LAB = 0


def shown(share: float = 1.0, **rival: Any) -> tuple[Tables, Run]:
    """A laboratory that shows its model, its owner, and a rival that sells; rows go by name."""
    graph = empty_market()
    add_developer(graph, "Rival", **{"capability": 28.0, **rival})
    add_developer(graph, "Lab", on_sale=0, revenue=0.0)
    graph.add_edge("Lab", "Land", kind="sells", weight=1.0)
    add_investor(graph, "Owner", ["Lab"], kind="corporate")
    graph.add_edge("Owner", "Lab", kind="stake", share=share, paid=1e9)
    history = Run(read_graph(graph, QUIET.parameters)[0], 1)
    history.tables.developers["subsidiary"][LAB] = int(share > PARENT)
    return history.tables, history


@pytest.mark.parametrize(
    ("rival", "sells"),
    [({}, 0), ({"capability": 28.8}, 0), ({"capability": 28.81}, 1),
     ({"capability": 29.5, "on_sale": 0}, 0)],
)  # fmt: skip
def test_a_laboratory_sells_what_it_shows_once_a_rival_sells_better(
    rival: dict[str, Any], sells: int
) -> None:
    tables, history = shown(**rival)
    history.begin_month().perform(developer_prices, LAB)
    assert tables.developers["on_sale"][LAB] == sells
    assert (tables.developers["attraction"][LAB] > 0.0) == (sells == 1)


def test_its_next_model_is_only_shown_too_but_others_sell_what_they_release() -> None:
    for share, sells in ((1.0, 0), (0.5, 1)):
        tables, history = shown(share)
        history.begin_month().perform(developer_prices, LAB)
        lab = tables.developers
        assert lab["on_sale"][LAB] == 0
        for column, value in {"run_kind": LEAD, "run_months": 6, "run_months_left": 1,
                              "run_target": 29.0, "run_cost": 1e8}.items():  # fmt: skip
            lab[column][LAB] = value
        history.perform(developer_trains, LAB)
        assert lab["capability"][LAB] == 29.0 and lab["on_sale"][LAB] == sells
        history.begin_month().perform(developer_prices, LAB)
        assert (lab["attraction"][LAB] > 0.0) == (sells == 1)


def test_a_model_of_the_first_month_is_only_shown_too() -> None:
    """Who has a parent is known from the start."""
    graph = empty_market()
    add_developer(graph, "Rival", capability=28.0)
    add_developer(graph, "Lab", on_sale=0, revenue=0.0, run_kind="lead", run_months_left=1,
                  run_target=29.0, run_cost=1e8)  # fmt: skip
    graph.add_edge("Lab", "Land", kind="sells", weight=1.0)
    add_investor(graph, "Owner", ["Lab"], kind="corporate")
    graph.add_edge("Owner", "Lab", kind="stake", share=1.0, paid=1e9)
    lab = run(QUIET, graph, months=1).tables.developers[LAB]
    assert (lab["capability"], lab["subsidiary"], lab["on_sale"]) == (29.0, 1, 0)


def test_who_takes_over_a_seller_sells_on() -> None:
    graph = small_market(labs=1)
    add_developer(graph, "Lab", capability=28.2, on_sale=0, revenue=0.0)
    graph.add_edge("Lab", "Land", kind="sells", weight=1.0)
    add_investor(graph, "Owner", ["Lab"], kind="corporate")
    graph.add_edge("Owner", "Lab", kind="stake", share=1.0, paid=1e9)
    market = Market(QUIET, seed=1, graph=graph)
    market.intervene("merge", source="Lab 0", target="Lab")
    market.step()
    lab = market.tables.developers[LAB]
    assert (lab["capability"], lab["on_sale"]) == (28.8, 1) and lab["revenue"] > 1e8


def test_others_wait_for_their_release_whoever_sells_something_better() -> None:
    tables, history = shown(0.5, capability=30.0)
    history.begin_month().perform(developer_prices, LAB)
    assert tables.developers["on_sale"][LAB] == 0


@pytest.mark.parametrize("world", EARLY)
def test_nobody_sells_what_is_only_shown(world: str) -> None:
    """Month by month: who is not on sale sells nothing, and begins to only for a reason."""
    history = Run(read_graph(read_world(world), Scenario().parameters)[0], 3)
    developers = history.tables.developers
    begun = 0
    for month in range(MONTHS):
        before = developers["on_sale"].copy()
        history.run(1)
        alive = developers["alive"] == 1
        hidden = alive & (developers["on_sale"] == 0)
        assert developers["revenue"][hidden].sum() == 0.0
        assert (developers["on_sale"] >= before)[alive].all()
        for row in np.flatnonzero(alive & (before == 0) & (developers["on_sale"] == 1)):
            its = developers[row]
            if its["born"] == month:
                continue
            begun += 1
            sold = alive & (developers["on_sale"] == 1)
            overtaken = (developers["capability"][sold] > its["capability"]).any()
            assert overtaken if its["subsidiary"] == 1 else its["news_released"] == 1, (month, row)
    assert begun >= 2


# --- rounds ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("part", "closes"), [(1.0 + 1e-9, True), (1.0 - 1e-9, False)])
def test_a_round_closes_by_the_quorum_of_what_is_needed(part: float, closes: bool) -> None:
    """However much more than that is sought; all that is offered is then taken."""
    quorum = 0.4
    graph = empty_market()
    add_developer(graph, "Lab")
    for name in ("Fund", "Other"):
        add_investor(graph, name, ["Lab"])
    tables, _ = opening(QUIET.with_(quorum=quorum), graph)
    plan = {"plan_kind": LEAD, "plan_cost": 1e9, "plan_months": 6, "plan_gain": 1e10}

    def asked(needed: float, sought: float) -> tuple[Tables, float]:
        history = Run(tables).begin_month()
        for column, value in {**plan, "needed": needed, "sought": sought}.items():
            history.tables.developers[column][0] = value
        history.perform(developer_raises, 0)
        return history.tables, float(history.tables.ties["offer"].sum())

    offered = asked(1.0, 1.0)[1]  # by the plan, whatever is needed
    assert offered > 1e9
    found, again = asked(offered / (quorum * part), 1e3 * offered)
    assert again == offered
    rounds = [found.industry[name][0] for name in ("closed_rounds", "failed_rounds")]
    assert rounds == [closes, not closes]
    assert found.developers["raised"][0] == pytest.approx(offered if closes else 0.0)


# --- news of the discount rate -----------------------------------------------------------------


def rates(months: int, seed: int = 0, **parameters: float) -> np.ndarray:
    """The discount rate, month by month."""
    history = Run(read_graph(small_market(), {**QUIET.parameters, **parameters})[0], seed)
    found = []
    for _ in range(months):
        history.perform(economy_opens_month)
        found.append(float(history.tables.industry["discount"][0]))
        history.tables.industry["month"][0] += 1
    return np.array(found)


def test_news_of_the_discount_rate_has_its_mean_and_spread() -> None:
    """A first-order autoregression: of what it forgets in a month, by news of so much a year."""
    months, mean, noise = 24_000, 0.2, 0.02
    found = rates(months, discount=mean, discount_noise=noise)
    news = np.diff(found) - (mean - found[:-1]) / RATE_MONTHS
    error = noise / math.sqrt(12.0 * months)
    assert abs(news.mean()) < SIGMAS * error
    assert news.std() * math.sqrt(12.0) == pytest.approx(noise, rel=SIGMAS / math.sqrt(2.0 * months))
    assert abs(np.corrcoef(news[1:], news[:-1])[0, 1]) < SIGMAS / math.sqrt(months)
    kept = 1.0 - 1.0 / RATE_MONTHS
    spread = noise / math.sqrt(12.0 * (1.0 - kept**2))
    lasting = (1.0 + kept) / (1.0 - kept)  # months that count as one
    assert abs(found.mean() - mean) < SIGMAS * spread * math.sqrt(lasting / months)
    assert found.std() == pytest.approx(spread, rel=SIGMAS * math.sqrt(lasting / months))
    assert found.min() > LOWEST_RATE


def test_the_discount_rate_never_falls_to_nothing() -> None:
    found = rates(3_000, discount=0.08, discount_noise=0.05)
    assert found.min() == LOWEST_RATE and (found == LOWEST_RATE).sum() > 10


def test_without_news_the_discount_rate_is_the_parameter() -> None:
    assert set(rates(200, discount=0.13, discount_noise=0.0)) == {0.13}
    market = run(QUIET.with_(discount=0.13), small_market(), months=24)
    assert set(market.agent_frame("industry")["discount"]) == {0.13}


def test_news_of_the_discount_rate_moves_all_values_one_way() -> None:
    """In the month of the news, before anything else differs."""
    graph = empty_market()
    for name in ("Lab", "Other"):
        add_developer(graph, name)
    add_investor(graph, "Fund", ["Lab", "Other"])
    for seed in range(3):
        quiet, noisy = (run(QUIET.with_(discount_noise=noise), graph, seed, 1) for noise in (0.0, 0.05))
        rate = noisy.tables.industry["discount"][0] - quiet.tables.industry["discount"][0]
        changes = [m.tables.developers["valuation"].tolist()
                   + m.tables.industry["supplier_value"].tolist() for m in (noisy, quiet)]  # fmt: skip
        assert rate != 0.0 and len(changes[0]) == 3
        assert {np.sign(one - other) for one, other in zip(*changes, strict=True)} == {-np.sign(rate)}
