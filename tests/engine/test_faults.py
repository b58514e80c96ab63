"""What fails around a run: a disk that is really full, a hub that is out of reach, a worker that is killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from harness.files.faults import environment_message
from tests.make.small import write_small

ROOT = Path(__file__).resolve().parents[2]
DISK_BYTES = 24 << 20


def wrapped(inner: BaseException) -> Exception:
    try:
        try:
            raise inner
        except BaseException as error:
            raise RuntimeError("while writing a checkpoint") from error
    except RuntimeError as error:
        return error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(28, "No space left on device", "reports/x"), "the disk is full at reports/x; finished work is kept"),
        (wrapped(OSError(28, "No space left on device")), "the disk is full; finished work is kept; make room"),
        (RuntimeError("Error in a vector store: database or disk is full"), "the disk is full at"),
        (BrokenProcessPool("a process ended"), "a worker was killed, most likely for want of memory"),
        (MemoryError(), "out of memory"),
    ],
)
def test_a_fault_of_the_environment_is_one_line(error: BaseException, said: str) -> None:
    message = environment_message(error)
    assert message is not None
    assert message.startswith(said)
    assert "\n" not in message
    assert message.endswith("run the same command again")


def test_a_fault_of_the_work_is_not_excused() -> None:
    assert environment_message(ValueError("a bug")) is None
    assert environment_message(FileNotFoundError(2, "no such file", "x")) is None


def harness(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "harness", *arguments],
        cwd=home,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_unreachable_hub_is_code_4_and_one_message(tmp_path: Path) -> None:
    """A model that is not here, and a hub where nobody listens."""
    folder = write_small(tmp_path / "scenarios" / "plans")
    settings = folder / "scenario.yaml"
    settings.write_text(settings.read_text().replace("generator: model", "generator: someone/some-model"))
    done = harness(tmp_path, "run", "plans", HF_ENDPOINT="http://127.0.0.1:9", HF_HOME=str(tmp_path / "hub"))
    assert done.returncode == 4, done.stderr
    assert "the hub cannot be reached" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with room for a few megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip(f"a file system cannot be mounted here: {made.stderr.decode().strip()[:100]}")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=False)


def leave_room(disk: Path, room: int) -> None:
    """Fill the disk until `room` bytes are left; 0 takes the ballast away."""
    ballast = disk / "ballast"
    ballast.unlink(missing_ok=True)
    if room:
        free = os.statvfs(disk)
        ballast.write_bytes(b"\0" * max(0, free.f_bavail * free.f_frsize - room))


@pytest.mark.slow
def test_a_full_disk_is_one_message_and_the_run_goes_on_when_there_is_room(small_disk: Path, tmp_path: Path) -> None:
    write_small(tmp_path / "scenarios" / "plans")
    places = {"HARNESS_CACHE": str(small_disk / "cache"), "HARNESS_REPORTS": str(small_disk / "reports")}
    for room in (80 << 10, 600 << 10):  # not even an index; an index, but not the answers of every arm
        leave_room(small_disk, room)
        full = harness(tmp_path, "run", "plans", **places)
        assert full.returncode == 4, (room, full.stderr)
        assert "the disk is full" in full.stderr
        assert "Traceback" not in full.stderr
        assert not list((small_disk / "reports").glob("*/record.json"))
    kept = sorted((small_disk / "cache").glob("*/*/done.json"))
    assert kept, "nothing was kept for the next start"
    leave_room(small_disk, 0)
    done = harness(tmp_path, "run", "plans", **places)
    assert done.returncode == 0, done.stderr
    (record,) = (small_disk / "reports").glob("*/record.json")
    stages = json.loads(record.read_text())["stages"]
    assert sum(stage["cached"] for stage in stages) >= len(kept)
