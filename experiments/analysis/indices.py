"""Sensitivity indices of SALib, over designs that a `Sweep` can run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from experiments.analysis.statistics import LEVEL, numbers
from experiments.sweeps.design import Design
from world.errors import InputError
from world.faults import meant, shown
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
    """SALib's description of parameters at their declared ranges.

    Raises
    ------
    InputError
        A name that is no parameter or is there twice, or none.
    """
    names = list(names)
    for name in names:
        if name not in BY_NAME:
            raise InputError(f"parameter {shown(name)} is unknown{meant(name, BY_NAME)}; "
                             "`moat parameters` lists all.")  # fmt: skip
        if names.count(name) > 1:
            raise InputError(f"parameter {name!r} is given twice.")
    if not names:
        raise InputError("sensitivity indices: at least one parameter is needed.")
    bounds = [[BY_NAME[name].low, BY_NAME[name].high] for name in names]
    return {"num_vars": len(names), "names": names, "bounds": bounds}


def morris_design(names: Sequence[str], trajectories: int, seed: int = 0) -> Design:
    """Morris trajectories: each moves every parameter once, one at a time (Morris 1991).

    Whole-number parameters are rounded to the nearest whole number.
    """
    _at_least_two(trajectories, "trajectories")
    points = morris_sample.sample(problem(names), trajectories, num_levels=LEVELS, seed=seed)
    return _design(names, points)


def morris_effects(names: Sequence[str], design: Design, outcome: Any) -> pd.DataFrame:
    """Effects of parameters on an outcome, per range, in its standard deviations.

    Returns
    -------
    DataFrame
        `parameter`, `mu_star` (mean size; Campolongo et al. 2007), `interval`
        (half width), `sigma` (how much an effect depends on the others) and
        `note`: that the outcome is constant, and all effects NaN; else empty.

    Raises
    ------
    InputError
        Unknown parameters, a design of others, outcomes that are missing or infinite, or not
        one for each point.
    """
    described = problem(names)
    for name in names:
        if name not in design.points:
            raise InputError(f"morris_effects: the design does not vary {name}.")
    if len(design) % (len(names) + 1):
        raise InputError(
            f"morris_effects: {len(design)} points are no trajectories of {len(names)} parameters; "
            f"needed is a multiple of {len(names) + 1}, as `morris_design` makes."
        )
    outcome = _outcome(outcome, len(design))
    if _constant(outcome):
        return _nothing(names, ("mu_star", "interval", "sigma"), outcome)
    found = morris_analysis.analyze(
        described, design.points[list(names)].to_numpy(), outcome / outcome.std(),
        num_levels=LEVELS, conf_level=LEVEL, seed=0,
    )  # fmt: skip
    return pd.DataFrame({
        "parameter": names,
        "mu_star": np.asarray(found["mu_star"], dtype=float),
        "interval": np.asarray(found["mu_star_conf"], dtype=float),
        "sigma": np.asarray(found["sigma"], dtype=float),
        "note": "",
    })


def sobol_design(names: Sequence[str], size: int, seed: int = 0) -> Design:
    """Saltelli's design of size * (parameters + 2) points (Saltelli 2002).

    The size must be a power of two; each value of a whole-number parameter is as likely as the others.
    """
    _at_least_two(size, "size")
    if size & (size - 1):
        raise InputError(f"sobol_design: size = {size} is no power of two.")
    described = problem(names)
    for name, bounds in zip(names, described["bounds"], strict=True):
        if BY_NAME[name].whole:
            bounds[:] = bounds[0] - 0.5, bounds[1] + 0.5
    points = sobol_sample.sample(described, size, calc_second_order=False, seed=seed)
    return _design(names, points)


def sobol_indices(names: Sequence[str], outcome: Any) -> pd.DataFrame:
    """First-order and total indices of an outcome, each with the half width of its interval.

    Returns
    -------
    DataFrame
        `parameter`, `first`, `first interval`, `total`, `total interval`, and `note`: that the
        outcome is constant, and all indices NaN; else empty.

    Raises
    ------
    InputError
        Unknown parameters, or outcomes that are missing or infinite, or not those of a design
        of `sobol_design`.
    """
    described = problem(names)
    outcome = _outcome(outcome)
    if len(outcome) < 2 * (len(names) + 2) or len(outcome) % (len(names) + 2):
        raise InputError(
            f"sobol_indices: {len(outcome)} outcomes are not those of a design over {len(names)} "
            f"parameters; needed is a multiple of {len(names) + 2}, as `sobol_design` makes."
        )
    if _constant(outcome):
        return _nothing(names, ("first", "first interval", "total", "total interval"), outcome)
    # SALib takes a seed of 0 for none: the intervals would differ from call to call.
    found = sobol_analysis.analyze(
        described, outcome, calc_second_order=False, conf_level=LEVEL, seed=1
    )
    return pd.DataFrame({
        "parameter": names,
        "first": found["S1"], "first interval": found["S1_conf"],
        "total": found["ST"], "total interval": found["ST_conf"], "note": "",
    })  # fmt: skip


def _outcome(values: Any, count: int | None = None) -> Any:
    """Outcomes as numbers, all of them, one for each of `count` points."""
    found = numbers(values, "outcomes")
    if found.ndim != 1 or count not in (None, len(found)):
        raise InputError(
            f"outcomes: have the shape {found.shape}; allowed is one figure a point"
            f"{'' if count is None else f', {count} in all'}."
        )
    return found


def _constant(outcome: Any) -> bool:
    return bool(outcome.min() == outcome.max())


def _nothing(names: Sequence[str], columns: Sequence[str], outcome: Any) -> pd.DataFrame:
    """Indices of a constant: there is no variance to divide."""
    frame = pd.DataFrame({"parameter": list(names)} | dict.fromkeys(columns, np.nan))
    return frame.assign(note=f"the outcome is constant ({outcome[0]:.6g})")


def _at_least_two(count: Any, what: str) -> None:
    if isinstance(count, bool) or not isinstance(count, (int, np.integer)) or count < 2:
        raise InputError(f"{what} = {shown(count)}: allowed is a whole number from 2 on.")


def _design(names: Sequence[str], points: Any) -> Design:
    frame = pd.DataFrame(points, columns=list(names))
    for name in names:
        if BY_NAME[name].whole:
            frame[name] = frame[name].round()
        # Rounding may step over an end.
        frame[name] = frame[name].clip(BY_NAME[name].low, BY_NAME[name].high)
    return Design(frame)
