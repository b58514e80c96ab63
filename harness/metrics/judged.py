"""Metrics whose values a judge gives, through ragas or deepeval: what each needs of a case and an answer to be asked.

The judging itself is a step of the run (`harness/stages/judge.py`); here its values are read. A judgement that could
not be had (an unparsable reply, a timeout, a refusal of the judge) is unscored with that reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.metrics.reading import Reading
from harness.references import is_reference
from harness.scenario.settings import JudgeSettings
from harness.scenario.style import StyleRules
from harness.types import Answer, Case, Unscored


@dataclass(frozen=True, slots=True)
class Needs:
    """Whatever a metric cannot do without."""

    passages: bool = False  # in the prompt
    reference: bool = False  # an accepted answer
    evidence: bool = False  # items of evidence of the case
    claims: bool = False  # an answer that is no refusal
    answer: bool = False  # a case that has an answer


NEEDS: Mapping[str, Needs] = {
    "ragas_faithfulness": Needs(passages=True, claims=True),
    "ragas_answer_correctness": Needs(reference=True),
    "ragas_context_precision": Needs(passages=True, reference=True),
    "ragas_context_recall": Needs(passages=True, reference=True),
    "ragas_answer_relevancy": Needs(),
    "ragas_noise_sensitivity": Needs(passages=True, reference=True, claims=True),
    "deepeval_faithfulness": Needs(passages=True, claims=True),
    "deepeval_hallucination": Needs(evidence=True, claims=True),
    "deepeval_toxicity": Needs(),
    "deepeval_tone": Needs(claims=True),
    "deepeval_completeness": Needs(answer=True),
    "deepeval_criteria": Needs(),
}
OF_STYLE = ("deepeval_tone", "deepeval_completeness")  # for cases that the house style is for


def rubrics(judge: JudgeSettings) -> dict[str, str]:
    """Metric -> the scenario's own words that it holds an answer to; without those that have none."""
    words = {
        "deepeval_tone": judge.tone,
        "deepeval_completeness": judge.completeness,
        "deepeval_criteria": judge.criteria,
    }
    return {name: text for name, text in words.items() if text is not None}


CORRECTNESS = "ragas_answer_correctness"
RIGHT = 0.5  # of answer correctness, from which on a judge takes an answer for right


def reference_of(case: Case) -> str | None:
    """The accepted answer that a judge is shown: the first that is a sentence, else the first; None without any."""
    if case.kind == "unanswerable":
        return None
    return next((text for text in case.accept if is_reference([text])), next(iter(case.accept), None))


def missing(name: str, case: Case, answer: Answer, style: StyleRules | None = None) -> Unscored | None:
    """Why a judge is not asked for this metric of an answer; None where it is asked."""
    needs = NEEDS[name]
    if case.split != "test":
        return Unscored("only cases of the test split are judged", applicable=False)
    if name in OF_STYLE and style is not None and case.category not in style.categories:
        return Unscored("the house style is not for cases of this category", applicable=False)
    if needs.answer and case.kind == "unanswerable":
        return Unscored("the case has no answer", applicable=False)
    if needs.reference and reference_of(case) is None:
        return Unscored("the case has no accepted answer", applicable=False)
    if needs.evidence and not case.evidence:
        return Unscored("the case has no evidence", applicable=False)
    if needs.passages and not answer.hits:
        return Unscored("no passages were given", applicable=False)
    if needs.claims and answer.refused:
        says = "has its own words" if name in OF_STYLE else "claims nothing"
        return Unscored(f"a refusal {says}", applicable=False)
    return None if answer.text.strip() else Unscored("the answer has no words")


def judge_value(name: str, reading: Reading) -> float | Unscored:
    """The value that the judge gave."""
    if reading.judged is None:
        return Unscored("no judge is asked", applicable=False)
    reason = missing(name, reading.case, reading.answer, reading.style)
    if reason is not None:
        return reason
    return reading.judged.get(name, Unscored("not judged; run the scenario again"))


def judged_right(reading: Reading) -> float | Unscored | None:
    """Whether the judge's answer correctness makes the answer right; None where it was not asked for it."""
    value = None if reading.judged is None else reading.judged.get(CORRECTNESS)
    return value if value is None or isinstance(value, Unscored) else float(value >= RIGHT)
