"""Preflight: what of a scenario could only fail later, found before any work, all of it at once.

    scenario.yaml: tuning.targets: smollm2 has no layer 'q_prj'; did you mean 'q_proj'?

The rows of CHECKS look at files and settings together; none of them loads a model. `harness run` and `--dry-run` ask
them, unless the same run is finished already.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from harness.advice.parse import parse_advice
from harness.drills.files import read_texts
from harness.engine.inputs import Inputs
from harness.errors import EnvironmentFailure, InputError, MissingExtra, raise_faults
from harness.files.input_file import is_there
from harness.forgetting.ask import check_tasks
from harness.generation import builtin, model_files
from harness.generation.adapter_fit import base_fault, check_folder, fit_fault
from harness.generation.constrained import schema_fault
from harness.generation.load import layers_of_model, locate, weights_hash
from harness.golden.answers import load_answers
from harness.golden.load import load_examples
from harness.prompts import render, shots
from harness.retrieval.analyse import normalise
from harness.retrieval.embed import check_embedder
from harness.retrieval.filters import matching_rows
from harness.retrieval.rerank import check_reranker
from harness.safety.prompts import read_prompts
from harness.scenario.arm_entries import AdapterFolder
from harness.scenario.bounds import nearest
from harness.tuning.examples import own_examples
from harness.tuning.outputs import refusal_in_form
from harness.tuning.preference_rows import own_pairs
from harness.types import Passage, Prompt

LONGEST = 20  # questions, by characters, whose tokens are counted

Check = Callable[[Inputs], Iterator[str]]


def preflight(inputs: Inputs) -> None:
    """Refuse what would fail after an hour.

    Raises:
        InputError: all that was found, a line each.
        EnvironmentFailure: nothing is wrong, but a model is on a hub that cannot be reached.
    """
    faults: list[str] = []
    failures: list[EnvironmentFailure] = []
    for check in CHECKS:
        try:
            faults += check(inputs)
        except EnvironmentFailure as failure:
            failures.append(failure)
        except InputError as error:
            faults += str(error).split("\n")
    raise_faults([fault if _placed(fault, inputs) else f"{_file(inputs)}: {fault}" for fault in faults])
    if failures:
        raise failures[0]


def _file(inputs: Inputs) -> Path:
    return inputs.scenario.dir / "scenario.yaml"


def _placed(fault: str, inputs: Inputs) -> bool:
    """Whether a fault begins with a place already."""
    return fault.startswith(("/", str(_file(inputs)), f"{inputs.scenario.dir}/"))


# --- the rows -----------------------------------------------------------------------------------------------------


def _advice(inputs: Inputs) -> Iterator[str]:
    """The questionnaire, which the report reads at the end."""
    if inputs.scenario.advice is not None:
        parse_advice(inputs.scenario.advice, f"{_file(inputs)}: advice")
    yield from ()


def _served(inputs: Inputs) -> Iterator[str]:
    """A server's model cannot be tuned here."""
    models, tuned = inputs.scenario.models, [arm.name for arm in inputs.arms if arm.tuned]
    if models.base_url is not None and tuned:
        verb = "trains an adapter, which needs" if len(tuned) == 1 else "train adapters, which need"
        yield (
            f"{', '.join(tuned)} {verb} the weights of {models.generator} here, and models.base_url has only its "
            "answers; take base_url out, or run arms: [baseline, rag] (an adapter that the server serves under a name "
            "of its own is asked by that name, as models.generator)"
        )


def _model(inputs: Inputs) -> Iterator[str]:
    """The generator's files: whole weights, a tokenizer, a chat template that comes to an end."""
    name, folder = _local(inputs)
    if folder is None or name in builtin.MODELS:
        return
    model_files.read_config(folder)
    model_files.layers(folder)
    if is_there(folder / "adapter_config.json"):
        yield (
            f"models.generator: {folder} is the folder of an adapter (adapter_config.json); name its base model, or "
            "merge it: harness adapters merge"
        )
    if (fault := model_files.shape_fault(folder)) is not None:
        yield f"models.generator: {folder / 'config.json'}: {fault}; copy the model again"
    if (fault := model_files.template_fault(folder)) is not None:
        yield f"models.generator: model {name!r}: {fault}"


def _context(inputs: Inputs) -> Iterator[str]:
    """The longest prompts without passages, and an answer, fit the model's context."""
    name, folder = _local(inputs)
    window = None if folder is None else model_files.window(folder)
    most = inputs.scenario.answer.max_new_tokens
    if folder is None or window is None:
        return
    if most >= window:
        yield (
            f"answer.max_new_tokens is {most}, but {name} has a context of {window} tokens for prompt and answer "
            "together; lower it"
        )
        return
    longest = sorted(inputs.questions, key=len)[-LONGEST:]
    few = any(arm.few_shot for arm in inputs.arms) and inputs.scenario.answer.few_shot is not None
    worked = (
        shots(load_examples(inputs.scenario.answer.few_shot, "")) if few and inputs.scenario.answer.few_shot else ()
    )
    prompts = [render(question, inputs.scenario.answer.system, (), worked) for question in longest]
    if sum(len(message.content) for prompt in prompts for message in prompt) < window - most:
        return  # fewer characters in all than there is room for tokens
    sizes = _least_tokens(folder, prompts)
    if sizes and max(sizes) + most > window:
        start = longest[sizes.index(max(sizes))][:60]
        yield (
            f"a prompt has {max(sizes)} tokens before any passage ({start}…), answer.max_new_tokens is {most}, but "
            f"{name} has a context of {window}; shorten the system message or the examples, or lower max_new_tokens"
        )


def _least_tokens(folder: Path, prompts: list[Prompt]) -> list[int]:
    """Tokens of prompts, those of the chat template not counted."""
    count = model_files.token_counter(folder)
    return [] if count is None else [sum(count([message.content for message in prompt])) for prompt in prompts]


def _targets(inputs: Inputs) -> Iterator[str]:
    """The layers that adapters go onto are the model's."""
    name, folder = _local(inputs)
    settings = inputs.scenario.tuning
    targets = settings.targets
    if folder is None or targets == ("all-linear",) or not _trains(inputs) or settings.adapter in ("prefix", "full"):
        return
    layers = model_files.layers(folder)
    missing = [target for target in targets if not _has(layers, target)]
    if (
        missing and name not in builtin.MODELS
    ):  # the library may rename what a file holds: the model's own layers have the last word
        layers = layers_of_model(folder)
    last = sorted({layer.rsplit(".", 1)[-1] for layer in layers})
    for target in missing:
        if not _has(layers, target):
            near = nearest(target, last)
            hint = f"did you mean '{near}'?" if near else f"it has: {', '.join(last)}, or write all-linear"
            yield f"tuning.targets: {name} has no layer '{target}'; {hint}"


def _has(layers: frozenset[str], target: str) -> bool:
    return any(layer == target or layer.endswith(f".{target}") for layer in layers)


def _quantization(inputs: Inputs) -> Iterator[str]:
    """4 bits need a library; it runs on a CPU, too."""
    local = inputs.scenario.models.base_url is None and any(arm.by_model for arm in inputs.arms)
    settings = inputs.scenario.tuning
    key = "quantization: nf4" if settings.quantization == "nf4" else "adapter: qlora"
    asks = settings.quantization == "nf4" or (settings.adapter == "qlora" and _trains(inputs))
    if local and asks and find_spec("bitsandbytes") is None:
        yield f"tuning.{key}: {MissingExtra('bitsandbytes', 'quantization')}"
    if settings.adapter == "full" and settings.quantization == "nf4" and _trains(inputs):
        yield "tuning.adapter: a base of 4 bits cannot take 'full'; set tuning.quantization to none, or write qlora"


def _embedder(inputs: Inputs) -> Iterator[str]:
    if any(arm.retriever for arm in inputs.arms):
        check_embedder(inputs.scenario.models.embedder)
    yield from ()


def _reranker(inputs: Inputs) -> Iterator[str]:
    if any(arm.retriever for arm in inputs.arms):
        check_reranker(inputs.scenario.models.reranker)
    yield from ()


def _filters(inputs: Inputs) -> Iterator[str]:
    """The filters let something through. A passage has the metadata of its document."""
    filters, corpus = inputs.scenario.retrieval.filters, inputs.corpus
    if filters and any(arm.retriever for arm in inputs.arms):
        documents = [Passage(d.id, d.id, d.title, "", d.timestamp, d.metadata) for d in corpus.documents]
        matching_rows([*documents, *(replace(passage, text="") for passage in corpus.passages)], filters)
    yield from ()


def _ability(inputs: Inputs) -> Iterator[str]:
    """The items by which forgetting is measured."""
    check_tasks(inputs.scenario.forgetting, read=_tunes(inputs))
    yield from ()


def _safety(inputs: Inputs) -> Iterator[str]:
    if inputs.scenario.safety.prompts != "none" and _tunes(inputs):
        read_prompts(inputs.scenario.safety, inputs.scenario.seed)
    yield from ()


def _worked(inputs: Inputs) -> Iterator[str]:
    """Worked examples, which are read when the first such arm is asked."""
    file = inputs.scenario.answer.few_shot
    if file is None:
        return
    worked = shots(load_examples(file, inputs.scenario.answer.system))
    users = [arm.name for arm in inputs.arms if arm.few_shot]
    if users and not worked:
        yield f"{file}: no example in it, so that {', '.join(users)} would show none; write one, or drop the arm"


def _examples(inputs: Inputs) -> Iterator[str]:
    """Every adapter has examples of its book, and one of them fits the tokens that it is trained with."""
    tuning = inputs.scenario.tuning
    recipes = dict.fromkeys(recipe for arm in inputs.arms if (recipe := arm.recipe(tuning.method)) is not None)
    alone = {recipe for recipe in recipes if recipe.method == "dpo" and tuning.dpo_from == "base"}
    for book in dict.fromkeys(recipe.book for recipe in recipes if recipe not in alone):
        own_examples(inputs.examples, book == "open_book")
    for book in dict.fromkeys(recipe.book for recipe in recipes if recipe.method == "dpo"):
        own_pairs(inputs.preferences, book == "open_book")
    if tuning.without_oracle == "refusal" and tuning.oracle_share < 1 and any(r.method == "raft" for r in recipes):
        refusal_in_form(inputs.scenario.answer)  # InputError says what it lacks
    yield from _leaks(inputs)
    _, folder = _local(inputs)
    limit = inputs.scenario.tuning.max_length
    prompts = [render(example.user, inputs.scenario.answer.system, (), ()) for example in inputs.examples]
    shortest = sorted(prompts, key=lambda prompt: sum(len(message.content) for message in prompt))[:LONGEST]
    if folder is None or not _trains(inputs) or not shortest:
        return
    if min(_least_tokens(folder, shortest), default=0) <= limit:
        return
    if min(_least_tokens(folder, prompts)) > limit:
        yield f"tuning.max_length is {limit} tokens, and the prompt of every example is longer; raise it"


def _leaks(inputs: Inputs) -> Iterator[str]:
    """Preference pairs are about no golden case that judges; those of dev are what failures are taken from."""
    if inputs.scenario.preferences is None:
        return
    exam = {case.id for case in inputs.test_cases}
    questions = {normalise(case.question).lower() for case in inputs.test_cases}
    for pair in inputs.preferences:
        if pair.case in exam or normalise(pair.question).lower() in questions:
            yield f"{pair.where}: a preference pair about a golden case of the test split; take it out"


def _constrained(inputs: Inputs) -> Iterator[str]:
    """Answers can be held to the schema while they are written."""
    arms = [arm.name for arm in inputs.arms if arm.constrained]
    if not arms or inputs.scenario.answer.schema is None:
        return
    if inputs.scenario.models.thinking:
        yield f"{', '.join(arms)}: a model that thinks first cannot be held to a schema from its first token"
    fault = schema_fault(json.dumps(inputs.scenario.answer.schema))
    if fault is not None:
        yield f"answer.schema: {', '.join(arms)} cannot be held to it while they write: {fault}; drop these arms"


def _adapters(inputs: Inputs) -> Iterator[str]:
    """Adapters from elsewhere are of this base: by the hash that they name, and by the shapes of their matrices."""
    name, folder = _local(inputs)
    for arm in inputs.arms:
        if isinstance(arm.source, AdapterFolder) and folder is not None:
            adapter = arm.source.folder
            check_folder(adapter)
            fault = base_fault(adapter, weights_hash(folder), name) or fit_fault(adapter, folder)
            if fault is not None:
                yield f"arms: {arm.name}: adapter {adapter}: {fault}"


def _answers(inputs: Inputs) -> Iterator[str]:
    """Answers made elsewhere are to these questions."""
    for arm in inputs.arms:
        if arm.file is not None:
            answers = load_answers(arm.file.file)
            if inputs.partial is None and not answers.keys() & {case.id for case in inputs.cases}:
                first = next(iter(answers))
                yield (
                    f"{arm.file.file}: none of its {len(answers)} ids is one of a golden case (first: {first}); "
                    f"write the ids of {inputs.scenario.golden}"
                )


def _probes(inputs: Inputs) -> Iterator[str]:
    """Answers are kept by the id of their question: a probe has none that a case has."""
    ids = {case.id for case in inputs.cases}
    for probe in inputs.probes:
        if probe.id in ids:
            yield f"{inputs.scenario.probes}: probe '{probe.id}' has the id of a golden case; give it another"
            return


def _paraphrases(inputs: Inputs) -> Iterator[str]:
    yield from _of_cases(inputs, inputs.scenario.drills.paraphrases, "question")


def _changes(inputs: Inputs) -> Iterator[str]:
    yield from _of_cases(inputs, inputs.scenario.drills.changes, "old", "new")


def _of_cases(inputs: Inputs, file: Path | None, *keys: str) -> Iterator[str]:
    """A drill's file is read, and is about this golden set. A part of a run leaves cases out."""
    if file is None:
        return
    ids = {row["id"] for row in read_texts(file, "id", *keys)}
    if inputs.partial is None and not ids & {case.id for case in inputs.cases}:
        yield f"{file}: none of its {len(ids)} ids is one of a golden case; write the ids of {inputs.scenario.golden}"


def _judge(inputs: Inputs) -> Iterator[str]:
    """The libraries that judge, which load only where a judge is set."""
    judge = inputs.scenario.models.judge
    if judge.is_set:
        from harness.judges.judge import libraries

        for check in libraries(judge):
            try:
                check()
            except MissingExtra as error:
                yield f"models.judge.metrics: {error}"
    yield from ()


def _grounding(inputs: Inputs) -> Iterator[str]:
    """The classifier is of a kind that can be read."""
    if inputs.scenario.models.grounding != "rules":
        from harness.judges.classifiers import check_classifier

        try:
            check_classifier(inputs.scenario.models.grounding)
        except InputError as error:
            yield f"models.grounding: {error}"
    yield from ()


CHECKS: tuple[Check, ...] = (
    _advice, _served, _model, _context, _targets, _quantization, _embedder, _reranker, _filters, _ability, _safety,
    _worked, _examples, _constrained, _adapters, _answers, _probes, _paraphrases, _changes, _judge, _grounding,
)  # fmt: skip


# --- what several ask ---------------------------------------------------------------------------------------------


def _tunes(inputs: Inputs) -> bool:
    """Whether an arm carries an adapter."""
    return any(arm.tuned for arm in inputs.arms)


def _trains(inputs: Inputs) -> bool:
    """Whether an adapter is trained here."""
    return any(arm.adapter is not None for arm in inputs.arms)


def _local(inputs: Inputs) -> tuple[str, Path | None]:
    """The generator's name and folder; no folder where a server or a system of somebody's own answers."""
    models = inputs.scenario.models
    by_model = any(arm.by_model for arm in inputs.arms)
    return models.generator, locate(models.generator) if models.base_url is None and by_model else None
