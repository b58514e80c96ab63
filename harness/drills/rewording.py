"""A question in other words, by rule: the same question to a reader, another string to a model.

reworded("How much does the Reed plan cost?", "hd-001")   # 'One thing I need: what does the Reed plan cost in money?'

Rules and not a model, so that a drill costs nothing, is the same in every run and can be read here. A scenario that has
paraphrases of its own (`drills.paraphrases`) uses those where it has them; the record says how many came from where.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.files.hashing import content_hash

# (pattern at the question's start, what is said instead); the first that fits is taken
_OPENINGS: tuple[tuple[str, str], ...] = (
    (r"how much (does|do|did|will|would) (.+?) cost\b", r"what \1 \2 cost in money"),
    (r"how much is\b", "what is the amount of"),
    (r"how much are\b", "what are the amounts of"),
    (r"how long (is|are)\b", r"what length of time \1"),
    (r"how long\b", "for what length of time"),
    (r"how many\b", "what number of"),
    (r"how often\b", "with what frequency"),
    (r"how far\b", "by what distance"),
    (r"how do i\b", "in what way do I"),
    (r"how can i\b", "in what way can I"),
    (r"what time\b", "at what hour"),
    (r"when\b", "at what time"),
    (r"where\b", "in what place"),
    (r"why\b", "for what reason"),
    (r"who\b(?!se)", "which person or group"),
    (r"which\b", "what"),
    (r"what is\b", "could you tell me what this is:"),
    (r"what are\b", "could you tell me what these are:"),
    (r"(can|may) i\b", r"is it so that I \1"),
)
# words that mean the same in a question about how things are; never a name, a number or a unit
_WORDS: dict[str, str] = {
    "need": "require", "buy": "purchase", "begin": "start", "begins": "starts", "starts": "begins", "ends": "finishes",
    "big": "large", "cheapest": "least expensive", "allowed": "permitted", "maximum": "highest possible",
    "minimum": "lowest possible", "every": "each", "about": "regarding", "someone": "a person", "near": "close to",
    "broken": "damaged", "largest": "biggest", "smallest": "tiniest", "company": "firm", "firm": "company",
}  # fmt: skip
_FRAMES: tuple[str, ...] = (
    "One thing I need: {}",
    "A question from my side. {}",
    "Please look this up for me: {}",
    "I am trying to find out: {}",
    "Somebody asked me this: {}",
)
_SWAPPED = 2  # words that are replaced at most: more would change what is asked


def reworded(question: str, key: str) -> str:
    """The question by another opening, up to two other words, and inside another frame.

    Args:
        question: one question or message.
        key: decides the frame; the same key gives the same rewording.
    """
    core = _other_opening(_swap_words(" ".join(question.split())))
    frame = _FRAMES[int(content_hash([key, question]), 16) % len(_FRAMES)]
    sentence = frame.index("{}") >= 2 and frame[frame.index("{}") - 2] == "."
    return frame.format(core[0].upper() + core[1:] if sentence else _lower_start(core))


def _other_opening(question: str) -> str:
    for pattern, instead in _OPENINGS:
        opening = re.match(pattern, question, re.IGNORECASE)
        if opening:
            return opening.expand(instead) + question[opening.end() :]
    return question


def _swap_words(question: str) -> str:
    words: Sequence[str] = question.split(" ")
    swaps = _SWAPPED
    swapped = []
    for word in words:
        bare = word.rstrip("?,.!")
        instead = _WORDS.get(bare) if swaps else None  # only words in lower case: a capital may be a name
        swaps -= instead is not None
        swapped.append(word if instead is None else instead + word[len(bare) :])
    return " ".join(swapped)


def _lower_start(text: str) -> str:
    """The first letter small, unless its word may be a name, a code or 'I'."""
    first = text.split(" ", 1)[0]
    openers = {"what", "which", "how", "is", "are", "do", "does", "could", "can", "may", "at", "in", "by", "for",
               "with", "if", "the", "a", "an", "on", "to", "please", "my", "we"}  # fmt: skip
    return text[0].lower() + text[1:] if first.lower().rstrip(",") in openers else text
