"""A run killed (SIGKILL) at random moments and started again gives what an undisturbed run gives.

    python benchmarks/kill_resume.py scenarios/helpdesk --kills 10 --seed 1

Runs the scenario once undisturbed and once killed, each with caches and reports of its own, and compares answers,
scores, estimates, forgetting and gates; latency differs by nature and is left out. Prints every difference; exit 1
if there is one.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

TIMED = {"latency", "latency_ratio", "latency_aa", "stages", "created", "seconds", "p95_ratio", "first_token"}


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory() as scratch:
        calm, rough = Path(scratch) / "calm", Path(scratch) / "rough"
        start = time.perf_counter()
        _run(options.scenario, calm).wait()
        whole = time.perf_counter() - start
        print(f"undisturbed: {whole:.0f} s")
        moments = _kill(options.scenario, rough, options.kills, whole, random.Random(options.seed))
        print(f"killed {len(moments)} times, after {', '.join(f'{m:.1f}' for m in moments)} s, then left to finish")
        return _compare(calm, rough)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("scenario")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def _run(scenario: str, home: Path) -> subprocess.Popen[bytes]:
    home.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "HARNESS_CACHE": str(home / "cache"), "HARNESS_REPORTS": str(home / "reports")}
    with (home / "log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "harness", "run", scenario], env=environment, stdout=log, stderr=log
        )


def _kill(scenario: str, home: Path, kills: int, whole: float, rng: random.Random) -> list[float]:
    """Kill the process at random moments; each start goes on where the one before was killed."""
    moments: list[float] = []
    while len(moments) < kills:
        process = _run(scenario, home)
        moment = rng.uniform(2.0, max(6.0, 2 * whole / kills))
        try:
            process.wait(moment)
            print(f"finished after {len(moments)} kills: choose a longer scenario or fewer kills")
            return moments
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            moments.append(moment)
    _run(scenario, home).wait()
    return moments


def _compare(calm: Path, rough: Path) -> int:
    a, b = _result(calm), _result(rough)
    found = _different("", a, b)
    for path in found[:40]:
        print(f"differs: {path}")
    traces = len(a["traces"])
    print(f"{traces} traces, {len(a['scores'])} scores, {len(found)} differences outside latency")
    return 1 if found else 0


def _result(home: Path) -> dict[str, Any]:
    records = list((home / "reports").glob("*/record.json"))
    if len(records) != 1:
        sys.exit(f"expected one finished run under {home / 'reports'}, found {len(records)}; see {home / 'log'}")
    folder = records[0].parent
    return {
        "record": json.loads(records[0].read_text(encoding="utf-8")),
        "traces": [json.loads(line) for line in (folder / "traces.jsonl").read_text(encoding="utf-8").splitlines()],
        "scores": [json.loads(line) for line in (folder / "scores.jsonl").read_text(encoding="utf-8").splitlines()],
    }


def _different(path: str, a: Any, b: Any) -> list[str]:
    if isinstance(a, dict) and isinstance(b, dict):
        keys = [key for key in {**a, **b} if key not in TIMED and not _timed_gate(a.get(key))]
        return [found for key in keys for found in _different(f"{path}.{key}", a.get(key), b.get(key))]
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        return [
            f
            for i, (x, y) in enumerate(zip(a, b, strict=True))
            if not _timed_gate(x)
            for f in _different(f"{path}[{i}]", x, y)
        ]
    return [] if a == b else [f"{path}: {str(a)[:60]} | {str(b)[:60]}"]


def _timed_gate(value: Any) -> bool:
    """A gate on latency, whose figures are measured anew."""
    return isinstance(value, dict) and "p95" in str(value.get("name", ""))


if __name__ == "__main__":
    sys.exit(main())
