"""The present time, as records and caches have it."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> str:
    """ISO date and time to the second, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")
