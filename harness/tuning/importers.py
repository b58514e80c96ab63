"""People's instruction data -> tuning examples of the project's own form. FORMATS is the table.

    {"instruction": "How long is a canoe lent?", "input": "", "output": "5 days."}       alpaca
    {"messages": [{"role": "user", ...}, {"role": "assistant", ...}]}                    chat
    -> {"prompt": {"user": "How long is a canoe lent?"}, "output": "5 days."}

An example here is one question and one answer: of a conversation the first exchange is taken, and that is said. System
messages are left out and said, since every arm is given the scenario's. What cannot be an example is named and counted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.errors import InputError
from harness.golden.example_faults import spoilt
from harness.golden.imported import Remark
from harness.golden.importers.cells import missing, plain_text, structured
from harness.golden.importers.records import passages_of
from harness.golden.importers.tables import Row, Table
from harness.tuning.example_file import example_row, write_new
from harness.types import Example, Passage

USER = ("user", "human", "question", "prompter")
ASSISTANT = ("assistant", "gpt", "model", "bot", "chatgpt", "bing", "bard", "answer")
SYSTEM = ("system", "developer")
LEGACY_STOP = re.compile(
    r"\s*(?:\n*###\s*|\n*->\s*|\s+END|\n+\s*###\s*END)$"
)  # separators of OpenAI's first fine-tunes
HUMAN_SAYS = re.compile(r"\n*(Human|Assistant):\s*")  # Anthropic's HH dialogues


class Unusable(Exception):
    """Why a row is no example; it is caught, named and counted."""


@dataclass(frozen=True, slots=True)
class InstructionPair:
    """A question and its answer, and what stood beside them."""

    user: str
    output: str
    rejected: str | None = None
    system: str | None = None
    context: tuple[Passage, ...] = ()
    notes: tuple[str, ...] = ()


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
    for where, row in table.rows:
        try:
            pair = format.read(row, where)
            example = _example(pair, where)
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


def _example(pair: InstructionPair, where: str) -> Example:
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
    return InstructionPair(user, _text(output), _maybe(row.get("rejected")), plain_text(row.get("system")), context)


def _chat(row: Row, where: str) -> InstructionPair:
    """Conversations: OpenAI's `messages` (role, content), ShareGPT's `conversations` (from, value)."""
    turns = row.get("messages", row.get("conversations", row.get("conversation")))
    pair = _exchange(turns)
    system = pair.system or plain_text(row.get("system"))
    better, worse = row.get("chosen"), row.get("rejected")
    if not missing(worse):  # ShareGPT's preference form: the answers stand beside the conversation
        return InstructionPair(pair.user, _text_of(better), _text_of(worse), system, notes=pair.notes)
    return InstructionPair(pair.user, pair.output, None, system, notes=pair.notes)


def _completion(row: Row, where: str) -> InstructionPair:
    """`prompt` and `completion` (TRL, OpenAI's first form), as texts or messages; KTO's `label` says which is good."""
    if row.get("label") in (False, "false", "False", 0):
        raise Unusable("its label says that the answer is a bad one")
    prompt, completion = _messages(row.get("prompt")), _messages(row.get("completion", row.get("response")))
    if isinstance(prompt, list):
        return _exchange([*prompt, *(completion if isinstance(completion, list) else [_assistant(completion)])])
    user, output = _text(prompt), _text_of(completion)
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
    turns = _messages(turns)
    if missing(turns):
        turns, better, worse = _shared_prompt(_turns(better), _turns(worse))
    if isinstance(turns, list):
        pair = _exchange([*turns, _assistant(_text_of(better))])
        return InstructionPair(pair.user, pair.output, _text_of(worse), pair.system, notes=pair.notes)
    return InstructionPair(_text(turns), _text_of(better), _text_of(worse), plain_text(row.get("system")))


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
}  # fmt: skip


# --- conversations ------------------------------------------------------------------------------------------------


def _exchange(turns: Any) -> InstructionPair:
    """The first question and its answer. Unusable: no such turns, tools, pictures, an answer with weight 0."""
    messages = [_turn(turn) for turn in _turns(turns)]
    systems = [text for role, text, _ in messages if role == "system"]
    rest = [message for message in messages if message[0] != "system"]
    if len(rest) < 2 or rest[0][0] != "user" or rest[1][0] != "assistant":
        roles = ", ".join(role for role, _, _ in rest) or "none"
        raise Unusable(f"its turns ({roles[:60]}) do not begin with a question and an answer")
    (_, user, _), (_, output, trained) = rest[0], rest[1]
    if not trained:
        raise Unusable("its first answer has weight 0")
    later = sum(role == "assistant" for role, _, _ in rest[2:])
    notes = ("first exchange of a longer conversation; the later turns are not trained on",) if later else ()
    return InstructionPair(user, output, None, "\n\n".join(systems) or None, notes=notes)


def _turns(value: Any) -> list[Any]:
    value = _messages(value)
    if isinstance(value, str) and HUMAN_SAYS.search(value):
        parts = HUMAN_SAYS.split(value)[1:]
        roles = {"Human": "user", "Assistant": "assistant"}
        return [{"role": roles[who], "content": text} for who, text in zip(parts[::2], parts[1::2], strict=True)]
    if not isinstance(value, list) or not value:
        raise Unusable("no conversation in it")
    return value


def _turn(turn: Any) -> tuple[str, str, bool]:
    """Role, text, and whether it is trained on."""
    if not isinstance(turn, Mapping):
        raise Unusable(f"a turn is a {type(turn).__name__}, expected an object with role and content")
    role = str(turn.get("role", turn.get("from", ""))).casefold()
    name = "user" if role in USER else "assistant" if role in ASSISTANT else "system" if role in SYSTEM else role
    if turn.get("tool_calls") or turn.get("function_call") or name not in ("user", "assistant", "system"):
        raise Unusable("it calls tools" if name in ("assistant", "tool", "function") else f"a turn of '{role}'")
    return name, _content(turn.get("content", turn.get("value"))), turn.get("weight") != 0


def _content(value: Any) -> str:
    """A message's text, or the texts of its parts."""
    if isinstance(value, list):
        if any(
            not isinstance(part, str) and part.get("type") not in ("text", "input_text", "output_text")
            for part in value
        ):
            raise Unusable("a message with pictures or files")
        return "\n".join(part if isinstance(part, str) else str(part.get("text", "")) for part in value)
    return _text(value)


def _shared_prompt(better: list[Any], worse: list[Any]) -> tuple[list[Any], Any, Any]:
    """The turns that two conversations share, and their different last answers."""
    if better[:-1] != worse[:-1] or len(better) < 2:
        raise Unusable("chosen and rejected do not share their question")
    return better[:-1], better[-1], worse[-1]


def _messages(value: Any) -> Any:
    """A text cell that holds a list of messages, as that; other text is text, JSON or not: an answer may be a form."""
    if not isinstance(value, str):
        return value
    turns = structured(value)
    spoken = (
        isinstance(turns, list) and turns and all(isinstance(t, Mapping) and {"role", "from"} & set(t) for t in turns)
    )
    return turns if spoken else value


def _assistant(text: Any) -> Mapping[str, Any]:
    return {"role": "assistant", "content": _text(text)}


def _text_of(value: Any) -> str:
    """An answer: text, a message, or a list that ends with one."""
    value = _messages(value)
    if isinstance(value, list) and value:
        value = value[-1]
    return _turn(value)[1] if isinstance(value, Mapping) and ("role" in value or "from" in value) else _text(value)


def _text(value: Any) -> str:
    """Text as it stands; an object or list is written as JSON, since answers may be forms."""
    if missing(value) and not isinstance(value, str):
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _maybe(value: Any) -> str | None:
    return None if missing(value) else _text(value)


def write_examples(imported: ImportedExamples, out: Path) -> None:
    """Write the examples as JSONL. InputError: the file is there already."""
    write_new(out, map(example_row, imported.examples))
