"""Batches of prompts of like length, and what a batch shares."""

from __future__ import annotations

import pytest

from harness.generation.batches import common, plan, plan_alike, shared_prefix


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


def test_rows_that_begin_alike_come_into_one_batch():
    rows = [[1, 9, 9], [2, 5], [1, 9], [2, 5, 6, 7], [1, 8]]
    assert plan_alike(rows, 0, max_batch=3, token_budget=1000) == [[1, 3], [4, 2, 0]], "the widest first"
    assert plan_alike([[1, 2], [1, 2]], 0, max_batch=1, token_budget=1) == [[0], [1]]
    assert plan_alike([], 0, max_batch=8, token_budget=8) == []


def test_a_batch_stays_within_its_budget_by_its_widest_row():
    rows = [[1] * length for length in (3, 9, 4, 8, 2)]
    batches = plan_alike(rows, 2, max_batch=8, token_budget=22)
    assert sorted(index for batch in batches for index in batch) == [0, 1, 2, 3, 4]
    assert all(len(batch) * (max(len(rows[i]) for i in batch) + 2) <= 22 for batch in batches)


def test_common_beginning():
    assert common([1, 2, 3], [1, 2, 4]) == 2
    assert common([1, 2], [1, 2, 4]) == 2
    assert common([], [1]) == 0
