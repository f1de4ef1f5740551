"""A server of the page, a real browser, and tabs that watch where requests go."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update",
         "--disable-sync")  # fmt: skip
WINDOW = {"width": 1280, "height": 900}
PATIENCE = 180_000  # ms: a new machine compiles first
ANSWER = 60_000  # ms


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a page served for these tests."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("server") / "log.txt"
    with log.open("w") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "experiments.cli.main", "view", "--no-open", "--port", str(port)],
            cwd=ROOT, stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    url = f"http://localhost:{port}/"
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(url, timeout=5).close()
                break
            except OSError:
                assert server.poll() is None, log.read_text()
                time.sleep(0.5)
        yield url
    finally:
        import os
        import signal

        os.killpg(server.pid, signal.SIGTERM)  # the command and the server it started
        server.wait(20)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    assert chromium, "these tests need Chromium: install the package chromium"
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
        yield found
        found.close()


class Tab:
    """One browser tab on the page."""

    def __init__(self, page: Any, address: str, path: str = "") -> None:
        self.page = page
        self.left: list[str] = []  # requests that left this machine
        self.failed: list[str] = []  # requests and scripts that failed
        page.on("request", self._watch)
        page.on("requestfailed", lambda request: self.failed.append(request.url))
        page.on("pageerror", lambda error: self.failed.append(str(error)))
        page.goto(address + path)
        page.wait_for_selector("[data-test=step]", timeout=PATIENCE)
        page.wait_for_function("document.documentElement.dataset.moatDrawn", timeout=PATIENCE)

    def _watch(self, request: Any) -> None:
        if not request.url.startswith(("http://localhost:", "ws://localhost:", "data:", "blob:")):
            self.left.append(request.url)

    def act(self, deed: Callable[[], Any]) -> None:
        """Do something and wait until its own answer is drawn."""
        asked = "Number(document.documentElement.dataset.moatAsked || 0)"
        before = self.page.evaluate(asked)
        deed()
        self.page.wait_for_function(f"before => {asked} > before", arg=before, timeout=ANSWER)
        self.page.wait_for_function(
            "asked => Number(document.documentElement.dataset.moatAnswered || 0) >= asked",
            arg=self.page.evaluate(asked), timeout=ANSWER,
        )  # fmt: skip

    def click(self, name: str) -> None:
        """Press the control of that name and wait for the answer."""
        self.act(lambda: self.page.click(f"[data-test={name}]"))

    def text(self, name: str) -> str:
        """What a part of the page says."""
        return " ".join(self.page.inner_text(f"[data-test={name}]").split())

    def jump(self, label: str) -> None:
        """Go to a month and wait until it is reached."""
        self.page.fill("[data-test=jump]", label)
        self.act(lambda: self.page.press("[data-test=jump]", "Enter"))
        self.page.wait_for_function(
            "name => document.querySelector('[data-test=date]').innerText === name",
            arg=month_name(label), timeout=ANSWER,
        )  # fmt: skip

    def panel(self, title: str) -> str:
        """What a picture says of its first line: name and value."""
        label: str = self.page.get_attribute(f'[data-panel="{title}"]', "aria-label")
        return label

    def save(self, name: str, folder: Path) -> Path:
        """Save a file from the menu."""
        self.page.click("[data-test=menu] summary")
        with self.page.expect_download() as waiting:
            self.page.click(f"[data-test={name}]")
        target = folder / waiting.value.suggested_filename
        waiting.value.save_as(target)
        return target

    def load(self, path: Path) -> None:
        """Open a file from the menu."""
        self.act(lambda: self.page.set_input_files("[data-test=import]", path))


def month_name(label: str) -> str:
    """`2026-03` as the page writes it."""
    return time.strftime("%B %Y", time.strptime(label, "%Y-%m"))


@pytest.fixture(scope="session")
def shared(browser: Any) -> Any:
    """Tabs of one window: the second opens faster than the first, as for a user."""
    return browser.new_context(viewport=WINDOW)


@pytest.fixture
def open_tab(browser: Any, shared: Any, address: str) -> Iterator[Callable[..., Tab]]:
    """Opens tabs; afterwards, no request may have left this machine, and nothing have failed."""
    tabs: list[Tab] = []
    contexts = []

    def opened(path: str = "", **options: Any) -> Tab:
        context = shared
        if options:
            context = browser.new_context(viewport=WINDOW, **options)
            contexts.append(context)
        tabs.append(Tab(context.new_page(), address, path))
        return tabs[-1]

    yield opened
    for tab in tabs:
        tab.page.close()
    for context in contexts:
        context.close()
    assert [tab.left for tab in tabs] == [[] for _ in tabs]
    assert [tab.failed for tab in tabs] == [[] for _ in tabs]


@pytest.fixture
def tab(open_tab: Callable[..., Tab]) -> Tab:
    """A tab on the page, ready."""
    return open_tab()
