"""What was believed of the parameters at an origin: a draw for each member of a forecast.

The file `prior.csv` states the 5, 50 and 95 % of a parameter, and the scale (log, linear or
logit) in which the belief is normal on either side of its median. A row without an origin
holds for all; one that names an origin takes its place there; and so does what was learned from
the years before it (`learned.csv`, made by `experiments.backtest.learn`).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.special import expit, logit, ndtri
from scipy.stats import qmc

from experiments.backtest.observations import Line, all_of, read_lines
from world.errors import InputError
from world.faults import meant
from world.parameters import BY_NAME

FILE = Path(__file__).with_name("prior.csv")
LEARNED = Path(__file__).with_name("learned.csv")
COLUMNS = ("name", "origin", "low", "middle", "high", "scale", "source")
LEAST = 1e-12  # share: a normal has no quantile at 0


class Scale(NamedTuple):
    """Where a belief is normal: into it, out of it, and which figures it allows."""

    into: Callable[[Any], Any]
    out_of: Callable[[Any], Any]
    above: float
    below: float


SCALES = {
    "log": Scale(np.log, np.exp, 0.0, np.inf),
    "linear": Scale(np.asarray, np.asarray, -np.inf, np.inf),
    "logit": Scale(logit, expit, 0.0, 1.0),
}


class Belief(NamedTuple):
    """Of a parameter: 5, 50 and 95 %, in a scale."""

    name: str
    low: float
    middle: float
    high: float
    scale: str

    def at(self, shares: Any) -> Any:
        """Quantiles, kept in the declared range; `shares` and they are arrays of one shape."""
        scale, declared = SCALES[self.scale], BY_NAME[self.name]
        low, middle, high = map(scale.into, (self.low, self.middle, self.high))
        deviations = ndtri(np.maximum(shares, LEAST)) / ndtri(0.95)
        sides = np.where(shares < 0.5, middle - low, high - middle)
        return np.clip(scale.out_of(middle + deviations * sides), declared.low, declared.high)


def draw(origin: str, members: int, seed: int) -> list[dict[str, float]]:
    """Draw parameters for each member by a Latin hypercube.

    Parameters
    ----------
    origin : str
        First month of the forecast.
    members : int
    seed : int

    Returns
    -------
    list of dict
        One a member, of the parameters that the file names; empty ones without a file.

    Raises
    ------
    InputError
        Anything wrong in the file, in one sentence with its line.
    """
    known = beliefs(origin)
    if not known:
        return [{} for _ in range(members)]
    shares = shares_of(len(known), members, seed)
    columns = [belief.at(shares[:, k]).tolist() for k, belief in enumerate(known)]
    return [{b.name: column[k] for b, column in zip(known, columns, strict=True)}
            for k in range(members)]  # fmt: skip


def shares_of(parameters: int, members: int, seed: int) -> Any:
    """A Latin hypercube of shares from 0 to 1, shape (members, parameters)."""
    return qmc.LatinHypercube(parameters, rng=np.random.default_rng(seed)).random(members)


def beliefs(origin: str, learned: bool = True) -> list[Belief]:
    """Beliefs at an origin, one a parameter, in the order in which the file first names them.

    With or without what was `learned` from the years before.
    """
    known = _beliefs(FILE, origin)
    if learned:
        known |= {name: belief for name, belief in _beliefs(LEARNED, origin).items() if name in known}
    return list(known.values())


def _beliefs(path: Path, origin: str) -> dict[str, Belief]:
    lines = read_lines(path, COLUMNS) if path.exists() else []
    known: dict[str, dict[str, Belief]] = {}
    found = all_of(path, _belief, lines)
    for line, belief in zip(lines, found, strict=True):
        of = line.month("origin") if line.cells["origin"] else ""
        at = known.setdefault(belief.name, {})
        if of in at:
            raise InputError(f"{line.place}: {belief.name} is there twice.")
        at[of] = belief
    chosen = [at.get(origin, at.get("")) for at in known.values()]
    return {belief.name: belief for belief in chosen if belief}


def _belief(line: Line) -> Belief:
    """Check a line and return what it says."""
    name = line.cells["name"]
    if name not in BY_NAME:
        raise InputError(f"{line.place}: parameter {name!r} is unknown{meant(name, BY_NAME)}; "
                         "`moat parameters` lists all.")  # fmt: skip
    scale = line.one_of("scale", tuple(SCALES))
    low, middle, high = map(line.number, ("low", "middle", "high"))
    if not low <= middle <= high:
        raise InputError(f"{line.place}: low, middle and high of {name} must rise.")
    _, _, above, below = SCALES[scale]
    if not (above < low and high < below):
        raise InputError(
            f"{line.place}: {name} must lie between {above:g} and {below:g} in scale {scale}."
        )
    return Belief(name, low, middle, high, scale)
