"""The profile of each approach: its life in production, as expected before anything is measured.

Source: the decision guide, "Performance Analysis". Figures are the guide's; a run's own measurements replace them in
the report, never here: pass `texts` to show them beside the expectation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.advice.recommendations import Outcome

APPROACHES: tuple[Outcome, ...] = ("rag", "fine_tune", "both")
ProfileTexts = Mapping[str, Mapping[Outcome, str]]  # key of a row -> approach -> what a run measured


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """One property of the three approaches. Approaches that no run measured are absent in `measured`."""

    key: str
    name: str
    expected: Mapping[Outcome, str]
    measured: Mapping[Outcome, str]


_EXPECTED: tuple[tuple[str, str, tuple[str, str, str]], ...] = (
    ("time_to_value", "Time to first value", ("hours", "days to weeks", "weeks")),
    (
        "cost_to_update",
        "Cost to update",
        ("low: re-index what changed", "high: train again", "low: re-index what changed"),
    ),
    ("freshness", "Freshness of facts", ("as fresh as the index", "frozen at training", "as fresh as the index")),
    ("tone", "Tone and style", ("varies with the prompt", "consistent", "consistent")),
    ("hallucination", "Hallucination risk", ("lower", "higher where training was thin", "lowest")),
    ("latency", "Added latency", ("100-500 ms", "none", "100-500 ms")),
    ("floor", "Infrastructure floor", ("vector store, embedder", "GPU to train and serve", "all of these")),
)


def profile(texts: ProfileTexts | None = None) -> tuple[ProfileRow, ...]:
    """The seven rows for rag, fine_tune and both, with the `texts` that a run measured."""
    figures = texts or {}
    return tuple(
        ProfileRow(key, name, dict(zip(APPROACHES, by_default, strict=True)), figures.get(key, {}))
        for key, name, by_default in _EXPECTED
    )
