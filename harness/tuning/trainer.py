"""The trainer of one adapter: TRL's, with batches that suit the machine, early stopping, answers alone scored."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from harness.scenario.settings import Tuning
from harness.tuning.checkpoints import last_checkpoint
from harness.tuning.lora import is_large
from harness.tuning.tokens import Encoded

if TYPE_CHECKING:
    import torch
    from peft import PeftModel
    from transformers import (
        PreTrainedTokenizerBase,
        TrainerCallback,
        TrainerControl,
        TrainerState,
        TrainingArguments,
    )
    from trl import SFTConfig, SFTTrainer

Progress = Callable[[int, int], None]  # steps done, steps in all

EVALUATIONS_PER_EPOCH = 4
# Evaluations without a new lowest held-out loss after which training stops.
PATIENCE = 4
# On a CPU a long row goes alone: it needs neither padding nor a mask then, and attention takes the causal kernel. Short
# ones go together: at 200 tokens four at once cost a fifth less than one at a time.
CPU_TOKENS_AT_ONCE = 1200


def make_trainer(
    model: PeftModel, tokenizer: PreTrainedTokenizerBase, data: tuple[list[Encoded], list[Encoded]],
    settings: Tuning, work: Path, seed: int, progress: Progress | None,
) -> SFTTrainer:  # fmt: skip
    from datasets import Dataset, disable_progress_bars
    from transformers import EarlyStoppingCallback

    disable_progress_bars()
    train, held_out = data
    steps_per_epoch = math.ceil(len(train) / settings.batch)
    longest = max(len(row.input_ids) for row in train)
    arguments = _arguments(model, settings, work, seed, steps_per_epoch, bool(held_out), longest)
    callbacks = [_reporter(progress)] if progress else []
    if held_out:
        callbacks.append(EarlyStoppingCallback(early_stopping_patience=PATIENCE))
    trainer = trainer_type(model)(
        model=model,
        args=arguments,
        train_dataset=Dataset.from_list([asdict(row) for row in train]),
        eval_dataset=Dataset.from_list([asdict(row) for row in held_out]) if held_out else None,
        processing_class=tokenizer,
        callbacks=callbacks,
    )
    _silence(trainer)
    return trainer


def trainer_type(model: PeftModel) -> type[SFTTrainer]:
    """TRL's trainer; where there is no GPU, with logits at the answers alone.

    Off a GPU TRL 1.16 scores every position and drops the prompts' afterwards: a fifth of a step of a small model. Here
    the model is told to leave them out; the loss and its gradient are the same (a test compares them).
    """
    import inspect

    import torch
    from trl import SFTTrainer

    forward = model.get_base_model().forward
    if torch.cuda.is_available() or "logits_to_keep" not in inspect.signature(forward).parameters:
        return SFTTrainer  # type: ignore[no-any-return]

    class AnswersOnly(SFTTrainer):  # type: ignore[misc]
        def compute_loss(
            self,
            model: PeftModel,
            inputs: dict[str, torch.Tensor],
            return_outputs: bool = False,
            num_items_in_batch: torch.Tensor | int | None = None,
        ) -> torch.Tensor:
            if return_outputs or self.aux_loss_enabled:
                loss: torch.Tensor = super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
                return loss
            return _answer_loss(model, inputs, num_items_in_batch)

    return AnswersOnly


def _answer_loss(model: PeftModel, inputs: dict[str, torch.Tensor], items: torch.Tensor | int | None) -> torch.Tensor:
    """Cross-entropy of the answers' tokens, summed and divided by `items` (default: how many there are)."""
    from torch.nn.functional import cross_entropy

    labels = inputs["labels"]  # (rows, width); rows are padded on the right
    first = max(1, int((labels != -100).any(0).nonzero()[0]))
    logits = model(
        input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"], use_cache=False,
        logits_to_keep=labels.shape[1] - first + 1,  # the token before an answer predicts its first
    ).logits  # fmt: skip
    targets = labels[:, first:]
    loss = cross_entropy(logits[:, :-1].flatten(0, 1).float(), targets.flatten(), ignore_index=-100, reduction="sum")
    return loss / ((targets != -100).sum() if items is None else items)


def rows_at_once(batch: int, longest: int) -> int:
    """The largest part of a batch, without remainder, that stays within the token limit."""
    most = max(1, CPU_TOKENS_AT_ONCE // longest)
    return max(size for size in range(1, batch + 1) if batch % size == 0 and size <= most)


def _arguments(
    model: PeftModel, settings: Tuning, work: Path, seed: int, steps_per_epoch: int, evaluates: bool, longest: int
) -> SFTConfig:
    import torch
    from trl import SFTConfig

    gpu = torch.cuda.is_available()
    together = rows_at_once(settings.batch, longest) if not gpu else 1 if is_large(model) else settings.batch
    every = max(1, steps_per_epoch // EVALUATIONS_PER_EPOCH)
    keeping: dict[str, object] = {"save_strategy": "steps", "save_steps": every, "save_total_limit": 2}
    if evaluates:
        # The state of the early stop must survive a kill; a second look at the start would count against its patience.
        keeping |= {"eval_strategy": "steps", "eval_steps": every, "eval_on_start": last_checkpoint(work) is None}
        keeping |= {"restore_callback_states_from_checkpoint": True}
        keeping |= {"load_best_model_at_end": True, "metric_for_best_model": "eval_loss", "greater_is_better": False}
    return SFTConfig(
        output_dir=str(work), num_train_epochs=settings.epochs, learning_rate=settings.learning_rate,
        lr_scheduler_type=settings.scheduler, warmup_steps=settings.warmup, max_length=settings.max_length,
        per_device_train_batch_size=together, per_device_eval_batch_size=together,
        gradient_accumulation_steps=max(1, settings.batch // together), optim="adamw_torch", weight_decay=0.0,
        logging_steps=every, seed=seed, data_seed=seed, use_cpu=not gpu, bf16=gpu, fp16=False,
        gradient_checkpointing=is_large(model), report_to="none", disable_tqdm=True, **keeping,
    )  # fmt: skip


def _silence(trainer: SFTTrainer) -> None:
    """Keep the trainer from printing every log entry, as it does when its bar is off."""
    from transformers import PrinterCallback

    trainer.remove_callback(PrinterCallback)


def _reporter(progress: Progress) -> TrainerCallback:
    from transformers import TrainerCallback

    class Report(TrainerCallback):  # type: ignore[misc]
        def on_step_end(
            self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: object
        ) -> None:
            progress(int(state.global_step), int(state.max_steps))

    return Report()
