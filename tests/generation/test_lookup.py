"""Drafts change how many passes an answer takes, never its tokens."""

from __future__ import annotations

import random

import pytest

from harness.generation.lookup import MOST_DRAFTED, decode_one, draft


def test_a_draft_is_what_followed_the_longest_match_last_time():
    assert draft([1, 2, 3, 9, 7, 2, 3, 8, 1, 2, 3], 2) == [9, 7]  # 1 2 3 before 2 3
    assert draft([2, 3, 4, 2, 3, 5, 2, 3], 3) == [5, 2, 3]  # the later of two
    assert draft([1, 2, 3], 4) == []
    assert draft([5, 5], 4) == [5]
    assert draft([1, 2, 1], 0) == []
    assert draft([1], 4) == []


@pytest.mark.parametrize("seed", range(30))
def test_tokens_are_those_of_one_step_at_a_time(seed):
    """A 'model' whose next token hangs on the last two: drafts are often right and often wrong."""
    rng = random.Random(seed)
    table = {(a, b): rng.randrange(6) for a in range(6) for b in range(6)}
    prompt, most = [rng.randrange(6) for _ in range(20)], rng.randrange(1, 30)
    ends = frozenset({5}) if seed % 2 else frozenset()
    cache = list(prompt)
    passes = 0

    def forward(tokens, used):
        nonlocal passes
        passes += 1
        assert 0 < len(tokens) <= MOST_DRAFTED + 1
        assert used <= len(cache)
        cache[used:] = tokens
        assert len(cache) <= len(prompt) + most - 1 or most == 1
        return [table[cache[at - 1], cache[at]] for at in range(used, len(cache))]

    expected, stopped = list(prompt), False
    while len(expected) - len(prompt) < most and not stopped:
        token = table[expected[-2], expected[-1]]
        stopped = token in ends
        expected += [] if stopped else [token]
    first = table[prompt[-2], prompt[-1]]
    assert decode_one(prompt, first, most, ends, forward) == (expected[len(prompt) :], stopped)
    assert passes < most
