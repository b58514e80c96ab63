"""A generator behind an OpenAI-compatible server: vLLM, TGI, Ollama or a hosted one.

    ServerGenerator(Endpoint("http://127.0.0.1:8000/v1", "my-model", api_key_env="MY_KEY"), context=8192)

A question that fails is a Failure in its place. A fault that may be everybody's, and every tenth failure in a row, has
the server asked a question of our own: where it cannot answer that either, the run ends with what it said.
Adapters are the server's (vLLM serves each LoRA module under a model name of its own).
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.errors import HarnessError
from harness.generation.batches import plan
from harness.generation.chat_stream import Streamed, count_of
from harness.generation.endpoint import Endpoint, QuestionTries, Say, health_of, read_key
from harness.generation.event_loop import submit
from harness.generation.server_faults import Fault
from harness.notices import tell
from harness.process.secrets import without_secrets
from harness.types import Decoding, Failure, Generation, Message, Prompt, Reply

# Bytes of UTF-8 text a token has at least on average; low, so that a prompt is never thought shorter than it is.
BYTES_A_TOKEN = 3.0
TURN_TOKENS = 8  # what a chat template adds to each message
BATCH = 32
IN_A_ROW = 10  # failures after which the server is asked a question of our own
OWN_QUESTION: Prompt = (Message("user", "Reply with the word: ok"),)
OWN_DECODING = Decoding(max_new_tokens=16)
SLACK = 100_000  # tokens of a system prompt that a server may add


@dataclass(frozen=True)
class ServerGenerator:
    """A server's model as an arm uses it (`ArmGenerator`)."""

    endpoint: Endpoint
    context: int = 8192  # tokens that prompt and answer may have together; servers do not tell
    concurrency: int = 8  # questions in flight
    thinking: bool | None = None  # handed to the server's chat template; None: nothing is
    say: Say = field(default=tell, compare=False)  # remarks for the user: "server asks to wait 20 s"

    @property
    def name(self) -> str:
        return f"{self.endpoint.model} at {self.endpoint.base_url}"

    def count(self, prompt: Prompt) -> int:
        """An estimate from above, for trimming: the server's own count comes with each Generation."""
        return int(_bytes(prompt) / BYTES_A_TOKEN) + TURN_TOKENS * (len(prompt) + 1)

    def layout(self, prompts: Sequence[Prompt], decoding: Decoding) -> list[list[int]]:
        """Batches of `BATCH` questions: what is written to disk at once. The server does its own batching."""
        return plan([self.count(prompt) for prompt in prompts], BATCH, 1 << 40)

    def generate(self, prompts: Sequence[Prompt], decoding: Decoding) -> list[Reply]:
        """One Reply a prompt, in order. Raises what `stream` raises."""
        replies: dict[int, Reply] = {}
        for indices, batch in self.stream(prompts, decoding):
            replies.update(zip(indices, batch, strict=True))
        return [replies[index] for index in range(len(prompts))]

    def stream(
        self, prompts: Sequence[Prompt], decoding: Decoding, batches: Sequence[Sequence[int]] | None = None
    ) -> Iterator[tuple[list[int], list[Reply]]]:
        """Yield (indices, replies) of each batch, in the order of `batches` (default: `layout`).

        Batches follow each other without a gap: `concurrency` questions are in flight at every time.

        Raises:
            InputError: the server refuses every question (key, model, address), or the key is not set.
            EnvironmentFailure: it cannot be reached, fails or is too slow, whatever it is asked.
        """
        order = self.layout(prompts, decoding) if batches is None else batches
        read_key(self.endpoint.api_key_env)
        asking = Asking(self, decoding, alone=len(prompts) == 1)
        tasks = {index: submit(asking.ask(prompts[index])) for batch in order for index in batch}
        try:
            for at, batch in enumerate(order):
                replies = [tasks[index].result() for index in batch]
                if asking.ended is not None:
                    rest = (tasks[index].result() for later in order[at:] for index in later)
                    if not any(isinstance(reply, Generation) for reply in rest):
                        break
                yield list(batch), replies
            if asking.ended is not None:  # not before: what was answered until then is the caller's
                raise asking.ended
        finally:
            for task in tasks.values():
                task.cancel()

    def body(self, prompt: Prompt, decoding: Decoding) -> dict[str, Any]:
        """The body that is sent."""
        body: dict[str, Any] = {
            "model": self.endpoint.model,
            "messages": [{"role": message.role, "content": message.content} for message in prompt],
            "max_tokens": decoding.max_new_tokens,
            "temperature": decoding.temperature,
            "seed": decoding.seed,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if decoding.schema is not None:
            schema = {"name": "answer", "schema": json.loads(decoding.schema), "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        if self.thinking is not None:
            body["chat_template_kwargs"] = {"enable_thinking": self.thinking, "thinking": self.thinking}
        return body


class Asking:
    """The questions of one call on their way, and whether the server answers at all."""

    def __init__(self, generator: ServerGenerator, decoding: Decoding, *, alone: bool) -> None:
        self.generator, self.decoding, self.alone = generator, decoding, alone
        self.ended: HarnessError | None = None  # why no question can be answered
        self._alive = 0.0  # time.monotonic() of the last sign that one can
        self._slots = asyncio.Semaphore(max(1, generator.concurrency))
        self._own = asyncio.Lock()

    async def ask(self, prompt: Prompt) -> Reply:
        """The reply to one question."""
        async with self._slots:
            if self.ended is not None:
                return Failure(f"not asked: {self.ended}")
            began = time.monotonic()
            question = self._question(prompt, self.decoding, self.generator.endpoint.retries)
            health = health_of(self.generator.endpoint)
            try:
                streamed = await question.answer()
            except Fault as fault:
                health.failures += 1
                if fault.kind.everybody or health.failures % IN_A_ROW == 0:
                    await self._ask_our_own(fault, began)
                return Failure(fault.text)
            health.answers, health.failures, self._alive = health.answers + 1, 0, time.monotonic()
            return self._generation(prompt, question, streamed)

    async def _ask_our_own(self, fault: Fault, since: float) -> None:
        """Whether anything is answered, unless something was since then; else the call ends with this fault."""
        async with self._own:
            if self.ended is not None or self._alive > since:
                return
            try:
                await self._question(OWN_QUESTION, OWN_DECODING, 0).answer()
            except Fault as own:
                worst = own if own.kind.everybody or not fault.kind.everybody else fault
                self.ended = worst.as_error(self.generator.endpoint.base_url)
            else:
                self._alive = time.monotonic()

    def _question(self, prompt: Prompt, decoding: Decoding, retries: int) -> QuestionTries:
        generator = self.generator
        return QuestionTries(generator.endpoint, generator.body(prompt, decoding), generator.say, retries)

    def _generation(self, prompt: Prompt, question: QuestionTries, streamed: Streamed) -> Generation:
        size = len(streamed.text.encode("utf-8", "surrogatepass")) + len(streamed.thoughts.encode())
        prompt_count = count_of(streamed.usage, "prompt_tokens", 1, _bytes(prompt) + SLACK)
        answer_count = count_of(
            streamed.usage, "completion_tokens", min(1, size), max(size, self.decoding.max_new_tokens) + 64
        )
        first = None if streamed.first_token is None else streamed.first_token - question.began
        return Generation(
            text=without_secrets(streamed.text),
            prompt_tokens=self.generator.count(prompt) if prompt_count is None else prompt_count,
            completion_tokens=int(size / BYTES_A_TOKEN) if answer_count is None else answer_count,
            seconds=question.seconds,
            first_token_seconds=first if self.alone else None,
            finish=streamed.finish,
            waited=question.waited,
            served=streamed.served,
            estimated=prompt_count is None or answer_count is None,
        )


def _bytes(prompt: Prompt) -> int:
    return sum(len(message.content.encode("utf-8", "surrogatepass")) for message in prompt)
