"""Result and sample files of lm-eval (EleutherAI): read, paired by `doc_id`, and judged for forgetting; and written.

lm-eval writes `OUT/MODEL/results_TIME.json` and, with `--log_samples`, `OUT/MODEL/samples_TASK_TIME.jsonl`, a row a
document: `{"doc_id": 0, "doc_hash": "...", "filter": "none", "metrics": ["acc"], "acc": 1.0, ...}`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from harness.errors import InputError
from harness.exports.tables import folder_for
from harness.files.hashing import content_hash
from harness.files.input_file import legible
from harness.forgetting.ask import log_probability
from harness.forgetting.items import AS_ITS_TASK, Item, compare_items
from harness.record.codec import read_rows, to_json, write_atomic, write_rows
from harness.record.files import StoredRun
from harness.record.measurements import AbilitySection
from harness.types import Gate, JsonObject
from harness.verdict.gates import GATES, judge
from harness.verdict.measures import Measurement, Unmeasured, beside_total_loss

SAMPLES = re.compile(r"samples_(?P<task>.+)_(?P<time>\d{4}-\d\d-\d\dT[\d.:-]+)\.jsonl")
TUNED = "tuned"
BY_LENGTH = ("acc_norm", "acc")  # of choices continued by their words
PREFERENCE = ("acc", "exact_match", "acc_norm")  # of a task with several metrics, unless one is named
SUCCESS = "task_success"


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One document of one task, as far as it is read."""

    doc_id: int | str
    doc_hash: str | None = None
    filter: str = "none"
    arguments: object = None  # {"gen_args_0": {"arg_0": context, "arg_1": continuation}, ...}, one a choice
    resps: object = None  # [[[log-probability, is greedy]], ...], one a choice
    target: object = None  # number of the right choice, where there are any

    @property
    def choices(self) -> list[str]:
        """What the model could choose among; empty where its answer was free."""
        requests = list(self.arguments.values()) if isinstance(self.arguments, dict) else []
        texts = [request.get("arg_1") if isinstance(request, dict) else None for request in requests]
        return [text.strip() for text in texts if isinstance(text, str)] if len(texts) > 1 else []

    @property
    def form(self) -> str:
        """The form in which it was asked: by letters or by the choices' words."""
        if not self.choices:
            return AS_ITS_TASK
        return "letters" if all(len(text) == 1 and text.isalpha() for text in self.choices) else "cloze"

    @property
    def likelihood(self) -> float | None:
        """Log-probability of the right choice, nats a word; None where the file does not tell."""
        right = str(self.target)
        if not self.choices or not right.isdecimal() or int(right) >= len(self.choices):
            return None
        try:
            return log_probability(self.resps[int(right)], self.choices[int(right)])  # type: ignore[index]
        except (TypeError, ValueError, LookupError):
            return None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one document."""

    item: Item
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
    return {(task, id): outcome for task, file in files.items() for id, outcome in _outcomes(file, task, metric)}


def _outcomes(file: Path, task: str, metric: str | None) -> Iterator[tuple[str, Outcome]]:
    """One outcome a document: where a task reads answers through several filters, the first of them counts."""
    first: str | None = None
    for number, row in enumerate(read_rows(file, dict), start=1):
        head = msgspec.convert(row, SampleRow)
        first = head.filter if first is None else first
        if head.filter == first:
            name = _metric(row, metric, file, BY_LENGTH if head.form == "cloze" else PREFERENCE)
            value = row[name]
            if isinstance(value, bool) or value not in (0, 1):
                raise InputError(
                    f"{file}:{number}: {name} is {value!r}, expected 0 or 1; name a metric of rights and wrongs"
                )
            item = Item(f"{task}/{head.doc_id}", task, float(value), len(head.choices), head.form, head.likelihood)
            yield str(head.doc_id), Outcome(item, head.doc_hash)


def _metric(row: Mapping[str, object], metric: str | None, file: Path, preference: Sequence[str]) -> str:
    listing = row.get("metrics")
    names = [str(name) for name in listing] if isinstance(listing, list) else [n for n in preference if n in row]
    for name in [metric] if metric else [*preference, *names]:
        if name in row:
            return name
    raise InputError(f"{file}: no metric '{metric or preference[0]}' in it; its metrics: {', '.join(names) or 'none'}")


def compare_folders(base: Path, adapter: Path, metric: str | None = None) -> AbilitySection:
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
    rows = [[side[key].item for key in shared] for side in (before, after)]
    return compare_items(rows[0], {TUNED: rows[1]}, legible(base))


def forgetting_gate(section: AbilitySection, margin: float) -> Gate:
    """Whether the adapter is proven to be at most `margin` points below the base."""
    row = next(row for row in GATES if row.name == "forgetting")
    if section.status != "measured":
        return judge(row, -margin, Unmeasured(section.reason or "general ability was not measured"))
    change = section.arms[TUNED].items.difference
    return judge(row, -margin, beside_total_loss(Measurement(change, change), section))


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
