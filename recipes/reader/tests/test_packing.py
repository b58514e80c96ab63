"""Packs: every question is read as if it stood alone, no answer is seen by another, and nothing is lost."""

from __future__ import annotations

import pytest
import torch

from recipes.reader import lean
from recipes.reader.packing import Branch, Encoded, pack, packs


def _conversation(start: int, beginning: int = 5, branches: int = 3) -> Encoded:
    numbers = iter(range(start, 400))

    def take(count: int) -> tuple[int, ...]:
        return tuple(next(numbers) for _ in range(count))

    return Encoded(take(beginning), tuple(Branch(take(3), take(2)) for _ in range(branches)))


def _tiny(kind: torch.dtype) -> lean.Base:
    shape = lean.Shape(layers=2, hidden=16, heads=4, shared=2, size=4, theta=10_000.0, epsilon=1e-5)
    drawn = torch.Generator().manual_seed(1)
    sizes = {"q": (16, 16), "k": (8, 16), "v": (8, 16), "o": (16, 16), "g": (24, 16), "u": (24, 16), "d": (16, 24)}
    weights = {"model.embed_tokens.weight": torch.randn(400, 16, generator=drawn), "model.norm.weight": torch.ones(16)}
    for layer in range(2):
        for key, size in sizes.items():
            weights[f"model.layers.{layer}.{lean.LINEAR[key]}.weight"] = torch.randn(size, generator=drawn) / 4
        for norm in ("input_layernorm", "post_attention_layernorm"):
            weights[f"model.layers.{layer}.{norm}.weight"] = torch.ones(16)
    return lean.Base(shape, {name: tensor.to(kind) for name, tensor in weights.items()})


@pytest.mark.parametrize(("kind", "error"), [(torch.bfloat16, 0.02), (torch.float32, 1e-5)])
@pytest.mark.parametrize("block", [128, 16, 7])
def test_a_question_in_a_pack_has_the_loss_that_it_has_alone(
    block: int, kind: torch.dtype, error: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = _tiny(kind)
    pupil = lean.student(base, lean.new_lora(base, 2, 1), 2.0, compiled=False)
    first, second = _conversation(1), _conversation(100, 7, 2)
    alone = [
        pupil.loss(pack([Encoded(one.beginning, (branch,))], 24)) for one in (first, second) for branch in one.branches
    ]
    monkeypatch.setattr(lean, "BLOCK", block)  # queries of one block: the answer does not depend on it
    monkeypatch.setattr(lean, "MOST_BLOCKS", 64)
    together = pupil.loss(pack([first, second], 64))
    assert torch.allclose(together, sum(alone), rtol=error)  # type: ignore[arg-type]


def test_a_long_answer_weighs_more_than_a_short_one_but_not_by_its_length() -> None:
    one = Encoded((1, 2), (Branch((3,), (4, 5, 6, 7)), Branch((3,), (8,))))
    weights = pack([one], 16).weights
    assert torch.allclose(weights, torch.tensor([1.0, 0.5, 0.5, 0.5, 1.0]))


def test_targets_are_the_answers_tokens() -> None:
    one = _conversation(1)
    drawn = pack([one], 40)
    assert drawn.targets.tolist() == [token for branch in one.branches for token in branch.answer]
    assert drawn.tokens[drawn.predicting + 1].tolist() == drawn.targets.tolist()


def test_every_conversation_is_packed_once_and_long_ones_are_left_out() -> None:
    drawn = [_conversation(1, size, 2) for size in (5, 20, 9, 3, 14, 60, 8)]
    groups = list(packs(drawn, 40, waiting=3))
    assert sorted(len(one) for group in groups for one in group) == sorted(len(d) for d in drawn if len(d) <= 40)
    assert all(sum(map(len, group)) <= 40 for group in groups)
