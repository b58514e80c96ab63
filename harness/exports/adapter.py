"""One adapter as a Hugging Face folder: weights, settings, tokenizer, and a card with what is known of it.

The card has what its training record says, the verdicts and gates of the runs in which it answered, and the licence of
its base. What every weight was tuned of becomes a model's folder.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from harness.errors import InputError
from harness.files.input_file import read_text
from harness.files.output_path import new_folder
from harness.generation.adapter_folder import CONFIG, TRAINING_RECORD, WEIGHTS
from harness.generation.full_weights import is_full
from harness.generation.load import load_tokenizer
from harness.record.files import load_record
from harness.record.measurements import AdapterSection
from harness.record.sections import Record
from harness.report.text.markdown import cell, code
from harness.stats.numbers import show_estimate
from harness.tuning.adapters import CARD, merge_adapter, model_card


def write_adapter(folder: Path, adapter: AdapterSection, out: Path, runs: Iterable[Path] = ()) -> list[str]:
    """Write the folder; returns the files in it.

    Args:
        runs: folders of finished runs; those in which the adapter answered are in its card.

    Raises InputError where `out` holds files, or the base is not the one that it was trained on.
    """
    if is_full(folder):
        merge_adapter(adapter.base.name, folder, out)
    else:
        new_folder(out, "name a new folder for the adapter")
        shutil.copyfile(folder / WEIGHTS, out / WEIGHTS)
        config = json.loads(read_text(folder / CONFIG))
        (out / CONFIG).write_text(json.dumps({**config, "base_model_name_or_path": adapter.base.name}, indent=1) + "\n")
        tokenizer, _ = load_tokenizer(adapter.base.name)
        tokenizer.save_pretrained(out)
    shutil.copyfile(folder / TRAINING_RECORD, out / TRAINING_RECORD)
    records = [record for run in runs if (record := _record(run)) is not None]
    (out / CARD).write_text(f"{model_card(adapter)}{_runs(adapter, records)}", encoding="utf-8")
    return sorted(path.name for path in out.iterdir())


def _record(run: Path) -> Record | None:
    try:
        return load_record(run)
    except InputError:
        return None  # of another version, or cut: its own commands say so


def _runs(adapter: AdapterSection, records: Sequence[Record]) -> str:
    """What the runs said of it, the newest first."""
    every = [(record, arm.name) for record in records for arm in record.arms if arm.adapter == adapter.id]
    every.sort(key=lambda pair: pair[0].created, reverse=True)
    if not every:
        return "\n## Runs\n\nNo finished run here has asked it.\n"
    return "\n## Runs\n" + "".join(_run(record, arm) for record, arm in every)


def _run(record: Record, arm: str) -> str:
    success = record.estimate(arm, "task_success")
    lines = [
        f"\n### {code(record.run_id)}, arm {cell(arm)}\n",
        f"Task success {cell(show_estimate(success))} on the test split.",
    ]
    verdict = record.verdict
    if verdict.candidate == arm:
        lines += [
            f"Verdict **{verdict.word}**: {cell(verdict.sentence)}\n",
            "| gate | status | measured |",
            "|---|---|---|",
        ]
        lines += [f"| {cell(g.title)} | {g.status} | {cell(show_estimate(g.estimate))} |" for g in verdict.gates]
    else:
        lines.append(f"The gates of that run judged another arm ({cell(verdict.candidate)}).")
    return "\n".join(lines) + "\n"
