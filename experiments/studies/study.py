"""A study: a question with its expectation, put to the model, answered on a page of results.

An experiment is a module of this package that holds `STUDY` (what is asked, what
was expected before any figure was seen, design, limits) and `run(lab)`, which
returns `Findings`. The answers are sentences computed from the figures; each
expectation is met, contradicted or left open by them.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import version as version_of
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import jinja2
import numpy as np
import pandas as pd

from experiments.report.page import write_text
from experiments.studies import witness
from experiments.sweeps.design import Design
from experiments.sweeps.store import world_version
from experiments.sweeps.summaries import DEFAULT
from experiments.sweeps.sweep import Sweep
from model import Ensemble, Scenario
from model.ensemble import Runs
from model.identity import version
from model.scenario import meant
from world.errors import InputError
from world.files.read import read_world

if TYPE_CHECKING:
    import networkx as nx

STUDIES = (
    "deepseek_shock",
    "phase_map",
    "appropriability",
    "takeoff",
    "public_sector",
    "misuse",
    "contagion",
    "sensitivity",
)
TEMPLATES = Path(__file__).parents[1] / "report" / "templates"
ROWS_SHOWN = 40  # of a table on the page; the file has all


@dataclass(frozen=True)
class Study:
    """What is asked, and what was expected before the first run.

    Attributes
    ----------
    title, question : str
    expected : mapping
        Hypotheses by a short key; `run` answers each.
    design, reading, limits : str
        What is varied and measured; how the figures answer; what they cannot say.
    """

    title: str
    question: str
    expected: Mapping[str, str]
    design: str
    reading: str
    limits: str


class Answer(NamedTuple):
    """What the figures say about one expectation; `held` is None if they leave it open."""

    held: bool | None
    sentence: str

    @property
    def verdict(self) -> str:
        """The verdict in a word."""
        return {True: "as expected", False: "contradicted", None: "open"}[self.held]


class Picture(NamedTuple):
    """A figure as inline SVG, and what it shows."""

    svg: str
    caption: str


@dataclass
class Findings:
    """What a study found.

    Attributes
    ----------
    headline : str
        The answer in one sentence with its figure.
    answers : dict of Answer
        By the keys of the study's expectations.
    tables : dict of DataFrame
    pictures : dict of Picture
    """

    headline: str
    answers: dict[str, Answer]
    tables: dict[str, pd.DataFrame]
    pictures: dict[str, Picture]


@dataclass
class Lab:
    """Where a study runs: its size, its store of histories, and a record of what was run.

    Parameters
    ----------
    out : Path
        Directory of the results; histories are kept in ``store`` in it, so that
        a stopped study goes on where it was.
    quick : bool
        The small size: same questions, few points and seeds.
    workers : int
        Processes.
    """

    out: Path
    quick: bool = False
    workers: int = 1
    record: list[dict[str, Any]] = field(default_factory=list)
    witnesses: list[witness.Witness] = field(default_factory=list)

    def size(self, full: Any, quick: Any) -> Any:
        """Choose between the full and the quick size of something."""
        return quick if self.quick else full

    def sweep(
        self,
        label: str,
        scenario: Scenario,
        design: Design,
        seeds: Iterable[int],
        until: str,
        indicators: Sequence[str] | str = DEFAULT,
        dates: Sequence[str] | None = None,
        graph: nx.MultiDiGraph | None = None,
    ) -> pd.DataFrame:
        """Run a design x seeds, or read it from the store.

        Returns
        -------
        DataFrame
            One row a (point, seed): parameters of the design, regime, onset,
            evidence, summaries (``revenue@2030-12``).
        """
        made = version()  # other rules have another store, so that a study can be run again
        name = f"{label}{'_quick' if self.quick else ''}-{made['rules'][:8]}{made['readings'][:8]}"
        store = self.out / "store" / name
        sweep = Sweep(
            scenario, design, seeds, until, store=store, dates=dates, indicators=indicators,
            workers=self.workers, graph=graph,
        )  # fmt: skip
        with _bar(len(sweep), label) as bar:
            results = sweep.run(lambda done, total: bar.update(done - bar.n))
        self.note(label, scenario, sweep.seeds, until, graph, design.points.to_dict("records"))
        if results.bad:
            point, why = next(iter(results.bad.items()))
            raise RuntimeError(f"{label}: design point {point} failed: {why}")
        return results.frame()

    def ensemble(
        self,
        label: str,
        scenario: Scenario,
        seeds: Iterable[int],
        until: str,
        graph: nx.MultiDiGraph | None = None,
    ) -> Runs:
        """Run one scenario over seeds and keep whole paths."""
        ensemble = Ensemble(scenario, seeds, until, graph=graph, workers=self.workers)
        with _bar(len(ensemble.seeds), label) as bar:
            runs = ensemble.run(lambda done: bar.update(done - bar.n))
        self.note(label, scenario, ensemble.seeds, until, graph)
        return runs

    def each(self, label: str, items: Sequence[Any], one: Callable[[Any], Any]) -> list[Any]:
        """Do one thing after another, with progress (for histories with interventions); `note` them."""
        with _bar(len(items), label) as bar:
            found = []
            for item in items:
                found.append(one(item))
                bar.update()
        return found

    def note(
        self, label: str, scenario: Scenario, seeds: Sequence[int], until: str,
        graph: nx.MultiDiGraph | None = None, points: Sequence[Mapping[str, float]] = ({},),
    ) -> None:  # fmt: skip
        """Record histories at points of a design; the first seed of both ends are its witnesses."""
        world = graph if graph is not None else read_world(scenario.world)
        for k in sorted({0, len(points) - 1}):
            varied = scenario.with_(**points[k])
            self.witnesses.append(witness.Witness.of(label, varied, world, seeds[0], until))
        self.record.append({
            "part": label,
            "scenario": scenario.name,
            "points": len(points),
            "seeds": f"{min(seeds)}-{max(seeds)}",
            "histories": len(points) * len(seeds),
            "until": until,
            "world": world.graph.get("name", scenario.world),
            "world_hash": world_version(world)[:12],
        })


def _bar(total: int, label: str) -> Any:
    from tqdm import tqdm

    return tqdm(total=total, desc=label, leave=False, disable=not sys.stderr.isatty())


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
        witnesses by which is seen whether the page is stale.
    """
    module = load(name)
    out.mkdir(parents=True, exist_ok=True)
    lab = Lab(out, quick, workers or os.cpu_count() or 1)
    findings = module.run(lab)
    study: Study = module.STUDY
    if list(findings.answers) != list(study.expected):
        raise RuntimeError(f"{name}: answers {list(findings.answers)} to {list(study.expected)}.")
    command = f"moat experiment {name}{' --quick' if quick else ''}"
    witness.keep(module, lab.witnesses, out)
    return findings, write_results(name, study, findings, lab, command)


def write_results(name: str, study: Study, findings: Findings, lab: Lab, command: str) -> Path:
    """Write the pages, then the tables and pictures beside them."""
    made = {
        "command": command,
        **version(),
        "python": platform.python_version(),
        **{package: version_of(package) for package in ("numpy", "numba", "pandas")},
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
