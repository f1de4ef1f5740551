"""Moat as a model of the EMA Workbench: its tools on our declarations and our engine.

Parameters appear as the workbench's uncertainties and levers by their declared
role, indicators and regimes as its outcomes.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from experiments.sweeps.design import Design
from experiments.sweeps.summaries import NAMES, Summaries
from model import Ensemble, Scenario
from model.regimes import FAILED, REGIMES
from world.calendar import months_until
from world.errors import InputError
from world.files.read import read_world
from world.parameters import PARAMETERS

try:
    with warnings.catch_warnings():
        # The workbench warns of every optional engine and chart library that is not installed.
        for category in (UserWarning, ImportWarning, DeprecationWarning, FutureWarning):
            warnings.filterwarnings("ignore", category=category, module=r"ema_workbench")
        from ema_workbench import Model, Policy, RealParameter, ScalarOutcome, perform_experiments
        from ema_workbench import Scenario as WorkbenchScenario
        from ema_workbench.analysis.prim import Prim
        from ema_workbench.em_framework.evaluators import BaseEvaluator
        from ema_workbench.em_framework.points import experiment_generator
except ModuleNotFoundError:
    raise InputError(
        "the EMA Workbench is not installed: install Moat with its extra `study`."
    ) from None

OWN_LEVERS = "own levers"
"""Name of the policy that changes nothing. The workbench calls it "None", which is read back from a
saved study as a missing value."""
ANY = 1e-9  # least density of PRIM's last box: every trajectory is of interest
_log = logging.getLogger(__name__)


def outcome_name(column: str) -> str:
    """Column of a sweep as the workbench can name it: ``revenue@2040-12`` is ``revenue_2040_12``."""
    return re.sub(r"\W", "_", column)


def regime_name(regime: str) -> str:
    """Outcome that is the share of histories in a regime."""
    return "regime_" + outcome_name(regime)


class Connector:
    """The market as the workbench sees it.

    Parameters
    ----------
    scenario : Scenario
        Values of the parameters that an experiment does not set.
    seeds : iterable of int
        Replications of every experiment; an outcome is its mean over them.
    until : str
    indicators : sequence of str
        Summaries (`experiments.sweeps.summaries`) at the last month; default every indicator.

    Attributes
    ----------
    model : ema_workbench.Model
        Works with any evaluator of the workbench, one history after another;
        `SweepEvaluator` runs them all at once.
    """

    def __init__(
        self,
        scenario: Scenario,
        seeds: Iterable[int] = (0,),
        until: str = "2040-12",
        indicators: Sequence[str] = NAMES,
    ) -> None:
        self.scenario, self.seeds, self.until = scenario, list(seeds), until
        self.indicators = list(indicators)
        start = str(read_world(scenario.world).graph["start"])
        self.summaries = Summaries(self.indicators, [until], start, months_until(start, until))
        self.model = Model("moat", function=self.one)
        self.model.uncertainties = declared("uncertainty")
        self.model.levers = declared("lever")
        self.model.outcomes = [
            ScalarOutcome(name)
            for name in [*map(outcome_name, self.summaries.columns), *map(regime_name, REGIMES)]
        ]

    def one(self, **values: float) -> dict[str, float]:
        """Run one experiment."""
        runs = Ensemble(self.scenario.with_(**values), self.seeds, self.until).run()
        kept = self.summaries.read(runs.values)
        frame = pd.DataFrame(kept, columns=self.summaries.columns)
        frame = frame.assign(point=0, regime=runs.regimes()["regime"])
        return self.outcomes(frame, 1)[0]

    def outcomes(self, rows: pd.DataFrame, points: int) -> list[dict[str, float]]:
        """Outcomes of points 0, 1, ..., from the rows of their seeds; NaN of a point without rows."""
        means = rows.groupby("point")[self.summaries.columns].mean().rename(columns=outcome_name)
        shares = pd.crosstab(rows["point"], rows["regime"], normalize="index")
        shares = shares.reindex(columns=list(REGIMES), fill_value=0.0).rename(columns=regime_name)
        return list(means.join(shares).reindex(range(points)).to_dict("records"))


def declared(role: str) -> list[Any]:
    """Parameters of a role as the workbench's, at their declared ranges."""
    return [
        RealParameter(p.name, p.low, p.high, default=p.default)
        for p in PARAMETERS
        if p.role == role
    ]


class SweepEvaluator(BaseEvaluator):  # type: ignore[misc]
    """Evaluate all experiments of the workbench by one sweep.

    Parameters
    ----------
    connector : Connector
    sweep : callable
        Runs ``(scenario, design, seeds, until, indicators)`` and returns the
        rows, for example ``lab.sweep`` with its label.
    """

    def __init__(self, connector: Connector, sweep: Any) -> None:
        super().__init__(connector.model)
        self.connector, self.sweep = connector, sweep

    def initialize(self) -> None:
        """Nothing to set up."""

    def finalize(self) -> None:
        """Nothing to take down."""

    def evaluate_experiments(
        self, scenarios: Any, policies: Any, callback: Any, combine: str = "factorial"
    ) -> None:
        """Run the experiments and hand each outcome back, in order.

        A point that failed has NaN for outcomes, and the log says which.
        """
        known = self.connector
        experiments = list(experiment_generator(scenarios, self._msis, policies, combine=combine))
        points = [{**e.scenario, **e.policy} for e in experiments]
        rows = self.sweep(
            known.scenario, Design.of(points), known.seeds, known.until, known.indicators
        )
        failed = sorted(set(range(len(points))) - set(rows["point"]))
        if failed:
            _log.warning("%d of %d experiments failed and have no outcomes (NaN): %s%s.",
                         len(failed), len(points), ", ".join(map(str, failed[:10])),
                         " and more" if len(failed) > 10 else "")  # fmt: skip
        for experiment, outcomes in zip(experiments, known.outcomes(rows, len(points)), strict=True):
            if experiment.policy.name == "None":
                experiment.policy.name = OWN_LEVERS
            callback(experiment, outcomes)


def experiments(
    connector: Connector, design: Design, sweep: Any
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Run a design over uncertainties as the workbench's scenarios, in one sweep.

    Returns
    -------
    DataFrame, dict of ndarray
        What `ema_workbench.perform_experiments` returns: the experiments and their outcomes.
    """
    points = design.points.to_dict("index")
    scenarios = [WorkbenchScenario(k, **values) for k, values in points.items()]
    return perform_experiments(  # type: ignore[no-any-return]
        connector.model, scenarios, Policy(OWN_LEVERS),
        evaluator=SweepEvaluator(connector, sweep), log_progress=True,
    )  # fmt: skip


def is_failure(outcomes: Mapping[str, Any]) -> Any:
    """Whether most histories of an experiment failed: slowdown or funding collapse."""
    return sum(outcomes[regime_name(regime)] for regime in FAILED) >= 0.5


def peeled(x: pd.DataFrame, cases: Any, mass: float = 0.05) -> tuple[pd.DataFrame, list[Any]]:
    """Peel boxes off by the workbench's PRIM (Friedman and Fisher 1999).

    Returns
    -------
    DataFrame
        The trajectory: coverage, density, mass and restricted parameters of each box.
    list of dict
        Limits of each box, by the parameters it restricts.

    Raises
    ------
    InputError
        Cases that are missing, or none or all of interest (`of_interest`).
    """
    chosen = of_interest(x, cases).astype(int)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"(ema_workbench|pandas|scipy|numpy)\b")
        box = Prim(x, chosen, threshold=ANY, mass_min=mass).find_box()
    whole = box.box_lims[0]
    limits = []
    for lims in box.box_lims:
        moved = [c for c in lims if list(lims[c]) != list(whole[c])]
        limits.append({c: (float(lims[c].iloc[0]), float(lims[c].iloc[1])) for c in moved})
    return box.peeling_trajectory, limits


def of_interest(points: pd.DataFrame, found: Any) -> Any:
    """Cases of interest among points, for PRIM, as an array of bool.

    Raises
    ------
    InputError
        Not one a point; missing, infinite or other than 0 and 1; none or all of interest.
    """
    known = np.asarray(found, dtype=float)
    for what, values in (("points", points.to_numpy(dtype=float)), ("cases", known)):
        if missing := int((~np.isfinite(values)).sum()):
            raise InputError(
                f"PRIM, {what}: {missing} of {values.size} figures are missing or infinite."
            )
    if known.shape != (len(points),):
        raise InputError(f"PRIM: {len(points)} points, and cases of the shape {known.shape}.")
    if not np.isin(known, (0.0, 1.0)).all():
        raise InputError("PRIM: a case is of interest or not: allowed are True and False.")
    if known.min(initial=1.0) == known.max(initial=0.0) or len(known) == 0:
        every = "all" if known.any() else "none"
        raise InputError(f"PRIM: {every} of {len(known)} cases are of interest: there is no box.")
    return known.astype(bool)


def inside(x: pd.DataFrame, limits: Mapping[str, tuple[float, float]]) -> Any:
    """Which points lie in a box."""
    found = np.ones(len(x), dtype=bool)
    for name, (low, high) in limits.items():
        found &= x[name].between(low, high).to_numpy()
    return found
