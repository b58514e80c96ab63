"""A server's streamed answer, read from its bytes: what is no answer of the protocol is a Fault, never an answer.

    data: {"choices": [{"delta": {"content": "The fee"}}]}
    data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}
    data: {"choices": [], "usage": {"prompt_tokens": 80, "completion_tokens": 9}}
    data: [DONE]

Read here rather than by a library, because those replace bytes that are not UTF-8 and take a stream that was cut off
for one that ended.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from harness.errors import one_line
from harness.generation.server_faults import Fault, error_words

FINISHES: Mapping[str, Literal["stop", "length"]] = {
    "stop": "stop", "eos_token": "stop", "eos": "stop", "stop_sequence": "stop", "end_turn": "stop",
    "length": "length", "max_tokens": "length", "model_length": "length",
}  # fmt: skip
WITHHELD = ("content_filter", "safety", "recitation")
MOST_BYTES = 1 << 16  # of any answer, and
BYTES_A_TOKEN = 1 << 12  # for each token that was asked for: a chunk is a token with its envelope
_LINE_END = re.compile(rb"\r\n|\n|\r")
_FIELDS = (b":", b"event", b"id", b"retry")  # of server-sent events, beside data


@dataclass(frozen=True, slots=True)
class Delta:
    content: str | None = None
    refusal: str | None = None  # in place of an answer
    reasoning_content: str | None = None  # thoughts, as vLLM and others keep them apart
    reasoning: str | None = None  # the same under another name


@dataclass(frozen=True, slots=True)
class Choice:
    index: int = 0
    delta: Delta | None = None
    finish_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """One event; what is judged leniently is left as it came."""

    choices: tuple[Choice, ...] | None = None
    usage: Any = None
    model: Any = None
    system_fingerprint: Any = None
    error: Any = None


@dataclass(frozen=True, slots=True)
class Streamed:
    """A whole answer."""

    text: str
    thoughts: str  # where the server keeps them apart
    finish: Literal["stop", "length"]
    usage: Any  # as the server sent it: to be checked
    first_token: float | None  # time.perf_counter() of the first token, thoughts included
    served: str | None  # what the server calls its model


@dataclass
class StreamReader:
    """Bytes in, in any pieces; `whole()` once they end."""

    most_bytes: int
    content_type: str = ""
    ended: bool = False  # [DONE] was read
    _size: int = 0
    _rest: bytes = b""
    _event: list[bytes] = field(default_factory=list)
    _events: int = 0
    _strange: bytes = b""  # the first line that is no event
    _texts: list[str] = field(default_factory=list)
    _refusals: list[str] = field(default_factory=list)
    _thoughts: list[str] = field(default_factory=list)
    _finish: str | None = None
    _usage: Any = None
    _first: float | None = None
    _served: str | None = None

    def feed(self, block: bytes) -> None:
        """Read some bytes. Raises Fault for what is no answer."""
        self._size += len(block)
        if self._size > self.most_bytes:
            raise Fault("broken", f"sent more than {self.most_bytes >> 10} KiB for one short answer")
        *lines, self._rest = _LINE_END.split(self._rest + block)
        for line in lines:
            self._line(line)

    def whole(self) -> Streamed:
        """The answer, once the bytes have ended. Raises Fault where it is not whole."""
        self._line(self._rest)
        self._line(b"")
        if not self._events and not self.ended:
            raise self._no_stream()
        finish = self._finish
        if finish in WITHHELD:
            raise Fault("question", f"the server's filter withheld the answer (finish_reason {finish})")
        if finish is None:
            raise Fault("broken", "the stream ended without a finish reason: the answer may be cut off")
        if finish not in FINISHES:
            raise Fault("question", f"the answer ended for another reason than its end: {one_line(finish, 60)!r}")
        return Streamed(
            text="".join(self._texts) or "".join(self._refusals),
            thoughts="".join(self._thoughts),
            finish=FINISHES[finish],
            usage=self._usage,
            first_token=self._first,
            served=self._served,
        )

    def _no_stream(self) -> Fault:
        if not self._size:
            return Fault("broken", "an empty body with status 200")
        kind = one_line(self.content_type.split(";")[0], 40) or "no content type"
        start = one_line(self._strange.decode("utf-8", errors="replace"), 80)
        return Fault("page", f"a page with status 200 in place of a stream ({kind}: {start!r}); check models.base_url")

    def _line(self, line: bytes) -> None:
        line = line.removeprefix(b"\xef\xbb\xbf") if not self._events else line
        if line.startswith(b"data:"):
            self._event.append(line[5:].strip())
        elif line and not line.startswith(_FIELDS):
            self._strange = self._strange or line
        elif not line and self._event:
            data, self._event = b"\n".join(self._event), []
            if data.startswith(b"[DONE]"):
                self.ended = True
            elif data:
                self._chunk(data)

    def _chunk(self, data: bytes) -> None:
        self._events += 1
        try:
            chunk = _DECODER.decode(data)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            start = one_line(data.decode("utf-8", errors="replace"), 60)
            raise Fault("broken", f"sent what is no part of an answer ({one_line(error, 80)}): {start!r}") from None
        if chunk.error:
            raise Fault("broken", f"broke the answer off: {error_words(chunk.error) or one_line(chunk.error)}")
        self._usage = chunk.usage or self._usage
        self._served = _model_name(chunk) or self._served
        for choice in chunk.choices or ():
            if choice.index == 0:
                self._choice(choice)

    def _choice(self, choice: Choice) -> None:
        delta = choice.delta or Delta()
        thought = delta.reasoning_content or delta.reasoning
        if self._first is None and (delta.content or thought or delta.refusal):
            self._first = time.perf_counter()
        self._texts.append(delta.content or "")
        self._refusals.append(delta.refusal or "")
        self._thoughts.append(thought or "")
        self._finish = choice.finish_reason or self._finish


_DECODER = msgspec.json.Decoder(Chunk)


def _model_name(chunk: Chunk) -> str | None:
    names = [name for name in (chunk.model, chunk.system_fingerprint) if isinstance(name, str) and name]
    return one_line(" ".join(names), 120) or None


def most_bytes(tokens: int) -> int:
    """Bytes that an answer of so many tokens may take at most, its envelopes included."""
    return MOST_BYTES + BYTES_A_TOKEN * tokens


def count_of(usage: Any, name: str, least: int, most: int) -> int | None:
    """A count of a server's, or None where it gave none or nonsense."""
    value = usage.get(name) if isinstance(usage, Mapping) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most else None
