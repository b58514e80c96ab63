"""Single-thread processes beside this one: two of them use two cores better than one process with two threads.

Small models lose more to thread barriers than they gain from a second thread; whole arms and adapters are independent
work. A worker dies with its parent, so that a killed run leaves nothing behind that still writes.
"""

from __future__ import annotations

import os
import pickle
import threading
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from multiprocessing import connection, get_context, parent_process
from pathlib import Path
from typing import Any, Literal, Protocol

from harness.engine.progress import Progress
from harness.notices import first_line
from harness.process.cores import cores
from harness.process.malloc import KEEP_FREED
from harness.process.processor import may_have_gpu
from harness.process.quiet import hush

LOOK_AGAIN = 1.0  # seconds; a job that waits for another process is looked at again while others run
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclass(frozen=True, slots=True)
class Preload:
    """A module-level function and the files it is called with: what a worker imports before it is given work."""

    load: Callable[[Path], object]
    files: tuple[Path, ...]

    def __call__(self) -> None:
        for file in self.files:
            self.load(file)


@dataclass(frozen=True, slots=True)
class Job:
    """One task for a worker: `function(*arguments, progress=...)`, after the jobs named in `after`."""

    label: str
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    after: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()  # labels of the stages that it works on: no other run may at the same time
    weight: float = 1.0  # rough seconds; the job that the longest chain of others waits for starts first


Turn = Literal["go", "done", "wait"]


class Admission(Protocol):
    """The admission of jobs where other processes do the same work (`harness/engine/turns.py`)."""

    def ask(self, job: Job) -> Turn:
        """`go`; `done` where there is nothing left of it to do; `wait` where another process is at it."""
        ...

    def end(self, job: Job) -> None:
        """The job has ended."""
        ...

    def pause(self) -> None:
        """Nothing can be done but wait for other processes."""
        ...


class Always:
    """No other process does the same work."""

    def ask(self, job: Job) -> Turn:
        return "go"

    def end(self, job: Job) -> None:
        pass

    def pause(self) -> None:
        pass


@dataclass(slots=True)
class _State:
    results: dict[str, Any] = field(default_factory=dict)
    running: dict[Future[Any], Job] = field(default_factory=dict)


def run_jobs(
    jobs: list[Job],
    workers: int,
    threads: int,
    progress: Progress,
    preload: Preload | None = None,
    admission: Admission | None = None,
) -> dict[str, Any]:
    """Run every job, `workers` at a time, and return their results by label; None for one with nothing left to do.

    The first failure ends the run; jobs that were running beside it are let finish, so their work is kept.

    Args:
        threads: torch threads of each worker.
        preload: called in every worker before its first job arrives, so that what a job holds can be found there.
        admission: asked before a job begins, told when it has ended; None: no other process does the same work.
    """
    if not jobs:
        return {}
    _check_order(jobs)
    if workers == 1:
        return _run_here(jobs, progress, admission or Always())
    for name, value in KEEP_FREED.items():
        os.environ.setdefault(name, value)
    context = get_context("spawn")
    reports = context.Queue()
    listener = threading.Thread(target=_listen, args=(reports, progress), daemon=True)
    listener.start()
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_start, initargs=(reports, threads, preload))
    try:
        return _schedule(pool, list(jobs), workers, admission or Always())
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        reports.put(None)
        listener.join(timeout=5)


def _check_order(jobs: list[Job]) -> None:
    """ValueError for jobs that wait for each other, or for one that there is not: they would wait for ever."""
    rest = list(jobs)
    labels: set[str] = set()
    while ready := [job for job in rest if labels.issuperset(job.after)]:
        labels |= {job.label for job in ready}
        rest = [job for job in rest if job not in ready]
    if rest:
        waits = "; ".join(f"{job.label} for {', '.join(sorted({*job.after} - labels))}" for job in rest)
        raise ValueError(f"these jobs wait for each other or for none of these: {waits}")


def chains(jobs: list[Job]) -> dict[str, float]:
    """Rough seconds of each job and of the longest chain of jobs that wait for it: the run cannot end sooner."""
    lengths: dict[str, float] = {}

    def chain(job: Job) -> float:
        if job.label not in lengths:
            after = [chain(other) for other in jobs if job.label in other.after]
            lengths[job.label] = job.weight + max(after, default=0.0)
        return lengths[job.label]

    return {job.label: chain(job) for job in jobs}


def _run_here(jobs: list[Job], progress: Progress, admission: Admission) -> dict[str, Any]:
    hush()
    results: dict[str, Any] = {}
    waiting = list(jobs)
    first = chains(jobs)
    while waiting:
        job, turn = _next(waiting, results, first, admission)
        if job is None:
            admission.pause()
            continue
        results[job.label] = job.function(*job.arguments, progress=progress) if turn == "go" else None
        admission.end(job)
    return results


def _next(
    waiting: list[Job], results: Mapping[str, Any], first: Mapping[str, float], admission: Admission
) -> tuple[Job | None, Turn]:
    """The next job that may begin, taken out of those that wait; None where another process is at work on each."""
    ready = [job for job in waiting if all(name in results for name in job.after)]
    for job in sorted(ready, key=lambda job: -first[job.label]):
        if (turn := admission.ask(job)) != "wait":
            waiting.remove(job)
            return job, turn
    return None, "wait"


def _schedule(pool: ProcessPoolExecutor, waiting: list[Job], workers: int, admission: Admission) -> dict[str, Any]:
    state, first = _State(), chains(waiting)
    while waiting or state.running:
        job: Job | None = None
        if len(state.running) < workers:
            job, turn = _next(waiting, state.results, first, admission)
        if job is not None and turn == "go":
            state.running[pool.submit(_work, job)] = job
        elif job is not None:
            state.results[job.label] = None
            admission.end(job)
        elif state.running:
            _collect(state, admission)
        else:
            admission.pause()
    return state.results


def _collect(state: _State, admission: Admission) -> None:
    """The results of jobs that have ended; none after a moment, for other processes may have ended theirs."""
    finished, _ = wait(state.running, timeout=LOOK_AGAIN, return_when=FIRST_COMPLETED)
    for future in finished:
        job = state.running.pop(future)
        state.results[job.label] = future.result()
        admission.end(job)


# --- inside a worker ----------------------------------------------------------------------------------------------

_queue: Any = None


def _start(queue: Any, threads: int, preload: Preload | None) -> None:
    global _queue
    _queue = queue
    hush()
    for name in _THREAD_VARIABLES:
        os.environ[name] = str(threads)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_die_with, args=(parent.sentinel,), daemon=True).start()
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C belongs to the parent, which shuts the pool down
    import torch

    torch.set_num_threads(threads)
    if preload is not None:
        preload()


def _die_with(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)


class WorkerFailure(Exception):
    """An error of a worker that cannot travel to its parent as it is: in words, with its traceback."""


def _work(job: Job) -> Any:
    try:
        return job.function(*job.arguments, progress=lambda label, done, total: _queue.put((label, done, total)))
    except Exception as error:
        if _travels(error):
            raise
        words = "".join(traceback.format_exception(error))
        raise WorkerFailure(f"{type(error).__name__}: {first_line(error)}\n{words}") from None


def _travels(error: Exception) -> bool:
    """Whether a parent would get this error: one that cannot be read there takes every worker down with it."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return False
    return True


def _listen(queue: Any, progress: Progress) -> None:
    while (item := queue.get()) is not None:
        progress(*item)


def worker_count(model_bytes: int, limit: int | None = None) -> int:
    """The number of workers: one a core for small models on a CPU, one where a GPU or a large model is shared."""
    if limit is not None:
        return max(1, limit)
    if model_bytes > 1 << 30 or _has_gpu():
        return 1
    return max(1, min(4, cores()))


def _has_gpu() -> bool:
    """Whether torch may use a GPU; torch itself is asked only where a driver is installed."""
    if not may_have_gpu():
        return False
    import torch

    return torch.cuda.is_available()
