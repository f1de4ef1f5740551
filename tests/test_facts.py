"""The table of facts, and that a world is what was known at its date."""

from __future__ import annotations

import datetime
import math
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from model import Market, Scenario
from model.graph import read_graph
from model.run import Run
from tests.markets import differing
from world.errors import InputError
from world.facts import make
from world.facts.make import STARTS, text_of, world_of
from world.facts.table import FRESH, GRADES, KNOWN, Fact, facts, read_facts
from world.files.cap_table import Round, Stake, replay_rounds
from world.files.check import BASES
from world.files.read import FOLDER, read_world, shipped_worlds
from world.files.sections import check_world
from world.yaml_file import read_yaml

LAST = datetime.date(2025, 1, 31)
DEVELOPERS = read_yaml(make.FOLDER / "structure.yaml")["developers"]
INVESTORS = read_yaml(make.FOLDER / "structure.yaml")["investors"]
HEAD = ",".join(Fact._fields)
LINE = "xAI,cash,2025-01-01,6e9,5e9,7e9,USD,estimate,B,press,then"


def first_day(start: str) -> datetime.date:
    return datetime.date.fromisoformat(f"{start}-01")


def entries(start: str, section: str) -> dict[str, dict[str, Any]]:
    return {entry["name"]: entry for entry in world_of(start)[section]}


Give = Callable[[Iterable[Fact]], None]


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Give:
    """Let worlds be made of other facts."""

    def give(other: Iterable[Fact]) -> None:
        known = tuple(other)
        monkeypatch.setattr(make, "facts", lambda: known)

    return give


# --- the table -----------------------------------------------------------------------------


def test_every_fact_says_how_well_it_is_known() -> None:
    known = facts()
    assert len(known) > 2000
    for fact in known:
        assert fact.basis in BASES and fact.grade in GRADES and fact.known in KNOWN, fact
        assert fact.source.strip() == fact.source != "", fact
        assert fact.date <= LAST, fact
        assert math.isfinite(fact.value) or fact.quantity == "invested", fact
        assert math.isfinite(fact.low) == math.isfinite(fact.high), fact
        assert not math.isfinite(fact.low) or fact.low < fact.high, fact


def test_a_quantity_has_one_unit_and_at_a_date_one_figure() -> None:
    assert all(
        len({fact.unit for fact in facts() if fact.quantity == quantity}) == 1
        for quantity in {fact.quantity for fact in facts()}
    )
    told = Counter((f.entity, f.quantity, f.date) for f in facts() if f.quantity != "invested")
    assert [key for key, times in told.items() if times > 1] == []


def test_whoever_has_a_state_or_pays_is_somebody() -> None:
    state = {f.entity for f in facts() if f.quantity == "capability"}
    assert state - DEVELOPERS.keys() <= {f.entity for f in facts() if f.quantity == "income"}
    assert DEVELOPERS.keys() <= state
    assert {f.entity for f in facts() if f.quantity == "allowance"} == INVESTORS.keys()
    ties = {tuple(f.entity.split(" -> ")) for f in facts() if f.quantity == "invested"}
    assert {paying for paying, _ in ties} <= INVESTORS.keys()
    assert {paid for _, paid in ties} <= DEVELOPERS.keys()
    rounds = {(f.entity, f.date) for f in facts() if f.quantity in ("round", "tender")}
    paid = {(f.entity.split(" -> ")[1], f.date) for f in facts() if f.quantity == "invested"}
    assert paid <= rounds


def read_text(tmp_path: Path, *lines: str) -> list[Fact]:
    path = tmp_path / "mine.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return list(read_facts(path))


def test_a_line_is_read_as_it_stands(tmp_path: Path) -> None:
    bare, untold = "xAI,cash,2025-01-02,6e9,,,USD,observed,A,a,then", "A -> B,invested,2024-05-06,,,"
    one, two, three = read_text(tmp_path, HEAD, LINE, bare, untold + ",USD,observed,A,b,hindsight")
    assert one == Fact("xAI", "cash", first_day("2025-01"), 6e9, 5e9, 7e9, "USD", "estimate", "B",
                       "press", "then")  # fmt: skip
    assert two.value == 6e9 and math.isnan(two.low) and math.isnan(two.high)
    assert math.isnan(three.value) and three.known == "hindsight"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("2025-01-01", "2025-01", "a date or a figure cannot be read"),
        ("2025-01-01", "2025-02-30", "a date or a figure cannot be read"),
        ("6e9", "much", "a date or a figure cannot be read"),
        ("5e9", "little", "a date or a figure cannot be read"),
        ("estimate", "guess", "basis 'guess' is unknown; allowed are observed, estimate, construct"),
        (",B,", ",E,", "grade 'E' is unknown; allowed are A, B, C, R"),
        ("then", "never", "known 'never' is unknown; allowed are then, later, hindsight"),
        (",press,then", ",press", "known None is unknown"),
        ("press", " ", "the source is missing"),
        ("5e9", "", "low and high must hold the value between them"),
        ("7e9", "", "low and high must hold the value between them"),
        ("5e9", "6.5e9", "low and high must hold the value between them"),
        ("7e9", "5.5e9", "low and high must hold the value between them"),
    ],
)
def test_a_line_that_is_no_fact_is_one_sentence(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    assert LINE.count(before) == 1
    with pytest.raises(InputError) as caught:
        read_text(tmp_path, HEAD, LINE, LINE.replace(before, after))
    sentence = str(caught.value)
    assert sentence.startswith("mine.csv, line 3: ") and said in sentence
    assert sentence.endswith(".") and "\n" not in sentence


def test_other_columns_are_refused(tmp_path: Path) -> None:
    for head in (HEAD.replace(",known", ""), HEAD + ",more", "", HEAD.upper()):
        with pytest.raises(InputError, match=r"^mine\.csv: the columns must be entity, quantity, "):
            read_text(tmp_path, head, LINE)


# --- worlds are made of it -----------------------------------------------------------------


@pytest.mark.parametrize("start", STARTS)
def test_the_files_are_what_is_made_of_the_facts(start: str) -> None:
    committed = (FOLDER / f"{start}.yaml").read_text(encoding="utf-8")
    assert committed == text_of(start), "run `python -m world.facts.make`"


def test_all_worlds_are_written(tmp_path: Path) -> None:
    make.main(tmp_path)
    assert sorted(path.stem for path in tmp_path.iterdir()) == [*STARTS] == shipped_worlds()
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (FOLDER / path.name).read_bytes()


@pytest.mark.parametrize("start", STARTS)
def test_what_comes_later_is_not_in_a_world(start: str, given: Give) -> None:
    """But the month of the cheap release, which the worlds of 2024 and 2025 are told."""
    first, text = first_day(start), text_of(start)
    told = [f for f in facts() if f.date <= first or f.quantity == "cheap_release"]
    later = [f for f in facts() if f.date > first and f.quantity != "cheap_release"]
    given(told)
    assert text_of(start) == text
    other = [f._replace(value=2.0 * f.value + 1.0, low=math.nan, high=math.nan, source="later")
             for f in later]  # fmt: skip
    given([*other, *told, *other])
    assert text_of(start) == text
    assert later or start == STARTS[-1]


@pytest.mark.parametrize("start", STARTS)
def test_what_came_before_is(start: str, given: Give) -> None:
    first, text = first_day(start), text_of(start)
    present = entries(start, "developers")
    for quantity in ("capability", "cash", "researchers", "allowance", "gdp", "income", "round"):
        used = next(f for f in facts() if f.quantity == quantity and f.value > 0.0 and (
            f.date == first if quantity != "round" else f.date < first and f.entity in present
        ))  # fmt: skip
        given([f._replace(value=1.01 * f.value, high=2.0 * f.high) if f is used else f
               for f in facts()])  # fmt: skip
        assert text_of(start) != text, used


def test_of_two_figures_the_later_holds_and_one_of_the_first_day_is_known(given: Give) -> None:
    cash = next(f for f in facts() if (f.entity, f.quantity) == ("xAI", "cash") and f.date.year == 2025)
    for days, value in ((-1, cash.value), (0, 7e9), (1, cash.value)):
        day = cash.date + datetime.timedelta(days)
        given([*facts(), cash._replace(date=day, value=7e9)])
        assert entries("2025-01", "developers")["xAI"]["cash"][0] == value


def test_a_round_of_the_first_day_comes_too_late(given: Give) -> None:
    last = max((f for f in facts() if f.entity == "Anthropic" and f.quantity == "round"
                and f.date < first_day("2024-01")), key=lambda f: f.date)  # fmt: skip
    counts = {}
    for day in (datetime.date(2023, 12, 31), datetime.date(2024, 1, 1)):
        given([f._replace(date=day) if f is last else f for f in facts()])
        counts[day.day] = sum(r["developer"] == "Anthropic" for r in world_of("2024-01")["rounds"])
    assert counts[31] == counts[1] + 1


@pytest.mark.parametrize("start", STARTS)
def test_who_was_told_of_within_the_year_is_there_and_nobody_else(start: str) -> None:
    first = first_day(start)

    def told(quantity: str, among: Iterable[str]) -> set[str]:
        return {f.entity for f in facts() if f.quantity == quantity and f.entity in among
                and datetime.timedelta(0) <= first - f.date < FRESH}  # fmt: skip

    assert entries(start, "developers").keys() == told("capability", DEVELOPERS)
    assert entries(start, "investors").keys() == told("allowance", INVESTORS)


def test_what_was_told_a_year_ago_is_forgotten(given: Give) -> None:
    for days, known in ((364, True), (365, False)):
        day = first_day("2023-01") - datetime.timedelta(days)
        given([f._replace(date=day) if f.entity in ("Adept", "Greylock") and f.date.year == 2023
               else f for f in facts()])  # fmt: skip
        assert ("Adept" in entries("2023-01", "developers")) == known
        assert ("Greylock" in entries("2023-01", "investors")) == known
        rounds = world_of("2023-01")["rounds"]
        assert any(r["developer"] == "Adept" for r in rounds) == known
        assert any("Greylock" in dict(r["investors"]) for r in rounds) == known


@pytest.mark.parametrize("start", STARTS)
def test_what_a_run_will_reach_is_not_known_by_hindsight(start: str) -> None:
    """Log10 of cost, efficiency and FLOP that a dollar buys; a follower gets half of the way."""
    first, world = first_day(start), world_of(start)
    targets = {f.entity: f for f in facts() if f.quantity == "run_target" and f.date == first}
    frontier = max(entry["capability"][0] for entry in world["developers"])
    flops = world["market"]["flop_per_usd"][0]
    running = [entry for entry in world["developers"] if "run" in entry]
    assert len(running) >= 5
    for entry in running:
        own, run, told = entry["capability"][0], entry["run"], targets[entry["name"]]
        if told.known == "hindsight":
            bought = math.log10(run["cost"][0]) + entry["efficiency"][0] + flops
            reached = bought if run["kind"] == "lead" else 0.5 * (own + frontier)
            assert run["target"][0] == pytest.approx(max(own + 0.1, reached), abs=6e-4)
            assert run["target"][3] < run["target"][0] < run["target"][4]
            assert run["target"][2] != told.source
        else:
            assert run["target"][:3] == [told.value, told.basis, told.source]
    by_hindsight = [targets[entry["name"]].known == "hindsight" for entry in running]
    assert all(by_hindsight) if start < "2025" else not any(by_hindsight)


# --- rounds --------------------------------------------------------------------------------


def cap_tables(world: dict[str, Any]) -> dict[str, dict[str, Stake]]:
    checked = check_world(world, "made")
    rules = checked.rules
    return replay_rounds(checked.rounds, rules["valuation_growth"], rules["first_round_multiple"])


def test_a_tender_dilutes_nobody() -> None:
    day = datetime.date(2024, 1, 1)
    first = Round("X", day, 100.0, 400.0, (("A", 60.0), ("B", None)))
    second = Round("X", day.replace(month=6), 200.0, 1000.0, (("B", 100.0), ("C", None)))
    sold, issued = (
        replay_rounds([first, second._replace(tender=tender)], 2.0, 5.0)["X"]
        for tender in (True, False)
    )
    assert {name: stake.share for name, stake in sold.items()} == pytest.approx(
        {"A": 0.15, "B": 0.2, "C": 0.1})  # fmt: skip
    assert {name: stake.share for name, stake in issued.items()} == pytest.approx(
        {"A": 0.12, "B": 0.18, "C": 0.1})  # fmt: skip
    assert {name: stake.paid for name, stake in sold.items()} == {"A": 60.0, "B": 140.0, "C": 100.0}


@pytest.mark.parametrize("start", ["2024-01", "2025-01"])
def test_a_world_says_which_rounds_are_tenders(start: str) -> None:
    tenders = {(f.entity, f.date) for f in facts() if f.quantity == "tender"}
    world = world_of(start)
    said = {(r["developer"], r["date"]) for r in world["rounds"] if r.get("tender")}
    assert said == tenders and len(said) == 2
    microsoft = cap_tables(world)["OpenAI"]["Microsoft"].share
    for r in world["rounds"]:
        r.pop("tender", None)
    assert cap_tables(world)["OpenAI"]["Microsoft"].share < microsoft


@pytest.mark.parametrize("start", STARTS)
def test_money_of_those_who_are_missing_still_dilutes(start: str, given: Give) -> None:
    """Without any one of the investors, all others hold what they held."""
    whole = cap_tables(world_of(start))
    owners = sorted({name for table in whole.values() for name in table})
    assert len(owners) >= 15
    for name in owners:
        given([f for f in facts() if f.entity != name])
        found = cap_tables(world_of(start))
        for developer, table in whole.items():
            left = {owner: stake.share for owner, stake in table.items() if owner != name}
            # Shares of what is left are whole thousands of dollars.
            shares = {owner: stake.share for owner, stake in found.get(developer, {}).items()}
            assert shares == pytest.approx(left, abs=1e-4), (name, developer)


def test_a_round_of_nobody_dilutes() -> None:
    day = datetime.date(2023, 1, 1)
    first = Round("X", day, 100.0, 400.0, (("A", None),))
    alone = replay_rounds([first, Round("X", day.replace(month=6), 100.0, 500.0, ())], 2.0, 5.0)
    assert alone["X"]["A"].share == pytest.approx(0.25 * 0.8) and list(alone["X"]) == ["A"]


def test_who_was_merged_passes_its_owners_on() -> None:
    before, after = read_world("2023-01"), read_world("2024-01")
    for name in ("Google Brain", "DeepMind"):
        assert before.nodes[name]["alive"] == 1 and name not in after
        assert before["Alphabet"][name]["stake"]["share"] == 1.0
    assert "Google DeepMind" not in before
    assert after["Alphabet"]["Google DeepMind"]["stake"] == {
        "kind": "stake", "share": 1.0,
        "paid": sum(before["Alphabet"][name]["stake"]["paid"] for name in ("Google Brain", "DeepMind")),
    }  # fmt: skip


def test_whoever_bought_a_stake_holds_it() -> None:
    """FTX put in 5e8 at 3.7e9; its estate sold in 2024. It is diluted like who was there before."""
    held, older = {}, {}
    for start, owner, other in (
        ("2023-01", "FTX / Alameda", "Buyers of the FTX stake"),
        ("2024-01", "FTX / Alameda", "Buyers of the FTX stake"),
        ("2025-01", "Buyers of the FTX stake", "FTX / Alameda"),
    ):
        graph = read_world(start)
        assert other not in graph and graph[owner]["Anthropic"]["stake"]["paid"] == 5e8
        held[start] = graph[owner]["Anthropic"]["stake"]["share"]
        older[start] = graph["Center for Emerging Risk Research"]["Anthropic"]["stake"]["share"]
    assert held["2023-01"] == pytest.approx(5e8 / 3.7e9)
    assert held["2023-01"] > held["2024-01"] > held["2025-01"]
    for start in ("2024-01", "2025-01"):
        diluted = older[start] / older["2023-01"]
        assert held[start] == pytest.approx(held["2023-01"] * diluted)


# --- names and the cheap release -----------------------------------------------------------


def test_2025_is_another_name_of_2025_01() -> None:
    one, other = read_world("2025"), read_world("2025-01")
    assert one.graph == other.graph and one.graph["name"] == "2025-01"
    assert nx.utils.graphs_equal(one, other)
    named = [Market(Scenario(world=world), seed=4).run_until("2025-06").tables
             for world in ("2025", "2025-01")]  # fmt: skip
    assert differing(*named) == []


def test_only_worlds_that_know_its_developer_have_the_cheap_release() -> None:
    months = {}
    for start in STARTS:
        graph = read_world(start)
        industry = read_graph(graph, Scenario().parameters)[0].industry
        by = int(industry["release_by"][0])
        names = [name for name, data in graph.nodes(data=True) if "capability_doubt" in data]
        months[start] = int(industry["release_after"][0]) if by >= 0 else None
        assert ("DeepSeek" in names) == (by >= 0)
        assert ("cheap_release_by" in graph.graph) == (by >= 0)
    assert months == {"2022-01": None, "2023-01": None, "2024-01": 12, "2025-01": 0}


def cheap_releases(graph: nx.MultiDiGraph, months: int, **parameters: float) -> list[int]:
    """Months in which DeepSeek releases what cost as much as R1."""
    scenario = Scenario().with_(**parameters)
    start, roster = read_graph(graph, scenario.parameters)
    row = roster.names["developers"].index("DeepSeek")
    found, history = [], Run(start, seed=2)
    for month in range(months):
        before = float(history.tables.industry["frontier"][0])
        history.run(1)
        its = history.tables.developers[row]
        if its["news_released"] == 1 and its["news_cost"] == scenario.parameters["release_cost"]:
            found.append(month)
            reached = before - scenario.parameters["release_gap"]
            assert its["capability"] >= reached and its["news_copy"] == 1
    return found


def test_the_cheap_release_comes_in_its_month() -> None:
    graph = read_world("2024-01")
    assert cheap_releases(graph, 15) == [12]
    assert cheap_releases(graph, 15, release_month=1) == [13]
    assert cheap_releases(graph, 20, release_month=-1) == []
    graph.graph["cheap_release_after"] = 3  # as if it came in April
    assert cheap_releases(graph, 15) == [3]
    assert cheap_releases(graph, 15, release_month=-1) == []
    assert cheap_releases(read_world("2025"), 3) == [0]


def test_a_file_may_say_another_month(tmp_path: Path) -> None:
    text = (FOLDER / "2024-01.yaml").read_text(encoding="utf-8")
    path = tmp_path / "mine.yaml"
    for written, after in (("2024-01", 0), ("2024-06", 5), ("2026-02", 25)):
        path.write_text(text.replace("cheap_release: 2025-01", f"cheap_release: {written}"),
                        encoding="utf-8")  # fmt: skip
        assert read_world(path).graph["cheap_release_after"] == after
    path.write_text(text.replace("  cheap_release: 2025-01\n", ""), encoding="utf-8")
    graph = read_world(path)
    assert "cheap_release_after" not in graph.graph  # then it is the first month
    assert cheap_releases(graph, 2) == [0]
