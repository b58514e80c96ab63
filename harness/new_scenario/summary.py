"""A new scenario in words: what was read, what will be run, what stays unmeasured, and the next command."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from harness.generation import builtin
from harness.golden.remarks import remark_lines
from harness.new_scenario.choices import arms_for, size_line, unmeasured
from harness.new_scenario.material import OwnMaterial
from harness.references import references
from harness.scenario.load import load_scenario
from harness.verdict.provable import provable_lines
from harness.verdict.reach import Sizes
from harness.verdict.thresholds import read_thresholds


def lines_of(material: OwnMaterial, folder: Path) -> Iterator[str]:
    """Lines for a terminal."""
    yield f"wrote {folder}: {size_line(material)}"
    yield f"  recognised: {material.imported.recognised}"
    yield from (f"  {line}" for line in remark_lines(material.imported.remarks))
    yield f"  model: {model_words(material)}"
    yield f"  arms: {'; '.join(f'{choice.name} ({choice.words})' for choice in arms_for(material))}"
    yield from (f"  not measured: {line}" for line in unmeasured(material))
    yield from (f"  {line}" for line in _proof(material, folder))
    yield f"next: {' && '.join(next_commands(material, folder))}"


def _proof(material: OwnMaterial, folder: Path) -> Iterator[str]:
    """What so many questions can prove."""
    scenario, tested = load_scenario(folder), material.tested
    sizes = Sizes(len(tested), material.groups, len(tested), len(references(tested).undecided))
    return provable_lines(scenario, read_thresholds(scenario.gates), sizes, ())


def model_words(material: OwnMaterial) -> str:
    models = material.models
    if models.base_url is None:
        return models.generator
    key = f", with the key in {models.api_key_env}" if models.api_key_env else ""
    return f"{models.generator} at {models.base_url}{key}"


def next_commands(material: OwnMaterial, folder: Path) -> list[str]:
    """The commands from here to a verdict."""
    name = material.models.generator
    brought = material.models.base_url is not None or name not in builtin.MODELS or builtin.is_here(name)
    return [*([] if brought else [f"harness models get {name}"]), f"harness run {folder}"]
