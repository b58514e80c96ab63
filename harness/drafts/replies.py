"""Replies of a generator, kept by content: what was asked once, by whichever command, is not asked again.

    writer.write(prompts, 32)      # one text a prompt, None where there is no reply

A reply is found by the generator's key and the whole prompt. A page that changed makes other prompts, and only those
are asked; a command that was stopped goes on with what it had.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from harness.files.hashing import content_hash
from harness.files.input_file import is_file, read_text
from harness.record.codec import write_atomic
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
        self.key = key
        self.replies = 0  # asked for so far
        self.remembered = 0  # of them, known from earlier
        self._folder = folder
        self._open = open_generator
        self._progress = progress

    def write(self, prompts: Sequence[Prompt], tokens: int) -> list[str | None]:
        """The reply to each prompt, at most `tokens` long; None where there is none.

        Raises what the generator raises: EnvironmentFailure where a server cannot be reached, say.
        """
        files = [self._file(prompt, tokens) for prompt in prompts]
        texts: dict[Path, str | None] = {file: read_text(file) for file in set(files) if is_file(file)}
        self.replies += len(prompts)
        self.remembered += sum(file in texts for file in files)
        new = {file: prompt for file, prompt in zip(files, prompts, strict=True) if file not in texts}
        places, questions = list(new), list(new.values())
        done = 0
        for indices, replies in self._stream(questions, tokens):
            for index, reply in zip(indices, replies, strict=True):
                text = None if isinstance(reply, Failure) else reply.text
                texts[places[index]] = text
                if text is not None:
                    write_atomic(places[index], text)
            done += len(indices)
            self._progress(done, len(questions))
        return [texts[file] for file in files]

    def _stream(self, prompts: Sequence[Prompt], tokens: int) -> Iterator[tuple[list[int], Sequence[Reply]]]:
        if not prompts:
            return
        # opened again each time: whoever opens it keeps one model, so that a writer and its reader never take the
        # memory of two
        yield from self._open().stream(prompts, Decoding(max_new_tokens=tokens))

    def _file(self, prompt: Prompt, tokens: int) -> Path:
        words = [(message.role, message.content) for message in prompt]
        return self._folder / self.key / f"{content_hash([words, tokens])}.txt"
