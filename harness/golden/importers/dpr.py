"""Open-domain questions (DPR, FiD, Natural Questions) with passages marked as gold, positive or negative."""

from __future__ import annotations

from collections.abc import Mapping

from harness.golden.imported import Imported, Remark
from harness.golden.importers.cells import as_list, identity, missing, plain_text, structured, texts
from harness.golden.importers.drafts import Draft, assemble
from harness.golden.importers.records import passages_of
from harness.golden.importers.tables import Row, Table
from harness.types import Evidence, Passage


def is_dpr(table: Table) -> bool:
    return "question" in table.columns and bool({"ctxs", "positive_ctxs"} & set(table.columns))


def read_dpr(table: Table, recognised: str) -> Imported:
    """Open-domain questions (DPR, FiD, NQ): `question, answers[], ctxs [{title, text, isgold}]` or `positive_ctxs`.

    Evidence is what is marked as gold or positive; the other passages are corpus.
    """
    drafts = [_dpr(row, where) for where, row in table.rows]
    unread = [name for name in table.columns if name not in DPR_COLUMNS]
    remarks = [Remark("not read", f"columns of no known name: {', '.join(unread)}")] if unread else []
    return assemble(drafts, recognised, source=table.file, remarks=remarks)


DPR_COLUMNS = ("id", "question", "answers", "answer", "ctxs", "positive_ctxs", "negative_ctxs", "hard_negative_ctxs")


def _dpr(row: Row, where: str) -> Draft:
    gold: list[Passage] = []
    others: list[Passage] = []
    for key in ("ctxs", "positive_ctxs", "negative_ctxs", "hard_negative_ctxs"):
        for item in as_list(structured(row.get(key))):
            marked = isinstance(item, Mapping) and item.get("isgold") is True
            (gold if key == "positive_ctxs" or marked else others).extend(passages_of([item], where))
    answers = row.get("answers") if not missing(row.get("answers")) else row.get("answer")
    return Draft(
        where=where,
        question=plain_text(row.get("question")),
        id=identity(row.get("id")),
        accept=texts(answers, where),
        passages=(*gold, *others),
        evidence=tuple(Evidence(id=passage.id) for passage in gold),
        source=gold[0].title or None if gold else None,
        why_unlabelled="no value in 'answers'",
    )
