"""What `harness tune` prints of a training."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.report.text.training import rows_text, training_text
from tests.make.parts import adapter


def test_examples_that_were_left_out_are_counted_and_named() -> None:
    whole = adapter("tune")
    assert "left out" not in training_text("tune", whole, Path("folder"))
    places = tuple(f"train.jsonl:{line}" for line in range(7, 12))
    counts = replace(whole.counts, examples=30, replay=0, too_long=5)
    text = training_text("tune", replace(whole, counts=counts, too_long=places), Path("folder"))
    assert "5 of 30 examples are longer than the window and were left out (train.jsonl:7, train.jsonl:8" in text
    assert "train.jsonl:10" not in text


@pytest.mark.parametrize(
    ("method", "rows", "kinds", "says"),
    [
        ("sft", 1, {}, "1 example"),
        ("dpo", 20, {}, "20 pairs"),
        (
            "raft",
            25,
            {"with the oracle": 20, "refusing": 5, "unanswerable": 0},
            "25 examples (20 with the oracle, 5 refusing)",
        ),
    ],
)
def test_what_it_was_trained_on_is_counted_by_kind(method: str, rows: int, kinds: dict[str, int], says: str) -> None:
    whole = adapter("tune")
    counts = replace(whole.counts, kinds=kinds)
    assert rows_text(replace(whole, method=method, examples=rows, counts=counts)) == says
