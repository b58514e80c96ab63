"""The first bytes of files that are no text, whatever their name says."""

from __future__ import annotations

from collections.abc import Mapping

from harness.documents.results import Unreadable

# First bytes -> what the file is, and what to do.
SIGNATURES: Mapping[bytes, str] = {
    b"%PDF-": "a PDF under another name; rename it to .pdf",
    b"PK\x03\x04": "a zip archive or an office file under another name; rename it (.docx, .xlsx, .pptx) or unpack it",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an old Office file; save it as .docx, .xlsx or .pptx",
    b"{\\rtf": "rich text under another name; rename it to .rtf",
    b"\x89PNG\r\n": "a PNG picture; run it through OCR",
    b"\xff\xd8\xff": "a JPEG picture; run it through OCR",
    b"GIF8": "a GIF picture; run it through OCR",
    b"\x1f\x8b\x08": "a gzip archive; unpack it",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive; unpack it",
    b"Rar!\x1a\x07": "a rar archive; unpack it",
    b"\x7fELF": "a program, no text",
    b"SQLite format 3\0": "an SQLite database; export its tables as CSV",
    b"\x28\xb5\x2f\xfd": "a zstd archive; unpack it",
}


def signature(raw: bytes) -> str | None:
    """A file's kind by its first bytes, and what to do; None where they say nothing."""
    return next((what for start, what in SIGNATURES.items() if raw.startswith(start)), None)


def refuse_binary(raw: bytes) -> None:
    """Unreadable where the first bytes are those of another kind of file."""
    what = signature(raw)
    if what is not None:
        raise Unreadable(f"{what}")
