"""Input and output of a detector: the run under diagnosis, a Symptom, or Unmeasured and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from harness.stats.numbers import against
from harness.types import Answer, Estimate
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


@dataclass(frozen=True, slots=True)
class DiagnosedRun:
    """The run under diagnosis."""

    sheet: ScoreSheet
    answers: Mapping[tuple[str, str], Answer]  # (arm, case id) of the test split

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
    def tuned_arms(self) -> tuple[str, ...]:
        """Every arm with an adapter."""
        return tuple(a.name for a in self.sheet.arms.values() if a.adapter is not None and not a.beside)

    def value(self, arm: str, metric: str, case: str) -> float | None:
        """A metric of one answer; None where it has none."""
        return self.sheet.values.get((arm, metric), {}).get(case)

    def informed(self, arm: str) -> list[str]:
        """Cases whose whole evidence stood in the prompt and whose question was not refused."""
        full = [case for case, recall in self.sheet.column(arm, "recall@k").items() if recall == 1.0]
        return [case for case in full if (arm, case) in self.answers and not self.answers[arm, case].refused]

    def same_words(self, arm: str, other: str, case: str) -> bool:
        """Whether two arms gave the same answer, case and spacing aside."""
        texts = [self.answers[name, case].text for name in (arm, other) if (name, case) in self.answers]
        return len(texts) == 2 and len({" ".join(text.casefold().split()) for text in texts}) == 1


Detector = Callable[[DiagnosedRun], Symptom | Unmeasured]


def share_of(arm: str, cases: list[str], out_of: list[str], says: str) -> Symptom | Unmeasured:
    """A symptom by its share of cases."""
    if not out_of:
        return Unmeasured(f"no case of {arm} could show it")
    share = len(cases) / len(out_of)
    frequent = share >= LIMITS.share and len(cases) >= LIMITS.cases
    figure, _ = against(share, LIMITS.share, "fraction", ">=")
    return Symptom(frequent, arm, f"{len(cases)} of {len(out_of)} {says} ({figure})", tuple(cases))


def below_zero(change: Estimate) -> bool:
    """Whether its whole interval is; where it is not, as many answers may have been won as were lost."""
    return change.high is not None and change.high < 0
