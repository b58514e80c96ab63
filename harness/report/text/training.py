"""One training as lines: what was trained, its losses step by step, whether it overfits."""

from __future__ import annotations

from pathlib import Path

from harness.record.measurements import AdapterSection
from harness.stats.numbers import show_count

MOST_PLACES = 3  # examples that are named of those left out


def training_text(arm: str, adapter: AdapterSection, folder: Path) -> str:
    """The text that `harness tune` prints of an arm's adapter."""
    weights = f"{adapter.trainable:,} of {adapter.parameters:,} weights ({100 * adapter.share:.2f} %)"
    lines = [
        f"{arm}: adapter {adapter.id} on {adapter.base.name}",
        f"  trained {weights}, {rows_text(adapter)}, {adapter.epochs:.1f} epochs, {adapter.seconds:.0f} s",
        *_left_out(adapter),
        "  step    train loss   held-out loss",
    ]
    for point in adapter.curve:
        mark = "  kept" if point.step == adapter.best_step else ""
        lines.append(f"  {point.step:>4} {_loss(point.train_loss)} {_loss(point.eval_loss)}{mark}")
    flag = "OVERFIT: " if adapter.overfit else ""
    return "\n".join([*lines, f"  {flag}{adapter.overfit_reason}", f"  {folder}"])


def rows_text(adapter: AdapterSection) -> str:
    """What it was trained on: `20 pairs`, `24 examples (19 with the oracle, 5 refusing without it)`."""
    kinds = [f"{count:,} {kind}" for kind, count in adapter.counts.kinds.items() if count]
    number = show_count(adapter.examples, "pair" if adapter.method == "dpo" else "example")
    return f"{number} ({', '.join(kinds)})" if kinds else number


def _left_out(adapter: AdapterSection) -> list[str]:
    """Examples that training had no room for, counted and named."""
    if not adapter.too_long:
        return []
    rows = adapter.counts.examples + adapter.counts.replay
    places = ", ".join(adapter.too_long[:MOST_PLACES]) + (", ..." if len(adapter.too_long) > MOST_PLACES else "")
    message = f"{len(adapter.too_long)} of {rows} examples are longer than the window and were left out ({places})"
    return [f"  {message}; shorten them or raise tuning.max_length"]


def _loss(value: float | None) -> str:
    return f"{'-':>13}" if value is None else f"{value:>13.3f}"
