"""Spoilt inputs, by seed: values in their structure, bytes in their order, and places that are no files at all."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import random
import socket
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

NONSENSE: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1,
    2**31,
    2**63,
    2**64,
    10**30,
    10**400,
    0.5,
    1e308,
    -0.0,
    math.nan,
    math.inf,
    -math.inf,
    "",
    " ",
    "\n",
    "x" * 20_000,
    "a\x00b",
    "a\x1bb",
    "a\u2028b",
    "a\x85b",
    "a\u202eb",
    "\ud83d",
    "\ufeff",
    "nan",
    "null",
    "2026-13-45",
    "9999-99-99T99:99:99",
    "../../../etc/passwd",
    "/dev/zero",
    "/proc/self/mem",
    "=1+1",
    "<script>alert(1)</script>",
    "{{ 7 * 7 }}",
    "%s%n",
    "]]>",
    "a" * 300 + "/b",
    "~root",
    "https://127.0.0.1:9/x",
    "[S1]",
    "```json",
    "e\u0301" * 50,
    [],
    {},
    [[]],
    {"": None},
    [None] * 50,
    {"a": {"b": {"c": []}}},
)

Rng = random.Random


def spoil(path: Path, rng: Rng) -> str:
    """Spoil one file; returns what was done to it."""
    if rng.random() < 0.08:
        name = rng.choice(sorted(PLACES))
        PLACES[name](path)
        return name
    raw = path.read_bytes()
    structured = STRUCTURES.get(path.suffix)
    if structured is not None and rng.random() < 0.75:
        try:
            written = structured(raw, rng)
            replace(path, written)
            return f"structure of {path.name}"
        except (ValueError, KeyError, TypeError, IndexError, RecursionError, yaml.YAMLError, csv.Error):
            pass  # what was drawn cannot be written in this format: bytes then
    name = rng.choice(sorted(BYTES))
    replace(path, BYTES[name](raw, rng))
    return f"{name} in {path.name}"


def replace(path: Path, raw: bytes) -> None:
    """Write anew, never through a link to the pristine file."""
    path.unlink(missing_ok=True)
    path.write_bytes(raw)


# --- values -------------------------------------------------------------------------------------------------------


def mutated(value: Any, rng: Rng) -> Any:
    """A copy with one to three places changed."""
    value = json.loads(json.dumps(value, default=str))
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        value = _changed(value, rng)
    return value


def _changed(value: Any, rng: Rng) -> Any:
    """One place, at any depth, changed."""
    if isinstance(value, dict) and value and rng.random() < 0.85:
        key = rng.choice(list(value))
        action = rng.random()
        if action < 0.15:
            return {k: v for k, v in value.items() if k != key}
        if action < 0.25:
            return {
                **value,
                str(rng.choice(("", "nosuch", f"{key}x", "a\x00", "\ud800", "x" * 300))): rng.choice(NONSENSE),
            }
        if action < 0.3:
            return {f"{k}{k}" if k == key else k: v for k, v in value.items()}
        return {k: _changed(v, rng) if k == key else v for k, v in value.items()}
    if isinstance(value, list) and value and rng.random() < 0.85:
        place = rng.randrange(len(value))
        action = rng.random()
        if action < 0.1:
            return value[:place] + value[place + 1 :]
        if action < 0.2:
            return [*value, value[place]]
        if action < 0.25:
            return value * rng.choice((2, 50))
        return [*value[:place], _changed(value[place], rng), *value[place + 1 :]]
    return _other(value, rng)


def _other(value: Any, rng: Rng) -> Any:
    """Another value of the same type, or of none."""
    action = rng.random()
    if isinstance(value, bool) or value is None or action < 0.5:
        return rng.choice(NONSENSE)
    if isinstance(value, int | float):
        more = 0.5 if abs(value) < 2**1000 else 2  # what is above holds no float
        return rng.choice((value + 1, -value, value * 10**6, value // 3, value + more, str(value)))
    if isinstance(value, str):
        if action < 0.6:
            return value + str(rng.choice([one for one in NONSENSE if isinstance(one, str)]))
        return rng.choice(
            (value.upper(), value[::-1], value[:1], value * 100, f" {value} ", [value], {value[:50]: value})
        )
    return rng.choice(([value], {"value": value}, str(value)))


def _deep(rng: Rng) -> str:
    depth = rng.choice((50, 200, 3000, 100_000))
    return rng.choice(("[" * depth + "]" * depth, '{"a":' * depth + "1" + "}" * depth))


# --- formats ------------------------------------------------------------------------------------------------------


def _json(raw: bytes, rng: Rng) -> bytes:
    if rng.random() < 0.03:
        return _deep(rng).encode()
    return json.dumps(mutated(json.loads(raw), rng), ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass")


def _jsonl(raw: bytes, rng: Rng) -> bytes:
    lines = raw.decode().rstrip("\n").split("\n")
    place = rng.randrange(len(lines))
    action = rng.random()
    if action < 0.06:
        lines[place] = lines[place][: rng.randrange(len(lines[place]) + 1)]
    elif action < 0.1:
        lines.insert(place, rng.choice(("", "null", "[]", "7", '"x"', _deep(rng), lines[place])))
    elif action < 0.13:
        lines = lines * rng.choice((0, 2))
    else:
        row = mutated(json.loads(lines[place]), rng)
        lines[place] = json.dumps(row, ensure_ascii=rng.random() < 0.5)
    return "\n".join(lines).encode("utf-8", "surrogatepass") + b"\n"


TRICKS = (
    "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c]\n"
    "e: &e [*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e]\ng: [*f,*f,*f,*f,*f,*f,*f]\n",
    "a: &a [*a]\n",
    "<<: {title: x}\n",
    "? [a, b]\n: c\n",
    "x: !!python/object/apply:os.system [id]\n",
    "x: !!timestamp 2026-99-99\n",
    "x: 2026-99-99\n",
    "x: !!binary ///\n",
    "x: !!set {a, b}\n",
    "x: !!omap [a: 1]\n",
    "\t\tx: 1\n",
    "---\na: 1\n---\nb: 2\n",
    "x: *y\n",
    "%YAML 9.9\n---\n",
    "x: 0o9\n",
    "x: 190:20:30\n",
    "x: 1_0\n",
    "x: .nan\n",
    "x: ~\n",
    "x: {a: [b, {c: d}]\n",
    "x: |\n a\n  b\n c\n",
    "x: yes\n",
)


def _yaml(raw: bytes, rng: Rng) -> bytes:
    action = rng.random()
    text = raw.decode()
    if action < 0.2:
        lines = text.split("\n")
        lines.insert(rng.randrange(len(lines) + 1), rng.choice(TRICKS))
        return "\n".join(lines).encode()
    if action < 0.24:
        return b"title: T\nx: " + _deep(rng).encode()
    if action < 0.3:
        return text.replace(
            ": ", ": " + rng.choice(("!!int ", "!!float ", "!!str ", "&x ", "*x ", "[", "'")), 1
        ).encode()
    value = mutated(yaml.safe_load(text), rng)
    return yaml.dump(value, allow_unicode=rng.random() < 0.5).encode("utf-8", "surrogatepass")


def _csv(raw: bytes, rng: Rng) -> bytes:
    rows = [list(row) for row in csv.reader(io.StringIO(raw.decode()))]
    row = rng.choice(rows)
    action = rng.random()
    if action < 0.15:
        row.append("more")
    elif action < 0.3 and row:
        row.pop()
    elif row:
        row[rng.randrange(len(row))] = str(rng.choice(NONSENSE)) if action < 0.8 else 'a"b'
    out = io.StringIO()
    csv.writer(out, delimiter=rng.choice(",,,;\t")).writerows(rows)
    return out.getvalue().encode("utf-8", "surrogatepass")


def _safetensors(raw: bytes, rng: Rng) -> bytes:
    size = struct.unpack("<Q", raw[:8])[0]
    head = json.dumps(mutated(json.loads(raw[8 : 8 + size]), rng)).encode()
    if rng.random() < 0.2:
        return struct.pack("<Q", rng.choice((0, 1, 2**40, 2**64 - 1))) + raw[8:]
    return struct.pack("<Q", len(head)) + head + raw[8 + size :]


FRONT = ("---\n{}---\n", "+++\n{}+++\n", "---\n{}\n")


def _text(raw: bytes, rng: Rng) -> bytes:
    if rng.random() < 0.4:
        return rng.choice(FRONT).format(rng.choice(TRICKS)).encode() + raw
    words = raw.decode().split(" ")
    place = rng.randrange(len(words))
    words[place] = str(rng.choice(NONSENSE))
    return " ".join(words).encode("utf-8", "surrogatepass")


STRUCTURES: Mapping[str, Callable[[bytes, Rng], bytes]] = {
    ".json": _json,
    ".jsonl": _jsonl,
    ".yaml": _yaml,
    ".yml": _yaml,
    ".csv": _csv,
    ".tsv": _csv,
    ".safetensors": _safetensors,
    ".md": _text,
    ".txt": _text,
    ".html": _text,
    ".jinja": _text,
}


# --- bytes --------------------------------------------------------------------------------------------------------


def _flip(raw: bytes, rng: Rng) -> bytes:
    spoilt = bytearray(raw or b" ")
    for _ in range(rng.choice((1, 1, 5, 50))):
        spoilt[rng.randrange(len(spoilt))] = rng.randrange(256)
    return bytes(spoilt)


def _insert(raw: bytes, rng: Rng) -> bytes:
    place = rng.randrange(len(raw) + 1)
    piece = rng.choice(
        (b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"\r", b"\x85", b"{", b'"', b"\xe2\x80\xa8", b"\x1b[2J", b"[" * 5000)
    )
    return raw[:place] + piece + raw[place:]


BYTES: Mapping[str, Callable[[bytes, Rng], bytes]] = {
    "cut": lambda raw, rng: raw[: rng.randrange(len(raw) + 1)],
    "flipped bytes": _flip,
    "inserted bytes": _insert,
    "nothing": lambda raw, rng: b"",
    "blanks": lambda raw, rng: b" \n" * 10,
    "twice": lambda raw, rng: raw + raw,
    "utf-16": lambda raw, rng: raw.decode("latin-1").encode("utf-16"),
    "byte order mark": lambda raw, rng: b"\xef\xbb\xbf" + raw,
    "windows line ends": lambda raw, rng: raw.replace(b"\n", b"\r\n"),
    "old mac line ends": lambda raw, rng: raw.replace(b"\n", b"\r"),
    "random bytes": lambda raw, rng: rng.randbytes(rng.choice((1, 100, 5000))),
    "gzip head": lambda raw, rng: b"\x1f\x8b" + raw,
    "zip head": lambda raw, rng: b"PK\x03\x04" + raw,
}


# --- places that are no files -------------------------------------------------------------------------------------


def _socket(path: Path) -> None:
    path.unlink(missing_ok=True)
    here = os.getcwd()
    os.chdir(path.parent)  # a socket's address may have 108 bytes
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


def _at(make: Callable[[Path], object]) -> Callable[[Path], None]:
    def place(path: Path) -> None:
        path.unlink(missing_ok=True)
        make(path)

    return place


def _sparse(path: Path) -> None:
    with path.open("wb") as stream:
        stream.truncate(1 << 40)


PLACES: Mapping[str, Callable[[Path], None]] = {
    "missing": _at(lambda path: None),
    "folder": _at(Path.mkdir),
    "named pipe": _at(os.mkfifo),
    "socket": _socket,
    "link in a circle": _at(lambda path: path.symlink_to(path.name)),
    "link to /dev/zero": _at(lambda path: path.symlink_to("/dev/zero")),
    "link to nothing": _at(lambda path: path.symlink_to("nothing")),
    "link to a folder": _at(lambda path: path.symlink_to("/proc/self")),
    "a terabyte of holes": _at(_sparse),
}
