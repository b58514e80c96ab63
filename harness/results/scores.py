"""Traces -> scores -> estimates: the figures of the record. Pure; reruns from disk without a model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import harness.stats as stats
from harness.arms import Arm
from harness.metrics.reading import Reading
from harness.metrics.table import BY_RULE, Metric
from harness.record.measurements import FormSection
from harness.record.score_table import Row, ScoreTable
from harness.record.sections import MetricSection
from harness.scenario.style import StyleRules
from harness.stages.detect import DetectedGrounds
from harness.stages.judge import Judgements
from harness.stages.likeness import Likenesses
from harness.types import Answer, Case, Difference, Estimate, Form, Score, Trace, Unscored

REFERENCE = "rag"  # RAG-only, the safer start
SLICES = ("category", "kind")  # fields of a case
LATER, EARLIER = "after the newest example", "up to the newest example"  # values of the slice `time`
SLICED = "task_success"  # the metric that slices show


@dataclass(frozen=True, slots=True)
class ByModels:
    """What steps of the run had models say of the answers, by arm and case id."""

    likeness: Likenesses = field(default_factory=dict)  # similarity to a reference sentence
    grounds: DetectedGrounds = field(default_factory=dict)  # claims by a classifier; empty: by the rules
    judged: Judgements | None = None  # None: there is no judge

    def reading(self, case: Case, arm: str, answer: Answer, style: StyleRules | None = None) -> Reading:
        """An answer beside its case, with what models said of it."""
        at = (arm, case.id)
        by_judge = None if self.judged is None else self.judged.get(at, {})
        return Reading(case, answer, self.likeness.get(at), style, self.grounds.get(at), by_judge)


NO_MODELS = ByModels()


def reference_of(arms: Sequence[str]) -> str | None:
    """The arm that every other is compared with; None where it was not run."""
    return REFERENCE if REFERENCE in arms else None


def metric_rows(metrics: Mapping[str, Metric] = BY_RULE) -> tuple[MetricSection, ...]:
    """The metrics as a record keeps them, in the order in which they are shown."""
    return tuple(metric.section() for metric in metrics.values())


# --- scores -------------------------------------------------------------------------------------------------------


def score_traces(
    cases: Sequence[Case],
    traces: Iterable[Trace],
    metrics: Mapping[str, Metric] = BY_RULE,
    by_models: ByModels = NO_MODELS,
    style: StyleRules | None = None,
) -> tuple[Score, ...]:
    """Every metric on every trace of a golden case; a trace that is an error is unscored in all of them.

    Args:
        by_models: what steps of the run had models say of the answers.
        style: the house style.
    """
    by_id = {case.id: case for case in cases}
    golden = ((by_id[trace.case_id], trace) for trace in traces if not trace.probe)
    return tuple(score for case, trace in golden for score in _scores(case, trace, metrics.values(), by_models, style))


def _scores(
    case: Case, trace: Trace, metrics: Iterable[Metric], by_models: ByModels, style: StyleRules | None
) -> list[Score]:
    if trace.answer is None:
        reason = f"no answer: {trace.error}"
        return [
            Score(case.id, trace.arm, metric.name, None, reason, applicable=style is not None or not metric.needs_style)
            for metric in metrics
        ]
    reading = by_models.reading(case, trace.arm, trace.answer, style)
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
    metrics: Mapping[str, Metric] = BY_RULE,
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
    table: ScoreTable, cases: Sequence[Case], clusters: Mapping[str, str], newest: str | None = None
) -> dict[str, dict[str, dict[str, Estimate]]]:
    """slice name -> value -> arm -> task success.

    Args:
        newest: date of the newest training example; cases of a later date are what training could not have seen.
    """
    rows = {arm: row for (arm, metric), row in table.items() if metric == SLICED}
    values = {name: {case.id: str(getattr(case, name)) for case in cases} for name in SLICES}
    if newest is not None and any(case.timestamp for case in cases):
        values["time"] = {c.id: LATER if c.timestamp > newest else EARLIER for c in cases if c.timestamp}
    return {name: _slice(by_case, rows, clusters) for name, by_case in values.items()}


def _slice(
    value_of: Mapping[str, str], rows: Mapping[str, Row], clusters: Mapping[str, str]
) -> dict[str, dict[str, Estimate]]:
    by_value: dict[str, dict[str, Estimate]] = {}
    for value in sorted(set(value_of.values())):
        members = [case for case, own in value_of.items() if own == value]
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
    metrics: Mapping[str, Metric] = BY_RULE,
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
