"""The pages of a study: what was asked and found, with tables and pictures beside them."""

from __future__ import annotations

import json
from pathlib import Path

from experiments.report.files import write_parquet, write_text
from experiments.report.provenance import made_by
from experiments.report.render import render
from experiments.studies.lab import Lab
from experiments.studies.study import Findings, Study

ROWS_SHOWN = 40  # of a table on the page; the file has all


def write_results(name: str, study: Study, findings: Findings, lab: Lab, command: str) -> Path:
    """Write the pages, then the tables and pictures beside them."""
    made = made_by(command, ("numpy", "llvmlite", "pandas"))
    known = {
        "name": name, "study": study, "found": findings, "record": lab.record, "made": made,
        "rows_shown": ROWS_SHOWN, "quick": lab.quick,
    }  # fmt: skip
    for label, frame in findings.tables.items():
        write_text(lab.out / f"{label}.csv", frame.to_csv(index=False, float_format="%.6g"))
        write_parquet(lab.out / f"{label}.parquet", frame)
    for label, picture in findings.pictures.items():
        write_text(lab.out / f"{label}.svg", picture.svg)
    write_text(lab.out / "provenance.json", json.dumps(made | {"histories": lab.record}, indent=1))
    write_text(lab.out / "README.md", render("experiment.md.j2", **known))
    page = lab.out / f"{name}.html"
    write_text(page, render("experiment.html.j2", **known))
    return page
