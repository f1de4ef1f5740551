"""Witnesses: a few histories of each part of a study, kept with all it takes to play them again.

A page of results stands as long as its witnesses are found again: no comment makes it
stale, and asking takes seconds where the study takes minutes. What a study does with its
histories is not asked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import networkx as nx
import numpy as np

from experiments.analysis.kept import differing
from experiments.report.files import Folder
from experiments.sweeps.store import world_version
from model import Scenario
from model.graph import read_graph
from model.identity import engine
from model.run import Run
from world.calendar import months_until
from world.files.read import read_world

FILE = "witnesses.json"


class Witness(NamedTuple):
    """One history of a part of a study.

    Attributes
    ----------
    part : str
    scenario : str
        Name of a shipped scenario.
    world : str
        Its name among the `worlds` of the study; a hash of the graph until it is kept.
    parameters : mapping
        Those that differ from the scenario's.
    seed : int
    until : str
        Last month.
    """

    part: str
    scenario: str
    world: str
    parameters: Mapping[str, float]
    seed: int
    until: str

    @classmethod
    def of(
        cls, part: str, scenario: Scenario, graph: nx.MultiDiGraph, seed: int, until: str
    ) -> Witness:
        """Describe a history."""
        usual = Scenario.load(scenario.name).parameters
        changed = {name: v for name, v in scenario.parameters.items() if v != usual[name]}
        return cls(part, scenario.name, world_version(graph), changed, int(seed), until)


def plain(part: str, scenario: Scenario, world: nx.MultiDiGraph, seed: int, months: int) -> Any:
    """Play a history without interventions; return its indicators."""
    return Run(read_graph(world, scenario.parameters)[0], seed).run(months)


def keep(study: Any, witnesses: Sequence[Witness], folder: Folder) -> None:
    """Play the witnesses of a study and write what they say beside its page."""
    names = {world_version(graph): name for name, graph in _worlds(study).items()}
    named = [witness._replace(world=names[witness.world]) for witness in witnesses]
    lines = []
    for witness, found in zip(named, _played(study, named), strict=True):
        figures = {name: found[name].tolist() for name in found.dtype.names}
        lines.append(json.dumps(witness._asdict() | {"figures": figures}))
    text = ",\n".join(lines)
    folder.text(FILE, f'{{"engine": "{engine()}", "witnesses": [\n{text}\n]}}\n')


def differences(study: Any, folder: Path) -> list[str]:
    """Say how the kept witnesses of a page differ from what the rules do now; empty if nowhere."""
    kept = json.loads((folder / FILE).read_text(encoding="utf-8"))
    exact = kept["engine"] == engine()
    figures = [entry.pop("figures") for entry in kept["witnesses"]]
    witnesses = [Witness(**entry) for entry in kept["witnesses"]]
    sentences = []
    for witness, old, found in zip(witnesses, figures, _played(study, witnesses), strict=True):
        wrong = differing(old, found, exact)
        sentences += [f"{witness.part}, seed {witness.seed}: {sentence}" for sentence in wrong]
    return sentences


def _played(study: Any, witnesses: Sequence[Witness]) -> Iterator[Any]:
    """Indicators of each history at the end of its years and of its last month.

    A study that intervenes in histories has a function `played` in place of `plain`.
    """
    worlds = _worlds(study)
    play = getattr(study, "played", plain)
    for witness in witnesses:
        world = worlds[witness.world]
        months = months_until(str(world.graph.get("start", "2025-01")), witness.until)
        scenario = Scenario.load(witness.scenario).with_(**witness.parameters)
        found = play(witness.part, scenario, world, witness.seed, months)
        yield np.asarray(found)[np.unique([*range(11, months, 12), months - 1])]


def _worlds(study: Any) -> dict[str, nx.MultiDiGraph]:
    """The shipped world, and those that a study makes: its function `worlds` returns them by name."""
    return {**getattr(study, "worlds", dict)(), "2025": read_world("2025")}
