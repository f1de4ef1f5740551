"""Sensitivity indices of SALib, over designs that a `Sweep` can run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from experiments.analysis.statistics import LEVEL
from experiments.sweeps.design import Design
from world.errors import InputError
from world.parameters import BY_NAME

try:
    from SALib.analyze import morris as morris_analysis
    from SALib.analyze import sobol as sobol_analysis
    from SALib.sample import morris as morris_sample
    from SALib.sample import sobol as sobol_sample
except ModuleNotFoundError:
    raise InputError(
        "sensitivity indices need SALib: install Moat with its extra `study`."
    ) from None

LEVELS = 4  # of each parameter in a Morris design


def problem(names: Sequence[str]) -> dict[str, Any]:
    """SALib's description of parameters at their declared ranges."""
    bounds = [[BY_NAME[name].low, BY_NAME[name].high] for name in names]
    return {"num_vars": len(names), "names": list(names), "bounds": bounds}


def morris_design(names: Sequence[str], trajectories: int, seed: int = 0) -> Design:
    """Morris trajectories: each moves every parameter once, one at a time (Morris 1991)."""
    points = morris_sample.sample(problem(names), trajectories, num_levels=LEVELS, seed=seed)
    return _design(names, points)


def morris_effects(names: Sequence[str], design: Design, outcome: Any) -> pd.DataFrame:
    """Effects of parameters on an outcome, per range, in its standard deviations.

    Returns
    -------
    DataFrame
        `parameter`, `mu_star` (mean size; Campolongo et al. 2007), `interval`
        (half width) and `sigma` (how much an effect depends on the others).
    """
    outcome = np.asarray(outcome, dtype=float)
    spread = outcome.std()
    if spread == 0.0:
        nothing = np.zeros(len(names))
        return pd.DataFrame(
            {"parameter": names, "mu_star": nothing, "interval": nothing, "sigma": nothing}
        )
    found = morris_analysis.analyze(
        problem(names), design.points[list(names)].to_numpy(), outcome / spread,
        num_levels=LEVELS, conf_level=LEVEL, seed=0,
    )  # fmt: skip
    return pd.DataFrame({
        "parameter": names,
        "mu_star": np.asarray(found["mu_star"], dtype=float),
        "interval": np.asarray(found["mu_star_conf"], dtype=float),
        "sigma": np.asarray(found["sigma"], dtype=float),
    })


def sobol_design(names: Sequence[str], size: int, seed: int = 0) -> Design:
    """Saltelli's design of size * (parameters + 2) points (Saltelli 2002)."""
    points = sobol_sample.sample(problem(names), size, calc_second_order=False, seed=seed)
    return _design(names, points)


def sobol_indices(names: Sequence[str], outcome: Any) -> pd.DataFrame:
    """First-order and total indices of an outcome, each with the half width of its interval."""
    outcome = np.asarray(outcome, dtype=float)
    # SALib takes a seed of 0 for none: the intervals would differ from call to call.
    found = sobol_analysis.analyze(
        problem(names), outcome, calc_second_order=False, conf_level=LEVEL, seed=1
    )
    return pd.DataFrame({
        "parameter": names,
        "first": found["S1"], "first interval": found["S1_conf"],
        "total": found["ST"], "total interval": found["ST_conf"],
    })  # fmt: skip


def _design(names: Sequence[str], points: Any) -> Design:
    frame = pd.DataFrame(points, columns=list(names))
    for name in names:  # rounding may step over an end
        frame[name] = frame[name].clip(BY_NAME[name].low, BY_NAME[name].high)
    return Design(frame)
