"""The shipped observations are what the declared rule makes, and it knows nothing of what came."""

from __future__ import annotations

import csv
import math
import statistics
from datetime import date
from pathlib import Path

import pytest

from experiments.backtest import naive
from experiments.backtest.naive import HORIZONS, ORIGINS, RULES, SCORED, SEEN_WHOLE, Scored, Told
from experiments.backtest.observations import FOLDER, read_observations
from world.calendar import month_number
from world.errors import InputError
from world.facts.table import Fact

TOLD = naive.read_series()
LAST_DAY = date(2025, 1, 31)
HEAD = "entity,quantity,date,value,low,high,unit,basis,grade,source,known"


def rows(origin: str) -> list[dict[str, str]]:
    with (FOLDER / f"{origin}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def row(origin: str, series: str, form: str, months: int) -> dict[str, str]:
    (found,) = [one for one in rows(origin) if (one["series"], one["form"], one["horizon_months"])
                == (series, form, str(months))]  # fmt: skip
    return found


# --- the files -----------------------------------------------------------------------------


def test_the_shipped_files_are_what_the_rule_makes(tmp_path: Path) -> None:
    naive.main(tmp_path)
    assert sorted(path.stem for path in tmp_path.iterdir()) == sorted(ORIGINS)
    for origin in ORIGINS:
        made = (tmp_path / f"{origin}.csv").read_bytes()
        assert made == (FOLDER / f"{origin}.csv").read_bytes(), origin
        assert b"\r" not in made


@pytest.mark.parametrize("origin", ORIGINS)
def test_every_shipped_row_passes_the_door(origin: str) -> None:
    observed = read_observations(FOLDER / f"{origin}.csv", origin)
    assert len(observed) == len(rows(origin)) > 20
    start = month_number(origin)
    for one in observed:
        months = int(one.more["horizon_months"])
        assert month_number(one.last) == start + months - 1
        chosen = months == 12 or one.more["series"] in SEEN_WHOLE
        assert one.more["seen"] == ("yes" if chosen else "in sight")
        assert one.more["rule"] in RULES
        assert one.error > 0.0 and one.naive_spread > 0.0
        if one.form in ("change", "ratio"):
            assert month_number(one.first) == start - 1
        if one.form in ("sum", "max"):
            length = month_number(one.last) - month_number(one.first) + 1
            assert length in (12, months)


@pytest.mark.parametrize("origin", ORIGINS)
def test_no_row_is_there_twice(origin: str) -> None:
    said = [tuple(one[name] for name in ("indicator", "form", "first", "last", "value"))
            for one in rows(origin)]  # fmt: skip
    assert len(set(said)) == len(said)


def test_no_figure_is_dated_after_january_2025() -> None:
    for told in TOLD.facts.values():
        for fact in told.values():
            assert fact.date <= LAST_DAY and fact.entity == "Market"
            assert fact.low < fact.high


def test_every_series_is_scored_or_left_out_with_a_reason() -> None:
    with Path(naive.__file__).with_name("left_out.csv").open(encoding="utf-8", newline="") as file:
        left_out = {line["series"]: line["why"] for line in csv.DictReader(file)}
    assert all(left_out.values())
    assert set(TOLD.facts) <= {one.series for one in SCORED} | set(left_out)
    assert {one.series for one in SCORED} <= set(TOLD.facts)


# --- by hand -------------------------------------------------------------------------------


def test_supplier_value_by_hand() -> None:
    """Ends of the years 2012 to 2022 and the middles of 2020 to 2022: rule, forecast, spread anew."""
    told = [fact for fact in TOLD.facts["supplier_value"].values() if fact.date.year < 2023]
    ends = {12 * fact.date.year + fact.date.month: math.log10(fact.value) for fact in told}
    base = 12 * 2022 + 12
    errors: dict[str, list[float]] = {"last": [], "damped": [], "growth": []}
    for end in range(base, 0, -6):
        if end in ends and end - 12 in ends:
            moved = ends[end] - ends[end - 12]
            before = ends[end - 12] - ends.get(end - 24, ends[end - 12])
            errors["last"].append(-moved)
            errors["damped"].append(before / 2 - moved)
            errors["growth"].append(before - moved)
    assert len(errors["last"]) == 10 + 2
    means = {rule: sum(map(abs, found)) / 12 for rule, found in errors.items()}
    best = min(means, key=lambda rule: means[rule])
    found = row("2023-01", "supplier_value", "at", 12)
    assert found["rule"] == best == "damped"
    said = ends[base] + (ends[base] - ends[base - 12]) / 2
    assert math.log10(float(found["naive"])) == pytest.approx(said, abs=1e-5)
    assert float(found["naive_spread"]) == pytest.approx(statistics.stdev(errors[best]), rel=0.005)
    assert float(found["value"]) == 1.22e12
    assert float(found["error"]) == pytest.approx(0.005, rel=0.01)


def test_a_ratio_has_the_error_of_both_ends_and_the_naive_of_its_series() -> None:
    level, ratio = (row("2023-01", "revenue", form, 12) for form in ("at", "ratio"))
    opening = TOLD.facts["revenue"][month_number("2022-12")]
    assert float(ratio["value"]) == pytest.approx(float(level["value"]) / opening.value, rel=1e-5)
    assert float(ratio["naive"]) == pytest.approx(float(level["naive"]) / opening.value, rel=1e-5)
    assert float(ratio["error"]) == pytest.approx(math.hypot(0.2, 0.08), rel=0.005)
    assert ratio["naive_spread"] == level["naive_spread"]


def test_a_total_sums_the_years_since_the_origin() -> None:
    total, second = (one for one in rows("2023-01") if one["series"] == "capital_raised"
                     and one["horizon_months"] == "24" and one["first"] != "")  # fmt: skip
    if total["first"] != "2023-01":
        total, second = second, total
    assert (total["first"], total["last"]) == ("2023-01", "2024-12")
    assert (second["first"], second["last"]) == ("2024-01", "2024-12")
    assert float(total["value"]) == pytest.approx(1.85e10 + 3.28e10)


SERIES = Scored("entries", "structure", "entries", "at", "linear", "counts", "all")


@pytest.mark.parametrize(
    ("rule", "one_year", "two_years"),
    [("last", 8.0, 8.0), ("growth", 12.0, 16.0), ("damped", 10.0, 11.0)],
)
def test_the_three_rules(rule: str, one_year: float, two_years: float) -> None:
    values = {0: 4.0, 12: 8.0, 24: 99.0}
    assert naive.naive(values, 12, 12, rule, SERIES) == one_year
    assert naive.naive(values, 12, 24, rule, SERIES) == two_years
    assert naive.naive({12: 8.0}, 12, 24, rule, SERIES) == 8.0
    factor = SERIES._replace(scale="log10")
    assert naive.naive(values, 12, 12, rule, factor) == pytest.approx(8.0 * 2.0 ** (one_year / 4 - 2))


def test_no_forecast_passes_what_no_figure_can() -> None:
    assert naive.naive({0: 9.0, 12: 1.0}, 12, 12, "growth", SERIES) == 0.0


def test_errors_overlap_and_end_before_the_origin() -> None:
    values = {month: float(month) for month in range(0, 61, 6)}
    errors = naive.past_errors(SERIES, values, 55, 12)
    assert errors["last"] == [-12.0] * 8  # bases 42, 36, ... 0; nothing of month 60
    assert errors["growth"] == [0.0] * 6 + [-12.0] * 2  # those have no year before
    assert naive.best_rule(errors) == "growth"
    assert naive.best_rule({rule: [] for rule in RULES}) == "last"
    assert naive.best_rule({"last": [1.0], "damped": [1.0], "growth": [-1.0]}) == "last"


def test_few_errors_are_pooled_by_group_then_by_unit() -> None:
    origin = month_number("2022-01")
    by_name = {(one.series, one.form): one for one in SCORED}
    counts = {}
    for key in (("supplier_value", "at"), ("leader_value", "at"), ("incidents", "year sum")):
        counts[key[0]] = len(naive.known_errors(by_name[key], TOLD, origin, 12)["last"])
    own = len(naive.past_errors(by_name["supplier_value", "at"],
                                TOLD.values("supplier_value", origin), origin, 12)["last"])  # fmt: skip
    assert counts["supplier_value"] == own >= naive.FEWEST
    assert counts["leader_value"] == own + 1
    assert counts["incidents"] > 30


def test_a_spread_is_never_below_the_error_it_starts_from() -> None:
    assert naive.spread_of([], 0.2) == naive.spread_of([5.0], 0.2) == 0.2
    assert naive.spread_of([0.0, 0.0], 0.2) == 0.2
    assert naive.spread_of([1.0, 2.0, 3.0], 0.2) == 1.0  # about their mean, not about zero


# --- nothing of what came ------------------------------------------------------------------


@pytest.mark.parametrize("origin", ORIGINS)
def test_what_came_does_not_move_the_naive_forecast(origin: str) -> None:
    start = month_number(origin)
    moved = Told({series: {month: fact if month < start else other(fact)
                           for month, fact in told.items()}
                  for series, told in TOLD.facts.items()})  # fmt: skip
    then, now = naive.rows_of(origin, TOLD), naive.rows_of(origin, moved)
    for before, after in zip(then, now, strict=True):
        assert before["value"] != after["value"]
        for name in ("series", "form", "last", "naive", "naive_spread", "rule"):
            assert before[name] == after[name]


def other(fact: Fact) -> Fact:
    return fact._replace(value=3.0 * fact.value + 0.1, high=4.0 * fact.high + 1.0)


def test_the_opening_belongs_to_what_was_known() -> None:
    start = month_number("2023-01")
    opening = {series: {month: fact._replace(value=2.0 * fact.value) if month == start - 1 else fact
                        for month, fact in told.items()}
               for series, told in TOLD.facts.items()}  # fmt: skip
    found = [one["naive"] for told in (TOLD, Told(opening))
             for one in naive.rows_of("2023-01", told)
             if one["series"] == "run_cost" and one["horizon_months"] == 12]  # fmt: skip
    assert found[0] != found[1]


# --- the door of the series ----------------------------------------------------------------


def test_a_day_tells_of_the_month_that_ended() -> None:
    assert naive.named(naive.month_of(date(2023, 1, 1))) == "2022-12"
    assert naive.named(naive.month_of(date(2022, 12, 31))) == "2022-12"
    assert naive.named(naive.month_of(date(2023, 8, 29))) == "2023-08"


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (["Market,a,2023-01-01,1,0,2,x,observed,A,s,then"] * 2, "two figures of 2022-12"),
        (["Market,a,2023-01-01,1,,,x,observed,A,s,then"], "has no low and high"),
        (["Market,a,2023-13-01,1,0,2,x,observed,A,s,then"], "cannot be read"),
    ],
)
def test_bad_series_are_one_sentence(tmp_path: Path, lines: list[str], sentence: str) -> None:
    path = tmp_path / "series.csv"
    path.write_text("\n".join([HEAD, *lines]) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=sentence):
        naive.read_series(path)


def test_all_horizons_but_those_beyond_the_data_are_there() -> None:
    found = {origin: {int(one["horizon_months"]) for one in rows(origin)} for origin in ORIGINS}
    assert found == {"2022-01": set(HORIZONS), "2023-01": set(HORIZONS), "2024-01": {12}}
