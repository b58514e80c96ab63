"""What only one system has stands behind a guard, in the room of processes: on others the commands still run."""

from __future__ import annotations

import ast
import os
import signal
from pathlib import Path

import pytest

from tests.make.command import command
from tests.make.small import write_small

PACKAGE = Path(__file__).resolve().parent.parent / "harness"
# names that Windows or macOS lack, as attributes of os or signal
ATTRIBUTES = (
    "sched_getaffinity", "fork", "forkpty", "getuid", "geteuid", "getgid", "uname", "mkfifo", "statvfs", "sysconf",
    "getloadavg", "killpg", "setsid", "getpgid", "chown", "SIGALRM", "SIGKILL", "SIGHUP", "SIGUSR1", "SIGUSR2", "alarm",
    "setitimer", "memfd_create", "posix_fadvise", "sched_setaffinity", "nice", "getrlimit", "setrlimit", "pidfd_open",
)  # fmt: skip
MODULES = ("fcntl", "resource", "pwd", "grp", "termios", "tty", "pty", "msvcrt", "winreg", "syslog", "spwd", "crypt")
PATHS = ("/proc/", "/sys/", "/dev/")
ROOM = PACKAGE / "process"


@pytest.mark.parametrize("file", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_what_one_system_has_stands_in_the_room_of_processes(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    if file.parent != ROOM:
        assert [*_attributes(tree), *_modules(tree), *_paths(tree)] == []
        return
    guarded = {name for node in ast.walk(tree) for name in _guarded(node)}
    assert set(_attributes(tree)) <= guarded, "behind hasattr(os, name)"
    assert _modules(tree) == [], "imported only where they are"


def _attributes(tree: ast.AST) -> list[str]:
    owners = ("os", "signal")
    nodes = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name))
    return [n.attr for n in nodes if n.value.id in owners and n.attr in ATTRIBUTES]  # type: ignore[attr-defined]


def _modules(tree: ast.AST) -> list[str]:
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names += [str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return [name for name in names if name.split(".")[0] in MODULES]


def _paths(tree: ast.AST) -> list[str]:
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return [text for text in texts if text.startswith(PATHS)]


def _guarded(node: ast.AST) -> list[str]:
    """Names that a condition asks the system for before they are used."""
    if not isinstance(node, ast.If | ast.IfExp):
        return []
    calls = (part for part in ast.walk(node.test) if isinstance(part, ast.Call) and isinstance(part.func, ast.Name))
    return [str(c.args[1].value) for c in calls if c.func.id == "hasattr" and isinstance(c.args[1], ast.Constant)]  # type: ignore[attr-defined]


def test_commands_run_where_those_names_are_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = write_small(tmp_path / "scenarios" / "plans")
    for name in ATTRIBUTES:
        for owner in (os, signal):
            if name not in ("uname", "SIGKILL"):  # the standard library itself asks for these here
                monkeypatch.delattr(owner, name, raising=False)
    monkeypatch.setattr("harness.process.processor.CPU_INFO", tmp_path / "none")
    monkeypatch.setattr("harness.process.processor.GPU_DRIVER", tmp_path / "none")
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    assert command("--help") == 0
    assert command("advise", "--scenario", str(scenario)) == 0
    assert command("golden", "check", str(scenario)) in (0, 2)
    assert command("run", str(scenario), "--dry-run") == 0
