"""A base model and a tuned one asked the same items here, without a run (`harness forgetting --tasks`)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from harness.files.input_file import is_file
from harness.forgetting.ask import ask_items, check_tasks
from harness.forgetting.items import Item, compare_items, forms_of_use
from harness.generation.adapter_folder import CONFIG
from harness.generation.local import LocalGenerator, load_generator
from harness.record.measurements import AbilitySection
from harness.scenario.settings import ForgettingSettings


def compare_models(base: str, tuned: Mapping[str, str], settings: ForgettingSettings, seed: int) -> AbilitySection:
    """Each of the tuned beside the base, form by form.

    Args:
        base: a built-in model, a Hugging Face id or a local directory.
        tuned: name -> the folder of an adapter on that base, or another model of those kinds.

    Raises:
        InputError, EnvironmentFailure: a model or its items cannot be had.
    """
    check_tasks(settings, read=True)
    generator = load_generator(base)
    items = _ask(generator, settings, seed)
    forms = forms_of_use(items)
    others = {name: _ask(_tuned(generator, source), settings, seed, forms) for name, source in tuned.items()}
    return compare_items(items, others, settings.tasks)


def _ask(
    generator: LocalGenerator, settings: ForgettingSettings, seed: int, only: tuple[str, ...] | None = None
) -> list[Item]:
    return ask_items(generator.loaded.model, generator.loaded.tokenizer, settings, seed, only)


def _tuned(base: LocalGenerator, source: str) -> LocalGenerator:
    is_adapter = is_file(Path(source) / CONFIG)
    return base.with_adapter(Path(source)) if is_adapter else load_generator(source)
