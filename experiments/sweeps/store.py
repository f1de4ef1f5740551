"""A store: the results of a sweep on disk, safe against every kind of stop.

A store is a directory:

    manifest.json          what was asked and what made it; written first
    design-HASH.parquet    the design points
    parts/KEY-HASH.parquet the summaries of one chunk of histories, never changed
    bad/POINT.json         a design point that failed, and why; kept out of the results
    damaged/               files that were not what their names say, set aside
    tmp/                   files not yet complete

Every file is written under tmp/, flushed to disk and renamed, so a file under
its own name is complete. A part's name says what it is (KEY, a hash of all that
decides its content: points, seeds, rules, world) and that it is whole (HASH, of
the content itself). To resume is to make the keys that do not exist yet.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import platform
import socket
import time
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
from experiments.sweeps.manifest import (
    IDENTITY,
    packed,
    read_manifest,
    require_same,
    seeds_told,
    unpacked,
)
from world.errors import InputError
from world.folders import make_folder

OWN_NAMES = {"manifest.json", "parts", "bad", "tmp", "damaged"}
# Why a place can hold no store, now or later; of what may pass, as a full disk, the sweep speaks.
NEVER = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENAMETOOLONG, errno.ELOOP, errno.EINVAL}
NAMED = 5  # damaged files that a sentence names
BEGUN = time.time()


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


def write_part(part: Path, content: bytes, folder: Path) -> None:
    """Write a part atomically, with the hash of its content in its name."""
    target = part.with_name(f"{part.name}-{_content_hash(content)}.parquet")
    write_atomically(target, lambda path: path.write_bytes(content), folder)


class Chunk(NamedTuple):
    """Runs `first` to `last` - 1 of a step by which a store grew.

    run = place of the point * number of seeds + place of the seed, both in the step.
    """

    number: int
    step: int
    first: int
    last: int


class Step(NamedTuple):
    """Points `first` to `last` - 1 under seeds: a whole sweep, or what it grew by."""

    first: int
    last: int
    seeds: Sequence[int]

    def __len__(self) -> int:
        return (self.last - self.first) * len(self.seeds)


class Store:
    """The directory of one sweep.

    Attributes
    ----------
    path : Path
    manifest : dict
    design : Design
    seeds : sequence of int
    """

    def __init__(self, path: Path, manifest: dict[str, Any], design: Design) -> None:
        self.path = path
        self.manifest = manifest
        self.seeds = unpacked(manifest["seeds"])
        self.design = design
        self.steps = [
            Step(s["first"], s["last"], unpacked(s["seeds"])) for s in manifest["grown"]
        ]  # fmt: skip
        self.key = _hash(json.dumps([manifest[k] for k in IDENTITY], sort_keys=True))

    @classmethod
    def load(cls, path: str | Path) -> Store:
        """Open a store that exists; `InputError` if there is none or its design is damaged."""
        path = Path(path)
        manifest = read_manifest(path)
        return cls(path, manifest, _read_design(path, manifest))

    @classmethod
    def open(cls, path: str | Path, manifest: dict[str, Any], design: Design) -> Store:
        """Make a store, or open the one that exists if it holds the same sweep.

        A store may grow: by seeds beside its own, and by points after its own (a longer
        Sobol' sequence). A damaged design is set aside and written again.

        Raises
        ------
        InputError
            The directory holds something else, or a sweep of other rules, world,
            scenario, dates or summaries, or with seeds or points that these do not hold.
        """
        path = Path(path)
        manifest = json.loads(json.dumps(manifest))  # as it will be read back
        if not (path / "manifest.json").exists():
            _make_empty(path)
            _write_manifest(path, manifest, design, os.link)
        with _alone(path / "manifest.json"):  # another shard may have been first
            old = read_manifest(path)
            if old["design"]["hash"] == manifest["design"]["hash"]:
                _restore_design(path, old, design)
            store = cls.load(path)
            grown = store._grown(manifest, design)
            if grown:
                _write_manifest(path, grown, design, os.replace)
                store = cls(path, grown, design)
        return store

    def _grown(self, manifest: dict[str, Any], design: Design) -> dict[str, Any] | None:
        """This store's manifest with the steps to a larger sweep; None if there is none to take."""
        old, points = self.manifest, self.design.points
        other = (
            f"{self.path}: holds a sweep of another design ({len(points)} points of "
            f"{', '.join(points) or 'no parameter'}); choose another directory."
        )
        if old["design"]["parameters"] != manifest["design"]["parameters"]:
            raise InputError(other)
        require_same(self.path, old, manifest)
        if not points.equals(design.points.iloc[: len(points)]):
            if design.points.equals(points.iloc[: len(design)]):
                raise InputError(
                    f"{self.path}: holds more points ({len(points)}, now {len(design)}); ask for "
                    "all, or choose another directory."
                )
            raise InputError(other)
        seeds = unpacked(manifest["seeds"])
        if not set(self.seeds) <= set(seeds):
            raise InputError(
                f"{self.path}: holds a sweep with other seeds ({seeds_told(self.seeds)}, now "
                f"{seeds_told(seeds)}); name those and more, or choose another directory."
            )
        steps = []
        if more := sorted(set(seeds) - set(self.seeds)):
            steps.append({"first": 0, "last": len(points), "seeds": packed(more)})
        if len(design) > len(points):
            steps.append(
                {"first": len(points), "last": len(design), "seeds": manifest["seeds"]}
            )  # fmt: skip
        if not steps:
            return None
        return manifest | {"chunk": old["chunk"], "grown": old["grown"] + steps}

    def chunks(self) -> Iterator[Chunk]:
        """The chunks of the whole sweep, in order."""
        number, size = 0, self.manifest["chunk"]
        for place, step in enumerate(self.steps):
            for first in range(0, len(step), size):
                yield Chunk(number, place, first, min(first + size, len(step)))
                number += 1

    def cells(self, chunk: Chunk) -> Iterator[tuple[int, Sequence[int]]]:
        """The design points of a chunk, each with its seeds there."""
        step = self.steps[chunk.step]
        count = len(step.seeds)
        for place in range(chunk.first // count, (chunk.last - 1) // count + 1):
            first = max(chunk.first - place * count, 0)
            yield step.first + place, step.seeds[first : min(chunk.last - place * count, count)]

    def part(self, chunk: Chunk, bad: Sequence[int] = ()) -> Path:
        """Where the results of a chunk go, without its bad points: the name up to its content."""
        cells = [(point, packed(seeds)) for point, seeds in self.cells(chunk)]
        points = self.design.points.iloc[cells[0][0] : cells[-1][0] + 1]
        content = [self.key, list(points.columns), cells, sorted(bad)]
        return self.path / "parts" / _hash(json.dumps(content), points.to_numpy())

    def made(self, chunk: Chunk, bad: dict[int, str], parts: dict[str, Path]) -> Path | None:
        """The part of a chunk if it is among those that exist, else None."""
        whole = parts.get(self.part(chunk).name)
        if whole is not None or not bad:
            return whole
        here = [point for point, _ in self.cells(chunk) if point in bad]
        return parts.get(self.part(chunk, here).name) if here else None

    def parts(self) -> dict[str, Path]:
        """All parts that exist, by key."""
        found = sorted((self.path / "parts").glob("*.parquet"), reverse=True)
        return {path.stem.partition("-")[0]: path for path in found}

    def bad_points(self) -> dict[int, str]:
        """Design points that failed, and why."""
        found = {}
        for path in (self.path / "bad").glob("*.json"):
            if why := self._why_bad(path):
                found[int(path.stem)] = why
        return dict(sorted(found.items()))

    def record_bad(self, point: int, why: str) -> None:
        """Keep a design point out of the results, for good."""
        (self.path / "bad").mkdir(exist_ok=True)
        content = {"point": point, "parameters": self._values(point), "why": why}
        text = json.dumps(content, indent=1)
        write_atomically(
            self.path / "bad" / f"{point}.json",
            lambda path: path.write_text(text, encoding="utf-8"),  # type: ignore[arg-type]
            self.path / "tmp",
        )

    def _why_bad(self, path: Path) -> str | None:
        """Why a point is bad; None if the file speaks of no point of this design."""
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            point, why = content["point"], content["why"]
            known = path.stem == str(point) and content["parameters"] == self._values(point)
        except (OSError, ValueError, LookupError, TypeError, RecursionError):
            return None
        return why if known and point >= 0 and isinstance(why, str) and why else None

    def _values(self, point: int) -> dict[str, float]:
        return dict(self.design.points.iloc[point].to_dict())

    def damaged(self) -> list[Path]:
        """Files that are not what they were when they were written, by their content."""
        found = [
            path
            for path in sorted((self.path / "parts").glob("*.parquet"))
            if path.stem.partition("-")[2] != _content_hash(_read(path))
        ]
        bad = sorted((self.path / "bad").glob("*.json"))
        return found + [path for path in bad if self._why_bad(path) is None]

    def require_whole(self) -> None:
        """`InputError` if a file is damaged: by name, and how it is made again."""
        if damaged := self.damaged():
            raise InputError(
                f"{self.path}: {_listed(damaged)} damaged; the `moat sweep` command (or call) "
                "that made the store sets that aside and makes it again."
            )

    def set_damaged_aside(self) -> list[Path]:
        """Move damaged files to `damaged`; their names."""
        damaged = self.damaged()
        for path in damaged:
            _set_aside(path, self.path)
        return damaged

    def clear_unfinished(self) -> None:
        """Remove what processes of this machine left unfinished when they were killed."""
        for path in (self.path / "tmp").glob(f"{socket.gethostname()}-*"):
            process = path.name.removeprefix(f"{socket.gethostname()}-").split("-")[0]
            with contextlib.suppress(FileNotFoundError):
                if process.isdigit() and not _alive(int(process), path.stat().st_mtime):
                    path.unlink()


def design_hash(design: Design) -> str:
    """Hash of the points of a design."""
    return _hash(json.dumps([len(design), *design.points.columns]), design.points.to_numpy())


def _hash(text: str, figures: Any = b"") -> str:
    digest = hashlib.blake2b(text.encode(), digest_size=8)
    digest.update(np.ascontiguousarray(figures).tobytes() if len(figures) else b"")
    return digest.hexdigest()


def _content_hash(content: bytes) -> str:
    """The first half of the SHA-256 of a file."""
    return hashlib.sha256(content).hexdigest()[:32]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # another process sets it aside at this moment
        return b""


def _listed(damaged: Sequence[Path]) -> str:
    names = ", ".join(f"{path.parent.name}/{path.name}" for path in damaged[:NAMED])
    more = f" and {len(damaged) - NAMED} more" if len(damaged) > NAMED else ""
    return f"{names}{more} {'is' if len(damaged) == 1 else 'are'}"


def _set_aside(path: Path, store: Path) -> None:
    (store / "damaged").mkdir(exist_ok=True)
    with contextlib.suppress(FileNotFoundError):  # another process was first
        os.replace(path, store / "damaged" / path.name)


def _design_path(path: Path, manifest: dict[str, Any]) -> Path:
    return path / f"design-{manifest['design']['hash']}.parquet"


def _read_design(path: Path, manifest: dict[str, Any]) -> Design:
    file = _design_path(path, manifest)
    try:
        design = Design.frame(pd.read_parquet(file))
    except (OSError, ValueError, TypeError, pa.ArrowException):  # `InputError` is a ValueError
        design = None
    if design is None or design_hash(design) != manifest["design"]["hash"]:
        raise InputError(
            f"{path}: {file.name} is damaged; the `moat sweep` command (or call) that made the "
            "store sets that aside and makes it again."
        )
    return design


def _restore_design(path: Path, manifest: dict[str, Any], design: Design) -> None:
    """Write the design again if what is there is another."""
    try:
        _read_design(path, manifest)
    except InputError:
        _set_aside(_design_path(path, manifest), path)
        _write_design(path, manifest, design)


def _make_empty(path: Path) -> None:
    try:
        make_folder(path)
        for entry in path.iterdir():
            if entry.name not in OWN_NAMES and not entry.name.startswith("design-"):
                raise InputError(f"{path}: is not empty and is no store; choose another directory.")
        (path / "parts").mkdir(exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise InputError(f"{path}: is a file; a store is a directory.") from None
    except OSError as error:
        if error.errno not in NEVER:
            raise
        raise InputError(f"{path}: cannot be written ({error.strerror}).") from None


def _write_design(path: Path, manifest: dict[str, Any], design: Design) -> None:
    """Write the points: every parameter is a 64-bit fraction, whatever its values are."""
    table = pa.table(
        {"point": pa.array(range(len(design)), pa.int32())}
        | {name: pa.array(values, pa.float64()) for name, values in design.points.items()}
    )
    write_atomically(
        _design_path(path, manifest), lambda file: pq.write_table(table, file), path / "tmp"
    )


def _write_manifest(path: Path, manifest: dict[str, Any], design: Design, put: Any) -> None:
    """Write the design, then the manifest that names it.

    `put` is `os.link` to make a store (the first of several shards wins) or
    `os.replace` to let it grow.
    """
    _write_design(path, manifest, design)
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


@contextlib.contextmanager
def _alone(manifest: Path) -> Iterator[None]:
    """Hold a manifest, so that of two processes one after the other lets the store grow."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    while True:
        with manifest.open("rb+") as file:
            with contextlib.suppress(OSError):  # a file system without locks
                fcntl.flock(file, fcntl.LOCK_EX)
            if os.path.samestat(os.fstat(file.fileno()), manifest.stat()):  # nobody replaced it
                yield
                return


def _alive(process: int, wrote: float) -> bool:
    """Whether a process that wrote at some moment is still there, and no later one of its number."""
    if process == os.getpid():
        return wrote >= BEGUN
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
