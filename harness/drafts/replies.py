"""A generator that writes drafts: what was asked once, by whichever command, is not asked again.

    writer.write(prompts, 32)      # one text a prompt, None where there is no reply

A page that changed makes other prompts, and only those are asked; a command that was stopped goes on with what it had.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from harness.generation.reply_memory import ReplyMemory
from harness.types import Decoding, Failure, Prompt, Reply

Told = Callable[[int, int], None]  # replies done, replies to be had


class TextGenerator(Protocol):
    """A generator as drafts need it."""

    def stream(self, prompts: Sequence[Prompt], decoding: Decoding) -> Iterator[tuple[list[int], Sequence[Reply]]]: ...


class Writer:
    """A generator whose replies are kept.

    Args:
        name: what people call it.
        key: what its replies depend on, its weights included.
        folder: where replies are kept.
        open_generator: loads it; called where a question is not known.
    """

    def __init__(
        self,
        name: str,
        key: str,
        folder: Path,
        open_generator: Callable[[], TextGenerator],
        progress: Told = lambda done, total: None,
    ) -> None:
        self.name = name
        self.replies = 0  # asked for so far
        self.remembered = 0  # of them, known from earlier
        self._memory = ReplyMemory(folder / key)
        self._open = open_generator
        self._progress = progress

    def write(self, prompts: Sequence[Prompt], tokens: int) -> list[str | None]:
        """The reply to each prompt, at most `tokens` long; None where there is none.

        Raises what the generator raises: EnvironmentFailure where a server cannot be reached, say.
        """
        decoding = Decoding(max_new_tokens=tokens)
        earlier = {prompt: self._memory.find(prompt, decoding) for prompt in dict.fromkeys(prompts)}
        texts = {prompt: old.reply.text if old else None for prompt, old in earlier.items()}
        self.replies += len(prompts)
        self.remembered += sum(earlier[prompt] is not None for prompt in prompts)
        new, done = [prompt for prompt, old in earlier.items() if old is None], 0
        for indices, replies in self._stream(new, decoding):
            for index, reply in zip(indices, replies, strict=True):
                if not isinstance(reply, Failure):
                    texts[new[index]] = reply.text
                    self._memory.keep(new[index], decoding, reply)
            done += len(indices)
            self._progress(done, len(new))
        return [texts[prompt] for prompt in prompts]

    def _stream(self, prompts: Sequence[Prompt], decoding: Decoding) -> Iterator[tuple[list[int], Sequence[Reply]]]:
        if prompts:
            # opened again each time: whoever opens it keeps one model, so that a writer and its reader never take the
            # memory of two
            yield from self._open().stream(prompts, decoding)
