"""Preference pairs of a run: what its base arm answered wrongly is the worse answer, the golden answer the better one.

    failure_pairs(open_stored("latest", ...), arm="rag")

Only cases that judge nothing are used: train and dev. A pair shows the passages that the arm was shown, and is left out
where these do not hold the answer: to prefer it there would teach to answer from nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from harness.errors import InputError
from harness.evidence.carry import carries
from harness.runs.stored import OpenRun
from harness.scenario.settings import AnswerFormat
from harness.tuning.outputs import answer_in_form, refusal_in_form
from harness.tuning.preferences import PreferencePair
from harness.types import Answer, Case, JsonObject, Split

SUCCESS = "task_success"  # the metric below 1 of which an answer is a failure
SPLITS: tuple[Split, ...] = ("train", "dev")


@dataclass(frozen=True, slots=True)
class FailurePairs:
    """Pairs of an arm's failures, and why other cases gave none."""

    arm: str
    pairs: tuple[PreferencePair, ...]
    cases: int  # that were looked at
    left_out: Mapping[str, int] = field(default_factory=dict)  # cases by reason


def failure_pairs(source: OpenRun, arm: str, splits: Collection[Split] = SPLITS) -> FailurePairs:
    """The pairs of one arm's failures.

    Args:
        source: a run with its golden cases.
        arm: an arm without an adapter: whose failures training should mend.
        splits: of the cases.

    Raises:
        InputError: no such arm, one with an adapter, the test split, or no golden cases any more.
    """
    run, format = source.run, source.needed_scenario().answer
    section = next((row for row in run.record.arms if row.name == arm), None)
    if section is None or section.adapter is not None or section.oracle:
        arms = [row.name for row in run.record.arms if row.adapter is None and not row.oracle]
        raise InputError(f"arm '{arm}': no untuned arm of {run.record.run_id}; one of: {', '.join(arms)}")
    if "test" in splits:
        raise InputError("the test split judges the arms: nothing is trained on it; take dev, or mark cases as train")
    if not source.cases:
        raise InputError(f"{run.folder}: {source.without_questions}")
    answers = {trace.case_id: trace.answer for trace in run.traces if trace.arm == arm and not trace.probe}
    success = {s.case_id: s.value for s in run.scores if s.arm == arm and s.metric == SUCCESS}
    cases = [case for case in source.cases if case.split in splits]
    pairs: list[PreferencePair] = []
    left_out: Counter[str] = Counter()
    for case in cases:
        pair = _pair(
            case, answers.get(case.id), success.get(case.id), format, f"failures of {arm} in {run.record.run_id}"
        )
        if isinstance(pair, str):
            left_out[pair] += 1
        else:
            pairs.append(pair)
    return FailurePairs(arm, tuple(pairs), len(cases), dict(left_out))


def _pair(
    case: Case, answer: Answer | None, success: float | None, format: AnswerFormat, origin: str
) -> PreferencePair | str:
    """The pair of one case, or why there is none."""
    if answer is None:
        return "no answer"
    if success is None:
        return "unscored: nothing says that it is wrong"
    if success >= 1:
        return "right already"
    passages = tuple(hit.passage for hit in answer.hits)
    shown_all = all(any(carries(item, passage) for passage in passages) for item in case.evidence)
    if passages and case.evidence and not shown_all:
        return "its passages do not hold the answer"
    better = _better(case, answer, format)
    rejected: JsonObject | str = answer.parsed if answer.parsed is not None else answer.raw
    if better == rejected:
        return "the golden answer in other words is no better"
    return PreferencePair(case.question, better, rejected, origin, passages, case.id)


def _better(case: Case, answer: Answer, format: AnswerFormat) -> JsonObject | str:
    """The golden answer in the form that is demanded, with the labels of the passages that hold its evidence."""
    if case.kind == "unanswerable":
        return refusal_in_form(format)
    labels = [
        f"S{at}"
        for at, hit in enumerate(answer.hits, start=1)
        if any(carries(item, hit.passage) for item in case.evidence)
    ]
    return answer_in_form(_sentence(case), labels, format)


def _sentence(case: Case) -> str:
    """What a golden case accepts: its quote where that holds the answer and is the only one, else the answer."""
    quotes = [item.quote for item in case.evidence if item.quote]
    if len(quotes) == 1 and any(answer.casefold() in quotes[0].casefold() for answer in case.accept):
        return quotes[0]
    return case.accept[0]
