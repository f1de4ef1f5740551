"""The served page from outside: other sites are refused, and it ends when it is told to."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("solara")
websockets = pytest.importorskip("websockets")

ROOT = Path(__file__).parents[1]
VIEW = (sys.executable, "-m", "experiments.cli.main", "view", "--no-open")
# A server as `moat view` starts it, that computes from its first moment on: a fan and a market.
BUSY = """
import threading
from page.session import Session
from page.history import History
from page.server import serve

def compute():
    session = Session(lambda update: None)
    session.act({"do": "fan", "members": 5000})
    while True:
        session.act({"do": "step"})

threading.Thread(target=compute, daemon=True).start()
serve()
"""


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("localhost", 0))
        return int(free.getsockname()[1])


def started(command: tuple[str, ...], port: int, log: Path) -> subprocess.Popen[bytes]:
    """A server that answers."""
    with log.open("w") as out:
        server = subprocess.Popen(
            [*command, "--port", str(port)], cwd=ROOT, stdout=out, stderr=subprocess.STDOUT
        )
    for _ in range(600):
        if server.poll() is not None:
            break
        try:
            urllib.request.urlopen(f"http://localhost:{port}/readyz", timeout=1).close()
            return server
        except OSError:
            time.sleep(0.2)
    server.kill()
    raise AssertionError(log.read_text())


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Port of a page that also allows one other origin."""
    port = free_port()
    command = (*VIEW, "--allow-origin", "https://moat.example.org")
    server = started(command, port, tmp_path_factory.mktemp("server") / "log.txt")
    yield port
    server.send_signal(signal.SIGTERM)
    assert server.wait(30) == 0


def get(port: int, **headers: str) -> int:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def connect(port: int, **options: Any) -> str:
    """What a websocket is answered: "open", or the status of the refusal."""
    kernel = "b9a3b6d2-1111-4111-8111-" + os.urandom(6).hex()

    async def attempt() -> str:
        url = f"ws://localhost:{port}/jupyter/api/kernels/{kernel}/channels?session_id=x"
        try:
            async with websockets.connect(url, **options):
                return "open"
        except websockets.exceptions.InvalidStatus as error:
            return str(error.response.status_code)

    return asyncio.run(attempt())


def test_other_sites_and_names_are_refused(port: int) -> None:
    assert get(port) == 200
    assert get(port, Host=f"localhost:{port}") == 200
    assert get(port, Host="moat.example.org") == 200
    assert get(port, Host="evil.example") == 403
    assert get(port, Host=f"evil.example:{port}") == 403
    assert get(port, Origin="http://evil.example") == 403
    assert connect(port) == "open"
    assert connect(port, origin=f"http://localhost:{port}") == "open"
    assert connect(port, origin="https://moat.example.org") == "open"
    for origin in ("http://evil.example", "null", f"http://evil.example:{port}", "http://localhost"):
        assert connect(port, origin=origin) == "403", origin


def test_it_goes_on_after_messages_that_are_none(port: int) -> None:
    async def talk(message: str | bytes) -> None:
        kernel = "b9a3b6d2-2222-4222-8222-" + os.urandom(6).hex()
        url = f"ws://localhost:{port}/jupyter/api/kernels/{kernel}/channels?session_id=x"
        async with websockets.connect(url) as line:
            await line.send(message)
            with contextlib.suppress(TimeoutError, websockets.exceptions.ConnectionClosed):
                await asyncio.wait_for(line.recv(), 20)

    for message in ("", "[" * 10_000, "{}", '{"header": 1}', b"\x00\x01", "x" * 5_000_000):
        asyncio.run(talk(message))
    assert get(port) == 200


@pytest.mark.parametrize(
    "order",
    [
        pytest.param(signal.SIGTERM, id="SIGTERM"),
        pytest.param(signal.SIGINT, id="SIGINT", marks=pytest.mark.nightly),
    ],
)
def test_it_ends_whatever_it_computes(order: signal.Signals, tmp_path: Path) -> None:
    port = free_port()
    log = tmp_path / "log.txt"
    command = (sys.executable, "-c", BUSY, "--host", "localhost")
    server = started(command, port, log)
    assert connect(port) == "open"
    server.send_signal(order)
    assert server.wait(30) == 0, log.read_text()


def test_what_is_no_origin_is_refused_in_a_sentence() -> None:
    said = subprocess.run(
        [*VIEW, "--port", str(free_port()), "--allow-origin", "moat.example.org"],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert said.returncode == 2
    assert said.stdout == ""
    assert said.stderr.startswith("moat: --allow-origin: 'moat.example.org' must be an address")
    assert said.stderr.count("\n") == 1


@pytest.mark.parametrize("host", ["no such host", "x" * 300, "203.0.113.7", "localhost:80"])
def test_a_host_it_cannot_serve_at_is_refused_in_a_sentence(host: str) -> None:
    said = subprocess.run(
        [*VIEW, "--port", str(free_port()), "--host", host], cwd=ROOT, capture_output=True, text=True
    )
    assert said.returncode == 2
    assert said.stderr.startswith("moat: view: cannot serve at ")
    assert said.stderr.count("\n") == 1
    assert len(said.stderr) < 300


@pytest.mark.nightly
def test_solaras_own_command_is_guarded_too(tmp_path: Path) -> None:
    port = free_port()
    command = (sys.executable, "-m", "solara", "run", "app.py", "--production", "--no-open",
               "--no-check-version", "--host", "localhost")  # fmt: skip
    server = started(command, port, tmp_path / "log.txt")
    try:
        assert get(port) == 200
        assert get(port, Host="evil.example") == 403
        assert connect(port, origin="http://evil.example") == "403"
        assert connect(port, origin=f"http://localhost:{port}") == "open"
    finally:
        server.kill()
        server.wait()
