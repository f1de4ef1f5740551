"""Serve the page: `python -m page.server`, which `moat view` starts in its place.

Solara's own command serves it too, but ends only when every computation has ended, and
takes messages of any size.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
import webbrowser
from typing import Any

import click
import uvicorn

from page.guard import Guard, allowed_origin
from page.limits import LARGEST_FILE, MOST_TABS
from world.errors import InputError

GRACE = 3.0  # seconds from the order to end to the end, whatever is being computed


class Server(uvicorn.Server):
    """A server that ends soon after the first signal: no result is lost, the page writes no file."""

    should_exit: bool

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ordered = threading.Event()
        threading.Thread(target=self._end, daemon=True).start()

    def handle_exit(self, sig: int, frame: Any) -> None:
        """Note the order to end; a second one ends at once."""
        self.force_exit = self.should_exit
        self.should_exit = True
        self.ordered.set()

    def _end(self) -> None:
        self.ordered.wait()
        time.sleep(GRACE)
        os._exit(0)  # compiled code cannot be interrupted


def url_of(host: str, port: int) -> str:
    """Address of the page for a browser."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@click.command()
@click.option("--host", required=True)
@click.option("--port", required=True, type=int)
@click.option("--open/--no-open", "opens", default=False)
@click.option("--allow-origin", "origins", multiple=True)
def serve(host: str, port: int, opens: bool, origins: tuple[str, ...]) -> None:
    """Serve the page until a signal ends it."""
    try:
        allowed = [allowed_origin(text) for text in origins]
    except InputError as error:
        click.echo(f"moat: {error}", err=True)
        sys.exit(2)
    os.environ["SOLARA_APP"] = "page.app"
    import solara.server.settings as settings
    from solara.server.starlette import app

    settings.main.mode = "production"
    settings.kernel.max_count = 5 * MOST_TABS  # connections, also those that open no market
    settings.kernel.cull_timeout = "1h"  # a tab that lost its connection finds its market again
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s: %(message)s")
    server = Server(uvicorn.Config(
        Guard(app, host, allowed), host=host, port=port, log_config=None, access_log=False,
        timeout_graceful_shutdown=1, ws_max_size=2 * LARGEST_FILE,
    ))  # fmt: skip
    url = url_of(host, port)
    click.echo(f"Moat is at {url}; end with Ctrl-C.")
    sys.stdout.flush()
    if opens:
        threading.Thread(target=_open_browser, args=(server, url), daemon=True).start()
    server.run()
    sys.stdout.flush()
    os._exit(0 if server.started else 1)  # threads that compute would be waited for


def _open_browser(server: Server, url: str) -> None:
    while not server.started:
        time.sleep(0.1)
    webbrowser.open(url)


if __name__ == "__main__":
    serve()
