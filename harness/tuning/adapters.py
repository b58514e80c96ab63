"""Adapters on disk: an immutable content id, the training record beside the weights, a model card, merging.

An adapter folder holds `adapter_model.safetensors` and `adapter_config.json` (PEFT), `training.json` (the record)
and `README.md` (the card). Its id is the hash of weights and config: two equal trainings give one id.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from harness.errors import InputError
from harness.files.input_file import DOCUMENT, is_file, read_bytes
from harness.files.output_path import new_folder
from harness.generation.adapter_folder import TRAINING_RECORD, WEIGHT_BYTES, read_config, weights_of
from harness.generation.load import load_model
from harness.generation.merge import merge
from harness.record.codec import decode, to_json
from harness.record.measurements import AdapterSection

CARD = "README.md"


def content_id(folder: Path) -> str:
    """Hash of an adapter's weights and of the settings that decide how they act."""
    digest = hashlib.sha256(read_bytes(weights_of(folder), WEIGHT_BYTES))
    config = read_config(folder)
    # The base's folder and the versions of libraries differ between machines that make the same adapter.
    local = ("base_model_name_or_path", "peft_version", "revision", "auto_mapping", "inference_mode")
    acting = {key: value for key, value in config.items() if key not in local}
    if isinstance(acting.get("target_modules"), list):
        acting["target_modules"] = sorted(acting["target_modules"], key=str)  # what it holds is not checked here
    digest.update(json.dumps(acting, sort_keys=True).encode())
    return digest.hexdigest()[:16]


def write_record(folder: Path, record: AdapterSection) -> None:
    """Write the record and the model card beside the weights."""
    (folder / TRAINING_RECORD).write_text(to_json(record, indent=1) + "\n", encoding="utf-8")
    (folder / CARD).write_text(model_card(record), encoding="utf-8")


def read_record(folder: Path) -> AdapterSection:
    """The training record in `folder`.

    Raises InputError when there is none, or the weights are not the ones it was written for.
    """
    path = folder / TRAINING_RECORD
    data = read_bytes(path, DOCUMENT, missing="expected an adapter made by: harness tune SCENARIO")
    try:
        record = decode(data, AdapterSection, str(path))
    except InputError:
        raise InputError(f"{path}: not a training record of this version; train the adapter again") from None
    actual = content_id(folder)
    if actual != record.id:
        raise InputError(f"{folder}: its weights or config were changed: content id {actual}, recorded {record.id}")
    return record


def find_adapters(roots: tuple[Path, ...]) -> Iterator[tuple[Path, AdapterSection]]:
    """Every adapter below `roots`, with its record, by path."""
    for root in roots:
        for path in sorted(root.rglob(TRAINING_RECORD)):
            yield path.parent, read_record(path.parent)


def find_adapter(name: str, roots: tuple[Path, ...]) -> tuple[Path, AdapterSection]:
    """The adapter that `name` means: its folder, or the beginning of its id below `roots`."""
    if is_file(Path(name) / TRAINING_RECORD):
        return Path(name), read_record(Path(name))
    adapters = {record.id: (path, record) for path, record in find_adapters(roots)}
    matches = [adapter for id, adapter in adapters.items() if id.startswith(name)]
    if len(matches) == 1:
        return matches[0]
    names = sorted(adapters)
    problem = "no adapter has" if not matches else f"{len(matches)} adapters have"
    raise InputError(f"adapter {name!r}: {problem} an id that begins so; known: {', '.join(names) or 'none'}")


def merge_adapter(base: str, adapter: Path, out: Path) -> Path:
    """Write base and adapter as one model folder that any server loads; returns it.

    Raises InputError when `out` holds files, or the adapter belongs to another base, or changes no weights.
    """
    new_folder(out, "name a new folder for the merged model")
    base_model = load_model(base)
    model = merge(base_model, adapter)
    if hasattr(model, "peft_config"):
        raise InputError(
            f"adapter {adapter}: a prefix changes no weights, and so is not merged; serve it beside the base"
        )
    model.save_pretrained(out)
    base_model.tokenizer.save_pretrained(out)
    return out


def model_card(record: AdapterSection) -> str:
    """A Hugging Face model card with what the record knows, and nothing it does not."""
    s = record.settings
    rows = {
        "Content id": record.id,
        "Base": f"{record.base.name} (weights {record.base.hash[:16]})",
        "Licence of the base": record.base.licence or "not said beside its weights here; look at its own card",
        "Method": f"{record.method}, {record.title}",
        "Went on from": f"adapter {record.start}" if record.start else "the base",
        "Trained weights": f"{record.trainable:,} of {record.parameters:,} ({100 * record.share:.2f} %)",
        "Examples": f"{record.examples} trained on, {record.held_out} held out (hash {record.examples_hash})",
        "Of these general replay": str(record.counts.replay),
        "Learning rate": f"{s.learning_rate:g}, {s.scheduler}, batch {s.batch}, seed {record.seed}",
        "Epochs": f"{record.epochs:.2f} in {record.seconds:.0f} s",
        "Kept": "the last step" if record.best_step is None else f"step {record.best_step}, the lowest held-out loss",
        "Overfitting": record.overfit_reason,
    }
    table = "\n".join(f"| {name} | {value} |" for name, value in rows.items())
    licence = f"license: {record.base.licence}\n" if record.base.licence else ""
    head = (
        f"---\nlibrary_name: peft\nbase_model: {record.base.name}\n{licence}tags: [{s.adapter}, {record.method}]\n---\n"
    )
    note = "It answers only on this base; how well is in the report of the run that made it."
    return f"{head}\n# Adapter {record.id}\n\n| | |\n|---|---|\n{table}\n\n{_curve(record)}{note}\n"


def _curve(record: AdapterSection) -> str:
    """The loss curve as a table; nothing where none was recorded."""
    if not record.curve:
        return ""
    rows = [
        (str(p.step), *("–" if x is None else f"{x:.4f}" for x in (p.train_loss, p.eval_loss))) for p in record.curve
    ]
    head = "| step | training loss | held-out loss |\n|---|---|---|\n"
    return head + "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n\n"
