"""Parity: the golden questions asked of an adapter as it was measured, and as it is served.

    parity(ParityTerms("adapters/june", "my-project", served="http://127.0.0.1:8000/v1", model="june-lora"))

What was measured is a local adapter merged into its base, or the stored answers of an arm of a run. What is served is
an endpoint, or another form on this machine: unmerged, quantised, another adapter's folder, a merged model's folder.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness.arms import ARMS, Arm, BuiltArm, arm_of
from harness.engine.execute import bring_to_end
from harness.engine.part import RunPart
from harness.engine.progress import Progress, silent
from harness.errors import InputError
from harness.files.input_file import is_file
from harness.files.paths import find_scenario, reports_dir
from harness.generation.adapter_fit import fit_fault
from harness.generation.adapter_folder import CONFIG
from harness.generation.load import load_tokenizer, locate
from harness.generation.local import LocalGenerator, load_generator, unmerged
from harness.history.sameness import FLOOR, AskedTwice, Sameness, Tokens, sameness
from harness.record.files import RECORD, StoredRun, load_run
from harness.runs.start import Ready, make_ready
from harness.scenario.address import address_fault
from harness.scenario.arm_entries import ArmEntry, ServedModel
from harness.scenario.load import load_scenario
from harness.scenario.settings import Scenario
from harness.stages.models import build_arm
from harness.stages.search import search_of
from harness.types import Failure, Hit, Reply

QUESTIONS = 40
FORMS = ("unmerged", "nf4")


@dataclass(frozen=True, slots=True)
class ParityTerms:
    """What is held against what."""

    measured: str  # an adapter's folder, or RUN:ARM whose stored answers count
    scenario: str | None  # None: the run's
    served: str  # address of an endpoint, unmerged, nf4, or the folder of an adapter or of a merged model
    model: str | None = None  # the name under which an endpoint serves it
    api_key_env: str | None = None
    base: str | None = (
        None  # the arm whose prompts it is asked with; None: rag where the scenario runs it, else baseline
    )
    questions: int = QUESTIONS
    floor: float = FLOOR
    progress: Progress = field(default=silent)


@dataclass(frozen=True, slots=True)
class GoldenSample:
    """The questions of a comparison, with the passages that each is asked with."""

    ids: tuple[str, ...]
    questions: tuple[str, ...]
    hits: tuple[tuple[Hit, ...], ...]


def parity(terms: ParityTerms) -> Sameness | str:
    """The outcome; a text where an adapter could have no effect at all, which needs no question.

    Raises:
        InputError: no such adapter, run, form or server; the server refuses every question.
        EnvironmentFailure: it cannot be reached.
    """
    run, arm_name = _run_of(terms.measured)
    scenario = _scenario(terms, run)
    _check_form(terms)
    section = None if run is None else run.record.arm(arm_name)
    own = None if section is None else section.base
    name = terms.base or own or ("rag" if "rag" in scenario.arms else "baseline")
    folders = [Path(text) for text in (terms.measured, terms.served) if is_file(Path(text) / CONFIG)]
    if (dead := _without_effect(scenario, folders)) is not None:
        return dead
    return _asked_in_both(terms, scenario, name, run, arm_name)


def _scenario(terms: ParityTerms, run: StoredRun | None) -> Scenario:
    if terms.scenario is None and run is None:
        raise InputError("parity: the golden questions of which scenario? name it with --scenario")
    folder = terms.scenario or (run.record.scenario.dir if run is not None else "")
    return load_scenario(find_scenario(folder))


def _run_of(name: str) -> tuple[StoredRun | None, str]:
    """The run and the arm that RUN:ARM names; no run where it is something else."""
    run, _, arm = name.rpartition(":")
    for folder in (Path(run), reports_dir() / run):
        if run and is_file(folder / RECORD):
            archive = load_run(folder)
            if archive.record.arm(arm) is None:
                raise InputError(f"{folder}: no arm '{arm}' in it; its arms: {', '.join(archive.record.arm_names)}")
            return archive, arm
    return None, ""


def _without_effect(scenario: Scenario, adapters: Sequence[Path]) -> str | None:
    """Why an adapter would change nothing, found in the names of its matrices."""
    if scenario.models.base_url is not None:
        return None
    for adapter in adapters:
        if (fault := fit_fault(adapter, locate(scenario.models.generator))) is not None:
            return f"NOT what was measured: adapter {adapter}: {fault}"
    return None


# --- the questions ------------------------------------------------------------------------------------------------


def _asked_in_both(terms: ParityTerms, scenario: Scenario, base: str, run: StoredRun | None, arm: str) -> Sameness:
    ready = make_ready(str(scenario.dir), RunPart(arms=(base,)))
    sample = _sample(ready, terms, run, arm)
    plain = build_arm(ready.scenario, ready.inputs.arms[0], None, None, ready.inputs.shots)
    if run is None:
        reference = _texts(_with_adapter(plain, Path(terms.measured)), sample)
    else:
        reference = _texts_of_run(run, arm, sample)
    base_texts = _texts_of_run(run, base, sample) if run and run.record.arm(base) else _texts(plain, sample)
    served = _texts(_served_arm(terms, ready, plain, base), sample)
    rows = [AskedTwice(*row) for row in zip(sample.ids, reference, served, base_texts, strict=True)]
    return sameness(rows, _tokens(scenario), terms.floor)


def _sample(ready: Ready, terms: ParityTerms, run: StoredRun | None, arm: str) -> GoldenSample:
    """Test cases drawn by the scenario's seed; with the passages of the run, or those that are found now."""
    cases = ready.inputs.test_cases
    picks = sorted(random.Random(ready.scenario.seed).sample(range(len(cases)), min(terms.questions, len(cases))))
    ids, questions = [cases[i].id for i in picks], [cases[i].question for i in picks]
    if run is not None:
        passages = {t.case_id: t.answer.hits for t in run.traces if t.arm == arm and t.answer}
        return GoldenSample(tuple(ids), tuple(questions), tuple(passages.get(id, ()) for id in ids))
    search = search_of(ready.inputs, ready.planned) if ready.inputs.arms[0].retriever else None
    if search is None:
        return GoldenSample(tuple(ids), tuple(questions), ((),) * len(ids))
    if search.reranker is not None:
        bring_to_end(search.reranker, ready.store, terms.progress)
    retrievals = search.retriever(ready.store, terms.progress).retrieve(questions)
    return GoldenSample(tuple(ids), tuple(questions), tuple(retrieval.hits for retrieval in retrievals))


def _texts_of_run(run: StoredRun, arm: str, sample: GoldenSample) -> list[str | None]:
    texts = {trace.case_id: trace.answer.raw for trace in run.traces if trace.arm == arm and trace.answer}
    return [texts.get(id) for id in sample.ids]


def _texts(arm: BuiltArm, sample: GoldenSample) -> list[str | None]:
    """The answers of an arm, greedy; None where there is none."""
    prompts = [arm.fit(question, hits).prompt for question, hits in zip(sample.questions, sample.hits, strict=True)]
    replies: Sequence[Reply] = arm.generator.generate(prompts, arm.decoding)
    return [None if isinstance(reply, Failure) else reply.text for reply in replies]


# --- the forms ----------------------------------------------------------------------------------------------------


def _local(arm: BuiltArm) -> LocalGenerator:
    if not isinstance(arm.generator, LocalGenerator):
        raise InputError(
            "parity: models.base_url names a server, and a local adapter needs the weights of its base here"
        )
    return arm.generator


def _with_adapter(arm: BuiltArm, adapter: Path) -> BuiltArm:
    if not is_file(adapter / CONFIG):
        raise InputError(f"{adapter}: neither an adapter's folder ({CONFIG} in it) nor RUN:ARM of a finished run")
    return replace(arm, generator=_local(arm).with_adapter(adapter))


def _check_form(terms: ParityTerms) -> None:
    """Refuse what is no form before anything is asked."""
    served, folder = terms.served, Path(terms.served)
    if served.startswith(("http://", "https://")):
        if (fault := address_fault(served)) is not None:
            raise InputError(f"--served {fault}")
        if terms.model is None:
            raise InputError("parity: an endpoint serves an adapter under a name of its own; give it with --model NAME")
    elif is_file(folder / CONFIG) or is_file(folder / "config.json"):
        return
    elif served not in FORMS:
        raise InputError(
            f"--served {served}: no address (http...), no form ({', '.join(FORMS)}), no folder of an adapter or a model"
        )
    elif not is_file(Path(terms.measured) / CONFIG):
        raise InputError(f"parity: {served} is a form of an adapter's folder; name that in place of {terms.measured}")


def _served_arm(terms: ParityTerms, ready: Ready, plain: BuiltArm, base: str) -> BuiltArm:
    """The form that is served."""
    if terms.model is not None and terms.served.startswith(("http://", "https://")):
        source = ServedModel(terms.model, terms.served, terms.api_key_env)
        arm: Arm = arm_of(ArmEntry(f"served {terms.model}", source, base), ARMS)
        return build_arm(ready.scenario, arm, None, None, ready.inputs.shots)
    folder = Path(terms.served)
    models = ready.scenario.models
    if is_file(folder / CONFIG):
        return _with_adapter(plain, folder)
    if terms.served == "unmerged":
        return replace(plain, generator=unmerged(_local(plain), Path(terms.measured)))
    if terms.served == "nf4":
        quantised = load_generator(models.generator, quantization="nf4", thinking=models.thinking)
        return replace(plain, generator=quantised.with_adapter(Path(terms.measured)))
    return replace(plain, generator=load_generator(str(folder), thinking=models.thinking))


def _tokens(scenario: Scenario) -> Tokens:
    """The base's tokens where its tokenizer is here, else words."""
    if scenario.models.base_url is not None:
        return lambda text: re.findall(r"\w+|\W", text)
    tokenizer, _ = load_tokenizer(scenario.models.generator, scenario.models.thinking)
    return lambda text: list(tokenizer.encode(text, add_special_tokens=False))
