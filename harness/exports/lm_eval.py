"""Result and sample files of lm-eval (EleutherAI): read, paired by `doc_id`, and judged for forgetting; and written.

lm-eval writes `OUT/MODEL/results_TIME.json` and, with `--log_samples`, `OUT/MODEL/samples_TASK_TIME.jsonl`, a row a
document: `{"doc_id": 0, "doc_hash": "...", "filter": "none", "metrics": ["acc"], "acc": 1.0, ...}`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from harness.errors import InputError
from harness.exports.tables import folder_for
from harness.hashing import content_hash
from harness.input_file import legible
from harness.paired_items import ItemOutcome, compare_outcomes
from harness.record.codec import read_rows, to_json, write_atomic, write_rows
from harness.record.files import StoredRun
from harness.record.measurements import AdapterItems
from harness.types import Gate, JsonObject
from harness.verdict.gates import GATES, judge
from harness.verdict.measures import Measurement

SAMPLES = re.compile(r"samples_(?P<task>.+)_(?P<time>\d{4}-\d\d-\d\dT[\d.:-]+)\.jsonl")
PREFERENCE = ("acc", "exact_match", "acc_norm")  # of a task with several metrics, unless one is named
SUCCESS = "task_success"


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One document of one task, as far as it is read."""

    doc_id: int | str
    doc_hash: str | None = None
    filter: str = "none"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one document."""

    value: float  # 1 or 0
    hash: str | None  # of the document; None where the file has none


# --- reading ----------------------------------------------------------------------------------------------------


def read_samples(folder: Path, metric: str | None = None) -> dict[tuple[str, str], Outcome]:
    """(task, doc_id) -> outcome, of the newest sample file of every task under a folder.

    Raises:
        InputError: no sample file, no such metric in a task, or values other than 0 and 1.
    """
    files: dict[str, Path] = {}
    for file in sorted(folder.rglob("samples_*.jsonl"), key=lambda path: path.name):
        if (match := SAMPLES.fullmatch(file.name)) is not None:
            files[match["task"]] = file
    if not files:
        raise InputError(f"{legible(folder)}: no samples_TASK_TIME.jsonl under it; run lm-eval with --log_samples")
    return {(task, id): outcome for task, file in files.items() for id, outcome in _outcomes(file, metric)}


def _outcomes(file: Path, metric: str | None) -> Iterator[tuple[str, Outcome]]:
    """One outcome a document: where a task reads answers through several filters, the first of them counts."""
    first: str | None = None
    for number, row in enumerate(read_rows(file, dict), start=1):
        head = msgspec.convert(row, SampleRow)
        first = head.filter if first is None else first
        if head.filter == first:
            name = _metric(row, metric, file)
            value = row[name]
            if isinstance(value, bool) or value not in (0, 1):
                raise InputError(
                    f"{file}:{number}: {name} is {value!r}, expected 0 or 1; name a metric of rights and wrongs"
                )
            yield str(head.doc_id), Outcome(float(value), head.doc_hash)


def _metric(row: Mapping[str, object], metric: str | None, file: Path) -> str:
    listing = row.get("metrics")
    names = [str(name) for name in listing] if isinstance(listing, list) else [n for n in PREFERENCE if n in row]
    for name in [metric] if metric else [*PREFERENCE, *names]:
        if name in row:
            return name
    raise InputError(f"{file}: no metric '{metric or PREFERENCE[0]}' in it; its metrics: {', '.join(names) or 'none'}")


def compare_folders(base: Path, adapter: Path, metric: str | None = None) -> AdapterItems:
    """Two lm-eval runs, paired document by document; by task too, with Holm over the tasks.

    Raises:
        InputError: they share no document, or a document of the same number is another one.
    """
    before, after = read_samples(base, metric), read_samples(adapter, metric)
    shared = [key for key in before if key in after]
    if not shared:
        tasks = [", ".join(sorted({task for task, _ in rows})) for rows in (before, after)]
        raise InputError(f"{legible(base)} ({tasks[0]}) and {legible(adapter)} ({tasks[1]}) share no document")
    for task, id in shared:
        hashes = before[task, id].hash, after[task, id].hash
        if None not in hashes and hashes[0] != hashes[1]:
            raise InputError(
                f"{task}, doc_id {id}: another document in each run; use the same version of the task in both"
            )
    rows = [
        [ItemOutcome(f"{task}/{id}", task, side[task, id].value) for task, id in shared] for side in (before, after)
    ]
    return compare_outcomes(*rows)


def forgetting_gate(items: AdapterItems, margin: float) -> Gate:
    """Whether the adapter is proven to be at most `margin` points below the base."""
    row = next(row for row in GATES if row.name == "forgetting")
    return judge(row, -margin, Measurement(items.items.difference, items.items.difference))


# --- writing ----------------------------------------------------------------------------------------------------


def write(run: StoredRun, target: str) -> list[str]:
    """The golden questions as a task of lm-eval, a folder an arm, which `harness forgetting` reads too."""
    record, folder = run.record, folder_for(target)
    time = re.sub(r"[^0-9T-]", "-", record.created[:19])
    stamp = f"{time}.000000"
    paths = []
    for arm in record.arm_names:
        place = folder / arm
        place.mkdir(exist_ok=True)
        rows = list(_samples(run, arm))
        samples = place / f"samples_{record.scenario.id}_{stamp}.jsonl"
        write_rows(samples, rows)
        results = place / f"results_{stamp}.json"
        write_atomic(results, to_json(_results(run, arm, rows), indent=1) + "\n")
        paths += [results.as_posix(), samples.as_posix()]
    return paths


def _samples(run: StoredRun, arm: str) -> Iterator[JsonObject]:
    tested = run.record.golden.cluster_of
    success = {s.case_id: s.value for s in run.scores if s.arm == arm and s.metric == SUCCESS}
    for trace in run.traces:
        value = success.get(trace.case_id)
        if trace.arm == arm and not trace.probe and trace.case_id in tested and value is not None:
            text = trace.answer.raw if trace.answer else ""
            yield {
                "doc_id": trace.case_id, "doc": {"id": trace.case_id}, "target": "", "arguments": {},
                "resps": [[text]], "filtered_resps": [text], "filter": "none", "metrics": [SUCCESS],
                "doc_hash": content_hash([trace.case_id]), SUCCESS: value,
            }  # fmt: skip


def _results(run: StoredRun, arm: str, rows: list[JsonObject]) -> JsonObject:
    record, name = run.record, run.record.scenario.id
    estimate = record.estimate(arm, SUCCESS)
    mean = None if estimate is None else estimate.mean
    figures = {"alias": name, f"{SUCCESS},none": mean, f"{SUCCESS}_stderr,none": _stderr(mean, len(rows))}
    return {
        "results": {name: figures},
        "configs": {
            name: {"task": name, "metadata": {"version": record.golden.hash, "scenario": record.scenario.title}}
        },
        "versions": {name: record.golden.hash},
        "n-samples": {name: {"original": len(rows), "effective": len(rows)}},
        "higher_is_better": {name: {SUCCESS: True}},
        "config": {"model": arm, "model_args": f"generator={record.models.generator}"},
        "model_name": arm,
        "git_hash": record.git.commit,
        "date": record.created,
    }


def _stderr(mean: float | None, n: int) -> float | str:
    """As lm-eval has it, for lm-eval's readers: of independent documents. The interval of the record knows clusters."""
    return "N/A" if mean is None or n < 2 else math.sqrt(mean * (1 - mean) / (n - 1))
