"""The calibration of a run's judged figures by the labels beside its scenario: raw and corrected, side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from harness.metrics.table import METRICS, Metric
from harness.ratings.agreement import accuracy, agreement
from harness.ratings.labels import Labels, faulty_labels
from harness.ratings.values import corrected_gain, judged_column, rated_values
from harness.record.calibration import CalibrationSection, Rated
from harness.record.score_table import ScoreTable
from harness.stats.calibrated import calibrated_rate
from harness.types import Case, Difference, Estimate, Trace


def calibration(
    labels: Labels,
    cases: Sequence[Case],
    traces: Sequence[Trace],
    table: ScoreTable,
    clusters: Mapping[str, str],
    pairs: Sequence[tuple[str, str]],
    metrics: Mapping[str, Metric] = METRICS,
) -> CalibrationSection | None:
    """What people's ratings make of a run's figures; None where no label lies beside the scenario.

    Args:
        cases: of the test split.
        pairs: arms that are compared, as in `results.scores.differences`.
    """
    if not labels.files:
        return None
    answers = rated_values(labels, cases, traces)
    ids = [case.id for case in cases]
    rows = {name: metric for name, metric in metrics.items() if metric.people}
    corrected: dict[str, dict[str, Estimate]] = {}
    for arm, name, people in _rated_metrics(answers.values, rows, table):
        column = judged_column(table[arm, name], answers.values[arm][people], ids, clusters)
        if rows[name].rests_on and column.enough:
            corrected.setdefault(arm, {})[name] = calibrated_rate(column)
    sections = (
        accuracy(arm, name, table[arm, name], answers.values[arm][people], ids, clusters, _good(rows[name]))
        for arm, name, people in _rated_metrics(answers.values, rows, table)
    )
    faulty = faulty_labels([rating for rating in labels.golden if rating.case in set(ids)])
    return CalibrationSection(
        labels=labels.hash,
        files=tuple(file.sheet for file in labels.files),
        raters=labels.raters,
        ratings=answers.ratings,
        elsewhere=answers.elsewhere,
        rated=answers.values,
        corrected=corrected,
        differences=_differences(answers.values, ids, table, clusters, pairs, rows),
        accuracy=tuple(section for section in sections if section is not None),
        agreement=agreement(labels),
        doubted={
            case: "; ".join(f"{r.rater}: {r.word}{f' ({r.note})' if r.note else ''}" for r in rows)
            for case, rows in faulty.items()
        },
    )


def _rated_metrics(rated: Rated, metrics: Mapping[str, Metric], table: ScoreTable) -> list[tuple[str, str, str]]:
    """(arm, metric, what people's value of it is called) of everything that has ratings."""
    return [
        (arm, name, metric.people)
        for arm, by_measure in rated.items()
        for name, metric in metrics.items()
        if metric.people in by_measure and table.get((arm, name))
    ]


def _good(metric: Metric) -> Callable[[float], bool]:
    """What counts as good of a value: all of it, and nothing of what is bad; half, of a judge's shades."""
    if metric.better == "lower":
        return lambda value: value <= 0
    return (lambda value: value >= 0.5) if metric.rests_on == "judge" else (lambda value: value >= 1)


def _differences(
    rated: Rated,
    cases: Sequence[str],
    table: ScoreTable,
    clusters: Mapping[str, str],
    pairs: Sequence[tuple[str, str]],
    metrics: Mapping[str, Metric],
) -> tuple[Difference, ...]:
    """Paired differences of judged metrics, corrected; those of which both arms have enough ratings."""
    rows = []
    for name, metric in metrics.items():
        for arm, against in pairs if metric.compared and metric.rests_on else ():
            values = table.get((arm, name), {}), table.get((against, name), {})
            estimate = corrected_gain(rated, metric.people, values, (arm, against), cases, clusters)
            if estimate is not None:
                rows.append(Difference(name, arm, against, estimate))
    return tuple(rows)
