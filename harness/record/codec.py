"""Values <-> JSON, by msgspec: one encoder, one decoder, no reader written by hand.

    decode(b'{"mean": 0.9, "low": 0.8, "high": 1.0, "n": 20}', Estimate, "record.json")    # Estimate(mean=0.9, ...)

msgspec reads a record of 5,000 cases x 6 arms fastest of the libraries tried (benchmarks/record_codec.py) and needs no
second set of classes. What it would let pass is refused here: NaN and infinities, which it writes as null. Halves of
surrogate pairs, which it cannot read back, are written as U+FFFD.

A line of JSONL ends at a line feed and nowhere else: U+2028, U+0085 and their like stand inside texts. Whoever reads or
writes one does it by `lines_of`, `read_rows` and `row_line`.
"""

from __future__ import annotations

import contextlib
import json
import os
import uuid
from collections.abc import Hashable, Iterable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from harness.characters import without_halves
from harness.errors import InputError
from harness.files.input_file import legible, read_bytes
from harness.files.output_path import as_input, check_output

T = TypeVar("T")


def plain(value: object) -> Any:
    """Dataclasses, tuples, paths and NumPy scalars as what JSON knows; keys of mappings as text."""
    return msgspec.to_builtins(value, str_keys=True, enc_hook=_simpler)


def _simpler(value: object) -> object:
    """A value that msgspec does not know, one step nearer to what it does."""
    if isinstance(value, Path):
        return value.as_posix()
    if hasattr(value, "item"):  # a NumPy scalar
        return value.item()
    if hasattr(value, "keys"):  # a mapping of another kind
        return dict(value)  # type: ignore[call-overload]
    raise TypeError(f"{type(value).__name__} is nothing that JSON knows")


def to_json(value: object, indent: int | None = None) -> str:
    """Canonical JSON text of a value; ValueError on NaN or infinity."""
    return without_halves(_encoder(indent).encode(plain(value)))


@cache
def _encoder(indent: int | None) -> json.JSONEncoder:
    return json.JSONEncoder(ensure_ascii=False, allow_nan=False, indent=indent)


def decode(data: bytes | str, kind: type[T], where: str, advice: str = "run the scenario again") -> T:
    """JSON text as a value of `kind`.

    Args:
        advice: how whoever has a broken one gets a whole one.

    Raises:
        InputError: not JSON, or not of this kind; names `where` and the place in it.
    """
    try:
        decoder: msgspec.json.Decoder[T] = _decoder(kind)  # type: ignore[arg-type,unused-ignore]
        return decoder.decode(data)
    except msgspec.ValidationError as error:
        raise InputError(f"{where}: not of this version ({legible(str(error))}); {advice}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        what = "nested too deeply" if isinstance(error, RecursionError) else legible(str(error))
        raise InputError(f"{where}: broken JSON ({what}); the file was cut or edited: {advice}") from None


def decode_file(path: Path, kind: type[T]) -> T | None:
    """What was written there; None where nothing was, or something that is broken or of another version."""
    try:
        return decode(path.read_bytes(), kind, str(path))
    except (FileNotFoundError, InputError):
        return None


@cache
def _decoder(kind: Hashable) -> Any:
    return msgspec.json.Decoder(kind)


def read_rows(path: Path, kind: type[T]) -> list[T]:
    """The values of a JSONL file. InputError names the line that is broken (a truncated file, say)."""
    data = read_bytes(path, missing="the run folder is not whole: run the scenario again")
    with contextlib.suppress(
        msgspec.MsgspecError, UnicodeDecodeError, RecursionError
    ):  # the lines one by one say which is broken
        if data.endswith(b"\n") and b"\n\n" not in data:
            rows: list[T] = _decoder(kind).decode_lines(data)  # type: ignore[arg-type,unused-ignore]
            return rows
    lines = lines_of(data)
    return [decode(line, kind, f"{path}:{number}") for number, line in enumerate(lines, start=1)]


def lines_of(data: bytes) -> list[bytes]:
    """The lines of JSONL. Bytes after the last line feed are a line too: whoever wrote them may have been cut short."""
    return data.removesuffix(b"\n").split(b"\n") if data else []


def row_line(row: object) -> str:
    """A value as one line of JSONL, with the line feed that ends it."""
    return f"{to_json(row)}\n"


def write_rows(path: Path, rows: Iterable[object]) -> None:
    """One JSON object a line, in one move."""
    write_atomic(path, "".join(map(row_line, rows)))


def write_atomic(path: Path, text: str) -> None:
    """Write beside the target and move into place, so that a reader never sees half a file.

    Raises:
        InputError: nothing can be written under that name (a folder, a device, a place inside a file).
    """
    check_output(path)
    beside = path.with_name(f".{path.name[:100]}.{uuid.uuid4().hex[:8]}")  # no other process's, on no other machine
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("w", encoding="utf-8", newline="") as stream:
            stream.write(without_halves(text))
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(beside, path)
    except OSError as error:
        raise as_input(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
