"""The symptom of each failure mode, measured on a run: seen with its cases, not seen, or not measurable and why.

A detector takes the run's facts and answers and returns a Symptom or an Unseen. Its thresholds stand in LIMITS.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from harness.stats.numbers import interval, number
from harness.types import Answer, Estimate
from harness.verdict.evidence import Facts, column, estimate_of

LIMITS: Mapping[str, float] = {
    "recall": 0.70,  # the guide's: below it retrieval is the problem
    "slow_ms": 2000.0,  # the guide's, p95
    "burst": 3.0,  # p95 / p50 of retrieval
    "points_lost": 5.0,  # general ability, and task success under a drill
    "share": 0.05,  # of cases that show a symptom
    "cases": 3,  # fewest cases that make a symptom
    "uncited": 0.10,  # share of answers without a citation, above the untuned arm's
}


@dataclass(frozen=True, slots=True)
class Symptom:
    """A failure mode was looked for: the figure, and the cases that show it; `seen` if it passes its limit."""

    seen: bool
    arm: str
    figure: str
    cases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unseen:
    """A failure mode that this run cannot show."""

    reason: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the detectors read."""

    facts: Facts
    answers: Mapping[tuple[str, str], Answer]  # (arm, case id) of the test split

    def arm(self, retriever: bool, adapter: bool) -> str | None:
        """The plain arm of this kind: without examples in the prompt."""
        arms = self.facts.arms.values()
        kind = (retriever, adapter, False)
        return next(
            (a.name for a in arms if not a.beside and (a.retriever, a.adapter is not None, a.few_shot) == kind), None
        )

    def value(self, arm: str, metric: str, case: str) -> float | None:
        return self.facts.values.get((arm, metric), {}).get(case)

    def informed(self, arm: str) -> list[str]:
        """Cases whose whole evidence stood in the prompt and whose question was not refused."""
        full = [c for c, recall in column(self.facts, arm, "recall@k").items() if recall == 1.0]
        return [c for c in full if (arm, c) in self.answers and not self.answers[arm, c].refused]

    def same_words(self, arm: str, other: str, case: str) -> bool:
        """Whether two arms gave the same answer, case and spacing aside."""
        texts = [self.answers[a, case].text for a in (arm, other) if (a, case) in self.answers]
        return len(texts) == 2 and len({" ".join(text.casefold().split()) for text in texts}) == 1


Detector = Callable[[Evidence], Symptom | Unseen]


def _share(arm: str, shown: list[str], out_of: list[str], what: str) -> Symptom | Unseen:
    """A symptom by its share of cases."""
    if not out_of:
        return Unseen(f"no case of {arm} could show it")
    share = len(shown) / len(out_of)
    seen = share >= LIMITS["share"] and len(shown) >= LIMITS["cases"]
    return Symptom(seen, arm, f"{len(shown)} of {len(out_of)} {what} ({number(share, 'fraction')})", tuple(shown))


# --- retrieval -------------------------------------------------------------------------------------------------


def retrieval_misses(run: Evidence) -> Symptom | Unseen:
    """Recall of the passages shown is below the guide's 70 %."""
    arm = run.arm(True, False) or run.arm(True, True)
    recalls = {c: v for c, v in column(run.facts, arm, "recall@k").items() if v is not None} if arm else {}
    if arm is None or not recalls:
        return Unseen("no arm with passages, or no case that names its evidence")
    recall = sum(recalls.values()) / len(recalls)
    missed = tuple(case for case, value in recalls.items() if value == 0.0)
    return Symptom(
        recall < LIMITS["recall"], arm, f"recall of the passages shown is {number(recall, 'fraction')}", missed
    )


def stale_passages(run: Evidence) -> Symptom | Unseen:
    """A superseded passage stands first in the prompt."""
    arm = run.arm(True, False) or run.arm(True, True)
    given = {case: answer.hits for (name, case), answer in run.answers.items() if name == arm and answer.hits}
    if arm is None or not any("status" in hit.passage.metadata for hits in given.values() for hit in hits):
        return Unseen("no passage says whether it is current (metadata status)")
    first = [case for case, hits in given.items() if hits[0].passage.metadata.get("status") == "superseded"]
    return _share(arm, first, list(given), "questions have a superseded passage in first place")


def slow_retrieval(run: Evidence) -> Symptom | Unseen:
    """p95 of an answer passes two seconds, and retrieval is at least half of it."""
    found = _latency(run)
    if isinstance(found, Unseen):
        return found
    arm, parts = found
    total, share = parts["total", "p95"], parts["retrieval", "p95"] / max(parts["total", "p95"], 1e-9)
    figure = f"p95 is {number(total, 'ms')}, {number(share, 'fraction')} of it retrieval"
    return Symptom(total > LIMITS["slow_ms"] and share >= 0.5, arm, figure)


def latency_bursts(run: Evidence) -> Symptom | Unseen:
    """Retrieval's p95 is several times its median."""
    found = _latency(run)
    if isinstance(found, Unseen):
        return found
    arm, parts = found
    ratio = parts["retrieval", "p95"] / max(parts["retrieval", "p50"], 1e-9)
    return Symptom(ratio >= LIMITS["burst"], arm, f"retrieval's p95 is {ratio:.1f} times its median")


def _latency(run: Evidence) -> tuple[str, dict[tuple[str, str], float]] | Unseen:
    arm = run.arm(True, False) or run.arm(True, True)
    row: Mapping[str, Any] = (run.facts.record.get("latency") or {}).get(arm) or {}
    wanted = [("total", "p95"), ("retrieval", "p95"), ("retrieval", "p50")]
    found = {key: estimate_of((row.get(key[0]) or {}).get(key[1])) for key in wanted}
    known = {key: e.mean for key, e in found.items() if e is not None and e.mean is not None}
    return (arm, known) if arm and len(known) == len(wanted) else Unseen("latency was not measured")


# --- what is done with the passages ------------------------------------------------------------------------------


def context_ignored(run: Evidence) -> Symptom | Unseen:
    """With its evidence in the prompt, RAG-only repeats unsupported what the model says without passages."""
    rag, alone = run.arm(True, False), run.arm(False, False)
    if rag is None or alone is None:
        return Unseen("needs the same untuned model with and without passages")
    cases = run.informed(rag)
    past = [c for c in cases if run.value(rag, "hallucination", c) == 1.0 and run.same_words(rag, alone, c)]
    return _share(rag, past, cases, "answers repeat what the model says without passages, unsupported by them")


def unsupported_despite_evidence(run: Evidence) -> Symptom | Unseen:
    """With its evidence in the prompt, an answer claims what no passage says."""
    arm = run.arm(True, False) or run.arm(True, True)
    if arm is None:
        return Unseen("no arm is given passages")
    cases = run.informed(arm)
    unsupported = [c for c in cases if run.value(arm, "hallucination", c) == 1.0]
    return _share(arm, unsupported, cases, "answers claim what no passage says although the evidence was there")


def weights_against_context(run: Evidence) -> Symptom | Unseen:
    """The tuned arm is wrong and unsupported where the untuned one reads the same evidence rightly."""
    rag, both = run.arm(True, False), run.arm(True, True)
    if rag is None or both is None:
        return Unseen("needs a tuned and an untuned arm with passages")
    cases = [c for c in run.informed(both) if run.value(rag, "correct", c) == 1.0]
    against = [c for c in cases if run.value(both, "correct", c) == 0.0 and run.value(both, "hallucination", c) == 1.0]
    return _share(both, against, cases, "answers contradict the passages that the untuned model reads rightly")


def answers_without_citing(run: Evidence) -> Symptom | Unseen:
    """The tuned arm leaves more answers without a citation than the untuned one."""
    both = run.arm(True, True)
    cited = {name: _uncited(run, name) for name in (both, run.arm(True, False)) if name is not None}
    if both is None or not cited[both][1] or not any(answer.cited for answer in run.answers.values()):
        return Unseen("no tuned arm with passages, or nothing cites")
    rates = {name: len(bare) / max(len(asked), 1) for name, (bare, asked) in cited.items()}
    excess = rates[both] - min(rates.values())
    more = f"{number(100 * excess, 'points')} more than untuned"
    figure = f"{number(rates[both], 'fraction')} of its answers cite nothing, {more}"
    return Symptom(excess >= LIMITS["uncited"], both, figure, tuple(cited[both][0]))


def _uncited(run: Evidence, arm: str) -> tuple[list[str], list[str]]:
    asked = [c for (name, c), answer in run.answers.items() if name == arm and answer.hits and not answer.refused]
    return [c for c in asked if not run.answers[arm, c].cited], asked


def citation_drift(run: Evidence) -> Symptom | Unseen:
    """A right answer cites only passages that do not carry its evidence."""
    arm = run.arm(True, True) or run.arm(True, False)
    precision = column(run.facts, arm, "citation_precision") if arm else {}
    right = [c for c, v in precision.items() if arm and v is not None and run.value(arm, "correct", c) == 1.0]
    if arm is None or not right:
        return Unseen("no right answer cites a passage")
    return _share(arm, [c for c in right if precision[c] == 0.0], right, "right answers cite only wrong passages")


# --- what tuning did -------------------------------------------------------------------------------------------


def forgetting(run: Evidence) -> Symptom | Unseen:
    """General ability falls by at least the gate's five points, beyond chance."""
    part = run.facts.record.get("forgetting") or {}
    if part.get("status") != "measured":
        return Unseen(part.get("reason") or "forgetting was not measured")
    changes = {arm: estimate_of(row.get("difference")) for arm, row in part.get("arms", {}).items()}
    known = [(e.mean, arm, e) for arm, e in changes.items() if e is not None and e.mean is not None]
    if not known:
        return Unseen("no adapter was compared with its base")
    mean, worst, change = min(known, key=lambda row: row[0])
    figure = f"general ability changes by {number(mean, 'points')}, {interval(change)}"
    return Symptom(mean <= -LIMITS["points_lost"] and _below_zero(change), worst, figure)


def over_formatting(run: Evidence) -> Symptom | Unseen:
    """Form and support are kept, the content that RAG-only gives is lost."""
    rag, both = run.arm(True, False), run.arm(True, True)
    if rag is None or both is None:
        return Unseen("needs a tuned and an untuned arm with passages")
    cases = [c for c in run.informed(both) if run.value(rag, "correct", c) == 1.0]
    lost = [c for c in cases if run.value(both, "correct", c) == 0.0 and run.value(both, "hallucination", c) == 0.0
            and run.answers[both, c].form.demanded and run.answers[both, c].form.valid]  # fmt: skip
    return _share(both, lost, cases, "answers keep the form and the support but lose the content that RAG-only gives")


def paraphrase_brittleness(run: Evidence) -> Symptom | Unseen:
    """Paraphrased questions lose task success beyond chance; without that drill, the losses show overfitting."""
    drilled = _drill(run, "paraphrased", "paraphrased questions")
    if isinstance(drilled, Symptom):
        return drilled
    rows: Mapping[str, Any] = run.facts.record.get("tuning") or {}
    overfit = next((arm for arm, row in rows.items() if row.get("overfit")), None)
    if overfit is not None:
        examples = rows[overfit].get("examples")
        return Symptom(True, overfit, f"held-out loss rises while training loss falls, on {examples} examples")
    return Symptom(False, next(iter(rows)), "no overfitting in the losses") if rows else drilled


def order_sensitivity(run: Evidence) -> Symptom | Unseen:
    """Shuffled passages lose task success beyond chance."""
    return _drill(run, "shuffled", "shuffled passages")


def _drill(run: Evidence, name: str, what: str) -> Symptom | Unseen:
    """Task success that the worst tuned arm loses under a drill; a loss whose interval holds 0 is none."""
    drill = next((d for d in run.facts.record.get("drills") or () if d["name"] == name), None)
    arms = [a.name for a in run.facts.arms.values() if a.adapter is not None and not a.beside]
    losses = {arm: loss for arm in arms if drill and (loss := _loss(drill["arms"].get(arm))) is not None}
    if not losses:
        return Unseen(f"the drill '{name}' was not run on a tuned arm")
    worst = max(losses, key=lambda arm: losses[arm])
    row: Mapping[str, Any] = drill["arms"][worst] if drill else {}
    change, lost = estimate_of(row.get("change")), tuple(row.get("lost") or ())
    said = f", change {interval(change)}" if change else ""
    figure = f"task success falls by {number(losses[worst], 'points')} on {what}{said}"
    few = bool(lost) and len(lost) < LIMITS["cases"]
    proven = change is None or _below_zero(change)
    return Symptom(losses[worst] >= LIMITS["points_lost"] and not few and proven, worst, figure, lost)


def _below_zero(change: Estimate) -> bool:
    """Whether its whole interval is; where it is not, as many answers may have been won as were lost."""
    return change.high is not None and change.high < 0


def _loss(row: Mapping[str, Any] | None) -> float | None:
    before, after = (estimate_of((row or {}).get(when)) for when in ("before", "after"))
    if before is None or after is None or before.mean is None or after.mean is None:
        return None
    return 100 * (before.mean - after.mean)


def stale_facts(run: Evidence) -> Symptom | Unseen:
    """After facts changed, the tuned arm without passages still gives the old ones."""
    rows: Mapping[str, Any] = (run.facts.record.get("freshness") or {}).get("arms") or {}
    tuned = [a.name for a in run.facts.arms.values() if a.adapter is not None and not a.retriever and not a.beside]
    old = {arm: estimate_of((rows.get(arm) or {}).get("old")) for arm in tuned}
    known = {arm: e.mean for arm, e in old.items() if e is not None and e.mean is not None}
    if not known:
        return Unseen("the freshness drill was not run on a tuned arm without passages")
    worst = max(known, key=lambda arm: known[arm])
    figure = f"{number(known[worst], 'fraction')} of the changed facts are still given in their old version"
    return Symptom(known[worst] >= LIMITS["share"], worst, figure)


DETECTORS: Mapping[str, Detector] = {
    detector.__name__: detector
    for detector in (
        retrieval_misses, context_ignored, slow_retrieval, stale_facts, forgetting, paraphrase_brittleness,
        weights_against_context, answers_without_citing, over_formatting, citation_drift, unsupported_despite_evidence,
        stale_passages, latency_bursts, order_sensitivity,
    )
}  # fmt: skip
