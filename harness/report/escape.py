"""Text that others wrote, made safe to show: nothing in it is lost, and nothing in it acts.

Control characters become their visible pictures, lone surrogates the replacement character. Direction marks stay; the
page isolates every such text, so that they turn no other line around.
"""

from __future__ import annotations

import json

from harness.characters import clean

_IN_SCRIPT = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def clean_all(value: object) -> object:
    """`clean` on every string of a JSON value."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {key: clean_all(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean_all(item) for item in value]
    return value


def script_json(value: object) -> str:
    """JSON that may stand inside a script element: no `<` can end the element, no `&` can start an entity."""
    text = json.dumps(clean_all(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for char, escaped in _IN_SCRIPT.items():
        text = text.replace(char, escaped)
    return text
