"""A study conducted: found by its name, run, written down."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import Any

from experiments.report.files import Folder
from experiments.studies import witness
from experiments.studies.catalogue import STUDIES
from experiments.studies.lab import Lab
from experiments.studies.page import PROVENANCE, write_results
from experiments.studies.study import Findings, Study
from world.errors import InputError
from world.faults import meant


def load(name: str) -> Any:
    """Return the module of an experiment; `InputError` if there is none of that name."""
    if name not in STUDIES:
        raise InputError(
            f"experiment {name!r} is unknown{meant(name, STUDIES)}; allowed are {', '.join(STUDIES)}."
        )
    return import_module(f"experiments.studies.{name}")


def conduct(
    name: str, out: Path, quick: bool = False, workers: int | None = None
) -> tuple[Findings, Path]:
    """Run an experiment and write its page, tables and pictures.

    Returns
    -------
    Findings
    Path
        The page (HTML); beside it a Markdown page, SVG, CSV and Parquet files, and the
        witnesses by which is seen whether the page is stale. All appear together; histories
        stay in ``store``, so that a study that was stopped goes on.
    """
    module = load(name)
    study: Study = module.STUDY
    command = f"moat experiment {name}{' --quick' if quick else ''}"
    with Folder(out, PROVENANCE) as folder:
        lab = Lab(out, quick, workers or os.cpu_count() or 1, folder.draft)
        findings = module.run(lab)
        if list(findings.answers) != list(study.expected):
            raise RuntimeError(f"{name}: answers {list(findings.answers)} to {list(study.expected)}.")
        witness.keep(module, lab.witnesses, folder)
        return findings, write_results(name, study, findings, lab, folder, command)
