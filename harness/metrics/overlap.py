"""The overlap of an answer with its reference in words: token F1 and ROUGE-L. Beside `correct`, informative only.

    'It lasts 14 days.' to 'The trial lasts 14 days'    # F1 2·3/(4 + 4) = 0.75; ROUGE-L the same, its words in order

Token F1 is that of the SQuAD evaluation (Rajpurkar et al. 2016), ROUGE-L the F measure of Lin 2004 for sentences;
both on this project's normalised words, so that scripts without spaces have words too. The best accepted answer counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from harness.metrics.reading import Reading
from harness.metrics.words import normal_words
from harness.types import Unscored

Words = Sequence[str]


def token_f1(reading: Reading) -> float | Unscored:
    """Words shared with the nearest accepted answer: harmonic mean of their shares of the answer and of it."""
    return _nearest(reading, lambda answer, reference: (Counter(answer) & Counter(reference)).total())


def rouge_l(reading: Reading) -> float | Unscored:
    """The same over the longest run of words, gaps allowed, that both have in one order."""
    return _nearest(reading, _common_run)


def _common_run(answer: Words, reference: Words) -> int:
    from rapidfuzz.distance import LCSseq

    return int(LCSseq.similarity(answer, reference))


def _nearest(reading: Reading, shared: Callable[[Words, Words], int]) -> float | Unscored:
    if reading.case.kind == "unanswerable" or not reading.case.accept:
        return Unscored("the case has no accepted answer to be near to", applicable=False)
    if reading.answer.refused:
        return 0.0
    answer = normal_words(reading.text)
    references = [words for words in map(normal_words, reading.case.accept) if words]
    if not references:
        return Unscored("the accepted answers have no words")
    return max(_f1(shared(answer, words), len(answer), len(words)) for words in references)


def _f1(shared: int, answer: int, reference: int) -> float:
    """2PR/(P + R), with P = shared/answer and R = shared/reference."""
    return 2 * shared / (answer + reference)
