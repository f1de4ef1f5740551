"""The report: one page that needs nothing but itself, and tables beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from experiments.analysis.compare import ROWS, Comparison, collapse_range, table
from experiments.report.files import Folder, file_name
from experiments.report.manifest import Asked, manifest
from experiments.report.palette import INVESTOR_COLOUR, KIND_COLOURS
from experiments.report.pictures import graph_picture, paths_picture, shares_picture, shock_picture
from experiments.report.render import render
from experiments.report.story import important
from model import Market
from world.kinds import DEVELOPER_KINDS


def answer(found: Sequence[Comparison]) -> list[str]:
    """What the figures say, in plain sentences."""
    sentences = []
    for comparison in found:
        shares = comparison.runs.shares()
        parts = [f"{regime} {share:.0%}" for regime, share in shares.items() if share > 0]
        collapsed, least, most = collapse_range(comparison.runs)
        sentences.append(
            f"{comparison.scenario.name}: {', '.join(parts)}; funding collapsed in {collapsed:.0%} "
            f"({least:.0%} to {most:.0%} over other thresholds), whatever came after. "
            + _of_the_release(comparison)
        )
    return sentences


def _of_the_release(comparison: Comparison) -> str:
    """What the month of the cheap release does."""
    rows = comparison.shock[comparison.shock["month"] == 0].set_index("indicator")
    if rows.empty:
        return "There is no cheap release in these histories."
    said = []
    whose = {"supplier_value": "the supplier's value", "equity": "all developers' value"}
    for name, what in whose.items():
        if name in rows.index:
            said.append(f"{what} by {rows['median'][name]:+.1f} %")
    unknown = int(rows["without"].max())
    counted = f" ({unknown} histories have no value to compare)" if unknown else ""
    return (
        "In the month of the release, against the same history without it, differ "
        f"{' and '.join(said) or 'no figures'}{counted}."
    )


def provenance(
    found: Sequence[Comparison], command: str, asked: Mapping[str, Asked] | None = None
) -> dict[str, Any]:
    """What made the report: versions, scenarios, seeds."""
    runs = found[0].runs
    described = {
        c.scenario.name: {
            **c.described, "median_member": c.member, "replay_equals_ensemble": bool(c.same)
        } for c in found
    }  # fmt: skip
    return manifest(
        command, described, asked or {}, (runs.seeds[0], runs.seeds[-1]), runs.until,
        runs.ensemble.criteria,
    )  # fmt: skip


def write_report(
    found: Sequence[Comparison],
    out: Path | Folder,
    command: str,
    asked: Mapping[str, Asked] | None = None,
) -> Path:
    """Write the page and the tables beside it, all or none; return the page's path."""
    if isinstance(out, Path):
        with Folder(out) as folder:
            return write_report(found, folder, command, asked)
    graphs = {}
    for comparison in found:
        opening = Market(comparison.scenario, seed=comparison.runs.seed_of(comparison.member))
        graphs[comparison.scenario.name] = graph_picture(opening, comparison.market)
    made = provenance(found, command, asked)
    shares, medians = shares_picture(found), table(found)
    stories = {comparison.scenario.name: comparison.market.story() for comparison in found}
    page = render(
        "report.html.j2",
        found=found,
        answer=answer(found),
        shares=shares,
        shock=shock_picture(found),
        paths={name: paths_picture(found, name) for name in ROWS},
        graphs=graphs,
        starts=sorted({comparison.runs.roster.start for comparison in found}),
        stories={name: important(story) for name, story in stories.items()},
        table=medians.to_dict("records"),
        provenance={k: v for k, v in made.items() if k != "scenarios"},
        colours={**{kind: KIND_COLOURS[kind] for kind in DEVELOPER_KINDS}, "investor": INVESTOR_COLOUR},
    )
    out.text("report.html", page)
    out.text("regimes.svg", shares)
    out.csv("table.csv", medians, index=False)
    for comparison in found:
        name = file_name(comparison.scenario.name)
        indicators = comparison.runs.frame()
        indicators.attrs = medians.attrs
        out.csv(f"regimes_{name}.csv", comparison.runs.regimes(), index=False)
        out.csv(f"story_{name}.csv", stories[comparison.scenario.name], index=False)
        out.csv(f"months_{name}.csv", comparison.market.frame())
        out.parquet(f"indicators_{name}.parquet", indicators)
    out.finish(made)
    return out.out / "report.html"
