"""A stale index says what is behind; a snapshot put back searches as it did."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from harness.errors import InputError
from harness.retrieval.index import open_index, read_index
from harness.retrieval.upkeep import restore, snapshot, staleness
from harness.scenario.settings import RetrievalSettings
from tests.retrieval.fakes import WordEmbedder, use

SETTINGS = RetrievalSettings()


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    use(monkeypatch, WordEmbedder())
    folder = tmp_path / "corpus"
    folder.mkdir()
    for name in ("a", "b", "c"):
        (folder / f"{name}.md").write_text(f"The {name} page.", encoding="utf-8")
    return folder


def test_staleness_names_what_is_behind(corpus: Path, tmp_path: Path) -> None:
    home = tmp_path / "index"
    open_index(corpus, SETTINGS, "words", home)
    assert staleness(corpus, home).current
    (corpus / "a.md").write_text("The a page, newer.", encoding="utf-8")
    (corpus / "b.md").unlink()
    (corpus / "d.md").write_text("The d page.", encoding="utf-8")
    later = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=30)
    stale = staleness(corpus, home, later)
    assert (stale.new, stale.changed, stale.deleted) == (("d.md",), ("a.md",), ("b.md",))
    assert stale.oldest_days == stale.median_days == 30
    assert not stale.current


def test_a_snapshot_put_back_is_the_index_of_then(corpus: Path, tmp_path: Path) -> None:
    home = tmp_path / "index"
    before = open_index(corpus, SETTINGS, "words", home)
    snapshot(home, tmp_path / "kept")
    (corpus / "a.md").unlink()
    assert len(open_index(corpus, SETTINGS, "words", home).passages) == 2
    restore(tmp_path / "kept", home)
    back = read_index(home, SETTINGS, "words")
    assert back.hash == before.hash
    assert [p.id for p in back.passages] == [p.id for p in before.passages]
    with pytest.raises(InputError, match="exists and is not empty"):
        snapshot(home, tmp_path / "kept")


def test_without_an_index_there_is_nothing_to_keep(corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="harness index"):
        staleness(corpus, tmp_path / "none")
    with pytest.raises(InputError, match="not an index"):
        restore(corpus, tmp_path / "none")
