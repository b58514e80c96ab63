"""The columns of imported tables, and the field that each is read as.

ALIASES is the whole table; a column outside it is named and not read.

The reference is what a person or a data set says is right. What a system answered or retrieved is never the reference:
in ragas 0.1 that is `answer` and `contexts` beside `ground_truth`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.errors import InputError
from harness.golden.imported import Remark
from harness.golden.importers.cells import missing
from harness.golden.importers.tables import Table

# Our field <- column names, the surest first.
ALIASES: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "qid", "question_id", "query_id", "_id", "case_id", "uid", "name"),
    "question": ("question", "user_input", "input", "query", "user_question", "prompt"),
    "accept": (
        "accept", "ground_truth", "ground_truths", "groundtruth", "reference", "reference_answer", "expected_output",
        "expected_answer", "expected_answers", "expected_response", "expected", "ideal", "generation_gt", "gold_answer",
        "gold_answers", "golden_answer", "golden_answers", "reference_answers", "accepted_answers",
        "acceptable_answers", "correct_answers", "correct_answer", "best_answer", "target", "answers", "answer",
    ),
    "key_points": ("key_points",),
    "contexts": ("reference_contexts", "gold_contexts", "context", "contexts"),
    "context_ids": ("reference_context_ids",),
    "evidence": ("evidence",),
    "doc": ("doc", "document"),
    "quote": ("quote",),
    "kind": ("kind",),
    "unanswerable": ("is_impossible", "unanswerable", "is_unanswerable"),
    "category": ("category",),
    "split": ("split",),
    "timestamp": ("timestamp", "date"),
    "source": ("source", "source_file", "title"),
    "verified_by": ("verified_by",),
}  # fmt: skip
# Columns whose text cells hold several values, divided by a bar. In every other column a bar is part of the text.
SEVERAL = frozenset({
    "accept", "answers", "ground_truths", "expected_answers", "gold_answers", "golden_answers", "reference_answers",
    "accepted_answers", "acceptable_answers", "correct_answers", "key_points",
})  # fmt: skip
# What a system answered and retrieved.
SYSTEM = frozenset({
    "response", "actual_output", "output", "prediction", "predicted_answer", "model_answer", "generated_answer",
    "generation", "completion", "retrieved_contexts", "retrieval_context", "retrieved_context_ids", "multi_responses",
    "result", "llm_answer", "rag_answer", "bot_answer", "system_answer", "model_response", "model_output",
    "generated_text", "source_documents", "retrieved_documents", "retrieved_docs", "retrieved_passages",
    "retrieved_chunks",
})  # fmt: skip
# Beside one of these `answer` is what a system answered, and `contexts` what it retrieved.
RETRIEVED = frozenset({
    "retrieved_contexts", "retrieval_context", "retrieved_context_ids", "source_documents", "retrieved_documents",
    "retrieved_docs", "retrieved_passages", "retrieved_chunks",
})  # fmt: skip
UNSURE = ("answers", "answer")
TRAINING = frozenset({"messages", "conversations", "instruction", "completion", "chosen"})
MOST_NAMED = 12


@dataclass(frozen=True, slots=True)
class Columns:
    """The column that each of our fields is read from, and those that are not read."""

    fields: Mapping[str, str]  # our field -> column
    system: tuple[str, ...]  # a system's own answers and passages
    unknown: tuple[str, ...]

    def remarks(self) -> list[Remark]:
        """The mapping as remarks: which column is what, whose answers were passed over, what is not known."""
        read = ", ".join(f"{ours} from '{column}'" for ours, column in self.fields.items() if ours != column)
        rows = [Remark("read", read)] if read else []
        if self.system:
            rows.append(Remark("not read", f"a system's own answers and passages: {', '.join(self.system)}"))
        aliases = {name for names in ALIASES.values() for name in names}
        beside, strange = [c for c in self.unknown if c in aliases], [c for c in self.unknown if c not in aliases]
        if beside:
            rows.append(Remark("not read", f"columns beside those that are read: {', '.join(beside)}"))
        if strange:
            rows.append(Remark("not read", f"columns of no known name: {', '.join(strange)}"))
        return rows


def resolve(table: Table, *, system_answer: bool = False) -> Columns:
    """The columns of a table by ALIASES, the user's own names first.

    Args:
        table: the rows.
        system_answer: the format says that `answer` is a system's (ragas).

    Raises InputError: no question column, no answer column; it names the columns and the known names.
    """
    fields = dict(table.named)
    free = [name for name in table.columns if name not in fields.values()]
    usable = [name for name in free if any(not missing(row.get(name)) for _, row in table.rows)]
    own = _system_own(usable, fields, system_answer)
    for ours, names in ALIASES.items():
        if ours not in fields:
            name = next((name for name in names if name in free and name not in own), None)
            if name is not None:
                fields[ours] = name
    unlabelled = not {"accept", "kind", "unanswerable", "evidence", "doc", "context_ids"} & set(fields)
    _demand(table, [*["question"] * ("question" not in fields), *["accept"] * unlabelled], own)
    read = set(fields.values())
    rest = [name for name in usable if name not in read and name]  # an empty column is nothing to say
    system = tuple(name for name in rest if name in own or name in SYSTEM)
    return Columns(fields, system, tuple(name for name in rest if name not in system))


def _system_own(columns: Sequence[str], by_user: Mapping[str, str], system_answer: bool) -> set[str]:
    """Columns that hold what a system said or found, though their name could mean the reference."""
    sure = [name for name in ALIASES["accept"] if name not in UNSURE]
    has_reference = "accept" in by_user or any(name in columns for name in sure)
    retrieved = any(name in RETRIEVED for name in columns)
    other = any(
        name in SYSTEM - RETRIEVED for name in columns
    )  # its answer stands elsewhere: 'answer' is the reference
    system_texts = (
        "answer" in columns
        and (not other or has_reference or system_answer)
        and (system_answer or has_reference or retrieved or "contexts" in columns)
    )
    own = {"answer"} if system_texts else set()
    if has_reference and "answers" in columns:
        own.add("answers")
    if "contexts" in columns and (system_texts or "response" in columns or retrieved):
        own.add("contexts")
    return own


def _demand(table: Table, fields: Sequence[str], own: set[str]) -> None:
    """Refuse a table that lacks the columns of these fields, all of them in one message."""
    if not fields:
        return
    nouns = {"question": "question", "accept": "answer"}
    absent = " and ".join(f"no {nouns[ours]} column" for ours in fields)
    columns = ", ".join(table.columns[:MOST_NAMED]) + (", ..." if len(table.columns) > MOST_NAMED else "")
    apart = " ('answer' stands beside what a system retrieved, so it is the system's own)" if "answer" in own else ""
    if TRAINING & set(table.columns):
        apart += f"; '{min(TRAINING & set(table.columns))}' looks like tuning data: harness examples import reads it"
    names = "; for the ".join(f"{nouns[ours]} one of the columns {', '.join(ALIASES[ours])}" for ours in fields)
    option = " ".join(f"--column {ours}=NAME" for ours in fields)
    for_the = "for the " if len(fields) > 1 else ""
    expected = names if for_the else names.partition(" ")[2]
    raise InputError(
        f"{table.file}: {absent}{apart}; found the columns {columns}; expected {for_the}{expected}; "
        f"name another with {option}"
    )


def named_columns(options: Sequence[str]) -> dict[str, str]:
    """`question=Frage` as our field and the user's column. InputError: no such field, no '='."""
    pairs = [option.partition("=") for option in options]
    for ours, equals, column in pairs:
        if not equals or not column.strip() or ours.strip() not in ALIASES:
            raise InputError(
                f"--column {ours}{equals}{column}: expected FIELD=COLUMN, FIELD one of: {', '.join(ALIASES)}"
            )
    return {ours.strip(): column.strip() for ours, _, column in pairs}
