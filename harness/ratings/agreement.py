"""How far the raters of a scenario's labels agree, and how far judges and detectors agree with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations

import harness.stats as stats
from harness.ratings.labels import Labels, Rating
from harness.ratings.values import judged_column
from harness.record.calibration import AccuracySection, AgreementSection, RatedValue
from harness.record.score_table import Row
from harness.stats.agreement import alpha, kappa
from harness.stats.calibrated import JudgedColumn
from harness.types import Estimate


def _correct(rating: Rating) -> bool | None:
    return rating.correct


def _all_supported(rating: Rating) -> bool | None:
    return None if rating.unsupported is None else rating.unsupported == 0


def _meets(name: str) -> Callable[[Rating], bool | None]:
    return lambda rating: rating.rubric.get(name)


QUESTIONS: Mapping[str, Callable[[Rating], bool | None]] = {
    "answers the question rightly": _correct,
    "every statement supported": _all_supported,
    "in the tone of the house": _meets("tone"),
    "complete": _meets("complete"),
    "meets the criteria": _meets("criteria"),
}


def agreement(labels: Labels, seed: int = 0) -> tuple[AgreementSection, ...]:
    """Of each question: Cohen's kappa of every two raters with items in common, Krippendorff's alpha of all.

    An answer that several arms gave was one item, and counts once.
    """
    rows: dict[tuple[str, str], dict[str, Rating]] = {}
    for rating in labels.ratings:
        rows.setdefault((rating.case, rating.answer), {})[rating.rater] = rating
    raters = tuple(labels.raters)
    cases = [case for case, _ in rows]
    return tuple(
        section
        for question, value in QUESTIONS.items()
        for section in _of_question(question, value, tuple(rows.values()), raters, cases, seed)
    )


def _of_question(
    question: str,
    value: Callable[[Rating], bool | None],
    rows: Sequence[Mapping[str, Rating]],
    raters: Sequence[str],
    cases: Sequence[str],
    seed: int,
) -> Iterator[AgreementSection]:
    columns = {rater: [value(row[rater]) if rater in row else None for row in rows] for rater in raters}
    for one, other in combinations(raters, 2):
        coefficient = kappa(columns[one], columns[other], cases, seed)
        if coefficient.n:
            yield AgreementSection(question, (one, other), coefficient)
    if len(raters) > 1:
        every = alpha(list(zip(*columns.values(), strict=True)), cases, seed)
        if every.n:
            yield AgreementSection(question, tuple(raters), every)


def accuracy(
    arm: str,
    metric: str,
    row: Row,
    rated: Mapping[str, RatedValue],
    cases: Sequence[str],
    clusters: Mapping[str, str],
    good: Callable[[float], bool],
) -> AccuracySection | None:
    """How often a judged metric calls good, and bad, what people do; None where nothing was rated.

    Answers are weighted by how seldom their like were drawn: without that, what was drawn for being judged bad would
    make the judge look worse, or better, than it is.
    """
    column = judged_column(row, rated, cases, clusters)
    if not column.ratings:
        return None
    return AccuracySection(arm, metric, _share(column, good, True), _share(column, good, False))


def _share(column: JudgedColumn, good: Callable[[float], bool], truth: bool) -> Estimate:
    """Of the rated answers that people call `truth`, the share that is judged so, with exact limits on Kish's n."""
    rows = [
        (good(value) == truth, 1 / chance)
        for value, people, chance in zip(column.judged, column.people, column.chances, strict=True)
        if people is not None and good(people) == truth
    ]
    if len(rows) < 2:
        mean = float(rows[0][0]) if rows else None
        return Estimate(mean, None, None, len(rows), 0, "fraction", "too few")
    weights = [weight for _, weight in rows]
    mean = sum(weight for right, weight in rows if right) / sum(weights)
    n = sum(weights) ** 2 / sum(weight**2 for weight in weights)
    return Estimate(mean, *stats.clopper_pearson(mean * n, n), len(rows), 0, "fraction", "clopper-pearson, weighted")
