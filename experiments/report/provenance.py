"""What made a page of results: command, rules, versions."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from importlib.metadata import version

from world.compiled import rules_version


def made_by(command: str, packages: Sequence[str]) -> dict[str, str]:
    """Everything that decides the figures beside the seeds and the scenario."""
    return {
        "command": command,
        "rules": rules_version(),
        "moat": version("moat-lab"),
        "python": platform.python_version(),
        **{package: version(package) for package in packages},
    }
