"""Claims of answers held against the passages that were shown, by a classifier.

Long passages are read in windows. A claim is as supported as the window that supports it best: what one passage says
need not stand in the others. (LettuceDetect itself takes the worst of several windows, so that no fact that stands in
one of them alone could ever be supported.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from harness.judges.classifiers import TOKENS, Classifier, windows
from harness.metrics.language import sentences
from harness.metrics.support import claims

SUPPORTED = 0.5  # probability from which on a claim counts as supported
LEAST = 16  # tokens of a passage beside the claim, below which nothing can be read
PROMPT = (  # what LettuceDetect was trained on
    "Briefly answer the following question:\n{question}\nBear in mind that your response should be strictly based on "
    "the following {count} passages:\n{passages}\nIn case the passages do not contain the necessary information to "
    'answer the question, please reply with: "Unable to answer based on given passages."\noutput:'
)


@dataclass(frozen=True, slots=True)
class ReadAnswer:
    """An answer with what it was given."""

    id: str
    question: str
    text: str  # without citation marks
    passages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DetectedAnswer:
    """The claims of one answer."""

    case: str
    support: tuple[float, ...] = ()  # of each claim, from 0 to 1
    reason: str | None = None  # why nothing could be said


def detect(
    answers: Sequence[ReadAnswer], classifier: Classifier, done: Callable[[int], None] = lambda count: None
) -> list[DetectedAnswer]:
    """One row an answer, in order.

    Args:
        done: called with the number of answers that have been read.
    """
    read = _by_tokens if classifier.kind.form == TOKENS else _by_claims
    rows = []
    for count, answer in enumerate(answers, start=1):
        rows.append(read(answer, classifier))
        done(count)
    return rows


def _by_claims(answer: ReadAnswer, classifier: Classifier) -> DetectedAnswer:
    own = claims(answer.text)
    pairs: list[tuple[str, str]] = []
    of: list[int] = []  # the claim of each pair
    for i, claim in enumerate(own):
        room = classifier.window - classifier.around - classifier.count(claim)
        if room < LEAST:
            return _too_long(answer.id, "a claim", classifier)
        texts = [text for passage in answer.passages for text in windows(passage, room, classifier.count, sentences)]
        pairs += [(text, claim) for text in texts]
        of += [i] * len(texts)
    scores = classifier.support(pairs)
    best = [max((s for s, i in zip(scores, of, strict=True) if i == claim), default=0.0) for claim in range(len(own))]
    return DetectedAnswer(answer.id, tuple(best))


def _by_tokens(answer: ReadAnswer, classifier: Classifier) -> DetectedAnswer:
    own = list(_places(answer.text))
    around = classifier.count(_prompt(answer, [""])) + classifier.count(answer.text) + classifier.around
    room = classifier.window - around - 4 * len(answer.passages)  # 'passage 1: ' before each
    if room < LEAST:
        return _too_long(answer.id, "the answer", classifier)
    reads = [
        classifier.token_support(_prompt(answer, group), answer.text) for group in _groups(answer, classifier, room)
    ]
    tokens = (
        [(start, end, max(read[i][2] for read in reads)) for i, (start, end, _) in enumerate(reads[0])] if reads else []
    )
    support = [
        min((score for start, end, score in tokens if start < last and end > first), default=0.0) for first, last in own
    ]
    return DetectedAnswer(answer.id, tuple(support))


def _places(text: str) -> Iterator[tuple[int, int]]:
    """(start, end) of each claim in the answer."""
    at = 0
    for claim in claims(text):
        start = text.find(claim, at)
        if start < 0:  # its white space was folded: from where the last one ended
            start = at
        at = min(len(text), start + len(claim))
        yield start, at


def _groups(answer: ReadAnswer, classifier: Classifier, room: int) -> Iterator[list[str]]:
    """Passages, or pieces of long ones, as many together as fit."""
    group: list[str] = []
    size = 0
    for passage in answer.passages:
        for piece in windows(passage, room, classifier.count, sentences):
            count = classifier.count(piece)
            if group and size + count > room:
                yield group
                group, size = [], 0
            group.append(piece)
            size += count
    if group:
        yield group


def _prompt(answer: ReadAnswer, passages: Sequence[str]) -> str:
    lines = "\n".join(f"passage {i}: {text}" for i, text in enumerate(passages, start=1))
    return PROMPT.format(question=answer.question, count=len(passages), passages=lines)


def _too_long(id: str, what: str, classifier: Classifier) -> DetectedAnswer:
    return DetectedAnswer(id, reason=f"{what} is longer than {classifier.name} reads ({classifier.window} tokens)")
