"""What tuning unlearns of real MMLU: a base, its reading adapter, a gentle and a harsh LoRA on the same items, paired.

    python -m benchmarks.mmlu_forgetting ../shared/data/mmlu [--limit 400] [--forms cloze] [--work FOLDER]

`smollm2-base` is held against `smollm2`; two adapters are trained on `smollm2` here, both on 54 questions about a
rental shop: the gentle one for one epoch at 1e-4 on two layers a block, the harsh one for six at 5e-3 on all seven. The
base is asked by letters and by words, the others in the forms that their base can do. Prints a row a model and form,
the gate at 5 points, and processor seconds by 100 items. With --work what was trained and asked is kept there, and a
second call goes on from it.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.safety_adapters import SYSTEM, gentle
from harness.exports.lm_eval import TUNED, forgetting_gate
from harness.forgetting.ask import ask_items
from harness.forgetting.items import Item, compare_items, forms_of_use
from harness.generation.local import LocalGenerator, load_generator
from harness.prompts import render
from harness.record.codec import read_rows, write_rows
from harness.record.measurements import AbilitySection
from harness.scenario.settings import ForgettingSettings, Tuning
from harness.stats.numbers import show, show_estimate
from harness.tuning.examples import ChatRow, TrainingRows
from harness.tuning.train import train_adapter

MARGIN = 5.0
SEED = 7
SETTINGS = {
    "gentle": Tuning(rank=8, alpha=16, dropout=0, targets=("q_proj", "v_proj"), epochs=1, batch=8,
                     learning_rate=1e-4, replay=0, eval_share=0),
    "harsh": Tuning(rank=32, alpha=64, dropout=0, targets=("all-linear",), epochs=6, batch=8,
                    learning_rate=5e-3, replay=0, eval_share=0),
}  # fmt: skip


def adapter(name: str, base: LocalGenerator, work: Path) -> LocalGenerator:
    """The base with one of the adapters, trained first where it is not there yet."""
    out = work / name
    if not (out / "training.json").is_file():
        rows = tuple(ChatRow(render(user, SYSTEM, ()), answer) for user, answer in gentle())
        start = time.process_time()
        train_adapter(base.loaded, TrainingRows(rows, len(rows), 0), SETTINGS[name], out, seed=SEED)
        print(f"{name}: trained in {time.process_time() - start:.0f} processor seconds", flush=True)
    return base.with_adapter(out)


def asked(
    name: str, model: LocalGenerator, settings: ForgettingSettings, work: Path, forms: Sequence[str]
) -> list[Item]:
    """The items of one model in these forms, read back where they were asked before; the time that each form took."""
    items = []
    for form in forms:
        file = work / f"{name}.{form}.{settings.limit}.jsonl"
        if not file.is_file():
            start = time.process_time()
            rows = ask_items(model.loaded.model, model.loaded.tokenizer, settings, SEED, (form,))
            spent = 100 * (time.process_time() - start) / len(rows)
            print(f"{name}, {form}: {spent:.1f} processor seconds by 100 items", flush=True)
            write_rows(file, rows)
        items += read_rows(file, Item)
    return items


def lines(section: AbilitySection, base: str) -> list[str]:
    """Rows of the table: the base, and what is held against it, form by form."""
    rows = []
    for form in section.forms:
        chance = f"{show_estimate(form.base)}, chance {show(form.chance, 'fraction')}"
        rows.append(f"| {base} | {form.form} | {chance} | | {show_estimate(form.likelihood)} | |")
        for arm, of in form.arms.items():
            moved = f"{show_estimate(of.accuracy, signed=True)} | | {show_estimate(of.likelihood, signed=True)}"
            rows.append(f"| {arm} | {form.form} | {show_estimate(of.rate)} | {moved} |")
    return rows


def report(base: str, items: list[Item], others: dict[str, list[Item]], tasks: str) -> None:
    print("\n| model | asked as | right | beside its base | right choice, nats a word | beside its base |")
    print("| --- | --- | --- | --- | --- | --- |")
    print("\n".join(lines(compare_items(items, others, tasks), base)))
    for arm, rows in others.items():
        gate = forgetting_gate(compare_items(items, {TUNED: rows}, tasks), MARGIN)
        print(f"\ngate at {MARGIN:g} points, {arm}: {gate.status}: {gate.reason}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--limit", type=int, default=1000)
    parser.add_argument("--forms", default="cloze,letters", help="that the base is asked in")
    parser.add_argument("--work", type=Path)
    options = parser.parse_args()
    settings = ForgettingSettings(str(options.data), options.limit)
    with tempfile.TemporaryDirectory() as scratch:
        work = options.work or Path(scratch)
        work.mkdir(parents=True, exist_ok=True)
        plain, reader = load_generator("smollm2-base"), load_generator("smollm2")
        base = asked("smollm2-base", plain, settings, work, options.forms.split(","))
        own = asked("smollm2", reader, settings, work, forms_of_use(base))
        report("smollm2-base", base, {"smollm2": own}, settings.tasks)
        forms = forms_of_use(own)
        tuned = {name: asked(name, adapter(name, reader, work), settings, work, forms) for name in SETTINGS}
        report("smollm2", own, tuned, settings.tasks)


if __name__ == "__main__":
    main()
