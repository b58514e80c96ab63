"""Every setting of a scenario as frozen values, with the defaults. `harness.scenario.load` reads them from YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from harness.hashing import content_hash
from harness.types import JsonObject

Chunking = Literal["recursive", "fixed", "semantic"]
Fusion = Literal["rrf", "convex", "dense", "sparse"]
Reranking = Literal["named", "tuned"]
CodePassages = Literal["symbols", "text"]
Scheduler = Literal[
    "cosine", "linear", "constant", "constant_with_warmup", "cosine_with_restarts", "polynomial", "inverse_sqrt"
]

FilterValue = str | int | float | bool
GateSetting = bool | int | float | str | None  # a threshold, or a word for the policy; null, false or off: no gate


@dataclass(frozen=True, slots=True)
class Models:
    """Names of models: `pocket`/`minilm` are built in; else a Hugging Face id or a local directory."""

    generator: str = "pocket"
    embedder: str = "minilm"
    reranker: str = "none"
    base_url: str | None = None  # an OpenAI-compatible server that serves `generator`


@dataclass(frozen=True, slots=True)
class RetrievalSettings:
    chunking: Chunking = "recursive"
    chunk_tokens: int = 120  # in the embedder's own tokens
    overlap_tokens: int = 16
    code: CodePassages = "symbols"  # source files are cut along functions and classes; text: like any other text
    contextual: bool = True  # embed and search a passage together with its title and heading path
    fusion: Fusion = "convex"  # at least level with rrf on three public sets: benchmarks/retrieval.md
    rrf_k: int = 60  # Cormack et al. 2009
    convex_weight: float = 0.5  # weight of the dense score in convex fusion
    heading_weight: float = 0.1  # weight of BM25 over title and headings alone, beside the text
    document_weight: float = 0.0  # share of its document's mean score that lifts a passage
    candidates: int = 20  # passages that reach the re-ranker
    reranker: Reranking = "named"  # named: models.reranker as it is; tuned: trained on the scenario's questions
    rerank_weight: float = 1.0  # the re-ranker's share of the final order, fusion has the rest; tuned chooses its own
    top_k: int = 4  # passages that reach the prompt, at most 6
    mmr: float | None = None  # relevance weight of maximal marginal relevance in (0, 1]; None: off
    filters: Mapping[str, FilterValue | tuple[FilterValue, ...]] = field(default_factory=dict)  # on metadata; any of
    hnsw: Mapping[str, int] = field(default_factory=dict)  # ef_construction, max_neighbors, ef_search
    exact_below: int = 5000  # passages under which dense search is exact


@dataclass(frozen=True, slots=True)
class AnswerFormat:
    """What an answer must look like. Without a schema an answer is plain text."""

    schema: JsonObject | None = None  # JSON Schema
    system: str = ""  # the system message, the same for base and tuned models
    max_new_tokens: int = 96
    text_field: str = "answer"
    status_field: str | None = None
    refused_value: str | None = None
    citations_field: str | None = None
    refusal: str | None = None  # the exact sentence that means "not in the passages"
    few_shot: Path | None = None


@dataclass(frozen=True, slots=True)
class Tuning:
    rank: int = 16
    alpha: int = 32
    dropout: float = 0.05
    targets: tuple[str, ...] = ("q_proj", "v_proj")
    epochs: float = 3.0
    learning_rate: float = 2e-4
    scheduler: Scheduler = "cosine"
    warmup: float = 0.05  # share of the steps
    batch: int = 16
    quantization: Literal["none", "nf4"] = "none"
    replay: float = 0.07  # share of general examples mixed in against forgetting
    eval_share: float = 0.1  # share of the examples held out for the loss curve
    max_length: int = 2048  # tokens of one example


@dataclass(frozen=True, slots=True)
class Prices:
    input_per_million: float = 0.0
    output_per_million: float = 0.0
    gpu_hour: float = 0.0
    retrieval_per_1000: float = 0.0  # C_r: what 1,000 look-ups cost (index, re-ranker), apart from tokens


@dataclass(frozen=True, slots=True)
class ForgettingSettings:
    tasks: str = "general"  # general, none, mmlu, hellaswag, a local lm-eval task file, or a folder of MMLU csv files
    limit: int = 400  # items in all, spread evenly over the subjects


@dataclass(frozen=True, slots=True)
class SafetySettings:
    prompts: str = "general"  # general: the package's own; none; or a file or folder of prompts (docs/safety.md)
    limit: int = 200  # unsafe prompts at most, and as many safe look-alikes at most; 190 can prove the gate


@dataclass(frozen=True, slots=True)
class LatencySettings:
    questions: int = 30  # test cases asked one at a time, spread evenly; 0: latency is not measured
    repeats: int = 3  # of each question; their median is kept


@dataclass(frozen=True, slots=True)
class DrillSettings:
    cases: int = 60  # test cases that each drill is made of, spread evenly
    paraphrases: Path | None = None  # JSONL of {"id": case id, "question"}; other cases are reworded by rule
    changes: Path | None = None  # JSONL of {"id": case id, "old", "new"}; other facts get a value of the same type


@dataclass(frozen=True, slots=True)
class Scenario:
    """A project that wants the question settled."""

    id: str
    dir: Path
    title: str
    advice: Mapping[str, object] | None = None  # raw; harness.advice reads it
    corpus: Path | None = None
    golden: Path | None = None
    examples: Path | None = None
    probes: Path | None = None
    models: Models = Models()
    retrieval: RetrievalSettings = RetrievalSettings()
    answer: AnswerFormat = AnswerFormat()
    tuning: Tuning = Tuning()
    arms: tuple[str, ...] = ("baseline", "rag", "tune", "hybrid")
    candidate: str = "hybrid"
    prices: Prices = Prices()
    forgetting: ForgettingSettings = ForgettingSettings()
    safety: SafetySettings = SafetySettings()
    latency: LatencySettings = LatencySettings()
    drills: DrillSettings = DrillSettings()
    gates: Mapping[str, GateSetting] = field(default_factory=dict)
    extensions: tuple[Path, ...] = ()  # Python files of the scenario: its own metrics, arms, gates, failure modes
    seed: int = 7

    @property
    def hash(self) -> str:
        """Content hash of every setting (not of the files they name)."""
        return content_hash(replace(self, dir=Path(".")))
