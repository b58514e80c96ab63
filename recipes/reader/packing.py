"""Packing: conversations laid side by side in one sequence, and all questions about a page sharing its tokens.

A conversation is a prompt's beginning (system message and passages) and branches (one question and its answer each).
A branch sees the beginning and itself, never another branch, and its positions go on from the beginning: each question
is read exactly as if it stood alone after the passages, which is how the harness asks.

    [ system + passages | question 1 + answer 1 | question 2 + answer 2 | next conversation ... | padding ]
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

HIDDEN = -30_000.0  # added to the scores of tokens that may not be seen


@dataclass(frozen=True)
class Branch:
    """A question in tokens and its answer with the end token."""

    question: tuple[int, ...]
    answer: tuple[int, ...]


@dataclass(frozen=True)
class Encoded:
    """A conversation in tokens."""

    beginning: tuple[int, ...]
    branches: tuple[Branch, ...]

    def __len__(self) -> int:
        return len(self.beginning) + sum(len(b.question) + len(b.answer) for b in self.branches)


@dataclass(frozen=True)
class Pack:
    """One sequence as tensors."""

    tokens: torch.Tensor  # (length,)
    positions: torch.Tensor  # (length,)
    bias: torch.Tensor  # (length, length), 0 where row may see column
    predicting: torch.Tensor  # where the next token is part of an answer
    targets: torch.Tensor  # those next tokens
    weights: torch.Tensor  # of their losses: the reading is in an answer's first words, the rest is copied


def pack(conversations: Sequence[Encoded], length: int) -> Pack:
    """The conversations as one sequence of `length` tokens, padded. Raises ValueError where they do not fit."""
    import torch

    if sum(map(len, conversations)) > length:
        raise ValueError(f"{sum(map(len, conversations))} tokens in a pack of {length}")
    tokens: list[int] = []
    positions: list[int] = []
    owner: list[int] = []
    branch: list[int] = []
    predicting: list[int] = []
    targets: list[int] = []
    weights: list[float] = []
    for at, conversation in enumerate(conversations):
        start = len(conversation.beginning)
        parts = [(0, conversation.beginning, 0), *(
            (i, b.question + b.answer, start) for i, b in enumerate(conversation.branches, 1)
        )]  # fmt: skip
        for number, ids, first in parts:
            if number:
                answer = conversation.branches[number - 1].answer
                before = len(tokens) + len(ids) - len(answer) - 1
                predicting += range(before, before + len(answer))
                targets += answer
                weights += [1.0, *[len(answer) ** -0.5] * (len(answer) - 1)]  # the first decides on the form as well
            tokens += ids
            positions += range(first, first + len(ids))
            owner += [at] * len(ids)
            branch += [number] * len(ids)
    room = length - len(tokens)
    owner_ids = torch.tensor(owner + [-1] * room)
    branch_ids = torch.tensor(branch + [0] * room)
    order = torch.arange(length)
    seen = (owner_ids[:, None] == owner_ids) & (order[:, None] >= order)
    seen &= (branch_ids == 0) | (branch_ids[:, None] == branch_ids)
    return Pack(
        torch.tensor(tokens + [0] * room), torch.tensor(positions + [0] * room),
        torch.where(seen, 0.0, HIDDEN), torch.tensor(predicting), torch.tensor(targets), torch.tensor(weights),
    )  # fmt: skip


def packs(conversations: Iterable[Encoded], length: int, waiting: int = 24) -> Iterator[list[Encoded]]:
    """Groups of conversations that fill `length` well: the largest that still fits of those waiting comes next."""
    pool: list[Encoded] = []
    group: list[Encoded] = []
    room = length
    source = iter(conversations)
    done = False
    while not done or pool:
        while not done and len(pool) < waiting:
            drawn = next(source, None)
            done = drawn is None
            if drawn is not None and len(drawn) <= length:
                pool.append(drawn)
        fitting = [one for one in pool if len(one) <= room]
        if fitting:
            best = max(fitting, key=len) if group else pool[0]  # the one that waited longest begins
            pool.remove(best)
            group.append(best)
            room -= len(best)
        elif group:
            yield group
            group, room = [], length
    if group:
        yield group
