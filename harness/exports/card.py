"""The Hugging Face model card of every adapter of a run, with its evaluation results and their intervals.

The head is what the hub reads (`model-index`), by huggingface_hub's own classes; the body says the same for people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.errors import InputError
from harness.exports.tables import folder_for
from harness.record.codec import write_atomic
from harness.record.files import StoredRun
from harness.record.measurements import AdapterSection
from harness.record.sections import MetricSection, Record
from harness.report.text.markdown import cell, code
from harness.stats.numbers import show_estimate
from harness.types import Estimate

if TYPE_CHECKING:
    from huggingface_hub import EvalResult


def write(run: StoredRun, target: str) -> list[str]:
    """`OUT/ARM/README.md` for each tuned arm. InputError where the run tuned none."""
    from huggingface_hub import ModelCardData

    record = run.record
    if not record.tuning:
        raise InputError(f"{run.folder}: no arm of it is tuned, and a model card is that of an adapter")
    files = []
    for arm, section in record.tuning.items():
        adapter = section.adapter
        head = ModelCardData(
            base_model=adapter.base.name, library_name="peft", tags=["lora", "rag-or-tune-harness"],
            model_name=f"{record.scenario.id}-{arm}", eval_results=_results(record, arm),
        )  # fmt: skip
        folder = folder_for(f"{target}/{arm}")
        write_atomic(folder / "README.md", f"---\n{head.to_yaml()}\n---\n\n{_body(record, arm, adapter)}")
        files.append((folder / "README.md").as_posix())
    return files


def _rows(record: Record, arm: str) -> list[tuple[MetricSection, Estimate]]:
    rows = [(row, record.estimate(arm, row.name)) for row in record.metric_rows]
    return [(row, estimate) for row, estimate in rows if estimate is not None and estimate.mean is not None]


def _results(record: Record, arm: str) -> list[EvalResult]:
    from huggingface_hub import EvalResult

    return [
        EvalResult(
            task_type="question-answering", dataset_type=record.scenario.id, dataset_name=record.scenario.title,
            dataset_split="test", dataset_revision=record.golden.hash, metric_type=row.name, metric_name=row.title,
            metric_value=round(float(estimate.mean or 0), 6),
            metric_args={"low": estimate.low, "high": estimate.high, "n": estimate.n, "unscored": estimate.unscored},
        )
        for row, estimate in _rows(record, arm)
    ]  # fmt: skip


def _body(record: Record, arm: str, adapter: AdapterSection) -> str:
    verdict = record.verdict
    forgetting = record.forgetting.arms.get(arm)
    lines = [
        f"# {cell(record.scenario.title)}: the adapter of {cell(arm)}",
        "",
        f"{cell(adapter.title)}, trained by {cell(adapter.method)}: an adapter of {code(adapter.base.name)} "
        f"({adapter.trainable:,} weights, {adapter.share:.2%} of all), on {adapter.examples:,} examples "
        f"with seed {adapter.seed}. Content id {code(adapter.id)}.",
        "",
        f"Verdict on {cell(verdict.candidate)}: **{verdict.word}**. {cell(verdict.sentence)}",
        "",
        "## Results",
        "",
        f"Test split of the golden set, {record.golden.clusters:,} groups of documents; 95 % intervals.",
        "",
        "| metric | result |",
        "| --- | --- |",
        *(f"| {cell(row.title)} | {cell(show_estimate(estimate))} |" for row, estimate in _rows(record, arm)),
    ]
    if forgetting is not None:
        change = show_estimate(forgetting.items.difference, signed=True)
        lines.append(f"| General ability beside the base | {cell(change)} |")
    lines += ["", f"Run {code(record.run_id)}, {cell(record.created)}."]
    return "\n".join(lines) + "\n"
