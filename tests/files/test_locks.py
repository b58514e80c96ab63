"""Locks among processes: who has one, who waits for whom, and what a process that died leaves."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path

import pytest

from harness.files import locks
from harness.files.locks import Holder, Lock, Wait, hold

HOLD = """
import sys, time
from pathlib import Path
from harness.files.locks import hold
with hold(Path(sys.argv[1]), "builds the index of corpus"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(locks, "LAST_WORDS", 0.0)
    return tmp_path / "locks" / "one.lock"


def another_process(file: Path) -> subprocess.Popen[str]:
    """A process that has the lock."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(file)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_who_waits_is_told_for_whom_and_a_lock_ends_with_its_process(file: Path) -> None:
    process = another_process(file)
    lock = Lock(file, "runs it")
    try:
        assert not lock.take()
        assert lock.waiting == f"waiting for another run that builds the index of corpus (pid {process.pid}, 0 s)"
    finally:
        process.kill()
        process.wait()
    assert lock.take()
    lock.release()
    assert list(file.parent.iterdir()) == []


def test_the_workers_of_a_killed_process_are_given_a_moment(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "LAST_WORDS", 0.3)
    process = another_process(file)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    start = time.monotonic()
    with hold(file, "x"):
        assert time.monotonic() - start >= 0.3
    start = time.monotonic()
    with hold(file, "x"):
        assert time.monotonic() - start < 0.3


def test_one_after_the_other_gets_it(file: Path) -> None:
    inside: list[int] = []
    most: list[int] = []

    def work() -> None:
        for _ in range(5):
            with hold(file, "x"):
                inside.append(1)
                most.append(len(inside))
                time.sleep(0.002)
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 20


def test_a_wait_is_told_after_a_second_and_every_half_minute(file: Path) -> None:
    now, said = [0.0], []
    wait = Wait(said.append, lambda: now[0])
    for now[0] in (0.0, 0.5, 1.0, 5.0, 30.0, 31.0, 60.0, 61.0):
        wait.look(Lock(file, "x"))
    assert said == ["waiting for another run"] * 3


@pytest.fixture
def no_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system that has no locks, as some network shares."""

    def refuse(_: Path) -> None:
        raise OSError(errno.ENOLCK, "no locks available")

    monkeypatch.setattr(locks, "_native", refuse)
    locks._tell_once.cache_clear()


@pytest.mark.usefixtures("no_locks")
def test_without_locks_a_marker_stands_in_and_that_is_said(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, other = Lock(file, "x"), Lock(file, "y")
    assert one.take()
    assert not other.take()
    one.release()
    assert other.take()
    other.release()
    assert list(file.parent.iterdir()) == []
    assert capsys.readouterr().err.count("its file system has no locks") == 1


@pytest.mark.usefixtures("no_locks")
def test_a_marker_of_a_process_that_is_gone_is_taken_over(file: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", "pass"])
    gone.wait()
    one = Lock(file, "x")
    assert one.take()
    marker = next(path for path in file.parent.iterdir() if path.suffix == ".marker")
    lines = marker.read_text().split("\n")
    assert lines[0] == str(os.getpid())
    one.release()
    marker.write_text("\n".join([str(gone.pid), *lines[1:2], ""]))
    deadline = time.monotonic() + 20
    while not one.take():
        assert time.monotonic() < deadline, "a stale marker was waited for"
        time.sleep(0.1)
    one.release()


@pytest.mark.usefixtures("no_locks")
def test_a_marker_of_another_machine_is_waited_for_and_named(file: Path) -> None:
    file.parent.mkdir()
    marker = file.with_name(f"{file.name}.marker")
    marker.write_text("1\nanother-machine\n")
    holder = Holder(1, "another-machine", time.time() - 40, "runs helpdesk")
    file.with_name(f"{file.name}.json").write_text(json.dumps(asdict(holder)))
    lock = Lock(file, "x")
    assert not lock.take()
    assert lock.waiting == (
        "waiting for another run that runs helpdesk (pid 1 on another-machine, 40 s); "
        f"if none is at work there, delete {marker}"
    )
