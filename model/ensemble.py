"""Many histories at once, by the compiled engine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any

import numpy as np

from model.asked import checked_scenario, checked_seeds, checked_shares, whole
from model.graph import Roster, read_start, start_of
from model.lanes import BATCH, Histories
from model.made import identity_of, start_hash
from model.regimes import CRITERIA, EVIDENCE, REGIMES, Criteria, classify
from model.rulebook import STANDARD, Rulebook
from model.scenario import Scenario
from world.calendar import month_label, month_number, months_until
from world.errors import InputError
from world.faults import meant, shown

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd


MEDIAN_BY = ("frontier_capability", "revenue", "equity", "hazard")


def as_bytes(rows: Any) -> Any:
    """Records as rows of bytes: NumPy copies those many times faster than field by field."""
    return rows.view(np.uint8).reshape(*rows.shape, -1)


class Ensemble:
    """Histories of one scenario over many seeds.

    Parameters
    ----------
    scenario : Scenario
    seeds : iterable of int
        Root seeds, each once.
    until : str
        Last month, e.g. ``"2040-12"``.
    graph : networkx.MultiDiGraph, optional
        Initial state instead of the scenario's world.
    every : int
        Keep the indicators of every so many months (and always the last).
    workers : int
        Threads; the compiled code releases the interpreter lock. The result
        does not depend on it.
    criteria : Criteria
        Thresholds of the regimes.
    rulebook : Rulebook

    Raises
    ------
    InputError
        Something that is no scenario, seed, month or whole number; a seed twice.
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
        rulebook: Rulebook = STANDARD,
    ) -> None:
        self.scenario = checked_scenario(scenario)
        self.seeds = checked_seeds(seeds)
        month_number(until, "until")
        self.until = until
        self.graph = graph
        self.every = whole(every, "every", 1)
        self.workers = whole(workers, "workers", 1)
        self.criteria = criteria
        self.rulebook = rulebook

    def run(self, progress: Callable[[int], None] | None = None) -> Runs:
        """Run all histories; `progress` is told the number finished after each batch."""
        if self.graph is None:
            read = start_of(self.scenario.world, self.rulebook)
        else:
            read = read_start(self.graph, self.rulebook)
        start, roster = read.under(self.scenario.parameters), read.roster
        months = months_until(roster.start, self.until)
        kept = np.unique(np.append(np.arange(self.every - 1, months, self.every), months - 1))
        count = len(self.seeds)
        values = np.empty((count, len(kept)), dtype=self.rulebook.indicator_type)
        regimes = np.empty((count, 2), dtype=np.int64)
        evidence = np.empty((count, len(EVIDENCE)))

        mine = threading.local()

        def some(members: slice) -> int:
            if not hasattr(mine, "histories"):
                mine.histories = Histories(start, months, count, self.rulebook)
            seeds = self.seeds[members]
            if len(kept) == months:
                indicators = mine.histories.run(seeds, values[members])
            else:
                indicators = mine.histories.run(seeds)
                as_bytes(values)[members] = as_bytes(indicators)[:, kept]
            kinds, onsets, evidence[members] = classify(
                indicators, self.criteria, roster.before
            )
            regimes[members] = np.column_stack([kinds, onsets])
            return len(seeds)

        self._spread(some, progress)
        self.start = start_hash(start, roster)
        return Runs(self, roster, months, kept, values, regimes, evidence)

    def _spread(
        self, some: Callable[[slice], int], progress: Callable[[int], None] | None
    ) -> None:
        batches = [slice(a, a + BATCH) for a in range(0, len(self.seeds), BATCH)]
        done = some(batches.pop(0))  # compiles, once, before threads start
        if progress:
            progress(done)
        if self.workers == 1:
            for members in batches:
                done += some(members)
                if progress:
                    progress(done)
            return
        pool = ThreadPoolExecutor(self.workers)
        try:
            pending = {pool.submit(some, members) for members in batches}
            while pending:
                finished, pending = wait(pending, return_when=FIRST_COMPLETED)
                done += sum(future.result() for future in finished)
                if progress:
                    progress(done)
        finally:
            pool.shutdown(cancel_futures=True)  # after an error the batches that wait are not run


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
        self.rulebook = ensemble.rulebook
        self.roster = roster
        self.months = months
        self.kept = kept
        self.values = values
        self._regimes = regimes
        self._evidence = evidence

    def __len__(self) -> int:
        return len(self.seeds)

    def __repr__(self) -> str:
        return (
            f"<{len(self)} histories of scenario {self.scenario.name!r} in world "
            f"{self.identity()['world']!r} to {self.until}>"
        )

    def identity(self) -> dict[str, Any]:
        """All that decides these figures: world, scenario, seeds, criteria, versions (`model.made`)."""
        return identity_of(
            self.scenario, self.ensemble.start, self.seeds, self.until, self.ensemble.criteria,
            self.rulebook, self.graph is not None,
        )  # fmt: skip

    def seed_of(self, member: int) -> int:
        """Seed of a member; `InputError` if there is no such member."""
        number = member.item() if isinstance(member, np.generic) else member
        if type(number) is not int or not 0 <= number < len(self.seeds):
            raise InputError(
                f"ensemble member {shown(member)} does not exist; allowed are 0 to "
                f"{len(self.seeds) - 1}."
            )
        return self.seeds[number]

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
        """Quantiles over members: rows by date, columns (indicator, quantile).

        Raises
        ------
        InputError
            `q` is not several different numbers from 0 to 1.
        """
        import pandas as pd

        q = checked_shares(q)
        parts = {
            column.name: pd.DataFrame(
                np.quantile(self.values[column.name], q, axis=0).T, columns=list(q)
            )
            for column in self.rulebook.indicators
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
        known = [column.name for column in self.rulebook.indicators]
        indicators = (indicators,) if isinstance(indicators, str) else indicators
        for name in indicators:
            if name not in known:
                raise InputError(f"indicator {shown(name)} is unknown{meant(name, known)}.")
        distance = np.zeros(len(self))
        for name in indicators:
            paths = np.log1p(np.maximum(self.values[name].astype(float), 0.0))
            middle = np.median(paths, axis=0)
            spread = np.maximum(paths.std(axis=0), 1e-12)
            distance += (np.abs(paths - middle) / spread).mean(axis=1)
        return int(distance.argmin())
