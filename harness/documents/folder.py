"""The files of a corpus folder in a stable order, and what of it is no file to read, with what to do about it."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.characters import spelled, without_halves
from harness.documents.results import Unreadable
from harness.files.input_file import Unfit, whole
from harness.record.sections import SkippedFile

_LOCK_FILES = ("~$", ".~lock.")  # what office programs write beside an open document


@dataclass(frozen=True, slots=True)
class Listing:
    """A folder's files to read, and what was passed over."""

    files: tuple[tuple[Path, str], ...]  # path, name inside the corpus
    skipped: tuple[SkippedFile, ...]


def list_folder(root: Path, suffixes: Collection[str]) -> Listing:
    """The files below a folder.

    Args:
        suffixes: those of documents; a hidden file or a folder with one of them is named, others are not worth a word.
    """
    files: list[tuple[Path, str]] = []
    skipped: list[SkippedFile] = []
    for path, name in _walk(root, skipped):
        reason = _passed_over(path, name, root, suffixes)
        if reason is not None:
            skipped.append(SkippedFile(spelled(name), reason))
        elif not path.name.startswith(".") and not path.is_dir():
            files.append((path, name))
    return Listing(tuple(files), tuple(skipped))


def _walk(root: Path, skipped: list[SkippedFile]) -> Iterator[tuple[Path, str]]:
    def closed(error: OSError) -> None:
        name = Path(str(error.filename)).relative_to(root).as_posix()
        reason = f"the folder cannot be opened ({error.strerror}); give yourself the right to read it"
        skipped.append(SkippedFile(spelled(name), reason))

    for at, folders, names in os.walk(root, onerror=closed, followlinks=False):
        folders[:] = sorted(folder for folder in folders if not folder.startswith("."))
        for name in (*folders, *sorted(names)):
            yield Path(at, name), Path(at, name).relative_to(root).as_posix()


def _passed_over(path: Path, name: str, root: Path, suffixes: Collection[str]) -> str | None:
    """Why an entry of the folder is not read; None where it is, or where it is a folder or hidden file like any."""
    readable = path.suffix.lower() in suffixes
    if without_halves(name) != name:
        return "its name is not UTF-8; rename it"
    if path.is_symlink() and path.is_dir():
        return "a link to a folder, not followed; copy the folder in"
    if path.is_dir():
        return "a folder with the name of a document; the files in it are read" if readable else None
    if path.name.startswith("."):
        return "hidden, for its name begins with a dot; rename it to have it read" if readable else None
    if path.name.startswith(_LOCK_FILES):
        return "the lock of a document that is open in an office program; close it there"
    if path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root)):
        return "a link out of the corpus; copy the file in"
    return None


def read_file(path: Path, most: int) -> bytes:
    """The bytes of a regular file. Unreadable where it is none, may not be read, is empty or larger than `most`."""
    try:
        raw = whole(path, most)
    except Unfit as fault:
        remedy = "split it into documents" if fault.words.startswith("more than") else "put the document itself here"
        raise Unreadable(f"{fault.words}; {remedy}") from None
    except OSError as error:
        raise Unreadable(f"cannot be read ({error.strerror or error}); copy it again") from None
    if not raw:
        raise Unreadable("empty: 0 bytes; write it or take it out")
    return raw


def unreadable_beside(folder: str, names: Iterable[str]) -> set[str]:
    """The names in a folder that a copy of a corpus leaves out: links to folders, pipes, what may not be read."""
    paths = {name: Path(folder, name) for name in names}
    return {name for name, path in paths.items() if not _is_copied(path)}


def _is_copied(path: Path) -> bool:
    if path.is_dir():
        return not path.is_symlink() and os.access(path, os.R_OK | os.X_OK)
    return path.is_file() and os.access(path, os.R_OK)
