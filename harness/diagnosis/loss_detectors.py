"""Detectors of what the waterfall shows and no other mode explains: evidence that is not read, refusals."""

from __future__ import annotations

from harness.diagnosis.losses import loss_of
from harness.diagnosis.passage_detectors import context_ignored
from harness.diagnosis.symptoms import LIMITS, DiagnosedRun, Symptom, share_of
from harness.diagnosis.tuning_detectors import over_formatting, weights_against_context
from harness.verdict.measures import Unmeasured

# why an answer is wrong beside its evidence
EXPLAIN_WRONG = (context_ignored, weights_against_context, over_formatting)


def does_not_read(run: DiagnosedRun) -> Symptom | Unmeasured:
    """With its evidence in the prompt the candidate answers wrongly, and no narrower mode says why."""
    arm = _reader(run)
    if arm is None:
        return Unmeasured("the candidate is given no passages")
    classes = _classes(run, arm)
    wrong = [case for case, name in classes.items() if name == "not_read"]
    symptoms = [symptom for detector in EXPLAIN_WRONG if isinstance(symptom := detector(run), Symptom)]
    explained = {case for symptom in symptoms if symptom.seen and symptom.arm == arm for case in symptom.cases}
    unread = [case for case in wrong if case not in explained]
    more = len(wrong) - len(unread)
    says = "questions are answered wrongly although their evidence was shown"
    says = f"{says}, beside {more} that another mode explains" if more else says
    return share_of(arm, unread, _with_evidence(run, arm, classes), says, limit=LIMITS.lost)


def refuses_needlessly(run: DiagnosedRun) -> Symptom | Unmeasured:
    """With its evidence in the prompt the candidate says that the passages do not tell."""
    arm = _reader(run)
    if arm is None:
        return Unmeasured("the candidate is given no passages")
    classes = _classes(run, arm)
    refused = [case for case, name in classes.items() if name == "refused"]
    says = "questions are refused although their evidence was shown"
    return share_of(arm, refused, _with_evidence(run, arm, classes), says, limit=LIMITS.lost)


def refuses_too_little(run: DiagnosedRun) -> Symptom | Unmeasured:
    """The candidate answers questions that nothing in the corpus answers."""
    arm = _reader(run)
    if arm is None:
        return Unmeasured("the candidate is given no passages")
    answers = [case for case, name in _classes(run, arm).items() if name == "answered"]
    unanswerable = [case for case in run.questions(arm) if run.cases[case].kind == "unanswerable"]
    says = "questions that nothing answers are answered all the same"
    return share_of(arm, answers, unanswerable, says, limit=LIMITS.lost)


def does_not_know_task(run: DiagnosedRun) -> Symptom | Unmeasured:
    """The candidate is wrong where no passage holds the answer: labels and forms that only examples teach."""
    arm = run.sheet.figures.candidate
    cases = run.questions(arm)
    own = [case for case in cases if run.cases[case].kind == "style" and not run.cases[case].evidence]
    wrong = [case for case, name in _classes(run, arm).items() if name == "not_known"]
    says = "questions for a label or a form that no passage holds are answered wrongly"
    return share_of(arm, wrong, own, says, limit=LIMITS.lost)


def _reader(run: DiagnosedRun) -> str | None:
    """The candidate, where it reads passages."""
    arm = run.sheet.arms.get(run.sheet.figures.candidate)
    return arm.name if arm is not None and arm.retriever else None


def _classes(run: DiagnosedRun, arm: str) -> dict[str, str]:
    return {case: loss_of(run, arm, case) for case in run.failures(arm)}


def _with_evidence(run: DiagnosedRun, arm: str, classes: dict[str, str]) -> list[str]:
    """Questions with an answer whose evidence the arm was shown: those it got right, and those lost behind that."""
    behind = {"not_read", "refused", "off_style", "unsupported", "malformed"}
    answerable = (case for case in run.questions(arm) if run.cases[case].kind != "unanswerable")
    return [case for case in answerable if case not in classes or classes[case] in behind]
