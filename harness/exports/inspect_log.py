"""Logs of Inspect (UK AI Security Institute), one an arm: `inspect view --log-dir OUT` shows them.

The format is that of `inspect_ai.log.EvalLog`, version 2, as JSON; a test reads it with Inspect's own reader where that
is installed. Inspect itself is not needed to write it.
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.exports.tables import folder_for
from harness.files.hashing import content_hash
from harness.record.codec import to_json, write_atomic
from harness.record.files import StoredRun
from harness.record.score_table import ByTrace, by_trace
from harness.runs.stored import BEARS, open_stored
from harness.types import Case, Estimate, JsonObject, Score, Trace

VERSION = 2


def write(run: StoredRun, target: str) -> list[str]:
    """One log an arm; questions and accepted answers where the golden set is still the one that was asked."""
    folder, scores = folder_for(target), by_trace(run.scores)
    archive = open_stored(str(run.folder), BEARS["report"])
    cases = {case.id: case for case in archive.cases}
    files = []
    for arm in run.record.arm_names:
        stamp = run.record.created[:19].replace(":", "-")
        file = folder / f"{stamp}_{_plain(run.record.scenario.id)}_{_plain(arm)}.json"
        write_atomic(file, to_json(_log(run, arm, scores, cases), indent=1) + "\n")
        files.append(file.as_posix())
    return files


def _log(run: StoredRun, arm: str, scores: ByTrace, cases: Mapping[str, Case]) -> JsonObject:
    record = run.record
    traces = [t for t in run.traces if t.arm == arm and not t.probe and t.case_id in record.golden.cluster_of]
    names = [row.name for row in record.metric_rows if record.estimate(arm, row.name) is not None]
    model, created, title = f"harness/{arm}", record.created, record.scenario.id
    results = [_metric(name, estimate) for name in names if (estimate := record.estimate(arm, name)) is not None]
    return {
        "version": VERSION,
        "status": "success",
        "eval": {
            "eval_id": content_hash([record.run_id, arm])[:22], "run_id": record.run_id, "created": created,
            "task": title, "task_id": content_hash([title])[:22], "task_version": 0, "task_args": {},
            "dataset": {"name": record.golden.path or title, "samples": len(traces),
                        "sample_ids": [trace.case_id for trace in traces]},
            "model": model, "model_args": {"generator": record.models.generator}, "config": {},
            "packages": {"rag-or-tune-harness": str(record.versions.get("rag-or-tune-harness") or "")},
            "metadata": {"verdict": record.verdict.word, "ship": record.verdict.ship, "partial": record.partial},
        },
        "plan": {"name": "plan", "steps": [{"solver": arm, "params": {}}], "config": {}},
        "results": {"total_samples": len(traces), "completed_samples": sum(t.answer is not None for t in traces),
                    "scores": results},
        "stats": {"started_at": created, "completed_at": created, "model_usage": {}},
        "samples": [_sample(trace, model, scores.get((trace.case_id, arm), {}), cases) for trace in traces],
    }  # fmt: skip


def _metric(name: str, estimate: Estimate) -> JsonObject:
    """A scorer of one metric; its interval stands beside the mean as further metrics."""
    values = {"mean": estimate.mean, "low": estimate.low, "high": estimate.high}
    figures = {key: {"name": key, "value": value, "params": {}} for key, value in values.items() if value is not None}
    return {
        "name": name, "scorer": name, "params": {}, "metrics": figures, "scored_samples": estimate.n,
        "unscored_samples": estimate.unscored,
    }  # fmt: skip


def _sample(trace: Trace, model: str, scores: Mapping[str, Score], cases: Mapping[str, Case]) -> JsonObject:
    case, answer = cases.get(trace.case_id), trace.answer
    question = case.question if case else trace.case_id
    target = list(case.accept) if case and case.accept else ""
    sample: dict[str, object] = {
        "id": trace.case_id, "epoch": 1, "input": question, "target": target,
        "messages": [{"role": "user", "content": question}], "metadata": {}, "store": {}, "events": [],
        "attachments": {}, "scores": {name: {"value": s.value} for name, s in scores.items() if s.value is not None},
    }  # fmt: skip
    if answer is None:
        sample["output"] = {"model": model, "choices": [], "error": trace.error}
        sample["error"] = {"message": trace.error, "traceback": "", "traceback_ansi": ""}
        return sample
    reply = {"role": "assistant", "content": answer.raw, "source": "generate"}
    stop = "max_tokens" if answer.truncated else "stop"
    sample["messages"] = [{"role": "user", "content": question}, reply]
    sample["output"] = {"model": model, "choices": [{"message": reply, "stop_reason": stop}], "time": answer.seconds}
    sample["metadata"] = {"passages": [hit.passage.id for hit in answer.hits], "cited": list(answer.cited)}
    return sample


def _plain(text: str) -> str:
    """Inspect reads time, task and id from a log's name, between underscores."""
    return "".join(letter if letter.isalnum() else "-" for letter in text)
