"""What leaves the page and comes back: exports, and the setting that restores a screen."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import Any

import yaml

from model import InputError, Scenario
from page.history import OFFERED_WORLDS, History, Move, history_start
from world.calendar import month_label, months_until
from world.parameters import BY_NAME
from world.yaml_file import parse_yaml

LARGEST_SEED = 2**32 - 1
MOST_MOVES = 1000


@dataclass(frozen=True)
class Setting:
    """Everything that decides what is on the screen.

    Attributes
    ----------
    scenario : Scenario
        Of the history that runs.
    month : int
        Months run.
    moves : tuple of Move
        Levers moved on the way.
    twin : Move or None
        The move by which the twin differs.
    sliders : dict
        Parameters changed for the next restart.
    shown : int or None
        Month looked back at; None is the latest.
    pinned : str
        Agent whose card is open; empty for none.
    """

    scenario: Scenario
    seed: int = 0
    until: str = "2040-12"
    month: int = 0
    moves: tuple[Move, ...] = ()
    twin: Move | None = None
    sliders: tuple[tuple[str, float], ...] = ()
    shown: int | None = None
    pinned: str = ""

    def content(self) -> dict[str, Any]:
        """Plain tables, for a link or a file."""
        scenario = self.scenario
        return {
            "scenario": yaml.safe_load(scenario.to_yaml()),
            "seed": self.seed,
            "until": self.until,
            "month": self.month,
            "moves": [list(move) for move in self.moves],
            "twin": list(self.twin) if self.twin else None,
            "sliders": dict(self.sliders),
            "shown": self.shown,
            "pinned": self.pinned,
        }

    def to_yaml(self) -> str:
        """A file that `read_setting` accepts."""
        return str(yaml.safe_dump(self.content(), sort_keys=False, allow_unicode=True))


def read_file(name: str, content: bytes) -> Setting:
    """Read a saved page, or a scenario file as `moat run` accepts it.

    Raises
    ------
    InputError
        The sentence the command line would give.
    """
    found = parse_yaml(content, f"scenario file {name}")
    if isinstance(found, dict) and isinstance(found.get("scenario"), dict):
        return read_setting(found, name)
    return Setting(_offered(Scenario.from_content(found, name), name))


def read_setting(content: Any, place: str) -> Setting:
    """Check the content of a saved page; `place` names it in the error sentence."""
    known = ("scenario", "seed", "until", "month", "moves", "twin", "sliders", "shown", "pinned")
    if not isinstance(content, dict) or "scenario" not in content:
        raise InputError(f"{place}: must hold the keys {', '.join(known)}.")
    for key in content:
        if key not in known:
            raise InputError(
                f"{place}: key {key!r} is unknown; allowed are {', '.join(known)}."
            )
    scenario = _offered(Scenario.from_content(content["scenario"], place), place)
    setting = Setting(scenario)
    until = str(content.get("until", setting.until))
    start = history_start(scenario)
    longest = months_until(start, until)
    month = whole(content.get("month", 0), f"{place}, month", 0, 1200)
    shown = content.get("shown")
    if shown is not None:
        shown = whole(shown, f"{place}, shown", -1, max(month - 1, -1))
    sliders = content.get("sliders") or {}
    if not isinstance(sliders, dict):
        raise InputError(f"{place}: sliders must be a table of names.")
    changed = scenario.with_(**{str(k): v for k, v in sliders.items()})
    moves = content.get("moves") or []
    if not isinstance(moves, list) or len(moves) > MOST_MOVES:
        raise InputError(f"{place}: moves must be a list of at most {MOST_MOVES} moves.")
    twin = content.get("twin")
    checked_twin = _move(twin, f"{place}, twin") if twin else None
    if checked_twin and checked_twin.month > month:
        raise InputError(f"{place}, twin: month {checked_twin.month} is after the last run, {month}.")
    return replace(
        setting,
        seed=whole(content.get("seed", 0), f"{place}, seed", 0, LARGEST_SEED),
        until=month_label(start, longest - 1),
        month=month,
        moves=tuple(_move(move, f"{place}, moves") for move in moves),
        twin=checked_twin,
        sliders=tuple((str(k), changed.parameters[str(k)]) for k in sliders),
        shown=shown,
        pinned=str(content.get("pinned") or ""),
    )


def whole(value: Any, place: str, low: int, high: int) -> int:
    """A whole number in range, or one clear `InputError`."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise InputError(
            f"{place}: {value!r} must be a whole number from {low} to {high}."
        )
    return value


def _move(value: Any, place: str) -> Move:
    if not isinstance(value, (list, tuple)) or len(value) != 3:
        raise InputError(f"{place}: a move is [month, lever, value], not {value!r}.")
    month = whole(value[0], place, 0, 1200)
    return checked_move(month, value[1], value[2], place)


def checked_move(month: int, name: Any, value: Any, place: str) -> Move:
    """A move of a declared lever to an allowed value, or one clear `InputError`."""
    parameter = BY_NAME.get(name) if isinstance(name, str) else None
    if parameter is None or parameter.role != "lever":
        raise InputError(f"{place}: {name!r} is not a lever; `moat parameters` lists all.")
    return Move(month, parameter.name, parameter.check(value, place))


def _offered(scenario: Scenario, place: str) -> Scenario:
    """A page opens no files by name: the world must be one that comes with Moat."""
    words = scenario.world.split(" ")
    if scenario.world not in OFFERED_WORLDS and " ".join(words[:2]) not in OFFERED_WORLDS:
        raise InputError(
            f"{place}: world {scenario.world!r} is not offered here; allowed are "
            f"{', '.join(OFFERED_WORLDS)}."
        )
    return scenario


# --- exports -----------------------------------------------------------------------------


def scenario_file(history: History, scenario: Scenario) -> str:
    """The scenario as a file for `moat run`; moves on the way are noted as comments."""
    notes = [
        f"# moved while running, month {month_label(history.market.roster.start, m.month)}: "
        f"{m.name} = {m.value:g} (not part of the scenario)\n"
        for m in history.moves
    ]
    return "".join(notes) + scenario.to_yaml()


def exported(kind: str, history: History, setting: Setting) -> tuple[str, str, bytes]:
    """File name, media type and content of an export; `InputError` if the kind is unknown."""
    stem = f"moat_{history.market.setting.name}_seed{setting.seed}"
    if kind == "csv":
        return f"{stem}.csv", "text/csv", history.market.frame().to_csv().encode()
    if kind == "parquet":
        buffer = io.BytesIO()
        history.market.frame().to_parquet(buffer)
        return f"{stem}.parquet", "application/vnd.apache.parquet", buffer.getvalue()
    if kind == "story":
        import pandas as pd

        frame = pd.DataFrame(history.events)
        return f"{stem}_story.csv", "text/csv", frame.to_csv(index=False).encode()
    if kind == "scenario":
        text = scenario_file(history, setting.scenario)
        return f"{stem}_scenario.yaml", "text/yaml", text.encode()
    if kind == "page":
        return f"{stem}_page.yaml", "text/yaml", setting.to_yaml().encode()
    raise InputError(f"export {kind!r} is unknown; allowed are csv, parquet, story, scenario, page.")
