"""A scenario of twenty things and their prices, small enough to train a re-ranker on in a moment."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from harness.record.codec import write_rows
from harness.retrieval.index import open_index
from harness.retrieval.index_search import Index
from harness.scenario.settings import Scenario
from harness.tuning import reranker
from harness.types import Passage

_NAMES = """
badge refund laptop parking canteen invoice locker visitor printer holiday shuttle gym library scanner parcel uniform
contract bonus training keycard
"""
THINGS = _NAMES.split()
TRAIN, DEV = 6, 14  # things before these numbers


def case_about(thing: str, number: int, split: str) -> dict[str, Any]:
    return {
        "id": thing, "question": f"What does the {thing} cost?", "split": split,
        "evidence": [{"doc": f"{thing}.md", "quote": f"costs {number} EUR"}],
    }  # fmt: skip


def write_prices(folder: Path, things: Sequence[str], after: str = "") -> list[dict[str, Any]]:
    """A page a thing under `folder/corpus`, each with its price and what comes `after`; a golden case a thing."""
    (folder / "corpus").mkdir(parents=True)
    for number, thing in enumerate(things, start=10):
        text = f"# {thing}\n\nThe {thing} costs {number} EUR.{after.format(thing=thing)}"
        (folder / "corpus" / f"{thing}.md").write_text(text, encoding="utf-8")
    return [case_about(thing, number, "test") for number, thing in enumerate(things, start=10)]


def write_things(place: Path) -> Path:
    """Twenty things, six to train on, eight in dev, six in test; examples ask about every one of them again."""
    folder = place / "demo"
    cases, examples = write_prices(folder, THINGS, after=" Ask the desk about the {thing}."), []
    for i, case in enumerate(cases):
        case["split"] = "train" if i < TRAIN else "dev" if i < DEV else "test"
        row = {"prompt": {"user": f"Price of the {case['id']}?"}, "output": "x", "use": "both"}
        examples.append({**row, "evidence": case["evidence"]})
    examples.append({"prompt": {"user": "What does the printer cost?"}, "output": "x", "use": "both",
                     "evidence": cases[0]["evidence"]})  # fmt: skip
    examples.append({"prompt": {"user": "Who are you?"}, "output": "x", "use": "both", "evidence": []})
    write_rows(folder / "golden.jsonl", cases)
    write_rows(folder / "train.jsonl", examples)
    (folder / "scenario.yaml").write_text(
        "title: Demo\ncorpus: corpus/\ngolden: golden.jsonl\nexamples: train.jsonl\n"
        f"models: {{reranker: {tiny_encoder(place / 'tiny')}}}\n"
        "retrieval: {reranker: tuned, top_k: 2, candidates: 6}\n",
        encoding="utf-8",
    )
    return folder


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


class Knows:
    """A re-ranker that puts the passage about the thing in the question first, or last."""

    def __init__(self, sign: float) -> None:
        self.sign = sign

    def score(self, question: str, passages: Sequence[Passage]) -> list[float]:
        return [self.sign * any(thing in question and thing in p.title for thing in THINGS) for p in passages]


def quick(monkeypatch: pytest.MonkeyPatch, named: Knows) -> None:
    """Two steps of training, judged against a named re-ranker that is always right or always wrong."""
    monkeypatch.setattr(reranker, "LEAST_QUESTIONS", 4)
    monkeypatch.setattr(reranker, "STEPS", 2)
    monkeypatch.setattr(reranker, "load_reranker", lambda name: named)
