"""People's instruction data -> tuning examples of the project's own form. FORMATS is the table.

    {"instruction": "How long is a canoe lent?", "input": "", "output": "5 days."}       alpaca
    {"messages": [{"role": "user", ...}, {"role": "assistant", ...}]}                    chat
    -> {"prompt": {"user": "How long is a canoe lent?"}, "output": "5 days."}

An example here is one question and one answer: of a conversation the first exchange is taken, and that is said. System
messages are left out and said, since every arm is given the scenario's. What cannot be an example is named and counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from harness.errors import InputError
from harness.golden.example_faults import spoilt
from harness.golden.imported import Remark
from harness.golden.importers.cells import missing, plain_text
from harness.golden.importers.records import passages_of
from harness.golden.importers.tables import Row, Table
from harness.tuning.feedback import (
    EDITS,
    REVISIONS,
    THUMBS,
    by_question,
    read_critique,
    read_edits,
    read_thumbs,
    time_of,
)
from harness.tuning.instructions import (
    LEGACY_STOP,
    InstructionPair,
    Unusable,
    answer_text,
    assistant_turn,
    first_exchange,
    maybe_text,
    messages_in,
    shared_prompt,
    text_in,
    turns_of,
)
from harness.types import Example


def _rows(table: Table) -> Sequence[tuple[str, Row]]:
    return table.rows


@dataclass(frozen=True, slots=True)
class ImportedExamples:
    """Examples of a file, and what a person should know of how they were read."""

    examples: tuple[Example, ...]
    recognised: str
    remarks: tuple[Remark, ...] = ()
    systems: tuple[str, ...] = ()  # different system messages of the rows, the commonest first


@dataclass(frozen=True, slots=True)
class ExampleFormat:
    """One format of instruction data."""

    title: str
    marks: tuple[str, ...]  # columns of which a row has at least one
    read: Callable[[Row, str], InstructionPair]
    reads: str = field(default="")  # for a person
    rows: Callable[[Table], Sequence[tuple[str, Row]]] = _rows  # (place, row), where rows are read beside each other


def import_examples(name: str, table: Table) -> ImportedExamples:
    """The examples of a table in the format `name`. InputError: unknown format, not in it, or no example in it."""
    if name not in FORMATS:
        raise InputError(f"format '{name}' is not known; expected one of: {', '.join(FORMATS)}")
    format = FORMATS[name]
    if not set(format.marks) & set(table.columns):
        other = recognised_format(table.columns)
        hint = f"; it looks like {other}" if other else ""
        columns = ", ".join(table.columns[:12])
        raise InputError(
            f"{table.file}: not {format.title}: found the columns {columns}; expected {format.reads}{hint}"
        )
    return _collect(format, table)


def recognised_format(columns: Sequence[str]) -> str | None:
    """The name of the format that columns show, None where they show none."""
    return next((name for name, row in FORMATS.items() if set(row.marks) & set(columns)), None)


def _collect(format: ExampleFormat, table: Table) -> ImportedExamples:
    examples: list[Example] = []
    remarks: list[Remark] = []
    systems: dict[str, int] = {}
    for where, row in format.rows(table):
        try:
            pair = format.read(row, where)
            example = _example(pair, pair.timestamp or time_of(row), where)
        except Unusable as reason:
            remarks.append(Remark("left out", str(reason), where))
            continue
        examples.append(example)
        remarks += [Remark("note", note, where) for note in pair.notes]
        if pair.system:
            systems[pair.system] = systems.get(pair.system, 0) + 1
    if not examples:
        why = remarks[0].message if remarks else "no rows"
        raise InputError(f"{table.file}: none of {len(table.rows)} rows is an example: {why}")
    remarks += [Remark("finding", message, where) for where, message in spoilt(examples)]
    order = tuple(sorted(systems, key=lambda text: -systems[text]))
    return ImportedExamples(
        tuple(examples), f"{format.title}, {table.kind}", (*_system_remarks(systems), *remarks), order
    )


def _system_remarks(systems: Mapping[str, int]) -> Iterator[Remark]:
    if systems:
        rows, text = sum(systems.values()), max(systems, key=lambda text: systems[text])
        kinds = f"{len(systems)} different ones, most often " if len(systems) > 1 else ""
        message = f"system message of {rows} rows ({kinds}{text[:60]!r}): every arm is given the scenario's system.md"
        yield Remark("not read", message)


def _example(pair: InstructionPair, timestamp: str | None, where: str) -> Example:
    if not pair.user.strip():
        raise Unusable("no question in it")
    if not pair.output.strip():
        raise Unusable("its answer is empty")
    if pair.rejected is not None and pair.rejected.strip() == pair.output.strip():
        raise Unusable("chosen and rejected are the same")
    return Example(
        user=pair.user.strip(),
        output=pair.output.strip(),
        use="open_book" if pair.context else "both",
        context=pair.context or None,
        rejected=None if pair.rejected is None else pair.rejected.strip(),
        timestamp=timestamp,
        where=where,
    )


# --- one reader a format ------------------------------------------------------------------------------------------


def _alpaca(row: Row, where: str) -> InstructionPair:
    """Alpaca (instruction, input, output) and Dolly (instruction, context, response)."""
    if not missing(row.get("history")):
        raise Unusable("it goes on a conversation (history); expected one question")
    instruction, extra = plain_text(row.get("instruction")), plain_text(row.get("input"))
    user = "\n\n".join(text for text in (instruction, extra) if text)
    output = row.get("output") if "output" in row else row.get("response", row.get("chosen"))
    context = tuple(passages_of(row.get("context"), where)) if not missing(row.get("context")) else ()
    return InstructionPair(
        user, text_in(output), maybe_text(row.get("rejected")), plain_text(row.get("system")), context
    )


def _chat(row: Row, where: str) -> InstructionPair:
    """Conversations: OpenAI's `messages` (role, content), ShareGPT's `conversations` (from, value)."""
    turns = row.get("messages", row.get("conversations", row.get("conversation")))
    pair = first_exchange(turns)
    system = pair.system or plain_text(row.get("system"))
    better, worse = row.get("chosen"), row.get("rejected")
    if not missing(worse):  # ShareGPT's preference form: the answers stand beside the conversation
        return InstructionPair(pair.user, answer_text(better), answer_text(worse), system, notes=pair.notes)
    return InstructionPair(pair.user, pair.output, None, system, notes=pair.notes)


def _completion(row: Row, where: str) -> InstructionPair:
    """`prompt` and `completion` (TRL, OpenAI's first form), as texts or messages; KTO's `label` says which is good."""
    if row.get("label") in (False, "false", "False", 0):
        raise Unusable("its label says that the answer is a bad one")
    prompt, completion = messages_in(row.get("prompt")), messages_in(row.get("completion", row.get("response")))
    if isinstance(prompt, list):
        return first_exchange(
            [*prompt, *(completion if isinstance(completion, list) else [assistant_turn(completion)])]
        )
    user, output = text_in(prompt), answer_text(completion)
    stem, end = LEGACY_STOP.sub("", user), LEGACY_STOP.sub("", output)
    notes = ("separators at the end of prompt or completion were cut",) if (stem, end) != (user, output) else ()
    return InstructionPair(stem, end, notes=notes)


def _preference(row: Row, where: str) -> InstructionPair:
    """`prompt, chosen, rejected` as texts or messages, OpenAI's `input, preferred_output, non_preferred_output`, and
    Anthropic's dialogues, whose prompt stands in both."""
    if "preferred_output" in row:
        turns = (row.get("input") or {}).get("messages") if isinstance(row.get("input"), Mapping) else row.get("input")
        better, worse = row["preferred_output"], row.get("non_preferred_output")
    else:
        turns, better, worse = row.get("prompt", row.get("question")), row.get("chosen"), row.get("rejected")
    if missing(worse):
        raise Unusable("no rejected answer beside the chosen one")
    turns = messages_in(turns)
    if missing(turns):
        turns, better, worse = shared_prompt(turns_of(better), turns_of(worse))
    if isinstance(turns, list):
        pair = first_exchange([*turns, assistant_turn(answer_text(better))])
        return InstructionPair(pair.user, pair.output, answer_text(worse), pair.system, notes=pair.notes)
    return InstructionPair(text_in(turns), answer_text(better), answer_text(worse), plain_text(row.get("system")))


FORMATS: Mapping[str, ExampleFormat] = {
    "preference": ExampleFormat(
        "preference pairs", ("chosen", "preferred_output"), _preference,
        "prompt, chosen, rejected (texts or messages); input, preferred_output, non_preferred_output",
    ),
    "alpaca": ExampleFormat(
        "Alpaca instructions", ("instruction",), _alpaca,
        "instruction, input, output, system, history; Dolly's instruction, context, response",
    ),
    "chat": ExampleFormat("chat messages", ("messages",), _chat, "messages [{role, content}] (OpenAI, TRL), system"),
    "sharegpt": ExampleFormat(
        "ShareGPT conversations", ("conversations", "conversation"), _chat,
        "conversations [{from, value}], system; chosen and rejected beside them",
    ),
    "completion": ExampleFormat(
        "prompts and completions", ("completion", "prompt"), _completion, "prompt, completion (texts, messages), label",
    ),
    "thumbs": ExampleFormat(
        "user logs with thumbs", THUMBS, read_thumbs,
        "question, answer, thumb (up, down), edited_answer, timestamp", by_question,
    ),
    "edits": ExampleFormat("answers that people edited", EDITS, read_edits, "question, answer, edited_answer"),
    "critique": ExampleFormat(
        "a stronger model's answers after critique", REVISIONS, read_critique,
        "question, answer, critique, revision, approved (by a person)",
    ),
}  # fmt: skip
