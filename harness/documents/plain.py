"""Plain text and source code: the text as it is."""

from __future__ import annotations

from harness.documents.dates import dated
from harness.documents.encoding import decode
from harness.documents.results import Content


def read_plain(raw: bytes) -> Content:
    """Plain text: the first line is the title when it is short and stands alone."""
    decoded = decode(raw)
    text = decoded.text.replace("\r\n", "\n")
    first, _, rest = text.lstrip().partition("\n")
    title = (
        first.strip() if 0 < len(first) <= 100 and (rest.startswith("\n") or not first.rstrip().endswith(".")) else None
    )
    return Content(text, title, dated(text), remarks=decoded.remarks)


def read_code(raw: bytes) -> Content:
    """Source code: it has no title of its own; people search it by its path."""
    decoded = decode(raw)
    text = decoded.text.replace("\r\n", "\n")
    return Content(text, None, dated(text), remarks=decoded.remarks)
