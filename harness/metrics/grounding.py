"""Groundedness and hallucination by the local claim detector (`support`), against the passages that were shown."""

from __future__ import annotations

from harness.metrics.support import Support, supports
from harness.types import Answer, Case, Unscored


def groundedness(case: Case, answer: Answer) -> float | Unscored:
    """Supported claims / claims of the answer."""
    judged = judge_claims(case, answer)
    if isinstance(judged, Unscored):
        return judged
    if not judged:
        return Unscored("the answer claims nothing that could be checked")
    return sum(claim.supported for claim in judged) / len(judged)


def hallucination(case: Case, answer: Answer) -> float | Unscored:
    """1 if at least one claim of the answer is unsupported; its mean is over the answers that are no refusals."""
    judged = judge_claims(case, answer)
    return judged if isinstance(judged, Unscored) else float(not all(claim.supported for claim in judged))


def judge_claims(case: Case, answer: Answer) -> list[Support] | Unscored:
    """Every claim of the answer with its judgement and the reason, for a report's drill-down."""
    if answer.refused:
        return Unscored("a refusal claims nothing", applicable=False)
    if not answer.hits:
        return Unscored("no passages were given", applicable=False)
    if case.kind == "style" and not case.evidence:
        return Unscored("the case asks for form; nothing in the corpus could support its answer", applicable=False)
    return supports(answer.text, [hit.passage for hit in answer.hits], case.question)
