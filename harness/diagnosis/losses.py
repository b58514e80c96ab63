"""The lost questions of an arm: every question that failed in exactly one class, by how far it came.

A question passes its evidence through retrieval, the prompt, the model and the form. It is lost at the first place that
explains it: a wrong answer whose evidence was never found is lost in retrieval, whatever the model made of it.

[(loss.title, len(loss.cases)) for loss in waterfalls(run)[0].losses]    # [('not retrieved', 12), ...]
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.diagnosis.symptoms import DiagnosedRun
from harness.metrics.acceptance import mentions
from harness.metrics.words import normal_words
from harness.record.losses import LossSection, WaterfallRole, WaterfallSection
from harness.references import is_reference
from harness.types import Answer, Case

SUCCESS = "task_success"


@dataclass(frozen=True, slots=True)
class LossRow:
    """One class of lost questions, as every reader shows it."""

    name: str
    title: str
    says: str
    by_passages: bool = False  # shown with 0 questions too, where the arm reads passages


# in the order of a question's way
LOSSES: tuple[LossRow, ...] = (
    LossRow("no_answer", "no answer", "The arm failed: an error stands in place of an answer."),
    LossRow("not_known", "wrong, nothing to look up",
            "The case asks for a label or a form that no passage holds; wrong, or refused."),
    LossRow("no_passages", "nothing to read", "The arm is given no passages; it answered wrongly or refused."),
    LossRow("in_no_passage", "in no passage", "No passage of the index holds the evidence; nothing could find it."),
    LossRow("not_retrieved", "not retrieved", "The evidence, or a part of it, was not among the passages found.", True),
    LossRow("trimmed", "retrieved but trimmed", "The evidence was found, but did not fit into the prompt.", True),
    LossRow("unknown", "wrong, evidence unknown",
            "The golden set names no evidence, or the arm does not say what it read."),
    LossRow("not_read", "shown but not read", "The evidence stood in the prompt; the answer is wrong.", True),
    LossRow("refused", "shown but refused", "An answer exists and nothing says it was not shown; the arm refused.",
            True),
    LossRow("off_style", "against the house style", "The words are not those of the house."),
    LossRow("answered", "answered what has no answer", "Nothing in the corpus answers it; the arm should refuse."),
    LossRow("unsupported", "answered but unsupported", "A right answer, with a claim that no shown passage supports.",
            True),
    LossRow("malformed", "right but malformed", "A right answer that is not in the demanded form, even after repair.",
            True),
    LossRow("not_scored", "not scored", "An answer that no metric could judge."),
)  # fmt: skip


def waterfalls(run: DiagnosedRun) -> tuple[WaterfallSection, ...]:
    """The lost questions of the candidate; beside them those of the ceiling and of the best arm, where they ran."""
    return tuple(waterfall(run, arm, role) for arm, role in _arms(run))


def _arms(run: DiagnosedRun) -> Iterator[tuple[str, WaterfallRole]]:
    candidate = run.sheet.figures.candidate
    if candidate in run.sheet.arms:
        yield candidate, "candidate"
    if (ceiling := next((arm.name for arm in run.sheet.arms.values() if arm.oracle), None)) not in (None, candidate):
        yield str(ceiling), "ceiling"
    rates = {name: _rate(run, name) for name, arm in run.sheet.arms.items() if not arm.beside}
    best = max(rates, key=lambda name: (rates[name], name == candidate), default=candidate)
    if best != candidate:
        yield best, "best"


def _rate(run: DiagnosedRun, arm: str) -> float:
    questions = run.questions(arm)
    return len(set(questions) - set(run.failures(arm))) / len(questions) if questions else 0.0


def waterfall(run: DiagnosedRun, arm: str, role: WaterfallRole = "candidate") -> WaterfallSection:
    """The lost questions of one arm, class by class."""
    questions = run.questions(arm)
    class_of = {case: loss_of(run, arm, case) for case in run.failures(arm)}
    by_class: dict[str, list[str]] = {}
    for case, name in class_of.items():
        by_class.setdefault(name, []).append(case)
    reads = run.sheet.arms[arm].retriever
    rows = [row for row in LOSSES if row.name in by_class or (row.by_passages and reads)]
    return WaterfallSection(
        arm=arm,
        role=role,
        questions=len(questions),
        successes=len(questions) - len(class_of),
        losses=tuple(_section(run, arm, row, tuple(by_class.get(row.name, ()))) for row in rows),
        by_answer=sum(_rests_on_answer(run.cases[case], name) for case, name in class_of.items()),
    )


def _section(run: DiagnosedRun, arm: str, row: LossRow, cases: tuple[str, ...]) -> LossSection:
    return LossSection(row.name, row.title, row.says, cases, run.share(arm, cases))


# --- the class of one question ------------------------------------------------------------------------------------


def loss_of(run: DiagnosedRun, arm: str, case_id: str) -> str:
    """The class of a question that the arm failed: the name of a row of LOSSES."""
    answer, case = run.answers.get((arm, case_id)), run.cases[case_id]
    if answer is None:
        return "no_answer"
    if run.value(arm, SUCCESS, case_id) is None:
        return "not_scored"
    if run.value(arm, "task_success_without_form", case_id) == 1.0:
        return "malformed"
    if case.kind == "unanswerable":
        return "answered"
    if not answer.refused and run.value(arm, "correct", case_id) == 1.0:
        return "unsupported"
    if not answer.refused and (style := _style_loss(run, arm, case_id)):
        return style
    return _content_loss(run, arm, case, answer)


def _style_loss(run: DiagnosedRun, arm: str, case: str) -> str | None:
    """The class of an answer that the house style judges; None where it lacks what the case asks for, or is not so."""
    if not run.inapplicable(arm, "correct", case):
        return None
    if any(run.value(arm, metric, case) not in (None, 1.0) for metric in ("tone", "glossary")):
        return "off_style"
    return "unsupported" if run.value(arm, "complete", case) in (None, 1.0) else None


def _content_loss(run: DiagnosedRun, arm: str, case: Case, answer: Answer) -> str:
    """A wrong answer or a refusal, where an answer exists."""
    row = run.sheet.arms[arm]
    if case.kind == "style" and not case.evidence:
        return "not_known"
    if not row.retriever:
        return "unknown" if row.source is not None and "passages" in row.source.unmeasured else "no_passages"
    if case.id in run.sheet.figures.golden.lost_evidence:
        return "in_no_passage"
    in_prompt = _has_evidence(run, arm, case, answer)
    if in_prompt is False:
        return "trimmed" if _is_trimmed(run, case, answer) else "not_retrieved"
    if answer.refused:
        return "refused"
    return "unknown" if in_prompt is None else "not_read"


def _has_evidence(run: DiagnosedRun, arm: str, case: Case, answer: Answer) -> bool | None:
    """Whether all that the answer needs stood in the prompt; None where nothing says so.

    A case without evidence counts as shown where a passage says an accepted answer, as in open-domain question
    answering (Karpukhin and others 2020); a sentence cannot be looked for in this way.
    """
    if case.evidence:
        return run.value(arm, "recall@k", case.id) == 1.0
    if not _is_findable(case):
        return None
    return any(_says(hit.passage.text, case.accept) for hit in answer.hits)


def _says(text: str, accept: tuple[str, ...]) -> bool:
    words = normal_words(text)
    return any(mentions(words, value) for value in accept)


def _is_findable(case: Case) -> bool:
    return bool(case.accept) and not is_reference(case.accept)


def _rests_on_answer(case: Case, name: str) -> bool:
    """Whether a class rests on an accepted answer in a passage, for want of evidence."""
    return name in ("not_retrieved", "trimmed", "not_read", "refused") and not case.evidence and _is_findable(case)


def _is_trimmed(run: DiagnosedRun, case: Case, answer: Answer) -> bool:
    """Whether the whole evidence was found and a part of what was found did not fit. A passage that was left out is
    known by its id alone, so that the retriever's own figure decides."""
    retrieval = run.sheet.figures.retrieval
    share = retrieval.found.get(case.id) if retrieval is not None else None
    return share == 1.0 and len(answer.retrieved) > len(answer.hits)
