"""A step of a run as a value: what it is called, what its result depends on, how large it is, and its work.

    @dataclass(frozen=True, kw_only=True)
    class Retrieve(Stage[Retrieved]):
        name = "retrieve"
        result = Retrieved

        questions: tuple[str, ...]

        def size(self) -> str: ...
        def seconds(self) -> float: ...
        def work(self, store: Store, progress: Progress) -> Retrieved: ...

Stages are frozen and travel to workers, so they hold what their work needs and no more.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Protocol

from harness.engine.progress import Progress
from harness.engine.store import Result, StagePlace, Store
from harness.files.read_files import ReadFile


class Shard(Protocol):
    """A share of a stage's work, done beside the other shares."""

    @property
    def label(self) -> str:
        """The stage's label, and which share of it."""
        ...

    @property
    def after(self) -> tuple[str, ...]:
        """Labels of the shares that must be done before."""
        ...

    def seconds(self) -> float:
        """Rough seconds on one core."""
        ...

    def work(self, store: Store, progress: Progress) -> None:
        """Do the share, into the stage's folder."""
        ...


@dataclass(frozen=True, kw_only=True)
class Stage(ABC, Generic[Result]):
    """One step of a run. Two stages with one name and key have one result."""

    name: ClassVar[str]  # in the record, in the store, in labels
    result: ClassVar[type[Any]]  # the class of what the work returns, kept as JSON
    files: ClassVar[tuple[str, ...]] = ("*",)  # patterns of what it leaves for others: checked when it is used again
    group: ClassVar[str | None] = None  # stages of one group are done by one worker, in order: they share an open index
    alone: ClassVar[bool] = False  # done with nothing beside it, after everything else

    key: str  # hash of everything that the result depends on
    after: tuple[str, ...] = ()  # labels of the stages whose results it needs
    arm: str | None = None
    reads: tuple[ReadFile, ...] = ()  # files that its work opens: done only if they still are what the key was made of

    @property
    def label(self) -> str:
        return f"{self.name} {self.arm}" if self.arm else self.name

    @property
    def place(self) -> StagePlace:
        return StagePlace(self.name, self.key)

    @abstractmethod
    def size(self) -> str:
        """The amount of work, in words."""

    @abstractmethod
    def seconds(self) -> float:
        """Rough seconds on one core, until this machine has done the stage once."""

    @abstractmethod
    def work(self, store: Store, progress: Progress) -> Result:
        """Do everything that is not in the stage's folder yet."""

    def content(self, store: Store) -> str | None:
        """Hash of what the work really depends on, asked once the stages before it are done. Where one of this content
        is finished, under whatever key, its files are taken over. None: the key alone says what the work depends on."""
        return None

    def is_whole(self, result: Any) -> bool:
        """Whether a result leaves nothing to be done by the next run; questions that failed are asked again."""
        return True

    def shards(self, workers: int) -> Sequence[Shard]:
        """The shares that so many workers do beside each other; none: the work is not shared."""
        return ()

    def join(self, store: Store) -> Result:
        """The result of a stage whose shares are all done."""
        raise NotImplementedError(f"{self.label} has shares that nobody joins")
