"""What made a page of results: command, rules, versions."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from importlib.metadata import version as version_of

from model.identity import version


def made_by(command: str, packages: Sequence[str]) -> dict[str, str]:
    """Everything that decides the figures beside the seeds and the scenario."""
    return {"command": command, **version(), **libraries(packages)}


def libraries(packages: Sequence[str]) -> dict[str, str]:
    """Versions of Python and of packages, for the record."""
    return {
        "python": platform.python_version(),
        **{package: version_of(package) for package in packages},
    }
