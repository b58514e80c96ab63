"""Incremental, whole after a crash, and closed to another embedding model."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harness.errors import EnvironmentFailure, InputError
from harness.retrieval import index_files
from harness.retrieval.filters import Filter
from harness.retrieval.index import open_index, read_index
from harness.retrieval.pipeline import HybridRetriever
from harness.scenario.settings import RetrievalSettings
from harness.types import Passage
from tests.retrieval.fakes import WordEmbedder, use

SETTINGS = RetrievalSettings(chunk_tokens=40, overlap_tokens=0)


@pytest.fixture
def embedder(monkeypatch: pytest.MonkeyPatch) -> WordEmbedder:
    return use(monkeypatch, WordEmbedder())


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for i, thing in enumerate(("badge", "refund", "laptop", "parking", "canteen", "invoice")):
        (folder / f"{thing}.md").write_text(
            f"---\ntitle: {thing}\nowner: team{i % 2}\ndate: 2026-0{i + 1}-02\n---\nThe {thing} costs {i + 10} EUR.\n",
            encoding="utf-8",
        )
    return folder


def test_only_the_changed_document_is_embedded_again(corpus: Path, tmp_path: Path, embedder: WordEmbedder) -> None:
    home = tmp_path / "index"
    assert open_index(corpus, SETTINGS, "words", home).report.embedded == 6
    assert open_index(corpus, SETTINGS, "words", home).report.rebuilt is False
    (corpus / "badge.md").write_text("# badge\n\nThe badge is free.", encoding="utf-8")
    (corpus / "canteen.md").unlink()
    embedder.embedded.clear()
    index = open_index(corpus, SETTINGS, "words", home)
    assert (index.report.embedded, index.report.reused) == (1, 4)
    assert embedder.embedded == ["badge\nThe badge is free."]
    assert index.dense.size == 5
    assert "canteen.md" not in {p.doc for p in index.passages}
    retrieval = HybridRetriever(index, SETTINGS).retrieve(["what does the badge cost"])[0]
    assert retrieval.hits[0].passage.text == "The badge is free."


def test_other_search_settings_keep_the_vectors(corpus: Path, tmp_path: Path, embedder: WordEmbedder) -> None:
    open_index(corpus, SETTINGS, "words", tmp_path / "index")
    changed = replace(SETTINGS, hnsw={"max_neighbors": 8})
    index = open_index(corpus, changed, "words", tmp_path / "index")
    assert index.report.rebuilt
    assert index.report.embedded == 0
    assert index.dense.size == 6


def test_a_crash_leaves_the_old_index_whole(corpus: Path, tmp_path: Path, embedder: WordEmbedder) -> None:
    home = tmp_path / "index"
    before = open_index(corpus, SETTINGS, "words", home).hash
    (corpus / "badge.md").write_text("The badge is free.", encoding="utf-8")
    embedder.fail_after = len(embedder.embedded)
    with pytest.raises(KeyboardInterrupt):
        open_index(corpus, SETTINGS, "words", home)
    embedder.fail_after = None
    index = read_index(home, SETTINGS, "words")
    assert index.hash == before
    assert len(index.passages) == index.dense.size == 6
    assert len(list(home.glob("gen-*"))) == 1
    assert open_index(corpus, SETTINGS, "words", home).report.embedded == 1


def test_a_full_disk_is_the_environments_fault(
    corpus: Path, tmp_path: Path, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(index_files, "write_entries", full)
    with pytest.raises(EnvironmentFailure, match=r"No space left.*the old index is whole"):
        open_index(corpus, SETTINGS, "words", tmp_path / "index")
    assert index_files.current(tmp_path / "index") is None


def test_an_index_of_another_model_is_refused_with_both_names(
    corpus: Path, tmp_path: Path, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_index(corpus, SETTINGS, "words", tmp_path / "index")
    use(monkeypatch, WordEmbedder("letters"))
    with pytest.raises(InputError, match=r"made by embedder words .*embedded by letters"):
        read_index(tmp_path / "index", SETTINGS, "letters")
    assert open_index(corpus, SETTINGS, "letters", tmp_path / "index").report.embedded == 6


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _edit(file: Path) -> None:
    """As many bytes as before, and other ones."""
    file.write_bytes(b"x" * file.stat().st_size)


DAMAGE: dict[str, Callable[[Path], object]] = {
    "a manifest that is cut": lambda folder: _cut(folder / "manifest.json"),
    "no passages": lambda folder: (folder / "passages.jsonl").unlink(),
    "passages that are cut": lambda folder: _cut(folder / "passages.jsonl"),
    "passages that are overwritten": lambda folder: _edit(folder / "passages.jsonl"),
    "no words": lambda folder: shutil.rmtree(folder / "sparse"),
    "a heading index that is cut": lambda folder: [_cut(file) for file in (folder / "headings").iterdir()],
    "no vectors": lambda folder: shutil.rmtree(folder / "chroma"),
    "a database that is cut": lambda folder: _cut(folder / "chroma" / "chroma.sqlite3"),
    "a database that is none": lambda folder: _edit(folder / "chroma" / "chroma.sqlite3"),
    "an empty database": lambda folder: (folder / "chroma" / "chroma.sqlite3").write_bytes(b""),
    "no folder": lambda folder: shutil.rmtree(folder),
    "a name that leads nowhere": lambda folder: (folder.parent / "CURRENT").write_text("gen-x"),
    "a name that leads out": lambda folder: (folder.parent / "CURRENT").write_text("../corpus"),
    "a name that is none": lambda folder: (folder.parent / "CURRENT").write_bytes(b"\xff\x00"),
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("edited", [False, True], ids=["same corpus", "edited corpus"])
def test_a_broken_index_is_built_again_and_that_is_said(
    corpus: Path, tmp_path: Path, embedder: WordEmbedder, capsys: pytest.CaptureFixture[str], damage: str, edited: bool
) -> None:
    home = tmp_path / "index"
    index = open_index(corpus, SETTINGS, "words", home)
    if edited:
        next(corpus.iterdir()).write_text("# Boats\n\nA kayak costs 9 euros.", encoding="utf-8")
        sound = open_index(corpus, SETTINGS, "words", tmp_path / "sound")
    else:
        sound = index
    DAMAGE[damage](index.folder)
    again = open_index(corpus, SETTINGS, "words", home)
    err = capsys.readouterr().err
    assert err.count("\n") == 1, err
    assert "it is built again" in err or "the index is built" in err
    assert [p.text for p in again.passages] == [p.text for p in sound.passages]
    query = embedder.embed(["the refund costs"])
    assert again.dense_scores(query, 3) == sound.dense_scores(query, 3)
    assert open_index(corpus, SETTINGS, "words", home).report.rebuilt is False
    assert capsys.readouterr().err == ""


def test_a_generation_of_another_scenario_is_taken_up_again(
    corpus: Path, tmp_path: Path, embedder: WordEmbedder
) -> None:
    home, other = tmp_path / "index", replace(SETTINGS, chunk_tokens=SETTINGS.chunk_tokens // 2)
    first = open_index(corpus, SETTINGS, "words", home)
    second = open_index(corpus, other, "words", home)
    assert open_index(corpus, SETTINGS, "words", home).folder == first.folder
    assert open_index(corpus, other, "words", home).folder == second.folder


def test_a_generation_that_is_open_stays(corpus: Path, tmp_path: Path, embedder: WordEmbedder) -> None:
    home = tmp_path / "index"
    first = open_index(corpus, SETTINGS, "words", home)
    for size in (31, 32, 33):
        open_index(corpus, replace(SETTINGS, chunk_tokens=size), "words", home)
    assert first.folder.is_dir()
    place = first.folder
    del first
    gc.collect()
    for size in (34, 35, 36):
        open_index(corpus, replace(SETTINGS, chunk_tokens=size), "words", home)
    assert not place.exists()
    assert len(list(home.glob("gen-*"))) == 2


def test_no_index_says_how_to_build_one(tmp_path: Path, embedder: WordEmbedder) -> None:
    with pytest.raises(InputError, match="harness index"):
        read_index(tmp_path, SETTINGS, "words")


def test_a_long_passage_is_found_by_its_end(tmp_path: Path, embedder: WordEmbedder) -> None:
    filler = " ".join(f"filler{i}" for i in range(150))
    file = tmp_path / "p.jsonl"
    file.write_text(f'{{"id": "long", "text": "{filler} zebra zebra"}}\n{{"id": "short", "text": "lion"}}\n')
    index = open_index(file, SETTINGS, "words", tmp_path / "index")
    assert index.manifest.long == 1
    assert index.dense.size == 4
    (scores,) = index.dense_scores(embedder.embed(["zebra zebra"]), 2)
    assert max(scores, key=lambda row: scores[row]) == 0


def test_approximate_search_agrees_with_exact(corpus: Path, tmp_path: Path, embedder: WordEmbedder) -> None:
    exact = open_index(corpus, SETTINGS, "words", tmp_path / "index")
    near = open_index(corpus, replace(SETTINGS, exact_below=0), "words", tmp_path / "index")
    assert exact.dense.exact
    assert not near.dense.exact
    query = embedder.embed(["the refund costs"])
    assert near.dense_scores(query, 1)[0] == pytest.approx(exact.dense_scores(query, 1)[0], abs=1e-5)
    assert list(near.dense_scores(query, 3, rows=[0, 1])[0]) == list(exact.dense_scores(query, 3, rows=[0, 1])[0])


def test_filters_choose_by_metadata_and_date(corpus: Path, tmp_path: Path, embedder: WordEmbedder) -> None:
    index = open_index(corpus, SETTINGS, "words", tmp_path / "index")

    def hits(**filters: Filter) -> set[str]:
        settings = replace(SETTINGS, filters=filters, top_k=6)
        return {h.passage.doc for h in HybridRetriever(index, settings).retrieve(["what costs 12 EUR"])[0].hits}

    owners = {p.doc: p.metadata["owner"] for p in index.passages}
    assert {owners[doc] for doc in hits(owner="team1")} == {"team1"}
    assert hits(doc=("refund.md", "laptop.md")) == {"refund.md", "laptop.md"}
    dated = {p.doc for p in index.passages if (p.timestamp or "") >= "2026-04-01"}
    assert hits(**{"from": "2026-04-01"}) == dated
    with pytest.raises(InputError, match="no passage matches; metadata keys: date, owner"):
        hits(owner="nobody")


def test_an_unknown_hnsw_setting_is_named(corpus: Path, tmp_path: Path, embedder: WordEmbedder) -> None:
    with pytest.raises(InputError, match="unknown setting 'ef'; known: ef_construction"):
        open_index(corpus, replace(SETTINGS, hnsw={"ef": 5}), "words", tmp_path / "index")


class LastFirst:
    """A re-ranker that reverses what it is given."""

    def score(self, question: str, passages: list[Passage]) -> list[float]:
        return [float(i) for i, _ in enumerate(passages)]


def test_reranking_reorders_the_candidates_only(corpus: Path, tmp_path: Path, embedder: WordEmbedder) -> None:
    index = open_index(corpus, SETTINGS, "words", tmp_path / "index")
    settings = replace(SETTINGS, candidates=3)
    plain = HybridRetriever(index, settings, depth=6).retrieve(["the refund costs"])[0]
    again = HybridRetriever(index, settings, LastFirst(), depth=6).retrieve(["the refund costs"])[0]
    before, after = ([h.passage.id for h in r.hits] for r in (plain, again))
    assert after[:3] == before[:3][::-1]
    assert after[3:] == before[3:]
    assert [h.score for h in again.hits] == sorted((h.score for h in again.hits), reverse=True)


def test_a_reranker_may_be_a_second_opinion(corpus: Path, tmp_path: Path, embedder: WordEmbedder) -> None:
    index = open_index(corpus, SETTINGS, "words", tmp_path / "index")
    plain = HybridRetriever(index, SETTINGS, depth=6).retrieve(["the refund costs"])[0]
    slight = replace(SETTINGS, rerank_weight=0.01)
    mixed = HybridRetriever(index, slight, LastFirst(), depth=6).retrieve(["the refund costs"])[0]
    assert mixed.hits[0].passage.id == plain.hits[0].passage.id
    assert [h.score for h in mixed.hits] == sorted((h.score for h in mixed.hits), reverse=True)
    alone = replace(SETTINGS, rerank_weight=1.0)
    reversed_ = HybridRetriever(index, alone, LastFirst(), depth=6).retrieve(["the refund costs"])[0]
    assert reversed_.hits[-1].passage.id == plain.hits[0].passage.id


def test_an_answer_is_remembered_for_a_while(corpus: Path, tmp_path: Path, embedder: WordEmbedder) -> None:
    index = open_index(corpus, SETTINGS, "words", tmp_path / "index")
    retriever = HybridRetriever(index, SETTINGS)
    first = retriever.retrieve(["the  refund costs", "a badge"])
    count = len(embedder.embedded)
    assert retriever.retrieve(["the refund costs"]) == first[:1]
    assert retriever.cache_hits == 1
    assert len(embedder.embedded) == count
    cold = HybridRetriever(index, SETTINGS, cache_seconds=0)
    assert cold.retrieve(["x"])
    assert cold.retrieve(["x"])
    assert cold.cache_hits == 0


@pytest.mark.parametrize("fusion", ["rrf", "convex", "dense", "sparse"])
def test_every_fusion_finds_the_page(corpus: Path, tmp_path: Path, embedder: WordEmbedder, fusion: str) -> None:
    index = open_index(corpus, SETTINGS, "words", tmp_path / "index")
    settings = replace(SETTINGS, fusion=fusion, mmr=0.7, document_weight=0.2)
    retrieval = HybridRetriever(index, settings).retrieve(["how much is the refund"])[0]
    assert retrieval.hits[0].passage.doc == "refund.md"
    assert len(retrieval.hits) <= SETTINGS.top_k
    assert HybridRetriever(index, settings).retrieve([]) == []
