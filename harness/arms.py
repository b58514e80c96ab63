"""The arms: a generator, with or without a retriever, with or without an adapter. Nothing else.

An arm is asked with the question only. It cannot see accepted answers or evidence, because nothing hands them to it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from harness.errors import InputError
from harness.prompts import LEAN, lean, render
from harness.record.sections import ArmSection
from harness.scenario.arm_entries import AdapterFolder, AnswersFile, ArmEntry, ServedModel, Source
from harness.scenario.settings import AnswerFormat, Scenario, TuningMethod
from harness.structured import demand_of, read_form
from harness.types import Answer, Decoding, Failure, Generation, Hit, Message, Prompt, Reply, Retrieval, Retriever

Respond = Callable[[Sequence[str]], Sequence[str]]  # questions in, as many texts out, in the same order
Book = Literal["closed_book", "open_book"]
Method = Literal["sft", "dpo", "raft", "distilled"]


@dataclass(frozen=True, slots=True)
class Recipe:
    """What an adapter is trained on, and how: two arms of one recipe share an adapter."""

    book: Book
    method: Method


@dataclass(frozen=True, slots=True)
class Arm:
    """One value of the table below."""

    name: str
    title: str  # what a report calls it
    retriever: bool = False
    adapter: Book | None = None  # which examples the adapter is trained on
    few_shot: bool = False
    oracle: bool = False  # given the golden passages: a ceiling, never shipped, never the candidate
    base: str | None = None  # the arm that its adapter is compared with: the same prompts without the adapter
    answers: Respond | None = None  # a system that answers by itself; no model is loaded for it
    test_double: bool = False  # scripted answers: a run with such an arm is never GO
    source: Source | None = None  # where its answers come from, if from elsewhere (an entry under `arms:`)
    method: Method | None = None  # how its adapter is trained; None: as `tuning.method` says
    constrained: bool = False  # its answers are held to the JSON Schema while they are written
    lean: bool = False  # a third of the prompt: of the system message's sentences, and of the passages
    reranker: Literal["tuned"] | None = None  # ranks its passages; None: as `retrieval.reranker` says

    def __post_init__(self) -> None:
        parts = self.retriever or self.few_shot or self.oracle or self.adapter is not None
        if self.by_itself and parts:
            raise ValueError(f"arm '{self.name}': what answers by itself is given the question alone, no parts of ours")

    @property
    def by_itself(self) -> bool:
        """Whether it is given the question alone: it has a prompt of its own."""
        return self.answers is not None or not isinstance(self.source, AdapterFolder | ServedModel | None)

    @property
    def by_model(self) -> bool:
        """Whether the scenario's own model answers, with an adapter or without one."""
        return self.answers is None and isinstance(self.source, AdapterFolder | None)

    @property
    def tuned(self) -> bool:
        """Whether it carries an adapter whose weights are here, wherever that was trained."""
        return self.adapter is not None or isinstance(self.source, AdapterFolder)

    def recipe(self, method: TuningMethod) -> Recipe | None:
        """What its adapter is trained on, under `tuning.method`; None where none is trained.

        Without passages there are no distractors: a closed-book adapter is trained by `sft` where others are by `raft`.
        """
        if self.adapter is None:
            return None
        own: Method = self.method or method
        return Recipe(self.adapter, "sft" if own == "raft" and self.adapter == "closed_book" else own)

    @property
    def served(self) -> bool:
        """Whether weights of its own answer for it behind a server, with the prompts of its base."""
        return isinstance(self.source, ServedModel)

    @property
    def file(self) -> AnswersFile | None:
        """The file of its answers; None where it can be asked."""
        return self.source if isinstance(self.source, AnswersFile) else None

    def section(self, adapter: str | None = None) -> ArmSection:
        """The row as a record keeps it, with the id of its adapter; what it was asked is left to whoever asked it."""
        return ArmSection(
            name=self.name,
            title=self.title,
            retriever=self.retriever,
            few_shot=self.few_shot,
            oracle=self.oracle,
            base=self.base,
            adapter=adapter,
            test_double=self.test_double,
            reranker=self.reranker,
            constrained=self.constrained,
            lean=self.lean,
        )


ARMS: Mapping[str, Arm] = {
    arm.name: arm
    for arm in (
        Arm("baseline", "Baseline: the model alone"),
        Arm("baseline+few-shot", "Baseline with examples in the prompt", few_shot=True),
        Arm("rag", "RAG only: passages in the prompt", retriever=True),
        Arm("rag+few-shot", "RAG with examples in the prompt", retriever=True, few_shot=True),
        Arm("tune", "Tune only: LoRA, closed book", adapter="closed_book", base="baseline"),
        Arm(
            "tune+rag", "Closed-book LoRA, given passages it was not trained on",
            retriever=True, adapter="closed_book", base="rag",
        ),
        Arm("hybrid", "Hybrid: LoRA trained on retrieved passages", retriever=True, adapter="open_book", base="rag"),
        Arm(
            "raft", "RAFT: LoRA trained to find its passage among distractors",
            retriever=True, adapter="open_book", base="rag", method="raft",
        ),
        Arm(
            "dpo", "Hybrid, then preference pairs (DPO)", retriever=True, adapter="open_book", base="rag", method="dpo"
        ),
        Arm(
            "distilled", "LoRA trained on a stronger arm's accepted answers",
            retriever=True, adapter="open_book", base="rag", method="distilled",
        ),
        Arm("rag+constrained", "RAG, answers held to the schema", retriever=True, constrained=True),
        Arm(
            "hybrid+constrained", "Hybrid, answers held to the schema",
            retriever=True, adapter="open_book", base="rag", constrained=True,
        ),
        Arm("rag+lean", "RAG with a third of the prompt", retriever=True, lean=True),
        Arm(
            "hybrid+lean", "Hybrid with a third of the prompt",
            retriever=True, adapter="open_book", base="rag", lean=True,
        ),
        Arm("tuned-reranker", "RAG with a tuned re-ranker", retriever=True, reranker="tuned"),
        Arm(
            "dual", "Dual: tuned re-ranker and hybrid LoRA",
            retriever=True, adapter="open_book", base="rag", reranker="tuned",
        ),
        Arm("oracle", "Ceiling: the golden passages given", retriever=True, oracle=True),
    )
}  # fmt: skip


KINDS: Mapping[type[Source], str] = {
    AdapterFolder: "an adapter from elsewhere",
    ServedModel: "a model behind a server",
    AnswersFile: "answers made elsewhere",
}  # for titles; others are systems of somebody's own


def arm_of(entry: ArmEntry, table: Mapping[str, Arm] = ARMS) -> Arm:
    """The row of an arm from elsewhere: with the parts of the arm whose prompts it is asked with.

    Raises:
        InputError: that arm is not known, has an adapter or gets golden passages, or no prompts of ours.
    """
    kind = KINDS.get(type(entry.source), "a system that answers by itself")
    if entry.base is None:
        return Arm(entry.name, entry.title or f"{entry.name}: {kind}", source=entry.source)
    base = table.get(entry.base)
    if base is None or base.tuned or base.oracle or base.by_itself:
        fit = [arm.name for arm in table.values() if not (arm.tuned or arm.oracle or arm.by_itself)]
        raise InputError(
            f"arms: {entry.name}: base '{entry.base}' is no arm of untuned prompts; one of: {', '.join(fit)}"
        )
    title = entry.title or f"{entry.name}: {kind}, on the prompts of {base.name}"
    return replace(base, name=entry.name, title=title, base=base.name, source=entry.source)


def arms_of(names: Sequence[str], where: str, table: Mapping[str, Arm] = ARMS) -> tuple[Arm, ...]:
    """The arms of these names, in this order. InputError names the known ones."""
    for name in names:
        if name not in table:
            raise InputError(f"{where}: unknown arm '{name}'; known arms: {', '.join(table)}")
    if len(set(names)) != len(names):
        raise InputError(f"{where}: an arm stands twice: {', '.join(names)}; name each once")
    return tuple(table[name] for name in names)


class ArmGenerator(Protocol):
    """A generator as an arm needs it: answers, token counts, how many tokens fit, and batches that can be resumed."""

    @property
    def context(self) -> int: ...

    def generate(self, prompts: Sequence[Prompt], decoding: Decoding) -> Sequence[Reply]: ...

    def count(self, prompt: Prompt) -> int: ...

    def layout(self, prompts: Sequence[Prompt], decoding: Decoding) -> list[list[int]]: ...

    def stream(
        self, prompts: Sequence[Prompt], decoding: Decoding, batches: Sequence[Sequence[int]] | None = None
    ) -> Iterator[tuple[list[int], Sequence[Reply]]]: ...


@dataclass(frozen=True, slots=True)
class Prepared:
    """A question on its way to the generator."""

    question: str
    prompt: Prompt
    hits: tuple[Hit, ...]  # what the prompt shows
    retrieved: tuple[str, ...]  # ids of all that was retrieved, best first
    tokens: int  # of the rendered prompt, in the generator's own tokenizer


@dataclass(frozen=True, slots=True)
class BuiltArm:
    """An arm with its parts in place."""

    arm: Arm
    generator: ArmGenerator
    retriever: Retriever | None
    format: AnswerFormat
    few_shot: tuple[tuple[str, str], ...] = ()

    @property
    def decoding(self) -> Decoding:
        """How it answers; a constrained arm is held to the scenario's schema."""
        schema = json.dumps(self.format.schema) if self.arm.constrained else None
        return Decoding(max_new_tokens=self.format.max_new_tokens, schema=schema)

    def prepare(self, questions: Sequence[str]) -> list[Prepared]:
        """Retrieve and render. Passages that do not fit the context are dropped whole, from the end."""
        looked_up = self.retriever.retrieve(questions) if self.retriever else [Retrieval((), {})] * len(questions)
        return [self.fit(question, retrieval.hits) for question, retrieval in zip(questions, looked_up, strict=True)]

    def fit(self, question: str, hits: tuple[Hit, ...]) -> Prepared:
        """Render with as many of the hits, best first, as the context holds."""
        if self.arm.by_itself:
            return Prepared(question, (Message("user", question),), (), (), 0)
        system = self.format.system
        if self.arm.lean:
            system, hits = lean(system), hits[: -(-len(hits) // LEAN)]
        room = self.generator.context - self.format.max_new_tokens
        for count in range(len(hits), -1, -1):
            passages = [hit.passage for hit in hits[:count]]
            prompt = render(question, system, passages, self.few_shot)
            tokens = self.generator.count(prompt)
            if tokens <= room or count == 0:
                break
        return Prepared(question, prompt, hits[:count], tuple(hit.passage.id for hit in hits), tokens)

    def read(self, prepared: Prepared, generation: Generation) -> Answer:
        """The generation as an Answer: form validated, repaired once at most, citations and refusal read."""
        reading = read_form(generation.text, demand_of(self.format))
        read = generation.passages
        hits = prepared.hits if read is None else tuple(Hit(passage, 0.0) for passage in read)
        return Answer(
            raw=generation.text,
            text=reading.text,
            parsed=reading.parsed,
            form=reading.form,
            refused=reading.refused,
            cited=reading.cited,
            hits=hits,
            retrieved=prepared.retrieved if read is None else tuple(passage.id for passage in read),
            prompt_tokens=generation.prompt_tokens,
            completion_tokens=generation.completion_tokens,
            seconds=generation.seconds,
            truncated=generation.finish == "length",
        )

    def ask(self, questions: Sequence[str]) -> list[Answer | Failure]:
        """Answers to questions, in order. Long work goes batch by batch through `prepare` and `read` instead."""
        prepared = self.prepare(questions)
        replies = self.generator.generate([p.prompt for p in prepared], self.decoding)
        pairs = zip(prepared, replies, strict=True)
        return [reply if isinstance(reply, Failure) else self.read(p, reply) for p, reply in pairs]


def candidate_of(scenario: Scenario, table: Mapping[str, Arm] = ARMS) -> Arm:
    """The arm that the gates judge. InputError when the scenario does not run it."""
    if scenario.candidate not in scenario.arms:
        where = f"{scenario.dir / 'scenario.yaml'}: candidate '{scenario.candidate}'"
        raise InputError(f"{where} is not among the arms ({', '.join(scenario.arms)}); add it or name another")
    if table[scenario.candidate].oracle:
        where = f"{scenario.dir / 'scenario.yaml'}: candidate '{scenario.candidate}'"
        raise InputError(f"{where} is given the golden passages: a ceiling to compare with, no arm to ship")
    return table[scenario.candidate]
