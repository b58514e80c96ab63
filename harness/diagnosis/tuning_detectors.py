"""Detectors of what tuning did: forgetting, overfitting, beliefs against the passages, lost citations, old facts."""

from __future__ import annotations

from dataclasses import replace

from harness.diagnosis.symptoms import LIMITS, DiagnosedRun, Symptom, below_zero, share_of
from harness.stats.numbers import against, interval, number
from harness.types import Estimate
from harness.verdict.measures import Unmeasured

NEEDS_BOTH = "needs a tuned and an untuned arm with passages"
EXACT = 9  # decimals of a difference of shares: 0.3 - 0.2 is a tenth


# --- beside the untuned arm --------------------------------------------------------------------------------------


def weights_against_context(run: DiagnosedRun) -> Symptom | Unmeasured:
    """The tuned arm is wrong and unsupported where the untuned one reads the same evidence rightly."""
    rag, both = run.arm(True, False), run.arm(True, True)
    if rag is None or both is None:
        return Unmeasured(NEEDS_BOTH)
    cases = [case for case in run.informed(both) if run.value(rag, "correct", case) == 1.0]
    wrong = [case for case in cases if run.value(both, "correct", case) == 0.0]
    against = [case for case in wrong if run.value(both, "hallucination", case) == 1.0]
    return share_of(both, against, cases, "answers contradict the passages that the untuned model reads rightly")


def over_formatting(run: DiagnosedRun) -> Symptom | Unmeasured:
    """Form and support are kept, the content that RAG-only gives is lost."""
    rag, both = run.arm(True, False), run.arm(True, True)
    if rag is None or both is None:
        return Unmeasured(NEEDS_BOTH)
    cases = [case for case in run.informed(both) if run.value(rag, "correct", case) == 1.0]
    wrong = [case for case in cases if run.value(both, "correct", case) == 0.0]
    forms = {case: run.answers[both, case].form for case in wrong if run.value(both, "hallucination", case) == 0.0}
    losses = [case for case, form in forms.items() if form.demanded and form.valid]
    return share_of(
        both, losses, cases, "answers keep the form and the support but lose the content that RAG-only gives"
    )


def answers_without_citing(run: DiagnosedRun) -> Symptom | Unmeasured:
    """The tuned arm leaves more answers without a citation than the untuned one."""
    both, rag = run.arm(True, True), run.arm(True, False)
    passages = _shown_passages(run, both) if both else []
    if both is None or not passages or not any(answer.cited for answer in run.answers.values()):
        return Unmeasured("no tuned arm with passages, or nothing cites")
    uncited = [case for case in passages if not run.answers[both, case].cited]
    share = len(uncited) / len(passages)
    excess = max(0.0, round(share - _uncited_share(run, rag), EXACT)) if rag else 0.0
    more, _ = against(100 * excess, 100 * LIMITS.uncited, "points", ">=")
    figure = f"{number(share, 'fraction')} of its answers cite nothing, {more} more than untuned"
    return Symptom(excess >= LIMITS.uncited, both, figure, tuple(uncited), run.share(both, uncited))


def _uncited_share(run: DiagnosedRun, arm: str) -> float:
    cases = _shown_passages(run, arm)
    return sum(not run.answers[arm, case].cited for case in cases) / max(len(cases), 1)


def _shown_passages(run: DiagnosedRun, arm: str) -> list[str]:
    """Cases that were answered with passages in the prompt."""
    return [case for (name, case), answer in run.answers.items() if name == arm and answer.hits and not answer.refused]


# --- general ability and facts -----------------------------------------------------------------------------------


def forgetting(run: DiagnosedRun) -> Symptom | Unmeasured:
    """General ability falls by at least the gate's five points, beyond chance."""
    section = run.sheet.figures.forgetting
    if section.status != "measured":
        return Unmeasured(section.reason or "forgetting was not measured")
    changes = {arm: beside_base.items.difference for arm, beside_base in section.arms.items()}
    means = {arm: change.mean for arm, change in changes.items() if change.mean is not None}
    if not means:
        return Unmeasured("no adapter was compared with its base")
    worst = min(means, key=lambda arm: means[arm])
    change, _ = against(means[worst], -LIMITS.points_lost, "points", "<=")
    figure = f"general ability changes by {change}, {interval(changes[worst])}"
    proven = means[worst] <= -LIMITS.points_lost and below_zero(changes[worst])
    return Symptom(proven, worst, figure, harm=_lost_share(changes[worst], section.loss_of_everything))


def _lost_share(change: Estimate, everything: Estimate | None) -> Estimate:
    """Of the general ability above guessing, the share that is gone; of all items, where guessing is no measure."""
    whole = 100.0 if everything is None or not everything.mean else -everything.mean
    return _as_share(change, -1.0 / max(whole, 1.0))


def _as_share(change: Estimate, factor: float) -> Estimate:
    """Points lost (negative) as a share lost, between 0 and 1."""
    mean, low, high = (
        None if x is None else min(1.0, max(0.0, factor * x)) for x in (change.mean, change.high, change.low)
    )
    return replace(change, mean=mean, low=low, high=high, unit="fraction")


def stale_facts(run: DiagnosedRun) -> Symptom | Unmeasured:
    """After facts changed, the tuned arm without passages still gives the old ones."""
    freshness = run.sheet.figures.freshness
    arms = freshness.arms if freshness else {}
    closed_book = [arm for arm in run.tuned_arms if not run.sheet.arms[arm].retriever and arm in arms]
    shares = {arm: share for arm in closed_book if (share := arms[arm].old.mean) is not None}
    if not shares:
        return Unmeasured("the freshness drill was not run on a tuned arm without passages")
    worst = max(shares, key=lambda arm: shares[arm])
    stale, _ = against(shares[worst], LIMITS.share, "fraction", ">=")
    figure = f"{stale} of the changed facts are still given in their old version"
    return Symptom(shares[worst] >= LIMITS.share, worst, figure, harm=arms[worst].old)


# --- drills ------------------------------------------------------------------------------------------------------


def paraphrase_brittleness(run: DiagnosedRun) -> Symptom | Unmeasured:
    """Paraphrased questions lose task success beyond chance; without that drill, the losses show overfitting."""
    drill = _drill(run, "paraphrased", "paraphrased questions")
    if isinstance(drill, Symptom):
        return drill
    adapters = {arm: tuning.adapter for arm, tuning in run.sheet.figures.tuning.items()}
    if not adapters:
        return drill
    overfit = next((arm for arm, adapter in adapters.items() if adapter.overfit), None)
    if overfit is None:
        watched = next((arm for arm, adapter in adapters.items() if adapter.watched), None)
        return drill if watched is None else Symptom(False, watched, "no overfitting in the losses")
    examples = adapters[overfit].examples
    return Symptom(True, overfit, f"held-out loss rises while training loss falls, on {examples} examples")


def order_sensitivity(run: DiagnosedRun) -> Symptom | Unmeasured:
    """Shuffled passages lose task success beyond chance."""
    return _drill(run, "shuffled", "shuffled passages")


def _drill(run: DiagnosedRun, name: str, what: str) -> Symptom | Unmeasured:
    """Task success that the worst tuned arm loses under a drill; a loss whose interval holds 0 is none."""
    drill = next((drill for drill in run.sheet.figures.drills or () if drill.name == name), None)
    rows = {arm: drill.arms[arm] for arm in run.tuned_arms if arm in drill.arms} if drill else {}
    losses = {arm: -row.change.mean for arm, row in rows.items() if row.change.mean is not None}
    if not losses:
        return Unmeasured(f"the drill '{name}' was not run on a tuned arm")
    worst = max(losses, key=lambda arm: losses[arm])
    row = rows[worst]
    points, _ = against(losses[worst], LIMITS.points_lost, "points", ">=")
    figure = f"task success falls by {points} on {what}, change {interval(row.change)}"
    few = 0 < len(row.lost) < LIMITS.cases
    proven = losses[worst] >= LIMITS.points_lost and not few and below_zero(row.change)
    return Symptom(proven, worst, figure, row.lost, _as_share(row.change, -0.01))
