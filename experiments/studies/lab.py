"""Where a study runs: its size, its store of histories, and a record of what was run."""

from __future__ import annotations

import functools
import glob
import io
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from tqdm import tqdm

from experiments.analysis.identity import scenario_version
from experiments.report.files import content_hash, file_name, write_bytes
from experiments.studies.witness import Witness
from experiments.sweeps.design import Design
from experiments.sweeps.store import world_version
from experiments.sweeps.summaries import DEFAULT
from experiments.sweeps.sweep import Sweep
from model import Ensemble, Scenario
from model.ensemble import Runs
from model.identity import version
from world.files.read import read_world
from world.folders import make_folder

if TYPE_CHECKING:
    import networkx as nx


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
    scratch : Path, optional
        Where files are that are not complete yet.
    """

    out: Path
    quick: bool = False
    workers: int = 1
    scratch: Path | None = None
    record: list[dict[str, Any]] = field(default_factory=list)
    witnesses: list[Witness] = field(default_factory=list)

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

    def readings(
        self,
        label: str,
        scenario: Scenario,
        seeds: Iterable[int],
        until: str,
        read: Callable[[Runs], pd.DataFrame],
        graph: nx.MultiDiGraph | None = None,
    ) -> pd.DataFrame:
        """Run one scenario over seeds and keep what is read off whole paths, a function of `Runs`."""
        ensemble = Ensemble(scenario, seeds, until, graph=graph, workers=self.workers)

        def make() -> pd.DataFrame:
            with _bar(len(ensemble.seeds), label) as bar:
                return read(ensemble.run(lambda done: bar.update(done - bar.n)))

        self.note(label, scenario, ensemble.seeds, until, graph)
        world = graph if graph is not None else read_world(scenario.world)
        return self.kept(label, make, dict(scenario.parameters), world_version(world),
                         ensemble.seeds, until)  # fmt: skip

    def kept(self, label: str, make: Callable[[], pd.DataFrame], *of: Any) -> pd.DataFrame:
        """A table made of histories: read from the store, or made and kept there.

        Parameters
        ----------
        label : str
        make : function
            Runs the histories and returns the table.
        of
            All that decides the table beside the code: parameters, world, seeds.

        Notes
        -----
        The name of the file is a hash of that, of the code and of its content: a table that
        other code made is not taken, and one that is damaged is set aside and made again.
        """
        key = content_hash(json.dumps([version(), _code(), of]).encode())[:16]
        name = f"{file_name(label)}{'_quick' if self.quick else ''}-{key}"
        store = self.out / "store"
        for path in sorted(store.glob(f"{glob.escape(name)}-*.parquet")):
            if path.stem == f"{name}-{content_hash(path.read_bytes())}":
                return pd.read_parquet(path)
            path.replace(path.with_suffix(".damaged"))
            tqdm.write(f"moat: {path}: is damaged; it is set aside and made again.", sys.stderr)
        make_folder(store)
        buffer = io.BytesIO()
        make().to_parquet(buffer)
        path = store / f"{name}-{content_hash(buffer.getvalue())}.parquet"
        write_bytes(path, buffer.getvalue(), self.scratch)
        return pd.read_parquet(path)

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
            self.witnesses.append(Witness.of(label, varied, world, seeds[0], until))
        self.record.append({
            "part": label,
            "scenario": scenario.name,
            "scenario_hash": scenario_version(scenario)[:12],
            "points": len(points),
            "seeds": f"{min(seeds)}-{max(seeds)}",
            "histories": len(points) * len(seeds),
            "until": until,
            "world": world.graph.get("name", scenario.world),
            "world_hash": world_version(world)[:12],
        })


@functools.cache
def _code() -> str:
    """Hash of the sources of all studies and of what they read histories with."""
    folder = Path(__file__).parents[1]
    files = sorted(path for room in ("studies", "analysis") for path in (folder / room).glob("*.py"))
    return content_hash(b"".join(path.read_bytes() for path in files))


def _bar(total: int, label: str) -> Any:
    return tqdm(total=total, desc=label, leave=False, disable=not sys.stderr.isatty())
