"""Directories that a result needs: made together, or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path


def make_folder(path: Path) -> None:
    """Make a directory and those above it; where one cannot be made, none is left (`OSError`)."""
    new = missing(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError:
        take_away(new)
        raise


def missing(folder: Path) -> list[Path]:
    """Directories of a path that are not there, the innermost first."""
    return [path for path in (folder, *folder.parents) if not os.path.lexists(path)]


def take_away(folders: Iterable[Path]) -> None:
    """Remove those that are there and empty."""
    for folder in folders:
        with contextlib.suppress(OSError):
            folder.rmdir()
