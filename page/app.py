"""The Solara page: one session a browser tab, one widget that draws it."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Sequence
from typing import Any

import solara
import solara.lab
import solara.server.settings

from model import Market, Scenario
from page import views
from page.component import PageWidget
from page.guard import guard_solara
from page.history import world
from page.session import Session

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Solara finds fault with a component of Mesa's, unused here
    from mesa.visualization.utils import force_update, update_counter

# No request leaves this machine, and nothing but the page is on it.
solara.server.settings.telemetry.mixpanel_enable = False
solara.server.settings.theme.show_banner = False
solara.server.settings.theme.loader = "plain"
guard_solara()

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
def Page(components: Sequence[Any] = ()) -> None:
    """The whole page.

    Parameters
    ----------
    components : sequence
        Mesa visualisation components to show below it, e.g. of `make_plot_component`: functions
        of the model, or pairs of such a function and a page number.
    """
    update, set_update = solara.use_state(None)

    def publish(news: dict[str, Any]) -> None:
        set_update(news)
        force_update()

    opening = solara.lab.use_task(lambda: _opened(publish), dependencies=[], prefer_threaded=True)
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
    if session:
        for component in components:
            _Beside(component, session.live.market)


@solara.component
def _Beside(component: Any, market: Market) -> None:
    update_counter.get()  # Mesa's signal that a month has passed
    function = component[0] if isinstance(component, tuple) else component
    function(market)


@solara.component
def Layout(children: list[Any]) -> None:
    """Nothing around the page: no bar, no drawer."""
    solara.Column(children=children, gap="0", classes=["moat-outer"])
