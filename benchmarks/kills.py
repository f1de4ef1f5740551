"""Kill a sweep again and again, at random moments, and compare its table with an undisturbed one.

    python -m benchmarks.kills                  # 20,000 histories, 50 kills
    python -m benchmarks.kills --histories 2000 --kills 6 --until 2026-12

Workers and the main process are killed in turn with SIGKILL; after a kill of the
main process the same command is started again. One kill in four comes at any moment
from the start on, the others up to a second after the next part is written, so that
most hit a sweep at work. Reads /proc: Linux only. The outcome is kept in
`benchmarks/kills.json`; the exit code is 1 if the tables differ.
"""

from __future__ import annotations

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

SEEDS = 100
COSTS = (0.02, 0.5)
AT_WORK = 0.75  # share of kills that wait for a part


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
    """Run a command under kills, workers and main in turn; then let it finish."""
    noise = random.Random(seed)
    killed = {"worker": 0, "main": 0}
    parts = []  # written at each kill
    starts = 0
    process: subprocess.Popen[bytes] | None = None
    while sum(killed.values()) < kills:
        if process is None or process.poll() is not None:
            if process is not None and process.returncode == 0:
                break  # it finished under the kills
            process = subprocess.Popen(asked, stdout=subprocess.DEVNULL)
            starts += 1
        if noise.random() < AT_WORK:
            wait_for_part(process, store)
        time.sleep(noise.uniform(0.0, 1.0))
        parts.append(written(store))
        if killed["worker"] <= killed["main"]:
            workers = workers_of(process.pid)
            if workers:
                os.kill(noise.choice(workers), signal.SIGKILL)
                killed["worker"] += 1
        elif process.poll() is None:
            process.kill()
            process.wait()
            killed["main"] += 1
    if process is not None and process.poll() is None:
        process.wait()
    last = subprocess.run(asked, stdout=subprocess.DEVNULL, check=False)
    return {"killed": killed, "starts": starts + 1, "parts_at_kills": parts,
            "last_exit_code": last.returncode}  # fmt: skip


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
def main(histories: int, kills: int, until: str, chunk: int, seed: int) -> None:
    """Kill a sweep at random moments and compare."""
    with tempfile.TemporaryDirectory() as folder:
        calm, rough = Path(folder) / "calm", Path(folder) / "rough"
        found = disturbed(command(rough, histories, until, chunk), rough, kills, seed)
        subprocess.run(command(calm, histories, until, chunk), stdout=subprocess.DEVNULL, check=True)
        results = Results(rough)
        found |= {
            "histories": results.done,
            "bad_points": len(results.bad),
            "parts": len(results.store.part_names()),
            "parts_undisturbed": len(Results(calm).store.part_names()),
            "identical": exported(rough) == exported(calm),
        }
    click.echo(json.dumps(found))
    Path(__file__).with_name("kills.json").write_text(json.dumps(found) + "\n", encoding="utf-8")
    sys.exit(0 if found["identical"] and found["last_exit_code"] == 0 else 1)


if __name__ == "__main__":
    main()
