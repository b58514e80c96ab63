"""Thoughts before the answer, switched by the model's own chat template.

Qwen3's template, for one, puts an empty thought before the answer where `enable_thinking` is false. A model that can
think is not let think unless the scenario says so: its thoughts would use up `answer.max_new_tokens`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from harness.errors import InputError
from harness.files.input_file import DOCUMENT, Unfit, is_file, whole

SWITCHES = ("enable_thinking", "thinking")  # names that templates know: Qwen3 and others; DeepSeek, Granite
_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_BLOCK = re.compile(r"\{[%{].*?[%}]\}", re.DOTALL)
_TEXT = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)


def switches(template: object, thinking: bool | None, model: str) -> dict[str, bool]:
    """The switches for thoughts that a template takes, by name; nothing for a template without a switch.

    Args:
        template: a tokenizer's `chat_template`: a text, or several by name.
        thinking: what the scenario says; None: off.

    Raises:
        InputError: the scenario says something, and the template has no switch.
    """
    names = known_switches(template)
    if thinking is not None and not names:
        raise InputError(
            f"models.thinking is {str(thinking).lower()}, but the chat template of {model} has no switch for thoughts "
            f"({' or '.join(SWITCHES)}); take the key out"
        )
    return {name: bool(thinking) for name in names}


def known_switches(template: object) -> tuple[str, ...]:
    """The switches that a template reads: as variables, not as words of a text."""
    text = "\n".join(map(str, template.values())) if isinstance(template, Mapping) else str(template or "")
    code = " ".join(_TEXT.sub("''", block) for block in _BLOCK.findall(_COMMENT.sub("", text)))
    return tuple(name for name in SWITCHES if re.search(rf"(?<![\w.]){name}\b(?!\s*\()", code))


_UNREADABLE = (
    OSError, Unfit, msgspec.DecodeError, UnicodeDecodeError, RecursionError, AttributeError, KeyError, TypeError,
)  # fmt: skip


def template_in(folder: Path) -> object:
    """The chat template of a model's folder, read without loading its tokenizer; None where none is found."""
    file = folder / "chat_template.jinja"
    try:
        if is_file(file):
            return whole(file, DOCUMENT).decode("utf-8", "replace")
        config: Any = msgspec.json.decode(whole(folder / "tokenizer_config.json", DOCUMENT))
        template = config.get("chat_template")
        return {row["name"]: row["template"] for row in template} if isinstance(template, list) else template
    except _UNREADABLE:
        return None  # said when the model is loaded
