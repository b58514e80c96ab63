"""A sheet for people: what they read, what they are asked of it, and where each answer goes. One form for all sheets.

Sheet("3f2a", "Rating sheet", ..., questions=(CORRECT, UNSUPPORTED), items=(SheetItem("a001", ...),))
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

AskedAs = Literal["choice", "statements", "line", "lines"]


@dataclass(frozen=True, slots=True)
class SheetQuestion:
    """What people are asked of an item: one column of the table, one group of fields on the page."""

    name: str  # of the column
    title: str
    kind: AskedAs  # statements: the numbers of those to which it applies, 0 for none
    choices: Mapping[str, str] = field(default_factory=dict)  # value -> label
    help: str = ""


@dataclass(frozen=True, slots=True)
class SheetPart:
    """Something to read."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class SheetItem:
    """One thing to judge."""

    id: str
    parts: tuple[SheetPart, ...]
    questions: tuple[str, ...]  # names of those that are asked of it
    statements: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)  # question -> what stands there before anybody judges


@dataclass(frozen=True, slots=True)
class Sheet:
    """The whole of it."""

    id: str  # content hash: ties a filled sheet to what was asked
    title: str
    advice: tuple[str, ...]  # how to judge, a line each
    questions: tuple[SheetQuestion, ...]
    items: tuple[SheetItem, ...]
