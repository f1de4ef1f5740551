"""Who may speak to the page: its own address, and the origins that its owner allowed.

A page of another site can open a websocket to this machine, or have its own name point
here (DNS rebinding). The browser tells on it: by `Origin`, and by `Host`. It can also show
this page in a frame of its own and have its visitor click there; the browser does not, if told.
Starlette's `TrustedHostMiddleware` knows no origins, no ports and no IPv6 addresses.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from world.errors import InputError
from world.faults import shown

log = logging.getLogger("moat.page")

LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
PORTS = {"http": 80, "https": 443}


class Origin(NamedTuple):
    """Where a page comes from, as browsers tell origins apart."""

    scheme: str
    host: str
    port: int

    @property
    def address(self) -> str:
        """As a browser writes it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


def origin_of(text: str) -> Origin | None:
    """Origin of a text like ``http://localhost:8765``; None if it is not one."""
    if not re.fullmatch(r"https?://[^\s/?#@\\]+", text, re.IGNORECASE):
        return None
    try:
        parts = urlsplit(text)
        port = parts.port or PORTS[parts.scheme]
    except ValueError:
        return None
    return Origin(parts.scheme, parts.hostname, port) if parts.hostname else None


def allowed_origin(text: str) -> Origin:
    """Read an origin that the owner of the page allows; `InputError` if it is not one."""
    found = origin_of(text)
    if found is None:
        raise InputError(
            f"--allow-origin: {shown(text)} must be an address without a path, "
            "like https://moat.example.org or http://lab:8765."
        )
    return found


class Guard:
    """ASGI middleware that refuses what was not sent to the page's own address by its own pages.

    Own are localhost, the address given to listen at, and the address at which a request
    came in, each with the served port. A request without `Origin` is no page's, but some
    program's; `Host` is checked all the same.

    Parameters
    ----------
    app : ASGI application
    host : str
        Address that the server listens at.
    allowed : iterable of Origin
        Further origins; requests may name their hosts too.
    """

    def __init__(self, app: Any, host: str, allowed: Iterable[Origin] = ()) -> None:
        self.app = app
        self.names = LOCAL | {host.lower()}
        self.allowed = frozenset(allowed)
        others = "".join(f" {origin.address}" for origin in sorted(self.allowed))
        self.frames = f"frame-ancestors 'self'{others}".encode("latin-1", "replace")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer 403 to what is refused; hand on all else."""
        refusal = self.refusal(scope) if scope["type"] in ("http", "websocket") else ""
        if not refusal:
            await self.app(scope, receive, partial(self._framed, send))
            return
        log.warning("%s", refusal)
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})  # before it is accepted: 403
            return
        text = f"{refusal} `moat view --allow-origin` lets others in.\n".encode()
        headers = [(b"content-type", b"text/plain; charset=utf-8")]
        await send({"type": "http.response.start", "status": 403, "headers": headers})
        await send({"type": "http.response.body", "body": text})

    async def _framed(self, send: Any, message: Any) -> None:
        """Send a message on; with an answer's head goes who may show the page in a frame."""
        if message["type"] == "http.response.start":
            headers = [*message.get("headers", ()), (b"content-security-policy", self.frames)]
            message = {**message, "headers": headers}
        await send(message)

    def refusal(self, scope: Any) -> str:
        """Why a request is refused; empty if it is not."""
        found: dict[bytes, list[str]] = {b"host": [], b"origin": []}
        for name, value in scope["headers"]:
            if name in found:
                found[name].append(value.decode("latin-1"))
        address, port = scope.get("server") or ("", 0)
        names = self.names | {str(address).removeprefix("::ffff:")}
        known = self.allowed | {Origin("http", name, port) for name in names}
        addressed = {(origin.host, origin.port) for origin in known}
        for host in found[b"host"] or [""]:
            to = origin_of(f"http://{host}"), origin_of(f"https://{host}")
            if not any(origin and (origin.host, origin.port) in addressed for origin in to):
                return f"Host {shown(host)} is not the address of this page."
        for text in found[b"origin"]:
            if origin_of(text) not in known:
                return f"Origin {shown(text)} may not use this page."
        return ""


def guard_solara() -> None:
    """Guard the server of `solara run`, which loads a page when it has already started."""
    if "SERVER_PORT" in os.environ and "SOLARA_APP" in os.environ:  # as that command leaves them
        from solara.server.starlette import app

        if not isinstance(app.middleware_stack, Guard):
            stack = app.middleware_stack or app.build_middleware_stack()
            app.middleware_stack = Guard(stack, os.environ.get("SERVER_NAME", ""))
