"""SQuAD 1.1 and 2.0: a passage a paragraph, a case a question (Rajpurkar et al. 2016, 2018).

Source: `{"data": [{"title": "Normans", "paragraphs": [{"context": "...", "qas": [{"id", "question",
"answers": [{"text", "answer_start"}], "is_impossible"}]}]}]}`. A paragraph of the third article becomes the passage
`Normans#3`; its questions have that passage as evidence, and those without an answer have the article as source.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from harness.errors import InputError
from harness.golden.imported import Imported
from harness.golden.importers.files import one_file, read_json
from harness.types import Case, Evidence, Passage

VERIFIED = "crowd workers (SQuAD)"


def read_squad(path: Path) -> Imported:
    """Passages and cases of a SQuAD file.

    Raises:
        InputError: not a SQuAD file, or one without answers (the hidden test set).
    """
    file = one_file(path, "dev*.json")
    try:
        paragraphs = list(_paragraphs(read_json(file)))
        cases = tuple(_case(qa, passage, file) for passage, qas in paragraphs for qa in qas)
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{file}: not a SQuAD file ({error!r}); expected data[].paragraphs[].qas[]") from None
    if not cases:
        raise InputError(f"{file}: no questions in it")
    return Imported(cases, tuple(passage for passage, _ in paragraphs))


def _paragraphs(raw: Mapping[str, Any]) -> Iterator[tuple[Passage, list[Mapping[str, Any]]]]:
    for article in raw["data"]:
        name = article["title"]
        for number, paragraph in enumerate(article["paragraphs"], start=1):
            title = name.replace("_", " ")
            yield Passage(f"{name}#{number}", name, title, paragraph["context"].strip()), paragraph["qas"]


def _case(qa: Mapping[str, Any], passage: Passage, file: Path) -> Case:
    answers = tuple(dict.fromkeys(answer["text"].strip() for answer in qa["answers"]))
    impossible = bool(qa.get("is_impossible", False))
    where = f"{file}: question {qa['id']}"
    if not impossible and not answers:
        raise InputError(f"{where}: no answers; the hidden test file has none, take the dev file")
    return Case(
        id=str(qa["id"]),
        question=qa["question"].strip(),
        accept=() if impossible else answers,
        evidence=() if impossible else (Evidence(id=passage.id),),
        kind="unanswerable" if impossible else "lookup",
        source=passage.doc,
        verified_by=VERIFIED,
        where=where,
    )
