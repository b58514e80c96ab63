"""The trainer of one adapter: TRL's, with batches that suit the machine, early stopping, answers alone scored; and the
library's with a loss on preference pairs."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from harness.scenario.settings import Tuning
from harness.tuning.checkpoints import last_checkpoint
from harness.tuning.kinds import diverged, is_large, plain_model
from harness.tuning.loss import IGNORED, TOKENS_AT_ONCE, backward, mean_loss, rows_of
from harness.tuning.preference_loss import TokenPair, backward_pairs, mean_pair_loss
from harness.tuning.tokens import Encoded

if TYPE_CHECKING:
    import torch
    from transformers import (
        PreTrainedTokenizerBase,
        Trainer,
        TrainerCallback,
        TrainerControl,
        TrainerState,
        TrainingArguments,
    )
    from trl import SFTConfig, SFTTrainer

    from harness.tuning.kinds import Trained

Progress = Callable[[int, int], None]  # steps done, steps in all

EVALUATIONS_PER_EPOCH = 4
# Evaluations without a new lowest held-out loss after which training stops.
PATIENCE = 4


def make_trainer(
    model: Trained, tokenizer: PreTrainedTokenizerBase, data: tuple[list[Encoded], list[Encoded]],
    settings: Tuning, work: Path, seed: int, progress: Progress | None,
) -> Trainer:  # fmt: skip
    from datasets import Dataset, disable_progress_bars

    disable_progress_bars()
    train, held_out = data
    steps_per_epoch = math.ceil(len(train) / settings.batch)
    longest = max(len(row.input_ids) for row in train)
    alone = scores_answers_alone(model)  # then `harness.tuning.loss` divides a batch
    together = settings.batch if alone else rows_at_once(settings.batch, longest, is_large(plain_model(model)))
    arguments = _arguments(model, settings, work, seed, steps_per_epoch, len(held_out), together)
    trainer = _stops_where_no_number(trainer_type(model), settings)(
        model=model,
        args=arguments,
        train_dataset=Dataset.from_list([asdict(row) for row in train]),
        eval_dataset=Dataset.from_list([asdict(row) for row in held_out]) if held_out else None,
        processing_class=tokenizer,
        callbacks=_callbacks(progress, held_out),
    )
    _silence(trainer)
    return trainer


def make_pair_trainer(
    model: Trained, tokenizer: PreTrainedTokenizerBase, data: tuple[list[TokenPair], list[TokenPair]],
    settings: Tuning, work: Path, seed: int, progress: Progress | None,
) -> Trainer:  # fmt: skip
    """The trainer of an adapter on preference pairs, each with the reference's figures."""
    train, held_out = data
    steps = math.ceil(len(train) / settings.batch)
    arguments = _arguments(model, settings, work, seed, steps, len(held_out), settings.batch, chunks=False)
    trainer = _stops_where_no_number(_pair_trainer_type(settings.beta), settings)(
        model=model,
        args=arguments,
        data_collator=lambda pairs: {"pairs": pairs},
        train_dataset=train,
        eval_dataset=held_out or None,
        processing_class=tokenizer,
        callbacks=_callbacks(progress, held_out),
    )
    _silence(trainer)
    return trainer


def _callbacks(progress: Progress | None, held_out: Sequence[object]) -> list[TrainerCallback]:
    from transformers import EarlyStoppingCallback

    callbacks = [_reporter(progress)] if progress else []
    return [*callbacks, *([EarlyStoppingCallback(early_stopping_patience=PATIENCE)] if held_out else [])]


def scores_answers_alone(model: Trained) -> bool:
    """Whether the loss is computed by `harness.tuning.loss`: no GPU, and a model that can leave out logits."""
    import inspect

    import torch

    forward = plain_model(model).forward
    return not torch.cuda.is_available() and "logits_to_keep" in inspect.signature(forward).parameters


def trainer_type(model: Trained) -> type[SFTTrainer]:
    """TRL's trainer; where there is no GPU, with the loss of `harness.tuning.loss`.

    Off a GPU TRL 1.16 scores every position and drops the prompts' afterwards, and computes the system message anew for
    every row. The loss and its gradient are the same (a test compares them).
    """
    from trl import SFTTrainer

    if not scores_answers_alone(model):
        return SFTTrainer  # type: ignore[no-any-return]

    class AnswersOnly(SFTTrainer):  # type: ignore[misc]
        def training_step(
            self,
            model: Trained,
            inputs: dict[str, torch.Tensor],
            num_items_in_batch: torch.Tensor | int | None = None,
        ) -> torch.Tensor:
            model.train()
            rows = rows_of(inputs)
            items = sum(label != IGNORED for row in rows for label in row.labels)
            return backward(model, rows, items if num_items_in_batch is None else num_items_in_batch)

        def prediction_step(
            self, model: Trained, inputs: dict[str, torch.Tensor], *_: object, **__: object
        ) -> tuple[torch.Tensor, None, None]:
            return mean_loss(model, rows_of(inputs)), None, None

    return AnswersOnly


def _pair_trainer_type(beta: float) -> type[Trainer]:
    """The library's trainer with the loss of `harness.tuning.preference_loss`."""
    from transformers import Trainer

    class Preferences(Trainer):  # type: ignore[misc]
        def training_step(
            self,
            model: Trained,
            inputs: dict[str, list[TokenPair]],
            num_items_in_batch: torch.Tensor | int | None = None,
        ) -> torch.Tensor:
            model.train()
            return backward_pairs(model, inputs["pairs"], beta)

        def prediction_step(
            self, model: Trained, inputs: dict[str, list[TokenPair]], *_: object, **__: object
        ) -> tuple[torch.Tensor, None, None]:
            return mean_pair_loss(model, inputs["pairs"], beta), None, None

        def floating_point_ops(self, inputs: dict[str, object]) -> int:
            return 0  # nobody reads it, and the library warns where a batch is none of its own

    return Preferences


def _stops_where_no_number(kind: type[Trainer], settings: Tuning) -> type[Trainer]:
    """A trainer that stops where its loss is no number: every step after it would be lost, and the library's log hides
    it behind the mean of the others."""
    import torch

    class StopsWhereNoNumber(kind):  # type: ignore[misc, valid-type]
        def training_step(self, *args: object, **more: object) -> torch.Tensor:
            loss: torch.Tensor = super().training_step(*args, **more)
            return self._number(loss, f"the loss of step {self.state.global_step + 1} of {self.state.max_steps}")

        def prediction_step(self, *args: object, **more: object) -> tuple[torch.Tensor | None, object, object]:
            loss, *others = super().prediction_step(*args, **more)
            where = f"the held-out loss after step {self.state.global_step} of {self.state.max_steps}"
            return (None if loss is None else self._number(loss, where)), *others

        def _number(self, loss: torch.Tensor, where: str) -> torch.Tensor:
            if not torch.isfinite(loss).all():
                raise diverged(settings, where)
            return loss

    return StopsWhereNoNumber


def rows_at_once(batch: int, longest: int, large: bool = False) -> int:
    """Rows of one pass of TRL's own: on a GPU all, or one of a large model; on a CPU the largest part of a batch,
    without remainder, that stays within the token limit."""
    import torch

    if torch.cuda.is_available():
        return 1 if large else batch
    most = max(1, TOKENS_AT_ONCE // longest)
    return max(size for size in range(1, batch + 1) if batch % size == 0 and size <= most)


def _arguments(
    model: Trained, settings: Tuning, work: Path, seed: int, steps_per_epoch: int, held_out: int, together: int,
    chunks: bool = True,
) -> SFTConfig:  # fmt: skip
    """The settings of a training.

    Args:
        together: rows of one pass.
        chunks: whether held-out rows come in passes of as many; else all at once.
    """
    import torch
    from trl import SFTConfig

    gpu = torch.cuda.is_available()
    whole = not chunks or (together == settings.batch and not gpu)
    every = max(1, steps_per_epoch // EVALUATIONS_PER_EPOCH)
    keeping: dict[str, object] = {"save_strategy": "steps", "save_steps": every, "save_total_limit": 2}
    if held_out:
        # The state of the early stop must survive a kill; a second look at the start would count against its patience.
        keeping |= {"eval_strategy": "steps", "eval_steps": every, "eval_on_start": last_checkpoint(work) is None}
        keeping |= {"restore_callback_states_from_checkpoint": True}
        keeping |= {"load_best_model_at_end": True, "metric_for_best_model": "eval_loss", "greater_is_better": False}
    return SFTConfig(
        output_dir=str(work), num_train_epochs=settings.epochs, learning_rate=settings.learning_rate,
        lr_scheduler_type=settings.scheduler, warmup_steps=settings.warmup, max_length=settings.max_length,
        per_device_train_batch_size=together,
        per_device_eval_batch_size=max(together, held_out) if whole else together,
        gradient_accumulation_steps=max(1, settings.batch // together), optim="adamw_torch", weight_decay=0.0,
        logging_steps=every, seed=seed, data_seed=seed, use_cpu=not gpu, bf16=gpu, fp16=False,
        gradient_checkpointing=is_large(plain_model(model)), report_to="none", disable_tqdm=True,
        remove_unused_columns=chunks, **keeping,
    )  # fmt: skip


def _silence(trainer: Trainer) -> None:
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
