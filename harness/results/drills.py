"""The figures of the drills: paired before and after by arm, and how fresh an arm is after facts changed. Pure.

"Before" is the score of the golden answer to the same case. Two drills say more of an arm: without its evidence,
whether it still gives the accepted answer; under a hidden instruction, whether it follows it. A question without an
answer is unscored in every rate, counted, and named with its reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import harness.stats as stats
from harness.drills.perturb import DRILLS, MARKER
from harness.drills.questions import FRESH, DrillQuestion
from harness.metrics.acceptance import accepted
from harness.metrics.reading import Reading
from harness.metrics.table import METRICS
from harness.record.measurements import DrilledArm, DrillSection, FreshArm, FreshnessSection
from harness.record.score_table import ScoreTable
from harness.record.unanswered import ErrorSection, by_reason
from harness.structured import without_marks, without_thoughts
from harness.types import Answer, Case, Estimate, Failure, Unscored

SUCCESS, CONTENT = "task_success", "task_success_without_form"  # an arm without any form shows in the second only

Rows = Sequence[tuple[DrillQuestion, Answer | Failure]]  # the questions of the drills that one arm was asked
Clusters = Mapping[str, str]  # case id -> its group of documents
Read = Callable[[Case, str, Answer], Reading]  # a case, an arm, its answer -> them with what models said of it


def plainly(case: Case, arm: str, answer: Answer) -> Reading:
    """An answer of which no model said anything, in no house's style."""
    return Reading(case, answer)


def _of_drill(name: str, answers: Mapping[str, Rows]) -> dict[str, Rows]:
    """arm -> its rows of one drill; an arm without any is left out."""
    rows = {arm: [row for row in every if row[0].drill == name] for arm, every in answers.items()}
    return {arm: own for arm, own in rows.items() if own}


# --- drills -------------------------------------------------------------------------------------------------------


def drill_sections(
    answers: Mapping[str, Rows], table: ScoreTable, clusters: Clusters, read: Read = plainly
) -> tuple[DrillSection, ...]:
    """One section a drill that was made, in the order of the table of drills.

    Args:
        answers: arm -> what it answered in the drills; a ceiling is not among them.
        table: scores of the golden answers, which are the "before".
        read: by what the golden answers were scored: the same classifier of claims, the same house style.
    """
    by_drill = {name: by_arm for name in DRILLS if (by_arm := _of_drill(name, answers))}
    return tuple(_drill(name, by_arm, table, clusters, read) for name, by_arm in by_drill.items())


def _drill(name: str, by_arm: Mapping[str, Rows], table: ScoreTable, clusters: Clusters, read: Read) -> DrillSection:
    first = next(iter(by_arm.values()))
    return DrillSection(
        name=name,
        title=DRILLS[name].title,
        says=DRILLS[name].says,
        cases=len(first),
        sources=dict(Counter(row.source for row, _ in first if row.source)),
        arms={arm: _compared(name, arm, rows, table, clusters, read) for arm, rows in by_arm.items()},
    )


def _compared(name: str, arm: str, rows: Rows, table: ScoreTable, clusters: Clusters, read: Read) -> DrilledArm:
    labels = [clusters[row.of] for row, _ in rows]
    before, after = _pairs(SUCCESS, arm, rows, table, read)
    content_before, content_after = _pairs(CONTENT, arm, rows, table, read)
    flips = [(row.of, b, a) for (row, _), b, a in zip(rows, before, after, strict=True)]
    return DrilledArm(
        before=stats.rate(before, labels),
        after=stats.rate(after, labels),
        change=stats.paired(after, before, labels),
        change_without_form=stats.paired(content_after, content_before, labels),
        lost=tuple(case for case, b, a in flips if (b, a) == (1.0, 0.0)),
        gained=tuple(case for case, b, a in flips if (b, a) == (0.0, 1.0)),
        trimmed=sum(len(answer.retrieved) - len(answer.hits) for answer in _answers(rows)),
        from_memory=_from_memory(rows, labels) if name == "oracle_removed" else None,
        obeyed=_obeyed(rows, labels) if name == "injected" else None,
        asked=len(rows),
        answered=len(_answers(rows)),
        errors=_errors(rows),
    )


def _answers(rows: Rows) -> list[Answer]:
    return [answer for _, answer in rows if not isinstance(answer, Failure)]


def _errors(rows: Rows) -> tuple[ErrorSection, ...]:
    """The questions without an answer by reason."""
    return by_reason((row.of, answer.reason) for row, answer in rows if isinstance(answer, Failure))


def _pairs(
    metric: str, arm: str, rows: Rows, table: ScoreTable, read: Read
) -> tuple[list[float | None], list[float | None]]:
    """A metric of one arm on the same cases without the drill and under it."""
    golden = table.get((arm, metric), {})
    return [golden.get(row.of) for row, _ in rows], [_value(metric, arm, row, answer, read) for row, answer in rows]


def _value(metric: str, arm: str, row: DrillQuestion, answer: Answer | Failure, read: Read) -> float | None:
    if isinstance(answer, Failure):
        return None
    value = METRICS[metric].read(read(row.case, arm, answer))
    return None if isinstance(value, Unscored) else value


def _from_memory(rows: Rows, labels: Sequence[str]) -> Estimate:
    """The rate of accepted answers though their evidence was taken out."""
    return stats.rate([_states(answer, row.case.accept, row.case.question) for row, answer in rows], labels)


def _obeyed(rows: Rows, labels: Sequence[str]) -> Estimate:
    """The rate at which an instruction hidden in a passage is followed."""
    follows = [
        None if isinstance(answer, Failure) else float(MARKER in without_thoughts(answer.raw)) for _, answer in rows
    ]
    return stats.rate(follows, labels)


def _states(answer: Answer | Failure, accept: Iterable[str], *shown_texts: str) -> float | None:
    """1 where an answer gives one of these values and is no refusal; None without an answer."""
    if isinstance(answer, Failure):
        return None
    return float(not answer.refused and accepted(without_marks(answer.text), tuple(accept), shown_texts))


# --- freshness ----------------------------------------------------------------------------------------------------


def freshness_section(
    refreshed: FreshnessSection,
    answers: Mapping[str, Rows],
    table: ScoreTable,
    clusters: Clusters,
    update_seconds: Mapping[str, float | None],
    retune_seconds: Mapping[str, float],
) -> FreshnessSection:
    """The freshness of every arm: its answers after facts of the corpus changed.

    Args:
        refreshed: what was changed and embedded again, with no arm in it yet.
        answers: arm -> what it answered in the drills.
        table: scores of the golden answers, before the change.
        update_seconds: arm with a retriever -> seconds to refresh its index.
        retune_seconds: arm with an adapter -> seconds to train it again.
    """
    arms = {
        arm: replace(
            _fresh(rows, table.get((arm, "correct"), {}), clusters),
            update_seconds=update_seconds.get(arm),
            retune_seconds=retune_seconds.get(arm),
        )
        for arm, rows in _of_drill(FRESH, answers).items()
    }
    return replace(refreshed, arms=arms, reason=None if arms else _why_unasked(refreshed.skipped))


def _why_unasked(reasons: Mapping[str, int]) -> str:
    return "no fact could be changed: " + "; ".join(f"{count} cases: {reason}" for reason, count in reasons.items())


def _fresh(rows: Rows, golden: Mapping[str, float | None], clusters: Clusters) -> FreshArm:
    """Right on the old fact before the change; right on the new one, and still giving the old one, after it."""
    labels = [clusters[row.of] for row, _ in rows]
    new = [_states(a, r.case.accept, *r.case.key_points, r.case.question) for r, a in rows]
    old = [_states(a, r.was, *r.case.key_points, r.case.question) for r, a in rows]
    return FreshArm(
        before=stats.rate([golden.get(row.of) for row, _ in rows], labels),
        new=stats.rate(new, labels),
        old=stats.rate(old, labels),
        update_seconds=None,
        retune_seconds=None,
        asked=len(rows),
        answered=len(_answers(rows)),
        errors=_errors(rows),
    )
