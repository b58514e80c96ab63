"""Every link of README and docs leads to a file, and to a heading of it, that is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.markdown import DOCUMENTS, ROOT, anchors_of, links_of


def dead_links(document: Path) -> list[str]:
    """The relative links of a document that lead nowhere."""
    return [target for target in links_of(document) if "://" not in target and _fault(document, target)]


def _fault(document: Path, target: str) -> bool:
    name, _, anchor = target.partition("#")
    file = (document.parent / name).resolve() if name else document
    return not file.exists() or bool(anchor and anchor not in anchors_of(file))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    assert not dead_links(document)


def test_a_dead_link_and_a_dead_anchor_are_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A *word*, and more\n[a](gone.md) [b](page.md#a-word-and-more) [c](#gone) ![d](no.png)\n[e]: x\n")
    assert dead_links(page) == ["gone.md", "#gone", "no.png"]


def test_the_index_names_every_page() -> None:
    """A page that nobody is led to is not found. Makers' notes have an index of their own."""
    for folder in (ROOT / "docs", ROOT / "docs" / "notes"):
        named = {target.partition("#")[0] for target in links_of(folder / "index.md")}
        pages = {path.name for path in folder.glob("*.md")} - {"index.md"}
        assert not pages - named, f"name them in {(folder / 'index.md').relative_to(ROOT)}: {sorted(pages - named)}"


def test_reading_the_page_names_every_part_of_the_page() -> None:
    from harness.report.page.contents import CONTENTS

    text = (ROOT / "docs" / "reading-the-page.md").read_text(encoding="utf-8")
    assert [part.heading for part in CONTENTS if part.heading not in text] == []
