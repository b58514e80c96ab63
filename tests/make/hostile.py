"""A value in which every text is hostile, made by walking its class: a field that is added is hostile, too.

    hostile(record)     # the same figures; titles, ids, reasons, names, paths: all end in PAYLOAD

What the harness itself looks up in its tables stays: the words of Literal types, and names of KEPT. A text is spoilt in
the same way wherever it stands, so that what refers to each other still does: an arm's name, a case's id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from harness.metrics.table import METRICS
from harness.verdict.gates import GATES

T = TypeVar("T")
# a canary in every way that a page, XML, Markdown or a terminal could run or fetch something
PAYLOAD = (
    "\"'><script>window.hacked=1</script><img src=x onerror=window.hacked=1><svg onload=window.hacked=1>"
    '</script></style></template>]]>--><!--${window.hacked=1}{{ 7*7 }}<a href="javascript:window.hacked=1">'
    "<link rel=stylesheet href=http://127.0.0.1:9/x><iframe src=http://127.0.0.1:9/></iframe>"
    "![i](http://127.0.0.1:9/i.png) [l](javascript:1) @octocat `c` | a | b |\n# h\r\n\x00\x1b[2J\u2028\x85\u202e"
    "\ud83d\uffff"
)
UNITS = ("fraction", "points", "tokens", "ms", "ratio", "seconds", "count", "nats")
KEPT = frozenset({*METRICS, *(row.name for row in GATES), *UNITS, ""})


def hostile(value: T) -> T:
    """The value with every text in it spoilt, whatever it is made of."""
    same: T = _spoilt(value, frozenset())
    return same


def spoilt_text(text: str) -> str:
    return text if text in KEPT or text.isdigit() or text.endswith(PAYLOAD) else f"{text}{PAYLOAD}"


def _spoilt(value: Any, words: frozenset[object]) -> Any:
    if isinstance(value, str):
        return value if value in words else spoilt_text(value)
    if is_dataclass(value) and not isinstance(value, type):
        hints = get_type_hints(type(value))
        return replace(
            value, **{f.name: _spoilt(getattr(value, f.name), _words(hints[f.name])) for f in fields(value) if f.init}
        )
    if isinstance(value, Mapping):
        return {_spoilt(key, words): _spoilt(item, words) for key, item in value.items()}
    if isinstance(value, tuple | list | frozenset | set):
        return type(value)(_spoilt(item, words) for item in value)
    return value


def _words(hint: Any) -> frozenset[object]:
    """The words that a type allows, at any depth of it."""
    if get_origin(hint) is Literal:
        return frozenset(get_args(hint))
    return frozenset().union(*(_words(part) for part in get_args(hint)))
