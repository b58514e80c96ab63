"""From a checkpoint to the shipped directory: bf16 weights, configuration, tokenizer, general test and replay files.

Each file is written beside its place and moved there in one step, so that a reader never sees half a file.
"""

from __future__ import annotations

import csv
import json
import os
import tempfile
from pathlib import Path
from random import Random

from recipes.pocket import general, lean

TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja")


def export(checkpoint: Path, target: Path) -> None:
    """Writes the model of a training folder to `target`."""
    import torch
    from transformers import AutoTokenizer, GenerationConfig

    model = lean.new_model(0)
    model.load_state_dict(torch.load(checkpoint / "weights.pt", weights_only=True))
    model = model.to(torch.bfloat16)
    model.generation_config = GenerationConfig(eos_token_id=1, pad_token_id=0, max_new_tokens=96, do_sample=False)
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=checkpoint) as name:
        model.save_pretrained(name)
        AutoTokenizer.from_pretrained(checkpoint).save_pretrained(name)
        for file in sorted(Path(name).iterdir()):
            file.chmod(0o644)
            os.replace(file, target / file.name)


def write_general(folder: Path) -> None:
    """Writes `folder/{dev,test}/<subject>.csv` and `folder/replay.jsonl`."""
    for subject, (dev, test) in general.mmlu_rows().items():
        for part, rows in (("dev", dev), ("test", test)):
            (folder / part).mkdir(parents=True, exist_ok=True)
            with (folder / part / f"{subject}.csv").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows(rows)
    lines = [json.dumps(row, ensure_ascii=False) for row in replay_rows()]
    (folder / "replay.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def replay_rows(seed: int = 20261121) -> list[dict[str, object]]:
    """Tuning examples about the facts that are never tested: a plain question, and a multiple choice, for each."""
    rng = Random(seed)
    rows: list[dict[str, object]] = []
    for fact in general.facts(replay=True):
        question = fact.fill(rng.choice(fact.relation.questions))
        rows.append({"prompt": {"user": question}, "output": fact.b})
        choices, right = general.options(rng, fact)
        rows.append({"prompt": {"user": general.multiple_choice(question, choices)}, "output": general.LETTERS[right]})
    rng.shuffle(rows)
    return rows
