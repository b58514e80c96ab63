"""No connection leaves this machine during a run, in any of its processes, native libraries included."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.sockets import Attempt, attempts, read_trace
from tests.make.small import write_small

LOG = """\
1234  connect(3, {sa_family=AF_UNIX, sun_path="/run/x"}, 110) = 0
1234  connect(3, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("10.1.2.3")}, 16) = -1 EINPROGRESS
1234  sendto(4, "q", 1, MSG_NOSIGNAL, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("127.0.0.53")}, 16) = 1
1234  connect(3, {sa_family=AF_INET6, sin6_port=htons(443), inet_pton(AF_INET6, "2a00::1", &sin6_addr)}, 28) = -1
1234  sendto(5, "x", 1, 0, NULL, 0) = 1
"""


def test_a_log_is_read_call_by_call() -> None:
    calls = read_trace(LOG)
    assert calls == [
        Attempt("connect", "AF_UNIX", None),
        Attempt("connect", "AF_INET", "10.1.2.3", 443),
        Attempt("sendto", "AF_INET", "127.0.0.53", 53),
        Attempt("connect", "AF_INET6", "2a00::1", 443),
    ]
    assert [attempt.leaves for attempt in calls] == [False, True, True, True]
    assert not Attempt("connect", "AF_INET", "127.0.0.1", 8000).leaves


@pytest.fixture
def strace() -> None:
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    if subprocess.run(["strace", "-f", "true"], capture_output=True, check=False).returncode:
        pytest.skip("strace may not trace here")


def test_an_attempt_is_seen(strace: None, tmp_path: Path) -> None:
    """The trace must be able to fail: one process of a process connects."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        inner = f"import socket; socket.create_connection(('127.0.0.1', {port}))"
        code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}], check=True)"
        assert Attempt("connect", "AF_INET", "127.0.0.1", port) in attempts([sys.executable, "-c", code], tmp_path)


@pytest.mark.slow
def test_a_run_stays_on_this_machine(strace: None, tmp_path: Path) -> None:
    write_small(tmp_path / "scenarios" / "plans")
    found = attempts([sys.executable, "-m", "harness", "run", "plans", "--workers", "2"], tmp_path)
    assert [attempt for attempt in found if attempt.leaves] == []
