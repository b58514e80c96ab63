"""The source of an arm from elsewhere, as a record keeps it, and what that source cannot supply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.arms import Arm
from harness.generation.adapter_folder import read_config
from harness.golden.answers import load_answers
from harness.record.sections import Setting, SourceSection
from harness.scenario.arm_entries import AdapterFolder, AnswersFile, HttpEndpoint, PythonCall, ServedModel, Source
from harness.scenario.settings import Scenario
from harness.stages.adapters import training_of
from harness.types import Case

ONLY_ANSWERS = "only its answers are known here"
LATENCY, ABILITY, PASSAGES, TOKENS = "latency", "general ability and safety", "passages", "tokens"
# of an adapter's config, the settings that people name when they speak of one
NAMED = {
    "r": "rank",
    "lora_alpha": "alpha",
    "lora_dropout": "dropout",
    "target_modules": "targets",
    "peft_type": "kind",
}


def source_section(arm: Arm, scenario: Scenario, cases: Sequence[Case]) -> SourceSection | None:
    """The source of an arm; None for a row of the table, and for a callable of an extension."""
    source = arm.source
    if source is None:
        return None
    kind, place = _place(source)
    return SourceSection(kind, place, _settings(source, scenario), _unmeasured(source, cases))


def _place(source: Source) -> tuple[str, str]:
    match source:
        case AdapterFolder(folder):
            return "adapter", folder.name
        case ServedModel(model, base_url, _):
            return "model", model if base_url is None else f"{model} at {base_url}"
        case HttpEndpoint(url):
            return "url", url
        case PythonCall(target):
            return "call", target
        case AnswersFile(file):
            return "answers", file.name


def _settings(source: Source, scenario: Scenario) -> Mapping[str, Setting]:
    """What is known of how it was made, by name."""
    match source:
        case AdapterFolder(folder):
            return adapter_settings(folder)
        case AnswersFile(file):
            return {"file": file.name, "hash": scenario.hash_of(file), "answers": len(load_answers(file))}
    return {}


def adapter_settings(folder: Path) -> dict[str, Setting]:
    """The settings of an adapter: of PEFT's config, and of its training where a run of ours made it."""
    config = read_config(folder)
    settings: dict[str, Setting] = {name: _plain(config[key]) for key, name in NAMED.items() if key in config}
    record = training_of(folder)
    if record is not None:
        s = record.settings
        settings |= {
            "method": record.method,
            "learning_rate": s.learning_rate,
            "epochs": s.epochs,
            "batch": s.batch,
            "scheduler": s.scheduler,
            "replay": s.replay,
            "data": record.examples_hash,
            "examples": record.examples,
            "seed": record.seed,
            "base": record.base.name,
        }
    return settings


def _plain(value: object) -> Setting:
    if isinstance(value, list | tuple):
        return tuple(sorted(str(item) for item in value))
    return value if isinstance(value, bool | int | float | str | None) else str(value)


def _unmeasured(source: Source, cases: Sequence[Case]) -> Mapping[str, str]:
    """Figure -> why this source cannot supply it."""
    if isinstance(source, AdapterFolder):
        return {}
    if isinstance(source, ServedModel):
        return {ABILITY: "general ability is asked of weights here, and a server has only answers; name its folder too"}
    missing = {ABILITY: f"{ONLY_ANSWERS}, no model that could be asked anything else"}
    if isinstance(source, AnswersFile):
        answers = load_answers(source.file)
        rows = [answers[case.id] for case in cases if case.id in answers]
        lacks = (
            (LATENCY, [row.seconds for row in rows], "seconds"),
            (TOKENS, [row.prompt_tokens for row in rows], "prompt_tokens"),
            (PASSAGES, [row.passages for row in rows], "passages"),
        )
        empty = [(figure, key) for figure, values, key in lacks if all(value is None for value in values)]
        return missing | {figure: f"{source.file.name} has no {key}" for figure, key in empty}
    return missing | {TOKENS: f"{ONLY_ANSWERS}: nothing counts its tokens"}
