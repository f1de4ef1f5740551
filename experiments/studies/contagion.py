"""How does the failure of a lab travel through stakes, syndicates and beliefs?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from experiments.analysis.debtrank import rank_of
from experiments.analysis.statistics import Interval, bootstrap
from experiments.report.drawing import band, labels, panels, svg
from experiments.report.palette import INK, PALETTE
from experiments.studies.counterfactual import Levers, failure, lever, play, rewired
from experiments.studies.deepseek_shock import releaser
from experiments.studies.lab import Lab
from experiments.studies.study import Answer, Findings, Picture, Study
from experiments.sweeps.store import world_version
from model import Scenario
from model.graph import read_graph
from model.run import Act
from world.files.read import read_world
from world.files.synthetic import synthetic_world
from world.tables import Tables

if TYPE_CHECKING:
    import networkx as nx

STUDY = Study(
    order=7,
    title="Contagion",
    question="When a lab fails, who else loses: how likely is it that others fail or funding "
    "falls, how far does it reach, along which channel, and on which graph?",
    expected={
        "rivals": "Other developers gain in value in the first year: customers move to them (Lang "
        "and Stulz 1992: competition outweighs contagion where rivals are few).",
        "funding": "Capital raised by the others over the next two years falls.",
        "probability": "The failure of the largest lab is followed by another failure within three "
        "years, over and above its twin, in less than a fifth of histories.",
        "extent": "When it spreads it spreads far (robust yet fragile, Gai and Kapadia 2010): the "
        "mean number of further failures, given at least one, is at least two.",
        "channel": "Write-downs and the money that follows them (flow-performance) carry more of "
        "the fall in funding than syndicates' mood and beliefs do.",
        "graph": "A core-periphery graph spreads a failure less often but further than a random "
        "one.",
        "reference": "DebtRank ranks the labs' failures as the market does: rank correlation of at "
        "least 0.5 with the simulated fall of investors' book.",
    },
    design="In the 24th month a lab loses its money and leaves, by the market's own rule of exit; "
    "the twin history on the same noise keeps it. Labs: each of the most valuable ones. Channels "
    "are switched off one at a time. Graphs: the real one of 2025, its rewiring, and synthetic "
    "worlds of about its size. Reference: DebtRank in the corrected form of Bardoscia et al. "
    "(2015) on stakes and on dependence on investors' money.",
    reading="Probability: share of histories with more failures than their twin. Extent: mean "
    "number of further failures given at least one. Losses are differences to the twin in per "
    "cent; medians over seeds.",
    limits="Developers owe no debt in this market, so failures travel by value, money and mood, "
    "not by default. The heir of the failed lab's staff and customers is always there. DebtRank "
    "knows no competition: it cannot see gains.",
)

FAILURE = 24  # month in which the lab fails
FUNDED = 24  # months over which the others' funding is compared
SEEN = 36  # months over which further failures count
YEAR = 12
ALL_ON = "all on"
PAIRED = ", twin and failures"
CHANNELS: dict[str, dict[str, float]] = {  # switched off
    "no flows by performance": {"flow_performance": 0.0, "capital_response": 0.0},
    "no syndicate mood": {"herding": 0.0},
    "no shared beliefs": {"syndicate_weight": 0.0, "public_news": 0.0},
    "all off": {"flow_performance": 0.0, "capital_response": 0.0, "herding": 0.0,
                "syndicate_weight": 0.0, "public_news": 0.0},
}  # fmt: skip
MONEY, MOOD = ("no flows by performance",), ("no syndicate mood", "no shared beliefs")
LOSSES = {
    "rivals": "value of the other developers after a year [%]",
    "book": "investors' book after a year [%]",
    "funding": "capital raised by the others in two years [%]",
}


def run(lab: Lab) -> Findings:
    """Let labs fail, one at a time, beside twins in which they live."""
    baseline = Scenario.load("baseline")
    world = read_world(baseline.world)
    ranks = range(lab.size(6, 3))
    failures = failed_labs(lab, "labs", baseline, world, ranks)
    first = failures[failures["rank"] == 0]
    channels = by_channel(lab, baseline, world, first)
    graphs = by_graph(lab, baseline, world, first)
    table = pd.concat([summary(rows, ["lab"]) for _, rows in failures.groupby("rank")])
    return Findings(
        headline=headline(failures),
        answers=answers(failures, channels, graphs),
        tables={
            "labs": table,
            "channels": summary(channels, ["channel"]),
            "graphs": summary(graphs, ["graph"]),
            "reference": reference(failures),
        },
        pictures={
            "labs": Picture(labs_picture(failures, channels), "Left: what others lose or gain when "
                            "the lab of a rank by value fails (median, interval). Middle: the change "
                            "of the others' funding with channels switched off. Right: investors' loss "
                            "by DebtRank and simulated, one dot a failure."),
            "graphs": Picture(graphs_picture(graphs), "Failure of the most valuable lab by graph: "
                              "share of histories with more failures than their twin (open: with "
                              "fewer), and how many more, given any."),
        },
    )  # fmt: skip


# --- design --------------------------------------------------------------------------


def failed_labs(
    lab: Lab, label: str, scenario: Scenario, world: nx.MultiDiGraph, ranks: Any,
    channel: Mapping[str, float] | None = None,
) -> pd.DataFrame:  # fmt: skip
    """One row a seed and failed lab, by its rank in value, against the twin.

    A channel is switched off in both from the month of the failure, so that the
    history before is the same.
    """
    start, _ = read_graph(world, scenario.parameters)
    seeds = range(lab.size(120, 8))

    def one(seed: int) -> list[dict[str, Any]]:
        twin = Watched(start, seed, channel or {})
        return [
            twin.against(Watched(start, seed, channel or {}, failed=row), rank)
            for rank, row in enumerate(twin.labs) if rank in ranks
        ]  # fmt: skip

    def make() -> pd.DataFrame:
        return pd.DataFrame([row for found in lab.each(label, seeds, one) for row in found])

    lab.note(f"{label}{PAIRED}", scenario, seeds, "2029-12", world)
    return lab.kept(label, make, channel or {}, list(ranks), list(seeds),
                    dict(scenario.parameters), world_version(world))  # fmt: skip


class Watched:
    """One history with what is seen of developers and investors month by month."""

    def __init__(
        self, start: Tables, seed: int, channel: Mapping[str, float], failed: int | None = None
    ) -> None:
        self.seed = seed
        self.raised: list[Any] = []  # a row a month, a column a developer
        self.labs: list[int] = []  # rows, most valuable first
        self.ranks: list[float] = []  # their DebtRank

        def act(tables: Tables, market: Any) -> None:
            self.opens(tables)
            if failed is not None:
                failure(failed)(tables, market)

        acts: dict[int, Act | tuple[Act, Levers]] = {FAILURE: (act, lever(**channel))}
        for month in range(FAILURE + 1, FAILURE + FUNDED + 1):
            acts[month] = self.looks
        _, self.indicators = play(start, seed, FAILURE + SEEN, acts)
        self.exits = float(self.indicators["exits"][FAILURE:].sum())

    def opens(self, tables: Tables) -> None:
        """Just before the failure: who is worth most, and what DebtRank says of each."""
        developers = tables.developers
        live = (developers["alive"] == 1) & (developers["owned"] == 1)
        value = np.where(live, developers["valuation"], -1.0)
        order = np.argsort(-value, kind="stable")[: int(live.sum())]
        self.labs = [int(row) for row in order]
        self.ranks = [rank_of(tables, row) for row in self.labs[:10]]
        self.before = developers["alive"].copy() == 1

    def looks(self, tables: Tables, _: Any) -> None:
        """At the end of a month: money raised, and after a year values and the book."""
        self.raised.append(tables.developers["raised"].copy())
        if len(self.raised) == YEAR:
            self.values = np.where(self.before, tables.developers["valuation"], 0.0)
            self.book = float(tables.investors["book"].sum())

    def against(self, other: Watched, rank: int) -> dict[str, Any]:
        """How the history with a failure differs from this twin: the failed lab left out."""
        row = self.labs[rank]
        ours, theirs = (
            {
                "rivals": np.delete(history.values, row).sum(),
                "book": history.book,
                "funding": np.delete(np.array(history.raised), row, axis=1).sum(),
            }
            for history in (self, other)
        )
        losses = {
            name: 100.0 * (theirs[name] / ours[name] - 1.0) if ours[name] > 0.0 else np.nan
            for name in LOSSES
        }
        return {
            "seed": self.seed, "rank": rank, "lab": f"rank {rank + 1} by value", **losses,
            "further": other.exits - self.exits, "debtrank": 100.0 * self.ranks[rank],
        }  # fmt: skip


def by_channel(
    lab: Lab, baseline: Scenario, world: nx.MultiDiGraph, first: pd.DataFrame
) -> pd.DataFrame:
    """The most valuable lab fails, with channels off; `first` has them all on."""
    return pd.concat([first.assign(channel=ALL_ON), *(
        failed_labs(lab, name, baseline, world, (0,), channel).assign(channel=name)
        for name, channel in CHANNELS.items()
    )])  # fmt: skip


def by_graph(
    lab: Lab, baseline: Scenario, world: nx.MultiDiGraph, first: pd.DataFrame
) -> pd.DataFrame:
    """The most valuable lab fails, on other graphs; `first` is on the real one."""
    return pd.concat([first.assign(graph="real"), *(
        failed_labs(lab, f"graph {name}", baseline, graph, (0,)).assign(graph=name)
        for name, graph in made_graphs(world).items()
    )])  # fmt: skip


def made_graphs(world: nx.MultiDiGraph) -> dict[str, nx.MultiDiGraph]:
    """The graph rewired, and synthetic ones."""
    made = {"rewired": rewired(world)}
    for shape in ("random", "core_periphery"):
        made[shape] = synthetic_world(graph=shape)
        made[shape].graph["cheap_release_by"] = releaser(made[shape])
    return made


def worlds() -> dict[str, nx.MultiDiGraph]:
    """The worlds that the study makes, for its witnesses."""
    return made_graphs(read_world("2025"))


def played(part: str, scenario: Scenario, world: nx.MultiDiGraph, seed: int, months: int) -> Any:
    """Indicators of a history in which the most valuable lab fails, for the study's witnesses."""
    channel = CHANNELS.get(part.removesuffix(PAIRED), {})
    start = read_graph(world, scenario.parameters)[0]
    twin = Watched(start, seed, channel)
    return Watched(start, seed, channel, failed=twin.labs[0]).indicators


# --- reading -------------------------------------------------------------------------


def probability(rows: pd.DataFrame) -> Interval:
    """Share of histories with more failures than their twin."""
    return bootstrap(rows["further"] > 0, np.mean)


def extent(rows: pd.DataFrame) -> Interval:
    """Mean number of further failures, given at least one."""
    return bootstrap(rows["further"].where(rows["further"] > 0), np.mean)


def summary(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Losses, probability and extent, by what was varied."""
    found = []
    for key, group in rows.groupby(keys, sort=False):
        row: dict[str, Any] = dict(zip(keys, key, strict=True))
        for loss, meaning in LOSSES.items():
            middle = bootstrap(group[loss])
            row |= {meaning: middle.value, f"{loss} low": middle.low, f"{loss} high": middle.high}
        more, far = probability(group), extent(group)
        row |= {"share with more failures": more.value, "share low": more.low,
                "share high": more.high, "share with fewer": (group["further"] < 0).mean(),
                "mean difference": group["further"].mean(),
                "further, given any": far.value, "further low": far.low, "further high": far.high,
                "histories": len(group)}  # fmt: skip
        found.append(row)
    return pd.DataFrame(found)


def correlations(failures: pd.DataFrame) -> dict[str, Interval]:
    """Rank correlation of DebtRank with losses over the labs of a history; mean over seeds."""
    found = {}
    for loss in LOSSES:
        each = [
            rows["debtrank"].rank().corr(-rows[loss].rank())
            for _, rows in failures.groupby("seed")
            if rows[loss].notna().all() and rows["debtrank"].nunique() > 1
        ]
        found[loss] = bootstrap(each, np.mean)
    return found


def reference(failures: pd.DataFrame) -> pd.DataFrame:
    """DebtRank beside the simulated change, by rank of the failed lab; medians."""
    table = failures.groupby("lab", sort=False)[["debtrank", "book"]].median().reset_index()
    table.columns = ["lab", "DebtRank [% of investors' wealth]", "simulated change of the book [%]"]
    return table


def change_of_funding(channels: pd.DataFrame) -> dict[str, Interval]:
    """What others raise after the failure against the twin, with each channel off, in per cent."""
    return {
        str(name): bootstrap(rows["funding"])
        for name, rows in channels.groupby("channel", sort=False)
    }


def carried(channels: pd.DataFrame, names: tuple[str, ...]) -> Interval:
    """What channels add to the change, in points: all on less that one off, summed over them."""
    wide = channels.pivot(index="seed", columns="channel", values="funding")
    parts = [wide[ALL_ON] - wide[name] for name in names]
    return bootstrap(np.column_stack(parts), lambda each: float(np.median(each, axis=0).sum()))


def headline(failures: pd.DataFrame) -> str:
    """The answer in one sentence."""
    first = failures[failures["rank"] == 0]
    losses = {name: bootstrap(first[name]) for name in LOSSES}
    return (
        f"When the most valuable lab fails, other developers' value moves by "
        f"{losses['rivals'].said('{:+.1f}', ' %')} within a year and their funding by "
        f"{losses['funding'].said('{:+.1f}', ' %')} over two; {probability(first).value:.0%} of "
        f"histories see more failures than their twin and {(first['further'] < 0).mean():.0%} fewer."
    )


def answers(
    failures: pd.DataFrame, channels: pd.DataFrame, graphs: pd.DataFrame
) -> dict[str, Answer]:
    """Hold each expectation against the figures."""
    first = failures[failures["rank"] == 0]
    rivals, funding = bootstrap(first["rivals"]), bootstrap(first["funding"])
    more, far = probability(first), extent(first)
    fewer = (first["further"] < 0).mean()
    book = correlations(failures)["book"]
    return {
        "rivals": Answer(signed(rivals, 1), "Value of the other developers after a year: "
                         f"{rivals.said('{:+.1f}', ' %')} against the twin."),
        "funding": Answer(signed(funding, -1), "Capital raised by the others over two years: "
                          f"{funding.said('{:+.1f}', ' %')} against the twin."),
        "probability": Answer(beyond(more, 0.2, below=True), f"{more.said('{:.2f}')} of histories "
                              f"have more failures than their twin, {fewer:.2f} fewer."),
        "extent": Answer(beyond(far, 2.0), f"Further failures in the {more.value:.0%} of histories "
                         f"with any: {told(far)}."),
        "channel": channel_answer(channels),
        "graph": graph_answer(graphs),
        "reference": Answer(beyond(book, 0.5), "Rank correlation of DebtRank with the simulated "
                            f"fall of investors' book: {book.said('{:.2f}')}."),
    }  # fmt: skip


def signed(value: Interval, sign: int) -> bool | None:
    """Whether a change has the sign; None if its interval holds zero."""
    return None if value.sign == 0 else value.sign == sign


def beyond(value: Interval, level: float, below: bool = False) -> bool | None:
    """Whether a figure is at least (or below) a level; None if its interval holds the level."""
    if np.isnan(value.value) or value.low < level < value.high:
        return None
    return bool(value.value < level if below else value.value >= level)


def told(value: Interval) -> str:
    """A figure with its interval, or that no history has one."""
    return "none" if np.isnan(value.value) else value.said("{:.2f}")


def channel_answer(channels: pd.DataFrame) -> Answer:
    """Which channel carries more of the fall in funding."""
    changes = change_of_funding(channels)
    money, mood = carried(channels, MONEY), carried(channels, MOOD)
    apart = money.high < mood.low or mood.high < money.low
    held, doubt = None, " They cannot be told apart."
    if changes[ALL_ON].sign != -1:
        doubt = " There is no fall to attribute."
    elif apart:
        held, doubt = money.value < mood.value, ""
    listed = "; ".join(f"{name} {change.said('{:+.1f}')}" for name, change in changes.items())
    return Answer(held, f"Change of the others' funding [%]: {listed}. Write-downs and flows add "
                        f"{money.said('{:+.1f}')} points, mood and beliefs "
                        f"{mood.said('{:+.1f}')}.{doubt}")


def graph_answer(graphs: pd.DataFrame) -> Answer:
    """Core-periphery against random: how often and how far."""
    core, random = (graphs[graphs["graph"] == name] for name in ("core_periphery", "random"))
    often = [probability(rows) for rows in (core, random)]
    far = [extent(rows) for rows in (core, random)]
    apart = all(a.high < b.low or b.high < a.low for a, b in (often, far))
    held = bool(often[0].value < often[1].value and far[0].value > far[1].value)
    reverse = often[0].low > often[1].high or far[0].high < far[1].low
    return Answer(held if apart else False if reverse else None,
                  "Share of histories with more failures, and how many more: core-periphery "
                  f"{told(often[0])}, {told(far[0])}; random {told(often[1])}, {told(far[1])}.")


# --- pictures ------------------------------------------------------------------------


def labs_picture(failures: pd.DataFrame, channels: pd.DataFrame) -> str:
    """Losses by rank, channels, and DebtRank."""
    picture, (left, middle, right) = panels(3, 3.0)
    for k, loss in enumerate(LOSSES):
        found = [bootstrap(rows[loss]) for _, rows in failures.groupby("rank")]
        value, low, high = np.array(found).T
        band(left, np.arange(1, len(found) + 1), value, low, high, k, loss)
    left.axhline(0.0, color=INK, linewidth=0.6)
    labels(left, "rank of the failed lab by value", "change against the twin [%]", legend=True)
    left.set_xticks(range(1, len(found) + 1))
    changes = change_of_funding(channels)
    value, low, high = np.array(list(changes.values())).T
    middle.errorbar(value, list(changes), xerr=[value - low, high - value], fmt="o",
                    color=PALETTE[2], markersize=5)  # fmt: skip
    middle.axvline(0.0, color=INK, linewidth=0.6)
    middle.invert_yaxis()
    middle.tick_params(axis="y", labelsize=7)
    labels(middle, "change of the others' funding [%]")
    right.scatter(failures["debtrank"], -failures["book"], s=4, alpha=0.3, color=PALETTE[0],
                  linewidths=0, rasterized=True)  # fmt: skip
    labels(right, "DebtRank [% of wealth]", "simulated fall of the book [%]")
    return svg(picture)


def graphs_picture(graphs: pd.DataFrame) -> str:
    """Probability and extent by graph."""
    picture, (left, right) = panels(2, 2.2, sharey=True)
    names = list(graphs["graph"].unique())
    shown = [name.replace("_", "-") for name in names]
    for panel, measure in ((left, probability), (right, extent)):
        found = [measure(graphs[graphs["graph"] == name]) for name in names]
        value, low, high = np.array(found).T
        panel.errorbar(value, shown, xerr=[value - low, high - value], fmt="o", color=PALETTE[0],
                       markersize=5)  # fmt: skip
    fewer = [(graphs[graphs["graph"] == name]["further"] < 0).mean() for name in names]
    left.plot(fewer, shown, "o", color=PALETTE[1], markersize=5, fillstyle="none")
    labels(left, "share of histories with more failures")
    labels(right, "further failures, given any")
    return svg(picture)
