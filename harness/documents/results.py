"""The result of reading a file: its content, or the reason why there is none, and what is to be said of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t]*#*[ \t]*$", re.M)


class Unreadable(Exception):
    """A file that holds nothing readable; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Content:
    """The content of one file, or of one record of it."""

    text: str  # what people see: headings as `# `, rows as `a | b`, items as `- `
    title: str | None = None
    timestamp: str | None = None  # ISO date the content is from, if it says so
    metadata: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()  # what was read otherwise than it is written, or not at all
    records: Mapping[str, Content] = field(default_factory=dict)  # id -> document, where one file holds many


def words(text: str) -> frozenset[str]:
    """The words of a table that is written as one text."""
    return frozenset(text.split())


Reader = Callable[[bytes], Content]


def first_heading(text: str) -> str | None:
    match = HEADING.search(text)
    return match.group(1) if match else None
