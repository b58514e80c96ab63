"""A system that answers by itself, behind the generator's seam: questions in, texts out, no model of ours."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from harness.errors import InputError
from harness.types import Decoding, Failure, Generation, Prompt, Reply

AT_ONCE = 16  # questions a call: what a killed run has to ask again at most


@dataclass(frozen=True, slots=True)
class CalledGenerator:
    """Hands the last message of each prompt to a callable. Tokens are not counted: nobody here sees them."""

    respond: Callable[[Sequence[str]], Sequence[str | Failure]]  # a Failure: that question's error, the others count
    name: str
    context: int = 1 << 40  # whatever it can read is its own matter

    def count(self, prompt: Prompt) -> int:
        return 0

    def layout(self, prompts: Sequence[Prompt], decoding: Decoding) -> list[list[int]]:
        indices = range(len(prompts))
        return [list(indices[start : start + AT_ONCE]) for start in indices[::AT_ONCE]]

    def generate(self, prompts: Sequence[Prompt], decoding: Decoding) -> list[Reply]:
        """One text a question. InputError where the callable gives another number of them, or no texts."""
        start = time.perf_counter()
        texts = list(self.respond([prompt[-1].content for prompt in prompts]))
        seconds = (time.perf_counter() - start) / max(1, len(prompts))
        if len(texts) != len(prompts) or not all(isinstance(text, str | Failure) for text in texts):
            kinds = ", ".join(sorted({type(text).__name__ for text in texts})) or "nothing"
            raise InputError(
                f"arm '{self.name}': its callable was given {len(prompts)} questions and returned {len(texts)} items "
                f"({kinds}); return one text a question, in the same order"
            )
        return [text if isinstance(text, Failure) else Generation(text, None, None, seconds) for text in texts]

    def stream(
        self, prompts: Sequence[Prompt], decoding: Decoding, batches: Sequence[Sequence[int]] | None = None
    ) -> Iterator[tuple[list[int], list[Reply]]]:
        for batch in self.layout(prompts, decoding) if batches is None else batches:
            yield list(batch), self.generate([prompts[index] for index in batch], decoding)
