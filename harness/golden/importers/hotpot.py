"""HotpotQA, Yang and others 2018: questions over several paragraphs, with the sentences that support the answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from harness.errors import InputError
from harness.golden.imported import Imported
from harness.golden.importers.cells import identity, missing, plain_text, structured, texts
from harness.golden.importers.drafts import Draft, assemble, text_passage
from harness.golden.importers.tables import Row, Table
from harness.types import Evidence


def is_hotpot(table: Table) -> bool:
    return {"question", "answer", "supporting_facts", "context"} <= set(table.columns)


def read_hotpot(table: Table, recognised: str) -> Imported:
    """HotpotQA: each paragraph a passage, each supporting sentence evidence.

    Classic rows have `context [[title, [sentence]]]` and `supporting_facts [[title, number]]`, the hub's objects of
    lists.
    """
    table.demand(("question", "answer", "supporting_facts", "context"), "HotpotQA")
    drafts = [_hotpot(row, where) for where, row in table.rows]
    return assemble(drafts, recognised, source=table.file)


def _hotpot(row: Row, where: str) -> Draft:
    try:
        paragraphs = {
            title: [str(s) for s in sentences] for title, sentences in _couples(row["context"], "title", "sentences")
        }
        facts = list(_couples(row["supporting_facts"], "title", "sent_id"))
        quotes = [
            (title, paragraphs[title][number]) for title, number in facts if number < len(paragraphs.get(title, ()))
        ]
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise InputError(
            f"{where}: not a HotpotQA row ({error!r}); expected context and supporting_facts by title"
        ) from None
    return Draft(
        where=where,
        question=plain_text(row.get("question")),
        id=identity(row.get("_id") if not missing(row.get("_id")) else row.get("id")),
        accept=texts(row.get("answer"), where),
        passages=tuple(text_passage("".join(lines).strip(), title, doc=title) for title, lines in paragraphs.items()),
        evidence=tuple(Evidence(doc=title, quote=quote.strip()) for title, quote in quotes),
        kind="multi_hop" if len({title for title, _ in quotes}) > 1 else None,
        verified_by="crowd workers (HotpotQA)",
        why_unlabelled="no value in 'answer'",
        notes=() if len(quotes) == len(facts) else ("a supporting fact that its paragraphs do not have",),
    )


def _couples(value: Any, first: str, second: str) -> Iterator[tuple[str, Any]]:
    value = structured(value)
    if isinstance(value, Mapping):
        yield from zip(value[first], value[second], strict=True)
    else:
        yield from ((title, item) for title, item in value)
