"""Scenarios: a world and the values of the parameters.

Shipped scenarios differ in documented parameters only, each with its reason.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from world.errors import InputError
from world.parameters import BY_NAME, PARAMETERS
from world.yaml_file import read_yaml

FOLDER = Path(__file__).parent / "scenarios"
KEYS = ("name", "world", "summary", "parameters")
DEFAULTS: Mapping[str, float] = MappingProxyType({p.name: p.default for p in PARAMETERS})


def shipped() -> list[str]:
    """Names of the scenarios that come with Moat."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


@dataclass(frozen=True)
class Scenario:
    """A world by name (or file) and a value for every parameter.

    Attributes
    ----------
    name : str
        For people only; no rule reads it.
    world : str
        Shipped world (``"2025"``) or path of a world file.
    parameters : mapping
        Every declared parameter.
    reasons : mapping
        Why a value differs from its default.
    """

    name: str = "baseline"
    world: str = "2025"
    summary: str = ""
    parameters: Mapping[str, float] = field(default_factory=lambda: DEFAULTS)
    reasons: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls, name_or_path: str | Path) -> Scenario:
        """Read a shipped scenario by name, or a YAML file by path.

        Raises
        ------
        InputError
            Unknown name, unreadable or truncated YAML, unknown key or
            parameter, wrong type, value out of range, missing reason.
        """
        path = Path(name_or_path)
        if path.suffix not in (".yaml", ".yml"):
            path = FOLDER / f"{name_or_path}.yaml"
            if not path.exists():
                raise InputError(
                    f"scenario {str(name_or_path)!r} is unknown{meant(str(name_or_path), shipped())};"
                    f" allowed are {', '.join(shipped())}, or the path of a .yaml file."
                )
        content = read_yaml(path, "scenario file")
        return cls.from_content(content, str(path.name))

    @classmethod
    def from_content(cls, content: Any, place: str) -> Scenario:
        """Check what a scenario file holds; `place` names it in the error sentence."""
        if not isinstance(content, dict):
            raise InputError(f"{place}: must hold the keys {', '.join(KEYS)}.")
        for key in content:
            if key not in KEYS:
                raise InputError(
                    f"{place}: key {key!r} is unknown{meant(str(key), KEYS)}; "
                    f"allowed are {', '.join(KEYS)}."
                )
        given = content.get("parameters") or {}
        if not isinstance(given, dict):
            raise InputError(f"{place}: parameters must be a table of names.")
        values: dict[str, Any] = {}
        reasons: dict[str, str] = {}
        for name, entry in given.items():
            if isinstance(entry, dict):
                if set(entry) - {"value", "reason"} or "value" not in entry:
                    raise InputError(
                        f"{place}, {name}: allowed are a number, or the keys value and reason."
                    )
                values[name] = entry["value"]
                reasons[name] = str(entry.get("reason", ""))
            else:
                values[name] = entry
        world = str(content.get("world", "2025"))
        base = cls(str(content.get("name", place)), world, str(content.get("summary", "")))
        changed = base._changed(values, place)
        return cls(base.name, base.world, base.summary, changed.parameters, reasons)

    def with_(self, **changes: Any) -> Scenario:
        """Return this scenario with other values; one clear `InputError` if one is wrong.

        A `lever_` before a lever's name is allowed.
        """
        return self._changed(changes, f"scenario {self.name!r}")

    def _changed(self, changes: Mapping[str, Any], place: str) -> Scenario:
        values = dict(self.parameters)
        for given, value in changes.items():
            name = given.removeprefix("lever_")
            if name not in BY_NAME:
                raise InputError(
                    f"{place}: parameter {given!r} is unknown{meant(name, list(BY_NAME))}; "
                    "`moat parameters` lists all."
                )
            values[name] = BY_NAME[name].check(value, place)
        return Scenario(
            self.name, self.world, self.summary, MappingProxyType(values), dict(self.reasons)
        )

    def changed_parameters(self) -> dict[str, float]:
        """The values that differ from the defaults."""
        return {k: v for k, v in self.parameters.items() if v != DEFAULTS[k]}

    def to_yaml(self) -> str:
        """Write the scenario as a file that `Scenario.load` accepts."""
        content = {
            "name": self.name,
            "world": self.world,
            "summary": self.summary,
            "parameters": {
                name: {"value": value, "reason": self.reasons.get(name, "")}
                for name, value in self.changed_parameters().items()
            },
        }
        return str(yaml.safe_dump(content, sort_keys=False, allow_unicode=True))

    def __reduce__(self) -> Any:
        return (
            Scenario,
            (self.name, self.world, self.summary, dict(self.parameters), dict(self.reasons)),
        )


def meant(word: str, known: Any) -> str:
    """Say which known name a mistyped one is near to; empty if none is."""
    close = difflib.get_close_matches(word, list(known), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""
