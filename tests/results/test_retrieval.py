"""The retriever alone: figures by depth and slice, every question with what was retrieved, a grid against the first."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness.engine.store import Store
from harness.errors import InputError
from harness.record.codec import to_json, write_rows
from harness.results.retrieval import Study, measure, open_study
from harness.results.retrieval_figures import NamedReranker, RetrievalFigures, to_object
from harness.results.retrieval_grid import compare, grid
from harness.scenario.load import load_scenario
from harness.scenario.settings import RetrievalSettings
from tests import make
from tests.make.things import write_prices
from tests.retrieval.fakes import WordEmbedder, use

THINGS = ("badge", "refund", "laptop", "parking", "canteen", "invoice")


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Study:
    """Six things that cost something, of two kinds, and a question that nothing answers."""
    use(monkeypatch, WordEmbedder())
    folder = tmp_path / "demo"
    cases = write_prices(folder, THINGS)
    for i, case in enumerate(cases):
        case["kind"] = ("lookup", "multi_hop")[i % 2]
    cases[0]["question"] = "How dear is it?"
    cases.append({"id": "none", "question": "Who owns it?", "kind": "unanswerable", "source": "badge.md"})
    write_rows(folder / "golden.jsonl", cases)
    (folder / "scenario.yaml").write_text("title: Demo\ncorpus: corpus/\ngolden: golden.jsonl\n", encoding="utf-8")
    return open_study(load_scenario(folder), "test")


def measured(study: Study, tmp_path: Path, per_query: bool = False) -> RetrievalFigures:
    return measure(study, [1, 3], tmp_path / "index", Store(tmp_path / "store"), per_query=per_query)


def test_every_depth_and_slice_has_its_figures(study: Study, tmp_path: Path) -> None:
    figures = measured(study, tmp_path)
    assert (figures.queries, figures.without_evidence, figures.passages) == (6, 1, 6)
    assert list(figures.k) == ["1", "3"]
    assert set(figures.k["1"]) == {"recall", "precision", "hit", "mrr", "ndcg"}
    assert {name: set(parts) for name, parts in figures.slices.items()} == {"kind": {"lookup", "multi_hop"}}
    assert [part.queries for part in figures.slices["kind"].values()] == [3, 3]
    assert figures.latency_ms["total"].p50.unit == "ms"
    assert {"index", "rerank_tuning", "retrieve"} <= set(figures.seconds)


def test_questions_are_listed_only_where_asked_for_and_the_worst_first(study: Study, tmp_path: Path) -> None:
    assert measured(study, tmp_path).per_query is None
    rows = measured(study, tmp_path, per_query=True).per_query
    assert rows is not None
    assert rows[0].id == "badge"  # asked so vaguely that no word of its page is in it
    certain = next(row for row in rows if row.id == "refund")
    assert certain.evidence[0].found_at == 1
    assert [hit.found for hit in certain.retrieved] == [True, False, False]
    assert certain.scores == certain.scores_at["3"]


def test_the_json_object_keeps_its_keys(study: Study, tmp_path: Path) -> None:
    figures = measured(study, tmp_path)
    assert list(to_object(figures)) == [
        "scenario", "embedder", "settings", "reranker", "documents", "passages", "long_passages", "skipped", "queries",
        "without_evidence", "k", "slices", "latency_ms", "seconds", "embedded", "remarks",
    ]  # fmt: skip
    assert to_object(figures)["reranker"] is None
    named = to_object(replace(figures, reranker=NamedReranker("ms-marco")))
    assert named["reranker"] == {"setting": "named", "name": "ms-marco"}
    tuned = to_object(replace(figures, reranker=make.reranker()))
    assert (tuned["reranker"]["setting"], tuned["reranker"]["kept"]) == ("tuned", True)
    assert json.loads(to_json(tuned))["reranker"]["dev"]["queries"] == 57


def test_a_grid_is_ranked_and_every_variant_is_held_against_the_first(study: Study, tmp_path: Path) -> None:
    figures = compare(study, 2, lambda s: tmp_path / s.chunking, Store(tmp_path / "store"))
    assert (figures.k, figures.tried, figures.against) == (2, 12, "as configured")
    scores = [row.metrics["ndcg"].mean or 0.0 for row in figures.variants]
    assert scores == sorted(scores, reverse=True)
    own = next(row for row in figures.variants if row.name == figures.against)
    assert (own.difference["ndcg"].mean, own.difference["ndcg"].low, own.difference["ndcg"].high) == (0.0, 0.0, 0.0)
    other = next(row for row in figures.variants if row.name != figures.against)
    assert other.difference["ndcg"].n == 6
    assert to_object(figures)["variants"][0]["name"] == figures.variants[0].name


def test_the_grid_starts_from_what_is_configured_and_repeats_no_cell() -> None:
    plain, reranked = grid(RetrievalSettings(), False), grid(RetrievalSettings(), True)
    assert (len(plain), len(reranked)) == (12, 24)
    assert len({(cell.settings.chunking, cell.settings.fusion, cell.rerank) for cell in reranked}) == 24


def test_a_split_without_evidence_is_named(study: Study) -> None:
    with pytest.raises(InputError, match="no case with evidence in split 'dev'; try --split all"):
        open_study(study.scenario, "dev")
