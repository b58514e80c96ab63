"""A tuned re-ranker never sees golden evidence, is trained by seed, cached, kept only where dev proves its worth."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from harness.hashing import file_hash
from harness.retrieval.index import Index, open_index
from harness.retrieval.pipeline import HybridRetriever
from harness.scenario.load import load_scenario
from harness.scenario.settings import RetrievalSettings, Scenario
from harness.tuning import reranker
from harness.tuning.pairs import Pair, labelled_pairs, lessons
from harness.types import Passage
from tests.retrieval.fakes import WordEmbedder, use

_NAMES = """
badge refund laptop parking canteen invoice locker visitor printer holiday shuttle gym library scanner parcel uniform
contract bonus training keycard
"""
THINGS = _NAMES.split()
TRAIN, DEV = 6, 14  # things before these numbers


def _case(thing: str, number: int, split: str) -> dict[str, Any]:
    return {
        "id": thing, "question": f"What does the {thing} cost?", "split": split,
        "evidence": [{"doc": f"{thing}.md", "quote": f"costs {number} EUR"}],
    }  # fmt: skip


@pytest.fixture
def scenario(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scenario:
    """Twenty things, six to train on, eight in dev, six in test; examples ask about every one of them again."""
    use(monkeypatch, WordEmbedder())
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "demo"
    (folder / "corpus").mkdir(parents=True)
    cases, examples = [], []
    for i, thing in enumerate(THINGS):
        text = f"# {thing}\n\nThe {thing} costs {i + 10} EUR. Ask the desk about the {thing}."
        (folder / "corpus" / f"{thing}.md").write_text(text, encoding="utf-8")
        cases.append(_case(thing, i + 10, "train" if i < TRAIN else "dev" if i < DEV else "test"))
        row = {"prompt": {"user": f"Price of the {thing}?"}, "output": "x", "use": "both"}
        examples.append({**row, "evidence": cases[-1]["evidence"]})
    examples.append({"prompt": {"user": "What does the printer cost?"}, "output": "x", "use": "both",
                     "evidence": cases[0]["evidence"]})  # fmt: skip
    examples.append({"prompt": {"user": "Who are you?"}, "output": "x", "use": "both", "evidence": []})
    (folder / "golden.jsonl").write_text("".join(json.dumps(c) + "\n" for c in cases), encoding="utf-8")
    (folder / "train.jsonl").write_text("".join(json.dumps(e) + "\n" for e in examples), encoding="utf-8")
    (folder / "scenario.yaml").write_text(
        "title: Demo\ncorpus: corpus/\ngolden: golden.jsonl\nexamples: train.jsonl\n"
        f"models: {{reranker: {tiny_encoder(tmp_path / 'tiny')}}}\n"
        "retrieval: {reranker: tuned, top_k: 2, candidates: 6}\n",
        encoding="utf-8",
    )
    return load_scenario(folder)


def tiny_encoder(folder: Path) -> Path:
    """A random BERT of two narrow layers with a word tokenizer: everything a cross-encoder needs but knowledge."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "What", "does", "the", "cost", "Price", "of", *THINGS]
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
    ).save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=64, num_labels=1,
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(folder)
    return folder


def opened(scenario: Scenario) -> Index:
    assert scenario.corpus is not None
    return open_index(scenario.corpus, scenario.retrieval, "words", scenario.dir / "index")


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
    made = labelled_pairs(known.questions, known, index.passages, retriever, 2, seed=1)
    golden = [f"The {thing} costs" for thing in THINGS[TRAIN:]]
    assert not any(words in pair.passage for pair in made for words in golden)
    right = [pair for pair in made if pair.label == 1]
    assert len(right) == 12
    assert all(pair.question.split()[-1].strip("?") in pair.passage or "cost" in pair.question for pair in right)
    assert len([pair for pair in made if pair.label == 0]) == 24
    assert made == labelled_pairs(known.questions, known, index.passages, retriever, 2, seed=1)
    assert made != labelled_pairs(known.questions, known, index.passages, retriever, 2, seed=2)


class Knows:
    """A re-ranker that puts the passage about the thing in the question first, or last."""

    def __init__(self, sign: float) -> None:
        self.sign = sign

    def score(self, question: str, passages: Sequence[Passage]) -> list[float]:
        return [self.sign * any(thing in question and thing in p.title for thing in THINGS) for p in passages]


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
    asked = lessons(scenario, index.passages).questions
    settings = RetrievalSettings(top_k=1, candidates=20)
    assert reranker.chosen_weight(asked, index, settings, Knows(0.0)) == min(reranker.WEIGHTS)


def test_documents_that_choose_the_weight_are_not_learned_from(scenario: Scenario) -> None:
    index = opened(scenario)
    asked = lessons(scenario, index.passages).questions
    learnt, apart = reranker.split_questions(asked, index.passages, seed=1)
    docs = [{item.doc for question in part for item in question.evidence} for part in (learnt, apart)]
    assert apart
    assert len(learnt) + len(apart) == len(asked)
    assert not docs[0] & docs[1]
    assert (learnt, apart) == reranker.split_questions(asked, index.passages, seed=1)
    one = [question for question in asked if question.evidence[0].doc == "badge.md"]
    assert reranker.split_questions(one, index.passages, seed=1)[1] == []


def test_training_is_seeded_and_writes_safetensors(tmp_path: Path) -> None:
    start = str(tiny_encoder(tmp_path / "tiny"))
    made = [Pair(f"What does the {t} cost?", f"the {u}", float(t == u)) for t in THINGS[:3] for u in THINGS[:3]]
    steps: list[tuple[int, int]] = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        reranker.train(start, made, 3, tmp_path / name, seed, lambda done, total: steps.append((done, total)))
    hashes = [file_hash(tmp_path / name / "model.safetensors") for name in "abc"]
    assert hashes[0] == hashes[1] != hashes[2]
    assert steps[:3] == [(1, 3), (2, 3), (3, 3)]


def test_a_scenario_with_too_little_to_learn_from_goes_on_and_says_so(scenario: Scenario) -> None:
    found = reranker.ranking_of(scenario, opened(scenario))
    assert found.facts is not None
    assert found.facts.kept is False
    assert "12 usable training questions, at least 50 needed" in found.facts.reason
    assert found.settings == scenario.retrieval


def _quick(monkeypatch: pytest.MonkeyPatch, named: Knows) -> None:
    """Two steps of training, judged against a named re-ranker that is always right or always wrong."""
    monkeypatch.setattr(reranker, "LEAST_QUESTIONS", 4)
    monkeypatch.setattr(reranker, "STEPS", 2)
    monkeypatch.setattr(reranker, "load_reranker", lambda name: named)


def test_what_does_not_help_is_trained_once_and_not_kept(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    named = Knows(1.0)
    _quick(monkeypatch, named)
    index = opened(scenario)
    found = reranker.ranking_of(scenario, index)
    assert found.facts is not None
    assert found.facts.dev is not None
    assert (found.facts.kept, found.facts.steps, found.facts.dev.queries) == (False, 2, 8)
    assert "not proven" in found.facts.reason
    assert found.facts.dev.without_it.mean == 1.0
    assert (found.reranker, found.settings) == (named, scenario.retrieval)
    assert capsys.readouterr().out == ""
    monkeypatch.setattr(reranker, "train", lambda *_: pytest.fail("trained again"))
    assert reranker.ranking_of(scenario, index).facts == found.facts
    folders = list((Path(scenario.dir).parent / "cache" / "reranker").iterdir())
    assert [sorted(file.name for file in folder.iterdir()) for folder in folders] == [["facts.json"]]


def test_what_helps_is_kept_and_ranks_with_its_own_weight(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    _quick(monkeypatch, Knows(-1.0))
    index = opened(scenario)
    found = reranker.ranking_of(scenario, index)
    assert found.facts is not None
    assert found.facts.kept
    assert found.facts.dev is not None
    assert found.facts.dev.difference.low is not None
    assert found.facts.dev.difference.low > 0
    assert found.settings.rerank_weight == found.facts.weight
    assert found.reranker is not None
    assert len(found.reranker.score("What does the badge cost?", index.passages[:3])) == 3
    retrieval = HybridRetriever(index, found.settings, found.reranker).retrieve(["What does the badge cost?"])[0]
    assert "rerank" in retrieval.seconds
    (folder,) = (Path(scenario.dir).parent / "cache" / "reranker").iterdir()
    assert (folder / "model" / "model.safetensors").is_file()
    monkeypatch.setattr(reranker, "train", lambda *_: pytest.fail("trained again"))
    assert reranker.ranking_of(scenario, index).facts == found.facts


def test_other_golden_evidence_makes_another_key(scenario: Scenario) -> None:
    index = opened(scenario)
    reranker.ranking_of(scenario, index)
    assert scenario.golden is not None
    rows = [json.loads(line) for line in scenario.golden.read_text(encoding="utf-8").splitlines()]
    rows[0]["split"] = "test"
    scenario.golden.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    reranker.ranking_of(scenario, index)
    keys = {folder.name for folder in (Path(scenario.dir).parent / "cache" / "reranker").iterdir()}
    assert len(keys) == 2
