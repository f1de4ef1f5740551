"""The command line: `moat`."""

from __future__ import annotations

import difflib
import json
import os
import sys
from pathlib import Path
from typing import Any

import click

from experiments.cli.experiment import experiment
from experiments.cli.sweep import export, sweep
from experiments.cli.verify import verify
from experiments.cli.version import version, version_option


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


@click.group(cls=Moat, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@version_option
@click.pass_context
def moat(ctx: click.Context, debug: bool) -> None:
    """Moat: an agent-based laboratory for the economics of frontier AI."""
    ctx.obj = debug


for command in (sweep, export, verify, experiment, version):
    moat.add_command(command)


def settings(assignments: tuple[str, ...]) -> dict[str, Any]:
    """Read --set name=value."""
    from world.errors import InputError

    values: dict[str, Any] = {}
    for text in assignments:
        name, sign, value = text.partition("=")
        if not sign:
            raise InputError(f"--set {text!r}: write name=value.")
        try:
            values[name.strip()] = float(value)
        except ValueError:
            raise InputError(f"--set {name}: {value!r} is not a number.") from None
    return values


set_option = click.option("--set", "assignments", multiple=True, metavar="NAME=VALUE",
                          help="Change a parameter; may be repeated.")  # fmt: skip
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@moat.command()
@click.option("--scenarios", default="baseline,imitation,cleverness", show_default=True)
@click.option("--members", default=200, show_default=True, type=click.IntRange(1, 1_000_000))
@click.option("--until", default="2040-12", show_default=True)
@click.option("--seed", default=0, show_default=True, help="First seed.")
@click.option("--workers", default=0, help="Threads (default: one a core).")
@click.option("--out", default="out/compare", show_default=True, type=click.Path(path_type=Path))
@set_option
@json_option
def compare(
    scenarios: str,
    members: int,
    until: str,
    seed: int,
    workers: int,
    out: Path,
    assignments: tuple[str, ...],
    as_json: bool,
) -> None:
    """Compare scenarios over an ensemble and write a report: the main job.

    Example: moat compare --members 50 --until 2032-12 --set imitation_lag=4
    """
    from model.scenario import Scenario
    from world.calendar import months_until

    chosen = [Scenario.load(n.strip()).with_(**settings(assignments)) for n in scenarios.split(",")]
    months_until("2025-01", until)
    from tqdm import tqdm

    from experiments.analysis.compare import compare as run_comparison
    from experiments.analysis.compare import regime_shares, table
    from experiments.report.page import write_report

    bars: dict[str, Any] = {}

    def progress(name: str, done: int) -> None:
        if name not in bars:
            bars[name] = tqdm(total=members, desc=name, disable=not sys.stderr.isatty())
        bars[name].update(done - bars[name].n)

    workers = workers or os.cpu_count() or 1
    found = run_comparison(chosen, members, until, seed, workers, progress)
    for bar in bars.values():
        bar.close()
    page = write_report(found, out, "moat " + " ".join(sys.argv[1:]))
    if as_json:
        click.echo(json.dumps({
            "regimes": regime_shares(found).to_dict("index"),
            "table": table(found).to_dict("records"),
            "report": str(page),
        }))
        return
    click.echo(regime_shares(found).round(3).to_string())
    shown = table(found)
    shown["figure"] = [
        f"{m:.3g} [{lo:.3g}, {hi:.3g}]"
        for lo, m, hi in zip(shown["low"], shown["median"], shown["high"], strict=True)
    ]
    wide = shown.pivot_table(
        index=["indicator", "unit", "scenario"], columns="date", values="figure", aggfunc="first",
        sort=False,
    )  # fmt: skip
    click.echo(wide.to_string())
    for comparison in found:
        verdict = "equals" if comparison.same else "DIFFERS FROM"
        click.echo(f"{comparison.scenario.name}: the Mesa replay {verdict} the compiled history.")
    click.echo(f"Report: {page}")


@moat.command()
@click.argument("scenario")
@click.option("--seed", default=0, show_default=True)
@click.option("--until", default="2040-12", show_default=True)
@click.option("--out", default=None, type=click.Path(path_type=Path))
@set_option
@json_option
def run(
    scenario: str,
    seed: int,
    until: str,
    out: Path | None,
    assignments: tuple[str, ...],
    as_json: bool,
) -> None:
    """Run one history of SCENARIO in Mesa.

    Example: moat run imitation --seed 7 --until 2030-12 --out out/run
    """
    from model.scenario import Scenario

    chosen = Scenario.load(scenario).with_(**settings(assignments))
    from model.market import Market

    market = Market(chosen, seed=seed).run_until(until)
    _tell(market, out, as_json)


@moat.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--scenario", default="baseline", show_default=True)
@click.option("--member", default=0, show_default=True)
@click.option("--out", default=None, type=click.Path(path_type=Path))
@json_option
def replay(
    directory: Path, scenario: str, member: int, out: Path | None, as_json: bool
) -> None:
    """Replay a member of a compared ensemble as live Mesa objects.

    Example: moat replay out/compare --scenario imitation --member 12
    """
    from model.identity import different
    from world.errors import InputError

    try:
        made = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))
        entry = made["scenarios"][scenario]
        first, last = made["seeds"]
        until = made["until"]
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(
            f"{directory}: holds no readable manifest.json with a scenario {scenario!r}."
        ) from None
    if difference := different(made):
        raise InputError(f"{directory}: was made by {difference}; run `moat compare` again.")
    if not 0 <= member <= last - first:
        raise InputError(f"member {member} does not exist; allowed are 0 to {last - first}.")
    from model.market import Market
    from model.scenario import Scenario

    chosen = Scenario(scenario, entry["world"]).with_(**entry["parameters"])
    _tell(Market(chosen, seed=first + member).run_until(until), out, as_json)


def _tell(market: Any, out: Path | None, as_json: bool) -> None:
    """Print a history's years, regime and story; write its tables."""
    frame = market.frame()
    regime = market.regime()
    columns = ["frontier_capability", "gap", "run_cost", "revenue", "leader_margin", "equity",
               "hazard", "public_share", "incidents"]  # fmt: skip
    years = frame.iloc[[*range(11, len(frame), 12)] or [-1]][columns]
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        from experiments.report.page import write_text

        write_text(out / "months.csv", frame.to_csv())
        write_text(out / "story.csv", market.story().to_csv(index=False))
        write_text(out / "scenario.yaml", market.setting.to_yaml())
        for kind in market.kinds():
            write_text(out / f"agents_{kind}.csv", market.agent_frame(kind).to_csv())
        frame.to_parquet(out / "months.parquet")
    if as_json:
        click.echo(json.dumps({
            "regime": regime.kind, "onset": regime.onset, "evidence": regime.evidence,
            "years": years.to_dict("index"),
        }))  # fmt: skip
        return
    click.echo(years.map(lambda x: f"{x:.3g}").to_string())
    evidence = ", ".join(f"{name} {value:.3g}" for name, value in regime.evidence.items())
    click.echo(f"Regime: {regime.kind} (month {regime.onset}); {evidence}.")
    for date, sentence in market.story()[["date", "sentence"]].tail(12).itertuples(index=False):
        click.echo(f"{date}  {sentence}")


@moat.command()
@json_option
def parameters(as_json: bool) -> None:
    """List the declared parameters.

    Example: moat parameters
    """
    from world.parameters import PARAMETERS

    if as_json:
        click.echo(json.dumps([p._asdict() for p in PARAMETERS]))
        return
    for p in PARAMETERS:
        click.echo(f"{p.name:28} {p.default:<10g} {p.low:g}..{p.high:g} [{p.unit}] "
                   f"{p.role}: {p.meaning}. {p.source}.")  # fmt: skip


@moat.command()
def scenarios() -> None:
    """List the shipped scenarios and what differs in them."""
    from model.scenario import Scenario, shipped

    for name in shipped():
        scenario = Scenario.load(name)
        click.echo(f"{name}: {scenario.summary}")
        for key, value in scenario.changed_parameters().items():
            click.echo(f"    {key} = {value:g}: {scenario.reasons.get(key, '')}")


@moat.command()
@click.option("--members", default=50, show_default=True, type=click.IntRange(1, 100_000))
@json_option
def moments(members: int, as_json: bool) -> None:
    """Compare the baseline's first three years with the facts, row by row.

    Example: moat moments
    """
    from experiments.analysis.moments import compare_with_facts

    frame = compare_with_facts(members=members)
    if as_json:
        click.echo(frame.to_json(orient="records"))
        return
    click.echo(frame.drop(columns="source").to_string(float_format=lambda x: f"{x:.3g}"))
    click.echo(f"{(frame['verdict'] == 'ok').sum()} of {len(frame)} rows within tolerance.")


@moat.command()
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

    from world.errors import InputError

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


def main() -> None:
    """Run the command line; bad input is one sentence and exit code 2."""
    from world.errors import InputError

    debug = "--debug" in sys.argv
    try:
        moat(standalone_mode=False)
    except InputError as error:
        if debug:
            raise
        click.echo(f"moat: {error}", err=True)
        sys.exit(2)
    except click.ClickException as error:
        click.echo(f"moat: {error.format_message()}", err=True)
        sys.exit(2)
    except (KeyboardInterrupt, click.Abort):
        sys.exit(130)


if __name__ == "__main__":
    main()
