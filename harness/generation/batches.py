"""Batches by length or by beginning, laid out before the first one runs, so that a resumed run forms the same ones."""

from __future__ import annotations

from collections.abc import Sequence


def plan(lengths: Sequence[int], max_batch: int, token_budget: int) -> list[list[int]]:
    """Indices of `lengths` grouped into batches of similar length, longest first.

    Args:
        lengths: prompt tokens of each prompt.
        max_batch: prompts a batch may hold at most.
        token_budget: upper limit of (longest prompt x prompts) in a batch; a prompt above it gets a batch of its own.

    Pure and stable: equal lengths keep their order. Longest first, so that memory is exhausted at once or never and
    the last batches, which leave a worker idle, are the short ones.
    """
    if max_batch < 1 or token_budget < 1:
        raise ValueError(f"max_batch and token_budget must be at least 1, got {max_batch} and {token_budget}")
    batches: list[list[int]] = []
    room = 0
    for index in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        if room < 1:
            batches.append([])
            room = max(1, min(max_batch, token_budget // max(1, lengths[index])))
        batches[-1].append(index)
        room -= 1
    return batches


def plan_alike(rows: Sequence[list[int]], new: int, max_batch: int, token_budget: int) -> list[list[int]]:
    """Indices of `rows` (token ids) grouped into batches of rows that begin alike, the widest batch first.

    In the order of their tokens each row shares as much as can be with the one before it. `new`: tokens that each row
    grows by; the limits are those of `plan`. Pure and stable.
    """
    batches: list[list[int]] = []
    width = 0
    for index in sorted(range(len(rows)), key=lambda i: (rows[i], i)):
        width = max(width, len(rows[index]) + new)
        if not batches or len(batches[-1]) == max_batch or width * (len(batches[-1]) + 1) > token_budget:
            batches.append([])
            width = len(rows[index]) + new
        batches[-1].append(index)
    widths = [max(len(rows[index]) for index in batch) for batch in batches]
    return [batches[at] for at in sorted(range(len(batches)), key=lambda at: (-widths[at], at))]


def common(first: Sequence[int], second: Sequence[int]) -> int:
    """Length of the common beginning of two token rows."""
    for at, (a, b) in enumerate(zip(first, second, strict=False)):
        if a != b:
            return at
    return min(len(first), len(second))


def shared_prefix(rows: Sequence[list[int]]) -> int:
    """Length of the longest common prefix of token rows that leaves each row at least one token of its own."""
    if not rows:
        return 0
    first, last = min(rows), max(rows)  # the lexicographic extremes share what all share
    return max(0, min(common(first, last), min(len(row) for row in rows) - 1))
