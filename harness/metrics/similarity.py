"""How near an answer is in meaning to a reference that is a sentence: cosine of two embeddings. Informative only.

    'You may borrow one for three days.' to 'A kayak may be lent for 3 days.'    # about 0.6 by MiniLM

Embeddings say what a text is about, not whether it is right: 'for 5 days' is as near as 'for 3 days'. That is why it
decides nothing, and why an accepted answer of a word or two, which stands in an answer or not, has no similarity. The
embedding is done beforehand, by a step of the run (`harness/stages/likeness.py`); here its value is read.
"""

from __future__ import annotations

from harness.metrics.reading import Reading
from harness.references import is_reference
from harness.types import Case, Unscored

NAME = "similarity"  # in the table of metrics


def has_similarity(case: Case) -> bool:
    """Whether a case has a reference in sentences to be near to."""
    return case.kind != "unanswerable" and is_reference(case.accept)


def similarity(reading: Reading) -> float | Unscored:
    """Cosine of the answer to its nearest reference sentence, below 0 as 0; a refusal is 0."""
    if not has_similarity(reading.case):
        return Unscored("the case has no reference sentence to be near to", applicable=False)
    if reading.answer.refused:
        return 0.0
    if reading.similarity is None:
        return Unscored("the answer was not embedded; run the scenario again")
    return reading.similarity
