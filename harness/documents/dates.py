"""The date that a document's content is from, as far as the document says it."""

from __future__ import annotations

import re
from collections.abc import Iterable

_DATE = re.compile(r"\b(\d{4}-\d{2}-\d{2})(?!\d)")
_DATE_LINE = re.compile(
    r"^\W*(?:last )?(?:updated|date|effective|published|as of)\b[^\n\d]{0,24}(\d{4}-\d{2}-\d{2})", re.I | re.M
)


def iso_date(value: str | None) -> str | None:
    """The first ISO date in a value."""
    match = _DATE.search(value or "")
    return match.group(1) if match else None


def first_date(values: Iterable[str | None]) -> str | None:
    return next((date for value in values if (date := iso_date(value))), None)


def dated(text: str) -> str | None:
    """The date of an `Updated: 2026-03-02` line near the top."""
    match = _DATE_LINE.search(text[:1000])
    return match.group(1) if match else None
