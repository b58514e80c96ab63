"""Groundedness and hallucination, against the passages that were shown: by the local claim detector (`support`), or by
the classifier that `models.grounding` names."""

from __future__ import annotations

from harness.metrics.reading import Grounds, Reading
from harness.types import Unscored


def groundedness(reading: Reading) -> float | Unscored:
    """Supported claims / claims of the answer."""
    grounds = _grounds(reading)
    if isinstance(grounds, Unscored):
        return grounds
    return Unscored("the answer claims nothing that could be checked") if grounds.share is None else grounds.share


def hallucination(reading: Reading) -> float | Unscored:
    """1 if at least one claim of the answer is unsupported; its mean is over the answers that are no refusals."""
    grounds = _grounds(reading)
    return grounds if isinstance(grounds, Unscored) else float(grounds.unsupported)


def has_claims(reading: Reading) -> Unscored | None:
    """Why nothing is looked for in an answer; None where its claims are."""
    if reading.answer.refused:
        return Unscored("a refusal claims nothing", applicable=False)
    if reading.case.kind == "style" and not reading.case.evidence:
        return Unscored("the case asks for form; nothing in the corpus could support its answer", applicable=False)
    return None


def _grounds(reading: Reading) -> Grounds | Unscored:
    reason = has_claims(reading)
    if reason is not None:
        return reason
    if reading.grounds is not None:
        return reading.grounds
    if isinstance(reading.grammar, str):
        return Unscored(reading.grammar)
    flags = [claim.supported for claim in reading.claims]
    return Grounds(sum(flags) / len(flags) if flags else None, not all(flags))
