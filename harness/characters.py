"""Characters that no file, model or terminal can carry, or that would act there: found, or made visible.

    parse_json('{"a": "\\ud83d"}')     # JSONDecodeError: half of a surrogate pair (\\ud83d), which is no character
    without_halves("a\ud83db")         # 'a\ufffdb'
    printable("a\x1b[2Jb")             # 'a␛[2Jb'

Halves of surrogate pairs come from text that was cut in the middle of an emoji, and from file names that are not UTF-8.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_HALF = re.compile("[\ud800-\udfff]")
_ESCAPED = re.compile(r"\\u[dD][89a-fA-F]")
_PICTURES: dict[int, int | str | None] = {
    **{code: 0x2400 + code for code in range(0x20) if chr(code) not in "\n\t"},
    **{code: f"\\x{code:02x}" for code in range(0x80, 0xA0)},  # 0x9b begins orders to a terminal
    0x7F: 0x2421,
    0x85: 0x2424,
    0x0D: None,
}
_TURNS = {code: f"[U+{code:04X}]" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}


def without_halves(text: str) -> str:
    """The same text; a half of a surrogate pair is U+FFFD, two that belong together are their character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def clean(text: str) -> str:
    """The same text without characters that a page cannot carry (`\\0` becomes `␀`). Marks of direction stay."""
    return without_halves(text).translate(_PICTURES)


def printable(text: str) -> str:
    """The same text for a terminal or a CI server: no character in it moves the cursor or turns a line around."""
    return clean(text).translate(_TURNS)


def in_xml(text: str) -> str:
    """The same text for XML: what it cannot carry is visible. A library that draws ends the process at a U+FFFF."""
    return clean(text).replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")


def spelled(text: str) -> str:
    """The same text with every half of a surrogate pair written out (`\\\\ud83d`), so that a person can look for it."""
    return _HALF.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def parse_json(text: str, **options: Any) -> Any:
    """`json.loads`, which lets pass what nothing after it can carry.

    Raises:
        JSONDecodeError: not JSON, nested too deeply, a number too long, or half of a surrogate pair in a text of it.
    """
    try:
        value = json.loads(text, **options)
    except RecursionError:
        raise json.JSONDecodeError("nested more deeply than can be read", text, 0) from None
    except ValueError as error:
        if isinstance(error, json.JSONDecodeError):
            raise
        raise json.JSONDecodeError(f"a number that is too long ({error})", text, 0) from None
    if (escape := _ESCAPED.search(text)) and (half := _half_in(value)) is not None:
        what = f"half of a surrogate pair ({spelled(half)}), which is no character: was the text cut inside an emoji?"
        raise json.JSONDecodeError(what, text, escape.start())
    return value


def _half_in(value: object) -> str | None:
    """The first half of a surrogate pair in any text of a JSON value, keys included."""
    waiting = [value]
    while waiting:
        at = waiting.pop()
        if isinstance(at, str) and (half := _HALF.search(at)):
            return half[0]
        if isinstance(at, Mapping):
            waiting += [*at.keys(), *at.values()]
        elif isinstance(at, list):
            waiting += at
    return None
