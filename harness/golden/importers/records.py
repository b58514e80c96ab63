"""One question a row: CSV with a header, or JSON objects, under our own column names or those of ragas and deepeval.

`ALIASES` is the whole mapping. A column that holds passages (ragas `reference_contexts`, deepeval `context`) becomes
the corpus, and each of its passages evidence of its row. Retrieved contexts are another system's output: not read.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from harness.errors import InputError
from harness.golden.imported import Imported
from harness.golden.importers.files import one_file, read_json, read_text
from harness.golden.rows import read_lines
from harness.hashing import content_hash
from harness.types import CATEGORIES, KINDS, SPLITS, Case, Category, Evidence, Kind, Passage, Split

ALIASES: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "name"),
    "question": ("question", "user_input", "input", "query"),
    "accept": ("accept", "answer", "answers", "reference", "expected_output", "ground_truth", "ground_truths"),
    "key_points": ("key_points",),
    "contexts": ("reference_contexts", "context", "contexts"),
    "evidence": ("evidence",),
    "doc": ("doc", "document"),
    "quote": ("quote",),
    "kind": ("kind",),
    "category": ("category",),
    "split": ("split",),
    "timestamp": ("timestamp", "date"),
    "source": ("source", "source_file"),
    "verified_by": ("verified_by",),
}
SEPARATOR = "|"  # between the values of a list in one CSV cell

Row = Mapping[str, Any]


def read_csv(path: Path) -> Imported:
    """Cases of a CSV file with a header; several values in one cell are separated by `|`."""
    file = one_file(path, "*.csv")
    rows = csv.DictReader(io.StringIO(read_text(file), newline=""))
    return _imported([(f"{file}: row {number}", row) for number, row in enumerate(rows, start=1)], file)


def read_json_lines(path: Path) -> Imported:
    """Cases of a JSONL file, or of a JSON file that holds a list (also under `test_cases`, `goldens` or `examples`)."""
    file = one_file(path, "*.json*")
    if file.suffix == ".jsonl":
        return _imported([(where, _object(line, where)) for where, line in read_lines(file)], file)
    value = read_json(file)
    if isinstance(value, Mapping):
        value = next((value[key] for key in ("goldens", "test_cases", "examples", "samples") if key in value), None)
    if not isinstance(value, list):
        raise InputError(f"{file}: found no list of questions in it")
    return _imported([(f"{file}: item {i}", _row(row, f"{file}: item {i}")) for i, row in enumerate(value, 1)], file)


def _object(line: str, where: str) -> Row:
    try:
        return _row(json.loads(line), where)
    except json.JSONDecodeError as error:
        raise InputError(f"{where}:{error.colno}: not valid JSON: {error.msg}") from None


def _row(value: Any, where: str) -> Row:
    if not isinstance(value, Mapping):
        raise InputError(f"{where}: found a {type(value).__name__}, expected an object")
    return cast(Row, value)


def _imported(rows: Iterable[tuple[str, Row]], file: Path) -> Imported:
    cases, passages = [], {}
    for number, (where, row) in enumerate(rows, start=1):
        values = {name: _value(row, names) for name, names in ALIASES.items()}
        contexts = [_passage(str(text)) for text in _listed(values["contexts"])]
        passages.update({passage.id: passage for passage in contexts})
        cases.append(_case(values, contexts, where, number))
    if not cases:
        raise InputError(f"{file}: no rows in it")
    return Imported(tuple(cases), tuple(passages.values()), split_known=any(case.split == "dev" for case in cases))


def _value(row: Row, names: Iterable[str]) -> Any:
    return next((row[name] for name in names if row.get(name) not in (None, "", [])), None)


def _passage(text: str) -> Passage:
    """A passage named by its content, so that the same text in two rows is one passage."""
    id = f"p-{content_hash(text)}"
    return Passage(id, id, "", text)


def _case(values: Mapping[str, Any], passages: list[Passage], where: str, number: int) -> Case:
    if not isinstance(values["question"], str):
        raise InputError(f"{where}: no question; expected one of the columns {', '.join(ALIASES['question'])}")
    accept = tuple(_texts(values["accept"]))
    kind = _choice(values["kind"], KINDS, where) or ("lookup" if accept else "unanswerable")
    return Case(
        id=str(values["id"] or f"row-{number:04d}"),
        question=values["question"].strip(),
        accept=accept,
        key_points=tuple(_texts(values["key_points"])),
        evidence=() if kind == "unanswerable" else tuple(_evidence(values, passages)),
        kind=cast(Kind, kind),
        category=cast(Category, _choice(values["category"], CATEGORIES, where) or "factual"),
        split=cast(Split, _choice(values["split"], SPLITS, where) or "test"),
        timestamp=_text(values["timestamp"]),
        source=_text(values["source"]),
        verified_by=_text(values["verified_by"]),
        where=where,
    )


def _evidence(values: Mapping[str, Any], passages: list[Passage]) -> Iterator[Evidence]:
    for item in _listed(values["evidence"]):
        own = isinstance(item, Mapping)
        yield Evidence(doc=item["doc"], quote=item.get("quote")) if own else Evidence(id=str(item))
    if values["doc"]:
        yield Evidence(doc=str(values["doc"]), quote=_text(values["quote"]))
    yield from (Evidence(id=passage.id) for passage in passages)


def _texts(value: Any) -> list[str]:
    """A list's texts, or the parts of a cell."""
    parts = value if isinstance(value, list) else str(value).split(SEPARATOR) if value is not None else []
    return list(dict.fromkeys(str(part).strip() for part in parts if str(part).strip()))


def _listed(value: Any) -> list[Any]:
    """A list's values; a cell is one value, whatever stands in it, since a passage is never cut."""
    return value if isinstance(value, list) else [] if value is None else [value]


def _text(value: Any) -> str | None:
    return None if value is None else str(value).strip() or None


def _choice(value: Any, known: tuple[str, ...], where: str) -> str | None:
    text = _text(value)
    if text is not None and text not in known:
        raise InputError(f"{where}: found '{text}', expected one of: {', '.join(known)}")
    return text
