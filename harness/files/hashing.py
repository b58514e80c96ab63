"""Content hashes: the keys of caches and the fingerprints in a record."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import orjson

from harness.characters import spelled
from harness.errors import InputError
from harness.files.input_file import LARGEST, is_file, legible, of_the_system

CANONICAL = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS


def content_hash(value: Any) -> str:
    """First 16 hex digits of the SHA-256 of the value's canonical JSON."""
    try:
        data = orjson.dumps(value, default=_simpler, option=CANONICAL)
    except TypeError as error:
        if "surrogates" not in str(error) and "64-bit" not in str(error):
            raise
        data = orjson.dumps(_spelled(value), default=_simpler, option=CANONICAL)
    return hashlib.sha256(data).hexdigest()[:16]


def _spelled(value: Any) -> Any:
    """The value with what the encoder has no place for written out: halves of a surrogate pair, long integers."""
    if isinstance(value, str):
        return spelled(value)
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return {"integer": str(value)}
    if isinstance(value, list | tuple):
        return [_spelled(item) for item in value]
    if is_dataclass(value) or isinstance(value, Mapping):
        return {_spelled(key): _spelled(item) for key, item in _simpler(value).items()}
    return value


def _simpler(value: Any) -> Any:
    """A value that the encoder does not know, one step nearer to what it does."""
    if is_dataclass(value) and not isinstance(value, type):  # fields alone, not what was cached beside them
        return {f.name: getattr(value, f.name) for f in fields(value)}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Path):
        return spelled(value.name)
    raise TypeError(f"{type(value).__name__} has no canonical form")


def file_hash(path: Path) -> str:
    """First 16 hex digits of the SHA-256 of a file's bytes, or of a folder's relative paths and bytes.

    InputError: a place of which nothing lies on a disk.
    """
    if of_the_system(path):
        raise InputError(f"{legible(path)}: is part of the running system, expected files on a disk")
    digest = hashlib.sha256()
    for file in [path] if is_file(path) else sorted(p for p in path.rglob("*") if is_file(p)):
        digest.update(os.fsencode(f"{file.relative_to(path).as_posix()}\0"))  # a name need not be UTF-8
        try:
            size = file.stat().st_size
            if size > LARGEST:  # read by nothing, and hashed for minutes
                digest.update(b"\0%d bytes" % size)
                continue
            with file.open("rb") as stream:
                for block in iter(lambda: stream.read(1 << 20), b""):
                    digest.update(block)
        except PermissionError:
            if file == path:
                raise
            digest.update(b"\0may not be read")  # a file of a folder that is skipped there too
    return digest.hexdigest()[:16]
