"""A part of a document that a command writes and a test compares."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Block:
    """The part between two comments."""

    document: Path
    name: str

    @property
    def begin(self) -> str:
        return f"<!-- {self.name}: made by `make docs`, checked by tests/test_architecture.py -->\n"

    @property
    def end(self) -> str:
        return f"<!-- end of {self.name} -->\n"

    def read(self) -> str:
        """What stands in the document."""
        return self.document.read_text(encoding="utf-8").partition(self.begin)[2].partition(self.end)[0]

    def write(self, text: str) -> None:
        """Put the text in its place."""
        before, _, rest = self.document.read_text(encoding="utf-8").partition(self.begin)
        self.document.write_text(before + self.begin + text + self.end + rest.partition(self.end)[2], encoding="utf-8")
