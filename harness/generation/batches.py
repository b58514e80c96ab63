"""Length-sorted batches, laid out before the first one runs, so that a resumed run forms the same batches."""

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


def shared_prefix(rows: Sequence[list[int]]) -> int:
    """Length of the longest common prefix of token rows that leaves each row at least one token of its own."""
    if not rows:
        return 0
    first, last = min(rows), max(rows)  # the lexicographic extremes share what all share
    limit = min(len(row) for row in rows) - 1
    for position in range(max(0, limit)):
        if first[position] != last[position]:
            return position
    return max(0, limit)
