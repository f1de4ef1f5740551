"""The command line: `moat`."""

from __future__ import annotations

import difflib
import signal
import sys
from collections.abc import Callable
from typing import Any

import click

from experiments.cli.backtest import backtest
from experiments.cli.compare import compare
from experiments.cli.experiment import experiment
from experiments.cli.history import replay, run
from experiments.cli.lists import moments, parameters, scenarios
from experiments.cli.schema import schema
from experiments.cli.sweep import export, sweep
from experiments.cli.verify import verify
from experiments.cli.version import version, version_option
from experiments.cli.view import view
from world.errors import InputError
from world.faults import brief

COMMANDS = (
    compare, run, replay, parameters, scenarios, moments, sweep, export, verify, experiment,
    backtest, view, version, schema,
)  # fmt: skip


class Moat(click.Group):
    """Commands, with a hint for a mistyped one."""
    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Find the command, or say which was meant."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            close = difflib.get_close_matches(args[0], self.list_commands(ctx), n=1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            raise click.UsageError(f"{error.message.rstrip('.')}.{hint}", ctx) from None


EXIT_CODES = """Exit codes: 0 done; 1 a sweep stopped by what it stands on, such as its disk or
cluster; 2 refused, with one sentence that says what is wrong, where, and what is allowed;
3 a sweep that is not finished or has failed points; 4 an expectation of `moat verify` is not met;
130 interrupted (Ctrl-C); 143 terminated (SIGTERM)."""
TERMINATED = 143
AGAIN = 5.0  # seconds


@click.group(cls=Moat, epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@version_option
@click.pass_context
def moat(ctx: click.Context, debug: bool) -> None:
    """Moat: an agent-based laboratory for the economics of frontier AI."""
    ctx.obj = debug


for command in COMMANDS:
    moat.add_command(command)


def main() -> None:
    """Run the command line; bad input is one sentence and exit code 2."""
    debug = "--debug" in sys.argv
    signal.signal(signal.SIGINT, _ending(KeyboardInterrupt()))
    signal.signal(signal.SIGTERM, _ending(SystemExit(TERMINATED)))
    try:
        moat(standalone_mode=False)
    except (InputError, click.ClickException, MemoryError, OSError) as error:
        if debug and not isinstance(error, click.ClickException):
            raise
        click.echo(f"moat: {brief(_said(error))}", err=True)
        sys.exit(2)
    except (KeyboardInterrupt, click.Abort):
        sys.exit(130)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)


def _said(error: Exception) -> str:
    if isinstance(error, click.ClickException):
        return error.format_message()
    if isinstance(error, MemoryError):
        return "there is not enough memory; ask for less at a time."
    if isinstance(error, OSError):
        place = error.filename or "the output"
        return f"{place}: cannot be read or written ({error.strerror or error})."
    return str(error)


def _ending(end: BaseException) -> Callable[..., None]:
    """What a signal does: raise, so that what is unfinished is cleared and workers end.

    Python loses what is raised while it runs a callback, as every import does: so again, until
    the command ends.
    """

    def handler(*_: Any) -> None:
        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, AGAIN)
        raise end

    return handler


if __name__ == "__main__":
    main()
