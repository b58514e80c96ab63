"""One question a row, under our own column names or those of ragas, deepeval and others (see `columns`).

A column that holds passages (ragas `reference_contexts`, deepeval `context`) becomes the corpus, and each of its
passages evidence of its row. Retrieved contexts are another system's output: not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from harness.errors import InputError
from harness.golden.imported import Imported
from harness.golden.importers.cells import (
    BAR,
    TEXT_KEYS,
    as_list,
    identity,
    missing,
    plain_text,
    structured,
    texts,
    truth,
)
from harness.golden.importers.columns import SEVERAL, Columns, resolve
from harness.golden.importers.drafts import Draft, assemble, text_passage
from harness.golden.importers.tables import Row, Table
from harness.types import CATEGORIES, KINDS, SPLITS, Category, Evidence, Kind, Passage, Split


def read_records(table: Table, recognised: str, *, system_answer: bool = False, divided: bool = False) -> Imported:
    """Cases of a table whose columns have known names.

    Args:
        table: the rows.
        recognised: what the rows are, for a person.
        system_answer: `answer` is a system's own.
        divided: bars divide the passages in a text cell (deepeval's CSV).
    """
    columns = resolve(table, system_answer=system_answer)
    drafts = [_draft(row, where, table, columns, divided) for where, row in table.rows]
    return assemble(drafts, recognised, source=table.file, remarks=columns.remarks())


def _draft(row: Row, where: str, table: Table, columns: Columns, divided: bool) -> Draft:
    values = {ours: row.get(column) for ours, column in columns.fields.items()}
    question = values.get("question")
    if isinstance(question, list | Mapping):
        return Draft(where, None, left_out="a conversation of several turns; expected one question")
    passages = tuple(passages_of(values.get("contexts"), where, divided and table.cells, values.get("context_ids")))
    accept, why, notes = _accept(values.get("accept"), where, table, columns)
    return Draft(
        where=where,
        question=plain_text(question),
        id=identity(values.get("id")),
        accept=accept,
        key_points=texts(values.get("key_points"), where, divided=table.cells),
        passages=passages,
        evidence=(*_evidence(values, where), *(Evidence(id=passage.id) for passage in passages)),
        unanswerable=truth(values.get("unanswerable")) or False,
        kind=cast("Kind | None", choice(values.get("kind"), KINDS, where)),
        category=cast(Category, _category(values.get("category"))),
        split=cast(Split, split_of(values.get("split"), where)),
        timestamp=plain_text(values.get("timestamp")),
        source=plain_text(values.get("source")),
        verified_by=plain_text(values.get("verified_by")),
        why_unlabelled=why,
        unread=_other_category(values.get("category")),
        notes=notes,
    )


def _accept(value: Any, where: str, table: Table, columns: Columns) -> tuple[tuple[str, ...], str, tuple[str, ...]]:
    """Accepted answers; what stood there instead of one; what to say of them."""
    column = columns.fields.get("accept", "")
    if isinstance(value, Mapping) and not isinstance(value.get("text", value.get("aliases")), str | list):
        keys = ", ".join(map(str, value))
        raise InputError(f"{where}: '{column}' is an object with the keys {keys}, expected text or a list of texts")
    divided = table.cells and column in SEVERAL
    accept = texts(value, where, divided=divided)
    if not accept:
        return (), _instead(value, column), ()
    bar = isinstance(value, str) and BAR in value and not divided and len(accept) == 1
    notes = (
        (f"'{column}' is one answer with its '{BAR}'; several go in a column 'accept', divided by it",) if bar else ()
    )
    return accept, "", notes


def _instead(value: Any, column: str) -> str:
    """The value that stands where the answer should, in words."""
    if isinstance(value, str | float):
        return f"'{column}' is {value!r}"
    return f"no value in '{column}'" if column else ""


def passages_of(value: Any, where: str, divided: bool = False, ids: Any = None) -> Iterator[Passage]:
    """The passages of a cell: texts, or objects with a text and perhaps a title and an id. A text is never cut."""
    value = structured(value)
    if isinstance(value, str) and divided:
        value = value.split(BAR)
    if missing(value):
        return
    items = value if isinstance(value, list) else [value]
    names = structured(ids) if isinstance(structured(ids), list) and len(structured(ids)) == len(items) else None
    for number, item in enumerate(items):
        if isinstance(item, Mapping):
            key = next((key for key in TEXT_KEYS if isinstance(item.get(key), str)), None)
            if key is None:
                raise InputError(
                    f"{where}: a passage is an object with the keys {', '.join(item)}, expected a text in it"
                )
            name = next(
                (identity(item[k]) for k in ("id", "doc_id", "chunk_id", "_id") if not missing(item.get(k))), None
            )
            yield text_passage(item[key].strip(), plain_text(item.get("title")) or "", id=name)
        else:
            for text in texts(item, where):
                yield text_passage(text, id=None if names is None else identity(names[number]))


def _evidence(values: Mapping[str, Any], where: str) -> Iterator[Evidence]:
    for item in as_list(structured(values.get("evidence"))):
        if isinstance(item, Mapping):
            if not isinstance(item.get("doc"), str):
                raise InputError(
                    f"{where}: 'evidence' has the keys {', '.join(item)}, expected 'doc' and 'quote', or an id"
                )
            yield Evidence(doc=item["doc"], quote=plain_text(item.get("quote")))
        else:
            yield Evidence(id=str(identity(item)))
    if not missing(values.get("doc")):
        yield Evidence(doc=str(plain_text(values["doc"])), quote=plain_text(values.get("quote")))
    if missing(values.get("contexts")):
        yield from (Evidence(id=name) for name in texts(values.get("context_ids"), where))


def choice(value: Any, choices: tuple[str, ...], where: str) -> str | None:
    """The value, one of `known`. InputError where it is another."""
    text = plain_text(value)
    if text is not None and text not in choices:
        raise InputError(f"{where}: found '{text}', expected one of: {', '.join(choices)}")
    return text


def _category(value: Any) -> str:
    text = plain_text(value)
    return text if text in CATEGORIES else "factual"


def _other_category(value: Any) -> tuple[str, ...]:
    """People's own categories (billing, returns) are not ours (factual, tone, completeness)."""
    text = plain_text(value)
    return () if text is None or text in CATEGORIES else (f"category '{text}' is none of {', '.join(CATEGORIES)}",)


def split_of(value: Any, where: str) -> str:
    """A split under its usual names; a row without one is a test case."""
    value = structured(value)
    text = plain_text(value[0] if isinstance(value, list) and value else value)
    word = {"validation": "dev", "valid": "dev", "val": "dev", "base": "test"}.get((text or "test").casefold())
    return word or choice((text or "test").casefold(), SPLITS, where) or "test"
