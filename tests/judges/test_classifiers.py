"""A tiny random model of every kind of classifier loads, reads long passages in windows, and scores a run's claims."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.errors import InputError
from harness.judges.classifiers import HHEM, JOINED, PAIR, PREDICT, TOKENS, Classifier, kind_of, windows
from harness.judges.detect import ReadAnswer, detect
from harness.metrics.reading import Grounds, Reading
from harness.metrics.table import METRICS
from harness.types import Unscored
from tests.metrics.cases import PLANS, answer, case

TEXT = (
    "the orchid plan costs nine euros a month . storage is twelve gigabytes refunds are paid within days to card that "
    "was used predict : premise hypothesis determine if true given question passage 1 2 0 what does it cost ?"
)
WORDS = TEXT.split()
SPECIAL = ["<pad>", "</s>", "<unk>", "[CLS]", "[SEP]"]
SMALL = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
T5 = {"d_model": 16, "d_kv": 8, "d_ff": 32, "num_layers": 1, "num_heads": 2, "decoder_start_token_id": 0}
ANSWER = ReadAnswer(
    "c1",
    "What does the orchid plan cost?",
    "The orchid plan costs nine euros a month. Storage is twelve gigabytes.",
    ("Plans\nThe orchid plan costs nine euros a month.", " ".join(["Refunds are paid within days to the card."] * 60)),
)


def tokenizer(window: int) -> Any:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    vocabulary = {word: i for i, word in enumerate(dict.fromkeys([*SPECIAL, "▁", "▁1", *WORDS]))}
    inner = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    inner.normalizer = normalizers.Lowercase()
    inner.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    ends = [("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])]
    inner.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1", ends)
    return PreTrainedTokenizerFast(
        tokenizer_object=inner, pad_token="<pad>", eos_token="</s>", unk_token="<unk>", cls_token="[CLS]",
        sep_token="[SEP]", model_max_length=window,
    )  # fmt: skip


def window_of(kind: str) -> int:
    """Tokens of one input; LettuceDetect's prompt has some 80 by itself."""
    return 256 if kind == "lettuce" else 64


def build(folder: Path, kind: str) -> Path:
    """A random model of a kind, saved as the hub has them."""
    import torch
    import transformers as of

    torch.manual_seed(3)
    window = window_of(kind)
    words = tokenizer(window)
    sizes = {"vocab_size": len(words), "max_position_embeddings": window, **SMALL}
    if kind == "nli":
        labels = {0: "contradiction", 1: "entailment", 2: "neutral"}
        model = of.BertForSequenceClassification(of.BertConfig(**sizes, id2label=labels))
    elif kind == "one label":
        model = of.BertForSequenceClassification(of.BertConfig(**sizes, num_labels=1))
    elif kind == "minicheck":
        model = of.BertForSequenceClassification(of.BertConfig(**sizes, num_labels=2))
    elif kind == "minicheck t5":
        model = of.T5ForConditionalGeneration(of.T5Config(vocab_size=len(words), **T5))
    elif kind == "hhem":
        model = of.T5ForTokenClassification(of.T5Config(vocab_size=len(words), **T5, tie_word_embeddings=False))
    else:
        model = of.BertForTokenClassification(of.BertConfig(**sizes, num_labels=2))
    model.save_pretrained(folder)
    words.save_pretrained(folder)
    if kind == "hhem":
        _as_hhem(folder, len(words))
    return folder


def _as_hhem(folder: Path, vocabulary: int) -> None:
    """Its weights under `t5.`, and a config of a type that only code of its own would read."""
    from safetensors.torch import load_file, save_file

    weights = folder / "model.safetensors"
    save_file({f"t5.{name}": value for name, value in load_file(weights).items()}, weights, {"format": "pt"})
    own = {"model_type": "HHEMv2", "auto_map": {"AutoConfig": "configuration.HHEMv2Config"}, "vocab_size": vocabulary}
    config = {"architectures": ["HHEMv2ForSequenceClassification"], **own, **T5, "feed_forward_proj": "relu"}
    (folder / "config.json").write_text(json.dumps(config))


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        ("nli", PAIR), ("one label", PAIR), ("minicheck", JOINED), ("minicheck t5", PREDICT), ("hhem", HHEM),
        ("lettuce", TOKENS),
    ],
)  # fmt: skip
def test_a_tiny_model_of_each_kind_loads_and_reads_claims_in_windows(tmp_path: Path, kind: str, form: str) -> None:
    classifier = Classifier(str(build(tmp_path / "model", kind)), batch=3)
    assert classifier.kind.form == form
    assert classifier.window == window_of(kind)
    (row,) = detect([ANSWER], classifier)
    assert row.reason is None
    assert len(row.support) == 2
    assert all(0 < support < 1 for support in row.support)
    assert row == detect([ANSWER], classifier)[0]
    other = ReadAnswer("c2", ANSWER.question, "Refunds are paid within days.", ANSWER.passages[1:])
    rows = detect([other, ANSWER], classifier)  # whatever else is in the batch
    assert rows[1].support == pytest.approx(row.support, abs=1e-5)
    long = ReadAnswer("c3", "", "The " + "orchid plan costs " * 90, ANSWER.passages)
    assert "longer than" in (detect([long], classifier)[0].reason or "")


def test_support_is_the_same_as_the_librarys_own_pipeline(tmp_path: Path) -> None:
    from transformers import pipeline

    folder = build(tmp_path / "model", "nli")
    pair = {"text": "Storage is twelve gigabytes.", "text_pair": "The plan costs nine euros."}
    scores = pipeline("text-classification", model=str(folder), device="cpu")(pair, top_k=None)
    (own,) = Classifier(str(folder)).support([(pair["text"], pair["text_pair"])])
    assert own == pytest.approx(next(row["score"] for row in scores if row["label"] == "entailment"), abs=1e-5)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"architectures": ["LlamaForCausalLM"]}, "m: a LlamaForCausalLM; expected a classifier"),
        ({}, "m: a model without architectures"),
        (
            {"architectures": ["BertForSequenceClassification"], "id2label": {"0": "toxic", "1": "fine"}},
            "m: its labels are toxic, fine; expected one of: entailment",
        ),
    ],
)
def test_a_model_of_another_kind_is_refused(config: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as error:
        kind_of(config, "m")
    assert str(error.value).startswith(message)


def test_missing_weights_are_refused(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    folder = build(tmp_path / "model", "nli")
    weights = load_file(folder / "model.safetensors")
    weights.pop("classifier.weight")
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(InputError, match=r"tensors are missing .*classifier\.weight"):
        Classifier(str(folder))


def test_windows_cover_every_sentence_and_keep_their_size() -> None:
    sentences = [f"Sentence {i} has so many words in it." for i in range(20)] + ["word " * 50]
    cut = list(windows(" ".join(sentences), 30, lambda text: len(text.split()), lambda text: sentences))
    assert all(len(window.split()) <= 30 for window in cut)
    assert all(any(sentence in window for window in cut) for sentence in sentences[:20])
    assert sum(window.split().count("word") for window in cut) >= 50
    assert list(windows("short", 30, lambda text: 1, lambda text: [text])) == ["short"]


def test_a_classifier_takes_the_place_of_the_rules() -> None:
    half = Reading(case(), answer("The fee is 3 euros. It is due.", PLANS), grounds=Grounds(0.5, True))
    assert METRICS["groundedness"].read(half) == 0.5
    assert METRICS["hallucination"].read(half) == 1.0
    nothing = Reading(case(), answer("Why?", PLANS), grounds=Grounds(None, False))
    assert isinstance(METRICS["groundedness"].read(nothing), Unscored)
    unread = Reading(case(), answer("The fee is 3 euros.", PLANS), grounds=Unscored("too long"))
    assert METRICS["hallucination"].read(unread) == Unscored("too long")
