"""What people's ratings make of an answer, in the terms of the metrics: the value that a judge or detector estimates.

    rated_values(labels, cases, traces).values["rag"]["groundedness"]["q7"]    # RatedValue(0.5, 0.25)

A metric names its measure in the table (`Metric.people`); judges of several makes share one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from harness.ratings.labels import Labels, Rating, answer_hash, by_answer
from harness.record.calibration import Rated, RatedValue
from harness.record.score_table import Row
from harness.stats.calibrated import JudgedColumn, calibrated_difference
from harness.types import Answer, Case, Estimate, Trace


def _correct(rating: Rating, _answer: Answer) -> float | None:
    return None if rating.correct is None else float(rating.correct)


def _groundedness(rating: Rating, _answer: Answer) -> float | None:
    if rating.unsupported is None or not rating.statements:
        return None
    return 1 - rating.unsupported / rating.statements


def _hallucination(rating: Rating, _answer: Answer) -> float | None:
    return None if rating.unsupported is None or not rating.statements else float(rating.unsupported > 0)


def _success_without_form(rating: Rating, _answer: Answer) -> float | None:
    """Right, and no statement unsupported where pages were shown; wrong decides alone."""
    if not rating.statements or rating.correct is False:
        return _correct(rating, _answer)
    return None if rating.correct is None or rating.unsupported is None else float(rating.unsupported == 0)


def _success(rating: Rating, answer: Answer) -> float | None:
    return _success_without_form(rating, answer) if answer.form.valid else 0.0


def _rubric(name: str) -> Callable[[Rating, Answer], float | None]:
    """Whether an answer meets the scenario's own words for this."""
    return lambda rating, answer: float(rating.rubric[name]) if name in rating.rubric else None


# what people's ratings say -> its value by one rater; None where that rater left open what it takes
MEASURES: Mapping[str, Callable[[Rating, Answer], float | None]] = {
    "correct": _correct,
    "groundedness": _groundedness,
    "hallucination": _hallucination,
    "task_success": _success,
    "task_success_without_form": _success_without_form,
    "tone": _rubric("tone"),
    "complete": _rubric("complete"),
    "criteria": _rubric("criteria"),
}


@dataclass(frozen=True, slots=True)
class RatedAnswers:
    """People's values of the answers of one run."""

    values: Rated
    ratings: int  # that are of these answers
    elsewhere: int  # that are not


def rated_values(labels: Labels, cases: Sequence[Case], traces: Sequence[Trace]) -> RatedAnswers:
    """People's values of these answers; labels of other answers are counted and left aside."""
    by_id = {case.id: case for case in cases}
    answers = {(t.arm, t.case_id): t.answer for t in traces if t.answer and not t.probe and t.case_id in by_id}
    rows, chances = by_answer(labels.ratings), labels.chances
    values: dict[str, dict[str, dict[str, RatedValue]]] = {}
    used = 0
    for (arm, case), ratings in rows.items():
        answer = answers.get((arm, case))
        if answer is None:
            continue
        hash = answer_hash(by_id[case], answer)
        own = [rating for rating in ratings if rating.answer == hash]
        used += len(own)
        for name, value in _means(own, answer).items():
            chance = chances[arm, own[0].stratum]
            values.setdefault(arm, {}).setdefault(name, {})[case] = RatedValue(value, chance)
    return RatedAnswers(values, used, len(labels.ratings) - used)


def _means(ratings: Sequence[Rating], answer: Answer) -> dict[str, float]:
    """Measure -> mean over the raters who said enough for it."""
    means = {}
    for name, measure in MEASURES.items():
        values = [value for rating in ratings if (value := measure(rating, answer)) is not None]
        if values:
            means[name] = sum(values) / len(values)
    return means


def judged_column(
    row: Row, rated: Mapping[str, RatedValue], cases: Sequence[str], clusters: Mapping[str, str]
) -> JudgedColumn:
    """One arm's judged and rated values over these cases; a case without a judged value is left out."""
    ids = [case for case in cases if row.get(case) is not None]
    people = [rated.get(case) for case in ids]
    return JudgedColumn(
        judged=[value for case in ids if (value := row[case]) is not None],
        people=[None if value is None else value.value for value in people],
        chances=[1.0 if value is None else value.chance for value in people],
        clusters=[clusters.get(case, case) for case in ids],
    )


def corrected_gain(
    rated: Rated,
    people: str,
    rows: tuple[Row, Row],
    arms: tuple[str, str],
    cases: Sequence[str],
    clusters: Mapping[str, str],
) -> Estimate | None:
    """The paired difference of two arms in one metric that people would find, in points; None where too few rated it.

    Args:
        people: what people's value of the metric is called (`MEASURES`).
        rows: the metric's values of both arms; a case without both is left out.
    """
    both = [case for case in cases if rows[0].get(case) is not None and rows[1].get(case) is not None]
    values = [rated.get(arm, {}).get(people, {}) for arm in arms]
    columns = [judged_column(row, value, both, clusters) for row, value in zip(rows, values, strict=True)]
    if not all(column.enough for column in columns):
        return None
    return calibrated_difference(*columns)
