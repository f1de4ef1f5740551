"""The pages of a study: what was asked and found, with tables and pictures beside them."""

from __future__ import annotations

import json
import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jinja2
import numpy as np

from experiments.report.page import write_text
from experiments.studies.lab import Lab
from experiments.studies.study import Findings, Study
from world.compiled import rules_version

TEMPLATES = Path(__file__).parents[1] / "report" / "templates"
ROWS_SHOWN = 40  # of a table on the page; the file has all


def write_results(name: str, study: Study, findings: Findings, lab: Lab, command: str) -> Path:
    """Write the pages, then the tables and pictures beside them."""
    made = {
        "command": command,
        "rules": rules_version(),
        "moat": version("moat-lab"),
        "python": platform.python_version(),
        **{package: version(package) for package in ("numpy", "numba", "pandas")},
    }
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=False,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["figure"] = figure
    known = {
        "name": name, "study": study, "found": findings, "record": lab.record, "made": made,
        "rows_shown": ROWS_SHOWN, "quick": lab.quick,
    }  # fmt: skip
    for label, frame in findings.tables.items():
        write_text(lab.out / f"{label}.csv", frame.to_csv(index=False, float_format="%.6g"))
        partial = lab.out / f".{label}.parquet"
        frame.to_parquet(partial)
        os.replace(partial, lab.out / f"{label}.parquet")
    for label, picture in findings.pictures.items():
        write_text(lab.out / f"{label}.svg", picture.svg)
    write_text(lab.out / "provenance.json", json.dumps(made | {"histories": lab.record}, indent=1))
    write_text(lab.out / "README.md", environment.get_template("experiment.md.j2").render(known))
    page = lab.out / f"{name}.html"
    write_text(page, environment.get_template("experiment.html.j2").render(known))
    return page


def figure(value: Any) -> str:
    """Show a cell of a table."""
    if isinstance(value, (float, np.floating)):
        return "" if np.isnan(value) else f"{value:.3g}"
    return str(value)
