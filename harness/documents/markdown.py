"""Markdown with optional front matter, which becomes title, date and metadata and leaves the text."""

from __future__ import annotations

from harness.documents.dates import dated, first_date
from harness.documents.encoding import decode
from harness.documents.front_matter import DATE_KEYS, split_front_matter
from harness.documents.results import Content, first_heading


def read_markdown(raw: bytes) -> Content:
    """The text below the front matter; the title is that of the front matter, else the first heading."""
    decoded = decode(raw)
    front = split_front_matter(decoded.text.replace("\r\n", "\n"))
    title = front.get("title") or first_heading(front.body)
    timestamp = first_date(front.get(key) for key in DATE_KEYS)
    rest = {key: value for key, value in front.values.items() if key.lower() != "title"}
    return Content(front.body, title, timestamp or dated(front.body), rest, (*decoded.remarks, *front.remarks))
