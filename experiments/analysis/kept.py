"""Figures kept as numbers by the name of their indicator, and compared with those found again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

TOLERANCE = 1e-4  # relative, on another engine than the one that wrote the figures
FLOOR = 1e-9  # of an indicator's largest figure: the residue of a difference


def differing(kept: Mapping[str, Sequence[float]], found: Any, exact: bool) -> list[str]:
    """Say of each indicator in which month it first differs from what was kept.

    Parameters
    ----------
    kept : mapping
        Figures by name of indicator.
    found : record array
        Indicators of the same months.
    exact : bool
        Whether the same engine wrote them: then to the bit, else within the tolerance.

    Returns
    -------
    list of str
        Empty if all agree. An indicator on one side only differs.
    """
    sentences = [f"{name} is no indicator" for name in kept if name not in found.dtype.names]
    for name in found.dtype.names:
        if name not in kept:
            sentences.append(f"{name} is not kept")
            continue
        old, new = np.asarray(kept[name], dtype=float), np.asarray(found[name], dtype=float)
        if len(old) != len(new):
            sentences.append(f"{name} has {len(new)} figures, kept are {len(old)}")
            continue
        if missing := int((~np.isfinite(old)).sum()):
            sentences.append(f"{name} has {missing} kept figures that are missing or infinite")
            continue
        allowed = 0.0 if exact else TOLERANCE * np.abs(old) + FLOOR * np.abs(old).max(initial=0.0)
        wrong = np.flatnonzero(~(np.abs(new - old) <= allowed))
        if len(wrong):
            k = wrong[0]
            month = int(found["month"][k])
            sentences.append(f"{name} is {new[k]:.12g} in month {month}, kept is {old[k]:.12g}")
    return sentences
