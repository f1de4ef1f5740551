"""Fan mode: an ensemble of the page's settings in the background, by the compiled engine."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from typing import Any

from model import Ensemble, InputError, Scenario
from model.observe import INDICATORS
from page.history import world
from page.views import rounded

log = logging.getLogger("moat.page")

BAND = (0.05, 0.5, 0.95)
_turn = threading.Semaphore()  # fans of all tabs run one after another


class _Cancelled(Exception):
    pass


class Fan:
    """An ensemble that runs in a thread of its own.

    Parameters
    ----------
    scenario : Scenario
    members : int
    until : str
        Last month.
    tell : callable
        Called, from the thread, when there is news: progress, an end, a failure.

    Attributes
    ----------
    done : int
        Histories finished.
    result : dict or None
        ``bands`` (by indicator: 5 %, 50 %, 95 % by month) and ``shares`` of the regimes.
    """

    def __init__(
        self, scenario: Scenario, members: int, until: str, tell: Callable[[], None]
    ) -> None:
        self.scenario = scenario
        self.members = members
        self.until = until
        self.done = 0
        self.result: dict[str, Any] | None = None
        self.failure = ""
        self._tell = tell
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """True until it ends, is cancelled or fails."""
        return self.result is None and not self.failure and not self._stop.is_set()

    def cancel(self) -> None:
        """Stop after the batch under way."""
        self._stop.set()

    def _progress(self, done: int) -> None:
        if self._stop.is_set():
            raise _Cancelled
        self.done = done
        self._tell()

    def _run(self) -> None:
        while not _turn.acquire(timeout=0.2):
            if self._stop.is_set():
                return
        try:
            self._ensemble()
        except _Cancelled:
            pass
        except InputError as error:
            self.failure = str(error)
        except Exception:
            log.exception("a fan failed")
            self.failure = "The fan could not be run; the log of the page says why."
        finally:
            _turn.release()
        if not self._stop.is_set():
            self._tell()

    def _ensemble(self) -> None:
        # Leave a core to the page, so that playing goes on smoothly.
        workers = max(1, (os.cpu_count() or 2) - 1)
        runs = Ensemble(
            self.scenario, range(self.members), self.until,
            world(self.scenario.world), workers=workers,
        ).run(self._progress)  # fmt: skip
        bands = runs.quantiles(BAND)
        self.result = {
            "members": self.members,
            "bands": {
                c.name: [rounded(bands[c.name][q], 5) for q in BAND] for c in INDICATORS
            },
            "shares": {regime: float(share) for regime, share in runs.shares().items()},
        }
