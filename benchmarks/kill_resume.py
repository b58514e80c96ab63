"""A run killed (SIGKILL) at random moments and started again gives what an undisturbed run gives.

    python -m benchmarks.kill_resume [scenarios/helpdesk] --kills 10 --seed 1

Runs the scenario once undisturbed and once killed, each with caches and reports of its own, and compares answers,
scores, estimates, forgetting and gates; latency differs by nature and is left out. Prints every kill with what was on
disk by then, and every difference; exit 1 if there is one. Without a scenario: a small one on a random model.
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
from collections import Counter
from pathlib import Path
from typing import Any

from harness.record.codec import lines_of
from tests.make.small import write_small

ROOT = Path(__file__).resolve().parent.parent

TIMED = {
    "finished",
    "training_seconds",
    "latency",
    "latency_ratio",
    "latency_aa",
    "stages",
    "created",
    "seconds",
    "p95_ratio",
    "first_token",
}


def main() -> int:
    options = _options()
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as scratch:
        scenario = options.scenario or str(write_small(Path(scratch) / "scenarios" / "plans"))
        start = time.perf_counter()
        process = _run(scenario, Path(scratch) / "calm")
        ready = _first_line(process, Path(scratch) / "calm" / "log")
        _must_end_well(process, Path(scratch) / "calm")
        whole = time.perf_counter() - start
        print(f"undisturbed: {whole:.0f} s, first work after {ready:.0f} s", flush=True)
        killed, homes, differences = 0, 0, 0
        while killed < options.kills:  # a run that ends before its turn of kills is compared, and another one begun
            home = Path(scratch) / f"rough-{homes}"
            # Each start pays for imports before it goes on: kills fall between there and a share of the work.
            longest = ready + 2 * (whole - ready) / options.kills + ready
            killed += len(_kill(scenario, home, options.kills - killed, (0.5 * ready, longest), rng))
            differences += _compare(Path(scratch) / "calm", home)
            homes += 1
    print(f"{killed} kills over {homes} runs; {differences} differences outside latency")
    return 1 if differences else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("scenario", nargs="?", help="default: a small one on a random model, every stage real")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def _run(scenario: str, home: Path) -> subprocess.Popen[bytes]:
    home.mkdir(parents=True, exist_ok=True)
    places = {"HARNESS_CACHE": str(home / "cache"), "HARNESS_REPORTS": str(home / "reports")}
    environment = {**os.environ, **places, "PYTHONPATH": str(ROOT)}
    with (home / "log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "harness", "run", scenario], env=environment, stdout=log, stderr=log
        )


def _first_line(process: subprocess.Popen[bytes], log: Path) -> float:
    """Seconds until the run says that its first stage is at work."""
    start = time.perf_counter()
    while process.poll() is None and not any(": " in line for line in log.read_text().splitlines()):
        time.sleep(0.2)
    return time.perf_counter() - start


def _kill(scenario: str, home: Path, kills: int, between: tuple[float, float], rng: random.Random) -> list[float]:
    """Kill the process at random moments; each start goes on where the one before was killed."""
    moments: list[float] = []
    while len(moments) < kills:
        process = _run(scenario, home)
        moment = rng.uniform(*between)
        try:
            process.wait(moment)
            _must_end_well(process, home)
            return moments
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            moments.append(moment)
            print(f"killed after {moment:.1f} s; on disk: {', '.join(_whole(home)) or 'nothing'}", flush=True)
    _must_end_well(_run(scenario, home), home)
    return moments


def _must_end_well(process: subprocess.Popen[bytes], home: Path) -> None:
    if process.wait():
        sys.exit(f"the run ended with code {process.returncode}:\n{(home / 'log').read_text()[-2000:]}")


def _whole(home: Path) -> list[str]:
    """Stages that are whole, and batches of answers that are there, by now."""
    stages = Counter(path.parent.parent.name for path in (home / "cache").glob("*/*/done.json"))
    batches = sum(len(lines_of(path.read_bytes())) for path in (home / "cache").glob("generate/*/batches*.jsonl"))
    return [*(f"{count} {name}" for name, count in stages.items()), *([f"{batches} batches"] if batches else [])]


def _compare(calm: Path, rough: Path) -> int:
    a, b = _result(calm), _result(rough)
    found = _different("", a, b)
    for path in found[:40]:
        print(f"differs: {path}")
    traces = len(a["traces"])
    print(f"{traces} traces, {len(a['scores'])} scores, {len(found)} differences outside latency", flush=True)
    return len(found)


def _result(home: Path) -> dict[str, Any]:
    records = list((home / "reports").glob("*/record.json"))
    if len(records) != 1:
        sys.exit(f"expected one finished run under {home / 'reports'}, found {len(records)}; see {home / 'log'}")
    folder = records[0].parent
    return {
        "record": json.loads(records[0].read_text(encoding="utf-8")),
        "traces": [json.loads(line) for line in lines_of((folder / "traces.jsonl").read_bytes())],
        "scores": [json.loads(line) for line in lines_of((folder / "scores.jsonl").read_bytes())],
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
