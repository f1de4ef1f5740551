"""The command `moat view`: the interactive page."""

from __future__ import annotations

import os
import sys

import click

from world.errors import InputError
from world.faults import shown


@click.command()
@click.option("--host", default="localhost", show_default=True,
              help="Address to serve at; 0.0.0.0 lets other machines in.")
@click.option("--port", default=8765, show_default=True, type=click.IntRange(1, 65535))
@click.option("--open/--no-open", "opens", default=True, help="Open a browser.")
@click.option("--allow-origin", "origins", multiple=True, metavar="URL",
              help="An address by which browsers may reach the page besides its own, such as "
                   "https://moat.example.org; can be given several times.")  # fmt: skip
def view(host: str, port: int, opens: bool, origins: tuple[str, ...]) -> None:
    """Serve the interactive page on this machine.

    Example: moat view --port 8800
    """
    import importlib.util
    import subprocess

    if importlib.util.find_spec("solara") is None:
        raise InputError("view: the page needs more packages; run: pip install 'moat-lab[viz]'.")
    _refuse_taken(host, port)
    # By name, in a process of its own: nothing imports the page.
    command = [sys.executable, "-m", "page.server", "--host", host, "--port", str(port),
               "--open" if opens else "--no-open",
               *(part for origin in origins for part in ("--allow-origin", origin))]  # fmt: skip
    environment = os.environ | {"SOLARA_TELEMETRY_MIXPANEL_ENABLE": "False"}
    if os.name == "posix":  # the server takes this process's place, so that no signal misses it
        os.execve(sys.executable, command, environment)
    sys.exit(subprocess.call(command, env=environment))


def _refuse_taken(host: str, port: int) -> None:
    import socket

    try:
        kind, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(kind, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", "") or "this is no address"
        raise InputError(
            f"view: cannot serve at {shown(host).strip(chr(39))}, port {port}: {reason}; "
            "choose others with --host and --port."
        ) from None
