"""Where a study runs: its size, its store of histories, and a record of what was run."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from experiments.sweeps.design import Design
from experiments.sweeps.store import world_version
from experiments.sweeps.summaries import DEFAULT
from experiments.sweeps.sweep import Sweep
from model import Ensemble, Scenario
from model.ensemble import Runs
from world.files.read import read_world

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
    """

    out: Path
    quick: bool = False
    workers: int = 1
    record: list[dict[str, Any]] = field(default_factory=list)

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
        store = self.out / "store" / f"{label}{'_quick' if self.quick else ''}"
        sweep = Sweep(
            scenario, design, seeds, until, store=store, dates=dates, indicators=indicators,
            workers=self.workers, graph=graph,
        )  # fmt: skip
        with _bar(len(sweep), label) as bar:
            results = sweep.run(lambda done, total: bar.update(done - bar.n))
        self._note(label, scenario, sweep.seeds, until, sweep.graph, len(design))
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
        self._note(label, scenario, ensemble.seeds, until, graph, 1)
        return runs

    def each(self, label: str, items: Sequence[Any], one: Callable[[Any], Any]) -> list[Any]:
        """Do one thing after another, with progress (for histories with interventions)."""
        with _bar(len(items), label) as bar:
            found = []
            for item in items:
                found.append(one(item))
                bar.update()
        return found

    def note(
        self, label: str, scenario: Scenario, seeds: Sequence[int], until: str, points: int = 1
    ) -> None:
        """Record histories that a study ran by itself, in the scenario's world."""
        self._note(label, scenario, seeds, until, None, points)

    def _note(
        self, label: str, scenario: Scenario, seeds: Sequence[int], until: str, graph: Any, points: int
    ) -> None:
        world = graph if graph is not None else read_world(scenario.world)
        self.record.append({
            "part": label,
            "scenario": scenario.name,
            "points": points,
            "seeds": f"{min(seeds)}-{max(seeds)}",
            "histories": points * len(seeds),
            "until": until,
            "world": world.graph.get("name", scenario.world),
            "world_hash": world_version(world)[:12],
        })


def _bar(total: int, label: str) -> Any:
    from tqdm import tqdm

    return tqdm(total=total, desc=label, leave=False, disable=not sys.stderr.isatty())
