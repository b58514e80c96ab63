"""Prompts: the one place that decides what a generator reads.

The system message is the same for base and tuned models, so that either can stand in for the other at once.
Passages come before the question: a small model that reads them after it forgets the question's demands less often
than the facts, and caches of a shared prefix stay warm. Labels are S1, S2, ... in prompt order.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from harness.language.sentences import english_border
from harness.types import Example, JsonObject, Message, Passage, Prompt

_LINES = re.compile(r"\n+")
LEAN = 3  # a lean prompt has one part in so many of a whole one


def user_message(question: str, passages: Sequence[Passage] = ()) -> str:
    """The user's turn: labelled passages first, then the question."""
    blocks = [f"[S{i}] {p.title}\n{_dated(p)}" for i, p in enumerate(passages, start=1)]
    return "\n\n".join([*blocks, f"Question: {question.strip()}"])


def _dated(passage: Passage) -> str:
    """The passage under its page's date, where that is known and the text itself does not say it.

    Of two passages that differ the newer counts; only the first passage of a page usually says how old it is.
    """
    text, date = passage.text.strip(), (passage.timestamp or "")[:10]
    return f"Updated: {date}\n{text}" if date and date not in text else text


def render(
    question: str, system: str, passages: Sequence[Passage] = (), few_shot: Sequence[tuple[str, str]] = ()
) -> Prompt:
    """The chat for one question.

    Args:
        question: the question alone; accepted answers and evidence never come here.
        system: the scenario's system message; left out when empty.
        passages: in prompt order, label S1 first.
        few_shot: (user turn, assistant turn) pairs that go before the question.
    """
    opening = [Message("system", system)] if system else []
    shots = [m for user, reply in few_shot for m in (Message("user", user), Message("assistant", reply))]
    return (*opening, *shots, Message("user", user_message(question, passages)))


def completion_text(output: JsonObject | str) -> str:
    """An expected output as the text a generator should produce: JSON in one line, keys in the given order."""
    return output if isinstance(output, str) else json.dumps(output, ensure_ascii=False)


def shots(examples: Sequence[Example]) -> tuple[tuple[str, str], ...]:
    """Few-shot turns from examples that bring their own passages."""
    return tuple((user_message(e.user, e.context or ()), completion_text(e.output)) for e in examples)


def lean(system: str) -> str:
    """The first third of a system message: whole lines and sentences from its beginning, at least one of them."""
    borders = {match.end() for border in (english_border(), _LINES) for match in border.finditer(system)}
    ends = sorted({*borders, len(system)})
    return system[: max((end for end in ends if end <= len(system) / LEAN), default=ends[0])].strip()
