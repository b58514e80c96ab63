"""docs/formats.md names every format that can be imported or exported."""

from __future__ import annotations

from pathlib import Path

from harness.golden.exporters.formats import EXPORTS
from harness.golden.importers.formats import FORMATS
from harness.tuning.importers import FORMATS as EXAMPLE_FORMATS


def test_every_format_stands_in_its_table(root: Path) -> None:
    sections = (root / "docs" / "formats.md").read_text(encoding="utf-8").split("\n## ")
    by_title = {section.partition("\n")[0]: section for section in sections}
    tables = {"Golden sets": FORMATS, "Golden sets for other tools": EXPORTS, "Tuning data": EXAMPLE_FORMATS}
    missing = [(title, name) for title, rows in tables.items() for name in rows if f"`{name}`" not in by_title[title]]
    assert not missing, f"docs/formats.md lacks a row: {missing}"
