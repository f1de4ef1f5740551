"""The shipped observations: what came after each origin, and what a naive rule said of it.

`python -m experiments.backtest.naive` writes `observed/*.csv` from world/facts/series.csv.

1. A figure told on the first of a month is that of the end of the month before: of January 2023
   it is the month 2022-12, which is the opening of a forecast from 2023-01. Yearly sums and
   maxima are dated at the end of their year.
2. Three naive rules forecast a series in its scale (factors in log10): `last`, nothing changes;
   `growth`, the change of the last year goes on; `damped`, it goes on and halves each year, the
   next year's being the first half. Without a figure a year before the last, all say the last.
   What no figure can pass, no forecast does (`KEPT_WITHIN`).
3. A past error is forecast less figure, in the scale, of a forecast made one or more half-years
   before the origin for the same number of months; both its ends, and all it knew, are of months
   before the origin. Forecasts overlap. Yearly series have one a year.
4. Where a row has fewer than four past errors, those of its group are taken, its own among them;
   where the group has fewer than four, those of all groups. Only errors of one unit are put
   together: decades (log10 and OOM), shares, counts.
5. The rule is the one with the least mean absolute past error; of equals the simplest.
6. Its spread is the standard deviation of these errors about their mean, and at least the
   error of the figure from which it starts: also where there is no or one past error only.
7. The error of a figure is its 5-95 % interval over 2 x 1.645, in the scale; of a change or
   ratio, the root of the sum of both squares. A figure that repeats a row is left out.

What has been `seen`: the first year after an origin, by which variants of the rules were chosen, and
series whose level a prior was chosen by (yes); the second year stood on the same screen (in sight).
"""

from __future__ import annotations

import csv
import io
import math
import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from experiments.backtest.observations import COLUMNS, FOLDER
from world.calendar import month_label, month_number
from world.errors import InputError
from world.facts.table import FOLDER as FACTS
from world.facts.table import Fact, read_facts

ORIGINS = ("2022-01", "2023-01", "2024-01")
HORIZONS = (12, 24)  # months
SEEN_MONTHS = 12
SEEN_WHOLE = ("incidents", "export_control", "entries")  # series that priors were chosen by
MORE = ("series", "horizon_months", "rule", "known", "seen", "source")
RULES = ("last", "damped", "growth")  # from the simplest
STEP = 6  # months between past forecasts
FEWEST = 4  # past errors that need no company
TAIL = 1.645  # standard deviations to 5 and 95 %
KEPT_WITHIN = {
    "gap": (0.0, math.inf),
    "compute_premium": (1.0, math.inf),
    "leader_gross_margin": (-math.inf, 1.0),
    "leader_share": (0.0, 1.0),
    "concentration": (0.0, 1.0),
    "entries": (0.0, math.inf),
    "exits": (0.0, math.inf),
    "export_control": (0.0, 1.0),
}
DIGITS = {"error": ".3g", "naive_spread": ".3g"}  # of 6 elsewhere

Values = Mapping[int, float]
Errors = dict[str, list[float]]


class Scored(NamedTuple):
    """A series, the indicator it observes, and how: a row for each origin and horizon it reaches.

    `form` is that of the rows, or ``year sum`` and ``year max`` (over the year to the last month),
    ``total`` (the sum since the origin) or ``past`` (only lends its past errors to its group).
    """

    series: str
    group: str
    indicator: str
    form: str
    scale: str
    unit: str
    origins: str


SCORED = tuple(Scored(*(cell.strip() for cell in line.split("|"))) for line in """
revenue                | money      | revenue                | at       | log10  | decades | all
revenue                | money      | revenue                | ratio    | log10  | decades | all
leader_revenue         | money      | leader_revenue         | at       | log10  | decades | all
capital_raised         | money      | outside_equity         | year sum | log10  | decades | all
capital_raised_spread  | money      | outside_equity         | year sum | log10  | decades | all
capital_raised         | money      | outside_equity         | total    | log10  | decades | all
leader_value           | value      | leader_value           | at       | log10  | decades | all
leader_value           | value      | leader_value           | ratio    | log10  | decades | all
value_to_revenue       | value      | value_to_revenue       | at       | log10  | decades | all
supplier_value         | value      | supplier_value         | at       | log10  | decades | all
supplier_value         | value      | supplier_value         | ratio    | log10  | decades | all
frontier_published     | technology | frontier_capability    | at       | linear | decades | all
frontier_published     | technology | frontier_capability    | change   | linear | decades | all
largest_compute        | technology | largest_compute        | at       | linear | decades | all
largest_compute        | technology | largest_compute        | change   | linear | decades | all
run_cost               | technology | run_cost               | year max | log10  | decades | all
follower_capability    | imitation  | follower_capability    | at       | linear | decades | all
gap                    | imitation  | gap                    | at       | linear | decades | all
imitation_lag          | imitation  | imitation_lag          | at       | log10  | decades | all
fixed_compute_gpt3     | imitation  | fixed_compute          | past     | linear | decades | all
fixed_compute_gopher   | imitation  | fixed_compute          | change   | linear | decades | 2022-01
fixed_compute_flan_palm| imitation  | fixed_compute          | change   | linear | decades | 2023-01
fixed_compute_gpt4     | imitation  | fixed_compute          | change   | linear | decades | 2024-01
fixed_price_gpt3       | prices     | fixed_price            | past     | log10  | decades | all
fixed_price_gpt35      | prices     | fixed_price            | past     | log10  | decades | all
fixed_price_gpt4       | prices     | fixed_price            | ratio    | log10  | decades | 2024-01
compute_premium        | prices     | compute_premium        | at       | log10  | decades | all
leader_gross_margin    | prices     | leader_margin          | at       | linear | shares  | all
leader_share           | structure  | leader_revenue/revenue | at       | linear | shares  | all
concentration          | structure  | concentration          | at       | linear | shares  | all
entries                | structure  | entries                | year sum | linear | counts  | all
exits                  | structure  | exits                  | year sum | linear | counts  | all
export_control         | policy     | export_control         | at       | linear | shares  | all
incidents              | harm       | incidents              | year sum | log10  | decades | all
""".strip().splitlines())  # fmt: skip


class Told(NamedTuple):
    """The facts of each series, by the month whose end they tell of."""

    facts: Mapping[str, Mapping[int, Fact]]

    def values(self, series: str, until: int) -> dict[int, float]:
        """Figures of a series, of months before `until`."""
        return {month: fact.value for month, fact in self.facts[series].items() if month < until}


def read_series(path: Path = FACTS / "series.csv") -> Told:
    """Read the dated series.

    Raises
    ------
    InputError
        A line that is no fact, a month told twice, or a figure without its interval.
    """
    told: dict[str, dict[int, Fact]] = {}
    for fact in read_facts(path):
        month, at = month_of(fact.date), told.setdefault(fact.quantity, {})
        if month in at:
            raise InputError(f"{path.name}: {fact.quantity} has two figures of {named(month)}.")
        if not math.isfinite(fact.low):
            raise InputError(f"{path.name}: {fact.quantity} of {fact.date} has no low and high.")
        at[month] = fact
    return Told(told)


def month_of(day: date) -> int:
    """Number of the month that a figure of this day tells of."""
    return month_number(f"{day - timedelta(days=1):%Y-%m}")


def named(month: int) -> str:
    """Label of a month by its number."""
    return month_label("0000-01", month)


# --- naive forecasts -----------------------------------------------------------------------


def naive(values: Values, base: int, months: int, rule: str, scored: Scored) -> float:
    """Forecast a series that many months after the base, from figures up to it.

        scale(forecast) = scale(last) + k (scale(last) - scale(a year before)),
        k = 0 (last), years (growth), 1/2 + 1/4 + ... (damped)
    """
    into, out_of = scale_of(scored)
    last = into(values[base])
    change = last - into(values[base - 12]) if base - 12 in values else 0.0
    years = months // 12
    times = {"last": 0.0, "damped": 1.0 - 0.5**years, "growth": float(years)}[rule]
    least, most = KEPT_WITHIN.get(scored.series, (-math.inf, math.inf))
    return min(most, max(least, out_of(last + times * change)))


def scale_of(scored: Scored) -> tuple[Callable[[float], float], Callable[[float], float]]:
    """Into the scale, and out of it."""
    if scored.scale == "log10":
        return math.log10, lambda figure: 10.0**figure
    return float, float


def figure(scored: Scored, at: Callable[[int], float], base: int, months: int) -> float:
    """What a row asks for, of the figures `at` months after the base."""
    if scored.form == "total":
        return math.fsum(at(base + month) for month in range(12, months + 1, 12))
    if scored.form == "change":
        return at(base + months) - at(base)
    if scored.form == "ratio":
        return at(base + months) / at(base)
    return at(base + months)


def forecast(scored: Scored, values: Values, base: int, months: int, rule: str) -> float:
    """The naive forecast of a row."""
    return figure(
        scored, lambda month: naive(values, base, month - base, rule, scored), base, months
    )


# --- their past errors ---------------------------------------------------------------------


def past_errors(scored: Scored, values: Values, origin: int, months: int) -> Errors:
    """Errors of each rule that were known at the origin, in the scale."""
    into, _ = scale_of(scored)
    found: Errors = {rule: [] for rule in RULES}
    for base in range(origin - 1 - months, min(values, default=origin) - 1, -STEP):
        if all(base + month in values for month in range(0, months + 1, 12)):
            came = into(figure(scored, values.__getitem__, base, months))
            for rule in RULES:
                said = into(forecast(scored, values, base, months, rule))
                found[rule].append(said - came)
    return found


def known_errors(scored: Scored, told: Told, origin: int, months: int) -> Errors:
    """Past errors of a row: its own, or with its group's, or with those of all, if they are few."""
    own = past_errors(scored, told.values(scored.series, origin), origin, months)
    alike = [one for one in once(SCORED, scored) if one.unit == scored.unit]
    for company in ([], [one for one in alike if one.group == scored.group], alike):
        errors = {rule: list(own[rule]) for rule in RULES}
        for one in company:
            lent = past_errors(one, told.values(one.series, origin), origin, months)
            for rule in RULES:
                errors[rule] += lent[rule]
        if len(errors["last"]) >= FEWEST:
            break
    return errors


def once(rows: Iterable[Scored], but: Scored) -> Iterator[Scored]:
    """The first row of each other series."""
    met = {but.series}
    for row in rows:
        if row.series not in met:
            met.add(row.series)
            yield row


def best_rule(errors: Errors) -> str:
    """The rule with the least mean absolute error, of equals the simplest."""
    if not errors["last"]:
        return "last"
    return min(RULES, key=lambda rule: round(statistics.fmean(map(abs, errors[rule])), 9))


def spread_of(errors: list[float], least: float) -> float:
    """Standard deviation of errors, at least that of the figure the forecast starts from."""
    return max(least, statistics.stdev(errors)) if len(errors) > 1 else least


def error_of(scored: Scored, fact: Fact) -> float:
    """Standard deviation of a figure, in the scale."""
    into, _ = scale_of(scored)
    return (into(fact.high) - into(fact.low)) / (2.0 * TAIL)


# --- rows and files ------------------------------------------------------------------------


def rows_of(origin: str, told: Told) -> list[dict[str, Any]]:
    """Rows of the observations after an origin."""
    rows: list[dict[str, Any]] = []
    met = set()
    for scored in SCORED:
        for months in HORIZONS:
            row = row_of(scored, told, origin, months)
            if row:
                same = tuple(row[name] for name in ("indicator", "form", "first", "last", "value"))
                if same not in met:
                    rows.append(row)
                met.add(same)
    return rows


def row_of(scored: Scored, told: Told, origin: str, months: int) -> dict[str, Any]:
    """One row; empty where the origin or the end has no figure, or the row is not of this origin."""
    start = month_number(origin)
    base, end = start - 1, start - 1 + months
    facts = told.facts[scored.series]
    needed = range(base, end + 1, 12)
    if scored.form == "past" or scored.origins not in ("all", origin):
        return {}
    if any(month not in facts for month in needed):
        return {}
    errors = known_errors(scored, told, start, months)
    rule = best_rule(errors)
    ends = [facts[end], facts[base]] if scored.form in ("change", "ratio") else [facts[end]]
    known = told.values(scored.series, start)
    form, first = form_of(scored, base, end)
    return {
        "group": scored.group,
        "indicator": scored.indicator,
        "form": form,
        "first": first,
        "last": named(end),
        "value": figure(scored, lambda month: facts[month].value, base, months),
        "scale": scored.scale,
        "error": math.hypot(*(error_of(scored, fact) for fact in ends)),
        "naive": forecast(scored, known, base, months, rule),
        "naive_spread": spread_of(errors[rule], error_of(scored, facts[base])),
        "series": scored.series,
        "horizon_months": months,
        "rule": rule,
        "known": facts[end].known,
        "seen": "yes" if months <= SEEN_MONTHS or scored.series in SEEN_WHOLE else "in sight",
        "source": facts[end].source,
    }


def form_of(scored: Scored, base: int, end: int) -> tuple[str, str]:
    """Form of a row and its first month, which `at` does not need."""
    if scored.form == "at":
        return "at", ""
    if scored.form == "total":
        return "sum", named(base + 1)
    if scored.form.startswith("year "):
        return scored.form.removeprefix("year "), named(end - 11)
    return scored.form, named(base)


def text_of(origin: str, told: Told) -> str:
    """The file of an origin."""
    text = io.StringIO()
    table = csv.DictWriter(text, (*COLUMNS, *MORE), lineterminator="\n")
    table.writeheader()
    for row in rows_of(origin, told):
        table.writerow({name: format(cell, DIGITS.get(name, ".6g")) if isinstance(cell, float)
                        else cell for name, cell in row.items()})  # fmt: skip
    return text.getvalue()


def main(folder: Path = FOLDER) -> None:
    """Write the files of all origins."""
    told = read_series()
    folder.mkdir(exist_ok=True)
    for origin in ORIGINS:
        (folder / f"{origin}.csv").write_text(text_of(origin, told), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
