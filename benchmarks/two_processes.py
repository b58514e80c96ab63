"""Processes beside each other on one cache: both must end well, and leave what one alone leaves.

    python -m benchmarks.two_processes --builds 20 --runs 5

Twice two `harness index` start at the same moment: on a cold cache, then on the warm one with a page edited. Twice two
`harness run`: on a cold cache, then on the warm one after a run of this scenario and one of a changed scenario were
beside each other. What they leave is compared with what one process alone leaves in a cache of its own: passages,
hits, answers, and figures but for those of the clock.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.make.small import write_small

ROOT = Path(__file__).resolve().parent.parent
LIMIT = 1200.0  # seconds that any one process may take
CLOCK = ("second", "latency", "finished", "created", "cached")  # parts of names of what differs from run to run


@dataclass(slots=True)
class Tally:
    """What came of the pairs."""

    counts: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    def judge(self, what: str, whole: bool, why: str = "") -> None:
        self.counts[f"{what}: {'whole' if whole else 'NOT whole'}"] += 1
        if not whole:
            self.problems.append(f"{what}: {why[-400:]}")


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that has ended."""

    code: int
    out: str
    err: str

    @property
    def well(self) -> bool:
        return self.code == 0 and "Traceback" not in self.err


def together(home: Path, commands: Sequence[Sequence[str]]) -> list[Ended]:
    """These commands of `harness`, begun at the same moment with their cache and reports under `home`."""
    homes = {"HARNESS_CACHE": str(home / "cache"), "HARNESS_REPORTS": str(home / "reports")}
    environment = {**os.environ, **homes, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "harness", *command],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for command in commands
    ]  # fmt: skip
    outputs = [process.communicate(timeout=LIMIT) for process in started]
    return [Ended(p.returncode, out, err) for p, (out, err) in zip(started, outputs, strict=True)]


def index_of(home: Path) -> list[str]:
    """The passages of the index in use, with the ids of their vectors; what is not there is an error."""
    (place,) = (home / "cache" / "index").iterdir()
    folder = place / (place / "CURRENT").read_text().strip()
    lines = (folder / "passages.jsonl").read_bytes().split(b"\n")
    return sorted(hashlib.sha256(_timeless(line)).hexdigest() for line in lines if line)


def _timeless(line: bytes) -> bytes:
    row = json.loads(line)
    return json.dumps({key: row[key] for key in ("passage", "vectors", "key")}, sort_keys=True).encode()


def run_of(home: Path, gates: str) -> object:
    """Answers, hits and figures of the run with these gates, without what the clock gives."""
    for file in (home / "reports").glob("*/record.json"):
        record = json.loads(file.read_text(encoding="utf-8"))
        if str(record["gates"]) == gates:
            traces = [json.loads(line) for line in (file.parent / "traces.jsonl").read_bytes().split(b"\n") if line]
            kept = ("metrics", "differences", "forms", "retrieval", "golden", "hashes", "counts", "corpus", "slices")
            return _without_clock([{name: record[name] for name in kept}, traces])
    raise FileNotFoundError(f"{home}: no finished run with gates {gates}")


def _without_clock(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_clock(v) for key, v in value.items() if not any(word in key for word in CLOCK)}
    return [_without_clock(item) for item in value] if isinstance(value, list) else value


def variant(folder: Path, name: str, old: str, new: str) -> Path:
    """The same scenario with one setting changed, on the same corpus: a folder of its own that links to it."""
    other = folder.parent / name
    if not other.exists():
        shutil.copytree(folder, other, symlinks=True, ignore=shutil.ignore_patterns("corpus"))
        shutil.copytree(folder / "corpus", other / "corpus")
        text = (other / "scenario.yaml").read_text()
        (other / "scenario.yaml").write_text(text.replace(old, new))
    return other


def builds(folder: Path, place: Path, pairs: int, tally: Tally) -> None:
    """Pairs of builds of one index: cold, then warm with a page edited."""
    page = folder / "corpus" / "amber.md"
    before = page.read_text()
    expected = {}
    for text in (before, before + "\nNew since May.\n"):
        page.write_text(text)
        home = place / f"alone-{len(expected)}"
        (ended,) = together(home, [["index", str(folder)]])
        assert ended.well, ended.err
        expected[text] = index_of(home)
    for number in range(pairs):
        home = place / f"builds-{number}"
        for state, text in (("cold", before), ("warm", before + "\nNew since May.\n")):
            page.write_text(text)
            both = together(home, [["index", str(folder)]] * 2)
            errors = " ".join(ended.err for ended in both if not ended.well)
            try:
                whole = all(ended.well for ended in both) and index_of(home) == expected[text]
            except (OSError, ValueError) as error:
                whole, errors = False, f"{errors} {error}"
            tally.judge(f"two builds, {state} cache", whole, errors or "other passages than alone")
        shutil.rmtree(home)
        print(f"builds: pair {number + 1} of {pairs}", file=sys.stderr)
    page.write_text(before)


def runs(folder: Path, place: Path, pairs: int, tally: Tally) -> None:
    """Pairs of runs: of one scenario, cold; then of it and of one with other answers, on the warm cache."""
    gates, command = "{'schema': 99}", ["--workers", "1"]
    other = variant(folder, "other", "max_new_tokens: 8", "max_new_tokens: 6")
    alone = {}
    for scenario in (folder, other):
        home = place / f"alone-{scenario.name}"
        (ended,) = together(home, [["run", str(scenario), *command]])
        assert ended.well, ended.err
        alone[scenario] = run_of(home, gates)
    for number in range(pairs):
        home = place / f"runs-{number}"
        both = together(home, [["run", str(folder), *command]] * 2)
        _judge_runs(tally, "two runs, cold cache", both, home, gates, alone[folder])
        shutil.rmtree(home / "reports")
        beside = together(home, [["run", str(folder), *command], ["run", str(other), *command]])
        tally.judge("a run beside a changed scenario", all(ended.well for ended in beside), _errors(beside))
        shutil.rmtree(home / "reports")
        again = together(home, [["run", str(other), *command]] * 2)
        _judge_runs(tally, "two runs, warm cache", again, home, gates, alone[other])
        shutil.rmtree(home)
        print(f"runs: pair {number + 1} of {pairs}", file=sys.stderr)


def _judge_runs(tally: Tally, what: str, both: Sequence[Ended], home: Path, gates: str, alone: object) -> None:
    try:
        whole = all(ended.well for ended in both) and run_of(home, gates) == alone
    except (OSError, ValueError) as error:
        tally.judge(what, False, f"{_errors(both)} {error}")
        return
    tally.judge(what, whole, _errors(both) or "other figures than alone")


def _errors(both: Sequence[Ended]) -> str:
    return " ".join(ended.err for ended in both if not ended.well)


def small_scenario(folder: Path) -> Path:
    """The smallest scenario with an index and answers of a model: two arms, no training."""
    write_small(folder)
    text = (folder / "scenario.yaml").read_text()
    text = text.replace("[baseline, rag, rag+few-shot, tune, hybrid]", "[baseline, rag]")
    (folder / "scenario.yaml").write_text(f"{text}candidate: rag\nlatency: {{questions: 2, repeats: 1}}\n")
    return folder


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--builds", type=int, default=20, help="pairs of index builds, cold and warm")
    parser.add_argument("--runs", type=int, default=5, help="pairs of runs, cold and warm")
    options = parser.parse_args()
    tally, start, stopped = Tally(), time.perf_counter(), False
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # stopped by whatever, it tells what it has
    try:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
            folder = small_scenario(Path(scratch) / "scenarios" / "plans")
            builds(folder, Path(scratch), options.builds, tally)
            runs(folder, Path(scratch), options.runs, tally)
    except KeyboardInterrupt:
        stopped = True
    for what, count in tally.counts.items():
        print(f"{what:<45} {count}")
    asked = f"of {options.builds} pairs of builds and {options.runs} of runs, cold and warm"
    print(f"{'stopped' if stopped else 'done'} after {time.perf_counter() - start:.0f} s {asked}")
    print("\n".join(tally.problems))
    return 1 if tally.problems or stopped else 0


if __name__ == "__main__":
    sys.exit(main())
