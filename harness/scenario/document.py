"""The keys of scenario.yaml as they are written, one class a block. `harness.scenario.load` makes settings of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.scenario.arm_entries import Arms
from harness.scenario.bounds import FileName, Name, PlaceName, Sentence
from harness.scenario.settings import (
    DrillCases,
    ForgettingSettings,
    GateSetting,
    LatencySettings,
    Models,
    NewTokens,
    Prices,
    RetrievalSettings,
    SafetySettings,
    Seed,
    Tuning,
)


@dataclass(frozen=True, slots=True)
class AnswerFields:
    """The names of an answer's parts in the JSON object."""

    text: Name = "answer"  # the answer itself
    status: Name | None = None  # whether it answers or refuses
    refused: Name | None = None  # the status that means "not in the passages"
    citations: Name | None = None  # ids of the passages that it rests on


@dataclass(frozen=True, slots=True)
class AnswerKeys:
    """The form of an answer. Without a schema an answer is plain text."""

    schema: FileName | None = None  # file: JSON Schema
    system: FileName | None = None  # file: the system message, the same for base and tuned models
    max_new_tokens: NewTokens = 96  # of one answer
    fields: AnswerFields = field(default_factory=AnswerFields)
    refusal: Sentence | None = None  # the exact sentence that means "not in the passages"
    few_shot: FileName | None = None  # file: worked examples


@dataclass(frozen=True, slots=True)
class DrillKeys:
    """Questions asked again under harder conditions."""

    cases: DrillCases = 60  # test cases that each drill is made of, spread evenly
    paraphrases: FileName | None = None  # file: JSONL of {"id": case id, "question"}; other cases are reworded by rule
    changes: FileName | None = (
        None  # file: JSONL of {"id": case id, "old", "new"}; other facts get one of the same type
    )


@dataclass(frozen=True, slots=True)
class ScenarioFile:
    """One project that wants the question settled. Files are named from the scenario's folder, and lie in it."""

    title: Sentence  # one line
    advice: Mapping[str, object] | None = None  # the questionnaire's answers: `harness schema advice`
    corpus: PlaceName | None = None  # folder or file of documents
    golden: FileName | None = None  # file: questions with accepted answers
    examples: FileName | None = None  # file: tuning examples
    preferences: FileName | None = None  # file: pairs of a better and a worse answer, for DPO
    probes: FileName | None = None  # file: questions asked only for the form of the answer
    models: Models = field(default_factory=Models)
    retrieval: RetrievalSettings = field(default_factory=RetrievalSettings)
    answer: AnswerKeys = field(default_factory=AnswerKeys)
    tuning: Tuning = field(default_factory=Tuning)
    arms: Arms = ("baseline", "rag", "tune", "hybrid")  # names of rows, and entries for arms from elsewhere
    candidate: Name = "hybrid"  # the arm that the gates judge
    style: FileName | None = None  # file: the house style as data
    prices: Prices = field(default_factory=Prices)
    forgetting: ForgettingSettings = field(default_factory=ForgettingSettings)
    safety: SafetySettings = field(default_factory=SafetySettings)
    latency: LatencySettings = field(default_factory=LatencySettings)
    drills: DrillKeys = field(default_factory=DrillKeys)
    gates: Mapping[Name, GateSetting] = field(default_factory=dict)  # gate -> threshold; null turns it off
    extensions: tuple[FileName, ...] = ()  # files: Python with metrics, arms, gates of your own; run only when allowed
    seed: Seed = 7  # of every draw: training, sampling of cases, intervals
