"""Many histories at once, by the compiled engine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any

import numpy as np

from model.graph import Roster, empty_indicators, read_graph
from model.observe import INDICATOR_TYPE, INDICATORS
from model.regimes import CRITERIA, EVIDENCE, REGIMES, Criteria, classify
from model.scenario import Scenario
from model.schedule import open_history, run_history
from world.bound import bind
from world.calendar import month_label, months_until
from world.errors import InputError
from world.files.read import read_world
from world.noise import Noise, checked_seed
from world.state import DRAWS, Tables, copy_tables

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd


def drawn(template: Tables, seed: int) -> tuple[Tables, Noise]:
    """Copy a template and draw the noise of a history's opening."""
    tables = copy_tables(template)
    noise = Noise(seed, tables)
    noise.fill(tables, tuple(DRAWS))
    return tables, noise


def remember_opening(tables: Tables) -> None:
    """Keep the values of the opening that later months are compared with."""
    tables.economy["equity_start"][0] = tables.economy["equity"][0]
    tables.economy["hazard_norm"][0] = tables.economy["hazard"][0]


def opened(template: Tables, seed: int) -> tuple[Tables, Noise]:
    """Copy a template and open a history on it: character and values drawn from the seed."""
    tables, noise = drawn(template, seed)
    open_history(bind(tables))
    remember_opening(tables)
    return tables, noise


class Stage:
    """One set of tables on which histories are played, one after another.

    Parameters
    ----------
    template : Tables
        The state before the opening; copied, never changed.
    """

    def __init__(self, template: Tables) -> None:
        self.tables = copy_tables(template)
        self._bound = bind(self.tables)
        # What lies beyond the counts of entries and events is never read.
        self._pairs = [
            (mine.view(np.uint8), theirs.view(np.uint8))
            for name, mine, theirs in zip(Tables._fields, self.tables, template, strict=True)
            if name not in ("entries", "events") and mine.size
        ]

    def play(self, seed: int, months: int, indicators: Any) -> None:
        """Play one history from its opening; fills `indicators`, one row a month."""
        for mine, theirs in self._pairs:
            np.copyto(mine, theirs)
        noise = Noise(seed, self.tables)
        noise.fill(self.tables, tuple(DRAWS))
        open_history(self._bound)
        remember_opening(self.tables)
        run_history(self._bound, months, noise.blocks(months), indicators)


def simulate(template: Tables, seed: int, months: int) -> tuple[Tables, Any]:
    """Run one history in the compiled engine.

    Returns
    -------
    Tables
        The state at the end.
    record array
        The indicators, one row a month.
    """
    stage = Stage(template)
    indicators = empty_indicators(months)
    stage.play(seed, months, indicators)
    return stage.tables, indicators


MEDIAN_BY = ("frontier_capability", "revenue", "equity", "hazard")


class Ensemble:
    """Histories of one scenario over many seeds.

    Parameters
    ----------
    scenario : Scenario
    seeds : iterable of int
    until : str
        Last month, e.g. ``"2040-12"``.
    graph : networkx.MultiDiGraph, optional
        Initial state instead of the scenario's world.
    every : int
        Keep the indicators of every so many months (and always the last).
    workers : int
        Threads; the compiled code releases the interpreter lock. The result
        does not depend on it.
    """

    def __init__(
        self,
        scenario: Scenario,
        seeds: Iterable[int],
        until: str = "2040-12",
        graph: nx.MultiDiGraph | None = None,
        every: int = 1,
        workers: int = 1,
        criteria: Criteria = CRITERIA,
    ) -> None:
        if every < 1:
            raise InputError(f"ensemble: every = {every} must be at least 1 month.")
        self.scenario = scenario
        self.seeds = [checked_seed(seed) for seed in seeds]
        if not self.seeds:
            raise InputError("ensemble: at least one seed is needed.")
        self.until = until
        self.graph = graph
        self.every = every
        self.workers = max(1, workers)
        self.criteria = criteria

    def run(self, progress: Callable[[int], None] | None = None) -> Runs:
        """Run all histories; `progress` is told the number finished after each batch."""
        world = self.graph if self.graph is not None else read_world(self.scenario.world)
        template, roster = read_graph(world, self.scenario.parameters)
        months = months_until(roster.start, self.until)
        kept = np.unique(np.append(np.arange(self.every - 1, months, self.every), months - 1))
        values = np.empty((len(self.seeds), len(kept)), dtype=INDICATOR_TYPE)
        regimes = np.empty((len(self.seeds), 2), dtype=np.int64)
        evidence = np.empty((len(self.seeds), len(EVIDENCE)))

        stages = threading.local()

        def one(member: int) -> None:
            if not hasattr(stages, "stage"):
                stages.stage = Stage(template)
                stages.indicators = empty_indicators(months)
            indicators = stages.indicators
            stages.stage.play(self.seeds[member], months, indicators)
            values[member] = indicators[kept]
            regimes[member] = classify(indicators, months, self.criteria, evidence[member])

        one(0)  # compiles, once, before threads start
        self._spread(one, progress)
        return Runs(self, roster, months, kept, values, regimes, evidence)

    def _spread(self, one: Callable[[int], None], progress: Callable[[int], None] | None) -> None:
        batches = [
            range(a, min(a + 16, len(self.seeds))) for a in range(1, len(self.seeds), 16)
        ]

        def batch(members: range) -> int:
            for member in members:
                one(member)
            return len(members)

        done = 1
        if progress:
            progress(done)
        if self.workers == 1:
            for members in batches:
                done += batch(members)
                if progress:
                    progress(done)
            return
        with ThreadPoolExecutor(self.workers) as pool:
            pending = {pool.submit(batch, members) for members in batches}
            while pending:
                finished, pending = wait(pending, return_when=FIRST_COMPLETED)
                done += sum(future.result() for future in finished)
                if progress:
                    progress(done)


class Runs:
    """Results of an ensemble.

    Attributes
    ----------
    values : record array, shape (members, kept months)
    """

    def __init__(
        self,
        ensemble: Ensemble,
        roster: Roster,
        months: int,
        kept: Any,
        values: Any,
        regimes: Any,
        evidence: Any,
    ) -> None:
        self.ensemble = ensemble
        self.scenario = ensemble.scenario
        self.seeds = ensemble.seeds
        self.until = ensemble.until
        self.graph = ensemble.graph
        self.roster = roster
        self.months = months
        self.kept = kept
        self.values = values
        self._regimes = regimes
        self._evidence = evidence

    def __len__(self) -> int:
        return len(self.seeds)

    def seed_of(self, member: int) -> int:
        """Seed of a member; `InputError` if there is no such member."""
        if not 0 <= member < len(self.seeds):
            raise InputError(
                f"ensemble member {member} does not exist; allowed are 0 to {len(self.seeds) - 1}."
            )
        return self.seeds[member]

    def dates(self) -> list[str]:
        """Labels of the kept months, e.g. ``"2025-01"``."""
        return [month_label(self.roster.start, int(month)) for month in self.kept]

    def frame(self) -> pd.DataFrame:
        """Tidy table: one row a seed and kept month, one column an indicator."""
        import pandas as pd

        flat = pd.DataFrame.from_records(self.values.reshape(-1))
        flat.insert(0, "date", np.tile(self.dates(), len(self)))
        flat.insert(0, "seed", np.repeat(self.seeds, len(self.kept)))
        return flat

    def regimes(self) -> pd.DataFrame:
        """One row a seed: regime, month of onset, evidence."""
        import pandas as pd

        frame = pd.DataFrame(self._evidence, columns=list(EVIDENCE))
        onset = self._regimes[:, 1]
        labels = [month_label(self.roster.start, int(m)) if m >= 0 else "" for m in onset]
        frame.insert(0, "onset", labels)
        frame.insert(0, "regime", [REGIMES[k] for k in self._regimes[:, 0]])
        frame.insert(0, "seed", self.seeds)
        return frame

    def shares(self) -> pd.Series:
        """Share of histories in each regime."""
        import pandas as pd

        counts = np.bincount(self._regimes[:, 0], minlength=len(REGIMES)) / len(self)
        return pd.Series(counts, index=list(REGIMES), name="share")

    def quantiles(self, q: tuple[float, ...] = (0.05, 0.5, 0.95)) -> pd.DataFrame:
        """Quantiles over members: rows by date, columns (indicator, quantile)."""
        import pandas as pd

        parts = {
            column.name: pd.DataFrame(
                np.quantile(self.values[column.name], q, axis=0).T, columns=list(q)
            )
            for column in INDICATORS
        }
        frame = pd.concat(parts, axis=1)
        frame.columns.names = ["indicator", "quantile"]
        frame.index = pd.Index(self.dates(), name="date")
        return frame

    def median_member(self, indicators: tuple[str, ...] = MEDIAN_BY) -> int:
        """The member whose whole paths are nearest to the median in the named indicators.

        Distance is the mean absolute deviation from the median path in units of
        the members' spread.
        """
        distance = np.zeros(len(self))
        for name in indicators:
            paths = np.log1p(np.maximum(self.values[name].astype(float), 0.0))
            middle = np.median(paths, axis=0)
            spread = np.maximum(paths.std(axis=0), 1e-12)
            distance += (np.abs(paths - middle) / spread).mean(axis=1)
        return int(distance.argmin())
