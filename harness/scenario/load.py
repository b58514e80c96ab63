"""scenario.yaml -> Scenario: every setting of a project, checked once, frozen.

What is wrong is told all at once, a line each: where it stands (file:line:column), what it is, what it should be.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from harness.errors import raise_faults
from harness.files.input_file import DOCUMENT, read_text, real
from harness.scenario.answer_schema import properties_of, read_schema
from harness.scenario.arm_entries import entries_of, entry_faults, names_of
from harness.scenario.bounds import nearest
from harness.scenario.document import AnswerKeys, ScenarioFile
from harness.scenario.server import judge_faults, server_faults
from harness.scenario.settings import AnswerFormat, DrillSettings, Models, Scenario
from harness.scenario.source import ScenarioSource, read_keys, read_source
from harness.scenario.style import StyleRules


def load_scenario(folder: Path, checked: bool = False) -> Scenario:
    """Read `folder/scenario.yaml`.

    Args:
        checked: whether the settings are only compared with some that passed before: what takes a schema apart is
            left out.

    Raises:
        InputError: file missing or not UTF-8, bad YAML; or all of it: unknown keys, wrong types, values out of range,
            paths that lead out or to nothing, settings that contradict each other.
    """
    source, keys = read_source(folder)
    answer = _answer(source, keys.answer, checked)
    style = None if (file := source.path(keys.style)) is None else read_keys(file, StyleRules)
    models = _judged_by(style, _models(source, keys.models))
    raise_faults([*_contradictions(source, keys, models), *(() if checked else _strange_fields(source, answer))])
    return Scenario(
        id=real(folder).name,
        dir=folder,
        title=keys.title,
        advice=source.raw.get("advice"),  # as it was read, so that messages can name lines
        corpus=source.path(keys.corpus),
        golden=source.path(keys.golden),
        examples=source.path(keys.examples),
        preferences=source.path(keys.preferences),
        probes=source.path(keys.probes),
        models=models,
        retrieval=keys.retrieval,
        answer=answer,
        tuning=keys.tuning,
        arms=names_of(keys.arms),
        entries=entries_of(keys.arms, folder),
        candidate=keys.candidate,
        style=style,
        prices=keys.prices,
        forgetting=replace(keys.forgetting, tasks=source.beside(keys.forgetting.tasks)),
        safety=replace(keys.safety, prompts=source.beside(keys.safety.prompts)),
        latency=keys.latency,
        drills=DrillSettings(
            keys.drills.cases,
            paraphrases=source.path(keys.drills.paraphrases),
            changes=source.path(keys.drills.changes),
        ),
        gates=keys.gates,
        extensions=tuple(real(folder / name) for name in keys.extensions),
        seed=keys.seed,
    )


def _models(source: ScenarioSource, models: Models) -> Models:
    """Models that lie beside the scenario by their paths; a server's name for its own stays as it is."""
    beside = replace(
        models,
        embedder=source.beside(models.embedder),
        reranker=source.beside(models.reranker),
        grounding=source.beside(models.grounding),
    )
    return beside if models.base_url is not None else replace(beside, generator=source.beside(models.generator))


def _judged_by(style: StyleRules | None, models: Models) -> Models:
    """The models, the judge with the rubric of the house style where it has none of its own."""
    judge = models.judge
    if style is None or not judge.is_set:
        return models
    tone, completeness = judge.tone or style.rubric.tone, judge.completeness or style.rubric.completeness
    return replace(models, judge=replace(judge, tone=tone, completeness=completeness))


def _answer(source: ScenarioSource, keys: AnswerKeys, checked: bool) -> AnswerFormat:
    system = source.path(keys.system)
    schema = source.path(keys.schema)
    return AnswerFormat(
        schema=None if schema is None else read_schema(schema, checked),
        system="" if system is None else read_text(system, DOCUMENT).strip(),
        max_new_tokens=keys.max_new_tokens,
        text_field=keys.fields.text,
        status_field=keys.fields.status,
        refused_value=keys.fields.refused,
        citations_field=keys.fields.citations,
        refusal=keys.refusal,
        few_shot=source.path(keys.few_shot),
    )


def _contradictions(source: ScenarioSource, keys: ScenarioFile, models: Models) -> Iterator[str]:
    """Settings that are right alone and wrong together."""
    yield from server_faults(source.at, source.raw.get("models"), keys.models)
    yield from judge_faults(source.at, source.raw.get("models"), models.judge)
    yield from entry_faults(keys.arms, source.at, keys.models.base_url)
    r = keys.retrieval
    if r.candidates < r.top_k:
        at = source.at("retrieval.candidates")
        yield f"{at}: retrieval.candidates is {r.candidates}, expected at least top_k ({r.top_k})"
    yield from _same_fields(source, keys)
    if r.overlap_tokens >= r.chunk_tokens:
        at, below = source.at("retrieval.overlap_tokens"), f"0 to below chunk_tokens ({r.chunk_tokens})"
        yield f"{at}: retrieval.overlap_tokens is {r.overlap_tokens}, expected {below}"


def _same_fields(source: ScenarioSource, keys: ScenarioFile) -> Iterator[str]:
    """Parts of an answer that are one and the same field, and the word of a refusal without the field that says it."""
    names = keys.answer.fields
    parts = (("text", names.text), ("status", names.status), ("citations", names.citations))
    fields = [(key, name) for key, name in parts if name is not None]
    for place, (key, name) in enumerate(fields):
        other = next((earlier for earlier, same in fields[:place] if same == name), None)
        if other is not None:
            yield f"{source.at(f'answer.fields.{key}')}: answer.fields.{key} is '{name}', as {other} is; name another"
    if names.refused is not None and names.status is None:
        yield f"{source.at('answer.fields.refused')}: answer.fields.refused needs answer.fields.status; name the field"


def _strange_fields(source: ScenarioSource, answer: AnswerFormat) -> Iterator[str]:
    """Parts of an answer that its schema does not have: they would be read as empty in every answer."""
    properties = {} if answer.schema is None else properties_of(answer.schema)
    parts = (
        ("text", answer.text_field), ("status", answer.status_field), ("citations", answer.citations_field),
    )  # fmt: skip
    for key, name in parts:
        if properties and name is not None and name not in properties:
            at, near = source.at(f"answer.fields.{key}"), nearest(name, properties)
            hint = f"did you mean '{near}'?" if near else f"its properties: {', '.join(properties)}"
            yield f"{at}: answer.fields.{key} is '{name}', which the schema does not have; {hint}"
    words = properties.get(answer.status_field or "", ())
    if words and answer.refused_value is not None and answer.refused_value not in words:
        at, choices = source.at("answer.fields.refused"), ", ".join(map(str, words))
        yield f"{at}: answer.fields.refused is '{answer.refused_value}', which no answer may say there, but: {choices}"
