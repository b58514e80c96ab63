"""Opening what somebody else wrote: a regular file of bounded size, read whole. Never a folder, a pipe or a device.

    read_bytes(Path("golden.jsonl"))     # InputError: golden.jsonl: is a named pipe, expected a file; ...

A pipe that nobody writes to would be waited for, and /dev/zero would be read, for ever.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Literal

from harness.errors import InputError

PlaceKind = Literal["file", "folder", "file or folder"]

LARGEST = 1 << 30  # bytes of any file that is read whole
SETTINGS = 1 << 17  # bytes of a file that people write by hand: the parsers of such files take seconds a megabyte
DOCUMENT = 1 << 24  # bytes of a JSON document: a schema, a record of a training, a model's configuration

_KINDS: tuple[tuple[Callable[[int], bool], str], ...] = (
    (stat.S_ISDIR, "is a folder"),
    (stat.S_ISFIFO, "is a named pipe"),
    (stat.S_ISSOCK, "is a socket"),
    (stat.S_ISCHR, "is a device"),
    (stat.S_ISBLK, "is a device"),
)
_FAULTS: Mapping[int | None, str] = {
    errno.ENOENT: "no such {}",
    errno.ENOTDIR: "no such {}",
    errno.EACCES: "may not be read (permission denied)",
    errno.EPERM: "may not be read (permission denied)",
    errno.ELOOP: "is a link that leads in a circle",
    errno.ENAMETOOLONG: "the name is too long for a {}",
    errno.ENXIO: "is a socket or a device",
}


class Unfit(Exception):
    """Why a path is nothing to read, in words that go on from its name, and what to do about it."""

    def __init__(self, words: str, remedy: str = "") -> None:
        self.words, self.remedy = words, remedy
        super().__init__(f"{words}; {remedy}" if remedy else words)


def read_bytes(path: Path, most: int = LARGEST, missing: str = "check the path") -> bytes:
    """The bytes of a file. `missing` says what to do where there is none.

    Raises:
        InputError: no such file, no regular file, larger than `most` bytes, or not ours to read.
    """
    try:
        return whole(path, most)
    except Unfit as fault:
        remedy = missing if fault.words.startswith("no such") else fault.remedy
        raise InputError(f"{legible(path)}: {Unfit(fault.words, remedy)}") from None


def whole(path: Path, most: int = LARGEST) -> bytes:
    """The bytes of a regular file of at most `most`. Raises Unfit."""
    with open_file(path) as stream:
        size = os.fstat(stream.fileno()).st_size
        raw = stream.read(most + 1) if size <= most else None
    if raw is None or len(raw) > most:
        raise Unfit(f"more than {most:,} bytes, expected less", "is it the right file?")
    return raw


@contextmanager
def open_file(path: Path) -> Iterator[BufferedReader]:
    """A regular file, open for reading bytes. Raises Unfit; OSError where the disk itself fails."""
    fault = fault_of(path, "file")
    if fault is not None:
        raise Unfit(fault)
    try:
        # what was a file a moment ago may be a pipe by now: an open that does not wait, and another look
        stream = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
    except OSError as error:
        if error.errno not in _FAULTS:
            raise  # the disk fails: no fault of the input
        raise Unfit(_FAULTS[error.errno].format("file")) from None
    with stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise Unfit("was replaced while it was read", "run the command again")
        yield stream


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's bytes. InputError as of `read_bytes`."""
    try:
        with open_file(path) as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except Unfit as fault:
        raise InputError(f"{legible(path)}: {fault}") from None


def read_text(path: Path, most: int = LARGEST, missing: str = "check the path") -> str:
    """A text file's content; InputError as of `read_bytes`, and where it stops being UTF-8."""
    raw = read_bytes(path, most, missing)
    try:
        return raw.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise InputError(f"{legible(path)}: not UTF-8 at byte {error.start}; save the file as UTF-8") from None


def fault_of(path: Path, expected: PlaceKind) -> str | None:
    """The fault of a path of which a file or folder is expected, in words; None where it has none."""
    try:
        mode = os.stat(path).st_mode
        readable = os.access(path, os.R_OK | (os.X_OK if stat.S_ISDIR(mode) else 0))
    except OSError as error:
        if error.errno == errno.ENOENT and path.is_symlink():
            return "is a link that leads nowhere"
        if error.errno in _FAULTS:
            return _FAULTS[error.errno].format(expected)
        return f"cannot be looked at ({error.strerror})"
    except ValueError:  # a null byte, or half of a surrogate pair
        return "holds a character that no path can have"
    if stat.S_ISREG(mode) and expected == "folder":
        return "is a file, expected a folder"
    if stat.S_ISDIR(mode) and expected == "file":
        return "is a folder, expected a file"
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        kind = next((words for is_kind, words in _KINDS if is_kind(mode)), "is no regular file")
        return f"{kind}, expected a {expected}"
    if of_the_system(path):
        return f"is part of the running system, expected a {expected} on a disk"
    return None if readable else _FAULTS[errno.EACCES]


def check_tree(folder: Path) -> None:
    """Refuse a folder in which something is no file to read: a copy of it would wait for a pipe, or never end."""
    fault = fault_of(folder, "folder")
    if fault is not None:
        raise InputError(f"{legible(folder)}: {fault}")
    for at, _, names in os.walk(folder):
        for name in sorted(names):
            if (fault := fault_of(Path(at, name), "file")) is not None:
                raise InputError(f"{legible(Path(at, name))}: {fault}")


def folder_of(name: str, what: str) -> Path | None:
    """The folder that a name means; None where nothing of that name is here, and it may be a name elsewhere.

    Raises:
        InputError: something else stands there. `what` it should be is said.
    """
    path = Path(name).expanduser()
    if is_dir(path):
        return path
    if (fault := fault_of(path, "folder")) is not None and not fault.startswith("no such"):
        raise InputError(f"{legible(path)}: {fault.partition(', expected')[0]}, expected {what}")
    return None


def of_the_system(path: Path) -> bool:
    """Whether a path leads to what is no file on any disk: reading there fails, waits for ever or changes by itself."""
    return real(path).parts[1:2] in (("proc",), ("sys",))


def real(path: Path) -> Path:
    """The path without links; as it is where they lead in a circle, on which `Path.resolve` raises."""
    return Path(os.path.realpath(path))


def is_there(path: Path) -> bool:
    """Whether anything stands there; False for any path that cannot be one, where `Path.exists` may raise."""
    return os.path.exists(path)


def is_file(path: Path) -> bool:
    """Whether there is a regular file; False for any path that cannot be one, where `Path.is_file` may raise."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_dir(path: Path) -> bool:
    """Whether there is a folder; False for any path that cannot be one."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def legible(path: Path | str) -> str:
    """A path or name as part of a message: one line, cut in the middle where it is very long."""
    text = "".join(c if c.isprintable() else c.encode("unicode_escape", "replace").decode() for c in str(path))
    return text if len(text) <= 200 else f"{text[:120]}…{text[-60:]}"
