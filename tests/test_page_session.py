"""A tab's session without a browser: what a user's actions do to the market behind the page."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import pytest
import yaml

from model import STANDARD, InputError, Scenario
from page.files import Setting, read_file, read_setting
from page.history import History
from page.session import Session
from world.kinds import INSTITUTIONS

LEVER = "public_extra"


class Tab:
    """A session and its latest answer."""

    def __init__(self) -> None:
        self.answers: list[dict[str, Any]] = []
        self.session = Session(self.answers.append)

    def do(self, action: str, **data: Any) -> dict[str, Any]:
        self.session.act({"do": action, **data})
        return self.answers[-1]

    def reach(self, label: str) -> None:
        self.do("jump", to=label)
        self.finish()

    def finish(self) -> None:
        """Go on until what was asked is done, as the tab does."""
        while self.answers[-1]["status"]["target"] is not None:
            self.do("go on")
        assert not self.error

    def restore(self, setting: Setting) -> None:
        self.session._restore(setting)
        self.do("go on")
        self.finish()

    @property
    def error(self) -> str:
        return str(self.answers[-1]["status"]["error"])


def indicators(history: History) -> Any:
    """All indicators of all months."""
    return history.market.frame().to_numpy()


def same(one: Session, other: Session) -> None:
    """Live history, twin and everything on the controls are equal to the bit."""
    assert one.setting() == other.setting()
    np.testing.assert_array_equal(indicators(one.live), indicators(other.live))
    assert (one.twin is None) == (other.twin is None)
    if one.twin and other.twin:
        np.testing.assert_array_equal(indicators(one.twin), indicators(other.twin))


def test_a_setting_restores_levers_twin_and_look_back() -> None:
    tab = Tab()
    tab.reach("2025-06")
    tab.do("change", name="export_control", value=0.9)
    tab.reach("2025-09")
    tab.do("twin", name=LEVER, value=2e11, month=5)
    tab.finish()
    tab.reach("2025-12")
    tab.do("change", name=LEVER, value=1e11)  # the twin's own lever holds
    tab.do("change", name="ip_floor", value=0.5)  # the others move in both
    tab.do("change", name="imitation_lag", value=8)  # waits for a restart
    tab.reach("2026-03")
    tab.do("show", month=7)
    tab.do("pin", name="OpenAI")
    text = json.dumps(tab.session.setting().content())
    by_link, by_file = Tab(), Tab()
    by_link.restore(read_setting(json.loads(text), "link"))
    by_file.restore(read_file("page.yaml", tab.session.setting().to_yaml().encode()))
    for other in (by_link, by_file):
        same(tab.session, other.session)
        assert other.session.month == 7
        assert other.session.pinned == "OpenAI"
        assert other.do("ready")["status"]["pending"] == ["imitation_lag"]


def test_a_moved_lever_is_the_only_difference_of_the_twin() -> None:
    tab = Tab()
    tab.reach("2026-06")
    tab.do("twin", name=LEVER, value=3e11, month=6)
    tab.finish()
    live = indicators(tab.session.live)
    assert tab.session.twin
    twin = indicators(tab.session.twin)
    np.testing.assert_array_equal(live[:6], twin[:6])
    assert (live[6:] != twin[6:]).any()
    tab.do("twin", name=LEVER, value=Scenario.load("baseline").parameters[LEVER], month=6)
    tab.finish()
    np.testing.assert_array_equal(live, indicators(tab.session.twin))


def test_a_fan_of_another_world_is_put_away() -> None:
    tab = Tab()
    tab.do("horizon", until="2025-02")
    tab.do("fan", members=2)
    assert tab.session.fan
    tab.session.fan._thread.join()
    assert tab.do("ready")["status"]["fan"]["settings"]
    tab.do("restart", seed="new")
    assert tab.session.fan is not None  # it holds for any seed
    elsewhere = yaml.safe_dump({"world": "synthetic random"}).encode()
    tab.do("import", name="elsewhere.yaml", content=base64.b64encode(elsewhere).decode())
    assert not tab.error
    assert tab.session.fan is None


def test_two_sessions_share_nothing() -> None:
    one, other = Tab(), Tab()
    one.do("change", name=LEVER, value=2e11)
    one.reach("2025-06")
    other.reach("2025-06")
    untouched = Tab()
    untouched.reach("2025-06")
    same(other.session, untouched.session)
    assert one.session.setting() != other.session.setting()
    assert (indicators(one.session.live) != indicators(other.session.live)).any()


@pytest.mark.parametrize(
    "data",
    [
        {"do": "__class__"},
        {"do": "_restore", "content": ""},
        {"do": "jump", "to": "__import__('os').getcwd()"},
        {"do": "jump", "to": "2025-13"},
        {"do": "step", "months": "1+1"},
        {"do": "change", "name": "export_control", "value": "0.5*1"},
        {"do": "change", "name": "__class__", "value": 1},
        {"do": "change", "name": "export_control", "value": None},
        {"do": "change", "name": "export_control", "value": float("nan")},
        {"do": "twin", "name": "imitation_lag", "value": 3, "month": 0},
        {"do": "twin", "name": LEVER, "value": 0, "month": 99},
        {"do": "scenario", "name": "../baseline"},
        {"do": "world", "name": "../2025"},
        {"do": "world", "name": 7},
        {"do": "restart", "seed": -1},
        {"do": "horizon", "until": "1999-01"},
        {"do": "show", "month": 5},
        {"do": "pin", "name": "Nobody"},
        {"do": "fan", "members": 1e9},
        {"do": "export", "what": "../x"},
        {"do": "import", "name": "x.yaml", "content": "no base64!"},
        {"do": "import", "name": "x.yaml", "content": ""},
        {"do": "follow", "link": "nonsense"},
        {"do": "follow", "link": "WzFd"},
        None,
        "step",
    ],
    ids=str,
)
def test_what_is_not_allowed_is_one_sentence_and_changes_nothing(data: Any) -> None:
    tab = Tab()
    tab.do("step")
    before = tab.session.setting()
    tab.session.act(data)
    assert tab.error.endswith(".")
    assert "\n" not in tab.error
    assert "went wrong" not in tab.error  # a refusal, not a defect
    assert tab.session.setting() == before
    assert tab.do("step")["status"]["months"] == 2  # and goes on


@pytest.mark.parametrize(
    "change",
    [
        {"month": -1}, {"month": 5000}, {"seed": 0.5}, {"moves": [[0, "imitation_lag", 3]]},
        {"moves": "all"}, {"twin": [9, LEVER, 0]}, {"shown": 4}, {"unknown": 1},
        {"sliders": {"export_control": 9}}, {"sliders": [1]}, {"until": "soon"},
        {"scenario": {"world": "/etc/passwd"}},
    ],
    ids=str,
)  # fmt: skip
def test_a_false_setting_is_refused(change: dict[str, Any]) -> None:
    content = {**Tab().session.setting().content(), **change}
    with pytest.raises(InputError, match=r"^[^\n]+\.$"):
        read_setting(content, "link")


def test_what_cards_and_sizes_show_is_declared() -> None:
    from page import views

    assert set(views.HEADLINES) == set(STANDARD.columns)
    for shown in (views.HEADLINES, *views.SIZES.values()):
        for place, names in shown.items():
            known = {c.name for c in STANDARD.columns["industry" if place in INSTITUTIONS else place]}
            assert known >= set([names] if isinstance(names, str) else names), place


def test_customers_are_nodes_with_their_edges() -> None:
    from page import views

    history = History(Scenario(), seed=0).run(2)
    structure, graph = views.structure(history), views.graph_at(history, 1)
    kinds, names = structure["kinds"], structure["names"]
    rows = [i for i, kind in enumerate(kinds) if kind == "customers"]
    assert {names[i] for i in rows} == {"Chinese customers", "Consumers", "Firms and programmers"}
    assert all(graph["alive"][i] for i in rows)
    assert len({(structure["x"][i], structure["y"][i]) for i in range(len(names))}) == len(names)
    ends = {
        kind: [{kinds[i] for i in structure["edges"][kind][end]} for end in (0, 1)]
        for kind in ("serves", "lives")
    }
    assert ends["serves"] == [{"frontier_lab", "imitator"}, {"customers"}]
    assert ends["lives"] == [{"customers"}, {"government"}]
    card = views.card(history, "Consumers", 1, whole=True)
    assert card and card["kind"] == "customers"
    assert {"serves", "lives"} == {kind for kind, *_ in card["neighbours"]}
    assert [path[0] for path in card["past"]] == ["cash", "spends", "quality", "markup"]


def test_every_sector_balances_in_every_month() -> None:
    from page import views

    tab = Tab()
    tab.reach("2027-06")
    for month in range(30):
        money = views.money(tab.session.live, month)
        assert money
        received, paid, change = (np.array(money[k]) for k in ("received", "paid", "change"))
        assert received.sum() == pytest.approx(paid.sum(), rel=1e-12)
        assert np.abs(received - paid - change).max() <= 1e-9 * paid.sum()
        assert sum(flow[3] for flow in money["flows"]) == pytest.approx(paid.sum(), rel=1e-9)
