"""A system of somebody's own behind an HTTP endpoint: one question a request, mapped by a small template.

    HttpSystem(HttpEndpoint("http://127.0.0.1:8080/ask", {"q": "{question}"}, "data.answer"), timeout=120, retries=6)

A question that fails is a Failure in its place; tries, waits and faults are those of any other server.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.characters import parse_json
from harness.errors import one_line
from harness.generation.endpoint import CONNECT, LONGEST_WAIT, Endpoint, health_of, read_key
from harness.generation.server_faults import Fault, fault_of_status
from harness.process.secrets import without_secrets
from harness.scenario.arm_entries import QUESTION, HttpEndpoint
from harness.types import Failure, Generation, Passage, Reply

if TYPE_CHECKING:
    import httpx

MOST_BYTES = 1 << 22  # of one reply
PAUSE = 1.0  # seconds before the second try; doubled for each after it


@dataclass(frozen=True, slots=True)
class HttpSystem:
    """Questions in, replies out, `concurrency` of them in flight."""

    endpoint: HttpEndpoint
    timeout: float  # seconds of one try
    retries: int
    concurrency: int = 8

    def __call__(self, questions: Sequence[str]) -> list[Reply]:
        """One reply a question, in order. Raises InputError where the key is not set."""
        import httpx

        key = read_key(self.endpoint.api_key_env)
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        timeout = httpx.Timeout(self.timeout, connect=min(CONNECT, self.timeout))
        with httpx.Client(headers=headers, timeout=timeout) as client, ThreadPoolExecutor(self.concurrency) as pool:
            return list(pool.map(lambda question: self._reply(client, question), questions))

    def _reply(self, client: httpx.Client, question: str) -> Reply:
        began = time.perf_counter()
        health, tries = health_of(Endpoint(self.endpoint.url, "")), 0
        while True:
            start = time.perf_counter()
            try:
                text, passages = self._read(self._body_of(client, question))
            except Fault as fault:
                most = self.retries if fault.kind.retries is None else min(self.retries, fault.kind.retries)
                if fault.kind.everybody and not health.answers:
                    most = min(most, 1)  # a wrong address need not be tried for a minute
                if tries >= most or (fault.wait or 0.0) > LONGEST_WAIT:
                    return Failure(fault.text, again=not fault.kind.ours)
                time.sleep(PAUSE * 2**tries if fault.wait is None else fault.wait)
                tries += 1
            else:
                end = time.perf_counter()
                health.answers += 1
                return Generation(text, None, None, end - start, waited=start - began, passages=passages)

    def _body_of(self, client: httpx.Client, question: str) -> bytes:
        """The body of a reply with status 200."""
        import httpx

        content = json.dumps(filled_in(self.endpoint.request, question)).encode("ascii")
        until = time.monotonic() + self.timeout
        try:
            with client.stream(
                "POST", self.endpoint.url, content=content, headers={"Content-Type": "application/json"}
            ) as reply:
                body = b""
                for block in reply.iter_bytes():
                    body += block
                    if len(body) > MOST_BYTES or time.monotonic() > until:
                        raise Fault("broken", f"its reply has more than {MOST_BYTES} bytes, or takes too long")
                if reply.status_code != 200:
                    raise fault_of_status(reply.status_code, reply.headers, body)
                return body
        except httpx.TimeoutException:
            raise Fault("slow", f"no whole answer within {self.timeout:g} s (models.timeout)") from None
        except httpx.HTTPError as error:
            raise Fault("connection", f"cannot be reached ({one_line(error, 120)})") from None

    def _read(self, body: bytes) -> tuple[str, tuple[Passage, ...] | None]:
        try:
            value = parse_json(body.decode("utf-8"))
        except (ValueError, RecursionError):
            raise Fault("page", "its reply is no JSON") from None
        text = at(value, self.endpoint.response)
        if not isinstance(text, str):
            kind = "nothing" if text is None else type(text).__name__
            raise Fault("question", f"its reply has {kind} at '{self.endpoint.response}', expected the answer's text")
        path = self.endpoint.passages
        return without_secrets(text), None if path is None else _passages(at(value, path))


def filled_in(template: object, question: str) -> object:
    """A request with the question in place of {question}."""
    if isinstance(template, str):
        return template.replace(QUESTION, question)
    if isinstance(template, Mapping):
        return {key: filled_in(value, question) for key, value in template.items()}
    if isinstance(template, list | tuple):
        return [filled_in(value, question) for value in template]
    return template


def at(value: Any, path: str) -> Any:
    """The part of a JSON value at a dotted path (`choices.0.text`); None where there is none."""
    for key in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(key)
        elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    return value


def _passages(value: Any) -> tuple[Passage, ...] | None:
    """The passages of a reply: a list of texts, or of mappings with a text."""
    if not isinstance(value, list):
        return None
    rows = [{"text": row} if isinstance(row, str) else row for row in value]
    rows = [row for row in rows if isinstance(row, Mapping) and isinstance(row.get("text"), str)]
    return tuple(
        Passage(str(row.get("id") or place), str(row.get("doc") or ""), str(row.get("title") or ""), row["text"])
        for place, row in enumerate(rows, 1)
    )
