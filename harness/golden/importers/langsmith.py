"""LangSmith's examples: objects of inputs and outputs, nested or flat; MLflow's expectations too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from harness.errors import InputError
from harness.golden.imported import Imported, Remark
from harness.golden.importers.cells import identity, missing, plain_text, structured, texts
from harness.golden.importers.chats import chat_question
from harness.golden.importers.columns import ALIASES
from harness.golden.importers.drafts import Draft, assemble
from harness.golden.importers.records import split_of
from harness.golden.importers.tables import Row, Table
from harness.types import Split

OUTPUT_KEYS = (
    "answer", "output", "expected", "expected_output", "expected_response", "reference", "ground_truth", "ideal",
    "response", "text",
)  # fmt: skip
CHAT = ("messages", "input_messages", "conversation")


def is_langsmith(table: Table) -> bool:
    """Both sides are there, and no column of a plain name (`question` beside `input_tokens` is no such table)."""
    plain = {"question", "user_input", "input", "query"} & set(table.columns)
    return not plain and bool(_side(table, "inputs")) and bool(_side(table, "outputs") or _side(table, "reference"))


def read_langsmith(table: Table, recognised: str) -> Imported:
    """LangSmith's examples: `inputs` and `outputs` objects, or columns `inputs.question`, `outputs.answer`.

    Where results stand beside references (`reference.answer`), outputs are a system's own and not read.
    """
    _langsmith_sides(table)
    results = bool(_side(table, "reference"))
    drafts = [_langsmith(row, where, "reference" if results else "outputs", table) for where, row in table.rows]
    both = results and bool(_side(table, "outputs"))
    remarks = [Remark("not read", "outputs: a system's own beside the reference")] if both else []
    return assemble(drafts, recognised, source=table.file, remarks=remarks)


def _langsmith_sides(table: Table) -> None:
    if not _side(table, "inputs") or not (_side(table, "outputs") or _side(table, "reference")):
        columns = ", ".join(table.columns[:12])
        raise InputError(f"{table.file}: not LangSmith's examples; found {columns}; expected 'inputs' and 'outputs'")


def _side(table: Table, name: str) -> list[str]:
    """Columns of one side, nested or flattened: `inputs`, `inputs.question`, `input_question`; MLflow's too."""
    whole, starts = {
        "inputs": (("inputs",), ("inputs.", "input.", "inputs_", "input_")),
        "outputs": (("outputs",), ("outputs.", "output.", "outputs_", "output_")),
        "reference": (("reference_outputs", "expectations"), ("reference.", "reference_outputs.", "expectations.")),
    }[name]
    return [column for column in table.columns if column in whole or column.startswith(starts)]


def _langsmith(row: Row, where: str, reference: str, table: Table) -> Draft:
    inputs, outputs = (_object(row, _side(table, name), name) for name in ("inputs", reference))
    question, turns = _question_of(inputs)
    if turns > 1:
        return Draft(where, None, left_out=f"a conversation of {turns} turns; expected one question")
    if question is None and inputs:
        keys = ", ".join(inputs)
        raise InputError(
            f"{where}: inputs has the keys {keys}; expected one of {', '.join(ALIASES['question'])}, or one key"
        )
    key = next((k for k in OUTPUT_KEYS if not missing(outputs.get(k))), None) or _only(outputs)
    if key is None and len(outputs) > 1 and not all(map(missing, outputs.values())):
        raise InputError(
            f"{where}: outputs has the keys {', '.join(outputs)}; expected one of {', '.join(OUTPUT_KEYS)}"
        )
    metadata = structured(row.get("metadata"))
    split = metadata.get("dataset_split") if isinstance(metadata, Mapping) else row.get("split")
    word = split[0] if isinstance(split, list) and split else split
    return Draft(
        where=where,
        question=question,
        id=identity(row.get("id") if not missing(row.get("id")) else row.get("example_id")),
        accept=_output_texts(outputs.get(key), where) if key else (),
        split=cast(Split, split_of(word if word in ("train", "dev", "test", "validation") else None, where)),
        why_unlabelled="no outputs",
    )


def _object(row: Row, columns: Sequence[str], name: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for column in columns:
        cell = structured(row.get(column))
        if isinstance(cell, Mapping) and column in (name, "reference_outputs", "expectations"):
            values |= dict(cell)
        elif not missing(cell):
            key = column.partition(".")[2] or column.partition("_")[2] or column
            values[key] = cell
    return values


def _question_of(inputs: Mapping[str, Any]) -> tuple[str | None, int]:
    """The question of an object of inputs, and how many turns a person took."""
    for name in CHAT:
        if isinstance(inputs.get(name), list):
            return chat_question(inputs[name])
    key = next((name for name in ALIASES["question"] if isinstance(inputs.get(name), str)), None) or _only(inputs)
    value = inputs.get(key) if key else None
    return chat_question(value) if isinstance(value, list) else (plain_text(value), 1)


def _only(values: Mapping[str, Any]) -> str | None:
    return next(iter(values)) if len(values) == 1 else None


def _output_texts(value: Any, where: str) -> tuple[str, ...]:
    """An output: text, a list of texts, or the message of a chat."""
    if isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
        value = value[-1]
    return texts(value, where)
