"""What a speed is measured against: this process' own clock, and the rate at which this machine multiplies matrices.

Processor seconds of one thread, so that what else the machine does counts little; caches are shared all the same, and
so the rate is measured again beside every figure.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")
clock = time.process_time


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Processor seconds of some work, and what it gave."""
    start = clock()
    done = work()
    return clock() - start, done


def matrix_rate(model: Any, kind: str = "float32", tokens: int = 384, times: int = 15) -> float:
    """Median GFLOP/s of the widest product of a layer (gate or up projection) over so many tokens."""
    import torch

    inputs, outputs = model.config.hidden_size, model.config.intermediate_size
    x, weight = (torch.randn(rows, inputs).to(getattr(torch, kind)) for rows in (tokens, outputs))
    with torch.inference_mode():
        seconds = [timed(lambda: torch.nn.functional.linear(x, weight))[0] for _ in range(times + 1)][1:]
    return 2 * tokens * inputs * outputs / statistics.median(seconds) / 1e9


def weights_of_products(model: Any) -> tuple[int, int]:
    """Weights that every token meets in the layers, and in the logits of one position."""
    layers = sum(w.numel() for name, w in model.named_parameters() if w.dim() > 1 and ".layers." in name)
    return layers, model.get_output_embeddings().weight.numel()
