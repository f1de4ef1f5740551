"""Memory and disk that can be had, and a refusal of what cannot."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
from pathlib import Path

from world.faults import Faults

BASE = 3e8  # bytes of Python, the libraries and the compiled rules, a process


def free_memory() -> float:
    """Bytes of memory that this process may still take: the machine's, or what it is limited to."""
    had = [float(os.sysconf("SC_PHYS_PAGES")) * os.sysconf("SC_PAGE_SIZE")]
    with contextlib.suppress(OSError, ValueError, IndexError):
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        had += [1024.0 * int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")]
    for file in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with contextlib.suppress(OSError, ValueError):
            had.append(float(Path(file).read_text(encoding="ascii")))
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit != resource.RLIM_INFINITY:
        had.append(float(limit))
    return min(had)


def free_disk(out: Path) -> float:
    """Bytes that are free where a path is, or will be."""
    path = out.resolve()
    while not path.exists():
        path = path.parent
    return float(shutil.disk_usage(path).free)


def size(count: float) -> str:
    """Bytes in words."""
    return f"{count / 1e9:,.1f} GB" if count > 1e8 else f"{count / 1e6:.3g} MB"


def require_room(place: str, advice: str, memory: float = 0.0, disk: float = 0.0,
                 out: Path = Path()) -> None:  # fmt: skip
    """`InputError` if so much memory, or disk where `out` is, cannot be had."""
    faults = Faults(place)
    if memory > (had := free_memory()):
        faults.add("memory", f"about {size(memory)} are needed, {size(had)} are free; {advice}")
    if disk > 0.0 and disk > (had := free_disk(out)):
        faults.add("disk", f"about {size(disk)} are needed, {size(had)} are free; {advice}")
    faults.refuse_any()
