"""The Solara page: one session a browser tab, one widget that draws it."""

from __future__ import annotations

import threading
from typing import Any

import solara
import solara.lab

from model import Market, Scenario
from page import views
from page.component import PageWidget
from page.history import world
from page.session import Session

_warm = threading.Lock()
_declared: dict[str, Any] = {}


def _opened(publish: Any) -> Session:
    """A session whose first step is quick: rules are compiled and loaded before it is shown."""
    with _warm:
        if not _declared:
            scenario = Scenario.load("baseline")
            Market(scenario, seed=0, graph=world(scenario.world)).step()
            _declared.update(views.declarations())
    return Session(publish)


@solara.component
def Page() -> None:
    """The whole page."""
    update, set_update = solara.use_state(None)
    opening = solara.lab.use_task(
        lambda: _opened(set_update), dependencies=[], prefer_threaded=True
    )
    session = opening.value if opening.finished else None

    def close_when_left() -> Any:
        return session.close if session else None

    solara.use_effect(close_when_left, [session])
    solara.Title("Moat")
    PageWidget.element(
        declared=_declared if session else {},
        update=update,
        failure=str(opening.exception) if opening.error else "",
        on_act=session.act if session else None,
    )


@solara.component
def Layout(children: list[Any]) -> None:
    """Nothing around the page: no bar, no drawer."""
    solara.Column(children=children, gap="0", classes=["moat-outer"])
