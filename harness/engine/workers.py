"""Single-thread processes beside this one: two of them use two cores better than one process with two threads.

Small models lose more to thread barriers than they gain from a second thread; whole arms and adapters are independent
work. A worker dies with its parent, so that a killed run leaves nothing behind that still writes.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from multiprocessing import connection, get_context, parent_process
from pathlib import Path
from typing import Any

from harness.engine.progress import Progress
from harness.process.cores import cores
from harness.process.malloc import KEEP_FREED
from harness.process.quiet import hush

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
    weight: float = 1.0  # rough seconds; the job that the longest chain of others waits for starts first


@dataclass(slots=True)
class _State:
    results: dict[str, Any] = field(default_factory=dict)
    running: dict[Future[Any], Job] = field(default_factory=dict)


def run_jobs(
    jobs: list[Job], workers: int, threads: int, progress: Progress, preload: Preload | None = None
) -> dict[str, Any]:
    """Run every job, `workers` at a time, and return their results by label.

    The first failure ends the run; jobs that were running beside it are let finish, so their work is kept.

    Args:
        threads: torch threads of each worker.
        preload: called in every worker before its first job arrives, so that what a job holds can be found there.
    """
    if not jobs:
        return {}
    _check_order(jobs)
    if workers == 1:
        return _run_here(jobs, progress)
    for name, value in KEEP_FREED.items():
        os.environ.setdefault(name, value)
    context = get_context("spawn")
    reports = context.Queue()
    listener = threading.Thread(target=_listen, args=(reports, progress), daemon=True)
    listener.start()
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_start, initargs=(reports, threads, preload))
    try:
        return _schedule(pool, list(jobs), workers)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        reports.put(None)
        listener.join(timeout=5)


def _check_order(jobs: list[Job]) -> None:
    """ValueError for jobs that wait for each other, or for one that there is not: they would wait for ever."""
    left = list(jobs)
    known: set[str] = set()
    while ready := [job for job in left if known.issuperset(job.after)]:
        known |= {job.label for job in ready}
        left = [job for job in left if job not in ready]
    if left:
        waits = "; ".join(f"{job.label} for {', '.join(sorted({*job.after} - known))}" for job in left)
        raise ValueError(f"these jobs wait for each other or for none of these: {waits}")


def chains(jobs: list[Job]) -> dict[str, float]:
    """Rough seconds of each job and of the longest chain of jobs that wait for it: the run cannot end sooner."""
    known: dict[str, float] = {}

    def chain(job: Job) -> float:
        if job.label not in known:
            after = [chain(other) for other in jobs if job.label in other.after]
            known[job.label] = job.weight + max(after, default=0.0)
        return known[job.label]

    return {job.label: chain(job) for job in jobs}


def _run_here(jobs: list[Job], progress: Progress) -> dict[str, Any]:
    hush()
    results: dict[str, Any] = {}
    first = chains(jobs)
    waiting = sorted(jobs, key=lambda job: -first[job.label])
    while waiting:
        job = next(job for job in waiting if all(name in results for name in job.after))
        results[job.label] = job.function(*job.arguments, progress=progress)
        waiting.remove(job)
    return results


def _schedule(pool: ProcessPoolExecutor, waiting: list[Job], workers: int) -> dict[str, Any]:
    state, first = _State(), chains(waiting)
    while waiting or state.running:
        ready = [job for job in waiting if all(name in state.results for name in job.after)]
        for job in sorted(ready, key=lambda job: -first[job.label])[: workers - len(state.running)]:
            waiting.remove(job)
            state.running[pool.submit(_work, job)] = job
        finished, _ = wait(state.running, return_when=FIRST_COMPLETED)
        for future in finished:
            job = state.running.pop(future)
            state.results[job.label] = future.result()
    return state.results


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


def _work(job: Job) -> Any:
    return job.function(*job.arguments, progress=lambda label, done, total: _queue.put((label, done, total)))


def _listen(queue: Any, progress: Progress) -> None:
    while (item := queue.get()) is not None:
        progress(*item)


def worker_count(model_bytes: int, chosen: int | None = None) -> int:
    """How many workers: one a core for small models on a CPU, one in all where a GPU or a large model is shared."""
    if chosen is not None:
        return max(1, chosen)
    if model_bytes > 1 << 30 or _has_gpu():
        return 1
    return max(1, min(4, cores()))


def _has_gpu() -> bool:
    """Whether torch may use a GPU; torch itself is asked only where a driver is installed."""
    if not Path("/dev/nvidiactl").exists():
        return False
    import torch

    return torch.cuda.is_available()
