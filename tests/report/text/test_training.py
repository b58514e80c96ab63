"""What `harness tune` prints of a training."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from harness.report.text.training import training_text
from tests.make.parts import adapter


def test_examples_that_were_left_out_are_counted_and_named() -> None:
    whole = adapter("tune")
    assert "left out" not in training_text("tune", whole, Path("folder"))
    places = tuple(f"train.jsonl:{line}" for line in range(7, 12))
    counts = replace(whole.counts, examples=30, replay=0, too_long=5)
    text = training_text("tune", replace(whole, counts=counts, too_long=places), Path("folder"))
    assert "5 of 30 examples are longer than the window and were left out (train.jsonl:7, train.jsonl:8" in text
    assert "train.jsonl:10" not in text
