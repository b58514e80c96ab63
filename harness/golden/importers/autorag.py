"""AutoRAG: a table of questions with the ids of their passages, and a corpus beside it."""

from __future__ import annotations

from collections.abc import Sequence

from harness.golden.imported import Imported
from harness.golden.importers.cells import as_list, identity, plain_text, structured, texts
from harness.golden.importers.drafts import Draft, assemble, text_passage
from harness.golden.importers.tables import Row, Table
from harness.types import Evidence, Passage


def is_autorag(table: Table) -> bool:
    return "retrieval_gt" in table.columns


def read_autorag(table: Table, recognised: str, corpus: Sequence[Passage] = ()) -> Imported:
    """AutoRAG's qa: `qid, query, retrieval_gt [[id]], generation_gt [text]`. Outer lists are all needed, inner ones are
    alternatives; a golden case cannot say "one of these", so alternatives are each asked for, and that is said."""
    table.demand(("query",), "AutoRAG")
    drafts = [_autorag(row, where) for where, row in table.rows]
    return assemble(drafts, recognised, source=table.file, passages=corpus)


def _autorag(row: Row, where: str) -> Draft:
    groups = [texts(group, where) for group in as_list(structured(row.get("retrieval_gt")))]
    alternatives = [group for group in groups if len(group) > 1]
    nested = any(isinstance(group, list) for group in as_list(structured(row.get("retrieval_gt"))))
    accept = texts(row.get("generation_gt"), where)
    ids = tuple(dict.fromkeys(id for group in groups for id in group))
    return Draft(
        where=where,
        question=plain_text(row.get("query")),
        id=identity(row.get("qid")),
        accept=accept,
        evidence=tuple(Evidence(id=id) for id in ids),
        kind="multi_hop" if accept and len(groups) > 1 and nested else None,
        why_unlabelled="no value in 'generation_gt'",
        notes=tuple(
            f"{' or '.join(group)}: alternatives; each counts as evidence of its own" for group in alternatives
        ),
    )


def autorag_corpus(table: Table) -> list[Passage]:
    """AutoRAG's corpus: `doc_id, contents, metadata`."""
    table.demand(("doc_id", "contents"), "an AutoRAG corpus")
    return [
        text_passage(str(row["contents"]).strip(), plain_text(row.get("title")) or "", id=str(identity(row["doc_id"])))
        for _, row in table.rows
    ]
