"""Kinds of adapters: each trains, is written, and answers from its folder as it did while it was trained."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest
import torch

from harness.errors import InputError
from harness.generation.load import LoadedModel, load_model
from harness.generation.local import load_generator
from harness.generation.merge import merge
from harness.scenario.settings import Tuning
from harness.tuning.adapters import content_id, merge_adapter, read_record
from harness.tuning.examples import ChatRow, TrainingRows
from harness.tuning.kinds import KINDS, check_share, rate_remark, with_adapter
from harness.tuning.loss import Row, backward, mean_loss
from harness.tuning.tokens import encode
from harness.tuning.train import train_adapter
from harness.types import Decoding, Generation
from tests.tiny_model import SHAPES, WORDS, build, prompt

SETTINGS = Tuning(rank=4, alpha=8, dropout=0.0, epochs=2, learning_rate=1e-2, batch=4, warmup=0.0)
ROWS = TrainingRows(
    tuple(ChatRow(prompt(f"{word} {i}"), f"storage is {word}") for i, word in enumerate(WORDS[:24])), 24, 0
)
PLAIN = ["lora", "dora", "ia3", "prefix", "full"]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> LoadedModel:
    return load_model(str(build(tmp_path_factory.mktemp("tiny"))))


def _settings(kind: str) -> Tuning:
    return replace(SETTINGS, adapter=kind, virtual_tokens=4)


@pytest.mark.parametrize("kind", PLAIN)
def test_each_kind_learns_and_answers_from_its_folder(base, tmp_path, kind):
    record = train_adapter(base, ROWS, _settings(kind), tmp_path / "adapter", seed=7)
    losses = [point.eval_loss for point in record.curve]
    assert losses[-1] < losses[0]
    assert record.id == content_id(tmp_path / "adapter") == read_record(tmp_path / "adapter").id
    assert KINDS[kind].title in record.title
    assert record.peak_bytes is None or record.peak_bytes > 1_000_000
    tuned = merge(base, tmp_path / "adapter")
    rows = [Row(r.input_ids, r.labels) for r in (encode(base.tokenizer, row) for row in ROWS.rows[:6])]
    with torch.no_grad():
        before, after = mean_loss(base.model, rows), mean_loss(tuned, rows)
    assert float(after) < float(before)
    generator = load_generator(str(base.directory))
    prompts = [prompt(f"{word} 3") for word in WORDS[:4]]
    plain = [g.text for g in generator.generate(prompts, Decoding(max_new_tokens=8))]
    assert [g.text for g in generator.with_adapter(tmp_path / "adapter").generate(prompts, Decoding(8))] != plain


@pytest.mark.parametrize("kind", ["lora", "dora", "ia3"])
@pytest.mark.parametrize("shape", list(SHAPES))
def test_an_adapter_on_every_layer_is_loaded_again(tmp_path, kind, shape):
    """However many layers there are: PEFT writes the targets of a larger model otherwise."""
    model = load_model(str(build(tmp_path / "model", shape=shape)))
    settings = replace(_settings(kind), targets=("all-linear",), epochs=1)
    rows = TrainingRows(ROWS.rows[:4], 4, 0)
    train_adapter(model, rows, settings, tmp_path / "adapter", seed=7)
    tuned = load_generator(str(model.directory)).with_adapter(tmp_path / "adapter")
    assert isinstance(tuned.generate([prompt(f"{WORDS[0]} 3")], Decoding(4))[0], Generation)


def test_dora_on_a_row_of_zeros_is_refused(base):
    """It divides by the row's length: every loss from the first on would be no number."""
    model = copy.deepcopy(base.model)
    with torch.no_grad():
        model.model.layers[0].self_attn.v_proj.weight[3] = 0.0
    pruned = replace(base, model=model)
    with pytest.raises(InputError, match="rows of zeros in v_proj; take lora"):
        with_adapter(pruned, _settings("dora"), 7)
    with_adapter(pruned, _settings("lora"), 7)


def test_the_share_of_a_prefix_and_of_factors_is_small_and_full_is_all(base):
    shares = {kind: check_share(with_adapter(base, _settings(kind), 7), _settings(kind)) for kind in PLAIN}
    assert shares["full"][0] == shares["full"][1] == sum(p.numel() for p in base.model.parameters())
    assert shares["ia3"][0] < shares["prefix"][0] or shares["ia3"][0] < shares["lora"][0]
    assert shares["lora"][0] < shares["dora"][0], "DoRA trains the size of every row beside LoRA's matrices"


def test_a_prefix_answers_alone_as_in_a_batch(base, tmp_path):
    train_adapter(base, ROWS, _settings("prefix"), tmp_path / "adapter", seed=7)
    tuned = load_generator(str(base.directory)).with_adapter(tmp_path / "adapter")
    prompts = [prompt(f"{word} " * (at + 1)) for at, word in enumerate(WORDS[:3])]
    together = [g.text for g in tuned.generate(prompts, Decoding(8))]
    assert together == [tuned.generate([one], Decoding(8))[0].text for one in prompts]


def test_a_full_tuning_merged_is_the_model_that_was_trained(base, tmp_path):
    train_adapter(base, ROWS, _settings("full"), tmp_path / "adapter", seed=7)
    merge_adapter(str(base.directory), tmp_path / "adapter", tmp_path / "merged")
    tuned = merge(base, tmp_path / "adapter").state_dict()
    again = load_model(str(tmp_path / "merged")).model.state_dict()
    assert all(torch.equal(tuned[name], tensor) for name, tensor in again.items())


def test_a_prefix_is_not_merged_into_weights(base, tmp_path):
    train_adapter(base, ROWS, _settings("prefix"), tmp_path / "adapter", seed=7)
    with pytest.raises(InputError, match=r"prefix.*no weights"):
        merge_adapter(str(base.directory), tmp_path / "adapter", tmp_path / "merged")


def test_training_goes_on_from_an_adapter_of_its_kind_alone(base, tmp_path):
    first = train_adapter(base, ROWS, _settings("lora"), tmp_path / "first", seed=7)
    more = train_adapter(base, ROWS, _settings("lora"), tmp_path / "more", seed=7, start=tmp_path / "first")
    assert more.start == first.id != more.id
    assert more.curve[0].eval_loss == pytest.approx(min(p.eval_loss for p in first.curve), abs=1e-4)
    with pytest.raises(InputError, match="cannot go on from"):
        train_adapter(base, ROWS, _settings("ia3"), tmp_path / "other", seed=7, start=tmp_path / "first")


def test_four_bits_keep_every_gradient_after_an_evaluation(base):
    """bitsandbytes repacks weights at the first forward pass in eval mode; half the gradients were lost behind it."""
    quantized = load_model(str(base.directory), "nf4")
    model = with_adapter(quantized, replace(_settings("qlora"), targets=("all-linear",)), 7)
    rows = [Row(r.input_ids, r.labels) for r in (encode(base.tokenizer, row) for row in ROWS.rows[:4])]
    model.eval()
    mean_loss(model, rows)
    model.train()
    backward(model, rows, sum(label != -100 for row in rows for label in row.labels))
    lost = [name for name, p in model.named_parameters() if p.requires_grad and (p.grad is None or not p.grad.any())]
    assert not [name for name in lost if "lora_B" in name]  # A's is zero while B is


def test_qlora_trains_on_four_bits_and_answers_on_the_whole_base(base, tmp_path):
    quantized = load_model(str(base.directory), "nf4")
    record = train_adapter(quantized, ROWS, _settings("qlora"), tmp_path / "adapter", seed=7)
    assert record.curve[-1].eval_loss < record.curve[0].eval_loss
    assert "QLoRA" in record.title
    merged = merge(base, tmp_path / "adapter")
    assert type(merged) is type(base.model)


def test_a_learning_rate_far_from_the_usual_is_said():
    assert rate_remark(SETTINGS) is not None
    assert rate_remark(replace(SETTINGS, learning_rate=2e-4)) is None
    assert "full is mostly trained" in (rate_remark(replace(SETTINGS, adapter="full", learning_rate=2e-4)) or "")
