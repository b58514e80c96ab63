"""A test double of a generator: scripted answers in place of a model. A record made with it says so and is never GO."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from harness.generation.batches import plan
from harness.types import Decoding, Generation, Prompt


@dataclass(frozen=True)
class ScriptedGenerator:
    """A generator that answers with what `script` returns for a prompt, and counts words as tokens."""

    script: Callable[[Prompt], str]
    context: int = 100_000
    test_double: Literal[True] = True
    name: str = "test double (scripted answers)"

    def count(self, prompt: Prompt) -> int:
        return sum(len(message.content.split()) for message in prompt)

    def layout(self, prompts: Sequence[Prompt], decoding: Decoding) -> list[list[int]]:
        return plan([self.count(prompt) for prompt in prompts], 8, 1 << 40)

    def generate(self, prompts: Sequence[Prompt], decoding: Decoding) -> list[Generation]:
        return [self._answer(prompt, decoding) for prompt in prompts]

    def stream(
        self, prompts: Sequence[Prompt], decoding: Decoding, batches: Sequence[Sequence[int]] | None = None
    ) -> Iterator[tuple[list[int], list[Generation]]]:
        for batch in self.layout(prompts, decoding) if batches is None else batches:
            yield list(batch), self.generate([prompts[index] for index in batch], decoding)

    def _answer(self, prompt: Prompt, decoding: Decoding) -> Generation:
        words = self.script(prompt).split(" ")
        answer = words[: decoding.max_new_tokens]
        finish: Literal["stop", "length"] = "stop" if len(answer) == len(words) else "length"
        return Generation(" ".join(answer), self.count(prompt), len(answer), 0.0, 0.0, finish)
