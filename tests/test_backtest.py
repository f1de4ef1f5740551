"""`moat backtest`: the scores against what they are by definition, and how it refuses."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from experiments.backtest import observations, prior
from experiments.backtest.forecast import Forecast, forecast
from experiments.backtest.observations import Observation, read_observations
from experiments.backtest.page import origin_picture
from experiments.backtest.score import (
    answer,
    cdf,
    crps,
    figures,
    quantiles,
    report,
    rows_table,
    score,
    sums,
)
from experiments.cli import main as cli
from model import Ensemble, InputError, Scenario
from model.rulebook import STANDARD
from world.compiled import PLAIN_PYTHON
from world.files.read import world_path
from world.parameters import BY_NAME

pytestmark = pytest.mark.skipif(PLAIN_PYTHON, reason="histories need the compiled engine")

HEAD = "group,indicator,form,first,last,value,scale,error,naive,naive_spread"
GOOD = {
    "group": "money", "indicator": "revenue", "form": "at", "first": "", "last": "2023-06",
    "value": "1e9", "scale": "log10", "error": "0.05", "naive": "5e8", "naive_spread": "0.3",
}  # fmt: skip
SUMS = {"coverage", "crps", "won"}


class Done(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def here(monkeypatch, capsys, tmp_path):
    """The command in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["moat", "backtest", *arguments])
        code = 0
        try:
            cli.main()
        except SystemExit as end:
            code = int(end.code or 0)
        return Done(code, *capsys.readouterr())

    return run


def line(**changes: Any) -> str:
    """A good row with changes, as CSV."""
    return ",".join(str(value) for value in (GOOD | changes).values())


def written(path: Path, *rows: str, head: str = HEAD) -> Path:
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def observed(value: float = 1.0, **changes: Any) -> Observation:
    """An observation in a linear scale, unless it is changed."""
    known = Observation("FILE, line 2", "g", "gap", "at", "", "2023-01", value, "linear", 0.0, 0.0,
                        1.0, {})  # fmt: skip
    return known._replace(**changes)


def made(months: int = 1, members: int = 2, **indicators: Any) -> Forecast:
    """A forecast from 2023-01 with these indicators, shape (members, months + 1)."""
    values = np.zeros((members, months + 1), dtype=STANDARD.indicator_type)
    for name, given in indicators.items():
        values[name] = given
    return Forecast(values, "2023-01")


# --- scores --------------------------------------------------------------------------------

MEMBERS = np.array([-1.0, 0.2, 0.2, 0.9, 4.0])


@pytest.mark.parametrize("deviation", [0.05, 0.4, 3.0])
@pytest.mark.parametrize("y", [-2.0, 0.2, 1.0, 9.0])
def test_crps_is_the_integral_it_is_defined_by(deviation: float, y: float) -> None:
    def squared(x: float) -> float:
        return float((norm.cdf(x, MEMBERS, deviation).mean() - (x >= y)) ** 2)

    points = [y, *MEMBERS, *(MEMBERS - deviation), *(MEMBERS + deviation)]
    whole, _ = quad(squared, -40.0, 40.0, points=sorted(set(points)), limit=500)
    assert crps(MEMBERS, deviation, y) == pytest.approx(whole, rel=1e-6)


def test_crps_of_one_member_is_that_of_a_normal_and_without_error_that_of_an_ensemble() -> None:
    z = (1.3 - 0.4) / 0.7
    expected = 0.7 * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / np.sqrt(np.pi))
    assert crps(np.array([0.4]), 0.7, 1.3) == pytest.approx(expected, rel=1e-12)
    pairs = np.abs(MEMBERS[:, None] - MEMBERS).mean()
    assert crps(MEMBERS, 0.0, 1.3) == pytest.approx(np.abs(MEMBERS - 1.3).mean() - pairs / 2)
    assert crps(MEMBERS, 1e-9, 1.3) == pytest.approx(crps(MEMBERS, 0.0, 1.3))


def test_quantiles_and_ranks_are_of_the_mixture() -> None:
    shares = (0.05, 0.5, 0.95)
    assert cdf(MEMBERS, 0.3, quantiles(MEMBERS, 0.3, shares)) == pytest.approx(shares)
    one = quantiles(np.array([2.0]), 0.5, shares)
    assert one == pytest.approx(norm.ppf(shares, 2.0, 0.5))
    assert list(quantiles(MEMBERS, 0.0, shares)) == [-1.0, 0.2, 4.0]
    assert cdf(MEMBERS, 0.0, 0.2) == pytest.approx(0.4)  # the middle of the jump
    assert cdf(MEMBERS, 0.0, 100.0) == 1.0


@pytest.mark.parametrize(
    ("middle", "spread", "error", "coverage", "shape"),
    [
        (0.0, 1.0, 0.0, (0.86, 0.94), "flat"),
        (0.0, 0.0, 1.0, (0.86, 0.94), "flat"),  # all of the spread is the observation's error
        (2.0, 1.0, 0.0, (0.2, 0.6), "low"),
        (0.0, 0.2, 0.0, (0.15, 0.35), "ends"),
    ],
    ids=["perfect", "perfect but for the error", "biased", "overconfident"],
)
def test_a_forecast_is_seen_for_what_it_is(middle, spread, error, coverage, shape) -> None:
    members = middle + spread * norm.ppf((np.arange(100) + 0.5) / 100)
    known = made(members=100, gap=members[:, None])
    values = np.random.default_rng(1).normal(size=400)
    rows = [score(observed(value, error=error, naive_spread=2.5), known) for value in values]
    told = report(rows, "2023-01", 100)
    low, high = coverage
    assert low <= told["coverage"] <= high
    counts = told["ranks"]
    assert sum(counts) == 400
    if shape == "flat":
        assert min(counts) >= 20 and max(counts) <= 60
        assert told["won"] > 0.6
        # The mean CRPS of a standard normal is 1 / sqrt(pi).
        assert told["crps"]["model"] * 2.5 == pytest.approx(1 / np.sqrt(np.pi), rel=0.1)
    elif shape == "low":
        assert counts[0] > 200 and told["won"] < 0.5
    else:
        assert counts[0] > 100 and counts[-1] > 100 and max(counts[1:-1]) < 60


def test_sums_count_by_group_and_by_what_was_seen() -> None:
    known = made(gap=[[0.0, 1.0]] * 2)
    rows = [
        score(observed(1.0, group="a", more={"seen": "yes"}), known),
        score(observed(0.2, group="a", more={"seen": "no"}), known),
        score(observed(1.1, group="b", more={"seen": "no"}), known),
    ]
    told = report(rows, "2023-01", 2)
    assert [row["inside"] for row in rows] == [True, False, False]
    assert [row["won"] for row in rows] == [True, False, True]
    assert [row["rank"] for row in rows] == [0.5, 0.0, 1.0]
    assert told["groups"]["a"] == sums(rows[:2]) and told["groups"]["b"]["rows"] == 1
    assert told["seen"] == {"yes": sums(rows[:1]), "no": sums(rows[1:])}
    assert told["won"] == pytest.approx(2 / 3) and told["ranks"] == [1, 0, 0, 0, 0, 1, 0, 0, 0, 1]
    assert "seen" not in report([score(observed(), known)], "2023-01", 2)


def test_a_score_is_divided_by_the_naive_spread_and_given_in_own_units() -> None:
    known = made(revenue=[[0.0, 1e9], [0.0, 1e9]])
    row = observed(2e9, indicator="revenue", scale="log10", error=0.1, naive=4e9, naive_spread=0.2)
    found = score(row, known)
    assert found["median"] == pytest.approx(1e9, rel=1e-9)
    assert found["high"] / found["median"] == pytest.approx(10 ** (1.6448536 * 0.1))
    assert found["crps"]["model"] == pytest.approx(crps(np.array([9.0]), 0.1, np.log10(2e9)))
    naive = crps(np.array([np.log10(4e9)]), np.hypot(0.1, 0.2), np.log10(2e9))
    assert found["crps"]["naive"] == pytest.approx(naive)
    assert found["scaled"]["naive"] == pytest.approx(naive / 0.2)
    assert found["observed"] == 2e9 and not found["inside"]


# --- figures -------------------------------------------------------------------------------

PATH = np.array([[1.0, 2.0, 3.0, 8.0], [2.0, 2.0, 6.0, 4.0]])  # the opening, and three months


@pytest.mark.parametrize(
    ("form", "first", "last", "expected"),
    [
        ("at", "", "2023-02", [3, 6]),
        ("at", "2023-01", "2023-01", [2, 2]),
        ("mean", "2023-02", "2023-03", [5.5, 5]),
        ("sum", "2023-01", "2023-03", [13, 12]),
        ("max", "2023-01", "2023-03", [8, 6]),
        ("change", "2023-01", "2023-03", [6, 2]),
        ("ratio", "2023-02", "2023-03", [8 / 3, 4 / 6]),
        ("change", "2022-12", "2023-01", [1, 0]),
        ("ratio", "2022-12", "2023-03", [8, 2]),
    ],
)
def test_a_form_reads_these_months(form, first, last, expected) -> None:
    row = observed(form=form, first=first, last=last)
    assert figures(row, made(3, gap=PATH)) == pytest.approx(expected)


def test_a_quotient_is_formed_month_by_month() -> None:
    known = made(3, equity=PATH, revenue=PATH[::-1])
    row = observed(indicator="equity/revenue", form="sum", first="2023-01", last="2023-03")
    assert figures(row, known) == pytest.approx([1 + 0.5 + 2, 1 + 2 + 0.5])


def test_a_history_that_divides_by_zero_says_nothing_and_all_that_do_are_one_sentence() -> None:
    rows = (
        observed(indicator="gap/revenue"),
        observed(indicator="revenue", form="ratio", first="2022-12"),
    )
    known = made(3, gap=PATH, revenue=[[0.0, 0.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0]])
    nothing = made(3, gap=PATH, revenue=[[0.0] * 4] * 2)
    for row in rows:
        assert figures(row, known) == figures(row, known._replace(values=known.values[1:]))
        with pytest.raises(InputError, match="FILE, line 2: .* divides by zero in every history"):
            figures(row, nothing)
    assert origin_picture([observed(indicator="gap/revenue", last="2023-03")], known)


def test_in_logs_a_figure_counts_as_at_least_a_floor_whatever_was_observed() -> None:
    known = made(revenue=[[0.0, 0.0], [0.0, -5.0]])
    row = observed(7e9, indicator="revenue", scale="log10", naive=1e9)
    found = score(row, known)
    assert found["low"] == found["high"] == pytest.approx(1e6)
    assert found["crps"]["model"] == pytest.approx(np.log10(7e3))
    other = score(row._replace(value=9e7), known)
    assert [other[name] for name in ("low", "median", "high")] == [
        found[name] for name in ("low", "median", "high")
    ]


@pytest.mark.parametrize(("indicator", "form", "floor"), [
    ("revenue", "at", 1e6), ("revenue", "ratio", 1e-6), ("equity/revenue", "at", 1e-6),
    ("equity/developers", "at", 1e6), ("incidents", "sum", 0.1), ("gap", "at", 1e-6),
    ("developers/equity", "at", 1e-6), ("incidents/developers", "mean", 1e-6),
])  # fmt: skip
def test_the_floor_is_of_the_unit(indicator, form, floor) -> None:
    assert observed(indicator=indicator, form=form).floor == floor


def test_a_row_of_part_of_the_members_says_so_and_of_few_is_refused() -> None:
    def known(zeros: int) -> Forecast:
        return made(members=10, gap=np.ones((10, 2)),
                    revenue=np.where(np.arange(10) < zeros, 0.0, 1.0)[:, None])  # fmt: skip

    row = observed(indicator="gap/revenue")
    rows = [score(row, known(4))]
    assert rows[0]["members"] == 6 and rows[0]["histories"] == 10
    assert rows_table(rows)["members"].tolist() == ["6 of 10"]
    assert "1 rows are scored on part of the members" in answer(rows)
    assert "members" not in rows_table([score(row, known(0))])
    with pytest.raises(InputError, match="divides by zero in 6 of 10 histories"):
        score(row, known(6))


def test_an_error_too_far_from_the_figures_is_one_sentence() -> None:
    with pytest.raises(InputError, match="FILE, line 2"):
        score(observed(naive_spread=1e-320), made())


# --- forecasts -----------------------------------------------------------------------------


def test_a_forecast_is_the_ensemble_with_its_opening_before(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(prior, "FILE", tmp_path / "none.csv")
    scenario = Scenario.load("imitation")
    told: list[int] = []
    known = forecast(scenario, "2025-01", "2025-06", 3, 5, progress=told.append)
    runs = Ensemble(scenario, range(5, 8), "2025-06").run()
    assert known.start == "2025-01" and told == [1, 2, 3]
    assert np.array_equal(known.values[:, 1:], runs.values)
    opening = known.values[:, 0]
    assert (opening["capital_raised"] == 0.0).all() and (opening["dry_powder"] > 1e9).all()
    assert (opening["frontier_capability"] <= known.values[:, 1]["frontier_capability"]).all()


def test_the_prior_is_drawn_between_its_quantiles(monkeypatch, tmp_path) -> None:
    rows = [
        "imitation_lag,,4,6,12,log,a",
        "imitation_lag,2023-01,5,7,8,linear,a",
        "imitation_cost_share,,0.05,0.2,0.6,logit,a",
        "discount,2022-01,0.1,0.1,0.1,linear,a",
        "copy_shortfall,,-9,0.1,0.2,linear,a",
    ]
    file = written(tmp_path / "prior.csv", *rows, head=",".join(prior.COLUMNS))
    monkeypatch.setattr(prior, "FILE", file)
    monkeypatch.setattr(prior, "LEARNED", tmp_path / "none.csv")
    for origin, expected in (("2024-01", [4, 6, 12]), ("2023-01", [5, 7, 8])):
        drawn = prior.draw(origin, 2000, 3)
        assert [*drawn[0]] == ["imitation_lag", "imitation_cost_share", "copy_shortfall"]
        for name, quantiles_of in (("imitation_lag", expected),
                                   ("imitation_cost_share", [0.05, 0.2, 0.6])):  # fmt: skip
            found = np.quantile([values[name] for values in drawn], [0.05, 0.5, 0.95])
            assert found == pytest.approx(quantiles_of, rel=0.02)
        assert min(values["copy_shortfall"] for values in drawn) == BY_NAME["copy_shortfall"].low
    assert {values["discount"] for values in prior.draw("2022-01", 9, 0)} == {0.1}
    assert prior.draw("2023-01", 9, 1) == prior.draw("2023-01", 9, 1) != prior.draw("2023-01", 9, 2)
    assert prior.draw("2023-01", 1, 1)


def test_what_was_learned_takes_the_place_of_the_prior_at_its_origin(monkeypatch, tmp_path) -> None:
    head = ",".join(prior.COLUMNS)
    for name, rows in {
        "FILE": ["imitation_lag,,4,6,12,log,a", "discount,,0.1,0.12,0.2,log,a"],
        "LEARNED": ["imitation_lag,2023-01,5,7,8,log,a", "quorum,2023-01,0.5,0.6,0.7,linear,a"],
    }.items():
        monkeypatch.setattr(prior, name, written(tmp_path / f"{name}.csv", *rows, head=head))
    found = {origin: {b.name: (b.low, b.middle, b.high) for b in prior.beliefs(origin)}
             for origin in ("2022-01", "2023-01")}  # fmt: skip
    assert found["2022-01"] == {"imitation_lag": (4, 6, 12), "discount": (0.1, 0.12, 0.2)}
    assert found["2023-01"] == {"imitation_lag": (5, 7, 8), "discount": (0.1, 0.12, 0.2)}
    untaught = {b.name: b.low for b in prior.beliefs("2023-01", learned=False)}
    assert untaught == {"imitation_lag": 4, "discount": 0.1}


def test_what_the_user_sets_the_prior_leaves_alone(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(prior, "FILE", tmp_path / "none.csv")
    scenario = Scenario().with_(imitation_cost_share=0.3)
    plain = forecast(scenario, "2023-01", "2023-06", 2)
    rows = ("imitation_lag,,4,6,12,log,a", "imitation_cost_share,,0.05,0.2,0.6,logit,a")
    file = written(tmp_path / "prior.csv", *rows, head=",".join(prior.COLUMNS))
    monkeypatch.setattr(prior, "FILE", file)
    same = forecast(scenario, "2023-01", "2023-06", 2, fixed=["imitation_lag"])
    assert np.array_equal(same.values, plain.values)
    drawn = forecast(scenario, "2023-01", "2023-06", 2)
    assert not np.array_equal(drawn.values, plain.values)


@pytest.mark.parametrize(("row", "said"), [
    ("imitaton_lag,,4,6,12,log,a", "did you mean 'imitation_lag'"),
    ("imitation_lag,,4,6,12,lgo,a", "did you mean 'log'"),
    ("imitation_lag,,4,16,12,log,a", "must rise"),
    ("imitation_lag,,0,6,12,log,a", "between 0 and inf"),
    ("imitation_lag,,0.2,0.6,1,logit,a", "between 0 and 1"),
    ("imitation_lag,,x,6,12,log,a", "not a number"),
    ("imitation_lag,soon,4,6,12,log,a", "not a month"),
    ("imitation_lag,,4,6,12,log,a\nimitation_lag,,4,6,12,log,a", "there twice"),
])  # fmt: skip
def test_a_bad_prior_is_one_sentence(row, said, monkeypatch, tmp_path) -> None:
    file = written(tmp_path / "prior.csv", row, head=",".join(prior.COLUMNS))
    monkeypatch.setattr(prior, "FILE", file)
    with pytest.raises(InputError, match=said) as refused:
        prior.draw("2023-01", 3, 0)
    assert f"{file}, line" in str(refused.value)


# --- the command ---------------------------------------------------------------------------

ROWS = (
    line(),
    line(last="2023-12-31", indicator="capital_raised/revenue", form="sum", first="2023-01",
         value=2, naive=1),
    line(group="progress", indicator="frontier_capability", form="change", first="2022-12",
         scale="linear", value=0.4, naive=0.3, error=0),
    line(group="progress", indicator="gap", form="mean", first="2023-01-15", scale="linear"),
)  # fmt: skip


def test_what_it_prints_is_the_contract(here, tmp_path) -> None:
    written(tmp_path / "o.csv", *(f"{row},yes" for row in ROWS), head=f"{HEAD},seen")
    asked = ("--origin", "2023-01", "--observations", "o.csv", "--members", "8")
    done = here(*asked, "--json")
    assert (done.code, done.err) == (0, "")
    told = json.loads(done.out)
    assert set(told) == SUMS | {"rows", "groups", "seen", "ranks", "origin", "members"}
    assert (told["origin"], told["members"], len(told["rows"])) == ("2023-01", 8, 4)
    assert len(told["ranks"]) == 10 and sum(told["ranks"]) == 4
    assert set(told["crps"]) == {"model", "naive"}
    assert [group["rows"] for group in told["groups"].values()] == [2, 2]
    assert all(set(group) == SUMS | {"rows"} for group in told["groups"].values())
    for row in told["rows"]:
        assert set(row) >= {*GOOD, "origin", "observed", "inside", "scaled", "won", "rank", "seen"}
        assert row["low"] <= row["median"] <= row["high"]
        assert row["inside"] == (row["low"] <= row["observed"] <= row["high"])
    readable = here(*asked)
    assert readable.code == 0 and "Ranks in tenths" in readable.out and "progress" in readable.out
    slope = f"market_slope={BY_NAME['market_slope'].high}"
    other = json.loads(here(*asked, "--json", "--set", slope).out)
    assert other["rows"][0]["median"] != told["rows"][0]["median"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["o.csv"]


def test_the_same_bytes_twice_whatever_the_workers(here, tmp_path) -> None:
    written(tmp_path / "o.csv", *ROWS)
    asked = ("--origin", "2023-01", "--observations", "o.csv", "--members", "6", "--json", "--out")
    printed = [here(*asked, f"w{k}", "--workers", str(k)).out for k in (1, 2)]
    assert printed[0] == printed[1] != ""
    files = sorted(path.name for path in (tmp_path / "w1").iterdir())
    assert files == ["2023-01.svg", "README.md", "provenance.json", "ranks.svg", "rows.csv"]
    for name in files:
        first, second = ((tmp_path / folder / name).read_bytes() for folder in ("w1", "w2"))
        assert first == second, name
    page = (tmp_path / "w1" / "README.md").read_text(encoding="utf-8")
    assert "--members 6 --seed 0" in page and "## What is missed" in page and "0-5" in page


def test_without_an_origin_all_that_have_a_file_are_scored(here, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(observations, "FOLDER", tmp_path / "shipped")
    assert "no observations come with Moat" in here().err
    (tmp_path / "shipped").mkdir()
    written(tmp_path / "shipped" / "2023-01.csv", *ROWS)
    written(tmp_path / "shipped" / "2024-01.csv", line(last="2024-03"))
    told = json.loads(here("--members", "3", "--json").out)
    assert [row["origin"] for row in told["rows"]] == ["2023-01"] * 4 + ["2024-01"]
    assert told["origin"] == ["2023-01", "2024-01"] and told["groups"]["money"]["rows"] == 3
    alone = json.loads(here("--origin", "2024-01", "--members", "3", "--json").out)
    assert alone["rows"] == told["rows"][4:]
    done = here("--origin", "2022-01")
    assert done.code == 2 and "has those of: 2023-01, 2024-01" in done.err


BAD = {
    "indicator": (line(indicator="revenu"), "did you mean 'revenue'"),
    "second indicator": (line(indicator="gap/revenu"), "indicator 'revenu' is unknown"),
    "three indicators": (line(indicator="gap/gap/gap"), "a quotient of two"),
    "whole number": (line(indicator="month"), "indicator 'month' is unknown"),
    "form": (line(form="men"), "did you mean 'mean'"),
    "scale": (line(scale="log"), "did you mean 'log10'"),
    "no month": (line(last="2023"), "line 2, last: '2023' is not a month"),
    "no date": (line(last="2023-02-30"), "'2023-02-30' is not a date"),
    "month before the origin": (line(last="2022-12"), "last 2022-12 is outside 2023-01 to"),
    "month after all histories": (line(last="2123-01"), "last 2123-01 is outside"),
    "first before the origin": (line(form="sum", first="2022-12"), "first 2022-12 is outside"),
    "before the opening": (line(form="ratio", first="2022-11"), "outside 2022-12"),
    "first after last": (line(form="sum", first="2023-07"), "first 2023-07 lies after last 2023-06"),
    "no first": (line(form="sum"), "first: '' is not a month"),
    "no number": (line(value="much"), "value 'much' is not a number"),
    "empty": (line(naive=""), "naive '' is not a number"),
    "nan": (line(value="nan"), "finite"),
    "infinite": (line(naive_spread="inf"), "finite"),
    "negative error": (line(error="-0.1"), "error = -0.1 must be at least 0"),
    "no spread": (line(naive_spread="0"), "naive_spread = 0 must be above 0"),
    "value in logs": (line(value="0"), "value = 0 must be above 0"),
    "naive in logs": (line(naive="-1"), "naive = -1 must be above 0"),
    "no group": (line(group=""), "group must not be empty"),
    "short row": ("money,revenue", "line 2: has 2 cells, and the head has 10"),
    "quote": (f'"{line()}', "not a table in CSV"),
    "divides by zero": (line(indicator="capital_raised", form="ratio", first="2022-12"),
                        "line 2: ratio of capital_raised divides by zero"),
    "no flow before the first month": (
        line(indicator="research_spending", form="change", first="2022-12", scale="linear"),
        "the opening 2022-12 has none; begin in 2023-01 or later"),
    "a change of one month": (line(form="change", first="2023-06"), "a change needs two months"),
    "a ratio of one month": (line(form="ratio", first="2023-06"), "a ratio needs two months"),
    "a tiny error": (line(error="1e-320"), "must be 0 or at least 1e-12"),
    "an error of many decades": (line(naive_spread="400"), "at most 30 decades"),
    "below the floor": (line(value="2e5"), "value = 200000 must be at least 1e+06"),
    "digits apart": (line(value="1_000"), "'1_000' is not a number; write it like 1200"),
    "other digits": (line(value="\u0661\u0662"), "is not a number"),
    "a month in other digits": (line(last="\u0662\u0660\u0662\u0663-06"), "is not a month"),
    "near names": (line(indicator="capital"), "near are parent_capital, capital_raised"),
    "no near name": (line(indicator="qqqq"), "known are frontier_capability, follower_capability"),
    "a long cell": (line(form="x" * 10_000), "form 'xxx"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_bad_row_is_one_sentence(case: str, here, tmp_path) -> None:
    row, said = BAD[case]
    written(tmp_path / "o.csv", row)
    refused(here("--origin", "2023-01", "--observations", "o.csv", "--members", "2", "--out", "o"),
            said, "o.csv, line 2")  # fmt: skip
    assert [path.name for path in tmp_path.iterdir()] == ["o.csv"]


BAD_FILES = {
    "no file": (None, "cannot be read"),
    "empty": (b"", "is empty"),
    "blank": (b"\n \n", "is empty"),
    "head alone": (HEAD.encode(), "holds no row"),
    "bytes": (HEAD.encode() + b"\n\xff\xfe", "not a text in UTF-8"),
    "semicolons": (f"{HEAD}\n{line()}".replace(",", ";").encode(), "separated by semicolons"),
    "tabs": (f"{HEAD}\n{line()}".replace(",", "\t").encode(), "separated by tabs"),
    "sep": (f"sep=,\n{HEAD}\n{line()}".encode(), "remove the line 'sep='"),
    "capitals": (f"{HEAD.title()}\n{line()}".encode(), "'group' (did you mean 'Group'?)"),
    "own names": (f"{HEAD},low,won\n{line()},1,2".encode(), "itself: low, won; rename them"),
    "no name": (f"{HEAD},\n{line()},note".encode(), "column 11 has no name"),
    "many rows": (f"{HEAD}\n{line(form='men')}\n{line()}\n{line(value='much')}".encode(),
                  "2 faults. (1) o.csv, line 2: form 'men' is unknown (did you mean 'mean'?)"),
    "many lengths": (f"{HEAD}\n1,2\n{line()}\n1".encode(), "(2) line 4: has 1 cells"),
    "another format": (b'{"rows": []}', "the column 'group' is missing"),
    "missing column": (HEAD.removesuffix(",naive_spread").encode(), "'naive_spread' is missing"),
    "column twice": (f"{HEAD},value\n{line()},1".encode(), "'value' is there twice"),
    "seen": (f"{HEAD},seen\n{line()},perhaps".encode(), "allowed are yes, in sight, no"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_bad_file_is_one_sentence(case: str, here, tmp_path) -> None:
    content, said = BAD_FILES[case]
    if content is not None:
        (tmp_path / "o.csv").write_bytes(content)
    refused(here("--origin", "2023-01", "--observations", "o.csv", "--json"), said, "o.csv")


@pytest.mark.parametrize(("arguments", "said"), [
    (("--observations", "o.csv"), "needs --origin"),
    (("--origin", "2023", "--observations", "o.csv"), "origin: '2023' is not a month"),
    (("--origin", "2001-01", "--observations", "o.csv"), "no world begins there"),
    (("--origin", "2001-01"), "no observations come with Moat"),
    (("--origin", "2023-01", "--observations", "o.csv", "--members", "0"), "--members"),
    (("--origin", "2023-01", "--observations", "o.csv", "--seed", "-1"), "seed"),
    (("--origin", "2023-01", "--observations", "o.csv", "--workers", "-1"), "--workers"),
    (("--origin", "2023-01", "--observations", "o.csv", "--set", "gap"), "name=value"),
    (("--origin", "2023-01", "--observations", "o.csv", "--scenario", "no"), "scenario 'no'"),
    (("--origin", "2023-01", "--observations", "o.csv", "--out", "o.csv"), "--out"),
    (("--origin", "2023-01", "--observations", "o.csv", "--members", "2", "--out", "o.csv/o"),
     "cannot be written"),
])  # fmt: skip
def test_bad_arguments_are_one_sentence(arguments, said, here, tmp_path) -> None:
    written(tmp_path / "o.csv", line(last="2023-02" if "2023-01" in arguments else "2001-02"))
    refused(here(*arguments), said)
    assert [path.name for path in tmp_path.iterdir()] == ["o.csv"]


def refused(done: Done, *said: str) -> None:
    """One sentence, exit code 2, nothing on stdout."""
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("moat: ") and len(done.err.strip().splitlines()) == 1
    assert all(part in done.err for part in said), done.err


def test_the_empty_columns_of_a_spreadsheet_are_no_columns(tmp_path) -> None:
    file = written(tmp_path / "o.csv", line() + ",,", line() + ",", head=f"{HEAD},,")
    assert [row.more for row in read_observations(file, "2023-01")] == [{}, {}]


def test_a_world_of_ones_own_is_where_the_forecast_begins(here, tmp_path) -> None:
    written(tmp_path / "o.csv", line())
    text = world_path("2023-01").read_text(encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    asked = ("--origin", "2023-01", "--observations", "o.csv", "--members", "2", "--json")
    usual = here(*asked).out
    assert here(*asked, "--world", "mine.yaml").out == usual != ""
    refused(here(*asked, "--world", "2022-01"), "world '2022-01' begins in 2022-01")
    scenario = "name: mine\nworld: {}\nsummary: x\nparameters: {{}}\n"
    for world, said in ((tmp_path / "mine.yaml", ""), ("2024-01", "'2024-01' begins in 2024-01")):
        (tmp_path / "s.yaml").write_text(scenario.format(world))
        done = here(*asked, "--scenario", "s.yaml")
        if said:
            refused(done, said)
        else:
            assert done.out == usual, done.err


def test_dates_are_months_and_other_columns_are_kept(tmp_path) -> None:
    file = written(tmp_path / "o.csv", line(last="2023-06-30") + ",a,  b", head=f"{HEAD},x, source")
    [row] = read_observations(file, "2023-01")
    assert (row.last, row.more) == ("2023-06", {"x": "a", "source": "b"})


def test_the_defaults_are_what_the_priors_allow() -> None:
    """A forecast from 2025 is of the model that the rest of the product runs."""
    for belief in prior.beliefs("2025-01", learned=False):
        assert belief.low <= BY_NAME[belief.name].default <= belief.high, belief.name
