"""JSON -> documents: the records of a data set, one document each; any other JSON as headed text.

    {"s1": {"title": "Camera", "text": ["Tap the icon.", ...], "html": [...]}, ...}  -> document `s1`, titled Camera
    {"fees": {"kayak": 12.50}}                                                      -> # fees\\n\\nkayak: 12.50

Numbers stay as they are written. A record is an object with a text of its own under one of the names in BODIES.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from harness.documents.dates import first_date
from harness.documents.encoding import decode
from harness.documents.front_matter import DATE_KEYS
from harness.documents.results import Content, Unreadable

BODIES = ("text", "content", "body", "page_content", "contents", "passage", "document", "markdown", "html")
TITLES = ("title", "heading", "chunk_heading", "headline", "subject", "name")
IDS = ("id", "_id", "doc_id", "docid", "document_id", "chunk_id", "uid", "uuid", "slug", "key")
_LINK = re.compile(r"\s*(?:https?|ftp)://\S+\s*\Z")  # kept as metadata: addresses are not searched
_VECTOR = 32  # numbers in a list: more is an embedding, no words
_RECORDS = 0.8  # of the objects have a text: then they are records


class Number(str):
    """A number as it is written (3.10)."""


@dataclass(frozen=True, slots=True)
class _Table:
    """Objects of one kind, by id."""

    rows: Mapping[str, Mapping[str, Any]]


def read_json(raw: bytes) -> Content:
    """A JSON file, or one of JSON lines under that name."""
    decoded = decode(raw)
    try:
        value = load_json(decoded.text)
    except json.JSONDecodeError as error:
        lines = [line for line in decoded.text.split("\n") if line.strip()]
        try:
            value = [load_json(line) for line in lines]
        except json.JSONDecodeError:
            problem = f"line {error.lineno}, column {error.colno}: {error.msg}"
            raise Unreadable(f"not JSON ({problem}); is it complete? Export it again") from None
    content = objects_content(value)
    return replace(content, remarks=(*decoded.remarks, *content.remarks))


def load_json(text: str) -> Any:
    return json.loads(text, parse_float=Number, parse_int=Number, parse_constant=Number)


def objects_content(value: Any) -> Content:
    """Documents of a JSON value: of its records where it holds records, else one."""
    table = _table(value)
    unread: dict[str, None] = {}
    if table is None:
        text = headed(value, unread)
        return Content(text, _title(value), _date(value), remarks=_unread(unread))
    records = {id: _record(row, unread) for id, row in table.rows.items()}
    return Content("", records=records, remarks=_unread(unread))


def rows_content(rows: Sequence[Mapping[str, str]]) -> Content | None:
    """The records of a table (CSV, a sheet) with a column of texts; None where it has none, or no id or title."""
    columns = {key.lower() for row in rows[:1] for key in row}
    if not columns & {*IDS, *TITLES}:
        return None
    table = _table([{key.lower(): value for key, value in row.items()} for row in rows])
    if table is None:
        return None
    return Content("", records={id: _record(row, {}) for id, row in table.rows.items()})


def _unread(unread: Mapping[str, None]) -> tuple[str, ...]:
    return (f"not read: {', '.join(unread)}",) if unread else ()


# --- records ------------------------------------------------------------------------------------------------------


def _table(value: Any) -> _Table | None:
    """The records of a value: a list of objects, a mapping of them by id, or the one such list or mapping inside."""
    rows = _rows(value)
    if rows is None and isinstance(value, Mapping):
        nested = [inner for inner in map(_rows, value.values()) if inner is not None]
        rows = nested[0] if len(nested) == 1 and not any(map(_is_long, value.values())) else None
    return _Table(rows) if rows is not None else None


def _is_long(value: Any) -> bool:
    """Whether a value beside the records would be lost with them."""
    return isinstance(value, str) and len(value) > 200


def _rows(value: Any) -> Mapping[str, Mapping[str, Any]] | None:
    if isinstance(value, list):
        objects = {str(number): row for number, row in enumerate(value, start=1) if isinstance(row, Mapping)}
        own = [_first(row, IDS) for row in objects.values()]
        if all(own) and len(set(own)) == len(own):
            objects = dict(zip(map(str, own), objects.values(), strict=True))
    elif isinstance(value, Mapping) and _body(value) is None:
        objects = {str(key): row for key, row in value.items() if isinstance(row, Mapping)}
    else:
        return None
    with_text = sum(_body(row) is not None for row in objects.values())
    return objects if objects and len(objects) == len(value) and with_text >= _RECORDS * len(objects) else None


def _body(row: Mapping[str, Any]) -> str | None:
    """The key of a record's text."""
    return next((key for key in BODIES if _is_text(row.get(key))), None)


def _is_text(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(line, str) for line in value)
    return isinstance(value, str) and not isinstance(value, Number) and bool(value.strip())


def _first(row: Mapping[str, Any], keys: Sequence[str]) -> str | None:
    return next((str(row[key]) for key in keys if isinstance(row.get(key), str) and str(row[key]).strip()), None)


def _record(row: Mapping[str, Any], unread: dict[str, None]) -> Content:
    """A record: its text, then its other fields as `key: value`; addresses are metadata."""
    body, title = _body(row), _title(row)
    text = _text_of(row[body], body == "html") if body is not None else ""
    links = {key: value for key, value in row.items() if isinstance(value, str) and _LINK.match(value)}
    apart = {body, *TITLES[:1], *IDS, *links}
    if body is not None and body != "html" and "html" in row:
        apart.add("html")  # the same words once more
        unread.setdefault("html (beside text)")
    rest = {key: value for key, value in row.items() if key not in apart and not (key in TITLES and value == title)}
    if title and not text.startswith("#"):
        first, _, below = text.partition("\n")
        text = f"# {title}\n\n{below.lstrip() if first == title else text}"
    parts = [text, headed(rest, unread, level=2)]
    return Content("\n\n".join(part for part in parts if part.strip()), title, _date(row), links)


def _text_of(value: Any, html: bool) -> str:
    text = "\n".join(value) if isinstance(value, list) else str(value)
    if html:
        from harness.documents.html import read_html

        return read_html(text.encode()).text
    return text.strip()


def _title(value: Any) -> str | None:
    return _first(value, TITLES) if isinstance(value, Mapping) else None


def _date(value: Any) -> str | None:
    return first_date(_first(value, (key,)) for key in DATE_KEYS) if isinstance(value, Mapping) else None


# --- any JSON -----------------------------------------------------------------------------------------------------


def headed(value: Any, unread: dict[str, None], level: int = 1) -> str:
    """Nested values as text: a heading a nested object, `key: value` a scalar, `- ` an item of a list.

    Args:
        unread: keys of what is left out (lists of numbers) are added to it.
        level: of the outermost headings.
    """
    return "\n".join(_lines(value, level, unread)).strip()


def _lines(value: Any, level: int, unread: dict[str, None]) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from _object_lines(value, level, unread)
    elif isinstance(value, list):
        yield from _list_lines(value, level, unread)
    elif value is not None:
        yield _scalar(value)


def _object_lines(value: Mapping[str, Any], level: int, unread: dict[str, None]) -> Iterator[str]:
    nested = {key: inner for key, inner in value.items() if isinstance(inner, Mapping | list)}
    for key, inner in value.items():
        if key not in nested and inner is not None and _scalar(inner).strip():
            yield f"{key}: {_scalar(inner)}"
    for key, inner in nested.items():
        if isinstance(inner, list) and len(inner) > _VECTOR and all(isinstance(x, Number) for x in inner):
            unread.setdefault(key)
        elif inner:
            yield from ("", f"{'#' * min(level, 6)} {key}", "")
            yield from _lines(inner, level + 1, unread)


def _list_lines(value: list[Any], level: int, unread: dict[str, None]) -> Iterator[str]:
    for item in value:
        if isinstance(item, Mapping):
            title = _title(item)
            yield from ("", f"{'#' * min(level, 6)} {title}", "") if title else ("",)
            rest = {key: inner for key, inner in item.items() if not (key in TITLES and inner == title)}
            yield from _lines(rest, level + 1, unread)
        elif isinstance(item, list):
            cells = [_scalar(cell) for cell in item if not isinstance(cell, Mapping | list)]
            yield " | ".join(cells)
            for inner in item:
                if isinstance(inner, Mapping | list):
                    yield from _lines(inner, level, unread)
        elif item is not None:
            yield f"- {_scalar(item)}"


def _scalar(value: Any) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
