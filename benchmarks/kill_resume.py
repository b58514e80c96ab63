"""A run killed (SIGKILL) at random moments and started again gives what an undisturbed run gives.

    python -m benchmarks.kill_resume [scenarios/helpdesk] --kills 30 --in tune=5,latency=5,measure=5 --seed 1
                                     [--calm FOLDER]

Runs the scenario once undisturbed and once killed, each with caches and reports of its own, and compares answers,
scores, estimates, forgetting and gates; what the clock gives differs by nature and is left out: latency, its gate, and
the failure modes that are read from it; and so is the memory that a training took. Kills that are aimed (`--in`) fall
while that step is at work: the locks of the cache say which one is. Prints every kill with the steps at work and what
was on disk by then, and every difference; exit 1 if there is one. Without a scenario: a small one on a random model.
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
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.record.codec import lines_of
from tests.make.small import write_small

ROOT = Path(__file__).resolve().parent.parent

TIMED = {
    "finished",
    "training_seconds",
    "peak_bytes",
    "latency",
    "latency_ratio",
    "latency_aa",
    "stages",
    "created",
    "seconds",
    "p95_ratio",
    "first_token",
}


TIMED_MODES = {"slow_retrieval", "latency_bursts"}  # failure modes that are read from the clock
TIMES = "times.json"  # of an undisturbed run
LOOK = 0.02  # seconds between two looks at the locks


@dataclass(slots=True)
class Plan:
    """What is still to be killed: aimed kills by step, and those at any moment."""

    aimed: Counter[str]
    anywhere: int
    kills: Counter[str] = field(default_factory=Counter)  # by the step that was aimed at; "": none

    @property
    def left(self) -> int:
        return self.anywhere + self.aimed.total()

    def count(self, aim: str) -> None:
        self.kills[aim] += 1
        if aim:
            self.aimed[aim] -= 1
        else:
            self.anywhere -= 1


def main() -> int:
    options = _options()
    rng, differences, homes = random.Random(options.seed), 0, 0
    plan = Plan(options.aimed, max(0, options.kills - options.aimed.total()))
    with tempfile.TemporaryDirectory() as scratch:
        scenario = options.scenario or str(write_small(Path(scratch) / "scenarios" / "plans"))
        calm = options.calm or Path(scratch) / "calm"
        if not (calm / TIMES).exists():
            (calm / TIMES).write_text(json.dumps(_undisturbed(scenario, calm)))
        seconds, ready, whole = json.loads((calm / TIMES).read_text())
        print(f"undisturbed: {whole:.0f} s, first work after {ready:.0f} s", flush=True)
        while plan.left:  # a run that ends before its turn of kills is compared, and another one begun
            home = Path(scratch) / f"rough-{homes}"
            # Each start pays for imports before it goes on: kills fall between there and a share of the work.
            longest = ready + 2 * (whole - ready) / max(options.kills, 1) + ready
            _kill(scenario, home, plan, (0.5 * ready, longest), seconds, rng)
            differences += _compare(calm, home)
            homes += 1
    steps = ", ".join(f"{count} in {step or 'any step'}" for step, count in sorted(plan.kills.items()))
    print(f"{plan.kills.total()} kills ({steps}) over {homes} runs; {differences} differences outside latency")
    return 1 if differences else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("scenario", nargs="?", help="default: a small one on a random model, every stage real")
    parser.add_argument("--kills", type=int, default=10, help="in all, aimed ones included")
    parser.add_argument("--in", dest="aimed", type=_aims, default=Counter(), help="step=kills, separated by commas")
    parser.add_argument("--calm", type=Path, help="folder of the undisturbed run: made once, and compared with again")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def _aims(text: str) -> Counter[str]:
    return Counter({step: int(count) for step, _, count in (part.partition("=") for part in text.split(","))})


def _undisturbed(scenario: str, home: Path) -> tuple[dict[str, float], float, float]:
    """A run to its end: the seconds of each step, the seconds until the first one, and of the whole."""
    start, process = time.perf_counter(), _run(scenario, home)
    first: dict[str, float] = {}
    last: dict[str, float] = {}
    while process.poll() is None:
        for step in at_work(home, process.pid):
            last[step] = time.perf_counter()
            first.setdefault(step, last[step])
        time.sleep(LOOK)
    _must_end_well(process, home)
    seconds = {step: max(LOOK, last[step] - first[step]) for step in first}
    return seconds, min(first.values()) - start, time.perf_counter() - start


def at_work(home: Path, pid: int) -> set[str]:
    """The steps that a process has the locks of; a killed one leaves its names in the files."""
    steps = set()
    for file in (home / "cache" / "locks").glob("*.lock.json"):
        try:
            if json.loads(file.read_text(encoding="utf-8"))["pid"] == pid:
                steps.add(file.name.rpartition("-")[0])
        except (OSError, ValueError):  # given back, or being written
            continue
    return steps


def _run(scenario: str, home: Path) -> subprocess.Popen[bytes]:
    home.mkdir(parents=True, exist_ok=True)
    places = {"HARNESS_CACHE": str(home / "cache"), "HARNESS_REPORTS": str(home / "reports")}
    environment = {**os.environ, **places, "PYTHONPATH": str(ROOT)}
    with (home / "log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "harness", "run", scenario], env=environment, stdout=log, stderr=log
        )


def _kill(
    scenario: str, home: Path, plan: Plan, between: tuple[float, float], seconds: dict[str, float], rng: random.Random
) -> None:
    """Kill the process until it comes to its end; each start goes on where the one before was killed."""
    while plan.left:
        process = _run(scenario, home)
        aim = rng.choice([*(+plan.aimed), *([""] if plan.anywhere else [])])
        begun = time.perf_counter()
        hit = _await_step(process, home, +plan.aimed, seconds, rng) if aim else _await(process, rng.uniform(*between))
        if hit is None:
            _must_end_well(process, home)
            return
        steps = at_work(home, process.pid)
        process.send_signal(signal.SIGKILL)
        process.wait()
        plan.count(hit)
        moment, where = time.perf_counter() - begun, ", ".join(sorted(steps)) or "no step"
        print(f"killed after {moment:.1f} s in {where}; on disk: {', '.join(_whole(home)) or 'nothing'}", flush=True)
    _must_end_well(_run(scenario, home), home)


def _await(process: subprocess.Popen[bytes], moment: float) -> str | None:
    """Wait for a moment; None where the process has ended before."""
    try:
        process.wait(moment)
        return None
    except subprocess.TimeoutExpired:
        return ""


def _await_step(
    process: subprocess.Popen[bytes], home: Path, aims: Counter[str], seconds: dict[str, float], rng: random.Random
) -> str | None:
    """Wait until a step that is aimed at is at work, and for a moment in it; None where the process has ended."""
    passed: set[str] = set()
    while process.poll() is None:
        aim = next((step for step in at_work(home, process.pid) if step in aims and step not in passed), None)
        if aim is None:
            time.sleep(LOOK)
            continue
        until = time.perf_counter() + rng.uniform(0, 0.9 * seconds.get(aim, 1.0))
        while time.perf_counter() < until and process.poll() is None and aim in at_work(home, process.pid):
            time.sleep(LOOK)
        if process.poll() is None and aim in at_work(home, process.pid):
            return aim
        passed.add(aim)  # it was over before its moment came
    return None


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
    record = json.loads(records[0].read_text(encoding="utf-8"))
    record["diagnosis"] = [row for row in record["diagnosis"] if row["mode"] not in TIMED_MODES]
    return {
        "record": record,
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
