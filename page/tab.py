"""A browser tab's place on the page: taken while its market opens, given back when it is left."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

from solara.server import kernel_context

from model import InputError, Market, Scenario
from page import views
from page.history import world
from page.limits import MOST_TABS
from page.session import Session

log = logging.getLogger("moat.page")

declared: dict[str, Any] = {}  # by `views.declarations`, once the rules are compiled
_warm = threading.Lock()
_places = threading.BoundedSemaphore(MOST_TABS)


def _take_place() -> bool:
    """Take a place; where all are taken, tabs that have lost their browser give up theirs."""
    if _places.acquire(blocking=False):
        return True
    for context in list(kernel_context.contexts.values()):
        pages = list(context.page_status.values())
        if pages and kernel_context.PageStatus.CONNECTED not in pages:
            closing = threading.Thread(target=context.close)  # which forgets the context of its thread
            closing.start()
            closing.join()
    return _places.acquire(blocking=False)


class Tab:
    """Opens one session, and closes it however early the tab is left."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left = False
        self._session: Session | None = None

    def open(self, publish: Callable[[dict[str, Any]], None]) -> Session:
        """Open a market whose first step is quick: rules are compiled before it is shown.

        Raises
        ------
        InputError
            Every place is taken, or the market cannot be opened; said for the tab.
        """
        if not _take_place():
            raise InputError(
                f"{MOST_TABS} markets are open here, as many as this page serves at a time. "
                "Close a tab, or come back later."
            )
        try:
            with _warm:
                if not declared:
                    scenario = Scenario.load("baseline")
                    Market(scenario, seed=0, graph=world(scenario.world)).step()
                    declared.update(views.declarations())
            session = Session(publish)
        except Exception as error:
            _places.release()
            if isinstance(error, InputError):
                raise
            log.exception("a market did not open")
            raise InputError("Something went wrong in the page; its log says why.") from None
        with self._lock:
            self._session = session
            if self._left:
                self._close()
        return session

    def leave(self) -> None:
        """Close the session, now or as soon as it has opened."""
        with self._lock:
            self._left = True
            self._close()

    def _close(self) -> None:
        if self._session:
            self._session.close()
            self._session = None
            _places.release()
