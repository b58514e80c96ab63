"""Conversations in a list of messages: what a person asks in them, and in how many turns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def chat_question(messages: Sequence[Any]) -> tuple[str | None, int]:
    """The question in a list of messages, and the number of its turns. Few-shot turns (`example_user`) are no turns."""
    turns = [
        str(message.get("content"))
        for message in messages
        if isinstance(message, Mapping)
        and str(message.get("role", message.get("type"))) in ("user", "human")
        and not str(message.get("name", "")).startswith("example")
    ]
    return (turns[-1].strip() if turns else None), len(turns)
