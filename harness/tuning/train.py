"""Training of one adapter with TRL and PEFT: loss on the answer only, held-out curve, best checkpoint, resumable.

record = train_adapter(load_model("smollm2"), rows, scenario.tuning, Path("out/adapter"), seed=7)
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness.generation.full_weights import save_full
from harness.generation.licence import licence_of
from harness.generation.load import LoadedModel
from harness.process.memory import forget_peak, peak_bytes
from harness.record.measurements import AdapterSection, BaseModel, ExampleCounts
from harness.scenario.settings import Tuning, TuningMethod
from harness.tuning import curve as curves
from harness.tuning.adapters import content_id, write_record
from harness.tuning.checkpoints import fit
from harness.tuning.examples import TrainingRows
from harness.tuning.kinds import check_numbers, check_share, check_start, title_of, with_adapter
from harness.tuning.preference_loss import with_margins
from harness.tuning.preference_rows import PairRows, encode_pairs, hold_out_pairs
from harness.tuning.tokens import encode_all, held_out_count, hold_out
from harness.tuning.trainer import Progress, make_pair_trainer, make_trainer

if TYPE_CHECKING:
    from transformers import Trainer

    from harness.tuning.kinds import Trained


def train_adapter(
    base: LoadedModel, rows: TrainingRows, settings: Tuning, out: Path, *, seed: int, progress: Progress | None = None,
    start: Path | None = None, method: TuningMethod = "sft",
) -> AdapterSection:  # fmt: skip
    """Train an adapter on `base` and write it to `out` with its record and card.

    A training that was killed goes on from its last checkpoint in `out`'s parent folder and ends with the weights of
    an undisturbed one. The base is not changed.

    Args:
        start: folder of the adapter that training goes on from; None: it begins with the base.
        method: what the rows are, for the record.

    Raises InputError: no rows left after dropping those longer than `max_length`, targets that the model does not
    have, a start of another kind.
    """
    fitting, too_long = encode_all(base, rows, settings)
    data = hold_out(fitting, settings.eval_share, seed)
    model = _model(base, settings, seed, start)
    trainer = make_trainer(model, base.tokenizer, data, settings, work_of(out), seed, progress)
    facts = _facts(base, settings, seed, start, method, replace(rows.counts, too_long=len(too_long)), rows.hash)
    facts = replace(facts, examples=len(data[0]), held_out=len(data[1]), too_long=too_long)
    return _finish(model, trainer, out, facts)


def train_on_pairs(
    base: LoadedModel, pairs: PairRows, settings: Tuning, out: Path, *, seed: int, progress: Progress | None = None,
    start: Path | None = None,
) -> AdapterSection:  # fmt: skip
    """Train an adapter by DPO on preference pairs, from another adapter or from the base; else as `train_adapter`."""
    fitting, too_long = encode_pairs(base, pairs, settings)
    model = _model(base, settings, seed, start)
    referred = with_margins(model, fitting)
    data = hold_out_pairs(referred, held_out_count(len(fitting), settings.eval_share), seed)
    trainer = make_pair_trainer(model, base.tokenizer, data, settings, work_of(out), seed, progress)
    facts = _facts(base, settings, seed, start, "dpo", replace(pairs.counts, too_long=len(too_long)), pairs.hash)
    facts = replace(facts, examples=len(data[0]), held_out=len(data[1]), too_long=too_long)
    return _finish(model, trainer, out, facts)


def work_of(out: Path) -> Path:
    """The folder of a training's checkpoints."""
    return out.parent / f"{out.name}.checkpoints"


def _model(base: LoadedModel, settings: Tuning, seed: int, start: Path | None) -> Trained:
    if start is not None:
        check_start(start, settings)
    return with_adapter(base, settings, seed, start)


def _facts(
    base: LoadedModel, settings: Tuning, seed: int, start: Path | None, method: TuningMethod, counts: ExampleCounts,
    examples_hash: str,
) -> AdapterSection:  # fmt: skip
    """What is known of a training before it begins."""
    known_base = BaseModel(base.name, base.base_hash, licence_of(base.name, base.directory))
    return AdapterSection(
        id="", base=known_base, method=method, settings=settings, trainable=0, parameters=1,
        examples=0, held_out=0, counts=counts, examples_hash=examples_hash, seed=seed, epochs=0.0, seconds=0.0,
        curve=(), best_step=None, gap=None, overfit=False, overfit_reason="",
        start=None if start is None else content_id(start), title=title_of(settings),
    )  # fmt: skip


def _finish(model: Trained, trainer: Trainer, out: Path, facts: AdapterSection) -> AdapterSection:
    """Train, and write the adapter with its record."""
    trainable, parameters = check_share(model, facts.settings)
    forget_peak()
    seconds = fit(trainer, work_of(out))
    check_numbers(trainer.model, facts.settings)
    memory = peak_bytes()
    if facts.settings.adapter == "full":
        save_full(trainer.model, out)
    else:
        trainer.model.save_pretrained(str(out), save_embedding_layers=False)
    curve = curves.curve_of(trainer.state.log_history)
    overfit, reason = curves.overfits(curve, facts.held_out)
    record = replace(
        facts, id=content_id(out), trainable=trainable, parameters=parameters, seconds=seconds, peak_bytes=memory,
        epochs=float(trainer.state.epoch or 0.0), curve=curve, best_step=curves.best_step(curve),
        gap=curves.gap(curve), overfit=overfit, overfit_reason=reason,
    )  # fmt: skip
    write_record(out, record)
    shutil.rmtree(work_of(out), ignore_errors=True)
    return record
