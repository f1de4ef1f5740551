"""What contradicts itself in an economist's own module is said in one sentence, before it runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agents import MarketAgent, rules_of
from agents.agent import Rule
from model import STANDARD, Ensemble, Extension, InputError, Scenario
from model.graph import read_graph
from model.observe import indicators
from model.run import Run
from model.schedule import SCHEDULE, actors, phases
from world.compiled import PLAIN_PYTHON, part, rule
from world.files.read import read_world
from world.journal import event
from world.kinds import EdgeKind, EdgeTable
from world.opening import check_openings
from world.state import EDGES, columns
from world.tables import record_type

COLUMNS = """
alive   | int   | -      | 1                  |       | 1 while in the market
account | int   | -      | given              |       | cash account
rate    | float | 1/year | node or 0.01       |       | premium per dollar of sales
fear    | float | ratio  | p.alertness * rate |       | what it fears
"""


@rule
def insurer_insures(market, i):
    """Insure."""
    market.insurers[i].fear += 1.0


@part
def observe_fear(market, row):
    """Fill `fear`."""
    row.fear = market.insurers[0].fear


def insurers(text: str = COLUMNS, rules: dict[str, Rule] | None = None) -> type[MarketAgent]:
    known = rules_of("insurer", __name__) if rules is None else rules
    return type("Insurer", (MarketAgent,),
                {"table": "insurers", "columns": columns(text), "rules": known})  # fmt: skip


def insuring(**changed: Any) -> Extension:
    declared: dict[str, Any] = {
        "cast": {"insurer": insurers()},
        "edge_tables": {"policies": EdgeTable(EDGES, "tail")},
        "edges": {"insures": EdgeKind("policies", "insurers", "developers", ("weight",), "insures")},
        "month": "open | insurers | insurer_insures | after economy_opens_month",
        "indicators": "fear | float | ratio | what the first insurer fears",
        "observe": observe_fear,
    }
    return Extension(**(declared | changed))


def opened(opening: str) -> Callable[[], Any]:
    text = COLUMNS.replace("p.alertness * rate", opening)
    return lambda: STANDARD.extended(insuring(cast={"insurer": insurers(text)}))


def extended(**changed: Any) -> Callable[[], Any]:
    return lambda: STANDARD.extended(insuring(**changed))


def test_the_module_that_the_mistakes_are_made_in_is_right() -> None:
    assert STANDARD.extended(insuring()).table_of("insurer") == "insurers"


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda: columns("fear | float | ratio | 0 | what"), "5 fields; needed are name"),
        (lambda: columns("fear | real | ratio | 0 | | what"), "type 'real' is unknown; allowed"),
        (lambda: columns("fear | float | ratio | 0 | year | what"), "lives 'year' is unknown"),
        (lambda: columns(COLUMNS + "rate | int | - | | | again"), "'rate' is declared twice"),
        (lambda: record_type(columns("size | float | USD | | | what")),
         "records have a 'size' of their own"),
        (lambda: indicators("fear | float | what"), "3 fields; needed are name"),
        (lambda: indicators("fear | real | ratio | what"), "type 'real' is unknown"),
        (lambda: event("insured", "{actor} took {amount:money}."), "{amount} is unknown"),
        (opened("p.alertnes"), "no parameter 'alertnes'; did you mean 'alertness'"),
        (opened("rates * 2"), "'rates' is unknown; it may name node"),
        (opened("fear_of(rate)"), "'fear_of' is unknown"),
        (opened("rate *"), "opening 'rate \\*' is no expression"),
        (opened("trait"), "the traits of its kind do not say 'fear'"),
        (opened("rate + fear"), "'fear' of insurers: its opening waits for itself"),
        (extended(cast={"insurer": insurers(COLUMNS.replace("alive", "lives"))}), "need 'alive'"),
        (extended(cast={"insurer": insurers(COLUMNS.replace("account", "cash_at"))}),
         "need 'account'"),
        (extended(edge_tables={}), "there is no table 'policies' of edges; there are ties"),
        (extended(edge_tables={"policies": EdgeTable(EDGES, "source")}), "allowed are tail and"),
        (extended(edges={"insures": EdgeKind("policies", "insurer", "developers", (), "")}),
         "no 'insurer' to stand at its end; there are developers"),
        (extended(edges={"insures": EdgeKind("policies", "insurers", "developers", ("w",), "")}),
         "has no column 'w'; it has weight"),
        (extended(edges={"stake": EdgeKind("policies", "insurers", "developers", (), "")}),
         "the name 'stake' is taken"),
        (extended(month=""), "'insurer_insures' of 'insurer' stands in no sentence"),
        (extended(month="open | insurers | insurer_insures"), "must end with `after`"),
        (extended(month="open | insurers | insurer_insures | after nobody"), "'after nobody' is"),
        (extended(month="open | insurer | insurer_insures | after economy_expects"),
         "nobody is called 'insurer'; those who act are developers"),
        (extended(month="open | insurers | insures | after economy_expects"),
         "insurers have no rule 'insures'; they have insurer_insures"),
        (extended(cast={"insurer": insurers(rules={})}), "they have none \\(`@rule`"),
        (extended(indicators="revenue | float | USD | what"), "indicator 'revenue' is taken"),
        (extended(observe=None), "given together or not at all"),
        (extended(indicators=""), "given together or not at all"),
        (extended(observe=part(lambda row: None)), "must take \\(market, row\\), not \\(row\\)"),
    ],
)  # fmt: skip
def test_a_mistake_is_said_before_anything_runs(act: Callable[[], Any], said: str) -> None:
    with pytest.raises(InputError, match=said) as error:
        act()
    assert "\n" not in str(error.value)


def test_columns_that_wait_for_each_other_are_refused() -> None:
    text = COLUMNS.replace("node or 0.01", "fear")
    with pytest.raises(InputError, match="'rate' of insurers: its opening waits for itself"):
        STANDARD.extended(insuring(cast={"insurer": insurers(text)}))


def test_an_observer_that_is_not_compiled_is_refused() -> None:
    def observe(market: Any, row: Any) -> None: ...

    with pytest.raises(InputError, match="'observe' needs `@part`"):
        STANDARD.extended(insuring(observe=observe))


@rule
def anybody_lists(market, i):
    """What the engine does not know."""
    fears = [market.insurers[i].fear]
    market.insurers[i].fear = fears[0]


@pytest.mark.skipif(PLAIN_PYTHON, reason="plain Python knows lists")
def test_a_rule_that_the_engine_does_not_know_is_refused_with_its_line() -> None:
    lists = insurers(rules={"lists": anybody_lists})
    sentence = "open | insurers | anybody_lists | after economy_opens_month"
    book = STANDARD.extended(insuring(cast={"insurer": lists}, month=sentence))
    with pytest.raises(InputError, match=r"test_extension_errors.py, line \d+: .*cannot use List"):
        Ensemble(Scenario(), [0], until="2025-01", rulebook=book).run()


@pytest.mark.skipif(PLAIN_PYTHON, reason="plain Python performs any rule")
def test_a_rule_that_stands_in_no_sentence_is_not_performed() -> None:
    tables, _ = read_graph(read_world("2025"), Scenario().parameters)
    with pytest.raises(InputError, match="'anybody_lists' stands in no sentence"):
        Run(tables, 0).perform(anybody_lists)


def test_a_rule_takes_a_market_and_a_row() -> None:
    with pytest.raises(TypeError, match=r"'waits' takes \(market, row\), not 1"):

        @rule
        def waits(market): ...


@pytest.mark.parametrize("place", STANDARD.tables)
def test_openings_of_the_standard_tables_stand(place: str) -> None:
    for traits in STANDARD.traits[place].values():
        check_openings(place, STANDARD.tables[place], traits)


def test_a_class_names_its_table() -> None:
    nameless = type("Nameless", (MarketAgent,), {})
    with pytest.raises(InputError, match="'insurer': its class must name its `table`"):
        STANDARD.extended(insuring(cast={"insurer": nameless}))


def test_a_sentence_of_the_month_is_who_does_what() -> None:
    known = actors(STANDARD.cast.items())
    assert phases("sell | customers | customers_buy", known)[0] in SCHEDULE
    with pytest.raises(InputError, match="then `drawn` or nothing"):
        phases("sell | customers | customers_buy | later", known)
