"""Traces -> scores -> estimates: the figures of the record. Pure; reruns from disk without a model."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from harness import stats
from harness.metrics.reading import Reading
from harness.metrics.table import METRICS, Metric
from harness.scenario.settings import Prices
from harness.stages.latency import CONTROL, Latency
from harness.types import Case, Difference, Estimate, Score, Trace, Unscored

REFERENCE = "rag"  # every arm is compared with RAG-only, the safer start
COMPARED = ("task_success", "task_success_without_form", "correct", "groundedness", "schema", "citation_recall")
SLICES = ("category", "kind")

Table = Mapping[tuple[str, str], Mapping[str, float | None]]  # (arm, metric) -> case id -> value


def score_traces(cases: Sequence[Case], traces: Iterable[Trace]) -> list[Score]:
    """Every metric on every trace of a golden case; a trace that is an error is unscored in all of them."""
    by_id = {case.id: case for case in cases}
    golden = [trace for trace in traces if not trace.probe]
    return [score for trace in golden for score in _scores(by_id[trace.case_id], trace)]


def _scores(case: Case, trace: Trace) -> list[Score]:
    if trace.answer is None:
        return [Score(case.id, trace.arm, name, None, f"no answer: {trace.error}") for name in METRICS]
    reading = Reading(case, trace.answer)
    return [_score(metric, reading, trace.arm) for metric in METRICS.values()]


def _score(metric: Metric, reading: Reading, arm: str) -> Score:
    value = metric.score(reading)
    if isinstance(value, Unscored):
        reason = ("" if value.applicable else "n/a: ") + value.reason
        return Score(reading.case.id, arm, metric.name, None, reason)
    return Score(reading.case.id, arm, metric.name, float(value))


def tabulate(scores: Iterable[Score]) -> dict[tuple[str, str], dict[str, float | None]]:
    """Scores by arm and metric. Structurally inapplicable cases are left out: they are not unknown."""
    table: dict[tuple[str, str], dict[str, float | None]] = {}
    for score in scores:
        row = table.setdefault((score.arm, score.metric), {})
        if not (score.value is None and (score.reason or "").startswith("n/a: ")):
            row[score.case_id] = score.value
    return table


def estimates(table: Table, cases: Sequence[Case], clusters: Mapping[str, str], seed: int) -> dict[str, Any]:
    """arm -> metric -> Estimate over these cases; a metric that applies to none of them is left out."""
    ids = [case.id for case in cases]
    found: dict[str, dict[str, Estimate]] = {}
    for (arm, metric), row in table.items():
        kept = [i for i in ids if i in row]
        if kept:
            values, labels = [row[i] for i in kept], [clusters[i] for i in kept]
            found.setdefault(arm, {})[metric] = _estimate(METRICS[metric], values, labels, seed)
    return found


def _estimate(metric: Metric, values: Sequence[float | None], labels: Sequence[str], seed: int) -> Estimate:
    if metric.unit == "fraction":
        return stats.rate(values, labels)
    return stats.mean(values, labels, seed, metric.unit)


def slices(table: Table, cases: Sequence[Case], clusters: Mapping[str, str], seed: int) -> dict[str, Any]:
    """slice name -> value -> arm -> metric -> Estimate."""
    return {
        name: {
            value: estimates(table, [case for case in cases if getattr(case, name) == value], clusters, seed)
            for value in sorted({getattr(case, name) for case in cases})
        }
        for name in SLICES
    }


def differences(
    table: Table, cases: Sequence[Case], clusters: Mapping[str, str], arms: Sequence[str], candidate: str, seed: int
) -> list[Difference]:
    """Paired differences of every arm against RAG-only and of the candidate against every arm, Holm over them all."""
    pairs = [(arm, REFERENCE) for arm in arms if arm != REFERENCE and REFERENCE in arms]
    pairs += [(candidate, arm) for arm in arms if arm not in (candidate, REFERENCE)]
    made = [
        _difference((metric, a, b), table, cases, clusters, seed)
        for metric in COMPARED
        for a, b in dict.fromkeys(pairs)
        if (a, metric) in table and (b, metric) in table
    ]
    kept = [difference for difference in made if difference is not None]
    return [replace(d, p_holm=p) for d, p in zip(kept, stats.holm([d.p for d in kept]), strict=True)]


def _difference(
    name: tuple[str, str, str], table: Table, cases: Sequence[Case], clusters: Mapping[str, str], seed: int
) -> Difference | None:
    metric, a, b = name
    left, right = table[a, metric], table[b, metric]
    ids = [case.id for case in cases if case.id in left and case.id in right]
    if not ids:
        return None
    labels = [clusters[i] for i in ids]
    return stats.difference(name, [left[i] for i in ids], [right[i] for i in ids], labels, seed)


# --- form ---------------------------------------------------------------------------------------------------------


def forms(cases: Sequence[Case], traces: Iterable[Trace]) -> dict[str, dict[str, Any]]:
    """arm -> schema adherence, first try and repair rate over golden answers (these cases) and probes together.

    Probes and questions are taken as independent: the form of an answer hangs on the arm, hardly on the document.
    """
    wanted = {case.id for case in cases}
    asked: dict[str, list[Trace]] = {}
    for trace in traces:
        if trace.probe or trace.case_id in wanted:
            asked.setdefault(trace.arm, []).append(trace)
    return {arm: found for arm, rows in asked.items() if (found := _form(rows)) is not None}


def _form(rows: Sequence[Trace]) -> dict[str, Any] | None:
    seen = [row.answer.form if row.answer else None for row in rows]
    if not any(form and form.demanded for form in seen):
        return None
    return {
        "schema": stats.rate([None if form is None else float(form.valid) for form in seen]),
        "schema_first_try": stats.rate([None if form is None else float(form.first_try) for form in seen]),
        "repair": stats.rate([None if form is None else float(form.repaired) for form in seen]),
        "n_cases": sum(not row.probe for row in rows),
        "n_probes": sum(row.probe for row in rows),
    }


def identical_outputs(traces: Iterable[Trace], base_of: Mapping[str, str]) -> dict[str, bool | None]:
    """arm -> whether all its golden answers are the same text as its base arm's; None where the base did not run."""
    texts: dict[str, dict[str, str]] = {}
    for trace in traces:
        if not trace.probe and trace.answer:
            texts.setdefault(trace.arm, {})[trace.case_id] = trace.answer.raw
    return {arm: texts[arm] == texts[base] if base in texts else None for arm, base in base_of.items() if arm in texts}


# --- latency and cost ---------------------------------------------------------------------------------------------


def latency_section(rows: Sequence[Latency]) -> dict[str, Any]:
    """p50 and p95 (ms) of retrieval, generation, first token and their sum, by arm; ratios of p95 against RAG-only."""
    by_arm: dict[str, list[Latency]] = {}
    for row in sorted(rows, key=lambda row: row.question):
        by_arm.setdefault(row.arm, []).append(row)
    shown = {arm: rows for arm, rows in by_arm.items() if not arm.endswith(f" {CONTROL}")}
    return {
        "latency": {arm: _split(rows) for arm, rows in shown.items()},
        "latency_ratio": {arm: _ratio(rows, by_arm.get(REFERENCE)) for arm, rows in shown.items()},
        "latency_aa": next(
            (
                _ratio(rows, by_arm.get(arm.removesuffix(f" {CONTROL}")))
                for arm, rows in by_arm.items()
                if arm not in shown
            ),
            None,
        ),
    }


def _split(rows: Sequence[Latency]) -> dict[str, Any]:
    parts = ("retrieval", "generation", "first_token", "total")
    return {part: _quantiles([_ms(getattr(row, part)) for row in rows]) for part in parts}


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else 1000 * seconds


def _quantiles(values: Sequence[float | None]) -> dict[str, Estimate]:
    return {"p50": stats.quantile(values, 0.5), "p95": stats.quantile(values, 0.95)}


def _ratio(rows: Sequence[Latency], reference: Sequence[Latency] | None) -> Estimate | None:
    if not reference:
        return None
    return stats.ratio_of_quantiles([row.total for row in rows], [row.total for row in reference])


def cost_section(
    metrics: Mapping[str, Mapping[str, Estimate]], prices: Prices, retrievers: Collection[str]
) -> dict[str, Any]:
    """Tokens a question by arm, and the price of 1,000 questions as C_r (look-ups) + C_g (tokens).

    `per_1000` is None while every token price is 0: nothing can be said about money then.
    """
    found = {}
    for arm, row in metrics.items():
        generation = _price(row, prices)
        retrieval = prices.retrieval_per_1000 if arm in retrievers else 0.0
        found[arm] = {
            "input_tokens": row.get("prompt_tokens"),
            "output_tokens": row.get("completion_tokens"),
            "retrieval_per_1000": retrieval,
            "generation_per_1000": generation,
            "per_1000": None if generation is None else retrieval + generation,
        }
    return found


def _price(row: Mapping[str, Estimate], prices: Prices) -> float | None:
    tokens = [row.get(name) for name in ("prompt_tokens", "completion_tokens")]
    if not (prices.input_per_million or prices.output_per_million) or any(t is None or t.mean is None for t in tokens):
        return None
    read, written = (t.mean for t in tokens if t is not None and t.mean is not None)
    return (read * prices.input_per_million + written * prices.output_per_million) / 1000
