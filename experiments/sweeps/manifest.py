"""The manifest of a store: what was asked, what made it, and by which steps it grew."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from model.identity import DIFFERENT
from world.errors import InputError
from world.faults import Faults, shown

FORMAT = 3
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
TOLD = (*IDENTITY, "moat", "scenario", "world_name", "seeds")  # what travels with a table

Place = Annotated[int, Field(ge=0, lt=2**63)]
Count = Annotated[int, Field(ge=1, lt=2**63)]
Spans = Annotated[list[tuple[Place, Count]], Field(min_length=1)]


class _Form(BaseModel):
    model_config = ConfigDict(strict=True)


class DesignMade(_Form):
    """Which design: its size, columns and content."""

    points: Count
    parameters: list[str]
    hash: str


class Grown(_Form):
    """One step: points `first` to `last` - 1 under seeds."""

    first: Place
    last: Count
    seeds: Spans


class Manifest(_Form):
    """What `manifest.json` holds."""

    format: int
    moat: str
    rules: str
    readings: str
    engine: str
    world: str
    world_name: str
    scenario: str
    parameters: dict[str, float]
    start: str
    until: str
    summaries: list[str]
    dates: list[str]
    criteria: dict[str, float]
    seeds: Spans
    design: DesignMade
    chunk: Count
    grown: list[Grown]
    made_by: dict[str, str]


def read_manifest(path: Path) -> dict[str, Any]:
    """Read the manifest of a store.

    Raises
    ------
    InputError
        There is none, it is of another format, or it is damaged: all faults at once.
    """
    file = path / "manifest.json"
    try:
        text = file.read_text(encoding="utf-8")
        raw = json.loads(text)
        form = raw["format"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise InputError(f"{path}: is not a store; it holds no readable manifest.json.") from None
    if form != FORMAT:
        raise InputError(f"{path}: is a store of format {shown(form)}; this version reads {FORMAT}.")
    faults = Faults(f"{file} is damaged; put a copy back, or choose another directory")
    try:
        manifest = Manifest.model_validate_json(text)
    except ValidationError as error:
        for fault in error.errors():
            given = "" if fault["type"] == "missing" else f", not {shown(fault['input'])}"
            faults.add(".".join(map(str, fault["loc"])), f"{fault['msg']}{given}.")
    faults.refuse_any()
    if not _adds_up(manifest):
        faults.add("grown", "the steps do not add up to every point under every seed.")
    faults.refuse_any()
    return dict(raw)


def _adds_up(manifest: Manifest) -> bool:
    """Whether each step adds seeds to all points so far, or points under all seeds so far."""
    every = [manifest.seeds, *(step.seeds for step in manifest.grown)]
    for spans in every:
        ends = [end for span in spans for end in span]
        if any(b <= a for a, b in itertools.pairwise(ends)):
            return False
    points = 0
    seeds: list[tuple[int, int]] = []
    for step in manifest.grown:
        if not seeds:
            seeds = list(step.seeds)
        elif step.first == 0:
            if step.last != points:
                return False
            seeds += step.seeds
        elif counted(step.seeds) != counted(seeds):
            return False
        if step.first not in (0, points) or step.last <= step.first:
            return False
        points = step.last
    return points == manifest.design.points and counted(seeds) == counted(manifest.seeds)


def packed(seeds: Iterable[int]) -> list[list[int]]:
    """Write seeds short, and alike however they were given: spans [first, end) that rise."""
    if isinstance(seeds, range) and seeds.step == 1:
        return [[seeds.start, seeds.stop]]
    spans: list[list[int]] = []
    for seed in sorted(seeds):
        if spans and spans[-1][1] == seed:
            spans[-1][1] += 1
        else:
            spans.append([seed, seed + 1])
    return spans


def unpacked(spans: Sequence[Sequence[int]]) -> Sequence[int]:
    """Seeds from their spans."""
    if len(spans) == 1:
        return range(*spans[0])
    return [seed for first, end in spans for seed in range(first, end)]


def counted(spans: Sequence[Sequence[int]]) -> int:
    """Number of seeds in spans."""
    return sum(end - first for first, end in spans)


def difference(old: Any, new: Any) -> str:
    """Say the first thing that differs."""
    if isinstance(old, dict) and isinstance(new, dict):
        for name in sorted(old.keys() | new.keys()):
            if old.get(name) != new.get(name):
                return f"{name} {difference(old.get(name), new.get(name))}"
    if isinstance(old, list) and isinstance(new, list):
        for a, b in zip(old, new, strict=False):
            if a != b:
                return difference(a, b)
        return f"{len(old)}, now {len(new)}"
    return f"{shown(old).strip(chr(39))}, now {shown(new).strip(chr(39))}"


def seeds_told(seeds: Sequence[int]) -> str:
    """Say seeds in a few words."""
    return f"{len(seeds)} from {seeds[0]} to {seeds[-1]}"


def require_same(path: Path, old: dict[str, Any], new: dict[str, Any]) -> None:
    """`InputError` naming what decides a figure and differs between two manifests."""
    for name, what in IDENTITY.items():
        if old[name] != new[name]:
            raise InputError(
                f"{path}: holds a sweep with {what} "
                f"({difference(old[name], new[name])}); choose another directory."
            )
