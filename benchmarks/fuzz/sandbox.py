"""One command in a forked child: limits on time and memory, a watch on what it writes, and what became of it."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SECONDS = 20  # of wall time; a command that takes longer is a finding
GIGABYTES = 3  # of memory above what the parent had
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGES = frozenset(
    {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.symlink", "os.link", "os.truncate", "os.chmod"}
)
HOMES = ("cache", "reports", "tmp", "out")  # where a command may write, below its folder


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one command."""

    code: int  # exit code; -9 and the like: killed by that signal
    seconds: float
    out: str
    err: str
    writes: tuple[str, ...]  # outside of HOMES


def run_forked(arguments: Sequence[str], folder: Path) -> Outcome:
    """Run `harness ARGUMENTS` in a child of this process, its working folder `folder`."""
    logs = {name: folder.parent / f"{folder.name}.{name}" for name in ("out", "err", "writes")}
    start = time.monotonic()
    pid = os.fork()
    if pid == 0:
        _child(arguments, folder, logs)
    code = _waited(pid, start)
    seconds = time.monotonic() - start
    texts = {name: file.read_text("utf-8", "replace")[:200_000] if file.exists() else "" for name, file in logs.items()}
    for file in logs.values():
        file.unlink(missing_ok=True)
    return Outcome(code, seconds, texts["out"], texts["err"], tuple(dict.fromkeys(texts["writes"].split("\n")[:-1])))


def _waited(pid: int, start: float) -> int:
    pause, most = 0.001, _resident(os.getpid()) + (GIGABYTES << 30)
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() - start > SECONDS or _resident(pid) > most:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return -9
        time.sleep(pause)
        pause = min(0.02, pause * 1.5)


def _resident(pid: int) -> int:
    """Bytes of memory that a process uses; 0 for one that is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def _child(arguments: Sequence[str], folder: Path, logs: dict[str, Path]) -> None:
    """Never returns."""
    code = 70
    try:
        os.chdir(folder)
        _redirect(logs)
        _limit()
        writes = os.open(logs["writes"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        _watch(folder, writes)
        os.environ |= {"HARNESS_CACHE": "cache", "HARNESS_REPORTS": "reports", "TMPDIR": str(folder / "tmp")}
        import tempfile

        tempfile.tempdir = str(folder / "tmp")
        from harness.cli.main import main

        sys.argv = ["harness", *arguments]
        try:
            main(list(arguments))
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
    except BaseException:
        traceback.print_exc()
        code = 1
    finally:
        with contextlib.suppress(BaseException):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code & 0xFF)


def _redirect(logs: dict[str, Path]) -> None:
    nothing = os.open("/dev/null", os.O_RDONLY)
    os.dup2(nothing, 0)
    for number, name in ((1, "out"), (2, "err")):
        target = os.open(logs[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(target, number)
        os.close(target)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115


def _limit() -> None:
    """Of files, not of address space: what draws charts reserves more of that than there is memory."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 30, 1 << 30))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _watch(folder: Path, log: int) -> None:
    """Write down every path outside of HOMES that Python code opens for writing or changes."""
    homes = tuple(f"{folder / name}" for name in HOMES)

    def look(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open":
            path, mode, flags = arguments
            writes = bool(isinstance(flags, int) and flags & WRITING) or (
                isinstance(mode, str) and set(mode) & set("wax+")
            )
        else:
            path, writes = (arguments[0] if arguments else None), event in CHANGES
        if writes and isinstance(path, str | bytes | os.PathLike):
            where = os.path.abspath(os.fsdecode(path))
            if not where.startswith((*homes, "/dev/null", "/proc/")):
                os.write(log, f"{event} {where}\n".encode("utf-8", "replace"))

    sys.addaudithook(look)
