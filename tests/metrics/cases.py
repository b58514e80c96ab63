"""Short makers of cases and answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.types import Answer, Case, Evidence, Form, Hit, Passage

PLANS = Passage("plans.md#1", "plans.md", "Reed plan", "The Reed plan costs 19 euros. The trial lasts 14 days.")
HUBS = Passage("hubs.md#1", "hubs.md", "Hubs", "All hubs are closed on Mondays. The head of the hubs is Ada Keller.")


def case(**changes: Any) -> Case:
    base: dict[str, Any] = {
        "id": "c1",
        "question": "How long is the trial?",
        "accept": ("14 days",),
        "evidence": (Evidence("plans.md", "The trial lasts 14 days."),),
    }
    return Case(**{**base, **changes})


def answer(text: str, *passages: Passage, parsed: Mapping[str, Any] | None = None, **changes: Any) -> Answer:
    base: dict[str, Any] = {
        "raw": text,
        "text": text,
        "parsed": parsed,
        "form": Form(demanded=True, first_try=True, valid=True, repaired=False),
        "refused": False,
        "cited": (),
        "hits": tuple(Hit(passage, 1.0) for passage in passages),
    }
    return Answer(**{**base, **changes})


UNANSWERABLE = case(kind="unanswerable", accept=(), evidence=(), source="plans.md")
