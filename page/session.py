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
    word,
)
from page.history import History, history_start, offered_world, shipped_scenarios
from page.limits import BUDGET, LARGEST_FILE, MOST_MOVES, most_members
from world.calendar import month_label, month_number, months_until
from world.faults import meant
from world.faults import shown as said
from world.parameters import BY_NAME

log = logging.getLogger("moat.page")

FAN_MEMBERS = 200
NEWS_EVERY = 0.25  # seconds between two reports of a fan's progress
DEFECT = "Something went wrong in the page; what was asked is undone, and its log says why."
BROKEN = "The page could not draw this market any more; its log says why."
# What an action may change, and what is put back if it fails.
STATE = ("live", "twin", "twin_move", "seed", "until", "base", "sliders", "shown", "look", "pinned",
         "fan", "notice", "_run", "_card", "_download")  # fmt: skip


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
    target : int or None
        Months to be run; the tab asks to go on until they are.
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
        self._closed = False
        self.shown: int | None = None
        self.look: int | None = None  # month to look at once the target is reached
        self.target: int | None = None
        self.error = ""
        self.notice = ""
        self._download: dict[str, str] | None = None
        self._card: dict[str, Any] | None = None
        self._apply(setting or Setting(Scenario.load("baseline")))

    # --- state ------------------------------------------------------------------------

    def _apply(self, setting: Setting) -> None:
        """Become what a setting describes: begin, run, move, look back."""
        months_until(history_start(setting.scenario), setting.until)  # refuses what is before it
        self.live = History(setting.scenario, setting.seed, setting.moves)
        self.seed = setting.seed
        self.until = setting.until
        self.base = setting.scenario  # the shipped or imported one that presets choose
        self.sliders = dict(setting.scenario.parameters)
        for move in setting.moves:
            self.sliders[move.name] = move.value
        self.sliders.update(setting.sliders)
        self.pinned = setting.pinned if setting.pinned in self.live.names else ""
        self._run += 1
        self.twin: History | None = None
        self.twin_move = setting.twin
        if setting.twin:
            self._begin_twin()
        self._run_to(setting.month, look=setting.shown)
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

    def _on_controls(self) -> Scenario:
        """The scenario with the values on the controls; a moved one has lost its reason."""
        held = self.base.parameters
        return self.base.with_(**{k: v for k, v in self.sliders.items() if v != held[k]})

    def _begin(self) -> None:
        """Begin a history with the values on the controls."""
        base = self.base
        self._apply(Setting(self._on_controls(), self.seed, self.until, pinned=self.pinned))
        self.base = base

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
        self.twin = History(self.live.market.setting, self.seed, moves)
        self._have["twin"] = 0

    # --- what a user can do -------------------------------------------------------------

    def act(self, data: Any) -> None:
        """Do what the tab asks, and answer; what cannot be done is one sentence, and undone."""
        with self._lock:
            before = {name: getattr(self, name) for name in STATE}
            histories = [(h, h.moves) for h in (self.live, self.twin) if h]
            before["sliders"] = dict(self.sliders)
            try:
                name = data.get("do") if isinstance(data, dict) else None
                if not isinstance(name, str) or name not in ACTIONS:
                    raise InputError(f"action {said(name)} is unknown.")
                self._note(data.get("have"))
                self._asked = whole(data.get("ask", 0), "ask", 0, 2**53)
                self.error = ""
                ACTIONS[name](self, data)
            except Exception as error:
                if isinstance(error, InputError):
                    self.error = str(error)
                else:
                    log.exception("an action failed")
                    self.error = DEFECT
                self.__dict__.update(before, target=None)
                for history, moves in histories:
                    history.moves = moves
            self._answer()

    def _note(self, have: Any) -> None:
        """What the tab says it has already; sent again if it says less."""
        if isinstance(have, dict):
            for key in self._have:
                value = have.get(key, -1)
                if isinstance(value, int) and not isinstance(value, bool):
                    self._have[key] = value if key in ("run", "fan") else max(0, value)

    def step(self, data: dict[str, Any]) -> None:
        """Run some months."""
        months = whole(data.get("months", 1), "step, months", 1, self.live.most_months)
        self._run_to(self.live.months + months)

    def jump(self, data: dict[str, Any]) -> None:
        """Go to a month: look back, or run on until it."""
        label, start = word(data.get("to"), "jump"), self.live.market.roster.start
        month = month_number(label, "jump") - month_number(start)
        if month < 0:
            raise InputError(f"jump: {label!r} is before {start}, the first month.")
        if month < self.live.months:
            self.shown, self.target = month, None
        else:
            self._run_to(month + 1)

    def go_on(self, data: dict[str, Any]) -> None:
        """Run on towards the month jumped to."""
        if self.target is not None:
            self._run_to(self.target, self.look)

    def halt(self, data: dict[str, Any]) -> None:
        """Give up the month jumped to."""
        self.target = None

    def _run_to(self, months: int, look: int | None = None) -> None:
        """Run history and twin, as many months as fit into an answer, then look at one of them."""
        live, most = self.live, self.live.most_months
        if months > most:
            raise InputError(
                f"months: {months} are too many; a market of {len(live.names)} agents runs for at "
                f"most {most} months on the page."
            )
        self.shown, self.look, self.target = None, look, months
        ends = time.perf_counter() + BUDGET
        while not self._closed:
            if self.twin and self.twin.months < live.months:
                self.twin.step()
            elif live.months < months:
                live.step()
            else:
                self.shown, self.target = look, None
                break
            if time.perf_counter() > ends:
                break

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
        name = word(data.get("name"), "control")
        parameter = BY_NAME.get(name)
        if parameter is None:
            raise InputError(f"control: parameter {said(name)} is unknown{meant(name, BY_NAME)}.")
        value = parameter.check(data.get("value"), "control")
        if len(self.live.moves) >= MOST_MOVES:
            raise InputError(f"control: at most {MOST_MOVES} levers are moved in one history.")
        self.sliders[parameter.name] = value
        if self.live.months == 0:
            self._begin()
        elif parameter.role == "lever":
            self.live.move(parameter.name, value)
            if self.twin and self.twin_move and self.twin_move.name != parameter.name:
                self.twin.move(parameter.name, value)

    def scenario(self, data: dict[str, Any]) -> None:
        """Begin a shipped scenario, in the world chosen."""
        name = word(data.get("name"), "scenario")
        if name not in shipped_scenarios():
            raise InputError(
                f"scenario {said(name)} is not offered{meant(name, shipped_scenarios())}; "
                f"allowed are {', '.join(shipped_scenarios())}."
            )
        self.base = replace(shipped_scenarios()[name], world=self.live.market.setting.world)
        self.sliders = dict(self.base.parameters)
        self._begin()

    def world(self, data: dict[str, Any]) -> None:
        """Begin in another world."""
        self.base = replace(self.base, world=offered_world(data.get("name")))
        self._begin()

    def horizon(self, data: dict[str, Any]) -> None:
        """Set the month at which playing stops."""
        label = word(data.get("until"), "until")
        months_until(self.live.market.roster.start, label)
        self.until = label

    def pin(self, data: dict[str, Any]) -> None:
        """Open an agent's card, with its past and neighbours."""
        self.pinned = self._agent(data)

    def hover(self, data: dict[str, Any]) -> None:
        """Show an agent's figures while the pointer is on it."""
        name = self._agent(data)
        self._card = views.card(self.live, name, self.month, whole=False) if name else None

    def _agent(self, data: dict[str, Any]) -> str:
        name = word(data.get("name") or "", "agent")
        if name and name not in self.live.names:
            raise InputError(f"agent {said(name)} is not in this market{meant(name, self.live.names)}.")
        return name

    def run_twin(self, data: dict[str, Any]) -> None:
        """Run the same history with one lever moved in the past."""
        latest = self.live.months
        month = whole(data.get("month"), "twin, month", 0, max(0, latest))
        self.twin_move = checked_move(month, data.get("name"), data.get("value"), "twin")
        self._begin_twin()
        self._run_to(latest)

    def drop_twin(self, data: dict[str, Any]) -> None:
        """Put the twin away."""
        self.twin = self.twin_move = None

    def run_fan(self, data: dict[str, Any]) -> None:
        """Run an ensemble of the current settings in the background."""
        months = months_until(self.live.market.roster.start, self.until)
        most = most_members(len(self.live.names), months)
        members = whole(data.get("members", FAN_MEMBERS), "fan, histories", 2, most)
        scenario = self._on_controls()
        if self.fan:
            self.fan.cancel()
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
                self._answer()

    def export(self, data: dict[str, Any]) -> None:
        """Hand over a file of what is seen."""
        name, media, content = exported(word(data.get("what"), "export"), self.live, self.setting())
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
        name, text = word(data.get("name", "file"), "import"), data.get("content", "")
        size = whole(data.get("size", 0), "import, bytes", 0, 2**53)
        if not isinstance(text, str):
            raise InputError("import: the file did not arrive whole.")
        if max(size, len(text) * 3 // 4) > LARGEST_FILE:
            raise InputError(f"import: {said(name)} is larger than {LARGEST_FILE} bytes.")
        try:
            content = base64.b64decode(text, validate=True)
        except ValueError:
            raise InputError("import: the file did not arrive whole.") from None
        self._restore(read_file(name, content))

    def follow(self, data: dict[str, Any]) -> None:
        """Become what a link says."""
        code = data.get("link")
        try:
            text = base64.urlsafe_b64decode(f"{code}{'=' * (-len(str(code)) % 4)}")
            content = json.loads(text)
        except (ValueError, RecursionError):
            raise InputError("link: this is not a link made by this page.") from None
        self._restore(read_setting(content, "link"))

    def _restore(self, setting: Setting) -> None:
        self._apply(setting)
        self.notice = f"Restored {setting.scenario.name}, seed {setting.seed}."
        if setting.pinned != self.pinned:
            self.notice += f" It has no agent {said(setting.pinned)}."

    def ready(self, data: dict[str, Any]) -> None:
        """The tab has drawn itself and asks for all it lacks."""

    def close(self) -> None:
        """The tab was closed: stop what runs for it."""
        self._closed = True
        if self.fan:
            self.fan.cancel()

    # --- answers ------------------------------------------------------------------------

    def _answer(self) -> None:
        if self._closed:
            return
        try:
            self.update()
        except Exception:
            log.exception("an answer failed")
            self._publish({"failure": BROKEN})

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
            "scenario": self._label(held),
            "world": live.market.setting.world,
            "seed": self.seed,
            "sliders": _changed(self.sliders),
            "preset": _changed(self.base.parameters),
            "pending": [k for k, v in self.sliders.items() if v != held[k]],
            "moves": [[m.month, m.name, m.value] for m in live.moves],
            "twin": list(self.twin_move) if self.twin_move else None,
            "twin_regime": (
                views.regime(self.twin, min(self.month, self.twin.months - 1)) if self.twin else None
            ),
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


    def _label(self, held: Mapping[str, float]) -> str:
        """The scenario's name, with the count of parameters that are not as it has them."""
        named = shipped_scenarios().get(self.base.name, self.base).parameters
        changed = sum(held[name] != named[name] for name in held)
        return f"{self.base.name}, {changed} changed" if changed else self.base.name


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
