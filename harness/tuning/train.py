"""Training of one LoRA adapter with TRL and PEFT: loss on the answer only, held-out curve, best checkpoint, resumable.

record = train_adapter(load_model("pocket"), rows, scenario.tuning, Path("out/adapter"), seed=7)
"""

from __future__ import annotations

import copy
import json
import math
import random
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import InputError
from harness.generation.load import LoadedModel
from harness.generation.local import chat
from harness.record.measurements import AdapterSection, BaseModel
from harness.scenario.settings import Tuning
from harness.stats.numbers import against
from harness.tuning import curve as curves
from harness.tuning.adapters import content_id, write_record
from harness.tuning.examples import ChatRow, TrainingRows

if TYPE_CHECKING:
    import torch
    from peft import PeftModel
    from transformers import (
        PreTrainedModel,
        PreTrainedTokenizerBase,
        TrainerCallback,
        TrainerControl,
        TrainerState,
        TrainingArguments,
    )
    from trl import SFTConfig, SFTTrainer

Progress = Callable[[int, int], None]  # steps done, steps in all

EVALUATIONS_PER_EPOCH = 4
# Enough held-out rows for a curve; every further one costs a forward pass at each evaluation.
MOST_HELD_OUT = 16
# Evaluations without a new lowest held-out loss after which training stops.
PATIENCE = 4
# On a CPU a long row goes alone: it needs neither padding nor a mask then, and attention takes the causal kernel. Short
# ones go together: at 200 tokens four at once cost a fifth less than one at a time.
CPU_TOKENS_AT_ONCE = 1200
# A LoRA that trains more of the model than this is a mistake in its settings.
MOST_TRAINABLE_SHARE = 0.5
LARGE_MODEL_PARAMETERS = 1_000_000_000  # from here on activations are recomputed to save memory
TIMING = "seconds.json"
METHOD = "sft"  # supervised examples


@dataclass(frozen=True, slots=True)
class Encoded:
    """One row in tokens; `labels` is -100 where there is no loss."""

    input_ids: list[int]
    labels: list[int]


def train_adapter(
    base: LoadedModel, rows: TrainingRows, settings: Tuning, out: Path, *, seed: int, progress: Progress | None = None
) -> AdapterSection:
    """Train an adapter on `base` and write it to `out` with its record and card.

    A training that was killed goes on from its last checkpoint in `out`'s parent folder and ends with the weights of
    an undisturbed one. The base is not changed.

    Raises InputError: no rows left after dropping those longer than `max_length`, targets that the model does not
    have.
    """
    fitting, too_long = _encode_all(base, rows, settings)
    train, held_out = _split(fitting, settings.eval_share, seed)
    model = with_lora(base, settings, seed)
    trainable, parameters = _check_share(model, settings)
    work = out.parent / f"{out.name}.checkpoints"
    trainer = _trainer(model, base.tokenizer, (train, held_out), settings, work, seed, progress)
    seconds = _fit(trainer, work)
    trainer.model.save_pretrained(str(out), save_embedding_layers=False)
    curve = curves.curve_of(trainer.state.log_history)
    overfit, reason = curves.overfits(curve)
    record = AdapterSection(
        id=content_id(out), base=BaseModel(base.name, base.base_hash), method=METHOD,
        settings=settings, trainable=trainable, parameters=parameters, examples=len(train),
        held_out=len(held_out), counts=replace(rows.counts, too_long=len(too_long)), examples_hash=rows.hash, seed=seed,
        epochs=float(trainer.state.epoch or 0.0), seconds=seconds, curve=curve, best_step=curves.best_step(curve),
        gap=curves.gap(curve), overfit=overfit, overfit_reason=reason,
        too_long=too_long,
    )  # fmt: skip
    write_record(out, record)
    shutil.rmtree(work, ignore_errors=True)
    return record


# --- rows in tokens -----------------------------------------------------------------------------------------------


def encode(tokenizer: PreTrainedTokenizerBase, row: ChatRow) -> Encoded:
    """Tokens of one conversation through the chat template; the loss is on the answer and the token that ends it.

    What a template writes after the end of the answer (a line break, say) is cut: no arm would ever be asked for it.
    """
    turns = chat(tokenizer, row.prompt)
    prompt = _template(tokenizer, turns, add_generation_prompt=True)
    whole = _template(tokenizer, [*turns, {"role": "assistant", "content": row.completion}])
    end = tokenizer.eos_token_id
    if end is None:
        raise InputError(
            "the model's tokenizer has no end token, so that nothing tuned on it would stop; set eos_token"
        )
    if whole[: len(prompt)] == prompt and end in whole[len(prompt) :]:
        answer = whole[len(prompt) : whole.index(end, len(prompt)) + 1]
    else:  # a template that renders a finished answer in another way than the prompt for it
        answer = [*tokenizer(row.completion, add_special_tokens=False)["input_ids"], end]
    return Encoded([*prompt, *answer], [-100] * len(prompt) + answer)


def _template(tokenizer: PreTrainedTokenizerBase, messages: Sequence[dict[str, str]], **options: object) -> list[int]:
    return list(tokenizer.apply_chat_template(messages, return_dict=True, **options)["input_ids"])


def _encode_all(
    base: LoadedModel, rows: TrainingRows, settings: Tuning
) -> tuple[list[tuple[Encoded, bool]], tuple[str, ...]]:
    """Each row in tokens, and whether it is replay; and the places of rows that do not fit. Those are left out whole:
    cut, they would teach to answer without the passages or to break off."""
    limit = min(settings.max_length, base.context)
    encoded = [(encode(base.tokenizer, row), row) for row in rows.rows]
    fitting = [(tokens, row.replay) for tokens, row in encoded if len(tokens.input_ids) <= limit]
    long = [row.where for tokens, row in encoded if len(tokens.input_ids) > limit]
    too_long = tuple(sorted(long, key=lambda where: (len(where), where)))  # by line: rows stand in random order here
    if not fitting:
        raise InputError(f"none of {len(encoded)} tuning examples fits {limit} tokens; raise tuning.max_length")
    return fitting, too_long


def _split(rows: Sequence[tuple[Encoded, bool]], share: float, seed: int) -> tuple[list[Encoded], list[Encoded]]:
    """Training rows and held-out rows, drawn by seed; replay is never held out, it is no measure of the task."""
    own = [at for at, (_, replay) in enumerate(rows) if not replay]
    count = min(MOST_HELD_OUT, round(share * len(own)), len(own) - 1)
    held = set(random.Random(f"{seed}:held-out").sample(own, max(0, count)))
    return [row for at, (row, _) in enumerate(rows) if at not in held], [rows[at][0] for at in sorted(held)]


# --- the model ----------------------------------------------------------------------------------------------------


def with_lora(base: LoadedModel, settings: Tuning, seed: int) -> PeftModel:
    """A copy of the base with an untrained adapter; its weights are drawn by `seed`."""
    from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training
    from transformers import set_seed

    model = copy.deepcopy(base.model)
    if base.quantization == "nf4":
        model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=_is_large(model))
    targets: str | list[str] = "all-linear" if tuple(settings.targets) == ("all-linear",) else list(settings.targets)
    config = LoraConfig(
        r=settings.rank, lora_alpha=settings.alpha, lora_dropout=settings.dropout, target_modules=targets,
        task_type="CAUSAL_LM", base_model_name_or_path=base.name,
    )  # fmt: skip
    set_seed(seed)
    try:
        model = get_peft_model(model, config)
    except ValueError as error:
        raise InputError(
            f"tuning.targets {', '.join(settings.targets)}: {base.name} has no such layers; it has: "
            f"{', '.join(sorted(_linear_names(base.model)))}, or write all-linear"
        ) from error
    model.base_model.model.name_or_path = base.name
    return model


def _linear_names(model: PreTrainedModel) -> set[str]:
    import torch

    return {name.rsplit(".", 1)[-1] for name, module in model.named_modules() if isinstance(module, torch.nn.Linear)}


def _check_share(model: PeftModel, settings: Tuning) -> tuple[int, int]:
    """(trainable, all) weights; refuses what is not an adapter any more."""
    trainable, parameters = model.get_nb_trainable_parameters()
    share = trainable / parameters
    if not 0 < share <= MOST_TRAINABLE_SHARE:
        shown, most = against(share, MOST_TRAINABLE_SHARE, "fraction", "<=")
        raise InputError(
            f"tuning.rank {settings.rank} on {', '.join(settings.targets)} trains {shown} of the weights, "
            f"expected more than 0 and at most {most}; lower the rank or name fewer targets"
        )
    return int(trainable), int(parameters)


def _is_large(model: PreTrainedModel) -> bool:
    return bool(model.num_parameters() > LARGE_MODEL_PARAMETERS)


# --- the loop -----------------------------------------------------------------------------------------------------


def _trainer(
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
    together = rows_at_once(settings.batch, longest) if not gpu else 1 if _is_large(model) else settings.batch
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
        gradient_checkpointing=_is_large(model), report_to="none", disable_tqdm=True, **keeping,
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


def _fit(trainer: SFTTrainer, work: Path) -> float:
    """Train to the end, from the last whole checkpoint if there is one; wall seconds, earlier attempts counted."""
    start = time.perf_counter()
    spent = _spent(work)
    trainer.add_callback(_clock(work, start, spent))
    trainer.train(resume_from_checkpoint=last_checkpoint(work))
    return spent + time.perf_counter() - start


def last_checkpoint(work: Path) -> str | None:
    """The newest checkpoint that was written to its end; what a kill cut short is removed."""
    checkpoints = sorted(work.glob("checkpoint-*"), key=lambda path: int(path.name.rsplit("-", 1)[1]))
    for path in [path for path in checkpoints if not _is_whole(path)]:
        shutil.rmtree(path)
        checkpoints.remove(path)
    return str(checkpoints[-1]) if checkpoints else None


def _is_whole(checkpoint: Path) -> bool:
    """Whether its last file is there to the end: the trainer writes its state after all else, and not in one move."""
    try:
        json.loads((checkpoint / "trainer_state.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return False
    return True


def _clock(work: Path, start: float, spent: float) -> TrainerCallback:
    from transformers import TrainerCallback

    class Clock(TrainerCallback):  # type: ignore[misc]
        def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: object) -> None:
            (work / TIMING).write_text(json.dumps(spent + time.perf_counter() - start))

    return Clock()


def _spent(work: Path) -> float:
    try:
        return float(json.loads((work / TIMING).read_text()))
    except (FileNotFoundError, json.JSONDecodeError):
        return 0.0
