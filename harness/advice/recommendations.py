"""The four recommendations: one row each, with every name it goes by and the kind of arm it asks for.

RECOMMENDATIONS["fine_tune"].name    # 'fine-tuning'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Outcome = Literal["rag", "fine_tune", "both"]
Recommendation = Literal["rag", "fine_tune", "both", "rag_first"]
FirstStep = Literal["rag", "prompt"]


@dataclass(frozen=True, slots=True)
class RecommendationRow:
    """The names of a recommendation, and the kind of arm that follows it."""

    name: str  # inside a sentence or a table
    full_name: str  # where it stands alone beside a measurement
    headline: str
    imperative: str  # "Build RAG, because ..."
    glyph: str  # shape beside colour: never colour alone
    retriever: bool  # it asks for an arm with passages in its prompt
    adapter: bool  # it asks for an arm with an adapter

    @property
    def kind(self) -> tuple[bool, bool]:
        """(uses a retriever, uses an adapter), to compare with an arm's."""
        return self.retriever, self.adapter


RECOMMENDATIONS: Mapping[Recommendation, RecommendationRow] = MappingProxyType(
    {
        "rag": RecommendationRow("RAG", "RAG", "Build RAG", "Build RAG", "◆", retriever=True, adapter=False),
        "fine_tune": RecommendationRow(
            "fine-tuning", "fine-tuning", "Fine-tune", "Fine-tune", "▲", retriever=False, adapter=True
        ),
        "both": RecommendationRow(
            "both", "both", "RAG and fine-tuning", "Build RAG and fine-tune on top", "◈", retriever=True, adapter=True
        ),
        "rag_first": RecommendationRow(
            "RAG first",
            "RAG first, tuning later",
            "RAG first, tune later",
            "Start with RAG and tune later",
            "◇",
            retriever=True,
            adapter=False,
        ),
    }
)


def row_of(name: str | None) -> RecommendationRow | None:
    """The row of a recommendation that a record names; None for none, or for one of a later version."""
    return next((row for key, row in RECOMMENDATIONS.items() if key == name), None)
