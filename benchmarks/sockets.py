"""Every connection that a run tries to make, as the kernel sees it: nothing but loopback and sockets of this machine.

    python -m benchmarks.sockets [scenarios/helpdesk]

Runs `harness run` under strace (all threads and workers, native libraries too) with caches of its own, and lists each
`connect`, `sendto` and `sendmsg` to an address. Exit 1 if one leads out of this machine. Without a scenario: a small
one on a random model, every stage real.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

CALLS = "connect,sendto,sendmsg,sendmmsg"
_ADDRESS = re.compile(
    r"(?P<call>connect|sendto|sendm?msg|sendmmsg)\(.*?sa_family=(?P<family>AF_\w+)"
    r"(?:.*?sin6?_port=htons\((?P<port>\d+)\))?"
    r"(?:.*?(?:inet_addr\(|inet_pton\(AF_INET6, )\"(?P<address>[^\"]+)\")?"
)
LOCAL_FAMILIES = ("AF_UNIX", "AF_UNSPEC", "AF_NETLINK")  # netlink asks the kernel of this machine


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call that names an address."""

    call: str
    family: str
    address: str | None
    port: int | None = None

    @property
    def leaves(self) -> bool:
        """Whether it leads out of this machine; asking a resolver here for a name of elsewhere counts."""
        if self.family in LOCAL_FAMILIES:
            return False
        if self.port == 53:
            return True
        at = (self.address or "").removeprefix("::ffff:")
        return not (at.startswith("127.") or at == "::1")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("scenario", nargs="?")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        scenario = options.scenario
        if scenario is None:
            from tests.make.small import write_small

            scenario = str(write_small(Path(scratch) / "scenarios" / "plans"))
        found = attempts([sys.executable, "-m", "harness", "run", str(Path(scenario).resolve())], Path(scratch))
    for (family, address), count in Counter((a.family, a.address) for a in found).most_common():
        print(f"{count:>6} {family:<12} {address or ''}")
    out = [attempt for attempt in found if attempt.leaves]
    print(f"{len(found)} calls with an address, {len(out)} that leave this machine")
    return 1 if out else 0


def attempts(command: list[str], home: Path) -> list[Attempt]:
    """Run `command` to its end under strace, in `home`; RuntimeError when it fails or nothing was traced."""
    trace = home / "trace"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HARNESS_CACHE": str(home / "cache")}
    environment["HARNESS_REPORTS"] = str(home / "reports")
    watch = ["strace", "-f", "-qq", "--seccomp-bpf", "-e", f"trace={CALLS}", "-o", str(trace)]
    done = subprocess.run([*watch, *command], cwd=home, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: exit {done.returncode}: {done.stderr[-500:]}")
    return read_trace(trace.read_text(encoding="utf-8", errors="replace"))


def read_trace(text: str) -> list[Attempt]:
    """The calls of an strace log that name an address."""
    found = (_ADDRESS.search(line) for line in text.splitlines())
    return [
        Attempt(m["call"], m["family"], m["address"], None if m["port"] is None else int(m["port"]))
        for m in found
        if m is not None
    ]


if __name__ == "__main__":
    if shutil.which("strace") is None:
        sys.exit("strace is not installed")
    sys.exit(main())
