"""Greedy decoding of one prompt with drafts looked up in what is already written (prompt lookup decoding).

    "... The Amber plan costs 12 euros." + "The Amber plan" -> draft " costs 12 euros."

An answer that quotes its passages, or keys that its prompt shows, is already there: what followed the last tokens where
they stood before is put to the model in one pass, and kept as far as the model itself would have written it. The
tokens are those of step-by-step decoding (Leviathan et al. 2023; the draft by look-up: Saxena 2023); only the number of
passes differs. It pays where a pass over ten tokens costs about as much as a pass over one: one request at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

LONGEST_MATCH = 3  # tokens that must have stood together before; fewer where those have not
MOST_DRAFTED = 8  # on two cores a pass over nine tokens costs a fifth more than a pass over one

# (tokens to write behind `used` cached ones, used) -> the token that the model puts after each of them
Forward = Callable[[Sequence[int], int], list[int]]


def decode_one(
    prompt: Sequence[int], first: int, most: int, ends: frozenset[int], forward: Forward
) -> tuple[list[int], bool]:
    """Tokens after `prompt`, at most `most`, and whether an end token (left out) ended them.

    Args:
        prompt: tokens that the cache behind `forward` holds.
        first: the token that the model puts after them.
        forward: writes tokens into the cache behind those that `used` counts; what lay there before is overwritten.
    """
    text, start, fresh = list(prompt), len(prompt), [first]
    while True:
        for token in fresh:
            if token in ends:
                return text[start:], True
            text.append(token)
            if len(text) - start == most:
                return text[start:], False
        guess = draft(text, min(MOST_DRAFTED, most - (len(text) - start) - 1))
        tokens = forward([text[-1], *guess], len(text) - 1)
        right = next((at for at, (a, b) in enumerate(zip(guess, tokens, strict=False)) if a != b), len(guess))
        fresh = tokens[: right + 1]


def draft(text: Sequence[int], most: int) -> list[int]:
    """The tokens behind the last earlier place of the end of `text`: at most `most` tokens, perhaps none."""
    for size in range(min(LONGEST_MATCH, len(text) - 1), 0, -1):
        tail, last = list(text[-size:]), text[-1]
        for end in range(len(text) - 2, size - 2, -1):
            if text[end] == last and list(text[end - size + 1 : end + 1]) == tail:
                return list(text[end + 1 : end + 1 + most]) if most > 0 else []
    return []
