"""The manifest of a result: what it takes to play one of its histories again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from experiments.analysis.identity import identity, scenario_version
from experiments.report.provenance import libraries
from experiments.sweeps.store import world_version
from model import Market, Scenario
from model.identity import DIFFERENT, different
from model.regimes import Criteria
from world.errors import InputError
from world.faults import Faults, meant, shown
from world.files.read import read_world

NAME = "manifest.json"
LARGEST = 2**26  # bytes of a manifest that is read


class Asked(BaseModel):
    """How a scenario was asked for: by name or path, and the values that were set beside it."""

    model_config = ConfigDict(strict=True)

    source: str
    settings: dict[str, float] = {}


def located(name_or_path: str) -> str:
    """A name as it is; the path of a file from the root, so that it is found from anywhere."""
    path = Path(name_or_path)
    return str(path.resolve()) if path.suffix in (".yaml", ".yml") else name_or_path


class Kept(BaseModel):
    """A scenario and its world, by name and by content; `asked` if it was read from somewhere."""

    model_config = ConfigDict(strict=True)

    world: str
    world_hash: str
    scenario_hash: str
    parameters: dict[str, float]
    asked: Asked | None = None


class Manifest(BaseModel):
    """What made a result, and what of; more may stand beside it."""

    model_config = ConfigDict(strict=True)

    command: str
    rules: str
    readings: str
    engine: str
    seeds: list[int]
    until: str
    criteria: dict[str, float]
    scenarios: dict[str, Kept]

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read it; `InputError` if it is not there, or with what is wrong in it."""
        path = folder / NAME
        try:
            if path.stat().st_size > LARGEST:
                raise InputError(f"{path}: is too large for a manifest.")
            found = cls.model_validate_json(path.read_bytes())
        except OSError as error:
            raise InputError(
                f"{folder}: holds no readable {NAME} ({error.strerror}); "
                "a result has one as soon as it is finished."
            ) from None
        except ValidationError as error:
            faults = Faults(str(path))
            for fault in error.errors():
                faults.add(".".join(map(str, fault["loc"])), f"{fault['msg']}.")
            faults.refuse_any()
            raise AssertionError from None
        if len(found.seeds) != 2 or not 0 <= found.seeds[0] <= found.seeds[1] or not found.scenarios:
            raise InputError(f"{path}: names no seeds (first, last) or no scenario.")
        return found

    def scenario(self, name: str, place: str) -> Scenario:
        """Make a scenario again; `InputError` that names what changed since.

        The scenario is read again from where it came from, and its world from its file: what the
        manifest says of them must still be so.
        """
        if name not in self.scenarios:
            raise InputError(
                f"{place}: holds no scenario {shown(name)}{meant(name, self.scenarios)}; "
                f"allowed are {', '.join(map(shown, list(self.scenarios)[:10]))}."
            )
        kept = self.scenarios[name]
        faults = Faults(place)
        again = f"run `{' '.join(self.command.split()[:2])}` again"
        made = {key: getattr(self, key) for key in DIFFERENT}
        if difference := different(made):
            faults.add("", f"was made by {difference}; {again}.")
        scenario = Scenario(name, kept.world).with_(**kept.parameters)
        if scenario_version(scenario) != kept.scenario_hash:
            faults.add(f"scenario {shown(name)}", "the manifest's parameters were changed by hand.")
        if kept.asked is not None:
            now = Scenario.load(kept.asked.source).with_(**kept.asked.settings)
            for change in _changes(kept, now):
                faults.add(f"scenario {shown(name)}", f"{change}; {again}.")
            scenario = now  # which has the reasons, too
        if world_version(read_world(kept.world)) != kept.world_hash:
            faults.add(f"world {shown(kept.world)}", f"says something else now; {again}.")
        faults.refuse_any()
        return scenario

    def replayed(self, name: str, member: int, place: str) -> Market:
        """Play a member again as live Mesa objects; `InputError` as for `scenario`."""
        first, last = self.seeds
        if not 0 <= member <= last - first:
            raise InputError(f"member {member} does not exist; allowed are 0 to {last - first}.")
        scenario = self.scenario(name, place)
        return Market(scenario, seed=first + member).run_until(self.until)


def _changes(kept: Kept, now: Scenario) -> list[str]:
    """Say what a scenario says otherwise than it did."""
    found = [
        f"{name} was {kept.parameters.get(name)}, now is {value:g}"
        for name, value in now.parameters.items() if kept.parameters.get(name) != value
    ]  # fmt: skip
    if located(now.world) != kept.world:
        found.append(f"the world was {shown(kept.world)}, now is {shown(now.world)}")
    return found


def manifest(
    command: str, scenarios: Mapping[str, dict[str, Any]], asked: Mapping[str, Asked],
    seeds: tuple[int, int], until: str, criteria: Criteria,
) -> dict[str, Any]:  # fmt: skip
    """What is kept of a result: the command, its identity, versions of what else took part.

    Parameters
    ----------
    command : str
    scenarios : mapping
        What is `described`, by the scenario's name.
    asked : mapping
        Where scenarios came from, by their name, if they were read from anywhere.
    seeds : (int, int)
        First and last.
    until : str
    criteria : Criteria
    """
    known = {
        name: entry | {"world": located(entry["world"])}
        | ({"asked": asked[name].model_dump()} if name in asked else {})
        for name, entry in scenarios.items()
    }
    return {
        "command": command,
        **identity(known, seeds, until, criteria),
        "made_with": libraries(("mesa", "numpy", "llvmlite", "pandas")),
    }
