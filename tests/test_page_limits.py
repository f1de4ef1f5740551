"""What a tab may ask for is bounded, what it may send is anything, and what fails is undone."""

from __future__ import annotations

import base64
import json
import random
import re
import threading
from pathlib import Path
from typing import Any

import pytest
import yaml

import page.fan
import page.session
from model import InputError, Market
from page import limits
from page.fan import Fan
from page.files import read_file, read_setting
from page.history import History, offered_world
from page.session import ACTIONS, BROKEN, DEFECT, STATE, Session
from tests.test_page_session import LEVER, Tab
from world.parameters import BY_NAME

SEED = 20261130
MESSAGES = 400
SENTENCE = re.compile(r"[^\n]{3,800}[.)]")
NESTED: Any = []
for _ in range(5000):
    NESTED = [NESTED]
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 3, 10**30, 10**5000, -(10**5000), 1e308, 0.5, -0.0, float("nan"),
    float("inf"), float("-inf"), "", "a", "NaN", "new", "keep", "2025-03", "2025-13", "9999-12",
    "__class__", "../../etc/passwd", "/etc/passwd.yaml", "x" * 100_000, "a\nb", "\x00", "\ud800",
    "<script>alert(1)</script>", "{{ 1 + 1 }}", "$_$", "=1+1", [], {}, [[]], [1, 2, 3], {"a": 1},
    NESTED, {"k": NESTED}, b"bytes", "e30=", "W1td", "baseline", "2025", "synthetic random 20000",
    "synthetic random 99999999999999999999", "OpenAI", LEVER, "imitation_lag", "csv", "page",
)  # fmt: skip
USUAL: dict[str, tuple[Any, ...]] = {
    "ask": (1, 2), "have": ({}, {"months": 1}), "to": ("2025-03", "2025-02"), "months": (1, 2),
    "month": (0, 1, None), "seed": ("keep", 3), "value": (0.5, 6, 1e11), "until": ("2025-03",),
    "name": (LEVER, "imitation_lag", "ip_floor", "OpenAI", "2025", "baseline", "f.yaml"),
    "members": (2,), "what": ("csv", "page", "story"), "link": ("e30",), "content": ("e30=",),
    "size": (3,),
}  # fmt: skip


def message(chance: random.Random) -> Any:
    """Something a browser might send: mostly a known action, some of its values of any kind."""
    if chance.random() < 0.05:
        return chance.choice(VALUES)
    data = {
        key: chance.choice(VALUES if chance.random() < 0.3 else usual)
        for key, usual in USUAL.items() if chance.random() < 0.8
    }  # fmt: skip
    if chance.random() < 0.95:
        data["do"] = chance.choice(sorted(ACTIONS))
    if chance.random() < 0.2:
        data["have"] = {key: chance.choice(VALUES) for key in ("months", "events", "run", "twin")}
    return data


def test_any_message_is_answered_by_a_sentence_and_undone_if_refused() -> None:
    chance = random.Random(SEED)
    tab = Tab()
    tab.do("horizon", until="2025-04")
    tab.do("step")
    refused = 0
    for number in range(MESSAGES):
        before = {name: getattr(tab.session, name) for name in STATE}
        count = len(tab.answers)
        tab.session.act(message(chance))
        assert len(tab.answers) > count
        json.dumps(tab.answers[-1], allow_nan=False)
        if tab.error:
            refused += 1
            assert tab.error != DEFECT, number
            assert SENTENCE.fullmatch(tab.error), tab.error
            assert {name: getattr(tab.session, name) for name in STATE} == before
        tab.session.drop_fan({})
        if tab.session.live.months > 12:
            tab.do("restart")
    assert MESSAGES // 4 < refused < MESSAGES
    tab.do("restart", seed=0)
    assert tab.do("step")["status"]["months"] == 1


@pytest.mark.parametrize("action", ["step", "restart", "twin", "change", "world"])
def test_a_defect_is_one_sentence_without_details_and_undone(
    action: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tab = Tab()
    tab.do("step")
    before = tab.session.setting()

    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("private detail")

    for name in ("step", "move", "__init__"):
        monkeypatch.setattr(History, name, broken)
    tab.do(action, name="2023-01" if action == "world" else LEVER, value=1e11, month=0, seed=5)
    assert tab.error == DEFECT
    assert "private detail" in caplog.text
    monkeypatch.undo()
    assert tab.session.setting() == before
    assert tab.do("step")["status"]["months"] == 2


def test_a_market_that_cannot_be_drawn_is_closed_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tab = Tab()
    monkeypatch.setattr(page.session.views, "graph_at", lambda *_: 1 / 0)
    assert tab.do("step") == {"failure": BROKEN}


def test_worlds_are_those_that_come_with_moat_and_of_a_size_for_all() -> None:
    for name in ("2025", "2025-01", "synthetic random", "synthetic random 300"):
        assert offered_world(name) == name
    for name in (
        f"synthetic random {limits.MOST_AGENTS + 1}", "synthetic random 20000", "synthetic random 1",
        "synthetic random 300 ", "synthetic nothing 300", "synthetic", "w.yaml", "../2025", 7, None,
    ):  # fmt: skip
        with pytest.raises(InputError, match=r"^world: .*allowed are"):
            offered_world(name)


def test_a_world_too_large_is_refused_by_every_way() -> None:
    tab = Tab()
    large = "synthetic random 20000"
    file = base64.b64encode(yaml.safe_dump({"world": large}).encode()).decode()
    content = {**tab.session.setting().content(), "scenario": {"world": large}}
    link = base64.urlsafe_b64encode(json.dumps(content).encode()).decode()
    for action, data in (
        ("world", {"name": large}), ("import", {"name": "w.yaml", "content": file}),
        ("follow", {"link": link}),
    ):  # fmt: skip
        tab.do(action, **data)
        assert "20000 agents are not offered" in tab.error
        assert tab.session.live.market.setting.world == "2025"


def test_months_and_fans_are_fewer_in_larger_markets() -> None:
    assert limits.most_months(150) == limits.MOST_MONTHS
    assert limits.most_months(limits.MOST_AGENTS) * limits.MOST_AGENTS <= limits.MOST_AGENT_MONTHS
    assert limits.most_members(150, 192) == limits.MOST_MEMBERS
    assert limits.most_members(2000, 200) == 1250
    tab = Tab()
    tab.do("jump", to="2999-01")
    assert "runs for at most 1200 months" in tab.error
    tab.do("fan", members=limits.MOST_MEMBERS + 1)
    assert f"from 2 to {limits.MOST_MEMBERS}" in tab.error
    assert tab.session.fan is None


def test_long_work_is_done_in_pieces_and_can_be_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page.session, "BUDGET", 0.0)  # a month an answer
    tab = Tab()
    assert tab.do("jump", to="2025-12")["status"]["target"] == 12
    assert tab.session.live.months == 1
    tab.do("go on")
    tab.do("halt")
    assert tab.do("go on")["status"]["months"] == 2
    tab.reach("2025-06")
    content = tab.session.setting().content()
    other = Tab()
    other.session._restore(read_setting({**content, "shown": 2}, "link"))
    assert (other.session.live.months, other.session.target) == (1, 6)
    other.do("go on")
    other.finish()
    assert (other.session.live.months, other.session.month) == (6, 2)
    other.do("twin", name=LEVER, value=2e11, month=1)
    assert other.session.twin
    assert (other.session.twin.months, other.session.target) == (1, 6)
    other.finish()
    assert other.session.twin.months == 6


def test_a_closed_tab_does_nothing_more() -> None:
    tab = Tab()
    tab.session.close()
    count = len(tab.answers)
    tab.session.act({"do": "jump", "to": "2026-01"})
    assert tab.session.live.months == 0
    assert len(tab.answers) == count


def test_fans_of_all_tabs_take_turns_and_end_with_their_tab() -> None:
    told = threading.Event()
    with page.fan._turn:  # somebody else's fan runs
        tab = Tab()
        tab.do("horizon", until="2025-02")
        tab.do("fan", members=2)
        fan = tab.session.fan
        assert fan
        tab.session.close()
        fan._thread.join()
        assert not fan.running
        assert fan.done == 0
    fan = Fan(tab.session.base, 2, "2025-02", told.set)
    fan._thread.join()
    assert told.is_set()
    assert fan.result


def test_a_fan_that_fails_says_so_without_details(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page.fan, "Ensemble", lambda *_, **__: 1 / 0)
    tab = Tab()
    with page.fan._turn:
        tab.do("fan", members=2)
        fan = tab.session.fan
    assert fan
    fan._thread.join()
    assert "the log of the page says why" in tab.error
    assert "division" not in tab.error


def test_a_large_file_is_refused_before_it_is_read() -> None:
    tab = Tab()
    tab.do("import", name="large.yaml", size=limits.LARGEST_FILE + 1)
    assert tab.error == "import: 'large.yaml' is larger than 1048576 bytes."
    tab.do("import", name="large.yaml", content="A" * (2 * limits.LARGEST_FILE))
    assert tab.error == "import: 'large.yaml' is larger than 1048576 bytes."


def test_all_faults_of_a_saved_page_are_said_at_once() -> None:
    content = {**Tab().session.setting().content(), "sede": 1, "seed": -1, "month": 2,
               "moves": [[5, LEVER, 1e11]], "twin": [0, "imitation_lag", 5], "shown": 2,
               "sliders": {"ip_flor": 0.5}}  # fmt: skip
    with pytest.raises(InputError) as refused:
        read_file("p.yaml", yaml.safe_dump(content).encode())
    text = str(refused.value)
    assert text.startswith("p.yaml: 7 faults.") or text.startswith("p.yaml: 6 faults.")
    assert "did you mean 'seed'?" in text


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"month": 3, "moves": [[4, LEVER, 1e11]]}, "must be a whole number from 0 to 3"),
        ({"month": 3, "moves": [[1, LEVER, 1e11], [1, LEVER, 2e11]]}, "moved 2 times in month 1"),
        ({"sliders": {"ip_flor": 0.5}}, "did you mean 'ip_floor'?"),
        ({"month": 3, "twin": [4, LEVER, 0]}, "must be a whole number from 0 to 3"),
        ({"pinned": "a\nb"}, "must be a text of one line"),
        ({"moves": [[0, LEVER, 1e11]] * 1001}, "at most 1000 moves"),
    ],
    ids=str,
)  # fmt: skip
def test_a_fault_of_a_saved_page_is_named(change: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=re.escape(says)):
        read_setting({**Tab().session.setting().content(), **change}, "link")


def test_moves_in_any_order_are_the_same_history() -> None:
    content = Tab().session.setting().content()
    moves = [[2, LEVER, 2e11], [0, LEVER, 1e11], [1, "ip_floor", 0.5]]
    one = read_setting({**content, "month": 3, "moves": moves}, "link")
    other = read_setting({**content, "month": 3, "moves": moves[::-1]}, "link")
    assert one == other
    assert [move.month for move in one.moves] == [0, 1, 2]


def test_a_changed_scenario_says_so() -> None:
    tab = Tab()
    assert tab.do("scenario", name="imitation")["status"]["scenario"] == "imitation"
    tab.do("change", name="imitation_lag", value=14)
    assert tab.do("change", name="imitation_cost_share", value=0.02)["status"]["scenario"] == (
        "imitation, 2 changed"
    )
    tab.do("step")
    assert tab.do("change", name="ip_floor", value=0.9)["status"]["scenario"] == (
        "imitation, 3 changed"
    )
    file = base64.b64decode(tab.do("export", what="scenario")["download"]["content"])
    assert yaml.safe_load(file)["name"] == "imitation_2_changed"
    other = Tab()
    other.restore(read_setting(tab.session.setting().content(), "link"))
    assert other.answers[-1]["status"]["scenario"] == "imitation, 3 changed"
    tab.do("restart")
    assert tab.do("scenario", name="imitation")["status"]["scenario"] == "imitation"


def test_the_story_on_the_page_is_the_markets() -> None:
    tab = Tab()
    tab.reach("2025-03")
    tab.do("change", name="ip_floor", value=0.9)
    tab.reach("2025-09")
    told = [event.sentence for event in tab.session.live.events]
    market = Market(tab.session.base, seed=0).run_until("2025-03")
    market.intervene("lever", name="ip_floor", value=0.9)
    market.run_until("2025-09")
    assert told == market.story()["sentence"].tolist()
    tab.do("twin", name="ip_floor", value=0.9, month=3)
    tab.finish()
    assert tab.session.twin
    assert [event.sentence for event in tab.session.twin.events] == told
    tab.do("show", month=4)
    assert [event.sentence for event in tab.session.live.events] == told


def test_a_tab_reads_no_file_of_the_machine(tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text("name: secret\n")
    tab = Tab()
    tab.do("scenario", name=str(file))
    assert "is not offered" in tab.error
    tab.do("scenario", name="baseline.yaml")
    assert "is not offered" in tab.error


def test_no_part_of_the_page_takes_text_for_markup() -> None:
    for path in (Path(limits.__file__).parent / "client").iterdir():
        text = path.read_text("utf-8")
        for door in ("v-html", "innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval("):
            assert door not in text, path.name


def test_the_name_of_a_download_is_a_plain_file_name() -> None:
    for name in ("a/b", "../x", 'q"<script>', "cost $_$", "x" * 190):
        tab = Tab()
        file = yaml.safe_dump({"name": name, "world": "2025"}).encode()
        answer = tab.do("import", name="f.yaml", content=base64.b64encode(file).decode())
        if tab.error:
            continue  # refused where it is read
        answer = tab.do("export", what="csv")
        assert re.fullmatch(r"moat_[\w.-]{1,80}_seed0\.csv", answer["download"]["name"])


def test_what_a_session_keeps_of_messages_does_not_grow() -> None:
    tab = Tab()
    tab.do("step")
    sizes = []
    for _ in range(3):
        for _ in range(20):
            tab.do("hover", name="OpenAI")
            tab.do("pin", name="OpenAI")
            tab.do("link")
            tab.do("change", name="ip_floor", value=0.5)
        sizes.append(len(tab.session.live.moves))
    assert sizes == [1, 1, 1]
    assert {p for p in tab.session.sliders} == set(BY_NAME)
    assert isinstance(tab.session, Session)
