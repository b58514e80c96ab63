"""Input and output of a detector: the run under diagnosis, a Symptom, or Unmeasured and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import harness.stats as stats
from harness.stats.numbers import against
from harness.types import Answer, Case, Estimate
from harness.verdict.measures import Unmeasured
from harness.verdict.score_sheet import ScoreSheet


@dataclass(frozen=True, slots=True)
class SymptomLimits:
    """From where on a figure is a symptom."""

    recall: float = 0.70  # the guide's: below it retrieval is the problem
    slow_ms: float = 2000.0  # the guide's, p95
    burst: float = 3.0  # p95 / p50 of retrieval
    points_lost: float = 5.0  # general ability, and task success under a drill
    share: float = 0.05  # of cases that show a symptom
    lost: float = 0.10  # of questions with their evidence shown, lost where no narrower mode says why
    cases: int = 3  # fewest cases that make a symptom
    uncited: float = 0.10  # share of answers without a citation, above the untuned arm's


LIMITS = SymptomLimits()


@dataclass(frozen=True, slots=True)
class Symptom:
    """A failure mode was looked for: the figure, and the cases that show it; `seen` if it passes its limit."""

    seen: bool
    arm: str
    figure: str
    cases: tuple[str, ...] = ()
    harm: Estimate | None = None  # share of questions that it spoils otherwise than by failing them: uncited, slow, ...


@dataclass(frozen=True, slots=True)
class DiagnosedRun:
    """The run under diagnosis."""

    sheet: ScoreSheet
    answers: Mapping[tuple[str, str], Answer]  # (arm, case id) of the test split
    cases: Mapping[str, Case] = field(default_factory=dict)  # of the test split, by id

    def arm(self, retriever: bool, adapter: bool) -> str | None:
        """The plain arm of this kind: without examples in the prompt."""
        kind = (retriever, adapter, False)
        arms = (arm for arm in self.sheet.arms.values() if not arm.beside)
        return next((a.name for a in arms if (a.retriever, a.adapter is not None, a.few_shot) == kind), None)

    @property
    def passage_arm(self) -> str | None:
        """The plain arm with passages: the untuned one where it ran."""
        return self.arm(True, False) or self.arm(True, True)

    @property
    def candidate_arms(self) -> tuple[str, ...]:
        """The candidate, and the arm that is given the same passages where it is given any: what ails it, too."""
        candidate = self.sheet.figures.candidate
        row = self.sheet.arms.get(candidate)
        reads = self.passage_arm if row is not None and row.retriever else None
        return (candidate,) if reads is None else (candidate, reads)

    @property
    def tuned_arms(self) -> tuple[str, ...]:
        """Every arm with an adapter."""
        return tuple(a.name for a in self.sheet.arms.values() if a.adapter is not None and not a.beside)

    def value(self, arm: str, metric: str, case: str) -> float | None:
        """A metric of one answer; None where it has none."""
        return self.sheet.values.get((arm, metric), {}).get(case)

    def inapplicable(self, arm: str, metric: str, case: str) -> bool:
        """Whether a metric has no meaning for an answer."""
        return (arm, metric, case) in self.sheet.inapplicable

    def questions(self, arm: str) -> list[str]:
        """Cases that the arm was asked and that task success has a meaning for, in order."""
        row = self.sheet.values.get((arm, "task_success"), {})
        return [case for case in self.sheet.cases if case in row]

    def failures(self, arm: str) -> list[str]:
        """Of these, the ones that it did not get right: wrong, unscored or without an answer."""
        return [case for case in self.questions(arm) if self.value(arm, "task_success", case) != 1.0]

    def informed(self, arm: str) -> list[str]:
        """Cases whose whole evidence stood in the prompt and whose question was not refused."""
        full = [case for case, recall in self.sheet.column(arm, "recall@k").items() if recall == 1.0]
        return [case for case in full if (arm, case) in self.answers and not self.answers[arm, case].refused]

    def same_words(self, arm: str, other: str, case: str) -> bool:
        """Whether two arms gave the same answer, case and spacing aside."""
        texts = [self.answers[name, case].text for name in (arm, other) if (name, case) in self.answers]
        return len(texts) == 2 and len({" ".join(text.casefold().split()) for text in texts}) == 1

    def share(self, arm: str, cases: Iterable[str]) -> Estimate:
        """These cases' share of all that the arm was asked."""
        these, every = set(cases), self.questions(arm)
        return stats.rate([float(case in these) for case in every], self.sheet.labels(every))


Detector = Callable[[DiagnosedRun], Symptom | Unmeasured]


def share_of(
    arm: str,
    cases: list[str],
    out_of: list[str],
    says: str,
    harm: Estimate | None = None,
    limit: float = LIMITS.share,
) -> Symptom | Unmeasured:
    """A symptom by its share of cases."""
    if not out_of:
        return Unmeasured(f"no case of {arm} could show it")
    share = len(cases) / len(out_of)
    frequent = share >= limit and len(cases) >= LIMITS.cases
    figure, _ = against(share, limit, "fraction", ">=")
    return Symptom(frequent, arm, f"{len(cases)} of {len(out_of)} {says} ({figure})", tuple(cases), harm)


def below_zero(change: Estimate) -> bool:
    """Whether its whole interval is; where it is not, as many answers may have been won as were lost."""
    return change.high is not None and change.high < 0
