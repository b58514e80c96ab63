"""Everything a run reads, loaded and checked before anything is computed: a mistake costs seconds, not an hour."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from harness.arms import ARMS, Arm, arms_of, candidate_of
from harness.documents.corpus import Corpus, load_documents
from harness.engine.known_servers import server_key
from harness.engine.languages import unknown_languages
from harness.engine.part import WHOLE, RunPart
from harness.engine.probes import BESIDE
from harness.engine.store import code_key
from harness.engine.workers import Preload, worker_count
from harness.errors import InputError, raise_faults
from harness.files.hashing import content_hash, file_hash
from harness.files.input_file import is_there
from harness.files.read_files import ReadFile, note, read_settled
from harness.generation.python_call import file_of
from harness.generation.thinking import switches, template_in
from harness.golden.clusters import case_clusters
from harness.golden.load import load_cases, load_examples, load_probes
from harness.metrics.table import METRICS, Metric, in_force
from harness.prompts import shots
from harness.ratings.labels import NO_LABELS, Labels, label_files, of_files, read_labels
from harness.retrieval.embed import weights_key
from harness.scenario.arm_entries import AdapterFolder, AnswersFile, ArmEntry, HttpEndpoint, PythonCall, ServedModel
from harness.scenario.settings import Scenario
from harness.tuning.examples import drawn_examples
from harness.tuning.preferences import PreferencePair, load_preferences, preferences_in
from harness.types import Case, Example, Probe

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Request:
    """One question to an arm, with the id that its trace will carry."""

    id: str
    question: str
    probe: bool


@dataclass(frozen=True, slots=True)
class Inputs:
    """A scenario with its files."""

    scenario: Scenario
    cases: tuple[Case, ...]
    probes: tuple[Probe, ...]
    examples: tuple[Example, ...]
    corpus: Corpus
    clusters: dict[str, str]  # cluster label by case id
    corpus_key: str
    model_key: str  # identity of the generator's weights and tokenizer
    model_bytes: int
    thinks: bool = False  # whether the model can think first, by a switch of its chat template
    partial: str | None = None
    drills: bool = False  # whether the arms are asked again under drills
    arm_table: Mapping[str, Arm] = field(default_factory=lambda: ARMS)  # every arm that a scenario may name
    metrics: Mapping[str, Metric] = field(default_factory=lambda: METRICS)  # what every answer is scored by
    shots: tuple[tuple[str, str], ...] = ()  # worked examples as chat turns, where an arm is shown any
    languages: tuple[str, ...] = ()  # what the scenario's models do not know of its languages
    preload: Preload | None = None  # what a worker imports to know arms and metrics of somebody else's
    asked_since: str | None = None  # a server's answers from before are not taken; None: as was said of it last
    labels: Labels = NO_LABELS  # what people said of answers and of golden cases
    preferences: tuple[PreferencePair, ...] = ()  # of the scenario's file, and of examples that say what is rejected

    @property
    def arms(self) -> tuple[Arm, ...]:
        return arms_of(self.scenario.arms, str(self.scenario.dir / "scenario.yaml"), self.arm_table)

    @property
    def test_cases(self) -> tuple[Case, ...]:
        return tuple(case for case in self.cases if case.split == "test")

    def workers(self, processes: int | None = None) -> int:
        """Processes side by side: as many as suit the model and this machine, or as were asked for.

        A server is asked by one process: `models.concurrency` says how many questions are in flight.
        """
        return 1 if self.scenario.asks_a_server else worker_count(self.model_bytes, processes)

    @property
    def requests(self) -> tuple[Request, ...]:
        """Everything that an arm may be asked, in the order of the traces: golden cases, then probes."""
        return self._requests(self.probes)

    def requests_to(self, arm: Arm) -> tuple[Request, ...]:
        """The requests to one arm: all of them to the candidate, fewer probes to the others."""
        candidate = arm.name == self.scenario.candidate
        return self._requests(self.probes if candidate else spread(self.probes, BESIDE))

    def _requests(self, probes: Sequence[Probe]) -> tuple[Request, ...]:
        cases = [Request(case.id, case.question, False) for case in self.cases]
        return (*cases, *(Request(probe.id, probe.question, True) for probe in probes))

    @property
    def questions(self) -> tuple[str, ...]:
        """The texts of `requests`."""
        return tuple(request.question for request in self.requests)


def load_inputs(
    scenario: Scenario,
    part: RunPart = WHOLE,
    arms: Mapping[str, Arm] = ARMS,
    metrics: Mapping[str, Metric] = METRICS,
    preload: Preload | None = None,
    asked_since: str | None = None,
) -> Inputs:
    """Read and check every file of a scenario.

    Args:
        arms: the table that the scenario's arms are looked up in.
        metrics: what every answer is scored by.
        preload: what a worker imports first, where rows of the tables come from elsewhere.
        asked_since: a server's answers from before are not taken; None: as was said of that server last.

    Raises:
        InputError: a file is missing or wrong, an arm lacks what it needs, or nothing is left to ask.
    """
    scenario = scenario if part.arms is None else _with_arms(scenario, part.arms, arms)
    rows = arms_of(scenario.arms, str(scenario.dir / "scenario.yaml"), arms)
    _check(scenario, rows, arms)
    reading = _Reading()
    corpus = reading(scenario.corpus, load_documents) or Corpus(())
    cases = reading(_golden(scenario), lambda path: _cases(scenario, path, corpus, part))
    examples = reading(scenario.examples, lambda path: load_examples(path, scenario.answer.system))
    pairs = reading(scenario.preferences, load_preferences) if scenario.preferences else ()
    probes = reading(scenario.probes, load_probes) if not part.cases else ()
    worked = reading(_few_shot(scenario, rows), lambda path: shots(load_examples(path, scenario.answer.system)))
    labels = reading.labels(scenario.dir)
    scenario = replace(scenario, files=(*reading.files, *_opened_later(scenario)))
    key, size, thinks = _model(scenario, asked_since)
    scenario = _with_precision(scenario, size)
    assert cases is not None  # _golden refuses a scenario without any
    return Inputs(
        scenario=scenario,
        cases=cases,
        probes=probes or (),
        examples=drawn_examples(examples or (), scenario.tuning, scenario.seed),
        preferences=(*(pairs or ()), *preferences_in(examples or ())),
        shots=worked or (),
        corpus=corpus,
        clusters=case_clusters(cases, [*corpus.documents, *corpus.passages]),
        corpus_key=corpus_key_of(scenario),
        model_key=key,
        model_bytes=size,
        thinks=thinks,
        partial=part.reason,
        arm_table=arms,
        metrics=in_force(metrics, scenario.models.judge),
        preload=preload,
        languages=unknown_languages(scenario, corpus, cases),
        asked_since=asked_since,
        labels=labels,
    )


@dataclass(slots=True)
class _Reading:
    """The inputs as far as they have been read."""

    files: list[ReadFile] = field(default_factory=list)

    def __call__(self, path: Path | None, load: Callable[[Path], T]) -> T | None:
        """The content of a file; None where the scenario names none."""
        if path is None:
            return None
        value, file = read_settled(path, load)
        self.files.append(file)
        return value

    def labels(self, scenario: Path) -> Labels:
        """People's labels beside a scenario, each file as it was read."""
        files = tuple(file for path in label_files(scenario) if (file := self(path, read_labels)) is not None)
        return of_files(files)


def _opened_later(scenario: Scenario) -> list[ReadFile]:
    """Files that are opened by a step of a run."""
    tasks = Path(scenario.forgetting.tasks)
    paths = (scenario.drills.paraphrases, scenario.drills.changes, tasks if is_there(tasks) else None)
    elsewhere = [path for entry in scenario.entries if (path := _path_of(entry)) is not None]
    return [note(path) for path in (*paths, *scenario.extensions, *elsewhere) if path is not None]


def _path_of(entry: ArmEntry) -> Path | None:
    """The file or folder that an arm's answers come from; None where they come from nowhere on disk."""
    match entry.source:
        case AdapterFolder(path) | AnswersFile(path):
            return path
        case PythonCall():
            return file_of(entry.source)
    return None


def _golden(scenario: Scenario) -> Path:
    if scenario.golden is None:
        raise InputError(f"{scenario.dir / 'scenario.yaml'}: no 'golden'; name the golden set")
    return scenario.golden


def _with_arms(scenario: Scenario, arms: tuple[str, ...], table: Mapping[str, Arm]) -> Scenario:
    """The scenario with other arms; where they lack its candidate, the last that could be shipped takes its place."""
    real = [name for name in arms if name not in table or not table[name].oracle] or list(arms)
    return replace(scenario, arms=arms, candidate=scenario.candidate if scenario.candidate in arms else real[-1])


def _few_shot(scenario: Scenario, rows: Sequence[Arm]) -> Path | None:
    """The file of worked examples, where an arm is shown any."""
    return scenario.answer.few_shot if any(arm.few_shot for arm in rows) else None


def _check(scenario: Scenario, rows: Sequence[Arm], arms: Mapping[str, Arm]) -> None:
    """Refuse what the settings alone show to be wrong."""
    candidate_of(scenario, arms)
    _check_needs(scenario, rows)
    _check_server(scenario)


def _check_needs(scenario: Scenario, arms: Sequence[Arm]) -> None:
    file = scenario.dir / "scenario.yaml"
    needs = (
        ("golden", scenario.golden, [arm.name for arm in arms]),
        ("corpus", scenario.corpus, [arm.name for arm in arms if arm.retriever]),
        ("examples", scenario.examples, [arm.name for arm in arms if arm.adapter]),
        ("answer.few_shot", scenario.answer.few_shot, [arm.name for arm in arms if arm.few_shot]),
        ("answer.schema", scenario.answer.schema, [arm.name for arm in arms if arm.constrained]),
    )
    raise_faults([
        f"{file}: no '{key}', which these arms need: {', '.join(users)}; add it or drop the arms"
        for key, path, users in needs
        if users and path is None
    ])  # fmt: skip


def _check_server(scenario: Scenario) -> None:
    """Refuse a server whose key is not set, before anything is done."""
    entries = [entry.source for entry in scenario.entries]
    names = [source.api_key_env for source in entries if isinstance(source, HttpEndpoint | ServedModel)]
    names += [scenario.models.api_key_env] if scenario.models.base_url is not None else []
    for name in dict.fromkeys(names):
        from harness.generation.endpoint import read_key  # with what speaks to servers

        read_key(name)
    judge = scenario.models.judge
    if judge.is_set and judge.api_key_env is not None:
        from harness.generation.endpoint import read_key

        read_key(judge.api_key_env, "models.judge.api_key_env")


def _cases(scenario: Scenario, golden: Path, corpus: Corpus, part: RunPart) -> tuple[Case, ...]:
    documents = corpus.documents if scenario.corpus else None
    every = load_cases(golden, documents, corpus.passages, skipped=corpus.skipped)
    cases = [case for case in every if case.split != "train"]
    if part.cases:
        unknown = sorted(set(part.cases) - {case.id for case in cases})
        if unknown:
            raise InputError(f"{golden}: no case {', '.join(unknown)}; ids look like {cases[0].id}")
        cases = [case for case in cases if case.id in part.cases]
    if part.limit is not None:
        by_split = [[case for case in cases if case.split == split] for split in ("dev", "test")]
        cases = [case for rows in by_split for case in spread(rows, part.limit)]
    if not any(case.split == "test" for case in cases):
        problem = f"none of {len(cases)} cases to ask is of split 'test'"
        raise InputError(f"{golden}: {problem}, and verdicts read no other; mark cases with split: test")
    return tuple(cases)


def spread(items: Sequence[T], limit: int) -> list[T]:
    """`limit` items at even distances, so that every part of the file is among them."""
    if len(items) <= limit:
        return list(items)
    return [items[int(i * len(items) / limit)] for i in range(limit)]


def corpus_key_of(scenario: Scenario) -> str:
    """Hash of everything that the index of a scenario depends on; empty without a corpus."""
    if scenario.corpus is None:
        return ""
    pages, code = scenario.hash_of(scenario.corpus), code_key("documents", "retrieval", "language")
    return content_hash([pages, scenario.retrieval, weights_key(scenario.models.embedder), code])


def _with_precision(scenario: Scenario, weight_bytes: int) -> Scenario:
    """The scenario with the type of its model's products said."""
    from harness.generation.load import locate
    from harness.generation.precision import products_of

    models = scenario.models
    if models.base_url is not None:
        return scenario
    four_bits = scenario.tuning.quantization == "nf4"
    folder = locate(models.generator)
    setting = scenario.precision_in_file or models.precision
    precision = products_of(setting, folder, weight_bytes, models.generator, four_bits)
    return replace(scenario, models=replace(models, precision=precision), precision_in_file=setting)


def _model(scenario: Scenario, asked_since: str | None) -> tuple[str, int, bool]:
    """Identity and size of the generator, and whether it can think: of its files where they are local, else of its
    name and of when its server was last said to be asked again."""
    from harness.generation.load import locate, weights_hash
    from harness.generation.model_files import regular_files

    models = scenario.models
    if models.base_url is not None:
        return server_key(models, asked_since), 0, False
    folder = locate(models.generator)
    files = regular_files(folder)
    options = switches(template, models.thinking, models.generator) if (template := template_in(folder)) else {}
    small = [file_hash(file) for file in files if file.suffix in (".json", ".jinja", ".model")]
    size = sum(file.stat().st_size for file in files if file.suffix == ".safetensors")
    return content_hash([weights_hash(folder), small, options]), size, bool(options)
