"""Steps that do nothing but note that they were done, and where."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from harness.engine.progress import Progress
from harness.engine.stage import Shard, Stage
from harness.engine.store import Store
from harness.record.codec import write_atomic


@dataclass(frozen=True, slots=True)
class Noted:
    """What a step of these leaves."""

    words: tuple[str, ...]
    process: int


@dataclass(frozen=True, kw_only=True)
class Note(Stage[Noted]):
    """Write a word into the store's log."""

    name = "note"
    result = Noted

    word: str
    costs: float = 1.0
    shares: int = 0

    def size(self) -> str:
        return "a word"

    def seconds(self) -> float:
        return self.costs

    def work(self, store: Store, progress: Progress) -> Noted:
        if self.word == "bad":
            raise ValueError("this step fails")
        note(store, self.word)
        progress(self.label, 1, 1)
        return Noted((self.word,), os.getpid())

    def shards(self, workers: int) -> Sequence[Shard]:
        first = [NoteShare(self, i) for i in range(self.shares)]
        return [*first, NoteShare(self, 99, tuple(share.label for share in first))] if first else []

    def join(self, store: Store) -> Noted:
        return Noted(tuple(word for word in log(store) if word.startswith(self.word)), 0)


@dataclass(frozen=True, slots=True)
class NoteShare:
    """One share of a note."""

    stage: Note
    number: int
    after: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return f"{self.stage.label}, {self.number}"

    def seconds(self) -> float:
        return self.stage.costs / self.stage.shares

    def work(self, store: Store, progress: Progress) -> None:
        note(store, f"{self.stage.word}{self.number}")


@dataclass(frozen=True, kw_only=True)
class NoteTogether(Note):
    """Notes of one group: one worker writes them in order."""

    name = "together"
    group = "notes"


@dataclass(frozen=True, kw_only=True)
class NoteAlone(Note):
    """A note that is written when nothing else is going on."""

    name = "alone"
    alone = True


@dataclass(frozen=True, kw_only=True)
class NoteOfContent(Note):
    """A note that leaves a file, and says what it is really made of."""

    name = "note-of-content"
    says: str

    def content(self, store: Store) -> str:
        return self.says

    def work(self, store: Store, progress: Progress) -> Noted:
        write_atomic(store.folder(self) / "note", self.word)
        return super().work(store, progress)


def note(store: Store, word: str) -> None:
    store.root.mkdir(parents=True, exist_ok=True)
    with (store.root / "log").open("a", encoding="utf-8") as out:
        out.write(f"{word}\n")


def log(store: Store) -> list[str]:
    """Every word that was noted, in order."""
    file = store.root / "log"
    return file.read_text(encoding="utf-8").split() if file.exists() else []
