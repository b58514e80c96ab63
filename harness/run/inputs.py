"""Everything a run reads, loaded and checked before anything is computed: a mistake costs seconds, not an hour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from harness.arms import ARMS, Arm, arms_of, candidate_of
from harness.errors import InputError
from harness.golden.clusters import case_clusters
from harness.golden.load import load_cases, load_examples, load_probes
from harness.hashing import content_hash, file_hash
from harness.retrieval.documents import Loaded, load_documents
from harness.run.probes import BESIDE
from harness.run.store import code_key
from harness.scenario.settings import Scenario
from harness.types import Case, Example, Probe

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Part:
    """What of a scenario is run: all of it, or a part that can never be GO."""

    arms: tuple[str, ...] | None = None
    limit: int | None = None  # test cases, spread evenly
    cases: tuple[str, ...] = ()  # ids

    @property
    def reason(self) -> str | None:
        """Why this is a part, in words; None for a whole run."""
        said = []
        if self.arms is not None:
            said.append(f"only the arms {', '.join(self.arms)}")
        if self.limit is not None:
            said.append(f"at most {self.limit} cases a split")
        if self.cases:
            said.append(f"only {len(self.cases)} named cases")
        return "; ".join(said) or None


@dataclass(frozen=True, slots=True)
class Asked:
    """One question with the id its trace will carry."""

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
    corpus: Loaded
    clusters: dict[str, str]  # cluster label by case id
    corpus_key: str
    model_key: str  # identity of the generator's weights and tokenizer
    model_bytes: int
    partial: str | None = None
    drills: bool = False  # whether the arms are asked again under drills

    @property
    def arms(self) -> tuple[Arm, ...]:
        return arms_of(self.scenario.arms, str(self.scenario.dir / "scenario.yaml"))

    @property
    def test_cases(self) -> tuple[Case, ...]:
        return tuple(case for case in self.cases if case.split == "test")

    @property
    def asked(self) -> tuple[Asked, ...]:
        """Everything that an arm may be asked, in the order of the traces: golden cases, then probes."""
        return self._asked(self.probes)

    def asked_of(self, arm: Arm) -> tuple[Asked, ...]:
        """What one arm is asked: the candidate all of it, the others fewer probes."""
        candidate = arm.name == self.scenario.candidate
        return self._asked(self.probes if candidate else spread(self.probes, BESIDE))

    def _asked(self, probes: Sequence[Probe]) -> tuple[Asked, ...]:
        cases = [Asked(case.id, case.question, False) for case in self.cases]
        return (*cases, *(Asked(probe.id, probe.question, True) for probe in probes))

    @property
    def questions(self) -> list[str]:
        """The texts of `asked`."""
        return [asked.question for asked in self.asked]


def load_inputs(scenario: Scenario, part: Part = Part()) -> Inputs:
    """Read and check every file of a scenario.

    Raises:
        InputError: a file is missing or wrong, an arm lacks what it needs, or nothing is left to ask.
    """
    scenario = scenario if part.arms is None else _with_arms(scenario, part.arms)
    arms = arms_of(scenario.arms, str(scenario.dir / "scenario.yaml"))
    candidate_of(scenario)
    _check_needs(scenario, arms)
    corpus = load_documents(scenario.corpus) if scenario.corpus else Loaded(())
    _check_encoding(scenario, corpus)
    cases = _cases(scenario, corpus, part)
    key, size = _model(scenario)
    return Inputs(
        scenario=scenario,
        cases=cases,
        probes=load_probes(scenario.probes) if scenario.probes and not part.cases else (),
        examples=load_examples(scenario.examples, scenario.answer.system) if scenario.examples else (),
        corpus=corpus,
        clusters=case_clusters(cases, [*corpus.documents, *corpus.passages]),
        corpus_key=corpus_key_of(scenario),
        model_key=key,
        model_bytes=size,
        partial=part.reason,
    )


def _with_arms(scenario: Scenario, arms: tuple[str, ...]) -> Scenario:
    """The scenario with other arms; where they lack its candidate, the last that could be shipped takes its place."""
    real = [name for name in arms if name not in ARMS or not ARMS[name].oracle] or list(arms)
    return replace(scenario, arms=arms, candidate=scenario.candidate if scenario.candidate in arms else real[-1])


def _check_needs(scenario: Scenario, arms: Sequence[Arm]) -> None:
    file = scenario.dir / "scenario.yaml"
    needs = (
        ("golden", scenario.golden, [arm.name for arm in arms]),
        ("corpus", scenario.corpus, [arm.name for arm in arms if arm.retriever]),
        ("examples", scenario.examples, [arm.name for arm in arms if arm.adapter]),
        ("answer.few_shot", scenario.answer.few_shot, [arm.name for arm in arms if arm.few_shot]),
    )
    for key, found, users in needs:
        if users and found is None:
            raise InputError(f"{file}: no '{key}', which these arms need: {', '.join(users)}; add it or drop the arms")


def _check_encoding(scenario: Scenario, corpus: Loaded) -> None:
    """A page in another encoding is a mistake to mend, not a file to pass over: its facts would be missing unseen."""
    for skipped in corpus.skipped:
        if skipped.reason.startswith("not UTF-8"):
            raise InputError(f"{scenario.corpus}: {skipped.file}: {skipped.reason}")


def _cases(scenario: Scenario, corpus: Loaded, part: Part) -> tuple[Case, ...]:
    if scenario.golden is None:
        raise InputError(f"{scenario.dir / 'scenario.yaml'}: no 'golden'; name the golden set")
    documents = corpus.documents if scenario.corpus else None
    every = load_cases(scenario.golden, documents, corpus.passages)
    kept = [case for case in every if case.split != "train"]
    if part.cases:
        unknown = sorted(set(part.cases) - {case.id for case in kept})
        if unknown:
            raise InputError(f"{scenario.golden}: no case {', '.join(unknown)}; ids look like {kept[0].id}")
        kept = [case for case in kept if case.id in part.cases]
    if part.limit is not None:
        kept = [case for split in ("dev", "test") for case in spread([c for c in kept if c.split == split], part.limit)]
    if not any(case.split == "test" for case in kept):
        found = f"none of {len(kept)} cases to ask is of split 'test'"
        raise InputError(f"{scenario.golden}: {found}, and verdicts read no other; mark cases with split: test")
    return tuple(kept)


def spread(items: Sequence[T], limit: int) -> list[T]:
    """`limit` items at even distances, so that every part of the file is among them."""
    if len(items) <= limit:
        return list(items)
    return [items[int(i * len(items) / limit)] for i in range(limit)]


def corpus_key_of(scenario: Scenario) -> str:
    if scenario.corpus is None:
        return ""
    return content_hash(
        [file_hash(scenario.corpus), scenario.retrieval, scenario.models.embedder, code_key("retrieval")]
    )


def _model(scenario: Scenario) -> tuple[str, int]:
    """Identity and size of the generator: of its files where they are local, of its id where a hub has them."""
    from harness.generation.load import locate, weights_hash

    models = scenario.models
    if models.base_url is not None:
        return content_hash([models.base_url, models.generator]), 0
    folder = locate(models.generator)
    small = [file_hash(file) for file in sorted(folder.glob("*")) if file.suffix in (".json", ".jinja", ".model")]
    size = sum(file.stat().st_size for file in folder.glob("*.safetensors"))
    return content_hash([weights_hash(folder), small]), size
