"""Paths that somebody wants written, checked first, so that no page is made for a place that cannot be.

Where `out` is a file, `check_output(Path("out/page.html"))` is an InputError that says so.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from harness.errors import InputError
from harness.files.input_file import fault_of, is_dir, is_file, legible, read_bytes

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+:/", re.IGNORECASE)  # of https://... Path leaves one stroke; C: is a disk
_FAULTS: Mapping[int | None, str] = {
    errno.ENOENT: "no such folder",
    errno.EEXIST: "a file stands where a folder is needed",
    errno.ENOTDIR: "a file stands where a folder is needed",
    errno.EISDIR: "is a folder, expected a file name",
    errno.ELOOP: "is a link that leads in a circle",
    errno.ENAMETOOLONG: "the name is too long",
    errno.EINVAL: "is no name that a file can have here",
}


def check_output(path: Path) -> None:
    """Refuse a file name under which nothing can be written: a folder, a device, a place inside a file."""
    _check_name(path)
    kind = fault_of(path, "file")
    if kind is not None and kind.endswith("expected a file"):  # a folder, or a device that a move would replace
        raise InputError(f"{legible(path)}: {kind} name that can be written")
    _check_parents(path)


Output = Literal["page", "JUnit file", "Markdown file"]
# by what an earlier output of ours is known: one of these stands in it
_OURS: Mapping[Output, tuple[bytes, ...]] = {
    "page": (b'<meta name="generator" content="harness">', b"Made by harness"),
    "JUnit file": (b"<testsuites",),
    "Markdown file": (b"<!-- harness: ", b"| | candidate | aspect |", *(f"# {sign} ".encode() for sign in "✅⛔🔶")),
}


def check_report(path: Path, what: Output) -> None:
    """Refuse a place where nothing can be written, or a file of somebody's own stands, such as an input of the run.

    Raises:
        InputError: what stands there is neither empty nor an earlier output of the same kind.
    """
    check_output(path)
    if not is_file(path):
        return
    text = read_bytes(path)
    if text.strip() and not any(mark in text for mark in _OURS[what]):
        raise InputError(f"{legible(path)}: stands there already, and is no {what} of harness; name another file")


def new_file(path: Path) -> None:
    """Refuse a file name under which nothing can be written, or something stands already."""
    check_output(path)
    if os.path.lexists(path):
        raise InputError(f"{legible(path)}: exists already; name a new file")


def new_folder(path: Path, remedy: str = "name a new folder") -> None:
    """Make a folder that is to be filled. InputError where it holds something, or cannot be."""
    check_new_folder(path, remedy)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise as_input(path, error) from None


def check_new_folder(path: Path, remedy: str = "name a new folder") -> None:
    """Refuse a folder that holds something, or cannot be made."""
    _check_name(path)
    if os.path.lexists(path) and not is_dir(path):
        raise InputError(f"{legible(path)}: is a file, expected a folder; {remedy}")
    if is_dir(path) and any(path.iterdir()):
        raise InputError(f"{legible(path)}: exists and is not empty; {remedy}")
    _check_parents(path)


def as_input(path: Path, error: OSError) -> Exception:
    """A failed write as an error: an InputError where the path itself cannot be, else the error as it came."""
    if error.errno not in _FAULTS:
        return error
    return InputError(f"{legible(path)}: cannot be written: {_FAULTS[error.errno]}; name another place")


def _check_name(path: Path) -> None:
    if _ADDRESS.match(path.as_posix()):
        raise InputError(f"{legible(path)}: is an address, expected a place on a disk")
    try:
        os.lstat(path)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise as_input(path, error) from None
    except ValueError:
        raise InputError(f"{legible(path)}: holds a character that no path can have; name another place") from None


def _check_parents(path: Path) -> None:
    """The nearest folder above that is there must be one."""
    for parent in path.absolute().parents:
        try:
            mode = os.stat(parent).st_mode
        except FileNotFoundError:
            continue
        except OSError as error:
            raise as_input(path, error) from None
        if not stat.S_ISDIR(mode):
            raise InputError(f"{legible(path)}: cannot be written: {legible(parent)} is a file; name another place")
        return
