"""What GitHub reads of a job: the step summary, within its limit, and annotations on the golden lines that flipped.

Both are plain text: a file that a variable names, and lines on standard output
(docs.github.com, Workflow commands for GitHub Actions).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from harness.characters import printable
from harness.errors import InputError, one_line
from harness.files.input_file import real
from harness.types import Case

SUMMARY = "GITHUB_STEP_SUMMARY"
SUMMARY_BYTES = 1 << 20  # of one step; GitHub drops a longer summary as a whole
COMMENT_BYTES = 65_536  # of the body of one comment
MOST_ANNOTATIONS = 10  # of one kind and step; GitHub shows no more


def shortened(text: str, most: int, where: str) -> str:
    """The text in at most so many bytes: whole lines, and a last one that says what was left out, and where all is."""
    if len(text.encode()) <= most:
        return text
    lines, notice = text.splitlines(keepends=True), f"\n> … cut here: the rest does not fit; in full: {where}\n"
    room = most - len(notice.encode()) - 12  # for the number of lines
    kept_lines = 0
    while kept_lines < len(lines) and room >= (size := len(lines[kept_lines].encode())):
        room -= size
        kept_lines += 1
    missing = f"{len(lines) - kept_lines:,} lines"
    return "".join(lines[:kept_lines]) + notice.replace("the rest does", f"{missing} do")


def append_summary(text: str, where: str, environment: Mapping[str, str] = os.environ) -> Path:
    """Append to the summary of this step; returns its file. InputError outside a job."""
    name = environment.get(SUMMARY)
    if not name:
        raise InputError(f"--markdown without a file: {SUMMARY} is not set, so this is no GitHub job; name a file")
    path = Path(name)
    room = SUMMARY_BYTES - (path.stat().st_size if path.is_file() else 0)
    with path.open("a", encoding="utf-8", newline="\n") as summary:
        summary.write(shortened(text, room, where))
    return path


def annotation_lines(
    cases: Sequence[Case], losses: Sequence[str], gains: Sequence[str], arm: str, since: str
) -> list[str]:
    """Workflow commands that mark golden lines whose outcome flipped: lost ones first, ten at most, then a count."""
    by_id = {case.id: case for case in cases}
    rows = [*(("warning", id, "lost") for id in losses), *(("notice", id, "gained") for id in gains)]
    lines = [
        _command(level, by_id.get(id), id, f"{arm} {what} this question since {since}") for level, id, what in rows
    ]
    more = len(rows) - MOST_ANNOTATIONS
    return lines[:MOST_ANNOTATIONS] + ([f"... and {more:,} more questions flipped"] if more > 0 else [])


def _command(level: str, case: Case | None, id: str, words: str) -> str:
    text = words if case is None else f"{words}: {one_line(case.question)}"
    places = ",".join([*_place(case), f"title={_property(f'golden case {id}')}"])
    return f"::{level} {places}::{_data(text)}"


def _place(case: Case | None) -> Iterator[str]:
    """File and line, the file as the checkout has it."""
    file, _, line = (case.where if case else "").rpartition(":")
    if file and line.isdecimal():
        path, home = real(Path(file)), Path.cwd()
        name = path.relative_to(home) if path.is_relative_to(home) else path
        yield f"file={_property(name.as_posix())}"
        yield f"line={line}"


def _data(text: str) -> str:
    return printable(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
