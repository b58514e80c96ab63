"""OpenAI evals: an input, as text or messages, and its ideal answer; or any row under `item`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from harness.golden.imported import Imported, Remark
from harness.golden.importers.cells import as_list, identity, plain_text, structured, texts
from harness.golden.importers.chats import chat_question
from harness.golden.importers.drafts import Draft, assemble
from harness.golden.importers.records import read_records
from harness.golden.importers.tables import Row, Table


def is_openai_evals(table: Table) -> bool:
    return ("input" in table.columns and "ideal" in table.columns) or table.columns in (("item",), ("item", "sample"))


def read_openai_evals(table: Table, recognised: str) -> Imported:
    """OpenAI evals: `input` (text or messages) and `ideal` (text or a list); or rows under `item`, by their columns.

    System messages are the scenario's affair: they are not read, and that is said.
    """
    if "item" in table.columns:
        rows = tuple((where, {str(k).lower(): v for k, v in dict(row["item"]).items()}) for where, row in table.rows)
        columns = tuple(dict.fromkeys(name for _, row in rows for name in row))
        return read_records(replace(table, rows=rows, columns=columns), recognised)
    table.demand(("input", "ideal"), "OpenAI evals")
    drafts = [_openai(row, where) for where, row in table.rows]
    systems = {m["content"] for _, row in table.rows for m in as_list(structured(row.get("input"))) if _is_system(m)}
    remarks = [Remark("not read", f"system message: {str(text)[:80]}") for text in sorted(map(str, systems))]
    return assemble(drafts, recognised, source=table.file, remarks=remarks)


def _is_system(message: Any) -> bool:
    return isinstance(message, Mapping) and message.get("role") in ("system", "developer") and not message.get("name")


def _openai(row: Row, where: str) -> Draft:
    value = structured(row.get("input"))
    question, turns = chat_question(value) if isinstance(value, list) else (plain_text(value), 1)
    if turns > 1:
        return Draft(where, None, left_out=f"a conversation of {turns} turns; expected one question")
    ideal = texts(row.get("ideal"), where)
    return Draft(where, question, identity(row.get("id")), ideal, why_unlabelled="no value in 'ideal'")
