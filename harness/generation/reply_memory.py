"""Replies of a generator, kept by content: the same prompt put to the same model is not asked twice, whatever changed.

    memory = ReplyMemory(folder)
    memory.keep(prompt, decoding, reply); memory.find(prompt, decoding).reply == reply

A document that changed makes other prompts of the questions that are shown it, a case that was added makes one; every
other question is answered already. The folder is named by whatever else a reply depends on: weights, adapter, code.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness.files.hashing import content_hash
from harness.process.clock import now
from harness.record.codec import decode_file, to_json, write_atomic
from harness.types import Decoding, Generation, Prompt


@dataclass(frozen=True, slots=True)
class EarlierReply:
    """One reply, and when it was given."""

    reply: Generation
    asked: str  # ISO date and time, UTC
    hash: str  # of both, so that a file that was edited is recognised


@dataclass(frozen=True, slots=True)
class ReplyMemory:
    """The replies of one generator, a file each, so that several processes may add to them."""

    folder: Path

    def find(self, prompt: Prompt, decoding: Decoding) -> EarlierReply | None:
        """The reply to this prompt; None where none is kept as it was given."""
        earlier = decode_file(self._file(prompt, decoding), EarlierReply)
        whole = earlier is not None and earlier.hash == content_hash([earlier.reply, earlier.asked])
        return earlier if whole else None

    def keep(self, prompt: Prompt, decoding: Decoding, reply: Generation) -> None:
        """Add a reply, or put it in place of one that was damaged."""
        time = now()
        row = EarlierReply(reply, time, content_hash([reply, time]))
        write_atomic(self._file(prompt, decoding), to_json(row))

    def _file(self, prompt: Prompt, decoding: Decoding) -> Path:
        return self.folder / f"{content_hash([prompt, decoding])}.json"
