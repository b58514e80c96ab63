"""Workers: order, failure, and that none outlives its parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.engine.workers import Job, chains, run_jobs
from harness.errors import MissingExtra

Report = Callable[[str, int, int], None]


def note(path: str, word: str, progress: Report) -> str:
    with open(path, "a", encoding="utf-8") as out:
        out.write(f"{word}\n")
    progress(word, 1, 1)
    return f"{word} in {os.getpid()}"


def fail(progress: Report) -> None:
    raise ValueError("this job fails")


def sleep_and_tell(path: str, progress: Report) -> None:
    Path(path).write_text(str(os.getpid()))
    time.sleep(600)


def silent(label: str, done: int, total: int) -> None:
    return None


@pytest.mark.parametrize("workers", [1, 2])
def test_a_job_waits_for_those_it_comes_after(tmp_path: Path, workers: int) -> None:
    file = str(tmp_path / "order")
    seen: list[str] = []
    jobs = [
        Job("last", note, (file, "last"), after=("first", "second"), weight=9),
        Job("second", note, (file, "second"), after=("first",)),
        Job("first", note, (file, "first")),
    ]
    results = run_jobs(jobs, workers, 1, lambda label, done, total: seen.append(label))
    assert Path(file).read_text().split() == ["first", "second", "last"]
    assert set(results) == {"first", "second", "last"}
    here = {text.rsplit(" ", 1)[1] for text in results.values()} == {str(os.getpid())}
    assert here == (workers == 1)
    assert seen == ["first", "second", "last"]


def test_what_the_longest_chain_waits_for_starts_first(tmp_path: Path) -> None:
    file = str(tmp_path / "order")
    jobs = [
        Job("long", note, (file, "long"), weight=5),
        Job("short", note, (file, "short"), weight=1),
        Job("then", note, (file, "then"), after=("short",), weight=7),
    ]
    assert chains(jobs) == {"long": 5, "short": 8, "then": 7}
    run_jobs(jobs, 1, 1, silent)
    assert Path(file).read_text().split() == ["short", "then", "long"]


def test_an_error_of_a_worker_arrives_as_it_was(tmp_path: Path) -> None:
    with pytest.raises(MissingExtra, match="nowhere is not installed"):
        run_jobs([Job("a", lack, ()), Job("b", note, (str(tmp_path / "b"), "b"))], 2, 1, silent)


def lack(progress: Report) -> None:
    raise MissingExtra("nowhere", "none")


def test_no_jobs_start_no_process() -> None:
    assert run_jobs([], 2, 1, silent) == {}


def test_a_failure_is_raised_here_and_its_dependants_do_not_run(tmp_path: Path) -> None:
    file = tmp_path / "order"
    jobs = [Job("bad", fail, ()), Job("after", note, (str(file), "after"), after=("bad",))]
    with pytest.raises(ValueError, match="this job fails"):
        run_jobs(jobs, 2, 1, silent)
    assert not file.exists()


@pytest.mark.parametrize("after", [("second",), ("nobody",)])
def test_jobs_that_would_wait_for_ever_are_refused(tmp_path: Path, after: tuple[str, ...]) -> None:
    file = str(tmp_path / "order")
    jobs = [Job("first", note, (file, "a"), after=after), Job("second", note, (file, "b"), after=("first",))]
    with pytest.raises(ValueError, match=r"wait for each other.*first for (second|nobody)"):
        run_jobs(jobs, 2, 1, silent)


def test_workers_die_with_a_killed_parent(tmp_path: Path, root: Path) -> None:
    file = tmp_path / "pid"
    code = (
        "import sys\n"
        "from tests.engine.test_workers import Job, run_jobs, silent, sleep_and_tell\n"
        "if __name__ == '__main__':\n"
        "    run_jobs([Job(str(i), sleep_and_tell, (sys.argv[1],)) for i in range(2)], 2, 1, silent)\n"
    )
    script = tmp_path / "parent.py"
    script.write_text(code)
    parent = subprocess.Popen([sys.executable, str(script), str(file)], env={**os.environ, "PYTHONPATH": str(root)})
    try:
        _until(lambda: file.exists() and file.read_text() != "", 60)
        worker = int(file.read_text())
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        _until(lambda: not _alive(worker), 20)
    finally:
        parent.kill()
    assert not _alive(worker)


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _until(holds: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.1)
