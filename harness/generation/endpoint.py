"""A server's address with its key, and one question asked of it: by httpx, tried again by tenacity.

Chosen against the `openai` library: it takes a stream that was cut off for one that ended, limits no request in time or
size as a whole, waits unseen, and takes 3 s to load in every worker; and against httpx-sse: it replaces bytes that are
not UTF-8, so that they would become part of an answer.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from harness.errors import InputError, one_line
from harness.generation.chat_stream import Streamed, StreamReader, most_bytes
from harness.generation.server_faults import Fault, fault_of_status
from harness.process.secrets import remember

if TYPE_CHECKING:
    import httpx
    from tenacity import RetryCallState

LONGEST_WAIT = 120.0  # seconds that a server may ask to wait; one that asks for more is not waited for
WORTH_SAYING = 3.0  # seconds of waiting from which on the user is told
CONNECT = 10.0  # seconds to a connection at most
TRAILER = 0.2  # seconds that a stream has to end in after its last event, so that the connection can be used again
MOST_ERROR_BYTES = 1 << 14
MOST_TOKENS = 1 << 14  # of an answer whose limit nobody says

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server with what is needed to ask it."""

    base_url: str
    model: str
    api_key_env: str | None = None  # name of the variable that holds the key; None: the server wants none
    timeout: float = 120.0  # seconds that one try may take as a whole
    retries: int = 6

    @property
    def url(self) -> str:
        return f"{self.base_url.rstrip('/')}/chat/completions"


@dataclass
class Health:
    """The health of a server, as this process knows it."""

    answers: int = 0  # questions that it answered
    failures: int = 0  # questions in a row that it did not answer
    resume_at: float = 0.0  # time.monotonic() before which it asks not to be asked
    told_until: float = 0.0  # the end of the wait that the user was told of


@lru_cache(maxsize=16)
def health_of(endpoint: Endpoint) -> Health:
    return Health()


def read_key(variable: str | None, setting: str = "models.api_key_env") -> str | None:
    """The key that an environment variable holds; None where no variable is named.

    Args:
        setting: what names the variable, for messages.

    Raises:
        InputError: it is not set, or holds what cannot be sent.
    """
    if variable is None:
        return None
    key = os.environ.get(variable, "")
    if not key:
        raise InputError(f"{setting}: the environment variable {shown_name(variable)} is not set; set it")
    remember(key)
    if key != key.strip() or not key.isascii() or not key.isprintable():
        problem = "has spaces or line breaks around it, or characters that no key has"
        raise InputError(f"{setting}: the key in {variable} {problem}; set the variable again")
    return key


def shown_name(variable: str) -> str:
    """A variable's name for a message; what is more likely a key by mistake is not repeated."""
    return variable if variable.upper() == variable and len(variable) <= 40 else f"{variable[:3]}…"


@dataclass
class QuestionTries:
    """One question on its way through its tries."""

    endpoint: Endpoint
    body: Mapping[str, Any]
    say: Say
    retries: int
    first: float = field(default_factory=time.perf_counter)  # when the question was first on its way
    began: float = 0.0  # when the try that answered did, by the same clock
    ended: float = 0.0

    async def answer(self) -> Streamed:
        """The answer, tried again where that may help. Raises the last Fault."""
        from tenacity import AsyncRetrying, retry_if_exception_type

        retrying = AsyncRetrying(
            retry=retry_if_exception_type(Fault),
            stop=self._is_enough,
            wait=self._wait,
            before_sleep=self._before_sleep,
            sleep=_sleep,
            reraise=True,
        )
        async for attempt in retrying:
            with attempt:
                await self._pause()
                return await self._try()
        raise AssertionError("tenacity ends with a result or an error")

    def _is_enough(self, state: RetryCallState) -> bool:
        fault = _fault(state)
        most = self.retries if fault.kind.retries is None else min(self.retries, fault.kind.retries)
        if fault.kind.everybody and not health_of(self.endpoint).answers:
            most = min(most, 1)  # a wrong address need not be tried for a minute
        return state.attempt_number > most or (fault.wait or 0.0) > LONGEST_WAIT

    def _wait(self, state: RetryCallState) -> float:
        from tenacity import wait_exponential_jitter

        seconds = _fault(state).wait
        return float(wait_exponential_jitter(initial=1, max=30, jitter=1)(state)) if seconds is None else seconds

    def _before_sleep(self, state: RetryCallState) -> None:
        """Keep the other questions back where the server asks to wait, and tell the user, once for all of them."""
        fault, seconds = _fault(state), state.upcoming_sleep
        health, until = health_of(self.endpoint), time.monotonic() + state.upcoming_sleep
        if seconds >= WORTH_SAYING and until > health.told_until + 1:
            health.told_until = until
            again = f"{fault.text}; trying again in {seconds:.0f} s"
            text = again if fault.wait is None else f"server asks to wait {seconds:.0f} s"
            self.say(f"{self.endpoint.model}: {text}")
        if fault.wait is not None:
            health.resume_at = max(health.resume_at, until)

    async def _pause(self) -> None:
        """Wait while the server asks not to be asked, whichever question it said that to."""
        if (rest := health_of(self.endpoint).resume_at - time.monotonic()) > 0:
            await _sleep(rest)

    async def _try(self) -> Streamed:
        import httpx

        self.began = time.perf_counter()
        try:
            async with asyncio.timeout(self.endpoint.timeout):
                return await self._request()
        except Fault:
            raise
        except (TimeoutError, httpx.ReadTimeout, httpx.WriteTimeout):
            limit = f"{self.endpoint.timeout:g} s (models.timeout)"
            raise Fault("slow", f"no whole answer within {limit}") from None
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError, httpx.UnsupportedProtocol) as error:
            raise Fault("connection", f"cannot be reached ({_words(error)})") from None
        except Exception as error:  # whatever reading can raise is this question's error
            raise Fault("broken", f"the connection broke ({_words(error)})") from None

    async def _request(self) -> Streamed:
        # ASCII: a lone surrogate in a passage is sent as an escape
        content = json.dumps(self.body).encode("ascii")
        async with _client(self.endpoint).stream("POST", self.endpoint.url, content=content) as response:
            if response.status_code != 200:
                raise fault_of_status(response.status_code, response.headers, await _start_of(response))
            encoding = response.headers.get("content-encoding", "identity")
            if encoding != "identity":
                raise Fault("broken", f"sent its answer as {one_line(encoding, 40)}, which nobody asked for")
            content_type = response.headers.get("content-type", "")
            reader = StreamReader(most_bytes(_most_tokens(self.body)), content_type)
            blocks = response.aiter_raw()
            async for block in blocks:
                reader.feed(block)
                if reader.ended:
                    break
            streamed = reader.whole()
            self.ended = time.perf_counter()
            await _drained(blocks)
            return streamed

    @property
    def seconds(self) -> float:
        """Wall time of the try that answered."""
        return self.ended - self.began

    @property
    def waited(self) -> float:
        """Wall time of what came before it."""
        return self.began - self.first


async def _sleep(seconds: float) -> None:
    await asyncio.sleep(seconds)


def _most_tokens(body: Mapping[str, Any]) -> int:
    """Tokens that an answer may have; newer models of OpenAI's know the limit by another name alone."""
    return int(body.get("max_tokens") or body.get("max_completion_tokens") or MOST_TOKENS)


def _fault(state: RetryCallState) -> Fault:
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, Fault)
    return error


async def _start_of(response: httpx.Response) -> bytes:
    """The beginning of an error's body."""
    body = b""
    async for block in response.aiter_raw():
        body += block
        if len(body) > MOST_ERROR_BYTES:
            break
    return body[:MOST_ERROR_BYTES]


async def _drained(blocks: Any) -> None:
    """Read on to the end of a stream that should have ended."""
    try:
        async with asyncio.timeout(TRAILER):
            async for _ in blocks:
                break
    except Exception:  # the answer is whole: how the connection ends is nobody's matter
        return


def _words(error: BaseException) -> str:
    return one_line(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__, 120)


@lru_cache(maxsize=16)
def _client(endpoint: Endpoint) -> httpx.AsyncClient:
    import httpx

    key = read_key(endpoint.api_key_env)
    headers = {"Content-Type": "application/json", "Accept": "text/event-stream", "Accept-Encoding": "identity"}
    if key is not None:
        headers["Authorization"] = f"Bearer {key}"
    timeout = httpx.Timeout(endpoint.timeout, connect=min(CONNECT, endpoint.timeout), pool=None)
    return httpx.AsyncClient(headers=headers, timeout=timeout, limits=httpx.Limits(max_connections=None))
