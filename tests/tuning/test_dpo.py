"""Preference pairs: the loss is TRL's, training is resumable, and the better answer becomes likelier."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from harness.errors import InputError
from harness.generation.load import LoadedModel, load_model
from harness.generation.merge import merge
from harness.scenario.settings import AnswerFormat, Tuning
from harness.tuning.examples import ChatRow, TrainingRows
from harness.tuning.kinds import with_adapter
from harness.tuning.loss import Row
from harness.tuning.preference_loss import TokenPair, margin_of, mean_pair_loss, with_margins
from harness.tuning.preference_rows import PairRow, PairRows, build_pairs, encode_pairs
from harness.tuning.preferences import PreferencePair
from harness.tuning.train import train_adapter, train_on_pairs
from harness.types import Hit, Passage, Retrieval
from tests.tiny_model import WORDS, build, prompt

SETTINGS = Tuning(rank=4, alpha=8, dropout=0.0, epochs=2, learning_rate=5e-3, batch=4, warmup=0.0, method="dpo")
PAIRS = PairRows(
    tuple(PairRow(prompt(f"{word} {i}"), f"storage is {word}", f"{word} is not") for i, word in enumerate(WORDS[:20]))
)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> LoadedModel:
    return load_model(str(build(tmp_path_factory.mktemp("tiny"))))


def test_training_makes_the_better_answer_likelier(base, tmp_path):
    record = train_on_pairs(base, PAIRS, SETTINGS, tmp_path / "adapter", seed=7)
    assert record.method == "dpo"
    assert (record.examples, record.held_out) == (18, 2)
    assert record.curve[0].eval_loss == pytest.approx(0.6931, abs=1e-3), "it begins with its reference: log 2"
    assert record.curve[-1].eval_loss < 0.69
    pairs, _ = encode_pairs(base, PAIRS, SETTINGS)
    tuned = merge(base, tmp_path / "adapter")
    with torch.no_grad():
        gains = [float(margin_of(tuned, pair) - margin_of(base.model, pair)) for pair in pairs]
    assert sum(gain > 0 for gain in gains) > 15


def test_it_goes_on_from_a_supervised_adapter_which_is_its_reference(base, tmp_path):
    rows = TrainingRows(tuple(ChatRow(pair.prompt, pair.chosen) for pair in PAIRS.rows), 20, 0)
    first = train_adapter(base, rows, replace(SETTINGS, method="sft"), tmp_path / "sft", seed=7)
    record = train_on_pairs(base, PAIRS, SETTINGS, tmp_path / "dpo", seed=7, start=tmp_path / "sft")
    assert record.start == first.id
    assert record.curve[0].eval_loss == pytest.approx(0.6931, abs=1e-3)


class Killed(BaseException):
    pass


def test_a_killed_training_ends_with_the_weights_of_an_undisturbed_one(base, tmp_path):
    whole = train_on_pairs(base, PAIRS, SETTINGS, tmp_path / "whole", seed=7)

    def kill_at_seven(done: int, total: int) -> None:
        if done == 7:
            raise Killed

    with pytest.raises(Killed):
        train_on_pairs(base, PAIRS, SETTINGS, tmp_path / "adapter", seed=7, progress=kill_at_seven)
    steps: list[int] = []
    again = train_on_pairs(
        base, PAIRS, SETTINGS, tmp_path / "adapter", seed=7, progress=lambda done, _: steps.append(done)
    )
    assert 1 < steps[0] <= 7
    assert again.id == whole.id
    assert again.curve == whole.curve


def test_loss_and_gradients_are_those_of_trl(base, tmp_path):
    """One batch through TRL's own DPOTrainer, and the same tokens through ours."""
    from datasets import Dataset
    from trl import DPOConfig, DPOTrainer

    model = with_adapter(base, SETTINGS, 3)
    for name, parameter in model.named_parameters():
        if "lora_B" in name:  # zero at the start, which would hide a wrong reference
            torch.nn.init.normal_(parameter, std=0.2)
    texts = [
        {"prompt": f"question {word}", "chosen": f" storage is {word}", "rejected": f" {word} is not the"}
        for word in WORDS[:4]
    ]
    arguments = DPOConfig(
        output_dir=str(tmp_path), beta=0.3, per_device_train_batch_size=4, use_cpu=True, bf16=False, report_to="none",
        gradient_checkpointing=False, max_length=None, dataloader_pin_memory=False, disable_dropout=True,
    )  # fmt: skip
    trainer = DPOTrainer(
        model=model, args=arguments, train_dataset=Dataset.from_list(texts), processing_class=base.tokenizer
    )
    batch = next(iter(trainer.get_train_dataloader()))
    trl_model = trainer.model.train()
    trl_loss = trainer.compute_loss(trl_model, batch)
    trl_loss.backward()
    theirs = {n: p.grad.clone() for n, p in trl_model.named_parameters() if p.grad is not None and ".default" in n}
    trl_model.zero_grad()

    pairs = _pairs_of(batch)
    with trl_model.disable_adapter() if "ref" not in trl_model.peft_config else _adapter(trl_model, "ref"):
        pairs = with_margins(trl_model, pairs)
    from harness.tuning.preference_loss import backward_pairs

    ours = backward_pairs(trl_model.train(), pairs, 0.3)
    assert float(ours) == pytest.approx(float(trl_loss.detach()), rel=1e-5)
    assert float(mean_pair_loss(trl_model, pairs, 0.3)) == pytest.approx(float(ours), rel=1e-5)
    mine = {n: p.grad for n, p in trl_model.named_parameters() if n in theirs}
    assert theirs
    for name, gradient in theirs.items():
        assert torch.allclose(mine[name], gradient, rtol=1e-3, atol=1e-6), name


class _adapter:
    """Another adapter of a model, for a while."""

    def __init__(self, model, name: str) -> None:
        self.model, self.name = model, name

    def __enter__(self) -> None:
        self.before = self.model.active_adapter
        self.model.set_adapter(self.name)

    def __exit__(self, *_: object) -> None:
        self.model.set_adapter(self.before)
        for name, parameter in self.model.named_parameters():
            parameter.requires_grad_(f".{self.before}" in name)


def _pairs_of(batch) -> list[TokenPair]:
    """The pairs of TRL's collated batch: chosen rows, then rejected ones."""
    rows = []
    for ids, mask, completion in zip(
        batch["input_ids"].tolist(), batch["attention_mask"].tolist(), batch["completion_mask"].tolist(), strict=True
    ):
        places = [at for at, one in enumerate(mask) if one]
        rows.append(Row([ids[at] for at in places], [ids[at] if completion[at] else -100 for at in places]))
    half = len(rows) // 2
    return [TokenPair(*pair) for pair in zip(rows[:half], rows[half:], strict=True)]


class Finder:
    def retrieve(self, questions):
        return [Retrieval((Hit(Passage("p", "d", "T", f"about {q}"), 1.0),), {}) for q in questions]


def test_pairs_meet_the_passages_of_the_arm_and_those_of_the_other_book_are_counted():
    own = Passage("own", "d", "Own", "text")
    pairs = [
        PreferencePair("a?", "yes", "no", "x"),
        PreferencePair("b?", "yes", "no", "x", passages=(own,)),
        PreferencePair("c?", "yes", "no", "x", passages=()),
    ]
    rows = build_pairs(pairs, arm_open_book=True, retriever=Finder(), answer_format=AnswerFormat(), seed=1)
    texts = sorted(row.prompt[-1].content for row in rows.rows)
    assert len(texts) == 2
    assert "about a?" in texts[1] + texts[0]
    assert rows.other_book == 1
    closed = build_pairs(pairs, arm_open_book=False, retriever=None, answer_format=AnswerFormat(), seed=1)
    assert sorted(row.prompt[-1].content for row in closed.rows) == ["Question: a?", "Question: c?"]
    with pytest.raises(InputError, match="no preference pairs for a closed-book arm"):
        build_pairs(pairs[1:2], arm_open_book=False, retriever=None, answer_format=AnswerFormat())


def test_a_pair_that_does_not_fit_is_left_out_whole(base: LoadedModel, tmp_path: Path):
    long = PairRow(prompt("a"), "yes", "no " * 200, "pairs.jsonl:1")
    fitting, left_out = encode_pairs(base, PairRows((*PAIRS.rows, long)), replace(SETTINGS, max_length=100))
    assert (len(fitting), left_out) == (20, ("pairs.jsonl:1",))
