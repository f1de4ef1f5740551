"""One browser tab's market, and everything its user can do to it."""

from __future__ import annotations

import base64
import json
import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from model import InputError, Scenario
from model.scenario import DEFAULTS
from page import views
from page.fan import Fan
from page.files import (
    LARGEST_SEED,
    Setting,
    checked_move,
    exported,
    read_file,
    read_setting,
    whole,
)
from page.history import OFFERED_WORLDS, History, history_start
from world.calendar import month_label, month_number, months_until
from world.parameters import BY_NAME

log = logging.getLogger("moat.page")

BUDGET = 0.1  # seconds of model time in one answer, so that the page never waits long
FAN_MEMBERS = 200
NEWS_EVERY = 0.25  # seconds between two reports of a fan's progress


class Session:
    """The state behind one tab: a live history, perhaps a twin and a fan.

    The browser acts by sending ``{"do": name, ...}``; every answer is an `update`
    with what the tab does not have yet.

    Parameters
    ----------
    publish : callable
        Takes an update (plain dict) to the tab.
    setting : Setting, optional
        What to begin with.

    Attributes
    ----------
    live : History
    twin : History or None
    shown : int or None
        Month looked back at; None follows the latest.
    sliders : dict
        Value of every parameter on the controls.
    """

    def __init__(
        self, publish: Callable[[dict[str, Any]], None], setting: Setting | None = None
    ) -> None:
        self._publish = publish
        self._lock = threading.RLock()
        self._number = 0  # of updates: each differs from the last
        self._asked = 0  # number of the latest action, as the tab counts
        self._run = 0  # of histories begun in this tab
        self._have = {"months": 0, "events": 0, "twin": 0, "run": -1, "fan": -1}
        self._fans = 0
        self._told_fan = 0.0
        self.fan: Fan | None = None
        self.error = ""
        self.notice = ""
        self._download: dict[str, str] | None = None
        self._card: dict[str, Any] | None = None
        self._apply(setting or Setting(Scenario.load("baseline")))

    # --- state ------------------------------------------------------------------------

    def _apply(self, setting: Setting) -> None:
        """Become what a setting describes: begin, run, move, look back."""
        months_until(history_start(setting.scenario), setting.until)  # refuses what is before it
        if setting.month > 1200:
            raise InputError(f"month: {setting.month} is more than 1200 months.")
        live = History(setting.scenario, setting.seed, setting.moves).run(setting.month)
        self.live = live
        self.seed = setting.seed
        self.until = setting.until
        self.base = setting.scenario  # the shipped or imported one that presets choose
        self.sliders = dict(setting.scenario.parameters)
        for move in setting.moves:
            self.sliders[move.name] = move.value
        self.sliders.update(setting.sliders)
        self.shown = setting.shown
        self.pinned = setting.pinned if setting.pinned in self._names() else ""
        self.target: int | None = None
        self._run += 1
        self.twin: History | None = None
        self.twin_move = setting.twin
        if setting.twin:
            self._begin_twin()
        if self.fan and not self._fan_fits():
            self.drop_fan({})

    def setting(self) -> Setting:
        """What is on the screen, to be saved."""
        held = dict(self.live.market.setting.parameters)
        for move in self.live.moves:
            held[move.name] = move.value
        return Setting(
            scenario=self.live.market.setting,
            seed=self.seed,
            until=self.until,
            month=self.live.months,
            moves=tuple(self.live.moves),
            twin=self.twin_move,
            sliders=tuple((k, v) for k, v in self.sliders.items() if v != held[k]),
            shown=self.shown,
            pinned=self.pinned,
        )

    @property
    def month(self) -> int:
        """Month on the screen; -1 is the opening."""
        return self.live.months - 1 if self.shown is None else self.shown

    def _names(self) -> list[str]:
        roster = self.live.market.roster
        return [name for names in roster.names.values() for name in names]

    def _begin(self) -> None:
        """Begin a history with the values on the controls."""
        values = MappingProxyType(dict(self.sliders))
        scenario = replace(self.base, parameters=values)
        self._apply(
            Setting(scenario, self.seed, self.until, pinned=self.pinned)
        )

    def _fan_fits(self) -> bool:
        """Whether the fan is of the world and the values on the controls."""
        if self.fan is None:
            return False
        scenario = self.fan.scenario
        return (scenario.world, scenario.parameters) == (self.base.world, self.sliders)

    def _begin_twin(self) -> None:
        assert self.twin_move is not None
        month, name, _ = self.twin_move
        # The twin's lever holds from its month on; all others move as in the live history.
        moves = [m for m in self.live.moves if m.name != name or m.month < month]
        moves.append(self.twin_move)
        self.twin = History(self.live.market.setting, self.seed, moves).run(self.live.months)
        self._have["twin"] = 0

    # --- what a user can do -------------------------------------------------------------

    def act(self, data: Any) -> None:
        """Do what the tab asks, and answer; bad input is one sentence in the page."""
        with self._lock:
            try:
                name = data.get("do") if isinstance(data, dict) else None
                if name not in ACTIONS:
                    raise InputError(f"action {name!r} is unknown.")
                self._note(data.get("have"))
                self._asked = whole(data.get("ask", 0), "ask", 0, 2**53)
                self.error = ""
                ACTIONS[name](self, data)
            except InputError as error:
                self.error = str(error)
                self.target = None
            except Exception as error:  # a defect: said in the page, logged with its trace
                log.exception("action failed")
                self.error = f"Something went wrong in the page: {type(error).__name__}: {error}"
                self.target = None
            self.update()

    def _note(self, have: Any) -> None:
        """What the tab says it has already; sent again if it says less."""
        if isinstance(have, dict):
            for key in self._have:
                value = have.get(key, -1)
                if isinstance(value, int) and not isinstance(value, bool):
                    self._have[key] = value

    def step(self, data: dict[str, Any]) -> None:
        """Run some months, as many as fit into the time of an answer."""
        self.shown = None
        months = whole(data.get("months", 1), "step, months", 1, 1200)
        self._run_to(self.live.months + months)

    def jump(self, data: dict[str, Any]) -> None:
        """Go to a month: look back, or run on until it."""
        label = str(data.get("to", ""))
        month = month_number(label, "jump") - month_number(self.live.market.roster.start)
        if month < 0 or month >= 1200:
            raise InputError(
                f"jump: {label!r} must be from {self.live.market.roster.start} to 100 years later."
            )
        if month < self.live.months:
            self.shown, self.target = month, None
        else:
            self.shown, self.target = None, month + 1
            self._run_to(month + 1)

    def go_on(self, data: dict[str, Any]) -> None:
        """Run on towards the month jumped to."""
        if self.target is not None:
            self._run_to(self.target)

    def halt(self, data: dict[str, Any]) -> None:
        """Give up the month jumped to."""
        self.target = None

    def _run_to(self, months: int) -> None:
        ends = time.perf_counter() + BUDGET
        while self.live.months < min(months, 1200):
            self.live.step()
            if self.twin:
                self.twin.step()
            if time.perf_counter() > ends:
                break
        if self.target is not None and self.live.months >= self.target:
            self.target = None

    def show(self, data: dict[str, Any]) -> None:
        """Look at a month that was run; null is the latest."""
        month = data.get("month")
        if month is not None:
            month = whole(month, "show, month", -1, self.live.months - 1)
        self.shown = None if month == self.live.months - 1 else month

    def restart(self, data: dict[str, Any]) -> None:
        """Begin again with the values on the controls; keep, renew or set the seed."""
        seed = data.get("seed", "keep")
        if seed == "new":
            self.seed = secrets.randbelow(100_000)
        elif seed != "keep":
            self.seed = whole(seed, "seed", 0, LARGEST_SEED)
        self._begin()

    def change(self, data: dict[str, Any]) -> None:
        """Move a control: a lever acts at once, all else from the next restart."""
        parameter = BY_NAME.get(str(data.get("name")))
        if parameter is None:
            raise InputError(f"parameter {data.get('name')!r} is unknown.")
        value = parameter.check(data.get("value"), "control")
        self.sliders[parameter.name] = value
        if self.live.months == 0:
            self._begin()
        elif parameter.role == "lever":
            self.live.move(parameter.name, value)
            if self.twin and self.twin_move and self.twin_move.name != parameter.name:
                self.twin.move(parameter.name, value)

    def scenario(self, data: dict[str, Any]) -> None:
        """Begin a shipped scenario, in the world chosen."""
        world = self.live.market.setting.world
        self.base = replace(Scenario.load(str(data.get("name"))), world=world)
        self.sliders = dict(self.base.parameters)
        self._begin()

    def world(self, data: dict[str, Any]) -> None:
        """Begin in another world."""
        world = str(data.get("name"))
        if " ".join(world.split(" ")[:2]) not in OFFERED_WORLDS:
            raise InputError(f"world {world!r} is not offered; allowed are {OFFERED_WORLDS}.")
        self.base = replace(self.base, world=world)
        self._begin()

    def horizon(self, data: dict[str, Any]) -> None:
        """Set the month at which playing stops."""
        label = str(data.get("until"))
        months_until(self.live.market.roster.start, label)
        self.until = label

    def pin(self, data: dict[str, Any]) -> None:
        """Open an agent's card, with its past and neighbours."""
        name = str(data.get("name") or "")
        if name and name not in self._names():
            raise InputError(f"agent {name!r} is not in this market.")
        self.pinned = name

    def hover(self, data: dict[str, Any]) -> None:
        """Show an agent's figures while the pointer is on it."""
        name = str(data.get("name") or "")
        self._card = views.card(self.live, name, self.month, whole=False) if name else None

    def run_twin(self, data: dict[str, Any]) -> None:
        """Run the same history with one lever moved in the past."""
        latest = self.live.months
        month = whole(data.get("month"), "twin, month", 0, max(0, latest))
        self.twin_move = checked_move(month, data.get("name"), data.get("value"), "twin")
        self._begin_twin()

    def drop_twin(self, data: dict[str, Any]) -> None:
        """Put the twin away."""
        self.twin = self.twin_move = None

    def run_fan(self, data: dict[str, Any]) -> None:
        """Run an ensemble of the current settings in the background."""
        members = whole(data.get("members", FAN_MEMBERS), "fan, histories", 2, 100_000)
        if self.fan:
            self.fan.cancel()
        scenario = replace(
            self.live.market.setting, parameters=MappingProxyType(dict(self.sliders))
        )
        self._fans += 1
        self.fan = Fan(scenario, members, self.until, self._fan_news)

    def drop_fan(self, data: dict[str, Any]) -> None:
        """Cancel the ensemble, or put its fan away."""
        if self.fan:
            self.fan.cancel()
        self.fan = None

    def _fan_news(self) -> None:
        fan = self.fan
        due = time.monotonic() - self._told_fan > NEWS_EVERY
        if fan and (due or not fan.running):
            self._told_fan = time.monotonic()
            with self._lock:
                if fan.failure:
                    self.error, self.fan = fan.failure, None
                self.update()

    def export(self, data: dict[str, Any]) -> None:
        """Hand over a file of what is seen."""
        name, media, content = exported(str(data.get("what")), self.live, self.setting())
        self._download = {
            "name": name, "media": media, "content": base64.b64encode(content).decode(),
        }  # fmt: skip

    def link(self, data: dict[str, Any]) -> None:
        """Hand over a link that restores the screen."""
        text = json.dumps(self.setting().content(), separators=(",", ":"))
        code = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
        self._download = {"link": code}

    def load(self, data: dict[str, Any]) -> None:
        """Become what a file says."""
        try:
            content = base64.b64decode(str(data.get("content", "")), validate=True)
        except ValueError:
            raise InputError("import: the file did not arrive whole.") from None
        self._restore(read_file(str(data.get("name", "file")), content))

    def follow(self, data: dict[str, Any]) -> None:
        """Become what a link says."""
        code = str(data.get("link", ""))
        try:
            text = base64.urlsafe_b64decode(code + "=" * (-len(code) % 4))
            content = json.loads(text)
        except ValueError:
            raise InputError("link: this is not a link made by this page.") from None
        self._restore(read_setting(content, "link"))

    def _restore(self, setting: Setting) -> None:
        self._apply(setting)
        self.notice = f"Restored {setting.scenario.name}, seed {setting.seed}."

    def ready(self, data: dict[str, Any]) -> None:
        """The tab has drawn itself and asks for all it lacks."""

    def close(self) -> None:
        """The tab was closed: stop what runs for it."""
        if self.fan:
            self.fan.cancel()

    # --- answers ------------------------------------------------------------------------

    def update(self) -> None:
        """Send the tab what it does not have yet."""
        self._number += 1
        update: dict[str, Any] = {
            "number": self._number, "answers": self._asked, "status": self._status(),
        }  # fmt: skip
        if self._have["run"] != self._run:
            self._have.update(months=0, events=0, twin=0, run=self._run)
            update["structure"] = views.structure(self.live)
        update["run"] = self._run
        since = min(self._have["months"], self.live.months)
        update["since"] = since
        update["rows"] = views.rows(self.live, since)
        update["spreads"] = views.spreads(self.live, since)
        update["events_since"] = min(self._have["events"], len(self.live.events))
        update["events"] = views.events(self.live, update["events_since"])
        self._have.update(months=self.live.months, events=len(self.live.events))
        if self.twin:
            update["twin_since"] = min(self._have["twin"], self.twin.months)
            update["twin"] = views.rows(self.twin, update["twin_since"])
            self._have["twin"] = self.twin.months
        if self.fan and self.fan.result and self._have["fan"] != self._fans:
            update["fan"] = self.fan.result
            self._have["fan"] = self._fans
        update["graph"] = views.graph_at(self.live, self.month)
        update["money"] = views.money(self.live, self.month)
        if self.pinned:
            update["pinned"] = views.card(self.live, self.pinned, self.month, whole=True)
        update["hover"], self._card = self._card, None
        update["download"], self._download = self._download, None
        self._publish(update)

    def _status(self) -> dict[str, Any]:
        live, start = self.live, self.live.market.roster.start
        held = dict(live.market.setting.parameters)
        for move in live.moves:
            held[move.name] = move.value
        fan = self.fan
        notice, self.notice = self.notice, ""
        return {
            "months": live.months,
            "month": self.month,
            "date": month_label(start, max(0, self.month)),
            "latest": self.shown is None,
            "start": start,
            "until": self.until,
            "horizon": months_until(start, self.until),
            "target": self.target,
            "scenario": live.market.setting.name,
            "world": live.market.setting.world,
            "seed": self.seed,
            "sliders": _changed(self.sliders),
            "preset": _changed(self.base.parameters),
            "pending": [k for k, v in self.sliders.items() if v != held[k]],
            "moves": [[m.month, m.name, m.value] for m in live.moves],
            "twin": list(self.twin_move) if self.twin_move else None,
            "twin_regime": views.regime(self.twin, self.month) if self.twin else None,
            "fan": {
                "done": fan.done, "members": fan.members, "running": fan.running,
                "settings": self._fan_fits(),
            } if fan else None,
            "fan_number": self._fans,
            "pinned": self.pinned,
            "regime": views.regime(live, self.month),
            "error": self.error,
            "notice": notice,
        }  # fmt: skip


def _changed(values: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in values.items() if value != DEFAULTS[name]}


# Everything a tab may ask for, by name; nothing else is ever called.
ACTIONS: dict[str, Callable[[Session, dict[str, Any]], None]] = {
    "ready": Session.ready,
    "step": Session.step,
    "jump": Session.jump,
    "go on": Session.go_on,
    "halt": Session.halt,
    "show": Session.show,
    "restart": Session.restart,
    "change": Session.change,
    "scenario": Session.scenario,
    "world": Session.world,
    "horizon": Session.horizon,
    "pin": Session.pin,
    "hover": Session.hover,
    "twin": Session.run_twin,
    "drop twin": Session.drop_twin,
    "fan": Session.run_fan,
    "drop fan": Session.drop_fan,
    "export": Session.export,
    "link": Session.link,
    "import": Session.load,
    "follow": Session.follow,
}
