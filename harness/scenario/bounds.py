"""The bounds of a setting: the range of a number, what a text may hold, whether a path means a file or a folder.

    top_k: Annotated[int, between(1, 6)] = 4

Bounds stand beside their field, so that the loader, `harness schema scenario` and a reader see the same ones.
"""

from __future__ import annotations

import difflib
import types
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
from msgspec import Meta

LARGEST = 1 << 63  # of any number, where its field has no bounds of its own
# one line that says something: nothing invisible in it, no blank at its ends
_LINE = r"^(?![\s\S]*[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff])\S(?:[\s\S]*\S)?$"


def between(low: float, high: float) -> Meta:
    """A number from `low` to `high`, both included."""
    return Meta(ge=low, le=high)


def above(low: float, high: float) -> Meta:
    """A number above `low`, at most `high`."""
    return Meta(gt=low, le=high)


def from_below(low: float, high: float) -> Meta:
    """A number from `low`, included, to below `high`."""
    return Meta(ge=low, lt=high)


def one_of(*names: str) -> Meta:
    """Text that is one of these names, where a mapping has them for keys (elsewhere: Literal)."""
    return Meta(pattern=f"^(?:{'|'.join(names)})$", extra={"choices": names})


Name = Annotated[str, Meta(min_length=1, max_length=500, pattern=_LINE)]  # a name, an id, a path: one line
Sentence = Annotated[str, Meta(min_length=1, max_length=2000, pattern=_LINE)]
FileName = Annotated[Name, Meta(extra={"place": "file"})]  # inside the scenario's folder
PlaceName = Annotated[Name, Meta(extra={"place": "file or folder"})]  # inside the scenario's folder
Names = Annotated[tuple[Name, ...], Meta(min_length=1, max_length=100)]


def place_of(hint: object) -> Literal["file", "file or folder"] | None:
    """The place that a path of this type leads to; None where the type is no path."""
    for meta in _metas(hint):
        if isinstance(meta.extra, Mapping) and "place" in meta.extra:
            place: Literal["file", "file or folder"] = meta.extra["place"]
            return place
    return None


def bounds_of(hint: object) -> tuple[float, float] | None:
    """The least and the greatest number of a type; None where the type is no number or has no bounds."""
    metas = tuple(_metas(hint))
    low = next((x for meta in metas for x in (meta.ge, meta.gt) if x is not None), None)
    high = next((x for meta in metas for x in (meta.le, meta.lt) if x is not None), None)
    return None if low is None or high is None else (low, high)


def fault_in(value: object, hint: Any) -> str | None:
    """The fault of a value that is not of its type or out of its bounds: what it should be; None where it is right."""
    if not all(-LARGEST < number < LARGEST for number in _numbers(value)):  # false for NaN, too
        return f"expected {expected(hint)}"
    try:
        msgspec.convert(value, hint)
    except (msgspec.ValidationError, UnicodeEncodeError):
        return f"expected {expected(hint)}"
    return None


def choices_of(hint: Any) -> tuple[str, ...]:
    """The words that a value may be; none where it is no choice."""
    choices = (meta.extra["choices"] for meta in _metas(hint) if meta.extra and "choices" in meta.extra)
    return next((get_args(part) for part in _parts(hint) if get_origin(part) is Literal), next(choices, ()))


def expected(hint: Any) -> str:
    """A type with its bounds in words: `a whole number from 1 to 6`."""
    if choices := choices_of(hint):
        return f"one of: {', '.join(choices)}"
    return " or ".join(dict.fromkeys(words for part in _parts(hint) if (words := _words(part))))


def nearest(word: object, names: Iterable[str]) -> str | None:
    """The name that was most likely meant."""
    return next(iter(difflib.get_close_matches(str(word), [str(name) for name in names], n=1, cutoff=0.5)), None)


def describe(value: object) -> str:
    """A value in a message: on one line, and short, whatever it is."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 1 << 63:
        return f"a number of {value.bit_length()} bits"
    if isinstance(value, list | tuple | Mapping | set):
        return f"a {_KINDS.get(type(value).__name__, 'mapping')} of {len(value)}"
    text = ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)
    return text if len(text) <= 80 else f"{text[:60]}… ({len(text)} characters)"


def kind_of(value: object) -> str:
    """The type of a value, in YAML's words."""
    return _KINDS.get(type(value).__name__, type(value).__name__)


_KINDS: Mapping[str, str] = {
    "Located": "mapping", "dict": "mapping", "list": "list", "tuple": "list", "NoneType": "nothing", "set": "set",
}  # fmt: skip


def _numbers(value: object) -> Iterator[int | float]:
    """The numbers in a value, inside lists and mappings too."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _numbers(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _numbers(item)


def _metas(hint: Any) -> Iterator[Meta]:
    for part in _parts(hint):
        yield from (meta for meta in getattr(part, "__metadata__", ()) if isinstance(meta, Meta))


def _parts(hint: Any) -> Iterator[Any]:
    """The members of a union, or the type itself."""
    if get_origin(hint) in (Union, types.UnionType):
        for part in get_args(hint):
            yield from _parts(part)
    else:
        yield hint


def _words(part: Any) -> str:
    bare = getattr(part, "__origin__", part) if hasattr(part, "__metadata__") else part
    if bare in (int, float):
        return f"{'a whole number' if bare is int else 'a number'}{_range(part)}"
    if bare is str:
        most = max((meta.max_length or 0 for meta in _metas(part)), default=0)
        return f"text on one line, at most {most} characters" if most else "text"
    if get_origin(bare) is tuple:
        return f"a list of {_plural(get_args(bare)[0])}"
    if get_origin(bare) is Mapping or bare is Mapping:
        return f"a mapping of names to {expected(get_args(bare)[1])}" if get_args(bare) else "a mapping"
    return {bool: "true or false", type(None): ""}.get(bare, "a mapping")


def _plural(inner: Any) -> str:
    bare = getattr(inner, "__origin__", inner) if hasattr(inner, "__metadata__") else inner
    return "names" if bare is str else expected(inner)


def _range(part: Any) -> str:
    for meta in _metas(part):
        low, high = (x if x is not None else y for x, y in ((meta.ge, meta.gt), (meta.le, meta.lt)))
        if meta.gt is not None:
            return f" above {low:g}, {'below' if meta.lt is not None else 'at most'} {high:g}"
        if low is not None:
            return f" from {low:g} to {'below ' if meta.lt is not None else ''}{_whole(high)}"
    return ""


def _whole(number: float | None) -> str:
    return f"{number:,}" if isinstance(number, int) else f"{number:g}"
