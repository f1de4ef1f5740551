"""Read YAML as people write it: 5e8 and 5.0e8 are numbers, and errors are one sentence."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from world.errors import InputError


class _Loader(yaml.SafeLoader):
    """PyYAML follows YAML 1.1, in which 5e8 is a string; YAML 1.2 reads a number."""


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?\d[\d_]*(\.\d*)?[eE][-+]?\d+$"),
    list("-+0123456789"),
)


def read_yaml(path: Path, what: str) -> Any:
    """Read a YAML file.

    Parameters
    ----------
    path : Path
    what : str
        What the file is, for the error sentence.

    Raises
    ------
    InputError
        If it cannot be read or is not valid YAML; names the line.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{what} {path}: cannot be read ({error.strerror}).") from None
    return parse_yaml(content, f"{what} {path}")


def parse_yaml(content: bytes, what: str) -> Any:
    """Read the content of a YAML file; `what` names it in the error sentence."""
    try:
        return yaml.load(content.decode("utf-8"), Loader=_Loader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f" at line {mark.line + 1}" if mark is not None else ""
        raise InputError(f"{what}: is not valid YAML{line}.") from None
