"""A system that answers by itself, behind the generator's seam: questions in, replies out, no model of ours.

SystemGenerator(called(my_function, "faq"))        # a callable: questions in, as many texts out
SystemGenerator(by_id(load_answers(file), "june.jsonl"))    # a file of answers: ids in
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.errors import InputError
from harness.golden.answers import StoredAnswer
from harness.types import Decoding, Failure, Generation, Prompt, Reply

AT_ONCE = 16  # questions a call: what a killed run has to ask again at most

Ask = Callable[[Sequence[str]], Sequence[Reply]]


@dataclass(frozen=True, slots=True)
class SystemGenerator:
    """Hands the last message of each prompt to a system. Tokens are not counted: nobody here sees them."""

    ask: Ask
    context: int = 1 << 40  # whatever it can read is its own matter

    def count(self, prompt: Prompt) -> int:
        return 0

    def layout(self, prompts: Sequence[Prompt], decoding: Decoding) -> list[list[int]]:
        indices = range(len(prompts))
        return [list(indices[start : start + AT_ONCE]) for start in indices[::AT_ONCE]]

    def generate(self, prompts: Sequence[Prompt], decoding: Decoding) -> list[Reply]:
        """One reply a question. Raises what the system raises."""
        return list(self.ask([prompt[-1].content for prompt in prompts]))

    def stream(
        self, prompts: Sequence[Prompt], decoding: Decoding, batches: Sequence[Sequence[int]] | None = None
    ) -> Iterator[tuple[list[int], list[Reply]]]:
        for batch in self.layout(prompts, decoding) if batches is None else batches:
            yield list(batch), self.generate([prompts[index] for index in batch], decoding)


def called(respond: Callable[[Sequence[str]], Sequence[str | Failure]], name: str) -> Ask:
    """A callable as a system. InputError where it gives another number of texts than questions, or no texts."""

    def ask(questions: Sequence[str]) -> list[Reply]:
        start = time.perf_counter()
        texts = list(respond(questions))
        seconds = (time.perf_counter() - start) / max(1, len(questions))
        if len(texts) != len(questions) or not all(isinstance(text, str | Failure) for text in texts):
            kinds = ", ".join(sorted({type(text).__name__ for text in texts})) or "nothing"
            raise InputError(
                f"arm '{name}': its callable was given {len(questions)} questions and returned {len(texts)} items "
                f"({kinds}); return one text a question, in the same order"
            )
        return [text if isinstance(text, Failure) else Generation(text, None, None, seconds) for text in texts]

    return ask


def by_id(answers: Mapping[str, StoredAnswer], file: str) -> Ask:
    """Answers made elsewhere as a system that is asked by the id of a question; one it lacks is that one's error."""

    def reply(id: str) -> Reply:
        answer = answers.get(id)
        if answer is None:
            return Failure(f"{file} has no answer to it", again=False)
        return Generation(
            answer.text,
            answer.prompt_tokens,
            answer.completion_tokens,
            answer.seconds or 0.0,
            answer.first_token_seconds,
            passages=answer.reading,
        )

    return lambda ids: [reply(id) for id in ids]
