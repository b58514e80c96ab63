"""Decoding through `transformers`' own `generate`: the path of what `decode.greedy` leaves out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from harness.generation.constrained import Guides, guide_processor
from harness.generation.decode import DecodedRow
from harness.types import Decoding

if TYPE_CHECKING:
    import torch
    from transformers import LogitsProcessor, PreTrainedModel


def generate(
    model: PreTrainedModel,
    rows: Sequence[Sequence[int]],
    decoding: Decoding,
    ends_and_pad: tuple[list[int], int],
    on_first: Callable[[], None],
    guides: Guides | None = None,
) -> list[DecodedRow]:
    """The answers to `rows` (token ids of each prompt), in order.

    Args:
        ends_and_pad: the tokens that end an answer, and the one that fills a row.
        guides: what each row may be written on with; None: anything.
    """
    import torch

    ends, pad = ends_and_pad
    width = max(len(row) for row in rows)
    ids = torch.tensor([[pad] * (width - len(row)) + list(row) for row in rows], device=model.device)
    mask = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows], device=model.device)
    how: dict[str, object] = {"do_sample": False}
    if decoding.temperature > 0:
        torch.manual_seed(decoding.seed)
        how = {"do_sample": True, "temperature": decoding.temperature, "top_k": 0, "top_p": 1.0}
    watch = {
        "logits_processor": [_first_call(on_first), *([guide_processor(guides, width)] if guides is not None else [])]
    }
    with torch.inference_mode():
        out = model.generate(
            input_ids=ids, attention_mask=mask, max_new_tokens=decoding.max_new_tokens, eos_token_id=ends,
            pad_token_id=pad, **how, **watch,
        )  # fmt: skip
    return [_until_end(row, frozenset(ends)) for row in out[:, width:].tolist()]


def _first_call(on_first: Callable[[], None]) -> LogitsProcessor:
    """A logits processor that changes nothing and reports when the first logits are there."""
    from transformers import LogitsProcessor

    class Watch(LogitsProcessor):  # type: ignore[misc]
        first = True

        def __call__(self, input_ids: torch.LongTensor, scores: torch.FloatTensor) -> torch.FloatTensor:
            if self.first:
                self.first = False
                on_first()
            return scores

    return Watch()


def _until_end(tokens: list[int], ends: frozenset[int]) -> DecodedRow:
    for at, token in enumerate(tokens):
        if token in ends:
            return DecodedRow(tokens[:at], stopped=True)
    return DecodedRow(tokens, stopped=False)
