"""Who may speak to the page: other sites and other names are refused, its own address is not."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from page.guard import Guard, Origin, allowed_origin, origin_of
from world.errors import InputError

OWN = "localhost:8765"


def status(
    host: str | None = OWN, origin: str | None = None, kind: str = "http", allowed: Any = (),
    listens: str = "localhost", server: Any = ("127.0.0.1", 8765), more: Any = (),
) -> Any:  # fmt: skip
    """Answer of a guarded application: its status, 403, or the close of a handshake."""
    headers = [(b"host", host.encode("latin-1"))] if host is not None else []
    if origin is not None:
        headers.append((b"origin", origin.encode("latin-1")))
    headers += more
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": f"{kind}.answered", "status": 200})

    scope = {"type": kind, "headers": headers, "server": server}
    guard = Guard(application, listens, [allowed_origin(text) for text in allowed])
    asyncio.run(guard(scope, None, send))
    return sent[0].get("status", sent[0]["type"])


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("host", [OWN, "127.0.0.1:8765", "[::1]:8765", "LOCALHOST:8765"])
def test_its_own_address_is_let_in(host: str, kind: str) -> None:
    assert status(host, kind=kind) == 200
    assert status(host, f"http://{host}", kind) == 200


@pytest.mark.parametrize(
    "host",
    [
        None, "", "evil.example", "evil.example:8765", "localhost", "localhost:80", "localhost:8766",
        "localhost.evil.example:8765", "evil.example@localhost:8765", "localhost:8765/x", "localhost.",
        "localhost:x", "localhost:99999", "[::1", "192.168.0.9:8765", "a" * 9000, "localhost :8765",
    ],
    ids=lambda host: str(host)[:30],
)  # fmt: skip
def test_another_host_is_refused(host: str | None) -> None:
    assert status(host) == 403
    assert status(host, f"http://{OWN}") == 403
    assert status(host, kind="websocket") == "websocket.close"


@pytest.mark.parametrize(
    "origin",
    [
        "", "null", "http://evil.example", "http://evil.example:8765", "http://localhost",
        "http://localhost:3000", "https://localhost:8765", "http://localhost:8765.evil.example",
        "http://localhost:8765@evil.example", "file://", "localhost:8765", "http://[::1",
    ],
)  # fmt: skip
def test_another_origin_is_refused(origin: str) -> None:
    assert status(OWN, origin) == 403
    assert status(OWN, origin, "websocket") == "websocket.close"


def test_every_header_of_a_name_counts() -> None:
    assert status(OWN, f"http://{OWN}", more=[(b"host", b"evil.example")]) == 403
    assert status(OWN, f"http://{OWN}", more=[(b"origin", b"http://evil.example")]) == 403


def test_allowed_origins_are_let_in_with_their_hosts() -> None:
    allowed = ["https://moat.example.org", "http://lab:8800"]
    for origin in allowed:
        assert status(OWN, origin, "websocket", allowed) == 200
        assert status(origin.split("//")[1], origin, "websocket", allowed) == 200
    assert status("lab:8765", None, "http", allowed) == 403
    assert status(OWN, "http://moat.example.org", "websocket", allowed) == "websocket.close"


def test_the_address_it_listens_at_and_the_one_reached_are_its_own() -> None:
    assert status("box:8765", "http://box:8765", "websocket", listens="box") == 200
    assert status("10.0.0.7:8765", listens="0.0.0.0", server=("10.0.0.7", 8765)) == 200
    assert status("10.0.0.7:8765", listens="::", server=("::ffff:10.0.0.7", 8765)) == 200
    assert status("evil.example:8765", listens="0.0.0.0", server=("10.0.0.7", 8765)) == 403
    assert status("10.0.0.7:8765") == 403
    assert status(OWN, server=None) == 403


def test_the_start_of_the_server_is_no_request() -> None:
    assert status(None, kind="lifespan") == 200


@pytest.mark.parametrize("text", ["lab", "http://", "ftp://lab", "http://lab/x", "*", "x" * 9000])
def test_what_is_no_origin_cannot_be_allowed(text: str) -> None:
    with pytest.raises(InputError, match=r"^--allow-origin: .*must be an address"):
        allowed_origin(text)


def test_usual_ports_need_not_be_written() -> None:
    assert origin_of("https://Lab") == Origin("https", "lab", 443)
    assert origin_of("http://lab:80") == origin_of("http://lab")


@pytest.mark.parametrize(("allowed", "said"), [
    ((), b"frame-ancestors 'self'"),
    (("https://moat.example.org", "http://[fd00::7]:8800"),
     b"frame-ancestors 'self' http://[fd00::7]:8800 https://moat.example.org:443"),
])  # fmt: skip
def test_other_sites_may_not_show_it_in_a_frame(allowed: tuple[str, ...], said: bytes) -> None:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x", b"y")]})
        await send({"type": "http.response.body", "body": b"page"})

    scope = {"type": "http", "headers": [(b"host", OWN.encode())], "server": ("127.0.0.1", 8765)}
    asyncio.run(Guard(application, "localhost", map(allowed_origin, allowed))(scope, None, send))
    assert sent[0]["headers"] == [(b"x", b"y"), (b"content-security-policy", said)]
    assert sent[1] == {"type": "http.response.body", "body": b"page"}
