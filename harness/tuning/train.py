"""Training of one LoRA adapter with TRL and PEFT: loss on the answer only, held-out curve, best checkpoint, resumable.

record = train_adapter(load_model("smollm2"), rows, scenario.tuning, Path("out/adapter"), seed=7)
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from harness.generation.load import LoadedModel
from harness.record.measurements import AdapterSection, BaseModel
from harness.scenario.settings import Tuning
from harness.tuning import curve as curves
from harness.tuning.adapters import content_id, write_record
from harness.tuning.checkpoints import fit
from harness.tuning.examples import TrainingRows
from harness.tuning.lora import check_share, with_lora
from harness.tuning.tokens import encode_all, hold_out
from harness.tuning.trainer import Progress, make_trainer

METHOD = "sft"  # supervised examples


def train_adapter(
    base: LoadedModel, rows: TrainingRows, settings: Tuning, out: Path, *, seed: int, progress: Progress | None = None
) -> AdapterSection:
    """Train an adapter on `base` and write it to `out` with its record and card.

    A training that was killed goes on from its last checkpoint in `out`'s parent folder and ends with the weights of
    an undisturbed one. The base is not changed.

    Raises InputError: no rows left after dropping those longer than `max_length`, targets that the model does not
    have.
    """
    fitting, too_long = encode_all(base, rows, settings)
    train, held_out = hold_out(fitting, settings.eval_share, seed)
    model = with_lora(base, settings, seed)
    trainable, parameters = check_share(model, settings)
    work = out.parent / f"{out.name}.checkpoints"
    trainer = make_trainer(model, base.tokenizer, (train, held_out), settings, work, seed, progress)
    seconds = fit(trainer, work)
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
