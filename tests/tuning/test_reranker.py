"""A tuned re-ranker never sees golden evidence, is trained by seed, kept only where dev proves its worth."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.files.hashing import file_hash
from harness.retrieval.pipeline import HybridRetriever
from harness.scenario.load import load_scenario
from harness.scenario.settings import RetrievalSettings, Scenario
from harness.tuning import reranker
from harness.tuning.pairs import RankingPair, labelled_pairs, lessons
from tests.make.things import DEV, THINGS, TRAIN, Knows, opened, quick, tiny_encoder, write_things
from tests.retrieval.fakes import WordEmbedder, use


@pytest.fixture
def scenario(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scenario:
    use(monkeypatch, WordEmbedder())
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    return load_scenario(write_things(tmp_path))


def test_what_is_asked_or_answered_in_dev_and_test_is_not_learned_from(scenario: Scenario) -> None:
    known = lessons(scenario, opened(scenario).passages)
    taught = {item.doc for question in known.questions for item in question.evidence}
    assert taught == {f"{thing}.md" for thing in THINGS[:TRAIN]}
    assert len(known.questions) == 2 * TRAIN
    assert known.left_out == {
        "no evidence": 1, "asked twice": 0, "asked in dev or test": 1, "golden evidence": 14, "not found": 0
    }  # fmt: skip
    assert {name.split("#")[0] for name in known.golden} == {f"{thing}.md" for thing in THINGS[TRAIN:]}
    assert [case.id for case in known.dev] == THINGS[TRAIN:DEV]


def test_pairs_hold_the_right_passage_and_no_golden_one(scenario: Scenario) -> None:
    index = opened(scenario)
    known = lessons(scenario, index.passages)
    retriever = HybridRetriever(index, scenario.retrieval, depth=20)
    examples = labelled_pairs(known.questions, known, index.passages, retriever, 2, seed=1)
    golden = [f"The {thing} costs" for thing in THINGS[TRAIN:]]
    assert not any(words in pair.passage for pair in examples for words in golden)
    right = [pair for pair in examples if pair.label == 1]
    assert len(right) == 12
    assert all(pair.question.split()[-1].strip("?") in pair.passage or "cost" in pair.question for pair in right)
    assert len([pair for pair in examples if pair.label == 0]) == 24
    assert examples == labelled_pairs(known.questions, known, index.passages, retriever, 2, seed=1)
    assert examples != labelled_pairs(known.questions, known, index.passages, retriever, 2, seed=2)


@pytest.mark.parametrize(("sign", "kept"), [(1.0, True), (-1.0, False), (0.0, False)])
def test_only_what_helps_on_dev_is_kept(scenario: Scenario, sign: float, kept: bool) -> None:
    index = opened(scenario)
    settings = RetrievalSettings(fusion="dense", top_k=1, candidates=20)
    # what the re-ranker is held against gets every dev question wrong
    wrong = HybridRetriever(index, settings, Knows(-1.0 if sign > 0 else 1.0), cache_seconds=0)
    tuned = HybridRetriever(index, settings, Knows(sign), cache_seconds=0)
    trial = reranker.judge_on_dev(lessons(scenario, index.passages).dev, index.passages, tuned, wrong, seed=1)
    assert reranker.is_proven(trial) is kept
    assert (trial.without_it.n, trial.with_it.n, trial.queries) == (8, 8, 8)


def test_the_weight_follows_what_ranks_held_out_questions_best(scenario: Scenario) -> None:
    index = opened(scenario)
    questions = lessons(scenario, index.passages).questions
    settings = RetrievalSettings(top_k=1, candidates=20)
    assert reranker.chosen_weight(questions, index, settings, Knows(0.0)) == min(reranker.WEIGHTS)


def test_documents_that_choose_the_weight_are_not_learned_from(scenario: Scenario) -> None:
    index = opened(scenario)
    questions = lessons(scenario, index.passages).questions
    learnt, apart = reranker.split_questions(questions, index.passages, seed=1)
    docs = [{item.doc for question in part for item in question.evidence} for part in (learnt, apart)]
    assert apart
    assert len(learnt) + len(apart) == len(questions)
    assert not docs[0] & docs[1]
    assert (learnt, apart) == reranker.split_questions(questions, index.passages, seed=1)
    one = [question for question in questions if question.evidence[0].doc == "badge.md"]
    assert reranker.split_questions(one, index.passages, seed=1)[1] == []


def test_training_is_seeded_and_writes_safetensors(tmp_path: Path) -> None:
    start = str(tiny_encoder(tmp_path / "tiny"))
    examples = [
        RankingPair(f"What does the {t} cost?", f"the {u}", float(t == u)) for t in THINGS[:3] for u in THINGS[:3]
    ]
    steps: list[tuple[int, int]] = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        reranker.train(start, examples, 3, tmp_path / name, seed, lambda done, total: steps.append((done, total)))
    hashes = [file_hash(tmp_path / name / "model.safetensors") for name in "abc"]
    assert hashes[0] == hashes[1] != hashes[2]
    assert steps[:3] == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_model_is_left_only_where_it_helps(
    scenario: Scenario, tmp_path: Path, sign: float, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    quick(monkeypatch, Knows(sign))  # what it is held against is always right, or always wrong
    outcome = reranker.make_reranker(scenario, opened(scenario), tmp_path / "made")
    assert outcome.kept is (sign < 0)
    assert ("not proven" in outcome.reason) is (sign > 0)
    assert [folder.name for folder in (tmp_path / "made").iterdir()] == (["model"] if outcome.kept else [])
    ranking = reranker.tuned_ranking(scenario, outcome, tmp_path / "made")
    assert ranking.settings.rerank_weight == (outcome.weight if outcome.kept else scenario.retrieval.rerank_weight)
    assert ranking.reranker is not None
    assert len(ranking.reranker.score("What does the badge cost?", opened(scenario).passages[:3])) == 3
    assert capsys.readouterr().out == ""
