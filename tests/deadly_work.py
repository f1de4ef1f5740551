"""Work of a sweep that kills its worker; a module of its own, because workers import it."""

from __future__ import annotations

import os
import signal

from experiments.sweeps.chunk import Receipt, Task, run_chunk


def dies_once(task: Task) -> Receipt:
    """Work that is killed the first time it meets design point 2."""
    marker = task.temporary.parent.with_name("killed")
    if any(point == 2 for point, _, _ in task.cells) and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return run_chunk(task)


def dies_of_point_2(task: Task) -> Receipt:
    """Work that always dies of design point 2."""
    if any(point == 2 for point, _, _ in task.cells):
        os.kill(os.getpid(), signal.SIGKILL)
    return run_chunk(task)
