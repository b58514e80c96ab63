"""Traces -> scores -> estimates: the figures of the record. Pure; reruns from disk without a model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import harness.stats as stats
from harness.arms import Arm
from harness.metrics.reading import Reading
from harness.metrics.table import METRICS, Metric
from harness.record.measurements import FormSection
from harness.record.score_table import Row, ScoreTable
from harness.record.sections import MetricSection
from harness.scenario.style import StyleRules
from harness.stages.likeness import Likenesses
from harness.types import Case, Difference, Estimate, Form, Score, Trace, Unscored

REFERENCE = "rag"  # RAG-only, the safer start
SLICES = ("category", "kind")  # fields of a case
SLICED = "task_success"  # the metric that slices show
_NO_LIKENESS: Likenesses = {}


def reference_of(arms: Sequence[str]) -> str | None:
    """The arm that every other is compared with; None where it was not run."""
    return REFERENCE if REFERENCE in arms else None


def metric_rows(metrics: Mapping[str, Metric] = METRICS) -> tuple[MetricSection, ...]:
    """The metrics as a record keeps them, in the order in which they are shown."""
    return tuple(metric.section() for metric in metrics.values())


# --- scores -------------------------------------------------------------------------------------------------------


def score_traces(
    cases: Sequence[Case],
    traces: Iterable[Trace],
    metrics: Mapping[str, Metric] = METRICS,
    likeness: Likenesses = _NO_LIKENESS,
    style: StyleRules | None = None,
) -> tuple[Score, ...]:
    """Every metric on every trace of a golden case; a trace that is an error is unscored in all of them.

    Args:
        likeness: (arm, case id) -> similarity to its reference sentence, which needs an embedder.
        style: the house style.
    """
    by_id = {case.id: case for case in cases}
    golden = (trace for trace in traces if not trace.probe)
    rows = ((by_id[trace.case_id], trace, likeness.get((trace.arm, trace.case_id))) for trace in golden)
    return tuple(score for case, trace, near in rows for score in _scores(case, trace, metrics.values(), near, style))


def _scores(
    case: Case, trace: Trace, metrics: Iterable[Metric], near: float | Unscored | None, style: StyleRules | None
) -> list[Score]:
    if trace.answer is None:
        reason = f"no answer: {trace.error}"
        return [
            Score(case.id, trace.arm, metric.name, None, reason, applicable=style is not None or not metric.needs_style)
            for metric in metrics
        ]
    reading = Reading(case, trace.answer, near, style)
    return [_score(trace, metric.name, metric.read(reading)) for metric in metrics]


def _score(trace: Trace, metric: str, value: float | Unscored) -> Score:
    if isinstance(value, Unscored):
        return Score(trace.case_id, trace.arm, metric, None, value.reason, value.applicable)
    return Score(trace.case_id, trace.arm, metric, float(value))


# --- estimates ----------------------------------------------------------------------------------------------------


def estimates(
    table: ScoreTable,
    cases: Sequence[Case],
    clusters: Mapping[str, str],
    seed: int,
    metrics: Mapping[str, Metric] = METRICS,
) -> dict[str, dict[str, Estimate]]:
    """arm -> metric -> Estimate over these cases; a metric that applies to none of them is left out."""
    by_arm: dict[str, dict[str, Estimate]] = {}
    for (arm, metric), row in table.items():
        ids = [case.id for case in cases if case.id in row]
        if ids:
            values, labels = [row[i] for i in ids], [clusters[i] for i in ids]
            by_arm.setdefault(arm, {})[metric] = _estimate(metrics[metric].unit, values, labels, seed)
    return by_arm


def _estimate(unit: str, values: stats.Values, labels: stats.Labels, seed: int) -> Estimate:
    return stats.rate(values, labels) if unit == "fraction" else stats.mean(values, labels, seed, unit)


def slices(
    table: ScoreTable, cases: Sequence[Case], clusters: Mapping[str, str]
) -> dict[str, dict[str, dict[str, Estimate]]]:
    """slice name -> value -> arm -> task success."""
    rows = {arm: row for (arm, metric), row in table.items() if metric == SLICED}
    return {name: _slice(name, rows, cases, clusters) for name in SLICES}


def _slice(
    name: str, rows: Mapping[str, Row], cases: Sequence[Case], clusters: Mapping[str, str]
) -> dict[str, dict[str, Estimate]]:
    by_value: dict[str, dict[str, Estimate]] = {}
    for value in sorted({getattr(case, name) for case in cases}):
        members = [case.id for case in cases if getattr(case, name) == value]
        ids = {arm: [i for i in members if i in row] for arm, row in rows.items()}
        by_value[value] = {
            arm: stats.rate([rows[arm][i] for i in ids_of], [clusters[i] for i in ids_of])
            for arm, ids_of in ids.items()
            if ids_of
        }
    return by_value


# --- differences --------------------------------------------------------------------------------------------------


def compared_pairs(arms: Sequence[str], candidate: str) -> tuple[tuple[str, str], ...]:
    """(arm, against): every arm against the reference, where it was run, and the candidate against every arm."""
    reference = reference_of(arms)
    pairs = [(arm, reference) for arm in arms if reference is not None and arm != reference]
    pairs += [(candidate, arm) for arm in arms if arm not in (candidate, REFERENCE)]
    return tuple(dict.fromkeys(pairs))


def differences(
    table: ScoreTable,
    cases: Sequence[Case],
    clusters: Mapping[str, str],
    pairs: Sequence[tuple[str, str]],
    seed: int,
    metrics: Mapping[str, Metric] = METRICS,
) -> tuple[Difference, ...]:
    """Paired differences of these arms in every metric that is compared, Holm over them all."""
    rows = {key: {case.id: row[case.id] for case in cases if case.id in row} for key, row in table.items()}
    return stats.with_holm(
        stats.difference_by_case((metric.name, arm, against), rows[arm, metric.name], rows[against, metric.name],
                                 clusters, seed)
        for metric in metrics.values()
        if metric.compared
        for arm, against in pairs
        if (arm, metric.name) in rows and (against, metric.name) in rows
    )  # fmt: skip


# --- form ---------------------------------------------------------------------------------------------------------


def forms(cases: Sequence[Case], traces: Iterable[Trace]) -> dict[str, FormSection]:
    """arm -> schema adherence, first try and repair rate over golden answers (these cases) and probes together.

    Probes and questions are taken as independent: the form of an answer hangs on the arm, hardly on the document.
    """
    ids = {case.id for case in cases}
    by_arm: dict[str, list[Trace]] = {}
    for trace in traces:
        if trace.probe or trace.case_id in ids:
            by_arm.setdefault(trace.arm, []).append(trace)
    return {arm: section for arm, rows in by_arm.items() if (section := _form(rows)) is not None}


def _form(rows: Sequence[Trace]) -> FormSection | None:
    answers: list[Form | None] = [row.answer.form if row.answer else None for row in rows]
    if not any(form and form.demanded for form in answers):
        return None
    return FormSection(
        schema=stats.rate([None if form is None else float(form.valid) for form in answers]),
        schema_first_try=stats.rate([None if form is None else float(form.first_try) for form in answers]),
        repair=stats.rate([None if form is None else float(form.repaired) for form in answers]),
        n_cases=sum(not row.probe for row in rows),
        n_probes=sum(row.probe for row in rows),
    )


def identical_outputs(traces: Iterable[Trace], arms: Iterable[Arm]) -> dict[str, bool | None]:
    """Tuned arm -> whether all its golden answers are the same text as its base arm's; None where that did not run."""
    texts: dict[str, dict[str, str]] = {}
    for trace in traces:
        if not trace.probe and trace.answer:
            texts.setdefault(trace.arm, {})[trace.case_id] = trace.answer.raw
    return {
        arm.name: texts[arm.name] == texts[arm.base] if arm.base in texts else None
        for arm in arms
        if arm.tuned and arm.base is not None and arm.name in texts
    }
