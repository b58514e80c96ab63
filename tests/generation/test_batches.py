"""Batches of prompts of like length, and what a batch shares."""

from __future__ import annotations

import pytest

from harness.generation.batches import plan, shared_prefix


def test_plan_groups_similar_lengths_within_both_limits():
    assert plan([5, 50, 6, 49, 5], max_batch=2, token_budget=1000) == [[1, 3], [2, 0], [4]]
    assert plan([10, 10, 10], max_batch=8, token_budget=20) == [[0, 1], [2]]
    assert plan([99, 1], max_batch=8, token_budget=20) == [[0], [1]]
    assert plan([], max_batch=8, token_budget=20) == []
    with pytest.raises(ValueError, match="at least 1"):
        plan([1], max_batch=0, token_budget=1)


def test_shared_prefix_leaves_every_row_a_token():
    assert shared_prefix([[1, 2, 3], [1, 2, 4]]) == 2
    assert shared_prefix([[1, 2, 3], [1, 2, 3]]) == 2
    assert shared_prefix([[1], [1, 2]]) == 0
    assert shared_prefix([]) == 0
