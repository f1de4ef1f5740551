"""What leaves the page and comes back: exports, and the setting that restores a screen."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

from experiments.report.files import csv_text
from model import InputError, Scenario
from page.history import History, Move, history_start, offered_world, shipped_scenarios
from page.limits import LONGEST_WORD, MOST_MONTHS, MOST_MOVES
from world.calendar import month_label, months_until
from world.faults import Faults, meant, shown
from world.parameters import BY_NAME
from world.yaml_file import parse_yaml, write_yaml

LARGEST_SEED = 2**32 - 1
LEVERS = tuple(name for name, parameter in BY_NAME.items() if parameter.role == "lever")


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
            "scenario": parse_yaml(scenario.to_yaml().encode(), "scenario"),
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
        return write_yaml(self.content())


NEW = Setting(Scenario())
KEYS = tuple(field.name for field in fields(Setting))


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
    """Check the content of a saved page; `place` names it in the error sentence.

    Raises
    ------
    InputError
        All faults in one answer.
    """
    if not isinstance(content, dict) or "scenario" not in content:
        raise InputError(f"{place}: must hold the keys {', '.join(KEYS)}.")
    faults = Faults(place)
    for key in content:
        if key not in KEYS:
            allowed = f"allowed are {', '.join(KEYS)}."
            faults.add("", f"key {shown(key)} is unknown{meant(key, KEYS)}; {allowed}")

    def read(key: str, reader: Callable[..., Any], *more: Any) -> Any:
        """Read one key; what is not given, or wrong, is as in a new setting."""
        value = content.get(key)
        if value is not None:
            try:
                return reader(value, key, *more)
            except InputError as error:
                faults.add("", str(error))
        return getattr(NEW, key)

    scenario = read("scenario", _scenario)
    start = history_start(scenario)
    month = read("month", whole, 0, MOST_MONTHS)
    setting = Setting(
        scenario=scenario,
        seed=read("seed", whole, 0, LARGEST_SEED),
        until=read("until", _until, start),
        month=month,
        moves=read("moves", _moves, month),
        twin=read("twin", _move, month),
        sliders=read("sliders", _sliders),
        shown=read("shown", whole, -1, month - 1),
        pinned=read("pinned", word),
    )
    faults.refuse_any()
    return setting


def whole(value: Any, place: str, low: int, high: int) -> int:
    """A whole number in range, or one clear `InputError`."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise InputError(f"{place}: {shown(value)} must be a whole number from {low} to {high}.")
    return value


def word(value: Any, place: str) -> str:
    """A text of one line and bounded length, or one clear `InputError`."""
    if not isinstance(value, str) or len(value) > LONGEST_WORD or not value.isprintable():
        raise InputError(
            f"{place}: {shown(value)} must be a text of one line, at most {LONGEST_WORD} characters."
        )
    return value


def _scenario(content: Any, place: str) -> Scenario:
    return _offered(Scenario.from_content(content, place), place)


def _until(value: Any, place: str, start: str) -> str:
    months_until(start, word(value, place))
    return str(value)


def _sliders(value: Any, place: str) -> tuple[tuple[str, float], ...]:
    if not isinstance(value, dict):
        raise InputError(f"{place}: {shown(value)} must be a table of names.")
    return tuple((name, checked_value(name, number, place)) for name, number in value.items())


def _moves(value: Any, place: str, months: int) -> tuple[Move, ...]:
    if not isinstance(value, list) or len(value) > MOST_MOVES:
        raise InputError(f"{place}: must be a list of at most {MOST_MOVES} moves.")
    moves = sorted((_move(move, place, months) for move in value), key=lambda move: move.month)
    times = Counter((move.month, move.name) for move in moves)
    for (month, name), count in times.items():
        if count > 1:
            raise InputError(f"{place}: {name} is moved {count} times in month {month}.")
    return tuple(moves)


def _move(value: Any, place: str, months: int) -> Move:
    if not isinstance(value, (list, tuple)) or len(value) != 3:
        raise InputError(f"{place}: a move is [month, lever, value], not {shown(value)}.")
    return checked_move(whole(value[0], f"{place}, month", 0, months), value[1], value[2], place)


def checked_move(month: int, name: Any, value: Any, place: str) -> Move:
    """A move of a declared lever to an allowed value, or one clear `InputError`."""
    number = checked_value(name, value, place)
    if BY_NAME[name].role != "lever":
        raise InputError(f"{place}: {name} is not a lever; allowed are {', '.join(LEVERS)}.")
    return Move(month, name, number)


def checked_value(name: Any, value: Any, place: str) -> float:
    """A value that a declared parameter may have, or one clear `InputError`."""
    if not isinstance(name, str) or name not in BY_NAME:
        raise InputError(
            f"{place}: parameter {shown(name)} is unknown{meant(name, BY_NAME)}; "
            "`moat parameters` lists all."
        )
    return BY_NAME[name].check(value, place)


def _offered(scenario: Scenario, place: str) -> Scenario:
    try:
        offered_world(scenario.world)
    except InputError as error:
        raise InputError(f"{place}: {error}") from None
    return scenario


# --- exports -----------------------------------------------------------------------------


def scenario_file(history: History, scenario: Scenario) -> str:
    """The scenario as a file for `moat run`; moves on the way are noted as comments.

    A shipped scenario that was changed does not keep its name.
    """
    named = shipped_scenarios().get(scenario.name, scenario).parameters
    changed = sum(value != named[name] for name, value in scenario.parameters.items())
    if changed:
        scenario = replace(scenario, name=f"{scenario.name}_{changed}_changed")
    notes = [
        f"# moved while running, month {month_label(history.market.roster.start, m.month)}: "
        f"{m.name} = {m.value:g} (not part of the scenario)\n"
        for m in history.moves
    ]
    return "".join(notes) + scenario.to_yaml()


def exported(kind: str, history: History, setting: Setting) -> tuple[str, str, bytes]:
    """File name, media type and content of an export; `InputError` if the kind is unknown."""
    name = re.sub(r"[^\w.-]+", "_", history.market.setting.name)[:80]
    stem = f"moat_{name}_seed{setting.seed}"
    if kind == "csv":
        return f"{stem}.csv", "text/csv", csv_text(history.market.frame()).encode()
    if kind == "parquet":
        buffer = io.BytesIO()
        history.market.frame().to_parquet(buffer)
        return f"{stem}.parquet", "application/vnd.apache.parquet", buffer.getvalue()
    if kind == "story":
        import pandas as pd

        frame = pd.DataFrame(history.events)
        return f"{stem}_story.csv", "text/csv", csv_text(frame, index=False).encode()
    if kind == "scenario":
        text = scenario_file(history, setting.scenario)
        return f"{stem}_scenario.yaml", "text/yaml", text.encode()
    if kind == "page":
        return f"{stem}_page.yaml", "text/yaml", setting.to_yaml().encode()
    raise InputError(
        f"export {shown(kind)} is unknown; allowed are csv, parquet, story, scenario, page."
    )
