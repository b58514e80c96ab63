"""One exchange of instruction data, and how it is found in conversations of every form.

[{"role": "system", ...}, {"role": "user", "content": "How long?"}, {"role": "assistant", "content": "5 days."}]
-> InstructionPair("How long?", "5 days.", system=...)
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.golden.importers.cells import missing, structured
from harness.types import Passage

USER = ("user", "human", "question", "prompter")
ASSISTANT = ("assistant", "gpt", "model", "bot", "chatgpt", "bing", "bard", "answer")
SYSTEM = ("system", "developer")
LEGACY_STOP = re.compile(
    r"\s*(?:\n*###\s*|\n*->\s*|\s+END|\n+\s*###\s*END)$"
)  # separators of OpenAI's first fine-tunes
HUMAN_SAYS = re.compile(r"\n*(Human|Assistant):\s*")  # Anthropic's HH dialogues


class Unusable(Exception):
    """Why a row is no example; it is caught, named and counted."""


@dataclass(frozen=True, slots=True)
class InstructionPair:
    """A question and its answer, and what stood beside them."""

    user: str
    output: str
    rejected: str | None = None
    system: str | None = None
    context: tuple[Passage, ...] = ()
    timestamp: str | None = None  # ISO date
    notes: tuple[str, ...] = ()


def first_exchange(turns: Any) -> InstructionPair:
    """The first question and its answer. Unusable: no such turns, tools, pictures, an answer with weight 0."""
    messages = [_turn(turn) for turn in turns_of(turns)]
    systems = [text for role, text, _ in messages if role == "system"]
    rest = [message for message in messages if message[0] != "system"]
    if len(rest) < 2 or rest[0][0] != "user" or rest[1][0] != "assistant":
        roles = ", ".join(role for role, _, _ in rest) or "none"
        raise Unusable(f"its turns ({roles[:60]}) do not begin with a question and an answer")
    (_, user, _), (_, output, trained) = rest[0], rest[1]
    if not trained:
        raise Unusable("its first answer has weight 0")
    later = sum(role == "assistant" for role, _, _ in rest[2:])
    notes = ("first exchange of a longer conversation; the later turns are not trained on",) if later else ()
    return InstructionPair(user, output, None, "\n\n".join(systems) or None, notes=notes)


def turns_of(value: Any) -> list[Any]:
    value = messages_in(value)
    if isinstance(value, str) and HUMAN_SAYS.search(value):
        parts = HUMAN_SAYS.split(value)[1:]
        roles = {"Human": "user", "Assistant": "assistant"}
        return [{"role": roles[who], "content": text} for who, text in zip(parts[::2], parts[1::2], strict=True)]
    if not isinstance(value, list) or not value:
        raise Unusable("no conversation in it")
    return value


def _turn(turn: Any) -> tuple[str, str, bool]:
    """Role, text, and whether it is trained on."""
    if not isinstance(turn, Mapping):
        raise Unusable(f"a turn is a {type(turn).__name__}, expected an object with role and content")
    role = str(turn.get("role", turn.get("from", ""))).casefold()
    name = "user" if role in USER else "assistant" if role in ASSISTANT else "system" if role in SYSTEM else role
    if turn.get("tool_calls") or turn.get("function_call") or name not in ("user", "assistant", "system"):
        raise Unusable("it calls tools" if name in ("assistant", "tool", "function") else f"a turn of '{role}'")
    return name, _content(turn.get("content", turn.get("value"))), turn.get("weight") != 0


def _content(value: Any) -> str:
    """A message's text, or the texts of its parts."""
    if isinstance(value, list):
        if any(
            not isinstance(part, str) and part.get("type") not in ("text", "input_text", "output_text")
            for part in value
        ):
            raise Unusable("a message with pictures or files")
        return "\n".join(part if isinstance(part, str) else str(part.get("text", "")) for part in value)
    return text_in(value)


def shared_prompt(better: list[Any], worse: list[Any]) -> tuple[list[Any], Any, Any]:
    """The turns that two conversations share, and their different last answers."""
    if better[:-1] != worse[:-1] or len(better) < 2:
        raise Unusable("chosen and rejected do not share their question")
    return better[:-1], better[-1], worse[-1]


def messages_in(value: Any) -> Any:
    """A text cell that holds a list of messages, as that; other text is text, JSON or not: an answer may be a form."""
    if not isinstance(value, str):
        return value
    turns = structured(value)
    spoken = (
        isinstance(turns, list) and turns and all(isinstance(t, Mapping) and {"role", "from"} & set(t) for t in turns)
    )
    return turns if spoken else value


def assistant_turn(text: Any) -> Mapping[str, Any]:
    return {"role": "assistant", "content": text_in(text)}


def answer_text(value: Any) -> str:
    """An answer: text, a message, or a list that ends with one."""
    value = messages_in(value)
    if isinstance(value, list) and value:
        value = value[-1]
    return _turn(value)[1] if isinstance(value, Mapping) and ("role" in value or "from" in value) else text_in(value)


def text_in(value: Any) -> str:
    """Text as it stands; an object or list is written as JSON, since answers may be forms."""
    if missing(value) and not isinstance(value, str):
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def maybe_text(value: Any) -> str | None:
    return None if missing(value) else text_in(value)
