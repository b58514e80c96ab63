"""TruLens' ground truth: questions with the response and the chunks that are expected."""

from __future__ import annotations

from harness.errors import InputError
from harness.golden.imported import Imported
from harness.golden.importers.cells import identity, plain_text, texts
from harness.golden.importers.drafts import Draft, assemble
from harness.golden.importers.records import passages_of
from harness.golden.importers.tables import Row, Table
from harness.types import Evidence


def is_trulens(table: Table) -> bool:
    return "query" in table.columns and bool({"expected_response", "expected_chunks"} & set(table.columns))


def read_trulens(table: Table, recognised: str) -> Imported:
    """TruLens' ground truth: `query, query_id?, expected_response, expected_chunks? [{text, title?}]`.

    The `response` of older versions could be a system's: it is not read.
    """
    labels = {"expected_response", "expected_chunks"} & set(table.columns) or "accept" in table.named
    if not labels and "response" in table.columns:
        raise InputError(
            f"{table.file}: no column 'expected_response'; 'response' may be a system's own answer: if it is the "
            "reference, say so with --column accept=response"
        )
    table.demand(("query",) if labels else ("query", "expected_response"), "TruLens")
    drafts = [_trulens(row, where, table) for where, row in table.rows]
    return assemble(drafts, recognised, source=table.file)


def _trulens(row: Row, where: str, table: Table) -> Draft:
    passages = tuple(passages_of(row.get("expected_chunks"), where))
    return Draft(
        where=where,
        question=plain_text(row.get("query")),
        id=identity(row.get("query_id")),
        accept=texts(row.get(table.named.get("accept", "expected_response")), where),
        passages=passages,
        evidence=tuple(Evidence(id=passage.id) for passage in passages),
        why_unlabelled="no value in 'expected_response'",
    )
