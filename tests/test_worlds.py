"""Worlds: the shipped files, the reader's errors, the cap tables, generated worlds."""

from __future__ import annotations

import copy
import datetime
import math
import os
from collections import Counter

import pytest
import yaml

from world.errors import InputError
from world.faults import Faults
from world.files.agent_entries import DEVELOPER, GOVERNMENT, HOSTILE, INVESTOR
from world.files.cap_table import (
    Round,
    post_money,
    replay_rounds,
    resolve_amounts,
    syndicate_pairs,
)
from world.files.read import FOLDER, read_world, shipped_worlds, world_path
from world.files.sections import FORM, check_world, names_of
from world.files.shapes import SHAPES
from world.files.synthetic import synthetic_world
from world.files.synthetic_ties import CAP, capped
from world.form import read_form
from world.kinds import DEVELOPER_KINDS, INSTITUTIONS, INVESTOR_KINDS, TRAITS
from world.state import RUN_KINDS
from world.yaml_file import read_yaml

ENDS = {
    "watches": (INVESTOR_KINDS, DEVELOPER_KINDS),
    "stake": (INVESTOR_KINDS, DEVELOPER_KINDS),
    "syndicate": (INVESTOR_KINDS, INVESTOR_KINDS),
    "observes": (DEVELOPER_KINDS, DEVELOPER_KINDS),
    "located": (("government",), DEVELOPER_KINDS),
    "buys": (DEVELOPER_KINDS, ("supplier",)),
    "sells": (DEVELOPER_KINDS, ("government",)),
    "serves": (DEVELOPER_KINDS, ("customers",)),
    "lives": (("customers",), ("government",)),
    "targets": (("hostile_actor",), DEVELOPER_KINDS),
    "controls": (("government",), ("government",)),
}
COLUMNS = {
    **dict.fromkeys(DEVELOPER_KINDS, (*DEVELOPER, "alive", "run_target", "run_cost")),
    **dict.fromkeys(INVESTOR_KINDS, tuple(INVESTOR)),
    "government": tuple(GOVERNMENT),
    "hostile_actor": tuple(HOSTILE),
    "supplier": ("cash", "capacity"),
}


# --- helpers -----------------------------------------------------------------------------


def agents(graph, *kinds):
    return {node: data for node, data in graph.nodes(data=True) if data["kind"] in kinds}


def edges(graph, kind):
    return [(a, b, d) for a, b, d in graph.edges(data=True) if d["kind"] == kind]


def bloc(graph, node):
    return graph.nodes[node]["jurisdiction"] == "China"


def fingerprint(graph):
    return (
        list(graph.nodes(data=True)),
        list(graph.edges(keys=True, data=True)),
        graph.graph,
    )


def check_vocabulary(graph):
    """Every node and edge is of a known kind, complete, finite and in range."""
    allowed = {kind for kinds in TRAITS.values() for kind in kinds} | set(INSTITUTIONS)
    for node, data in graph.nodes(data=True):
        assert data["kind"] in allowed
        assert data["name"] == node
        for column in COLUMNS.get(data["kind"], ()):
            assert math.isfinite(data[column]), (node, column)
    for kind in INSTITUTIONS:
        assert len(agents(graph, kind)) == 1
    for tail, head, data in graph.edges(data=True):
        tails, heads = ENDS[data["kind"]]
        assert graph.nodes[tail]["kind"] in tails
        assert graph.nodes[head]["kind"] in heads
        assert tail != head
        if data["kind"] == "stake":
            assert 0.0 < data["share"] <= 1.0
            assert data["paid"] >= 0.0
        else:
            assert 0.0 <= data["weight"] <= 1.0


def check_ties(graph):
    """Ownership, places and sales obey the vocabulary's rules."""
    watched = {(a, b) for a, b, d in edges(graph, "watches") if d["weight"] > 0.0}
    assert len(watched) == len(edges(graph, "watches"))
    owned = Counter()
    for investor, developer, data in edges(graph, "stake"):
        assert (investor, developer) in watched
        assert graph.nodes[developer]["alive"] == 1
        owned[developer] += data["share"]
    assert all(share <= 1.0 + 1e-9 for share in owned.values())
    syndicate = {(a, b) for a, b, _ in edges(graph, "syndicate")}
    assert syndicate == {(b, a) for a, b in syndicate}
    home = {b: a for a, b, _ in edges(graph, "located")}
    assert len(edges(graph, "located")) == len(home)
    buys = Counter(a for a, _, _ in edges(graph, "buys"))
    sells = Counter(a for a, _, _ in edges(graph, "sells"))
    for name, data in agents(graph, *DEVELOPER_KINDS).items():
        assert home[name] == data["jurisdiction"]
        assert buys[name] == 1
        assert (sells[name] == 0) == (data["kind"] == "public_lab")
        assert sells[name] <= 4


def check_developers(graph):
    """Runs are consistent, slots are empty, the market is the sum of revenues."""
    developers = agents(graph, *DEVELOPER_KINDS)
    for data in developers.values():
        assert data["run_kind"] in RUN_KINDS
        running = data["run_kind"] != "none"
        assert running == (data["run_cost"] > 0.0) == (data["run_months_left"] > 0)
        assert not running or data["run_target"] > data["capability"]
        if data["alive"] == 0:
            assert not running
            assert all(data[column] == 0 for column in DEVELOPER)
        else:
            assert data["brand"] > 0.0
    revenue = math.fsum(d["revenue"] for d in developers.values())
    assert graph.graph["market_size"] == pytest.approx(revenue)
    shares = math.fsum(g["market_share"] for g in agents(graph, "government").values())
    assert shares == pytest.approx(1.0)


def check_customers(graph):
    """All demand is somebody's, and whoever sells suits somebody."""
    parts = Counter()
    for _, government, data in edges(graph, "lives"):
        parts[government] += data["weight"]
    assert parts == pytest.approx(dict.fromkeys(agents(graph, "government"), 1.0))
    customers = set(agents(graph, "customers"))
    assert {a for a, _, d in edges(graph, "lives") if d["weight"] > 0.0} == customers
    served = [(a, b) for a, b, _ in edges(graph, "serves")]
    sellers = {a for a, _, _ in edges(graph, "sells")}
    assert sorted(served) == sorted((a, b) for a in sellers for b in customers)
    assert {a for a, _, d in edges(graph, "serves") if d["weight"] > 0.0} == sellers


def check_blocs(graph):
    for kind in ("watches", "syndicate", "stake"):
        for one, other, _ in edges(graph, kind):
            assert bloc(graph, one) == bloc(graph, other), (kind, one, other)


def check_all(graph):
    check_vocabulary(graph)
    check_ties(graph)
    check_developers(graph)
    check_customers(graph)
    check_blocs(graph)


@pytest.fixture(scope="module")
def world():
    return read_world("2025")


@pytest.fixture(scope="module")
def pristine():
    return read_yaml(FOLDER / "2025-01.yaml")


@pytest.fixture
def raw(pristine):
    return copy.deepcopy(pristine)


def named(raw, section, name):
    return next(entry for entry in raw[section] if entry["name"] == name)


# --- the 2025 world ------------------------------------------------------------------------


@pytest.mark.parametrize("name", shipped_worlds())
def test_shipped_worlds_keep_every_invariant(name):
    check_all(read_world(name))


def test_2025_has_the_expected_cast(world):
    kinds = Counter(d["kind"] for d in agents(world, *DEVELOPER_KINDS).values() if d["alive"])
    assert kinds == {"frontier_lab": 6, "imitator": 9, "public_lab": 3}
    slots = Counter(d["kind"] for d in agents(world, *DEVELOPER_KINDS).values() if not d["alive"])
    assert slots == {"frontier_lab": 6, "imitator": 10}
    assert set(agents(world, "government")) == {
        "United States",
        "China",
        "European Union",
        "Rest of world",
    }
    assert len(agents(world, "hostile_actor")) == 8
    assert not {"Inflection", "Adept", "Character.AI", "Greylock", "Dragoneer"} & set(world)
    assert world.graph["name"] == "2025-01"
    assert world.graph["start"] == "2025-01"
    assert world.graph["cheap_release_by"] == "DeepSeek"


def test_2025_shows_the_figures_of_its_sources(world):
    openai, deepseek = world.nodes["OpenAI"], world.nodes["DeepSeek"]
    assert openai["capability"] == 28.8
    assert openai["revenue"] == 5.5e9
    assert deepseek["capability"] == pytest.approx(27.7, abs=0.01)
    assert deepseek["run_kind"] == "none"
    assert openai["run_months_left"] == 2
    assert world.nodes["Anthropic"]["researchers"] == 521
    assert 7e9 < world.graph["market_size"] < 1e10


def test_frontier_runs_are_staggered_and_reach_their_targets(world):
    labs = agents(world, "frontier_lab").values()
    runs = [d for d in labs if d["alive"]]
    assert sorted(d["run_months_left"] for d in runs) == [1, 2, 3, 4, 5, 6]
    for d in runs:
        scratch = math.log10(d["run_cost"]) + d["efficiency"] - 0.6 + 17.8
        assert d["run_target"] == pytest.approx(max(scratch, d["capability"] + 0.1), abs=0.01)


def test_parents_own_their_laboratories_and_follow_only_what_they_own(world):
    parents = {
        "Alphabet": "Google DeepMind",
        "Meta Platforms": "Meta AI",
        "Alibaba": "Alibaba Qwen",
        "High-Flyer": "DeepSeek",
    }
    for parent, lab in parents.items():
        assert world[parent][lab]["stake"]["share"] == pytest.approx(1.0)
        watched = {b for a, b, _ in edges(world, "watches") if a == parent}
        assert watched == {b for a, b, _ in edges(world, "stake") if a == parent}


def test_funds_follow_every_other_developer_of_their_bloc(world):
    watched = {b: d["weight"] for a, b, d in edges(world, "watches") if a == "Thrive Capital"}
    assert watched["OpenAI"] == 1.0
    assert watched["Mistral AI"] == 0.5
    alive = {
        name
        for name, d in agents(world, "frontier_lab", "imitator").items()
        if d["alive"] and not bloc(world, name)
    }
    assert alive <= set(watched)


def test_every_entrant_is_followed_and_not_all_by_the_same_funds(world):
    followers = {
        name: frozenset(a for a, b, _ in edges(world, "watches") if b == name)
        for name, d in agents(world, *DEVELOPER_KINDS).items()
        if not d["alive"]
    }
    assert len(followers) == 16
    assert all(followers.values())
    assert len(set(followers.values())) >= 6


def test_every_developer_observes_all_others_and_hostile_actors_reach_all(world):
    names = set(agents(world, *DEVELOPER_KINDS))
    observed = {(a, b) for a, b, _ in edges(world, "observes")}
    assert observed == {(a, b) for a in names for b in names if a != b}
    hostiles = set(agents(world, "hostile_actor"))
    assert {(a, b) for a, b, _ in edges(world, "targets")} == {
        (a, b) for a in hostiles for b in names
    }


def test_barriers_to_trade_and_export_control(world):
    sold = {(a, b): d["weight"] for a, b, d in edges(world, "sells")}
    assert sold["DeepSeek", "United States"] == 0.5
    assert sold["DeepSeek", "Rest of world"] == 1.0
    assert sold["Mistral AI", "China"] == 0.1
    assert sold["Mistral AI", "United States"] == 1.0
    controls = {(a, b): d["weight"] for a, b, d in edges(world, "controls")}
    assert len(controls) == 6
    assert {pair for pair, weight in controls.items() if weight > 0} == {("United States", "China")}


def test_customers_live_and_are_served_as_the_file_says(world):
    lives = {(a, b): d["weight"] for a, b, d in edges(world, "lives")}
    assert lives["Consumers", "United States"] == 0.6
    assert lives["Firms and programmers", "United States"] == 0.4
    assert {b for a, b in lives if a == "Chinese customers"} == {"China"}
    fits = {(a, b): d["weight"] for a, b, d in edges(world, "serves")}
    assert fits["Anthropic", "Consumers"] == 0.1
    assert fits["Anthropic", "Firms and programmers"] == 1.0  # of which its entry does not speak
    assert {fits[name, c] for name, d in agents(world, *DEVELOPER_KINDS).items()
            if d["alive"] == 0 for c in agents(world, "customers")} == {1.0}  # fmt: skip


def test_joint_rounds_make_syndicates(world):
    assert world.has_edge("SoftBank", "Thrive Capital", "syndicate")
    assert not world.has_edge("Menlo Ventures", "Thrive Capital", "syndicate")


def test_reading_twice_gives_the_same_world(world):
    assert fingerprint(world) == fingerprint(read_world(FOLDER / "2025-01.yaml"))


def test_shipped_worlds_are_found_by_name():
    assert shipped_worlds() == ["2022-01", "2023-01", "2024-01", "2025-01"]
    assert world_path("2025") == world_path("2025-01") == FOLDER / "2025-01.yaml"


# --- cap tables ----------------------------------------------------------------------------


def day(text):
    return datetime.date.fromisoformat(text)


def test_dilution_by_hand():
    # Seed: 20 for 20 % of 100. Then 100 at 400 (a quarter): A 0.2 * 0.75, of the
    # new quarter B 60/400 and A the rest, 40/400.
    rounds = [
        Round("X", day("2024-01-01"), 100.0, 400.0, (("B", 60.0), ("A", None))),
        Round("X", day("2023-01-01"), 20.0, 100.0, (("A", None),)),
    ]
    table = replay_rounds(rounds, 2.0, 5.0)["X"]
    assert table["A"].share == pytest.approx(0.15 + 0.10)
    assert table["A"].paid == pytest.approx(60.0)
    assert table["B"].share == pytest.approx(0.15)
    assert table["B"].paid == 60.0


def test_undisclosed_amounts_share_the_rest_and_repeat_for_several_persons():
    amounts = (("A", 40.0), ("B", None), ("C", None), ("C", None))
    paid = resolve_amounts(Round("X", day("2024-01-01"), 100.0, None, amounts))
    assert paid == {"A": 40.0, "B": 20.0, "C": 40.0}


def test_missing_values_are_imputed_from_published_ones_only():
    first = Round("X", day("2022-01-01"), 10.0, None, (("A", None),))
    assert post_money(first, None, 2.0, 5.0) == 50.0
    priced = Round("X", day("2022-01-01"), 10.0, 80.0, (("A", None),))
    later = Round("X", day("2024-01-01"), 30.0, None, (("A", None),))
    assert post_money(later, priced, 2.0, 5.0) == pytest.approx(320.0 + 30.0, rel=1e-2)
    known = later._replace(post_money=99.0)
    assert post_money(known, priced, 2.0, 5.0) == 99.0
    # An imputed round in between must not raise the base of the next.
    middle = Round("X", day("2023-06-01"), 1.0, None, (("B", None),))
    table = replay_rounds([priced, middle, later], 2.0, 5.0)["X"]
    value = post_money(later, priced, 2.0, 5.0)
    middle_value = post_money(middle, priced, 2.0, 5.0)
    assert table["B"].share == pytest.approx(1.0 / middle_value * (1.0 - 30.0 / value))


def test_syndicate_pairs_go_both_ways_without_loops():
    rounds = [
        Round("X", day("2024-01-01"), 9.0, None, (("B", None), ("A", None), ("B", None))),
        Round("Y", day("2024-01-01"), 9.0, None, (("C", None),)),
    ]
    assert syndicate_pairs(rounds) == [("A", "B"), ("B", "A")]


# --- bad files -------------------------------------------------------------------------------


def drop(section, name, key):
    return lambda raw: named(raw, section, name).pop(key)


def put(section, name, key, value):
    return lambda raw: named(raw, section, name).update({key: value})


def triple(value):
    return [value, "estimate", "a test"]


BAD = {
    "not a mapping": (lambda raw: raw.clear(), "meta"),
    "unknown section": (lambda raw: raw.update(extra=1), "extra"),
    "missing section": (lambda raw: raw.pop("rounds"), "rounds"),
    "missing customers": (lambda raw: raw.pop("customers"), "customers"),
    "section of wrong type": (lambda raw: raw.update(developers={}), "developers"),
    "unknown key": (put("developers", "xAI", "cahs", triple(1)), "xAI: 'cahs'"),
    "missing figure": (drop("developers", "xAI", "cash"), "xAI: 'cash' is missing"),
    "missing name": (lambda raw: raw["developers"][0].pop("name"), "entry 1: 'name'"),
    "bare figure": (put("investors", "Nvidia", "cash", 1e9), "Nvidia, cash: 1000000000.0"),
    "wrong basis": (put("investors", "Nvidia", "cash", [1, "guess", "x"]), "basis: 'guess'"),
    "no source": (put("investors", "Nvidia", "cash", [1, "estimate", ""]), "cash, source"),
    "text": (put("investors", "Nvidia", "cash", triple("much")), "Nvidia, cash: 'much'"),
    "number in quotation marks": (put("developers", "xAI", "cash", triple("6.5e9")), "'6.5e9'"),
    "flag as truth value": (put("developers", "xAI", "clever", triple(True)), "clever: True"),
    "not a number": (put("developers", "xAI", "cash", triple(math.nan)), "xAI, cash: nan"),
    "infinite": (put("developers", "xAI", "cash", triple(math.inf)), "xAI, cash: inf"),
    "huge": (put("developers", "xAI", "cash", triple(10**400)), "xAI, cash"),
    "negative": (put("developers", "xAI", "cash", triple(-5)), "xAI, cash: -5"),
    "no brand": (put("developers", "xAI", "brand", triple(0)), "xAI, brand: 0"),
    "half a flag": (put("developers", "xAI", "clever", triple(0.5)), "allowed is 0 or 1"),
    "unknown kind": (put("developers", "xAI", "kind", "lab"), "kind: 'lab'"),
    "unknown investor kind": (put("investors", "Nvidia", "kind", "vc"), "kind: 'vc'"),
    "unknown jurisdiction": (put("developers", "xAI", "jurisdiction", "Mars"), "'Mars'"),
    "twin developers": (put("developers", "xAI", "name", "OpenAI"), "'OpenAI'"),
    "developer named as investor": (put("investors", "Nvidia", "name", "SSI"), "'SSI'"),
    "share of court reach": (put("governments", "China", "court_reach", triple(1.2)), "1.2"),
    "partial market": (put("governments", "China", "market_share", triple(0.1)), "0.9"),
    "customers with part of a demand": (
        lambda raw: named(raw, "customers", "Consumers")["lives"].update(China=triple(0.2)),
        "customers: the parts of China's demand add up to 1.2;",
    ),
    "demand of nobody": (
        lambda raw: named(raw, "customers", "Chinese customers")["lives"].clear(),
        "customers: the parts of China's demand add up to 0;",
    ),
    "customers nowhere": (
        lambda raw: named(raw, "customers", "Consumers")["lives"].update(Mars=triple(0.2)),
        "Consumers, lives: 'Mars'",
    ),
    "customers twice": (lambda raw: raw["customers"].append(raw["customers"][0]), "'Consumers'"),
    "customers named as a developer": (
        put("customers", "Chinese customers", "name", "OpenAI"), "'OpenAI'"),
    "home of all": (put("customers", "Consumers", "lives", "United States"), "Consumers, lives"),
    "fit to unknown customers": (
        put("developers", "xAI", "serves", {"Martians": triple(1)}), "xAI, serves: 'Martians'"),
    "fit of more than all": (
        put("developers", "xAI", "serves", {"Consumers": triple(2)}), "xAI, serves, Consumers: 2"),
    "unknown cheap release": (lambda raw: raw["meta"].update(cheap_release_by="X"), "'X'"),
    "bad start": (lambda raw: raw["meta"].update(start="2025-13"), "2025-13"),
    "bloc without a government": (lambda raw: raw["blocs"].pop("China"), "'China' is missing"),
    "government in two blocs": (lambda raw: raw["blocs"]["West"].append("China"), "two blocs"),
    "unknown control": (lambda raw: raw["controls"][0].update(to="Mars"), "'Mars'"),
    "control on itself": (lambda raw: raw["controls"][0].update(to="United States"), "controls"),
    "control twice": (lambda raw: raw["controls"].append(raw["controls"][0]), "appears 2 times"),
    "run without a cost": (lambda raw: named(raw, "developers", "xAI")["run"].pop("cost"), "cost"),
    "run for free": (
        lambda raw: named(raw, "developers", "xAI")["run"].update(cost=triple(0)),
        "xAI, run, cost: 0",
    ),
    "finished run": (
        lambda raw: named(raw, "developers", "xAI")["run"].update(months_left=triple(0)),
        "months_left: 0",
    ),
    "run of no kind": (
        lambda raw: named(raw, "developers", "xAI")["run"].update(kind="none"),
        "run, kind: 'none'",
    ),
    "run that aims low": (
        lambda raw: named(raw, "developers", "xAI")["run"].update(target=triple(20)),
        "contradicts capability",
    ),
    "round of unknown developer": (lambda raw: raw["rounds"][0].update(developer="X"), "'X'"),
    "round of unknown investor": (
        lambda raw: raw["rounds"][0].update(investors=[["Nobody", 1]]),
        "'Nobody'",
    ),
    "investors of no round": (lambda raw: raw["rounds"][0].update(investors=None), "investors"),
    "tender of no truth value": (lambda raw: raw["rounds"][0].update(tender=1), "tender: 1"),
    "cheap release of no month": (
        lambda raw: raw["meta"].update(cheap_release="soon"), "cheap_release: 'soon'"),
    "cheap release before the start": (
        lambda raw: raw["meta"].update(cheap_release="2024-12"), "allowed is '2025-01' or later"),
    "lag of nothing": (lambda raw: raw["market"].update(lag=triple(0)), "market, lag: 0"),
    "interval of one end": (
        put("developers", "xAI", "cash", [*triple(1), 0.5]), "xAI, cash: [1, 'estimate'"),
    "interval beside its value": (
        put("developers", "xAI", "cash", [*triple(1), 2, 3]), "2 to 3 does not hold 1"),
    "interval of a word": (
        put("developers", "xAI", "cash", [*triple(1), "low", 3]), "xAI, cash, low: 'low'"),
    "interval without a top": (
        put("developers", "xAI", "cash", [*triple(1), 1, math.inf]), "xAI, cash, high: inf"),
    "interval up to more than a computer knows": (
        put("developers", "xAI", "cash", [*triple(1), 1, 10**400]), "cash, high: a whole number"),
    "interval below the range": (
        put("investors", "Nvidia", "cash", [*triple(1), -1, 2]), "Nvidia, cash, low: -1"),
    "interval above the range": (
        put("developers", "xAI", "capability", [*triple(27), 26, 61]), "xAI, capability, high: 61"),
    "interval of a share above one": (
        put("governments", "China", "court_reach", [*triple(0.5), 0.4, 1.2]), "high: 1.2"),
    "cheap release of nobody": (
        lambda raw: raw["meta"].pop("cheap_release_by"), "meta, cheap_release: '2025-01' is nobody's"),
    "cheap release a century later": (
        lambda raw: raw["meta"].update(cheap_release="2125-01"), "meta, cheap_release: '2125-01'"),
    "cheap release of a far year": (
        lambda raw: raw["meta"].update(cheap_release="9999-01"), "meta, cheap_release: '9999-01'"),
    "money with one end": (
        lambda raw: raw["market"].pop("outside_before_low"), "say outside_before alone, or with both"),
    "ends of no money": (
        lambda raw: raw["market"].pop("private_before"), "say private_before alone, or with both"),
    "money outside its ends": (
        lambda raw: raw["market"].update(outside_before_low=triple(4.9e10)),
        "market, outside_before: 4.9e+10 to 5.1e+10 does not hold 4.6e+10"),
    "private money below its part": (
        lambda raw: [raw["market"].pop(key) for key in list(raw["market"]) if key.endswith("w")
                     or key.endswith("h") and "before" in key]
        and raw["market"].update(private_before=triple(1e9)), "which is part of it"),
    "name of a place for entrants": (
        lambda raw: raw["hostile_actors"][0].update(name="Entrant 3"), "'Entrant 3' is the name of"),
    "name of two lines": (
        lambda raw: raw["hostile_actors"][0].update(name="a\nb"), "hostile_actors, entry 1, 'a"),
    "endless name": (
        lambda raw: raw["hostile_actors"][0].update(name="a" * 10**6), "2000 printable"),
    "too many places": (lambda raw: raw["entrants"].extend(
        {**raw["entrants"][0], "count": triple(400)} for _ in range(2)), "allowed are 500 together"),
    "name nearly known": (
        lambda raw: raw["rounds"][0]["investors"].append(["Nvidea", None]), "did you mean 'Nvidia'?"),
    "key that is no text": (lambda raw: raw["supplier"].update({None: 1}), "supplier: key None"),
    "interval without a bottom": (
        put("developers", "xAI", "capability", [*triple(27), -math.inf, 28]), "low: -inf"),
    "interval of a whole figure without a top": (
        lambda raw: named(raw, "developers", "xAI")["run"].update(
            months_left=[*triple(1), 1, math.inf]), "months_left, high: inf"),
    "round that sells more than all": (
        lambda raw: raw["rounds"][0].update(post_money=1e8),
        "share above one",
    ),
    "amounts over total": (
        lambda raw: raw["rounds"][0].update(investors=[["Alphabet", 6e8]]),
        "add up to 6e+08",
    ),
    "round without a day": (lambda raw: raw["rounds"][0].update(date="2014"), "date: '2014'"),
    "round after the start": (
        lambda raw: raw["rounds"][0].update(date=datetime.date(2025, 1, 1)),
        "2025-01-01",
    ),
    "half a slot": (lambda raw: raw["entrants"][0].update(count=triple(1.5)), "count: 1.5"),
    "public entrant": (lambda raw: raw["entrants"][0].update(kind="public_lab"), "public_lab"),
    "missing rule": (lambda raw: raw["rules"].pop("observes"), "rules: 'observes'"),
    "missing watches": (lambda raw: raw["rules"]["watches"].pop("cloud"), "'cloud'"),
    "heavy edge": (lambda raw: raw["rules"].update(observes=triple(2)), "observes: 2"),
    "unknown bloc": (lambda raw: raw["rules"]["sells_across"][0].update({"from": "X"}), "'X'"),
    "supplier without capacity": (lambda raw: raw["supplier"].pop("capacity"), "'capacity'"),
    "unknown supplier key": (lambda raw: raw["supplier"].update(x=1), "supplier: 'x'"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_content_is_one_sentence_that_names_the_place(raw, case):
    spoil, place = BAD[case]
    spoil(raw)
    with pytest.raises(InputError) as caught:
        check_world(raw, "mine.yaml")
    sentence = str(caught.value)
    assert sentence.startswith("mine.yaml")
    assert place in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert len(sentence) < 600


def test_all_faults_of_a_file_in_one_answer(raw):
    put("developers", "xAI", "cahs", triple(1))(raw)
    put("developers", "OpenAI", "cash", [-1, "guess", ""])(raw)
    raw["rounds"][0]["investors"][0][0] = "Alphabt"
    raw["meta"]["cheap_release_by"] = "Deepseek"
    faults = Faults("mine.yaml")
    read_form(FORM, raw, faults, given=names_of(raw))
    assert faults.found == [
        "meta, cheap_release_by: 'Deepseek' is unknown (did you mean 'DeepSeek'?); allowed are OpenAI, "
        "Anthropic, Google DeepMind, Meta AI, xAI, SSI, Mistral AI, Cohere and 10 more.",
        "developers, entry 1, OpenAI, cash: -1 is not allowed; allowed is a finite number from 0 to "
        "1e+15 [USD].",
        "developers, entry 1, OpenAI, cash, basis: 'guess' is unknown; allowed are observed, estimate, "
        "construct.",
        "developers, entry 1, OpenAI, cash, source: '' must be a text in quotation marks.",
        "developers, entry 5, xAI: 'cahs' is unknown (did you mean 'cash'?).",
        "rounds, entry 1, Google DeepMind, investors, entry 1: 'Alphabt' is unknown (did you mean "
        "'Alphabet'?); allowed are Andreessen Horowitz, DST Global, Founders Fund, Gaorong, General "
        "Catalyst, HongShan, Index Ventures, Individual investors and 54 more.",
    ]
    with pytest.raises(InputError, match=r"^mine\.yaml: 6 faults\. \(1\) meta") as caught:
        check_world(raw, "mine.yaml")
    assert len(str(caught.value)) < 600


def test_names_that_are_code_elsewhere_are_names(raw):
    for number, name in enumerate(("A$_$B", "=cmd()", "<b>", "100 %", "Zhipu 智谱")):
        raw["hostile_actors"][number]["name"] = name
    assert [one["name"] for one in check_world(raw, "x").hostile_actors][:5] == [
        "A$_$B", "=cmd()", "<b>", "100 %", "Zhipu 智谱"]


def test_only_what_is_drawn_has_a_doubt(world):
    said = {(data["kind"], key) for data in world.nodes.values() for key in data if "doubt" in key}
    assert {key for kind, key in said if kind == "frontier_lab"} <= {
        "capability_doubt", "researchers_doubt", "cash_doubt", "revenue_doubt", "run_target_doubt"}
    assert {key for kind, key in said if kind in INVESTOR_KINDS} == {"allowance_doubt"}
    assert {key for kind, key in said if kind == "hostile_actor"} == set()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "mapping"),
        ("- a list", "mapping"),
        ("meta: [1, 2", "line"),
        ("meta: {name: a}\nmeta: {name: b}\n", "'meta' appears 2 times"),
        ("meta: {start: 2024-13-45}", "cannot be read"),
        ("? [a]\n: 1\n", "line"),
        ("a: &a [*a]", "line 1: is used again by an alias"),
    ],
)
def test_bad_text(tmp_path, text, place):
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"^mine\.yaml") as caught:
        read_world(path)
    assert place in str(caught.value)


def test_truncated_file(tmp_path):
    text = (FOLDER / "2025-01.yaml").read_text(encoding="utf-8")
    path = tmp_path / "cut.yaml"
    for part in range(1, 10):
        path.write_text(text[: len(text) * part // 10], encoding="utf-8")
        with pytest.raises(InputError, match=r"^cut\.yaml"):
            read_world(path)


def test_files_that_are_not_text_or_not_there(tmp_path):
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(InputError, match=r"binary\.yaml"):
        read_world(binary)
    with pytest.raises(InputError, match="2031.*neither a shipped world .*2025"):
        read_world("2031")
    with pytest.raises(InputError, match="neither"):
        read_world(tmp_path)
    with pytest.raises(InputError, match="2025"):
        read_world(2025)


def test_a_world_read_again_is_as_its_file_says(tmp_path):
    path = tmp_path / "mine.yaml"
    text = (FOLDER / "2025-01.yaml").read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    spoilt = read_world(path)
    untouched = copy.deepcopy(fingerprint(spoilt))
    spoilt.nodes["xAI"]["cash"] = 0.0
    spoilt.graph["start"] = "2031-01"
    spoilt.remove_node("OpenAI")
    assert fingerprint(read_world(path)) == untouched
    stamp = path.stat()
    path.write_text(text.replace("[6.0e+09, estimate", "[7.0e+09, estimate"), encoding="utf-8")
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))  # as an edit within the same tick
    assert read_world(path).nodes["xAI"]["cash"] == 7.0e9


@pytest.mark.parametrize("written", ["6.5e9", "65e8", "6.5e+9", ".65e10", "6_500.0e6"])
def test_exponents_without_a_sign_are_numbers(tmp_path, written):
    text = (FOLDER / "2025-01.yaml").read_text(encoding="utf-8")
    before = "cash: [6.0e+09, estimate, 12e9 raised in 2024 less Colossus and costs]"
    assert text.count(before) == 1
    path = tmp_path / "mine.yaml"
    path.write_text(text.replace(before, before.replace("6.0e+09", written)), encoding="utf-8")
    assert read_world(path).nodes["xAI"]["cash"] == 6.5e9
    assert isinstance(yaml.safe_load("6.5e9"), str), "then the reader's allowance is idle"


# --- generated worlds --------------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES)
def test_generated_worlds_keep_every_invariant(shape):
    for seed in range(3):
        graph = synthetic_world(graph=shape, seed=seed)
        check_all(graph)
        counts = Counter(d["kind"] for d in graph.nodes.values() if d.get("alive", 1))
        assert counts["frontier_lab"] == 8
        assert counts["imitator"] == 20
        assert counts["venture_fund"] == 40
        assert sum(counts[kind] for kind in INVESTOR_KINDS) == 46
        assert counts["government"] == 4
        assert counts["hostile_actor"] == 10
        assert sum(d.get("alive") == 0 for d in graph.nodes.values()) == 12


@pytest.mark.parametrize("shape", SHAPES)
def test_everyone_in_a_generated_world_has_someone(shape):
    graph = synthetic_world(graph=shape)
    following = {a for a, _, _ in edges(graph, "watches")}
    followed = {b for _, b, _ in edges(graph, "watches")}
    assert following == set(agents(graph, *INVESTOR_KINDS))
    assert followed == set(agents(graph, "frontier_lab", "imitator"))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    "sizes",
    [
        (1, 0, 1, 0, 1, 0, 0),
        (1, 0, 0, 0, 1, 0, 0),
        (1, 0, 40, 6, 4, 10, 0),
        (1, 1, 2, 1, 2, 1, 1),
        (2, 3, 4, 0, 6, 1, 40),
        (40, 5, 3, 9, 3, 2, 2),
    ],
)
def test_odd_sizes(shape, sizes):
    graph = synthetic_world(*sizes, graph=shape)
    check_all(graph)
    developers = agents(graph, "frontier_lab", "imitator").values()
    assert sum(d["alive"] for d in developers) == sizes[0] + sizes[1]


def test_same_arguments_same_world_other_seed_other_world():
    one, same, other = (synthetic_world(seed=s) for s in (5, 5, 6))
    assert fingerprint(one) == fingerprint(same)
    assert fingerprint(one) != fingerprint(other)


def test_shapes_differ_in_ties_but_not_in_agents():
    worlds = [synthetic_world(graph=shape, seed=1) for shape in SHAPES]
    assert len({tuple(sorted(map(str, w.nodes(data=True)))) for w in worlds}) == 1
    ties = [frozenset((a, b) for a, b, _ in edges(w, "syndicate")) for w in worlds]
    assert len(set(ties)) == len(SHAPES)


def test_a_larger_world_is_more_of_the_same_world():
    for labs, scale in ((1, 1.0), (8, 1.0), (40, 5.0)):
        graph = synthetic_world(frontier_labs=labs)
        assert graph.graph["market_size"] == pytest.approx(1e10 * scale)
        powder = math.fsum(d["cash"] for d in agents(graph, "venture_fund").values())
        assert powder == pytest.approx(9e10 * scale)
        assert graph.nodes["Compute supplier"]["capacity"] == pytest.approx(1.8e10 * scale)
    lab = agents(synthetic_world(), "frontier_lab")["Lab 1"]
    assert lab["revenue"] == max(d.get("revenue", 0.0) for d in synthetic_world().nodes.values())


def test_more_hostile_actors_leave_the_investors_as_they_were():
    few, many = synthetic_world(hostile_actors=2), synthetic_world(hostile_actors=20)
    for kind in ("watches", "stake", "syndicate"):
        assert edges(few, kind) == edges(many, kind)


@pytest.mark.parametrize("shape", SHAPES)
def test_edges_grow_in_proportion(shape):
    def per_agent(k):
        graph = synthetic_world(10 * k, 40 * k, 100 * k, 5 * k, 4, 20 * k, 25 * k, shape)
        looking = Counter((a, d["kind"]) for a, _, d in graph.edges(data=True))
        for (agent, kind), count in looking.items():
            if kind in ("watches", "observes", "targets", "syndicate"):
                assert count <= CAP + 2, (agent, kind)
        return graph.number_of_edges() / graph.number_of_nodes()

    assert per_agent(6) < 1.2 * per_agent(2)


def test_ten_thousand_agents():
    graph = synthetic_world(400, 2000, 5400, 200, 4, 1000, 1000, "small_world")
    assert 10_000 <= graph.number_of_nodes() <= 10_100
    assert graph.number_of_edges() < 30 * graph.number_of_nodes()
    check_developers(graph)
    check_customers(graph)
    check_ties(graph)


def test_cap_keeps_pairs_once_and_bounds_both_ends():
    pairs = [("hub", str(k)) for k in range(2 * CAP)] + [("x", "0"), ("x", "0")]
    kept = capped(pairs)
    assert kept == pairs[:CAP] + [("x", "0")]


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("frontier_labs", 0),
        ("frontier_labs", 2.5),
        ("imitators", -1),
        ("venture_funds", True),
        ("strategic_investors", "6"),
        ("governments", 0),
        ("hostile_actors", None),
        ("entrant_slots", 10**9),
        ("graph", "star"),
        ("graph", ["random"]),
        ("seed", -1),
        ("seed", 0.5),
    ],
)
def test_bad_arguments(argument, value):
    with pytest.raises(InputError, match=argument) as caught:
        synthetic_world(**{argument: value})
    assert repr(value) in str(caught.value)
