"""Citations held against the evidence of the case.

Precision asks of every cited label whether its passage carries evidence; recall asks of all the evidence that stood in
the prompt how much was cited, so that a passage which retrieval missed is not counted twice.
"""

from __future__ import annotations

from harness.evidence.carry import covered
from harness.metrics.reading import Reading
from harness.types import Unscored

_NO_EVIDENCE = Unscored("the case names no evidence", applicable=False)
_REFUSED = Unscored("a refusal cites nothing", applicable=False)


def citation_precision(reading: Reading) -> float | Unscored:
    """Cited passages that carry evidence / cited labels; a label that was not in the prompt counts as wrong."""
    reason = _no_citation_due(reading)
    if reason is not None:
        return reason
    if not reading.cited:
        return Unscored("nothing is cited")
    return sum(map(bool, reading.cited)) / len(reading.cited)


def citation_recall(reading: Reading) -> float | Unscored:
    """Evidence items that a cited passage carries / evidence items that stood in the prompt."""
    reason = _no_citation_due(reading)
    if reason is not None:
        return reason
    if not reading.cited and not reading.answer.form.demanded:
        return Unscored("a plain answer without citation marks")
    available = covered(reading.in_prompt)
    if not available:
        return Unscored("no evidence stood in the prompt", applicable=False)
    return covered(items for items in reading.cited if items) / available


def _no_citation_due(reading: Reading) -> Unscored | None:
    if not reading.case.evidence:
        return _NO_EVIDENCE
    return _REFUSED if reading.answer.refused else None
