"""A new scenario written: its folder with the files that a run reads, and a README; nothing in it is overwritten."""

from __future__ import annotations

import shutil
from pathlib import Path

from harness.files.output_path import new_folder
from harness.golden.imported import case_row, passage_row
from harness.new_scenario.choices import ARM_CHOICES, arms_for, size_line, unmeasured
from harness.new_scenario.material import OwnMaterial
from harness.new_scenario.readme import README, readme
from harness.new_scenario.settings_text import scenario_yaml, system_message
from harness.record.codec import write_rows
from harness.scenario.starters import SCHEMA


def write_new(material: OwnMaterial, folder: Path, title: str, schema: str, advice: str = "") -> None:
    """Write the scenario.

    Args:
        schema: the JSON Schema of scenario.yaml, for editors.
        advice: the block `advice:` of scenario.yaml; empty where nobody answered the questions.

    Raises:
        InputError: the folder exists and is not empty.
    """
    new_folder(folder)
    for file, name in material.files:
        target = folder / "corpus" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    if material.imported.passages:
        write_rows(folder / "corpus.jsonl", map(passage_row, material.imported.passages))
    write_rows(folder / "golden.jsonl", map(case_row, material.imported.cases))
    texts = {"system.md": f"{system_message(material)}\n", SCHEMA: schema}
    texts["scenario.yaml"] = scenario_yaml(material, title, advice)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / README).write_text(_readme(material, folder, title), encoding="utf-8")


def _readme(material: OwnMaterial, folder: Path, title: str) -> str:
    questions, docs = material.sources.questions.name, material.sources.docs
    made_of = {"golden": f"made of {questions}"}
    made_of["corpus"] = f"made of {questions}" if docs is None else f"a copy of what could be read in {docs.name}"
    notes = [
        f"{size_line(material)}.",
        "Arms: " + "; ".join(f"`{choice.name}`, {choice.words}" for choice in arms_for(material)) + ".",
        "Not run: " + "; ".join(_absent(material)) + ".",
        "Not measured: " + ".\nNot measured: ".join(unmeasured(material)) + ".",
        "To tune as well: put examples into `train.jsonl` (`harness schema example`), add `examples: train.jsonl` and "
        "the arms `tune` and `hybrid` to `scenario.yaml`.",
    ]
    return readme(folder, title, made_of, notes)


def _absent(material: OwnMaterial) -> list[str]:
    """The arms that are left out, by the reason."""
    reasons: dict[str, list[str]] = {}
    for choice in ARM_CHOICES:
        if not choice.fits(material):
            reasons.setdefault(choice.without, []).append(f"`{choice.name}`")
    return [f"{' and '.join(names)}: {reason}" for reason, names in reasons.items()]
