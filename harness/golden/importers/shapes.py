"""Rows of data sets whose answers stand in a shape of their own: LangSmith, OpenAI evals, AutoRAG, TruLens, and others.

Each reader takes a table and returns cases; `fits` functions tell by the columns alone what a table is, so that an
import can say what it took the rows for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from harness.errors import InputError
from harness.golden.imported import Imported, Remark
from harness.golden.importers.cells import identity, missing, plain_text, structured, texts
from harness.golden.importers.columns import ALIASES
from harness.golden.importers.drafts import Draft, assemble, text_passage
from harness.golden.importers.records import passages_of, read_records, split_of
from harness.golden.importers.tables import Row, Table
from harness.types import Evidence, Passage, Split

OUTPUT_KEYS = (
    "answer", "output", "expected", "expected_output", "expected_response", "reference", "ground_truth", "ideal",
    "response", "text",
)  # fmt: skip
CHAT = ("messages", "input_messages", "conversation")


# --- AutoRAG ------------------------------------------------------------------------------------------------------


def is_autorag(table: Table) -> bool:
    return "retrieval_gt" in table.columns


def read_autorag(table: Table, recognised: str, corpus: Sequence[Passage] = ()) -> Imported:
    """AutoRAG's qa: `qid, query, retrieval_gt [[id]], generation_gt [text]`. Outer lists are all needed, inner ones are
    alternatives; a golden case cannot say "one of these", so alternatives are each asked for, and that is said."""
    _demand(table, ("query",), "AutoRAG")
    drafts = [_autorag(row, where) for where, row in table.rows]
    return assemble(drafts, recognised, source=table.file, passages=corpus)


def _autorag(row: Row, where: str) -> Draft:
    groups = [texts(group, where) for group in _list(structured(row.get("retrieval_gt")))]
    alternatives = [group for group in groups if len(group) > 1]
    nested = any(isinstance(group, list) for group in _list(structured(row.get("retrieval_gt"))))
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
    _demand(table, ("doc_id", "contents"), "an AutoRAG corpus")
    return [
        text_passage(str(row["contents"]).strip(), plain_text(row.get("title")) or "", id=str(identity(row["doc_id"])))
        for _, row in table.rows
    ]


# --- TruLens ------------------------------------------------------------------------------------------------------


def is_trulens(table: Table) -> bool:
    return "query" in table.columns and bool({"expected_response", "expected_chunks"} & set(table.columns))


def read_trulens(table: Table, recognised: str) -> Imported:
    """TruLens' ground truth: `query, query_id?, expected_response, expected_chunks? [{text, title?}]`.

    The `response` of older versions could be a system's: it is not read.
    """
    labelled = {"expected_response", "expected_chunks"} & set(table.columns) or "accept" in table.named
    if not labelled and "response" in table.columns:
        raise InputError(
            f"{table.file}: no column 'expected_response'; 'response' may be a system's own answer: if it is the "
            "reference, say so with --column accept=response"
        )
    _demand(table, ("query",) if labelled else ("query", "expected_response"), "TruLens")
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


# --- LangSmith ----------------------------------------------------------------------------------------------------


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
        found = ", ".join(table.columns[:12])
        raise InputError(f"{table.file}: not LangSmith's examples; found {found}; expected 'inputs' and 'outputs'")


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
    question, turns = _asked(inputs)
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
        accept=_said(outputs.get(key), where) if key else (),
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


def _asked(inputs: Mapping[str, Any]) -> tuple[str | None, int]:
    """The question of an object of inputs, and how many turns a person took."""
    for name in CHAT:
        if isinstance(inputs.get(name), list):
            return chat_question(inputs[name])
    key = next((name for name in ALIASES["question"] if isinstance(inputs.get(name), str)), None) or _only(inputs)
    value = inputs.get(key) if key else None
    return chat_question(value) if isinstance(value, list) else (plain_text(value), 1)


def _only(values: Mapping[str, Any]) -> str | None:
    return next(iter(values)) if len(values) == 1 else None


def _said(value: Any, where: str) -> tuple[str, ...]:
    """An output: text, a list of texts, or the message of a chat."""
    if isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
        value = value[-1]
    return texts(value, where)


def chat_question(messages: Sequence[Any]) -> tuple[str | None, int]:
    """What a person asks in a list of messages, and in how many turns. Few-shot turns (`example_user`) are no turns."""
    asked = [
        str(message.get("content"))
        for message in messages
        if isinstance(message, Mapping)
        and str(message.get("role", message.get("type"))) in ("user", "human")
        and not str(message.get("name", "")).startswith("example")
    ]
    return (asked[-1].strip() if asked else None), len(asked)


# --- OpenAI evals -------------------------------------------------------------------------------------------------


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
    _demand(table, ("input", "ideal"), "OpenAI evals")
    drafts = [_openai(row, where) for where, row in table.rows]
    systems = {m["content"] for _, row in table.rows for m in _list(structured(row.get("input"))) if _is_system(m)}
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


# --- SQuAD's flat shape, HotpotQA, DPR ----------------------------------------------------------------------------


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


def _flat_squad(row: Row, where: str, accept: tuple[str, ...], labelled: bool) -> Draft:
    title = plain_text(row.get("title")) or ""
    passage = text_passage(str(row["context"]).strip(), title.replace("_", " "), doc=title or None)
    cell = structured(row.get("answers"))
    says_none = isinstance(cell, Mapping) and not accept and isinstance(cell.get("text"), list) and labelled
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


def is_hotpot(table: Table) -> bool:
    return {"question", "answer", "supporting_facts", "context"} <= set(table.columns)


def read_hotpot(table: Table, recognised: str) -> Imported:
    """HotpotQA: each paragraph a passage, each supporting sentence evidence.

    Classic rows have `context [[title, [sentence]]]` and `supporting_facts [[title, number]]`, the hub's objects of
    lists.
    """
    _demand(table, ("question", "answer", "supporting_facts", "context"), "HotpotQA")
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
        for item in _list(structured(row.get(key))):
            passage = next(passages_of([item], where))
            (gold if key == "positive_ctxs" or item.get("isgold") is True else others).append(passage)
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


def _demand(table: Table, columns: Sequence[str], what: str) -> None:
    absent = [name for name in columns if name not in table.columns]
    if absent:
        found = ", ".join(table.columns[:12])
        raise InputError(f"{table.file}: not rows of {what}: no column '{absent[0]}'; found {found}")


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [] if missing(value) else [value]
