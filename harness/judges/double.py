"""A test double of a judge: a server on loopback that replies by a script, real HTTP and all.

    with scripted_judge(agreeing) as judge: ...    # judge.url goes into models.judge.base_url

What it calls its model begins with `test double`, and every reply carries that name: a record that was made with it
says so and is never GO. The scripts are those of SCRIPTS; each is a function of the request and of how often it came.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from harness.record.judges import DOUBLE

NAME = f"{DOUBLE} (scripted judge)"  # what the server calls its model


@dataclass(frozen=True, slots=True)
class Scripted:
    """One reply of the server."""

    text: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0  # seconds before it


Script = Callable[[str, int], Scripted]  # the messages as one text, how often the same came before -> the reply


def agreeing(prompt: str, nth: int) -> Scripted:
    """Valid objects in whatever form is asked for; verdicts hang on the words of the prompt alone."""
    return Scripted(json.dumps(_object(prompt, 0)))


def disagreeing(prompt: str, nth: int) -> Scripted:
    """Valid objects whose verdicts differ each time that the same is asked."""
    return Scripted(json.dumps(_object(prompt, nth)))


def bad_json(prompt: str, nth: int) -> Scripted:
    """An answer in words, and half an object."""
    return Scripted('I would say that it is faithful: {"statements": ["it')


def empty(prompt: str, nth: int) -> Scripted:
    """No word."""
    return Scripted("")


def refusing(prompt: str, nth: int) -> Scripted:
    """A refusal to judge."""
    return Scripted("I'm sorry, but I can't help with that.")


def busy_once(prompt: str, nth: int) -> Scripted:
    """429 with a Retry-After the first time, then a valid object."""
    if nth == 0:
        body = json.dumps({"error": {"message": "slow down"}})
        return Scripted(body, 429, {"Retry-After": "1"})
    return agreeing(prompt, nth)


def always_busy(prompt: str, nth: int) -> Scripted:
    """429 for ever."""
    return Scripted(json.dumps({"error": {"message": "slow down"}}), 429, {"Retry-After": "0"})


def slow(prompt: str, nth: int) -> Scripted:
    """A reply that comes too late: after a minute."""
    return Scripted(json.dumps(_object(prompt, 0)), delay=60.0)


SCRIPTS: Mapping[str, Script] = {
    "agreeing": agreeing, "disagreeing": disagreeing, "bad_json": bad_json, "empty": empty, "refusing": refusing,
    "busy_once": busy_once, "always_busy": always_busy, "slow": slow,
}  # fmt: skip


@dataclass
class ScriptedJudge:
    """A running double."""

    url: str  # for base_url
    prompts: list[str] = field(default_factory=list)  # in the order in which they came
    keys: list[str | None] = field(default_factory=list)  # Authorization headers
    counts: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def nth(self, prompt: str, key: str | None) -> int:
        """Take note of a request; how often the same came before."""
        with self.lock:
            self.prompts.append(prompt)
            self.keys.append(key)
            self.counts[prompt] += 1
            return self.counts[prompt] - 1


@contextmanager
def scripted_judge(script: Script = agreeing) -> Iterator[ScriptedJudge]:
    """A server on a free port of this machine until the block ends."""
    server = _Server(("127.0.0.1", 0), _Handler)
    judge = ScriptedJudge(f"http://127.0.0.1:{server.server_port}/v1")
    server.judge, server.script = judge, script
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield judge
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    judge: ScriptedJudge
    script: Script

    def handle_error(self, *args: object) -> None:
        """Whoever asked has gone: nothing is said."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        prompt = "\n".join(str(message["content"]) for message in body["messages"])
        reply = self.server.script(prompt, self.server.judge.nth(prompt, self.headers["Authorization"]))
        time.sleep(reply.delay)
        data = reply.text if reply.status != 200 else _answer(reply.text, prompt, bool(body.get("stream")))
        kind = "text/event-stream" if reply.status == 200 and body.get("stream") else "application/json"
        with suppress(OSError):  # whoever asked has gone
            self._say(reply, data.encode(), kind)

    def _say(self, reply: Scripted, data: bytes, kind: str) -> None:
        self.send_response(reply.status)
        for name, value in {**reply.headers, "Content-Type": kind, "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        """Nothing is logged."""


def _answer(text: str, prompt: str, stream: bool) -> str:
    """A completion by OpenAI's protocol; tokens are words."""
    before, after = len(prompt.split()), len(text.split())
    usage = {"prompt_tokens": before, "completion_tokens": after, "total_tokens": before + after}
    head = {"id": "1", "created": 0, "model": NAME}
    if not stream:
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        return json.dumps({**head, "object": "chat.completion", "choices": [choice], "usage": usage})
    delta = {"index": 0, "delta": {"content": text}, "finish_reason": "stop"}
    events: list[dict[str, Any]] = [{**head, "choices": [delta]}, {**head, "choices": [], "usage": usage}]
    return "".join(f"data: {json.dumps(event)}\n\n" for event in events) + "data: [DONE]\n\n"


# --- valid objects ------------------------------------------------------------------------------------------------


def _object(prompt: str, nth: int) -> Mapping[str, Any]:
    """An object in the form that a prompt of ragas or deepeval asks for, by the names of its fields."""
    draw = _Draw(f"{prompt}{nth or ''}")
    fields = _asked_fields(prompt)
    return {name: _VALUES[name](draw, prompt) for name in fields}


class _Draw:
    """Yes or no by the hash of a text, each time another bit of it."""

    def __init__(self, text: str) -> None:
        self.bits = int.from_bytes(hashlib.sha256(text.encode("utf-8", "replace")).digest(), "big")

    def __call__(self) -> int:
        self.bits, bit = divmod(self.bits, 2)
        return bit


def _statements(draw: _Draw, prompt: str) -> list[str]:
    return [f"Statement {i} of {len(prompt)} characters." for i in range(1, 3 + draw())]


def _nli(draw: _Draw, prompt: str) -> list[Any]:
    """ragas asks for statements, and then for verdicts of statements, by the same name."""
    if '"verdict"' not in prompt:
        return _statements(draw, prompt)
    listed_text = prompt.rpartition('"statements": [')[2].partition("]")[0]
    count = max(1, len(re.findall(r'"(?:[^"\\]|\\.)*"', listed_text)))
    return [{"statement": f"{i}", "reason": "scripted", "verdict": draw()} for i in range(count)]


def _yes_or_no(draw: _Draw, prompt: str) -> list[Any]:
    return [{"verdict": "yes" if draw() else "no", "reason": "scripted"} for _ in range(3)]


_VALUES: Mapping[str, Callable[[_Draw, str], Any]] = {
    "statements": _nli,
    "TP": lambda draw, prompt: [{"statement": "a", "reason": "scripted"}] * (1 + draw()),
    "FP": lambda draw, prompt: [{"statement": "b", "reason": "scripted"}] * draw(),
    "FN": lambda draw, prompt: [{"statement": "c", "reason": "scripted"}] * draw(),
    "classifications": lambda draw, prompt: [
        {"statement": f"{i}", "reason": "scripted", "attributed": draw()} for i in range(3)
    ],
    "question": lambda draw, prompt: f"What does line {len(prompt) % 7} say?",
    "noncommittal": lambda draw, prompt: 0,
    "verdict": lambda draw, prompt: draw(),
    "truths": lambda draw, prompt: ["The first truth.", "The second truth."],
    "claims": _statements,
    "opinions": lambda draw, prompt: ["An opinion.", "Another opinion."],
    "verdicts": _yes_or_no,
    "steps": lambda draw, prompt: ["Read the answer.", "Hold it against the criteria."],
    "score": lambda draw, prompt: 4 + 2 * draw() + draw(),
    "reason": lambda draw, prompt: "scripted",
}
# fields of one reply, the first of which must stand in quotes in the prompt; those asked for first come first
_FORMS: tuple[tuple[str, ...], ...] = (
    ("TP", "FP", "FN"), ("classifications",), ("noncommittal", "question"), ("statements",),
    ("truths",), ("verdicts",), ("claims",), ("opinions",), ("steps",), ("score", "reason"), ("verdict", "reason"),
    ("reason",),
)  # fmt: skip


def _asked_fields(prompt: str) -> tuple[str, ...]:
    return next((form for form in _FORMS if f'"{form[0]}"' in prompt), ("reason",))
