"""The five statuses of a gate: one row each, with every sign by which terminal, page and CI show it.

STATUSES["not proven"].mark    # '?'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from harness.marks import APART, BAD, GOOD, NONE, OPEN
from harness.types import GateStatus

JUnit = Literal["passed", "failure", "skipped"]


@dataclass(frozen=True, slots=True)
class StatusRow:
    """A status, the way it is shown, and its effect on a verdict."""

    name: GateStatus  # the words, everywhere
    mark: str  # one character, in text
    sign: str  # a coloured one, for Markdown
    symbol: str  # id of the symbol, on a page
    junit: JUnit  # what is not proven fails: an unproven release must not look green
    holds: bool  # does not stand between the candidate and GO


STATUSES: Mapping[GateStatus, StatusRow] = MappingProxyType(
    {
        row.name: row
        for row in (
            StatusRow("pass", GOOD, "✅", "ok", "passed", holds=True),
            StatusRow("fail", BAD, "❌", "no", "failure", holds=False),
            StatusRow("not proven", OPEN, "🔶", "open", "failure", holds=False),
            StatusRow("not measured", NONE, "⬜", "none", "failure", holds=False),
            StatusRow("not applicable", APART, "➖", "skip", "skipped", holds=True),
        )
    }
)
