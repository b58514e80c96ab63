"""The stage cache: one folder a stage and key; a `done.json` in it says that it is whole, what it took and gave."""

from __future__ import annotations

import inspect
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from harness.engine.progress import Progress
from harness.files.hashing import content_hash, file_hash
from harness.files.locks import Lock, hold
from harness.files.paths import PACKAGE, cache_dir
from harness.notices import tell
from harness.record.codec import decode_file, to_json, write_atomic

DONE, SHARE = "done.json", "share-"
Result = TypeVar("Result")
Result_co = TypeVar("Result_co", covariant=True)


@dataclass(frozen=True, slots=True)
class StagePlace:
    """The place of a stage's files, which is all that the stages after it know of it."""

    name: str
    key: str


class StoreEntry(Protocol[Result_co]):
    """The owner of a folder in the store, whose work fills it: a stage. Two of one name and key are one."""

    name: ClassVar[str]
    result: ClassVar[type[Any]]  # the class of what the work returns, stored as JSON
    files: ClassVar[tuple[str, ...]]  # patterns of the files in its folder that others read

    @property
    def key(self) -> str:
        """Hash of everything that the result depends on."""
        ...

    @property
    def label(self) -> str:
        """The name on a screen."""
        ...

    def work(self, store: Store, progress: Progress) -> Result_co:
        """Fill the folder."""
        ...

    def is_whole(self, result: Any) -> bool:
        """Whether a result leaves nothing to be done by the next run."""
        ...


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that a stage left, so that one that was cut or edited is recognised."""

    bytes: int
    hash: str  # of its content


@dataclass(frozen=True, slots=True)
class Finished(Generic[Result]):
    """A stage that is whole."""

    seconds: float  # wall time when it was computed
    finished: str  # ISO date and time
    result: Result
    files: Mapping[str, StoredFile] = field(default_factory=dict)  # path in the folder -> what it left there
    twin: str | None = None  # key of the stage of the same content that it was taken over from; None: it was done


@dataclass(frozen=True, slots=True)
class _Share:
    seconds: float


@dataclass(frozen=True, slots=True)
class Store:
    """A folder of finished stages."""

    root: Path

    def folder(self, stage: StoreEntry[Any] | StagePlace) -> Path:
        """The folder of the stage's files; made on demand by whoever writes."""
        return self.root / stage.name / stage.key

    def done(self, stage: StoreEntry[Result]) -> Finished[Result] | None:
        """The mark that `finish` wrote, or None while the stage is not whole."""
        finished = self.last(stage)
        return finished if finished is not None and stage.is_whole(finished.result) else None

    def last(self, stage: StoreEntry[Result]) -> Finished[Result] | None:
        """The mark that `finish` wrote, though the next run may have to go on from there (questions that failed)."""
        finished = self._marked(stage)
        return finished if finished is not None and not _damaged(self.folder(stage), finished) else None

    def _marked(self, stage: StoreEntry[Result], place: StagePlace | None = None) -> Finished[Result] | None:
        """The mark that `finish` wrote, whatever has become of the files since; `place`: in another stage's folder."""
        generic: Any = Finished
        finished: Finished[Result] | None = decode_file(self.folder(place or stage) / DONE, generic[stage.result])
        return finished

    def lock(self, stage: StoreEntry[Any]) -> Lock:
        """The lock of a stage among all processes that share this store."""
        return Lock(self._lock_file(stage), _words(stage))

    def hold(self, stage: StoreEntry[Any]) -> AbstractContextManager[None]:
        """The stage for this process alone, as soon as no other is at work on it."""
        return hold(self._lock_file(stage), _words(stage))

    def _lock_file(self, stage: StoreEntry[Any]) -> Path:
        return self.root / "locks" / f"{stage.name}-{stage.key}.lock"

    def sound(self, stage: StoreEntry[Any]) -> bool:
        """Whether a stage is whole, every file with the content that it left; `mend` says what has not."""
        finished = self._marked(stage)
        whole = finished is not None and stage.is_whole(finished.result)
        return finished is not None and whole and not _damaged(self.folder(stage), finished, content=True)

    def mend(self, stage: StoreEntry[Any]) -> None:
        """Make the folder of a stage fit to be worked in, and say what of it was broken. Call it under its lock."""
        self.forget_shares(stage)
        folder, finished = self.folder(stage), self._marked(stage)
        if finished is None:
            if (folder / DONE).exists():
                tell(f"{folder / DONE}: cannot be read; the step '{stage.label}' is done again")
        elif damaged := _damaged(folder, finished, content=True):
            tell(f"{folder / damaged[0]}: missing, cut or edited in the cache; the step '{stage.label}' is done again")
            for name in damaged:
                (folder / name).unlink(missing_ok=True)
        (folder / DONE).unlink(missing_ok=True)

    def result(self, stage: StoreEntry[Result]) -> Result:
        """The result of a stage that is finished. KeyError where it is not."""
        finished = self.last(stage)
        if finished is None:
            raise KeyError(f"{stage.label} is not done")
        return finished.result

    def finish(
        self, stage: StoreEntry[Result], seconds: float, result: Result, twin: str | None = None
    ) -> Finished[Result]:
        """Mark the stage whole. Call it last."""
        files = _files(self.folder(stage), stage.files)
        finished = Finished(seconds, time.strftime("%Y-%m-%dT%H:%M:%S%z"), result, files, twin)
        write_atomic(self.folder(stage) / DONE, to_json(finished))
        return finished

    def take_over(self, stage: StoreEntry[Result], content: str) -> Finished[Result] | None:
        """Finish the stage with the files of one of the same content; None where there is none that is whole."""
        if (place := decode_file(self._twin(stage, content), StagePlace)) is None:
            return None
        folder, twin = self.folder(place), self._marked(stage, place)
        if twin is None or not stage.is_whole(twin.result) or _damaged(folder, twin, content=True):
            return None
        for name in twin.files:
            target = self.folder(stage) / name
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                shutil.copyfile(folder / name, target)
            except FileNotFoundError:  # another process has begun to do that one again
                return None
        return self.finish(stage, twin.seconds, twin.result, place.key)

    def note_content(self, stage: StoreEntry[Any], content: str) -> None:
        """Let later stages of this content take over what the stage has left."""
        write_atomic(self._twin(stage, content), to_json(StagePlace(stage.name, stage.key)))

    def _twin(self, stage: StoreEntry[Any], content: str) -> Path:
        return self.root / "contents" / f"{stage.name}-{content}.json"

    def finish_share(self, stage: StoreEntry[Any], share: str, workers: int, seconds: float) -> None:
        """Mark one of a stage's shares, by its label, among so many workers as done."""
        write_atomic(self._share(stage, share, workers), to_json(_Share(seconds)))

    def shares(self, stage: StoreEntry[Any], shares: Sequence[str], workers: int) -> list[float] | None:
        """Seconds of the shares of these labels among so many workers, or None while one is missing."""
        rows = [decode_file(self._share(stage, share, workers), _Share) for share in shares]
        return None if None in rows else [row.seconds for row in rows if row is not None]

    def forget_shares(self, stage: StoreEntry[Any]) -> None:
        """Drop what was marked by a run that was killed: its shares are looked at again, not trusted."""
        for path in self.folder(stage).glob(f"{SHARE}*.json"):
            path.unlink(missing_ok=True)

    def _share(self, stage: StoreEntry[Any], share: str, workers: int) -> Path:
        return self.folder(stage) / f"{SHARE}{content_hash([share, workers])}.json"


def _words(stage: StoreEntry[Any]) -> str:
    return f"does the step '{stage.label}'"


def _files(folder: Path, patterns: Sequence[str]) -> dict[str, StoredFile]:
    """The files that a stage has left, by their paths in its folder."""
    paths = sorted({path for pattern in patterns for path in folder.glob(pattern) if path.is_file()})
    ours = [path for path in paths if path.name != DONE and not path.name.startswith((".", SHARE))]
    return {p.relative_to(folder).as_posix(): StoredFile(p.stat().st_size, file_hash(p)) for p in ours}


def _damaged(folder: Path, finished: Finished[Any], content: bool = False) -> list[str]:
    """Files that are not any more what a stage left there: by their size, or by their content too."""
    return [name for name, file in finished.files.items() if not _as_left(folder / name, file, content)]


def _as_left(path: Path, file: StoredFile, content: bool) -> bool:
    try:
        return path.stat().st_size == file.bytes and (not content or file_hash(path) == file.hash)
    except OSError:
        return False


def default_store() -> Store:
    """The store in the package's cache."""
    return Store(cache_dir())


@cache
def code_key(*parts: str) -> str:
    """Hash of the package's own sources under these names, so that changed code is never answered from the cache.

    ValueError for a name that is neither a folder nor a module of the package.
    """
    files = [file for part in parts for file in _sources(part)]
    return content_hash([[file.relative_to(PACKAGE).as_posix(), file.read_text(encoding="utf-8")] for file in files])


def code_of(function: Callable[..., object]) -> list[str]:
    """The fingerprint of a function of somebody else's, as far as it can be seen: its name and its file."""
    plain = getattr(function, "__func__", function)  # a method's own function
    owner = plain if inspect.isfunction(plain) else type(plain)
    try:
        file = inspect.getsourcefile(owner)
    except (OSError, TypeError):  # typed in, or part of Python
        file = None
    return [owner.__module__, owner.__qualname__, file_hash(Path(file)) if file else ""]


def _sources(part: str) -> list[Path]:
    path = PACKAGE / part
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path.with_name(f"{path.name}.py")]
    if not files or not files[0].is_file():
        raise ValueError(f"code_key: harness/{part} is no folder or module of the package")
    return files
