"""Detectors of what goes wrong with passages: finding them, their speed, and what an answer makes of them."""

from __future__ import annotations

from dataclasses import dataclass

import harness.stats as stats
from harness.diagnosis.losses import loss_of
from harness.diagnosis.symptoms import LIMITS, DiagnosedRun, Symptom, share_of
from harness.stats.numbers import against, number
from harness.types import Estimate
from harness.verdict.measures import Unmeasured

# --- retrieval -------------------------------------------------------------------------------------------------


def retrieval_misses(run: DiagnosedRun) -> Symptom | Unmeasured:
    """Recall of the passages shown is below the guide's 70 %, or many questions are lost for want of their evidence."""
    arm = run.passage_arm
    recalls = {case: v for case, v in run.sheet.column(arm, "recall@k").items() if v is not None} if arm else {}
    if arm is None or not recalls:
        return Unmeasured("no arm with passages, or no case that names its evidence")
    recall = sum(recalls.values()) / len(recalls)
    losses = [case for case in run.failures(arm) if loss_of(run, arm, case) in ("not_retrieved", "trimmed")]
    questions = len(run.questions(arm))
    many = len(losses) >= LIMITS.cases and len(losses) >= LIMITS.lost * questions
    figure = f"recall of the passages shown is {against(recall, LIMITS.recall, 'fraction', '>=')[0]}"
    text = f"{figure}; {len(losses)} of {questions} questions are lost for want of their evidence" if losses else figure
    return Symptom(recall < LIMITS.recall or many, arm, text, tuple(losses))


def stale_passages(run: DiagnosedRun) -> Symptom | Unmeasured:
    """A superseded passage stands first in the prompt."""
    arm = run.passage_arm
    hits_of = {case: answer.hits for (name, case), answer in run.answers.items() if name == arm and answer.hits}
    if arm is None or not any("status" in hit.passage.metadata for hits in hits_of.values() for hit in hits):
        return Unmeasured("no passage says whether it is current (metadata status)")
    first = [case for case, hits in hits_of.items() if hits[0].passage.metadata.get("status") == "superseded"]
    return share_of(arm, first, list(hits_of), "questions have a superseded passage in first place")


def slow_retrieval(run: DiagnosedRun) -> Symptom | Unmeasured:
    """p95 of an answer passes two seconds, and retrieval is at least half of it."""
    clock = _clock(run)
    if isinstance(clock, Unmeasured):
        return clock
    share = clock.retrieval_p95 / max(clock.total_p95, 1e-9)
    p95, of_it = against(clock.total_p95, LIMITS.slow_ms, "ms", "<=")[0], against(share, 0.5, "fraction", ">=")[0]
    slow = clock.total_p95 > LIMITS.slow_ms and share >= 0.5
    figure = f"p95 is {p95}, {of_it} of it retrieval"
    return _timed(clock, slow, clock.total_p95 / LIMITS.slow_ms, figure, [t > LIMITS.slow_ms for t in clock.totals])


def latency_bursts(run: DiagnosedRun) -> Symptom | Unmeasured:
    """Retrieval's p95 is several times its median."""
    clock = _clock(run)
    if isinstance(clock, Unmeasured):
        return clock
    ratio = clock.retrieval_p95 / max(clock.retrieval_p50, 1e-9)
    times, _ = against(ratio, LIMITS.burst, "times", ">=")
    usual = LIMITS.burst * clock.retrieval_p50
    late = [t >= usual for t in clock.retrievals]
    return _timed(clock, ratio >= LIMITS.burst, ratio / LIMITS.burst, f"retrieval's p95 is {times} its median", late)


@dataclass(frozen=True, slots=True)
class _ArmTimes:
    """Times of one arm, in ms."""

    arm: str
    total_p95: float
    retrieval_p95: float
    retrieval_p50: float
    totals: tuple[float, ...]  # of each question
    retrievals: tuple[float, ...]
    noise: float | None  # times by which the same arm differs from itself; None where it was not timed twice


def _timed(clock: _ArmTimes, over: bool, excess: float, figure: str, late: list[bool]) -> Symptom | Unmeasured:
    """A symptom by the clock, where it passes its limit by more than the clock itself is wrong.

    Args:
        excess: the figure over its limit.
        late: of each timed question, whether it shows the symptom.
    """
    if over and (clock.noise is None or excess < clock.noise):
        why = "no arm was timed twice" if clock.noise is None else (
            f"the same arm timed twice differs by up to {number(clock.noise, 'times')}"
        )  # fmt: skip
        return Unmeasured(f"{figure}, but {why}, so that it may be the machine")
    return Symptom(over, clock.arm, figure, harm=stats.rate([float(one) for one in late]) if late else None)


def _clock(run: DiagnosedRun) -> _ArmTimes | Unmeasured:
    arm = run.passage_arm
    times = run.sheet.figures.latency.arms.get(arm) if arm else None
    if arm is None or times is None:
        return Unmeasured("latency was not measured")
    total, slow, usual = times.total.p95.mean, times.retrieval.p95.mean, times.retrieval.p50.mean
    if total is None or slow is None or usual is None:
        return Unmeasured("latency was not measured")
    noise = _noise(run.sheet.figures.latency.control)
    return _ArmTimes(arm, total, slow, usual, times.by_question, times.retrieval_by_question, noise)


def _noise(control: Estimate | None) -> float | None:
    """How many times the p95 of one arm differs between two rounds of the same questions, at the far end."""
    ratios = [x for x in (control.mean, control.low, control.high) if x] if control else []
    return max((max(x, 1 / x) for x in ratios), default=None)


# --- what is done with the passages ------------------------------------------------------------------------------


def context_ignored(run: DiagnosedRun) -> Symptom | Unmeasured:
    """With its evidence in the prompt, RAG-only repeats unsupported what the model says without passages."""
    rag, alone = run.arm(True, False), run.arm(False, False)
    if rag is None or alone is None:
        return Unmeasured("needs the same untuned model with and without passages")
    cases = run.informed(rag)
    past = [c for c in cases if run.value(rag, "hallucination", c) == 1.0 and run.same_words(rag, alone, c)]
    return share_of(rag, past, cases, "answers repeat what the model says without passages, unsupported by them")


def unsupported_despite_evidence(run: DiagnosedRun) -> Symptom | Unmeasured:
    """With its evidence in the prompt, an answer that is not wrong claims what no passage says.

    A wrong one claims that as well; it is lost for another reason, which is counted there (`losses`).
    """
    arm = run.passage_arm
    if arm is None:
        return Unmeasured("no arm is given passages")
    cases = run.informed(arm)
    more = [c for c in cases if run.value(arm, "hallucination", c) == 1.0 and run.value(arm, "correct", c) != 0.0]
    says = "answers are not wrong, and claim what no passage says although the evidence was there"
    return share_of(arm, more, cases, says)


def citation_drift(run: DiagnosedRun) -> Symptom | Unmeasured:
    """A right answer cites only passages that do not carry its evidence."""
    arm = run.arm(True, True) or run.arm(True, False)
    precision = run.sheet.column(arm, "citation_precision") if arm else {}
    right = [c for c, v in precision.items() if arm and v is not None and run.value(arm, "correct", c) == 1.0]
    if arm is None or not right:
        return Unmeasured("no right answer cites a passage")
    wrong = [c for c in right if precision[c] == 0.0]
    return share_of(arm, wrong, right, "right answers cite only wrong passages", harm=run.share(arm, wrong))
