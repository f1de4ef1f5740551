"""The page in a real browser: time from click to drawn month, first paint, memory.

    python -m benchmarks.page

Needs the extra `browser` and Chromium (`make test-browser` installs both). Keeps the raw
figures in `benchmarks/page.json`. Memory is read from /proc, so on Linux only.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

WORLDS = {"2025": "2025", "300 agents": "synthetic core_periphery 300"}
STEPS = 100
LONG_PLAY = 1000  # months, begun anew every 192
BROWSER = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
           "--disable-component-update", "--disable-sync", "--js-flags=--expose-gc")  # fmt: skip

# Milliseconds from a press of Step to the frame after its month was drawn.
STEP = """() => new Promise(done => {
  const root = document.documentElement, start = performance.now();
  const watch = new MutationObserver(() => {
    watch.disconnect();
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - start)));
  });
  watch.observe(root, { attributes: true, attributeFilter: ['data-moat-drawn'] });
  document.querySelector('[data-test=step]').click();
})"""
# The longest time between two frames while playing, in ms.
FRAMES = """ms => new Promise(done => {
  let last = performance.now(), worst = 0;
  const end = last + ms;
  const tick = now => { worst = Math.max(worst, now - last); last = now; now < end ? requestAnimationFrame(tick) : done(worst); };
  requestAnimationFrame(tick);
})"""  # noqa: E501


def resident(pid: int) -> float:
    """Resident memory of a process [MiB]."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def steps(page: Any, count: int) -> list[float]:
    """Times of so many steps [ms]."""
    return [page.evaluate(STEP) for _ in range(count)]


def opened(browser: Any, url: str) -> tuple[Any, dict[str, float]]:
    """A tab with its market, and the times it took [ms]."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    start = time.perf_counter()
    page.goto(url)
    page.wait_for_selector("[data-test=step]", timeout=300_000)
    page.wait_for_function("document.documentElement.dataset.moatDrawn")
    market = 1000 * (time.perf_counter() - start)
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    return page, {"first paint": paint, "market on the screen": market}


def choose(page: Any, world: str) -> None:
    """Begin in a world, of any size, as the page's own control does."""
    send = "world => document.querySelector('.moat').__vue__.send('world', { name: world })"
    answered(page, lambda: page.evaluate(send, world))


def press(page: Any, name: str) -> None:
    """Press a control and wait for the answer."""
    answered(page, lambda: page.click(f"[data-test={name}]"))


def answered(page: Any, deed: Callable[[], object]) -> None:
    """Do something and wait until its answer is drawn."""
    before = page.evaluate("document.documentElement.dataset.moatDrawn")
    deed()
    page.wait_for_function(
        "before => document.documentElement.dataset.moatDrawn !== before", arg=before
    )


def measure(browser: Any, url: str, server: int) -> dict[str, Any]:
    """All figures."""
    found: dict[str, Any] = {}
    opened(browser, url)[0].close()  # compiles, once
    page, found["opening"] = opened(browser, url)
    for name, world in WORLDS.items():
        choose(page, world)
        steps(page, 3)
        found[name] = steps(page, STEPS)
    page.select_option("[data-test=speed]", "0")
    press(page, "play")
    found["longest frame while playing"] = page.evaluate(FRAMES, 5000)
    page.click("[data-test=play]")
    time.sleep(1)
    choose(page, "2025")
    found["memory"] = []
    for month in range(LONG_PLAY + 1):
        if month % 200 == 0:
            page.evaluate("gc()")
            heap = page.evaluate("performance.memory.usedJSHeapSize") / 2**20
            found["memory"].append({"months": month, "server": resident(server), "browser": heap})
        if month % 192 == 191:
            press(page, "restart")
        page.evaluate(STEP)
    return found


def main() -> None:
    """Serve, measure, print, keep."""
    from playwright.sync_api import sync_playwright

    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "solara", "run", "page.app", "--production", "--no-open",
         "--no-check-version", "--port", str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        url = f"http://localhost:{port}/"
        for _ in range(240):
            try:
                urllib.request.urlopen(url, timeout=5).close()
                break
            except OSError:
                time.sleep(0.5)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=list(BROWSER)
            )
            found = measure(browser, url, server.pid)
            browser.close()
    finally:
        server.terminate()
        server.wait(20)
    for name in WORLDS:
        high = statistics.quantiles(found[name], n=20)[-1]
        print(f"click to drawn month, {name:12} median {statistics.median(found[name]):6.0f} ms, "
              f"95 % {high:6.0f} ms")  # fmt: skip
    for name, value in found["opening"].items():
        print(f"{name:34} {value:6.0f} ms")
    print(f"{'longest frame while playing':34} {found['longest frame while playing']:6.0f} ms")
    for row in found["memory"]:
        print(f"memory after {row['months']:5} months: server {row['server']:6.0f} MiB, "
              f"browser {row['browser']:6.1f} MiB")  # fmt: skip
    raw = {"python": platform.python_version(), "cores": os.cpu_count(), **found}
    Path(__file__).with_name("page.json").write_text(json.dumps(raw), encoding="utf-8")


if __name__ == "__main__":
    main()
