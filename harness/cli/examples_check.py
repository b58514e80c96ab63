"""`harness examples check`: what a scenario trains on, looked at before anything is trained."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.characters import printable
from harness.cli.options import JsonOption, ScenarioArgument
from harness.errors import EnvironmentFailure, InputError
from harness.stats.numbers import show_count

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.scenario.settings import Scenario
    from harness.tuning.lint import TrainingMaterial


def check_command(
    scenario: ScenarioArgument,
    pairs: Annotated[Path | None, typer.Option(help="A file of preference pairs to check beside the examples.")] = None,
    as_json: JsonOption = False,
) -> int:
    """Check tuning examples and pairs: exit 2 where there are findings, 0 with notes alone."""
    from harness.files.paths import find_scenario
    from harness.golden.check import Finding
    from harness.golden.example_faults import spoilt
    from harness.record.codec import to_json
    from harness.scenario.load import load_scenario
    from harness.tuning.balance import balance
    from harness.tuning.lint import lint

    settings = load_scenario(find_scenario(scenario))
    material = _material(settings, pairs)
    findings = [Finding(where, "examples", message) for where, message in spoilt(material.examples)]
    findings += lint(material)
    serious = sum(finding.level == "finding" for finding in findings)
    shares = balance(material.examples, settings.answer)
    if as_json:
        facts = {"examples": len(material.examples), "pairs": len(material.pairs), "findings": findings}
        typer.echo(to_json({**facts, "serious": serious, "balance": shares}, indent=1))
    else:
        for finding in findings:
            level = "" if finding.level == "finding" else "note: "
            typer.echo(printable(f"{finding.where}: {level}{finding.rule}: {finding.message}"))
        counts = f"{show_count(len(material.examples), 'example')}, {show_count(len(material.pairs), 'pair')}"
        typer.echo(f"{counts}; findings: {serious}; notes: {len(findings) - serious}")
        typer.echo(f"  {_counts(shares.intents)}; {_counts(shares.difficulty)}; refusals {shares.refusals}")
    return InputError.exit_code if serious else 0


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items() if count)


def _material(scenario: Scenario, pairs: Path | None) -> TrainingMaterial:
    from harness.documents.corpus import Corpus, load_documents
    from harness.golden.load import load_cases, load_examples
    from harness.tuning.lint import TrainingMaterial
    from harness.tuning.preferences import load_preferences, preferences_in

    file = scenario.dir / "scenario.yaml"
    if scenario.examples is None and pairs is None:
        raise InputError(f"{file}: no 'examples'; name the tuning examples to check, or --pairs FILE")
    examples = load_examples(scenario.examples, scenario.answer.system) if scenario.examples else ()
    corpus = load_documents(scenario.corpus) if scenario.corpus is not None else Corpus(())
    return TrainingMaterial(
        settings=str(file),
        tuning=scenario.tuning,
        format=scenario.answer,
        examples=examples,
        pairs=(*(load_preferences(pairs) if pairs else ()), *preferences_in(examples)),
        cases=load_cases(scenario.golden, answers_required=False) if scenario.golden else (),
        documents=corpus.documents,
        passages=corpus.passages,
        updates_per_month=_updates(scenario),
        shapes=_shapes(scenario),
    )


def _updates(scenario: Scenario) -> float | None:
    facts = scenario.advice.get("facts") if scenario.advice else None
    value = facts.get("updates_per_month") if isinstance(facts, dict) else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _shapes(scenario: Scenario) -> Mapping[str, Sequence[int]]:
    """The shapes of the model's weights, read from the heads of its files; nothing where it is not on this machine."""
    from harness.generation.load import locate
    from harness.generation.model_files import shapes_of

    if scenario.models.base_url is not None:
        return {}
    try:
        return shapes_of(locate(scenario.models.generator))
    except (InputError, EnvironmentFailure):
        return {}
