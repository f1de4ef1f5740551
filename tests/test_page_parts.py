"""What stands below the page: a component that fails is one sentence, and the tab goes on."""

from __future__ import annotations

import time
from typing import Any

import pytest

solara = pytest.importorskip("solara")


def test_a_component_that_fails_says_so_and_the_others_go_on() -> None:
    import ipyvuetify

    from page.app import Page
    from page.component import PageWidget

    def month(market: Any) -> None:
        solara.Text(f"month {market.month}")

    def broken(market: Any) -> None:
        raise RuntimeError("private detail")

    @solara.component
    def BrokenWithin(market: Any) -> None:
        raise RuntimeError("private detail")

    _, tab = solara.render(Page([broken, BrokenWithin, (month, 1)]), handle_error=False)

    def said() -> list[str]:
        return [child for html in tab.find(ipyvuetify.Html).widgets for child in html.children]

    try:
        for _ in range(600):
            if "month 0" in said():
                break
            time.sleep(0.2)
        assert said() == [
            "The component broken could not be drawn; the log of the page says why.",
            "The component BrokenWithin could not be drawn; the log of the page says why.",
            "month 0",
        ]
        widget = tab.find(PageWidget).widget
        widget.vue_act({"do": "step"})
        assert said()[2] == "month 1"
        widget.vue_act({"do": ["nonsense"]})
        assert widget.update["status"]["error"] == "action ['nonsense'] is unknown."
        widget.on_act = None
        widget.vue_act({"do": "step"})  # before the market is open: nothing
        assert said()[2] == "month 1"
    finally:
        tab.close()


def test_a_page_that_cannot_draw_its_market_is_closed_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import page.app as app

    def broken(**_: Any) -> None:
        raise RuntimeError("private detail")

    monkeypatch.setattr(app.PageWidget, "element", broken)
    import ipyvuetify

    _, tab = solara.render(app.Page(), handle_error=False)
    try:
        html = tab.find(ipyvuetify.Html).widgets
        assert [child for widget in html for child in widget.children] == [app.BROKEN]
    finally:
        tab.close()
