"""Where the work of a sweep is done: in this process, in processes of this machine, on a Dask cluster.

A backend is a context manager with one method, `map(work, tasks)`: it yields each
task with its result, in any order, or with None if the worker died of it. Tasks
are taken one by one as workers become free, so memory does not grow with their
number.
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait as wait_for
from typing import Any, Protocol

from model.identity import different, version
from world.errors import InputError

ATTEMPTS = 3  # to start a worker


class Backend(Protocol):
    """What a sweep needs of a backend."""

    def __enter__(self) -> Backend: ...

    def __exit__(self, *error: Any) -> None: ...

    def map(self, work: Callable[[Any], Any], tasks: Iterable[Any]) -> Iterator[tuple[Any, Any]]: ...


def make_backend(name: str, workers: int) -> Backend:
    """Return the backend of that name; `InputError` if there is none."""
    if name == "in_process":
        return InProcess()
    if name == "processes":
        return Processes(workers)
    if name.startswith("dask:"):
        return Dask(name.removeprefix("dask:"))
    raise InputError(
        f"backend: {name!r} is unknown; allowed are in_process, processes, "
        "and dask:ADDRESS of a scheduler, such as dask:tcp://127.0.0.1:8786."
    )


class InProcess:
    """No workers: one task after the other in this process."""

    def __enter__(self) -> InProcess:
        return self

    def __exit__(self, *error: Any) -> None:
        pass

    def map(self, work: Callable[[Any], Any], tasks: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
        """Do the tasks in order."""
        for task in tasks:
            yield task, work(task)


class Worker:
    """A pool of one spawned process, so that a death names the task that died."""

    def __init__(self) -> None:
        before = os.environ.get("OMP_NUM_THREADS")
        os.environ["OMP_NUM_THREADS"] = "1"  # one worker, one core
        try:
            self.pool = ProcessPoolExecutor(
                1, mp_context=multiprocessing.get_context("spawn"), initializer=_begin
            )
            self.started = self.pool.submit(os.getpid)  # the process starts with its first task
        finally:
            if before is None:
                del os.environ["OMP_NUM_THREADS"]
            else:
                os.environ["OMP_NUM_THREADS"] = before

    def has_started(self) -> bool:
        """Whether the process ever came to work."""
        return self.started.done() and self.started.exception() is None


class Processes:
    """Processes of this machine."""

    def __init__(self, workers: int) -> None:
        self.count = workers
        self._workers: set[Worker] = set()
        self._failed_starts = 0

    def __enter__(self) -> Processes:
        return self

    def __exit__(self, *error: Any) -> None:
        # What is under way ends, within a second or two, and its parts are kept.
        for worker in self._workers:
            worker.pool.shutdown(wait=False, cancel_futures=True)
        for worker in self._workers:
            worker.pool.shutdown(wait=True)
        self._workers.clear()

    def map(self, work: Callable[[Any], Any], tasks: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
        """Do the tasks, one at a time in each process."""
        waiting = iter(tasks)
        idle: list[Worker | None] = [*self._workers]
        idle += [None] * (self.count - len(idle))
        running: dict[Future[Any], tuple[Worker, Any]] = {}
        while True:
            while idle and (task := next(waiting, None)) is not None:
                worker, future = self._submitted(idle.pop(), work, task)
                running[future] = worker, task
            if not running:
                return
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                worker, task = running.pop(future)
                try:
                    result = future.result()
                    idle.append(worker)
                except BrokenProcessPool:
                    self._drop(worker)
                    idle.append(None)
                    if not worker.has_started():  # the task is not to blame: it never began
                        waiting = itertools.chain([task], waiting)
                        continue
                    result = None
                yield task, result

    def _submitted(
        self, worker: Worker | None, work: Callable[[Any], Any], task: Any
    ) -> tuple[Worker, Future[Any]]:
        """Give a worker a task; a new worker if there is none or it died while idle."""
        if worker is not None:
            try:
                return worker, worker.pool.submit(work, task)
            except BrokenProcessPool:
                self._drop(worker)
        worker = Worker()
        self._workers.add(worker)
        return worker, worker.pool.submit(work, task)

    def _drop(self, worker: Worker) -> None:
        worker.pool.shutdown(wait=False)
        self._workers.discard(worker)
        self._failed_starts = 0 if worker.has_started() else self._failed_starts + 1
        if self._failed_starts >= ATTEMPTS * self.count:
            raise InputError(
                "workers: no process can be started; in a script, call run() under "
                "`if __name__ == '__main__':`, or use the backend in_process."
            )


def _begin() -> None:
    """First act of a worker: leave Ctrl-C to the main process, and die when it dies."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_die_with_parent, daemon=True).start()


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait_for([parent.sentinel])
        os._exit(1)


class Dask:
    """Workers of a Dask cluster, found by the address of its scheduler.

    The workers need this package and the directory of the store.
    """

    def __init__(self, address: str) -> None:
        self.address = address

    def __enter__(self) -> Dask:
        try:
            from distributed import Client
            from distributed.comm import get_address_host_port
        except ImportError:
            raise InputError(
                "backend dask: the package distributed is not installed; "
                "install Moat with its extra `cluster`."
            ) from None
        try:
            # A client that cannot connect leaves a mess behind, so knock first.
            socket.create_connection(get_address_host_port(self.address), timeout=10).close()
            self.client = Client(self.address, timeout="10s", set_as_default=False)
        except (OSError, ValueError) as error:
            raise InputError(
                f"backend dask: no scheduler answers at {self.address!r} ({error})."
            ) from None
        try:
            self._require_same_version()
        except InputError:
            self.client.close()
            raise
        return self

    def _require_same_version(self) -> None:
        """`InputError` if a worker has another Moat than this process, before any work is done.

        A worker that comes later is refused when it opens its first task.
        """
        from distributed.comm import CommClosedError

        try:
            found = self.client.run(different, version(), on_error="return")
        except (OSError, CommClosedError):
            raise ConnectionError(f"the scheduler at {self.address} is lost") from None
        for worker, what in sorted(found.items()):
            if isinstance(what, Exception):
                what = f"no Moat that answers ({type(what).__name__})"
            if what:
                raise InputError(
                    f"backend dask: the worker {worker} has {what}; install the same version of "
                    "Moat there, on the same kind of machine."
                )

    def __exit__(self, *error: Any) -> None:
        self.client.close()

    def map(self, work: Callable[[Any], Any], tasks: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
        """Do the tasks, two for each thread in flight; `ConnectionError` if the scheduler is lost."""
        from distributed import CancelledError, KilledWorker, as_completed
        from distributed.comm import CommClosedError

        waiting = iter(tasks)
        running: dict[Any, Any] = {}
        completed = as_completed(loop=self.client.loop)
        lost = ConnectionError(f"the scheduler at {self.address} is lost")

        def fill() -> None:
            try:
                threads = max(1, sum(self.client.nthreads().values()))
                for task in itertools.islice(waiting, max(0, 2 * threads - len(running))):
                    future = self.client.submit(work, task, pure=False, retries=0)
                    running[future.key] = task
                    completed.add(future)
            except OSError:
                raise lost from None

        fill()
        for future in completed:
            task = running.pop(future.key)
            try:
                result = future.result()
            except KilledWorker:
                result = None
            except (CancelledError, CommClosedError):
                raise lost from None
            future.release()
            yield task, result
            fill()
