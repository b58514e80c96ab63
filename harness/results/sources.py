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
LATENCY, ABILITY, SAFETY, PASSAGES, TOKENS = "latency", "general ability", "safety", "passages", "tokens"
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
    return SourceSection(kind, place, _settings(source, scenario), _unmeasured(arm, source, scenario.arms, cases))


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


def _unmeasured(arm: Arm, source: Source, run: Sequence[str], cases: Sequence[Case]) -> Mapping[str, str]:
    """Figure -> why this source cannot supply it; `run`: the names of all arms of the run."""
    if isinstance(source, AdapterFolder):
        return {}
    if isinstance(source, ServedModel):
        weights = {
            ABILITY: "general ability is asked of weights here, and a server has only answers; name its folder too"
        }
        alone = f"unsafe prompts are judged beside its base, and {arm.base} is not run here; add it to arms"
        return weights if arm.base in run else weights | {SAFETY: alone}
    missing = {ABILITY: f"{ONLY_ANSWERS}, no model that could be asked anything else", SAFETY: _no_pairs(source)}
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


def _no_pairs(source: Source) -> str:
    """Why a system of somebody's own has no safety figure."""
    if isinstance(source, AnswersFile):
        return f"{source.file.name} has no answers to unsafe prompts"
    return "a system with prompts of its own has no base whose answers to unsafe prompts could be paired with its"
