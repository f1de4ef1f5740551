"""Tabs take places, and give them back."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest

from model import InputError

pytest.importorskip("solara")

import page.tab  # noqa: E402 (needs Solara)


def test_places_are_counted_and_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page.tab, "_places", threading.BoundedSemaphore(1))
    first, second = page.tab.Tab(), page.tab.Tab()
    first.open(lambda update: None)
    with pytest.raises(InputError, match=r"markets are open here.*Close a tab"):
        second.open(lambda update: None)
    second.leave()
    first.leave()
    first.leave()
    third = page.tab.Tab()
    third.leave()  # before it has opened
    assert third.open(lambda update: None)._closed
    page.tab.Tab().open(lambda update: None)


@pytest.mark.parametrize(("status", "closed"), [("DISCONNECTED", True), ("CONNECTED", False)])
def test_a_tab_that_lost_its_browser_makes_room(
    status: str, closed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page.tab, "_places", threading.BoundedSemaphore(1))
    first, second = page.tab.Tab(), page.tab.Tab()
    first.open(lambda update: None)
    known = page.tab.kernel_context
    context = SimpleNamespace(page_status={"x": known.PageStatus[status]}, close=first.leave)
    monkeypatch.setattr(known, "contexts", {"x": context})
    if closed:
        second.open(lambda update: None)
    else:
        with pytest.raises(InputError, match="markets are open here"):
            second.open(lambda update: None)


def test_a_market_that_fails_to_open_gives_its_place_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page.tab, "_places", threading.BoundedSemaphore(1))
    monkeypatch.setattr(page.tab, "Session", lambda publish: 1 / 0)
    for _ in range(2):
        with pytest.raises(InputError, match=r"^Something went wrong in the page; its log"):
            page.tab.Tab().open(lambda update: None)
