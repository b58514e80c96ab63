"""Groundedness and hallucination by the local claim detector (`support`), against the passages that were shown."""

from __future__ import annotations

from harness.metrics.reading import Reading
from harness.types import Unscored


def groundedness(reading: Reading) -> float | Unscored:
    """Supported claims / claims of the answer."""
    reason = _not_judged(reading)
    if reason is not None:
        return reason
    if not reading.claims:
        return Unscored("the answer claims nothing that could be checked")
    return sum(claim.supported for claim in reading.claims) / len(reading.claims)


def hallucination(reading: Reading) -> float | Unscored:
    """1 if at least one claim of the answer is unsupported; its mean is over the answers that are no refusals."""
    reason = _not_judged(reading)
    return float(not all(claim.supported for claim in reading.claims)) if reason is None else reason


def _not_judged(reading: Reading) -> Unscored | None:
    if reading.answer.refused:
        return Unscored("a refusal claims nothing", applicable=False)
    if reading.case.kind == "style" and not reading.case.evidence:
        return Unscored("the case asks for form; nothing in the corpus could support its answer", applicable=False)
    return Unscored(reading.grammar) if isinstance(reading.grammar, str) else None
