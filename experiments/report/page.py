"""The report: one page that needs nothing but itself, and tables beside it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.analysis.compare import ROWS, Comparison, collapse_range, table
from experiments.report.files import write_parquet, write_text
from experiments.report.palette import INVESTOR_COLOUR, KIND_COLOURS
from experiments.report.pictures import graph_picture, paths_picture, shares_picture, shock_picture
from experiments.report.provenance import made_by
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
        shock = comparison.shock[comparison.shock["month"] == 0].set_index("indicator")["median"]
        sentences.append(
            f"{comparison.scenario.name}: {', '.join(parts)}; funding collapsed in {collapsed:.0%} "
            f"({least:.0%} to {most:.0%} over other thresholds), whatever came after. In the month "
            f"of the release the supplier's value differs by {shock['supplier_value']:+.1f} % and "
            f"all developers' value by {shock['equity']:+.1f} % from the same history without it."
        )
    return sentences


def provenance(found: Sequence[Comparison], command: str) -> dict[str, Any]:
    """What made the report: versions, scenarios, seeds."""
    runs = found[0].runs
    return {
        **made_by(command, ("mesa", "numpy", "llvmlite", "pandas")),
        "seeds": [int(runs.seeds[0]), int(runs.seeds[-1])],
        "until": runs.until,
        "scenarios": {
            c.scenario.name: {
                "world": c.scenario.world,
                "parameters": dict(c.scenario.parameters),
                "median_member": c.member,
                "replay_equals_ensemble": c.same,
            }
            for c in found
        },
    }


def write_report(found: Sequence[Comparison], out: Path, command: str) -> Path:
    """Write the page and the tables beside it; return the page's path."""
    out.mkdir(parents=True, exist_ok=True)
    graphs = {}
    for comparison in found:
        opening = Market(comparison.scenario, seed=comparison.runs.seed_of(comparison.member))
        graphs[comparison.scenario.name] = graph_picture(opening, comparison.market)
    made = provenance(found, command)
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
        stories={name: important(story) for name, story in stories.items()},
        table=medians.to_dict("records"),
        provenance={k: v for k, v in made.items() if k != "scenarios"},
        colours={**{kind: KIND_COLOURS[kind] for kind in DEVELOPER_KINDS}, "investor": INVESTOR_COLOUR},
    )
    write_text(out / "report.html", page)
    write_text(out / "regimes.svg", shares)
    write_text(out / "manifest.json", json.dumps(made, indent=1))
    write_text(out / "table.csv", medians.to_csv(index=False))
    for comparison in found:
        name = comparison.scenario.name
        write_text(out / f"regimes_{name}.csv", comparison.runs.regimes().to_csv(index=False))
        write_text(out / f"story_{name}.csv", stories[name].to_csv(index=False))
        write_text(out / f"months_{name}.csv", comparison.market.frame().to_csv())
        write_parquet(out / f"indicators_{name}.parquet", comparison.runs.frame())
    return out / "report.html"
