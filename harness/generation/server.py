"""A generator behind an OpenAI-compatible server: vLLM, TGI, Ollama or a hosted one.

    ServerGenerator("http://127.0.0.1:8000/v1", "my-model", api_key_env="MY_KEY", context=8192)

Adapters are the server's (vLLM serves each LoRA module under a model name of its own).
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

from harness.errors import EnvironmentFailure, InputError, MissingExtra
from harness.generation.batches import plan
from harness.types import Decoding, Generation, Prompt

if TYPE_CHECKING:
    from openai import OpenAI

# Bytes of UTF-8 text a token has at least on average; low, so that a prompt is never thought shorter than it is.
BYTES_A_TOKEN = 3.0
TURN_TOKENS = 8  # what a chat template adds to each message
BATCH = 32


@dataclass(frozen=True)
class ServerGenerator:
    """A server's model as an arm uses it (`ArmGenerator`)."""

    base_url: str
    model: str
    api_key_env: str | None = None  # name of the variable that holds the key; None: the server wants none
    context: int = 8192  # tokens that prompt and answer may have together; servers do not tell
    concurrency: int = 8  # requests in flight
    timeout: float = 120.0  # seconds a request may take
    retries: int = 3

    @property
    def name(self) -> str:
        return f"{self.model} at {self.base_url}"

    def count(self, prompt: Prompt) -> int:
        """An estimate from above, for trimming: the server's own count comes with each Generation."""
        size = sum(len(message.content.encode()) for message in prompt)
        return int(size / BYTES_A_TOKEN) + TURN_TOKENS * (len(prompt) + 1)

    def layout(self, prompts: Sequence[Prompt], decoding: Decoding) -> list[list[int]]:
        """Batches of `BATCH` requests: what is written to disk at once. The server does its own batching."""
        return plan([self.count(prompt) for prompt in prompts], BATCH, 1 << 40)

    def generate(self, prompts: Sequence[Prompt], decoding: Decoding) -> list[Generation]:
        """One Generation a prompt, in order.

        Raises:
            EnvironmentFailure: the server cannot be reached, fails or is too slow, after `retries`.
            InputError: it refuses the request (no such model, no right to it, prompt too long).
        """
        with ThreadPoolExecutor(max(1, min(self.concurrency, len(prompts)))) as pool:
            return list(pool.map(lambda prompt: self._ask(prompt, decoding, alone=len(prompts) == 1), prompts))

    def stream(
        self, prompts: Sequence[Prompt], decoding: Decoding, batches: Sequence[Sequence[int]] | None = None
    ) -> Iterator[tuple[list[int], list[Generation]]]:
        """Yield (indices, generations) of each batch, in the order of `batches` (default: `layout`)."""
        for batch in self.layout(prompts, decoding) if batches is None else batches:
            yield list(batch), self.generate([prompts[index] for index in batch], decoding)

    def _ask(self, prompt: Prompt, decoding: Decoding, *, alone: bool) -> Generation:
        openai = _library()
        try:
            return self._request(prompt, decoding, alone)
        except (openai.APIConnectionError, openai.InternalServerError, openai.RateLimitError) as error:
            raise EnvironmentFailure(
                f"server {self.base_url}: {type(error).__name__} after {self.retries} retries ({error}); check that it "
                "runs and run the same command again: finished answers are kept"
            ) from error
        except openai.APIStatusError as error:
            raise InputError(
                f"server {self.base_url}: refused model {self.model!r} with status {error.status_code}: {error.message}"
            ) from error

    def _request(self, prompt: Prompt, decoding: Decoding, alone: bool) -> Generation:
        start = time.perf_counter()
        text, finish, usage, first = "", "stop", None, None
        for chunk in self._client().chat.completions.create(**self._body(prompt, decoding)):
            usage = chunk.usage or usage
            for choice in chunk.choices:
                if choice.delta.content:
                    first = first if first is not None else time.perf_counter() - start
                    text += choice.delta.content
                finish = choice.finish_reason or finish
        return Generation(
            text=text,
            prompt_tokens=usage.prompt_tokens if usage else self.count(prompt),
            completion_tokens=usage.completion_tokens if usage else int(len(text.encode()) / BYTES_A_TOKEN),
            seconds=time.perf_counter() - start,
            first_token_seconds=first if alone else None,
            finish="length" if finish == "length" else "stop",
        )

    def _body(self, prompt: Prompt, decoding: Decoding) -> dict[str, Any]:
        return {
            "model": self.model,
            "messages": [{"role": message.role, "content": message.content} for message in prompt],
            "max_tokens": decoding.max_new_tokens,
            "temperature": decoding.temperature,
            "seed": decoding.seed,
            "stream": True,
            "stream_options": {"include_usage": True},
        }

    def _client(self) -> OpenAI:
        return _client(self.base_url, _key(self.api_key_env), self.timeout, self.retries)


@lru_cache(maxsize=4)
def _client(base_url: str, key: str, timeout: float, retries: int) -> OpenAI:
    client: OpenAI = _library().OpenAI(base_url=base_url, api_key=key, timeout=timeout, max_retries=retries)
    return client


def _library() -> ModuleType:
    try:
        import openai
    except ImportError as error:
        raise MissingExtra("openai", "server") from error
    return openai


def _key(variable: str | None) -> str:
    if variable is None:
        return "none"  # local servers take any
    key = os.environ.get(variable)
    if not key:
        raise InputError(f"the server's key is expected in the environment variable {variable}, which is not set")
    return key
