"""Muon for the hidden matrices, AdamW for the rest; the orthogonalisation is shared out among the processes.

Muon: Jordan et al. 2024 (https://kellerjordan.github.io/posts/muon/): momentum, Nesterov, five Newton-Schulz steps with
coefficients (3.4445, -4.7750, 2.0315), update scaled by sqrt(max(1, rows / columns)). float32 throughout: CPUs without
bf16 arithmetic run torch.optim.Muon, which casts to bf16, several times slower.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Parameter

COEFFICIENTS = (3.4445, -4.7750, 2.0315)


def orthogonalise(matrices: Tensor, steps: int = 5) -> Any:
    """Nearest semi-orthogonal matrices, roughly, of a stack (n, rows, columns) with rows <= columns."""
    a, b, c = COEFFICIENTS
    x = matrices / (matrices.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(steps):
        gram = x @ x.transpose(1, 2)
        x = a * x + (b * gram + c * (gram @ gram)) @ x
    return x


class Muon:
    """The optimiser's state for this process's share of the matrices."""

    def __init__(self, matrices: list[Parameter], rank: int, world: int, momentum: float = 0.95) -> None:
        import torch

        self.matrices, self.momentum = matrices, momentum
        self.owned = [i for i in range(len(matrices)) if i % world == rank]
        self.world = world
        self.buffers = {i: torch.zeros_like(matrices[i]) for i in self.owned}

    def step(self, rate: float, decay: float) -> None:
        """One update of every matrix; all processes must call it together."""
        import torch
        import torch.distributed as dist

        flat = torch.zeros(sum(p.numel() for p in self.matrices))
        views = [
            piece.view_as(p)
            for piece, p in zip(torch.split(flat, [p.numel() for p in self.matrices]), self.matrices, strict=True)
        ]
        for group in self._groups().values():
            moved = torch.stack([self._moved(i) for i in group])
            for i, update in zip(group, orthogonalise(moved), strict=True):
                views[i].copy_(update.T if self._tall(i) else update)
        if self.world > 1:
            dist.all_reduce(flat)
        with torch.no_grad():
            for p, update in zip(self.matrices, views, strict=True):
                p.mul_(1 - rate * decay).add_(update, alpha=-rate * max(1.0, p.shape[0] / p.shape[1]) ** 0.5)

    def _tall(self, index: int) -> bool:
        return self.matrices[index].shape[0] > self.matrices[index].shape[1]

    def _groups(self) -> dict[tuple[int, ...], list[int]]:
        groups: dict[tuple[int, ...], list[int]] = {}
        for i in self.owned:
            groups.setdefault(tuple(sorted(self.matrices[i].shape)), []).append(i)
        return groups

    def _moved(self, index: int) -> Tensor:
        grad = self.matrices[index].grad
        assert grad is not None
        buffer = self.buffers[index].lerp_(grad, 1 - self.momentum)
        moved = grad.lerp(buffer, self.momentum)
        return moved.T if self._tall(index) else moved

    def state(self) -> dict[int, Tensor]:
        """Momentum buffers by matrix index."""
        return self.buffers

    def load(self, state: dict[int, Tensor]) -> None:
        """Takes over saved buffers of the same share."""
        for i in self.owned:
            self.buffers[i].copy_(state[i])


def split_parameters(model: Any) -> tuple[list[Parameter], list[Parameter]]:
    """(hidden matrices, embeddings and norms)."""
    hidden = [
        p for name, p in model.named_parameters() if p.ndim == 2 and "embed" not in name and "lm_head" not in name
    ]
    ids = {id(p) for p in hidden}
    return hidden, [p for p in model.parameters() if id(p) not in ids]
