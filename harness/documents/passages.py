"""JSON lines: ready passages, which are indexed as they are, or the records of a data set.

A ready passage is a JSON line: `{"id": "p1", "text": "...", "title"?, "source"?, "timestamp"?, "metadata"?}`; BEIR's
`_id` is an id too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from harness.characters import parse_json
from harness.documents.encoding import decode
from harness.documents.objects import load_json, objects_content
from harness.documents.results import Content, Unreadable
from harness.record.sections import SkippedFile
from harness.types import JsonObject, Passage


@dataclass(frozen=True, slots=True)
class PassageRows:
    """The ready passages of a file, and its lines that are none."""

    passages: tuple[Passage, ...]
    skipped: tuple[SkippedFile, ...]
    remarks: tuple[str, ...] = ()


def passage_rows(raw: bytes, name: str) -> PassageRows | Content:
    """The passages of a file of JSON lines; its records as documents where no line is a passage.

    Raises:
        Unreadable: the bytes are no text.
    """
    decoded = decode(raw)
    passages, skipped, others = [], [], []
    for number, line in enumerate(decoded.text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = parse_json(line)
            others.append(line)
            passages.append(_passage(row))
        except (ValueError, Unreadable, RecursionError) as error:
            reason = f"not a passage: {error}; expected an object with id and text"
            skipped.append(SkippedFile(f"{name}:{number}", reason))
    if not passages and len(others) == len(skipped) > 0:
        content = objects_content([load_json(line) for line in others])
        return replace(content, remarks=(*decoded.remarks, *content.remarks))
    unique, repeated = unique_passages(passages)
    repeats = (SkippedFile(f"{name}: {s.file}", s.reason) for s in repeated)
    return PassageRows(unique, (*skipped, *repeats), decoded.remarks)


def unique_passages(passages: Iterable[Passage]) -> tuple[tuple[Passage, ...], list[SkippedFile]]:
    """The first passage of every id; the same text under the same id once more is not worth a word."""
    first: dict[str, Passage] = {}
    repeated = []
    for passage in passages:
        original = first.setdefault(passage.id, passage)
        if original is not passage and original.text != passage.text:
            repeated.append(SkippedFile(passage.id, "this id stands twice with different texts; the first is kept"))
    return tuple(first.values()), repeated


def _passage(row: object) -> Passage:
    if not isinstance(row, Mapping):
        raise Unreadable(f"found a {type(row).__name__}")
    id, text = _required(row, "_id" if "id" not in row and "_id" in row else "id"), _required(row, "text")
    source, meta = row.get("source"), row.get("metadata") or {}
    if not isinstance(meta, Mapping):
        raise Unreadable(f"'metadata' is a {type(meta).__name__}, expected an object")
    return Passage(
        id=id,
        doc=str(source) if source else id,
        title=str(row.get("title") or ""),
        text=text.replace("\0", ""),
        timestamp=str(row["timestamp"]) if row.get("timestamp") else None,
        metadata={str(k): str(v) for k, v in meta.items() if k != "heading"},
        heading=str(meta.get("heading", "")),
    )


def _required(row: JsonObject, key: str) -> str:
    value = row.get(key)
    if isinstance(value, int) and key != "text":  # ids are numbers in many a data set
        return str(value)
    if not isinstance(value, str) or not value.strip():
        raise Unreadable(f"'{key}' is {value!r:.60}, expected text")
    return value
