"""Questions whose answers are one of a few: multiple choice (MMLU and its like) and classification (text, label).

question, choice0, choice1, ..., answer 1     -> the choices stand in the question, accept is the text of choice1
text, label                                   -> the text is the question, the system message lists the labels
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.errors import InputError
from harness.golden.imported import Imported, Remark
from harness.golden.importers.cells import identity, missing, plain_text, structured, texts
from harness.golden.importers.columns import ALIASES
from harness.golden.importers.drafts import Draft, assemble
from harness.golden.importers.tables import Row, Table

LETTERS = "ABCDEFGHIJ"
LABELS = ("label", "category", "intent", "class", "label_text")
_CHOICE = re.compile(r"^(?:choice|option)_?(?:\d|[a-j])$|^[a-j]$")
MOST_LABELS = 200  # that a system message lists


def is_multiple_choice(table: Table) -> bool:
    return "question" in table.columns and "answer" in table.columns and bool(_columns(table))


def _columns(table: Table) -> list[str]:
    if "choices" in table.columns:
        return ["choices"]
    columns = [name for name in table.columns if _CHOICE.match(name)]
    return columns if len(columns) > 1 else []


def read_multiple_choice(table: Table, recognised: str) -> Imported:
    """Multiple choice: `answer` is a number from 0, a letter, or the text of a choice."""
    columns = _columns(table)
    drafts = [_question(row, where, columns) for where, row in table.rows]
    return assemble(
        drafts, recognised, source=table.file, remarks=[Remark("read", f"choices from {', '.join(columns)}")]
    )


def _question(row: Row, where: str, columns: Sequence[str]) -> Draft:
    choices = texts(structured(row.get("choices")), where) if columns == ["choices"] else ()
    choices = choices or tuple(plain_text(row.get(name), words=False) or "" for name in columns)
    options = "\n".join(f"{letter}. {text}" for letter, text in zip(LETTERS, choices, strict=False))
    answer = identity(row.get("answer"))
    if missing(row.get("answer")) or answer is None:
        return Draft(
            where, f"{row['question']}\n{options}", identity(row.get("id")), why_unlabelled="no value in 'answer'"
        )
    at = int(answer) if answer.isdigit() else LETTERS.find(answer.upper()) if len(answer) == 1 else -1
    if not answer.isdigit() and answer in choices:
        at = choices.index(answer)
    if not 0 <= at < len(choices):
        raise InputError(
            f"{where}: answer '{answer}' is none of its {len(choices)} choices (0 to {len(choices) - 1}, or A, B)"
        )
    return Draft(
        where,
        f"{row['question']}\n{options}",
        identity(row.get("id")),
        (choices[at],),
        source=plain_text(row.get("subject")),
    )


def is_classification(table: Table) -> bool:
    questions = {name for name in ALIASES["question"] if name in table.columns}
    return "text" in table.columns and not questions and sum(name in table.columns for name in LABELS) == 1


def read_classification(table: Table, recognised: str) -> Imported:
    """Texts with a label each. The system message lists the labels and asks for one of them word for word."""
    column = next((name for name in LABELS if name in table.columns), None)
    if column is None or "text" not in table.columns:
        raise InputError(
            f"{table.file}: not classified texts; found the columns {', '.join(table.columns[:12])}; "
            f"expected 'text' and one of {', '.join(LABELS)}"
        )
    drafts = [
        Draft(where, plain_text(row.get("text")), identity(row.get("id")), texts(identity(row.get(column)), where))
        for where, row in table.rows
    ]
    labels = sorted({label for draft in drafts for label in draft.accept})
    remarks = [Remark("read", f"question from 'text', accept from '{column}' ({len(labels)} labels)")]
    rest = [name for name in table.columns if name not in ("id", "text", column)]
    if rest:
        remarks.append(Remark("not read", f"columns of no known name: {', '.join(rest)}"))
    if labels and all(label.isdigit() for label in labels):
        remarks.append(
            Remark("not read", "labels are numbers; their names stand in the data set's card: replace them first")
        )
    return assemble(drafts, recognised, source=table.file, remarks=remarks, system=_system(labels))


def _system(labels: Sequence[str]) -> str | None:
    if len(labels) > MOST_LABELS:
        return None
    lines = "\n".join(f"- {label}" for label in labels)
    return f"Classify the message. Answer with exactly one of these labels, and nothing else:\n{lines}"
