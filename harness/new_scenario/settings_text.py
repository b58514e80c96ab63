"""The settings of a new scenario as the text of its scenario.yaml: nothing in it that is not used."""

from __future__ import annotations

import json
from collections.abc import Mapping

from harness.generation import builtin
from harness.golden.imported import CLOSED_BOOK, REFUSAL
from harness.new_scenario.choices import arms_for, candidate_for, gates_for
from harness.new_scenario.material import SEED, OwnMaterial
from harness.scenario.settings import Models
from harness.scenario.starters import FIRST_LINE

OWN_TOKENS = 64  # of an answer by a model on this machine
SERVED_TOKENS = 256  # by one behind a server, which may think or say more
QUESTIONS_TIMED = 15  # one at a time, for the latency

BOTH = (
    "Answer the question in one short sentence. If passages are given, use nothing but them. "
    f"If they do not say, or you cannot know, answer exactly: {REFUSAL}"
)

PLAIN = f"Answer the question in one plain sentence from the passages.\nIf they do not say, answer exactly: {REFUSAL}"
# what the wiki's dev split chose for the built-in model, which reads little at once
SHORT = "retrieval: {chunk_tokens: 48, overlap_tokens: 8, top_k: 3}  # short passages, for a model as small as this one"


def system_message(material: OwnMaterial) -> str:
    """What every arm is told. The built-in model was taught to read by messages like the plain one."""
    if not material.has_pages:
        return CLOSED_BOOK
    return material.imported.system or (PLAIN if _is_small(material) else BOTH)


def _is_small(material: OwnMaterial) -> bool:
    return material.models.base_url is None and material.models.generator in builtin.MODELS


def scenario_yaml(material: OwnMaterial, title: str, advice: str = "") -> str:
    """The text of scenario.yaml; `advice` is its block of answers, where there is one."""
    pages = material.has_pages
    corpus = "corpus/" if material.files else "corpus.jsonl"
    tokens = OWN_TOKENS if material.models.base_url is None else SERVED_TOKENS
    names = [choice.name for choice in arms_for(material)]
    lines = [
        FIRST_LINE.rstrip("\n"),
        "# Made by `harness init`. README.md says what each file is, scenario.schema.json what every setting may be.",
        f"title: {_text(title)}",
        *advice.splitlines(),
        *([f"corpus: {corpus}"] if pages else []),
        "golden: golden.jsonl",
        f"models: {_flow(_models(material.models))}",
        *[SHORT] * (pages and _is_small(material)),
        f"answer: {{system: system.md, max_new_tokens: {tokens}, refusal: {_text(REFUSAL)}}}",
        f"arms: [{', '.join(names)}]",
        f"candidate: {candidate_for(material)}  # the arm that the gates judge",
        f"latency: {{questions: {min(QUESTIONS_TIMED, len(material.tested))}, repeats: 2}}",
        "# The gates that apply to these arms, at their defaults: points better than an arm or one constant answer;",
        "# per cent of claims that the passages support; per cent of answers with a claim that they do not support.",
        "# Set them to what you need before the first run. All of them: docs/gates.md.",
        f"gates: {_flow({name: f'{value:g}' for name, value in gates_for(material).items()})}",
        f"seed: {SEED}",
    ]
    return "\n".join(lines) + "\n"


def _models(models: Models) -> Mapping[str, str]:
    values = {"generator": models.generator, "base_url": models.base_url, "api_key_env": models.api_key_env}
    return {key: _text(value) for key, value in values.items() if value is not None}


def _text(value: str) -> str:
    """A text in quotes that YAML reads as JSON does."""
    return json.dumps(value, ensure_ascii=False)


def _flow(values: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{key}: {value}" for key, value in values.items()) + "}"
