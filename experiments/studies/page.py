"""The pages of a study: what was asked and found, with tables and pictures beside them."""

from __future__ import annotations

from pathlib import Path

from experiments.report.files import Folder
from experiments.report.provenance import made_by
from experiments.report.render import render
from experiments.studies.lab import Lab
from experiments.studies.study import Findings, Study
from model.regimes import CRITERIA

PROVENANCE = "provenance.json"  # the manifest of a study
ROWS_SHOWN = 40  # of a table on the page; the file has all


def write_results(
    name: str, study: Study, findings: Findings, lab: Lab, out: Folder, command: str
) -> Path:
    """Write the pages, the tables and pictures beside them, and what made them."""
    made = made_by(command, ("numpy", "llvmlite", "pandas"))
    known = {
        "name": name, "study": study, "found": findings, "record": lab.record, "made": made,
        "rows_shown": ROWS_SHOWN, "quick": lab.quick,
    }  # fmt: skip
    kept = made | {"criteria": CRITERIA._asdict(), "histories": lab.record}
    for label, frame in findings.tables.items():
        out.csv(f"{label}.csv", frame, index=False, float_format="%.6g")
        frame.attrs = kept
        out.parquet(f"{label}.parquet", frame)
    for label, picture in findings.pictures.items():
        out.text(f"{label}.svg", picture.svg)
    out.text("README.md", render("experiment.md.j2", **known))
    page = f"{name}.html"
    out.text(page, render("experiment.html.j2", **known))
    out.finish(kept)
    return out.out / page
