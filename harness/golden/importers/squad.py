"""SQuAD 1.1 and 2.0, Rajpurkar and others 2016, 2018, and annotation tools that write its form: a case a question.

Source: `{"data": [{"title": "Normans", "paragraphs": [{"context": "...", "qas": [{"id", "question",
"answers": [{"text", "answer_start"}], "is_impossible"}]}]}]}`. A paragraph of the third article becomes the passage
`Normans#3`; its questions have that passage as evidence, and those without an answer have the article as source. An
article without a title is named by its paragraph's `document_id`, or its number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from harness.errors import InputError
from harness.golden.imported import Imported, Remark
from harness.golden.importers.cells import identity, missing, plain_text, structured, texts
from harness.golden.importers.drafts import Draft, assemble, text_passage
from harness.golden.importers.files import one_file, read_json
from harness.golden.importers.tables import Row, Table
from harness.types import Evidence, Passage

VERIFIED = "crowd workers (SQuAD)"


def read_squad(path: Path) -> Imported:
    """Passages and cases of a SQuAD file.

    Raises:
        InputError: not a SQuAD file, or one without any answer (the hidden test set).
    """
    file = one_file(path, "dev*.json")
    try:
        paragraphs = list(_paragraphs(read_json(file)))
        drafts = [_draft(qa, passage, file) for passage, qas in paragraphs for qa in qas]
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{file}: not a SQuAD file ({error!r}); expected data[].paragraphs[].qas[]") from None
    if not drafts:
        raise InputError(f"{file}: no questions in it")
    if not any(draft.accept for draft in drafts):
        unlabelled = next((draft for draft in drafts if not draft.unanswerable), drafts[0])
        raise InputError(f"{unlabelled.where}: no answers; the hidden test file has none, take the dev file")
    return assemble(drafts, "SQuAD", source=file, passages=[passage for passage, _ in paragraphs])


def _paragraphs(raw: Mapping[str, Any]) -> Iterator[tuple[Passage, list[Mapping[str, Any]]]]:
    used: set[str] = set()
    for at, article in enumerate(raw["data"], start=1):
        for number, paragraph in enumerate(article["paragraphs"], start=1):
            title = article.get("title") or ""
            name = title or str(identity(paragraph.get("document_id")) or f"article-{at}")
            id = next(i for n in range(len(used) + 1) if (i := f"{name}#{number + n}") not in used)
            used.add(id)
            yield Passage(id, name, title.replace("_", " "), paragraph["context"].strip()), paragraph["qas"]


def _draft(qa: Mapping[str, Any], passage: Passage, file: Path) -> Draft:
    where = f"{file}: question {qa.get('id', repr(qa['question']))}"
    impossible = qa.get("is_impossible")
    return Draft(
        where=where,
        question=qa["question"].strip(),
        id=None if missing(qa.get("id")) else identity(qa["id"]),
        accept=texts([answer["text"] for answer in qa.get("answers") or ()], where),
        evidence=(Evidence(id=passage.id),),
        unanswerable=impossible is True,
        source=passage.doc,
        verified_by=VERIFIED if passage.title else None,  # tools that write SQuAD's form leave the title out
        why_unlabelled="no answers",
    )


# --- rows of the hub ------------------------------------------------------------------------------------------------


def is_flat_squad(table: Table) -> bool:
    if not {"question", "context", "answers"} <= set(table.columns):
        return False
    cells = (structured(row.get("answers")) for _, row in table.rows)
    return all(isinstance(cell, Mapping) and "text" in cell for cell in cells if not missing(cell))


def read_flat_squad(table: Table, recognised: str) -> Imported:
    """SQuAD as on the hub: `id, title, context, question, answers {text[], answer_start[]}`.

    Version 2 says with an empty `text` that the passage does not answer; in a file without any answer it says nothing.
    """
    answers = [texts(row.get("answers"), where) for where, row in table.rows]
    drafts = [
        _flat_squad(row, where, accept, any(answers)) for (where, row), accept in zip(table.rows, answers, strict=True)
    ]
    empty = sum(draft.unanswerable for draft in drafts)
    remarks = [Remark("read", f"{empty} rows with an empty 'text' as unanswerable (SQuAD 2.0)")] if empty else []
    return assemble(drafts, recognised, source=table.file, remarks=remarks)


def _flat_squad(row: Row, where: str, accept: tuple[str, ...], has_labels: bool) -> Draft:
    title = plain_text(row.get("title")) or ""
    passage = text_passage(str(row["context"]).strip(), title.replace("_", " "), doc=title or None)
    cell = structured(row.get("answers"))
    says_none = isinstance(cell, Mapping) and not accept and isinstance(cell.get("text"), list) and has_labels
    return Draft(
        where=where,
        question=plain_text(row.get("question")),
        id=identity(row.get("id")),
        accept=accept,
        passages=(passage,),
        evidence=(Evidence(id=passage.id),),
        unanswerable=says_none,
        source=passage.doc,
        why_unlabelled="no answers",
    )
