"""Faults between a question and a server's answer: how often each is tried again, and whose matter it is.

A fault of one question is that question's error. One that may be everybody's (a refused key, an unknown model, no
connection) has the server asked a question of our own, so that the run ends at once where nothing can be answered.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from harness.errors import EnvironmentFailure, HarnessError, InputError, one_line
from harness.process.secrets import masked


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One kind of fault."""

    retries: int | None  # tries after the first at most; None: as many as the scenario allows
    everybody: bool  # whether other questions would most likely meet it too
    ours: bool  # whether the scenario has to be changed (exit 2), rather than the server waited for (exit 4)


KINDS: Mapping[str, FaultKind] = {
    "connection": FaultKind(None, everybody=True, ours=False),  # refused, no such host, no TLS
    "busy": FaultKind(None, everybody=False, ours=False),  # 429, 503 and their like
    "failing": FaultKind(3, everybody=False, ours=False),  # 500 and its like
    "slow": FaultKind(1, everybody=False, ours=False),  # longer than models.timeout
    "broken": FaultKind(2, everybody=False, ours=False),  # a stream that is cut off, or is none
    "page": FaultKind(1, everybody=True, ours=True),  # a page of somebody else's with status 200
    "refused": FaultKind(0, everybody=True, ours=True),  # the key, the model or the address
    "question": FaultKind(0, everybody=False, ours=True),  # this question: filtered, too long, not understood
}
BUSY = (408, 425, 429, 503, 529)
REFUSED = (401, 402, 403, 404, 405, 410)
NO_CREDIT = ("insufficient_quota", "billing_hard_limit_reached")  # a 429 that no wait mends
# what to do, after the words of the server
ADVICE: Mapping[int, str] = {
    401: "check the key that models.api_key_env names",
    402: "the account behind the key has no credit",
    403: "check the key that models.api_key_env names, and what it may do",
    404: "check models.generator and models.base_url (most end in /v1)",
    405: "check models.base_url (most end in /v1)",
    410: "check models.generator",
}


class Fault(Exception):
    """One try that failed."""

    def __init__(self, name: str, text: str, wait: float | None = None) -> None:
        super().__init__(text)
        self.name = name
        self.kind = KINDS[name]
        self.text = masked(text)  # one line
        self.wait = wait  # seconds that the server asks to wait

    def as_error(self, server: str) -> HarnessError:
        """The error that ends a run, where no question can be answered."""
        if self.kind.ours:
            return InputError(f"server {server}: {self.text}")
        again = "run the same command again later: finished answers are kept"
        return EnvironmentFailure(f"server {server}: {self.text}; check that it runs and {again}")


def fault_of_status(status: int, headers: Mapping[str, str], body: bytes) -> Fault:
    """The fault behind a reply with another status than 200."""
    words = _words_of(body)
    text = f"status {status}{': ' + words if words else ''}"
    if 300 <= status < 400:
        to = one_line(headers.get("location", "nowhere"), 120)
        return Fault("refused", f"status {status}, a redirect to {to}; write the final address as models.base_url")
    if status in REFUSED or (status == 429 and any(code.encode() in body for code in NO_CREDIT)):
        return Fault("refused", f"{text}; {ADVICE.get(status, ADVICE[402])}")
    if status in BUSY:
        return Fault("busy", text, wait_of(headers))
    if status >= 500:
        return Fault("failing", text, wait_of(headers))
    return Fault("question", f"refused the question with {text}")


def _words_of(body: bytes) -> str:
    """The message of an error's body, whatever its shape, in one line."""
    text = body.decode("utf-8", errors="replace")
    try:
        value: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return one_line(text, 160)
    return error_words(value) or one_line(text, 160)


def error_words(value: Any) -> str:
    """The message of an error object: OpenAI's {"error": {"message"}}, FastAPI's {"detail"}, a plain text."""
    for key in ("error", "message", "detail", "msg"):
        if isinstance(value, Mapping) and value.get(key):
            code = value.get("code")
            words = error_words(value[key]) or one_line(value[key], 160)
            return f"{words} ({one_line(code, 40)})" if isinstance(code, str) and code not in words else words
    return one_line(value, 160) if isinstance(value, str) else ""


def wait_of(headers: Mapping[str, str]) -> float | None:
    """Seconds that the server asks to wait: retry-after-ms, or Retry-After in seconds or as an HTTP date; None where
    it asks for nothing that can be read. Never negative."""
    for name, scale in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            seconds = float(headers.get(name, "")) / scale
        except ValueError:
            continue
        return max(0.0, seconds) if seconds < float("inf") else None
    try:
        until = parsedate_to_datetime(headers.get("retry-after", "")).timestamp()
    except (TypeError, ValueError, IndexError, OverflowError, OSError):
        return None
    return max(0.0, until - time.time())
