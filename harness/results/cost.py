"""Tokens and prices -> the record's cost section: 1,000 questions as C_r (look-ups) + C_g (tokens)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from harness.record.measurements import CostSection
from harness.scenario.settings import Prices
from harness.types import Estimate


def cost_sections(
    metrics: Mapping[str, Mapping[str, Estimate]], prices: Prices, retrievers: Collection[str]
) -> dict[str, CostSection]:
    """Tokens a question and the price of 1,000 questions, by arm.

    `per_1000` is None while every token price is 0: nothing can be said about money then.

    Args:
        metrics: arm -> metric -> Estimate.
        retrievers: the arms that look passages up.
    """
    return {arm: _cost(row, prices, arm in retrievers) for arm, row in metrics.items()}


def _cost(row: Mapping[str, Estimate], prices: Prices, retrieves: bool) -> CostSection:
    read, output = row.get("prompt_tokens"), row.get("completion_tokens")
    generation = _price(read, output, prices)
    retrieval = prices.retrieval_per_1000 if retrieves else 0.0
    return CostSection(
        input_tokens=read,
        output_tokens=output,
        retrieval_per_1000=retrieval,
        generation_per_1000=generation,
        per_1000=None if generation is None else retrieval + generation,
    )


def _price(read: Estimate | None, output: Estimate | None, prices: Prices) -> float | None:
    """1,000 questions' tokens in units of `prices`; None without token prices, or without both counts."""
    if not (prices.input_per_million or prices.output_per_million) or read is None or output is None:
        return None
    if read.mean is None or output.mean is None:
        return None
    return (read.mean * prices.input_per_million + output.mean * prices.output_per_million) / 1000
