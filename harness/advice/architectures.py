"""The four architectures that combine retrieval and tuning, and the one that fits.

Source: hybrid chapter, 7.2 "Architecture Patterns": begin with the first unless retrieval is clearly the weak part.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from harness.advice.recommendations import Outcome, Recommendation

Fit = Literal["fits", "later", "no"]


@dataclass(frozen=True, slots=True)
class Architecture:
    """One architecture: its stages in order, the tuned ones marked, and whether it fits this advice."""

    number: int
    name: str
    stages: tuple[str, ...]
    tuned: tuple[str, ...]  # stages that carry tuned weights
    fit: Fit
    when: str


_NAMES: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("RAG with a tuned generator", ("retrieve", "re-rank", "generate"), ("generate",)),
    ("Tuned re-ranker, base generator", ("retrieve", "re-rank", "generate"), ("re-rank",)),
    ("Both tuned", ("retrieve", "re-rank", "generate"), ("re-rank", "generate")),
    ("Small distilled model with RAG", ("retrieve", "re-rank", "generate (small)"), ("generate (small)",)),
)
_BOTH: tuple[tuple[Fit, str], ...] = (
    ("fits", "the usual start: tune how it answers, leave the facts to retrieval"),
    ("later", "if the right passage is found but ranked too low"),
    ("later", "rarely: only if both parts are shown to be weak, since the costs add up"),
    ("later", "once quality is proven and serving cost or speed is the problem"),
)
_FIRST: tuple[tuple[Fit, str], ...] = (
    ("later", "the goal, once examples and a GPU are there"),
    *_BOTH[1:],
)
_RAG: tuple[tuple[Fit, str], ...] = (
    ("no", "no answer asks for a change of behaviour"),
    ("later", "if the right passage is found but ranked too low; plain RAG comes first"),
    ("no", "no answer asks for a tuned generator"),
    ("later", "only if serving cost becomes the problem"),
)
_TUNE: tuple[tuple[Fit, str], ...] = tuple(("no", "nothing is retrieved: a tuned generator alone") for _ in range(4))


def architectures(recommendation: Recommendation, outcome: Outcome) -> tuple[Architecture, ...]:
    """The four in the chapter's order. At most one fits today; none does for RAG or tuning alone."""
    by_wanted = {"both": _BOTH, "rag": _RAG, "fine_tune": _TUNE}[outcome]
    fits = _FIRST if recommendation == "rag_first" and outcome == "both" else by_wanted
    return tuple(
        Architecture(i, name, stages, weights, fit, when)
        for i, ((name, stages, weights), (fit, when)) in enumerate(zip(_NAMES, fits, strict=True), start=1)
    )


def which_fits(recommendation: Recommendation, outcome: Outcome) -> str:
    """One sentence: the pattern that fits now, or what to build instead."""
    if recommendation == "both":
        return "Pattern 1 fits: RAG with a tuned generator."
    if recommendation == "rag":
        return "None of the four yet: plain RAG, an untuned generator behind a retriever. Pattern 2 is the next step."
    if recommendation == "fine_tune":
        return "None of the four: a tuned generator without retrieval."
    if outcome == "both":
        return "None of the four today: plain RAG first. Pattern 1 is the goal."
    return "None of the four: prompting first. A tuned generator without retrieval is the goal."
