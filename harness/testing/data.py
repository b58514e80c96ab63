"""A data set and a callable as a scenario of one arm, so that what is measured and judged is what every run has.

The scenario's folder lies in the cache, named by its content. The callable never leaves this process: it is asked here,
and anew in every session, since nobody sees from outside what its answers depend on.
"""

from __future__ import annotations

import asyncio
import inspect
import sys
import traceback
from collections.abc import Awaitable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import cast

from harness.arms import Arm, Respond
from harness.errors import InputError, one_line
from harness.files.hashing import content_hash, file_hash
from harness.files.input_file import real
from harness.files.locks import hold
from harness.files.paths import cache_dir
from harness.golden.imported import Imported, case_row, passage_row
from harness.golden.importers.formats import FORMATS, import_data
from harness.golden.importers.tables import Source
from harness.record.codec import to_json, write_atomic, write_rows
from harness.testing.suite import Ask, Manner, Suite
from harness.types import Case, Failure

ARM = "system"
BY_SUFFIX = {".csv": "csv", ".tsv": "csv", ".xlsx": "xlsx", ".yaml": "promptfoo", ".yml": "promptfoo"}


@dataclass(frozen=True, slots=True)
class DataSet:
    """A data set as it was read."""

    file: Path
    cases: tuple[Case, ...]
    imported: Imported


def read_data(suite: Suite, manner: Manner) -> DataSet:
    """The cases of a suite's data set, all of them tested where it has no splits of its own.

    Raises:
        InputError: no such file, a format that is not known, rows that are not in it, no case with a label.
    """
    file = manner.root / str(suite.data)
    name = suite.format or BY_SUFFIX.get(file.suffix.lower(), "jsonl")
    if name not in FORMATS:
        raise InputError(f"{file}: format '{name}' is not known; known: {', '.join(FORMATS)}")
    imported = import_data(name, Source(file))
    if not imported.split_known:
        imported = replace(imported, cases=tuple(replace(case, split="test") for case in imported.cases))
    if not imported.cases:
        raise InputError(f"{file}: no question with an accepted answer in it")
    return DataSet(file, imported.cases, imported)


def write_scenario(data: DataSet, suite: Suite) -> Path:
    """The folder of the scenario; written once for a content, whoever else writes it at the same time."""
    settings = _settings(data, suite)
    key = content_hash([file_hash(data.file), settings, [case_row(case) for case in data.cases]])
    folder = real(cache_dir() / "pytest" / f"{data.file.stem}-{key[:8]}")
    with hold(folder.with_name(f".{folder.name}.lock"), "writes a scenario for pytest"):
        if not (folder / "scenario.yaml").is_file():
            folder.mkdir(parents=True, exist_ok=True)
            write_rows(folder / "golden.jsonl", map(case_row, data.cases))
            if data.imported.passages:
                write_rows(folder / "corpus.jsonl", map(passage_row, data.imported.passages))
            write_atomic(folder / "scenario.yaml", settings)
    return folder


def _settings(data: DataSet, suite: Suite) -> str:
    """YAML is a superset of JSON. Latency is not timed: it would ask the callable many times more."""
    values = {
        "title": f"Questions of {data.file.name}, answered by {name_of(suite)}",
        **({"corpus": "corpus.jsonl"} if data.imported.passages else {}),
        "golden": "golden.jsonl",
        "arms": [ARM],
        "candidate": ARM,
        "forgetting": {"tasks": "none"},
        "safety": {"prompts": "none"},
        "latency": {"questions": 0},
        "gates": {name: _value(text) for name, text in suite.gates},
    }
    return "\n".join(f"{key}: {to_json(value)}" for key, value in values.items()) + "\n"


def _value(text: str) -> float | str | None:
    try:
        return float(text)
    except ValueError:
        return None if text in ("off", "null", "None") else text


# --- the callable ---------------------------------------------------------------------------------------------------


def name_of(suite: Suite) -> str:
    """The callable as a person would name it."""
    answer = suite.answer
    if isinstance(answer, str) or answer is None:
        return str(answer)
    return f"{getattr(answer, '__module__', '?')}:{getattr(answer, '__qualname__', type(answer).__name__)}"


def system_arm(suite: Suite, manner: Manner, session: str) -> Arm:
    """The arm that asks the callable. `session` makes its answers those of one session: nothing older is taken.

    Raises:
        InputError: `module:function` names nothing that can be called.
    """
    ask = _callable(suite.answer, manner.root)

    def respond(questions: Sequence[str]) -> list[str | Failure]:
        if inspect.iscoroutinefunction(ask) or inspect.iscoroutinefunction(type(ask).__call__):
            return asyncio.run(_awaited(ask, questions, manner.concurrency))
        if manner.concurrency == 1:
            return [_reply(ask, question) for question in questions]
        with ThreadPoolExecutor(manner.concurrency) as pool:
            return list(pool.map(lambda question: _reply(ask, question), questions))

    respond.__qualname__ = f"{name_of(suite)} in session {session}"  # part of the key of its answers
    return Arm(ARM, f"Your system: {name_of(suite)}", answers=cast(Respond, respond))


def _callable(answer: str | Ask | None, root: Path) -> Ask:
    if callable(answer):
        return answer
    module, _, attribute = str(answer).partition(":")
    if str(root) not in sys.path:  # as pytest's own rootdir modules are found
        sys.path.insert(0, str(root))
    try:
        value: object = import_module(module)
        for part in attribute.split("."):
            value = getattr(value, part)
    except Exception as error:
        where = f"answer '{answer}'"
        raise InputError(f"{where}: does not load: {type(error).__name__}: {one_line(error)}") from error
    if not callable(value):
        raise InputError(f"answer '{answer}': {type(value).__name__} found, expected a function: question in, text out")
    return cast(Ask, value)


def _reply(ask: Ask, question: str) -> str | Failure:
    try:
        return _text(ask(question))
    except Exception as error:  # this question's error; the others are asked
        return _failure(error)


async def _awaited(ask: Ask, questions: Sequence[str], concurrency: int) -> list[str | Failure]:
    turn = asyncio.Semaphore(concurrency)

    async def one(question: str) -> str | Failure:
        async with turn:
            try:
                return _text(await cast(Awaitable[object], ask(question)))
            except Exception as error:
                return _failure(error)

    return list(await asyncio.gather(*(one(question) for question in questions)))


def _text(reply: object) -> str:
    if not isinstance(reply, str):
        raise TypeError(f"the callable returned {type(reply).__name__}, expected a text")
    return reply


def _failure(error: Exception) -> Failure:
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if len(frames) > 1 else ""
    return Failure(f"{type(error).__name__}: {one_line(error)}{place}")
