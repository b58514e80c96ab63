"""Standard output and error that take every text, whatever their encoding, and outlive a reader that has gone.

A console of cp1252 or ASCII has no `→`, no `✓` and no name in Greek: marks are written plainly there, letters without
their accents, what has no plain form as its escape; JSON keeps every character, as an escape. A pipe to `head -1` ends
with the verdict's exit code, though nobody reads the rest.
"""

from __future__ import annotations

import errno
import json
import os
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TextIO, cast

PLAIN: Mapping[str, str] = {
    "→": "->", "←": "<-", "⇒": "=>", "↔": "<->", "↑": "^", "↓": "v", "×": "x", "÷": "/", "·": "-", "•": "-", "…": "...",
    "–": "-", "—": "-", "−": "-", "‑": "-", "≥": ">=", "≤": "<=", "≠": "!=", "≈": "~", "±": "+/-", "∞": "inf",
    "✓": "+", "✔": "+", "✗": "x", "✘": "x", "⚠": "!", "●": "*", "○": "o", "◐": "o", "■": "#", "□": "#", "▲": "^",
    "▼": "v", "◆": "*", "◇": "o", "★": "*", "☆": "*", "‘": "'", "’": "'", "“": '"', "”": '"', "„": '"', "«": '"',
    "»": '"', "ß": "ss", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "œ": "oe", "Œ": "OE", "ł": "l", "Ł": "L", "€": "EUR",
    "£": "GBP", "°": " deg", "µ": "u", "μ": "u", "━": "-", "─": "-", "│": "|", "╸": "-", "╺": "-", "█": "#", "▁": "_",
}  # fmt: skip
GONE = (errno.EPIPE, errno.EINVAL, errno.EBADF)  # the reader of a pipe has closed it; Windows says EINVAL


def encodable(text: str, encoding: str) -> str:
    """The text in characters that an encoding has; a JSON document with escapes, so that it loses nothing."""
    try:
        text.encode(encoding)
        return text
    except UnicodeEncodeError:
        return _escaped(text) or "".join([_plain(letter, encoding) for letter in text])


def _escaped(text: str) -> str | None:
    if text.lstrip()[:1] not in ("{", "[", '"'):
        return None
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return None
    units = text.encode("utf-16-be", "surrogatepass")
    codes = (int.from_bytes(units[at : at + 2], "big") for at in range(0, len(units), 2))
    return "".join(chr(code) if code < 128 else f"\\u{code:04x}" for code in codes)


def _plain(letter: str, encoding: str) -> str:
    stripped = "".join(part for part in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(part))
    for text in (letter, PLAIN.get(letter, ""), stripped):
        try:
            text.encode(encoding)
        except UnicodeEncodeError:
            continue
        if text:
            return text
    if unicodedata.combining(letter):
        return ""
    return f"\\u{ord(letter):04x}" if ord(letter) < 1 << 16 else f"\\U{ord(letter):08x}"


class Stream:
    """A text stream of the process in its place; everything but writing is the stream's own."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._gone = False

    def __getattr__(self, name: str) -> Any:
        if name == "buffer":  # for that typer would go around this one, where the encoding is ASCII
            raise AttributeError(name)
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        if not self._gone:
            with _leaving(self):
                self._stream.write(encodable(text, self._stream.encoding or "utf-8"))
        return len(text)

    def writelines(self, lines: Iterator[str]) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        if not self._gone:
            with _leaving(self):
                self._stream.flush()

    def leave(self) -> None:
        """Write to nowhere from here on: what is still buffered would fail again at the end of the process."""
        self._gone = True
        with open(os.devnull, "w") as nowhere:
            try:
                os.dup2(nowhere.fileno(), self._stream.fileno())
            except (OSError, ValueError):  # no file behind it
                return


@contextmanager
def _leaving(stream: Stream) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if not isinstance(error, BrokenPipeError) and error.errno not in GONE:
            raise
        stream.leave()


@contextmanager
def robust_streams() -> Iterator[None]:
    """Within the block, standard output and error take everything."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = _robust(sys.stdout), _robust(sys.stderr)
    try:
        yield
        sys.stdout.flush()  # here, where a full disk still is a message and an exit code
        sys.stderr.flush()
    finally:
        sys.stdout, sys.stderr = before


def _robust(stream: TextIO | None) -> TextIO:
    if stream is None:  # a process without a console, or started with the stream closed
        return cast(TextIO, Stream(open(os.devnull, "w", encoding="utf-8")))
    return stream if isinstance(stream, Stream) else cast(TextIO, Stream(stream))
