"""The reading of a corpus as lines: files left out, or read otherwise than they are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from harness.record.sections import FileRemark, SkippedFile

_NAMED = 5  # files of one reason that are named; the others are counted


def corpus_lines(skipped: Sequence[SkippedFile], remarks: Sequence[FileRemark]) -> Iterator[str]:
    """One line a file, `skipped old.doc: ...` or `menu.txt: read as windows-1252`; many of one kind share a line."""
    for reason, files in _by_text((row.reason, row.file) for row in skipped).items():
        yield from _lines("skipped ", files, reason)
    for remark, files in _by_text((row.remark, row.file) for row in remarks).items():
        yield from _lines("", files, remark)


def _by_text(rows: Iterator[tuple[str, str]]) -> Mapping[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for text, file in rows:
        grouped.setdefault(text, []).append(file)
    return grouped


def _lines(start: str, files: list[str], text: str) -> Iterator[str]:
    if len(files) <= _NAMED:
        yield from (f"{start}{file}: {text}" for file in files)
    else:
        yield f"{start}{', '.join(files[:_NAMED])} and {len(files) - _NAMED} more: {text}"
