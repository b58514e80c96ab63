"""Passages fit the limit, lose nothing and keep their ids when something else in the document changes."""

from __future__ import annotations

import random
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.retrieval.chunk import chunk, split
from harness.scenario.settings import RetrievalSettings
from harness.types import Document

SMALL = RetrievalSettings(chunk_tokens=20, overlap_tokens=4)
HANDBOOK = """# Handbook

Updated: 2026-03-02

## Refunds

A refund can be asked for within 14 days. Send the form to the billing desk. The money is back within a week.

### Exceptions

Gift cards are never refunded. Custom orders are refunded at half their price when they were not shipped.

## Badges

Badges open at 8 am. A lost badge costs 15 EUR and is replaced the same day at the front desk in the lobby.
"""


def words(text: str) -> int:
    return len(text.split())


def test_passages_hold_at_most_the_limit_and_every_sentence() -> None:
    passages = chunk(Document("h.md", "Handbook", HANDBOOK), SMALL, words)
    assert all(words(p.text) <= SMALL.chunk_tokens for p in passages)
    joined = " ".join(p.text for p in passages)
    assert all(sentence in joined for sentence in ("within 14 days.", "never refunded.", "15 EUR"))


def test_a_passage_knows_its_heading_path() -> None:
    passages = chunk(Document("h.md", "Handbook", HANDBOOK), SMALL, words)
    assert next(p for p in passages if "Gift cards" in p.text).heading == "Refunds > Exceptions"
    assert {p.title for p in passages} == {"Handbook"}


def test_small_neighbouring_sections_share_a_passage() -> None:
    text = "# T\n\n## One\n\nFirst fact.\n\n## Two\n\nSecond fact."
    (passage,) = chunk(Document("t.md", "T", text), SMALL, words)
    assert passage.text == "One\n\nFirst fact.\n\nTwo\n\nSecond fact."


def test_ids_survive_an_edit_elsewhere() -> None:
    before = chunk(Document("h.md", "Handbook", HANDBOOK), SMALL, words)
    after = chunk(Document("h.md", "Handbook", HANDBOOK.replace("8 am", "7 am")), SMALL, words)
    changed = {p.id for p in before} ^ {p.id for p in after}
    assert len(changed) == 2  # the passage with the hour, before and after


def test_repeated_text_gets_ids_of_its_own() -> None:
    text = "\n\n".join(["The same paragraph of quite a few words, which fills a passage nearly up to the top."] * 3)
    ids = [p.id for p in chunk(Document("r.md", "R", text), replace(SMALL, overlap_tokens=0), words)]
    assert len(set(ids)) == len(ids) == 3


def test_neighbours_overlap_by_whole_words() -> None:
    text = " ".join(f"word{i}" for i in range(60))
    first, second, *_ = chunk(Document("o.txt", "O", text), SMALL, words)
    assert first.text.split()[-SMALL.overlap_tokens :] == second.text.split()[: SMALL.overlap_tokens]


def test_fixed_fills_every_window() -> None:
    passages = chunk(Document("h.md", "X", HANDBOOK.replace("#", "")), replace(SMALL, chunking="fixed"), words)
    assert [words(p.text) for p in passages[:-1]] == [20] * (len(passages) - 1)


def test_a_hash_in_a_code_block_is_no_heading() -> None:
    text = "# Tool\n\n```sh\n# install it\npip install tool\n```\n"
    (passage,) = chunk(Document("c.md", "Tool", text), RetrievalSettings(), words)
    assert passage.heading == ""
    assert "# install it" in passage.text


def test_a_word_without_end_is_cut_even_where_the_tokenizer_counts_it_as_one() -> None:
    passages = chunk(Document("w.txt", "W", "x" * 100_000), SMALL, words)
    assert max(len(p.text) for p in passages) <= 17 * SMALL.chunk_tokens
    assert sum(len(p.text) for p in passages) >= 100_000


def test_semantic_starts_a_passage_where_the_subject_changes() -> None:
    subjects = {"cat": [1.0, 0.0], "tax": [0.0, 1.0]}

    def embed(texts: list[str]) -> np.ndarray:
        return np.array([subjects["cat" if "cat" in t else "tax"] for t in texts], dtype=np.float32)

    text = "The cat sleeps. A cat eats fish. Every cat purrs. The tax is due. A tax is paid. No tax is fun."
    passages = chunk(Document("s.txt", "S", text), replace(SMALL, chunking="semantic"), words, embed)
    assert [("cat" in p.text, "tax" in p.text) for p in passages] == [(True, False), (False, True)]


def test_semantic_without_an_embedder_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="needs an embedder"):
        chunk(Document("s.txt", "S", "a b c"), replace(SMALL, chunking="semantic"), words)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="ab .!?\n#é\t", max_size=400), st.integers(1, 12))
def test_splitting_loses_nothing(text: str, limit: int) -> None:
    pieces = split(text, limit, words)
    assert "".join(piece for piece, _ in pieces) == text
    assert all(words(piece) <= limit for piece, _ in pieces)


def test_every_word_of_a_random_document_is_in_a_passage() -> None:
    draw = random.Random(5)
    text = "".join(draw.choice(["word ", "end. ", "\n", "\n\n", "## head\n"]) + str(i) + " " for i in range(500))
    texts = " ".join(p.text for p in chunk(Document("d.md", "D", text), SMALL, words))
    assert set(re.findall(r"\d+", text)) <= set(re.findall(r"\d+", texts))
