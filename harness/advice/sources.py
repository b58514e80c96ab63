"""The sources of the advice, each with what it rests on, so that a reader can weigh what is said by it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One source."""

    name: str  # as conflicts, signals and needs cite it
    what: str
    rests_on: str  # what its statements are backed by


SOURCES: tuple[SourceRow, ...] = (
    SourceRow(
        "decision guide",
        "an article on the web, 'RAG vs Fine-Tuning: When to Use Each (and When to Combine Them)': the nine questions, "
        "six signals, tiers",
        "experience, told without measurements; AI helped to write it, as it says, and it contradicts itself twice",
    ),
    SourceRow(
        "hybrid chapter",
        "a draft chapter on RAG with tuning: the four architectures, when to delay tuning, what data costs",
        "practice, told without measurements",
    ),
    SourceRow(
        "rules",
        "docs/advice.md: how nine answers become one recommendation",
        "chosen here; what follows from them is held over all 19,683 sets of answers",
    ),
    SourceRow(
        "memory estimate",
        "GPU memory by arithmetic over weights, gradients and activations",
        "formulas of published papers, held against published figures, with the errors beside them",
    ),
    SourceRow("prices", "public price lists of one A100 80 GB, May 2026", "list prices; yours replaces them as a fact"),
    SourceRow("your run", "what `harness run` measured on your questions", "measurement: it outweighs all the others"),
)
