"""Inside the room: charts draw values, text and page are made of both, and nothing below the page imports it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import harness.report

ROOM = Path(harness.report.__file__).parent
ORDER = ("values", "charts", "headline", "text", "page")  # each may import those before it, and its own
LEVEL_OF = {"headline": "headline", "first": "headline"} | {
    "charts": "charts",
    "text": "text",
    "page": "page",
    "sheet": "page",
}


def level(module: str) -> int:
    """Place of a module, given by its name below harness.report."""
    return ORDER.index(LEVEL_OF.get(module.split(".")[0], "values"))


@pytest.mark.parametrize("file", sorted(ROOM.rglob("*.py")), ids=lambda file: file.relative_to(ROOM).as_posix())
def test_nothing_imports_what_stands_above_it(file: Path) -> None:
    own = level(".".join(file.relative_to(ROOM).with_suffix("").parts))
    imports = re.findall(r"from harness\.report\.([\w.]+) import", file.read_text(encoding="utf-8"))
    assert [module for module in imports if level(module) > own] == []
