"""Citations held against the evidence of the case.

Precision asks of every cited label whether its passage carries evidence; recall asks of all the evidence that stood in
the prompt how much was cited, so that a passage which retrieval missed is not counted twice.
"""

from __future__ import annotations

from harness.types import Answer, Case, Unscored

_NO_EVIDENCE = Unscored("the case names no evidence", applicable=False)
_REFUSED = Unscored("a refusal cites nothing", applicable=False)


def citation_precision(case: Case, answer: Answer) -> float | Unscored:
    """Cited passages that carry evidence / cited labels; a label that was not in the prompt counts as wrong."""
    unasked = _not_asked(case, answer)
    if unasked is not None:
        return unasked
    if not answer.cited:
        return Unscored("nothing is cited")
    passages = answer.cited_passages
    right = sum(p is not None and any(item.matches(p) for item in case.evidence) for p in passages)
    return right / len(passages)


def citation_recall(case: Case, answer: Answer) -> float | Unscored:
    """Evidence items that a cited passage carries / evidence items that stood in the prompt."""
    unasked = _not_asked(case, answer)
    if unasked is not None:
        return unasked
    if not answer.cited and not answer.form.demanded:
        return Unscored("a plain answer without citation marks")
    shown = [item for item in case.evidence if any(item.matches(hit.passage) for hit in answer.hits)]
    if not shown:
        return Unscored("no evidence stood in the prompt", applicable=False)
    cited = [passage for passage in answer.cited_passages if passage is not None]
    return sum(any(item.matches(passage) for passage in cited) for item in shown) / len(shown)


def _not_asked(case: Case, answer: Answer) -> Unscored | None:
    if not case.evidence:
        return _NO_EVIDENCE
    return _REFUSED if answer.refused else None
