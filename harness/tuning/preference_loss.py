"""Direct preference optimisation: the loss that moves a model towards the better of two answers (Rafailov et al. 2023).

    -log sigmoid(beta * ((better - worse) - (better - worse of the reference)))

where an answer's figure is its summed log-probability. The reference is the model that training starts from; its
figures are computed once, before the first step. Same loss and gradient as TRL's `DPOTrainer` (a test compares them);
here the prompt that both answers follow is computed once, and logits where answers are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.tuning.loss import Row, row_losses, shared_keys, shared_tokens

if TYPE_CHECKING:
    import torch

    from harness.tuning.kinds import Trained


@dataclass(frozen=True, slots=True)
class TokenPair:
    """Two conversations in tokens that end in the better and in the worse answer."""

    chosen: Row
    rejected: Row
    margin: float = 0.0  # nats by which the reference holds the better one likelier


def margin_of(model: Trained, pair: TokenPair) -> torch.Tensor:
    """The nats by which a model holds the better answer likelier than the worse one."""
    rows = [pair.chosen, pair.rejected]
    prefix = shared_tokens(model, rows)
    losses = row_losses(model, rows, prefix, shared_keys(model, rows[0].tokens[:prefix]) if prefix else ())
    return losses[1] - losses[0]


def with_margins(model: Trained, pairs: Sequence[TokenPair]) -> list[TokenPair]:
    """The pairs with the reference's figures: those of this model as it stands, without dropout."""
    import torch

    training = model.training
    model.eval()
    with torch.no_grad():
        figures = [float(margin_of(model, pair)) for pair in pairs]
    model.train(training)
    return [TokenPair(pair.chosen, pair.rejected, figure) for pair, figure in zip(pairs, figures, strict=True)]


def backward_pairs(model: Trained, pairs: Sequence[TokenPair], beta: float) -> torch.Tensor:
    """Add the gradients of a batch of pairs to those of the adapter, pair by pair; returns its loss."""
    import torch

    total = torch.zeros(())
    for pair in pairs:
        loss = pair_loss(model, pair, beta) / len(pairs)
        loss.backward()  # type: ignore[no-untyped-call]
        total = total + loss.detach().cpu()
    return total


def mean_pair_loss(model: Trained, pairs: Sequence[TokenPair], beta: float) -> torch.Tensor:
    """The loss of these pairs, without gradients."""
    import torch

    with torch.no_grad():
        return torch.stack([pair_loss(model, pair, beta) for pair in pairs]).mean()


def pair_loss(model: Trained, pair: TokenPair, beta: float) -> torch.Tensor:
    """The loss of one pair."""
    from torch.nn.functional import logsigmoid

    return -logsigmoid(beta * (margin_of(model, pair) - pair.margin))
