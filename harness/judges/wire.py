"""The wire between a library that judges and its judge: every request of ragas and deepeval goes through here.

Both speak through an OpenAI client, whose transport this is. Prompts and the reading of replies stay the library's own.
The wire keeps every reply on disk by the content of its request, so that a killed run goes on and an unchanged one asks
nothing; it tries again and waits as the server asks to (`generation/endpoint.py`); and it counts what each judgement
took. Tries of a library after a fault of the server end at once: they would repeat what was tried already.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import httpx

from harness.errors import HarnessError
from harness.files.hashing import content_hash
from harness.files.paths import cache_dir
from harness.generation.chat_stream import Streamed, count_of
from harness.generation.endpoint import Endpoint, QuestionTries, health_of
from harness.generation.server import BYTES_A_TOKEN, IN_A_ROW, SLACK
from harness.generation.server_faults import Fault
from harness.notices import tell
from harness.process.secrets import without_secrets
from harness.record.codec import decode_file, to_json, write_atomic

PLACES = (  # of a generator's settings in the words of a fault -> of a judge's
    ("models.generator", "models.judge.model"),
    ("models.base_url", "models.judge.base_url"),
    ("models.api_key_env", "models.judge.api_key_env"),
    ("models.timeout", "models.judge.timeout"),
)


def as_judges(text: str) -> str:
    """The words of a fault, with the settings that are a judge's."""
    for generator, judge in PLACES:
        text = text.replace(generator, judge)
    return text


@dataclass(frozen=True, slots=True)
class Reply:
    """A judge's reply as it is kept."""

    text: str
    finish: Literal["stop", "length"]
    prompt_tokens: int
    completion_tokens: int
    estimated: bool = False  # tokens were estimated here: the server counted none, or nonsense
    served: str | None = None  # what the server calls its model


@dataclass
class Evaluation:
    """One evaluation of one answer on its way: what the wire saw of it."""

    repeat: int = 0  # which of the judgements of the same answer
    asked: int = 0  # questions that reached the judge
    kept: int = 0  # replies that were on disk
    replies: list[Reply] = field(default_factory=list)
    fault: Fault | None = None  # why the judge gave no reply
    seen: Counter[str] = field(default_factory=Counter)  # equal requests so far: a metric may ask one several times


CURRENT: ContextVar[Evaluation] = ContextVar("evaluation")


class NoReplyError(Exception):
    """A question that the judge did not answer; the fault stands in the evaluation."""


class JudgeWire(httpx.AsyncBaseTransport):
    """The transport of a judge's client. One a judge and event loop."""

    def __init__(self, endpoint: Endpoint, identity: str, concurrency: int) -> None:
        """Args:
        identity: of the judge, its address and since when its replies count: part of the key of what is kept.
        concurrency: questions in flight.
        """
        self.endpoint, self.identity = endpoint, identity
        self.ended: HarnessError | None = None  # why no question can be answered
        self._slots = asyncio.Semaphore(concurrency)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body: dict[str, Any] = json.loads(await request.aread())
        evaluation = CURRENT.get()
        text = content_hash([self.identity, body])
        nth, evaluation.seen[text] = evaluation.seen[text], evaluation.seen[text] + 1
        place = _place(content_hash([text, evaluation.repeat, nth]))
        reply = decode_file(place, Reply)
        if reply is None:
            reply = await self._ask(body, evaluation)
            write_atomic(place, to_json(reply))
        else:
            evaluation.kept += 1
        evaluation.replies.append(reply)
        return httpx.Response(200, json=_completion(reply, self.endpoint.model))

    async def _ask(self, body: Mapping[str, Any], evaluation: Evaluation) -> Reply:
        if evaluation.fault is not None or self.ended is not None:
            raise NoReplyError
        streamed = {**body, "stream": True, "stream_options": {"include_usage": True}}
        async with self._slots:
            evaluation.asked += 1
            try:
                answer = await QuestionTries(self.endpoint, streamed, _say, self.endpoint.retries).answer()
            except Fault as fault:
                evaluation.fault = fault
                self._note(fault)
                raise NoReplyError from fault
        health = health_of(self.endpoint)
        health.answers, health.failures = health.answers + 1, 0
        return _reply(answer, len(json.dumps(body["messages"])))

    def _note(self, fault: Fault) -> None:
        """End the judging where no question can be answered: a wrong key or address, or one failure after another."""
        health = health_of(self.endpoint)
        health.failures += 1
        own = fault.name == "question"  # of this question alone
        if not own and ((fault.kind.everybody and not health.answers) or health.failures >= IN_A_ROW):
            error = fault.as_error(self.endpoint.base_url)
            self.ended = type(error)(f"judge: {as_judges(str(error))}")


def _say(text: str) -> None:
    tell(f"judge: {as_judges(text)}")


def _place(key: str) -> Path:
    return cache_dir() / "judged" / key[:2] / f"{key}.json"


def _reply(answer: Streamed, size: int) -> Reply:
    """The reply with its tokens, estimated from bytes where the server counts none."""
    bytes_of_text = len(answer.text.encode("utf-8", "surrogatepass")) + len(answer.thoughts.encode())
    prompt = count_of(answer.usage, "prompt_tokens", 1, size + SLACK)
    completion = count_of(answer.usage, "completion_tokens", min(1, bytes_of_text), bytes_of_text + SLACK)
    return Reply(
        text=without_secrets(answer.text),
        finish=answer.finish,
        prompt_tokens=int(size / BYTES_A_TOKEN) if prompt is None else prompt,
        completion_tokens=int(bytes_of_text / BYTES_A_TOKEN) if completion is None else completion,
        estimated=prompt is None or completion is None,
        served=answer.served,
    )


def _completion(reply: Reply, model: str) -> dict[str, Any]:
    """The reply in the form of OpenAI's chat completions."""
    return {
        "id": "judged",
        "object": "chat.completion",
        "created": 0,
        "model": reply.served or model,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": reply.text},
                "finish_reason": reply.finish,
            }
        ],
        "usage": {
            "prompt_tokens": reply.prompt_tokens,
            "completion_tokens": reply.completion_tokens,
            "total_tokens": reply.prompt_tokens + reply.completion_tokens,
        },
    }
