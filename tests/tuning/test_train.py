"""LoRA training: loss on the answer only, resumable to the same weights, refused where it cannot work."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from harness.errors import InputError
from harness.generation.load import LoadedModel, load_model
from harness.generation.local import load_generator
from harness.generation.merge import merge
from harness.record.measurements import AdapterSection, BaseModel, CurvePoint
from harness.scenario.settings import Tuning
from harness.tuning.adapters import (
    content_id,
    find_adapter,
    find_adapters,
    merge_adapter,
    read_record,
)
from harness.tuning.checkpoints import last_checkpoint
from harness.tuning.curve import best_step, curve_of, gap, overfits
from harness.tuning.examples import ChatRow, TrainingRows
from harness.tuning.kinds import check_numbers, with_adapter
from harness.tuning.tokens import encode
from harness.tuning.train import train_adapter
from harness.tuning.trainer import rows_at_once
from harness.types import Decoding
from tests.tiny_model import WORDS, build, prompt

LONG = "answer the question from the passages " * 16
SETTINGS = Tuning(rank=4, alpha=8, epochs=2, learning_rate=1e-2, batch=4, warmup=0.0)
ROWS = TrainingRows(
    tuple(ChatRow(prompt(f"{word} {i}"), f"storage is {word}") for i, word in enumerate(WORDS[:24])), 24, 0
)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> LoadedModel:
    return load_model(str(build(tmp_path_factory.mktemp("tiny"))))


@pytest.fixture(scope="module")
def trained(base: LoadedModel, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, AdapterSection]:
    out = tmp_path_factory.mktemp("tune") / "adapter"
    steps: list[tuple[int, int]] = []
    record = train_adapter(base, ROWS, SETTINGS, out, seed=7, progress=lambda done, total: steps.append((done, total)))
    assert steps == [(step, 12) for step in range(1, 13)]
    return out, record


@pytest.mark.parametrize(("held_out", "where"), [(0.25, "the held-out loss after step"), (0, "the loss of step")])
def test_a_training_that_diverges_stops_with_its_rate_and_leaves_no_adapter(base, tmp_path, held_out, where):
    harsh = replace(SETTINGS, adapter="full", learning_rate=1e30, eval_share=held_out)
    with pytest.raises(InputError, match=rf"^{where} \d+ of 1\d is no number: the training .* 1e\+30; usual for full"):
        train_adapter(base, ROWS, harsh, tmp_path / "adapter", seed=7)
    assert not (tmp_path / "adapter").exists()


def test_weights_that_the_last_step_took_to_no_number_are_refused(base):
    model = with_adapter(base, SETTINGS, seed=7)
    check_numbers(model, SETTINGS)
    weights = next(p for p in model.parameters() if p.requires_grad)
    weights.data[0, 0] = float("inf")
    with pytest.raises(InputError, match=r"after the last step .*lora_A.* is no number: the training"):
        check_numbers(model, SETTINGS)


def test_loss_is_on_the_answer_and_its_end_only(base):
    row = encode(base.tokenizer, ROWS.rows[0])
    answer = [token for token in row.labels if token != -100]
    assert base.tokenizer.decode(answer) == "storage is the<|end|>"
    assert row.input_ids[-len(answer) :] == answer
    assert row.labels[: -len(answer)] == [-100] * (len(row.labels) - len(answer))


def test_the_asked_prompt_is_what_was_trained_on(base):
    row = encode(base.tokenizer, ROWS.rows[0])
    ids = load_generator(str(base.directory)).encode(ROWS.rows[0].prompt)
    assert row.input_ids[: len(ids)] == ids
    assert row.labels[len(ids)] != -100 == row.labels[len(ids) - 1]


def test_what_a_template_writes_behind_the_answer_is_not_trained(base):
    import copy

    tokenizer = copy.deepcopy(base.tokenizer)
    tokenizer.chat_template = tokenizer.chat_template.replace("'<|end|>' }}{% endgen", "'<|end|>\n' }}{% endgen")
    assert encode(tokenizer, ROWS.rows[0]).input_ids[-1] == tokenizer.eos_token_id


def test_record_says_what_was_done(base, trained):
    out, record = trained
    assert record.id == content_id(out) == read_record(out).id
    assert record.trainable == 2 * 2 * 2 * 4 * 32  # layers x (q, v) x (A, B) x rank x width
    assert 0 < record.share < 0.5
    assert (record.examples, record.held_out) == (22, 2)
    assert record.curve[0].step == 0
    assert record.curve[-1].step == 12
    assert record.curve[-1].train_loss < record.curve[1].train_loss
    assert all(point.eval_loss is not None for point in record.curve)
    assert record.best_step in {point.step for point in record.curve}
    assert record.base == BaseModel(base.name, base.base_hash)
    assert json.loads((out / "training.json").read_text())["base"] == {
        "name": base.name,
        "hash": base.base_hash,
        "licence": None,
    }
    card = (out / "README.md").read_text()
    assert record.id in card
    assert "base_model:" in card
    assert not list(out.parent.glob("*.checkpoints"))


def test_training_leaves_the_base_alone_and_changes_answers(base, trained):
    generator = load_generator(str(base.directory))
    prompts = [prompt(f"{word} 3") for word in WORDS[:4]]
    before = [g.text for g in generator.generate(prompts, Decoding(max_new_tokens=8))]
    tuned = generator.with_adapter(trained[0])
    assert tuned.adapter == trained[1].id
    assert [g.text for g in tuned.generate(prompts, Decoding(max_new_tokens=8))] != before
    assert not [name for name, _ in base.model.named_parameters() if "lora" in name]


class Killed(BaseException):
    pass


CUT_OFF = '{"epoch": 0.5, "log_his'


@pytest.mark.parametrize("state", [None, "", CUT_OFF], ids=["missing", "empty", "cut off"])
def test_a_checkpoint_that_was_not_written_to_its_end_is_passed_over(tmp_path, state):
    for name, text in (("checkpoint-6", '{"epoch": 0.5}'), ("checkpoint-12", state)):
        (tmp_path / name).mkdir()
        if text is not None:
            (tmp_path / name / "trainer_state.json").write_text(text)
    assert last_checkpoint(tmp_path) == str(tmp_path / "checkpoint-6")
    assert not (tmp_path / "checkpoint-12").exists()


def test_a_killed_training_ends_with_the_weights_of_an_undisturbed_one(base, trained, tmp_path):
    def kill_at_eight(done: int, total: int) -> None:
        if done == 8:
            raise Killed

    out = tmp_path / "adapter"
    with pytest.raises(Killed):
        train_adapter(base, ROWS, SETTINGS, out, seed=7, progress=kill_at_eight)
    checkpoints = sorted((tmp_path / "adapter.checkpoints").glob("checkpoint-*"), key=lambda p: int(p.name[11:]))
    half = checkpoints[-1].with_name("checkpoint-9")
    shutil.copytree(checkpoints[-1], half)  # killed while this one was being written
    (half / "trainer_state.json").write_text(CUT_OFF)
    steps: list[int] = []
    record = train_adapter(base, ROWS, SETTINGS, out, seed=7, progress=lambda done, total: steps.append(done))
    assert steps[0] == int(checkpoints[-1].name[11:]) + 1, "the work before the kill must not be done again"
    assert record.id == trained[1].id
    assert record.curve == trained[1].curve


def test_another_seed_gives_another_adapter(base, trained, tmp_path):
    assert train_adapter(base, ROWS, replace(SETTINGS, epochs=1), tmp_path / "a", seed=8).id != trained[1].id


def test_merged_logits_equal_the_adapters(base, trained, tmp_path):
    import copy

    import torch
    from peft import PeftModel

    ids = torch.tensor([encode(base.tokenizer, ROWS.rows[0]).input_ids])
    with torch.inference_mode():
        beside = PeftModel.from_pretrained(copy.deepcopy(base.model), str(trained[0])).eval()(ids).logits
        merged = merge(base, trained[0])(ids).logits
        merge_adapter(str(base.directory), trained[0], tmp_path / "merged")
        reloaded = load_model(str(tmp_path / "merged")).model(ids).logits
    torch.testing.assert_close(merged, beside, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(reloaded, merged, atol=0, rtol=0)
    with pytest.raises(InputError, match="not empty"):
        merge_adapter(str(base.directory), trained[0], tmp_path / "merged")


def test_an_adapter_on_the_wrong_base_is_refused(trained, tmp_path):
    other = load_generator(str(build(tmp_path / "other", seed=5)))
    with pytest.raises(InputError, match="use that base"):
        other.with_adapter(trained[0])


def test_registry_finds_by_id_and_refuses_changed_weights(trained, tmp_path):
    out, record = trained
    assert [path for path, _ in find_adapters((out.parent,))] == [out]
    assert find_adapter(record.id[:6], (out.parent,))[0] == out == find_adapter(str(out), ())[0]
    with pytest.raises(InputError, match=record.id):
        find_adapter("zz", (out.parent,))
    changed = Path(shutil.copytree(out, tmp_path / "changed"))
    config = json.loads((changed / "adapter_config.json").read_text())
    (changed / "adapter_config.json").write_text(json.dumps({**config, "lora_alpha": 99}))
    with pytest.raises(InputError, match="were changed"):
        read_record(changed)
    (changed / "training.json").write_text("{}")
    with pytest.raises(InputError, match="not a training record"):
        read_record(changed)


def test_settings_that_cannot_work_are_refused(base, tmp_path):
    def train(**changes: object) -> None:
        train_adapter(base, ROWS, replace(SETTINGS, **changes), tmp_path / "a", seed=7)  # type: ignore[arg-type]

    with pytest.raises(InputError, match=r"no such layers.*q_proj"):
        train(targets=("query",))
    with pytest.raises(InputError, match="of the weights"):
        train(targets=("all-linear",), rank=256)
    with pytest.raises(InputError, match="fits 10 tokens"):
        train(max_length=10)


def test_nf4_trains_every_adapter_weight_even_after_a_forward_pass(base):
    pytest.importorskip("bitsandbytes")
    import torch

    from harness.tuning.kinds import with_adapter

    quantized = load_model(str(base.directory), "nf4")
    ids = torch.tensor([encode(base.tokenizer, ROWS.rows[0]).input_ids])
    with torch.no_grad():
        quantized.model(ids)  # in eval mode: the pass that would cost the gradients
    model = with_adapter(quantized, SETTINGS, 7).train()
    model(ids, labels=ids).loss.backward()
    grown = {name: p.grad for name, p in model.named_parameters() if p.requires_grad}
    assert grown
    assert all(grad is not None for grad in grown.values())
    # B starts at zero, so that only its gradient is not zero before the first step
    assert all(grad.abs().sum() > 0 for name, grad in grown.items() if "lora_B" in name)


def test_nf4_trains_to_an_adapter(base, tmp_path):
    pytest.importorskip("bitsandbytes")
    quantized = load_model(str(base.directory), "nf4")
    few = TrainingRows(ROWS.rows[:8], 8, 0)
    record = train_adapter(quantized, few, replace(SETTINGS, epochs=1, quantization="nf4"), tmp_path / "a", seed=7)
    assert record.curve[-1].train_loss is not None
    assert load_generator(str(base.directory), quantization="nf4", adapter=tmp_path / "a").adapter == record.id


def points(*losses: tuple[float, float]) -> tuple[CurvePoint, ...]:
    return tuple(CurvePoint(10 * i, i / 4, train, held) for i, (train, held) in enumerate(losses))


def test_overfitting_is_a_rise_of_the_held_out_loss_while_the_training_loss_falls():
    memorised = points((2.0, 2.0), (1.0, 1.1), (0.5, 1.0), (0.1, 1.4))
    flag, words = overfits(memorised, 16)
    assert flag
    assert "rose 40 %" in words
    assert overfits(memorised, 4) == (False, "not judged: 4 held-out examples, and 8 are the fewest")
    assert best_step(memorised) == 20
    assert gap(memorised) == pytest.approx(1.3)
    assert not overfits(points((2.0, 2.0), (1.0, 1.1), (0.5, 1.0), (0.4, 1.02)), 16)[0]
    assert not overfits(points((2.0, 2.0), (1.0, 1.0), (1.5, 1.6)), 16)[0], "both rose: a bad step, not memorising"
    assert overfits((), 0) == (False, "not judged: no held-out examples")


def test_curve_from_the_log():
    log = [
        {"eval_loss": 3.0, "step": 0, "epoch": 0},
        {"loss": 2.0, "step": 5, "epoch": 0.5},
        {"loss": 1.0, "step": 10, "epoch": 1},
        {"eval_loss": 1.5, "step": 10, "epoch": 1},
        {"train_runtime": 3, "step": 10, "epoch": 1},
    ]
    assert curve_of(log) == (CurvePoint(0, 0, None, 3.0), CurvePoint(10, 1, 1.5, 1.5))
    assert curve_of([{"loss": 2.0, "step": 5, "epoch": 0.5}]) == (CurvePoint(5, 0.5, 2.0, None),)


def test_long_rows_go_alone_and_short_ones_together_without_remainder():
    assert rows_at_once(16, 900) == 1
    assert rows_at_once(16, 120) == 4
    assert rows_at_once(12, 80) == 6
    assert rows_at_once(7, 200) == 1
    assert rows_at_once(4, 10) == 4


def test_logits_at_the_answers_alone_give_the_same_training(base, tmp_path, monkeypatch):
    """The trainer's own loss scores every position of every row; ours shares their beginning and leaves logits out."""
    from trl import SFTTrainer

    rows = replace(
        ROWS, rows=tuple(replace(row, prompt=prompt(row.prompt[-1].content, system=LONG)) for row in ROWS.rows)
    )
    settings = replace(SETTINGS, dropout=0.0)  # rows that share tokens would share their draws
    ours = train_adapter(base, rows, settings, tmp_path / "ours", seed=7)
    monkeypatch.setattr("harness.tuning.trainer.trainer_type", lambda model: SFTTrainer)
    theirs = train_adapter(base, rows, settings, tmp_path / "theirs", seed=7)
    assert [point.step for point in theirs.curve] == [point.step for point in ours.curve]
    for a, b in zip(theirs.curve, ours.curve, strict=True):
        assert a.eval_loss == pytest.approx(b.eval_loss, rel=1e-4)
        assert a.train_loss == (None if b.train_loss is None else pytest.approx(b.train_loss, rel=1e-4))


def test_examples_that_do_not_fit_are_counted_and_named(base: LoadedModel, tmp_path: Path) -> None:
    long = tuple(
        ChatRow(prompt(" ".join([word] * 60)), f"storage is {word}", where=f"train.jsonl:{i}")
        for i, word in enumerate(WORDS[:3])
    )
    limit = max(len(encode(base.tokenizer, row).input_ids) for row in ROWS.rows)
    rows = replace(ROWS, rows=(*ROWS.rows, *long), examples=27)
    record = train_adapter(base, rows, replace(SETTINGS, epochs=1, max_length=limit), tmp_path / "adapter", seed=7)
    assert record.counts.too_long == 3
    assert record.too_long == ("train.jsonl:0", "train.jsonl:1", "train.jsonl:2")
    assert read_record(tmp_path / "adapter").too_long == record.too_long


def test_an_adapter_whose_targets_are_no_texts_is_told_apart_all_the_same(trained, tmp_path):
    """`adapters show` sorted them and ended in a traceback: found by the fuzzer."""
    folder = tmp_path / "changed"
    shutil.copytree(trained[0], folder)
    config = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
    (folder / "adapter_config.json").write_text(json.dumps({**config, "target_modules": ["q_proj", {"a": 1}, None]}))
    with pytest.raises(InputError, match="its weights or config were changed"):
        read_record(folder)
