"""Embedding similarity: to references that are sentences; a refusal is 0; None with the reason without embeddings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from harness.metrics.reading import Reading
from harness.metrics.similarity import similarity
from harness.metrics.table import METRICS
from harness.stages.likeness import nearest
from harness.types import Unscored
from tests.metrics.cases import UNANSWERABLE, answer, case

SENTENCE = "A canoe may be lent for three days, and a paddle for a week."


class Axes:
    """Every known word is an axis; texts are what they say, whatever their order."""

    window = 16

    def counts(self, texts: list[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def embed(self, texts: list[str]) -> Any:
        words = ("canoe", "paddle", "days", "week", "not")
        rows = np.array([[text.lower().count(word) for word in words] for text in texts], dtype=float)
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def test_it_is_neither_compared_nor_a_gate() -> None:
    row = METRICS["similarity"]
    assert (row.compared, row.brief, row.needs_passages) == (False, False, False)


def test_no_sentence_no_similarity() -> None:
    for of in (UNANSWERABLE, case(accept=("14 days",)), case(accept=("14 days", SENTENCE))):
        scored = similarity(Reading(of, answer("14 days"), 0.5))
        assert isinstance(scored, Unscored)
        assert not scored.applicable


def test_a_value_a_refusal_and_no_embedding() -> None:
    of = case(accept=(SENTENCE,))
    assert similarity(Reading(of, answer("For three days."), 0.5)) == 0.5
    assert similarity(Reading(of, answer("No.", refused=True))) == 0.0
    unscored = similarity(Reading(of, answer("For three days.")))
    assert isinstance(unscored, Unscored)
    assert unscored.applicable
    why = Unscored("no embedder")
    assert similarity(Reading(of, answer("For three days."), why)) is why


def test_the_nearest_reference_counts_and_each_text_is_embedded_once() -> None:
    class Counting(Axes):
        seen: list[str]

        def embed(self, texts: list[str]) -> Any:
            self.seen = list(texts)
            return super().embed(texts)

    embedder = Counting()
    texts = {"a": "canoe days", "b": "canoe days", "c": "", "d": "word " * 20, "e": "nothing known"}
    references = dict.fromkeys(texts, ("canoe days", "paddle week"))
    rows = {row.case: row for row in nearest(texts, references, embedder)}  # type: ignore[arg-type]
    assert len(embedder.seen) == len(set(embedder.seen)) == 5
    assert rows["a"].value == rows["b"].value == pytest.approx(1.0)
    assert rows["e"].value == 0.0
    assert (rows["c"].value, rows["c"].reason) == (None, "the answer has no words")
    assert rows["d"].reason == "longer than the 16 tokens that the embedder reads"
