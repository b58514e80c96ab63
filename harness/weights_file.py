"""Files of weights, looked at before they are read: a damaged one is refused at its head, not hashed for minutes."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import operator
import os
import re
import struct
import time
from collections.abc import Sequence
from pathlib import Path

from harness.errors import HarnessError, InputError
from harness.files.hashing import content_hash
from harness.files.input_file import Unfit, legible, open_file
from harness.files.paths import cache_dir
from harness.files.read_files import Stamps, stamps
from harness.record.codec import write_atomic

HEADER_BYTES = 1 << 27  # of one safetensors file; the library itself allows 100 MB
DIGEST = re.compile(r"[0-9a-f]{64}")
MOMENT = 2_000_000_000  # nanoseconds: a second edit of a file this young may leave its times as they are
_PICKLES = (b"PK", b"\x80")  # how a file that torch saved begins


def tensors(file: Path) -> dict[str, Sequence[int]]:
    """Tensor -> shape, by the head of a safetensors file. InputError: it is none, or it was cut."""
    try:
        with open_file(file) as stream:
            first = stream.read(8)
            size = struct.unpack("<Q", first)[0] if len(first) == 8 else 0
            head = stream.read(size) if 0 < size <= HEADER_BYTES else b""
    except Unfit as fault:
        raise InputError(f"{legible(file)}: {fault}") from None
    broken = InputError(f"{legible(file)}: a truncated or damaged weight file; copy the model again")
    try:
        rows = {name: row for name, row in json.loads(head).items() if name != "__metadata__"}
        end = max((row["data_offsets"][1] for row in rows.values()), default=0)
        shapes: dict[str, Sequence[int]] = {name: _sizes(row["shape"]) for name, row in rows.items()}
        whole = 8 + size + end == os.stat(file).st_size
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError, LookupError):
        raise broken from None
    if not whole:
        raise broken
    return shapes


def _sizes(shape: object) -> list[int]:
    if not isinstance(shape, list):
        raise TypeError(f"{type(shape).__name__} is no shape")
    return [operator.index(size) for size in shape]


def weights_sha256(file: Path) -> str:
    """The SHA-256 of a file of weights, read once while its size and times stand still: several steps ask for it.

    InputError: what its first bytes say is no file of weights, or a damaged one.
    """
    if file.suffix == ".safetensors":
        tensors(file)
    else:
        with open_file(file) as stream:
            if not stream.read(2).startswith(_PICKLES):
                raise InputError(f"{legible(file)}: no file of weights; copy the model again")
    return digest((file,))


def digest(files: Sequence[Path]) -> str:
    """The SHA-256 over the bytes of files of weights, one after the other.

    Gigabytes are read once on a machine: the cache keeps the digest under their places, sizes and times. A file that
    is younger than a moment, or is written meanwhile, is read again the next time.
    """
    return _digest_at(tuple(files), _stamps(files))


@functools.lru_cache(maxsize=16)
def _digest_at(files: Sequence[Path], at: Stamps) -> str:
    memory = cache_dir() / "weights" / content_hash(at)
    if DIGEST.fullmatch(text := _remembered(memory)):
        return text
    sha256 = hashlib.sha256()
    for file in files:
        try:
            with open_file(file) as stream:
                while block := stream.read(1 << 22):
                    sha256.update(block)
        except Unfit as fault:
            raise InputError(f"{legible(file)}: {fault}") from None
    settled = time.time_ns() - max((changed for *_, changed in at), default=0) > MOMENT
    if settled and at == _stamps(files):
        with contextlib.suppress(HarnessError):  # a cache that cannot be written to remembers nothing
            write_atomic(memory, sha256.hexdigest())
    return sha256.hexdigest()


def _stamps(files: Sequence[Path]) -> Stamps:
    return tuple(stamp for file in files for stamp in stamps(file))


def _remembered(memory: Path) -> str:
    try:
        return memory.read_text(encoding="ascii")
    except (OSError, ValueError):  # not yet, or edited
        return ""
