"""Who is asked: seeds of the shipped scenarios, and what is read off their histories."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from model import Ensemble, Scenario
from model.ensemble import Runs
from model.graph import Roster, start_of
from model.run import Run
from world.calendar import months_until
from world.files.read import read_world
from world.parameters import BY_NAME
from world.tables import Tables

SEEDS = range(200)


@dataclass(frozen=True)
class Asked:
    """Seeds of the shipped scenarios, over another set of defaults if given."""

    seeds: Sequence[int] = SEEDS
    defaults: Mapping[str, float] = field(default_factory=dict)
    workers: int = 2

    def run(
        self, scenario: str, changed: Mapping[str, float] | None = None, until: str = "2040-12"
    ) -> Runs:
        """Run a scenario with some parameters changed; what it sets itself stands over defaults."""
        setting = Scenario.load(scenario)
        own = {n for n, value in setting.parameters.items() if value != BY_NAME[n].default}
        usual = {n: value for n, value in self.defaults.items() if n not in own}
        setting = setting.with_(**(usual | dict(changed or {})))
        return Ensemble(setting, self.seeds, until, workers=self.workers).run()

    def run_unwatched(self) -> Runs:
        """Run the baseline where no investor watches any developer."""
        setting = Scenario.load("baseline").with_(**self.defaults)
        graph = read_world(setting.world)
        edges = graph.edges(keys=True, data="kind")
        graph.remove_edges_from([(a, b, key) for a, b, key, kind in edges if kind == "watches"])
        return Ensemble(setting, self.seeds, graph=graph, workers=self.workers).run()

    def by_month(self, months: int) -> Iterator[tuple[int, Tables, Roster]]:
        """The baseline's state after each month: number of the seed, tables, who is who."""
        setting = Scenario.load("baseline").with_(**self.defaults)
        start = start_of(setting.world)
        run = Run(start.under(setting.parameters))
        for k, seed in enumerate(self.seeds):
            run.open(seed)
            for _ in range(months):
                run.run(1)
                yield k, run.tables, start.roster


def raised(found: Runs, until: str) -> Any:
    """Capital raised from the start through a month, by seed [USD]."""
    months = months_until(found.roster.start, until)
    return found.values["capital_raised"][:, :months].sum(axis=1)


def frontier(found: Runs, date: str) -> Any:
    """Frontier at a month's end, by seed [OOM]."""
    return found.values["frontier_capability"][:, months_until(found.roster.start, date) - 1]


def collapsed(found: Runs) -> Any:
    """Whether funding collapsed, by seed."""
    return np.asarray(found.regimes()["collapsed"])
