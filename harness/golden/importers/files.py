"""Reading the sources of importers: what a file is by its first bytes, its text, its JSON, the one file that fits."""

from __future__ import annotations

import gzip
import io
import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.characters import parse_json
from harness.errors import InputError
from harness.files.input_file import LARGEST, is_dir, is_file
from harness.files.input_file import read_bytes as read_whole

GZIP, PARQUET = b"\x1f\x8b", b"PAR1"
# What a file is by its first bytes, where it cannot be read as text: what to say of it.
NO_TEXT: Mapping[bytes, str] = {
    b"PK\x03\x04": "a workbook or another zip archive, not text; import a workbook with the format xlsx, "
    "or export its sheet as CSV",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook (.xls), not text; save it as .xlsx or export its sheet as CSV",
    PARQUET: "a Parquet file, not text; give it the ending .parquet",
    b"%PDF": "a PDF, not a table of questions",
    b"SQLite format 3": "an SQLite database, not text; export its table as CSV",
}
ENCODINGS: Mapping[bytes, str] = {  # byte order marks; without one a file must be UTF-8
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe": "utf-16",  # Excel's "Unicode text"
    b"\xfe\xff": "utf-16",
}


def read_bytes(path: Path) -> bytes:
    """The bytes of a file, unpacked where it is gzipped. InputError: no file, a damaged archive, one that is a bomb."""
    raw = read_whole(path)
    if not raw.startswith(GZIP):
        return raw
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(raw)) as archive:
            unpacked = archive.read(LARGEST + 1)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"{path}: not a whole gzip file ({error}); fetch it again") from None
    if len(unpacked) > LARGEST:
        raise InputError(f"{path}: unpacks to more than {LARGEST:,} bytes, expected less; is it a bomb?")
    return unpacked


def read_text(path: Path) -> str:
    """The text of a file by its byte order mark, else as UTF-8. InputError: no such file, not text, not UTF-8."""
    raw = read_bytes(path)
    for head, what in NO_TEXT.items():
        if raw.startswith(head):
            raise InputError(f"{path}: this is {what}")
    encoding = next((name for mark, name in ENCODINGS.items() if raw.startswith(mark)), "utf-8")
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 at byte {error.start}; save the file as UTF-8") from None


def read_json(path: Path) -> Any:
    """The JSON value of a file. InputError: no such file, not UTF-8, not JSON."""
    try:
        return parse_json(read_text(path))
    except json.JSONDecodeError as error:
        raise InputError(f"{path}:{error.lineno}:{error.colno}: not valid JSON: {error.msg}") from None
    except RecursionError:
        raise InputError(f"{path}: JSON nested too deeply") from None


def one_file(path: Path, *patterns: str) -> Path:
    """`path` itself if it is a file, else the one file in the folder that a pattern fits."""
    if is_file(path) or not is_dir(path):
        return path
    files = sorted({file for pattern in patterns for file in path.glob(pattern)})
    if len(files) == 1:
        return files[0]
    sought = ", ".join(patterns)
    names = ", ".join(file.name for file in files[:4])
    what = f"{len(files)} files {sought} ({names})" if files else f"no file {sought}"
    raise InputError(f"{path}: {what} in it; name the file itself")
