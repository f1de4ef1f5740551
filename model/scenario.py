"""Scenarios: a world and the values of the parameters.

Shipped scenarios differ in documented parameters only, each with its reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from os.path import abspath, isfile
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import TypeAdapter

from world.errors import InputError
from world.faults import Faults, shown
from world.faults import meant as meant  # for those who sought it here
from world.files.read import ALIASES, shipped_worlds
from world.form import PROSE, Misfit, check_name, check_text, kind, or_null, read_form, table
from world.parameters import BY_NAME, PARAMETERS, Parameter
from world.yaml_file import read_yaml, write_yaml

FOLDER = Path(__file__).parent / "scenarios"
DEFAULTS: Mapping[str, float] = MappingProxyType({p.name: p.default for p in PARAMETERS})
LONGEST_FILE_NAME = 200  # bytes; results are in files named by the scenario


def shipped() -> list[str]:
    """Names of the scenarios that come with Moat."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


# --- the form of a scenario ----------------------------------------------------------------


def _check_file_name(raw: Any) -> str:
    """A name that may also be a file's."""
    name = check_name(raw)
    if name.startswith(".") or set(name) & set("/\\") or len(name.encode()) > LONGEST_FILE_NAME:
        raise Misfit(("", f"{shown(raw)} is not allowed: results are in files of that name; allowed "
                          f"are up to {LONGEST_FILE_NAME} bytes, no / or \\, no dot at the front."))
    return name


def _value_of(parameter: Parameter) -> Any:
    """A parameter's value; or a table of the value and why it is not the default."""
    number = {
        "type": "integer" if parameter.whole else "number",
        "minimum": parameter.low,
        "maximum": parameter.high,
    }
    said = {"value": number, "reason": {"type": "string"}}
    full = {"type": "object", "required": ["value"], "additionalProperties": False, "properties": said}

    def check(raw: Any) -> tuple[float, str]:
        reason = ""
        if isinstance(raw, dict):
            if set(raw) - {"value", "reason"} or "value" not in raw:
                raise Misfit(("", "allowed are a number, or the keys value and reason."))
            raw, reason = raw["value"], raw.get("reason", "")
        if not isinstance(reason, str):
            raise Misfit(("reason", f"{shown(reason)} must be a text in quotation marks."))
        try:
            return parameter.check(raw), reason
        except InputError as error:
            raise Misfit((None, str(error))) from None

    return kind(check, {
        "description": f"{parameter.meaning} [{parameter.unit}]; {parameter.role}, "
        f"{parameter.low:g} to {parameter.high:g}; {parameter.source}",
        "default": parameter.default,
        "anyOf": [number, full],
    })  # fmt: skip


VALUES = {p.name: _value_of(p) for p in PARAMETERS}
LEVERS = {f"lever_{p.name}": VALUES[p.name] for p in PARAMETERS if p.role == "lever"}
VALUES_FORM = table(
    "Parameters", "Parameters; those left out keep their defaults.", {}, VALUES | LEVERS
)
CHANGES: TypeAdapter[Any] = TypeAdapter(VALUES_FORM)
FORM: TypeAdapter[Any] = TypeAdapter(
    table(
        "Scenario",
        "A Moat scenario: a world and the parameters that differ from their defaults.",
        {},
        {
            "name": kind(_check_file_name, {"type": "string", "minLength": 1, "maxLength": 80}),
            "world": kind(check_text, {"type": ["string", "integer"], "description":
                          "a shipped world, or the path of a world file from this file's folder"}),
            "summary": PROSE,
            "parameters": or_null(VALUES_FORM),
        },
    )
)  # fmt: skip


def _merged(said: Mapping[str, tuple[float, str]], faults: Faults) -> dict[str, tuple[float, str]]:
    """Values and reasons by the parameters' own names, each given once."""
    for given in said:
        name = given.removeprefix("lever_")
        if given != name and name in said:
            faults.add("", f"{given!r} and {name!r} are one parameter; allowed is one of them.")
    return {given.removeprefix("lever_"): entry for given, entry in said.items()}


def _world(world: str, folder: Path | None = None) -> str:
    """A shipped or generated world by its name; a file by its absolute path."""
    if world in ALIASES or world.startswith("synthetic") or world in shipped_worlds():
        return world
    path = (folder or Path()) / world
    named = path.suffix in (".yaml", ".yml") or path.name != world or isfile(path)
    return abspath(path) if named and "\0" not in world else world


# --- the scenario --------------------------------------------------------------------------


@dataclass(frozen=True)
class Scenario:
    """A world by name (or file) and a value for every parameter.

    Parameters
    ----------
    name : str
        1 to 80 printable characters that may stand in a file's name. For people only; no rule
        reads it.
    world : str or Path
        Shipped world (``"2025"``), generated one, or world file; kept as an absolute path.
    summary : str
    parameters : mapping
        Values by name; those left out take their defaults.
    reasons : mapping
        Why a value differs from its default, by name.

    Raises
    ------
    InputError
        All that is wrong, in one answer: a wrong type, an unknown name, a value out of range.
    """

    name: str = "baseline"
    world: str = "2025"
    summary: str = ""
    parameters: Mapping[str, float] = field(default_factory=lambda: DEFAULTS)
    reasons: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        faults = Faults(f"scenario {shown(self.name)}")
        world = str(self.world) if isinstance(self.world, Path) else self.world
        given: Any = self.parameters
        if isinstance(given, Mapping):  # a default itself needs no check
            given = {k: v for k, v in given.items() if k not in DEFAULTS or v is not DEFAULTS[k]}
        content = {"name": self.name, "world": world, "summary": self.summary, "parameters": given}
        said = read_form(FORM, content, faults, {})
        values = _merged(said["parameters"] or {}, faults) if said else {}
        reasons = dict(self.reasons) if isinstance(self.reasons, Mapping) else {"": self.reasons}
        for name, reason in reasons.items():
            if name not in BY_NAME or not isinstance(reason, str):
                faults.add(f"reasons, {shown(name)}", f"{shown(reason)} must be a text, under the name "
                           f"of a parameter{meant(name, BY_NAME)}.")  # fmt: skip
        faults.refuse_any()
        reasons |= {name: reason for name, (_, reason) in values.items() if reason}
        parameters = {**DEFAULTS, **{name: value for name, (value, _) in values.items()}}
        object.__setattr__(self, "world", _world(world))
        object.__setattr__(self, "parameters", MappingProxyType(parameters))
        object.__setattr__(self, "reasons", reasons)

    @classmethod
    def load(cls, name_or_path: str | Path) -> Scenario:
        """Read a shipped scenario by name, or a YAML file by path.

        Raises
        ------
        InputError
            Unknown name or unreadable YAML; else all faults of the file.
        """
        if not isinstance(name_or_path, (str, Path)):
            raise InputError(f"scenario {shown(name_or_path)} must be a name or the path of a file.")
        path = Path(name_or_path)
        if path.suffix not in (".yaml", ".yml"):
            if str(name_or_path) not in shipped():
                raise InputError(
                    f"scenario {shown(str(name_or_path))} is unknown"
                    f"{meant(str(name_or_path), shipped())}; allowed are {', '.join(shipped())}, "
                    "or the path of a .yaml file."
                )
            path = FOLDER / f"{name_or_path}.yaml"
        return cls.from_content(read_yaml(path, "scenario file"), path.name, path.parent)

    @classmethod
    def limiting(cls, name: str, values: Mapping[str, float]) -> Scenario:
        """Return a limiting case, whose answer theory knows: ranges are not enforced.

        Raises
        ------
        InputError
            A parameter that is not declared.
        """
        faults = Faults(f"scenario {shown(name)}")
        for given in values:
            if given not in BY_NAME:
                faults.add("", f"parameter {shown(given)} is unknown{meant(given, BY_NAME)}.")
        faults.refuse_any()
        case = cls(name)
        object.__setattr__(case, "parameters", MappingProxyType({**DEFAULTS, **values}))
        return case

    @classmethod
    def from_content(cls, content: Any, place: str, folder: Path | None = None) -> Scenario:
        """Check what a scenario file holds.

        Parameters
        ----------
        content : object
            As YAML holds it.
        place : str
            The file, for error sentences; names a scenario without a name.
        folder : Path, optional
            Of the file: a world file is sought from there.
        """
        faults = Faults(place)
        if isinstance(content, dict) and type(content.get("world")) is int:
            content = content | {"world": str(content["world"])}  # 2025 without quotation marks
        said = read_form(FORM, content, faults, {})
        values = _merged(said.get("parameters") or {}, faults) if said else {}
        faults.refuse_any()
        return cls(
            said.get("name", place),
            _world(said.get("world", cls.world), folder),
            said.get("summary", ""),
            {name: value for name, (value, _) in values.items()},
            {name: reason for name, (_, reason) in values.items() if reason},
        )

    def with_(self, **changes: Any) -> Scenario:
        """Return this scenario with other values; one `InputError` with all that is wrong.

        A `lever_` before a lever's name is allowed. A changed value loses the old one's reason; a
        new one is given as ``{"value": 0.2, "reason": "..."}``.
        """
        faults = Faults(f"scenario {self.name!r}")
        said = _merged(read_form(CHANGES, changes, faults, {}) or {}, faults)
        faults.refuse_any()
        values = {name: value for name, (value, _) in said.items()}
        kept = {name: reason for name, reason in self.reasons.items()
                if values.get(name, self.parameters[name]) == self.parameters[name]}  # fmt: skip
        new = {name: reason for name, (_, reason) in said.items() if reason}
        return replace(self, parameters={**self.parameters, **values}, reasons=kept | new)

    def changed_parameters(self) -> dict[str, float]:
        """The values that differ from the defaults."""
        return {k: v for k, v in self.parameters.items() if v != DEFAULTS[k]}

    def to_yaml(self) -> str:
        """Write the scenario as a file that `Scenario.load` reads as the same scenario."""
        told = {**self.changed_parameters(), **{name: self.parameters[name] for name in self.reasons}}
        return write_yaml({
            "name": self.name,
            "world": self.world,
            "summary": self.summary,
            "parameters": {
                name: {"value": value, "reason": self.reasons.get(name, "")}
                for name, value in told.items()
            },
        })  # fmt: skip

    def __hash__(self) -> int:
        return hash((self.name, self.world, self.summary, tuple(self.parameters.items())))

    def __reduce__(self) -> Any:
        return (
            Scenario,
            (self.name, self.world, self.summary, dict(self.parameters), dict(self.reasons)),
        )
