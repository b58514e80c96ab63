"""Files that are zip archives (Word, Excel, PowerPoint, OpenDocument, EPUB), opened within limits."""

from __future__ import annotations

import io
import zipfile

from harness.documents.results import Unreadable
from harness.documents.signatures import signature

MAX_UNPACKED = 400_000_000  # bytes that all members may unpack to
MAX_MEMBER = 100_000_000  # bytes that one member of text may unpack to
MAX_MEMBERS = 20_000
_LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # how Office writes a document that needs a password


def open_archive(raw: bytes, kind: str) -> zipfile.ZipFile:
    """The archive of a file. Unreadable where it is none, needs a password, or would unpack without end."""
    if raw.startswith(_LOCKED):
        raise Unreadable(f"no {kind}: an old Office file or one that needs a password; save it as {kind} without one")
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
        members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        what = signature(raw)
        raise Unreadable(f"no {kind} (no zip archive{f', but {what}' if what else '; is it complete?'})") from None
    unpacked = sum(member.file_size for member in members)
    largest = max((member.file_size for member in members if member.filename.endswith((".xml", ".rels"))), default=0)
    if unpacked > MAX_UNPACKED or largest > MAX_MEMBER or len(members) > MAX_MEMBERS:
        raise Unreadable(
            f"unpacks to {unpacked:,} bytes in {len(members):,} parts: refused as a zip bomb; export it as PDF or text"
        )
    return archive


def member(archive: zipfile.ZipFile, name: str, kind: str) -> bytes:
    """One part of an archive. Unreadable where it is missing, damaged, larger than it says, or locked."""
    data = optional_member(archive, name)
    if data is None:
        raise Unreadable(f"no {kind}: a zip archive without {name}, or that part is damaged; export it again")
    return data


def optional_member(archive: zipfile.ZipFile, name: str) -> bytes | None:
    """One part of an archive; None where it is missing or cannot be read."""
    try:
        with archive.open(name) as stream:
            data = stream.read(MAX_MEMBER + 1)
    except (KeyError, RuntimeError, zipfile.BadZipFile, OSError, EOFError, NotImplementedError):
        return None
    except Exception as error:  # zlib's own error, which is no class of zipfile's
        if type(error).__name__ != "error":
            raise
        return None
    return data if len(data) <= MAX_MEMBER else None
