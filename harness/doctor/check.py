"""One thing that was looked at: what it is, what was found, and what to do where that is not enough."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from harness.marks import APART, BAD, GOOD, OPEN

State = Literal["good", "bad", "open", "apart"]
MARKS: Mapping[State, str] = {"good": GOOD, "bad": BAD, "open": OPEN, "apart": APART}


@dataclass(frozen=True, slots=True)
class Check:
    """A line of `harness doctor`."""

    name: str
    state: State  # bad: a run would fail; open: it may, or nobody can say; apart: nothing here needs it
    finding: str
    remedy: str = ""  # what to do; empty where there is nothing to do

    @property
    def line(self) -> str:
        return f"{self.finding}{f'; {self.remedy}' if self.remedy else ''}"
