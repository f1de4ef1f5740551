"""Kill a sweep again and again, at random moments, and compare its table with an undisturbed one.

    python -m benchmarks.kills                  # 20,000 histories, 50 kills
    python -m benchmarks.kills --histories 2000 --kills 6 --until 2026-12

A worker, by SIGKILL or SIGTERM, and the main process, by SIGKILL, SIGTERM or Ctrl-C, are
stopped in turn; after a stop of the main process the same command is started again, now and
then twice at once into the same store. One stop in four comes at any moment from the start
on, the others up to a second after the next part is written, so that most hit a sweep at
work. Reads /proc: Linux only. The outcome is kept in
`benchmarks/kills.json`; the exit code is 1 if the tables differ.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import click

from experiments.sweeps.results import Results
from world.errors import InputError

SEEDS = 100
COSTS = (0.02, 0.5)
AT_WORK = 0.75  # share of stops that wait for a part
TWICE = 0.25  # share of starts that are two at once
STOPS = (
    ("worker", signal.SIGKILL), ("main", signal.SIGKILL), ("worker", signal.SIGTERM),
    ("main", signal.SIGTERM), ("main", signal.SIGINT),
)  # fmt: skip


def command(store: Path, histories: int, until: str, chunk: int) -> list[str]:
    """The sweep as a command."""
    points = max(1, histories // SEEDS)
    low, high = COSTS
    return [sys.executable, "-m", "experiments.cli.main", "sweep", "baseline", "--out", str(store),
            "--vary", f"imitation_cost_share={low}:{high}:{points}", "--seeds", f"0:{SEEDS}",
            "--until", until, "--workers", "2", "--backend", "processes",
            "--chunk", str(chunk)]  # fmt: skip


def workers_of(process: int) -> list[int]:
    """The spawned workers among a process's children."""
    found = []
    try:
        listed = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        for child in map(int, listed):
            line = Path(f"/proc/{child}/cmdline").read_bytes()
            if b"spawn_main" in line:
                found.append(child)
    except (FileNotFoundError, ProcessLookupError):
        pass
    return found


def disturbed(asked: list[str], store: Path, kills: int, seed: int) -> dict[str, Any]:
    """Run a command under stops, workers and main in turn; then let it finish."""
    noise = random.Random(seed)
    killed = {f"{who} {stop.name}": 0 for who, stop in STOPS}
    turns = itertools.cycle(STOPS)
    parts = []  # written at each stop
    starts = pairs = 0
    processes: list[subprocess.Popen[bytes]] = []
    who, stop = next(turns)
    while sum(killed.values()) < kills:
        processes = [process for process in processes if process.poll() is None]
        if not processes:
            if starts and is_complete(store):
                break  # it finished under the stops
            pair = noise.random() < TWICE
            processes = [started(asked) for _ in range(1 + pair)]
            starts += 1 + pair
            pairs += pair
        process = noise.choice(processes)
        if noise.random() < AT_WORK:
            wait_for_part(process, store)
        time.sleep(noise.uniform(0.0, 1.0))
        victims = workers_of(process.pid) if who == "worker" else [process.pid]
        if not victims or process.poll() is not None:
            continue
        parts.append(written(store))
        with contextlib.suppress(ProcessLookupError):
            os.kill(noise.choice(victims), stop)
            killed[f"{who} {stop.name}"] += 1
        if who == "main":
            process.wait()
        who, stop = next(turns)
    for process in processes:
        process.wait()
    last = subprocess.run(asked, stdout=subprocess.DEVNULL, check=False)
    return {"killed": killed, "starts": starts + 1, "pairs": pairs, "parts_at_kills": parts,
            "last_exit_code": last.returncode,
            "left_unfinished": len(list((store / "tmp").glob("*")))}  # fmt: skip


def started(asked: list[str]) -> subprocess.Popen[bytes]:
    """Start a command that Ctrl-C ends, as it would in a terminal."""
    return subprocess.Popen(
        asked, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip


def is_complete(store: Path) -> bool:
    """Whether every history is there."""
    try:
        return Results(store).complete
    except InputError:
        return False


def written(store: Path) -> int:
    """Number of parts in a store."""
    return len(list((store / "parts").glob("*.parquet")))


def wait_for_part(process: subprocess.Popen[bytes], store: Path) -> None:
    """Wait until one more part is written, or the process ends."""
    before = written(store)
    while written(store) == before and process.poll() is None:
        time.sleep(0.01)


def exported(store: Path) -> bytes:
    """The whole table as the bytes of a file."""
    return Results(store).export(store.with_suffix(".parquet"), "parquet").read_bytes()


@click.command()
@click.option("--histories", default=20_000)
@click.option("--kills", default=50)
@click.option("--until", default="2035-12")
@click.option("--chunk", default=50)
@click.option("--seed", default=0)
@click.option("--keep/--print", default=True, help="Keep the outcome in kills.json, or only print it.")
def main(histories: int, kills: int, until: str, chunk: int, seed: int, keep: bool) -> None:
    """Stop a sweep at random moments and compare."""
    with tempfile.TemporaryDirectory() as folder:
        calm, rough = Path(folder) / "calm", Path(folder) / "rough"
        found = disturbed(command(rough, histories, until, chunk), rough, kills, seed)
        subprocess.run(command(calm, histories, until, chunk), stdout=subprocess.DEVNULL, check=True)
        results = Results(rough)
        found |= {
            "histories": results.done,
            "bad_points": len(results.bad),
            "parts": len(results.store.parts()),
            "parts_undisturbed": len(Results(calm).store.parts()),
            "identical": exported(rough) == exported(calm),
        }
    click.echo(json.dumps(found))
    if keep:
        Path(__file__).with_name("kills.json").write_text(json.dumps(found) + "\n", encoding="utf-8")
    whole = found["identical"] and found["last_exit_code"] == 0 and not found["left_unfinished"]
    sys.exit(0 if whole else 1)


if __name__ == "__main__":
    main()
