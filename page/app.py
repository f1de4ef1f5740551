"""The Solara page: one session a browser tab, one widget that draws it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import solara
import solara.lab
import solara.server.settings

from model import Market
from page.component import PageWidget
from page.guard import guard_solara
from page.session import BROKEN
from page.tab import Tab, declared

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Solara finds fault with a component of Mesa's, unused here
    from mesa.visualization.utils import force_update, update_counter

# No request leaves this machine, and nothing but the page is on it.
solara.server.settings.telemetry.mixpanel_enable = False
solara.server.settings.theme.show_banner = False
solara.server.settings.theme.loader = "plain"
guard_solara()


@solara.component
def Page(components: Sequence[Any] = ()) -> None:
    """The whole page.

    Parameters
    ----------
    components : sequence
        Mesa visualisation components to show below it, e.g. of `make_plot_component`: functions
        of the model, or pairs of such a function and a page number.
    """
    solara.Title("Moat")
    _Careful(lambda: _Market(components), BROKEN)


@solara.component
def _Careful(draw: Callable[[], Any], sentence: str) -> None:
    """Draw something; if it fails, say so in a sentence and leave the traceback to the log."""
    failed, _ = solara.use_exception()  # Solara has logged it
    if failed is None:
        _Drawn(draw)
    else:
        solara.Text(sentence, classes=["moat-failed"])


@solara.component
def _Drawn(draw: Callable[[], Any]) -> None:
    draw()


@solara.component
def _Market(components: Sequence[Any]) -> None:
    update, set_update = solara.use_state(None)
    tab = solara.use_memo(Tab, [])

    def publish(news: dict[str, Any]) -> None:
        set_update(news)
        force_update()

    opening = solara.lab.use_task(lambda: tab.open(publish), dependencies=[], prefer_threaded=True)
    session = opening.value if opening.finished else None
    solara.use_effect(lambda: tab.leave, [])
    broken = (update or {}).get("failure", "")
    PageWidget.element(
        declared=declared if session else {},
        update=None if broken else update,
        failure=broken or (str(opening.exception) if opening.error else ""),
        on_act=session.act if session else None,
    )
    if session:
        for component in components:
            function = component[0] if isinstance(component, tuple) else component
            name = getattr(function, "__name__", type(function).__name__)
            _Careful(
                partial(_Beside, function, session.live.market),
                f"The component {name} could not be drawn; the log of the page says why.",
            )


@solara.component
def _Beside(function: Any, market: Market) -> None:
    update_counter.get()  # Mesa's signal that a month has passed
    function(market)


@solara.component
def Layout(children: list[Any]) -> None:
    """Nothing around the page: no bar, no drawer."""
    solara.Column(children=children, gap="0", classes=["moat-outer"])
