"""Arms from elsewhere: an entry under `arms:` says where the answers of an arm come from.

arms:
  - rag                                                       # a row of the table
  - {name: june, adapter: adapters/june, base: rag}           # PEFT safetensors, trained anywhere, on rag's prompts
  - {name: served, model: june-lora, base: rag}               # a name on an OpenAI-compatible server
  - {name: bot, url: "http://127.0.0.1:8080/ask", request: {q: "{question}"}, response: data.answer}
  - {name: ours, call: "bot:answer"}                          # questions in, texts out; run with --allow-code
  - {name: last year, answers: june.jsonl}                    # answers made elsewhere, by the id of the question

The settings keep the names of the arms as ever; the entries stand beside them, and become rows of the table of arms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from harness.files.input_file import real
from harness.scenario.address import INSTEAD, address_fault, is_key
from harness.scenario.bounds import FileName, Name, Sentence

CALL = "module:function"
QUESTION = "{question}"  # stands in a request where the question goes
ANY = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ArmKeys:
    """An entry as it is written: a name, one key that says where the answers come from, and what belongs to it."""

    name: Name  # what the arm is called, everywhere
    title: Sentence | None = None  # one line for reports; left out: made of the entry
    adapter: Name | None = None  # folder of an adapter (PEFT, safetensors), trained anywhere on models.generator
    model: Name | None = None  # the name under which an OpenAI-compatible server serves it
    url: Name | None = None  # an HTTP endpoint that answers one question a request
    call: Name | None = None  # a Python function, module:function; run only when allowed
    answers: FileName | None = None  # file: JSONL of {"id", "text"}, with passages, seconds and tokens where known
    base: Name | None = None  # of adapter and model: the arm whose prompts it is asked with, and is compared with
    base_url: Name | None = None  # of model: the server; left out: models.base_url
    api_key_env: Name | None = None  # of model and url: the environment variable that holds the key
    request: ANY | None = None  # of url: the JSON body, {question} in it; left out: {"question": "{question}"}
    response: Name | None = None  # of url: where the answer stands in the JSON reply, dotted; left out: answer
    passages: Name | None = None  # of url: where the passages stand that it has read, dotted


Arms = Annotated[tuple[Name | ArmKeys, ...], Meta(min_length=1, max_length=100)]

# key that says where answers come from -> the keys that belong to it
KEYS: Mapping[str, tuple[str, ...]] = {
    "adapter": ("base",),
    "model": ("base", "base_url", "api_key_env"),
    "url": ("api_key_env", "request", "response", "passages"),
    "call": (),
    "answers": (),
}


@dataclass(frozen=True, slots=True)
class AdapterFolder:
    """An adapter that was trained elsewhere, merged into a copy of the scenario's own model."""

    folder: Path


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model on an OpenAI-compatible server, asked with our prompts."""

    model: str
    base_url: str | None = None  # None: the scenario's own server
    api_key_env: str | None = None


@dataclass(frozen=True, slots=True)
class HttpEndpoint:
    """A system of somebody's own, asked with the question alone."""

    url: str
    request: ANY
    response: str
    passages: str | None = None
    api_key_env: str | None = None


@dataclass(frozen=True, slots=True)
class PythonCall:
    """A function: questions in, as many texts out."""

    target: str  # module:function
    folder: Path  # of the scenario, where a module may lie


@dataclass(frozen=True, slots=True)
class AnswersFile:
    """Answers made elsewhere: nothing can be asked any more."""

    file: Path


Source = AdapterFolder | ServedModel | HttpEndpoint | PythonCall | AnswersFile


@dataclass(frozen=True, slots=True)
class ArmEntry:
    """An arm from elsewhere."""

    name: str
    source: Source
    base: str | None = None  # the arm whose prompts it is asked with; None: it has a prompt of its own
    title: str = ""

    @property
    def asks_a_server(self) -> bool:
        return isinstance(self.source, ServedModel | HttpEndpoint)


# --- reading ------------------------------------------------------------------------------------------------------


def names_of(arms: Sequence[str | ArmKeys]) -> tuple[str, ...]:
    """The names of all arms, in order."""
    return tuple(arm if isinstance(arm, str) else arm.name for arm in arms)


def entries_of(arms: Sequence[str | ArmKeys], folder: Path) -> tuple[ArmEntry, ...]:
    """The arms from elsewhere; call it where `entry_faults` found none.

    Args:
        folder: of the scenario: paths start there.
    """
    return tuple(_entry(arm, folder) for arm in arms if isinstance(arm, ArmKeys))


def _entry(keys: ArmKeys, folder: Path) -> ArmEntry:
    key = next(key for key in KEYS if getattr(keys, key) is not None)
    return ArmEntry(keys.name, MAKERS[key](keys, folder), keys.base, keys.title or "")


MAKERS: Mapping[str, Callable[[ArmKeys, Path], Source]] = {
    "adapter": lambda keys, folder: AdapterFolder(real(folder / Path(keys.adapter or "").expanduser())),
    "model": lambda keys, folder: ServedModel(keys.model or "", keys.base_url, keys.api_key_env),
    "url": lambda keys, folder: HttpEndpoint(
        keys.url or "", keys.request or {"question": QUESTION}, keys.response or "answer", keys.passages,
        keys.api_key_env,
    ),
    "call": lambda keys, folder: PythonCall(keys.call or "", real(folder)),
    "answers": lambda keys, folder: AnswersFile(real(folder / (keys.answers or ""))),
}  # fmt: skip


def entry_faults(arms: Sequence[str | ArmKeys], at: Callable[[str], str], server: str | None) -> Iterator[str]:
    """Faults of the entries: no source or two, keys of another source, addresses and templates that are none.

    Args:
        at: dotted key -> file:line:column.
        server: the scenario's own server, if it has one.
    """
    for place, keys in enumerate(arms, start=1):
        if isinstance(keys, ArmKeys):
            name = f"arms.{place}"
            yield from (f"{at(name if key is None else f'{name}.{key}')}: {name} ({keys.name}) {words}"
                        for key, words in _faults(keys, server))  # fmt: skip


def _faults(keys: ArmKeys, server: str | None) -> Iterator[tuple[str | None, str]]:
    """(key, what is wrong with it); no key where it is the entry as a whole."""
    sources = [key for key in KEYS if getattr(keys, key) is not None]
    if len(sources) != 1:
        problem = f"has {' and '.join(sources)}" if sources else "does not say where its answers come from"
        yield None, f"{problem}; write one of: {', '.join(KEYS)}"
        return
    source = sources[0]
    others = {field.name for field in fields(ArmKeys)} - {"name", "title", source, *KEYS[source]}
    for key in sorted(key for key in others if getattr(keys, key) is not None):
        yield key, f"has {key}, which does not belong to {source}; take it out"
    if source in ("adapter", "model") and keys.base is None:
        yield None, "does not say with which prompts it is asked; write base: rag, or base: baseline"
    yield from _address_faults(keys, source, server)


def _address_faults(keys: ArmKeys, source: str, server: str | None) -> Iterator[tuple[str | None, str]]:
    address = keys.base_url if source == "model" else keys.url
    if source == "model" and address is None and server is None:
        yield None, "names no server; write base_url: http://HOST:PORT/v1"
    if address is not None and (fault := address_fault(address, own=source == "url")) is not None:
        yield ("base_url" if source == "model" else "url"), f"{fault}"
    if keys.request is not None and not any(QUESTION in text for text in texts_in(keys.request)):
        yield "request", f"has no {QUESTION} in its request, so that every question would be the same"
    if source == "call" and not _is_call(keys.call or ""):
        yield "call", f"calls '{keys.call}', expected {CALL}"
    if keys.api_key_env is not None and is_key(keys.api_key_env):
        yield "api_key_env", f"may hold a key itself in api_key_env; {INSTEAD}"


def _is_call(target: str) -> bool:
    module, _, function = target.partition(":")
    return function.isidentifier() and all(part.isidentifier() for part in module.split("."))


def texts_in(value: object) -> Iterator[str]:
    """Every text inside a request's template."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from texts_in(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts_in(item)
