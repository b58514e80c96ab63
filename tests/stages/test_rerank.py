"""The tuned re-ranker as a step: trained once, kept in the store, used by whoever looks passages up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.engine.execute import bring_to_end
from harness.engine.progress import silent
from harness.engine.store import Store
from harness.files.paths import index_home
from harness.scenario.load import load_scenario
from harness.scenario.settings import Scenario
from harness.stages.rerank import TuneReranker, ranking_on, reranker_of
from harness.stages.search import Search
from harness.tuning import reranker
from tests.make.things import Knows, opened, quick, write_things
from tests.retrieval.fakes import WordEmbedder, use


@pytest.fixture
def scenario(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scenario:
    use(monkeypatch, WordEmbedder())
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    return load_scenario(write_things(tmp_path))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def stage_of(scenario: Scenario) -> TuneReranker:
    stage = reranker_of(scenario)
    assert stage is not None
    return stage


def search_on(scenario: Scenario) -> Search:
    stage = stage_of(scenario)
    return Search(scenario, stage.index, stage)


def test_too_little_to_learn_from_leaves_the_named_one_and_says_so(scenario: Scenario, store: Store) -> None:
    outcome = bring_to_end(stage_of(scenario), store, silent).result
    assert not outcome.kept
    assert "12 usable training questions, at least 50 needed" in outcome.reason
    assert search_on(scenario).ranking(store).settings == scenario.retrieval


def test_what_does_not_help_is_trained_once_and_not_kept(
    scenario: Scenario, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = Knows(1.0)
    quick(monkeypatch, named)
    outcome = bring_to_end(stage_of(scenario), store, silent).result
    assert (outcome.kept, outcome.steps) == (False, 2)
    assert outcome.dev is not None
    assert outcome.dev.queries == 8
    assert outcome.dev.without_it.mean == 1.0
    ranking = search_on(scenario).ranking(store)
    assert (ranking.reranker, ranking.settings) == (named, scenario.retrieval)
    monkeypatch.setattr(reranker, "train", lambda *_: pytest.fail("trained again"))
    assert ranking_on(scenario, opened(scenario), store).reranker is named
    assert [file.name for file in store.folder(stage_of(scenario)).iterdir()] == ["done.json"]


def test_what_helps_is_kept_and_ranks_with_its_own_weight(
    scenario: Scenario, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick(monkeypatch, Knows(-1.0))
    told: list[str] = []
    outcome = bring_to_end(stage_of(scenario), store, lambda label, done, total: told.append(label)).result
    assert outcome.kept
    assert told.count("rerank") == 2, "its own progress"
    retriever = search_on(scenario).retriever(store)
    assert retriever.settings.rerank_weight == outcome.weight
    assert "rerank" in retriever.retrieve(["What does the badge cost?"])[0].seconds
    assert (store.folder(stage_of(scenario)) / "model" / "model.safetensors").is_file()
    assert index_home(scenario.corpus or Path()).is_dir()
    monkeypatch.setattr(reranker, "train", lambda *_: pytest.fail("trained again"))
    assert ranking_on(scenario, opened(scenario), store).settings == retriever.settings


def test_other_golden_evidence_makes_another_key(scenario: Scenario) -> None:
    before = stage_of(scenario).key
    assert scenario.golden is not None
    rows = [json.loads(line) for line in scenario.golden.read_text(encoding="utf-8").splitlines()]
    rows[0]["split"] = "test"
    scenario.golden.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert stage_of(scenario).key != before
