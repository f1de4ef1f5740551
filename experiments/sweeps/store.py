"""A store: the results of a sweep on disk, safe against every kind of stop.

A store is a directory:

    manifest.json        what was asked and what made it; written first
    design-HASH.parquet  the design points
    parts/KEY.parquet    the summaries of one chunk of histories, never changed
    bad/POINT.json       a design point that failed, and why; kept out of the results
    tmp/                 files not yet complete

Every file is written under tmp/, flushed to disk and renamed, so a file under
its own name is complete. A part's name is a hash of all that decides its
content; to resume is to make the names that do not exist yet.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import socket
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

import networkx as nx
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.sweeps.design import Design
from model.identity import DIFFERENT
from world.errors import InputError

FORMAT = 2
OWN_NAMES = {"manifest.json", "parts", "bad", "tmp"}
# What decides the figures. A store whose entry differs is refused.
IDENTITY = {
    "format": "another format of stores",
    **DIFFERENT,
    "world": "another world",
    "parameters": "another scenario",
    "start": "another first month",
    "until": "another last month",
    "summaries": "other summaries",
    "dates": "other dates",
    "criteria": "other criteria of regimes",
}


def world_version(graph: nx.MultiDiGraph) -> str:
    """Return a hash of a market graph: all nodes, edges and figures, in any order."""
    content = [
        sorted(graph.graph.items()),
        sorted((str(node), sorted(data.items())) for node, data in graph.nodes(data=True)),
        sorted((str(u), str(v), sorted(data.items())) for u, v, data in graph.edges(data=True)),
    ]
    return _hash(json.dumps(content, default=str))


def versions() -> dict[str, str]:
    """Return the versions of everything else that took part, for the record."""
    found = {"python": platform.python_version(), "platform": platform.platform()}
    for package in ("mesa", "numpy", "pandas", "pyarrow", "duckdb", "scipy"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def write_atomically(target: Path, write: Callable[[Path], Any], folder: Path) -> None:
    """Write a file so that it is complete or absent, whenever the power fails."""
    folder.mkdir(exist_ok=True)
    unfinished = folder / f"{socket.gethostname()}-{os.getpid()}-{target.name}"
    try:
        write(unfinished)
        with unfinished.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(unfinished, target)
    finally:
        unfinished.unlink(missing_ok=True)


class Chunk(NamedTuple):
    """Runs `first` to `last` - 1 of a sweep: run = point * number of seeds + place of the seed."""

    number: int
    first: int
    last: int


class Store:
    """The directory of one sweep.

    Attributes
    ----------
    path : Path
    manifest : dict
    design : Design
    seeds : sequence of int
    """

    def __init__(self, path: Path, manifest: dict[str, Any]) -> None:
        self.path = path
        self.manifest = manifest
        self.seeds = _unpacked(manifest["seeds"])
        self.design = Design.frame(pd.read_parquet(path / _design_name(manifest)))
        self.key = _hash(json.dumps([manifest[k] for k in (*IDENTITY, "seeds")], sort_keys=True))

    @classmethod
    def load(cls, path: str | Path) -> Store:
        """Open a store that exists; `InputError` if there is none."""
        path = Path(path)
        try:
            manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
            if manifest["format"] != FORMAT:
                raise InputError(
                    f"{path}: is a store of format {manifest['format']}; this version reads {FORMAT}."
                )
            return cls(path, manifest)
        except (OSError, ValueError, KeyError, TypeError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError(f"{path}: is not a store; it holds no readable manifest.json.") from None

    @classmethod
    def open(cls, path: str | Path, manifest: dict[str, Any], design: Design) -> Store:
        """Make a store, or open the one that exists if it holds the same sweep.

        A store may grow: a design that begins with the points of the old one
        (a longer Sobol' sequence) adds to it.

        Raises
        ------
        InputError
            The directory holds something else, or a sweep of other rules, world,
            scenario, dates, summaries, seeds or design.
        """
        path = Path(path)
        manifest = json.loads(json.dumps(manifest))  # as it will be read back
        if not (path / "manifest.json").exists():
            _make_empty(path)
            _write_manifest(path, manifest, design, os.link)
        store = cls.load(path)  # another shard may have been first
        old = store.manifest
        other_design = (
            f"{path}: holds a sweep of another design ({len(store.design)} points of "
            f"{', '.join(store.design.points) or 'no parameter'}); choose another directory."
        )
        if old["design"]["parameters"] != manifest["design"]["parameters"]:
            raise InputError(other_design)
        for name, what in IDENTITY.items():
            if old[name] != manifest[name]:
                raise InputError(
                    f"{path}: holds a sweep with {what} "
                    f"({_difference(old[name], manifest[name])}); choose another directory."
                )
        if old["seeds"] != manifest["seeds"]:
            raise InputError(
                f"{path}: holds a sweep with other seeds ({_told(store.seeds)}, now "
                f"{_told(_unpacked(manifest['seeds']))}); choose another directory."
            )
        if _design_name(old) != _design_name(manifest):
            if not store.design.points.equals(design.points.iloc[: len(store.design)]):
                raise InputError(other_design)
            _write_manifest(path, manifest | {"chunk": old["chunk"]}, design, os.replace)
            store = cls.load(path)
        return store

    def chunks(self) -> Iterator[Chunk]:
        """The chunks of the whole sweep, in order."""
        runs, size = len(self.design) * len(self.seeds), self.manifest["chunk"]
        for number, first in enumerate(range(0, runs, size)):
            yield Chunk(number, first, min(first + size, runs))

    def cells(self, chunk: Chunk) -> Iterator[tuple[int, Sequence[int]]]:
        """The design points of a chunk, each with its seeds there."""
        count = len(self.seeds)
        for point in range(chunk.first // count, (chunk.last - 1) // count + 1):
            first = max(chunk.first - point * count, 0)
            yield point, self.seeds[first : min(chunk.last - point * count, count)]

    def part(self, chunk: Chunk, bad: Sequence[int] = ()) -> Path:
        """Where the results of a chunk are, without its bad points."""
        count = len(self.seeds)
        points = self.design.points.iloc[chunk.first // count : (chunk.last - 1) // count + 1]
        content = [self.key, list(points.columns), chunk.first, chunk.last, sorted(bad)]
        name = _hash(json.dumps(content), points.to_numpy())
        return self.path / "parts" / f"{name}.parquet"

    def made(self, chunk: Chunk, bad: dict[int, str], names: set[str]) -> Path | None:
        """The part of a chunk if it is among the names that exist, else None."""
        whole = self.part(chunk)
        if whole.name in names:
            return whole
        here = [point for point, _ in self.cells(chunk) if point in bad] if bad else []
        rest = self.part(chunk, here)
        return rest if here and rest.name in names else None

    def part_names(self) -> set[str]:
        """Names of all parts that exist."""
        return {path.name for path in (self.path / "parts").glob("*.parquet")}

    def bad_points(self) -> dict[int, str]:
        """Design points that failed, and why."""
        found = {}
        for path in (self.path / "bad").glob("*.json"):
            found[int(path.stem)] = json.loads(path.read_text(encoding="utf-8"))["why"]
        return dict(sorted(found.items()))

    def record_bad(self, point: int, why: str) -> None:
        """Keep a design point out of the results, for good."""
        (self.path / "bad").mkdir(exist_ok=True)
        content = {"point": point, "parameters": self.design.points.iloc[point].to_dict(), "why": why}
        text = json.dumps(content, indent=1)
        write_atomically(
            self.path / "bad" / f"{point}.json",
            lambda path: path.write_text(text, encoding="utf-8"),  # type: ignore[arg-type]
            self.path / "tmp",
        )

    def clear_unfinished(self) -> None:
        """Remove what processes of this machine left unfinished when they were killed."""
        for path in (self.path / "tmp").glob(f"{socket.gethostname()}-*"):
            process = path.name.removeprefix(f"{socket.gethostname()}-").split("-")[0]
            if process.isdigit() and not _alive(int(process)):
                path.unlink(missing_ok=True)


def packed(seeds: Sequence[int]) -> dict[str, Any]:
    """Write seeds short: a range if they are one."""
    if isinstance(seeds, range):
        return {"first": seeds.start, "stop": seeds.stop, "step": seeds.step}
    return {"list": list(seeds)}


def _unpacked(seeds: dict[str, Any]) -> Sequence[int]:
    if "list" in seeds:
        return list(seeds["list"])
    return range(seeds["first"], seeds["stop"], seeds["step"])


def _told(seeds: Sequence[int]) -> str:
    return f"{len(seeds)} from {seeds[0]} to {seeds[-1]}"


def design_hash(design: Design) -> str:
    """Hash of the points of a design."""
    return _hash(json.dumps([len(design), *design.points.columns]), design.points.to_numpy())


def _hash(text: str, figures: Any = b"") -> str:
    digest = hashlib.blake2b(text.encode(), digest_size=16)
    digest.update(np.ascontiguousarray(figures).tobytes() if len(figures) else b"")
    return digest.hexdigest()


def _design_name(manifest: dict[str, Any]) -> str:
    return f"design-{manifest['design']['hash']}.parquet"


def _make_empty(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
        for entry in path.iterdir():
            if entry.name not in OWN_NAMES and not entry.name.startswith("design-"):
                raise InputError(f"{path}: is not empty and is no store; choose another directory.")
        (path / "parts").mkdir(exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise InputError(f"{path}: is a file; a store is a directory.") from None
    except PermissionError:
        raise InputError(f"{path}: cannot be written.") from None


def _write_manifest(path: Path, manifest: dict[str, Any], design: Design, put: Any) -> None:
    """Write the design, then the manifest that names it.

    `put` is `os.link` to make a store (the first of several shards wins) or
    `os.replace` to let it grow.
    """
    table = pa.table(
        {"point": pa.array(range(len(design)), pa.int32())}
        | {name: pa.array(values) for name, values in design.points.items()}
    )
    write_atomically(
        path / _design_name(manifest), lambda file: pq.write_table(table, file), path / "tmp"
    )
    text = json.dumps(manifest, indent=1)
    ready = path / "tmp" / f"{socket.gethostname()}-{os.getpid()}-ready"
    write_atomically(
        ready,
        lambda file: file.write_text(text, encoding="utf-8"),
        path / "tmp",
    )
    try:
        put(ready, path / "manifest.json")
    except FileExistsError:
        pass
    except OSError:  # a file system without links
        os.replace(ready, path / "manifest.json")
    finally:
        ready.unlink(missing_ok=True)


def _difference(old: Any, new: Any) -> str:
    """Say the first thing that differs."""
    if isinstance(old, dict) and isinstance(new, dict):
        for name in sorted(old.keys() | new.keys()):
            if old.get(name) != new.get(name):
                return f"{name} {_difference(old.get(name), new.get(name))}"
    if isinstance(old, list) and isinstance(new, list):
        for a, b in zip(old, new, strict=False):
            if a != b:
                return _difference(a, b)
        return f"{len(old)}, now {len(new)}"
    return f"{old}, now {new}"


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
