"""One reading shared by all metrics against a reading of its own for each metric, on the traces of a stored run.

    python -m benchmarks.shared_reading reports/RUN golden_sets/wiki.jsonl [--repeats 5]

Both ways run in fresh processes, so that neither starts with the other's cached words, and in turn, so that a busy
machine slows both. Prints processor seconds (the least of the repeats), the ratio, and that all scores are the same.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from harness.golden.load import load_cases
from harness.metrics.reading import Reading
from harness.metrics.table import METRICS
from harness.record.files import load_traces
from harness.types import Answer, Case, Unscored

Scores = list["float | Unscored"]
Pairs = Sequence[tuple[Case, Answer]]


def shared(pairs: Pairs) -> Scores:
    """Every metric of an answer from one reading."""
    readings = (Reading(case, answer) for case, answer in pairs)
    return [metric.read(reading) for reading in readings for metric in METRICS.values()]


def apart(pairs: Pairs) -> Scores:
    """Every metric from a reading that nothing else uses."""
    return [metric.read(Reading(case, answer)) for case, answer in pairs for metric in METRICS.values()]


def timed(way: Callable[[Pairs], Scores], run: Path, golden: Path) -> tuple[float, Scores]:
    """Processor seconds of one way, and its scores."""
    cases = {case.id: case for case in load_cases(golden)}
    pairs = [(cases[t.case_id], t.answer) for t in load_traces(run) if t.answer is not None and not t.probe]
    start = time.process_time()
    scores = way(pairs)
    return time.process_time() - start, scores


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("golden", type=Path)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    seconds: dict[str, list[float]] = {"shared": [], "apart": []}
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as fresh:
        for _ in range(options.repeats):
            rows = [fresh.submit(timed, way, options.run, options.golden).result() for way in (shared, apart)]
            assert rows[0][1] == rows[1][1], "the two ways do not score alike"
            seconds["shared"].append(rows[0][0])
            seconds["apart"].append(rows[1][0])
    scores = len(rows[0][1])
    for name, values in seconds.items():
        print(f"{name:8} {min(values):7.2f} s for {scores} scores of {scores // len(METRICS)} answers")
    print(f"ratio    {min(seconds['apart']) / min(seconds['shared']):7.2f}")


if __name__ == "__main__":
    main()
