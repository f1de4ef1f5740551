"""The command `moat view`: the interactive page."""

from __future__ import annotations

import os
import sys

import click

from world.errors import InputError


@click.command()
@click.option("--host", default="localhost", show_default=True,
              help="Address to serve at; 0.0.0.0 lets other machines in.")
@click.option("--port", default=8765, show_default=True, type=click.IntRange(1, 65535))
@click.option("--open/--no-open", "opens", default=True, help="Open a browser.")
def view(host: str, port: int, opens: bool) -> None:
    """Serve the interactive page on this machine.

    Example: moat view --port 8800
    """
    import importlib.util
    import socket
    import subprocess

    if importlib.util.find_spec("solara") is None:
        raise InputError("view: the page needs more packages; run: pip install 'moat-lab[viz]'.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise InputError(
                f"view: cannot serve at {host}, port {port}: {error.strerror or error}; "
                "choose others with --host and --port."
            ) from None
    # By name, in a process of its own: nothing imports the page.
    command = [sys.executable, "-m", "solara", "run", "page.app", "--production",
               "--no-check-version", "--host", host, "--port", str(port),
               "--open" if opens else "--no-open"]  # fmt: skip
    environment = os.environ | {"SOLARA_TELEMETRY_MIXPANEL_ENABLE": "False"}
    click.echo(f"Moat is at http://{host}:{port}; end with Ctrl-C.")
    sys.stdout.flush()
    if os.name == "posix":  # the server takes this process's place, so that no signal misses it
        os.execve(sys.executable, command, environment)
    sys.exit(subprocess.call(command, env=environment))
